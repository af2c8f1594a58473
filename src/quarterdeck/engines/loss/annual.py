"""The annual loss of independent scenarios as one distribution on a lattice, found by one inverse Fourier transform."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, inf, sqrt

import numpy as np
from scipy.fft import irfft, rfft

from quarterdeck.engines.loss.rates import Rate, rate, spread
from quarterdeck.engines.loss.severity import FAR, Lognormal, fit, lattices
from quarterdeck.engines.programme import Scenario

TOGETHER = 16  # scenarios whose lattices are transformed at once: what a cache holds
MARGIN = 1.25  # the reach of a lattice over the largest quantile that is asked of it
TILT = 16.0  # exponent by which a lattice's end is damped: 1e-7 of what folds back is left, rounding grows 3e3-fold
VANISHED = 1e-150  # below it a factor counts as nothing: denormal numbers would cost a hundred times the time
SKETCH = 2**11  # points of the first, rough lattice
SPARE = 0.1  # part of a rough lattice that the quantile must at least fill
TRIES = 40  # rough lattices before the reach is given up


@dataclass(frozen=True)
class Source:
    """A scenario as the computation sees it: how often a year, and how much an event."""

    rate: Rate
    magnitude: Lognormal

    @property
    def mean(self) -> float:
        return self.rate.mean * self.magnitude.mean

    @property
    def variance(self) -> float:
        """Of the annual loss: E[rate] E[X²] + Var[rate] E[X]² (law of total variance)."""
        return self.rate.mean * self.magnitude.second_moment + self.rate.variance * self.magnitude.mean**2


def source(scenario: Scenario, frequency: float = 1.0, magnitude: float = 1.0) -> Source:
    """A scenario after factors on its frequency and magnitude; ValueError, naming it, when it has no meaning."""
    try:
        if not (0 <= frequency < inf and 0 <= magnitude < inf):
            raise ValueError(f"factors need to be finite and not negative, not {frequency} and {magnitude}")
        law = fit(scenario.low, scenario.high)
        if magnitude == 0:  # a loss of nothing is no loss
            return Source(rate(scenario.frequency, 0.0), law)
        return Source(rate(scenario.frequency, frequency), fit(scenario.low * magnitude, scenario.high * magnitude))
    except ValueError as fault:
        raise ValueError(f"scenario {scenario.key}: {fault}") from fault


@dataclass(frozen=True)
class AnnualLoss:
    """The distribution of a year's loss, in the scenarios' money.

    `masses` lie on multiples of `step`; they are right up to `reach`, beyond which only the mean is known (exactly).
    `nothing` is the probability of a year without loss. `wrapped` bounds the mass that the transform
    folded back.
    """

    step: float
    masses: np.ndarray
    nothing: float
    mean: float
    deviation: float
    wrapped: float

    @property
    def reach(self) -> float:
        return self.step * (self.masses.size - 1)

    @cached_property
    def edges(self) -> np.ndarray:
        """Where the cumulative probability is known: zero and the middles between the lattice's points."""
        return np.concatenate([[0.0], (np.arange(self.masses.size) + 0.5) * self.step])

    @cached_property
    def cumulative(self) -> np.ndarray:
        """P(loss ≤ edge): each point's mass is spread evenly over half a step to both sides, that of no loss is not."""
        return np.maximum.accumulate(np.concatenate([[self.nothing], np.cumsum(self.masses)]))

    @cached_property
    def below(self) -> np.ndarray:
        """E[loss; loss ≤ edge]."""
        pieces = np.diff(self.cumulative) * (self.edges[1:] + self.edges[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(pieces)])

    def quantile(self, probability: float) -> float:
        """The least amount that a year's loss does not exceed with this probability; infinite beyond the reach."""
        if probability <= self.nothing:
            return 0.0
        if probability > self.cumulative[-1]:
            return inf
        return float(np.interp(probability, self.cumulative, self.edges))

    def exceedance(self, amount: float) -> float:
        """P(loss > amount), for amounts up to the reach."""
        return 1.0 - float(np.interp(amount, self.edges, self.cumulative))

    def limited(self, amount: float) -> float:
        """E[min(loss, amount)], for amounts up to the reach."""
        at = min(int(np.searchsorted(self.edges, amount, side="right")), self.edges.size - 1) - 1
        chance = float(np.interp(amount, self.edges, self.cumulative))
        within = self.below[at] + (chance - self.cumulative[at]) * (self.edges[at] + amount) / 2
        return float(within + amount * (1 - chance))

    def tail_mean(self, probability: float) -> float:
        """The mean of the worst 1 - probability of years (TVaR, expected shortfall), from the exact mean.

        q + (E[loss] - E[min(loss, q)]) / (1 - p); Acerbi and Tasche (2002), "On the coherence of expected shortfall",
        Journal of Banking and Finance 26.
        """
        amount = self.quantile(probability)
        return float(amount + (self.mean - self.limited(amount)) / (1 - probability)) if amount < inf else inf


def transform(sources: Sequence[Source], step: float, points: int) -> np.ndarray:
    """The damped characteristic function of the sources' sum at the lattice's frequencies; shape (points // 2 + 1,)."""
    found = np.ones(points // 2 + 1, dtype=complex)
    for start in range(0, len(sources), TOGETHER):
        group = sources[start : start + TOGETHER]
        masses = lattices([one.magnitude for one in group], step, points // 2)
        found *= compounded([one.rate for one in group], masses, points)
        found[np.abs(found) < VANISHED] = 0.0
    return found


def compounded(rates: Sequence[Rate], masses: np.ndarray, points: int) -> np.ndarray:
    """The damped characteristic function of all events' sum; `masses` of one event, shape (rates, points // 2 + 1)."""
    found = np.ones(points // 2 + 1, dtype=complex)
    exponent = np.zeros(points // 2 + 1, dtype=complex)
    for law, row in zip(rates, rfft(masses * damping(points), points), strict=True):
        found *= spread(law, row)
        exponent += law.low * (row - 1)
    return found * np.exp(exponent)


def restored(function: np.ndarray, points: int) -> np.ndarray:
    """The masses that a damped characteristic function belongs to; shape (points // 2 + 1,)."""
    return irfft(function, points)[: points // 2 + 1] / damping(points)


def damping(points: int) -> np.ndarray:
    """The factors e^(-TILT j / points) of the lattice's usable half.

    Gruebel and Hermesmeier (1999), "Computation of compound distributions I: aliasing errors and exponential tilting",
    ASTIN Bulletin 29.
    """
    return np.exp(-TILT / points * np.arange(points // 2 + 1))


def distribution(sources: Sequence[Source], step: float, points: int) -> AnnualLoss:
    """The sum of independent sources on a lattice of that step."""
    return inverted(sources, transform(sources, step, points), step, points)


def inverted(sources: Sequence[Source], function: np.ndarray, step: float, points: int) -> AnnualLoss:
    """The distribution that a damped characteristic function of the sources' sum belongs to."""
    masses = np.maximum(restored(function, points), 0.0)
    return AnnualLoss(
        step=step,
        masses=masses,
        nothing=quiet(sources),
        mean=float(sum(one.mean for one in sources)),
        deviation=sqrt(sum(one.variance for one in sources)),
        wrapped=exp(-TILT) * max(1 - float(masses.sum()), 0.0),
    )


def quiet(sources: Sequence[Source]) -> float:
    """The probability of a year without any event."""
    origin = np.zeros(1, dtype=complex)
    found = 1.0
    for one in sources:
        found *= exp(-one.rate.low) * float(spread(one.rate, origin).real[0])
    return found


def solved(sources: Sequence[Source], probability: float, points: int) -> AnnualLoss:
    """The sum of independent sources on a lattice that reaches MARGIN times its quantile at this probability."""
    reach = MARGIN * rough_quantile(sources, probability)
    return distribution(sources, 2 * reach / points, points)


def rough_quantile(sources: Sequence[Source], probability: float) -> float:
    """The quantile to a few per cent; 0 where no loss is likelier. ValueError when no reach is found."""
    return rough(sources, probability).quantile(probability)


def rough(sources: Sequence[Source], probability: float) -> AnnualLoss:
    """A rough lattice whose reach suits a quantile, from ones of growing or shrinking reach.

    Raises ValueError when none is found.
    """
    active = [one for one in sources if one.mean > 0]
    if not active:
        return distribution(active, 1.0, SKETCH)
    reach = 2 * max(sum(one.mean for one in active), single_jump(active, probability))
    for _ in range(TRIES):
        found = distribution(active, 2 * reach / SKETCH, SKETCH)
        amount = found.quantile(probability)
        if amount == 0 or SPARE * found.reach <= amount < inf:
            return found
        reach = 4 * reach if amount == inf else max(2 * amount, reach / 64)
    raise ValueError(f"no reach holds the quantile at {probability}")


def single_jump(sources: Sequence[Source], probability: float) -> float:
    """Where the expected number of larger events is 1 - probability: the annual loss's quantile far in the tail.

    Foss, Korshunov, Zachary (2013), "An Introduction to Heavy-Tailed and Subexponential Distributions", theorem 3.37.
    """
    least = min(one.magnitude.location - FAR * one.magnitude.scale for one in sources)
    most = max(one.magnitude.location + FAR * one.magnitude.scale for one in sources)
    amounts = np.exp(np.linspace(least, most, 512))
    events = sum(one.rate.mean * one.magnitude.beyond(amounts) for one in sources)
    return float(np.interp(-(1 - probability), -events, amounts))
