"""Records as sheets: one row a record, one column a field, links by key; out and in again is the identity."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import python_calamine
import xlsxwriter
from django.utils.translation import gettext as _

from quarterdeck.evidence.batch import Refused as Unreadable
from quarterdeck.evidence.hostile import decode
from quarterdeck.kinds.access import Selection
from quarterdeck.kinds.canonical import decimal_text
from quarterdeck.kinds.declare import KINDS, NUMBERS, Attribute, Kind, Sort, in_order
from quarterdeck.kinds.drafts import Change

LARGEST = 256 * 1024 * 1024  # bytes of one sheet or workbook
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is a formula to a spreadsheet


@dataclass(frozen=True)
class Sheet:
    """One table of text: headings and rows; `first` is the row of the file its first row stands in."""

    name: str
    headings: tuple[str, ...]
    rows: list[tuple[object, ...]]
    first: int = 2


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


def read(attribute: Attribute, cell: object) -> object:
    """What a cell says: the apostrophe that guards a text is no part of it."""
    if isinstance(cell, str):
        if attribute.sort not in NUMBERS and cell.startswith("'"):
            return cell[1:]
        return cell
    if (
        isinstance(cell, float)
        and attribute.sort in (Sort.KEY, Sort.TEXT, Sort.LINK, Sort.CHOICE)
        and cell.is_integer()
    ):
        return str(int(cell))  # a spreadsheet turns the key 7 into the number 7.0
    return cell


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
    """The selections as one XLSX workbook, a sheet each, written with flat memory; cells are text or numbers, never formulas."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    )
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same records give the same bytes
    heading = book.add_format({"bold": True})
    for selection in selections:
        sheet = book.add_worksheet(selection.kind.name[:31])
        sheet.freeze_panes(1, 1)
        attributes = selection.attributes
        for number, line in enumerate(lines(selection)):
            for column, text in enumerate(line):
                if number and attributes[column].sort in (Sort.WHOLE, Sort.NUMBER) and text and len(text) < 15:
                    sheet.write_number(number, column, float(text))
                else:
                    sheet.write_string(number, column, text, heading if number == 0 else None)
    book.close()


def from_csv(data: bytes, name: str) -> Sheet:
    """A CSV sheet. Raises evidence.Refused with the place where it cannot be read."""
    if len(data) > LARGEST:
        raise Unreadable(name, _("is larger than %(size)d MiB") % {"size": LARGEST // 1024**2})
    text = decode(data, name)
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    csv.field_size_limit(1024 * 1024)
    try:
        rows: list[tuple[object, ...]] = [
            tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        ]
    except csv.Error as error:
        raise Unreadable(name, str(error)) from error
    if not rows:
        raise Unreadable(name, _("holds no row"))
    return Sheet(name, tuple(str(cell).strip() for cell in rows[0]), rows[1:])


def from_workbook(data: bytes, name: str) -> list[Sheet]:
    """The sheets of an XLSX workbook. Raises evidence.Refused where it cannot be read."""
    if len(data) > LARGEST // 4:
        raise Unreadable(name, _("is larger than %(size)d MiB") % {"size": LARGEST // 4 // 1024**2})
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        sheets = [(title, book.get_sheet_by_name(title).to_python(skip_empty_area=False)) for title in book.sheet_names]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(name, _("is not a readable workbook: %(error)s") % {"error": error}) from error
    return [
        Sheet(title, tuple(str(cell).strip() for cell in rows[0]), [tuple(row) for row in rows[1:]])
        for title, rows in sheets
        if rows
    ]


def changes(kind: Kind, sheet: Sheet) -> list[Change]:
    """One change a row: an absent column keeps, an empty cell clears. Raises evidence.Refused on an unknown heading."""
    names = _columns(kind, sheet)
    found = []
    for row in sheet.rows:
        if not any(cell not in ("", None) for cell in row):
            continue
        values = {name: read(kind.attributes[name], cell) for name, cell in zip(names, row, strict=False)}
        key = str(values.pop("key", "") or "")
        found.append(Change(kind.name, key, values))
    return found


def row_numbers(sheet: Sheet) -> list[int]:
    """For each change of the sheet, the row of the file it stands in."""
    return [place + sheet.first for place, row in enumerate(sheet.rows) if any(cell not in ("", None) for cell in row)]


def _columns(kind: Kind, sheet: Sheet) -> list[str]:
    """Attribute names of the sheet's columns; headings may be names or labels in the reader's language."""
    by_heading = {attribute.label.casefold(): name for name, attribute in kind.attributes.items()}
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
