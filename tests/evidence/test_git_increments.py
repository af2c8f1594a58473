"""Reading again gives what is new, by commits: nothing twice, nothing lost, whatever was rewritten in between."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import History, git
from quarterdeck.evidence.batch import Refused, State
from quarterdeck.evidence.git import read

MAILMAP = b"Ada New <new@example.invalid> <ada@example.invalid>\n"


class Lake:
    """Keeps rows as a lake does: append tables grow, unless all is read afresh; other tables are replaced."""

    def __init__(self, scratch: Path | None) -> None:
        self.scratch, self.state = scratch, None
        self.commits: list[str] = []
        self.side: dict[str, str] = {}
        self.afresh = self.new = 0

    def collect(self, folder: Path) -> State:
        batch = read(folder, self.state, scratch=self.scratch, name="it")
        frames = [(part.table.name, part.frame) for part in batch.parts]
        new = [commit for name, frame in frames if name == "commits" for commit in frame["commit"]]
        self.afresh, self.new = batch.afresh, len(new)
        self.commits = new if batch.afresh else self.commits + new
        side = pl.concat([frame for name, frame in frames if name == "side_commits"])
        self.side = dict(side.select("commit", "reason").rows())
        self.state = dict(batch.state)
        return self.state

    @property
    def main(self) -> set[str]:
        return set(self.commits) - set(self.side)


@pytest.fixture(params=["kept", "temporary"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return Lake(tmp_path / "scratch" if request.param == "kept" else None)


def reachable(folder: Path, *which: str) -> set[str]:
    return set(git(folder, "rev-list", *which).decode().split())


def append(folder: Path, path: str, *, at: int = 1_700_000_000, on: str = "main") -> str:
    """One more commit on a branch of a bare repository, with whatever clock."""
    blob = git(folder, "hash-object", "-w", "--stdin", given=path.encode() + b"\n").decode().strip()
    base = git(folder, "ls-tree", on)
    tree = git(folder, "mktree", given=base + f"100644 blob {blob}\t{path}\n".encode()).decode().strip()
    stream = b"tree %s\nparent %s\n" % (tree.encode(), git(folder, "rev-parse", on).strip())
    person = b"Ada <ada@example.invalid> %d +0000" % at
    stream += b"author %s\ncommitter %s\n\nAdd %s\n" % (person, person, path.encode())
    commit = git(folder, "hash-object", "-t", "commit", "-w", "--stdin", given=stream).decode().strip()
    git(folder, "update-ref", f"refs/heads/{on}", commit)
    return commit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    history = History()
    for number in range(5):
        history.commit({b"%d" % number: b"x\n"}, subject=b"Number %d" % number)
    return history.write(tmp_path / "it.git")


def test_only_new_commits_are_read_whatever_their_clocks_say(folder: Path, lake: Lake) -> None:
    lake.collect(folder)
    assert (lake.new, lake.afresh) == (5, True)
    old = append(folder, "old clock", at=1)
    lake.collect(folder)
    assert (lake.new, lake.afresh) == (1, False)
    assert lake.commits[-1] == old
    lake.collect(folder)
    assert lake.new == 0
    assert set(lake.commits) == reachable(folder, "--all")


def test_a_branch_counts_as_unmerged_until_it_is_merged(folder: Path, lake: Lake) -> None:
    git(folder, "branch", "work", "main~2")
    first = append(folder, "work", on="work")
    lake.collect(folder)
    assert lake.side == {first: "unmerged"}
    git(folder, "update-ref", "refs/heads/main", "refs/heads/work")
    lake.collect(folder)
    assert (lake.new, first in lake.side) == (0, False)
    assert lake.main == reachable(folder, "main")
    assert set(lake.side.values()) == {"withdrawn"}


def test_a_forced_push_withdraws_what_it_drops(folder: Path, lake: Lake) -> None:
    lake.collect(folder)
    dropped = reachable(folder, "main", "^main~2")
    git(folder, "update-ref", "refs/heads/main", "main~2")
    append(folder, "instead")
    lake.collect(folder)
    assert (lake.new, lake.afresh) == (1, False)
    assert lake.side == dict.fromkeys(dropped, "withdrawn")
    assert lake.main == reachable(folder, "main")
    append(folder, "further")
    lake.collect(folder)
    assert (lake.new, lake.main) == (1, reachable(folder, "main"))
    assert set(lake.side) == dropped
    assert len(lake.commits) == len(set(lake.commits))


def test_dropped_commits_that_come_back_are_not_read_twice(folder: Path, lake: Lake) -> None:
    tip = git(folder, "rev-parse", "main").decode().strip()
    lake.collect(folder)
    git(folder, "update-ref", "refs/heads/main", "main~2")
    lake.collect(folder)
    git(folder, "update-ref", "refs/heads/main", tip)
    lake.collect(folder)
    assert (lake.new, lake.side) == (0, {})
    assert lake.main == reachable(folder, "main")


def test_dropped_commits_that_are_cleaned_away(folder: Path, lake: Lake) -> None:
    lake.collect(folder)
    git(folder, "update-ref", "refs/heads/main", "main~2")
    append(folder, "instead")
    git(folder, "reflog", "expire", "--expire=now", "--all")
    git(folder, "gc", "-q", "--prune=now")
    lake.collect(folder)
    assert lake.afresh == (lake.scratch is None)
    assert lake.main == reachable(folder, "main")
    assert len(lake.commits) == len(set(lake.commits))


def test_a_changed_mailmap_reads_everything_afresh(folder: Path, lake: Lake) -> None:
    lake.collect(folder)
    base = git(folder, "ls-tree", "main")
    blob = git(folder, "hash-object", "-w", "--stdin", given=MAILMAP).decode().strip()
    tree = git(folder, "mktree", given=base + f"100644 blob {blob}\t.mailmap\n".encode()).decode().strip()
    commit = git(folder, "commit-tree", tree, "-p", "main", "-m", "Name people").decode().strip()
    git(folder, "update-ref", "refs/heads/main", commit)
    batch = read(folder, lake.state, scratch=lake.scratch)
    authors = pl.concat([part.frame for part in batch.parts if part.table.name == "commits"])["author"]
    assert (batch.afresh, authors.len()) == (True, 6)
    assert authors.to_list().count("Ada New <new@example.invalid>") == 5
    lake.collect(folder)
    append(folder, "later")
    lake.collect(folder)
    assert (lake.new, lake.afresh) == (1, False)


def test_a_detached_head_and_tags_off_any_branch(folder: Path, lake: Lake) -> None:
    kept = git(folder, "rev-parse", "main~1").decode().strip()
    git(folder, "tag", "lonely", "main")
    git(folder, "update-ref", "refs/heads/main", "main~3")
    (folder / "HEAD").write_text(kept + "\n")
    for _ in range(2):
        lake.collect(folder)
        assert lake.main == reachable(folder, kept)
        assert set(lake.commits) == reachable(folder, kept, "lonely")
    assert lake.new == 0


def test_no_commit_is_lost_when_parts_are_not_taken_to_the_end(folder: Path, tmp_path: Path) -> None:
    batch = read(folder, scratch=tmp_path / "scratch")
    next(iter(batch.parts))
    assert batch.state == {}
    del batch
    lake = Lake(tmp_path / "scratch")
    lake.collect(folder)
    assert lake.new == 5


def test_nothing_is_left_behind_in_the_temporary_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    taken = read(folder)
    assert list(place.iterdir())
    list(taken.parts)
    assert list(place.iterdir()) == []
    untaken = read(folder)
    del untaken
    assert list(place.iterdir()) == []


def test_a_state_that_is_none_reads_everything(folder: Path) -> None:
    for state in ({}, {"heads": "x; rm", "version": "1"}, {"heads": "0" * 40, "version": "1", "mailmap": ""}):
        batch = read(folder, state)
        assert batch.afresh
        assert sum(part.frame.height for part in batch.parts if part.table.name == "commits") == 5


def test_a_kept_clone_that_is_broken_is_made_anew(folder: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "scratch")
    lake.collect(folder)
    for pack in (tmp_path / "scratch").glob("*.git/objects/pack/*"):
        pack.chmod(0o600)
        pack.write_bytes(b"broken")
    append(folder, "more")
    lake.collect(folder)
    assert (lake.new, lake.main) == (1, reachable(folder, "main"))


def test_two_collections_of_one_repository_at_once_are_refused(folder: Path, tmp_path: Path) -> None:
    held = read(folder, scratch=tmp_path)
    with pytest.raises(Refused, match="another collection"):
        read(folder, scratch=tmp_path)
    list(held.parts)
    list(read(folder, scratch=tmp_path).parts)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "drop", "branch", "merge", "collect"]), st.integers(0, 3)), max_size=12
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, keep=st.booleans())
def test_any_order_of_pushes_and_collections(
    steps: list[tuple[str, int]], keep: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("steps")
    history = History()
    for number in range(4):
        history.commit({b"%d" % number: b"x\n"})
    folder = history.write(place / "it.git")
    lake = Lake(place / "scratch" if keep else None)
    for count, (step, number) in enumerate([*steps, ("collect", 0)]):
        depth = min(number, len(reachable(folder, "main")) - 1)
        if step == "add":
            append(folder, f"file {count}", at=1_000_000 * number)
        elif step == "drop":
            git(folder, "update-ref", "refs/heads/main", git(folder, "rev-list", "main").decode().split()[depth])
        elif step == "branch":
            git(folder, "branch", "-f", "work", "main")
            append(folder, f"work {count}", on="work")
        elif step == "merge" and b"refs/heads/work" in git(folder, "for-each-ref"):
            git(folder, "update-ref", "refs/heads/main", "refs/heads/work")
        else:
            lake.collect(folder)
    assert lake.main == reachable(folder, "main")
    assert reachable(folder, "--all") <= set(lake.commits)
    assert len(lake.commits) == len(set(lake.commits))
