"""How often something comes back in a year, told from how often it came in the last."""

from scipy.stats import gamma

from quarterdeck.engines.candidates.effort import HIGH, LOW
from quarterdeck.engines.programme import Estimate


def yearly(count: int) -> Estimate:
    """Events a year where so many were counted in one: the middle eight of ten of the rate, likeliest as counted.

    The posterior of a Poisson rate under Jeffreys' prior is a gamma of shape count + ½ (Gelman and others, 2013,
    Bayesian Data Analysis, sections 2.6 and 2.8).
    """
    low, high = (float(gamma.ppf(q, count + 0.5)) for q in (LOW, HIGH))
    return Estimate(min(low, count), float(count), max(high, count))
