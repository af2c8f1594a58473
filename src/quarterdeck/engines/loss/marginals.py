"""The annual loss of one scenario alone, from its first cent to its farthest tail, as amounts against normal scores."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from quarterdeck.engines.loss.annual import MARGIN, AnnualLoss, Source, distribution, quiet, rough_quantile

LEVELS = (0.999, 0.99999, 1 - 1e-7)  # probabilities that ever coarser lattices hold
LOWER = (0.5, 0.1)  # chances of more, given any loss, that have finer ones where the first lattice is too coarse
CROWDED = 64  # which is where they lie this much below its reach
POINTS = 2**12  # of each lattice
TAIL = np.geomspace(1e-7, 1e-15, 65)  # chances of exceedance beyond: there one large event explains the year
LEAST = 1e-15  # chance below which no score is told


@dataclass(frozen=True)
class Marginal:
    """P(loss ≤ amounts[i]) is the normal distribution function of scores[i]; amounts rise from 0."""

    amounts: np.ndarray
    scores: np.ndarray


def marginal(one: Source) -> Marginal:
    """One scenario's annual loss; where it has none at all, a single point."""
    if one.mean == 0:
        return Marginal(np.zeros(1), -ndtri(np.array([LEAST])))
    chance = 1 - quiet([one])
    amounts, beyond = [np.zeros(1)], [np.array([chance])]
    lattices = [(probability, reaching(one, probability)) for probability in LEVELS]
    for probability in (1 - part * chance for part in reversed(LOWER)):
        if rough_quantile([one], probability) < lattices[0][1].reach / CROWDED:
            lattices.insert(0, (probability, reaching(one, probability)))
    for probability, found in lattices:
        chances = 1 - found.cumulative
        new = (found.edges > amounts[-1][-1]) & (chances < beyond[-1][-1]) & (chances > (1 - probability) / 2)
        if new.any():
            amounts.append(found.edges[new])
            beyond.append(chances[new])
    far = one.magnitude.quantile(np.minimum(TAIL / one.rate.mean, 0.5))
    new = (far > amounts[-1][-1]) & (beyond[-1][-1] > TAIL)
    scores = -ndtri(np.clip(np.concatenate([*beyond, TAIL[new]]), LEAST, 1 - LEAST))
    return Marginal(np.concatenate([*amounts, far[new]]), scores)


def reaching(one: Source, probability: float) -> AnnualLoss:
    """One scenario on a lattice that holds its quantile at a probability, or one large event where that is zero."""
    amount = rough_quantile([one], probability)
    if amount == 0:
        amount = float(one.magnitude.quantile(np.array([1e-3]))[0])
    return distribution([one], 2 * MARGIN * amount / POINTS, POINTS)
