"""Reads bills in FOCUS 1.0 to 1.2 from CSV (plain or gzip) and Parquet, exactly and in chunks."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.bill.columns import CHARGES
from quarterdeck.evidence.bill.conformance import Breaches
from quarterdeck.evidence.bill.streams import BillFile, fingerprint, parquet_grids, text_grids
from quarterdeck.evidence.records.reading import Notes, expect, unread
from quarterdeck.evidence.records.taking import Columns, Taking

ENDINGS = (".csv", ".csv.gz", ".parquet")
_WANTED = frozenset(name for item in CHARGES.fields for name in item.headings)


def read(path: Path, since: State | None = None) -> Batch:
    """The charges of one file, or of all files of a folder; Refused once its parts are taken if none can be."""
    batch = Batch(Source("bill", path.name, ""), ())
    batch.parts = _parts(batch, path)
    return batch


def _parts(batch: Batch, path: Path) -> Iterator[Part]:
    notes, hasher = Notes(batch.problems), hashlib.sha256()
    refused: list[Refused] = []
    taken = 0
    for file in _files(path):
        rows = 0
        try:
            for part in _file(file, notes, hasher):
                rows += part.frame.height
                yield part
            taken += 1
        except Refused as error:
            if rows:  # some of it is given already: rather nothing of the whole bill than half a file
                raise
            refused.append(error)
    if not taken:
        raise refused[0] if refused else Refused(path.name, f"holds no file whose name ends in {', '.join(ENDINGS)}")
    notes.add([Problem(error.origin, error.line, f"{error.reason}; file left out") for error in refused])
    notes.close()
    batch.source = replace(batch.source, digest=hasher.hexdigest())
    batch.state["digest"] = batch.source.digest


def _files(path: Path) -> Iterator[BillFile]:
    if path.is_dir():
        for origin, place in hostile.paths(path, ENDINGS):
            yield BillFile(origin, place)
    else:
        yield BillFile(path.name, path)


def _file(file: BillFile, notes: Notes, hasher: "hashlib._Hash") -> Iterator[Part]:
    encoding = fingerprint(file, hasher)
    taking, breaches = Taking(CHARGES), Breaches(file.origin)
    grids = text_grids(file, encoding) if encoding else parquet_grids(file, _WANTED)
    for place, grid in enumerate(grids):
        if place == 0:
            expect(grid, CHARGES)
            notes.add(unread(grid, CHARGES))
            met = Columns(grid, CHARGES).met()
        frame, problems = taking.take(grid)
        breaches.look(frame, met)
        notes.add(problems)
        yield Part(CHARGES.table, frame)
    notes.add(breaches.problems())


READER = Reader(
    "bill",
    "Cloud and software bills (FOCUS)",
    "云与软件账单（FOCUS）",
    "Cost exports in the FinOps Open Cost and Usage Specification (FOCUS) 1.0 to 1.2, which the large clouds offer: "
    "CSV, CSV packed with gzip, or Parquet; one file or a folder of them.",
    (CHARGES.table,),
    read,
)
