"""Random numbers and working moments, keyed by what they are for: a longer history leaves its beginning as it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import TypeVar

LATER = 35  # days after which the second collection is taken
YEARS = 2  # of history before the first
ZONES = {
    "Hamburg": timezone(timedelta(hours=1)),
    "Suzhou": timezone(timedelta(hours=8)),
    "Chengdu": timezone(timedelta(hours=8)),
}
T = TypeVar("T")


@dataclass(frozen=True)
class Span:
    """The company's recorded time: first day of its records, day of the first collection, day of the second."""

    start: date
    today: date
    until: date


def span(today: date) -> Span:
    """Two years before a day, and the weeks after it."""
    return Span(today - timedelta(days=365 * YEARS), today, today + timedelta(days=LATER))


def chance(seed: int, *purpose: object) -> Random:
    """A generator of its own for one purpose: what others draw does not move it."""
    return Random(":".join(str(part) for part in (seed, *purpose)))


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def moment(day: date, random: Random, place: str = "Hamburg", first: float = 9.0, last: float = 18.0) -> datetime:
    """A moment of a working day at a place, in UTC."""
    seconds = int(random.uniform(first, last) * 3600)
    local = datetime(day.year, day.month, day.day, tzinfo=ZONES[place]) + timedelta(seconds=seconds)
    return local.astimezone(UTC)


def written(at: datetime | None) -> str:
    """A moment as files have it; empty where there is none."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def midnight(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def count(random: Random, mean: float) -> int:
    """A Poisson number by multiplying uniform ones (Knuth, The Art of Computer Programming 2, 3.4.1)."""
    limit, number, product = 2.718281828459045**-mean, 0, random.random()
    while product > limit:
        number += 1
        product *= random.random()
    return number


def weighted(random: Random, choices: Sequence[tuple[T, float]]) -> T:
    """One of several, by weight."""
    place = random.random() * sum(weight for _, weight in choices)
    for choice, weight in choices:
        place -= weight
        if place < 0:
            return choice
    return choices[-1][0]


def month_after(day: date, number: int = 1) -> date:
    """First day of the month so many months after a day's own."""
    months = day.year * 12 + day.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def quarter_after(day: date, number: int = 1) -> date:
    """First day of the quarter so many quarters after a day's own."""
    quarters = day.year * 4 + (day.month - 1) // 3 + number
    return date(quarters // 4, quarters % 4 * 3 + 1, 1)
