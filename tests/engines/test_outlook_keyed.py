"""Draws belong to records: what is added, removed or put in another order leaves every other draw as it was."""

import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.engines.outlook import Inputs, Policy, Result, difference, look_ahead
from quarterdeck.engines.outlook.result import Change, Difference
from quarterdeck.engines.programme import (
    Bias,
    Bought,
    Contractor,
    Contribution,
    Control,
    Effort,
    Estimate,
    Hires,
    Initiative,
    KeyResult,
    Plan,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
    Start,
)


def initiative(maker: random.Random, n: int) -> Initiative:
    """Initiative number n, with everything that one can have."""
    size = maker.uniform(1, 5)
    return Initiative(
        key=f"initiative-{n}",
        duration=Estimate(size * 0.7, size, size * 2),
        efforts=tuple(Effort(f"skill-{s}", Estimate(1, 2, 2 + size)) for s in range(2) if maker.random() < 0.7),
        profile=maker.choice([(1.0,), (1.0, 3.0, 2.0)]),
        capital=Estimate(1, 2, 4),
        running=Estimate(0, 0.1, 0.3),
        benefit=Estimate(0, 1, 3),
        ramp=n % 3,
        contributions=(Contribution(f"result-{n % 3}", Estimate(0, 1, 2)),),
        controls=(Control(f"scenario-{n % 2}", maker.choice([0.5, 1.4]), 0.9),),
        predecessors=(Precedence(f"initiative-{n - 3}"),) if n >= 3 and maker.random() < 0.5 else (),
    )


def case(seed: int, size: int = 6) -> Inputs:
    """A small plan in which everything happens."""
    maker = random.Random(seed)
    initiatives = tuple(initiative(maker, n) for n in range(size))
    programme = Programme(
        start=date(2027, 1, 1),
        quarters=4,
        initiatives=initiatives,
        skills=tuple(Skill(f"skill-{s}", (1.5, 2.0), 0.3, Estimate(0.1, 0.2, 0.4)) for s in range(2)),
        routes=tuple(Route(f"route-{s}", f"skill-{s}", 5.0, 2.0, Estimate(1, 2, 4), 2, 9) for s in range(2)),
        contractors=(Contractor("skill-0", 3.0, 9.0), Contractor("skill-1", 4.0, 9.0)),
        key_results=tuple(KeyResult(f"result-{r}", "g", 1.0, 0.0, 1.0 + r, 9, 0.02, 0.03) for r in range(3)),
        scenarios=tuple(Scenario(f"scenario-{s}", Estimate(0.2, 0.5, 2.0), 1.0, 9.0) for s in range(2)),
        correlation=0.3,
        duration_bias=Bias(1.1, 0.1, 0.2),
        effort_bias=Bias(1.1, 0.1, 0.2),
        benefit_bias=Bias(0.9, 0.1, 0.2),
        seed=seed,
    )
    plan = Plan(
        tuple(Start(one.key, n // 3) for n, one in enumerate(initiatives)),
        (Hires("route-0", 0, 2), Hires("route-1", 1, 1)),
        (Bought("skill-0", 1, 2.0), Bought("skill-1", 0, 1.0)),
    )
    return Inputs(programme, plan, trials=60, horizon=9, keep_trials=True, keep_finishes=True)


def changed(inputs: Inputs, plan: Plan | None = None, **programme: object) -> Inputs:
    """The same with another plan or other parts of the programme."""
    return replace(inputs, programme=replace(inputs.programme, **programme), plan=plan or inputs.plan)


def changes(apart: Difference) -> list[Change]:
    """All the changes of a difference."""
    single = [apart.net_present_value, apart.losses, apart.net_of_losses]
    return [*single, *apart.met, *apart.finishes, *apart.supply]


def assert_nothing_moved(first: Result, second: Result) -> None:
    """Exactly zero, in every part and in the intervals."""
    apart = difference(first, second)
    assert apart.unmatched == ()
    for change in changes(apart):
        assert (change.mean, change.standard_error, change.low, change.high) == (0.0, 0.0, 0.0, 0.0), change.name


def kept_finishes(result: Result) -> dict[str, tuple[float | None, ...]]:
    """Finish moments by initiative."""
    return dict(zip((line.initiative for line in result.finishes), result.kept.finishes, strict=True))


def test_no_change_gives_exactly_no_difference() -> None:
    inputs = case(1)
    first, second = look_ahead(inputs), look_ahead(inputs)
    assert first == second
    assert_nothing_moved(first, second)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False), st.sampled_from(Policy))
def test_the_order_of_records_has_no_influence(seed: int, shuffler: random.Random, policy: Policy) -> None:
    inputs = replace(case(seed), policy=policy)

    def shuffled(records: tuple) -> tuple:
        return tuple(shuffler.sample(records, len(records)))

    parts = {name: shuffled(getattr(inputs.programme, name)) for name in RECORDS}
    plan = replace(inputs.plan, hires=shuffled(inputs.plan.hires), bought=shuffled(inputs.plan.bought))
    first, second = look_ahead(inputs), look_ahead(changed(inputs, plan, **parts))
    assert_nothing_moved(first, second)
    assert first.finishes == second.finishes
    assert first.cash == second.cash
    assert first.loss_years == second.loss_years
    assert set(first.capacity) == set(second.capacity)
    assert set(first.goals) == set(second.goals)


RECORDS = ("initiatives", "skills", "routes", "contractors", "key_results", "scenarios")


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_records_that_the_plan_does_not_use_have_no_influence(seed: int) -> None:
    inputs, maker = case(seed), random.Random(seed)
    more = replace(initiative(maker, 7), key="another", predecessors=())
    first = look_ahead(inputs)
    second = look_ahead(changed(inputs, initiatives=(more, *inputs.programme.initiatives)))
    assert first == second


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_an_added_initiative_leaves_the_draws_of_the_others(seed: int) -> None:
    """It has people of its own, so that the others' dates and goals must not move at all."""
    inputs, maker = case(seed), random.Random(seed)
    more = replace(
        initiative(maker, 7), key="0-first-by-key", predecessors=(), contributions=(), controls=(), efforts=()
    )
    more = replace(more, efforts=(Effort("0-own", Estimate(1, 2, 3)),), capital=Estimate(1, 1, 1))
    plan = replace(inputs.plan, starts=(Start(more.key, 0), *inputs.plan.starts))
    skills = (Skill("0-own", (5.0,), 0.2), *inputs.programme.skills)
    first = look_ahead(inputs)
    second = look_ahead(changed(inputs, plan, initiatives=(*inputs.programme.initiatives, more), skills=skills))
    others = kept_finishes(second)
    others.pop(more.key)
    assert others == kept_finishes(first)
    assert second.kept.met == first.kept.met
    assert second.kept.losses == first.kept.losses
    assert second.net_present_value != first.net_present_value
    assert difference(first, second).unmatched == (more.key, "0-own"), "and the skill that came with it"


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_a_removed_initiative_leaves_the_draws_of_the_others(seed: int) -> None:
    """Without limits on people nothing else may move, wherever in the plan it stood."""
    inputs = case(seed)
    free = tuple(replace(one, efforts=(), predecessors=()) for one in inputs.programme.initiatives)
    inputs = changed(inputs, initiatives=free)
    gone = free[seed % len(free)].key
    plan = replace(inputs.plan, starts=tuple(start for start in inputs.plan.starts if start.initiative != gone))
    first, second = look_ahead(inputs), look_ahead(changed(inputs, plan))
    before = kept_finishes(first)
    before.pop(gone)
    assert kept_finishes(second) == before


def test_added_scenarios_hires_and_results_leave_the_draws_of_the_others() -> None:
    inputs = case(3)
    first = look_ahead(inputs)
    scenario = Scenario("0-new", Estimate(1, 2, 3), 0.0, 0.0)  # incidents that cost nothing
    second = look_ahead(changed(inputs, scenarios=(scenario, *inputs.programme.scenarios)))
    assert second.kept.losses == first.kept.losses
    assert second.loss_years[0].before.incidents > first.loss_years[0].before.incidents
    result = KeyResult("0-new", "g", 1.0, 0.0, 1.0, 5, 0.1, 0.1)
    third = look_ahead(changed(inputs, key_results=(result, *inputs.programme.key_results)))
    assert third.kept.met[1:] == first.kept.met
    hires = (Hires("route-0", 0, 3), *inputs.plan.hires[1:], Hires("route-0", 3, 1))
    fourth = look_ahead(changed(inputs, replace(inputs.plan, hires=hires)))
    assert next(line for line in fourth.capacity if line.skill == "skill-1").supply == first.capacity[7].supply
    assert all(more.supply.p50 >= fewer.supply.p50 for more, fewer in zip(fourth.capacity, first.capacity, strict=True))


def test_trials_and_horizon_leave_earlier_trials_as_they_were() -> None:
    inputs = case(4)
    few, many = look_ahead(inputs), look_ahead(replace(inputs, trials=700))
    assert many.kept.net_present_value[:60] == few.kept.net_present_value
    far = look_ahead(replace(inputs, horizon=20))
    for near, later in zip(few.kept.finishes, far.kept.finishes, strict=True):
        assert all(one is None or one == other for one, other in zip(near, later, strict=True))


def test_workers_give_the_same_bytes() -> None:
    inputs = replace(case(5), trials=1_300)
    alone = look_ahead(inputs)
    with ThreadPoolExecutor(2) as threads:
        assert look_ahead(inputs, executor=threads) == alone
    with ProcessPoolExecutor(2) as processes:
        assert repr(look_ahead(inputs, executor=processes)) == repr(alone)


def test_progress_is_told_and_ends_at_one() -> None:
    told: list[float] = []
    look_ahead(replace(case(6), trials=1_200), told.append)
    assert told == sorted(told)
    assert len(told) == 3
    assert told[-1] == 1.0


def test_a_moved_estimate_moves_its_own_record_in_one_direction() -> None:
    inputs = case(7)
    slow = inputs.programme.initiatives[0]
    slow = replace(slow, duration=Estimate(*(getattr(slow.duration, part.name) + 1 for part in fields(slow.duration))))
    free = tuple(replace(one, efforts=()) for one in (slow, *inputs.programme.initiatives[1:]))
    plain = tuple(replace(one, efforts=()) for one in inputs.programme.initiatives)
    first, second = look_ahead(changed(inputs, initiatives=plain)), look_ahead(changed(inputs, initiatives=free))
    apart = {change.name: change for change in difference(first, second).finishes}
    assert apart["initiative-0"].mean > 1.0
    assert apart["initiative-1"].mean == 0.0
    assert apart["initiative-1"].standard_error == 0.0
    for shift in apart.values():
        assert shift.first is not None
        assert shift.second is not None
        assert shift.second - shift.first == pytest.approx(shift.mean, abs=1e-9)


def test_people_lost_are_told_with_the_interval_of_the_paired_trials() -> None:
    """Against the trials' own sums; the skill that nobody left stays exactly as it was."""
    inputs = replace(case(12), trials=400)
    fewer = (replace(inputs.programme.skills[0], supply=(0.5, 1.0)), *inputs.programme.skills[1:])
    first, second = look_ahead(inputs), look_ahead(changed(inputs, skills=fewer))
    lost, same = difference(first, second).supply
    sums = [np.array(result.kept.supply[0]) for result in (first, second)]
    quarters = [e.supply.p50 for e in first.capacity if e.skill == "skill-0"][: inputs.programme.quarters]
    assert np.median(sums[0]) == pytest.approx(sum(quarters), rel=0.15), "the plan's quarters, not the horizon"
    moved = sums[1] - sums[0]
    error = np.std(moved, ddof=1) / np.sqrt(len(moved))
    assert lost.mean == pytest.approx(np.mean(moved))
    assert lost.high - lost.mean == pytest.approx(1.6448536 * error)
    assert lost.low < lost.mean < lost.high < 0.0
    assert lost.second - lost.first == pytest.approx(lost.mean)  # type: ignore[operator]
    assert lost.standard_error < 0.5 * np.std(sums[0], ddof=1) / np.sqrt(len(moved)), "what both share falls out"
    assert (same.name, same.mean, same.standard_error, same.low, same.high) == ("skill-1", 0.0, 0.0, 0.0, 0.0)


def test_a_skill_that_one_outlook_lacks_is_named() -> None:
    inputs = case(13)
    more = (*inputs.programme.skills, Skill("new", (1.0,)))
    apart = difference(look_ahead(inputs), look_ahead(changed(inputs, skills=more)))
    assert apart.unmatched == ("new",)
    assert [change.name for change in apart.supply] == ["skill-0", "skill-1"]


def test_a_paired_difference_is_sharper_than_two_outlooks() -> None:
    inputs = replace(case(8), trials=4_000)
    dear = tuple(replace(one, capital=Estimate(1, 2, 4.5)) for one in inputs.programme.initiatives)
    first, second = look_ahead(inputs), look_ahead(changed(inputs, initiatives=dear))
    apart = difference(first, second).net_present_value
    values = [np.array(result.kept.net_present_value) for result in (first, second)]
    assert apart.mean == pytest.approx(np.mean(values[1] - values[0]))
    assert apart.low < apart.mean < apart.high < 0.0
    assert apart.standard_error < 0.1 * first.net_present_value.standard_error


def test_what_cannot_be_paired_is_refused() -> None:
    inputs = case(9)
    first = look_ahead(inputs)
    with pytest.raises(ValueError, match="seeds"):
        difference(first, look_ahead(changed(inputs, seed=10)))
    with pytest.raises(ValueError, match="keep"):
        difference(first, look_ahead(replace(inputs, keep_trials=False)))
