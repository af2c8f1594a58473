"""The door out of the lake: visible rows of a table, without the columns their reader may not see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db.models import Max

from quarterdeck.evidence.readers import READERS
from quarterdeck.evidence.schema import Table
from quarterdeck.kinds import keys
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.sight import scope_of, seen_keys
from quarterdeck.lake import files
from quarterdeck.lake.models import EvidenceSource, Part, Snapshot, TableHead

TABLES: dict[str, Table] = {table.name: table for reader in READERS for table in reader.tables}
_NEEDS = {  # the kind one must be allowed to read to read a table; every other table needs `system`
    "charges": "budget",
    "cost_bands": "cost-band",
    "roster_people": "person",
    "roster_skills": "person",
    "roster_posts": "post",
    "roster_teams": "team",
}

# The column by which a row is about a record that has a scope, and may be erased.
ABOUT = {"roster_people": "staff", "roster_skills": "staff"}


@dataclass(frozen=True)
class Freshness:
    """How old a source's evidence is, and what is wrong with it."""

    source: EvidenceSource
    snapshot: Snapshot
    rows: int


def need(table: str) -> str:
    """The kind whose readers may read this table."""
    return _NEEDS.get(table, "system")


def may_read(reader: Reader, table: str) -> bool:
    """Whether a reader may read a table; of which of its rows, `scan` says."""
    return reader.reads(need(table))


def may_read_source(reader: Reader, name: str) -> bool:
    """Whether a reader may read every table that a reader of evidence fills: its problems say what stood there."""
    return all(may_read(reader, table.name) for one in READERS if one.name == name for table in one.tables)


def _in_scope(reader: Reader, table: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that are about records in the reader's scope; of a table that is about none, all of them."""
    column, kind = ABOUT.get(table), KINDS[need(table)]
    scope = scope_of(kind, reader)
    if column is None or scope is None:
        return rows
    named = rows.select(column).unique().collect()[column].drop_nulls().to_list()
    seen = seen_keys(kind, {keys.made_of(name) for name in named}, reader) or set()
    return rows.filter(pl.col(column).is_in([name for name in named if keys.made_of(name) in seen]))


def read_part(declared: Table, part: Part) -> pl.LazyFrame:
    """The rows of one part as the table is declared today: a column that came later is empty in parts from before."""
    lazy = pl.scan_parquet(files.address(part.path))
    there = lazy.collect_schema()
    return lazy.select(
        pl.col(name).cast(dtype) if name in there else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in declared.schema.items()
    )


def parts(table: str, sources: Iterable[str] | None = None, until: int | None = None) -> list[Part]:
    """The visible parts of a table, oldest first; as they stood after snapshot `until`, where that is given."""
    found = Part.objects.filter(table=table).select_related("snapshot__source").order_by("id")
    then = {"ended": None} if until is None else {"snapshot__lte": until}
    found = found.filter(**then).exclude(ended__lte=until or 0)
    if sources is not None:
        found = found.filter(snapshot__source__name__in=list(sources))
    return list(found)


def scan(reader: Reader, table: str, *, sources: Iterable[str] | None = None, until: int | None = None) -> pl.LazyFrame:
    """A table's visible rows, with a column `source` naming where each came from. Raises Denied."""
    declared = TABLES[table]
    if not may_read(reader, table):
        raise Denied("read", table)
    visible = [c.name for c in declared.columns if c.private is None or reader.clears(c.private)]
    frames = [
        read_part(declared, part).select(visible).with_columns(source=pl.lit(part.snapshot.source.name))
        for part in parts(table, sources, until)
    ]
    if not frames:
        schema = {name: declared.schema[name] for name in visible}
        return pl.LazyFrame(schema={**schema, "source": pl.String()})
    return _in_scope(reader, table, pl.concat(frames, how="vertical"))


def watermarks(tables: Iterable[str]) -> dict[str, int]:
    """The last snapshot that changed each table (0 for none): an indexed look-up."""
    wanted = list(tables)
    found = dict(TableHead.objects.filter(table__in=wanted).values_list("table", "snapshot"))
    return {name: found.get(name, 0) for name in wanted}


def freshness() -> list[Freshness]:
    """The newest snapshot of each source, the oldest source first."""
    newest = Snapshot.objects.order_by("source", "-id").select_related("source")
    seen: dict[int, Snapshot] = {}
    for snapshot in newest:
        seen.setdefault(snapshot.source_id, snapshot)
    rows: dict[int, int] = {}
    for source, count in Part.objects.filter(ended=None).values_list("snapshot__source", "rows"):
        rows[source] = rows.get(source, 0) + count
    found = [Freshness(s.source, s, rows.get(s.source_id, 0)) for s in seen.values()]
    return sorted(found, key=lambda entry: entry.snapshot.at)


def newest() -> datetime | None:
    """When the newest snapshot was collected; None where there is none."""
    return Snapshot.objects.aggregate(last=Max("at"))["last"]
