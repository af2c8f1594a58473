"""The reader of components on folders, archives and what is hostile in them."""

import os
import time
import zipfile
from pathlib import Path

import polars as pl
import pytest
from manifests import BILL, CARGO, NPM, UV, frames, one, write

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.dependencies import read

# --- folders and archives ------------------------------------------------------------------------------------------


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    root = tmp_path / "estate"
    write(root, "shop/.git/HEAD", "ref: refs/heads/main\n")
    write(root, "shop/src/api/uv.lock", UV)
    write(root, "shop/node_modules/left/package-lock.json", NPM)
    write(root, "tool/Cargo.lock", CARGO)
    write(root, "tool/notes.txt", "not==a.manifest")
    write(root, "tool/requirements/dev.txt", "tester==9\n")
    return root


def test_a_folder_gives_every_manifest_under_its_subject(estate: Path) -> None:
    components, _ = frames(read(estate, None))
    assert set(components.select("subject", "manifest", "origin").rows()) == {
        ("shop", "uv.lock", "shop/src/api/uv.lock"),
        ("tool", "Cargo.lock", "tool/Cargo.lock"),
        ("requirements", "requirements.txt", "tool/requirements/dev.txt"),
    }
    assert components.filter(pl.col("name") == "tester")["scope"].to_list() == ["dev", "dev"]


def test_a_zip_gives_the_same_components(estate: Path, tmp_path: Path) -> None:
    packed = tmp_path / "estate.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(estate.rglob("*")):
            if path.is_file() and ".git" not in path.parts:
                archive.write(path, path.relative_to(estate).as_posix())
        archive.writestr("tool/requirements.txt", "-r requirements/dev.txt\n-r other/more.txt\n-r none.txt\n")
        archive.writestr("tool/other/more.txt", "more==1\n")
    batch = read(packed, None)
    ours, theirs = frames(read(estate, None))[0], frames(batch)[0]
    assert set(ours["purl"]) | {"pkg:pypi/more@1"} == set(theirs["purl"])
    said = [(problem.line, problem.reason) for problem in batch.problems if problem.origin == "tool/requirements.txt"]
    assert said == [(3, "the file it includes is not in the archive")]


def test_nothing_new_gives_nothing(estate: Path) -> None:
    first = read(estate, None)
    assert list(read(estate, first.state).parts) == []
    write(estate, "tool/requirements/dev.txt", "tester==10\n")
    assert list(read(estate, first.state).parts) != []


@pytest.mark.parametrize(
    ("include", "reason"),
    [
        ("-r ../../secret.txt", "leaves the folder that is read"),
        ("-r /etc/passwd", "leaves the folder that is read"),
        ("--requirement=https://packages.example.org/r.txt", "stands at an address, and nothing is fetched"),
        ("-r missing.txt", "cannot be opened"),
        ("-r link.txt", "leaves the folder that is read"),
    ],
)
def test_an_include_from_outside_is_a_problem(tmp_path: Path, include: str, reason: str) -> None:
    write(tmp_path, "secret.txt", "secret==1\n")
    write(tmp_path, "a/b/requirements.txt", f"kept==1\n{include}\n")
    (tmp_path / "a" / "b" / "link.txt").symlink_to(tmp_path / "secret.txt")
    batch = read(tmp_path / "a", None)
    assert frames(batch)[0]["name"].to_list() == ["kept"]
    [problem] = batch.problems
    assert (problem.origin, problem.line) == ("b/requirements.txt", 2)
    assert reason in problem.reason


# --- hostile -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("uv.lock", b"version = 1\n[[package]\n", 2, "not valid TOML"),
        ("uv.lock", b"version = " + b"9" * 5_000, None, "not valid TOML"),
        ("uv.lock", b"version = 1\na = " + b"[" * 5_000, None, "nested too deep"),
        ("uv.lock", b"version = 1\n" + b"a." * 20_000 + b"b = 1", 2, "line of more than"),
        ("uv.lock", b'[[package]]\nname = "x"', None, "does not say which version"),
        ("uv.lock", b"version = 1\n[[package]]\nname = 7\nversion = []\n", 2, "is no package"),
        ("Cargo.lock", b'package = "x"', None, "not a list"),
        ("Cargo.lock", b'[[package]]\nname = "a"\nversion = "1"\ndependencies = ["b"]\n', 1, "does not hold"),
        ("Cargo.lock", b'[[package]]\nname = "a"\nversion = "1"\n' * 1_001, None, "more than 1000 times"),
        ("package-lock.json", b"[" * 200_000, None, "nested too deep"),
        ("package-lock.json", b'{"lockfileVersion": 3, "packages": {"a": 1}}', 1, "is no package"),
        ("package-lock.json", b'{"lockfileVersion": 3', 1, "not valid JSON"),
        ("package-lock.json", b'{"name": "x"}', None, "no lockfileVersion"),
        ("bom.json", b'{"bomFormat": "CycloneDX", "specVersion": "2.0"}', None, "specVersion '2.0'"),
        ("bom.json", b'{"spdxVersion": "SPDX-2.3"}', None, "not a CycloneDX"),
        ("go.mod", b"require (\n\ta v1\n", None, "ends inside the block"),
        ("go.mod", b"surprise x\n", 1, "no word that go.mod knows"),
        ("go.sum", b"a b c d\n", 1, "no line of module"),
        ("requirements.txt", b"git+https://u:secret@example.org/x\n", 1, "not a requirement"),
        ("requirements.txt", b"./wheels/x-1.0.whl\n", 1, "not a requirement"),
        ("requirements.txt", b"\x00\x01", 1, "not text"),
        ("go.mod", b'module x\nrequire "a.example" "v1.0.0\n', 2, "not closed"),
        ("go.mod", b"module x\nrequire " + b'"\\' * 300_000 + b"\n", 2, "not closed"),
        ("requirements.txt", b"a" * 5_000 + b"==1\n", 1, "too long"),
    ],
)
def test_a_broken_manifest_is_a_problem_with_its_place(
    estate: Path, name: str, data: bytes, line: int | None, reason: str
) -> None:
    write(estate, f"zz/{name}", data)
    batch = read(estate, None)
    assert "pkg:pypi/tester@9" in frames(batch)[0]["purl"].to_list()
    problems = [problem for problem in batch.problems if problem.origin == f"zz/{name}"]
    assert [(problem.line, reason in problem.reason) for problem in problems] == [(line, True)]
    assert "secret" not in problems[0].reason + problems[0].text


def test_a_note_of_many_brackets_costs_no_more_than_its_length(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "a==1\n    # via " + "(" * 300_000 + "\nb==2\n    # via -r x.in\n")
    began = time.perf_counter()
    assert frames(read(tmp_path, None))[0]["direct"].to_list() == [False, True]
    assert time.perf_counter() - began < 20  # the square of it would be a quarter of an hour


def test_a_deep_bill_and_a_deep_version_1_are_taken_or_said(tmp_path: Path) -> None:
    inner: dict = {"name": "c", "version": "1"}
    for _ in range(300):
        inner = {"name": "c", "version": "1", "components": [inner]}
    rows, _, _ = one(tmp_path, "bom.json", {**BILL, "components": [inner], "dependencies": []})
    assert len(rows) == 1
    deep: dict = {"version": "1"}
    for _ in range(250):
        deep = {"version": "1", "dependencies": {"c": deep}}
    with pytest.raises(Refused, match="nested deeper"):
        one(tmp_path, "package-lock.json", {"lockfileVersion": 1, "dependencies": {"c": deep}})


def test_chinese_in_gb18030_is_read(tmp_path: Path) -> None:
    rows, _, _ = one(tmp_path, "requirements.txt", "web==2.0  # 网站\n".encode("gb18030"))
    assert rows == [("pkg:pypi/web@2.0", "2.0", None, "runtime", False, 1)]


def test_what_cannot_be_taken_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../uv.lock", UV)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("uv.lock", "\n" * 30_000_000)
    (tmp_path / "empty").mkdir()
    write(tmp_path, "strange.bin", b"\x00")
    os.mkfifo(tmp_path / "uv.lock")
    for name in ("out.zip", "bomb.zip", "empty", "strange.bin", "uv.lock", "nothing"):
        with pytest.raises(Refused):
            read(tmp_path / name, None)
