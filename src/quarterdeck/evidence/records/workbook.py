"""Opens an XLSX workbook after checking that it cannot unpack, or be laid out, to more than its size allows."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import python_calamine

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Refused

MOST_CELLS = 20_000_000  # of the rectangle a sheet spans; the reader lays it out whole
MOST_SHEETS = 200
LARGEST_WORKBOOK = 256 * hostile.MEBIBYTE  # all its parts, unpacked
MOST_SHARED_TEXT = 512 * hostile.MEBIBYTE  # all cells that point to shared texts, written out

_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_SHARED = re.compile(rb"""<(?:\w+:)?c\b[^>]*\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>(\d{1,9})<""")

Row = list[str | None]


def sheets(data: bytes, origin: str) -> Iterator[tuple[str, list[Row]]]:
    """Name and rows of every sheet, cells as text: numbers in their shortest form, moments as ISO 8601."""
    _check(data, origin)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if len(names) > MOST_SHEETS:
            raise Refused(origin, f"holds more than {MOST_SHEETS} sheets")
        for name in names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield name, [[_text(cell) for cell in row] for row in rows]
    except (python_calamine.CalamineError, ValueError, OSError, KeyError) as error:
        raise Refused(origin, f"is not a readable workbook: {error}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the library's own defect, met on a damaged file
            raise Refused(origin, "is a damaged workbook") from error
        raise


def _text(cell: object) -> str | None:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell).strip() or None


def _check(data: bytes, origin: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive, origin)
    except hostile.UNREADABLE_ARCHIVE as error:
        raise Refused(origin, f"is not a readable workbook: {error}") from error


def _check_members(archive: zipfile.ZipFile, origin: str) -> None:
    listed = archive.infolist()
    if len(listed) > 10_000 or sum(member.file_size for member in listed) > LARGEST_WORKBOOK:
        raise Refused(origin, f"unpacks to more than {LARGEST_WORKBOOK // hostile.MEBIBYTE} MiB or 10,000 parts")
    pages: list[bytes] = []
    shared = [0]
    for found in hostile.members(archive, origin, ("",)):
        if found.data[:2] in (b"\xff\xfe", b"\xfe\xff") and found.origin.lower().endswith((".xml", ".rels")):
            raise Refused(f"{origin}/{found.origin}", "is not written in UTF-8")
        if b"sst" in found.data[:2000]:
            shared = [len(text) for text in found.data.split(b"</si>")]
        if b"sheetData" in found.data:
            _check_span(found.data, f"{origin}/{found.origin}")
            pages.append(found.data)
    if sum(_shared_text(page, shared) for page in pages) > MOST_SHARED_TEXT:
        raise Refused(origin, "repeats its texts to more than a workbook may hold")


def _check_span(sheet: bytes, origin: str) -> None:
    width, height = 1, 1
    for letters, digits in set(_PLACE.findall(sheet)):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        width, height = max(width, column), max(height, int(digits))
    if width * height > MOST_CELLS:
        raise Refused(origin, f"spans {height} rows by {width} columns, more than {MOST_CELLS} cells")


def _shared_text(sheet: bytes, lengths: list[int]) -> int:
    """Bytes of shared text that the sheet's cells come to; counted cell by cell only where it could matter."""
    if max(lengths) * sheet.count(b"<c") <= MOST_SHARED_TEXT:
        return 0
    return sum(lengths[place] for place in map(int, _SHARED.findall(sheet)) if place < len(lengths))
