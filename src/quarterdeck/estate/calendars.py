"""Working days: Monday to Friday less holidays, plus the weekend days that are worked instead."""

from datetime import date, timedelta
from typing import Any


class WorkingDays:
    """The working days of one calendar."""

    def __init__(self, holidays: list[Any] = ()) -> None:  # type: ignore[assignment]
        """holidays: rows of the kind holiday, of this calendar."""
        self._off = {row["day"] for row in holidays if not row["worked"]}
        self._on = {row["day"] for row in holidays if row["worked"]}

    def works(self, day: date) -> bool:
        """Whether people work on a day."""
        return day in self._on or (day.weekday() < 5 and day not in self._off)

    def between(self, first: date, last: date) -> int:
        """Working days from first to last, both included; 0 where last lies before first."""
        return sum(self.works(first + timedelta(days=n)) for n in range((last - first).days + 1))

    def after(self, day: date, number: int) -> date:
        """The day that is so many working days after another."""
        while number > 0:
            day += timedelta(days=1)
            number -= self.works(day)
        return day
