"""What the product finds in the example company is what was planted there: all of it, and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from math import exp, log
from typing import Any

import pytest
from company_files import Example
from walked_company import Stage, Walked, walk

from quarterdeck.office.candidates import causes
from quarterdeck.office.plan import track
from quarterdeck.runs.analysis import ANALYSES
from quarterdeck.runs.candidates import SOURCES
from quarterdeck.sample.intentions import FIGURES, INITIATIVES, RESULTS
from quarterdeck.sample.money import CONTRACTORS, ROUTES
from quarterdeck.sample.systems import PAIRS, SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("walked")]
STAGES = ("first", "later")
GRAVEST = 4  # criticality from which candidates count a failure
# truths that no question of the product is about yet → the table that holds them, read by none
UNASKED = {
    "controls.never_restored": "backups",
    "controls.copies_fail": "backups",
    "controls.reviews": "",
    "incidents.count": "",
    "incidents.cost_eur": "",
    "incidents.by_category": "",
}
ASKED = """
people: employed irreplaceable leaves moves hotspots joins
architecture: single_point_of_failure looks_like_one_but_is_doubled cycle_across_teams cycle_inside_a_team
architecture: one_vendor_behind_both_key_modules ownerless critical_on_less_critical
architecture: falls_rule falls_with_system falls_with_vendor
spending: rule by_month idle_resources untagged_resources anomalies
components: advisories ended ends_within_a_year withdrawn
delivery: rule by_system slowed operations_share
incidents: repeated_cause of_deployments_in_a_year
plan: estimates cannot_fit promised moved re_estimated skills worth expected_loss_scenarios
"""


@pytest.fixture(scope="module")
def walked(
    example: Example,
    later: Example,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Walked]:
    """The company taken through the product once for all tests of this module."""
    with django_db_blocker.unblock():
        yield from walk(example, later, str(tmp_path_factory.mktemp("lake")))


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, walked: Walked) -> Stage:
    """Each collection in turn."""
    found: Stage = getattr(walked, request.param)
    return found


def _sort(candidate: Any) -> str:
    """What a source that finds several sorts of things has found."""
    return str(candidate.key.split("/")[1])


def _facts(candidate: Any, word: str) -> list[str]:
    return [fact.removeprefix(f"{word} ") for fact in candidate.facts if fact.startswith(f"{word} ")]


def test_every_truth_is_held_against_an_answer_or_no_question_is_about_it(walked: Walked) -> None:
    asked = {f"{line.split(':')[0]}.{name}" for line in ASKED.strip().splitlines() for name in line.split()[1:]}
    truths = walked.later.truths
    there = {f"{section}.{name}" for section in truths if isinstance(truths[section], dict) for name in truths[section]}
    assert asked | UNASKED.keys() == there
    analyses = {table for one in ANALYSES.values() for table in one.tables}
    read = analyses | {table for one in SOURCES.values() for table in one.tables}
    assert not read & set(UNASKED.values())


def test_who_is_irreplaceable(stage: Stage) -> None:
    planted = {system: one["email"] for one in stage.truths["people"]["irreplaceable"] for system in one["systems"]}
    units = [unit for unit in stage.answered["knowledge"].units if unit.sort.value == "system"]
    alone = {unit.name: stage.emails[unit.holders[0].person] for unit in units if unit.truck_factor <= 1}
    assert len(units) == 13
    assert alone == planted
    assert sorted(c.system for c in stage.candidates("knowledge")) == sorted(planted)


def test_who_comes_goes_and_moves(stage: Stage) -> None:
    people, today = stage.truths["people"], date.fromisoformat(stage.truths["collected"])
    ends = {key: row["end_date"] for key, row in stage.persons.items()}
    employed = [key for key, end in ends.items() if stage.persons[key]["start_date"] <= today <= (end or date.max)]
    assert len(employed) == people["employed"]
    leaving = {key: f"{end}" for key, end in ends.items() if end and end >= today - timedelta(days=60)}
    assert leaving == {one["staff"]: one["last_day"] for one in people["leaves"]}
    assert stage.persons[people["moves"]["staff"]]["team"] == people["moves"]["to"]
    assert set(people["joins"]) <= set(employed)


def test_where_work_piles_up(stage: Stage) -> None:
    found = sorted((c.system, _facts(c, "hotspot")[0]) for c in stage.candidates("hotspots"))
    assert found == sorted(stage.truths["people"]["hotspots"].items())


def test_where_work_piles_up_as_the_analysis_of_knowledge_says(walked: Walked) -> None:
    first = walked.first
    best = {spot.path for spot in first.answered["knowledge"].hotspots.files[:5]}
    assert best == {f"{system}/{path}" for system, path in first.truths["people"]["hotspots"].items()}


def test_the_single_point_of_failure_and_what_falls_with_what(stage: Stage) -> None:
    planted, points = stage.truths["architecture"], stage.answered["structure"].single_points
    assert points[0].cause == planted["single_point_of_failure"]
    assert points[0].critical > points[1].critical
    assert {point.cause: sorted(point.targets) for point in points} == planted["falls_with_system"]
    doubled = {key for _, members in PAIRS for key in members}
    assert {name for name, _ in PAIRS} == set(planted["looks_like_one_but_is_doubled"])
    assert not doubled & {point.cause for point in points}


def test_candidates_name_the_single_point_and_the_vendor_and_claim_no_fall_that_is_none(stage: Stage) -> None:
    planted = stage.truths["architecture"]
    falls = planted["falls_with_system"] | planted["falls_with_vendor"]
    grave = {cause: [v for v in some if SYSTEM[v].criticality >= GRAVEST] for cause, some in falls.items()}
    found = {c.subject: _facts(c, "fails") for c in stage.candidates("structure") if _sort(c) == "single-point"}
    assert {planted["single_point_of_failure"], planted["one_vendor_behind_both_key_modules"]} <= found.keys()
    assert {cause: sorted(victims) for cause, victims in found.items()} == {cause: grave[cause] for cause in found}


def test_circles_and_critical_systems_on_less_critical_ones(stage: Stage) -> None:
    planted, answered = stage.truths["architecture"], stage.answered["structure"]
    across, inside = tuple(planted["cycle_across_teams"]), tuple(planted["cycle_inside_a_team"])
    assert sorted(tuple(sorted(cycle.nodes)) for cycle in answered.cycles) == sorted((across, inside))
    claimed = defaultdict(list)
    for candidate in stage.candidates("structure"):
        claimed[_sort(candidate)].append(candidate)
    assert [tuple(sorted(_facts(c, "circle"))) for c in claimed["cycle"]] == [across]  # a team's own is its business
    upper, lower = planted["critical_on_less_critical"]
    assert (upper, lower) in {(one.dependent, one.dependency) for one in answered.inversions}
    assert [(_facts(c, "needs"), c.system) for c in claimed["less-critical"]] == [([upper], lower)]


def test_systems_without_an_owner(stage: Stage) -> None:
    found = [_facts(c, "ownerless") or [c.system] for c in stage.candidates("ownerless")]
    assert sorted(key for some in found for key in some) == sorted(stage.truths["architecture"]["ownerless"])


def test_the_share_of_work_that_keeps_things_running(stage: Stage) -> None:
    found = stage.delivery[""].operations_share
    assert found.value == pytest.approx(stage.truths["delivery"]["operations_share"], abs=0.02)
    assert found.low < found.value < found.high


def _month(stage: Stage) -> str:
    """The newest month that is billed in full."""
    return f"{date.fromisoformat(stage.truths['collected']).replace(day=1) - timedelta(days=1):%Y-%m}"


def test_the_bill_to_the_cent(stage: Stage) -> None:
    planted = stage.truths["spending"]["by_month"]
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for start, cost, currency in stage.charges.iter_rows():
        totals[f"{start:%Y-%m}"][currency] += cost
    assert {month: {c: f"{v:.2f}" for c, v in sorted(sums.items())} for month, sums in totals.items()} == {
        month: sums["total"] for month, sums in planted.items()
    }
    for sort, told in (("idle", ("idle", "commitment")), ("untagged", ("untagged",))):
        found = Counter[str]()
        for candidate in (c for c in stage.candidates("bill") if _sort(c) in told):
            found[candidate.spend.currency] += candidate.spend.likely
        assert {c: f"{Decimal(v):.2f}" for c, v in sorted(found.items())} == planted[_month(stage)][sort]


def test_what_stands_idle(stage: Stage) -> None:
    named = [_facts(c, "idle") for c in stage.candidates("bill") if _sort(c) == "idle"]
    idle = {name.split("/")[-1] for some in named for name in some}
    assert idle - {"reserved"} == set(stage.truths["spending"]["idle_resources"])  # and what is reserved and not used


def test_what_costs_more_than_it_did(stage: Stage) -> None:
    """One rise each month: beyond the usual month by what the odd days cost beyond usual days, and a long month's."""
    month = _month(stage)
    planted = [one for one in stage.truths["spending"]["anomalies"] if one["first"].startswith(month)]
    found = [c for c in stage.candidates("bill") if _sort(c) == "rise"]
    assert len(found) == len(planted) == 1
    days = (date.fromisoformat(planted[0]["last"]) - date.fromisoformat(planted[0]["first"])).days + 1
    within = min(days, 1 + (date.fromisoformat(f"{month}-30") - date.fromisoformat(planted[0]["first"])).days)
    excess = float(planted[0]["excess"]) * within / days
    assert float(found[0].spend.likely) == pytest.approx(excess, rel=0.08)


def test_advisories_that_hit(stage: Stage) -> None:
    planted = {(one["advisory"], one["system"], one["package"]) for one in stage.truths["components"]["advisories"]}
    found = [
        (name, c.subject, c.action.partition("/")[2])
        for c in stage.candidates("advisories")
        for name in _facts(c, "advisory")
    ]
    assert sorted(found) == sorted(planted)
    assert not {name for name, _, _ in found} & set(stage.truths["components"]["withdrawn"])


def test_components_past_their_support_and_soon_to_be(stage: Stage) -> None:
    for phase, truth, word in (("ended", "ended", "ended"), ("ending", "ends_within_a_year", "ends")):
        planted = [(one["system"], one["cycle"], one[word]) for one in stage.truths["components"][truth]]
        claimed = [c for c in stage.candidates("ended") if f"phase {phase}" in c.facts]
        assert sorted((c.subject, _facts(c, "cycle")[0], f"{c.by}") for c in claimed) == sorted(planted)


def test_delivery_of_every_system(stage: Stage) -> None:
    by_system = stage.truths["delivery"]["by_system"]
    for system, planted in by_system.items():
        truth, found = planted["half_year"], stage.delivery[system]
        failed, rework = found.change_fail_rate, found.deployment_rework_rate
        assert found.deployment_frequency.included == failed.included == truth["deployments"], system
        assert failed.value * failed.included == pytest.approx(truth["failed"]), system
        assert rework.value * rework.included == pytest.approx(truth["rework"]), system
        assert found.change_lead_time.value == pytest.approx(truth["lead_time_hours"], abs=0.01), system
        assert found.failed_deployment_recovery_time.value == pytest.approx(truth["recovery_hours"], abs=0.01), system
    others = stage.delivery.keys() - by_system.keys() - {""}
    assert not [system for system in others if stage.delivery[system].deployment_frequency.included]


def _piled_up(stage: Stage) -> dict[str, float]:
    """Team → items in progress now, over those in progress on average in the half year."""
    now, usual = defaultdict[str, float](float), defaultdict[str, float](float)
    for system, found in stage.delivery.items():
        if system and found.flow is not None and SYSTEM[system].owner:
            now[SYSTEM[system].owner] += found.flow.in_progress.value or 0
            usual[SYSTEM[system].owner] += found.flow.average_in_progress.value or 0
    return {team: now[team] / usual[team] for team in usual if usual[team]}


def test_which_team_became_slower(walked: Walked) -> None:
    before, after = _piled_up(walked.first), _piled_up(walked.later)
    slowed = walked.later.truths["delivery"]["slowed"]["team"]
    assert walked.first.truths["delivery"]["slowed"] is None
    assert [team for team, share in before.items() if share > 2] == []
    assert [team for team, share in after.items() if share > 2] == [slowed]


def test_the_cause_that_comes_again(stage: Stage) -> None:
    planted = stage.truths["incidents"]
    found = {_facts(c, "cause")[0]: c for c in stage.candidates("incidents") if _facts(c, "cause")[0] != "change"}
    assert set(found) == {causes.cause(word) for word in planted["repeated_cause"]["words"]}  # in both languages
    (one,) = found.values()
    named = [reference.says.split()[0] for reference in one.path if reference.table == "incidents"]
    assert named == planted["repeated_cause"]["in_a_year"]
    assert one.size.value == len(named) >= 3
    changes = {c.system: c.size.value for c in stage.candidates("incidents") if _facts(c, "cause")[0] == "change"}
    assert changes == {key: count for key, count in planted["of_deployments_in_a_year"].items() if count >= 3}


def test_what_was_promised_is_what_is_planned(walked: Walked) -> None:
    promised, start = walked.first.truths["plan"]["promised"], walked.programme.start
    months = {one["initiative"]: _months(start, date.fromisoformat(one["by"])) for one in promised}
    assert {i.key: i.mandate for i in walked.programme.initiatives if i.mandate is not None} == months
    finishes = {finish.initiative: finish.month for finish in walked.plan.finishes}
    assert not walked.plan.moved
    assert all(finishes[key] <= month for key, month in months.items())


def _months(start: date, day: date) -> int:
    return (day.year - start.year) * 12 + day.month - start.month


def test_how_estimates_come_true(stage: Stage, walked: Walked) -> None:
    """The record is the company's own; the plan moves from the field's towards it and no farther."""
    truth = stage.truths["plan"]["estimates"]["recorded_median"]
    for name, column, field, bias in (
        ("effort", "effort", track.EFFORT, walked.programme.effort_bias),
        ("duration", "months", track.DURATION, walked.programme.duration_bias),
        ("benefit", "benefit", track.BENEFIT, walked.programme.benefit_bias),
    ):
        pairs = [(float(row[f"planned_{column}"]), float(row[f"actual_{column}"])) for row in stage.outcomes]
        own = track.own(pairs)
        assert own is not None
        assert own.median == pytest.approx(truth[name], abs=1e-4)
        weight = len(pairs) / (len(pairs) + 8)
        assert bias.median == pytest.approx(exp(weight * log(truth[name]) + (1 - weight) * log(field.median)), rel=1e-3)


def test_skills_that_fall_short(walked: Walked) -> None:
    planted = walked.first.truths["plan"]["skills"]
    quarters = walked.programme.quarters
    supply = {skill.key: sum(skill.supply[: 3 * quarters]) for skill in walked.programme.skills}
    assert all(supply[key] == pytest.approx(one["supply"], abs=0.01) for key, one in planted.items())
    binding = {bind.key for bind in walked.plan.binding if bind.resource.value == "skill"}
    assert {skill for skill, one in planted.items() if one["short"]} <= binding


@pytest.mark.parametrize(
    "key",
    [
        "erp-replacement",
        "own-acquiring",
    ],
)
def test_what_cannot_fit_is_left_out_for_what_it_lacks(walked: Walked, key: str) -> None:
    lacking = walked.first.truths["plan"]["cannot_fit"][key]
    out = {one.initiative: one for one in walked.plan.left_out}
    assert lacking in out[key].what or lacking == out[key].change.value


def test_the_plan_is_worth_what_its_initiatives_are_worth(walked: Walked) -> None:
    """What is left out because it costs more than it brings has no worth without goals and losses either."""
    truth = walked.first.truths["plan"]["worth"]["by_initiative"]
    assert {i.key for i in walked.programme.initiatives} == truth.keys() == {i.key for i in INITIATIVES}
    worthless = [out.initiative for out in walked.plan.left_out if out.why.value == "worth"]
    assert worthless
    assert all(truth[key] < 0 for key in worthless)
    assert len(walked.plan.left_out) >= 8  # something binds
    assert len(walked.programme.scenarios) == walked.first.truths["plan"]["expected_loss_scenarios"]


def test_key_results_stand_where_the_evidence_says(walked: Walked) -> None:
    """What the company had measured by hand before it had the product is what the product measures."""
    measured = {result.key: result.today for result in walked.programme.key_results}
    for one in RESULTS:
        if one.key in FIGURES:
            assert measured[one.key] == pytest.approx(one.today, rel=0.03), one.key


def _group(walked: Walked, name: str) -> Any:
    return next((group for group in walked.drift.groups if group.name == name), None)


def test_drift_names_what_moved_and_nothing_else(walked: Walked) -> None:
    planted = walked.later.truths["plan"]["moved"]
    assert set(walked.moved) == set(planted["people"])
    assert _group(walked, "estimates").changed == tuple(f"initiative:{key}" for key in planted["durations"])
    evidence = {name.partition(":")[2] for name in _group(walked, "evidence").changed}
    assert set(planted["measured"]) == evidence - FIGURES.keys()  # the others are measured from evidence
    foreign = {key for key, row in ROUTES.items() if row[2] in planted["rates"]}
    foreign |= {row[0] for row in CONTRACTORS.values() if row[3] in planted["rates"]}
    staff = [name.split(":") for name in _group(walked, "staff").changed]
    assert {key for sort, key in staff if sort != "skill"} == foreign
    decided = _group(walked, "decisions")
    assert {name.partition(":")[2] for name in decided.changed} <= {s.initiative for s in walked.plan.plan.starts}
    assert decided.effect.value.mean == 0  # the approval itself
    assert _group(walked, "money") is None
    assert _group(walked, "rules") is None


def test_what_was_estimated_anew_is_late_and_the_plan_poorer(walked: Walked) -> None:
    (key,) = walked.later.truths["plan"]["re_estimated"]
    shift = next(finish for finish in walked.drift.finishes if finish.initiative == key)
    assert shift.drifted
    assert shift.change.mean > 3
    assert _group(walked, "estimates").effect.value.mean < 0


def test_drift_names_the_skill_that_lost_people(walked: Walked) -> None:
    staff = _group(walked, "staff")
    assert staff.effect.value.mean < 0
    assert staff.records[0].key in walked.later.truths["plan"]["moved"]["skills"]
