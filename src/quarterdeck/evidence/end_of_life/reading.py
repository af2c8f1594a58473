"""Reads product life cycles as endoflife.date keeps (front matter) and serves them (API of version 0 and 1)."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path, PurePosixPath

import polars as pl

from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.documents import (
    MalformedError,
    Record,
    Value,
    day,
    day_of,
    flag_of,
    json_document,
    record_of,
    records,
    text_of,
    texts,
    yaml_documents,
)
from quarterdeck.evidence.hostile import Found, decode, files, into, open_end
from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Table

LIFE_CYCLES = Table(
    "life_cycles",
    "Release cycles of products: when each was released, how long it is supported, what is newest in it.",
    (
        Column("product", pl.String(), "Product, by the short name the source uses: python, ubuntu."),
        Column("cycle", pl.String(), "Release cycle, as the source writes it: 3.12, 22.04, 11-24h2-e."),
        Column("title", pl.String(), "Product's full name, where the source gives it."),
        Column("label", pl.String(), "Cycle's full name, where the source gives it."),
        Column("released", pl.Date(), "Day of the cycle's first release."),
        Column("support_ends", pl.Date(), "Last day of active support (fixes of all kinds)."),
        Column("support_ended", pl.Boolean(), "Whether active support has ended, where the source only says so."),
        Column("ends", pl.Date(), "Last day of security support: the end of life."),
        Column("ended", pl.Boolean(), "Whether life has ended, where the source only says so."),
        Column("extended_ends", pl.Date(), "Last day of extended, usually paid, security support."),
        Column("extended_ended", pl.Boolean(), "Whether extended support has ended, where the source only says so."),
        Column("latest", pl.String(), "Newest version in the cycle."),
        Column("latest_released", pl.Date(), "Day of that version."),
        Column("lts", pl.Boolean(), "Whether the cycle has long-term support."),
        Column("lts_from", pl.Date(), "Day from which it has, where the source gives one."),
        Column("aliases", pl.List(pl.String()), "Other short names of the product."),
        Column("identifiers", pl.List(pl.String()), "Package URLs, CPE names and repology:NAME of the product."),
        ORIGIN,
        LINE,
    ),
    ("product", "cycle"),
)

ENDINGS = (".json", ".yaml", ".yml", ".md")
LONGEST = 500


def read(path: Path, since: State | None = None) -> Batch:
    """Life cycles of a file, folder or zip; nothing where the bytes are those of the last collection."""
    name = path.resolve().name
    hasher, rows, problems = hashlib.sha256(), dict[tuple[str, str], tuple](), list[Problem]()
    for found in files(path, ENDINGS, refuse=into(problems)):
        hasher.update(f"{found.origin}\0{len(found.data)}\0".encode())
        hasher.update(found.data)
        _file(found, rows, problems)
    if not rows and not problems:
        raise Refused(name, "holds no life cycle")
    if not rows:
        raise Refused(problems[0].origin, problems[0].reason, problems[0].line)
    source = Source(READER.name, name, hasher.hexdigest())
    fresh = (since or {}).get("digest") != source.digest
    parts = [Part(LIFE_CYCLES, LIFE_CYCLES.frame(list(rows.values())))] if fresh else []
    return Batch(source, parts, problems, {"digest": source.digest})


def _file(found: Found, rows: dict[tuple[str, str], tuple], problems: list[Problem]) -> None:
    try:
        value = _document(found, problems)
        if value is _NOT_MEANT:
            return
        for product, releases in _products(value, found.origin):
            for place, release in enumerate(releases, 1):
                _release(found.origin, release.line or place, product, release, rows, problems)
    except MalformedError as error:
        problems.append(Problem(found.origin, None, f"is no product's life cycles: {error}"))
    except Refused as error:
        problems.append(Problem(found.origin, error.line, error.reason))


_NOT_MEANT: Value = "a Markdown page without front matter"


def _document(found: Found, problems: list[Problem]) -> Value:
    text = decode(found.data, found.origin)
    if found.origin.lower().endswith(".json"):
        return json_document(text, found.origin)
    if found.origin.lower().endswith(".md"):
        if not text.startswith("---"):
            return _NOT_MEANT
        parts = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
        if len(parts) < 3:
            raise Refused(found.origin, "has front matter that is not closed by ---: the file is cut short", 1)
        text = "\n" + parts[1].removeprefix("\n")  # so that lines count from the page's first
    documents = [value for value in yaml_documents(text, found.origin) if value is not None]
    if len(documents) > 1:
        raise MalformedError("it holds more than one document")
    problems += open_end(text, found.origin)
    return documents[0] if documents else None


class _Product:
    """What the rows of one product share."""

    def __init__(self, name: str, record: Record, identifiers: list[str], aliases: list[str]) -> None:
        self.name, self.aliases, self.identifiers = name, aliases, identifiers
        self.title = text_of(record, "title") or text_of(record, "label")


def _products(value: Value, origin: str) -> list[tuple[_Product, list[Record]]]:
    """Every product of a document with its releases, whichever of the shapes it has."""
    stem = PurePosixPath(origin).name.rsplit(".", 1)[0]
    if isinstance(value, list):  # version 0 of the API: the file's name is the product's
        return [(_Product(stem, Record(), [], []), records(Record([("releases", value)]), "releases"))]
    if not isinstance(value, Record):
        raise MalformedError("neither a mapping nor a list")
    if "result" in value:  # version 1: one product, or a list of them
        found = value["result"]
        wrapped = Record([("result", found if isinstance(found, list) else [found])])
        return [(_served(entry), records(entry, "releases")) for entry in records(wrapped, "result")]
    if "releases" not in value:
        raise MalformedError("it has no releases")
    return [(_kept(value, stem), records(value, "releases"))]


def _served(entry: Record) -> _Product:
    name = text_of(entry, "name")
    if name is None:
        raise MalformedError("a product without name")
    pairs = [(text_of(each, "type"), text_of(each, "id")) for each in records(entry, "identifiers")]
    return _Product(name, entry, [_identifier(kind, text) for kind, text in pairs if text], texts(entry, "aliases"))


def _kept(page: Record, stem: str) -> _Product:
    name = (text_of(page, "permalink") or stem).strip("/")
    identifiers = []
    for each in records(page, "identifiers"):
        identifiers += [_identifier(kind, text) for kind in each if (text := text_of(each, kind))]
    aliases = [alias.strip("/") for alias in texts(page, "alternate_urls")]
    return _Product(name, page, identifiers, aliases)


def _identifier(kind: str | None, text: str) -> str:
    return text if kind in ("purl", "cpe") else f"{kind}:{text}"


def _release(
    origin: str,
    line: int,
    product: _Product,
    release: Record,
    rows: dict[tuple[str, str], tuple],
    problems: list[Problem],
) -> None:
    try:
        cycle, row = _row(product, release)
    except MalformedError as error:
        shown = release.get("releaseCycle") or release.get("cycle") or release.get("name")
        problems.append(Problem(origin, line, f"{product.name} {str(shown)[:80]}: {error}"))
        return
    if (product.name, cycle) in rows:
        problems.append(Problem(origin, line, f"{product.name} {cycle} was read already; this one is left"))
        return
    rows[product.name, cycle] = (*row, product.aliases, product.identifiers, origin, line)


def _row(product: _Product, release: Record) -> tuple[str, tuple]:
    cycle = next((text for key in ("releaseCycle", "cycle", "name") if (text := text_of(release, key))), None)
    if cycle is None or len(cycle) > LONGEST:
        raise MalformedError("a release without a cycle's name")
    served = "isEol" in release  # version 1 keeps the truth value and the date apart
    read_ends: Callable[[Record, str, str, str], tuple[date | None, bool | None]] = _apart if served else _together
    support = read_ends(release, "eoas", "isEoas", "support")
    life = read_ends(release, "eol", "isEol", "")
    extended = read_ends(release, "eoes", "isEoes", "extendedSupport")
    lts_from, lts = _apart(release, "lts", "isLts", "") if served else _together(release, "lts", "", "")
    newest = record_of(release, "latest") if served else release
    latest = text_of(newest, "name" if served else "latest")
    latest_released = day_of(newest, "date" if served else "latestReleaseDate")
    label = text_of(release, "label" if served else "releaseLabel")
    released = day_of(release, "releaseDate")
    return cycle, (
        product.name,
        cycle,
        product.title,
        label,
        released,
        *support,
        *life,
        *extended,
        latest,
        latest_released,
        lts,
        lts_from,
    )


def _together(release: Record, name: str, _flag: str, former: str) -> tuple[date | None, bool | None]:
    """One field that is a date or a truth value; under its former name, true meant that support goes on."""
    key, turned = (name, False) if name in release or not former else (former, True)
    value = release.get(key)
    if value is None or isinstance(value, bool) or str(value).lower() in ("true", "false"):
        flag = flag_of(release, key)
        return None, flag if flag is None else flag != turned
    text = text_of(release, key)
    return (None, None) if text is None else (day(text, key), None)


def _apart(release: Record, name: str, flag: str, _former: str) -> tuple[date | None, bool | None]:
    """A date, or else the truth value: computed on the day the source was asked, it is kept only without a date."""
    ends = day_of(release, f"{name}From")
    return ends, flag_of(release, flag) if ends is None else None


READER = Reader(
    name="end_of_life",
    title_en="Product life cycles (endoflife.date)",
    title_zh="产品生命周期（endoflife.date）",
    help=(
        "A file, folder or zip archive: the `products` folder of endoflife.date's repository (Markdown or YAML), or "
        "answers of its API saved as JSON (`/api/PRODUCT.json`, `/api/v1/products/full`)."
    ),
    tables=(LIFE_CYCLES,),
    read=read,
)
