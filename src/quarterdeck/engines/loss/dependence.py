"""The annual loss of dependent scenarios: independent given the copula's common factor, so a sum over its nodes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, sqrt

import numpy as np
from scipy.fft import rfft
from scipy.special import ndtr

from quarterdeck.engines.loss.annual import SKETCH, TRIES, VANISHED, AnnualLoss, Source, damping, inverted
from quarterdeck.engines.loss.marginals import Marginal

FARTHEST = 6.0  # factor beyond which a year is not looked at: one in five hundred million
CLOSEST = 0.25  # distance of the factor's nodes, at most
NARROW = 0.02  # width of a piece in scores, at most
FLUSH = 8  # scenarios after which what has vanished is set to nothing
STEEPEST = 0.12  # the same where the factor rules


@dataclass(frozen=True)
class Factor:
    """Nodes of the common factor and their weights, by the trapezoidal rule, which converges geometrically here."""

    nodes: np.ndarray
    weights: np.ndarray
    correlation: float


def factor(correlation: float) -> Factor:
    """Nodes close enough for a correlation; every second one makes the rule of twice the distance.

    ValueError unless 0 < correlation < 1.
    """
    if not 0 < correlation < 1:
        raise ValueError(f"a correlation lies between 0 and 1, not {correlation}")
    distance = max(STEEPEST, min(CLOSEST, 0.12 * sqrt((1 - correlation) / correlation)))
    half = 2 * ceil(FARTHEST / distance / 2)
    nodes = np.linspace(-FARTHEST, FARTHEST, 2 * half + 1)
    weights = np.exp(-(nodes**2) / 2)
    return Factor(nodes, weights / weights.sum(), correlation)


@dataclass(frozen=True)
class Placement:
    """Where a marginal's pieces lie on a lattice: piece i gives `upper` of its mass to cell + 1, the rest to cell."""

    scores: np.ndarray  # at the pieces' upper ends; the first piece is the year without loss
    middles: np.ndarray
    cell: np.ndarray
    upper: np.ndarray


def placed(one: Marginal, step: float, cells: int) -> Placement:
    """A marginal on a lattice of `cells` steps: its own pieces where they are finer, cells elsewhere."""
    widths = np.diff(one.amounts)
    coarse = int(np.argmax(widths > step)) if (widths > step).any() else widths.size
    amounts, scores, middles = thinned(one, coarse, step)
    start = int(np.ceil(amounts[-1] / step + 0.5))
    edges = (np.arange(start, cells + 1) + 0.5) * step
    edges = edges[edges <= one.amounts[-1]]
    ends = np.concatenate([amounts[-1:], edges])
    scores = np.concatenate([scores, between(one, edges)])
    middles = np.concatenate([middles, (ends[1:] + ends[:-1]) / 2])
    kept = middles < cells * step
    place = middles[kept] / step
    cell = np.minimum(place.astype(np.int64), cells - 1)
    return Placement(scores[kept], middles[kept], cell, place - cell)


def thinned(one: Marginal, count: int, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first `count` pieces of a marginal, joined where narrower than needed: ends, scores, mean amounts."""
    amounts, scores = one.amounts[: count + 1], one.scores[: count + 1]
    bins = np.floor(scores / NARROW) + np.floor(amounts / (step / 4))
    last = np.append(bins[1:] != bins[:-1], True)
    last[0] = True
    chances = np.diff(ndtr(scores), prepend=0.0)
    moments = np.cumsum(chances * np.append(0.0, (amounts[1:] + amounts[:-1]) / 2))
    chances = np.cumsum(chances)
    mass = np.diff(chances[last], prepend=0.0)
    ends = amounts[last]
    middles = np.append(0.0, (ends[1:] + ends[:-1]) / 2)
    middles = np.divide(np.diff(moments[last], prepend=0.0), mass, out=middles, where=mass > 1e-12)
    return ends, scores[last], middles


def between(one: Marginal, amounts: np.ndarray) -> np.ndarray:
    """Scores at amounts between a marginal's own: straight in the logarithm, as a lognormal tail is."""
    if not amounts.size:  # what never happens has no amounts beside nothing
        return np.zeros(0)
    return np.interp(np.log(amounts), np.log(one.amounts[1:]), one.scores[1:])


def given(one: Placement, node: float, correlation: float) -> np.ndarray:
    """The mass of each piece, given the common factor."""
    scores = (one.scores - sqrt(correlation) * node) / sqrt(1 - correlation)
    return np.diff(ndtr(scores), prepend=0.0)


def row(one: Placement, masses: np.ndarray, decay: np.ndarray, points: int) -> np.ndarray:
    """The pieces' masses as a damped characteristic function on the common lattice."""
    high = masses * one.upper
    spread = np.bincount(one.cell, masses - high, decay.size) + np.bincount(one.cell + 1, high, decay.size)
    return rfft(spread * decay, points)


def conditioned(
    sources: Sequence[Source],
    marginals: Sequence[Marginal],
    common: Factor,
    step: float,
    points: int,
    progress: Callable[[float], None] | None = None,
) -> tuple[AnnualLoss, AnnualLoss]:
    """The sum of dependent sources on a lattice of that step, and the same with every second node of the factor."""
    places = [placed(one, step, points // 2) for one in marginals]
    decay = damping(points)
    fine, rough = np.zeros(points // 2 + 1, dtype=complex), np.zeros(points // 2 + 1, dtype=complex)
    means = np.zeros((common.nodes.size, len(places)))
    for number, node in enumerate(common.nodes):
        product = np.full(points // 2 + 1, common.weights[number], dtype=complex)
        for place_number, place in enumerate(places):
            masses = given(place, node, common.correlation)
            means[number, place_number] = np.einsum("i,i", masses, place.middles)
            product *= row(place, masses, decay, points)
            if place_number % FLUSH == 0:
                product[np.abs(product) < VANISHED] = 0.0
        fine += product
        if number % 2 == 0:
            rough += 2 * product
        if progress:
            progress((number + 1) / common.nodes.size)
    found = inverted(sources, fine, step, points)
    quiet = silence(places, common)
    deviation = sqrt(found.deviation**2 + shared(means, common.weights))
    found = replace(found, nothing=quiet, deviation=deviation)
    return found, replace(inverted(sources, rough, step, points), nothing=quiet, deviation=deviation)


def silence(places: Sequence[Placement], common: Factor) -> float:
    """The probability of a year without any loss."""
    first = np.array([place.scores[0] for place in places])
    alone = ndtr((first[None, :] - sqrt(common.correlation) * common.nodes[:, None]) / sqrt(1 - common.correlation))
    return float(common.weights @ np.prod(alone, axis=1))


def shared(means: np.ndarray, weights: np.ndarray) -> float:
    """What dependence adds to the variance: the covariances of the scenarios' means given the factor."""
    centred = means - weights @ means
    return float(weights @ (centred.sum(axis=1) ** 2 - (centred**2).sum(axis=1)))


def rough_dependent(
    sources: Sequence[Source], marginals: Sequence[Marginal], common: Factor, probability: float, start: float
) -> AnnualLoss:
    """A rough lattice that holds a quantile, with every second node, of reaches that grow from `start`.

    Raises ValueError when none is found.
    """
    sparse = replace(common, nodes=common.nodes[::2], weights=common.weights[::2] / common.weights[::2].sum())
    reach = start
    for _ in range(TRIES):
        found = conditioned(sources, marginals, sparse, 2 * reach / SKETCH, SKETCH)[0]
        if found.quantile(probability) < inf:
            return found
        reach *= 1.6
    raise ValueError(f"no reach holds the quantile at {probability}")
