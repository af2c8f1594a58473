"""Flow of work items: cycle time, throughput, work in progress and the items that have grown old."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from quarterdeck.engines.delivery.figure import Definition, Figure, Tally
from quarterdeck.engines.delivery.interval import EXACT, generator, percentile, weekly_mean
from quarterdeck.engines.delivery.production import OUTSIDE
from quarterdeck.engines.delivery.records import CycleFrom, Inputs, Item
from quarterdeck.engines.delivery.weeks import Count, calendar_months, complete_weeks

NO_ITEMS = "work items are not collected"
NONE_LEFT = "no item of the period has what the rule needs"
NO_START = "the item has no start time"
OPEN = "not finished"
BACKWARDS = "finished before it began"
SHORT = "the period is shorter than a week"
NO_STARTS = "no item has a start time"

CYCLE = {
    CycleFrom.STARTED: "From the start of work on an item to its finish, for items finished in the period.",
    CycleFrom.CREATED: "From the creation of an item to its finish, for items finished in the period.",
}
PERCENTILE = "A percentile by linear interpolation; its interval comes from order statistics."
THROUGHPUT = Definition(
    "throughput",
    "items a week",
    (
        "Items finished in each complete week (seven days, counted back from the end of the period), on average.",
        "The interval resamples complete weeks (bootstrap), or is the exact Poisson one with fewer than four weeks "
        "or ten items.",
    ),
)
IN_PROGRESS = Definition(
    "work in progress",
    "items",
    ("Items begun and not finished at the end of the period: a count, without error of its own.",),
)
AVERAGE = Definition(
    "average work in progress",
    "items",
    ("Items in progress, averaged over every moment of the period: a count, without error of its own.",),
)


Finished = list[tuple[datetime, str]]  # when, and the item's key


@dataclass(frozen=True)
class Ageing:
    """An open item: its age in days at the end of the period, and the share of finished items that took less long."""

    key: str
    days: float
    longer_than: float | None


@dataclass(frozen=True)
class Flow:
    """What became of the work items. `ageing` is cut to the oldest; `aged` counts all beyond the ageing percentile."""

    cycle_time: tuple[Figure, ...]
    throughput: Figure
    in_progress: Figure
    average_in_progress: Figure
    weeks: tuple[Count, ...]
    months: tuple[Count, ...]
    ageing: tuple[Ageing, ...]
    aged: int
    open_items: int
    littles_law: float | None  # average in progress over throughput × mean cycle time: near 1 in a steady flow


def begin(item: Item, cycle_from: CycleFrom) -> datetime | None:
    """When an item's clock starts."""
    return item.started if cycle_from is CycleFrom.STARTED else item.created


def days(span: timedelta) -> float:
    """A span of time in days."""
    return span / timedelta(days=1)


def cycle_times(inputs: Inputs) -> tuple[np.ndarray, Tally]:
    """Cycle times in days of the items finished in the period, ascending, and what was left out."""
    tally, values = Tally(), []
    for item in inputs.items or ():
        start = begin(item, inputs.rules.cycle_from)
        if item.finished is None:
            tally.leave_out(OPEN, item.key)
        elif not inputs.since <= item.finished < inputs.until:
            tally.leave_out(OUTSIDE, item.key)
        elif start is None:
            tally.leave_out(NO_START, item.key)
        elif item.finished < start:
            tally.leave_out(BACKWARDS, item.key)
        else:
            values.append(days(item.finished - start))
    return np.sort(np.asarray(values, dtype=float)), tally


def cycle_definition(inputs: Inputs, probability: float) -> Definition:
    """A percentile of cycle time under the rules in force."""
    rule = (CYCLE[inputs.rules.cycle_from], PERCENTILE)
    return Definition(f"cycle time, {100 * probability:g} %", "days", rule)


def cycle_figures(inputs: Inputs, ordered: np.ndarray, tally: Tally) -> tuple[Figure, ...]:
    """The asked percentiles of cycle time."""
    figures = []
    for probability in inputs.rules.percentiles:
        definition = cycle_definition(inputs, probability)
        if not len(ordered):
            figures.append(definition.cannot_tell(NONE_LEFT, tally))
            continue
        value, interval = percentile(ordered, probability, inputs.rules.confidence)
        figures.append(definition.figure(value, interval, len(ordered), tally))
    return tuple(figures)


def throughput(inputs: Inputs, starts: list[datetime], counts: np.ndarray, finished: Finished) -> Figure:
    """Items finished a week."""
    tally = Tally()
    if not len(counts):
        return THROUGHPUT.cannot_tell(SHORT, included=len(finished))
    for time, key in finished:
        if time < starts[0]:
            tally.leave_out("in the incomplete week at the start of the period", key)
    value = float(counts.mean())
    interval = weekly_mean(counts, inputs.rules.confidence, generator(inputs.seed, "throughput"))
    return THROUGHPUT.figure(value, interval.holding(value), int(counts.sum()), tally)


def open_items(inputs: Inputs) -> tuple[list[tuple[float, str]], Tally]:
    """Age in days and key of the items begun and not finished at the end of the period, oldest first."""
    tally, ages = Tally(), []
    for item in inputs.items or ():
        start = begin(item, inputs.rules.cycle_from)
        if item.finished is not None and item.finished < inputs.until:
            continue
        if start is None:
            tally.leave_out(NO_START, item.key)
        elif start < inputs.until:
            ages.append((days(inputs.until - start), item.key))
    return sorted(ages, key=lambda age: (-age[0], age[1])), tally


def starts_known(inputs: Inputs) -> bool:
    """Whether the source says of any item when it began, or has no items at all."""
    items = inputs.items or ()
    return not items or any(begin(item, inputs.rules.cycle_from) is not None for item in items)


def in_progress(inputs: Inputs, number: int, tally: Tally) -> Figure:
    """The number of items in progress at the end of the period."""
    if not starts_known(inputs):
        return IN_PROGRESS.cannot_tell(NO_STARTS, tally)
    return IN_PROGRESS.figure(float(number), EXACT, number, tally)


def average_in_progress(inputs: Inputs) -> Figure:
    """The time average of the number of items in progress."""
    tally, total, included = Tally(), 0.0, 0
    for item in inputs.items or ():
        start = begin(item, inputs.rules.cycle_from)
        end = item.finished or inputs.until
        if start is None or end < start:
            tally.leave_out(NO_START if start is None else BACKWARDS, item.key)
            continue
        overlap = min(end, inputs.until) - max(start, inputs.since)
        if overlap > timedelta(0):
            total += days(overlap)
            included += 1
    if not starts_known(inputs):
        return AVERAGE.cannot_tell(NO_STARTS, tally)
    return AVERAGE.figure(total / days(inputs.until - inputs.since), EXACT, included, tally)


def measure_flow(inputs: Inputs) -> Flow | None:
    """Everything about work items; None when they are not collected."""
    if inputs.items is None:
        return None
    ordered, tally = cycle_times(inputs)
    known = [(item.finished, item.key) for item in inputs.items if item.finished is not None]
    finished = [(time, key) for time, key in known if inputs.since <= time < inputs.until]
    times = [time for time, _ in finished]
    starts, counts = complete_weeks(times, inputs.since, inputs.until)
    weekly = throughput(inputs, starts, counts, finished)
    ages, undated = open_items(inputs)
    ageing = _ageing(ages, ordered)
    bound = float(np.quantile(ordered, inputs.rules.ageing_percentile)) if len(ordered) else np.inf
    average = average_in_progress(inputs)
    return Flow(
        cycle_figures(inputs, ordered, tally),
        weekly,
        in_progress(inputs, len(ages), undated),
        average,
        tuple(Count(start.date(), int(count)) for start, count in zip(starts, counts, strict=True)),
        calendar_months(times),
        ageing[: inputs.rules.ageing_limit],
        sum(age.days > bound for age in ageing),
        len(ages),
        _littles_law(average, ordered, inputs),
    )


def _ageing(ages: list[tuple[float, str]], ordered: np.ndarray) -> tuple[Ageing, ...]:
    """Open items with the share of finished ones that took less long."""
    if not len(ordered):
        return tuple(Ageing(key, age, None) for age, key in ages)
    shares = np.searchsorted(ordered, [age for age, _ in ages], side="left") / len(ordered)
    return tuple(Ageing(key, age, float(share)) for (age, key), share in zip(ages, shares, strict=True))


def _littles_law(average: Figure, ordered: np.ndarray, inputs: Inputs) -> float | None:
    """Average in progress over arrival rate × mean time. Source: Little (1961), Operations Research 9(3)."""
    spent = float(ordered.sum())
    if average.value is None or spent == 0:
        return None
    return average.value * days(inputs.until - inputs.since) / spent
