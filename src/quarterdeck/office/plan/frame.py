"""The frame that a plan is made in: its first day, its quarters, its currency; and what reads rows into it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.engines.programme import ZERO, Estimate
from quarterdeck.estate.exchange import Exchange
from quarterdeck.runs.analysis import Gathering

AFTER = 24  # months of supply beyond the plan's last quarter
POINTS = ("low", "likely", "high")


class NotReady(Exception):
    """There is nothing to plan over yet; says what is missing."""


def month(start: date, day: date) -> int:
    """Months from the programme's first day to the month a day lies in."""
    return (day.year - start.year) * 12 + day.month - start.month


def estimate(row: Any, name: str) -> Estimate:
    """Three points of a row as an estimate; zero where they are not given."""
    points = [row[f"{name}_{point}"] for point in POINTS]
    return ZERO if any(point is None for point in points) else Estimate(*(float(point) for point in points))


def factor(row: Any, name: str) -> Estimate:
    """A factor with its interval; where nobody has given one, as exact as it stands."""
    likely = float(row[name])
    low, high = (row[f"{name}_{end}"] for end in ("low", "high"))
    return Estimate(likely if low is None else float(low), likely, likely if high is None else float(high))


@dataclass(frozen=True)
class Frame:
    """The frame in use, with the hands that gather what is planned in it."""

    gathering: Gathering
    row: Any
    exchange: Exchange

    @property
    def start(self) -> date:
        """The programme's first day."""
        day: date = self.row["start"]
        return day

    @property
    def months(self) -> int:
        """Months that supply is known for."""
        return int(self.row["quarters"]) * 3 + AFTER

    def month(self, day: date) -> int:
        """Months from the programme's first day."""
        return month(self.start, day)

    def money(self, amount: Decimal | None, currency: str) -> float:
        """An amount in the frame's currency, by today's rate. Raises exchange.NoRate."""
        converted = self.exchange.convert(amount or Decimal(0), currency, self.row["currency"], self.gathering.today)
        return float(converted)

    def priced(self, row: Any, name: str) -> Estimate:
        """Three amounts of a row as an estimate; zero where they are not given."""
        points = [row[f"{name}_{point}"] for point in POINTS]
        if any(point is None for point in points):
            return ZERO
        return Estimate(*(self.money(point, row["currency"]) for point in points))


def frame_of(gathering: Gathering) -> Frame:
    """The frame in use. Raises NotReady."""
    frames = gathering.rows("plan-frame", current=True)
    if not frames:
        raise NotReady(_("No plan frame is in use: say over which quarters and in which currency to plan."))
    return Frame(gathering, frames[0], Exchange(gathering.rows("exchange-rate")))
