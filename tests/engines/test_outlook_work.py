"""Allotting people month by month: by hand, and against a second model written independently of the compiled one."""

import random
from collections.abc import Iterable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.engines.outlook import Inputs, Policy, Result, look_ahead
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


def known(value: float) -> Estimate:
    """An estimate without spread."""
    return Estimate(value, value, value)


def task(key: str, months: float, effort: float, skill: str = "s", **more: object) -> Initiative:
    """An initiative with one effort and no spread."""
    return Initiative(key, known(months), (Effort(skill, known(effort)),), **more)


def finished(
    initiatives: Iterable[Initiative], policy: Policy = Policy.FIXED_ORDER, **more: object
) -> dict[str, float]:
    """When each finishes if all start at once, in this order, with one person of skill s."""
    parts = {"skills": (Skill("s", (1.0,)),), "quarters": 8} | more
    programme = Programme(start=date(2027, 1, 1), initiatives=tuple(initiatives), **parts)
    plan = Plan(tuple(Start(one.key, 0) for one in programme.initiatives))
    return moments(look_ahead(Inputs(programme, plan, trials=1, policy=policy, keep_finishes=True)))


def moments(result: Result) -> dict[str, float]:
    """The first trial's finishes."""
    return {line.initiative: row[0] for line, row in zip(result.finishes, result.kept.finishes, strict=True)}


def test_the_first_in_the_plan_is_served_first() -> None:
    assert finished([task("a", 2, 4), task("b", 2, 4)]) == pytest.approx({"a": 4.0, "b": 8.0})
    assert finished([task("b", 2, 4), task("a", 2, 4)]) == pytest.approx({"b": 4.0, "a": 8.0})


def test_what_the_first_leaves_goes_to_the_next() -> None:
    assert finished([task("a", 4, 2), task("b", 1, 3)]) == pytest.approx({"a": 4.0, "b": 5.0})


def test_nothing_is_faster_than_its_duration() -> None:
    assert finished([task("a", 6, 1)]) == pytest.approx({"a": 6.0})


def test_a_finish_releases_people_within_the_month() -> None:
    chain = [task("b", 1.5, 1.5, predecessors=(Precedence("a"),)), task("a", 1.5, 1.5)]
    assert finished(chain) == pytest.approx({"a": 1.5, "b": 3.0})


def test_effort_follows_its_profile() -> None:
    """Twice the effort in the second half: two months freely, then four person-months with one person."""
    assert finished([task("a", 4, 6, profile=(1.0, 2.0))]) == pytest.approx({"a": 6.0})
    assert finished([task("a", 4, 6, profile=(1.0, 2.0, 0.0))], skills=(Skill("s", (3.0,)),)) == pytest.approx(
        {"a": 4.0}
    )


def test_a_running_initiative_has_its_past_behind_it() -> None:
    under_way = task("under way", 4, 4, predecessors=(Precedence("slow"),), started=-1, done=0.75)
    over = task("over", 5, 9, started=-3, done=1.0)
    slow = Initiative("slow", known(9.0))
    assert finished([under_way, over, slow]) == pytest.approx({"under way": 1.0, "over": -4.0, "slow": 9.0})


def test_no_more_than_so_many_at_once() -> None:
    legs = [Initiative(key, known(2.0)) for key in "abc"]
    assert finished(legs, most_at_once=2) == pytest.approx({"a": 2.0, "b": 2.0, "c": 4.0})


def test_who_waits_for_what_is_not_planned_is_named() -> None:
    legs = (Initiative("a", known(1.0)), Initiative("b", known(1.0), predecessors=(Precedence("a"),)))
    third = Initiative("c", known(1.0), predecessors=(Precedence("b"),))
    programme = Programme(date(2027, 1, 1), 2, (*legs, third))
    result = look_ahead(Inputs(programme, Plan((Start("c", 0), Start("b", 0))), trials=5))
    assert result.checks.blocked == ("c", "b")
    assert [line.cut for line in result.finishes] == [1.0, 1.0]
    assert result.finishes[0].deterministic is None


def test_planning_again_puts_first_what_costs_most_to_wait_for() -> None:
    """Smith's rule on one person: by benefit a month over effort, waiting costs the least of all orders."""
    legs = [task(key, 0.5, effort, benefit=known(worth)) for key, effort, worth in WORTHS]
    fixed, again = finished(legs), finished(legs, Policy.REPLAN)
    worth = {key: worth for key, _, worth in WORTHS}

    def waiting(ends: dict[str, float]) -> float:
        return sum(worth[key] * end for key, end in ends.items())

    best = min(waiting(finished(order)) for order in orders(legs))
    assert waiting(again) == pytest.approx(best)
    assert waiting(fixed) > best + 1.0


WORTHS = (("a", 4.0, 1.0), ("b", 2.0, 3.0), ("c", 3.0, 2.0), ("d", 1.0, 1.0))


def orders(legs: list[Initiative]) -> Iterable[list[Initiative]]:
    """All orders of a few initiatives."""
    if not legs:
        return [[]]
    return [[one, *rest] for one in legs for rest in orders([other for other in legs if other is not one])]


def test_planning_again_puts_a_pressing_mandate_first() -> None:
    legs = [task("a", 1, 6, benefit=known(9.0)), task("law", 1, 2, mandate=5)]
    assert finished(legs)["law"] == pytest.approx(8.0)
    assert finished(legs, Policy.REPLAN)["law"] <= 6.0


def test_planning_again_orders_pressing_mandates_by_slack() -> None:
    laws = [task("later", 1, 2, mandate=5), task("sooner", 1, 2, mandate=2), task("soonest", 1, 2, mandate=1)]
    ends = finished([task("a", 1, 9, benefit=known(1e9)), *laws], Policy.REPLAN)
    assert ends["soonest"] < ends["sooner"] < ends["later"] < ends["a"]


def test_planning_again_counts_goals_and_losses_avoided() -> None:
    goal = KeyResult("k", "g", weight=1000.0, today=0.0, target=1.0, due=9)
    scenario = Scenario("leak", known(2.0), 50.0, 50.0)
    legs = [
        task("plain", 1, 2),
        task("safe", 1, 2, controls=(Control("leak", 0.5),)),
        task("goal", 1, 2, contributions=(Contribution("k", known(1.0)),)),
    ]
    ends = finished(legs, Policy.REPLAN, key_results=(goal,), scenarios=(scenario,))
    assert ends == pytest.approx({"goal": 2.0, "safe": 4.0, "plain": 6.0})


def test_contractors_are_bought_at_the_cheapest_offers() -> None:
    offers = (Contractor("s", 7.0, 9.0), Contractor("s", 5.0, 2.0))
    programme = Programme(
        date(2027, 1, 1), 2, (task("a", 1, 6),), skills=(Skill("s", ()),), contractors=offers, discount=0.0
    )
    result = look_ahead(Inputs(programme, Plan((Start("a", 0),), bought=(Bought("s", 0, 3.0), Bought("s", 1, 3.0))), 1))
    assert result.net_present_value.mean == pytest.approx(-2 * (2 * 5.0 + 1 * 7.0))
    assert result.finishes[0].quantiles[1].moment == pytest.approx(6.0)
    assert [line.supply.p50 for line in result.capacity[:3]] == pytest.approx([3.0, 3.0, 0.0])
    assert [line.used.p50 for line in result.capacity[:3]] == pytest.approx([3.0, 3.0, 0.0])


def random_programme(maker: random.Random) -> tuple[Programme, Plan]:
    """Initiatives, skills and links without spread, with numbers that meet at no month's end by chance."""
    size, skills = maker.randint(1, 8), [f"s{n}" for n in range(maker.randint(1, 3))]
    initiatives = [
        Initiative(
            f"i{n}",
            known(maker.uniform(0.3, 7)),
            tuple(Effort(s, known(maker.uniform(0.1, 8))) for s in skills if maker.random() < 0.7),
            profile=tuple(maker.uniform(0.1, 2) for _ in range(maker.randint(1, 4))),
            predecessors=tuple(Precedence(f"i{m}", maker.randint(0, 2)) for m in range(n) if maker.random() < 0.2),
        )
        for n in range(size)
    ]
    supply = tuple(Skill(s, tuple(maker.uniform(0, 3) for _ in range(maker.randint(1, 20)))) for s in skills)
    most = maker.choice([None, 1, 2, 3])
    starts = [Start(one.key, maker.randint(0, 3)) for one in initiatives]
    maker.shuffle(starts)
    return Programme(date(2027, 1, 1), 5, tuple(initiatives), supply, most_at_once=most), Plan(tuple(starts))


def by_hand(programme: Programme, plan: Plan, months: int) -> dict[str, float | None]:
    """The second model: life as a number between 0 and 1 and effort as an interpolated curve over it."""
    by_key = {one.key: one for one in programme.initiatives}
    life, ends, begun = dict.fromkeys(by_key, 0.0), {}, set()
    for month in range(months):
        pool = {skill.key: skill.supply[min(month, len(skill.supply) - 1)] for skill in programme.skills}
        busy, served, finishing = len([key for key in begun if key not in ends]), set(), True
        while finishing:
            finishing = False
            for start in plan.starts:
                one = by_key[start.initiative]
                waits = [ends.get(before.initiative, np.inf) + before.lag for before in one.predecessors]
                opening = max([3.0 * start.quarter, float(month), *waits])
                full = programme.most_at_once is not None and busy >= programme.most_at_once and one.key not in begun
                if one.key in ends or one.key in served or opening >= month + 1 or full:
                    continue
                busy += one.key not in begun
                begun.add(one.key)
                served.add(one.key)
                life[one.key], end = month_of_work(one, life[one.key], opening, month + 1 - opening, pool)
                if end is not None:
                    ends[one.key], finishing = end, True
    return {key: ends.get(key) for key in by_key}


def month_of_work(
    one: Initiative, life: float, opening: float, window: float, pool: dict[str, float]
) -> tuple[float, float | None]:
    """Life after the window, and the finish if it comes."""
    grid = np.linspace(0, 1, len(one.profile) + 1)
    curve = np.concatenate([[0.0], np.cumsum(one.profile) / sum(one.profile)])
    reach = min(1.0, life + window / one.duration.likely)
    wanted = np.interp(reach, grid, curve) - np.interp(life, grid, curve)
    share = min((pool[effort.skill] / effort.months.likely for effort in one.efforts), default=np.inf)
    used = min(wanted, share)
    for effort in one.efforts:
        pool[effort.skill] -= used * effort.months.likely
    if wanted > share:
        return float(np.interp(np.interp(life, grid, curve) + used, curve, grid)), None
    if reach < 1.0:
        return reach, None
    return 1.0, opening + max((1.0 - life) * one.duration.likely, window * used / share if share > 0 else 0.0)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32))
def test_the_compiled_model_agrees_with_one_written_by_hand(seed: int) -> None:
    programme, plan = random_programme(random.Random(seed))
    result = look_ahead(Inputs(programme, plan, trials=1, horizon=9, keep_finishes=True))
    expected, ours = by_hand(programme, plan, 24), moments(result)
    for key, moment in expected.items():
        assert (ours[key] is None) == (moment is None), key
        assert moment is None or ours[key] == pytest.approx(moment, abs=1e-7), key


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32), st.sampled_from(Policy))
def test_nobody_is_used_twice(seed: int, policy: Policy) -> None:
    programme, plan = random_programme(random.Random(seed))
    result = look_ahead(Inputs(programme, plan, trials=1, horizon=9, policy=policy))
    for line in result.capacity:
        assert line.used.p50 <= line.supply.p50 + 1e-9
        assert line.used.p50 <= line.demand.p50 + 1e-9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initiatives": (Initiative("a", known(1.0)), Initiative("a", known(2.0)))}, "twice"),
        ({"initiatives": (task("a", 1, 1, "nobody"),)}, "nobody"),
        ({"initiatives": (Initiative("a", known(1.0), predecessors=(Precedence("z"),)),)}, "z"),
        ({"initiatives": (Initiative("a", known(1.0), predecessors=(Precedence("a"),)),)}, "wait for each other"),
        ({"initiatives": (Initiative("a", known(-1.0)),)}, "negative"),
        ({"initiatives": (Initiative("a", known(1.0), profile=(1.0, -1.0)),)}, "profile"),
        ({"initiatives": (Initiative("b", known(1.0)),)}, "initiative a"),
        ({"skills": (Skill("s", (1.0,), operations=known(1.0)),)}, "operations"),
        ({"scenarios": (Scenario("s", known(1.0), 0.0, 5.0),)}, "interval"),
        ({"duration_bias": Bias(0.0)}, "bias"),
        ({"correlation": 1.5}, "correlation"),
        ({"routes": (Route("r", "nobody", 1.0, 1.0, known(1.0), 0, 1),)}, "nobody"),
    ],
)
def test_records_that_contradict_each_other_are_refused(change: dict, message: str) -> None:
    parts = {"initiatives": (Initiative("a", known(1.0)),)} | change
    programme = Programme(date(2027, 1, 1), 4, **parts)
    with pytest.raises(ValueError, match=message):
        look_ahead(Inputs(programme, Plan((Start("a", 0),)), trials=5))


@pytest.mark.parametrize(
    "plan",
    [
        Plan((Start("a", 0), Start("a", 1))),
        Plan((Start("a", 0),), hires=(Hires("nowhere", 0, 1),)),
        Plan((Start("a", 0),), bought=(Bought("s", 0, 1.0),)),
    ],
)
def test_plans_that_point_nowhere_are_refused(plan: Plan) -> None:
    programme = Programme(date(2027, 1, 1), 4, (Initiative("a", known(1.0)),), skills=(Skill("s", (1.0,)),))
    with pytest.raises(ValueError, match=r"twice|nowhere|contractor s"):
        look_ahead(Inputs(programme, plan, trials=5))
    with pytest.raises(ValueError, match="trials"):
        Inputs(programme, Plan(()), trials=0)
