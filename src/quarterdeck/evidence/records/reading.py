"""Makes a reader of a shape: opens a file, folder or archive, maps every grid in it, and says what was left out."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.records import grids, workbook
from quarterdeck.evidence.records.shape import Shape
from quarterdeck.evidence.records.taking import Columns, Taking

TEXT_ENDINGS = (".csv", ".tsv")
JSON_ENDINGS = (".json", *grids.LINE_ENDINGS)
ENDINGS = (*TEXT_ENDINGS, *JSON_ENDINGS, ".xlsx")
MOST_PROBLEMS = 10_000  # listed for one file; those beyond are counted


@dataclass
class Notes:
    """Problems of one reading; of one file no more than MOST_PROBLEMS are listed, the rest are counted."""

    listed: list[Problem]
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, problems: list[Problem]) -> None:
        """List problems as far as there is room."""
        for problem in problems:
            count = self.counts[problem.origin] = self.counts.get(problem.origin, 0) + 1
            if count <= MOST_PROBLEMS:
                self.listed.append(problem)

    def close(self) -> None:
        """Say how many were not listed."""
        for origin, count in self.counts.items():
            if count > MOST_PROBLEMS:
                self.listed.append(Problem(origin, None, f"{count - MOST_PROBLEMS} more problems are not listed"))


@dataclass
class Sources:
    """Files of a place, opened one after the other; remembers their digest and which of them could not be taken.

    One file that cannot be taken is refused; among several it becomes a problem, unless none can be taken.
    """

    root: Path
    notes: Notes
    endings: tuple[str, ...] = ENDINGS
    hasher: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    taken: int = 0
    refused: list[Refused] = field(default_factory=list)

    def __iter__(self) -> Iterator[hostile.Found]:
        for found in hostile.files(self.root, self.endings, refuse=self.refuse):
            self.add(found)
            yield found

    def add(self, found: hostile.Found) -> None:
        """Count one file into the digest."""
        self.hasher.update(found.origin.encode("utf-8", "surrogateescape") + b"\0" + found.data)

    def refuse(self, error: Refused) -> None:
        """Note that one file could not be taken."""
        self.refused.append(error)

    def close(self) -> str:
        """The digest; raises Refused where nothing could be taken."""
        if not self.taken:
            if self.refused:
                raise self.refused[0]
            raise Refused(self.root.name, f"holds no file whose name ends in {', '.join(self.endings)}")
        self.notes.add([Problem(error.origin, error.line, f"{error.reason}; file left out") for error in self.refused])
        self.notes.close()
        return self.hasher.hexdigest()


def open_grids(found: hostile.Found, shape: Shape, notes: Notes) -> Iterator[grids.Grid]:
    """The grids of one file: by its ending, or by how it begins where the ending says nothing."""
    kind = kind_of(found)
    if kind == "workbook":
        filled = False
        for name, rows in workbook.sheets(found.data, found.origin):
            grid = grids.of_sheet(rows, f"{found.origin}/{name}")
            filled = filled or bool(grid.headings)
            yield grid
        if not filled:
            raise Refused(found.origin, "is empty: no sheet has headings")
        return
    text = hostile.decode(found.data, found.origin)
    if kind == "json":
        problems: list[Problem] = []
        entries = grids.entries(text, found.origin, shape.containers, problems)
        for grid in grids.of_entries(entries, found.origin, shape.names):
            notes.add(problems)
            problems.clear()
            yield grid
    else:
        yield from grids.of_csv(text, found.origin)


def kind_of(found: hostile.Found) -> str:
    """`csv`, `json` or `workbook`."""
    name = found.origin.lower()
    if name.endswith(".xlsx") or found.data[:4] == b"PK\x03\x04":
        return "workbook"
    if name.endswith(JSON_ENDINGS):
        return "json"
    if name.endswith(TEXT_ENDINGS):
        return "csv"
    return "json" if found.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else "csv"


def expect(grid: grids.Grid, shape: Shape) -> None:
    """Refuse a grid that has rows but lacks a heading the shape cannot do without."""
    lacking = Columns(grid, shape).lacking()
    if lacking and (grid.headings or grid.lines):
        wanted = "; ".join(f"{item.column.name} (also: {', '.join(item.aliases)})" for item in lacking)
        met = ", ".join(grid.headings)[:300]
        raise Refused(grid.origin, f"has no column for {wanted}; its headings are: {met}", 1)


def unread(grid: grids.Grid, shape: Shape) -> list[Problem]:
    """One note on all headings of a grid that are not read, and one on those that stand twice."""
    columns = Columns(grid, shape)
    said = (
        ("columns not read", columns.unread()),
        ("headings that stand more than once, of which the first that is not empty is taken", columns.doubled()),
    )
    return [Problem(grid.origin, 1, f"{words}: {', '.join(names)[:500]}") for words, names in said if names]


def _parts(batch: Batch, path: Path, shape: Shape) -> Iterator[Part]:
    notes = Notes(batch.problems)
    sources = Sources(path, notes)
    taking = Taking(shape)
    for found in sources:
        try:
            parts = list(_file(found, taking, notes, sources))  # a file is taken whole or not at all
        except Refused as error:
            sources.refuse(error)
            taking.forget()
        else:
            taking.keep()
            yield from parts
    batch.source = replace(batch.source, digest=sources.close())
    batch.state["digest"] = batch.source.digest


def _file(found: hostile.Found, taking: Taking, notes: Notes, sources: Sources) -> Iterator[Part]:
    """The parts of one file; a workbook is taken if one of its sheets can be, and a note says which were not."""
    shape, kind = taking.shape, kind_of(found)
    left: list[Refused] = []
    taken = 0
    for grid in open_grids(found, shape, notes):
        if taken == 0 or kind == "workbook":
            try:
                expect(grid, shape)
            except Refused as error:
                left.append(error)
                if kind == "workbook":
                    continue
                raise
            notes.add(unread(grid, shape) if kind != "json" else [])
        frame, problems = taking.take(grid)
        notes.add(problems)
        yield Part(shape.table, frame)
        taken += 1
    if left and not taken:
        raise left[0]
    notes.add([Problem(error.origin, error.line, f"{error.reason}; sheet left out") for error in left])
    sources.taken += 1


def reader(name: str, title_en: str, title_zh: str, help: str, shape: Shape) -> Reader:
    """A reader of one shape from CSV, JSON, JSON Lines and XLSX: a file, a folder or a zip archive of such files."""

    def read(path: Path, since: State | None = None) -> Batch:
        batch = Batch(Source(name, path.name, ""), ())
        batch.parts = _parts(batch, path, shape)
        return batch

    return Reader(name, title_en, title_zh, help, (shape.table,), read)
