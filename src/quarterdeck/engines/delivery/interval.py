"""Intervals of percentiles, shares, rates and weekly means, and the keyed random numbers that some of them use."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from scipy.special import bdtr, gammaincinv

from quarterdeck.engines import proportions

RESAMPLES = 2_000
FEW_EVENTS = 10  # below this many events, or this many weeks, resampling weeks understates the error
FEW_WEEKS = 4


@dataclass(frozen=True)
class Interval:
    """Two bounds and how probably they hold the true value; a bound of None is open."""

    low: float | None
    high: float | None
    coverage: float | None

    def holding(self, value: float) -> "Interval":
        """The interval, widened where needed to hold the value that it is printed beside."""
        low = None if self.low is None else min(self.low, value)
        high = None if self.high is None else max(self.high, value)
        return Interval(low, high, self.coverage)


EXACT = Interval(None, None, None)


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers that depend on the seed and the purpose alone, never on what was drawn before."""
    key = int.from_bytes(blake2b(f"{seed}/{purpose}".encode(), digest_size=16).digest(), "big")
    return np.random.Generator(np.random.Philox(key=key))


def percentile(ordered: np.ndarray, probability: float, confidence: float) -> tuple[float, Interval]:
    """A percentile by linear interpolation and its distribution-free interval from order statistics.

    ordered: ascending sample, at least one value. The interval [X(l), X(u)] has equal tails of at most
    (1 - confidence) / 2 each under the binomial law of how many values lie below the percentile; its exact coverage is
    given. Where the sample is too small for an order statistic to bound a side, that side is open.
    Source: David and Nagaraja (2003), Order Statistics, section 7.1; interpolation: Hyndman and Fan (1996), type 7.
    """
    value = float(np.quantile(ordered, probability))
    size = len(ordered)
    tail = (1 - confidence) / 2
    below = bdtr(np.arange(size + 1, dtype=float), size, probability)  # P(at most k values lie below)
    lower = int(np.searchsorted(below, tail, side="right"))
    upper = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    low = float(ordered[lower - 1]) if lower >= 1 else None
    high = float(ordered[upper - 1]) if upper <= size else None
    coverage = (float(below[upper - 1]) if upper <= size else 1.0) - (float(below[lower - 1]) if lower >= 1 else 0.0)
    return value, Interval(low, high, coverage).holding(value)


def wilson(successes: int, total: int, confidence: float) -> Interval:
    """The score interval of a share."""
    if total == 0:
        return Interval(0.0, 1.0, 1.0)
    return Interval(*proportions.wilson(successes, total, confidence), confidence)


def poisson(count: int, exposure: float, confidence: float) -> Interval:
    """The exact interval of a rate from a count. Source: Garwood (1936), Biometrika 28(3/4)."""
    tail = (1 - confidence) / 2
    low = float(gammaincinv(count, tail)) / exposure if count else 0.0
    return Interval(low, float(gammaincinv(count + 1, 1 - tail)) / exposure, confidence)


def weekly_mean(counts: np.ndarray, confidence: float, draws: np.random.Generator) -> Interval:
    """The interval of a mean weekly count: bootstrap over whole weeks, or the Poisson one when there is little.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    if len(counts) < FEW_WEEKS or counts.sum() < FEW_EVENTS:
        return poisson(int(counts.sum()), len(counts), confidence)
    picks = draws.integers(len(counts), size=(RESAMPLES, len(counts)))
    means = counts[picks].mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high), confidence)
