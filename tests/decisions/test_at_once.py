"""Two at once: every pair of clicks ends in one of the two orders they could have come in, and never in both."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from quarterdeck.decisions import deciding, differences, ledger, proposing
from quarterdeck.decisions.models import Proposal, State, Step, Turn
from quarterdeck.estate.models import Initiative
from quarterdeck.kinds import history
from quarterdeck.kinds.models import Commit
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.write import Change, write

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Does everything in threads of its own, each with its own connection, from the same moment; what came of each."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return act()
        except ledger.Closed as closed:
            return closed
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def carried_out(key: str) -> int:
    return Commit.objects.filter(source=f"decision {key}").count()


def test_a_double_click(cast):
    proposal = proposing.fund(cast.head, "I-1")
    found = at_once(*[lambda: deciding.confirm(cast.manager, proposal.key)] * 4)
    assert {p.state for p in found} == {State.CARRIED_OUT}
    assert len({p.commit for p in found}) == carried_out(proposal.key) == 1
    assert Step.objects.filter(verdict="confirmed").count() == 1
    assert [t.after for t in proposal.turns.all()] == ["proposed", "confirmed", "carried-out"]


def test_two_confirmers(cast):
    proposal = proposing.fund(cast.head, "I-1")
    found = at_once(*[lambda r=r: deciding.confirm(r, proposal.key) for r in (cast.manager, cast.cto)])
    assert {p.state for p in found} == {State.CARRIED_OUT}
    assert carried_out(proposal.key) == 1
    assert Step.objects.filter(verdict="confirmed").count() == 1
    assert Step.objects.filter(part="told").count() == 3
    assert list(history.verify()) == []


def test_confirmed_and_withdrawn(cast):
    proposal = proposing.fund(cast.head, "I-1")
    found = at_once(
        lambda: deciding.confirm(cast.manager, proposal.key), lambda: deciding.withdraw(cast.head, proposal.key)
    )
    assert sorted(type(one).__name__ for one in found) == ["Closed", "Proposal"]
    state = Proposal.objects.get().state
    funded = Initiative.objects.get(key="I-1").state == "funded"
    assert (state, funded, carried_out(proposal.key)) in {("carried-out", True, 1), ("withdrawn", False, 0)}


def test_confirmed_and_declined(cast):
    proposal = proposing.fund(cast.head, "I-1")
    at_once(
        lambda: deciding.confirm(cast.manager, proposal.key), lambda: deciding.decline(cast.cto, proposal.key, "no")
    )
    verdicts = list(Step.objects.exclude(verdict="").values_list("verdict", flat=True))
    assert len(verdicts) == 1
    assert (Proposal.objects.get().state, carried_out(proposal.key)) in {("carried-out", 1), ("declined", 0)}


def test_two_proposals_for_one_record(cast):
    first, second = proposing.fund(cast.head, "I-1"), proposing.fund(cast.direct, "I-1")
    found = at_once(lambda: deciding.confirm(cast.manager, first.key), lambda: deciding.confirm(cast.cto, second.key))
    assert sorted(p.state for p in found) == [State.CARRIED_OUT, State.OVERTAKEN]
    turn = Turn.objects.get(after="overtaken")
    moved = [(m.key, m.field, m.before, m.now) for m in differences.moves(turn.moved)]
    assert moved == [("I-1", "state", "proposed", "funded")]


def test_confirmed_while_somebody_edits(cast):
    """Either the edit came first and the decision is overtaken, or it came after and stands on top of it."""
    proposal = proposing.fund(cast.head, "I-1")
    edit = [Change("initiative", "I-1", {"description": "edited"})]
    at_once(lambda: deciding.confirm(cast.manager, proposal.key), lambda: write(service("t"), edit, "t"))
    record = Initiative.objects.get(key="I-1")
    assert record.description == "edited"
    assert (Proposal.objects.get().state, record.state) in {("carried-out", "funded"), ("overtaken", "proposed")}


def test_the_same_proposed_twice(cast):
    found = at_once(*[lambda: proposing.fund(cast.head, "I-1")] * 3)
    assert len({p.pk for p in found}) == Proposal.objects.count() == 1
    assert Step.objects.count() == 3
    assert Turn.objects.count() == 1


def test_advised_twice(cast):
    proposal = proposing.fund(cast.head, "I-1")
    at_once(
        *[lambda agrees=agrees: deciding.advise(cast.finance, proposal.key, agrees, "x") for agrees in (True, False)]
    )
    assert Step.objects.filter(part="consulted").exclude(verdict="").count() == 1
