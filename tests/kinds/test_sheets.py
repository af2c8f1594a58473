"""Sheets from outside: what is read, what is refused with its place, and nothing dropped in silence."""

import io
import zipfile

import pytest
import xlsxwriter

from quarterdeck.evidence.batch import Refused as Unreadable
from quarterdeck.kinds import sheets
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.write import Refused, preview, write

OPERATOR = service("tests")


def changes(kind: str, text: str | bytes) -> list[tuple[str, dict[str, object]]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(c.key, dict(c.values or {})) for c in sheets.changes(KINDS[kind], sheets.from_csv(data, "s.csv"))]


@pytest.mark.parametrize(
    "text",
    [
        "key,name_en\na,A\n", "\ufeffkey,name_en\r\na,A\r\n", "key;name_en\na;A\n", "key\tname_en\na\tA\n", "Key,NAME_EN\na,A\n",
        "key,name (English)\na,A\n", '"key","name_en"\n"a","A"\n', "key,name_en,,\na,A,,\n", "key,name_en\n\na,A\n,\n", "key,name_en\na,A",
        "key,name_en\na,A\n".encode("utf-16"),
    ],
)  # fmt: skip
def test_the_ways_tools_write_a_sheet(text: str | bytes) -> None:
    assert changes("team", text) == [("a", {"name_en": "A"})]


def test_chinese_sheets_in_either_encoding() -> None:
    text = "key,name_zh\n核心,支付团队\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert changes("team", text.encode(encoding)) == [("核心", {"name_zh": "支付团队"})]


def test_a_quoted_comma_in_a_heading_is_no_delimiter() -> None:
    text = '"key";"duration in months, low";"name_en"\na;1;A\n'
    assert changes("initiative", text) == [("a", {"duration_low": "1", "name_en": "A"})]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("key,colour\na,red\n", 1), ("key,key\na,a\n", 1), ("key,name_en\na,A,B\n", 2), ("key,name_en\na,A\nb\n", 3), ("", None),
        ('key,name_en\na,"A\n', None), ("key,name_en\na,\x00\n", 2), (b"\xff\xfe\x00", 1), ("key,name\na,A\n", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(text: str | bytes, line: int | None) -> None:
    with pytest.raises(Unreadable) as refused:
        changes("team", text)
    assert refused.value.line == line


@pytest.mark.django_db
def test_an_absent_column_keeps_and_an_empty_cell_clears() -> None:
    def bring(text: str) -> None:
        write(OPERATOR, sheets.changes(KINDS["team"], sheets.from_csv(text.encode(), "s.csv")), "sheet")

    bring("key,name_en,name_zh,purpose\na,A,甲,why\n")
    bring("key,name_en,purpose\na,B,\n")
    row = Access(OPERATOR.reader).select("team").one("a")
    assert (row["name_en"], row["name_zh"], row["purpose"]) == ("B", "甲", "")


@pytest.mark.django_db
def test_every_fault_has_its_row_and_nothing_is_written() -> None:
    text = "key,team,fte,start_date\np1,nowhere,1,2026-01-02\n\np2,,x,soon\np3,,1,\np1,,1,\n"
    sheet = sheets.from_csv(text.encode(), "s.csv")
    wanted = sheets.changes(KINDS["person"], sheet)
    rows = sheets.row_numbers(sheet)
    found = {(rows[t.index], t.field) for t in preview(OPERATOR, wanted).troubles}
    assert found == {(2, "team"), (4, "fte"), (4, "start_date"), (6, "key")}
    with pytest.raises(Refused):
        write(OPERATOR, wanted, "sheet")
    assert Access(OPERATOR.reader).select("person").count() == (0, False)


def workbook(*rows: tuple[object, ...], name: str = "person", **options: object) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd", **options})
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


@pytest.mark.django_db
def test_a_workbook_as_people_type_it() -> None:
    from datetime import date, datetime

    data = workbook(
        ("key", "start_date", "fte", "level", "salary", "name"), (7, date(2026, 1, 2), 1, 3, 1234.5, "李雷"), (8, datetime(2026, 1, 2), 0.5, 2.5, 100, "=1+1")
    )  # fmt: skip
    (sheet,) = sheets.from_workbook(data, "b.xlsx")
    write(OPERATOR, sheets.changes(KINDS["person"], sheet), "sheet")
    first, second = Access(OPERATOR.reader).select("person").rows()
    assert (first.key, first["start_date"], first["fte"], first["level"], first["salary"]) == (
        "7",
        date(2026, 1, 2),
        1.0,
        "3",
        1234.5,
    )
    assert (second.key, second["level"], second["start_date"], second["salary"]) == ("8", "2.5", date(2026, 1, 2), 100)


def test_a_workbook_of_an_unknown_kind_or_no_workbook_at_all_is_refused() -> None:
    with pytest.raises(Unreadable):
        sheets.workbook_changes(sheets.from_workbook(workbook(("key",), ("a",), name="planets"), "b.xlsx"))
    for data in (b"", b"PK\x03\x04 nonsense", b"key,name\n", workbook(("key",))[:500]):
        with pytest.raises(Unreadable):
            sheets.from_workbook(data, "b.xlsx")


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    wide = io.BytesIO(workbook(("key",), ("a",)))
    out = io.BytesIO()
    with zipfile.ZipFile(wide) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.endswith("sheet1.xml"):
                data = data.replace(b'r="A2"', b'r="XFD1048576"')
            target.writestr(item, data)
    with pytest.raises(Unreadable):
        sheets.from_workbook(out.getvalue(), "b.xlsx")


@pytest.mark.django_db
def test_workbooks_of_the_same_records_are_the_same_bytes() -> None:
    write(OPERATOR, sheets.changes(KINDS["team"], sheets.from_csv(b"key,name_en\na,A\n", "s.csv")), "sheet")
    books = []
    for _turn in range(2):
        file = io.BytesIO()
        sheets.to_workbook([Access(OPERATOR.reader).select("team")], file)
        books.append(file.getvalue())
    assert books[0] == books[1]
    with zipfile.ZipFile(io.BytesIO(books[0])) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
