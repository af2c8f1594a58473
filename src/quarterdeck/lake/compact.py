"""Merges the small parts of a growing table, so that reading it opens few files; what it held at any time stays."""

import polars as pl
from django.db import transaction

from quarterdeck.lake import files
from quarterdeck.lake.models import EvidenceSource, Part
from quarterdeck.lake.tables import TABLES, read_part

MOST = 32  # small parts of one source and table before they are merged
SMALL = 100_000  # rows: a larger part is left as it is
LARGEST = 1_000_000  # rows of a merged part


def compact(source: EvidenceSource) -> int:
    """Merge what has become many small parts; returns how many files are read less from now on.

    A merged part begins with the newest snapshot it holds, and its parts end there: as of an older one they are read.
    """
    fewer = 0
    visible = Part.objects.filter(snapshot__source=source, ended=None, rows__lt=SMALL).order_by("id")
    for table in visible.order_by().values_list("table", flat=True).distinct():
        some = list(visible.filter(table=table))
        if table in TABLES and len(some) > MOST:
            fewer += sum(len(few) - 1 for few in _groups(some) if len(few) > 1 and _merge(few))
    return fewer


def _groups(parts: list[Part]) -> list[list[Part]]:
    """Parts in their order, together as many as one file should hold."""
    found: list[list[Part]] = [[]]
    rows = 0
    for part in parts:
        if rows + part.rows > LARGEST:
            found.append([])
            rows = 0
        found[-1].append(part)
        rows += part.rows
    return found


def _merge(parts: list[Part]) -> bool:
    """Put parts into one; False where another collection ended one of them meanwhile."""
    table, newest = parts[0].table, max(part.snapshot_id for part in parts)
    frame = pl.concat([read_part(TABLES[table], part).collect() for part in parts])
    path, digest = files.put(table, frame)
    with transaction.atomic():
        held = Part.objects.select_for_update().filter(pk__in=[part.pk for part in parts], ended=None)
        if len(held) == len(parts):
            held.update(ended=newest)
            Part.objects.create(snapshot_id=newest, table=table, path=path, rows=frame.height, digest=digest)
            return True
    files.remove([path])
    return False
