"""A chunk of trials from draws to outcomes; a trial gives the same outcome in whatever chunk or process it runs."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats, fill_normal, fill_pert, pert_table
from quarterdeck.engines.outlook.columns import mean_factor
from quarterdeck.engines.outlook.goals import measure
from quarterdeck.engines.outlook.losses import suffer
from quarterdeck.engines.outlook.model import Factor, Model
from quarterdeck.engines.outlook.money import account, present_value
from quarterdeck.engines.outlook.people import newcomers, staff
from quarterdeck.engines.outlook.work import fresh, run


class Sample(NamedTuple):
    """What was drawn for t trials: columns as drawn, and estimates with their bias."""

    pert: Floats  # (columns, t)
    normal: Floats  # (columns, t)
    duration: Floats  # (n, t) months
    effort: Floats  # (k, t) person-months
    benefit: Floats  # (n, t) actual over planned


class Outcome(NamedTuple):
    """What t trials brought. n initiatives, s skills, q quarters, r key results, y years; trials last."""

    finish: Floats  # (n, t) moment, infinite where cut
    supply: Floats  # (s, q, t)
    demand: Floats  # (s, q, t)
    used: Floats  # (s, q, t)
    cash: Floats  # (q, t)
    value: Floats  # (t,)
    met: NDArray[np.bool_]  # (r, t)
    attainment: Floats  # (r, q, t)
    losses: Floats  # (2, y, t) before and after controls
    counts: NDArray[np.int64]  # (2, y, t)
    loss_value: Floats  # (t,)
    duration: Floats  # (n, t) as drawn


@njit(cache=True)
def scale(pert, columns, normal, common, own, median, common_spread, own_spread):
    """Draws of PERT columns times their lognormal bias: (columns, trials)."""
    out = np.empty((len(columns), pert.shape[1]))
    for c in range(len(columns)):
        for t in range(pert.shape[1]):
            score = common_spread * normal[common, t] + own_spread * normal[own[c], t]
            factor = median * np.exp(score)
            out[c, t] = factor * pert[columns[c], t]
    return out


def biased(pert: Floats, columns: NDArray[np.int64], normal: Floats, factor: Factor, own: NDArray[np.int64]) -> Floats:
    """PERT columns times their bias."""
    bias = factor.bias
    return scale(pert, columns, normal, factor.common, own, bias.median, bias.common, bias.own)


def draw(model: Model, first: int, count: int) -> Sample:
    """Draw trials first … first + count − 1."""
    pert = np.empty((len(model.pert.keys), count))
    normal = np.empty((len(model.normal.keys), count))
    s = model.pert
    fill_pert(s.keys, s.indices, s.low, s.width, s.mode, *pert_table(), first, pert)
    fill_normal(model.normal.keys, model.normal.indices, first, normal)
    ones, zeros = np.ones((1, count)), np.zeros(len(model.duration), dtype=np.int64)
    own = model.effort_factor.own[model.effort_line]
    return Sample(
        pert,
        normal,
        biased(pert, model.duration, normal, model.duration_factor, model.duration_factor.own),
        biased(pert, model.effort, normal, model.effort_factor, own),
        biased(ones, zeros, normal, model.benefit_factor, model.benefit_factor.own),
    )


def at_means(model: Model) -> Sample:
    """One trial in which every estimate and its bias come out at their means."""
    pert = model.pert.mean[:, None].copy()
    normal = np.zeros((len(model.normal.keys), 1))
    duration = pert[model.duration] * mean_factor(model.duration_factor.bias)
    effort = pert[model.effort] * mean_factor(model.effort_factor.bias)
    return Sample(pert, normal, duration, effort, np.full(duration.shape, mean_factor(model.benefit_factor.bias)))


def room(model: Model, count: int) -> Outcome:
    """Empty arrays for the outcome of this many trials."""
    n, s, r = len(model.work.ready), len(model.people.hazard), len(model.goals.today)
    q, y = -(-model.work.months // 3), model.risk.years
    per_skill = (s, q, count)
    return Outcome(
        np.empty((n, count)),
        np.empty(per_skill),
        np.empty(per_skill),
        np.empty(per_skill),
        np.empty((q, count)),
        np.empty(count),
        np.empty((r, count), dtype=np.bool_),
        np.empty((r, q, count)),
        np.empty((2, y, count)),
        np.empty((2, y, count), dtype=np.int64),
        np.empty(count),
        np.empty((n, count)),
    )


@njit(cache=True)
def quarterly(months, out):
    """Sum months by quarter: months (…, m) of one row each into out (rows, q)."""
    out[:] = 0.0
    for row in range(months.shape[0]):
        for month in range(months.shape[1]):
            out[row, month // 3] += months[row, month]


@njit(cache=True)
def live(work, people, money, goals, risk, sample, first, expected, out):
    """Run all trials of a sample and fill the outcome."""
    months, skills = work.months, len(people.hazard)
    state = fresh(len(work.ready), skills, months)
    supply, by_quarter = np.empty((skills, months)), np.empty((skills, out.supply.shape[1]))
    spent, cash = np.empty(months), np.empty(len(money.discount))
    cash_by_quarter = np.empty((1, out.cash.shape[0]))
    met, attainment = np.empty(len(goals.today), np.bool_), np.empty((len(goals.today), out.cash.shape[0]))
    losses, counts = np.empty((2, risk.years)), np.empty((2, risk.years), np.int64)
    for t in range(sample.pert.shape[1]):
        spent[:] = 0.0
        staff(people, sample.pert, first + t, t, expected, supply)
        newcomers(people, sample.pert, first + t, t, expected, supply, spent)
        run(work, sample.duration[:, t].copy(), sample.effort[:, t].copy(), supply, state)
        account(money, sample.pert, sample.benefit, t, work, state, spent, cash)
        measure(goals, sample.pert, sample.normal, sample.benefit, t, state.finish, met, attainment)
        out.loss_value[t] = suffer(risk, sample.pert, state.finish, t, first + t, losses, counts)
        quarterly(supply, by_quarter)
        quarterly(cash[:months].reshape(1, months), cash_by_quarter)
        out.finish[:, t] = state.finish
        out.supply[:, :, t] = by_quarter
        out.demand[:, :, t] = state.demand
        out.used[:, :, t] = state.used
        out.cash[:, t] = cash_by_quarter[0]
        out.value[t] = present_value(money, cash)
        out.met[:, t] = met
        out.attainment[:, :, t] = attainment
        out.losses[:, :, t] = losses
        out.counts[:, :, t] = counts


def simulate(model: Model, first: int, count: int) -> Outcome:
    """Run trials first … first + count − 1."""
    return follow(model, draw(model, first, count), first, False)


def deterministic(model: Model) -> Floats:
    """Finish moments (n,) if everything comes out at its mean: estimates, bias, departures and time to hire."""
    return follow(model, at_means(model), 0, True).finish[:, 0]


def follow(model: Model, sample: Sample, first: int, expected: bool) -> Outcome:
    """Run the trials of a sample."""
    out = room(model, sample.pert.shape[1])
    out.duration[:] = sample.duration
    live(model.work, model.people, model.money, model.goals, model.risk, sample, first, expected, out)
    return out


def join(parts: list[Outcome]) -> Outcome:
    """Chunks put one after the other, in their order."""
    return Outcome(*(np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True)))
