"""Declares a source of candidates for initiatives: what it reads and how it finds them; registered like an analysis."""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

import polars as pl

from quarterdeck.engines.candidate import Candidate
from quarterdeck.kinds.roles import Reader
from quarterdeck.lake import tables
from quarterdeck.runs.analysis import Gathering

T = TypeVar("T")


def engine(name: str) -> ModuleType:
    """Another engine; engines load numeric libraries, so they are imported when they are used."""
    return importlib.import_module(f"quarterdeck.engines.{name}")


@dataclass
class Harvest(Gathering):
    """A gathering that many sources share: what one has taken the next gets again, and it is written down once."""

    kept: dict[object, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, gathering: Gathering) -> "Harvest":
        """The same hands, and what they take written down in the same place."""
        return cls(gathering.reader, gathering.today, gathering.parameters, gathering.engine, gathering.rested)

    def once(self, name: object, make: Callable[[], T]) -> T:
        """What `make` gives, made once under this name."""
        if name not in self.kept:
            self.kept[name] = make()
        found: T = self.kept[name]
        return found

    def rows(self, kind: str, **conditions: Any) -> list[Any]:
        """Records of a kind under conditions, written down."""
        return self.once(
            ("rows", kind, repr(sorted(conditions.items()))), lambda: Gathering.rows(self, kind, **conditions)
        )

    def table(self, name: str, *columns: str) -> pl.DataFrame:
        """Rows of a table of evidence, written down; all columns where none are named."""
        return self.once(("table", name, columns), lambda: Gathering.table(self, name, *columns))


@dataclass(frozen=True)
class CandidateSource:
    """Something that finds candidates in evidence and estate. `find` reads only the tables and kinds declared."""

    name: str
    title: Any  # translatable
    tables: tuple[str, ...]
    kinds: tuple[str, ...]
    find: Callable[[Harvest], Iterable[Candidate]]

    def hidden(self, reader: Reader) -> tuple[str, ...]:
        """What it reads and this reader may not; the source is left out of their answer then."""
        kinds = [kind for kind in self.kinds if not reader.reads(kind)]
        return (*kinds, *(table for table in self.tables if not tables.may_read(reader, table)))


SOURCES: dict[str, CandidateSource] = {}


def register_sources(*sources: CandidateSource) -> None:
    """Add sources to the registry; two of one name are a fault of the program."""
    for source in sources:
        if source.name in SOURCES:
            raise ValueError(f"two sources of candidates are called {source.name!r}")
        SOURCES[source.name] = source
