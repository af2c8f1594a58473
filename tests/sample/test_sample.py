"""The example company: the same bytes every time, readable by every reader, of the size that is promised."""

import hashlib
import os
import resource
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import python_calamine
from company_files import Example, digests

from quarterdeck import sample
from quarterdeck.evidence.batch import Batch
from quarterdeck.evidence.readers import READERS, by_name

SECONDS = 20  # of computing in which the whole company is to be written


def _in_another_process(folder: Path, seed: int) -> None:
    """Written by a fresh interpreter that hashes text differently."""
    program = "import sys; from pathlib import Path; from quarterdeck import sample; "
    program += "sample.write(Path(sys.argv[1]), seed=int(sys.argv[2]))"
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", program, str(folder), str(seed)], check=True, env=environment)


def test_the_same_seed_gives_the_same_bytes(example: Example, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _in_another_process(tmp_path, 1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS
    assert digests(tmp_path) == digests(example.folder)


def test_another_seed_gives_another_company(example: Example, tmp_path: Path) -> None:
    _in_another_process(tmp_path, 2)
    other, own = digests(tmp_path), digests(example.folder)
    same = {name for name in own if other.get(name) == own[name]}
    assert {name.split("/")[0] for name in same} <= {
        "catalogue",
        "advisories",
        "end-of-life",
        "roster",
        "dependencies",
    }  # tables of values
    assert not any(name.startswith(("roster/roster_", "issues/", "bill/", "repositories/")) for name in same)


@pytest.mark.parametrize("today", [date(2025, 3, 31), date(2027, 8, 1), date(2028, 2, 29)])
def test_any_day_can_be_the_day(today: date, tmp_path: Path) -> None:
    layout = sample.write(tmp_path, today)
    later = sample.write_later(tmp_path, date.fromordinal(today.toordinal() + 35))
    assert layout.workbook.is_file()
    assert later.workbook.is_file()
    assert [source.name for source in later.collect if source.reader == "roster"] == ["roster"]
    for source in later.collect:
        if source.reader != "git":
            _read(source)


def _read(source: sample.Source) -> tuple[Batch, Counter[str]]:
    batch = by_name(source.reader).read(source.path, None)
    rows = Counter[str]()
    for part in batch.parts:
        rows[part.table.name] += part.frame.height
    return batch, rows


def _problems(example: Example) -> set[tuple[str, str, int | None]]:
    return {
        (source.reader, Path(problem.origin).name, problem.line)
        for source in example.layout.collect
        for problem in _read(source)[0].problems
    }


def test_every_reader_has_something_to_read(example: Example) -> None:
    assert {source.reader for source in example.layout.collect} == {reader.name for reader in READERS}


@pytest.mark.parametrize("when", ["example", "later"])
def test_readers_meet_the_planted_problems_and_no_other(when: str, request: pytest.FixtureRequest) -> None:
    found: Example = request.getfixturevalue(when)
    planted = {(slip["reader"], slip["file"], slip["line"]) for slip in found.truths["problems"]}
    assert _problems(found) == planted


def test_it_has_the_promised_size(example: Example) -> None:
    rows = Counter[str]()
    for source in example.layout.collect[2:]:  # the second roster alone
        rows += _read(source)[1]
    assert example.truths["people"]["employed"] == 180
    assert sum(entity["kind"] in ("Component", "Resource") for entity in example.entities()) == 61  # one is there twice
    assert 6_000 <= rows["issues"] <= 8_000
    assert rows["repositories"] == 13
    assert 2_500 <= rows["commits"] <= 6_000
    assert 100 <= rows["incidents"] <= 500
    assert len(example.sheet("initiative")) == 40
    assert len(example.sheet("scenario")) == 40
    assert len(example.sheet("goal")) == 11
    assert len(example.sheet("outcome")) == 14
    size = sum(path.stat().st_size for path in example.folder.rglob("*") if path.is_file())
    assert size < 80_000_000


def test_git_makes_the_commits_that_other_files_name(example: Example) -> None:
    for stream in example.layout.streams:
        named = [row["commit"] for row in example.rows(f"reviews/{stream.stem}.csv")]
        listed = subprocess.run(
            ["git", "--git-dir", str(stream.with_suffix(".git")), "rev-list", "--reverse", "main"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert listed.stdout.split() == named
        deployed = {row["commit"] for row in example.rows("deployments/*.csv") if row["repository"] == stream.stem}
        assert deployed <= set(named)


def test_the_later_collection_goes_on_from_the_first(example: Example, later: Example) -> None:
    for stream in example.layout.streams:
        first = [row["commit"] for row in example.rows(f"reviews/{stream.stem}.csv")]
        then = [row["commit"] for row in later.rows(f"reviews/{stream.stem}.csv")]
        assert then[: len(first)] == first
        assert len(then) > len(first)
    before, after = (list(found.rows("deployments/*.csv")) for found in (example, later))
    assert after[: len(before)] == before
    for name in (
        "bill/focus-2026-10.csv",
        "end-of-life/python.yaml",
        "catalogue/payments.yaml",
        "roster/roster_2026-11.csv",
    ):
        assert (
            hashlib.sha256((later.folder / name).read_bytes()).digest()
            == hashlib.sha256((example.folder / name).read_bytes()).digest()
        )


def test_the_later_collection_into_an_empty_folder_is_the_same(later: Example, tmp_path: Path) -> None:
    sample.write_later(tmp_path)
    own, over = digests(tmp_path), digests(later.folder)
    assert own == {name: over[name] for name in own}
    assert over.keys() - own.keys() == {"estate.xlsx", "roster/roster_2026-10.csv", "roster/roster_2026-11.csv"}


def test_nothing_of_it_imports_the_product() -> None:
    folder = Path(sample.__file__).parent
    imports = [
        line
        for path in folder.glob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(("from quarterdeck", "import quarterdeck"))
    ]
    assert imports
    assert all(line.startswith("from quarterdeck.sample") for line in imports)


def test_the_guide_names_everything_in_the_folder(example: Example, later: Example) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "example-company.md").read_text()
    places = {path.name for path in (*example.folder.iterdir(), *later.folder.iterdir())}
    assert all(f"`{place}" in guide for place in places)
    assert all(f"| `{reader.name}` |" in guide for reader in READERS)
    for folder in ("issues", "reviews", "builds", "deployments", "backups"):
        headings = {heading for path in (example.folder / folder).glob("*.csv") for heading in _headings(path)}
        assert not {heading for heading in headings if f"`{heading}`" not in guide}
    book = python_calamine.load_workbook(str(example.folder / "estate.xlsx"))
    assert all(name in guide for name in book.sheet_names)


def _headings(path: Path) -> list[str]:
    return path.read_text().split("\n", 1)[0].split(",")
