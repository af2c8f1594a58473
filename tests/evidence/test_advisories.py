"""The reader of OSV advisories, and findings against real lock files."""

import json
import re
import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from packaging.version import VERSION_PATTERN, Version

from quarterdeck.evidence import advisories
from quarterdeck.evidence.batch import Batch, Refused
from quarterdeck.evidence.dependencies import read as read_dependencies

VERSION = re.compile(VERSION_PATTERN, re.VERBOSE | re.IGNORECASE)

FIRST = """\
id: DEMO-2026-1
summary: A parser runs what it reads
details: Long text.
aliases: [CVE-2026-0001]
severity:
- type: CVSS_V3
  score: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
affected:
- package: {name: Demo_Parser, ecosystem: PyPI}
  ranges:
  - type: GIT
    repo: https://git.example.org/demo
    events:
    - introduced: '0'
    - fixed: 4f5e6d
  - type: ECOSYSTEM
    events:
    - fixed: 2.1
    - introduced: '2.0'
    - introduced: '0'
    - fixed: 1.10
  versions: [1.9, 1.10rc1]
references:
- {type: WEB, url: https://example.org/1}
modified: 2026-02-01T10:00:00.123456789Z
published: '2026-01-31T00:00:00+08:00'
"""
SECOND = {
    "id": "DEMO-2026-2",
    "modified": "2026-03-01T00:00:00Z",
    "withdrawn": "2026-03-02T00:00:00Z",
    "details": "x" * 1_000,
    "affected": [
        {
            "package": {"name": "left", "ecosystem": "npm"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}]}],
        }
    ],
    "database_specific": {"severity": "HIGH"},
}


def _frames(batch: Batch) -> dict[str, pl.DataFrame]:
    found: dict[str, list[pl.DataFrame]] = {}
    for part in batch.parts:
        assert part.frame.schema == part.table.schema
        found.setdefault(part.table.name, []).append(part.frame)
    return {name: pl.concat(frames) for name, frames in found.items()}


def _read(path: Path, since: dict[str, str] | None = None) -> tuple[dict[str, pl.DataFrame], Batch]:
    batch = advisories.read(path, since)
    return _frames(batch), batch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "first.yaml").write_text(FIRST)
    (tmp_path / "second.json").write_text(json.dumps(SECOND))
    return tmp_path


def test_a_small_folder_gives_these_frames(folder: Path) -> None:
    frames, batch = _read(folder)
    assert batch.problems == []
    second = frames["advisories"].row(0, named=True)
    assert second == {
        "advisory": "DEMO-2026-2",
        "aliases": [],
        "summary": "x" * 300,
        "published": None,
        "modified": datetime(2026, 3, 1, tzinfo=UTC),
        "withdrawn": datetime(2026, 3, 2, tzinfo=UTC),
        "severity_vector": None,
        "severity_score": None,
        "severity_name": "HIGH",
        "link": None,
        "origin": "second.json",
        "line": 1,
    }
    assert frames["advisories"].row(1) == (
        "DEMO-2026-1",
        ["CVE-2026-0001"],
        "A parser runs what it reads",
        datetime(2026, 1, 30, 16, tzinfo=UTC),
        datetime(2026, 2, 1, 10, 0, 0, 123456, tzinfo=UTC),
        None,
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        9.8,
        None,
        "https://example.org/1",
        "a/first.yaml",
        1,
    )
    place = ("a/first.yaml",)
    assert frames["advisory_ranges"].rows() == [
        ("DEMO-2026-2", "npm", "left", "SEMVER", "1.0.0", None, "1.2.0", None, "second.json", 1),
        ("DEMO-2026-1", "PyPI", "demo-parser", "GIT", "0", "4f5e6d", None, "https://git.example.org/demo", *place, 11),
        # 1.10 unquoted stays 1.10, and the events are paired in the order of versions, not as they stand
        ("DEMO-2026-1", "PyPI", "demo-parser", "ECOSYSTEM", "0", "1.10", None, None, *place, 16),
        ("DEMO-2026-1", "PyPI", "demo-parser", "ECOSYSTEM", "2.0", "2.1", None, None, *place, 16),
    ]
    assert frames["advisory_versions"].rows() == [
        ("DEMO-2026-1", "PyPI", "demo-parser", ["1.9", "1.10rc1"], "a/first.yaml", 9)
    ]


def test_a_zip_gives_what_its_folder_gives(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    packed = tmp_path_factory.mktemp("zip") / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder).as_posix())
    ours, theirs = _read(folder)[0], _read(packed)[0]
    for name, frame in ours.items():
        assert frame.sort("advisory").equals(theirs[name].sort("advisory"))


def test_nothing_new_gives_nothing(folder: Path) -> None:
    _, first = _read(folder)
    frames, second = _read(folder, first.state)
    assert frames == {}
    assert second.source == first.source
    (folder / "second.json").write_text(json.dumps({**SECOND, "summary": "changed"}))
    frames, third = _read(folder, first.state)
    assert frames["advisories"].height == 2
    assert third.source.digest != first.source.digest


def test_parts_stay_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.evidence.advisories.reading.PART", 1)
    parts = [part for part in advisories.read(folder).parts if part.table.name == "advisories"]
    assert [part.frame.height for part in parts if part.frame.height] == [1, 1]


def test_findings_name_the_fix_and_leave_out_the_withdrawn(folder: Path) -> None:
    frames, _ = _read(folder)
    components = pl.DataFrame(
        {
            "ecosystem": ["PyPI", "PyPI", "npm", "PyPI"],
            "name": ["Demo.Parser", "demo-parser", "left", "demo-parser"],
            "version": ["2.0.4", "1.10", "1.1.0", None],
        }
    )
    found = advisories.findings(components, *(frames[table.name] for table in advisories.READER.tables))
    assert found.rows() == [
        ("PyPI", "demo-parser", None, "DEMO-2026-1", "cannot tell", [], None, "the version is not known"),
        ("PyPI", "demo-parser", "2.0.4", "DEMO-2026-1", "affected", ["ranges"], "2.1", None),
    ]


# --- hostile -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("a.yaml", "id: A\n\n\t- broken: [", 3, "not valid YAML"),
        ("a.yaml", "id: A\nmodified: " + "[" * 5_000, 2, "nested deeper"),
        ("a.yaml", "id: !!python/object/apply:os.system [ls]", 1, "Python object"),
        ("a.yaml", "id: A\nid: B", 2, "twice"),
        ("a.json", '{"id": "A", "modified": NaN}', None, "NaN"),
        ("a.json", "[" * 200_000, None, "nested too deep"),
        ("a.json", '{"id": "A",\n"modified": ', 2, "not valid JSON"),
        ("a.json", '{"id": "\\ud800", "modified": "2026-01-01"}', None, "surrogate"),
        ("a.json", '{"modified": "2026-01-01"}', 1, "no id"),
        ("a.json", '{"id": "A", "modified": "soon"}', 1, "not a time"),
        ("a.json", '{"id": "A", "modified": "2026-01-01", "affected": [{"versions": "1.0"}]}', 1, "not a list"),
        ("a.json", '{"id": ' + "9" * 1_000 + ', "modified": "2026-01-01"}', 1, "too long"),
        ("a.json", '["x"]', 1, "not a mapping"),
    ],
)
def test_a_broken_file_is_a_problem_beside_others_and_refused_alone(
    folder: Path, name: str, text: str, line: int | None, reason: str
) -> None:
    (folder / name).write_text(text)
    frames, batch = _read(folder)
    assert frames["advisories"].height == 2
    [problem] = batch.problems
    assert (problem.origin, problem.line) == (name, line)
    assert reason in problem.reason
    if name.endswith("json"):
        with pytest.raises(Refused, match=reason):
            list(advisories.read(folder / name).parts)


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [" + ",".join("x" * 10) + "]"]
    lines += [f"a{depth}: &a{depth} [" + ",".join([f"*a{depth - 1}"] * 10) + "]" for depth in range(1, 12)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    with pytest.raises(Refused, match="unfolds"):
        list(advisories.read(tmp_path / "bomb.yaml").parts)


def test_text_in_gb18030_is_read_and_what_is_no_text_is_a_problem(folder: Path) -> None:
    (folder / "chinese.yaml").write_bytes(FIRST.replace("DEMO-2026-1", "示例-1").encode("gb18030"))
    (folder / "picture.json").write_bytes(b"\x89PNG\x00\x01")
    frames, batch = _read(folder)
    assert "示例-1" in frames["advisories"]["advisory"].to_list()
    assert [problem.origin for problem in batch.problems] == ["picture.json"]


def test_a_member_outside_the_archive_and_a_zip_bomb_are_refused(tmp_path: Path) -> None:
    for name, member, data in (
        ("out.zip", "../a.json", b"{}"),
        ("bomb.zip", "a.json", b" " * 30_000_000),
    ):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member, data)
        with pytest.raises(Refused):
            list(advisories.read(tmp_path / name).parts)
    (tmp_path / "cut.zip").write_bytes((tmp_path / "bomb.zip").read_bytes()[:5_000])
    with pytest.raises(Refused, match="not a readable zip"):
        list(advisories.read(tmp_path / "cut.zip").parts)


def test_what_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        list(advisories.read(tmp_path / "nothing").parts)
    with pytest.raises(Refused, match="holds no advisory"):
        list(advisories.read(tmp_path).parts)


def test_the_same_advisory_twice_is_said(folder: Path) -> None:
    shutil.copy(folder / "second.json", folder / "third.json")
    frames, batch = _read(folder)
    assert frames["advisories"].height == 2
    assert "was read already, from second.json:1" in batch.problems[0].reason


def test_odd_events_and_vectors_are_problems(folder: Path) -> None:
    odd = {
        "id": "DEMO-2026-3",
        "modified": "2026-03-01T00:00:00Z",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:?"}],
        "affected": [
            {
                "package": {"name": "x", "ecosystem": "npm"},
                "ranges": [
                    {"type": "SEMVER", "events": [{"fixed": "1.0.0"}]},
                    {"type": "SEMVER", "events": [{"introduced": "0", "fixed": "1.0.0"}]},
                    {"type": "ODD", "events": []},
                ],
            }
        ],
    }
    (folder / "odd.json").write_text(json.dumps(odd))
    _, batch = _read(folder)
    reasons = " | ".join(problem.reason for problem in batch.problems)
    for part in ("not where it begins", "or several", "unknown type 'ODD'", "not a CVSS_V3 vector"):
        assert part in reasons


# --- real data -----------------------------------------------------------------------------------------------------


def test_the_published_advisories_are_all_read(shared_data: Path) -> None:
    frames, batch = _read(shared_data / "01_osv_advisories/pypa")
    assert batch.problems == []
    assert frames["advisories"].height == 322
    assert frames["advisories"]["withdrawn"].is_not_null().sum() == 2
    assert frames["advisories"]["severity_score"].is_not_null().sum() == 17
    expected = json.loads((shared_data / "01_osv_advisories/expected_affected_versions.json").read_text())["advisories"]
    listed = {row["advisory"]: row["versions"] for row in frames["advisory_versions"].iter_rows(named=True)}
    for entry in expected:
        if entry["status"] != "withdrawn":
            assert _normal(listed[entry["id"]]) == _normal(entry["published_versions"])
            fixes = frames["advisory_ranges"].filter(pl.col("advisory") == entry["id"], pl.col("kind") != "GIT")
            assert set(fixes["fixed"].drop_nulls()) == set(entry["fixed"])


def _normal(versions: list[str]) -> set[str]:
    """The expected lists are in normal form, without what is no version by PEP 440 (0.1-bulbasaur)."""
    return {str(Version(version)) for version in versions if VERSION.fullmatch(version)}


def test_findings_in_real_lock_files(shared_data: Path) -> None:
    """32, 10 and 0 findings, matched against all advisories at hand, so that a false one would show."""
    folders = ("05_sbom_lockfiles/lock_vulns/advisories", "01_osv_advisories/pypa")
    frames = [_read(shared_data / folder)[0] for folder in folders]
    tables = [
        pl.concat([frame[table.name].drop("origin", "line") for frame in frames]).unique(maintain_order=True)
        for table in advisories.READER.tables
    ]
    expected = json.loads((shared_data / "05_sbom_lockfiles/lock_vulns/_expected_findings.json").read_text())["cases"]
    counts = []
    for case in expected:
        batch = read_dependencies(shared_data / "05_sbom_lockfiles/lock_vulns" / case["file"], None)
        components = _frames(batch)["components"]
        assert components.height == case["pinned"]
        found = advisories.findings(components, *tables)
        said = {(row[1], row[2], row[3], tuple(row[5]), row[6]) for row in found.iter_rows()}
        assert said == {
            (each["package"], each["version"], each["id"], tuple(each["by"]), each["first_fixed_above"])
            for each in case["findings"]
        }
        assert set(found["verdict"]) <= {"affected"}
        counts.append(found.height)
    assert counts == [32, 10, 0]


def test_same_input_same_bytes(folder: Path) -> None:
    one, other = _read(folder), _read(folder)
    assert one[1].source == other[1].source
    assert all(frame.equals(other[0][name]) for name, frame in one[0].items())
    assert date(2026, 1, 30) == one[0]["advisories"]["published"][1].date()


def test_the_page_tells_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs/readers/advisories.md").read_text()
    for table in advisories.READER.tables:
        assert f"### `{table.name}`" in page
        for column in table.columns:
            assert f"| `{column.name}` |" in page
            assert column.help in page
