"""How fast people leave: as the plan's frame says, else as the roster of the last two years tells."""

from collections.abc import Iterable
from datetime import date

from quarterdeck.kinds.access import Row
from quarterdeck.runs.analysis import Gathering

KINDS = ("plan-frame", "person")
YEARS = 2  # of the roster looked at: longer ago another market and another company
DAYS_A_YEAR = 365.25


def measured(gathering: Gathering) -> float | None:
    """Departures a head a year; None where nobody has said and no person is on record."""
    frame = next(iter(gathering.rows("plan-frame", current=True)), None)
    if frame is not None and frame["attrition"] is not None:
        return float(frame["attrition"])
    return hazard(((row["start_date"], last_day(row)) for row in gathering.rows("person")), gathering.today)


def last_day(person: Row) -> date | None:
    """Somebody's last day: as the roster says, or when it ceased to name them; None while they work here."""
    return min((day for day in (person["end_date"], person["retired"]) if day), default=None)


def hazard(spans: Iterable[tuple[date | None, date | None]], today: date) -> float | None:
    """Departures over years worked since the month YEARS ago, of people by their first and last day.

    The maximum-likelihood estimate of a constant hazard under right censoring (Kalbfleisch and Prentice, 2002, chapter
    3). None where nobody worked.
    """
    since = date(today.year - YEARS, today.month, 1)
    left, years = 0, 0.0
    for start, end in spans:
        first, last = max(start or since, since), min(end or today, today)
        years += max(0, (last - first).days) / DAYS_A_YEAR
        left += bool(end and since <= end <= today)
    return left / years if years else None
