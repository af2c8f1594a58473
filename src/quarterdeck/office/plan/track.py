"""How far estimates come true here: the company's own record, shrunk towards the field's while it is short."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from quarterdeck.engines.programme import Bias

Pairs = list[tuple[float, float]]  # planned and actual

PRIOR = 8.0  # past initiatives that the field's record weighs as much as
# part of the variance taken to be common to all initiatives of a company; one company's record cannot tell
SHARED = 0.3
EIGHTY = 1.2815515655446004  # 90 % quantile of the standard normal distribution: between -z and z lie 80 %
FEWEST = 3  # past initiatives, before what the others would have said of one of them is tried


@dataclass(frozen=True)
class Field:
    """What is known of projects at large: median of actual over planned, and the spread of its logarithm."""

    median: float
    spread: float


@dataclass(frozen=True)
class Record:
    """One measure's record: the factor seen, the factor the plan reckons with, and how good its ranges were.

    Each range is the 80 % range of actual over planned. `held` counts the past initiatives whose actual lay within the
    range that the others alone would have given (leave-one-out); None where there are too few.
    """

    count: int
    seen: float | None  # median of actual over planned; None where there are fewer than two
    used: float
    low: float
    high: float
    held: int | None
    ratios: tuple[float, ...]


# Effort: mean overrun about 30 % over the surveys reviewed by Moløkken and Jørgensen (2003), "A review of surveys on
# software effort estimation", ISESE. A lognormal factor of median 1.2 and log-spread 0.4 has the mean 1.30. Durations
# and benefits are taken alike, benefits turned round: what overruns in cost falls short in benefit.
EFFORT = Field(1.2, 0.4)
DURATION = Field(1.2, 0.3)
BENEFIT = Field(1 / 1.2, 0.4)


def pairs(outcomes: Iterable[Any], planned: str, actual: str) -> Pairs:
    """Planned and actual of every past initiative (a row, read by field) that has both."""
    return [(float(row[planned]), float(row[actual])) for row in outcomes if row[planned] and row[actual]]


def own(pairs: Pairs) -> Field | None:
    """Median and spread of actual over planned in the company's own record; None where it has fewer than two."""
    logs = [math.log(actual / planned) for planned, actual in pairs if planned > 0 and actual > 0]
    if len(logs) < 2:
        return None
    mean = sum(logs) / len(logs)
    variance = sum((log - mean) ** 2 for log in logs) / (len(logs) - 1)
    return Field(math.exp(mean), math.sqrt(variance))


def bias(pairs: Pairs, field: Field) -> Bias:
    """The record's bias and spread, weighed with the field's as PRIOR past initiatives would (normal conjugate
    mean)."""
    found, count = own(pairs), len(pairs)
    if found is None:
        median, variance = field.median, field.spread**2
    else:
        weight = count / (count + PRIOR)
        median = math.exp(weight * math.log(found.median) + (1 - weight) * math.log(field.median))
        variance = weight * found.spread**2 + (1 - weight) * field.spread**2
    return Bias(median, math.sqrt(SHARED * variance), math.sqrt((1 - SHARED) * variance))


def record(pairs: Pairs, field: Field) -> Record:
    """What the past says of one measure, and how far the ranges made from it would have held it."""
    used, found = bias(pairs, field), own(pairs)
    held = None
    if len(pairs) >= FEWEST:
        others = [bias(pairs[:place] + pairs[place + 1 :], field) for place in range(len(pairs))]
        held = sum(
            low <= actual / planned <= high
            for (planned, actual), (low, high) in zip(pairs, map(span, others), strict=True)
        )
    ratios = tuple(actual / planned for planned, actual in pairs)
    return Record(len(pairs), found.median if found else None, used.median, *span(used), held, ratios)


def span(bias: Bias) -> tuple[float, float]:
    """The 80 % range of one initiative's factor."""
    spread = math.hypot(bias.common, bias.own)
    return bias.median * math.exp(-EIGHTY * spread), bias.median * math.exp(EIGHTY * spread)
