"""What only a confirmed decision may do is not done by hand, whichever door is tried."""

import pytest

from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import ROLES, Authority, Reader, service
from quarterdeck.kinds.write import Change, Refused, preview, write

pytestmark = pytest.mark.django_db
CTO = Authority(Reader("user:cto", (ROLES["cto"],)))
PLAN = {"approved": "2026-11-20", "answer": 1, "outlook": 2, "worth": 1}


def _state(key: str) -> str:
    return str(Access(CTO.reader).select("initiative").one(key)["state"])


@pytest.mark.parametrize("state", ["funded", "running", "done"])
def test_by_hand_nothing_comes_to_be_funded(state: str) -> None:
    values = {"name_en": "New port", "started": "2026-01-01"}
    write(CTO, [Change("initiative", "port", {**values, "state": "proposed"})], "test")
    for change in (
        Change("initiative", "port", {"state": state}),
        Change("initiative", "other", {**values, "state": state}),
    ):
        assert [trouble.field for trouble in preview(CTO, [change]).troubles] == ["state"]
        with pytest.raises(Refused, match="confirmed decision"):
            write(CTO, [change], "test")
    assert _state("port") == "proposed"


def test_once_decided_it_moves_on_and_back_by_hand() -> None:
    values = {"name_en": "New port", "state": "funded", "started": "2026-01-01"}
    write(service("set-up"), [Change("initiative", "port", values)], "test")
    for state in ("running", "done", "dropped"):
        write(CTO, [Change("initiative", "port", {"state": state})], "test")
        assert _state("port") == state
    with pytest.raises(Refused, match="confirmed decision"):
        write(CTO, [Change("initiative", "port", {"state": "funded"})], "test")


def test_a_carried_out_decision_funds() -> None:
    write(CTO, [Change("initiative", "port", {"name_en": "New port"})], "test")
    decided = Authority(CTO.reader, decision="D-1", proposer="user:cto", confirmer="user:gm")
    write(decided, [Change("initiative", "port", {"state": "funded"})], "test")
    assert _state("port") == "funded"


def test_an_approved_plan_is_not_made_changed_or_deleted_by_hand() -> None:
    with pytest.raises(Refused, match="confirmed decision"):
        write(CTO, [Change("approved-plan", "mine", PLAN)], "test")
    write(service("set-up"), [Change("approved-plan", "theirs", PLAN)], "test")
    for change in (Change("approved-plan", "theirs", {"worth": 2}), Change("approved-plan", "theirs", None)):
        with pytest.raises(Refused, match="confirmed decision"):
            write(CTO, [change], "test")
