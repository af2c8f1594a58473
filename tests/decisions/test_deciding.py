"""Who may confirm, decline, withdraw and advise; what carrying out writes; what a second click does."""

import json
from dataclasses import replace
from datetime import date

import pytest

from quarterdeck.decisions import deciding, ledger, proposing
from quarterdeck.decisions.models import Proposal, State, Step, Turn
from quarterdeck.decisions.policy import on_carried_out
from quarterdeck.decisions.sorts import FUNDED, PLAN
from quarterdeck.estate.models import Initiative, Person, Skill
from quarterdeck.kinds import history
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.models import Commit, User, Version
from quarterdeck.kinds.roles import Denied, company, service
from quarterdeck.kinds.users import make_token, reader_of_token
from quarterdeck.kinds.write import Change, Refused, write

pytestmark = pytest.mark.django_db
DROP = [Change("initiative", "I-1", {"state": "dropped"})]


def state(key: str = "I-1") -> str:
    return Initiative.objects.get(key=key).state


@pytest.fixture
def proposal(cast) -> Proposal:
    """The head of department asks that I-1 be funded."""
    return proposing.fund(cast.head, "I-1", "It pays back.")


class TestConfirming:
    @pytest.mark.parametrize("who", ["cto", "manager"])
    def test_carries_out_at_once(self, cast, proposal, who):
        found = deciding.confirm(getattr(cast, who), proposal.key, "Good.")
        assert (found.state, state()) == (State.CARRIED_OUT, "funded")
        assert found.closed is not None
        assert [(t.before, t.after) for t in found.turns.all()] == [
            ("", "proposed"),
            ("proposed", "confirmed"),
            ("confirmed", "carried-out"),
        ]

    def test_stands_in_the_history_with_proposer_and_confirmer(self, cast, proposal):
        found = deciding.confirm(cast.manager, proposal.key)
        commit = Commit.objects.get(number=found.commit)
        assert json.loads(commit.authority) == {
            "by": "service:decisions", "decision": proposal.key, "proposer": "user:ada", "confirmer": "user:gao",
        }  # fmt: skip
        assert (commit.source, commit.changes) == (f"decision {proposal.key}", 1)
        (version,) = Version.objects.filter(began=commit.number)
        assert (version.kind, version.key, json.loads(version.values)["state"]) == ("initiative", "I-1", "funded")
        assert list(history.verify()) == []

    def test_remembers_who_and_what_they_said(self, cast, proposal):
        deciding.confirm(cast.manager, proposal.key, "Good.")
        step = Step.objects.get(proposal=proposal, role="general-manager")
        assert (step.verdict, step.comment, step.answered_user, step.answered_person) == (
            "confirmed",
            "Good.",
            "gao",
            "p-gm",
        )
        other = Step.objects.get(proposal=proposal, role="cto")
        assert (other.verdict, other.answered) == ("", None)
        assert Turn.objects.get(proposal=proposal, after="confirmed").user == "gao"

    def test_tells_whom_the_policy_names(self, cast, proposal):
        assert not proposal.steps.filter(part="told").exists()
        deciding.confirm(cast.cto, proposal.key)
        assert set(proposal.steps.filter(part="told").values_list("role", flat=True)) == {
            "direct-subordinate", "head-of-department", "finance",
        }  # fmt: skip

    @pytest.mark.parametrize("who", ["direct", "finance", "auditor"])
    def test_denied_to_others_who_see_it(self, cast, proposal, who):
        for act in (deciding.confirm, lambda r, k: deciding.decline(r, k, "no")):
            with pytest.raises(Denied):
                act(getattr(cast, who), proposal.key)
        assert (Proposal.objects.get().state, state()) == ("proposed", "proposed")

    @pytest.mark.parametrize("who", ["engineer", "administrator"])
    def test_not_there_for_those_who_do_not_see_it(self, cast, proposal, who):
        reader = getattr(cast, who)
        for act in (deciding.confirm, deciding.withdraw, lambda r, k: deciding.decline(r, k, "no"),
                    lambda r, k: deciding.advise(r, k, True), lambda r, k: deciding.remark(r, k, "x"),
                    lambda r, k: deciding.consult(r, k, role="hr")):  # fmt: skip
            with pytest.raises(NotFound):
                act(reader, proposal.key)

    def test_a_second_click_changes_nothing(self, cast, proposal):
        first = deciding.confirm(cast.manager, proposal.key)
        for reader in (cast.manager, cast.cto):
            again = deciding.confirm(reader, proposal.key)
            assert (again.state, again.commit) == (State.CARRIED_OUT, first.commit)
        assert Turn.objects.filter(proposal=proposal, after="carried-out").count() == 1
        assert Commit.objects.filter(source=f"decision {proposal.key}").count() == 1

    def test_a_refused_comment_confirms_nothing(self, cast, proposal):
        for comment in ("x" * 10_001, "nul\x00"):
            with pytest.raises(Refused):
                deciding.confirm(cast.manager, proposal.key, comment)
        assert state() == "proposed"

    def test_blind_confirmation_is_denied(self, cast, policies, edit):
        """Who may not see pay cannot confirm a decision that changes it."""
        edit("person", "p-eng", salary="300000")
        found = proposing.propose(cast.cto, "pay", "Raise", [Change("person", "p-eng", {"salary": "330000"})])
        with pytest.raises(Denied, match="may not see"):
            deciding.confirm(cast.finance, found.key)
        assert str(Person.objects.get(key="p-eng").salary) == "300000.00"
        assert deciding.confirm(cast.manager, found.key).state == State.CARRIED_OUT
        assert str(Person.objects.get(key="p-eng").salary) == "330000.00"


class TestOwn:
    def test_by_user(self, cast):
        proposal = proposing.fund(cast.cto, "I-1")
        for act in (deciding.confirm, lambda r, k: deciding.decline(r, k, "no")):
            with pytest.raises(Denied, match="your own"):
                act(cast.cto, proposal.key)
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT

    def test_the_same_person_under_another_user(self, cast, make_user):
        proposal = proposing.fund(cast.cto, "I-1")
        twin = make_user("chen-second", "general-manager", person="P-CTO")
        with pytest.raises(Denied, match="your own"):
            deciding.confirm(twin, proposal.key)
        assert ledger.inbox(twin) == []

    def test_the_same_person_by_a_former_key(self, cast, make_user, edit):
        proposal = proposing.fund(cast.cto, "I-1")
        edit("person", "p-cto", key="p-001")
        for key in ("p-001", "p-cto"):
            with pytest.raises(Denied, match="your own"):
                deciding.confirm(make_user(f"twin-{key}", "general-manager", person=key), proposal.key)

    def test_a_person_given_to_the_proposer_afterwards(self, cast, make_user):
        proposal = proposing.fund(cast.direct, "I-1")
        User.objects.filter(username="dora").update(person="p-gm")
        with pytest.raises(Denied, match="your own"):
            deciding.confirm(cast.manager, proposal.key)
        assert ledger.inbox(cast.manager) == []

    def test_a_person_key_without_a_record_still_counts(self, cast, make_user):
        proposal = proposing.fund(make_user("x-one", "cto", person="p-77"), "I-1")
        with pytest.raises(Denied, match="your own"):
            deciding.confirm(make_user("x-two", "general-manager", person="P-77"), proposal.key)

    def test_not_through_a_token_either(self, cast):
        proposal = proposing.fund(cast.cto, "I-1")
        user = User.objects.get(username="chen")
        for rights in ("write", "read", "import"):
            _user, token = reader_of_token(make_token(user, rights, rights))
            with pytest.raises((Denied, NotFound)):
                deciding.confirm(token, proposal.key)
        assert state() == "proposed"

    def test_proposed_through_a_token_is_still_ones_own(self, cast):
        _user, token = reader_of_token(make_token(User.objects.get(username="chen"), "t", "write"))
        proposal = proposing.fund(token, "I-1")
        with pytest.raises(Denied, match="your own"):
            deciding.confirm(cast.cto, proposal.key)

    def test_nobody_advises_on_their_own(self, cast, make_user):
        both = make_user("both", "head-of-department", "finance")
        proposal = proposing.fund(both, "I-1")
        with pytest.raises(Denied):
            deciding.advise(both, proposal.key, True)


class TestTokens:
    @pytest.mark.parametrize("rights", ["read", "import"])
    def test_that_may_not_write_decide_nothing(self, cast, proposal, rights):
        _user, token = reader_of_token(make_token(User.objects.get(username="gao"), "t", rights))
        with pytest.raises(Denied):
            deciding.confirm(token, proposal.key)

    def test_that_write_confirm_as_their_user(self, cast, proposal):
        _user, token = reader_of_token(make_token(User.objects.get(username="gao"), "t", "write"))
        found = deciding.confirm(token, proposal.key)
        assert json.loads(Commit.objects.get(number=found.commit).authority)["confirmer"] == "token:gao/t"
        assert Step.objects.get(proposal=proposal, verdict="confirmed").answered_user == "gao"

    @pytest.mark.parametrize("reader", [company, service("x").reader])
    def test_services_decide_nothing(self, cast, proposal, reader):
        with pytest.raises(Denied):
            deciding.confirm(reader, proposal.key)


class TestDeclining:
    def test_says_why(self, cast, proposal):
        found = deciding.decline(cast.manager, proposal.key, "Too dear.")
        assert (found.state, state()) == (State.DECLINED, "proposed")
        turn = Turn.objects.get(proposal=proposal, after="declined")
        assert (turn.user, turn.comment, turn.before) == ("gao", "Too dear.", "proposed")

    @pytest.mark.parametrize("comment", ["", "  \n"])
    def test_not_without_a_reason(self, cast, proposal, comment):
        with pytest.raises(Refused, match="say why"):
            deciding.decline(cast.manager, proposal.key, comment)
        assert Proposal.objects.get().state == State.PROPOSED

    def test_twice_is_once(self, cast, proposal):
        deciding.decline(cast.manager, proposal.key, "no")
        assert deciding.decline(cast.cto, proposal.key, "no").state == State.DECLINED
        assert Turn.objects.filter(proposal=proposal, after="declined").count() == 1

    def test_ends_it(self, cast, proposal):
        deciding.decline(cast.manager, proposal.key, "no")
        for act in (
            lambda: deciding.confirm(cast.cto, proposal.key),
            lambda: deciding.withdraw(cast.head, proposal.key),
            lambda: deciding.advise(cast.finance, proposal.key, True),
            lambda: deciding.consult(cast.cto, proposal.key, role="hr"),
        ):
            with pytest.raises(ledger.Closed) as closed:
                act()
            assert closed.value.state == State.DECLINED
        assert state() == "proposed"


class TestWithdrawing:
    def test_by_the_proposer(self, cast, proposal):
        found = deciding.withdraw(cast.head, proposal.key, "Not now.")
        assert found.state == State.WITHDRAWN
        assert Turn.objects.get(proposal=proposal, after="withdrawn").comment == "Not now."
        assert deciding.withdraw(cast.head, proposal.key).turns.count() == 2

    @pytest.mark.parametrize("who", ["cto", "manager", "finance", "direct", "auditor"])
    def test_by_nobody_else(self, cast, proposal, who):
        with pytest.raises(Denied):
            deciding.withdraw(getattr(cast, who), proposal.key)

    def test_not_after_it_was_carried_out(self, cast, proposal):
        deciding.confirm(cast.cto, proposal.key)
        with pytest.raises(ledger.Closed):
            deciding.withdraw(cast.head, proposal.key)

    def test_ends_it(self, cast, proposal):
        deciding.withdraw(cast.head, proposal.key)
        for act in (
            lambda: deciding.confirm(cast.cto, proposal.key),
            lambda: deciding.decline(cast.cto, proposal.key, "no"),
        ):
            with pytest.raises(ledger.Closed):
                act()


class TestConsulting:
    def test_is_recorded_and_blocks_nothing(self, cast, proposal):
        assert deciding.confirm(cast.cto, proposal.key).state == State.CARRIED_OUT
        assert Step.objects.get(proposal=proposal, part="consulted").verdict == ""

    def test_an_objection_is_recorded_and_blocks_nothing(self, cast, proposal):
        deciding.advise(cast.finance, proposal.key, False, "No cover.")
        step = Step.objects.get(proposal=proposal, part="consulted")
        assert (step.verdict, step.comment, step.answered_by) == ("objects", "No cover.", "user:fei")
        assert deciding.confirm(cast.cto, proposal.key).state == State.CARRIED_OUT

    def test_an_objection_needs_words(self, cast, proposal):
        with pytest.raises(Refused, match="against"):
            deciding.advise(cast.finance, proposal.key, False)

    def test_advice_is_given_once(self, cast, proposal, make_user):
        deciding.advise(cast.finance, proposal.key, True, "first")
        deciding.advise(cast.finance, proposal.key, False, "second")
        assert Step.objects.get(proposal=proposal, part="consulted").comment == "first"
        with pytest.raises(Denied):
            deciding.advise(make_user("fritz", "finance"), proposal.key, True)

    @pytest.mark.parametrize("who", ["cto", "manager", "head", "direct", "auditor"])
    def test_those_not_consulted_do_not_advise(self, cast, proposal, who):
        with pytest.raises(Denied):
            deciding.advise(getattr(cast, who), proposal.key, True)

    def test_further_roles_and_persons(self, cast, proposal):
        deciding.consult(cast.cto, proposal.key, role="hr", question="People?")
        step = deciding.consult(cast.head, proposal.key, person="P-ENG", question="Can it be built?")
        assert (step.person, step.role) == ("p-eng", "")
        assert deciding.consult(cast.head, proposal.key, person="p-eng") == step
        assert [w.proposal for w in ledger.inbox(cast.engineer)] == [proposal]
        deciding.advise(cast.engineer, proposal.key, True, "Yes.")
        assert ledger.inbox(cast.engineer) == []
        assert Step.objects.get(pk=step.pk).answered_person == "p-eng"

    @pytest.mark.parametrize("who", ["finance", "direct", "auditor"])
    def test_not_asked_for_by_bystanders(self, cast, proposal, who):
        with pytest.raises(Denied):
            deciding.consult(getattr(cast, who), proposal.key, role="hr")

    @pytest.mark.parametrize("asked", [{}, {"role": "hr", "person": "p-eng"}, {"role": "king"}])
    def test_of_a_role_or_a_person(self, cast, proposal, asked):
        with pytest.raises(Refused):
            deciding.consult(cast.cto, proposal.key, **asked)

    def test_of_a_person_who_is_not_there(self, cast, proposal):
        with pytest.raises(NotFound):
            deciding.consult(cast.cto, proposal.key, person="p-none")

    def test_comments(self, cast, proposal):
        deciding.remark(cast.auditor, proposal.key, "Noted.")
        assert [(c.user, c.text) for c in proposal.comments.all()] == [("audrey", "Noted.")]
        with pytest.raises(Refused):
            deciding.remark(cast.auditor, proposal.key, " ")
        with pytest.raises(Denied):
            deciding.remark(replace(cast.auditor, rights="read"), proposal.key, "x")


class TestStages:
    @pytest.fixture
    def staged(self, cast, policies) -> Proposal:
        return proposing.propose(cast.direct, "two-stages", "Drop it", DROP)

    def test_one_after_the_other(self, cast, staged):
        with pytest.raises(Denied, match="others confirm it first"):
            deciding.confirm(cast.manager, staged.key)
        assert deciding.confirm(cast.cto, staged.key).state == State.PROPOSED
        assert state() == "proposed"
        found = deciding.confirm(cast.manager, staged.key)
        assert (found.state, state()) == (State.CARRIED_OUT, "dropped")
        authority = json.loads(Commit.objects.get(number=found.commit).authority)
        assert authority["confirmer"] == "user:chen, user:gao"

    def test_never_twice_by_the_same_person(self, cast, staged, make_user):
        """The CTO's roles are asked at both stages; the second click, and a second user, still count once."""
        deciding.confirm(cast.cto, staged.key)
        assert deciding.confirm(cast.cto, staged.key).state == State.PROPOSED
        assert (
            deciding.confirm(make_user("chen-2", "general-manager", person="p-cto"), staged.key).state == State.PROPOSED
        )
        assert state() == "proposed"

    def test_declined_at_the_second(self, cast, staged):
        deciding.confirm(cast.cto, staged.key)
        assert deciding.decline(cast.manager, staged.key, "no").state == State.DECLINED
        assert state() == "proposed"


class TestCarryingOut:
    def test_everything_or_nothing(self, cast, policies):
        changes = [
            Change("skill", "rust", {"name_en": "Rust"}, new=True),
            Change(
                "effort",
                "",
                {"initiative": "I-1", "skill": "rust", "months_low": 1, "months_likely": 2, "months_high": 3},
            ),
            Change("initiative", "I-2", None),
        ]
        proposal = proposing.propose(cast.cto, "two-stages", "Much", changes)
        found = deciding.confirm(cast.manager, proposal.key)
        assert found.state == State.CARRIED_OUT
        assert Skill.objects.filter(key="rust").exists()
        assert not Initiative.objects.filter(key="I-2").exists()
        assert Commit.objects.get(number=found.commit).changes == 3

    def test_hooks_are_called_inside(self, cast, policies):
        calls = []
        on_carried_out("two-stages", lambda p, w: calls.append((p.key, p.state, w.updated)))
        proposal = proposing.propose(cast.cto, "two-stages", "Drop", DROP)
        deciding.confirm(cast.manager, proposal.key)
        deciding.confirm(cast.manager, proposal.key)
        assert calls == [(proposal.key, "carried-out", 1)]

    def test_a_failing_hook_takes_everything_back(self, cast, policies):
        def fail(proposal, written):
            raise RuntimeError("baseline")

        on_carried_out("two-stages", fail)
        proposal = proposing.propose(cast.cto, "two-stages", "Drop", DROP)
        before = Commit.objects.count()
        with pytest.raises(RuntimeError):
            deciding.confirm(cast.manager, proposal.key)
        assert (Proposal.objects.get().state, state(), Commit.objects.count()) == ("proposed", "proposed", before)
        assert not Step.objects.exclude(verdict="").exists()
        assert [t.after for t in proposal.turns.all()] == ["proposed"]

    def test_other_sorts_hooks_are_not_called(self, cast, policies, proposal):
        on_carried_out("two-stages", lambda p, w: pytest.fail("not this sort"))
        deciding.confirm(cast.manager, proposal.key)

    def test_since_when_it_is_true(self, cast):
        change = Change("initiative", "I-1", {"state": "funded"}, effective=date(2026, 12, 1))
        proposal = proposing.propose(cast.cto, FUNDED, "Fund", [change])
        found = deciding.confirm(cast.manager, proposal.key)
        assert Version.objects.get(began=found.commit).effective == date(2026, 12, 1)

    def test_the_proposer_may_have_lost_the_role_meanwhile(self, cast, proposal):
        """What counts is that they could when they proposed, and that somebody else confirmed."""
        User.objects.get(username="ada").groups.clear()
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT

    def test_the_plan(self, cast):
        proposal = proposing.propose(cast.cto, PLAN, "Plan", [Change("initiative", "I-1", {"earliest": "2027-01-01"})])
        with pytest.raises(Denied):
            deciding.confirm(cast.finance, proposal.key)
        assert deciding.confirm(cast.manager, proposal.key).state == State.CARRIED_OUT

    def test_what_was_written_meanwhile_elsewhere_stays(self, cast, proposal):
        write(service("t"), [Change("initiative", "I-2", {"description": "kept"})], "t")
        deciding.confirm(cast.manager, proposal.key)
        assert Initiative.objects.get(key="I-2").description == "kept"
