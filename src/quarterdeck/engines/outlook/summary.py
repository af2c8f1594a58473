"""Trials reduced to what a page shows: quantiles are order statistics, so that each is a value some trial had."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats
from quarterdeck.engines.outlook.columns import mean_factor
from quarterdeck.engines.outlook.inputs import Inputs
from quarterdeck.engines.outlook.model import Model, prioritised
from quarterdeck.engines.outlook.result import (
    Amount,
    Band,
    Capacity,
    Cash,
    Chance,
    Checks,
    Finish,
    Goal,
    Losses,
    LossYear,
    Quantile,
    Result,
    Trials,
)
from quarterdeck.engines.outlook.trial import Outcome
from quarterdeck.engines.proportions import wilson

ROUNDING = 1e-9  # months
QUANTILES = (0.1, 0.5, 0.8, 0.9)
CONFIDENCE = 0.9
DEVIATION = 0.6826894921370859  # probability within one standard deviation of a normal law


def summarise(inputs: Inputs, model: Model, outcome: Outcome, planned: Floats) -> Result:
    """Reduce the trials. planned: deterministic finish moments, (n,)."""
    finishes = tuple(finish_lines(inputs, outcome, planned))
    results = goal_lines(inputs, outcome)
    return Result(
        seed=inputs.programme.seed,
        months=inputs.months,
        finishes=finishes,
        goals=results,
        capacity=capacity_lines(inputs, outcome),
        cash=cash_lines(outcome),
        net_present_value=amount(outcome.value),
        losses=amount(outcome.loss_value),
        net_of_losses=amount(outcome.value - outcome.loss_value),
        loss_years=tuple(loss_year(outcome, year) for year in range(outcome.losses.shape[1])),
        kept=kept_trials(inputs, outcome),
        checks=checks(inputs, model, outcome, finishes, results),
    )


def at(ordered: Floats, probability: float) -> float:
    """The quantile of sorted values (inverse of the empirical distribution function)."""
    return float(ordered[max(0, math.ceil(probability * len(ordered) - 1e-9) - 1)])


def band(values: Floats) -> Band:
    """The band of one quantity over the trials."""
    ordered = np.sort(values)
    return Band(at(ordered, 0.1), at(ordered, 0.5), at(ordered, 0.9))


def error(values: Floats) -> float:
    """Standard error of a mean over independent trials; 0 for a single one, which has none to tell."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0


def amount(values: Floats) -> Amount:
    """A sum of money over the trials."""
    ordered = np.sort(values)
    return Amount(float(np.mean(values)), error(values), at(ordered, 0.1), at(ordered, 0.5), at(ordered, 0.9))


def chance(true: NDArray[np.bool_]) -> Chance:
    """Share of trials with its error from their number."""
    count, share = int(np.count_nonzero(true)), float(np.mean(true))
    one = wilson(count, len(true), DEVIATION)
    return Chance(share, max(share - one[0], one[1] - share), *wilson(count, len(true), CONFIDENCE))


def quantile(ordered: Floats, probability: float) -> Quantile:
    """A quantile of finish moments; its standard error is half the distance between those one error to each side."""
    moment = at(ordered, probability)
    reach = math.sqrt(probability * (1.0 - probability) / len(ordered))
    low, high = at(ordered, max(0.0, probability - reach)), at(ordered, min(1.0, probability + reach))
    known = math.isfinite(moment)
    return Quantile(probability, moment if known else None, (high - low) / 2.0 if math.isfinite(high) else None)


def finish_lines(inputs: Inputs, outcome: Outcome, planned: Floats) -> list[Finish]:
    """One line an initiative, in the plan's order."""
    mandates = {i.key: i.mandate for i in inputs.programme.initiatives}
    _, order = prioritised(inputs.plan.starts)
    lines = []
    for start, i in zip(inputs.plan.starts, order, strict=True):
        ordered, mandate = np.sort(outcome.finish[i]), mandates[start.initiative]
        known = math.isfinite(planned[i])
        lines.append(
            Finish(
                initiative=start.initiative,
                deterministic=float(planned[i]) if known else None,
                by_deterministic=chance(ordered <= planned[i] + ROUNDING) if known else None,
                quantiles=tuple(quantile(ordered, probability) for probability in QUANTILES),
                mandate=mandate,
                by_mandate=None if mandate is None else chance(ordered <= mandate + 1.0 + ROUNDING),
                cut=float(np.mean(np.isinf(ordered))),
            )
        )
    return lines


def sorting(keys: list[str]) -> list[int]:
    """Where each key stands once they are sorted."""
    place = {key: n for n, key in enumerate(sorted(keys))}
    return [place[key] for key in keys]


def goal_lines(inputs: Inputs, outcome: Outcome) -> tuple[Goal, ...]:
    """One line a key result, in the programme's order."""
    results = inputs.programme.key_results
    lines = []
    for result, r in zip(results, sorting([result.key for result in results]), strict=True):
        met = chance(outcome.met[r]) if result.due < inputs.months else None
        lines.append(Goal(result.key, result.due, met, tuple(band(quarter) for quarter in outcome.attainment[r])))
    return tuple(lines)


def capacity_lines(inputs: Inputs, outcome: Outcome) -> tuple[Capacity, ...]:
    """One line a skill and quarter, in the programme's order of skills."""
    keys = [skill.key for skill in inputs.programme.skills]
    return tuple(
        Capacity(key, q, band(outcome.supply[s, q]), band(outcome.demand[s, q]), band(outcome.used[s, q]))
        for key, s in zip(keys, sorting(keys), strict=True)
        for q in range(outcome.supply.shape[1])
    )


def cash_lines(outcome: Outcome) -> tuple[Cash, ...]:
    """One line a quarter of the window."""
    cumulative = np.cumsum(outcome.cash, axis=0)
    pairs = zip(outcome.cash, cumulative, strict=True)
    return tuple(Cash(q, float(np.mean(net)), band(net), band(total)) for q, (net, total) in enumerate(pairs))


def annual(losses: Floats, counts: NDArray[np.int64]) -> Losses:
    """The distribution of one year's loss."""
    ordered = np.sort(losses)
    p50, p90, p95, p99 = (at(ordered, probability) for probability in (0.5, 0.9, 0.95, 0.99))
    return Losses(float(np.mean(losses)), error(losses), p50, p90, p95, p99, float(np.mean(counts)))


def loss_year(outcome: Outcome, year: int) -> LossYear:
    """One year before and after controls."""
    before, after = (annual(outcome.losses[side, year], outcome.counts[side, year]) for side in (0, 1))
    return LossYear(year, before, after)


def kept_trials(inputs: Inputs, outcome: Outcome) -> Trials:
    """The trials themselves, as far as asked for."""
    kept = Trials((), (), (), ())
    if inputs.keep_trials:
        order = sorting([result.key for result in inputs.programme.key_results])
        met = tuple(tuple(outcome.met[r].tolist()) for r in order)
        months = outcome.supply[:, : inputs.programme.quarters].sum(axis=1)
        supply = tuple(tuple(row) for row in months.tolist())
        kept = Trials(tuple(outcome.value.tolist()), tuple(outcome.loss_value.tolist()), met, (), supply)
    if inputs.keep_finishes:
        moments = [outcome.finish[i].tolist() for i in prioritised(inputs.plan.starts)[1]]
        finishes = tuple(tuple(m if math.isfinite(m) else None for m in row) for row in moments)
        kept = replace(kept, finishes=finishes)
    return kept


def checks(
    inputs: Inputs, model: Model, outcome: Outcome, finishes: tuple[Finish, ...], results: tuple[Goal, ...]
) -> Checks:
    """What travels with the result to say how far it can be believed."""
    shown = [c for f in finishes for c in (f.by_deterministic, f.by_mandate)] + [goal.met for goal in results]
    cut = np.isinf(outcome.finish).any(axis=0)
    rates = [scenario.frequency.mean for scenario in inputs.programme.scenarios]
    return Checks(
        trials=inputs.trials,
        cut=float(np.mean(cut)),
        largest_chance_error=max((c.standard_error for c in shown if c is not None), default=0.0),
        duration_departure=departure(model, outcome.duration),
        incidents_expected=math.fsum(rates) * model.risk.years,
        incidents_simulated=float(np.mean(outcome.counts[0].sum(axis=0))),
        blocked=tuple(blocked(inputs)),
        due_beyond=tuple(goal.key_result for goal in results if goal.met is None),
    )


def departure(model: Model, drawn: Floats) -> float | None:
    """Largest distance of a mean drawn duration from its closed form, PERT mean × lognormal mean, in standard errors.

    drawn: (n, trials). None if nothing varies. The largest of n distances is expected to lie around 2 to 3.
    """
    trials, expected = drawn.shape[1], model.work.duration * mean_factor(model.duration_factor.bias)
    if trials < 2 or not len(expected):
        return None
    errors = np.std(drawn, axis=1, ddof=1) / math.sqrt(trials)
    varies = errors > 1e-9 * np.maximum(expected, 1.0)
    distances = np.abs(drawn.mean(axis=1) - expected)[varies] / errors[varies]
    return float(distances.max()) if len(distances) else None


def blocked(inputs: Inputs) -> list[str]:
    """Initiatives of the plan that wait, directly or not, for one that is not in it."""
    chosen = {start.initiative for start in inputs.plan.starts}
    waits = {i.key: {p.initiative for p in i.predecessors} for i in inputs.programme.initiatives if i.key in chosen}
    stuck: set[str] = set()
    while new := {key for key, before in waits.items() if key not in stuck and (before - chosen or before & stuck)}:
        stuck |= new
    return [start.initiative for start in inputs.plan.starts if start.initiative in stuck]
