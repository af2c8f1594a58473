"""Maps grids of text onto one declared table: which headings a column goes by, what it holds, what a row must have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.records.grids import Grid, normal
from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Mode, Table

CURRENCIES = frozenset(  # ISO 4217 codes that a heading may end in
    (
        *(
            "AED",
            "ARS",
            "AUD",
            "BDT",
            "BGN",
            "BRL",
            "CAD",
            "CHF",
            "CLP",
            "CNH",
            "CNY",
            "COP",
            "CZK",
            "DKK",
            "EGP",
            "EUR",
        ),
        *(
            "GBP",
            "HKD",
            "HUF",
            "IDR",
            "ILS",
            "INR",
            "ISK",
            "JPY",
            "KES",
            "KRW",
            "KZT",
            "MAD",
            "MOP",
            "MXN",
            "MYR",
            "NGN",
        ),
        *(
            "NOK",
            "NZD",
            "PEN",
            "PHP",
            "PKR",
            "PLN",
            "QAR",
            "RON",
            "RSD",
            "RUB",
            "SAR",
            "SEK",
            "SGD",
            "THB",
            "TRY",
            "TWD",
        ),
        *("UAH", "USD", "UYU", "VND", "ZAR"),
    )
)


@dataclass(frozen=True)
class Field:
    """One column of a shape and how it stands in files.

    aliases: other headings (English, Chinese, other tools'), best first and after the column's own name unless that is
    listed among them; one with points is a path into JSON, and fills what the best one leaves empty.
    required: the heading must be there. needed: that, and a row in which it is empty or wrong is left out.
    choice: canonical word → other words for it. A word that is in none is kept as written if `open_choice`, else it is
    a problem. currency_of: this column is the currency of that money column, which may carry it in its heading
    (`annual_cost_eur`).
    lowest, highest: bounds of a number.
    """

    column: Column
    aliases: tuple[str, ...] = ()
    required: bool = False
    needed: bool = False
    choice: Mapping[str, tuple[str, ...]] | None = None
    open_choice: bool = True
    currency_of: str | None = None
    lowest: float | None = None
    highest: float | None = None

    @property
    def secret(self) -> bool:
        """Whether a problem must not show what stood there."""
        return self.column.person or self.column.private is not None

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Headings as they are compared, best first."""
        own = () if self.column.name in self.aliases else (self.column.name,)
        return tuple(dict.fromkeys(normal(name) for name in (*own, *self.aliases)))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Headings that are paths into JSON; a record without one may have another."""
        return tuple(normal(name) for name in self.aliases if "." in name)

    @cached_property
    def words(self) -> dict[str, str]:
        """Every word of the choice → the canonical one."""
        words = {word.casefold(): name for name, others in (self.choice or {}).items() for word in others}
        return words | {name.casefold(): name for name in self.choice or {}}


Derive = Callable[[pl.DataFrame, Grid], tuple[pl.DataFrame, list[Problem]]]


@dataclass(frozen=True)
class Shape:
    """One table of evidence as people and tools write it.

    key: columns that name a row; a later row with the same key is left out (none: rows are told apart by their place).
    ordered: pairs of times of which the first must not be later; rows that break this are kept, with a problem.
    containers: names under which a JSON document may hold the list of records.
    derive: completes a frame of the table's columns after the mapping (works out an empty column from another).
    """

    name: str
    help: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    containers: tuple[str, ...] = ("items", "data", "values", "value", "results")
    empty: frozenset[str] = frozenset(("",))
    derive: Derive | None = None
    mode: Mode = Mode.REPLACE

    @cached_property
    def table(self) -> Table:
        """The table of evidence this shape fills."""
        columns = (*(item.column for item in self.fields), ORIGIN, LINE)
        return Table(self.name, self.help, columns, self.key or (ORIGIN.name, LINE.name), self.mode)

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """Fields whose heading must be there."""
        return tuple(item for item in self.fields if item.required or item.needed)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by the name of their column."""
        return {item.column.name: item for item in self.fields}

    @property
    def names(self) -> tuple[str, ...]:
        """All headings and JSON paths that are looked for."""
        return tuple(name for item in self.fields for name in (*item.aliases, item.column.name))
