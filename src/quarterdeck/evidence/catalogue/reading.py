"""Reads Backstage catalogue files (catalog-info.yaml) from a file, folder or zip archive."""

import hashlib
from pathlib import Path, PurePosixPath

from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.catalogue.entities import Rows, take
from quarterdeck.evidence.catalogue.tables import ENTITIES, MEMBERS, PEOPLE, RELATIONS
from quarterdeck.evidence.documents import MalformedError, Record, text_of, yaml_documents
from quarterdeck.evidence.hostile import Found, decode, files, into, open_end

ENDINGS = (".yaml", ".yml")
_MARK = "backstage.io/"


def read(path: Path, since: State | None = None) -> Batch:
    """Entities of a file, folder or zip; nothing where the bytes are those of the last collection.

    Of a folder or zip, YAML files are taken that say backstage.io/ somewhere or are called catalog-info; whatever else
    stands in them (Kubernetes manifests, say) is passed over. A file named by itself is expected to hold entities.
    """
    name = path.resolve().name
    hasher, rows, problems = hashlib.sha256(), Rows(), list[Problem]()
    alone = not path.is_dir() and path.suffix.lower() != ".zip"
    for found in files(path, ENDINGS, refuse=into(problems)):
        if alone or _meant(found):
            hasher.update(f"{found.origin}\0{len(found.data)}\0".encode())
            hasher.update(found.data)
            _file(found, rows, problems, alone)
    if not rows.places and not problems:
        raise Refused(name, "holds no catalogue entity")
    if not rows.places:
        raise Refused(problems[0].origin, problems[0].reason, problems[0].line)
    source = Source(READER.name, name, hasher.hexdigest())
    fresh = (since or {}).get("digest") != source.digest
    return Batch(source, _parts(rows) if fresh else [], problems, {"digest": source.digest})


def _meant(found: Found) -> bool:
    called = PurePosixPath(found.origin).name.lower().startswith("catalog-info")
    return called or _MARK.encode() in found.data or _MARK.encode("utf-16-le") in found.data


def _file(found: Found, rows: Rows, problems: list[Problem], alone: bool) -> None:
    place: int | None = None
    try:
        text = decode(found.data, found.origin)
        documents = list(yaml_documents(text, found.origin))  # a file is taken whole or not at all
        problems += open_end(text, found.origin)
        for document in documents:
            place = document.line if isinstance(document, Record) else None
            try:
                _document(document, found.origin, rows, problems, alone)
            except MalformedError as error:
                problems.append(Problem(found.origin, place, f"is no catalogue entity: {error}"))
    except Refused as error:
        problems.append(Problem(found.origin, error.line, error.reason))


def _document(document: object, origin: str, rows: Rows, problems: list[Problem], alone: bool) -> None:
    if document is None:
        return
    if not isinstance(document, Record):
        raise MalformedError("it is not a mapping")
    version = text_of(document, "apiVersion") or ""
    if _MARK in version:
        take(document, origin, rows, problems)
    elif alone:
        raise MalformedError(f"its apiVersion {version[:80]!r} is not Backstage's")


def _parts(rows: Rows) -> list[Part]:
    kept = (
        (ENTITIES, rows.entities),
        (RELATIONS, rows.relations),
        (PEOPLE, rows.people),
        (MEMBERS, rows.members),
    )
    return [Part(table, table.frame(list(found.values()))) for table, found in kept]


READER = Reader(
    name="catalogue",
    title_en="Software catalogue (Backstage)",
    title_zh="软件目录（Backstage）",
    help=(
        "A file, folder or zip archive of Backstage entity files (`catalog-info.yaml`, several documents a file): a "
        "clone of a repository, of many repositories, or of the one that holds the catalogue."
    ),
    tables=(ENTITIES, RELATIONS, PEOPLE, MEMBERS),
    read=read,
)
