"""A change of what is hidden leaves no trace: not in watermarks, in what is new, in suggestions, in what moved."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from quarterdeck.decisions import differences
from quarterdeck.evidence import readers
from quarterdeck.kinds import erase, history, proof, recent
from quarterdeck.kinds.canonical import canonical
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.drafts import Drafts
from quarterdeck.kinds.models import Commit, KindHead
from quarterdeck.kinds.roles import ROLES, Authority, Reader, company, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake import suggestions, tables
from quarterdeck.lake.collect import collect
from quarterdeck.lake.models import EvidenceSource, Suggestion

pytestmark = pytest.mark.django_db

OPERATOR = service("tests")
HR, ENGINEER, AUDITOR, ADMINISTRATOR = (
    Reader(f"user:{name}", (ROLES[name],), "p-me") for name in ("hr", "engineer", "auditor", "administrator")
)
PAY = {"salary": 100, "salary_currency": "EUR"}


@pytest.fixture(autouse=True)
def staff() -> None:
    """Two who work here, and one who does no more."""
    write(OPERATOR, [
        Change("person", "p-me", {"name": "Me", **PAY}),
        Change("person", "p-you", {"name": "You", **PAY}),
        Change("person", "p-gone", {"name": "Gone", "end_date": "2020-01-01", **PAY}),
    ], "staff")  # fmt: skip


def changed(key: str, /, **values: object) -> int:
    """Write it; the number of the commit."""
    return write(OPERATOR, [Change("person", key, values)], f"change of {key}").commit or 0


def seen_by(reader: Reader, most: int = 50) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    return [(one.source, one.counts) for one in recent.changes(reader, timezone.now() - timedelta(hours=1), most)]


# --- watermarks ------------------------------------------------------------------------------------------------------


def test_pay_moves_the_watermark_of_whoever_is_cleared_alone():
    before, cleared = history.watermarks(["person", "team"]), history.watermarks(["person"], HR.clearances)
    number = changed("p-me", salary=200)
    assert history.watermarks(["person", "team"]) == before
    assert history.watermarks(["person"], AUDITOR.clearances) == {"person": before["person"]}
    assert history.watermarks(["person"], company.clearances) == {"person": before["person"]}
    assert history.watermarks(["person"], HR.clearances) == {"person": number} != cleared
    assert list(proof.examine()) == []


@pytest.mark.parametrize(
    "values", [{"name": "Mi"}, {"salary": 300, "level": "L1"}, {"key": "p-i"}, {"retired": "2026-01-01"}]
)
def test_whatever_is_in_the_open_moves_it_for_all(values: dict[str, object]):
    number = changed("p-me", **values)
    assert history.watermarks(["person"]) == {"person": number}


def test_making_deleting_and_erasing_move_it_for_all():
    for change in (lambda: changed("p-new", salary=1), lambda: write(OPERATOR, [Change("person", "p-new", None)], "x")):
        before = history.watermarks(["person"])
        change()
        assert history.watermarks(["person"]) != before
    before = history.watermarks(["person"])
    erase.erase(OPERATOR, "person:p-me")
    assert history.watermarks(["person"]) != before
    assert list(proof.examine()) == []


def test_a_kind_without_private_fields_has_one_head():
    write(OPERATOR, [Change("team", "t", {"name_en": "T"})], "x")
    assert [head.clearance for head in KindHead.objects.filter(kind="team")] == [""]
    assert {head.clearance for head in KindHead.objects.filter(kind="person")} == {"", "pay"}


# --- what is new -----------------------------------------------------------------------------------------------------


def test_whoever_may_not_see_a_change_is_not_told_of_it():
    changed("p-me", salary=200)
    changed("p-gone", level="L9")
    changed("p-you", level="L2", salary=5)
    whole = [
        ("change of p-you", (("person", 1),)),
        ("change of p-gone", (("person", 1),)),
        ("change of p-me", (("person", 1),)),
        ("staff", (("person", 3),)),
    ]
    assert seen_by(HR) == whole
    assert seen_by(AUDITOR) == [entry for entry in whole if entry[0] != "change of p-me"]
    assert seen_by(ENGINEER) == [("change of p-you", (("person", 1),)), ("staff", (("person", 2),))]
    assert seen_by(ADMINISTRATOR) == []
    assert seen_by(HR, 1) == whole[:1]
    assert seen_by(AUDITOR, 2) == [whole[0], whole[1]], "hidden ones take no place from others"


def test_what_was_erased_is_new_to_all_and_what_is_old_to_nobody():
    erase.erase(OPERATOR, "person:p-me")
    assert seen_by(AUDITOR)[0] == ("erasure", (("person", 1),))
    Commit.objects.update(at=timezone.now() - timedelta(days=2))
    assert seen_by(HR) == []


def test_several_kinds_in_one_change_are_told_the_most_first():
    some = [Change("team", f"t{n}", {"name_en": "T"}) for n in range(2)]
    write(OPERATOR, [*some, Change("person", "p-me", {"level": "L1"}), Change("skill", "s", {"name_en": "S"})], "mixed")
    assert seen_by(AUDITOR)[0] == ("mixed", (("team", 2), ("person", 1), ("skill", 1)))


# --- suggestions and problems of evidence ----------------------------------------------------------------------------


@pytest.fixture
def source() -> EvidenceSource:
    return EvidenceSource.objects.create(reader="roster", name="r", location="r")


def suggest(source: EvidenceSource, key: str, sort: str, said: dict[str, object], **wants: object) -> None:
    Suggestion.objects.create(
        source=source, kind="person", key=key, sort=sort, said=canonical(said), wants=canonical(wants)
    )


def told(reader: Reader) -> list[tuple[str, str, dict[str, object]]]:
    return [(one.key, one.sort, one.wants) for one in suggestions.seen(reader, suggestions.open_suggestions())]


def test_a_suggestion_says_to_each_what_they_may_see_of_it(source: EvidenceSource):
    suggest(source, "p-me", "update", {}, salary="7.00")
    suggest(source, "p-you", "conflict", {"salary": "1.00", "level": ""}, salary="7.00", level="L5")
    suggest(source, "p-gone", "update", {}, level="L5")
    suggest(source, "p-new", "create", {}, salary="7.00")
    assert [key for key, _sort, _wants in told(HR)] == ["p-gone", "p-me", "p-new", "p-you"]
    assert ("p-you", "conflict", {"salary": "7.00", "level": "L5"}) in told(HR)
    assert told(AUDITOR) == [
        ("p-gone", "update", {"level": "L5"}),
        ("p-new", "create", {}),
        ("p-you", "update", {"level": "L5"}),
    ]
    assert told(ENGINEER) == [("p-new", "create", {}), ("p-you", "update", {"level": "L5"})]
    assert told(ADMINISTRATOR) == []


def test_a_conflict_that_is_seen_stays_one(source: EvidenceSource):
    suggest(source, "p-you", "conflict", {"level": "L0"}, salary="7.00", level="L5")
    changed("p-you", level="L3")
    assert told(AUDITOR) == [("p-you", "conflict", {"level": "L5"})]


def test_what_could_not_be_read_is_for_those_who_may_read_it_all():
    assert tables.may_read_source(HR, "roster")
    assert tables.may_read_source(AUDITOR, "roster")
    assert not tables.may_read_source(ENGINEER, "roster")
    assert not tables.may_read_source(ADMINISTRATOR, "git")
    assert tables.may_read_source(ENGINEER, "git")


def test_pay_of_a_roster_stays_out_of_its_problems(tmp_path: Path):
    path = tmp_path / "roster.csv"
    path.write_text("staff_id,name,salary,salary_currency\np-me,Me,98x765.43,EUR\np-you,You,98765.43,Taler\n")
    collected = collect(readers.by_name("roster"), path, by="tests")
    assert collected.problems
    problems = EvidenceSource.objects.get().snapshots.get().problem_rows.all()
    assert not [p for p in problems if "765" in f"{p.reason} {p.text} {p.origin}"]


# --- what moved underneath a decision --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "moves", "named"),
    [
        ({"level": "L1"}, {"salary": 200}, []),
        ({"level": "L1"}, {"location": "Berlin"}, ["location"]),
        ({"salary": 300}, {"salary": 200}, ["salary"]),
    ],
)  # fmt: skip
def test_a_proposal_is_not_overtaken_by_what_it_does_not_touch_and_hides(
    asked: dict[str, object], moves: dict[str, object], named: list[str]
):
    entries = differences.taken(Drafts(Authority(OPERATOR.reader), [Change("person", "p-me", asked)]))
    changed("p-me", **moves)
    assert [one.field for one in differences.moved(entries)] == named


def test_every_private_field_has_a_clearance_that_some_role_has():
    clearances = {clearance for kind in KINDS.values() for clearance in kind.private.values()}
    assert clearances <= frozenset[str]().union(*(role.clears for role in ROLES.values()))
