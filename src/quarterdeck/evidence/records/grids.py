"""Reads CSV, JSON, JSON Lines and XLSX into grids of text: headings, cells, and the line each row began on."""

import csv
import io
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.records import workbook

CHUNK = 50_000  # rows of a grid
MOST_COLUMNS = 2_000
DEEPEST = 3  # lists or pages one within the other in a JSON document
LINE_ENDINGS = (".jsonl", ".ndjson")

MOST_VALUES = 10_000_000  # of one JSON text: no more are made of it than its signs allow

Json = dict[str, object] | list[object] | str | bool | None  # numbers stay text, so that decimals stay exact


@dataclass
class Grid:
    """Some rows of one file or sheet. `cells` holds a column of text for each heading; empty cells are None."""

    origin: str
    headings: list[str]
    lines: Sequence[int]
    cells: Sequence[Sequence[str | None] | pl.Series]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One record of a JSON document or of JSON Lines, and where it stood."""

    line: int
    value: dict[str, object]


def normal(heading: str) -> str:
    """A heading as it is compared: without case, width, surrounding signs; words joined by _."""
    text = unicodedata.normalize("NFKC", heading).casefold().strip().strip("*")
    return re.sub(r"[\s\-./()_]+", "_", text).strip("_")


def of_csv(text: str, origin: str) -> Iterator[Grid]:
    """Grids of a file of values separated by comma, semicolon or tab, whose first line holds the headings."""
    yield from of_lines(io.StringIO(text, newline=""), origin)


def of_lines(lines: Iterable[str], origin: str, chunk: int = CHUNK) -> Iterator[Grid]:
    """As `of_csv`, from lines (with their ends) that need not be in memory all at once; `chunk` rows a grid."""
    lines = _Heard(lines)
    first = next(lines, "")
    separator = named[1] if (named := re.fullmatch(r"sep=(.)\r?\n?", first)) else _separator(first)
    rows = _rows(itertools.chain([first], lines), separator, origin)
    if named:  # spreadsheets write the separator on a line of its own, before the headings
        next(rows, None)
    heading = next(rows, None)
    if heading is None:
        raise Refused(origin, "is empty: the first line must hold the headings")
    line, cells, reason = heading
    if reason or len(cells) > MOST_COLUMNS:
        raise Refused(origin, f"has no readable line of headings: {reason or 'too many columns'}", line)
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise Refused(origin, "has no headings in its first line", line)
    yield from _chunks(origin, headings, rows, chunk, lines)


class _Heard:
    """Lines passed on, of which the last is remembered: whether it has an end tells whether a file was cut."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.last = ""
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = next(self.lines)
        self.count += 1
        return self.last

    @property
    def ended(self) -> bool:
        """Whether the last line has a line end."""
        return self.last.endswith(("\n", "\r"))


def _separator(first: str) -> str:
    bare = re.sub(r'"[^"]*"', "", first[: hostile.MEBIBYTE])
    return max(",;\t", key=bare.count)


_UNCLOSED = ("unexpected end of data", "field larger than field limit")  # what the standard library says of a mark
CsvRow = tuple[int, list[str], str]  # line it began on, cells, reason why it cannot be read (or nothing)


def _rows(lines: Iterable[str], separator: str, origin: str) -> Iterator[CsvRow]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error).startswith(_UNCLOSED):
                reason = (
                    "has a quotation mark that is opened in this row and not closed: the file is cut short, or damaged"
                )
                raise Refused(origin, reason, line) from error
            yield line, [], f"is not valid CSV: {error}"
            continue
        if any(cells):
            yield line, cells, ""


def _chunks(origin: str, headings: list[str], rows: Iterable[CsvRow], chunk: int, heard: _Heard) -> Iterator[Grid]:
    lines: list[int] = []
    taken: list[list[str]] = []
    problems: list[Problem] = []
    width, given, cut = len(headings), False, False
    for line, cells, reason in rows:
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if reason or len(cells) != width:
            reason = reason or f"has {len(cells)} cells where the headings have {width}"
            problems.append(Problem(origin, line, f"row {reason}; left out"))
            cut = not cells or (len(cells) < width and not "".join(cells).isspace())
            continue
        cut = False
        lines.append(line)
        taken.append(cells)
        if len(taken) == chunk:
            yield _grid(origin, headings, lines, taken, problems)
            lines, taken, problems, given = [], [], [], True
    if cut and not heard.ended:
        reason = "ends in the middle of its last row, without a line end: the file is cut short"
        raise Refused(origin, reason, problems[-1].line)
    if problems and not given and not taken:
        reason = problems[0].reason.removesuffix("; left out")
        raise Refused(origin, f"has no row that fits its headings; the first {reason}", problems[0].line)
    if not heard.ended:
        reason = "the last line has no line end: the file may be cut short there; what stands in it is kept"
        problems.append(Problem(origin, heard.count, reason))
    yield _grid(origin, headings, lines, taken, problems)


def _grid(origin: str, headings: list[str], lines: list[int], rows: list[list[str]], problems: list[Problem]) -> Grid:
    columns: list[list[str | None]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in headings]
    return Grid(origin, headings, lines, columns, problems)


def of_sheet(rows: list[workbook.Row], origin: str) -> Grid:
    """The grid of one sheet: its first row that is not empty holds the headings."""
    filled = [(line, row) for line, row in enumerate(rows, 1) if any(row)]
    if not filled:
        return Grid(origin, [], [], [])
    headings = [cell or "" for cell in filled[0][1]]
    body = filled[1:]
    columns: list[list[str | None]] = [list(column) for column in zip(*(row for _, row in body), strict=True)]
    return Grid(origin, headings, [line for line, _ in body], columns or [[] for _ in headings])


def entries(text: str, origin: str, containers: tuple[str, ...], problems: list[Problem]) -> Iterator[Entry]:
    """Records of a JSON array, of an object that holds one under a known name, or of JSON Lines.

    A line of JSON Lines that cannot be read becomes a Problem; a JSON document that cannot be read is refused.
    """
    stripped = text.lstrip()
    if not stripped:
        raise Refused(origin, "is empty")
    try:
        document = None if _is_lines(stripped) else _parse(stripped)
    except json.JSONDecodeError as error:
        extra = error.msg.startswith("Extra data") or origin.lower().endswith(LINE_ENDINGS)
        if not extra or "\n" not in stripped.rstrip():
            line = error.lineno + text[: len(text) - len(stripped)].count("\n")
            raise Refused(origin, f"is not valid JSON: {error.msg}", line) from error
        document = None
    except (UnfitError, RecursionError) as error:
        raise Refused(origin, str(error) if isinstance(error, UnfitError) else "is nested too deeply") from error
    if document is None:
        yield from _json_lines(text, origin, problems)
    else:
        yield from _document(document, origin, containers, problems)


class UnfitError(ValueError):
    """JSON that is well written and yet cannot be taken."""


def _is_lines(text: str) -> bool:
    """Whether the first line is a record by itself and another follows."""
    first, _, rest = text.partition("\n")
    if not first.startswith("{") or not rest or rest.isspace():
        return False
    try:
        return isinstance(_parse(first), dict)
    except (ValueError, RecursionError):
        return False


def _parse(text: str) -> Json:
    if text.count(",") + text.count("{") + text.count("[") > MOST_VALUES:
        raise UnfitError(f"holds more than {MOST_VALUES} values")
    value: Json = json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_pairs)
    if hostile.ESCAPED_NUL.search(text):
        raise UnfitError("holds the character U+0000")
    if _ESCAPED_SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise UnfitError("holds half of a character (a lone surrogate)") from error
    return value


_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        double = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise UnfitError(f"has the key {double[:80]!r} twice in one record")
    return record


def _json_lines(text: str, origin: str, problems: list[Problem]) -> Iterator[Entry]:
    given, bad = False, 0
    for line, row in enumerate(io.StringIO(text), 1):
        if not row.strip():
            continue
        try:
            value = _parse(row)
            reason = "" if isinstance(value, dict) else "line is no JSON object"
        except (ValueError, RecursionError) as error:
            if isinstance(error, json.JSONDecodeError) and not row.endswith("\n"):
                reason = "ends in the middle of its last line, without a line end: the file is cut short"
                raise Refused(origin, reason, line) from error
            reason = f"line cannot be read: {_said(error)}"
        if not reason and isinstance(value, dict):
            given = True
            yield Entry(line, value)
            continue
        bad = bad or line
        problems.append(Problem(origin, line, f"{reason}; left out"))
    if bad and not given:
        raise Refused(origin, "has no line that is a JSON object", bad)


def _said(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return str(error) if isinstance(error, UnfitError) else "nested too deeply"


def _document(document: Json, origin: str, containers: tuple[str, ...], problems: list[Problem]) -> Iterator[Entry]:
    if not isinstance(document, dict | list):
        raise Refused(origin, "holds neither a list of records nor one record")
    for place, value in enumerate(_opened(document, containers, DEEPEST), 1):
        if isinstance(value, dict):
            yield Entry(place, value)
        else:
            problems.append(Problem(origin, place, "record is no JSON object; left out"))


def _opened(value: object, containers: tuple[str, ...], depth: int) -> Iterator[object]:
    """The records in a document: pages of a paged answer are put one after the other."""
    inner: object = value
    if isinstance(value, dict):
        inner = next((value[name] for name in containers if isinstance(value.get(name), list)), None)
    if isinstance(inner, list) and depth > 0:
        for item in inner:
            yield from _opened(item, containers, depth - 1)
    else:
        yield value


def of_entries(found: Iterable[Entry], origin: str, names: Iterable[str]) -> Iterator[Grid]:
    """Grids of the named values of JSON records; a name with points in it is a path (`fields.status.name`).

    A path through a list gives the list of what stands at its end in each item.
    """
    known = {normal(name) for name in names}
    wanted = [name for name in names if "." in name]
    lines: list[int] = []
    rows: list[dict[str, str]] = []
    met: dict[str, None] = {}
    memory: dict[str, str] = {}
    for entry in found:
        row: dict[str, str] = {}
        for key, value in entry.value.items():
            if key not in memory and (len(memory) < MOST_COLUMNS or normal(key) in known):
                memory[key] = normal(key)
            if key in memory and (text := _cell(value)) is not None:
                row[memory[key]] = text
        for name in wanted:
            if (text := _cell(_at(entry.value, name.split(".")))) is not None:
                row[normal(name)] = text
        met.update(dict.fromkeys(row))
        lines.append(entry.line)
        rows.append(row)
        if len(rows) == CHUNK:
            yield _gathered(origin, list(met), lines, rows)
            lines, rows = [], []
    yield _gathered(origin, list(met), lines, rows)


def _gathered(origin: str, headings: list[str], lines: list[int], rows: list[dict[str, str]]) -> Grid:
    cells: list[list[str | None]] = [[row.get(heading) for row in rows] for heading in headings]
    return Grid(origin, headings, lines, cells)


def _at(value: object, path: list[str]) -> object:
    for place, name in enumerate(path):
        if isinstance(value, list):
            found = [_at(item, path[place:]) for item in value]
            return [item for item in found if item is not None] or None
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _cell(value: object) -> str | None:
    """A JSON value as a cell; lists of plain values stay JSON, what is nested deeper is no cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return json.dumps(value, ensure_ascii=False)
    return None
