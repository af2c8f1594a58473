"""What a company's loss scenarios cost in a year: the assessment, its inputs and its result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from quarterdeck.engines.loss.annual import Source
from quarterdeck.engines.loss.evaluator import controlled
from quarterdeck.engines.loss.levels import Answer, dependent, independent
from quarterdeck.engines.loss.marginals import Marginal, marginal
from quarterdeck.engines.loss.shares import beyond
from quarterdeck.engines.loss.simulation import Sample, simulate, simulate_dependent
from quarterdeck.engines.programme import Appetite, Control, Scenario

SHARE_POINTS = 2**12  # of the lattice on which shares of the tail are found
CURVE = 64  # points of the exceedance curve
COMMONEST = 0.99  # exceedance at which the curve begins


@dataclass(frozen=True)
class Inputs:
    """Scenarios, what already acts on them, how they hang together, and what is asked."""

    scenarios: tuple[Scenario, ...]
    appetite: tuple[Appetite, ...] = ()
    controls: tuple[Control, ...] = ()
    correlation: float = 0.0  # of the Gaussian copula's one common factor, 0 ≤ correlation < 1
    probabilities: tuple[float, ...] = (0.5, 0.9, 0.95, 0.99, 0.995, 0.999)
    tail: float = 0.95  # shares of the tail are those of the worst 1 - tail of years
    tolerance: float = 1e-4  # relative error at which a quantile is good enough
    trials: int = 10_000  # of the simulation that checks the answer; 0: none
    seed: int = 1

    def __post_init__(self) -> None:
        chances = [*self.probabilities, self.tail, *(limit.probability for limit in self.appetite)]
        if not all(0 < chance <= 0.9999 for chance in chances):
            raise ValueError("probabilities lie above 0 and at most at 0.9999")
        if not 0 <= self.correlation < 1:
            raise ValueError(f"a correlation is at least 0 and below 1, not {self.correlation}")
        if self.correlation > 0 and self.trials < 1000:
            raise ValueError("shares of the tail of dependent scenarios need at least 1,000 trials")
        if not (self.tolerance > 0 and self.trials >= 0):
            raise ValueError("the tolerance needs to be positive, the number of trials not negative")


@dataclass(frozen=True)
class Quantile:
    """An amount that a year's loss does not exceed with a probability, and the numerical error's bound."""

    probability: float
    amount: float
    error: float


@dataclass(frozen=True)
class TailMean:
    """The mean of the worst 1 - probability of years, and the numerical error's bound."""

    probability: float
    amount: float
    error: float


@dataclass(frozen=True)
class Exceedance:
    """A point of the loss curve: the chance that a year's loss exceeds an amount."""

    amount: float
    chance: float


@dataclass(frozen=True)
class Share:
    """A scenario's part of the mean loss and of the loss in the worst years, as amounts and as parts of one."""

    scenario: str
    mean: float
    part_of_mean: float
    tail: float
    part_of_tail: float


class Verdict(Enum):
    """Whether a limit holds."""

    WITHIN = "within"
    BREACHED = "breached"
    UNDECIDED = "cannot tell"  # the limit lies within the error


@dataclass(frozen=True)
class Limit:
    """A limit against the answer: the quantile, and the chance of exceeding (an upper bound beyond the reach)."""

    probability: float
    limit: float
    amount: float
    error: float
    chance: float
    verdict: Verdict


@dataclass(frozen=True)
class Checks:
    """How far the answer can be trusted."""

    levels: int  # lattices of different reach; what follows is about the widest
    points: int
    step: float  # between them, in money
    reach: float  # of the lattice, in money
    beyond: float  # probability of a year beyond the reach
    wrapped: float  # bound of the probability that the transform folded back
    largest_error: float  # of the quantiles, relative
    converged: bool  # whether that is within the tolerance
    trials: int  # of the simulation
    gap: float  # largest difference from simulated quantiles, in half widths of their 95 % intervals


@dataclass(frozen=True)
class Result:
    """The annual loss, in the scenarios' money."""

    mean: float  # exact
    deviation: float  # exact where scenarios are independent
    nothing: float  # probability of a year without loss
    quantiles: tuple[Quantile, ...]
    tail_means: tuple[TailMean, ...]
    curve: tuple[Exceedance, ...]
    shares: tuple[Share, ...]  # in the order of the scenarios
    limits: tuple[Limit, ...]  # in the order of the appetite
    checks: Checks


def assess(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """The annual loss of the scenarios; ValueError, naming it, for a scenario without meaning."""
    tell = progress or (lambda part: None)
    sources = controlled(inputs.scenarios, inputs.controls)
    asked = sorted({*inputs.probabilities, inputs.tail, *(limit.probability for limit in inputs.appetite)})
    bound = inputs.correlation > 0
    marginals = [marginal(one) for one in sources] if bound else []
    if bound:
        answer = dependent(sources, marginals, inputs.correlation, asked, inputs.tolerance, lambda p: tell(0.6 * p))
    else:
        answer = independent(sources, asked, inputs.tolerance)
    tell(0.6)
    sample = simulated(inputs, sources, marginals)
    tell(0.9)
    found = Result(
        mean=answer.widest.mean,
        deviation=answer.widest.deviation,
        nothing=answer.widest.nothing,
        quantiles=tuple(Quantile(p, answer.quantile(p), answer.error(p)) for p in inputs.probabilities),
        tail_means=tuple(TailMean(p, answer.tail_mean(p), answer.tail_error(p)) for p in inputs.probabilities),
        curve=curve(answer, max(asked)),
        shares=shares(inputs, sources, answer, sample),
        limits=tuple(limit(answer, one) for one in inputs.appetite),
        checks=checks(inputs, answer, sample, asked),
    )
    tell(1.0)
    return found


def simulated(inputs: Inputs, sources: Sequence[Source], marginals: Sequence[Marginal]) -> Sample | None:
    """The same years drawn at random, if that is asked for."""
    keys = [scenario.key for scenario in inputs.scenarios]
    if inputs.trials == 0:
        return None
    if inputs.correlation == 0:
        return simulate(sources, keys, inputs.seed, inputs.trials)
    return simulate_dependent(marginals, keys, inputs.correlation, inputs.seed, inputs.trials, inputs.tail)


def shares(inputs: Inputs, sources: Sequence[Source], answer: Answer, sample: Sample | None) -> tuple[Share, ...]:
    """Each scenario's part of the mean and of the worst years; these add up to the exact tail mean.

    Exact up to the lattice where scenarios are independent, else as simulated.
    """
    if inputs.correlation > 0 and sample is not None:
        tails = sample.tail
    else:
        found = answer.level(inputs.tail).fine
        step = 2 * found.reach / SHARE_POINTS
        tails = beyond(sources, found.quantile(inputs.tail), step, SHARE_POINTS) / (1 - inputs.tail)
    whole, worst = answer.widest.mean or 1.0, answer.tail_mean(inputs.tail) or 1.0
    tails = tails * (worst / (float(tails.sum()) or 1.0))
    return tuple(
        Share(scenario.key, float(one.mean), float(one.mean / whole), float(tail), float(tail / worst))
        for scenario, one, tail in zip(inputs.scenarios, sources, tails, strict=True)
    )


def curve(answer: Answer, highest: float) -> tuple[Exceedance, ...]:
    """The loss curve, from what happens nearly every year to the rarest that was asked for."""
    if answer.widest.mean == 0:
        return ()
    chances = np.geomspace(min(COMMONEST, 1 - answer.widest.nothing), 1 - highest, CURVE)
    return tuple(Exceedance(answer.quantile(1 - chance), float(chance)) for chance in chances)


def limit(answer: Answer, appetite: Appetite) -> Limit:
    """A limit of the appetite against the quantile at its probability."""
    amount, error = answer.quantile(appetite.probability), answer.error(appetite.probability)
    verdict = Verdict.WITHIN if amount + error <= appetite.amount else Verdict.UNDECIDED
    if amount - error > appetite.amount:
        verdict = Verdict.BREACHED
    chance = answer.exceedance(appetite.amount)
    return Limit(appetite.probability, appetite.amount, amount, error, chance, verdict)


def checks(inputs: Inputs, answer: Answer, sample: Sample | None, asked: Sequence[float]) -> Checks:
    """How far the answer can be trusted."""
    largest, gaps, widest = answer.largest_error(asked), [0.0], answer.widest
    for p in asked:
        width = sample.half_width(p) if sample else 0.0
        if sample and width > 0:
            gaps.append(abs(sample.quantile(p) - answer.quantile(p)) / width)
    return Checks(
        levels=len(answer.levels),
        points=2 * (widest.masses.size - 1),
        step=widest.step,
        reach=widest.reach,
        beyond=max(1 - float(widest.cumulative[-1]), 0.0),
        wrapped=max(level.fine.wrapped for level in answer.levels),
        largest_error=largest,
        converged=largest <= inputs.tolerance,
        trials=inputs.trials,
        gap=max(gaps),
    )
