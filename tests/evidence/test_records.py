"""The mapping engine: typed cells, grids of every format, what is left out and why; the readers declared with it."""

import csv
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parcels import INSTANT, MONEY, PARCELS, take, write

from quarterdeck.evidence import backups, builds, deployments, incidents, records, reviews
from quarterdeck.evidence.batch import Batch, Refused
from quarterdeck.evidence.bill.columns import CHARGES
from quarterdeck.evidence.issues.shapes import CHANGES, ISSUES, ISSUES_TABLE
from quarterdeck.evidence.records import cells, grids, taking
from quarterdeck.evidence.roster.shapes import BANDS, PEOPLE, POSTS, SKILLS, TEAMS
from quarterdeck.evidence.schema import Column


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
            'E,"closed"too early,,,,,,\n'
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
        text = "".join(separator.join(row) + "\r\n" for row in rows)
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

    def test_headings_that_stand_twice_are_named_and_so_are_rows_where_they_differ(self, tmp_path: Path) -> None:
        text = "id,price,state,price,marks,marks\nA,1,open,1.0,a,b\nB,,open,2,a,\nC,3,open,4,,\n"
        frame, problems = take(PARCELS, write(tmp_path, "parcels.csv", text))
        assert frame["price"].to_list() == [Decimal(1), Decimal(2), Decimal(3)]
        assert frame["marks"].to_list() == [["a", "b"], ["a"], None]
        said = "price stands in 2 columns with different values; the first is kept"
        heads = "headings that stand more than once, of which the first that is not empty is taken: price"
        assert [(problem.line, problem.reason) for problem in problems] == [(1, heads), (2, said), (4, said)]

    def test_a_column_known_by_another_heading_too_is_named(self, tmp_path: Path) -> None:
        _, problems = take(PARCELS, write(tmp_path, "parcels.csv", "id,编号\nA,B\n"))
        assert [(problem.line, problem.reason) for problem in problems] == [(1, "columns not read: 编号")]

    def test_a_source_of_more_rows_than_can_be_told_apart_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(taking, "MOST_ROWS", 2)
        write(tmp_path, "a.csv", "id\nA\nB\n")
        write(tmp_path, "b.csv", "id\nC\n")
        frame, problems = take(PARCELS, tmp_path)
        assert frame["parcel"].to_list() == ["A", "B"]
        assert [(problem.origin, problem.reason) for problem in problems] == [
            ("b.csv", "brings the rows to more than 2; split the source; file left out")
        ]

    def test_white_space_after_the_last_row_is_no_cut(self, tmp_path: Path) -> None:
        frame, problems = take(PARCELS, write(tmp_path, "parcels.csv", "id,to\nA,x\n   "))
        assert frame["parcel"].to_list() == ["A"]
        assert [problem.line for problem in problems] == [3, 3]

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
        path = write(tmp_path, "parcels.csv", "id,sent\n" + "".join(f"P{n},never\n" for n in range(10_500)))
        frame, problems = take(PARCELS, path)
        assert frame.height == 10_500
        assert len(problems) == 10_001
        assert problems[-1].reason == "500 more problems are not listed"


def _frame(grid: grids.Grid) -> pl.DataFrame:
    columns = {name: pl.Series(column, dtype=pl.String) for name, column in zip(grid.headings, grid.cells, strict=True)}
    return pl.DataFrame(columns, schema={"id": pl.String, "to": pl.String})


class TestPlaces:
    def test_a_folder_takes_what_it_can_and_names_the_rest(self, tmp_path: Path) -> None:
        write(tmp_path, "a.csv", "id\nA\n")
        write(tmp_path, "b.csv", "id\nA\nB\n")
        write(tmp_path, "c.csv", "other\nC\n")
        frame, problems = take(PARCELS, tmp_path)
        assert frame.select("parcel", "origin").rows() == [("A", "a.csv"), ("B", "b.csv")]
        assert [(problem.origin, problem.line) for problem in problems] == [("b.csv", 2), ("c.csv", 1)]

    def test_of_a_file_that_breaks_off_nothing_is_kept(self, tmp_path: Path) -> None:
        rows = "".join(f"P{n},x\n" for n in range(grids.CHUNK + 5))  # the break is met when some rows were given
        write(tmp_path, "a.csv", f"id,to\n{rows}Q")
        write(tmp_path, "b.csv", "id\nP1\n")
        frame, problems = take(PARCELS, tmp_path)
        assert frame.select("parcel", "origin").rows() == [("P1", "b.csv")]
        reason = "ends in the middle of its last row, without a line end: the file is cut short; file left out"
        assert [(problem.origin, problem.line, problem.reason) for problem in problems] == [
            ("a.csv", grids.CHUNK + 7, reason)
        ]

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
