"""Bills in FOCUS: exact sums by every grouping, literal NULL, Parquet and gzip, damage, bombs, and flat memory."""

import csv
import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from quarterdeck.evidence import bill
from quarterdeck.evidence.batch import Batch, Problem, Refused
from quarterdeck.evidence.bill.columns import CHARGES

COSTS = {
    "BilledCost": "billed_cost",
    "EffectiveCost": "effective_cost",
    "ListCost": "list_cost",
    "ContractedCost": "contracted_cost",
}
GROUPINGS = {
    "ProviderName": "provider",
    "ServiceCategory": "service_category",
    "ChargeCategory": "charge_category",
    "SubAccountName": "sub_account_name",
    "RegionId": "region",
    "BillingAccountName": "account_name",
    "PricingCategory": "pricing_category",
}
SAID = [(1, "columns not read: Id"), (465, "ContractedCost"), (465, "ChargeFrequency 'Usage-based'")]
HEAD = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,Tags"


def take(path: Path) -> tuple[pl.DataFrame, list[Problem]]:
    batch = bill.READER.read(path, None)
    return pl.concat([part.frame for part in batch.parts]), batch.problems


def write(folder: Path, text: str, name: str = "bill.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> Path:
    return shared_data / "04_finops_focus/focus_1_0_sample_even_rows.csv"


@pytest.fixture(scope="module")
def charges(sample: Path) -> pl.DataFrame:
    return take(sample)[0]


@pytest.fixture(scope="module")
def expected(sample: Path) -> dict:
    return json.loads(sample.with_suffix(".expected_sums.json").read_text())


class TestSample:
    def test_sums_are_exact_by_every_grouping(self, charges: pl.DataFrame, expected: dict) -> None:
        assert charges.height == expected["rows"]
        for focus, column in GROUPINGS.items():
            found = charges.group_by(column).agg(pl.col(list(COSTS.values())).sum(), rows=pl.len())
            groups = {row[column] or "NULL": row for row in found.iter_rows(named=True)}
            wanted = {key if key not in ("", "None") else "NULL": sums for key, sums in expected[focus].items()}
            assert groups.keys() == wanted.keys(), focus
            for key, sums in wanted.items():
                assert groups[key]["rows"] == sums["rows"], (focus, key)
                for cost, name in COSTS.items():
                    assert groups[key][name] == Decimal(sums[cost]), (focus, key, cost)

    def test_sums_by_tag_are_exact(self, charges: pl.DataFrame, expected: dict) -> None:
        sums: dict[str, dict[str, tuple[Decimal, int]]] = {}
        for cost, tags in charges.select("effective_cost", "tags").iter_rows():
            for tag, value in json.loads(tags or "{}").items():
                total, rows = sums.setdefault(tag, {}).get(value, (Decimal(0), 0))
                sums[tag][value] = (total + cost, rows + 1)
        for tag, values in expected["tags_effective_cost"].items():
            for value, wanted in values.items():
                assert sums[tag][value] == (Decimal(wanted["EffectiveCost"]), wanted["rows"]), (tag, value)
        bare = charges.filter(pl.col("tags").is_null())
        assert bare.height == expected["untagged"]["rows"]
        assert bare["effective_cost"].sum() == Decimal(expected["untagged"]["EffectiveCost"])

    def test_every_value_is_what_the_file_says(self, sample: Path, charges: pl.DataFrame) -> None:
        with sample.open() as file:
            raw = list(csv.DictReader(file))
        for item in CHARGES.fields:
            heading = item.aliases[0]
            if heading not in raw[0]:
                assert charges[item.column.name].null_count() == charges.height
                continue
            wanted = [None if row[heading] in ("", "NULL") else row[heading] for row in raw]
            if isinstance(item.column.dtype, pl.Decimal):
                wanted = [Decimal(text) if text else None for text in wanted]
            elif item.column.dtype == pl.Datetime("us", "UTC"):
                wanted = [datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None for text in wanted]
            assert charges[item.column.name].to_list() == wanted, heading

    def test_the_extra_column_is_named_and_what_is_not_as_focus_has_it(self, sample: Path) -> None:
        assert [(problem.line, problem.reason.split(" is ")[0]) for problem in take(sample)[1]] == SAID


class TestOtherForms:
    def test_parquet_gives_the_same_charges(self, sample: Path, charges: pl.DataFrame, tmp_path: Path) -> None:
        raw = pl.read_csv(sample, infer_schema=False, null_values="NULL")
        typed = raw.with_columns(
            pl.col("BilledCost", "EffectiveCost", "ListCost", "ContractedCost").cast(pl.Decimal(38, 20)),
            pl.col("ChargePeriodStart").str.to_datetime(time_unit="ns").dt.replace_time_zone("Asia/Shanghai"),
            pl.col("BillingPeriodStart").str.to_datetime().dt.date(),
        )
        typed.write_parquet(tmp_path / "bill.parquet")
        frame, problems = take(tmp_path / "bill.parquet")
        wanted = charges.with_columns(
            pl.col("charge_period_start") - pl.duration(hours=8),
            origin=pl.lit("bill.parquet"),
            line=charges["line"] - 1,
        )
        assert frame.equals(wanted)
        said = [(problem.line, problem.reason.split(" is ")[0]) for problem in problems]
        assert said == [(1, "columns not read: Id"), *((line - 1, what) for line, what in SAID[1:])]

    def test_parquet_maps_and_binary_fractions(self, tmp_path: Path) -> None:
        pl.DataFrame(
            {
                "BilledCost": [0.1 + 0.2, float("nan")],
                "BillingCurrency": ["EUR", "EUR"],
                "BillingPeriodStart": [datetime(2026, 1, 1)] * 2,
                "ChargePeriodStart": [datetime(2026, 1, 1)] * 2,
                "Tags": [[{"key": "team", "value": "平台"}], None],
            }
        ).write_parquet(tmp_path / "bill.parquet")
        frame, problems = take(tmp_path / "bill.parquet")
        assert frame["billed_cost"].to_list() == [Decimal("0.3"), None]
        assert json.loads(frame["tags"][0]) == {"team": "平台"}
        said = [(problem.line, problem.reason.split(";")[0]) for problem in problems]
        assert (None, "holds binary fractions, not decimals") in said
        assert (2, "billed_cost 'NaN' is not a number (write 1234.56)") in said

    def test_gzip_gives_the_same_charges(self, sample: Path, charges: pl.DataFrame, tmp_path: Path) -> None:
        (tmp_path / "bill.csv.gz").write_bytes(gzip.compress(sample.read_bytes()))
        frame, _ = take(tmp_path / "bill.csv.gz")
        assert frame.drop("origin").equals(charges.drop("origin"))

    def test_a_folder_of_parts(self, tmp_path: Path) -> None:
        row = "1,EUR,2026-01-01,2026-01-01,\n"
        write(tmp_path, f"{HEAD}\n{row}", "a.csv")
        write(tmp_path, f"{HEAD}\n{row}{row}", "b.csv")
        write(tmp_path, "nothing\n1\n", "c.csv")
        frame, problems = take(tmp_path)
        assert frame["origin"].to_list() == ["a.csv", "b.csv", "b.csv"]
        assert [problem.origin for problem in problems] == ["c.csv"]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        text = f"{HEAD},ServiceName\n" + '1,CNY,2026-01-01,2026-01-01,"{""项目"":""甲""}",对象存储\n' * 50_000
        (tmp_path / "bill.csv").write_bytes(text.encode(encoding))
        frame, problems = take(tmp_path / "bill.csv")
        assert (frame.height, set(frame["service"]), problems) == (50_000, {"对象存储"}, [])


class TestFaults:
    def test_what_does_not_fit_is_named(self, tmp_path: Path) -> None:
        rows = (
            ("0.1234567890123", "EUR", "2026-01-01", "2026-01-01", ""),
            ("1" * 27, "EUR", "2026-01-01", "2026-01-01", ""),
            ("1E-12", "EUR", "2026-01-01", "2026-01-01", "team=a"),
            ("1", "", "2026-01-01", "2026-01-01", ""),
            ("1", "EUR", "2026-01-01", "soon", ""),
            ("NULL", "EUR", "2026-01-01", "2026-01-01", ""),
            ("-0.000000000001", "EUR", "2026-01-01", "2026-01-01", '"{""a"": 1}"'),
        )
        path = write(tmp_path, HEAD + "\n" + "\n".join(",".join(row) for row in rows) + "\n")
        frame, problems = take(path)
        assert frame["billed_cost"].to_list() == [
            *(Decimal("0.123456789012"), None, Decimal("1E-12"), None, Decimal("-1E-12")),
        ]
        assert frame["line"].to_list() == [2, 3, 4, 7, 8]
        said = {(problem.line, problem.reason) for problem in problems}
        kept = "billed_cost is empty; row kept"
        finer = "has more than 12 places after the point; the nearest value that fits is kept"
        moment = "is not a date or a time (write 2026-10-31 or 2026-10-31T08:30:00Z)"
        assert said == {
            (2, f"billed_cost '0.1234567890123' {finer}"),
            (3, f"billed_cost '{'1' * 27}' has more than 26 places before the point and does not fit; left empty"),
            (3, kept),
            (4, "tags are not a JSON object; left empty"),
            (5, "currency is empty; row left out"),
            (6, f"charge_period_start 'soon' {moment}; row left out"),
            (7, kept),
        }

    @pytest.mark.parametrize("lost", ["BilledCost", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart"])
    def test_what_no_bill_can_do_without(self, tmp_path: Path, lost: str) -> None:
        with pytest.raises(Refused, match=lost):
            take(write(tmp_path, HEAD.replace(lost, "Other") + "\n1,EUR,2026-01-01,2026-01-01,\n"))

    def test_a_gzip_bomb_is_refused(self, tmp_path: Path) -> None:
        head = f"{HEAD}\n".encode()
        (tmp_path / "bill.csv.gz").write_bytes(gzip.compress(head + b"\n" * 50_000_000))
        with pytest.raises(Refused, match="bomb"):
            take(tmp_path / "bill.csv.gz")

    def test_damaged_gzip_is_refused(self, tmp_path: Path) -> None:
        whole = gzip.compress(f"{HEAD}\n1,EUR,2026-01-01,2026-01-01,\n".encode())
        for damage in (whole[:-9], whole[:12] + bytes(8) + whole[20:]):
            (tmp_path / "bill.csv.gz").write_bytes(damage)
            with pytest.raises(Refused, match="gzip"):
                take(tmp_path / "bill.csv.gz")

    @pytest.mark.parametrize("cut", [0, 3, 4, 100, -1, -8, -30])
    def test_damaged_parquet_is_refused(self, tmp_path: Path, cut: int) -> None:
        path = tmp_path / "bill.parquet"
        pl.DataFrame({"BilledCost": ["1"]}).write_parquet(path)
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(Refused):
            take(path)

    def test_parquet_with_more_rows_than_bytes_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "bill.parquet"
        pl.select(BilledCost=pl.repeat("1", 3_000_000)).write_parquet(path)
        with pytest.raises(Refused, match="claims 3000000 rows"):
            take(path)

    @pytest.mark.parametrize("kind", [pl.String(), pl.Categorical(), pl.Binary(), pl.List(pl.String())])
    def test_parquet_that_keeps_one_long_text_for_many_rows_is_refused(self, tmp_path: Path, kind: pl.DataType) -> None:
        path, rows = tmp_path / "bill.parquet", 3_000
        head = dict(zip(HEAD.split(","), ("1", "EUR", "2026-01-01", "2026-01-01"), strict=False))
        long = pl.Series("Tags", ["x" * 500_000], dtype=pl.String)
        tags = long.reshape((1, 1)).arr.to_list() if isinstance(kind, pl.List) else long.cast(kind)
        whole = pl.DataFrame({name: [text] for name, text in head.items()}).with_columns(tags)
        pl.concat([whole] * rows).write_parquet(path)
        assert path.stat().st_size < 20_000_000
        with pytest.raises(Refused, match=r"bill\.parquet:1: unpacks 3000 rows to more than 512 MiB"):
            take(path)

    def test_parquet_cut_or_overwritten_at_its_end_is_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "bill.parquet"
        pl.DataFrame({"BilledCost": ["1"]}).write_parquet(path)
        path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
        with pytest.raises(Refused, match="does not end as one and may be cut short"):
            take(path)

    def test_a_line_without_end_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Refused):
            take(write(tmp_path, HEAD + "x" * 6_000_000))


MEASURE = """
import resource, sys
from pathlib import Path
from quarterdeck.evidence import bill
rows = 0
for part in bill.READER.read(Path(sys.argv[1]), None).parts:
    rows += part.frame.height
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_bill(tmp_path: Path) -> None:
    """Four times the rows: the peak of a process of its own grows by less than a quarter (60,000 and 240,000 rows)."""
    row = "1.5,EUR,2026-01-01,2026-01-01," + '"{""team"": ""a""}"\n'
    peaks = []
    for rows in (60_000, 240_000):
        path = write(tmp_path, f"{HEAD}\n" + row * rows)
        words = [sys.executable, "-c", MEASURE, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2] / "src")
        taken, peak = map(int, done.stdout.split())
        assert taken == rows
        peaks.append(peak)
    assert peaks[1] < 1.25 * peaks[0]


def test_reading_is_lazy(sample: Path) -> None:
    batch: Batch = bill.READER.read(sample, None)
    assert batch.source.digest == ""
    list(batch.parts)
    assert len(batch.source.digest) == 64
