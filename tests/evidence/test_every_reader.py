"""Promises of every reader: documented tables, frames as declared, hostile inputs refused or named, nothing else."""

import gzip
import io
import os
import random
import re
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from quarterdeck.evidence import readers
from quarterdeck.evidence.batch import Batch, Reader, Refused
from quarterdeck.evidence.schema import LINE, ORIGIN

ROOT = Path(__file__).resolve().parents[2]
EVERY = pytest.mark.parametrize("reader", readers.READERS, ids=lambda reader: reader.name)
ENDINGS = ("", ".csv", ".json", ".jsonl", ".xlsx", ".zip", ".parquet", ".csv.gz", ".yaml", ".lock", ".toml")
NOISE = random.Random(7).randbytes(5_000)
TYPES = (
    pl.String,
    pl.Boolean,
    pl.Int64,
    pl.Int32,
    pl.UInt32,
    pl.UInt64,
    pl.UInt8,
    pl.Float64,
    pl.Date,
    pl.List,
    pl.Struct,
)

# One good input for each reader, so that no reader is without a frame that is checked: its text, or where it stands
# among the real inputs.
TEXTS = {
    "bill": (
        "bill.csv",
        "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart\n1,EUR,2026-01-01,2026-01-02\n",
    ),
    "roster": ("roster.csv", "staff,team,name\nS1,platform,Ada\nS2,platform,Bob\n"),
    "issues": ("issues.csv", "issue,status,created,assignee\nA-1,open,2026-01-01,ada\nA-2,done,2026-01-02,bob\n"),
    "reviews": ("reviews.csv", "change,author,opened\n1,ada,2026-01-01\n2,bob,2026-01-02\n"),
    "builds": ("builds.csv", "build,system,result\n1,shop,success\n2,shop,failure\n"),
    "deployments": ("deployments.csv", "deployment,system,finished\n1,shop,2026-01-01\n2,shop,2026-01-02\n"),
    "incidents": ("incidents.csv", "incident,system,started\n1,shop,2026-01-01\n2,shop,2026-01-02\n"),
    "backups": ("backups.csv", "system,taken,kind\nshop,2026-01-01,full\nshop,2026-01-02,log\n"),
}
PLACES = {
    "advisories": "01_osv_advisories",
    "end_of_life": "02_eol/products",
    "dependencies": "05_sbom_lockfiles/lockfiles",
    "catalogue": "06_architecture/backstage_giantswarm",
}


@dataclass(frozen=True)
class Outcome:
    """What came of one reading."""

    rows: int
    problems: int


@pytest.fixture(autouse=True)
def _no_hanging() -> Iterator[None]:
    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError("the reader hangs")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(120)
    yield
    signal.alarm(0)


def outcome(reader: Reader, path: Path) -> Outcome | None:
    """Read it to its end and check the frames; None where it was refused. Any other exception is a failure."""
    try:
        batch: Batch = reader.read(path, None)
        rows = 0
        for part in batch.parts:
            assert part.table in reader.tables
            assert dict(part.frame.schema) == part.table.schema
            rows += part.frame.height
        assert batch.source.reader == reader.name
        assert re.fullmatch(r"[0-9a-f]{40,64}", batch.source.digest), batch.source
        assert all(isinstance(value, str) for value in batch.state.values())
        for problem in batch.problems:
            assert problem.reason
            assert len(problem.text) <= 200
    except Refused:
        return None
    return Outcome(rows, len(batch.problems))


@pytest.fixture
def good(reader: Reader, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    if reader.name == "git":
        words = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(("git", "init", "-q", str(tmp_path / "repository")), check=True)
        commit = (*words, "commit", "-q", "--allow-empty", "-m", "First")
        subprocess.run(commit, check=True, cwd=tmp_path / "repository")
        return tmp_path / "repository"
    if reader.name in PLACES:
        return request.getfixturevalue("shared_data") / PLACES[reader.name]
    name, text = TEXTS[reader.name]
    (tmp_path / name).write_text(text)
    return tmp_path / name


class TestDeclared:
    def test_names_are_unique(self) -> None:
        assert len({reader.name for reader in readers.READERS}) == len(readers.READERS)
        tables = [table.name for reader in readers.READERS for table in reader.tables]
        assert len(set(tables)) == len(tables)

    @EVERY
    def test_found_by_its_name(self, reader: Reader) -> None:
        assert readers.by_name(reader.name) is reader

    def test_an_unknown_name_is_answered_with_the_known_ones(self) -> None:
        with pytest.raises(LookupError, match="git, catalogue"):
            readers.by_name("tarot")

    @EVERY
    def test_described_in_both_languages(self, reader: Reader) -> None:
        assert reader.title_en
        assert re.search("[\u4e00-\u9fff]", reader.title_zh)
        assert len(reader.help) > 40

    @EVERY
    def test_tables_and_columns_are_well_formed(self, reader: Reader) -> None:
        word = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
        assert reader.tables
        for table in reader.tables:
            names = [column.name for column in table.columns]
            assert word.fullmatch(table.name)
            assert table.help.endswith(".")
            assert len(set(names)) == len(names)
            assert set(table.key) <= set(names)
            for column in table.columns:
                assert word.fullmatch(column.name), column
                assert len(column.help) > 4, column
                if isinstance(column.dtype, pl.Datetime):
                    assert column.dtype == pl.Datetime("us", "UTC"), column
                elif isinstance(column.dtype, pl.Decimal):
                    assert column.dtype in (pl.Decimal(38, 12), pl.Decimal(38, 18)), column
                else:
                    assert isinstance(column.dtype, TYPES), column
            if not set(table.key) & {ORIGIN.name, LINE.name}:
                continue
            assert {ORIGIN.name, LINE.name} <= set(names), table.name

    @EVERY
    def test_its_page_tells_every_table_and_column(self, reader: Reader) -> None:
        page = ROOT / "docs" / "readers" / f"{reader.name}.md"
        text = page.read_text(encoding="utf-8")
        for table in reader.tables:
            assert f"`{table.name}`" in text, table.name
            lacking = [column.name for column in table.columns if f"`{column.name}`" not in text]
            assert not lacking, (table.name, lacking)

    @pytest.mark.parametrize("name", TEXTS)
    def test_the_example_on_its_page_is_read_without_a_problem(self, name: str, tmp_path: Path) -> None:
        page = (ROOT / "docs" / "readers" / f"{name}.md").read_text(encoding="utf-8")
        example = re.search(r"```csv\n(.*?)```", page, re.DOTALL)
        assert example
        (tmp_path / "example.csv").write_text(example[1], encoding="utf-8")
        found = outcome(readers.by_name(name), tmp_path / "example.csv")
        assert found is not None
        assert found.rows > 0
        assert not found.problems


class TestGood:
    @EVERY
    def test_a_good_source_gives_rows_as_declared(self, reader: Reader, good: Path) -> None:
        found = outcome(reader, good)
        assert found is not None
        assert found.rows > 0

    @EVERY
    def test_reading_twice_gives_the_same(self, reader: Reader, good: Path) -> None:
        def reading() -> tuple[str, list[str], int]:
            batch = reader.read(good, None)
            frames = [f"{part.table.name} {part.frame.hash_rows().to_list()}" for part in batch.parts]
            return batch.source.digest, frames, len(batch.problems)

        assert reading() == reading()


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in ENDINGS:
            archive.writestr(f"bomb{ending}", b"0" * 20_000_000)
    return file.getvalue()


def _escape() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../outside.csv", "id\n1\n")
    return file.getvalue()


BOMB = _bomb()
CONTENTS = {
    "empty": b"",
    "blank": b"\n\n  \n",
    "noise": NOISE,
    "zeros": bytes(5_000),
    "one line of a mebibyte": b"x" * 1024 * 1024,
    "deep": b"[" * 200_000,
    "deeper": b'{"a":' * 100_000,
    "unclosed quote": b'"' + b"a,b\n" * 100_000,
    "bomb": BOMB,
    "cut bomb": BOMB[: len(BOMB) // 2],
    "escape": _escape(),
    "packed noise": gzip.compress(NOISE),
    "half a character": "姓名".encode("gb18030")[:3] + b"\n" + b"\xff\xfe\xfa",
}


class TestHostile:
    @EVERY
    @pytest.mark.parametrize("content", CONTENTS)
    def test_a_file_of_nonsense(self, reader: Reader, content: str, tmp_path: Path) -> None:
        for ending in ENDINGS:
            path = tmp_path / f"input{ending}"
            path.write_bytes(CONTENTS[content])
            found = outcome(reader, path)
            assert found is None or found.problems, (ending, found)
            assert found is None or not found.rows, (ending, found)

    @EVERY
    def test_a_table_of_something_else(self, reader: Reader, tmp_path: Path) -> None:
        for ending in ENDINGS:
            path = tmp_path / f"input{ending}"
            path.write_bytes("颜色,形状\n红,圆\n".encode("gb18030"))
            found = outcome(reader, path)
            assert found is None or (found.problems and not found.rows), (ending, found)

    @EVERY
    def test_a_pipe_that_nobody_writes_to(self, reader: Reader, tmp_path: Path) -> None:
        for ending in ENDINGS:
            os.mkfifo(tmp_path / f"pipe{ending}")
            assert outcome(reader, tmp_path / f"pipe{ending}") is None

    @EVERY
    def test_nothing_there(self, reader: Reader, tmp_path: Path) -> None:
        for ending in ENDINGS:
            assert outcome(reader, tmp_path / f"absent{ending}") is None

    @EVERY
    def test_an_empty_folder(self, reader: Reader, tmp_path: Path) -> None:
        found = outcome(reader, tmp_path)
        assert found is None or (found.problems and not found.rows)

    @EVERY
    def test_a_folder_of_nonsense_and_links(self, reader: Reader, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        (tmp_path / "secret.csv").write_text("id,system,incident,issue,staff\n1,1,1,1,SECRET\n")
        for ending in ENDINGS:
            (folder / f"noise{ending}").write_bytes(NOISE)
            (folder / f"link{ending}").symlink_to(tmp_path / "secret.csv")
        (folder / "loop").symlink_to(folder)
        found = outcome(reader, folder)
        assert found is None or (found.problems and not found.rows)
