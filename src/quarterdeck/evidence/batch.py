"""What a reader gives: where it read, the frames it made, the problems it met, and where to go on next time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from quarterdeck.evidence.schema import Table

State = dict[str, str]  # a reader's own words on where to go on: plain strings, so that it can be stored anywhere


@dataclass(frozen=True)
class Source:
    """What was read: the reader, a stable name of the place, and a digest of what stood there.

    name: the same for the same place on the next collection (a repository's name, a file's name without its folder).
    digest: SHA-256 over the bytes read, or a repository's heads; equal digests mean nothing new.
    """

    reader: str
    name: str
    digest: str


@dataclass(frozen=True)
class Problem:
    """Something that could not be read, and where: shown to people, never dropped in silence."""

    origin: str
    line: int | None
    reason: str
    text: str = ""  # what stood there, cut to 200 characters; empty where it could hold a secret


@dataclass(frozen=True)
class Part:
    """One frame of one table; a large source gives many, so that memory stays flat."""

    table: Table
    frame: pl.DataFrame


@dataclass
class Batch:
    """One reading of one source. `problems`, `state` and the source's digest are complete once `parts` is exhausted.

    afresh: the rows of append tables replace all that were read of this source before (its past was read again).
    """

    source: Source
    parts: Iterable[Part]
    problems: list[Problem] = field(default_factory=list)
    state: State = field(default_factory=dict)
    afresh: bool = False


class Refused(Exception):
    """A source that cannot be taken at all: names the file, the place in it, and the reason, for a person to read."""

    def __init__(self, origin: str, reason: str, line: int | None = None) -> None:
        self.origin, self.reason, self.line = origin, reason, line
        place = f"{origin}:{line}" if line is not None else origin
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True)
class Reader:
    """One evidence format. Declared once, listed in `readers.READERS`; command, page and docs follow from it.

    read(path, since): `since` is the state of the last collection of the same source, or None for the first.
    """

    name: str
    title_en: str
    title_zh: str
    help: str  # which files, from which tools; how to get them; in Markdown
    tables: tuple[Table, ...]
    read: Callable[[Path, State | None], Batch]
