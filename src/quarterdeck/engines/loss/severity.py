"""The magnitude of one loss event: a lognormal law given by its 90 % interval, and its mean-preserving lattice."""

from dataclasses import dataclass
from math import exp, isfinite, log

import numpy as np
from scipy.special import ndtr, ndtri

WIDTH = 3.2897072539029444  # between the 5 % and the 95 % quantile of a standard normal law
FAR = 9.0  # standard deviations beyond which a normal tail is below 1e-18


@dataclass(frozen=True)
class Lognormal:
    """A law whose logarithm is normal with this mean and standard deviation."""

    location: float
    scale: float

    @property
    def mean(self) -> float:
        return exp(self.location + self.scale**2 / 2)

    @property
    def second_moment(self) -> float:
        return exp(2 * self.location + 2 * self.scale**2)

    def beyond(self, amounts: np.ndarray) -> np.ndarray:
        """P(magnitude > amount)."""
        return ndtr((self.location - np.log(amounts)) / self.scale)

    def quantile(self, beyond: np.ndarray) -> np.ndarray:
        """The amounts that are exceeded with these probabilities."""
        return np.exp(self.location - self.scale * ndtri(beyond))


def fit(low: float, high: float) -> Lognormal:
    """The lognormal law with these 5 % and 95 % quantiles; ValueError unless 0 < low < high, both finite."""
    if not (isfinite(low) and isfinite(high) and 0 < low < high):
        raise ValueError(f"a magnitude's 90 % interval needs 0 < low < high, not {low} and {high}")
    return Lognormal((log(low) + log(high)) / 2, (log(high) - log(low)) / WIDTH)


def lattices(laws: list[Lognormal], step: float, cells: int) -> np.ndarray:
    """Each law's mass on 0, step, …, cells × step, up to that reach; shape (laws, cells + 1).

    The mass of every cell goes to its two ends so that mass and mean within the cell stay exact (local moment matching;
    Gerber 1982, "On the numerical evaluation of the distribution of aggregate claims", Insurance: Mathematics and
    Economics 1). What lies beyond the reach is left out, so the rows sum to less than one.
    """
    location = np.array([law.location for law in laws])[:, None]
    scale = np.array([law.scale for law in laws])[:, None]
    mean = np.array([law.mean for law in laws])[:, None]
    logs = np.log(np.arange(1, cells + 1) * step)
    masses = np.zeros((len(laws), cells + 1))
    end = int(np.searchsorted(logs, (location + scale * (FAR + scale)).max())) + 1  # beyond it is nothing
    deviates = (logs[:end] - location) / scale
    used = deviates.shape[1]
    inside = np.diff(ndtr(deviates), prepend=0.0)
    moment = np.diff(ndtr(deviates - scale), prepend=0.0) * (mean / step)
    upward = moment - np.arange(used) * inside  # rounding may leave it a hair below zero: cut off, that would add up
    masses[:, :used] = inside - upward
    masses[:, 1 : used + 1] += upward
    return masses
