"""What moved underneath is found and named exactly, nothing is written, and what did not move does not count."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.decisions import deciding, differences, proposing
from quarterdeck.decisions.differences import Moved
from quarterdeck.decisions.models import Proposal, State, Step
from quarterdeck.decisions.sight import sight
from quarterdeck.estate.models import Initiative, Person, Skill
from quarterdeck.kinds.models import Commit, SubjectKey
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.write import Change, write

pytestmark = pytest.mark.django_db


def overtaken(reader, key: str) -> list[Moved]:
    """Confirms, and gives what had moved; nothing else may have changed."""
    commits = Commit.objects.count()
    proposal = deciding.confirm(reader, key)
    assert proposal.state == State.OVERTAKEN
    assert Commit.objects.count() == commits
    assert not Step.objects.filter(proposal=proposal).exclude(verdict="").exists()
    turn = proposal.turns.get(after="overtaken")
    assert turn.user == reader.name.partition(":")[2]
    return list(differences.moves(turn.moved))


def named(moves: list[Moved]) -> list[tuple]:
    return [(m.kind, m.key, m.field, m.before, m.now) for m in moves]


class TestNamed:
    def test_each_field_with_before_and_now(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit(
            "initiative",
            "I-1",
            capital_low="1",
            capital_likely="2.50",
            capital_high="3",
            description="wider",
            earliest="2027-03-01",
        )
        assert sorted(named(overtaken(cast.manager, proposal.key))) == [
            ("initiative", "I-1", "capital_high", None, "3"),
            ("initiative", "I-1", "capital_likely", None, "2.5"),
            ("initiative", "I-1", "capital_low", None, "1"),
            ("initiative", "I-1", "description", "", "wider"),
            ("initiative", "I-1", "earliest", None, "2027-03-01"),
        ]
        assert Initiative.objects.get(key="I-1").state == "proposed"

    def test_the_very_field(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", state="dropped")
        assert named(overtaken(cast.manager, proposal.key)) == [("initiative", "I-1", "state", "proposed", "dropped")]
        assert Initiative.objects.get(key="I-1").state == "dropped"

    def test_only_the_records_that_moved_of_many(self, cast, policies, edit):
        changes = [Change("initiative", key, {"state": "dropped"}) for key in ("I-1", "I-2")]
        proposal = proposing.propose(cast.cto, "two-stages", "Drop both", changes)
        edit("initiative", "I-2", description="now with a scope")
        assert named(overtaken(cast.manager, proposal.key)) == [
            ("initiative", "I-2", "description", "", "now with a scope")
        ]
        assert Initiative.objects.get(key="I-1").state == "proposed"

    def test_a_link(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", owner="p-eng")
        assert named(overtaken(cast.manager, proposal.key)) == [("initiative", "I-1", "owner", "p-head", "p-eng")]

    def test_a_renamed_record(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", key="I-100")
        assert named(overtaken(cast.manager, proposal.key)) == [("initiative", "I-1", "key", "I-1", "I-100")]

    def test_another_record_under_the_same_key(self, cast, edit):
        """The record that was seen is found by what it is, not by what it is called."""
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", key="I-100")
        edit("initiative", "I-2", key="I-1")
        assert named(overtaken(cast.manager, proposal.key)) == [("initiative", "I-1", "key", "I-1", "I-100")]
        assert set(Initiative.objects.filter(key__in=["I-1", "I-100"]).values_list("state", flat=True)) == {"proposed"}

    def test_a_deleted_record(self, cast):
        proposal = proposing.fund(cast.head, "I-2")
        write(service("t"), [Change("initiative", "I-2", None)], "t")
        assert named(overtaken(cast.manager, proposal.key)) == [("initiative", "I-2", "", "I-2", None)]

    def test_a_record_made_meanwhile(self, cast, policies):
        proposal = proposing.propose(cast.cto, "two-stages", "Skill", [Change("skill", "rust", {"name_en": "Rust"})])
        write(service("t"), [Change("skill", "Rust", {"name_en": "Iron oxide"})], "t")
        assert named(overtaken(cast.manager, proposal.key)) == [("skill", "rust", "", None, "rust")]
        assert Skill.objects.get().name_en == "Iron oxide"

    def test_a_link_target_deleted(self, cast, policies):
        write(service("t"), [Change("team", "core", {"name_en": "Core"})], "t")
        proposal = proposing.propose(cast.cto, "two-stages", "Move", [Change("person", "p-eng", {"team": "core"})])
        write(service("t"), [Change("team", "core", None)], "t")
        assert named(overtaken(cast.manager, proposal.key)) == [("person", "p-eng", "team", "core", None)]

    def test_why_a_write_is_refused_that_no_value_explains(self, cast, policies):
        """A team that was free when its closing was proposed is used by somebody new."""
        write(service("t"), [Change("team", "core", {"name_en": "Core"})], "t")
        proposal = proposing.propose(cast.cto, "two-stages", "Close", [Change("team", "core", None)])
        write(service("t"), [Change("person", "p-new", {"name": "New", "team": "core"})], "t")
        (moved,) = overtaken(cast.manager, proposal.key)
        assert (moved.kind, moved.key, moved.reason) == ("team", "core", "is used by person:p-new")
        entry = differences.entries(proposal.changes)
        assert sight(cast.manager, entry).reason(moved.reason) == moved.reason
        for reader in (
            cast.finance,
            cast.engineer,
            cast.direct,
        ):  # they may see the team, but not all that could use it
            assert "p-new" not in sight(reader, entry).reason(moved.reason)

    def test_personal_values_are_kept_sealed(self, cast, policies, edit):
        edit("person", "p-eng", salary="300000")
        proposal = proposing.propose(cast.cto, "pay", "Raise", [Change("person", "p-eng", {"salary": "330000"})])
        edit("person", "p-eng", salary="310000")
        (moved,) = overtaken(cast.manager, proposal.key)
        assert (moved.field, differences.shown(moved)) == ("salary", ("300000", "310000"))
        assert "310000" not in proposal.turns.get(after="overtaken").moved

    def test_an_erased_subject(self, cast, policies, edit):
        """With the subject's key gone nothing of the person can be read out of the proposal, and nothing is written."""
        edit("person", "p-eng", salary="300000")
        proposal = proposing.propose(cast.cto, "pay", "Raise", [Change("person", "p-eng", {"salary": "330000"})])
        SubjectKey.objects.filter(subject=f"person:{Person.objects.get(key='p-eng').pk}").delete()
        (entry,) = differences.entries(proposal.changes)
        assert differences.opened(entry, entry.values) == {"salary": differences.ERASED}
        assert differences.opened(entry, entry.seen)["name"] == differences.ERASED


class TestNotMoved:
    def test_a_change_and_back(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", description="x")
        edit("initiative", "I-1", description="")
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT

    def test_a_linked_record_renamed(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("person", "p-head", key="p-head-of-all")
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT

    def test_a_link_to_be_set_follows_its_record(self, cast, policies, edit):
        """The team meant is renamed, and another takes its key: the link goes to the one that was meant."""
        write(
            service("t"),
            [Change("team", "core", {"name_en": "Core"}), Change("team", "other", {"name_en": "Other"})],
            "t",
        )
        proposal = proposing.propose(cast.cto, "two-stages", "Move", [Change("person", "p-eng", {"team": "core"})])
        edit("team", "core", key="kernel")
        edit("team", "other", key="core")
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT
        assert Person.objects.get(key="p-eng").team.key == "kernel"

    def test_a_text_that_says_erased(self, cast, policies):
        proposal = proposing.propose(
            cast.cto, "two-stages", "Note", [Change("initiative", "I-1", {"description": "erased"})]
        )
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT

    def test_other_records(self, cast, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-2", state="dropped")
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT


def test_overtaken_ends_it_and_a_second_click_finds_it_so(cast, edit):
    proposal = proposing.fund(cast.head, "I-1")
    edit("initiative", "I-1", description="x")
    first = deciding.confirm(cast.manager, proposal.key)
    edit("initiative", "I-1", description="")
    for reader in (cast.manager, cast.cto):
        assert deciding.confirm(reader, proposal.key).state == State.OVERTAKEN
    assert first.turns.filter(after="overtaken").count() == 1
    assert Initiative.objects.get(key="I-1").state == "proposed"


def test_two_proposals_for_the_same_record_and_only_one_is_carried_out(cast):
    first, second = proposing.fund(cast.head, "I-1"), proposing.fund(cast.direct, "I-1")
    deciding.confirm(cast.manager, first.key)
    assert named(overtaken(cast.manager, second.key)) == [("initiative", "I-1", "state", "proposed", "funded")]


VALUES = {
    "description": st.text(st.characters(exclude_categories=["C"]), max_size=30).map(str.strip),
    "state": st.sampled_from(["idea", "proposed", "dropped"]),
    "earliest": st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    "done_share": st.floats(0, 1, width=32),
    "ramp": st.integers(0, 60),
    "owner": st.sampled_from([None, "p-head", "p-eng"]),
    "pin": st.sampled_from(["free", "in", "out"]),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.fixed_dictionaries({}, optional=VALUES))
def test_exactly_the_fields_that_differ_are_named(cast, edits):
    """Whatever is edited meanwhile: the fields named are those whose values differ, with both values."""
    key = f"H-{Initiative.objects.count()}"
    write(
        service("t"),
        [Change("initiative", key, {"name_en": "Held", "owner": "p-head", "earliest": "2027-01-01"}, new=True)],
        "t",
    )
    before = Initiative.objects.get(key=key)
    proposal = proposing.fund(cast.cto, key)
    write(service("t"), [Change("initiative", key, edits)], "t")
    after = Initiative.objects.get(key=key)
    columns = {name: "owner_id" if name == "owner" else name for name in VALUES}
    expected = {name for name, column in columns.items() if getattr(before, column) != getattr(after, column)}
    found = differences.moved(differences.entries(Proposal.objects.get(pk=proposal.pk).changes))
    assert {m.field for m in found} == expected
    assert (deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT) == (not expected)
