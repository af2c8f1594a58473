"""Declares the tables that evidence is kept in: names, types, units, who may see a column, how rows are replaced."""

from dataclasses import dataclass
from enum import Enum

import polars as pl


class Mode(Enum):
    """How a newly collected part of a table stands to the parts before it."""

    APPEND = "append"  # rows are facts that never change; a part adds to those before it
    REPLACE = "replace"  # a part replaces every earlier part of the same source and partition


@dataclass(frozen=True)
class Column:
    """One column: its name, type, what it means (with its unit), and who may see it.

    person: holds an identity as the source writes it ("Ada Lovelace <ada@example.org>", a login, a staff key); the lake
    stores a pseudonym in its place. private: the clearance a reader of the lake needs to see it ("pay", say).
    """

    name: str
    dtype: pl.DataType
    help: str
    person: bool = False
    private: str | None = None


@dataclass(frozen=True)
class Table:
    """One table of evidence. `key` names the columns that tell its rows apart within one source."""

    name: str
    help: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    mode: Mode = Mode.REPLACE

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and types, in the order a frame of this table has them."""
        return {column.name: column.dtype for column in self.columns}

    def frame(self, rows: list[dict] | list[tuple] = ()) -> pl.DataFrame:  # type: ignore[assignment]
        """A frame of this table from rows; a value of the wrong type is an error, never a silent null."""
        return pl.DataFrame(list(rows), schema=self.schema, orient="row", strict=True)


# Where a row stands in what was read: every table that is not keyed by the source's own immutable name has these two.
ORIGIN = Column("origin", pl.String(), "Path of the file inside its source, with / between its parts.")
LINE = Column(
    "line", pl.UInt32(), "Line in that file, counted from 1 (a sheet's row, a JSON record's place); empty if none."
)
