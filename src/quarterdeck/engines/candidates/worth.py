"""What a candidate would bring: expected loss avoided and money saved, a year, as intervals."""

import math
from collections.abc import Mapping, Sequence

from quarterdeck.engines.candidate import LossEffect, Money
from quarterdeck.engines.programme import Estimate, Scenario

NINETY = 1.6448536269514722  # 95 % quantile of the standard normal distribution
MONTHS = 12


def expected_loss(scenario: Scenario) -> float:
    """Expected annual loss: mean frequency × mean of the lognormal whose 5 % and 95 % quantiles are low and high.

    Mean exp(μ + σ²/2): Johnson, Kotz, Balakrishnan (1994), Continuous Univariate Distributions 1, chapter 14.
    """
    mu = (math.log(scenario.low) + math.log(scenario.high)) / 2
    sigma = (math.log(scenario.high) - math.log(scenario.low)) / (2 * NINETY)
    return scenario.frequency.mean * math.exp(mu + sigma * sigma / 2)


def avoided(effects: Sequence[LossEffect], scenarios: Mapping[str, Scenario]) -> Estimate | None:
    """Expected loss avoided a year, summed over the scenarios that are known; None where none is.

    The interval is that of the factors: the least is where both stand at their upper ends. It may be negative.
    """
    known = [(effect, expected_loss(scenarios[effect.scenario])) for effect in effects if effect.scenario in scenarios]
    if not known:
        return None
    return Estimate(
        sum(loss * (1 - e.frequency.high * e.magnitude.high) for e, loss in known),
        sum(loss * (1 - e.frequency.likely * e.magnitude.likely) for e, loss in known),
        sum(loss * (1 - e.frequency.low * e.magnitude.low) for e, loss in known),
    )


def saved(saving: Money | None, rates: Mapping[str, float]) -> Estimate | None:
    """Money saved a year in the currency that the rates lead to; None where nothing is or no rate is known."""
    if saving is None or saving.currency not in rates:
        return None
    factor = rates[saving.currency] * MONTHS
    return Estimate(float(saving.low) * factor, float(saving.likely) * factor, float(saving.high) * factor)
