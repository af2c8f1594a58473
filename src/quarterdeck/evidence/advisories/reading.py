"""Reads OSV advisories from a file, folder or zip archive, in JSON or YAML, in parts of a few thousand."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from quarterdeck.evidence.advisories.records import Rows, rows_of
from quarterdeck.evidence.advisories.tables import ADVISORIES, RANGES, VERSIONS
from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.documents import MalformedError, Record, Value, json_document, records, yaml_documents
from quarterdeck.evidence.hostile import decode, files, into, open_end

ENDINGS = (".json", ".yaml", ".yml")
PART = 5_000  # advisories held at a time


def read(path: Path, since: State | None = None) -> Batch:
    """Advisories of a file, folder or zip. Nothing is given where the bytes are those of the last collection."""
    name = path.resolve().name
    batch = Batch(Source(READER.name, name, ""), ())
    batch.parts = _parts(path, batch, since or {})
    if not path.exists():
        raise Refused(name, "is not there")
    return batch


def _parts(path: Path, batch: Batch, since: State) -> Iterator[Part]:
    if since and _finish(batch, _digest(path)) == since.get("digest"):
        return
    hasher, rows, seen = hashlib.sha256(), Rows(), dict[str, str]()
    for found in files(path, ENDINGS, refuse=into(batch.problems)):
        _count(hasher, found.origin, found.data)
        for place, value in _values(found.origin, found.data, batch.problems):
            _take(value, found.origin, place, rows, seen, batch.problems)
        if len(rows.advisories) >= PART:
            yield from _flush(rows)
            rows = Rows()
    yield from _flush(rows)
    _finish(batch, hasher.hexdigest())
    if not seen and not batch.problems:
        raise Refused(batch.source.name, "holds no advisory")
    if not seen:
        first = batch.problems[0]
        raise Refused(first.origin, first.reason, first.line)


def _digest(path: Path) -> str:
    hasher = hashlib.sha256()
    for found in files(path, ENDINGS, refuse=into([])):
        _count(hasher, found.origin, found.data)
    return hasher.hexdigest()


def _count(hasher: "hashlib._Hash", origin: str, data: bytes) -> None:
    hasher.update(f"{origin}\0{len(data)}\0".encode())
    hasher.update(data)


def _finish(batch: Batch, digest: str) -> str:
    batch.source = Source(READER.name, batch.source.name, digest)
    batch.state["digest"] = digest
    return digest


def _flush(rows: Rows) -> Iterator[Part]:
    for table, kept in ((ADVISORIES, rows.advisories), (RANGES, rows.ranges), (VERSIONS, rows.versions)):
        yield Part(table, table.frame(kept))


def _values(origin: str, data: bytes, problems: list[Problem]) -> Iterator[tuple[int, Value]]:
    """The advisories of one file, each with its line (YAML) or its place (JSON)."""
    try:
        text = decode(data, origin)
        if origin.lower().endswith(".json"):
            yield from enumerate(_unpacked(json_document(text, origin)), 1)
            return
        documents = list(yaml_documents(text, origin))  # a file is taken whole or not at all
        problems += open_end(text, origin)
        for value in documents:
            for record in _unpacked(value):
                yield (record.line or 1) if isinstance(record, Record) else 1, record
    except (Refused, MalformedError) as error:
        line = error.line if isinstance(error, Refused) else None
        problems.append(Problem(origin, line, error.reason if isinstance(error, Refused) else str(error)))


def _unpacked(value: Value) -> list[Value]:
    """One advisory, a list of them, or the answer of a query ({"vulns": [...]})."""
    if isinstance(value, list):
        return value
    if isinstance(value, Record) and "vulns" in value and "id" not in value:
        return list(records(value, "vulns"))
    return [value]


def _take(value: Value, origin: str, place: int, rows: Rows, seen: dict[str, str], problems: list[Problem]) -> None:
    if not isinstance(value, Record):
        problems.append(Problem(origin, place, "is not an advisory: not a mapping"))
        return
    try:
        advisory = rows_of(value, origin, place, problems)
    except MalformedError as error:
        problems.append(Problem(origin, place, f"is not an advisory: {error}"))
        return
    name = advisory.name
    if name in seen:
        problems.append(
            Problem(origin, place, f"advisory {name} was read already, from {seen[name]}; this one is left")
        )
        return
    seen[name] = f"{origin}:{place}"
    rows.extend(advisory)


READER = Reader(
    name="advisories",
    title_en="Security advisories (OSV)",
    title_zh="安全公告（OSV）",
    help=(
        "A file, folder or zip archive of advisories in the [OSV format](https://ossf.github.io/osv-schema/), JSON or "
        "YAML: an ecosystem's `all.zip` from OSV, a clone of the PyPA advisory database, GitHub's advisory database."
    ),
    tables=(ADVISORIES, RANGES, VERSIONS),
    read=read,
)
