"""The course of one initiative, one hire, one scenario if estimates come true: months, effort, money."""

from dataclasses import dataclass
from math import ceil, exp, log

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.programme import Bias, Initiative, Programme, Route, Scenario

Floats = NDArray[np.float64]
SPAN = 3.289707253902945  # distance of the 5 % and the 95 % point of the normal distribution, in standard deviations
SLACK = 1e-9  # rounding months up must not turn 6.000000001 into 7


def expected(bias: Bias) -> float:
    """Mean of the lognormal factor actual over planned."""
    return bias.median * exp((bias.common**2 + bias.own**2) / 2)


def discounts(programme: Programme, months: int) -> Floats:
    """Present value of one unit of money at the start of each month."""
    return (1.0 + programme.discount) ** (-np.arange(months) / 12.0)


def ramped(months: int, ramp: int) -> Floats:
    """Mean level in each month since the start of a linear ramp."""
    if ramp <= 0:
        return np.ones(months)
    return np.minimum(1.0, (np.arange(months) + 0.5) / ramp)


@dataclass(frozen=True)
class Course:
    """What an initiative does month by month, counted from its start (or from month 0 if it runs already)."""

    months: int  # of work left
    effort: dict[str, Floats]  # person-months of each skill in each month of work
    capital: Floats  # money in each month of work
    running: float  # money a month after finish
    running_months: int  # how many of them
    present: float  # net present value at its start


def _cumulative(profile: tuple[float, ...], at: Floats) -> Floats:
    """Part of the effort that is done at parts `at` of the life."""
    weights = np.asarray(profile, dtype=float)
    if weights.size == 0 or weights.sum() <= 0:
        weights = np.ones(1)
    steps = np.concatenate(([0.0], np.cumsum(weights / weights.sum())))
    return np.interp(at, np.linspace(0.0, 1.0, weights.size + 1), steps)


def _life_done(profile: tuple[float, ...], done: float) -> float:
    """Part of the life behind an initiative whose effort is done to `done`."""
    if done <= 0:
        return 0.0
    grid = np.linspace(0.0, 1.0, 1001)
    return float(np.interp(done, _cumulative(profile, grid), grid))


def course(programme: Programme, initiative: Initiative) -> Course:
    """The course of an initiative with expected factors for effort, duration and benefit."""
    life = max(1.0, initiative.duration.mean * expected(programme.duration_bias))
    past = _life_done(initiative.profile, initiative.done) if initiative.started is not None else 0.0
    finished = initiative.started is not None and initiative.done >= 1.0
    months = 0 if finished else max(1, ceil(life * (1.0 - past) - SLACK))
    left = 1.0 - (initiative.done if initiative.started is not None else 0.0)
    shares = np.diff(_cumulative(initiative.profile, np.linspace(past, 1.0, months + 1)))
    shares = shares / shares.sum() if months and shares.sum() > 0 else np.full(months, 1.0 / max(1, months))
    factor = expected(programme.effort_bias) * left
    effort: dict[str, Floats] = {}
    for part in initiative.efforts:
        effort[part.skill] = effort.get(part.skill, np.zeros(months)) + shares * (part.months.mean * factor)
    capital = np.full(months, initiative.capital.mean * left / max(1, months))
    behind = max(0, -(3 * (initiative.started or 0) + ceil(life - SLACK))) if finished else 0
    level = ramped(initiative.benefit_months, initiative.ramp)[behind:]
    flow = level * (initiative.benefit.mean * expected(programme.benefit_bias)) - initiative.running.mean
    factors = discounts(programme, months + level.size)
    present = float(flow @ factors[months:] - capital @ factors[:months])
    return Course(months, effort, capital, initiative.running.mean, level.size, present)


@dataclass(frozen=True)
class Joining:
    """What one hire decided in a quarter brings and costs, by month of the account."""

    work: Floats  # person-months
    spend: Floats  # money
    cost: float  # present value


def joining(programme: Programme, route: Route, quarter: int, months: int) -> Joining:
    """One hire: ramping in, leaving at the skill's rate, paid to the end of the account."""
    attrition = next((skill.attrition for skill in programme.skills if skill.key == route.skill), 0.0)
    first = 3 * quarter + ceil(route.time_to_hire.mean - SLACK)
    work, spend = np.zeros(months), np.zeros(months)
    if first < months:
        stay = np.exp(-attrition * (np.arange(months - first) + 0.5) / 12.0)
        work[first:] = ramped(months - first, route.ramp) * stay
        spend[first:] = route.salary * stay
    spend[3 * quarter] += route.cost
    return Joining(work, spend, float(spend @ discounts(programme, months)))


def own_supply(programme: Programme, skill: str, months: int) -> Floats:
    """Person-months of one skill in each month, thinned by attrition; the last known month goes on."""
    for candidate in programme.skills:
        if candidate.key == skill and candidate.supply:
            known = np.asarray(candidate.supply, dtype=float)[:months]
            supply = np.concatenate((known, np.full(months - known.size, known[-1])))
            return supply * np.exp(-candidate.attrition * (np.arange(months) + 0.5) / 12.0)
    return np.zeros(months)


def annual_loss(scenario: Scenario) -> float:
    """Expected loss a year: mean PERT frequency times mean lognormal magnitude."""
    if scenario.high <= 0:
        return 0.0
    middle, spread = (log(scenario.low) + log(scenario.high)) / 2, (log(scenario.high) - log(scenario.low)) / SPAN
    return scenario.frequency.mean * exp(middle + spread**2 / 2)
