"""The plan there is stays where nothing speaks for another."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from test_portfolio import EXACT, START, exactly, programmes, project

from quarterdeck.engines.portfolio import Inputs, choose
from quarterdeck.engines.programme import Effort, Plan, Programme, Skill, Start

many = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def alike() -> Programme:
    """Two initiatives of one worth, and work for one."""
    made = tuple(project(key, 9_000.0, 3.0, efforts=(Effort("a", exactly(2.9)),), benefit_months=1) for key in "xy")
    return Programme(start=START, quarters=1, initiatives=made, skills=(Skill("a", (1.0,)),))


def test_of_two_plans_of_one_worth_the_incumbent_stays() -> None:
    first = choose(Inputs(alike(), EXACT))
    assert [start.initiative for start in first.plan.starts] == ["x"]
    other = Plan((Start("y", 0),))
    kept = choose(Inputs(alike(), EXACT, incumbent=other))
    assert kept.plan.starts == other.starts
    assert kept.worth.total == first.worth.total
    assert [entry.initiative for entry in kept.left_out] == ["x"]


def test_a_better_plan_replaces_it() -> None:
    programme = alike()
    dearer = tuple(replace(i, benefit=exactly(9_100.0)) if i.key == "x" else i for i in programme.initiatives)
    found = choose(Inputs(replace(programme, initiatives=dearer), EXACT, incumbent=Plan((Start("y", 0),))))
    assert [start.initiative for start in found.plan.starts] == ["x"]


def test_one_that_breaks_a_limit_or_names_what_is_gone_does_not_stay() -> None:
    for starts in ((Start("x", 0), Start("y", 0)), (Start("gone", 0),), (Start("x", 7),)):
        found = choose(Inputs(alike(), EXACT, incumbent=Plan(starts)))
        assert [start.initiative for start in found.plan.starts] == ["x"]


@many
@given(programmes(count=8))
def test_the_plan_found_stays_to_the_last_byte(programme: Programme) -> None:
    first = choose(Inputs(programme, EXACT))
    again = choose(Inputs(programme, EXACT, incumbent=first.plan))
    assert again.plan == first.plan
    assert again.worth == first.worth
