"""Money of one currency in another, at the rate of a day."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _


class NoRate(LookupError):
    """No rate is known for a currency on or before a day."""


class Exchange:
    """Rates of a day; a day without a rate takes the last one before it, and a rate serves both ways."""

    def __init__(self, rates: list[Any]) -> None:
        """rates: rows of the kind exchange-rate."""
        self._rates: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
        for row in rates:
            self._rates.setdefault((row["currency"], row["base"]), []).append((row["on"], row["rate"]))
            if row["rate"]:
                self._rates.setdefault((row["base"], row["currency"]), []).append((row["on"], 1 / row["rate"]))
        for entries in self._rates.values():
            entries.sort()

    def rate(self, currency: str, base: str, on: date) -> Decimal:
        """Units of base for one unit of currency. Raises NoRate."""
        if currency == base:
            return Decimal(1)
        known = [rate for day, rate in self._rates.get((currency, base), []) if day <= on]
        if not known:
            named = {"currency": currency, "base": base, "day": date_format(on, "DATE_FORMAT")}
            raise NoRate(_("no rate of %(currency)s in %(base)s is known on %(day)s") % named)
        return known[-1]

    def convert(self, amount: Decimal, currency: str, base: str, on: date) -> Decimal:
        """The amount in base, not rounded. An empty currency is taken for base. Raises NoRate."""
        return amount * self.rate(currency or base, base, on)
