"""What a system costs a month, where the bill's tags name it."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl

from quarterdeck.engines.candidate import Money, Reference
from quarterdeck.office.candidates.places import places
from quarterdeck.runs.candidates import Harvest

TABLES = ("charges",)
MONTHS = 12  # a year holds every season once
CENT = Decimal("0.01")
COLUMNS = ("source", "billing_period_start", "charge_description", "billed_cost", "currency", "tags", "origin", "line")


@dataclass(frozen=True)
class Cost:
    """The least, the middle and the most of the last months, and charges it is counted from."""

    money: Money
    rows: tuple[Reference, ...]


def monthly(harvest: Harvest, system: str) -> Cost | None:
    """What charges whose tags name a system came to in a month; None where none do, or in several currencies."""
    return harvest.once("system costs", lambda: _all(harvest)).get(system)


def _all(harvest: Harvest) -> dict[str, Cost]:
    charges = harvest.table("charges", *COLUMNS).filter(pl.col("billed_cost").is_not_null())
    charges = charges.with_columns(month=pl.col("billing_period_start").dt.date().dt.truncate("1mo"))
    over = charges.filter(pl.col("month") < harvest.today.replace(day=1))
    named = {text: _system(harvest, text) for text in over["tags"].drop_nulls().unique()}
    known = [text for text, system in named.items() if system]
    own = over.filter(pl.col("tags").is_in(known)).with_columns(
        system=pl.col("tags").replace_strict(named, default="", return_dtype=pl.String())
    )
    parts = ((str(name[0]), part) for name, part in own.group_by("system", maintain_order=True))
    return {system: cost for system, part in parts if (cost := _cost(part))}


def _system(harvest: Harvest, tags: str) -> str:
    """The one system that tags name by a value; empty where they name none, or several."""
    values = json.loads(tags)
    if not isinstance(values, dict):
        return ""
    found = {places(harvest).system(str(value)) for value in values.values() if value}
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _cost(rows: pl.DataFrame) -> Cost | None:
    currencies = rows["currency"].drop_nulls().unique().to_list()
    if len(currencies) != 1:
        return None
    months: list[date] = sorted(rows["month"].unique())[-MONTHS:]
    sums = sorted(sum(rows.filter(pl.col("month") == month)["billed_cost"].to_list(), Decimal(0)) for month in months)
    if sums[0] < 0:
        return None  # a credit is no price
    middle = (sums[(len(sums) - 1) // 2] + sums[len(sums) // 2]) / 2
    least, likely, most = (amount.quantize(CENT, ROUND_HALF_EVEN) for amount in (sums[0], middle, sums[-1]))
    return Cost(Money(least, likely, most, currencies[0]), _dearest(rows.filter(pl.col("month") == months[-1])))


def _dearest(rows: pl.DataFrame) -> tuple[Reference, ...]:
    """The dearest charges of the newest month."""
    dearest = rows.sort("billed_cost", "origin", "line", descending=[True, False, False]).head(3)
    columns = ("source", "origin", "line", "charge_description", "billed_cost", "currency")
    return tuple(
        Reference("charges", source, origin, line, f"{text or ''}"[:90].strip() + f" {cost.normalize():f} {currency}")
        for source, origin, line, text, cost, currency in dearest.select(columns).iter_rows()
    )
