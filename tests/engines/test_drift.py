"""Drift: nothing moved gives exactly nothing, and each cause is found where it was put."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.engines import drift
from quarterdeck.engines.programme import (
    Contractor,
    Contribution,
    Control,
    Effort,
    Estimate,
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


def programme(**changes: object) -> Programme:
    made = Programme(
        start=date(2027, 1, 1),
        quarters=4,
        initiatives=(
            Initiative(
                "a",
                Estimate(3, 4, 6),
                (Effort("go", Estimate(3, 4, 6)),),
                benefit=Estimate(10, 12, 15),
                contributions=(Contribution("k", Estimate(4, 5, 6)),),
            ),
            Initiative("b", Estimate(2, 3, 5), (Effort("go", Estimate(2, 3, 4)),), benefit=Estimate(5, 6, 7)),
        ),
        skills=(Skill("go", (1.5,) * 36),),
        key_results=(KeyResult("k", "g", 100.0, today=0.0, target=5.0, due=11),),
    )
    return replace(made, **changes)


PLAN = Plan((Start("a", 0), Start("b", 0)))


def explain(before: Programme, after: Programme) -> drift.Result:
    return drift.explain(drift.Inputs(before, after, PLAN, trials=400))


def test_nothing_moved_is_exactly_nothing():
    found = explain(programme(), programme())
    assert found.groups == ()
    assert found.total.value.mean == 0.0
    assert all(change.mean == 0.0 for change in (*found.total.met, *found.total.finishes))
    assert not any(goal.drifted for goal in found.goals)


def test_fewer_people_is_a_cause_of_staff_alone():
    after = programme(skills=(Skill("go", (0.75,) * 36),))
    found = explain(programme(), after)
    assert [group.name for group in found.groups] == ["staff"]
    assert found.groups[0].changed == ("skill:go",)
    assert found.groups[0].effect.value == found.total.value
    assert found.total.value.mean < 0
    assert all(finish.drifted and finish.change.mean > 0 for finish in found.finishes)


def test_an_estimate_that_grew_names_its_initiative():
    before = programme()
    first, second = before.initiatives
    grown = replace(first, efforts=(Effort("go", Estimate(9, 12, 18)),), duration=Estimate(9, 12, 18))
    found = explain(before, programme(initiatives=(grown, second)))
    assert [group.name for group in found.groups] == ["estimates"]
    assert found.groups[0].records[0].key == "a"
    goal = next(goal for goal in found.goals if goal.key_result == "k")
    assert goal.drifted
    assert goal.change.mean < 0


def test_a_measure_that_moved_is_evidence_and_a_target_that_moved_is_a_decision():
    before = programme()
    fallen = replace(before.key_results[0], today=-3.0)
    raised = replace(before.key_results[0], target=9.0)
    assert [g.name for g in explain(before, programme(key_results=(fallen,))).groups] == ["evidence"]
    assert [g.name for g in explain(before, programme(key_results=(raised,))).groups] == ["decisions"]


def test_an_initiative_that_was_dropped_is_a_decision_and_is_named():
    before = programme()
    found = explain(before, programme(initiatives=before.initiatives[1:]))
    assert [group.name for group in found.groups] == ["decisions"]
    assert found.checks.dropped == ("a",)


def test_what_groups_do_together_is_the_rest():
    before = programme()
    first, second = before.initiatives
    both = programme(
        skills=(Skill("go", (0.75,) * 36),),
        initiatives=(replace(first, efforts=(Effort("go", Estimate(6, 8, 12)),)), second),
    )
    found = explain(before, both)
    alone = sum(group.effect.value.mean for group in found.groups)
    assert found.checks.rest.mean == pytest.approx(found.total.value.mean - alone)


def test_spans_that_differ_cannot_be_compared():
    with pytest.raises(ValueError, match="same quarters"):
        drift.Inputs(programme(), programme(quarters=8), PLAN)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(["skills", "capital", "discount", "today", "duration", "earliest", "correlation"])))
def test_moving_every_group_one_after_the_other_reaches_today(moved: set[str]):
    """The groups part the inputs: nothing is left behind, nothing is moved twice."""
    before = programme()
    first, second = before.initiatives
    after = replace(
        before,
        skills=(Skill("go", (1.0,) * 36),) if "skills" in moved else before.skills,
        capital=(5.0,) * 4 if "capital" in moved else before.capital,
        discount=0.12 if "discount" in moved else before.discount,
        correlation=0.4 if "correlation" in moved else before.correlation,
        key_results=(replace(before.key_results[0], today=1.0),) if "today" in moved else before.key_results,
        initiatives=(
            replace(
                first,
                duration=Estimate(4, 5, 9) if "duration" in moved else first.duration,
                earliest=1 if "earliest" in moved else first.earliest,
            ),
            second,
        ),
    )
    now = before
    for group in drift.GROUPS:
        now = drift.move(now, after, group)
    assert now == after


def test_the_record_that_matters_is_found_among_many():
    """Forty skills move a little, the last but one by half: it is named first, by the effect it has over all trials."""
    many = tuple(Skill(f"s{number:02}", (2.0,) * 36) for number in range(40))
    made = replace(
        programme(),
        skills=many,
        initiatives=tuple(
            Initiative(skill.key, Estimate(2, 3, 4), (Effort(skill.key, Estimate(4, 5, 6)),), benefit=Estimate(1, 2, 3))
            for skill in many
        ),
        key_results=(),
    )
    plan = Plan(tuple(Start(skill.key, 0) for skill in many))
    after = replace(
        made,
        skills=tuple(replace(s, supply=tuple(x * (0.5 if s.key == "s38" else 0.99) for x in s.supply)) for s in many),
    )
    (group,) = drift.explain(drift.Inputs(made, after, plan, trials=400, first_trials=50)).groups
    assert len(group.changed) == 40
    assert len(group.records) == 8
    assert group.records[0].key == "s38"
    alone = drift.explain(drift.Inputs(made, drift._alone(made, after, "skill", "s38"), plan, trials=400)).groups[0]
    assert group.records[0].effect == alone.records[0].effect


def linked() -> Programme:
    """The programme with a control, an effort of a second skill, a route, a contractor and a predecessor."""
    base = programme()
    first, second = base.initiatives
    return replace(
        base,
        initiatives=(
            replace(
                first,
                efforts=(*first.efforts, Effort("ops", Estimate(1, 1, 1))),
                controls=(Control("fire", 0.5),),
                predecessors=(Precedence("b"),),
            ),
            second,
        ),
        skills=(*base.skills, Skill("ops", (1.0,) * 36)),
        routes=(Route("hire-ops", "ops", 1.0, 1.0, Estimate(1, 2, 3), 2, 1),),
        contractors=(Contractor("ops", 1.0, 3.0),),
        scenarios=(Scenario("fire", Estimate(0.1, 0.2, 0.3), 1.0, 10.0),),
    )


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    "less",
    [
        {"scenarios": ()},
        {"skills": programme().skills, "routes": (), "contractors": ()},
        {"key_results": ()},
        {"initiatives": linked().initiatives[1:]},
    ],
)
def test_what_links_to_a_record_that_came_or_went_is_no_fault(less: dict[str, object], back: bool):
    """The rest of the programme may no longer name what is gone, as whoever gathers it sees to."""
    before, after = linked(), drift._sound(replace(linked(), **less))
    found = explain(after, before) if back else explain(before, after)
    assert found.groups
    plan = drift.Inputs(before, after, PLAN).plan
    assert {start.initiative for start in plan.starts} >= set(found.checks.dropped)
