"""Hotspots: files that are large, change much, and whose changes mend defects."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from quarterdeck.engines.knowledge.history import History
from quarterdeck.engines.knowledge.records import Inputs

NO_LINES = "the source does not count lines"
NO_FIXES = "the source does not say which changes mend defects"


@dataclass(frozen=True)
class Hotspot:
    """A file that is worth mending: score = churn × lines × share of fixes.

    changes: touches in the period. churn: lines added and removed in the period. lines: the file's size now. fix_share:
    part of the changes that mend a defect, low and high from its Wilson score interval. score_low, score_high: with
    these.
    """

    path: str
    score: float
    score_low: float
    score_high: float
    changes: int
    churn: int
    lines: int
    fixes: int
    fix_share: float


@dataclass(frozen=True)
class Hotspots:
    """The files with the highest score. changed: files changed in the period; no_size: of these, without known size."""

    files: tuple[Hotspot, ...]
    changed: int
    no_size: int
    missing: str = ""


def sizes(inputs: Inputs, history: History) -> np.ndarray:
    """Lines of each file now: as given, else added less removed since its creation on record; -1 where not known."""
    counted = _counted(inputs, history)
    if inputs.files is None:
        return counted
    given = {file.path: file.lines for file in inputs.files}
    told = np.array([-1 if given[path] is None else given[path] for path in history.paths], dtype=np.int64)
    return np.where(told >= 0, told, counted)


def _counted(inputs: Inputs, history: History) -> np.ndarray:
    """Lines added less removed since a file's creation on record; -1 where that, or a binary file, does not tell."""
    number = len(history.paths)
    standing = history.touched.home >= 0
    file = history.touched.home[standing]
    net = _lines(inputs.touches.added) - _lines(inputs.touches.removed)
    lines = np.bincount(file, weights=net[standing], minlength=number)
    binary = np.bincount(file, weights=_absent(inputs.touches.added)[standing], minlength=number) > 0
    creations = (
        np.array(inputs.touches.created, dtype=bool) if inputs.touches.created else np.zeros(len(net), dtype=bool)
    )
    begun = np.bincount(file, weights=creations[standing], minlength=number) > 0
    return np.where(begun & ~binary & (lines >= 0), lines, -1).astype(np.int64)


def _lines(column: tuple[int | None, ...]) -> np.ndarray:
    """A column of lines, 0 where there are none."""
    return np.array([each or 0 for each in column], dtype=np.int64)


def _absent(column: tuple[int | None, ...]) -> np.ndarray:
    """Where a column has no value."""
    return np.array([each is None for each in column], dtype=bool)


def share_bounds(hits: np.ndarray, total: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Wilson score bounds of shares, element by element; total above 0. Source: Wilson (1927), JASA 22(158)."""
    z = float(ndtri(0.5 + confidence / 2))
    share = hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = np.where(hits == 0, 0.0, np.maximum(centre - half, 0.0))
    return low, np.where(hits == total, 1.0, np.minimum(centre + half, 1.0))


def find_hotspots(inputs: Inputs, history: History) -> Hotspots:
    """The files with the highest score among those changed in the period. A file's creation is not a change of it."""
    touches, touched, number = inputs.touches, history.touched, len(history.paths)
    counted = (touched.file >= 0) & ~touched.created
    if inputs.recent_from is not None:
        counted &= touched.order >= inputs.recent_from
    file = touched.file[counted]
    changes = np.bincount(file, minlength=number)
    if not touches.added or not touches.removed or not touches.fix:
        return Hotspots((), int((changes > 0).sum()), 0, NO_FIXES if touches.added and touches.removed else NO_LINES)
    churn = np.bincount(file, weights=(_lines(touches.added) + _lines(touches.removed))[counted], minlength=number)
    fixes = np.bincount(file, weights=np.array(touches.fix, dtype=bool)[counted], minlength=number).astype(np.int64)
    lines = sizes(inputs, history)
    scored = np.flatnonzero((changes > 0) & (lines >= 0))
    low, high = share_bounds(fixes[scored], changes[scored], inputs.confidence)
    weight = churn[scored] * lines[scored]
    share = fixes[scored] / changes[scored]
    order = np.lexsort((scored, -changes[scored], -weight * share))[: inputs.hotspots]
    listed = tuple(
        Hotspot(
            history.paths[scored[place]],
            float(weight[place] * share[place]),
            float(weight[place] * low[place]),
            float(weight[place] * high[place]),
            int(changes[scored[place]]),
            int(churn[scored[place]]),
            int(lines[scored[place]]),
            int(fixes[scored[place]]),
            float(share[place]),
        )
        for place in order.tolist()
        if weight[place] * share[place] > 0
    )
    return Hotspots(listed, int((changes > 0).sum()), int(((changes > 0) & (lines < 0)).sum()))
