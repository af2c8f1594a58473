"""Rows under headings in JSON, JSON Lines and workbooks: what is read, left out, and refused."""

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from parcels import PARCELS, take, write

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.records import grids

RECORDS = [
    {
        "id": 7,
        "price": 0.1,
        "currency": "USD",
        "addressee": {"name": "Ada"},
        "marks": [{"name": "a"}, {"name": "b"}],
    },
    {"id": "8", "sent": None, "state": "open", "marks": []},
]


class TestJson:
    @pytest.mark.parametrize("form", ["array", "container", "pages", "lines"])
    def test_forms_of_json(self, tmp_path: Path, form: str) -> None:
        first, second = (json.dumps(record) for record in RECORDS)
        text = {
            "array": f"[{first},{second}]",
            "container": f'{{"total": 2, "parcels": [{first},{second}]}}',
            "pages": f'[[{first}],{{"parcels": [{second}]}}]',
            "lines": f"{first}\n\n{second}\n",
        }[form]
        frame, problems = take(PARCELS, write(tmp_path, "parcels.jsonl" if form == "lines" else "parcels.json", text))
        assert problems == []
        assert frame["parcel"].to_list() == ["7", "8"]
        assert frame["line"].to_list() == ([1, 3] if form == "lines" else [1, 2])
        assert frame["price"][0] == Decimal("0.1")
        assert frame["to"].to_list() == ["Ada", None]
        assert frame["marks"].to_list() == [["a", "b"], []]

    def test_bad_lines_are_named_and_the_others_kept(self, tmp_path: Path) -> None:
        text = '{"id": 1}\n{"id": \n[]\n' + "[" * 100_000 + '\n{"id": 2}\n{"price": 3}\n{"id": 4, "id": 5}'
        frame, problems = take(PARCELS, write(tmp_path, "parcels.jsonl", text))
        assert frame["parcel"].to_list() == ["1", "2"]
        assert [problem.line for problem in problems] == [2, 3, 4, 7, 6]
        assert problems[3].reason == "line cannot be read: has the key 'id' twice in one record; left out"

    def test_half_a_character_is_refused_or_left_out(self, tmp_path: Path) -> None:
        half = '{"id": "A\\ud83d"}'
        with pytest.raises(Refused, match="half of a character"):
            take(PARCELS, write(tmp_path, "parcels.json", f"[{half}]"))
        frame, problems = take(PARCELS, write(tmp_path, "parcels.jsonl", '{"id": "B\\ud83d\\ude00"}\n' + half + "\n"))
        assert frame["parcel"].to_list() == ["B\U0001f600"]
        assert [problem.line for problem in problems] == [2]

    def test_the_sign_that_no_text_has_is_refused_and_its_name_is_not(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match=r"U\+0000"):
            take(PARCELS, write(tmp_path, "parcels.json", '[{"id": "A\\u0000"}]'))
        frame, _ = take(PARCELS, write(tmp_path, "parcels.json", '[{"id": "A\\\\u0000"}]'))
        assert frame["parcel"].to_list() == ["A\\u0000"]

    def test_many_names_hide_no_known_one(self, tmp_path: Path) -> None:
        rows = [{"id": number, f"name {number}": 1} for number in range(grids.MOST_COLUMNS + 50)]
        text = "".join(json.dumps(row) + "\n" for row in [*rows, {"id": "last", "state": "open"}])
        frame, problems = take(PARCELS, write(tmp_path, "parcels.jsonl", text))
        assert frame.height == len(rows) + 1
        assert frame["state"][-1] == "open"
        assert problems == []

    def test_more_values_than_memory_holds_are_refused(self, tmp_path: Path) -> None:
        text = "[" + "{}," * grids.MOST_VALUES + "{}]"
        with pytest.raises(Refused, match="holds more than 10000000 values"):
            take(PARCELS, write(tmp_path, "parcels.json", text))

    @pytest.mark.parametrize("text", ["[1", '{"id": ', "[" * 100_000, '"text"', "[]x", " ", '[{"id": 1, "id": 2}]'])
    def test_a_document_that_cannot_be_read_is_refused(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(Refused):
            take(PARCELS, write(tmp_path, "parcels.json", text))


class TestWorkbook:
    def test_sheets_numbers_dates_and_what_is_no_sheet_of_ours(self, tmp_path: Path) -> None:
        path = tmp_path / "parcels.xlsx"
        with xlsxwriter.Workbook(path) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet = book.add_worksheet("January")
            sheet.write_row(1, 0, ["id", "sent", "kilograms", "price_cny"])
            sheet.write_row(2, 0, [12, None, 1.5, 3])
            sheet.write_datetime(2, 1, datetime(2026, 1, 2), day)
            book.add_worksheet("Notes").write_row(0, 0, ["hello"])
        frame, problems = take(PARCELS, path)
        row = frame.row(0, named=True)
        assert (row["parcel"], row["sent"].date(), row["kilograms"]) == ("12", date(2026, 1, 2), 1.5)
        assert (row["price"], row["currency"]) == (Decimal(3), "CNY")
        assert (row["origin"], row["line"]) == ("parcels.xlsx/January", 3)
        assert [(problem.origin, problem.reason[-14:]) for problem in problems] == [
            ("parcels.xlsx/Notes", "sheet left out")
        ]

    def test_headings_that_stand_twice_are_named(self, tmp_path: Path) -> None:
        path = tmp_path / "parcels.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for row, cells_ in enumerate((["id", "state", "State"], ["A", "open", "done"], ["B", None, "done"])):
                sheet.write_row(row, 0, cells_)
        frame, problems = take(PARCELS, path)
        assert frame["state"].to_list() == ["open", "done"]
        heads = "headings that stand more than once, of which the first that is not empty is taken: state"
        differ = "state stands in 2 columns with different values; the first is kept"
        assert [(problem.line, problem.reason) for problem in problems] == [(1, heads), (2, differ)]

    def test_a_sheet_laid_out_over_the_whole_plane_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "wide.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "id")
            sheet.write(1_048_575, 16_383, "x")
        with pytest.raises(Refused, match="spans 1048576 rows by 16384 columns"):
            take(PARCELS, path)

    def test_texts_repeated_beyond_measure_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "echo.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for row in range(20_000):
                sheet.write_string(row, 0, "y" * 32_000)
        with pytest.raises(Refused, match="repeats its texts"):
            take(PARCELS, path)

    def test_a_workbook_without_headings_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "parcels.xlsx"
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet()
        with pytest.raises(Refused, match="no sheet has headings"):
            take(PARCELS, path)

    def test_a_bomb_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 50_000_000)
        with pytest.raises(Refused, match="bomb"):
            take(PARCELS, path)
