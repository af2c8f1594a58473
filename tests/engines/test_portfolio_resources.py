"""Hires, mandates, appetite, controls, prices and what is left out, each on a case that can be worked out by hand."""

from dataclasses import replace
from itertools import combinations

import pytest
from test_portfolio import EXACT, START, best_by_enumeration, exactly, project, starts

from quarterdeck.engines.loss import annual_loss
from quarterdeck.engines.portfolio import Bounds, ChangeKind, Inputs, Method, Resource, Settings, Why, choose
from quarterdeck.engines.programme import (
    Appetite,
    Bias,
    Contractor,
    Control,
    Effort,
    Estimate,
    Initiative,
    Pin,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
)

FULL = replace(EXACT, prices=5, left_out=10, left_out_rounds=40, check_rounds=100)


def need(months: float, skill: str = "a") -> tuple[Effort, ...]:
    return (Effort(skill, exactly(months)),)


def test_a_hire_ramps_in_is_paid_to_the_end_and_thins_out() -> None:
    # Three months to hire, a ramp of two: months 3 and 4 bring 0.25 and 0.75, month 5 one; without attrition.
    one = project("a", 100_000.0, 3, efforts=need(2.0), earliest=1, latest=1)
    route = Route("r", "a", 1000.0, 500.0, exactly(3.0), 2, 3)
    programme = Programme(START, 3, (one,), (Skill("a", (0.0,)),), (route,), discount=0.0)
    result = choose(Inputs(programme, EXACT))
    assert [(line.quarter, line.heads) for line in result.plan.hires] == [(0, 1)]
    used = next(use for use in result.uses if use.resource is Resource.SKILL and use.quarter == 1)
    assert used.hired == pytest.approx(2.0)
    assert used.used == pytest.approx(2.0)
    # Three quarters of plan and two after it are fifteen months, twelve of them with salary.
    assert result.worth.hiring == pytest.approx(1000.0 + 12 * 500.0)
    thinner = replace(programme, skills=(Skill("a", (0.0,), attrition=0.5),))
    assert choose(Inputs(thinner, EXACT)).plan.hires[0].heads == 2


def test_people_are_not_hired_for_work_that_does_not_pay_them() -> None:
    one = project("a", 3000.0, efforts=need(2.0), earliest=1)
    route = Route("r", "a", 1000.0, 500.0, exactly(3.0), 0, 3)
    programme = Programme(START, 3, (one,), (Skill("a", (0.0,)),), (route,), discount=0.0)
    result = choose(Inputs(programme, EXACT))
    assert result.plan.starts == ()
    assert result.plan.hires == ()


def test_running_budget_bears_hires_contractors_and_running_cost() -> None:
    one = project("a", 9000.0, efforts=need(4.0), running=exactly(100.0), benefit_months=3)
    programme = Programme(
        START,
        2,
        (one,),
        (Skill("a", (1.0,)),),
        contractors=(Contractor("a", 200.0, 5.0),),
        running=(200.0, 300.0),
        discount=0.0,
    )
    result = choose(Inputs(programme, EXACT))
    assert starts(result) == {"a": 0}
    running = {use.quarter: use.used for use in result.uses if use.resource is Resource.RUNNING}
    assert running[0] == pytest.approx(200.0)
    assert running[1] == pytest.approx(300.0)
    assert starts(choose(Inputs(replace(programme, running=(199.0, 300.0)), EXACT))) != {"a": 0}
    assert starts(choose(Inputs(replace(programme, running=(199.0, 199.0)), EXACT))) == {}


def test_capital_carries_over_only_where_it_may() -> None:
    one = project("a", 5000.0, capital=exactly(200.0), earliest=1)
    programme = Programme(START, 2, (one,), capital=(100.0, 100.0))
    assert starts(choose(Inputs(programme, EXACT))) == {"a": 1}
    assert starts(choose(Inputs(replace(programme, carry_over=False), EXACT))) == {}


def test_no_more_at_once_than_allowed() -> None:
    made = tuple(project(f"i{index}", 1000.0, 6) for index in range(3))
    result = choose(Inputs(Programme(START, 4, made, most_at_once=1), EXACT))
    assert sorted(starts(result).values()) == [0, 2]
    assert max(use.used for use in result.uses if use.resource is Resource.AT_ONCE) == 1.0


def test_a_running_initiative_goes_on_with_what_is_left() -> None:
    # Half of nine months of work is done: ceil(4.5) months and half of the effort and money are left.
    one = project("a", 5000.0, 9, efforts=need(6.0), capital=exactly(100.0), started=-2, done=0.5)
    result = choose(Inputs(Programme(START, 2, (one,), (Skill("a", (1.0,)),), capital=(50.0, 0.0)), EXACT))
    assert starts(result) == {"a": -2}
    assert result.finishes[0].month == 4
    assert sum(use.used for use in result.uses if use.resource is Resource.SKILL) == pytest.approx(3.0)
    assert sum(use.used for use in result.uses if use.resource is Resource.CAPITAL) == pytest.approx(50.0)


def test_track_record_lengthens_and_enlarges() -> None:
    one = project("a", 5000.0, 4, efforts=need(2.0))
    programme = Programme(START, 3, (one,), (Skill("a", (3.0,)),), effort_bias=Bias(1.5), duration_bias=Bias(1.5))
    result = choose(Inputs(programme, EXACT))
    assert result.finishes[0].month == 5
    assert sum(use.used for use in result.uses) == pytest.approx(3.0)


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_several_controls_of_one_scenario_multiply(count: int) -> None:
    factors = (0.3, 0.5, 0.9, 0.6, 0.8, 0.7)[:count]
    made = tuple(
        project(f"c{index}", 0.0, efforts=need(2.0), capital=exactly(400.0 + 150 * index),
                controls=(Control("s", factor),))
        for index, factor in enumerate(factors)
    )  # fmt: skip
    programme = Programme(
        START, 2, made, (Skill("a", (1.5,)),), scenarios=(Scenario("s", exactly(1.0), 1000.0, 5000.0),)
    )
    result = choose(Inputs(programme, EXACT))
    assert result.worth.total == pytest.approx(best_by_enumeration(programme, 2), rel=1e-9)
    assert result.bounds is (Bounds.EXACT if count <= 4 else Bounds.TANGENTS)
    assert result.bound == pytest.approx(result.worth.total, rel=1e-6)
    exposure = result.exposures[0]
    assert exposure.after < exposure.before


def risky() -> Programme:
    """Four controls on three scenarios, each costing more than the expected loss it spares."""
    made = tuple(
        project(f"c{index}", 0.0, capital=exactly(cost), controls=(Control(scenario, factor),))
        for index, (cost, scenario, factor) in enumerate(
            ((9000.0, "x", 0.3), (7000.0, "y", 0.4), (8000.0, "z", 0.5), (5000.0, "x", 0.8))
        )
    )
    scenarios = (
        Scenario("x", exactly(0.3), 500.0, 8000.0),
        Scenario("y", exactly(0.5), 300.0, 4000.0),
        Scenario("z", exactly(0.4), 400.0, 3000.0),
    )
    return Programme(START, 2, made, scenarios=scenarios, discount=0.0)


def test_appetite_is_kept_by_the_cheapest_controls() -> None:
    programme = risky()
    assert starts(choose(Inputs(programme, EXACT))) == {}
    before = annual_loss(programme.scenarios, (), 0.0, 0.95).quantile(0.95)
    amount = 0.6 * before
    keeping = [
        (sum(one.capital.mean for one in chosen), sorted(one.key for one in chosen))
        for size in range(5)
        for chosen in combinations(programme.initiatives, size)
        if annual_loss(
            programme.scenarios, [control for one in chosen for control in one.controls], 0.0, 0.95
        ).quantile(0.95) <= amount
    ]  # fmt: skip
    result = choose(Inputs(replace(programme, appetite=(Appetite(0.95, amount),)), EXACT))
    assert result.limits[0].met
    assert result.limits[0].before == pytest.approx(before, rel=1e-3)
    assert result.limits[0].after <= amount * (1 + 1e-9)
    cheapest = min(keeping)
    assert result.worth_before.total - result.worth.total <= cheapest[0]
    assert -result.worth.value <= cheapest[0] + 1e-6 or sorted(starts(result)) == cheapest[1]
    assert result.bounds is Bounds.EXACT


def test_an_appetite_that_no_control_reaches_is_named() -> None:
    result = choose(Inputs(replace(risky(), appetite=(Appetite(0.95, 1.0),)), EXACT))
    assert not result.limits[0].met
    assert "no controls keep" in result.checks.notes[0]


def test_an_appetite_beyond_the_resources_is_named() -> None:
    programme = risky()
    before = annual_loss(programme.scenarios, (), 0.0, 0.95).quantile(0.95)
    poor = replace(programme, appetite=(Appetite(0.95, 0.7 * before),), capital=(2000.0, 0.0))
    result = choose(Inputs(poor, EXACT))
    assert not result.limits[0].met
    assert "cannot be kept with these resources" in result.checks.notes[0]


def test_mandates_that_do_not_fit_are_moved_as_little_as_possible() -> None:
    # Each takes all people for a quarter; all three are due in the first two quarters.
    made = tuple(project(f"law-{name}", 0.0, 3, efforts=need(3.0), mandate=5) for name in "abc")
    programme = Programme(START, 4, made, (Skill("a", (1.0,)),), contractors=(Contractor("a", 700.0, 0.5),))
    result = choose(Inputs(programme, FULL))
    assert len(result.moved) == 1
    moved = result.moved[0]
    assert (moved.due, moved.month) == (5, 8)
    assert sorted(starts(result).values()) == [0, 1, 2]
    # One of the two quarters would hold two of them: six months of work, three there, half a month on sale.
    assert sum(one.amount for one in result.shortages) == pytest.approx(2.5)
    assert sum(one.money or 0.0 for one in result.shortages) == pytest.approx(1750.0)
    assert moved.cost == pytest.approx(1750.0)


def test_a_mandate_without_time_is_named_and_dropped() -> None:
    late = project("late", 100.0, 9, mandate=5)
    result = choose(Inputs(Programme(START, 2, (late, project("other", 5.0))), FULL))
    assert [(one.initiative, one.due, one.month, one.cost) for one in result.moved] == [("late", 5, 8, None)]
    refused = project("refused", 100.0, 3, mandate=5, pin=Pin.OUT)
    result = choose(Inputs(Programme(START, 2, (refused,)), FULL))
    assert [(one.initiative, one.month) for one in result.moved] == [("refused", None)]
    assert result.left_out[0].change is ChangeKind.PIN


def test_a_pin_brings_its_predecessor_in() -> None:
    made = (
        project("first", -500.0),
        project("then", -500.0, predecessors=(Precedence("first", lag=1),), pin=Pin.IN),
        project("never", 900.0, pin=Pin.OUT),
    )
    result = choose(Inputs(Programme(START, 3, made), FULL))
    assert starts(result) == {"first": 1, "then": 3} or starts(result) == {"first": 0, "then": 2}
    assert result.moved == ()


def test_an_unpayable_pin_is_reported() -> None:
    made = (project("wish", 100.0, capital=exactly(500.0), pin=Pin.IN), project("other", 5.0))
    result = choose(Inputs(Programme(START, 2, made, capital=(100.0, 100.0)), FULL))
    assert [(one.initiative, one.due, one.month) for one in result.moved] == [("wish", None, None)]
    assert result.moved[0].cost == pytest.approx(300.0, abs=1e-4)
    assert starts(result) == {"other": 0}


def test_prices_are_what_solving_again_gives() -> None:
    made = tuple(project(f"i{index}", 1000.0 - 10 * index, efforts=need(1.0)) for index in range(6))
    programme = Programme(START, 1, made, (Skill("a", (1.0,)),), discount=0.0)
    result = choose(Inputs(programme, FULL))
    price = result.binding[0]
    assert (price.resource, price.key, price.quarter, price.unit) == (Resource.SKILL, "a", 0, 1.0)
    assert price.relaxation_gain == pytest.approx(970.0)
    assert price.plan_gain == pytest.approx(970.0)
    assert 970.0 - 1e-6 <= price.marginal <= 980.0 + 1e-6
    more = choose(Inputs(replace(programme, skills=(Skill("a", (4 / 3,)),)), FULL))
    assert more.worth.total - result.worth.total == pytest.approx(price.plan_gain)


def reasons(programme: Programme) -> dict[str, tuple[Why, ChangeKind, str, float, Method]]:
    found = choose(Inputs(programme, FULL)).left_out
    return {one.initiative: (one.why, one.change, one.what, round(one.size, 6), one.method) for one in found}


def test_left_out_for_want_of_people_or_worth() -> None:
    made = (
        project("best", 1000.0, efforts=need(3.0)),
        project("next", 900.0, efforts=need(2.0)),
        project("loss", -50.0),
    )
    programme = Programme(START, 1, made, (Skill("a", (1.0,)),), discount=0.0)
    found = reasons(programme)
    # Nobody sells months of the skill, so only more worth counts: 100 more and it takes the other's place.
    assert found["next"] == (Why.RESOURCES, ChangeKind.WORTH, "", 100.0, Method.RE_SOLVED)
    assert found["loss"] == (Why.WORTH, ChangeKind.WORTH, "", 50.0, Method.BESIDE_PLAN)
    sold = replace(programme, contractors=(Contractor("a", 10.0, 0.5),))
    # Half a month is on sale already; one and a half more at 10 each are cheaper than 100.
    assert reasons(sold)["next"] == (Why.RESOURCES, ChangeKind.SKILL, "a", 1.5, Method.BESIDE_PLAN)


def test_left_out_for_want_of_money_time_or_company() -> None:
    made = (
        project("best", 1000.0, capital=exactly(80.0), excludes="one"),
        project("rival", 200.0, excludes="one"),
        project("dear", 700.0, capital=exactly(60.0)),
        project("slow", 900.0, 12),
        project("tied", 10.0, predecessors=(Precedence("never"),)),
        project("never", 10.0, pin=Pin.OUT),
    )
    programme = Programme(START, 1, made, capital=(100.0,), carry_over=False, discount=0.0)
    found = reasons(programme)
    assert found["dear"] == (Why.RESOURCES, ChangeKind.CAPITAL, "", 40.0, Method.BESIDE_PLAN)
    # In its place go the rival and the dear one: 200 and 640 net of its capital, against 920.
    assert found["rival"] == (Why.EXCLUDED, ChangeKind.GROUP, "best", 80.0, Method.RE_SOLVED)
    assert found["slow"][:2] == (Why.WINDOW, ChangeKind.TIME)
    assert found["slow"][3] == 3.0
    assert found["never"][:2] == (Why.PINNED_OUT, ChangeKind.PIN)
    assert found["tied"][:3] == (Why.PREDECESSOR, ChangeKind.PREDECESSOR, "never")


def test_what_waits_comes_in_with_what_it_waits_for_and_what_both_lack() -> None:
    made = (
        project("best", 1000.0, capital=exactly(80.0)),
        project("ground", -5.0, capital=exactly(20.0)),
        project("house", 300.0, 3, capital=exactly(50.0), predecessors=(Precedence("ground"),)),
        project("long", 500.0, 12),
        project("late", 90.0, 3, predecessors=(Precedence("long"),)),
    )
    programme = Programme(START, 4, made, capital=(100.0, 0.0, 0.0, 0.0), carry_over=True, discount=0.0)
    found = {one.initiative: one for one in choose(Inputs(programme, FULL)).left_out}
    # Ground fits beside the best; with it the house lacks 50 of capital, and both bring 300 - 5 - 70 more.
    assert (found["house"].why, found["house"].waits_for) == (Why.PREDECESSOR, ("ground",))
    assert (found["house"].change, found["house"].size) == (ChangeKind.CAPITAL, pytest.approx(50.0))
    richer = replace(programme, capital=(150.0, 0.0, 0.0, 0.0))
    assert {"ground", "house"} <= starts(choose(Inputs(richer, FULL))).keys()
    # The long one ends after twelve months; the last quarter begins after nine.
    assert (found["late"].why, found["late"].change) == (Why.PREDECESSOR, ChangeKind.TIME)
    assert (found["late"].size, found["late"].waits_for) == (3.0, ("long",))


def test_what_is_waited_for_is_brought_in_early_enough() -> None:
    """The ground would lack least in the last quarter, too late for the house: it has to be in the first."""
    made = (
        project("best", 1000.0, 3, efforts=need(3.0), latest=0),
        project("ground", -5.0, 3, efforts=need(3.0)),
        project("house", 300.0, 3, efforts=need(1.0), predecessors=(Precedence("ground"),), latest=1),
    )
    programme = Programme(START, 4, made, (Skill("a", (1.0,)),), discount=0.0)
    entry = {one.initiative: one for one in choose(Inputs(programme, FULL)).left_out}["house"]
    assert (entry.why, entry.waits_for) == (Why.PREDECESSOR, ("ground",))
    assert entry.change in (ChangeKind.SKILL, ChangeKind.WORTH)
    assert entry.size > 0


def test_the_change_named_lets_it_in() -> None:
    made = (
        project("best", 1000.0, capital=exactly(80.0)),
        project("dear", 700.0, capital=exactly(60.0)),
    )
    programme = Programme(START, 1, made, capital=(100.0,), carry_over=False, discount=0.0)
    entry = choose(Inputs(programme, FULL)).left_out[0]
    assert entry.change is ChangeKind.CAPITAL
    richer = replace(programme, capital=(100.0 + entry.size,))
    assert entry.initiative in starts(choose(Inputs(richer, FULL)))


def test_progress_rises_and_settings_are_checked() -> None:
    told: list[float] = []
    choose(Inputs(Programme(START, 1, (project("a", 1.0),), capital=(1.0,)), EXACT, (0.5, 1.0)), told.append)
    assert told == sorted(told)
    with pytest.raises(ValueError, match="search_rounds"):
        Settings(search_rounds=-1)
    with pytest.raises(ValueError, match="scale"):
        Inputs(Programme(START, 1, ()), frontier=(-1.0,))


def test_durations_are_rounded_up_to_months() -> None:
    one = Initiative("a", Estimate(2.0, 3.0, 5.0), benefit=exactly(10.0))
    assert choose(Inputs(Programme(START, 2, (one,)), EXACT)).finishes[0].month == 3
