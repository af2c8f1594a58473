"""The annual loss on lattices of several reaches, each fine enough for its quantiles, and their errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf, isfinite, log10

import numpy as np

from quarterdeck.engines.loss.annual import MARGIN, AnnualLoss, Source, distribution, rough, rough_quantile, single_jump
from quarterdeck.engines.loss.dependence import Factor, conditioned, factor, rough_dependent
from quarterdeck.engines.loss.marginals import Marginal

LEAST_POINTS = 2**12
MOST_POINTS = 2**17
MOST_DEPENDENT = 2**14
CROWDED = 16  # a quantile that lies this much below a lattice's reach gets a lattice of its own


@dataclass(frozen=True)
class Level:
    """A distribution beside a rougher one, whose distance bounds the error, and errors of other kinds."""

    fine: AnnualLoss
    rough: AnnualLoss
    floor: float = 0.0  # relative

    def error(self, probability: float) -> float:
        """Bound of the quantile's error: the lattice's falls with the step's square, so the distance is thrice it."""
        amount, lost = self.fine.quantile(probability), self.fine.wrapped
        if not isfinite(amount):
            return inf
        folded = max(self.fine.quantile(min(probability + lost, 1.0)) - amount, 0.0)
        return upward(abs(amount - self.rough.quantile(probability)) + folded + self.floor * amount)

    def tail_error(self, probability: float) -> float:
        amount = self.fine.tail_mean(probability)
        if not isfinite(amount):
            return inf
        return upward(abs(amount - self.rough.tail_mean(probability)) + self.floor * amount)

    def largest_error(self, asked: Sequence[float]) -> float:
        """The largest relative error of the quantiles that are not nothing."""
        amounts = [(self.error(p), self.fine.quantile(p)) for p in asked]
        return max((error / amount if amount < inf else inf for error, amount in amounts if amount > 0), default=0.0)


@dataclass(frozen=True)
class Answer:
    """The levels, of growing reach: the first that holds a quantile tells it best."""

    levels: tuple[Level, ...]

    @property
    def widest(self) -> AnnualLoss:
        return self.levels[-1].fine

    def level(self, probability: float) -> Level:
        return next((one for one in self.levels if one.fine.quantile(probability) < inf), self.levels[-1])

    def quantile(self, probability: float) -> float:
        return self.level(probability).fine.quantile(probability)

    def error(self, probability: float) -> float:
        return self.level(probability).error(probability)

    def tail_mean(self, probability: float) -> float:
        return self.level(probability).fine.tail_mean(probability)

    def tail_error(self, probability: float) -> float:
        return self.level(probability).tail_error(probability)

    def exceedance(self, amount: float) -> float:
        """P(loss > amount); beyond the widest reach that of the reach, which is more."""
        found = next((one.fine for one in self.levels if one.fine.reach >= amount), self.widest)
        return found.exceedance(min(amount, found.reach))

    def largest_error(self, asked: Sequence[float]) -> float:
        """The largest relative error of the quantiles that are not nothing."""
        return max(self.level(p).largest_error([p]) for p in asked)


def upward(error: float) -> float:
    """A bound to two digits, rounded up: more of them would be the noise of a difference."""
    if not 0 < error < inf:
        return error
    unit = 10.0 ** (floor(log10(error)) - 1)
    return float(f"{ceil(error / unit - 1e-9) * unit:.1e}")


def independent(sources: Sequence[Source], asked: Sequence[float], tolerance: float) -> Answer:
    """Finer and finer lattices until every quantile that is asked for is within the tolerance."""
    levels = []
    for reach, chances in grouped(asked, lambda p: rough(sources, p), least_reach(sources)):
        points = LEAST_POINTS
        coarse = distribution(sources, 4 * reach / points, points // 2)
        level = Level(distribution(sources, 2 * reach / points, points), coarse)
        while points < MOST_POINTS and level.largest_error(chances) > tolerance:
            points *= 2
            level = Level(distribution(sources, 2 * reach / points, points), level.fine)
        levels.append(level)
    return Answer(tuple(levels))


def grouped(
    asked: Sequence[float], sketch: Callable[[float], AnnualLoss], least: float
) -> list[tuple[float, list[float]]]:
    """Reaches, ascending, and the probabilities that each is for; `least` where every quantile is nothing.

    `sketch` gives a rough distribution that suits the quantile at a probability.
    """
    chances = sorted(asked, reverse=True)
    found = sketch(chances[0])
    groups: list[tuple[float, list[float]]] = [(MARGIN * found.quantile(chances[0]) or least, [])]
    for probability in chances:
        if 0 < found.quantile(probability) < groups[-1][0] / CROWDED:
            found = sketch(probability)
            groups.append((MARGIN * found.quantile(probability), []))
        groups[-1][1].append(probability)
    return groups[::-1]


def least_reach(sources: Sequence[Source]) -> float:
    """How far a lattice goes if every quantile is nothing: past what one event may cost."""
    active = [one for one in sources if one.mean > 0]
    events = sum(one.rate.mean for one in active)
    return MARGIN * single_jump(active, 1 - min(1e-3, events / 10)) if active else 1.0


def dependent(
    sources: Sequence[Source],
    marginals: Sequence[Marginal],
    correlation: float,
    asked: Sequence[float],
    tolerance: float,
    progress: Callable[[float], None],
) -> Answer:
    """The same given the common factor."""
    common, least = factor(correlation), least_reach(sources)

    def sketch(probability: float) -> AnnualLoss:
        start = rough_quantile(sources, probability) or least
        return rough_dependent(sources, marginals, common, probability, start)

    levels = []
    groups = grouped(asked, sketch, least)
    for number, (reach, chances) in enumerate(groups):
        levels.append(dependent_level(sources, marginals, common, reach, chances, tolerance))
        progress((number + 1) / len(groups))
    return Answer(tuple(levels))


def dependent_level(
    sources: Sequence[Source],
    marginals: Sequence[Marginal],
    common: Factor,
    reach: float,
    asked: Sequence[float],
    tolerance: float,
) -> Level:
    """One reach; what marginals on lattices of their own add is measured without correlation."""
    floor = marginals_error(sources, marginals, common, reach, asked)
    points, rough = LEAST_POINTS, None
    while True:
        fine, sparse = conditioned(sources, marginals, common, 2 * reach / points, points)
        nodes = max(relative(sparse.quantile(p), fine.quantile(p)) for p in asked)
        level = Level(fine, rough or sparse, floor + nodes)
        if points == MOST_DEPENDENT or (rough and level.largest_error(asked) <= tolerance):
            return level
        rough, points = fine, points * 2


def marginals_error(
    sources: Sequence[Source], marginals: Sequence[Marginal], common: Factor, reach: float, asked: Sequence[float]
) -> float:
    """The largest relative distance, without correlation, from the sum that needs no marginals."""
    step = 2 * reach / MOST_DEPENDENT
    single = replace(common, nodes=np.zeros(1), weights=np.ones(1), correlation=0.0)
    alone = distribution(sources, step, MOST_DEPENDENT)
    again = conditioned(sources, marginals, single, step, MOST_DEPENDENT)[0]
    return max(relative(again.quantile(p), alone.quantile(p)) for p in asked)


def relative(one: float, other: float) -> float:
    """The distance of two amounts as a part of the second; none where either is nothing or beyond reach."""
    return abs(one - other) / other if 0 < other < inf and 0 < one < inf else 0.0
