"""The baseline: the approved plan that reality is held against, and how a plan becomes it."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarterdeck.decisions import proposing
from quarterdeck.decisions.models import Proposal
from quarterdeck.decisions.sorts import PLAN
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.roles import Reader, company
from quarterdeck.kinds.text import Text
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered


@dataclass(frozen=True)
class Baseline:
    """The approved plan in force, with the answers it froze."""

    key: str
    plan: Answered
    outlook: Answered
    approved: date | None = None


def baseline() -> Baseline | None:
    """The approved plan in force; None where none was approved yet."""
    rows = Access(company).select("approved-plan").where(state="approved").ordered("-approved").rows(1)
    if not rows:
        return None
    return _held(rows[0])


def preceding(number: int) -> Baseline | None:
    """The approved plan that an answer is held against by whoever decides on it: the one it took the place of, else
    the one in force."""
    rows = sorted(Access(company).select("approved-plan").rows(), key=lambda row: row.id)
    place = next((place for place, row in enumerate(rows) if number in (row["answer"], row["outlook"])), None)
    if place is None:
        return baseline()
    return _held(rows[place - 1]) if place else None


def _held(found: Row) -> Baseline:
    return Baseline(found.key, answers.recall(found["answer"]), answers.recall(found["outlook"]), found["approved"])


def propose(reader: Reader, plan: Answered, outlook: Answered, currency: str, reason: str = "") -> Proposal:
    """Put a plan before the general manager: its initiatives funded, and the plan itself the new baseline.

    Raises Denied, write.Refused.
    """
    key = f"plan-{timezone.localdate().isoformat()}-{plan.id}"
    worth = round(plan.result.worth.total, 2)
    changes = [
        Change(
            "approved-plan",
            key,
            {
                "approved": timezone.localdate(),
                "answer": plan.id,
                "outlook": outlook.id,
                "worth": f"{worth:.2f}",
                "currency": currency,
                "initiatives": len(plan.result.plan.starts),
                "state": "approved",
            },
        )
    ]
    access = Access(reader)
    for row in access.select("approved-plan").where(state="approved").rows():
        changes.append(Change("approved-plan", row.key, {"state": "replaced"}))
    proposed = {row.key for row in access.select("initiative").where(state="proposed").rows()}
    changes += [
        Change("initiative", s.initiative, {"state": "funded"})
        for s in plan.result.plan.starts
        if s.initiative in proposed
    ]
    return proposing.propose(reader, PLAN, _title(plan), changes, (outlook.id, plan.id), reason)


def _title(plan: Answered) -> Text:
    halves = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            halves.append(_("Approve the plan with %(count)d initiatives") % {"count": len(plan.result.plan.starts)})
    return Text(*halves)
