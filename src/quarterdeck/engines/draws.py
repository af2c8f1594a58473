"""Random numbers keyed by record, purpose and trial, so that a change to one record leaves every other draw as it was.

Question: which value does record K draw for purpose P in trial T? Method: a 64-bit digest (BLAKE2b) of seed, purpose
and key is the key of a counter-based generator, Philox4x32 with ten rounds; trial and index are its counter. A draw
is a pure function of these four, never of a position in a list or of how many draws were made before. Uniforms become
normal, PERT and Poisson values by inversion, so that moving an estimate moves its draws in the same direction.
Sources: Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC '11; Wichura (1988),
algorithm AS 241, Applied Statistics 37(3), for the normal quantile. Limits: two digests collide with probability
2^-64 a pair; uniforms have 52 bits; the PERT quantile is interpolated, with an error below 4e-4 of the range at any
point and below 1e-5 on average (tested).
"""

import hashlib
import math
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import betaincinv, betaln

Floats = NDArray[np.float64]

LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
UNUSED_BITS = np.uint64(12)

BINS = 256  # of the PERT quantile, equal in probability
MODES = 128  # steps between mode = low and mode = high; quantiles between two of them are blended


def digest(seed: int, purpose: str, *key: str) -> int:
    """The 64-bit key of a stream. Parts are written with their lengths, so that ("ab", "c") is not ("a", "bc")."""
    parts = [str(seed), purpose, *key]
    text = b"".join(len(data := part.encode()).to_bytes(8, "little") + data for part in parts)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


@njit(cache=True)
def words(key, trial, index):
    """Two 64-bit words of Philox4x32-10 at counter (trial, index), each argument a 64-bit unsigned integer."""
    c0, c1 = np.uint64(trial) & LOW, np.uint64(trial) >> HALF
    c2, c3 = np.uint64(index) & LOW, np.uint64(index) >> HALF
    k0, k1 = np.uint64(key) & LOW, np.uint64(key) >> HALF
    for _ in range(10):
        p0 = c0 * MULTIPLIER_0
        p1 = c2 * MULTIPLIER_1
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
        k0 = (k0 + WEYL_0) & LOW
        k1 = (k1 + WEYL_1) & LOW
    return c0 | (c1 << HALF), c2 | (c3 << HALF)


@njit(cache=True)
def fraction(word):
    """A 64-bit word as a number between 0 and 1, both excluded."""
    return (np.float64(word >> UNUSED_BITS) + 0.5) * 2.0**-52


@njit(cache=True)
def uniform(key, trial, index):
    """The draw of a stream at (trial, index), uniform between 0 and 1, both excluded."""
    return fraction(words(key, trial, index)[0])


@njit(cache=True)
def two_uniforms(key, trial, index):
    """Two independent uniforms of a stream at (trial, index); the first is what `uniform` gives."""
    first, second = words(key, trial, index)
    return fraction(first), fraction(second)


@njit(cache=True)
def normal_quantile(probability):
    """The standard normal quantile, to about 1e-16 (AS 241, PPND16)."""
    q = probability - 0.5
    if abs(q) <= 0.425:
        return q * _central(0.180625 - q * q)
    r = math.sqrt(-math.log(probability if q < 0 else 1.0 - probability))
    tail = _near_tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return -tail if q < 0 else tail


@njit(cache=True)
def _central(r):
    over = 3.3430575583588128105e4 + r * 2.5090809287301226727e3
    over = 4.5921953931549871457e4 + r * (6.7265770927008700853e4 + r * over)
    over = 1.9715909503065514427e3 + r * (1.3731693765509461125e4 + r * over)
    over = 3.3871328727963666080e0 + r * (1.3314166789178437745e2 + r * over)
    under = 2.8729085735721942674e4 + r * 5.2264952788528545610e3
    under = 2.1213794301586595867e4 + r * (3.9307895800092710610e4 + r * under)
    under = 6.8718700749205790830e2 + r * (5.3941960214247511077e3 + r * under)
    return over / (1.0 + r * (4.2313330701600911252e1 + r * under))


@njit(cache=True)
def _near_tail(r):
    over = 2.27238449892691845833e-2 + r * 7.74545014278341407640e-4
    over = 1.27045825245236838258e0 + r * (2.41780725177450611770e-1 + r * over)
    over = 5.76949722146069140550e0 + r * (3.64784832476320460504e0 + r * over)
    over = 1.42343711074968357734e0 + r * (4.63033784615654529590e0 + r * over)
    under = 5.47593808499534494600e-4 + r * 1.05075007164441684324e-9
    under = 1.48103976427480074590e-1 + r * (1.51986665636164571966e-2 + r * under)
    under = 1.67638483018380384940e0 + r * (6.89767334985100004550e-1 + r * under)
    return over / (1.0 + r * (2.05319162663775882187e0 + r * under))


@njit(cache=True)
def _far_tail(r):
    over = 2.71155556874348757815e-5 + r * 2.01033439929228813265e-7
    over = 2.65321895265761230930e-2 + r * (1.24266094738807843860e-3 + r * over)
    over = 1.78482653991729133580e0 + r * (2.96560571828504891230e-1 + r * over)
    over = 6.65790464350110377720e0 + r * (5.46378491116411436990e0 + r * over)
    under = 1.42151175831644588870e-7 + r * 2.04426310338993978564e-15
    under = 7.86869131145613259100e-4 + r * (1.84631831751005468180e-5 + r * under)
    under = 1.36929880922735805310e-1 + r * (1.48753612908506148525e-2 + r * under)
    return over / (1.0 + r * (5.99832206555887937690e-1 + r * under))


@njit(cache=True)
def normal_chance(value):
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


@njit(cache=True)
def poisson_quantile(probability, mean):
    """The smallest count whose distribution function reaches `probability`, and how far into its share that lies.

    The second value is again uniform and independent of the count when `probability` is uniform.
    """
    spread = math.sqrt(mean)
    count = max(0, int(mean - 12.0 * spread))  # below lies less than 1e-30
    last = int(mean + 12.0 * spread) + 60
    chance = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1.0)) if mean > 0.0 else 1.0
    below = 0.0
    while below + chance < probability and count < last:
        below += chance
        count += 1
        chance *= mean / count
    inside = (probability - below) / chance if chance > 0.0 else 0.5
    return count, min(max(inside, 2.0**-53), 1.0 - 2.0**-53)


@cache
def pert_table() -> tuple[Floats, Floats]:
    """Quantiles of the PERT distribution on 0 to 1 and their slopes a bin: (MODES + 1) rows by (BINS + 1) columns.

    Row r has its mode at r / MODES; beta parameters 1 + 4 mode and 5 - 4 mode. Slopes at both ends are not used.
    """
    mode = np.linspace(0.0, 1.0, MODES + 1)[:, None]
    a, b = 1.0 + 4.0 * mode, 5.0 - 4.0 * mode
    values = betaincinv(a, b, np.linspace(0.0, 1.0, BINS + 1)[None, :])
    inner = values[:, 1:-1]
    slopes = np.zeros_like(values)
    slopes[:, 1:-1] = np.exp(betaln(a, b) - (a - 1.0) * np.log(inner) - (b - 1.0) * np.log1p(-inner)) / BINS
    return values, slopes


@njit(cache=True)
def _edge(reach, edge_value, own, other):
    """The quantile in an outermost bin, at `reach` (0 to 1) of the bin from the end, by the beta function's series.

    With w the first-order quantile, x = w (1 + (other - 1) / (own + 1) w): the leading terms of the inverse.
    """
    bend = (other - 1.0) / (own + 1.0)
    whole = edge_value if bend < 1e-9 else (math.sqrt(1.0 + 4.0 * bend * edge_value) - 1.0) / (2.0 * bend)
    first = whole * reach ** (1.0 / own)
    return first * (1.0 + bend * first)


@njit(cache=True)
def pert_quantile(probability, mode, values, slopes):
    """The quantile of the PERT distribution on 0 to 1 with this mode; `values`, `slopes`: its row of the table."""
    place = probability * BINS
    k = min(int(place), BINS - 1)
    if k == 0:
        return _edge(place, values[1], 1.0 + 4.0 * mode, 5.0 - 4.0 * mode)
    if k == BINS - 1:
        return 1.0 - _edge(BINS - place, 1.0 - values[k], 5.0 - 4.0 * mode, 1.0 + 4.0 * mode)
    t = place - k
    rest = 1.0 - t
    ends = rest * rest * (1.0 + 2.0 * t) * values[k] + t * t * (3.0 - 2.0 * t) * values[k + 1]
    return ends + t * rest * (rest * slopes[k] - t * slopes[k + 1])


@njit(cache=True)
def blend(table, mode, out):
    """The row of the table for any mode between 0 and 1, linear between the two nearest rows."""
    row = min(int(mode * MODES), MODES - 1)
    upper = mode * MODES - row
    for k in range(BINS + 1):
        out[k] = (1.0 - upper) * table[row, k] + upper * table[row + 1, k]


@njit(cache=True)
def fill_pert(keys, indices, low, width, mode, values, slopes, first, out):
    """PERT draws: out[c, t] is the draw of column c in trial first + t. low, width, mode: each column's estimate."""
    row_values, row_slopes = np.empty(BINS + 1), np.empty(BINS + 1)
    for c in range(out.shape[0]):
        if width[c] == 0.0:
            out[c, :] = low[c]
            continue
        blend(values, mode[c], row_values)
        blend(slopes, mode[c], row_slopes)
        for t in range(out.shape[1]):
            chance = uniform(keys[c], first + t, indices[c])
            out[c, t] = low[c] + width[c] * pert_quantile(chance, mode[c], row_values, row_slopes)


@njit(cache=True)
def fill_normal(keys, indices, first, out):
    """Standard normal draws: out[c, t] is the draw of column c in trial first + t."""
    for c in range(out.shape[0]):
        for t in range(out.shape[1]):
            out[c, t] = normal_quantile(uniform(keys[c], first + t, indices[c]))
