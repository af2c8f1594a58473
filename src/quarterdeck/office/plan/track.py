"""How far estimates come true here: the company's own record, shrunk towards the field's while it is short."""

import math
from dataclasses import dataclass

from quarterdeck.engines.programme import Bias

PRIOR = 8.0  # past initiatives that the field's record weighs as much as
SHARED = (
    0.3  # part of the variance taken to be common to all initiatives of a company; one company's record cannot tell
)


@dataclass(frozen=True)
class Field:
    """What is known of projects at large: median of actual over planned, and the spread of its logarithm."""

    median: float
    spread: float


# Effort: mean overrun about 30 % over the surveys reviewed by Moløkken and Jørgensen (2003), "A review of surveys on
# software
# effort estimation", ISESE. A lognormal factor of median 1.2 and log-spread 0.4 has the mean 1.30. Durations and
# benefits are
# taken alike, benefits turned round: what overruns in cost falls short in benefit.
EFFORT = Field(1.2, 0.4)
DURATION = Field(1.2, 0.3)
BENEFIT = Field(1 / 1.2, 0.4)


def own(pairs: list[tuple[float, float]]) -> Field | None:
    """Median and spread of actual over planned in the company's own record; None where it has fewer than two."""
    logs = [math.log(actual / planned) for planned, actual in pairs if planned > 0 and actual > 0]
    if len(logs) < 2:
        return None
    mean = sum(logs) / len(logs)
    variance = sum((log - mean) ** 2 for log in logs) / (len(logs) - 1)
    return Field(math.exp(mean), math.sqrt(variance))


def bias(pairs: list[tuple[float, float]], field: Field) -> Bias:
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
