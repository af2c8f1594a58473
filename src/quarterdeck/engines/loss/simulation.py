"""Years drawn at random: by events where scenarios are independent, through the Gaussian copula where they are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt

import numpy as np
from numba import njit

from quarterdeck.engines.loss.annual import Source
from quarterdeck.engines.loss.marginals import Marginal

CHUNK = 2**14  # trials handled together: their totals stay in a near cache
CELLS = 2048  # of a marginal's table, even in the normal score
HIGHEST = 8.0  # score at which a table ends
NORMAL = 1.959963984540054  # half width of a 95 % interval in standard errors


def stream(purpose: str, key: str, seed: int) -> np.uint64:
    """The start of a record's own random numbers, which depend on nothing but its key, the purpose and the seed."""
    text = f"{purpose}\x1f{key}\x1f{seed}".encode()
    return np.uint64(int.from_bytes(blake2b(text, digest_size=8).digest(), "little"))


@njit(cache=True, inline="always")
def mixed(state):
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators")."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@njit(cache=True, inline="always")
def uniform(start, number):
    """The number-th uniform of a stream, strictly between 0 and 1."""
    state = mixed(start + (np.uint64(number) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    return (np.float64(state >> np.uint64(11)) + 0.5) * 2.0**-53


@njit(cache=True, inline="always")
def normal(chance):
    """The normal deviate below which this chance lies, to 1e-15: Wichura (1988), algorithm AS 241."""
    q = chance - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
        top = (((top + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
        top = (top + 1.3314166789178437745e2) * r + 3.3871328727963666080
        low = ((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
        low = (((low + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
        low = (low + 4.2313330701600911252e1) * r + 1.0
        return q * top / low
    r = np.sqrt(-np.log(min(chance, 1 - chance)))
    if r <= 5.0:
        r -= 1.6
        top = ((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
        top = (((top + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.76949722146069140550) * r
        top = (top + 4.63033784615654529590) * r + 1.42343711074968357734
        low = ((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
        low = (((low + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940) * r
        low = (low + 2.05319162663775882187) * r + 1.0
    else:
        r -= 5.0
        top = ((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
        top = (((top + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580) * r
        top = (top + 5.46378491116411436990) * r + 6.65790464350110377720
        low = ((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
        low = (((low + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
        low = (low + 5.99832206555887937690e-1) * r + 1.0
    return -top / low if q < 0 else top / low


@dataclass(frozen=True)
class Tables:
    """Each scenario's annual loss against its normal score: amounts at even scores from `first` to HIGHEST."""

    amounts: np.ndarray  # shape (scenarios, CELLS + 1)
    first: np.ndarray  # score up to which there is no loss


def tables(marginals: Sequence[Marginal]) -> Tables:
    """The marginals as tables, straight between points in the logarithm of the amount."""
    amounts = np.zeros((len(marginals), CELLS + 1))
    first = np.array([min(one.scores[0], HIGHEST) for one in marginals])
    for number, one in enumerate(marginals):
        if one.amounts.size == 1:
            continue
        scores = np.linspace(one.scores[0], HIGHEST, CELLS + 1)
        smooth = np.exp(np.interp(scores, one.scores[1:], np.log(one.amounts[1:])))
        start = np.interp(scores, one.scores[:2], one.amounts[:2])
        amounts[number] = np.where(scores < one.scores[1], start, smooth)
    return Tables(amounts, first)


@njit(cache=True)
def draw(amounts, first, streams, common, trials, loading, totals, sums):
    """Add each scenario's loss in the given trials to `totals`, and its sum over them to `sums`."""
    own = np.sqrt(1 - loading * loading)
    for k in range(first.size):
        begin = first[k]
        if begin >= HIGHEST:
            continue
        scale = CELLS / (HIGHEST - begin)
        row = amounts[k]
        total = 0.0
        for j in range(trials.size):
            score = loading * common[j] + own * normal(uniform(streams[k], trials[j]))
            if score > begin:
                place = min((score - begin) * scale, CELLS - 1e-9)
                cell = int(place)
                loss = row[cell] + (place - cell) * (row[cell + 1] - row[cell])
                totals[j] += loss
                total += loss
        sums[k] += total


@njit(cache=True)
def factors(start, trials):
    """The common factor of the copula in the given trials."""
    found = np.empty(trials.size)
    for j in range(trials.size):
        found[j] = normal(uniform(start, trials[j]))
    return found


@njit(cache=True)
def gamma(start, used, shape):
    """A gamma deviate of shape ≥ 1 and how many uniforms of the stream are used by then.

    Marsaglia and Tsang (2000), "A simple method for generating gamma variables", ACM Transactions 26.
    """
    d = shape - 1 / 3
    while True:
        x = normal(uniform(start, used))
        v = (1 + x / np.sqrt(9 * d)) ** 3
        chance = uniform(start, used + 1)
        used += 2
        if v > 0 and (
            chance < 1 - 0.0331 * x * x * x * x  # settles nearly all without a logarithm
            or np.log(chance) < 0.5 * x * x + d - d * v + d * np.log(v)
        ):
            return d * v, used


@njit(cache=True)
def year(start, low, width, rising, location, scale):
    """One scenario's loss in one year, event by event: rate, waiting times until the year is over, magnitudes."""
    used, rate, loss, waited = 1, low, 0.0, -np.log(uniform(start, 0))
    if waited >= low + width:  # whatever the rate, no event
        return loss
    if width > 0:
        first, used = gamma(start, used, rising)
        second, used = gamma(start, used, 6 - rising)
        rate += width * first / (first + second)
    while waited < rate:
        loss += np.exp(location + scale * normal(uniform(start, used + 1)))
        used += 2
        waited -= np.log(uniform(start, used))
    return loss


@njit(cache=True)
def events(parameters, streams, trials, totals):
    """Add each independent scenario's loss, event by event, to the totals of the given trials."""
    for k in range(streams.size):
        low, width, rising, location, scale = parameters[k]
        for j in range(trials.size):
            start = mixed(streams[k] + np.uint64(trials[j]) * np.uint64(0xD1342543DE82EF95))
            totals[j] += year(start, low, width, rising, location, scale)


@dataclass(frozen=True)
class Sample:
    """Simulated years: the totals, ascending, and each scenario's mean loss in the worst of them."""

    totals: np.ndarray
    tail: np.ndarray

    def quantile(self, probability: float) -> float:
        """The empirical quantile (inverse of the empirical distribution function)."""
        return float(self.totals[self.place(probability)])

    def place(self, probability: float) -> int:
        return min(max(int(np.ceil(probability * self.totals.size - 1e-9)) - 1, 0), self.totals.size - 1)

    def half_width(self, probability: float) -> float:
        """Half the width of the quantile's 95 % interval, from order statistics."""
        far = NORMAL * sqrt(probability * (1 - probability) * self.totals.size)
        at = self.place(probability)
        least, most = max(int(at - far), 0), min(int(np.ceil(at + far)), self.totals.size - 1)
        return float(self.totals[most] - self.totals[least]) / 2


def simulate(sources: Sequence[Source], keys: Sequence[str], seed: int, trials: int) -> Sample:
    """Independent years, event by event: nothing of it is shared with the exact computation. No tail per scenario."""
    fields = [(s.rate.low, s.rate.width, s.rate.rising, s.magnitude.location, s.magnitude.scale) for s in sources]
    streams = np.array([stream("loss events", key, seed) for key in keys], dtype=np.uint64)
    totals = np.zeros(trials)
    for begin in range(0, trials, CHUNK):
        chosen = np.arange(begin, min(begin + CHUNK, trials))
        events(np.array(fields).reshape(-1, 5), streams, chosen, totals[begin : begin + CHUNK])
    return Sample(np.sort(totals), np.zeros(0))


def simulate_dependent(
    marginals: Sequence[Marginal], keys: Sequence[str], correlation: float, seed: int, trials: int, tail: float
) -> Sample:
    """Years whose losses the one-factor Gaussian copula binds: score = √r common + √(1 - r) own, loss by its marginal.

    Li (2000), "On default correlation: a copula function approach", Journal of Fixed Income 9. The worst 1 - tail of
    the trials are drawn a second time, which keyed numbers allow, to see which scenarios made them.
    """
    known = tables(marginals)
    streams = np.array([stream("loss score", key, seed) for key in keys], dtype=np.uint64)
    root, loading, none = stream("loss factor", "", seed), sqrt(correlation), np.zeros(len(keys))
    totals = np.zeros(trials)
    for begin in range(0, trials, CHUNK):
        chosen = np.arange(begin, min(begin + CHUNK, trials))
        common = factors(root, chosen)
        draw(known.amounts, known.first, streams, common, chosen, loading, totals[begin : begin + CHUNK], none)
    worst = np.sort(np.argsort(totals, kind="stable")[trials - max(round((1 - tail) * trials), 1) :])
    sums = np.zeros(len(keys))
    draw(known.amounts, known.first, streams, factors(root, worst), worst, loading, np.zeros(worst.size), sums)
    return Sample(np.sort(totals), sums / worst.size)
