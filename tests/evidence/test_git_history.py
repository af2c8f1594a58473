"""Numbers equal those of git itself, row by row, whatever a repository holds."""

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import History, git, read_log, rebuild
from quarterdeck.evidence.batch import Batch
from quarterdeck.evidence.git import TABLES, read
from quarterdeck.evidence.git.text import path_bytes, path_text, person_text, plain_text

LINES = b"".join(b"line %d of the file\n" % number for number in range(40))
SUBMODULE = b"1" * 40


def tables(batch: Batch) -> dict[str, pl.DataFrame]:
    """All rows of one reading by table, and a check that every frame has the columns declared."""
    gathered: dict[str, list[pl.DataFrame]] = {table.name: [] for table in TABLES}
    for part in batch.parts:
        assert dict(part.frame.schema) == part.table.schema
        gathered[part.table.name].append(part.frame)
    return {table.name: pl.concat([table.frame(), *gathered[table.name]]) for table in TABLES}


def oracle(folder: Path, *which: str) -> list[tuple[str, str, str | None, int | None, int | None]]:
    """What `git log --numstat` prints without -z, in its quoted form: a path other than our own through git."""
    said = git(
        folder, "-c", "core.quotePath=true", "log", "--numstat", "--no-renames", "--format=@%H", *(which or ("--all",))
    )
    rows, commit = [], ""
    for line in said.split(b"\n"):
        if line.startswith(b"@"):
            commit = line[1:].decode()
        elif line:
            added, deleted, path = line.split(b"\t", 2)
            numbers = [None if number == b"-" else int(number) for number in (added, deleted)]
            rows.append((commit, _unquoted(path), None, *numbers))
    return rows


def _unquoted(path: bytes) -> str:
    if not path.startswith(b'"'):
        return path_text(path)
    escapes = {
        b"n": b"\n",
        b"t": b"\t",
        b"r": b"\r",
        b'"': b'"',
        b"\\": b"\\",
        b"a": b"\a",
        b"b": b"\b",
        b"f": b"\f",
        b"v": b"\v",
    }
    inner = re.sub(rb"\\([0-7]{3}|.)", lambda m: escapes.get(m[1]) or bytes([int(m[1], 8)]), path[1:-1])
    return path_text(inner)


def oracle_with_renames(folder: Path) -> list[tuple[str, str, str | None, int | None, int | None]]:
    """What `git log --numstat -z` says with renames, commit by commit, split by a regular expression."""
    rows = []
    for commit in git(folder, "log", "--all", "--format=%H").decode().split():
        said = git(folder, "log", "-1", "-M", "--numstat", "-z", "--format=", commit)
        pattern = rb"(-|\d+)\t(-|\d+)\t(?:([^\0]+)\0|\0([^\0]+)\0([^\0]+)\0)"
        for added, deleted, path, old, new in re.findall(pattern, said):
            numbers = [None if number == b"-" else int(number) for number in (added, deleted)]
            rows.append((commit, path_text(new or path), path_text(old) if old else None, *numbers))
    return rows


def mine(frame: pl.DataFrame) -> list[tuple]:
    return frame.select("commit", "path", "old_path", "added", "deleted").rows()


def everything() -> History:
    """A history with everything that has misled a reader of git before."""
    odd = {
        b"with space.txt": LINES,
        b"with\nnew line.txt": b"a\n",
        b'with "quotes" and \\.txt': b"b\n",
        b'"begins with one': b"q\n",
        b"tab\there.txt": b"c\n",
        b"latin-\xe9.txt": b"d\n",
        "中文/文件.txt".encode(): "一行\n".encode(),
        b"-dash": b"e\n",
        b":colon": b"f\n",
        b"@at": b"g\n",
        b"1\t2\tlooks like numstat": b"h\n",
        b"picture.png": b"\x89PNG\0\0",
        b"no newline": b"one\ntwo",
        b"empty": b"",
    }
    history = History()
    root = history.commit(odd, subject=b"Root", author="Zoë Ünal <zoe@example.invalid>".encode())
    history.commit({}, subject=b"Nothing at all")
    history.commit({}, moves=[(b"with space.txt", b"moved, whole\n.txt")], subject=b"Move", at=1_600_000_000)
    part = history.commit({b"moved, partly": LINES + b"more\n", b"moved, whole\n.txt": None}, at=b"1500000000 +0845")
    history.commit({b"picture.png": b"\x89PNG\0\1", b"no newline": b"one\ntwo\n"}, author=b" <>", at=1)
    history.commit({b"run": ("100755", b"x\n"), b"link": ("120000", b"run"), b"module": ("160000", SUBMODULE)})
    history.commit({b"run": ("100644", b"x\n"), b"link": b"now a file\n", b"module": ("160000", b"2" * 40)})
    side = history.commit(
        {b"side": b"s\n"}, parents=[part], branch="side", subject=b"\xe9t\xe9 in Latin-1", encoding=b"ISO-8859-1"
    )
    other = history.commit({b"other": b"o\n"}, parents=[], branch="other", subject=b"Another root")
    history.commit({b"merged": b"m\n"}, parents=[side - 1, side, other], subject=b"Merge three")
    history.commit({b"module": None, b"empty": None}, subject=b"fix: " + b"long " * 300, at=253_402_300_799)
    history.commit(
        {b"left": b"on a branch\n"}, parents=[root], branch="work/left", author=b"Bj\xf6rn <b@example.invalid>"
    )
    return history


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return everything().write(tmp_path_factory.mktemp("odd") / "odd.git")


def test_every_row_equals_git_log_with_renames(odd: Path) -> None:
    found = tables(read(odd))
    rows = mine(found["commit_files"])
    assert sorted(rows, key=repr) == sorted(oracle_with_renames(odd), key=repr)
    assert {row[2] for row in rows} >= {"with space.txt", "moved, whole\n.txt"}


def test_order_of_commits_is_that_of_git(odd: Path) -> None:
    expected = git(odd, "rev-list", "--all").decode().split()
    found = tables(read(odd))
    assert sorted(found["commits"]["commit"]) == sorted(expected)
    files = found["commit_files"]["commit"].unique(maintain_order=True).to_list()
    order = {commit: place for place, commit in enumerate(found["commits"]["commit"])}
    assert files == sorted(files, key=order.__getitem__)


def test_commits_equal_what_git_says_of_each(odd: Path) -> None:
    found = {row["commit"]: row for row in tables(read(odd))["commits"].iter_rows(named=True)}
    for commit, row in found.items():
        said = git(
            odd, "log", "-1", "--encoding=UTF-8", "--format=%P%x00%aN <%aE>%x00%at%x00%cN <%cE>%x00%ct%x00%s", commit
        )
        parents, author, authored, committer, committed, subject = said.rstrip(b"\n").split(b"\0")
        assert row["parents"] == parents.decode().split()
        assert row["is_merge"] == (len(row["parents"]) > 1)
        assert row["author"] == person_text(author)
        assert row["committer"] == person_text(committer)
        assert row["authored_at"] == datetime.fromtimestamp(int(authored), UTC)
        assert row["committed_at"] == datetime.fromtimestamp(int(committed), UTC)
        assert row["subject"] == plain_text(subject)[:500]
    assert {"été in Latin-1", "Nothing at all"} <= {row["subject"] for row in found.values()}
    assert "Björn <b@example.invalid>" in {row["author"] for row in found.values()}


def test_totals_of_a_commit_are_those_of_its_files(odd: Path) -> None:
    found = tables(read(odd))
    sums = (
        found["commit_files"]
        .group_by("commit")
        .agg(pl.len().cast(pl.Int64).alias("files"), pl.col("added", "deleted").sum())
    )
    single = found["commits"].filter(~pl.col("is_merge")).select("commit", "files", "added", "deleted")
    joined = single.join(sums, on="commit", how="left").fill_null(0)
    for name in ("files", "added", "deleted"):
        assert joined[name].to_list() == joined[f"{name}_right"].to_list()
    merges = found["commits"].filter("is_merge")
    assert merges.height == 1
    assert merges.select("files", "added", "deleted").row(0) == (None, None, None)


def test_changes_and_kinds(odd: Path) -> None:
    files = tables(read(odd))["commit_files"]
    assert set(files["change"]) == {"added", "modified", "deleted", "renamed", "retyped"}
    module = files.filter(pl.col("path") == "module")
    assert set(module["kind"]) == {"submodule"}
    assert sorted(module.select("change", "added", "deleted").rows()) == [
        ("added", 1, 0), ("deleted", 0, 1), ("modified", 1, 1)
    ]  # fmt: skip
    assert set(files.filter(pl.col("change") == "renamed")["similarity"]) >= {100}
    assert files.filter(pl.col("path") == "picture.png").select("added", "deleted").unique().rows() == [(None, None)]


def test_mailmap_of_the_head_names_people(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1\n"}, author=b"ada <ada@old.invalid>")
    history.commit({b"a": b"2\n"}, author=b"Ada L. <ada@home.invalid>")
    mailmap = (
        b"Ada Lovelace <ada@new.invalid> <ada@old.invalid>\nAda Lovelace <ada@new.invalid> Ada L. <ada@home.invalid>\n"
    )
    history.commit({b".mailmap": mailmap}, author=b"Ada Lovelace <ada@new.invalid>")
    history.tag("v1", 1, b"First\n", b"ada <ada@old.invalid>", 1_700_000_001)
    found = tables(read(history.write(tmp_path / "people.git")))
    assert set(found["commits"]["author"]) == set(found["commits"]["committer"]) == {"Ada Lovelace <ada@new.invalid>"}
    assert found["tags"]["tagger"].to_list() == ["Ada Lovelace <ada@new.invalid>"]


def test_settings_of_the_repository_do_not_change_a_number(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a.txt": LINES, b"b.bin": b"text\n", b".gitattributes": b"*.txt binary\n*.bin diff=x\n"})
    history.commit({b"c.txt": LINES + b"z\n", b"a.txt": None})
    folder = history.write(tmp_path / "set.git")
    expected = mine(tables(read(folder))["commit_files"])
    assert (expected[0][1:], expected[-1][1:]) == (("c.txt", "a.txt", 1, 0), ("b.bin", None, 1, 0))
    for setting in (
        *("diff.renames=false", "diff.algorithm=patience", "diff.renameLimit=1", "diff.noprefix=true"),
        *("log.showRoot=false", "log.diffMerges=on", "log.mailmap=false", "format.pretty=oneline"),
    ):
        git(folder, "config", *setting.split("="))
    (folder / "info" / "attributes").write_text("* binary\n")
    assert mine(tables(read(folder))["commit_files"]) == expected


def test_replacements_and_grafts_are_not_followed(tmp_path: Path) -> None:
    history = History()
    for number in range(4):
        history.commit({b"a": b"%d\n" % number}, subject=b"Number %d" % number)
    folder = history.write(tmp_path / "graft.git")
    expected = tables(read(folder))["commits"]
    names = git(folder, "rev-list", "main").decode().split()
    git(folder, "replace", names[0], names[2])
    (folder / "info" / "grafts").write_text(f"{names[1]}\n")
    assert int(git(folder, "rev-list", "--count", "main")) < 4
    assert tables(read(folder))["commits"].equals(expected)


def test_a_sha256_repository(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": LINES})
    history.commit({}, moves=[(b"a", b"b")])
    folder = history.write(tmp_path / "long.git", object_format="sha256")
    found = tables(read(folder))
    assert found["repositories"]["object_format"].to_list() == ["sha256"]
    assert mine(found["commit_files"]) == oracle_with_renames(folder)
    assert {len(name) for name in found["commits"]["commit"]} == {64}


def test_an_empty_repository(tmp_path: Path) -> None:
    batch = read(History().write(tmp_path / "empty"))
    found = tables(batch)
    assert found["repositories"].select("commits", "head", "files").rows() == [(0, None, 0)]
    assert all(found[name].is_empty() for name in ("commits", "commit_files", "tags", "tree_files"))
    assert batch.problems == []


def test_renames_that_git_does_not_look_for_are_told(tmp_path: Path) -> None:
    body = [b"%d\n" % number * 3 for number in range(1100)]
    history = History()
    history.commit({b"old/%d" % number: b"%d\n" % number + LINES for number in range(1100)})
    history.commit(
        {b"old/%d" % number: None for number in range(1100)}
        | {b"new/n%d" % number: b"%d\n" % number + LINES + text for number, text in enumerate(body)}
    )
    folder = history.write(tmp_path / "many.git")
    batch = read(folder)
    assert set(tables(batch)["commit_files"]["change"]) == {"added", "deleted"}
    assert ["too many to look for renames" in problem.reason for problem in batch.problems] == [True]


def test_unreadable_times_are_told(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1\n"}, at=b"99999999999999 +0000")
    batch = read(history.write(tmp_path / "time.git"))
    assert tables(batch)["commits"].select("authored_at", "committed_at").row(0) == (None, None)
    assert [problem.reason.split(" ", 2)[2] for problem in batch.problems] == [
        "has no readable author time",
        "has no readable commit time",
    ]


def test_the_same_repository_gives_the_same_rows(odd: Path) -> None:
    first, second = (tables(read(odd)) for _ in range(2))
    assert all(first[name].equals(second[name]) for name in first)


def test_many_chunks_and_parts_are_one_history(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tables(read(odd))
    monkeypatch.setattr("quarterdeck.evidence.git.history.SMALLEST", 1)
    monkeypatch.setattr("quarterdeck.evidence.git.history.LARGEST", 2)
    monkeypatch.setattr("quarterdeck.evidence.git.rows.MOST_ROWS", 3)
    monkeypatch.setattr("quarterdeck.evidence.git.parsing.MEBIBYTE", 7)
    batch = read(odd)
    parts = list(batch.parts)
    assert sum(part.table.name == "commits" for part in parts) > 4
    batch.parts = parts
    assert all(whole[name].equals(frame) for name, frame in tables(batch).items())


def test_a_published_log_is_rebuilt_and_read_row_by_row(shared_data: Path, tmp_path: Path) -> None:
    log = shared_data / "15_truck_factor" / "commit_logs" / "flask_2021-11-24_2023-05-24.csv"
    folder = rebuild(log, tmp_path / "flask.git")
    found = tables(read(folder))
    commits = found["commits"].filter(~pl.col("author").str.starts_with("Before the log"))
    assert commits.height == 323
    assert commits["author"].n_unique() == 77
    logged = {(row.commit, row.path, row.added, row.deleted) for row in read_log(log)}
    names = dict(found["commits"].select("commit", pl.col("subject").str.strip_prefix("Change ")).rows())
    rows = found["commit_files"].filter(pl.col("commit").is_in(commits["commit"].implode()))
    assert {(names[row[0]], row[1], row[3], row[4]) for row in mine(rows)} == logged
    assert rows.height == len(logged) == 956
    assert rows["old_path"].null_count() == rows.height
    assert git(folder, "rev-parse", "main").decode().strip() == found["repositories"]["head"][0]


def test_a_rebuilt_log_is_the_same_everywhere(shared_data: Path, tmp_path: Path) -> None:
    log = shared_data / "15_truck_factor" / "commit_logs" / "flask_2021-11-24_2023-05-24.csv"
    heads = {git(rebuild(log, tmp_path / name), "rev-parse", "main") for name in ("one", "two")}
    assert len(heads) == 1


_NAMES = st.binary(min_size=1, max_size=8).filter(
    lambda name: not set(name) & {0, 47} and name not in (b".", b"..") and name.lower() != b".git"
)
_BODIES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\0", b"d"]), max_size=30).map(b"".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commits=st.lists(st.dictionaries(_NAMES, st.none() | _BODIES, max_size=6), min_size=1, max_size=8))
def test_any_history_equals_git_log(commits: list[dict], tmp_path_factory: pytest.TempPathFactory) -> None:
    history = History()
    for changes in commits:
        history.commit(changes)
    folder = history.write(tmp_path_factory.mktemp("any") / "any.git")
    found = tables(read(folder))
    assert sorted(mine(found["commit_files"]), key=repr) == sorted(oracle_with_renames(folder), key=repr)
    assert found["commits"].height == int(git(folder, "rev-list", "--count", "main"))


@given(st.binary(max_size=20))
def test_paths_as_text_can_be_turned_back(path: bytes) -> None:
    assert path_bytes(path_text(path)) == path
    path_text(path).encode()


def test_quoted_output_of_git_agrees_where_nothing_was_renamed(odd: Path, tmp_path: Path) -> None:
    found = tables(read(odd))["commit_files"]
    renamed = set(found.filter(pl.col("change") == "renamed")["commit"])
    mine_ = {row for row in mine(found) if row[0] not in renamed}
    assert mine_ == {row for row in oracle(odd) if row[0] not in renamed}
