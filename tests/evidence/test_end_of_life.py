"""The reader of product life cycles, where a cycle stands on a day, and what belongs to a cycle."""

import csv
import zipfile
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.evidence.batch import Batch, Refused
from quarterdeck.evidence.end_of_life import LIFE_CYCLES, READER, Cycle, Phase, Products, cycles, read, status

PAGE = """\
---
title: Demo Language
permalink: /demo
alternate_urls:
  - /demolang
identifiers:
  - purl: pkg:generic/demo
  - cpe: cpe:2.3:a:demo:demo
  - repology: demo-lang
releases:
  - releaseCycle: 3.10
    releaseLabel: "3.10 (Jade)"
    releaseDate: 2025-01-15
    eoas: 2026-06-30
    eol: 2027-01-31
    lts: 2025-07-01
    latest: "3.10.4"
    latestReleaseDate: 2026-10-01
  - releaseCycle: "2"
    releaseDate: 2020-01-01
    eoas: true
    eol: true
    lts: true

---
Free text with {% liquid %} and : colons [
"""
SERVED_0 = """[{"cycle": "1.4", "releaseDate": "2024-02-29", "eol": false, "support": true, "latest": "1.4.9",
 "latestReleaseDate": "2026-01-01", "lts": false}]"""
SERVED_1 = """{"schema_version": "1.2.0", "result": {"name": "widget", "label": "Widget", "aliases": ["wdg"],
 "identifiers": [{"type": "purl", "id": "pkg:npm/widget"}], "releases": [{"name": "5", "label": "5 LTS",
 "releaseDate": "2025-05-05", "isLts": true, "ltsFrom": null, "isEoas": false, "eoasFrom": "2026-12-31",
 "isEol": false, "eolFrom": null, "latest": {"name": "5.1.0", "date": "2026-02-02"}}]}}"""


def _frame(batch: Batch) -> pl.DataFrame:
    [part] = batch.parts
    assert part.table is LIFE_CYCLES
    assert part.frame.schema == LIFE_CYCLES.schema
    return part.frame


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "demo.md").write_text(PAGE)
    (tmp_path / "gadget.json").write_text(SERVED_0)
    (tmp_path / "widget.json").write_text(SERVED_1)
    (tmp_path / "README.md").write_text("# No front matter\n")
    return tmp_path


def test_the_three_shapes_give_these_rows(folder: Path) -> None:
    batch = read(folder, None)
    assert batch.problems == []
    shared = (["demolang"], ["pkg:generic/demo", "cpe:2.3:a:demo:demo", "repology:demo-lang"], "demo.md")
    assert _frame(batch).rows() == [
        (
            *("demo", "3.10", "Demo Language", "3.10 (Jade)", date(2025, 1, 15)),
            *(date(2026, 6, 30), None, date(2027, 1, 31), None, None, None),
            *("3.10.4", date(2026, 10, 1), None, date(2025, 7, 1), *shared, 11),
        ),
        (
            *("demo", "2", "Demo Language", None, date(2020, 1, 1)),
            *(None, True, None, True, None, None),
            *(None, None, True, None, *shared, 19),
        ),
        (
            *("gadget", "1.4", None, None, date(2024, 2, 29)),
            *(None, False, None, False, None, None),
            *("1.4.9", date(2026, 1, 1), False, None, [], [], "gadget.json", 1),
        ),
        (
            *("widget", "5", "Widget", "5 LTS", date(2025, 5, 5)),
            *(date(2026, 12, 31), None, None, False, None, None),
            *("5.1.0", date(2026, 2, 2), True, None, ["wdg"], ["pkg:npm/widget"], "widget.json", 1),
        ),
    ]


def test_nothing_new_gives_nothing(folder: Path) -> None:
    first = read(folder, None)
    again = read(folder, first.state)
    assert list(again.parts) == []
    assert again.source == first.source
    (folder / "gadget.json").write_text(SERVED_0.replace("1.4.9", "1.4.10"))
    assert _frame(read(folder, first.state)).height == 4


# --- where a cycle stands ------------------------------------------------------------------------------------------


def test_every_published_standing(shared_data: Path) -> None:
    """1,710 rows of (cycle, day), from the products' own files and from what the API serves."""
    said = {True: "ended", False: "supported", None: ""}
    with (shared_data / "02_eol/expected_status.csv").open() as file:
        expected = list(csv.DictReader(file))
    assert len(expected) == 1_710
    for shape in ("products", "api_shape"):
        batch = read(shared_data / "02_eol" / shape, None)
        assert batch.problems == []
        known = {(cycle.product, cycle.cycle): cycle for cycle in cycles(_frame(batch))}
        assert len(known) == 855
        for row in expected:
            standing = status(known[row["product"], row["cycle"]], date.fromisoformat(row["as_of"]))
            found = {
                "released": str(standing.released).lower(),
                "eol": "eol" if standing.life_ended else "supported",
                "active_support": said[standing.support_ended],
                "days_to_eol": "" if standing.days_left is None else str(standing.days_left),
            }
            assert found == {key: row[key] for key in found}, row


def test_both_shapes_tell_the_same(shared_data: Path) -> None:
    same = [
        name
        for name in LIFE_CYCLES.schema
        if name not in ("title", "label", "aliases", "identifiers", "origin", "line")
    ]
    frames = [
        _frame(read(shared_data / "02_eol" / shape, None)).sort("product", "cycle")
        for shape in ("products", "api_shape")
    ]
    assert frames[0].select(same).equals(frames[1].select(same))


@pytest.mark.parametrize(
    ("cycle", "on", "phase", "days"),
    [
        (Cycle("a", "1", date(2020, 1, 1), ends=date(2026, 11, 20)), date(2026, 11, 20), Phase.ENDING, 0),
        (Cycle("a", "1", date(2020, 1, 1), ends=date(2026, 11, 19)), date(2026, 11, 20), Phase.ENDED, -1),
        (Cycle("a", "1", date(2020, 1, 1), ends=date(2027, 5, 19)), date(2026, 11, 20), Phase.ENDING, 180),
        (Cycle("a", "1", date(2020, 1, 1), ends=date(2027, 5, 20)), date(2026, 11, 20), Phase.SUPPORTED, 181),
        (Cycle("a", "1", date(2027, 1, 1), ends=date(2030, 1, 1)), date(2026, 12, 31), Phase.NOT_RELEASED, 1097),
        (Cycle("a", "1", date(2020, 1, 1), ended=True), date(2026, 11, 20), Phase.ENDED, None),
        (Cycle("a", "1", date(2020, 1, 1), ended=False), date(2026, 11, 20), Phase.SUPPORTED, None),
        (Cycle("a", "1", date(2020, 1, 1)), date(2026, 11, 20), Phase.UNKNOWN, None),
        (Cycle("a", "1", ends=date(2020, 1, 1)), date(2026, 11, 20), Phase.ENDED, -2515),
    ],
)
def test_the_phases(cycle: Cycle, on: date, phase: Phase, days: int | None) -> None:
    standing = status(cycle, on)
    assert (standing.phase, standing.days_left, standing.dated) == (phase, days, cycle.ends is not None)


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(1, 4_000)
)
def test_a_cycle_never_comes_back_to_life(ends: date, on: date, later: int) -> None:
    order = [Phase.SUPPORTED, Phase.ENDING, Phase.ENDED]
    cycle = Cycle("a", "1", date(1999, 1, 1), ends=ends)
    before, after = status(cycle, on), status(cycle, on + timedelta(days=later))
    assert order.index(before.phase) <= order.index(after.phase)
    assert before.days_left is not None
    assert after.days_left == before.days_left - later


# --- what belongs to a cycle ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def products(shared_data: Path) -> Products:
    return Products(cycles(_frame(read(shared_data / "02_eol/products", None))))


@pytest.mark.parametrize(
    ("text", "product", "cycle"),
    [
        ("python 3.8", "python", "3.8"),
        ("Python 3.8.10", "python", "3.8"),
        ("python3.12", "python", "3.12"),
        ("python:3.12-slim", "python", "3.12"),
        ("nodejs18.x", "nodejs", "18"),
        ("node v20", "nodejs", "20"),
        ("Ubuntu 22.04 LTS", "ubuntu", "22.04"),
        ("postgres 14", "postgresql", "14"),
        ("Amazon Linux 2", "amazon-linux", "2"),
        ("go1.22.3", "go", "1.22"),
        ("PHP", "php", None),
        ("windows 11", "windows", None),
        ("python 3.80", "python", None),
    ],
)
def test_a_runtime_in_words(products: Products, text: str, product: str, cycle: str | None) -> None:
    found = products.runtime(text)
    assert found is not None
    assert (found.product, found.cycle and found.cycle.cycle) == (product, cycle)


@pytest.mark.parametrize("text", ["", "7", "cobol 85", "pythonista 3.8", "9" * 100_000, "python" * 100_000])
def test_what_is_no_known_runtime_matches_nothing(products: Products, text: str) -> None:
    assert products.runtime(text) is None


@pytest.mark.parametrize(
    ("purl", "version", "product", "cycle"),
    [
        ("pkg:pypi/Django@3.2.3", "3.2.3", "django", "3.2"),
        ("pkg:npm/%40angular/core@15.0.1", "15.0.1", "angular", "15"),
        ("pkg:npm/vue@2.7.14", "2.7.14", "vue", "2.7"),
        ("pkg:docker/library/python@3.12", "3.12.1", "python", "3.12"),
        ("pkg:npm/vue", None, "vue", None),
    ],
)
def test_a_component_by_its_package_url(
    products: Products, purl: str, version: str | None, product: str, cycle: str | None
) -> None:
    found = products.component(purl, version)
    assert found is not None
    assert (found.product, found.cycle and found.cycle.cycle, found.by) == (product, cycle, "purl")


def test_a_package_that_only_shares_a_name_matches_nothing(products: Products) -> None:
    assert products.component("pkg:npm/python@3.8.0", "3.8.0") is None
    assert products.component("python", "3.8.0") is None
    assert products.component(None, "3.8.0") is None


# --- hostile -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("x.yaml", b"releases:\n- releaseCycle: '1'\n  eol: 2026-13-40\n", 2, "not a date"),
        ("x.yaml", b"releases:\n- eol: 2026-01-01\n", 2, "without a cycle's name"),
        ("x.yaml", b"releases: [1, 2]\n", None, "not a mapping"),
        ("x.yaml", b"title: x\n", None, "no releases"),
        ("x.yaml", b"releases:\n- releaseCycle: '1'\n- releaseCycle: '1'\n", 3, "read already"),
        ("x.yaml", b"releases: *nobody\n", 1, "alias"),
        ("x.yaml", b"a: " + b"{a: " * 5_000, 1, "nested deeper"),
        ("x.json", b"[" * 200_000, None, "nested too deep"),
        ("x.json", b'[{"cycle": "1", "eol": ', 1, "not valid JSON"),
        ("x.json", b'[{"cycle": "1", "eol": 1' + b"0" * 5_000 + b"}]", 1, "not a date"),
        ("x.json", b"\x00\x01\x02", 1, "not text"),
        ("x.md", b"---\nreleases: [\n---\n", 3, "not valid YAML"),
    ],
)
def test_a_broken_file_is_a_problem_beside_others(
    folder: Path, name: str, data: bytes, line: int | None, reason: str
) -> None:
    (folder / name).write_bytes(data)
    batch = read(folder, None)
    kept = _frame(batch).filter(pl.col("product") != "x")
    assert kept.height == 4
    [problem] = batch.problems
    assert (problem.origin, problem.line) == (name, line)
    assert reason in problem.reason


def test_chinese_in_gb18030_is_read(folder: Path) -> None:
    text = "title: 示例语言\npermalink: /shili\nreleases:\n- releaseCycle: '1'\n  eol: 2026-01-01\n"
    (folder / "cn.yaml").write_bytes(text.encode("gb18030"))
    assert "示例语言" in _frame(read(folder, None))["title"].to_list()


def test_what_cannot_be_taken_is_refused(tmp_path: Path, folder: Path) -> None:
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("/etc/a.json", SERVED_0)
    (tmp_path / "cut.json").write_text(SERVED_0[:50])
    (tmp_path / "empty").mkdir()
    for name in ("out.zip", "cut.json", "empty", "nothing.json"):
        with pytest.raises(Refused):
            read(tmp_path / name, None)


def test_the_page_tells_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs/readers/end_of_life.md").read_text()
    for table in READER.tables:
        assert f"### `{table.name}`" in page
        for column in table.columns:
            assert f"| `{column.name}` |" in page
            assert column.help in page
