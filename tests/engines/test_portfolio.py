"""The chosen plan is the best there is: enumeration, known optima, independent recomputation, invariants."""

from dataclasses import replace
from datetime import date
from itertools import product
from math import ceil, exp, log

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.engines.portfolio import Bounds, Inputs, Result, Settings, choose
from quarterdeck.engines.programme import (
    ZERO,
    Contractor,
    Contribution,
    Control,
    Effort,
    Estimate,
    Initiative,
    KeyResult,
    Pin,
    Precedence,
    Programme,
    Scenario,
    Skill,
)

START = date(2026, 1, 1)
EXACT = Settings(after=2, search_rounds=300, gap=0.0, prices=0, left_out=0, frontier_rounds=300)


def exactly(amount: float) -> Estimate:
    return Estimate(amount, amount, amount)


def project(key: str, worth: float, months: float = 3, **given: object) -> Initiative:
    """An initiative whose benefit comes all in the month after its finish."""
    values: dict[str, object] = {"duration": exactly(months), "benefit": exactly(worth), "benefit_months": 1, **given}
    return Initiative(key=key, **values)  # type: ignore[arg-type]


def starts(result: Result) -> dict[str, int]:
    return {line.initiative: line.quarter for line in result.plan.starts}


# An own evaluation, month by month, that shares nothing with the engine: no ramps, no hires, no profile, whole months.


def feasible(programme: Programme, plan: dict[str, int], after: int) -> bool:
    """Whether skills, capital, order, groups and mandates hold."""
    by_key = {one.key: one for one in programme.initiatives}
    quarters = programme.quarters + after
    need: dict[tuple[str, int], float] = {}
    capital = [0.0] * quarters
    for key, quarter in plan.items():
        one = by_key[key]
        months = ceil(one.duration.mean)
        finish = 3 * quarter + months
        if finish > 3 * quarters or quarter < one.earliest or (one.mandate is not None and finish - 1 > one.mandate):
            return False
        for wait in one.predecessors:
            other = by_key[wait.initiative]
            if wait.initiative not in plan:
                return False
            if 3 * plan[wait.initiative] + ceil(other.duration.mean) + wait.lag > 3 * quarter:
                return False
        for month in range(3 * quarter, finish):
            capital[month // 3] += one.capital.mean / months
            for effort in one.efforts:
                at = (effort.skill, month // 3)
                need[at] = need.get(at, 0.0) + effort.months.mean / months
    groups = [by_key[key].excludes for key in plan if by_key[key].excludes]
    if len(groups) != len(set(groups)):
        return False
    supply = {skill.key: skill.supply[0] for skill in programme.skills}
    if any(amount > 3 * supply[skill] + 1e-9 for (skill, _), amount in need.items()):
        return False
    spent = budget = 0.0
    for quarter in range(quarters if programme.capital else 0):
        spent, budget = spent + capital[quarter], budget + programme.capital[min(quarter, programme.quarters - 1)]
        if spent > budget + 1e-9:
            return False
    return True


def worth(programme: Programme, plan: dict[str, int], after: int) -> float:
    """Present value, goals and expected loss of a plan, by hand."""
    by_key = {one.key: one for one in programme.initiatives}
    total = 0.0
    finish = {key: 3 * quarter + ceil(by_key[key].duration.mean) for key, quarter in plan.items()}
    for key, quarter in plan.items():
        one = by_key[key]
        months = ceil(one.duration.mean)
        rate = (1 + programme.discount) ** (-1 / 12)
        total -= sum(one.capital.mean / months * rate**month for month in range(3 * quarter, finish[key]))
        total += sum(
            (one.benefit.mean - one.running.mean) * rate**month
            for month in range(finish[key], finish[key] + one.benefit_months)
        )
    for result in programme.key_results:
        reached = result.today + result.drift * result.due
        for key in plan:
            for part in by_key[key].contributions:
                if part.key_result == result.key and finish[key] - 1 <= result.due:
                    reached += part.amount.mean
        total += result.weight * min(1, max(0, (reached - result.today) / (result.target - result.today)))
    for scenario in programme.scenarios:
        spread = (log(scenario.high) - log(scenario.low)) / 3.289707253902945
        mean = exp((log(scenario.low) + log(scenario.high)) / 2 + spread**2 / 2) * scenario.frequency.mean
        for quarter in range(programme.quarters + after):
            loss = mean / 4 * (1 + programme.discount) ** (-quarter / 4)
            for key in plan:
                for control in by_key[key].controls:
                    if control.scenario == scenario.key and finish[key] <= 3 * quarter:
                        loss *= control.frequency * control.magnitude
            total -= loss
    return total


def best_by_enumeration(programme: Programme, after: int) -> float:
    """The best worth over every combination of starts."""
    choices = [[None, *range(programme.quarters)] for _ in programme.initiatives]
    best = -float("inf")
    for picks in product(*choices):
        plan = {one.key: at for one, at in zip(programme.initiatives, picks, strict=True) if at is not None}
        musts = [one.key for one in programme.initiatives if one.mandate is not None or one.pin is Pin.IN]
        if all(key in plan for key in musts) and feasible(programme, plan, after):
            best = max(best, worth(programme, plan, after))
    return best


numbers = st.integers(1, 9)


@st.composite
def programmes(draw: st.DrawFn, count: int = 5, quarters: int = 3) -> Programme:
    """Small programmes with skills, a budget, order, groups, goals and scenarios."""
    made = []
    for index in range(draw(st.integers(2, count))):
        controls = (Control("breach", draw(st.sampled_from((0.0, 0.3, 0.8, 1.2))), 0.9),) if draw(st.booleans()) else ()
        gains = (Contribution("speed", exactly(draw(numbers) - 2)),) if draw(st.booleans()) else ()
        waits = (Precedence(f"i{draw(st.integers(0, index - 1))}", draw(st.integers(0, 2))),) if index > 1 else ()
        made.append(
            project(
                f"i{index}",
                1000.0 * draw(numbers),
                draw(st.sampled_from((2, 3, 5, 6))),
                efforts=(Effort(draw(st.sampled_from("ab")), exactly(draw(numbers))),),
                capital=exactly(100.0 * draw(numbers)),
                predecessors=waits if draw(st.booleans()) else (),
                excludes=draw(st.sampled_from((None, None, "one"))),
                contributions=gains,
                controls=controls,
            )
        )
    return Programme(
        start=START,
        quarters=quarters,
        initiatives=tuple(made),
        skills=tuple(Skill(key, (draw(st.integers(1, 4)),)) for key in "ab"),
        key_results=(KeyResult("speed", "fast", 4000.0, 10.0, 16.0, 8, draw(st.sampled_from((0.0, -0.2)))),),
        scenarios=(Scenario("breach", exactly(1.5), 500.0, 9000.0),),
        capital=(100.0 * draw(st.integers(1, 9)),) * quarters,
    )


many = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@many
@given(programmes())
def test_no_combination_of_starts_is_worth_more(programme: Programme) -> None:
    result = choose(Inputs(programme, EXACT))
    assert result.worth.total == pytest.approx(best_by_enumeration(programme, 2), rel=1e-9, abs=1e-6)
    assert result.bounds is Bounds.EXACT
    assert result.checks.proven
    assert result.bound == pytest.approx(result.worth.total, rel=1e-9, abs=1e-6)


@many
@given(programmes(count=12, quarters=4))
def test_the_plan_holds_when_recomputed_by_other_means(programme: Programme) -> None:
    result = choose(Inputs(programme, EXACT))
    plan = starts(result)
    assert feasible(programme, plan, 2)
    assert result.worth.total == pytest.approx(worth(programme, plan, 2), rel=1e-9, abs=1e-6)
    assert result.checks.recomputed == pytest.approx(result.worth.total, rel=1e-9, abs=1e-6)
    assert result.checks.worst_violation <= 1e-9
    assert result.bound >= result.worth.total


@many
@given(programmes(count=10), st.floats(1.0, 3.0))
def test_a_larger_budget_never_hurts(programme: Programme, factor: float) -> None:
    small = choose(Inputs(programme, EXACT))
    large = choose(Inputs(replace(programme, capital=tuple(factor * amount for amount in programme.capital)), EXACT))
    assert large.worth.total >= small.worth.total - 1e-6


@many
@given(programmes(count=10))
def test_the_frontier_rises_with_the_budget(programme: Programme) -> None:
    result = choose(Inputs(programme, EXACT, frontier=(1.5, 0.2, 0.5, 1.0, 2.0)))
    values = [point.value for point in result.frontier]
    assert [point.scale for point in result.frontier] == [0.2, 0.5, 1.0, 1.5, 2.0]
    assert values == sorted(values)  # type: ignore[type-var]
    assert values[2] == result.worth.total
    for point in result.frontier:
        assert point.value <= point.bound + 1e-6  # type: ignore[operator]


@many
@given(programmes(count=10), st.sampled_from((0.6, 0.8, 1.3)))
def test_a_point_of_the_frontier_is_the_plan_under_that_budget(programme: Programme, scale: float) -> None:
    point = choose(Inputs(programme, EXACT, frontier=(scale,))).frontier[0]
    alone = choose(Inputs(replace(programme, capital=tuple(scale * amount for amount in programme.capital)), EXACT))
    assert point.value == pytest.approx(alone.worth.total, rel=1e-6, abs=1e-4)
    assert point.bound == pytest.approx(alone.bound, rel=1e-6, abs=1e-4)


@many
@given(programmes(count=8), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(programme: Programme, random) -> None:
    shuffled = list(programme.initiatives)
    random.shuffle(shuffled)
    other = choose(Inputs(replace(programme, initiatives=tuple(shuffled)), EXACT))
    assert other == choose(Inputs(programme, EXACT))


def test_twelve_initiatives_against_enumeration() -> None:
    # Every initiative may start in the one quarter only, so that all 4,096 combinations are soon looked through.
    made = tuple(
        project(
            f"i{index:02d}",
            1000.0 + 137 * index,
            efforts=(Effort("a", exactly(1 + index % 5)), Effort("b", exactly(1 + index % 4))),
            capital=exactly(50.0 * (1 + index % 7)),
        )
        for index in range(12)
    )
    programme = Programme(START, 1, made, (Skill("a", (6.0,)), Skill("b", (4.5,))), capital=(1400.0,))
    result = choose(Inputs(programme, EXACT))
    assert result.worth.total == pytest.approx(best_by_enumeration(programme, 2), rel=1e-12)


def knapsack(weights: list[int], values: list[int], capacity: int) -> int:
    """The optimum of a 0-1 knapsack by dynamic programming."""
    best = [0] * (capacity + 1)
    for weight, value in zip(weights, values, strict=True):
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[capacity]


@pytest.mark.parametrize("seed", range(4))
def test_a_knapsack_of_fifty_reaches_its_known_optimum(seed: int) -> None:
    # Strongly correlated after Chu and Beasley (1998): value = weight + noise, capacity half of all weights.
    weights = [10 + (7919 * (index + 1) * (seed + 3)) % 91 for index in range(50)]
    values = [weight * 10 + (104729 * (index + 1)) % 500 for index, weight in enumerate(weights)]
    made = tuple(
        project(f"k{index:02d}", float(value), efforts=(Effort("a", exactly(float(weight))),))
        for index, (weight, value) in enumerate(zip(weights, values, strict=True))
    )
    capacity = sum(weights) // 2
    programme = Programme(START, 1, made, (Skill("a", (capacity / 3,)),), discount=0.0)
    result = choose(Inputs(programme, replace(EXACT, search_rounds=1000)))
    assert result.worth.total == pytest.approx(knapsack(weights, values, capacity), abs=1e-6)
    assert result.checks.proven


def test_equal_initiatives_are_chosen_by_key() -> None:
    made = tuple(project(key, 1000.0, efforts=(Effort("a", exactly(3.0)),)) for key in "dbca")
    result = choose(Inputs(Programme(START, 1, made, (Skill("a", (2.0,)),)), EXACT))
    assert sorted(starts(result)) == ["a", "b"]


def test_the_same_inputs_give_the_same_result() -> None:
    made = tuple(project(f"i{n}", 900.0 + 31 * (n % 7), efforts=(Effort("a", exactly(1 + n % 3)),)) for n in range(40))
    inputs = Inputs(Programme(START, 4, made, (Skill("a", (2.5,)),)), replace(EXACT, prices=3, left_out=5))
    assert choose(inputs) == choose(inputs)


def test_value_is_discounted_at_the_start_quarter() -> None:
    # Ten a month for twelve months after three months of work, from the third quarter on, at 8 % a year.
    one = project("a", 10.0, 3, benefit_months=12, earliest=2, running=exactly(2.0), capital=exactly(6.0))
    result = choose(Inputs(Programme(START, 4, (one,)), EXACT))
    rate = 1.08 ** (-1 / 12)
    by_hand = sum(8 * rate**month for month in range(9, 21)) - sum(2 * rate**month for month in range(6, 9))
    assert result.worth.total == pytest.approx(by_hand, rel=1e-12)
    assert result.finishes[0].month == 8


def test_contractors_are_bought_only_while_they_pay() -> None:
    work = (Effort("a", exactly(6.0)),)
    made = (project("a", 5000.0, efforts=work), project("b", 900.0, efforts=work))
    programme = Programme(
        START, 1, made, (Skill("a", (1.0,)),), contractors=(Contractor("a", 500.0, 9.0),), discount=0.0
    )
    result = choose(Inputs(programme, EXACT))
    assert starts(result) == {"a": 0}
    assert result.plan.bought[0].months == pytest.approx(3.0)
    assert result.worth.contractors == pytest.approx(1500.0)
    assert result.worth.total == pytest.approx(3500.0)


def test_an_initiative_without_worth_is_done_for_its_successor() -> None:
    made = (
        project("b-platform", 0.0, capital=exactly(100.0), efforts=(Effort("a", exactly(1.0)),)),
        project("a-product", 1000.0, predecessors=(Precedence("b-platform"),)),
    )
    result = choose(Inputs(Programme(START, 3, made, (Skill("a", (1.0,)),)), EXACT))
    assert starts(result) == {"b-platform": 0, "a-product": 1}
    assert [line.initiative for line in result.plan.starts] == ["b-platform", "a-product"]


def test_unknown_names_are_refused() -> None:
    one = project("a", 1.0, predecessors=(Precedence("nobody"),))
    with pytest.raises(ValueError, match="nobody"):
        choose(Inputs(Programme(START, 1, (one,)), EXACT))
    with pytest.raises(ValueError, match="budget"):
        choose(Inputs(Programme(START, 3, (project("a", 1.0),), capital=(1.0,)), EXACT))


def test_nothing_to_choose_from() -> None:
    result = choose(Inputs(Programme(START, 2, ()), EXACT))
    assert result.plan.starts == ()
    assert result.worth.total == 0.0
    assert ZERO.mean == 0.0
