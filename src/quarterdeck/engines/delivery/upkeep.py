"""What part of the time that items are in progress goes to keeping things running."""

from datetime import timedelta

import numpy as np

from quarterdeck.engines.delivery.figure import Definition, Figure, Tally
from quarterdeck.engines.delivery.interval import RESAMPLES, Interval, generator
from quarterdeck.engines.delivery.records import Inputs, Item
from quarterdeck.engines.delivery.weeks import WEEK

BLOCK = 4  # weeks: longer than most items are in progress, so that blocks are nearly independent
MOST_UNSAID = 0.5  # of all items: what the others say is no measure then
LONGEST = 0.95  # an open item older than this percentile of finished ones is not being worked on
NO_ITEMS = "work items are not collected"
UNSAID = "the item does not say whether it keeps things running"
NO_START = "the item has no start time"
BACKWARDS = "finished before it began"
LYING = "open for longer than 95 % of finished items took, so taken not to be worked on"
OUTSIDE = "not in progress in a complete week of the period"
FEW = "fewer than eight complete weeks"
NO_PLANNED = "no item says that it is planned work, so there is nothing to compare operations with"
MOSTLY_UNSAID = "most items do not say whether they keep things running"
IDLE = "no item of the period has what the rule needs"
UPKEEP = Definition(
    "operations share",
    "share",
    (
        "Days that items of operations (defects, support, maintenance) and incidents were in progress, over the days "
        "that all items and incidents were, in complete weeks of the period.",
        "Time in progress stands for work: it is right as far as people divide themselves evenly among what is begun.",
        "The interval resamples blocks of four neighbouring weeks (circular block bootstrap).",
    ),
)


def operations_share(inputs: Inputs) -> Figure:
    """The share of operations in all time in progress, or what is missing to tell it."""
    if inputs.items is None:
        return UPKEEP.cannot_tell(NO_ITEMS)
    number = (inputs.until - inputs.since) // WEEK
    if number < 2 * BLOCK:
        return UPKEEP.cannot_tell(FEW)
    tally = Tally()
    kept = _kept(inputs, tally)
    if tally.count([UNSAID]) > MOST_UNSAID * len(inputs.items):
        return UPKEEP.cannot_tell(MOSTLY_UNSAID, tally)
    if inputs.items and all(item.operations for item in kept):
        return UPKEEP.cannot_tell(NO_PLANNED, tally)
    spent = _days(inputs, kept, number)
    here = spent.sum(axis=1) > 0
    for item, inside in zip(kept, here, strict=True):
        if not inside:
            tally.leave_out(OUTSIDE, item.key)
    total = spent.sum(axis=0)
    if not total.sum():
        return UPKEEP.cannot_tell(IDLE, tally)
    operations = spent[np.array([item.operations is True for item in kept])].sum(axis=0)
    interval = block_ratio(operations, total, inputs.rules.confidence, generator(inputs.seed, "operations share"))
    value = float(operations.sum() / total.sum())
    return UPKEEP.figure(value, interval.holding(value), int(here.sum()), tally)


def _kept(inputs: Inputs, tally: Tally) -> list[Item]:
    """The items that can be counted."""
    longest = _longest(inputs)
    kept = []
    incidents = (Item(f"incident {i.key}", None, i.began, i.recovered, operations=True) for i in inputs.incidents or ())
    for item in (*(inputs.items or ()), *incidents):
        if item.operations is None:
            tally.leave_out(UNSAID, item.key)
        elif item.started is None:
            tally.leave_out(NO_START, item.key)
        elif item.finished is not None and item.finished < item.started:
            tally.leave_out(BACKWARDS, item.key)
        elif item.finished is None and longest is not None and inputs.until - item.started > longest:
            tally.leave_out(LYING, item.key)
        else:
            kept.append(item)
    return kept


def _longest(inputs: Inputs) -> timedelta | None:
    """How long an open item can have been worked on; None where nothing is finished to tell by."""
    spans = [i.finished - i.started for i in inputs.items or () if i.started and i.finished]
    weeks = [span / WEEK for span in spans if span >= timedelta(0)]
    return float(np.quantile(weeks, LONGEST)) * WEEK if weeks else None


def _days(inputs: Inputs, items: list[Item], number: int) -> np.ndarray:
    """Days that each item was in progress in each complete week, oldest week first: an array (items, weeks)."""
    first, day = inputs.until - WEEK * number, timedelta(days=1)
    starts = np.array([(item.started - first) / day for item in items if item.started])
    ends = np.array([((item.finished or inputs.until) - first) / day for item in items])
    edges = np.arange(number) * 7.0
    return np.clip(np.minimum(ends[:, None], edges + 7.0) - np.maximum(starts[:, None], edges), 0.0, 7.0)


def block_ratio(parts: np.ndarray, wholes: np.ndarray, confidence: float, draws: np.random.Generator) -> Interval:
    """The interval of Σ parts / Σ wholes by the circular block bootstrap, blocks of BLOCK weeks.

    parts, wholes: one value a week, in the order of time. Source: Politis and Romano (1992), "A circular
    block-resampling procedure for stationary data", in LePage and Billard (eds.), Exploring the Limits of Bootstrap.
    """
    size = len(parts)
    blocks = -(-size // BLOCK)
    starts = draws.integers(size, size=(RESAMPLES, blocks))
    weeks = ((starts[:, :, None] + np.arange(BLOCK)) % size).reshape(RESAMPLES, -1)[:, :size]
    below = wholes[weeks].sum(axis=1)
    ratios = parts[weeks].sum(axis=1)[below > 0] / below[below > 0]
    low, high = np.quantile(ratios, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high), confidence)
