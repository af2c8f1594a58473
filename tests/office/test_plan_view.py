"""What the plan's page shows: every skill, losses against the appetite, the track record; and what a what-if says."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from small_company import SKILLS, enter

from quarterdeck.engines.outlook import look_ahead
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.plan import pages, past, whatif
from quarterdeck.office.plan.names import Names
from quarterdeck.office.plan.view import view
from quarterdeck.runs import answers

pytestmark = pytest.mark.django_db
CTO = Reader("user:cto", (ROLES["cto"],))
SHORTER = {"frontier": "no"}


@pytest.fixture
def company() -> tuple[Any, Any]:
    """The small company's plan and outlook."""
    enter()
    return answers.answer("plan", CTO, SHORTER), answers.answer("outlook", CTO, SHORTER)


def test_every_skill_is_reachable_the_shortest_first(company: tuple[Any, Any]) -> None:
    shown = view(*company, CTO, "EUR")
    assert {skill.title for skill in shown.skills} == {english for english, _chinese in SKILLS.values()}
    short = [skill.short for skill in shown.skills]
    assert short == sorted(short, reverse=True)
    context = pages.page_context(replace(shown, skills=shown.skills * 3), "/path/1")
    assert len(context["skills"]) + len(context["skills_behind"]) == 3 * len(shown.skills)
    assert len(context["skills"]) >= 3 * sum(short)


def test_people_and_need_are_shown_with_their_bands(company: tuple[Any, Any]) -> None:
    for skill in view(*company, CTO, "EUR").skills:
        for _quarter, supply, need, low, high, least, most in skill.chart.rows:
            assert low <= supply <= high  # type: ignore[operator]
            assert least <= need <= most  # type: ignore[operator]


def test_losses_stand_against_the_appetite(company: tuple[Any, Any]) -> None:
    plan, outlook = company
    shown = view(plan, outlook, CTO, "EUR")
    assert plan.result.limits, "the company has an appetite"
    assert len(shown.losses) == len(plan.result.limits) == len(shown.appetite.rows)  # type: ignore[union-attr]
    beyond = replace(plan, result=replace(plan.result, limits=tuple(replace(x, met=False) for x in plan.result.limits)))
    assert {line.state for line in view(beyond, outlook, CTO, "EUR").losses} == {"bad"}
    none = replace(plan, result=replace(plan.result, limits=()))
    assert view(none, outlook, CTO, "EUR").appetite is None


def test_the_sentence_does_not_say_that_all_is_well_and_that_it_does_not_fit(company: tuple[Any, Any]) -> None:
    plan, outlook = company
    said = view(plan, outlook, CTO, "EUR").sentence
    assert "does not fit" not in said
    unfit = replace(plan, result=replace(plan.result, moved=("one",)))
    sentence = view(unfit, outlook, CTO, "EUR").sentence
    assert sentence.endswith("What must be done does not fit.")
    assert "limit" not in sentence
    assert "tight" not in sentence


# ---- what-if


def compared(outlook: Any, **changed: Any) -> whatif.Compared:
    after = replace(outlook, result=replace(outlook.result, **changed))
    return whatif.compare(outlook, after, CTO, "EUR")


def test_a_goal_no_trial_reaches_is_not_impossible(company: tuple[Any, Any]) -> None:
    _plan, outlook = company
    first = outlook.result.goals[0]
    never = (replace(first, met=replace(first.met, probability=0.0)), *outlook.result.goals[1:])
    kept = replace(outlook.result.kept, met=((False,) * outlook.result.checks.trials, *outlook.result.kept.met[1:]))
    line = next(line for line in compared(outlook, goals=never, kept=kept).lines if line.after.startswith("<"))
    assert line.after.replace("\u00a0", " ") == "< 0.1 %"
    assert line.interval


def test_people_lost_are_shown_with_the_interval_of_the_difference(company: tuple[Any, Any]) -> None:
    _plan, outlook = company
    kept, skill = outlook.result.kept, min(entry.skill for entry in outlook.result.capacity)
    fewer = tuple(months - 1.0 - 0.5 * (trial % 2) for trial, months in enumerate(kept.supply[0]))
    lines = [
        line
        for line in compared(outlook, kept=replace(kept, supply=(fewer, *kept.supply[1:]))).lines
        if line.group == "capacity"
    ]
    assert len(lines) == 1, "of the other skills nothing is said"
    assert lines[0].title == f"{SKILLS[skill][0]}, 2027\u00a0Q1–2028\u00a0Q2"
    before, after = sum(kept.supply[0]) / len(fewer), sum(fewer) / len(fewer)
    assert (lines[0].before, lines[0].after) == (f"{before:.1f}", f"{after:.1f}")
    assert lines[0].difference == "−1.2 person-months"
    assert lines[0].interval == "−1.3 to −1.2"
    assert lines[0].state == "bad"
    assert [line for line in compared(outlook).lines if line.group == "capacity"] == []


def test_a_difference_that_may_be_none_is_neither_good_nor_bad(company: tuple[Any, Any]) -> None:
    _plan, outlook = company
    kept = outlook.result.kept
    now_and_then = tuple(months + (1.0 if trial % 2 else -0.999) for trial, months in enumerate(kept.supply[0]))
    seen = compared(outlook, kept=replace(kept, supply=(now_and_then, *kept.supply[1:])))
    (line,) = [line for line in seen.lines if line.group == "capacity"]
    assert line.state == ""
    assert line.moved
    assert "exactly zero" not in seen.sentence


def test_what_changes_nothing_says_so(company: tuple[Any, Any]) -> None:
    _plan, outlook = company
    again = replace(outlook, result=look_ahead(answers.inputs_of(outlook)))
    assert whatif.compare(outlook, again, CTO, "EUR").sentence == "Nothing changes: the difference is exactly zero."


def asked(changes: str, replan: str = "yes") -> str:
    """The sentence of a what-if, after the one that nothing changes."""
    before, after = (
        answers.answer("outlook", CTO, {**SHORTER, "replan": replan, "changes": some}) for some in ("", changes)
    )
    nothing = "Nothing changes: the difference is exactly zero."
    sentence = whatif.compare(before, after, CTO, "EUR").sentence
    assert sentence.startswith(nothing)
    return sentence.removeprefix(nothing).strip()


def test_why_nothing_changes_is_said(company: tuple[Any, Any]) -> None:
    plan, _outlook = company
    chosen = plan.result.plan.starts[0].initiative
    name = Names(CTO).name("initiative", chosen)
    assert asked(f"include:{chosen}") == f"“{name}” is in the plan already."
    assert asked(f"effort:{chosen}:1") == f"Times one, the effort of “{name}” stays as it is."
    assert asked(f"law:{chosen}:60") == f"The plan has “{name}” finished by then already."
    assert asked("cut-budget::0.5", replan="no").startswith("The plan stays as it was: let it be chosen anew")
    write(service("test"), [Change("initiative", "search", {"pin": "out"})], "test")
    out = "“Own search engine” is not in the plan as it is."
    assert asked("cancel:search") == asked("delay:search:2") == out
    assert asked("cancel:search effort:search:2 delay:search:1") == out, "said once"


def test_what_must_be_in_and_does_not_fit_says_what_it_lacks(company: tuple[Any, Any]) -> None:
    points = {f"months_{point}": 900.0 for point in ("low", "likely", "high")}
    changed = [
        Change("initiative", "search", {"state": "funded"}),
        Change("effort", "search/data", points),
    ]
    write(service("test"), changed, "test")
    said = asked("include:search")
    assert said.startswith("“Own search engine” must be in already, and does not fit: ")
    assert "Data engineering" in said
    assert said.endswith((" runs short.", " run short."))


def test_a_vendor_whose_end_counts_for_nothing_is_told_so(company: tuple[Any, Any]) -> None:
    vendor = Change("vendor", "acme", {"name_en": "Acme"})
    write(service("test"), [vendor, Change("system", "mail", {"name_en": "Mail", "vendor": "acme"})], "test")
    said = asked("drop-vendor:acme")
    assert said == "The plan buys no work of “Acme”, and its end makes no risk in the register likelier."


# ---- how past estimates came out


def outcome(key: str, effort: float, months: float) -> Change:
    values = {"name_en": key, "finished": date(2026, 5, 1), "planned_effort": 10.0, "planned_months": 5.0}
    return Change("outcome", key, {**values, "actual_effort": effort, "actual_months": months})


def test_the_track_record_is_told_from_the_outcomes() -> None:
    enter()
    known = {row.key for row in Access(CTO).select("outcome").rows()}
    write(service("test"), [Change("outcome", key, None) for key in known], "test")
    nothing = past.view(CTO)
    assert nothing is not None
    assert nothing.sentence.startswith("No outcome of a past initiative")
    assert nothing.chart is None
    write(service("test"), [outcome(f"o-{n}", 15.0, 5.0) for n in range(4)], "test")
    told = past.view(CTO)
    assert told is not None
    effort, duration, benefit = told.lines
    assert effort.effects[0] == "came to 1.50 times what was planned"
    assert duration.effects[0] == "came to 1.00 times what was planned"
    assert effort.effects[-1] == "an 80 % range made from the others held 4 of 4"
    assert len(benefit.effects) == 1, "nothing is known of benefits: the field speaks alone"
    assert len(told.chart.rows) == 8  # type: ignore[union-attr]


def test_who_may_not_see_outcomes_is_told_nothing_of_them() -> None:
    assert past.view(Reader("user:none", ())) is None
