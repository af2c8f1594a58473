"""Declares an analysis: a question answered by gathering estate and evidence, computing purely, and presenting."""

import ast
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from types import ModuleType
from typing import Any

import polars as pl

from quarterdeck.kinds import history
from quarterdeck.kinds.access import Access, Selection
from quarterdeck.kinds.roles import Reader, company
from quarterdeck.lake import tables
from quarterdeck.runs.telling import Passage

BETWEEN = re.compile(r", (?=\w+=)")  # between two conditions of a filter
_CONSTANTS = ("True", "False", "None")


class Audience(Enum):
    """For whom an analysis computes."""

    READER = "reader"  # on what the reader may see; the audience is part of the answer's key
    COMPANY = "company"  # for the whole company, by a service that sees all but private fields


@dataclass(frozen=True)
class Rested:
    """One thing an answer rests on: records of a kind or rows of a table, under a filter, as of a change or
    snapshot."""

    what: str  # "kind:system", "table:commits", "figure:loss.mean"
    filter: str
    mark: int  # commit number or snapshot
    count: int


@dataclass
class Gathering:
    """The hands an analysis gathers with: everything it takes through them is written down as provenance."""

    reader: Reader
    today: date
    parameters: dict[str, str]
    engine: ModuleType  # the engine that will compute, imported only now
    rested: list[Rested] = field(default_factory=list)

    def select(self, kind: str) -> Selection:
        """Records of a kind; call `took` with what came of it, or use `rows`."""
        return Access(self.reader).select(kind)

    def rows(self, kind: str, **conditions: Any) -> list[Any]:
        """Records of a kind under conditions, written down."""
        found = self.select(kind).where(**conditions).rows()
        mark = history.watermarks([kind], self.reader.clearances)[kind]
        self.rested.append(Rested(f"kind:{kind}", _words(conditions), mark, len(found)))
        return found

    def table(self, name: str, *columns: str) -> pl.DataFrame:
        """Rows of a table of evidence, written down; all columns where none are named."""
        lazy = tables.scan(self.reader, name)
        found = (lazy.select(*columns) if columns else lazy).collect()
        mark = tables.watermarks([name])[name]
        self.rested.append(Rested(f"table:{name}", ", ".join(columns), mark, found.height))
        return found


def _words(conditions: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(conditions.items()))


def conditions(text: str) -> dict[str, Any]:
    """The conditions that a filter of records was written down from."""
    found: dict[str, Any] = {}
    for part in BETWEEN.split(text) if text else ():
        name, _equals, value = part.partition("=")
        found[name] = ast.literal_eval(value) if value.startswith("[") or value in _CONSTANTS else value
    return found


@dataclass(frozen=True)
class Figure:
    """One number others may read by name, with its interval; value None: cannot tell."""

    name: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Analysis:
    """A question and how it is answered. Declared once; command, API, page, cache and trace follow from it.

    told: an answer in brief, in the reader's language, for whoever decides on what rests on it (None: by its title
    alone); the last argument names the records that are decided on ("kind:initiative/checkout"), which stand first.
    """

    name: str
    title: Any  # translatable
    question: Any  # translatable
    engine: str  # module below quarterdeck.engines, with `Inputs`, `Result` and `VERSION`; imported when it is used
    verb: str  # its one verb: inputs → result
    gather: Callable[[Gathering], Any]
    kinds: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    audience: Audience = Audience.READER
    needs: str = ""  # a right the reader must have ("plan"), beyond reading the kinds
    partial: bool = False  # computes on those of its kinds and tables that the reader may read, and names the others
    daily: bool = True  # whether the date is an input, so that an answer does not outlive its day
    figures: Callable[[Any], tuple[Figure, ...]] = lambda result: ()
    backs: frozenset[str] = frozenset()  # sorts of decisions that rest on its newest answer where none is named
    told: Callable[[Any, Reader, frozenset[str]], tuple[Passage, ...]] | None = None
    defaults: dict[str, str] = field(default_factory=dict)  # parameters it takes, with what they are when not given

    @property
    def module(self) -> ModuleType:
        """The engine; engines load numeric libraries, so they stay out of every start-up."""
        return importlib.import_module(f"quarterdeck.engines.{self.engine}")

    def computes_for(self, reader: Reader) -> Reader:
        """Whose eyes the inputs are gathered with."""
        return company if self.audience is Audience.COMPANY else reader

    def within(self, reader: Reader) -> "Analysis":
        """The analysis over what the reader may read, where it is one that leaves out the rest."""
        if not self.partial:
            return self
        kinds = tuple(kind for kind in self.kinds if reader.reads(kind))
        return replace(
            self, kinds=kinds, tables=tuple(table for table in self.tables if tables.may_read(reader, table))
        )


ANALYSES: dict[str, Analysis] = {}


def register(*analyses: Analysis) -> None:
    """Add analyses to the registry; two of one name are a fault of the program."""
    for analysis in analyses:
        if analysis.name in ANALYSES:
            raise ValueError(f"two analyses are called {analysis.name!r}")
        ANALYSES[analysis.name] = analysis
