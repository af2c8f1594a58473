"""Collects a source: reads, writes parts beside, and makes them visible with one row; killed anywhere, nothing is
half there."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from quarterdeck.evidence.batch import Batch, Reader
from quarterdeck.evidence.schema import Mode, Table
from quarterdeck.kinds.canonical import canonical
from quarterdeck.lake import files
from quarterdeck.lake.identities import Pseudonyms
from quarterdeck.lake.models import EvidenceSource, Part, Problem, Snapshot, TableHead

MOST_PROBLEMS = 10_000  # kept of one collection; the count says how many there were
SHOWN = 500  # characters of a problem's place and reason


@dataclass(frozen=True)
class Collected:
    """What one collection brought. snapshot: None where the source holds nothing new."""

    source: str
    snapshot: int | None
    rows: dict[str, int]
    problems: int


class Overtaken(Exception):
    """Someone else collected the same source meanwhile; nothing was changed, and another try reads what is new."""


@dataclass(frozen=True)
class _Written:
    table: Table
    path: str
    digest: str
    rows: int


def collect(
    reader: Reader, path: Path, *, by: str, name: str = "", progress: Callable[[int], None] | None = None
) -> Collected:
    """Read one source into the lake. name: what the source is called, where it moves about; else what its reader
    calls it.

    Raises evidence.Refused where the source cannot be taken, Overtaken where another collection finished first.
    """
    sweep()
    location = str(path.resolve())
    known = EvidenceSource.objects.filter(
        reader=reader.name, **({"name": name} if name else {"location": location})
    ).first()
    state = json.loads(known.state) if known and known.state != "{}" else None
    batch = reader.read(path, state)
    pseudonyms, written = Pseudonyms(), []
    try:
        written = list(_write(batch, pseudonyms, progress))
        return _show(
            reader, batch, known, written, pseudonyms, by=by, name=name or batch.source.name, location=location
        )
    except BaseException:
        files.remove([part.path for part in written])
        raise


def _write(batch: Batch, pseudonyms: Pseudonyms, progress: Callable[[int], None] | None) -> Iterable[_Written]:
    total = 0
    for part in batch.parts:
        if part.frame.height:
            path, digest = files.put(part.table.name, pseudonyms.replace(part.table, part.frame))
            yield _Written(part.table, path, digest, part.frame.height)
            total += part.frame.height
            if progress:
                progress(total)


def _show(
    reader: Reader,
    batch: Batch,
    known: EvidenceSource | None,
    written: list[_Written],
    pseudonyms: Pseudonyms,
    *,
    by: str,
    name: str,
    location: str,
) -> Collected:
    """Make what was written visible, in one transaction."""
    rows = Counter[str]()
    for part in written:
        rows[part.table.name] += part.rows
    with transaction.atomic():
        source, born = EvidenceSource.objects.select_for_update().get_or_create(
            reader=reader.name, name=name, defaults={"location": location}
        )
        if not born and (known is None or known.digest != source.digest or known.state != source.state):
            if batch.source.digest != source.digest:
                raise Overtaken(f"{reader.name} {name}")
        if not born and batch.source.digest == source.digest:
            files.remove([part.path for part in written])
            return Collected(name, None, {}, len(batch.problems))
        snapshot = Snapshot.objects.create(
            source=source,
            at=timezone.now(),
            by=by,
            digest=batch.source.digest,
            location=location,
            rows=rows.total(),
            problems=len(batch.problems),
        )
        _end_replaced(reader, source, snapshot, afresh=batch.afresh)
        Part.objects.bulk_create(
            [Part(snapshot=snapshot, table=p.table.name, path=p.path, rows=p.rows, digest=p.digest) for p in written],
            batch_size=1_000,
        )
        for table in reader.tables:
            TableHead.objects.update_or_create(table=table.name, defaults={"snapshot": snapshot.pk})
        _keep_problems(snapshot, batch)
        pseudonyms.save()
        source.digest, source.state, source.location = batch.source.digest, canonical(batch.state), location
        source.save()
    return Collected(name, snapshot.pk, dict(rows), len(batch.problems))


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
