"""Says where a release cycle stands on a day: not released, supported, ending, ended, or unknown."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

import polars as pl

NOTICE = 180  # days before the end from which a cycle counts as ending


@dataclass(frozen=True)
class Cycle:
    """One release cycle of a product; see the table life_cycles for what each field means."""

    product: str
    cycle: str
    released: date | None = None
    support_ends: date | None = None
    support_ended: bool | None = None
    ends: date | None = None
    ended: bool | None = None
    extended_ends: date | None = None
    extended_ended: bool | None = None
    latest: str | None = None
    aliases: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    title: str | None = None


class Phase(Enum):
    """Where a cycle stands."""

    NOT_RELEASED = "not released"
    SUPPORTED = "supported"
    ENDING = "ending"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Standing:
    """A cycle's phase and what it rests on.

    days_left: days to its last day of security support, 0 on that day, negative after it; None where no date is known.
    life_ended, support_ended, extended_ended: of security, active and extended support each; None where not told.
    dated: whether the answer rests on dates. Where it is False it rests on the source's word on the day it was read.
    """

    phase: Phase
    days_left: int | None
    released: bool | None
    life_ended: bool | None
    support_ended: bool | None
    extended_ended: bool | None
    dated: bool


def cycles(frame: pl.DataFrame) -> tuple[Cycle, ...]:
    """The cycles of a frame of the table life_cycles."""
    names = [name for name in Cycle.__dataclass_fields__ if name not in ("aliases", "identifiers")]
    rows = frame.select(*names, "aliases", "identifiers").iter_rows()
    return tuple(
        Cycle(**dict(zip(names, row, strict=False)), aliases=tuple(row[-2] or ()), identifiers=tuple(row[-1] or ()))
        for row in rows
    )


def status(cycle: Cycle, on: date, notice: int = NOTICE) -> Standing:
    """Where a cycle stands on a day.

    The last day of support still counts as supported, as endoflife.date itself counts it. ENDING means that security
    support ends within `notice` days. UNKNOWN: the source tells neither a date nor a truth value.
    """
    released = None if cycle.released is None else cycle.released <= on
    life_ended = _over(cycle.ends, cycle.ended, on)
    days_left = None if cycle.ends is None else (cycle.ends - on).days
    if released is False:
        phase = Phase.NOT_RELEASED
    elif life_ended is None:
        phase = Phase.UNKNOWN
    elif life_ended:
        phase = Phase.ENDED
    else:
        phase = Phase.ENDING if days_left is not None and days_left <= notice else Phase.SUPPORTED
    return Standing(
        phase=phase,
        days_left=days_left,
        released=released,
        life_ended=life_ended,
        support_ended=_over(cycle.support_ends, cycle.support_ended, on),
        extended_ended=_over(cycle.extended_ends, cycle.extended_ended, on),
        dated=cycle.ends is not None,
    )


def _over(ends: date | None, said: bool | None, on: date) -> bool | None:
    return said if ends is None else on > ends
