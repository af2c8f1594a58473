"""Cuts a period into complete weeks and calendar months, and counts what falls into each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Count:
    """How many fell into a week or a month that starts on this day (UTC)."""

    start: date
    count: int


def complete_weeks(times: Iterable[datetime], since: datetime, until: datetime) -> tuple[list[datetime], np.ndarray]:
    """Starts and counts of the seven-day slices up to `until`, oldest first; a remainder at the start is left out."""
    number = (until - since) // WEEK
    starts = [until - WEEK * (number - place) for place in range(number)]
    counts = np.zeros(number, dtype=np.int64)
    for time in times:
        place = number - 1 - int((until - time - timedelta(microseconds=1)) // WEEK)
        if time < until and place >= 0:
            counts[place] += 1
    return starts, counts


def calendar_months(times: Iterable[datetime]) -> tuple[Count, ...]:
    """Counts by calendar month in UTC, months without any left out."""
    counts = Counter(time.astimezone(UTC).date().replace(day=1) for time in times)
    return tuple(Count(month, counts[month]) for month in sorted(counts))
