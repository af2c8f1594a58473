"""Who sees a proposal and from when on, what waits for whom, and that nothing of it is rewritten."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from quarterdeck.decisions import deciding, differences, ledger, proposing
from quarterdeck.decisions.models import Comment, Part, Proposal, Rewritten, State, Step, Turn
from quarterdeck.decisions.sorts import FUNDED
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.roles import Reader, company
from quarterdeck.kinds.write import Change

pytestmark = pytest.mark.django_db
FUND = [Change("initiative", "I-1", {"state": "funded"})]


class TestDrafts:
    def test_seen_by_their_author_alone(self, cast):
        proposal = proposing.draft(cast.head, FUNDED, "Fund", FUND)
        assert ledger.find(cast.head, proposal.key) == proposal
        for other in (cast.cto, cast.manager, cast.auditor, cast.finance, company):
            with pytest.raises(NotFound):
                ledger.find(other, proposal.key)
        assert ledger.inbox(cast.cto) == []

    def test_put_forward_on_what_is_true_then(self, cast, edit):
        proposal = proposing.draft(cast.head, FUNDED, "Fund", FUND)
        edit("initiative", "I-1", description="moved")
        proposal = proposing.submit(cast.head, proposal.key)
        assert proposal.state == State.PROPOSED
        assert proposal.steps.count() == 3
        assert differences.entries(proposal.changes)[0].seen["description"] == "moved"
        assert [t.after for t in proposal.turns.all()] == ["draft", "proposed"]
        assert proposing.submit(cast.head, proposal.key) == proposal
        assert proposal.steps.count() == 3

    def test_not_by_others_and_not_when_withdrawn(self, cast):
        proposal = proposing.draft(cast.head, FUNDED, "Fund", FUND)
        with pytest.raises(NotFound):
            proposing.submit(cast.cto, proposal.key)
        deciding.withdraw(cast.head, proposal.key)
        with pytest.raises(ledger.Closed):
            proposing.submit(cast.head, proposal.key)
        with pytest.raises(NotFound):
            ledger.find(cast.auditor, proposal.key)  # what was never put forward stays the author's

    def test_proposing_a_draft_again_puts_it_forward(self, cast):
        proposal = proposing.draft(cast.head, FUNDED, "Fund", FUND)
        assert proposing.propose(cast.head, FUNDED, "Fund", FUND).pk == proposal.pk
        assert ledger.find(cast.cto, proposal.key).state == State.PROPOSED


class TestWhoSees:
    def test_proposer_those_asked_and_those_who_see_everything(self, cast, make_user):
        proposal = proposing.fund(cast.head, "I-1")
        other_head = make_user("hans", "head-of-department")
        for seer in (cast.head, cast.cto, cast.manager, cast.finance, cast.auditor, cast.direct, company):
            assert ledger.find(seer, proposal.key) == proposal
        for other in (
            cast.engineer,
            cast.administrator,
            other_head,
            Reader("nobody"),
            replace(cast.cto, rights="import"),
        ):
            with pytest.raises(NotFound):
                ledger.find(other, proposal.key)
            assert proposal not in ledger.visible(other)

    def test_a_person_who_is_consulted_sees_it_from_then_on(self, cast, make_user):
        proposal = proposing.fund(cast.head, "I-1")
        deciding.consult(cast.cto, proposal.key, person="p-eng")
        assert ledger.find(cast.engineer, proposal.key)
        with pytest.raises(NotFound):
            ledger.find(make_user("erik", "engineer", person="p-fin2"), proposal.key)

    def test_those_told_see_it_once_it_is_decided(self, cast, make_user):
        proposal = proposing.fund(cast.direct, "I-1")
        with pytest.raises(NotFound):
            ledger.find(cast.head, proposal.key)
        deciding.confirm(cast.manager, proposal.key)
        assert ledger.find(cast.head, proposal.key).state == State.CARRIED_OUT
        with pytest.raises(NotFound):
            ledger.find(cast.engineer, proposal.key)

    @pytest.mark.parametrize("key", ["D-0", "D-", "D--1", "12", "D-1x", "D-99999999999999999999", "", "D-١"])
    def test_no_such_key(self, cast, key):
        with pytest.raises(NotFound):
            ledger.find(cast.cto, key)

    def test_key_without_case(self, cast):
        proposal = proposing.fund(cast.head, "I-1")
        assert ledger.find(cast.cto, proposal.key.lower()) == proposal


class TestInbox:
    def test_for_whom_it_waits(self, cast):
        proposal = proposing.fund(cast.head, "I-1")
        parts = {name: [w.part for w in ledger.inbox(getattr(cast, name))] for name in vars(cast)}
        assert parts == {
            "cto": [Part.CONFIRMER], "manager": [Part.CONFIRMER], "finance": [Part.CONSULTED], "head": [], "direct": [],
            "engineer": [], "auditor": [], "administrator": [],
        }  # fmt: skip
        assert ledger.waiting_count(cast.cto) == 1
        deciding.advise(cast.finance, proposal.key, True)
        deciding.confirm(cast.manager, proposal.key)
        assert all(ledger.inbox(getattr(cast, name)) == [] for name in vars(cast))

    def test_never_ones_own(self, cast):
        proposing.fund(cast.cto, "I-1")
        assert ledger.inbox(cast.cto) == []
        assert len(ledger.inbox(cast.manager)) == 1

    def test_by_deadline(self, cast):
        first, second = proposing.fund(cast.head, "I-1"), proposing.fund(cast.direct, "I-2")
        Proposal.objects.filter(pk=first.pk).update(deadline=date(2027, 1, 2))
        Proposal.objects.filter(pk=second.pk).update(deadline=date(2027, 1, 1))
        assert [w.proposal for w in ledger.inbox(cast.cto)] == [second, first]

    def test_a_later_stage_waits_for_the_one_before(self, cast, policies):
        proposal = proposing.propose(
            cast.direct, "two-stages", "x", [Change("initiative", "I-1", {"state": "dropped"})]
        )
        assert (ledger.waiting_count(cast.cto), ledger.waiting_count(cast.manager)) == (1, 0)
        deciding.confirm(cast.cto, proposal.key)
        assert (ledger.waiting_count(cast.cto), ledger.waiting_count(cast.manager)) == (0, 1)

    def test_nothing_for_services(self, cast):
        proposing.fund(cast.head, "I-1")
        assert ledger.inbox(company) == []


class TestNothingIsRewritten:
    def test_turns_and_comments(self, cast):
        proposal = proposing.fund(cast.head, "I-1")
        comment = deciding.remark(cast.cto, proposal.key, "Why now?")
        for row in (proposal.turns.get(), comment):
            for act in (
                row.save,
                row.delete,
                type(row).objects.all().delete,
                lambda r=row: type(r).objects.update(by="x"),
            ):
                with pytest.raises(Rewritten):
                    act()
        assert (Turn.objects.count(), Comment.objects.count()) == (1, 1)

    def test_a_verdict_is_given_once(self, cast):
        proposal = proposing.fund(cast.head, "I-1")
        step = Step.objects.get(proposal=proposal, role="cto")
        deciding.confirm(cast.cto, proposal.key)
        with pytest.raises(RuntimeError, match="verdict"):
            deciding._answer(
                step, SimpleNamespace(reader=cast.manager, user="g", person="", record=None), "declined", ""
            )
