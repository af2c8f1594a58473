"""Finds the loss scenarios that a candidate bears on, and bounds its effect on them."""

from quarterdeck.engines.candidate import LossEffect
from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.access import Row
from quarterdeck.runs.candidates import Harvest


def scenarios(harvest: Harvest, system: str, category: str) -> tuple[str, ...]:
    """Keys of the scenarios of one category about one system."""
    return tuple(row.key for row in about(harvest, system) if row["category"] == category)


def about(harvest: Harvest, system: str) -> list[Row]:
    """The scenarios about one system."""
    return [row for row in harvest.rows("scenario", retired__empty=True) if system and row["system"] == system]


def bounded(keys: tuple[str, ...], share: float) -> tuple[LossEffect, ...]:
    """Effects of taking away a share of what the scenarios may come from.

    Evidence bounds the effect and does not measure it: at most that share of the events no longer happens, at least
    none of them. The middle is taken as the likeliest value; whoever knows better edits the treatment.
    """
    share = min(max(share, 0.0), 1.0)
    return tuple(LossEffect(key, Estimate(1 - share, 1 - share / 2, 1.0)) for key in keys)


def measured(keys: tuple[str, ...], low: float, likely: float, high: float) -> tuple[LossEffect, ...]:
    """Effects of taking away a share of the events that was counted, with its interval."""
    return tuple(LossEffect(key, Estimate(1 - high, 1 - likely, 1 - low)) for key in keys)
