"""What stands at the head of a repository: its files, tags, default branch, and the contents other readers take."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from histories import History, git
from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.git import TABLES, pack_files, read, repository_files
from quarterdeck.evidence.git.classification import ROLES, language, role


def frames(folder: Path) -> dict:
    return {part.table.name: part.frame for part in read(folder).parts}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("CODEOWNERS", "code_owners"),
        (".github/CODEOWNERS", "code_owners"),
        ("src/CODEOWNERS", "other"),
        ("SECURITY.md", "security_policy"),
        (".github/SECURITY.md", "security_policy"),
        ("SECURITY-INSIGHTS.yml", "security_policy"),
        ("web/.well-known/security.txt", "security_policy"),
        ("src/security.py", "source"),
        (".mailmap", "mailmap"),
        ("catalog-info.yaml", "catalogue"),
        ("uv.lock", "lock"),
        ("web/package-lock.json", "lock"),
        ("go.sum", "lock"),
        ("go.mod", "manifest"),
        ("requirements/test.txt", "other"),
        ("requirements-dev.txt", "manifest"),
        ("src/App.csproj", "manifest"),
        ("Cargo.toml", "manifest"),
        ("LICENSE", "licence"),
        ("LICENSE-APACHE.txt", "licence"),
        ("Dockerfile", "build"),
        ("api.Dockerfile", "build"),
        (".github/workflows/test.yml", "build"),
        ("Makefile", "build"),
        ("tests/data/README.md", "test"),
        ("pkg/server_test.go", "test"),
        ("src/app.spec.ts", "test"),
        ("src/FooTest.java", "test"),
        ("src/latest.py", "source"),
        ("docs/conf.py", "documentation"),
        ("README", "documentation"),
        ("src/main.rs", "source"),
        ("data.bin", "other"),
        ("c", "other"),
    ],
)
def test_roles(path: str, expected: str) -> None:
    assert role(path) == expected
    assert expected in ROLES


def test_languages() -> None:
    assert [language(path) for path in ("a/b.PY", "x.tsx", "h", ".c", "a.b/c", "x.h")] == [
        "Python", "TypeScript", None, None, None, "C"
    ]  # fmt: skip


def test_tree_files_equal_ls_tree(tmp_path: Path) -> None:
    history = History()
    history.commit(
        {
            b"CODEOWNERS": b"* @team\n",
            b"src/main.py": b"print()\n",
            b"run.sh": ("100755", b"#!/bin/sh\n"),
            b"link": ("120000", b"run.sh"),
            b"module": ("160000", b"1" * 40),
            b"caf\xe9": b"",
        }
    )
    folder = history.write(tmp_path / "tree.git")
    rows = frames(folder)["tree_files"].select("path", "kind", "size", "role", "language").rows()
    assert rows == [
        ("CODEOWNERS", "file", 8, "code_owners", None),
        ('"caf\\351"', "file", 0, "other", None),
        ("link", "link", 6, "other", None),
        ("module", "submodule", None, "other", None),
        ("run.sh", "executable", 10, "source", "Shell"),
        ("src/main.py", "file", 8, "source", "Python"),
    ]
    blob = frames(folder)["tree_files"]["blob"][0]
    assert git(folder, "cat-file", "blob", blob) == b"* @team\n"
    assert frames(folder)["repositories"]["files"].to_list() == [5]


def test_tags(tmp_path: Path) -> None:
    history = History()
    first = history.commit({b"a": b"1\n"}, at=1_000_000_000)
    history.commit({b"a": b"2\n"}, at=1_100_000_000)
    history.tag("v1.0", first, b"First release\n\nWith a body\n", b"Ada <ada@example.invalid>", 1_050_000_000)
    folder = history.write(tmp_path / "tags.git")
    git(folder, "tag", "light", "main")
    git(folder, "tag", "-a", "nested", "-m", "Tag of a tag", "v1.0")
    git(folder, "tag", "contents", "main:a")
    batch = read(folder)
    found = next(part.frame for part in list(batch.parts) if part.table.name == "tags")
    names = git(folder, "rev-list", "main").decode().split()
    rows = {row["tag"]: row for row in found.iter_rows(named=True)}
    assert set(rows) == {"v1.0", "light", "nested"}
    assert [rows[tag]["commit"] for tag in ("v1.0", "light", "nested")] == [names[1], names[0], names[1]]
    assert rows["v1.0"]["tagged_at"] == datetime.fromtimestamp(1_050_000_000, UTC)
    assert rows["light"]["tagged_at"] == datetime.fromtimestamp(1_100_000_000, UTC)
    assert [rows[tag]["tagger"] for tag in ("v1.0", "light")] == ["Ada <ada@example.invalid>", None]
    assert [rows[tag]["subject"] for tag in ("v1.0", "light")] == ["First release", None]
    assert [problem.reason for problem in batch.problems] == ["tag contents leads to no commit"]


def test_the_default_branch_is_what_the_origin_calls_so(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1\n"}, at=1_000_000_000)
    history.commit({b"a": b"2\n"}, at=1_200_000_000)
    history.commit({b"a": b"3\n"}, at=1_100_000_000)
    origin = history.write(tmp_path / "origin.git")
    git(tmp_path, "clone", "-q", str(origin), "work")
    work = tmp_path / "work"
    git(work, "checkout", "-q", "-b", "mine", "main~1")
    git(work, "branch", "-q", "-D", "main")
    row = frames(work)["repositories"].row(0, named=True)
    assert (row["repository"], row["branch"], row["commits"], row["branches"]) == ("work", "main", 3, 2)
    assert row["head"] == git(origin, "rev-parse", "main").decode().strip()
    assert row["remote"] == str(origin)
    assert row["first_at"] == datetime.fromtimestamp(1_000_000_000, UTC)
    assert row["last_at"] == datetime.fromtimestamp(1_200_000_000, UTC)
    assert "diff.renameLimit=1000" in row["counted_by"]


def test_times_beyond_what_git_indexes(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1\n"}, at=1_000_000_000)
    history.commit({b"a": b"2\n"}, at=32_503_680_000)
    history.commit({b"a": b"3\n"}, at=1_100_000_000)
    folder = history.write(tmp_path / "late.git")
    batch = read(folder)
    for _ in range(2):
        found = {part.table.name: part.frame for part in batch.parts}
        span = found["repositories"].select("first_at", "last_at").row(0)
        assert span == tuple(datetime.fromtimestamp(at, UTC) for at in (1_000_000_000, 32_503_680_000))
        batch = read(folder, batch.state)


def test_a_head_that_names_no_branch_is_told(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1\n"}, branch="one")
    history.commit({b"a": b"2\n"}, branch="two")
    folder = history.write(tmp_path / "lost.git")
    batch = read(folder)
    found = {part.table.name: part.frame for part in batch.parts}
    assert found["repositories"]["head"].to_list() == [None]
    assert found["side_commits"].height == found["commits"].height == 2
    assert [problem.reason for problem in batch.problems] == [
        "has no default branch: its HEAD names one that does not exist"
    ]


FIXES = {
    b"fix: crash at start": True,
    b"Fixes #12": True,
    b"fixed a typo": True,
    b"Bugfix in parser": True,
    b"hot-fix for the outage": True,
    b"Remove defect in pump": True,
    "修复登录失败".encode(): True,
    b"Add prefix and suffix": False,
    b"Debug logging": False,
    b'Revert "fix: crash at start"': False,
    b"Add a fixture": False,
    b"Patch release 1.2.3": False,
}


def test_fixes_by_the_documented_rule(tmp_path: Path) -> None:
    history = History()
    for number, subject in enumerate(FIXES):
        history.commit({b"a": b"%d\n" % number}, subject=subject)
    history.commit({}, subject=b"Merge branch 'fix/crash'", parents=[history.count, 1])
    commits = frames(history.write(tmp_path / "fix.git"))["commits"]
    found = dict(commits.select("subject", "is_fix").rows())
    assert found == {subject.decode(): verdict for subject, verdict in FIXES.items()} | {
        "Merge branch 'fix/crash'": False
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    history = History()
    history.commit(
        {
            b"uv.lock": b"version = 1\n",
            b"web/package-lock.json": b"{}\n",
            b"requirements/Requirements-Dev.TXT": b"ruff\n",
            b"go.mod": b"module x\n",
            b"big/go.sum": b"x" * 2_000_000,
            b"CODEOWNERS": ("120000", b"/etc/passwd"),
            b".github/CODEOWNERS": b"* @a\n",
            b"src/main.py": b"",
        }
    )
    return history.write(tmp_path / "project.git")


def test_contents_of_manifests(project: Path) -> None:
    problems: list[Problem] = []
    found = {file.origin: file.data for file in repository_files(project, largest=1_000_000, problems=problems)}
    assert found == {
        ".github/CODEOWNERS": b"* @a\n",
        "go.mod": b"module x\n",
        "requirements/Requirements-Dev.TXT": b"ruff\n",
        "uv.lock": b"version = 1\n",
        "web/package-lock.json": b"{}\n",
    }
    assert [problem.origin for problem in problems] == ["big/go.sum"]
    assert list(repository_files(project, ["nothing"])) == []


def test_an_archive_of_manifests_is_read_like_a_folder(project: Path, tmp_path: Path) -> None:
    places = [tmp_path / "one.zip", tmp_path / "two.zip"]
    assert [pack_files(project, place) for place in places] == [6, 6]
    assert places[0].read_bytes() == places[1].read_bytes()
    found = [file.origin for file in hostile.files(places[0], (".lock", ".json", "go.mod"))]
    assert found == ["go.mod", "uv.lock", "web/package-lock.json"]


def test_a_path_that_leaves_the_repository_is_not_packed(tmp_path: Path) -> None:
    folder = tmp_path / "up.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", folder.name)
    blob = git(folder, "hash-object", "-w", "--stdin", given=b"version = 1\n").strip()
    inner = git(folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin",
                given=b"100644 uv.lock\0" + bytes.fromhex(blob.decode())).strip()  # fmt: skip
    outer = git(folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin",
                given=b"40000 ..\0" + bytes.fromhex(inner.decode())).strip()  # fmt: skip
    commit = git(folder, "commit-tree", outer.decode(), "-m", "Up").decode().strip()
    git(folder, "update-ref", "refs/heads/main", commit)
    problems: list[Problem] = []
    assert pack_files(folder, tmp_path / "up.zip", problems=problems) == 0
    assert zipfile.ZipFile(tmp_path / "up.zip").namelist() == []
    assert [problem.origin for problem in problems] == ["../uv.lock"]


def test_the_page_tells_every_role_and_column_as_declared() -> None:
    page = (Path(__file__).parents[2] / "docs" / "readers" / "git.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` | {meaning} |" in page for name, meaning in ROLES.items())
    assert all(f"| {column.help}" in page for table in TABLES for column in table.columns)
