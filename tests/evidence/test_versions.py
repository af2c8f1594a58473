"""Versions against advisories' ranges: published orders, published affected versions, and what cannot be told."""

import json
from functools import cmp_to_key
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Packaging
from semver import Version as Semver

from quarterdeck.evidence.versions import (
    Distance,
    Range,
    Verdict,
    compare,
    distance,
    match,
    package_name,
    parse,
)

ORDERS = {
    "conan_version_cmp": "ConanCenter",
    "maven_version_cmp": "Maven",
    "nuget_version_cmp": "NuGet",
    "deb_version_python_pkg_test": "Debian:12",
}


@pytest.mark.parametrize("name", ORDERS)
def test_order_of_versions_is_the_published_one(shared_data: Path, name: str) -> None:
    cases = json.loads((shared_data / "05_sbom_lockfiles/version_compare" / f"{name}.json").read_text())
    wrong = []
    for case in cases:
        versions, expected = case["input"]["versions"], case["expected_output"]
        if case["test_type"] == "equality":
            right = (compare(ORDERS[name], *versions) == 0) is expected
        else:  # NuGet's expected output is written in lower case: the order is compared, not the spelling
            orders = [compare(ORDERS[name], one, other) for one, other in pairwise(expected)]
            same = sorted(map(str.lower, versions)) == sorted(map(str.lower, expected))
            right = same and all(order in (-1, 0) for order in orders)
        if not right:
            wrong.append(versions)
    assert not wrong
    assert len(cases) >= 16


def test_containment_is_the_published_one(shared_data: Path) -> None:
    """A vers range turned into ours: an interval a pair of comparators, a listed version an exact one."""
    path = shared_data / "05_sbom_lockfiles/version_compare/pypi_range_containment.json"
    cases = json.loads(path.read_text())
    for case in cases:
        text = case["input"]["vers"].removeprefix("vers:pypi/")
        found = any(_satisfies(case["input"]["version"], part) for part in _pairs(text.split("|")))
        assert found is case["expected_output"], case
    assert len(cases) > 3


def _pairs(parts: list[str]) -> list[list[str]]:
    pairs: list[list[str]] = []
    for part in parts:
        opened = pairs and pairs[-1][-1].startswith(">") and len(pairs[-1]) == 1
        if part.startswith("<") and opened:
            pairs[-1].append(part)
        else:
            pairs.append([part])
    return pairs


def _satisfies(version: str, comparators: list[str]) -> bool:
    signs = {">=": (0, 1), "<=": (-1, 0), "!=": (-1, 1), ">": (1,), "<": (-1,), "": (0,)}
    for text in comparators:
        sign = next(each for each in signs if text.startswith(each))
        if compare("PyPI", version, text.removeprefix(sign)) not in signs[sign]:
            return False
    return True


RANGES = {  # published translations of tools' own ranges: their versions stand in order
    "conan_gitlab_range_from_native": "ConanCenter",
    "conan_range_from_native": "ConanCenter",
    "conan_range_from_native_basic": "ConanCenter",
    "npm_gitlab_range_from_native": "npm",
    "npm_range_from_native": "npm",
    "nuget_range_from_native": "NuGet",
    "pypi_gitlab_range_from_native": "PyPI",
    "pypi_range_roundtrip": "PyPI",
}


@pytest.mark.parametrize("name", RANGES)
def test_versions_of_published_ranges_stand_in_our_order(shared_data: Path, name: str) -> None:
    """We read no tool's native ranges; the versions inside the published ones are in ascending order by ours."""
    cases = json.loads((shared_data / "05_sbom_lockfiles/version_compare" / f"{name}.json").read_text())
    wrong, pairs_ = [], 0
    for case in cases:
        versions = _versions(case["expected_output"])
        for one, other in pairwise(versions):
            pairs_ += 1
            if compare(RANGES[name], one, other) not in (-1, 0):
                wrong.append((one, other))
    assert not wrong
    assert pairs_ >= len(cases) / 10


def test_sorting_the_published_ranges_gives_the_published_order(shared_data: Path) -> None:
    cases = json.loads((shared_data / "05_sbom_lockfiles/version_compare/pypi_range_roundtrip.json").read_text())
    by_order = cmp_to_key(lambda one, other: compare("PyPI", _bare(one), _bare(other)) or 0)
    for case in cases:
        parts = case["input"]["vers"].partition("/")[2].split("|")
        assert sorted(parts, key=by_order) == case["expected_output"].partition("/")[2].split("|")
    assert len(cases) == 19


def _versions(text: str) -> list[str]:
    found = [_bare(part) for part in text.partition("/")[2].split("|")]
    return [] if found == ["*"] else found


def _bare(part: str) -> str:
    return part.lstrip("<>=!")


# --- the published affected versions of 322 advisories -------------------------------------------------------------


def _advisories(shared_data: Path) -> list[dict]:
    return json.loads((shared_data / "01_osv_advisories/expected_affected_versions.json").read_text())["advisories"]


def _ranges(shared_data: Path, entry: dict) -> list[Range]:
    """Straight from the file, by another YAML parser and another pairing than the reader's."""
    path = shared_data / "01_osv_advisories/pypa" / entry["package"] / f"{entry['id']}.yaml"
    ranges = []
    for affected in yaml.safe_load(path.read_text())["affected"]:
        for part in affected["ranges"]:
            start = None
            for event in part["events"]:
                if "introduced" in event:
                    start = event["introduced"]
                else:
                    ranges.append(Range(part["type"], start, event.get("fixed"), event.get("last_affected")))
                    start = None
            if start is not None:
                ranges.append(Range(part["type"], start))
    return ranges


def _by_ranges(shared_data: Path, entry: dict) -> tuple[set[str], set[str]]:
    """Versions that the ranges alone affect and that are not published as affected, and the reverse."""
    lists = json.loads((shared_data / "01_osv_advisories/pypi_release_lists.json").read_text())
    published = set(entry["published_versions"])
    ranges = _ranges(shared_data, entry)
    affected = {
        version
        for version in published | set(lists[entry["package"]])
        if match("PyPI", version, ranges).verdict is Verdict.AFFECTED
    }
    return affected - published, published - affected


def test_ranges_alone_give_the_published_lists(shared_data: Path) -> None:
    seen = {"agree": 0, "ranges_superset": 0}
    for entry in _advisories(shared_data):
        if entry["status"] in seen:
            seen[entry["status"]] += 1
            more, less = _by_ranges(shared_data, entry)
            assert (more, less) == (set(entry["ranges_minus_published"]), set()), entry["id"]
    assert seen == {"agree": 305, "ranges_superset": 14}


@pytest.mark.xfail(
    strict=True,
    reason="PYSEC-2023-61 contradicts itself: it lists 3.2a1, 3.2b1, 3.2rc1, 4.2a1, 4.2b1, 4.2rc1, while its "
    "ranges begin at 3.2 and 4.2, and by PEP 440 a pre-release comes before its release (3.2rc1 < 3.2)",
)
def test_ranges_alone_give_the_published_list_of_pysec_2023_61(shared_data: Path) -> None:
    entry = next(each for each in _advisories(shared_data) if each["status"] == "disagree")
    assert _by_ranges(shared_data, entry) == (set(), set())


def test_the_lists_of_pysec_2023_61_still_affect_its_pre_releases(shared_data: Path) -> None:
    entry = next(each for each in _advisories(shared_data) if each["status"] == "disagree")
    assert entry["id"] == "PYSEC-2023-61"
    assert Packaging("3.2rc1") < Packaging("3.2")
    more, less = _by_ranges(shared_data, entry)
    assert (sorted(more), sorted(less)) == ([], sorted(entry["published_minus_ranges"]))
    for version in less:
        found = match("PyPI", version, _ranges(shared_data, entry), entry["published_versions"])
        assert found.verdict is Verdict.AFFECTED
        assert found.by == ("versions",)


# --- rules ---------------------------------------------------------------------------------------------------------


def test_a_range_holds_its_start_and_not_its_fix() -> None:
    ranges = [Range("ECOSYSTEM", "1.0", "1.5"), Range("ECOSYSTEM", "2.0", "2.3")]
    verdicts = {version: match("PyPI", version, ranges) for version in ("0.9", "1.0", "1.4.9", "1.5", "2.1", "2.3")}
    assert {version: found.verdict.value for version, found in verdicts.items()} == {
        "0.9": "unaffected",
        "1.0": "affected",
        "1.4.9": "affected",
        "1.5": "unaffected",
        "2.1": "affected",
        "2.3": "unaffected",
    }
    assert [verdicts["1.0"].fixed_in, verdicts["2.1"].fixed_in] == ["1.5", "2.3"]


def test_a_fix_that_another_range_affects_is_no_fix() -> None:
    ranges = [Range("SEMVER", "0", "1.2.0"), Range("SEMVER", "1.2.0", "1.2.4"), Range("SEMVER", "2.0.0", "2.0.1")]
    assert match("npm", "1.1.0", ranges).fixed_in == "1.2.4"


def test_the_last_affected_version_is_affected_and_names_no_fix() -> None:
    ranges = [Range("ECOSYSTEM", "0", None, "2.4")]
    assert match("PyPI", "2.4", ranges).verdict is Verdict.AFFECTED
    assert match("PyPI", "2.4", ranges).fixed_in is None
    assert match("PyPI", "2.5", ranges).verdict is Verdict.UNAFFECTED


@pytest.mark.parametrize(
    ("ecosystem", "version", "ranges", "listed", "reason"),
    [
        ("PyPI", None, [Range("ECOSYSTEM", "0", "2")], [], "not known"),
        ("Hackage", "1.0", [Range("ECOSYSTEM", "0.5", "2")], [], "order of versions in Hackage"),
        ("PyPI", "main", [Range("ECOSYSTEM", "0", "2")], [], "'main' is not a version of PyPI"),
        ("npm", "1.2.3.4", [Range("SEMVER", "0", "2.0.0")], [], "'1.2.3.4' is not a version"),
        ("PyPI", "1.0", [Range("ECOSYSTEM", "0", "tip")], [], "ranges are not versions"),
        ("PyPI", "1.0", [Range("GIT", "0", "4f5e6d")], [], "neither versions nor an ordered range"),
        ("PyPI", "1.0", [], [], "neither versions nor an ordered range"),
        ("PyPI", "9" * 5_000, [Range("ECOSYSTEM", "0", "2")], [], "is not a version of PyPI"),
    ],
)
def test_what_cannot_be_told_is_said(
    ecosystem: str, version: str | None, ranges: list[Range], listed: list[str], reason: str
) -> None:
    found = match(ecosystem, version, ranges, listed)
    assert found.verdict is Verdict.CANNOT_TELL
    assert reason in found.reason


def test_a_listed_version_is_affected_in_an_ecosystem_nobody_understands() -> None:
    assert match("Hackage", "1.0", [], ["1.0"]).by == ("versions",)


def test_another_spelling_of_a_listed_version_is_affected() -> None:
    assert match("PyPI", "3.1", [], ["3.01"]).verdict is Verdict.AFFECTED
    assert match("Go", "v1.2.3", [], ["1.2.3"]).verdict is Verdict.AFFECTED
    assert match("PyPI", "3.2", [], ["3.01"]).verdict is Verdict.UNAFFECTED


def test_a_range_without_bounds_holds_even_what_is_not_understood() -> None:
    assert match("PyPI", "main", [Range("ECOSYSTEM", "0")]).verdict is Verdict.AFFECTED


def test_precedence_is_that_of_the_semantic_versioning_text() -> None:
    """The example of semver.org, section 11."""
    tails = ["-alpha", "-alpha.1", "-alpha.beta", "-beta", "-beta.2", "-beta.11", "-rc.1", ""]
    for one, other in pairwise(f"1.0.0{tail}" for tail in tails):
        assert compare("npm", one, other) == -1
        assert compare("crates.io", other, one) == 1


def test_names_are_compared_as_their_ecosystem_does() -> None:
    assert package_name("PyPI", "Ruamel_YAML.clib") == "ruamel-yaml-clib"
    assert package_name("NuGet", "Newtonsoft.Json") == "newtonsoft.json"
    assert package_name("npm", "JSONStream") == "JSONStream"


@pytest.mark.parametrize(
    ("have", "want", "expected"),
    [
        ("1.2.3", "3.0.1", Distance(2, 0, 0, True)),
        ("1.2.3", "1.4.0", Distance(0, 2, 0, True)),
        ("1.2.3", "1.2.9", Distance(0, 0, 6, True)),
        ("1.2.3rc1", "1.2.3", Distance(0, 0, 0, True)),
        ("1.2.3", "1.2.3", Distance(0, 0, 0, False)),
        ("2.0", "1.9.9", Distance(0, 0, 0, False)),
        ("1.0", "1!0.5", None),
        ("1.0", "main", None),
    ],
)
def test_distance_counts_steps_of_the_first_part_that_differs(have: str, want: str, expected: Distance | None) -> None:
    assert distance("PyPI", have, want) == expected


# --- properties ----------------------------------------------------------------------------------------------------

numbers = st.sampled_from([0, 1, 2, 10])  # few, so that equal ones are met; two digits, so that text order shows
releases = st.builds(
    lambda a, b, c, tail: f"{a}.{b}.{c}{tail}", numbers, numbers, numbers, st.sampled_from(["", "rc1", "a2", ".post1"])
)
semantic = st.builds(
    lambda a, b, c, tail: f"{a}.{b}.{c}{tail}",
    numbers,
    numbers,
    numbers,
    st.sampled_from(["", "-rc.1", "-alpha", "-1", "+b"]),
)


@given(releases, releases, releases)
def test_intervals_agree_with_packaging(version: str, low: str, high: str) -> None:
    expected = Packaging(low) <= Packaging(version) < Packaging(high)
    assert (match("PyPI", version, [Range("ECOSYSTEM", low, high)]).verdict is Verdict.AFFECTED) is expected


@given(semantic, semantic)
def test_order_agrees_with_semver(one: str, other: str) -> None:
    assert compare("npm", one, other) == Semver.parse(one).compare(Semver.parse(other))


@given(releases, st.lists(st.tuples(releases, releases), max_size=4))
def test_a_fix_lies_above_and_is_not_affected(version: str, bounds: list[tuple[str, str]]) -> None:
    ranges = [Range("ECOSYSTEM", low, high) for low, high in bounds]
    found = match("PyPI", version, ranges)
    if found.fixed_in is not None:
        assert compare("PyPI", found.fixed_in, version) == 1
        assert match("PyPI", found.fixed_in, ranges).verdict is not Verdict.AFFECTED


@given(
    st.sampled_from(
        ["PyPI", "npm", "Go", "Maven", "NuGet", "RubyGems", "Packagist", "Debian", "Alpine", "Red Hat", "?"]
    ),
    st.text(max_size=40),
)
def test_no_text_breaks_the_parser(ecosystem: str, text: str) -> None:
    parsed = parse(ecosystem, text)
    assert parsed is None or compare(ecosystem, text, text) in (0, None)
