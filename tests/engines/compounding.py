"""Compound losses on a lattice: through the engine's transform, and by a recursion that shares nothing with it."""

from collections.abc import Mapping, Sequence
from math import exp

import numpy as np
from scipy.fft import rfft

from quarterdeck.engines.loss.annual import compounded, damping, restored
from quarterdeck.engines.loss.rates import evaluated, rate
from quarterdeck.engines.programme import Estimate


def fixed(rate_a_year: float) -> Estimate:
    """A rate that is known."""
    return Estimate(rate_a_year, rate_a_year, rate_a_year)


def panjer(rate_a_year: float, masses: np.ndarray, count: int) -> np.ndarray:
    """Panjer (1981): the compound Poisson masses, by recursion."""
    found = np.zeros(count)
    found[0] = exp(-rate_a_year * (1 - masses[0]))
    for total in range(1, count):
        most = min(total, masses.size - 1)
        sizes = np.arange(1, most + 1)
        found[total] = rate_a_year / total * (sizes * masses[1 : most + 1]) @ found[total - sizes]
    return found


def on_lattice(severity: Mapping[str, float], unit: int, points: int) -> np.ndarray:
    """The masses of one event whose amounts are multiples of the unit."""
    masses = np.zeros(points // 2 + 1)
    for amount, chance in severity.items():
        masses[int(amount) // unit] = chance
    return masses


def discrete(rates: Sequence[float], severities: Sequence[Mapping[str, float]], unit: int, points: int) -> np.ndarray:
    """Compound Poisson masses of given one-event masses through the engine's transform."""
    masses = np.array([on_lattice(severity, unit, points) for severity in severities])
    return restored(compounded([rate(fixed(each)) for each in rates], masses, points), points)


def counted(chances: Sequence[float], masses: np.ndarray, points: int) -> np.ndarray:
    """Compound masses of a number of events given by its probabilities, through the engine's transform."""
    return restored(evaluated(np.array(chances), rfft(masses * damping(points), points)), points)
