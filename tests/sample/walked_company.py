"""Takes the example company through the product, from collecting to drift, and keeps what its analyses answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from types import ModuleType
from typing import Any

import pytest
from company_files import Example
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from quarterdeck.cli import line
from quarterdeck.decisions import deciding
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Authority, company, service
from quarterdeck.lake.models import Identity
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering

USERS = (("cto", "cto", ""), ("gm", "general-manager", ""))
NO_FRONTIER = {"frontier": "no"}
REPORTED = ("candidates", "structure", "knowledge", "exposure")
CHARGES = ("billing_period_start", "effective_cost", "currency")


@dataclass(frozen=True)
class Stage:
    """One collection: what is really so in the company then, and what the product answers."""

    truths: dict[str, Any]
    answered: dict[str, Any]  # name of an analysis → its result
    delivery: dict[str, Any]  # system → result; of all of them together under no name
    persons: dict[str, dict[str, Any]]  # key → what the records say
    emails: dict[str, str]  # pseudonym → address
    outcomes: list[dict[str, Any]]
    charges: Any  # frame

    def candidates(self, source: str) -> list[Any]:
        """What one source of candidates claims."""
        return [w.candidate for w in self.answered["candidates"].candidates if w.candidate.source == source]


@dataclass(frozen=True)
class Walked:
    """Both collections, the plan between them, and what the second says of it."""

    first: Stage
    later: Stage
    plan: Any
    programme: Any
    drift: Any
    moved: tuple[str, ...]  # people whose days changed since the approval


@contextmanager
def _on(day: date) -> Iterator[None]:
    """It is the evening of a day, and the clock goes on: what is collected then has happened."""
    evening, began = datetime.combine(day, time(20), UTC), monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: evening + timedelta(seconds=monotonic() - began))
        yield


def walk(example: Example, later: Example, lake: str) -> Iterator[Walked]:
    """The company in a home of its own, which is gone afterwards; the database must be open."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "LAKE_URL", lake)
        line.users(USERS, "of this test alone")
        with _on(date.fromisoformat(example.truths["collected"])):
            line.take_in(example.layout, _nothing, service("set-up"))
            first = _stage(example)
            plan, approved = _approve()
        with _on(date.fromisoformat(later.truths["collected"])):
            line.take_in(later.layout, _nothing, Authority(line.who("cto")))
            second = _stage(later)
            drift = answers.answer("drift", line.who("cto"), {"baseline": str(approved.plan.id)})
            moved = drifts.leavers(approved)
        yield Walked(first, second, plan.result, answers.inputs_of(plan).programme, drift.result, moved)
        transaction.set_rollback(True)


def _nothing(text: str) -> None:
    """Nobody listens."""


def _approve() -> tuple[Any, Any]:
    cto = line.who("cto")
    plan, outlook = (answers.answer(name, cto, NO_FRONTIER) for name in ("plan", "outlook"))
    deciding.confirm(line.who("gm"), baselines.propose(cto, plan, outlook, "EUR").key)
    approved = baselines.baseline()
    assert approved is not None
    return plan, approved


def _stage(example: Example) -> Stage:
    cto, access = line.who("cto"), Access(company)
    systems = [row.key for row in access.select("system").rows()]
    gathering = Gathering(company, timezone.localdate(), {}, ModuleType("no engine"))
    return Stage(
        example.truths,
        {name: answers.answer(name, cto).result for name in REPORTED},
        {key: answers.answer("delivery", cto, {"system": key}).result for key in ("", *systems)},
        {
            row.key: {name: row[name] for name in ("team", "start_date", "end_date")}
            for row in access.select("person").rows()
        },
        dict(Identity.objects.values_list("pseudonym", "email")),
        [{name: row[name] for name in _OUTCOME} for row in access.select("outcome").rows()],
        gathering.table("charges", *CHARGES),
    )


_OUTCOME = tuple(f"{when}_{what}" for what in ("effort", "months", "benefit") for when in ("planned", "actual"))
