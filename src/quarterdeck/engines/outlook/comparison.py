"""Two outlooks compared trial by trial, so that what both share falls out of the difference."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from quarterdeck.engines.draws import Floats
from quarterdeck.engines.outlook.result import Change, Difference, Result, Shift
from quarterdeck.engines.proportions import paired

NINETY = 1.6448536269514722  # 95 % quantile of the standard normal distribution
CONFIDENCE = 0.9


def difference(first: Result, second: Result) -> Difference:
    """The second outlook less the first, over the trials that both have; 0.0 exactly where the trials are equal.

    Intervals are the mean plus or minus 1.645 standard errors of the paired differences (central limit theorem); those
    of chances count the trials that gain and that lose.
    Raises ValueError if the seeds differ or trials were not kept: then nothing is paired.
    """
    if first.seed != second.seed:
        raise ValueError("outlooks with different seeds cannot be paired")
    if not first.kept.net_present_value or not second.kept.net_present_value:
        raise ValueError("only outlooks that keep their trials can be paired")
    trials = min(first.checks.trials, second.checks.trials)
    value = [np.array(result.kept.net_present_value[:trials]) for result in (first, second)]
    losses = [np.array(result.kept.losses[:trials]) for result in (first, second)]
    goals = [by_key((g.key_result for g in r.goals), r.kept.met, trials) for r in (first, second)]
    dates = [by_key((f.initiative for f in r.finishes), r.kept.finishes, trials) for r in (first, second)]
    people = [by_key(skills(result), result.kept.supply, trials) for result in (first, second)]
    named = [
        {f.initiative for f in r.finishes} | {g.key_result for g in r.goals} | set(skills(r)) for r in (first, second)
    ]
    return Difference(
        net_present_value=change("net present value", value[1] - value[0]),
        losses=change("losses", losses[1] - losses[0]),
        net_of_losses=change("net of losses", (value[1] - losses[1]) - (value[0] - losses[0])),
        met=tuple(change_of_chance(key, met - goals[0][key]) for key, met in goals[1].items() if key in goals[0]),
        finishes=tuple(shift(key, dates[0][key], row) for key, row in dates[1].items() if key in dates[0]),
        supply=tuple(shift(key, people[0][key], row) for key, row in people[1].items() if key in people[0]),
        unmatched=tuple(sorted(named[0] ^ named[1])),
    )


def by_key(keys: Iterable[str], rows: Sequence[Sequence[float | None]], trials: int) -> dict[str, Floats]:
    """Kept rows by their record's key, as numbers; what is not known is not a number."""
    if not rows:
        return {}
    return {key: np.array(row[:trials], dtype=np.float64) for key, row in zip(keys, rows, strict=True)}


def skills(result: Result) -> list[str]:
    """The skills of a result, in the order in which its supply is kept."""
    return sorted({entry.skill for entry in result.capacity})


def shift(name: str, first: Floats, second: Floats) -> Shift:
    """How a quantity moves in the trials that have it in both."""
    both = ~(np.isnan(first) | np.isnan(second))
    moved = change(name, second[both] - first[both])
    means = [float(np.mean(moments[both])) if both.any() else None for moments in (first, second)]
    return Shift(moved.name, moved.mean, moved.standard_error, moved.low, moved.high, *means)


def change(name: str, differences: Floats) -> Change:
    """Mean, standard error and interval of paired differences; all 0.0 if there is no pair to compare."""
    if not differences.any():
        return Change(name, 0.0, 0.0, 0.0, 0.0)
    mean = float(np.mean(differences))
    error = float(np.std(differences, ddof=1) / math.sqrt(len(differences))) if len(differences) > 1 else 0.0
    return Change(name, mean, error, mean - NINETY * error, mean + NINETY * error)


def change_of_chance(name: str, differences: Floats) -> Change:
    """The same for what is met (1) or not (0) in each trial, where a mean of equal differences would claim no error."""
    gained, lost = int(np.count_nonzero(differences > 0)), int(np.count_nonzero(differences < 0))
    if not gained and not lost:
        return Change(name, 0.0, 0.0, 0.0, 0.0)
    low, high = paired(gained, lost, len(differences), CONFIDENCE)
    return Change(name, (gained - lost) / len(differences), (high - low) / (2 * NINETY), low, high)
