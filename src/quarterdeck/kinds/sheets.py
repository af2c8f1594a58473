"""Records as sheets: one row a record, one column a field, links by key; out and in again is the identity."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from quarterdeck.evidence.batch import Refused as Unreadable
from quarterdeck.evidence.hostile import decode
from quarterdeck.evidence.records import workbook
from quarterdeck.kinds.access import Selection
from quarterdeck.kinds.canonical import decimal_text
from quarterdeck.kinds.declare import KINDS, NUMBERS, Attribute, Kind, in_order
from quarterdeck.kinds.drafts import Change

LARGEST = 256 * 1024 * 1024  # bytes of one sheet or workbook
_MOST_ROWS = 1_048_576  # of one sheet of a workbook, headings included
_NOTE = {"author": "Quarterdeck", "x_scale": 2.0}  # of a heading; the same author everywhere, for the same bytes
_QUOTED = re.compile(r'"[^"]*"')
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
)  # a cell that begins so is a formula to a spreadsheet


@dataclass(frozen=True)
class Sheet:
    """One table of text: headings and rows; `first` is the row of the file its first row stands in."""

    name: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    first: int = 2

    def filled(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The rows that say anything, each with the row of the file it stands in."""
        for place, row in enumerate(self.rows):
            if any(cell and not cell.isspace() for cell in row):
                yield place + self.first, row


def written(attribute: Attribute, value: Any) -> str:
    """A value as a cell: the same text for the same value; a text that looks like a formula behind an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    if attribute.sort not in NUMBERS and text.startswith((*_FORMULA, "'")):
        return "'" + text
    return text


def read(attribute: Attribute, cell: str) -> str:
    """What a cell says: the apostrophe that guards a text is no part of it."""
    return cell[1:] if attribute.sort not in NUMBERS and cell.startswith("'") else cell


def lines(selection: Selection) -> Iterator[list[str]]:
    """Headings, then one row a record, as text."""
    attributes = selection.attributes
    yield [attribute.name for attribute in attributes]
    for row in selection.stream():
        yield [written(attribute, row[attribute.name]) for attribute in attributes]


def to_csv(selection: Selection) -> Iterator[str]:
    """The selection as CSV, a piece at a time: UTF-8 with a byte-order mark, so that spreadsheets read Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for number, line in enumerate(lines(selection)):
        writer.writerow(line)
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def to_workbook(selections: Iterable[Selection], file: IO[bytes]) -> None:
    """The selections as one XLSX workbook, a sheet each, written with flat memory; cells are text or numbers, never
    formulas, and a heading's note says what its column means."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    )
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same records give the same bytes
    heading = book.add_format({"bold": True})
    for selection in selections:
        sheet = book.add_worksheet(selection.kind.name[:31])
        sheet.freeze_panes(1, 1)
        attributes = selection.attributes
        for column, attribute in enumerate(attributes):
            sheet.write_comment(0, column, f"{attribute.label}: {attribute.help}", _NOTE)
        for number, line in enumerate(lines(selection)):
            if number >= _MOST_ROWS:
                raise Unreadable(selection.kind.name, _("has more rows than a workbook holds; take a CSV sheet"))
            for column, text in enumerate(line):
                if number and attributes[column].sort in NUMBERS and _is_exact(text):
                    sheet.write_number(number, column, float(text))
                else:
                    sheet.write_string(number, column, text, heading if number == 0 else None)
    book.close()


def _is_exact(text: str) -> bool:
    """Whether a workbook's numbers, which have fifteen digits, hold this one."""
    return 0 < len(text) < 15 and Decimal(repr(float(text))) == Decimal(text)


def from_csv(data: bytes, name: str) -> Sheet:
    """A CSV sheet. Raises evidence.Refused with the place where it cannot be read."""
    if len(data) > LARGEST:
        raise Unreadable(name, _("is larger than %(size)d MiB") % {"size": LARGEST // 1024**2})
    text = decode(data, name)
    first_line = _QUOTED.sub("", text.split("\n", 1)[0])
    delimiter = max(",;\t", key=first_line.count)
    csv.field_size_limit(1024 * 1024)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error as error:
        raise Unreadable(name, str(error)) from error
    if not rows:
        raise Unreadable(name, _("holds no row"))
    return _sheet(name, rows)


def from_workbook(data: bytes, name: str) -> list[Sheet]:
    """The sheets of an XLSX workbook that hold anything. Raises evidence.Refused where it is unreadable, or a bomb."""
    if len(data) > LARGEST // 4:
        raise Unreadable(name, _("is larger than %(size)d MiB") % {"size": LARGEST // 4 // 1024**2})
    found = [(title, rows) for title, rows in workbook.sheets(data, name) if rows]
    return [_sheet(title, [tuple(cell or "" for cell in row) for row in rows]) for title, rows in found]


def _sheet(name: str, rows: list[tuple[str, ...]]) -> Sheet:
    """Headings and rows under them. Raises evidence.Refused where a row and the headings do not go together."""
    headings = [heading.strip() for heading in rows[0]]
    while headings and not headings[-1]:
        headings.pop()
    width, below = len(headings), []
    for place, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row[width:]):
            raise Unreadable(name, _("holds a value under no heading"), place)
        if any(cell.strip() for cell in row) and len(row) < width:
            shown = {"found": len(row), "wanted": width}
            raise Unreadable(name, _("has %(found)d cells under %(wanted)d headings") % shown, place)
        below.append(row[:width])
    return Sheet(name, tuple(headings), below)


def changes(kind: Kind, sheet: Sheet) -> list[Change]:
    """One change a row: an absent column keeps, an empty cell clears. Raises evidence.Refused on an unknown heading."""
    names = _columns(kind, sheet)
    attributes = [kind.attributes[name] for name in names]
    found = []
    for _row, cells in sheet.filled():
        values = {attribute.name: read(attribute, cell) for attribute, cell in zip(attributes, cells, strict=True)}
        found.append(Change(kind.name, values.pop("key", ""), values))
    return found


def row_numbers(sheet: Sheet) -> list[int]:
    """For each change of the sheet, the row of the file it stands in."""
    return [number for number, _cells in sheet.filled()]


def _columns(kind: Kind, sheet: Sheet) -> list[str]:
    """Attribute names of the sheet's columns; headings may be names or labels in the reader's language."""
    labels = {name: attribute.label.casefold() for name, attribute in kind.attributes.items()}
    counts = Counter(labels.values())
    by_heading = {label: name for name, label in labels.items() if counts[label] == 1}
    by_heading.update({name.casefold(): name for name in kind.attributes})
    names = []
    for heading in sheet.headings:
        name = by_heading.get(heading.casefold())
        if name is None:
            known = ", ".join(kind.attributes)
            raise Unreadable(
                sheet.name,
                _("the column “%(heading)s” is none of: %(known)s") % {"heading": heading, "known": known},
                1,
            )
        if name in names:
            raise Unreadable(sheet.name, _("the column “%(heading)s” stands twice") % {"heading": heading}, 1)
        names.append(name)
    return names


def workbook_changes(sheets: Sequence[Sheet]) -> list[Change]:
    """The changes of all sheets of a workbook, those that others link to first. Raises evidence.Refused."""
    by_name = {sheet.name.casefold(): sheet for sheet in sheets}
    unknown = by_name.keys() - {name[:31] for name in KINDS}
    if unknown:
        raise Unreadable(sorted(unknown)[0], _("is the name of no kind"))
    return [
        change for kind in in_order() if kind.name[:31] in by_name for change in changes(kind, by_name[kind.name[:31]])
    ]
