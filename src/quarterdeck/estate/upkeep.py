"""What part of working time operations take: as the plan's frame says, else as issues and incidents tell."""

from quarterdeck.engines.programme import Estimate
from quarterdeck.runs import figures
from quarterdeck.runs.analysis import Gathering

KINDS = ("plan-frame",)
FIGURE = "delivery.operations_share"


def share(gathering: Gathering) -> Estimate | None:
    """Low, likely and high share of working time; None where nobody has said and the evidence cannot tell."""
    frame = next(iter(gathering.rows("plan-frame", current=True)), None)
    if frame is not None and frame["operations_share_likely"] is not None:
        return Estimate(*(float(frame[f"operations_share_{point}"]) for point in ("low", "likely", "high")))
    return measured(gathering)


def measured(gathering: Gathering) -> Estimate | None:
    """The share as the evidence of the last half year tells, with its interval; None where it cannot."""
    found = figures.figure(gathering, FIGURE)
    if found is None or found.value is None or found.low is None or found.high is None:
        return None
    return Estimate(found.low, found.value, found.high)
