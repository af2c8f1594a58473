"""The annual loss after controls, again and again: what a choice of controls does to the whole distribution."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import isfinite

import numpy as np
from scipy.fft import rfft

from quarterdeck.engines.loss.annual import (
    MARGIN,
    AnnualLoss,
    Source,
    damping,
    distribution,
    inverted,
    rough_quantile,
    source,
)
from quarterdeck.engines.loss.dependence import conditioned, factor, rough_dependent
from quarterdeck.engines.loss.marginals import marginal
from quarterdeck.engines.loss.rates import spread
from quarterdeck.engines.loss.severity import lattices
from quarterdeck.engines.programme import Control, Scenario

POINTS = 2**13  # of the lattice: 1e-4 of a 99 % quantile with a hundred scenarios
STATES = 512  # scenarios under given factors whose transforms are kept


def annual_loss(
    scenarios: Sequence[Scenario],
    controls: Iterable[Control] = (),
    correlation: float = 0.0,
    probability: float = 0.999,
    points: int = POINTS,
) -> AnnualLoss:
    """The distribution of a year's loss once each scenario's frequency and magnitude are multiplied by its controls.

    Exact up to the lattice, for independent scenarios and for those bound by the Gaussian copula of one factor. The
    lattice reaches past the quantile at `probability` and tells that one best. ValueError for scenarios or controls
    without meaning.
    """
    sources = controlled(scenarios, controls)
    if not any(one.mean > 0 for one in sources):
        return distribution(sources, 1.0, points)
    reach = MARGIN * (rough_quantile(sources, probability) or sum(one.mean for one in sources))
    if correlation == 0:
        return distribution(sources, 2 * reach / points, points)
    marginals, common = [marginal(one) for one in sources], factor(correlation)
    reach = MARGIN * rough_dependent(sources, marginals, common, probability, reach).quantile(probability)
    return conditioned(sources, marginals, common, 2 * reach / points, points)[0]


def controlled(scenarios: Sequence[Scenario], controls: Iterable[Control]) -> list[Source]:
    """The scenarios under their controls, whose factors multiply; ValueError for a control of an unknown scenario."""
    frequency = {scenario.key: 1.0 for scenario in scenarios}
    magnitude = dict(frequency)
    if len(frequency) < len(scenarios):
        raise ValueError("two scenarios have the same key")
    for control in controls:
        if control.scenario not in frequency:
            raise ValueError(f"a control acts on {control.scenario}, which is no scenario")
        frequency[control.scenario] *= control.frequency
        magnitude[control.scenario] *= control.magnitude
    return [source(scenario, frequency[scenario.key], magnitude[scenario.key]) for scenario in scenarios]


class Evaluator:
    """Annual losses of the same independent scenarios under many sets of controls, on one lattice.

    Each scenario's transform under each pair of factors is computed once, so a new set of controls costs one product
    and one inverse transform. The lattice reaches past the quantile at `probability` without controls
    and tells that one best: an evaluator for every limit is cheap.
    """

    def __init__(self, scenarios: Sequence[Scenario], probability: float = 0.999, points: int = POINTS) -> None:
        self.scenarios = tuple(scenarios)
        self.points = points
        self.probability = probability
        sources = controlled(self.scenarios, ())
        self.reach = MARGIN * (rough_quantile(sources, probability) or sum(one.mean for one in sources) or 1.0)
        self.known = lru_cache(maxsize=STATES)(self.transformed)

    @property
    def step(self) -> float:
        return 2 * self.reach / self.points

    def loss(self, controls: Iterable[Control] = ()) -> AnnualLoss:
        """The annual loss under these controls; on a lattice of its own should they raise it beyond the reach."""
        chosen = tuple(controls)
        sources = controlled(self.scenarios, chosen)
        function = np.ones(self.points // 2 + 1, dtype=complex)
        for one in sources:
            function *= self.known(one)
        found = inverted(sources, function, self.step, self.points)
        if isfinite(found.quantile(self.probability)):
            return found
        return annual_loss(self.scenarios, chosen, 0.0, self.probability, self.points)

    def transformed(self, one: Source) -> np.ndarray:
        """One scenario's damped characteristic function on the lattice."""
        masses = lattices([one.magnitude], self.step, self.points // 2)[0] * damping(self.points)
        row = rfft(masses, self.points)
        return spread(one.rate, row) * np.exp(one.rate.low * (row - 1))
