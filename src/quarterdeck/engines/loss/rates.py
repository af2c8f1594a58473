"""How often a year: a Poisson number of events whose rate is itself uncertain with a PERT law."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numba import njit
from scipy.special import gammaln, roots_jacobi

from quarterdeck.engines.programme import Estimate

SHAPE = 4.0  # of the PERT law, so its two beta parameters sum to six
NARROW = 60.0  # width of a rate up to which the number's own probabilities are summed
NEAR = 50.0  # argument up to which Kummer's function is integrated, and from which its asymptotic series is exact
NODES = 48  # of that integral: exact to rounding for arguments up to NEAR
TERMS = 30  # of that series: its 30th term is below 1e-17 from NEAR on
BLOCK = 256  # points handled together so that they stay in the nearest cache


@dataclass(frozen=True)
class Rate:
    """Events a year: low + width × a beta variable with shapes `rising` and 6 - `rising`."""

    low: float
    width: float
    rising: float

    @property
    def mean(self) -> float:
        return self.low + self.width * self.rising / (2 + SHAPE)

    @property
    def variance(self) -> float:
        """Of the rate itself; the number's variance is this and the mean."""
        return self.width**2 * self.rising * (6 - self.rising) / (36 * 7)


def rate(estimate: Estimate, factor: float = 1.0) -> Rate:
    """The rate of an estimate times a factor; ValueError for anything below zero or not finite."""
    low, likely, high = estimate.low * factor, estimate.likely * factor, estimate.high * factor
    if not (isfinite(high) and low >= 0):
        raise ValueError(f"a frequency needs 0 ≤ low ≤ likely ≤ high, finite, not {low}, {likely}, {high}")
    width = high - low
    return Rate(low, width, 1 + SHAPE * (likely - low) / width) if width > 0 else Rate(low, 0.0, 1.0)


@njit(cache=True)
def probabilities(width, rising):
    """P(N = n) for n = 0, 1, … of a Poisson number whose rate is width × beta(rising, 6 - rising), until they vanish.

    p(n) = e^-w w^n/n! (a)_n/(6)_n M(6 - a, 6 + n, w), M being Kummer's series, here of positive terms only (DLMF 13.2.2
    and 13.2.39). For widths up to NARROW.
    """
    most = int(width + 12 * np.sqrt(width) + 24)
    found = np.zeros(most + 1)
    scale = np.exp(-width)
    for n in range(most + 1):
        term, total, s = 1.0, 1.0, 0
        while term > 1e-18 * total:
            term *= (6 - rising + s) / (6.0 + n + s) * width / (s + 1)
            total += term
            s += 1
        found[n] = scale * total
        scale *= width / (n + 1) * (rising + n) / (6.0 + n)
    while most > 0 and found[most] < 1e-16:
        most -= 1
    return found[: most + 1]


@njit(cache=True, fastmath={"contract"})
def polynomial(coefficients, real, imaginary, out_real, out_imaginary):
    """The polynomial with these real coefficients at complex points, by Horner's rule over blocks of points."""
    x, y, u, v = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    for start in range(0, real.size, BLOCK):
        size = min(BLOCK, real.size - start)
        x[:size] = real[start : start + size]
        y[:size] = imaginary[start : start + size]
        u[:] = coefficients[-1]
        v[:] = 0.0
        for n in range(coefficients.size - 2, -1, -1):
            constant = coefficients[n]
            for j in range(BLOCK):
                kept = u[j]
                u[j] = kept * x[j] - v[j] * y[j] + constant
                v[j] = kept * y[j] + v[j] * x[j]
        out_real[start : start + size] = u[:size]
        out_imaginary[start : start + size] = v[:size]


def series(first: float, second: float, argument: np.ndarray) -> np.ndarray:
    """The sum over s of (first)_s (second)_s / s! argument^-s, to TERMS terms."""
    total, term = np.ones_like(argument), np.ones_like(argument)
    for s in range(TERMS):
        term = term * ((first + s) * (second + s) / (s + 1)) / argument
        total += term
    return total


def kummer(first: float, second: float, argument: np.ndarray) -> np.ndarray:
    """Kummer's function M(first, second, argument), second > first ≥ 1, for arguments without positive real part.

    Near zero as the moment-generating function of a beta variable by Gauss-Jacobi quadrature (DLMF 13.4.1), far from it
    by both asymptotic series (DLMF 13.7.2).
    """
    found = np.empty_like(argument)
    near = np.abs(argument) < NEAR
    nodes, weights = roots_jacobi(NODES, second - first - 1, first - 1)
    found[near] = np.exp(np.outer(argument[near], (1 + nodes) / 2)) @ (weights / weights.sum())
    far = argument[~near]
    recessive = np.exp(far + (first - second) * np.log(far) + gammaln(second) - gammaln(first))
    dominant = np.exp(-first * np.log(-far) + gammaln(second) - gammaln(second - first))
    found[~near] = recessive * series(1 - first, second - first, far)
    found[~near] += dominant * series(first, first - second + 1, -far)
    return found


def spread(law: Rate, points: np.ndarray) -> np.ndarray:
    """E[points^N] for complex points in the unit disc, N being the events that the rate above its low brings."""
    if law.width == 0:
        return np.ones_like(points)
    if law.width > NARROW:
        return kummer(law.rising, 6.0, law.width * (points - 1))
    return evaluated(probabilities(law.width, law.rising), points)


def spread_slope(law: Rate, points: np.ndarray) -> np.ndarray:
    """The derivative of `spread` by its points: E[N points^(N - 1)]."""
    if law.width == 0:
        return np.zeros_like(points)
    if law.width > NARROW:
        return law.width * law.rising / 6 * kummer(law.rising + 1, 7.0, law.width * (points - 1))
    chances = probabilities(law.width, law.rising)
    return evaluated(chances[1:] * np.arange(1, chances.size), points)


def evaluated(coefficients: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The polynomial with these real coefficients at complex points."""
    found = np.empty_like(points)
    parts = (np.ascontiguousarray(points.real), np.ascontiguousarray(points.imag))
    real, imaginary = np.empty(points.size), np.empty(points.size)
    polynomial(coefficients, *parts, real, imaginary)
    found.real, found.imag = real, imaginary
    return found
