"""Where each key result stands: today's value, its drift, and what finished initiatives add to it.

In month m a key result stands at today's value, m months of drift, and the contributions of all that has finished by
that month's end. A contribution counts in full from its initiative's finish; it varies with its own estimate and with
the initiative's benefit bias.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats
from quarterdeck.engines.outlook.columns import Columns, occurrences, ranges
from quarterdeck.engines.programme import Initiative, KeyResult

ROUNDING = 1e-9  # of the way from today's value to the target, and of a month: what is met but for rounding is met


class Goals(NamedTuple):
    """Key results sorted by key (r of them) and the contributions to each in runs, by initiative."""

    today: Floats
    target: Floats
    due: Floats  # month
    drift: Floats  # a month
    drift_error: Floats
    drift_draw: NDArray[np.int64]  # normal column
    from_: NDArray[np.int64]  # (r + 1,)
    line: NDArray[np.int64]  # initiative, in the sorting of `Work`
    amount: NDArray[np.int64]  # PERT column


def build(results: list[KeyResult], chosen: list[Initiative], columns: Columns) -> Goals:
    """Lay out key results, sorted by key, and the contributions of the plan's initiatives."""
    runs: list[list[tuple[int, int]]] = [[] for _ in results]
    number = {result.key: r for r, result in enumerate(results)}
    for line, initiative in enumerate(chosen):
        repeats = occurrences([c.key_result for c in initiative.contributions])
        for c, nth in zip(initiative.contributions, repeats, strict=True):
            column = columns.pert(c.amount, "contribution", initiative.key, c.key_result, index=nth)
            runs[number[c.key_result]].append((line, column))
    return Goals(
        today=np.array([r.today for r in results], dtype=np.float64),
        target=np.array([r.target for r in results], dtype=np.float64),
        due=np.array([float(r.due) for r in results], dtype=np.float64),
        drift=np.array([r.drift for r in results], dtype=np.float64),
        drift_error=np.array([r.drift_error for r in results], dtype=np.float64),
        drift_draw=np.array([columns.normal("key result drift", r.key) for r in results], dtype=np.int64),
        from_=ranges([len(run) for run in runs]),
        line=np.array([line for run in runs for line, _ in run], dtype=np.int64),
        amount=np.array([column for run in runs for _, column in run], dtype=np.int64),
    )


@njit(cache=True)
def attained(goals, pert, normal, factor, t, finish, r, month):
    """Part of the way from today's value to the target that key result r has gone in a month.

    Where the target is today's value, there is no way to go: 1 while the value is at least that, 0 below.
    """
    drift = goals.drift[r] + goals.drift_error[r] * normal[goals.drift_draw[r], t]
    gone = drift * month
    for c in range(goals.from_[r], goals.from_[r + 1]):
        i = goals.line[c]
        if finish[i] <= month + 1.0 + ROUNDING:
            gone += pert[goals.amount[c], t] * factor[i, t]
    gap = goals.target[r] - goals.today[r]
    if gap == 0.0:
        return 1.0 if gone >= -ROUNDING * max(1.0, abs(goals.target[r])) else 0.0
    return gone / gap


@njit(cache=True)
def measure(goals, pert, normal, factor, t, finish, met, attainment):
    """Fill met (r,) and attainment (r, quarters) of a trial."""
    for r in range(len(goals.today)):
        met[r] = attained(goals, pert, normal, factor, t, finish, r, goals.due[r]) >= 1.0 - ROUNDING
        for quarter in range(attainment.shape[1]):
            month = 3.0 * quarter + 2.0  # the quarter's last
            attainment[r, quarter] = attained(goals, pert, normal, factor, t, finish, r, month)
