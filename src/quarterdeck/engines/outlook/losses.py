"""Incidents year by year, and what finished initiatives make of them.

A scenario's rate is drawn once a trial (PERT); the incidents of a year are Poisson with that rate, at uniform
moments; a magnitude is lognormal. The scenarios' one common factor moves their years together: a year's uniform is
Φ(√ρ C + √(1 − ρ) e), its Poisson quantile is the number of incidents, and where it lies within that number's share is
the first incident's magnitude. Each scenario's annual loss keeps its distribution; with at most one incident a year
the years' losses have exactly the Gaussian copula with correlation ρ, with more of them it is nearly so. A control
multiplies frequency by thinning: of an incident's own uniform, only those below the product of the multipliers at its
moment happen; for a product above one, further independent layers of incidents are drawn. A control's factors are
drawn once a trial (PERT) where they are estimates.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.draws import (
    Floats,
    digest,
    normal_chance,
    normal_quantile,
    poisson_quantile,
    two_uniforms,
    uniform,
)
from quarterdeck.engines.outlook.columns import Columns, ranges
from quarterdeck.engines.programme import Control, Estimate, Initiative, Scenario

INTERVAL = 3.2897072539029435  # width of the central 90 % of a standard normal distribution
MOST_LAYERS = 64
YEAR = np.uint64(1 << 32)  # index of a year's first incident over that of the year before


class Risk(NamedTuple):
    """Scenarios sorted by key (s of them) and the controls on each in runs, by initiative; streams by purpose."""

    rate: NDArray[np.int64]  # (s,) PERT column, incidents a year
    mean_log: Floats
    spread_log: Floats
    years: int
    own: NDArray[np.uint64]  # (s,) a year's own factor, indexed by year
    incident: NDArray[np.uint64]  # (s,) moment and magnitude, indexed by year and incident
    thinning: NDArray[np.uint64]  # (s,)
    layer: NDArray[np.uint64]  # (s,) further incidents, where controls raise the frequency
    layers: NDArray[np.int64]  # (s,)
    common: np.uint64  # stream of the years' common factor
    correlation: float
    from_: NDArray[np.int64]  # (s + 1,)
    line: NDArray[np.int64]  # initiative, in the sorting of `Work`
    frequency: NDArray[np.int64]  # PERT columns of the controls' factors
    magnitude: NDArray[np.int64]
    force: float  # interest intensity a month


def log_terms(scenario: Scenario) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of one event's loss."""
    if scenario.low == scenario.high == 0.0:
        return -math.inf, 0.0
    if not 0.0 < scenario.low <= scenario.high:
        raise ValueError(f"the loss interval of {scenario.key} must be positive and in order")
    low, high = math.log(scenario.low), math.log(scenario.high)
    return (low + high) / 2.0, (high - low) / INTERVAL


def mean_magnitude(scenario: Scenario) -> float:
    """Mean loss of one event."""
    mean, spread = log_terms(scenario)
    return math.exp(mean + spread**2 / 2.0)


def factors(control: Control) -> tuple[Estimate, Estimate]:
    """What a control multiplies frequency and magnitude by; what is exact has no width and is the same every trial."""
    exact = (Estimate(factor, factor, factor) for factor in (control.frequency, control.magnitude))
    often, large = (one or other for one, other in zip((control.often, control.large), exact, strict=True))
    return often, large


def drawn(columns: Columns, estimates: list[tuple[str, Estimate]], purpose: str) -> NDArray[np.int64]:
    """PERT columns of estimates by their keys."""
    return np.array([columns.pert(one, purpose, key) for key, one in estimates], dtype=np.int64)


def build(
    scenarios: list[Scenario],
    chosen: list[Initiative],
    columns: Columns,
    years: int,
    correlation: float,
    discount: float,
) -> Risk:
    """Lay out scenarios, sorted by key, and the controls of the plan's initiatives."""
    runs: list[list[tuple[int, str, Estimate, Estimate]]] = [[] for _ in scenarios]
    number = {scenario.key: s for s, scenario in enumerate(scenarios)}
    for line, initiative in enumerate(chosen):
        for control in initiative.controls:
            runs[number[control.scenario]].append((line, f"{initiative.key}/{control.scenario}", *factors(control)))
    terms = [log_terms(scenario) for scenario in scenarios]
    layers = [math.ceil(math.prod(max(1.0, often.high) for _, _, often, _ in run)) for run in runs]
    if max(layers, default=0) > MOST_LAYERS:
        raise ValueError(f"controls raise a scenario's frequency more than {MOST_LAYERS} times")

    def streams(purpose: str) -> NDArray[np.uint64]:
        return np.array([digest(columns.seed, purpose, s.key) for s in scenarios], dtype=np.uint64)

    return Risk(
        rate=np.array([columns.pert(s.frequency, "scenario frequency", s.key) for s in scenarios], dtype=np.int64),
        mean_log=np.array([mean for mean, _ in terms], dtype=np.float64),
        spread_log=np.array([spread for _, spread in terms], dtype=np.float64),
        years=years,
        own=streams("scenario year"),
        incident=streams("scenario incident"),
        thinning=streams("scenario thinning"),
        layer=streams("scenario layer"),
        layers=np.array(layers, dtype=np.int64),
        common=np.uint64(digest(columns.seed, "common factor of losses")),
        correlation=correlation,
        from_=ranges([len(run) for run in runs]),
        line=np.array([line for run in runs for line, _, _, _ in run], dtype=np.int64),
        frequency=drawn(columns, [(k, often) for run in runs for _, k, often, _ in run], "control frequency"),
        magnitude=drawn(columns, [(k, large) for run in runs for _, k, _, large in run], "control magnitude"),
        force=math.log1p(discount) / 12.0,
    )


@njit(cache=True)
def multipliers(pert, t, finish, line, frequency, magnitude, first, last, moment):
    """What a scenario's controls (first … last) in force at a moment multiply its frequency and magnitude by."""
    often, large = 1.0, 1.0
    for c in range(first, last):
        if finish[line[c]] <= moment:
            often *= pert[frequency[c], t]
            large *= pert[magnitude[c], t]
    return often, large


@njit(cache=True)
def share_of_year(common, own, trial, year, correlation):
    """The uniform of one scenario's year under the Gaussian copula; common: the year's common score."""
    chance = uniform(own, trial, year)
    if correlation <= 0.0:
        return chance
    score = math.sqrt(1.0 - correlation) * normal_quantile(chance)
    return normal_chance(math.sqrt(correlation) * common + score)


@njit(cache=True)
def happen(risk, pert, t, finish, s, trial, year, count, inside, force):
    """The incidents of one scenario's year. count: how many; inside: the uniform of the first one's magnitude."""
    line, frequency, magnitude = risk.line, risk.frequency, risk.magnitude
    first, last, mean, spread = risk.from_[s], risk.from_[s + 1], risk.mean_log[s], risk.spread_log[s]
    incident, thinning = risk.incident[s], risk.thinning[s]
    before, after, value, kept = 0.0, 0.0, 0.0, 0
    for n in range(count):
        index = np.uint64(year) * YEAR + np.uint64(n)
        when, size = two_uniforms(incident, trial, index)
        moment = 12.0 * (year + when)
        loss = math.exp(mean + spread * normal_quantile(inside if n == 0 else size))
        before += loss
        often, large = multipliers(pert, t, finish, line, frequency, magnitude, first, last, moment)
        if often >= 1.0 or uniform(thinning, trial, index) < often:
            kept += 1
            after += loss * large
            value += loss * large * math.exp(-force * moment)
    return before, after, value, kept


@njit(cache=True)
def more(risk, pert, t, finish, s, trial, year, rate, force):
    """Further incidents of one scenario's year, layer by layer, where controls raise its frequency above the base."""
    line, frequency, magnitude = risk.line, risk.frequency, risk.magnitude
    first, last, stream = risk.from_[s], risk.from_[s + 1], risk.layer[s]
    after, value, kept = 0.0, 0.0, 0
    for layer in range(1, risk.layers[s]):
        start = (np.uint64(year) * np.uint64(MOST_LAYERS) + np.uint64(layer)) * YEAR
        count, _ = poisson_quantile(uniform(stream, trial, start), rate)
        for n in range(count):
            index = start + np.uint64(2 * n + 1)
            when, height = two_uniforms(stream, trial, index)
            moment = 12.0 * (year + when)
            often, large = multipliers(pert, t, finish, line, frequency, magnitude, first, last, moment)
            if layer + height < often:
                score = normal_quantile(uniform(stream, trial, index + np.uint64(1)))
                loss = math.exp(risk.mean_log[s] + risk.spread_log[s] * score) * large
                kept += 1
                after += loss
                value += loss * math.exp(-force * moment)
    return after, value, kept


@njit(cache=True)
def suffer(risk, pert, finish, t, trial, losses, counts):
    """Fill losses and counts (2, years), before and after controls; return the discounted losses after them."""
    losses[:] = 0.0
    counts[:] = 0
    total = 0.0
    correlation, force, own, rates, layers = risk.correlation, risk.force, risk.own, risk.rate, risk.layers
    for year in range(losses.shape[1]):
        common = normal_quantile(uniform(risk.common, trial, year)) if correlation > 0.0 else 0.0
        for s in range(len(rates)):
            rate = pert[rates[s], t]
            count, inside = poisson_quantile(share_of_year(common, own[s], trial, year, correlation), rate)
            counts[0, year] += count
            if count > 0:
                before, after, value, kept = happen(risk, pert, t, finish, s, trial, year, count, inside, force)
                losses[0, year] += before
                losses[1, year] += after
                counts[1, year] += kept
                total += value
            if layers[s] > 1:
                after, value, kept = more(risk, pert, t, finish, s, trial, year, rate, force)
                losses[1, year] += after
                counts[1, year] += kept
                total += value
    return total
