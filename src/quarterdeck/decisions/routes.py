"""The REST API of decisions: list, read, propose funding, confirm, decline, withdraw, advise."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from quarterdeck.decisions import deciding, differences, ledger, proposing, showing
from quarterdeck.decisions.models import Proposal, Step
from quarterdeck.decisions.sight import Sight, sight
from quarterdeck.kinds import api
from quarterdeck.kinds.access import HIDDEN
from quarterdeck.kinds.roles import Reader

router = Router(tags=["decisions"])
REFUSALS: dict[Any, Any] = {**api.REFUSALS, 409: api.Problems}


class ChangeOut(Schema):
    """What becomes of one record; the values of fields that the reader may not see are left out."""

    kind: str
    key: str
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


class MovedOut(Schema):
    """A value that was not what it had been when the change was proposed."""

    kind: str
    key: str
    field: str
    before: Any = None
    now: Any = None
    reason: str = ""


class StepOut(Schema):
    """Somebody who was asked, and what they said."""

    part: str
    stage: int
    role: str
    person: str
    verdict: str
    comment: str
    asked: datetime
    answered: datetime | None
    answered_by: str


class Brief(Schema):
    """A decision in a list."""

    key: str
    sort: str
    title_en: str
    title_zh: str
    state: str
    proposer: str
    deadline: date | None
    proposed: datetime | None
    closed: datetime | None
    waits_for_you: bool


class DecisionOut(Brief):
    """A decision as its reader may see it."""

    reason: str
    changes: list[ChangeOut]
    hidden: int  # changes that the reader may not see
    moved: list[MovedOut]
    rests: list[int]
    steps: list[StepOut]


class Listed(Schema):
    """One page of decisions, the newest first; `next` is the key to go on after."""

    items: list[Brief]
    next: str | None


class Funding(Schema):
    """A proposal to fund an initiative."""

    initiative: str
    reason: str = ""
    answers: list[int] = Field(default_factory=list)


class Words(Schema):
    """What is said with an act."""

    comment: str = ""


class Advice(Words):
    """What somebody thinks who is consulted."""

    agrees: bool


def _brief(proposal: Proposal, waiting: set[int]) -> dict[str, Any]:
    names = ("key", "sort", "title_en", "title_zh", "state", "proposer", "deadline", "proposed", "closed")
    return {**{name: getattr(proposal, name) for name in names}, "waits_for_you": proposal.pk in waiting}


def _whole(proposal: Proposal, reader: Reader) -> dict[str, Any]:
    entries = differences.entries(proposal.changes)
    moves = [m for t in proposal.turns.all() for m in differences.moves(t.moved)]
    seen = sight(reader, [*entries, *showing.keyed(moves)])
    shown = [entry for entry in entries if seen.sees(entry)]
    waiting = {found.proposal.pk for found in ledger.inbox(reader)}
    return {
        **_brief(proposal, waiting),
        "reason": proposal.reason,
        "changes": [_change(entry, seen) for entry in shown],
        "hidden": len(entries) - len(shown),
        "moved": [_moved(one, seen) for one in moves],
        "rests": [rest.number for rest in showing.rests(proposal.rests, reader) if rest.title],
        "steps": [_step(step) for step in proposal.steps.all()],
    }


def _change(entry: differences.Entry, seen: Sight) -> dict[str, Any]:
    before, after = differences.opened(entry, entry.seen), differences.opened(entry, entry.values)
    fields = seen.fields(entry.kind)
    touched = [name for name in (after if entry.values is not None else before) if name in fields]
    return {
        "kind": entry.kind,
        "key": entry.key,
        "action": entry.action,
        "before": {name: differences.plain(before[name]) for name in touched if name in before},
        "after": {name: differences.plain(after[name]) for name in touched if name in after},
    }


def _moved(one: differences.Moved, seen: Sight) -> dict[str, Any]:
    entry = differences.Entry(one.kind, one.key, one.record, {})
    if not seen.sees(entry) or (one.field and one.field not in seen.fields(one.kind)):
        return {"kind": one.kind, "key": HIDDEN, "field": ""}
    before, now = differences.shown(one)
    return {
        "kind": one.kind,
        "key": one.key,
        "field": one.field,
        "before": before,
        "now": now,
        "reason": seen.reason(one.reason),
    }


def _step(step: Step) -> dict[str, Any]:
    names = ("part", "stage", "role", "person", "verdict", "comment", "asked", "answered", "answered_by")
    return {name: getattr(step, name) for name in names}


def _answer(reader: Reader, act: Any) -> Any:
    """The decision after an act, or 409 where its state does not allow it."""
    try:
        return Status(200, _whole(act(), reader))
    except ledger.Closed as closed:
        return Status(409, {"errors": [{"key": closed.key, "message": str(closed)}]})


@router.get("", response={200: Listed, **REFUSALS}, operation_id="list_decisions")
def index(
    request: HttpRequest,
    state: str = Query("", max_length=20),
    after: str = Query("", max_length=30),
    size: int = Query(50, ge=1, le=500),
) -> Any:
    """Decisions that you may see, the newest first."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    found = ledger.visible(reader).order_by("-pk")
    if state:
        found = found.filter(state=state)
    if after:
        found = found.filter(pk__lt=ledger.find(reader, after).pk)
    rows = list(found[: size + 1])
    waiting = {one.proposal.pk for one in ledger.inbox(reader)}
    items = [_brief(row, waiting) for row in rows[:size]]
    return {"items": items, "next": rows[size - 1].key if len(rows) > size else None}


@router.post("/fund", response={201: DecisionOut, **REFUSALS}, operation_id="propose_funding")
def fund(request: HttpRequest, payload: Funding) -> Any:
    """Propose that an initiative be funded."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    proposal = proposing.fund(reader, payload.initiative, payload.reason, payload.answers)
    return Status(201, _whole(proposal, reader))


@router.get("/{key}", response={200: DecisionOut, **REFUSALS}, operation_id="read_decision")
def read(request: HttpRequest, key: str) -> Any:
    """One decision that you may see."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    return _whole(ledger.find(reader, key), reader)


@router.post("/{key}/confirm", response={200: DecisionOut, **REFUSALS}, operation_id="confirm_decision")
def confirm(request: HttpRequest, key: str, payload: Words | None = None) -> Any:
    """Confirm a decision that waits for you; the last confirmation carries it out."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    return _answer(reader, lambda: deciding.confirm(reader, key, payload.comment if payload else ""))


@router.post("/{key}/decline", response={200: DecisionOut, **REFUSALS}, operation_id="decline_decision")
def decline(request: HttpRequest, key: str, payload: Words) -> Any:
    """Decline a decision that waits for you, and say why."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    return _answer(reader, lambda: deciding.decline(reader, key, payload.comment))


@router.post("/{key}/withdraw", response={200: DecisionOut, **REFUSALS}, operation_id="withdraw_decision")
def withdraw(request: HttpRequest, key: str, payload: Words | None = None) -> Any:
    """Take your own proposal back."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    return _answer(reader, lambda: deciding.withdraw(reader, key, payload.comment if payload else ""))


@router.post("/{key}/advise", response={200: DecisionOut, **REFUSALS}, operation_id="advise_decision")
def advise(request: HttpRequest, key: str, payload: Advice) -> Any:
    """Say what you think of a decision that you are consulted on."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    return _answer(reader, lambda: deciding.advise(reader, key, payload.agrees, payload.comment))
