"""Collects a source: reads, writes parts beside, and makes them visible with one row; killed anywhere, nothing is
half there."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.utils import timezone

from quarterdeck.evidence.batch import Batch, Reader, Refused
from quarterdeck.evidence.schema import Mode, Table
from quarterdeck.kinds.canonical import canonical
from quarterdeck.lake import files
from quarterdeck.lake.compact import compact
from quarterdeck.lake.identities import Pseudonyms, without_erased
from quarterdeck.lake.models import EvidenceSource, Part, Problem, Snapshot, TableHead

MOST_PROBLEMS = 10_000  # kept of one collection; the count says how many there were
LONGEST_NAME = 200
FALLEN = 0.5  # of the rows that stood there before: fewer are told
SHOWN = 500  # characters of a problem's place and reason


@dataclass(frozen=True)
class Fallen:
    """A table of which a source now holds far fewer rows than before: another file, or a loss, and worth a look."""

    table: str
    before: int
    now: int


@dataclass(frozen=True)
class Collected:
    """What one collection brought. snapshot: None where the source holds nothing new. fallen: what it brought far less
    of than stood there before."""

    source: str
    snapshot: int | None
    rows: dict[str, int]
    problems: int
    fallen: tuple[Fallen, ...] = ()


class Overtaken(Exception):
    """Someone else collected the same source meanwhile; nothing was changed, and another try reads what is new."""


@dataclass(frozen=True)
class _Written:
    table: Table
    path: str
    digest: str
    rows: int


@dataclass(frozen=True)
class _Reading:
    """One reading of a source: what it was before, what it is to be called, where it stands."""

    reader: Reader
    batch: Batch
    known: EvidenceSource | None
    name: str
    location: str
    by: str

    @property
    def called(self) -> str:
        return self.name or self.batch.source.name


def collect(
    reader: Reader, path: Path, *, by: str, name: str = "", progress: Callable[[int], None] | None = None
) -> Collected:
    """Read one source into the lake. name: what the source is called, where it moves about; else what its reader
    calls it.

    Raises evidence.Refused where the source cannot be taken, Overtaken where another collection finished first.
    """
    if len(name) > LONGEST_NAME:
        raise Refused(name[:40], f"is a name of more than {LONGEST_NAME} characters")
    sweep()
    location = str(path.resolve())
    known = _known(reader, name, location)
    state = json.loads(known.state) if known and known.state != "{}" else None
    stood = _standing(known)
    batch = reader.read(path, state)
    reading = _Reading(reader, batch, known, name or (known.name if known else ""), location, by)
    pseudonyms = Pseudonyms()
    written: list[_Written] = []
    try:
        for part in _write(batch, pseudonyms, progress):
            written.append(part)
        snapshot = _show(reading, written, pseudonyms)
    except BaseException:
        _discard(written)
        raise
    rows = Counter[str]()
    if snapshot is None:
        _discard(written)
    else:
        for part in written:
            rows[part.table.name] += part.rows
        compact(snapshot.source)
    fallen = _fallen(stood, snapshot.source) if snapshot else ()
    return Collected(reading.called, snapshot.pk if snapshot else None, dict(rows), len(batch.problems), fallen)


def forget(reader: Reader, source: EvidenceSource, *, by: str) -> int:
    """Take everything that was read of a source out of sight; returns how many rows that were.

    Its earlier snapshots stay, so that what was answered on them can be looked at; collected again, it is read anew.
    """
    with transaction.atomic():
        source = EvidenceSource.objects.select_for_update().get(pk=source.pk)
        gone = sum(_standing(source).values())
        snapshot = Snapshot.objects.create(
            source=source, at=timezone.now(), by=by, digest="", location=source.location, rows=0, problems=0
        )
        _end_replaced(reader, source, snapshot, afresh=True)
        for table in reader.tables:
            TableHead.objects.update_or_create(table=table.name, defaults={"snapshot": snapshot.pk})
        source.digest, source.state = "", "{}"
        source.save()
    return gone


def _standing(source: EvidenceSource | None) -> dict[str, int]:
    """Visible rows of a source, by table."""
    parts = Part.objects.filter(snapshot__source=source, ended=None) if source else Part.objects.none()
    return dict(parts.values_list("table").annotate(rows=Sum("rows")).values_list("table", "rows"))


def _fallen(before: dict[str, int], source: EvidenceSource) -> tuple[Fallen, ...]:
    now = _standing(source)
    counts = ((table, rows, now.get(table, 0)) for table, rows in sorted(before.items()))
    return tuple(Fallen(table, rows, left) for table, rows, left in counts if left < FALLEN * rows)


def _known(reader: Reader, name: str, location: str) -> EvidenceSource | None:
    """The source collected before under this name, or, where none is given, from this place."""
    some = EvidenceSource.objects.filter(reader=reader.name).order_by("pk")
    return some.filter(name=name).first() if name else some.filter(location=location).first()


def _write(batch: Batch, pseudonyms: Pseudonyms, progress: Callable[[int], None] | None) -> Iterator[_Written]:
    total = 0
    for part in batch.parts:
        if part.frame.schema != pl.Schema(part.table.schema):
            raise TypeError(f"the reader's rows of {part.table.name} are not what it declares")
        frame, notes = without_erased(part.table, part.frame)
        batch.problems.extend(notes)
        if frame.height:
            path, digest = files.put(part.table.name, pseudonyms.replace(part.table, frame))
            yield _Written(part.table, path, digest, frame.height)
            total += frame.height
            if progress:
                progress(total)


def _discard(written: list[_Written]) -> None:
    """Remove files that no snapshot knows; one that may have become visible just before a fault stays for `sweep`."""
    paths = [part.path for part in written]
    try:
        seen = set(Part.objects.filter(path__in=paths).values_list("path", flat=True))
    except DatabaseError:
        return
    files.remove([path for path in paths if path not in seen])


def _show(reading: _Reading, written: list[_Written], pseudonyms: Pseudonyms) -> Snapshot | None:
    """Make what was written visible, in one transaction; None where the source holds nothing new."""
    batch = reading.batch
    with transaction.atomic():
        source, born = EvidenceSource.objects.select_for_update().get_or_create(
            reader=reading.reader.name, name=reading.called, defaults={"location": reading.location}
        )
        if not born:
            _stay_the_same(reading, source)
            if batch.source.digest == source.digest:
                return None
        snapshot = Snapshot.objects.create(
            source=source,
            at=timezone.now(),
            by=reading.by,
            digest=batch.source.digest,
            location=reading.location,
            rows=sum(part.rows for part in written),
            problems=len(batch.problems),
        )
        _end_replaced(reading.reader, source, snapshot, afresh=batch.afresh)
        Part.objects.bulk_create(
            [Part(snapshot=snapshot, table=p.table.name, path=p.path, rows=p.rows, digest=p.digest) for p in written],
            batch_size=1_000,
        )
        for table in reading.reader.tables:
            TableHead.objects.update_or_create(table=table.name, defaults={"snapshot": snapshot.pk})
        _keep_problems(snapshot, batch)
        pseudonyms.save()
        source.digest, source.state, source.location = batch.source.digest, canonical(batch.state), reading.location
        source.save()
    return snapshot


def _stay_the_same(reading: _Reading, source: EvidenceSource) -> None:
    """Whether the source is still what the reading began with. Raises Overtaken, evidence.Refused."""
    known = reading.known
    if known is not None and (known.digest, known.state) == (source.digest, source.state):
        return
    if known is None and source.location != reading.location:
        reason = (
            f"{source.location} is collected under the name {source.name!r} already; give this source a name of its own"
        )
        raise Refused(reading.location, reason)
    if reading.batch.source.digest != source.digest:
        raise Overtaken(f"{source.reader} {source.name} was collected by someone else meanwhile; try again")


def _end_replaced(reader: Reader, source: EvidenceSource, snapshot: Snapshot, *, afresh: bool) -> None:
    """End the parts that this snapshot replaces; where the source's past was read again, those of every table."""
    replaced = [table.name for table in reader.tables if afresh or table.mode is Mode.REPLACE]
    Part.objects.filter(snapshot__source=source, table__in=replaced, ended=None).update(ended=snapshot)


def _keep_problems(snapshot: Snapshot, batch: Batch) -> None:
    Problem.objects.bulk_create(
        [
            Problem(snapshot=snapshot, origin=p.origin[:SHOWN], line=p.line, reason=p.reason[:SHOWN], text=p.text[:200])
            for p in batch.problems[:MOST_PROBLEMS]
        ],
        batch_size=1_000,
    )


def sweep() -> int:
    """Remove files that no snapshot knows and no collection is still writing; returns how many."""
    system, root = files.place()
    known = set(Part.objects.values_list("path", flat=True))
    old = timezone.now().timestamp() - 24 * 3600  # a collection that runs longer than a day is taken for dead
    gone = [path for path in files.listed() if path not in known and _age(system, f"{root}/{path}") < old]
    files.remove(gone)
    return len(gone)


def _age(system: object, path: str) -> float:
    """When a file was last written, in seconds since the epoch."""
    modified = system.modified(path)  # type: ignore[attr-defined]
    return float(modified.timestamp())
