"""What every section of the pack is made from: the answers, their words for this reader, and the anchors given out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from quarterdeck.engines.programme import Programme
from quarterdeck.kinds.roles import Reader
from quarterdeck.office.documents.figures import Anchors
from quarterdeck.office.plan.baseline import Baseline
from quarterdeck.office.plan.drift import DriftView
from quarterdeck.office.plan.names import Names
from quarterdeck.office.plan.view import LIKELY, PlanView
from quarterdeck.runs.answers import Answered


@dataclass(frozen=True)
class Approved:
    """The approved plan: as it was confirmed, kept as it is today, and where reality has left it, with its words."""

    baseline: Baseline
    kept: Answered
    drift: Answered
    view: DriftView


def likely(goals: Iterable[Any]) -> int:
    """How many of an outlook's key results are likely."""
    return sum(goal.met is not None and goal.met.probability >= LIKELY for goal in goals)


@dataclass(frozen=True)
class Ground:
    """Plan and outlook with everything said about them in the language in force."""

    plan: Answered
    outlook: Answered
    view: PlanView
    programme: Programme
    names: Names
    reader: Reader
    currency: str
    anchors: Anchors
    approved: Approved | None = None

    @property
    def chosen(self) -> Any:
        """The plan's result."""
        return self.plan.result

    @property
    def ahead(self) -> Any:
        """The outlook's result."""
        return self.outlook.result
