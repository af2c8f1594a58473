"""What a source says against what it said last and what stands: who moved decides; refusals and absences are remembered."""

import json
from itertools import product
from typing import Any

import pytest

from quarterdeck.estate import sources
from quarterdeck.kinds import proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import Commit
from quarterdeck.kinds.roles import ROLES, Authority, Denied, Reader, Role, service
from quarterdeck.kinds.write import Change, Refused, write
from quarterdeck.lake import suggestions
from quarterdeck.lake.models import EvidenceSource, Suggestion
from quarterdeck.lake.suggestions import Said, accept, compare, open_suggestions, refuse

pytestmark = pytest.mark.django_db
OPERATOR = service("tests")


@pytest.fixture
def source() -> EvidenceSource:
    return EvidenceSource.objects.create(reader="catalogue", name="s", location="/s")


def say(
    source: EvidenceSource, *entries: tuple[str, dict[str, Any]], kind: str = "team"
) -> list[tuple[str, str, dict[str, Any]]]:
    """Let a source speak of all its teams; what is open afterwards."""
    compare(source, [Said(kind, key, values) for key, values in entries], [kind])
    return [(s.sort, s.key, json.loads(s.wants)) for s in open_suggestions("s", kind)]


def stands(key: str, **values: Any) -> None:
    write(OPERATOR, [Change("team", key, values)], "a person")


def team(key: str = "a") -> Any:
    return Access(OPERATOR.reader).select("team").one(key)


STATES = ("", "one", "two")


@pytest.mark.parametrize(("last", "now", "value"), list(product(STATES, STATES, STATES)))
def test_three_ways(last: str, now: str, value: str, source: EvidenceSource) -> None:
    """All cases of one field: said last and taken over, said now, standing now."""
    say(source, ("a", {"name_en": "A", "purpose": last}))
    accept(OPERATOR, open_suggestions(), "x")
    assert team()["purpose"] == last
    stands("a", purpose=value)
    found = say(source, ("a", {"name_en": "A", "purpose": now}))
    if now in (value, last):
        assert found == [], "nobody moved, only the person did, or both to the same"
    elif value == last:
        assert found == [("update", "a", {"purpose": now})], "only the source moved"
    else:
        assert found == [("conflict", "a", {"purpose": now})], "both moved"


def test_a_record_the_source_never_spoke_of_before(source: EvidenceSource) -> None:
    stands("a", name_en="Ours", purpose="")
    assert say(source, ("A", {"name_en": "Theirs", "purpose": "why"})) == [
        ("conflict", "A", {"name_en": "Theirs", "purpose": "why"})
    ]
    assert say(source, ("A", {"name_en": "Ours", "purpose": "why"})) == [("update", "A", {"purpose": "why"})]


def test_what_was_refused_is_not_said_again_until_it_is_something_else(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B"}))
    refuse(open_suggestions())
    assert say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B"})) == []
    assert say(source, ("a", {"name_en": "A2"}), ("b", {"name_en": "B"})) == [("create", "a", {"name_en": "A2"})]
    accept(OPERATOR, open_suggestions(), "x")
    say(source, ("a", {"name_en": "A3"}), ("b", {"name_en": "B"}))
    refuse(open_suggestions())
    assert say(source, ("a", {"name_en": "A3"}), ("b", {"name_en": "B"})) == []
    assert say(source, ("a", {"name_en": "A4"}), ("b", {"name_en": "B"})) == [("conflict", "a", {"name_en": "A4"})], (
        "a person has decided"
    )


def test_absence_suggests_retirement_and_return_takes_it_back(source: EvidenceSource) -> None:
    both = (("a", {"name_en": "A"}), ("b", {"name_en": "B"}))
    say(source, *both)
    accept(OPERATOR, open_suggestions(), "x")
    assert say(source, both[1]) == [("retire", "a", {})]
    accept(OPERATOR, open_suggestions(), "x")
    assert team()["retired"] is not None
    assert say(source, both[1]) == []
    assert say(source, *both) == [("update", "a", {"retired": None})]
    accept(OPERATOR, open_suggestions(), "x")
    assert team()["retired"] is None
    assert say(source, *both) == []
    say(source, both[1])
    refuse(open_suggestions())
    assert say(source, both[1]) == []
    assert say(source, *both) == []
    assert say(source, both[1]) == [("retire", "a", {})], "it came back meanwhile: absence is news again"


def test_what_a_person_retired_or_deleted_stays_so(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B"}))
    accept(OPERATOR, open_suggestions(), "x")
    stands("a", retired="2026-01-02")
    write(OPERATOR, [Change("team", "b", None)], "a person")
    assert say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B"})) == []
    assert say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B2"})) == [("create", "b", {"name_en": "B2"})]


def test_absence_of_what_was_never_taken_over_is_silence(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A"}))
    assert say(source) == []


def test_a_renamed_record_is_the_same_to_its_source(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A"}), ("c", {"name_en": "C", "parent": "a"}))
    accept(OPERATOR, open_suggestions(), "x")
    write(OPERATOR, [Change("team", "a", {"key": "renamed"})], "a person")
    assert say(source, ("a", {"name_en": "A"}), ("c", {"name_en": "C", "parent": "A"})) == []
    assert say(source, ("a", {"name_en": "A2"}), ("c", {"name_en": "C", "parent": "a"})) == [
        ("update", "a", {"name_en": "A2"})
    ]
    accept(OPERATOR, open_suggestions(), "x")
    assert team("renamed")["name_en"] == "A2"
    assert say(source, ("c", {"name_en": "C", "parent": "a"})) == [("retire", "a", {})]


def test_all_is_taken_over_or_nothing(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B", "parent": "nowhere"}))
    with pytest.raises(Refused):
        accept(OPERATOR, open_suggestions(), "x")
    assert len(open_suggestions()) == 2
    assert not Commit.objects.exists()
    assert accept(OPERATOR, [s for s in open_suggestions() if s.key == "a"], "x") == 1
    assert Commit.objects.get().source == "x"


def test_an_acceptance_that_comes_too_late_overwrites_nobody(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A", "purpose": "p"}))
    accept(OPERATOR, open_suggestions(), "x")
    say(source, ("a", {"name_en": "A", "purpose": "q"}), ("new", {"name_en": "N"}))
    seen = open_suggestions()
    stands("a", purpose="mine")
    stands("new", name_en="Mine too")
    assert accept(OPERATOR, seen, "x") == 0
    assert (team()["purpose"], team("new")["name_en"]) == ("mine", "Mine too")
    assert {(s.sort, s.key) for s in open_suggestions()} == {("conflict", "a"), ("conflict", "new")}
    assert accept(OPERATOR, open_suggestions(), "x") == 2
    assert team()["purpose"] == "q"
    assert accept(OPERATOR, seen, "x") == 0, "what was settled already is passed over"


def test_a_policy_takes_over_what_only_the_source_moved(source: EvidenceSource) -> None:
    source.policy = "accept"
    assert say(source, ("a", {"name_en": "A"}), ("b", {"name_en": "B"})) == []
    by = json.loads(Commit.objects.get().authority)
    assert by == {"by": "service:collection", "policy": "accept what only catalogue s moved"}
    stands("a", name_en="Mine")
    assert say(source, ("a", {"name_en": "A2"}), ("b", {"name_en": "B2"})) == [("conflict", "a", {"name_en": "A2"})]
    assert team("b")["name_en"] == "B2"
    assert say(source, ("b", {"name_en": "B2"})) == [("retire", "a", {})]
    assert say(source, ("b", {"name_en": "B2", "parent": "nowhere"})) == [
        ("retire", "a", {}),
        ("update", "b", {"parent": "nowhere"}),
    ]
    assert list(proof.examine()) == []


def test_a_thousand_records_are_compared_and_accepted_in_one_commit(source: EvidenceSource) -> None:
    entries = [(f"t{n}", {"name_en": f"Team {n}", "parent": f"t{n - 1}" if n else None}) for n in range(1_000)]
    assert len(say(source, *entries)) == 1_000
    assert accept(OPERATOR, open_suggestions(), "x") == 1_000
    assert (Commit.objects.count(), say(source, *entries)) == (1, [])
    assert team("t999")["parent"] == "t998"


def test_private_wishes_are_shown_to_the_cleared_alone(source: EvidenceSource) -> None:
    say(source, ("p", {"level": "L1", "salary": "5"}), kind="person")
    (found,) = Suggestion.objects.all()
    assert suggestions.wanted(Reader("user:e", (ROLES["engineer"],)), found) == {"level": "L1"}
    assert suggestions.wanted(OPERATOR.reader, found) == {"level": "L1", "salary": "5"}


def _as(role: str) -> Reader:
    return Reader(f"user:{role}", (ROLES[role],))


_SAID: dict[str, dict[str, Any]] = {
    "person": {"level": "L1"},
    "system": {"name_en": "A"},
    "cost-band": {"annual_cost": "1", "currency": "EUR"},
}


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [
        ("cto", "person", True),
        ("hr", "person", True),
        ("hr", "system", False),
        ("direct-subordinate", "system", True),
        ("direct-subordinate", "person", False),
        ("general-manager", "system", False),
        ("finance", "cost-band", False),
        ("engineer", "system", False),
        ("auditor", "system", False),
        ("administrator", "system", False),
    ],
)
def test_whoever_refuses_could_have_accepted(role: str, kind: str, may: bool, source: EvidenceSource) -> None:
    say(source, ("a", _SAID[kind]), kind=kind)
    authority = Authority(_as(role))
    if not may:
        for settle in (
            lambda: refuse(open_suggestions(), authority),
            lambda: accept(authority, open_suggestions(), "x"),
        ):
            with pytest.raises((Denied, Refused)):
                settle()
        assert len(open_suggestions()) == 1
        assert not Commit.objects.exists()
        return
    assert refuse(open_suggestions(), authority) == 1
    assert open_suggestions() == []


def test_a_wish_one_may_not_see_is_not_ones_to_refuse(source: EvidenceSource) -> None:
    say(source, ("p", {"level": "L1", "salary": "5"}), kind="person")
    uncleared = Role("clerk", "Clerk", writes=frozenset({"person"}), reads=frozenset({"person"}), may=ROLES["hr"].may)
    with pytest.raises(Denied):
        refuse(open_suggestions(), Authority(Reader("user:clerk", (uncleared,))))
    assert len(open_suggestions()) == 1


@pytest.mark.parametrize(
    ("reader", "allowed"),
    [
        ("roster", {"cto", "hr"}),
        ("catalogue", {"cto"}),
        ("git", {"cto", "direct-subordinate"}),
    ],
)
def test_a_source_is_trusted_by_those_alone_who_could_write_all_it_says(reader: str, allowed: set[str]) -> None:
    found = EvidenceSource.objects.create(reader=reader, name="r", location="/r")
    for role in ROLES:
        EvidenceSource.objects.update(policy="ask")
        if role in allowed:
            sources.trust(_as(role), found, "accept")
        else:
            with pytest.raises(Denied):
                sources.trust(_as(role), found, "accept")
        found.refresh_from_db()
        assert found.policy == ("accept" if role in allowed else "ask"), role


def test_trust_takes_the_clearance_for_every_field_that_may_come() -> None:
    roster = EvidenceSource.objects.create(reader="roster", name="r", location="/r")
    writes = frozenset({"team", "post", "cost-band", "person", "skill", "person-skill"})
    uncleared = Role("clerk", "Clerk", reads=writes, writes=writes, may=frozenset({suggestions.RIGHT}))
    with pytest.raises(Denied, match="salary"):
        sources.trust(Reader("user:clerk", (uncleared,)), roster, "accept")
    with pytest.raises(ValueError, match="one of: ask, accept"):
        sources.trust(OPERATOR.reader, roster, "maybe")


def test_a_token_that_only_reads_settles_nothing(source: EvidenceSource) -> None:
    say(source, ("a", {"name_en": "A"}))
    reader = Reader("token:cto/x", (ROLES["cto"],), rights="read")
    for settle in (
        lambda: refuse(open_suggestions(), Authority(reader)),
        lambda: accept(Authority(reader), open_suggestions(), "x"),
        lambda: sources.trust(reader, source, "accept"),
    ):
        with pytest.raises(Denied):
            settle()
    assert len(open_suggestions()) == 1


def test_what_a_source_speaks_of_is_declared(source: EvidenceSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust rests on the kinds declared; a reader that speaks of another is a fault of the program."""
    monkeypatch.setitem(
        sources.MAPPINGS,
        "catalogue",
        sources.Mapping("catalogue", lambda _rows: [Said("goal", "g", {})], ("team",), ()),
    )
    with pytest.raises(LookupError, match="speaks of goal"):
        sources.suggest(source)
