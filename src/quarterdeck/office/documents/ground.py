"""What every section of the pack is made from: the answers, their words for this reader, and the anchors given out."""

from dataclasses import dataclass
from typing import Any

from quarterdeck.engines.programme import Programme
from quarterdeck.kinds.roles import Reader
from quarterdeck.office.documents.figures import Anchors
from quarterdeck.office.plan.drift import DriftView
from quarterdeck.office.plan.view import Names, PlanView
from quarterdeck.runs.answers import Answered


@dataclass(frozen=True)
class Drifted:
    """The drift from the approved plan: its answer, and its words."""

    answered: Answered
    view: DriftView


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
    drift: Drifted | None = None

    @property
    def chosen(self) -> Any:
        """The plan's result."""
        return self.plan.result

    @property
    def ahead(self) -> Any:
        """The outlook's result."""
        return self.outlook.result
