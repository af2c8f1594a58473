"""Which independent scenarios make the bad years: each one's part of the annual loss below and beyond an amount."""

from collections.abc import Sequence

import numpy as np
from scipy.fft import rfft

from quarterdeck.engines.loss.annual import TOGETHER, Source, damping, transform
from quarterdeck.engines.loss.rates import spread, spread_slope
from quarterdeck.engines.loss.severity import lattices


def beyond(sources: Sequence[Source], amount: float, step: float, points: int) -> np.ndarray:
    """E[scenario's loss; total > amount] of each source, on a lattice of that step.

    The transform of E[S_k; S = s] is that of S with S_k's factor replaced by its derivative; summed over s up to the
    amount by Parseval's identity and taken from the exact mean. Why these parts add up: Tasche (2008), "Capital
    allocation to business units and sub-portfolios: the Euler principle".
    """
    count = points // 2 + 1
    decay = damping(points)
    weights = np.clip(amount / step - np.arange(count) + 0.5, 0.0, 1.0) / decay
    weighted = transform(sources, step, points) * np.conj(rfft(weights, points)) * 2 / points
    weighted[[0, -1]] /= 2
    found = np.zeros(len(sources))
    for start in range(0, len(sources), TOGETHER):
        group = sources[start : start + TOGETHER]
        masses = lattices([one.magnitude for one in group], step, points // 2) * decay
        rows = rfft(masses, points)
        moments = rfft(masses * (np.arange(count) * step), points)
        for number, one in enumerate(group):
            found[start + number] = one.mean - float((weighted * slope(one, rows[number]) * moments[number]).real.sum())
    return np.clip(found, 0.0, [one.mean for one in sources])


def slope(one: Source, points: np.ndarray) -> np.ndarray:
    """The logarithmic derivative of E[points^N]; zero where the function itself has vanished."""
    value = spread(one.rate, points)
    derivative = spread_slope(one.rate, points)
    return one.rate.low + np.divide(derivative, value, out=np.zeros_like(value), where=value != 0)
