"""What is intended: the initiatives in reach with all that belongs to them, and the key results they move."""

from collections import defaultdict
from typing import Any

from quarterdeck.engines.programme import (
    Contribution,
    Control,
    Effort,
    Initiative,
    KeyResult,
    Pin,
    Precedence,
)
from quarterdeck.office.plan.frame import Frame, estimate, factor
from quarterdeck.runs import figures

IN_REACH = ("proposed", "funded", "running")  # states of initiatives that a plan is made over
_CHILDREN = {"effort": "", "contribution": "key_result", "treatment": "scenario", "precedence": ""}


def initiatives_of(frame: Frame, known: dict[str, set[str]]) -> tuple[Initiative, ...]:
    """Initiatives in reach. known: by link, the records that the programme holds; what names another is left out."""
    gathering = frame.gathering
    children = {
        kind: _by_initiative([row for row in gathering.rows(kind) if not link or row[link] in known[link]])
        for kind, link in _CHILDREN.items()
    }
    rows = [
        r
        for r in gathering.rows("initiative", state__in=list(IN_REACH), retired__empty=True)
        if r["duration_likely"] is not None
    ]
    names = {row.key for row in rows}
    return tuple(
        _initiative(frame, row, names, {kind: found.get(row.key, []) for kind, found in children.items()})
        for row in rows
    )


def _by_initiative(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["initiative"], []).append(row)
    return found


def _initiative(frame: Frame, row: Any, names: set[str], children: dict[str, list[Any]]) -> Initiative:
    running = row["state"] == "running" and row["started"] is not None
    return Initiative(
        key=row.key,
        duration=estimate(row, "duration"),
        efforts=tuple(Effort(r["skill"], estimate(r, "months")) for r in children["effort"]),
        earliest=max(0, frame.month(row["earliest"]) // 3) if row["earliest"] else 0,
        latest=frame.month(row["latest"]) // 3 if row["latest"] else None,
        mandate=frame.month(row["mandate"]) if row["mandate"] else None,
        capital=frame.priced(row, "capital"),
        running=frame.priced(row, "running_cost"),
        benefit=frame.priced(row, "benefit"),
        ramp=row["ramp"],
        benefit_months=row["benefit_months"],
        contributions=tuple(Contribution(r["key_result"], estimate(r, "amount")) for r in children["contribution"]),
        controls=tuple(
            Control.of(r["scenario"], factor(r, "frequency_factor"), factor(r, "magnitude_factor"))
            for r in children["treatment"]
        ),
        predecessors=tuple(Precedence(r["after"], r["lag"]) for r in children["precedence"] if r["after"] in names),
        excludes=row["excludes"] or None,
        pin=Pin.IN if row["state"] in ("funded", "running") and row["pin"] == "free" else Pin(row["pin"]),
        started=frame.month(row["started"]) // 3 if running else None,
        done=row["done_share"],
    )


def key_results_of(frame: Frame) -> tuple[KeyResult, ...]:
    """Key results with a value of today that is not the target yet."""
    found, moved = [], defaultdict[str, float](float)
    for row in frame.gathering.rows("contribution"):
        moved[row["key_result"]] += row["amount_likely"] or 0.0
    for row in frame.gathering.rows("key-result", retired__empty=True):
        today = _today(frame, row)
        if today is not None and not _reached(today, row["target"], moved[row.key]):
            due, worth = frame.month(row["due"]), frame.money(row["worth"], "")
            found.append(
                KeyResult(row.key, row["goal"], worth, today, row["target"], due, row["drift"], row["drift_error"])
            )
    return tuple(found)


def _today(frame: Frame, row: Any) -> float | None:
    """A key result's value of today: as measured where it is bound to a figure, else as somebody has entered it."""
    if not row["figure"]:
        entered: float | None = row["today"]
        return entered
    measured = figures.figure(frame.gathering, row["figure"])
    return measured.value if measured else None


def _reached(today: float, target: float, moved: float) -> bool:
    """Whether a value stands at its target, or beyond it: initiatives move it away from there."""
    return today == target or (target - today) * moved < 0
