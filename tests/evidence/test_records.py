"""The mapping engine: typed cells, grids of every format, what is left out and why; the readers declared with it."""

import csv
import json
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Context, Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.evidence import backups, builds, deployments, incidents, records, reviews
from quarterdeck.evidence.batch import Batch, Problem, Reader, Refused
from quarterdeck.evidence.bill.columns import CHARGES
from quarterdeck.evidence.issues.shapes import CHANGES, ISSUES, ISSUES_TABLE
from quarterdeck.evidence.records import cells, grids
from quarterdeck.evidence.roster.shapes import BANDS, PEOPLE, POSTS, SKILLS, TEAMS
from quarterdeck.evidence.schema import Column

MONEY = pl.Decimal(38, 12)
INSTANT = pl.Datetime("us", "UTC")

SHAPE = records.Shape(
    "parcels",
    "Parcels, one row each.",
    (
        records.Field(Column("parcel", pl.String(), "Its key."), ("id", "编号"), needed=True),
        records.Field(Column("sent", INSTANT, "When it was sent, UTC."), ("发出时间",)),
        records.Field(Column("arrived", INSTANT, "When it arrived, UTC."), ("到达时间",)),
        records.Field(Column("kilograms", pl.Float64(), "Weight, in kilograms."), ("重量",), lowest=0, highest=30),
        records.Field(Column("price", MONEY, "Price."), ("价格",)),
        records.Field(Column("currency", pl.String(), "ISO 4217 code."), ("币种",), currency_of="price"),
        records.Field(
            Column("state", pl.String(), "open or done."),
            (),
            choice={"open": ("待办",), "done": ("完成",)},
            open_choice=False,
        ),
        records.Field(Column("to", pl.String(), "Who gets it.", person=True), ("addressee.name", "收件人")),
        records.Field(Column("marks", pl.List(pl.String()), "Marks on it."), ("marks.name", "标记")),
    ),
    key=("parcel",),
    ordered=(("sent", "arrived"),),
    containers=("parcels",),
)
PARCELS = records.reader("parcels", "Parcels", "包裹", "For this test.", SHAPE)


def take(reader: Reader, path: Path) -> tuple[pl.DataFrame, list[Problem]]:
    batch = reader.read(path, None)
    frames = [part.frame for part in batch.parts]
    return pl.concat(frames), batch.problems


def reasons(problems: list[Problem]) -> dict[int | None, str]:
    return {problem.line: problem.reason for problem in problems}


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


class TestCells:
    @given(st.decimals(min_value=-(10**26) + 1, max_value=10**26 - 1, places=12))
    @settings(max_examples=200, deadline=None)
    def test_decimals_are_exact(self, number: Decimal) -> None:
        for written in (format(number, "f"), str(number), format(number, "f") + "000"):
            typed = cells.convert(pl.Series([written]), MONEY)
            assert typed.values[0] == number
            assert not any(fault.rows.any() for fault in typed.faults)

    @given(st.decimals(min_value=-(10**20), max_value=10**20, places=20))
    @settings(max_examples=200, deadline=None)
    def test_finer_decimals_are_rounded_half_even_and_named(self, number: Decimal) -> None:
        typed = cells.convert(pl.Series([format(number, "f")]), MONEY)
        nearest = number.quantize(Decimal("1e-12"), context=Context(prec=60))
        assert typed.values[0] == nearest
        assert any(fault.rows[0] for fault in typed.faults) == (nearest != number)

    @pytest.mark.parametrize("text", ["1,5", "€3", "1e400", "9" * 27, "NaN", "inf", "9９", "--1", ".", "1 000", "0x10"])
    def test_what_is_no_number_that_fits_is_empty_and_named(self, text: str) -> None:
        typed = cells.convert(pl.Series([text]), MONEY)
        assert typed.values[0] is None
        assert any(fault.rows[0] for fault in typed.faults)

    @given(
        st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 30)),
        st.integers(-14 * 60, 14 * 60),
    )
    @settings(max_examples=200, deadline=None)
    def test_moments_agree_with_the_standard_library(self, moment: datetime, minutes: int) -> None:
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        for written in (moment.isoformat(), moment.isoformat(" "), moment.strftime("%Y-%m-%dT%H:%M:%S.%f%z")):
            assert cells.convert(pl.Series([written]), INSTANT).values[0] == moment

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-1-2", datetime(2026, 1, 2, tzinfo=UTC)),
            ("2026/01/02 3:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
            ("2026年1月2日", datetime(2026, 1, 2, tzinfo=UTC)),
            ("02.01.2026", datetime(2026, 1, 2, tzinfo=UTC)),
            ("12/Jun/20 12:13 AM", datetime(2020, 6, 12, 0, 13, tzinfo=UTC)),
            ("12/Jun/20 3:13 PM", datetime(2020, 6, 12, 15, 13, tzinfo=UTC)),
            ("2020-06-12T01:16:17.5+0800", datetime(2020, 6, 11, 17, 16, 17, 500_000, tzinfo=UTC)),
        ],
    )
    def test_other_ways_of_writing_moments(self, text: str, moment: datetime) -> None:
        assert cells.convert(pl.Series([text]), INSTANT).values[0] == moment

    @pytest.mark.parametrize(
        "text", ["2026-02-30", "2026-13-40", "01/02/2026", "yesterday", "2026-01-01T25:00:00", "0000-01-01"]
    )
    def test_what_is_no_moment_is_empty_and_named(self, text: str) -> None:
        for dtype in (INSTANT, pl.Date()):
            typed = cells.convert(pl.Series([text]), dtype)
            assert typed.values[0] is None
            assert any(fault.rows[0] for fault in typed.faults)

    @pytest.mark.parametrize("dtype", [INSTANT, pl.Date(), MONEY, pl.Float64(), pl.Int64(), pl.Boolean(), pl.String()])
    @given(texts=st.lists(st.none() | st.text(max_size=12)))
    @settings(max_examples=60, deadline=None)
    def test_no_text_is_lost_in_silence(self, dtype: pl.DataType, texts: list[str | None]) -> None:
        typed = cells.convert(pl.Series(texts, dtype=pl.String), dtype)
        named = [any(fault.rows[row] for fault in typed.faults) for row in range(len(texts))]
        assert typed.values.dtype == dtype
        for text, value, said in zip(texts, typed.values, named, strict=True):
            assert value is not None or text is None or said


class TestCsv:
    def test_rows_keep_their_line_and_every_fault_is_named(self, tmp_path: Path) -> None:
        text = (
            "id,sent,arrived,kilograms,price_eur,state,to,marks\n"
            'A,2026-01-01,2026-01-02,1.5,9.99,open,"Ada\nLovelace",a;b\n'
            "\n"
            ",2026-01-01,,,,,,\n"
            "B,yesterday,,31,x,lost,,\n"
            "A,,,,,,,\n"
            "C,2026-01-03,2026-01-02,,,,,\n"
            "D,short\n"
            'E,"unclosed,,,,,,\n'
        )
        frame, problems = take(PARCELS, write(tmp_path, "parcels.csv", text))
        assert frame["parcel"].to_list() == ["A", "B", "C"]
        assert frame["line"].to_list() == [2, 6, 8]
        first = frame.row(0, named=True)
        assert first["price"] == Decimal("9.99")
        assert first["currency"] == "EUR"
        assert first["marks"] == ["a", "b"]
        said = [(problem.line, problem.reason) for problem in problems]
        for line, words in (
            (5, "parcel is empty; row left out"),
            (6, "sent 'yesterday' is not a date"),
            (6, "kilograms '31' is above 30"),
            (6, "price 'x' is not a number"),
            (6, "state 'lost' is none of open, done"),
            (7, "already stands in parcels.csv line 2"),
            (8, "arrived 2026-01-02 is before sent 2026-01-03"),
            (9, "has 2 cells where the headings have 8"),
            (10, "is not valid CSV"),
        ):
            assert any(place == line and words in reason for place, reason in said), (line, words, said)
        assert len(said) == 9

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_encodings_separators_and_chinese_headings(self, tmp_path: Path, encoding: str, separator: str) -> None:
        rows = [["编号", "收件人", "状态说明", "state"], ["甲-1", "王伟", "备注", "完成"]]
        text = "\r\n".join(separator.join(row) for row in rows)
        frame, problems = take(PARCELS, write(tmp_path, "包裹.csv", text, encoding))
        assert frame.select("parcel", "to", "state").rows() == [("甲-1", "王伟", "done")]
        assert [problem.reason for problem in problems] == ["columns not read: 状态说明"]

    def test_a_missing_heading_is_refused_with_the_accepted_ones(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match=r"no column for parcel \(also: id, 编号\); its headings are: name"):
            take(PARCELS, write(tmp_path, "parcels.csv", "name\nx\n"))

    @given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), max_size=8))
    @settings(max_examples=100, deadline=None)
    def test_cells_agree_with_the_standard_librarys_writer(self, rows: list[list[str]]) -> None:
        import io

        file = io.StringIO(newline="")
        csv.writer(file).writerows([["id", "to"], *rows])
        grid = pl.concat([_frame(grid) for grid in grids.of_csv(file.getvalue(), "x.csv")])
        assert grid.rows() == [tuple(row) for row in rows if any(row)]

    def test_separator_line_of_spreadsheets(self, tmp_path: Path) -> None:
        frame, _ = take(PARCELS, write(tmp_path, "parcels.csv", "sep=;\r\nid;price\r\nA;1.5\r\n"))
        assert frame.select("parcel", "price", "line").rows() == [("A", Decimal("1.5"), 3)]

    def test_no_person_stands_in_a_problem(self, tmp_path: Path) -> None:
        shape = records.Shape(
            "x", "X.", (records.Field(Column("who", pl.String(), "Who.", person=True), needed=True),), key=("who",)
        )
        path = write(tmp_path, "x.csv", "who\nAda Lovelace\nAda Lovelace\n")
        _, problems = take(records.reader("x", "X", "X", "X", shape), path)
        assert len(problems) == 1
        assert "Ada" not in problems[0].reason + problems[0].text

    def test_many_problems_are_counted_not_dropped(self, tmp_path: Path) -> None:
        path = write(tmp_path, "parcels.csv", "id,sent\n" + "\n".join(f"P{n},never" for n in range(10_500)))
        frame, problems = take(PARCELS, path)
        assert frame.height == 10_500
        assert len(problems) == 10_001
        assert problems[-1].reason == "500 more problems are not listed"


def _frame(grid: grids.Grid) -> pl.DataFrame:
    columns = {name: pl.Series(column, dtype=pl.String) for name, column in zip(grid.headings, grid.cells, strict=True)}
    return pl.DataFrame(columns, schema={"id": pl.String, "to": pl.String})


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
        text = '{"id": 1}\n{"id": \n[]\n' + "[" * 100_000 + '\n{"id": 2}\n{"price": 3}'
        frame, problems = take(PARCELS, write(tmp_path, "parcels.jsonl", text))
        assert frame["parcel"].to_list() == ["1", "2"]
        assert [problem.line for problem in problems] == [2, 3, 4, 6]

    @pytest.mark.parametrize("text", ["[1", '{"id": ', "[" * 100_000, '"text"', "[]x", " "])
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

    def test_a_bomb_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 50_000_000)
        with pytest.raises(Refused, match="bomb"):
            take(PARCELS, path)


class TestPlaces:
    def test_a_folder_takes_what_it_can_and_names_the_rest(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "id\nA\n")
        write(tmp_path, "b.csv", "id\nA\nB\n")
        write(tmp_path, "c.csv", "other\nC\n")
        frame, problems = take(PARCELS, tmp_path)
        assert frame.select("parcel", "origin").rows() == [("A", "a.csv"), ("B", "b.csv")]
        assert [(problem.origin, problem.line) for problem in problems] == [("b.csv", 2), ("c.csv", 1)]

    def test_an_archive_is_a_folder(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.writestr("x/a.csv", "id\nA\n")
        frame, _ = take(PARCELS, tmp_path / "all.zip")
        assert frame.select("parcel", "origin").rows() == [("A", "x/a.csv")]

    def test_digest_follows_content_and_names(self, tmp_path: Path) -> None:
        def digest() -> str:
            batch = PARCELS.read(tmp_path, None)
            list(batch.parts)
            return batch.source.digest

        write(tmp_path, "a.csv", "id\nA\n")
        first = digest()
        assert first == digest()
        write(tmp_path, "a.csv", "id\nB\n")
        assert digest() != first


DECLARED = {
    **{name: (module.SHAPE,) for name, module in (("deployments", deployments), ("incidents", incidents))},
    **{name: (module.SHAPE,) for name, module in (("reviews", reviews), ("builds", builds), ("backups", backups))},
    "roster": (PEOPLE, SKILLS, TEAMS, POSTS, BANDS),
    "issues": (ISSUES, CHANGES),
    "bill": (CHARGES,),
}


@pytest.mark.parametrize("name", DECLARED)
def test_pages_list_every_heading_that_is_taken(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "readers" / f"{name}.md").read_text(encoding="utf-8")
    unkept = {item.column.name for item in ISSUES.fields} - set(ISSUES_TABLE.schema) | {"skills"}
    for shape in DECLARED[name]:
        for item in shape.fields:
            if item.column.name not in unkept:
                assert [alias for alias in item.aliases if f"`{alias}`" not in page] == [], item.column.name


def test_parts_are_lazy_and_chunked(tmp_path: Path) -> None:
    rows = grids.CHUNK + 10
    path = write(tmp_path, "parcels.csv", "id\n" + "\n".join(f"P{n}" for n in range(rows)))
    batch: Batch = PARCELS.read(path, None)
    assert [part.frame.height for part in batch.parts] == [grids.CHUNK, 10]
