"""Nothing in a repository is executed, nothing outside it is read, and an incomplete one is refused."""

import os
import stat
import subprocess
from pathlib import Path

import polars as pl
import pytest

from histories import History, git
from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.git import read, repository_files
from quarterdeck.evidence.git.origin import look

COMMANDS = (
    *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy"),
    *("core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean"),
    *("filter.evil.smudge", "filter.evil.process", "uploadpack.packObjectsHook", "credential.helper", "gpg.program"),
    *("gpg.ssh.program", "sequence.editor", "merge.evil.driver", "pager.log", "remote.origin.uploadpack"),
    *("remote.origin.vcs", "interactive.diffFilter", "trailer.evil.command", "web.browser", "man.viewer"),
)
ALIASES = ("clone", "log", "rev-list", "ls-tree", "cat-file", "for-each-ref", "upload-pack", "pack-objects")
HOOKS = ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change", "fsmonitor-watchman", "update")


def history() -> History:
    built = History()
    built.commit({b".gitattributes": b"* diff=evil filter=evil merge=evil\n", b"a.txt": b"1\n"})
    built.commit({b"a.txt": b"2\n", b".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c evil\n'})
    built.tag("v1", 2, b"Signed\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n", b"A <a@x.invalid>", 1)
    return built


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A clone in which every door known to start a program starts one that makes a marker."""
    marker, script = tmp_path / "marker", tmp_path / "evil.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {marker}\ncat\n')
    script.chmod(0o755)
    folder = history().write(tmp_path / "trap", bare=False)
    git(folder, "reset", "-q", "--hard", "main")
    place = folder / ".git"
    for name in COMMANDS:
        git(folder, "config", name, str(script))
    for name in ALIASES:
        git(folder, "config", f"alias.{name}", f"!{script}")
    more = tmp_path / "more.config"
    more.write_text(f"[core]\n\tfsmonitor = {script}\n\thooksPath = {tmp_path}\n[log]\n\tshowSignature = true\n")
    git(folder, "config", "include.path", str(more))
    (place / "info").mkdir(exist_ok=True)
    (place / "info" / "attributes").write_text("* diff=evil filter=evil\n")
    (place / "hooks").mkdir(exist_ok=True)
    for name in HOOKS:
        (place / "hooks" / name).write_bytes(script.read_bytes())
        (place / "hooks" / name).chmod(0o755)
    return folder, marker


def test_the_trap_springs_for_git_itself(trap: tuple[Path, Path]) -> None:
    folder, marker = trap
    git(folder, "status")
    git(folder, "log", "-p", "--ext-diff")
    assert marker.read_text().count("evil.sh") >= 2


@pytest.mark.parametrize("kept", [False, True])
def test_nothing_in_a_repository_is_executed(trap: tuple[Path, Path], tmp_path: Path, kept: bool) -> None:
    folder, marker = trap
    scratch = tmp_path / "scratch" if kept else None
    state = None
    for _ in range(2):
        batch = read(folder, state, scratch=scratch)
        frames = {part.table.name: part.frame for part in batch.parts}
        state = batch.state
        assert [found.origin for found in repository_files(folder, ["*"], scratch=scratch)][-1] == "a.txt"
        (folder / ".git" / "refs" / "heads" / "other").write_bytes(git(folder, "rev-parse", "main"))
    assert frames["repositories"]["commits"].to_list() == [2]
    assert not marker.exists()


def test_nothing_is_fetched_for_a_clone_that_claims_to_be_partial(trap: tuple[Path, Path], tmp_path: Path) -> None:
    folder, marker = trap
    blob = git(folder, "rev-parse", "main~1:a.txt").decode().strip()
    for pack in (folder / ".git" / "objects" / "pack").glob("*.pack"):
        moved = tmp_path / pack.name
        pack.rename(moved)
        git(folder, "unpack-objects", "-q", given=moved.read_bytes())
    for rest in (folder / ".git" / "objects" / "pack").iterdir():
        rest.unlink()
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    git(folder, "config", "core.repositoryformatversion", "1")
    git(folder, "config", "extensions.partialClone", "origin")
    git(folder, "config", "remote.origin.promisor", "true")
    git(folder, "config", "remote.origin.url", str(tmp_path))
    with pytest.raises(Refused, match="git clone failed"):
        read(folder)
    assert not marker.exists()


def test_the_environment_of_the_caller_does_not_reach_git(
    trap: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, marker = trap
    script = str(marker.with_name("evil.sh"))
    other = {"GIT_DIR": "/nowhere", "GIT_EXTERNAL_DIFF": script, "GIT_SSH_COMMAND": script, "GIT_TRACE": str(marker)}
    config = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "diff.external", "GIT_CONFIG_VALUE_0": script}
    for name, value in (other | config | {"HOME": str(marker.parent), "GIT_OBJECT_DIRECTORY": "/nowhere"}).items():
        monkeypatch.setenv(name, value)
    assert len(list(read(folder).parts)) >= 6
    assert not marker.exists()


def test_the_repository_is_not_written_to(trap: tuple[Path, Path]) -> None:
    folder, _ = trap

    def seen() -> list[tuple[str, int, int]]:
        return sorted((str(path), path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*"))

    before = seen()
    list(read(folder).parts)
    assert seen() == before


def shallow(folder: Path) -> None:
    (folder / "shallow").write_bytes(git(folder, "rev-parse", "main~1"))


def borrowing(folder: Path) -> None:
    (folder / "objects" / "info" / "alternates").write_text("/somewhere/else\n")


def partial(folder: Path) -> None:
    pack = next((folder / "objects" / "pack").glob("*.pack"))
    pack.with_suffix(".promisor").touch()


def linked(folder: Path) -> None:
    (folder / "commondir").write_text("../other\n")


def link_among_objects(folder: Path) -> None:
    (folder / "objects" / "pack" / "pack-x.pack").symlink_to("/etc/hostname")


def linked_objects(folder: Path) -> None:
    (folder / "objects").rename(folder / "moved")
    (folder / "objects").symlink_to("moved")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "objects" / "pack" / "pack-x.pack")


def linked_references(folder: Path) -> None:
    (folder / "refs" / "heads").rename(folder / "moved")
    (folder / "refs" / "heads").symlink_to("../moved")


def reftable(folder: Path) -> None:
    (folder / "reftable").mkdir()


def incomplete(folder: Path) -> None:
    for pack in (folder / "objects" / "pack").iterdir():
        pack.unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (shallow, "shallow"),
        (borrowing, "borrows objects"),
        (partial, "partial clone"),
        (linked, "linked worktree"),
        (link_among_objects, "links or special files"),
        (linked_objects, "no own objects"),
        (pipe, "links or special files"),
        (reftable, "reftable"),
        (linked_references, "behind links"),
        (incomplete, "git clone failed"),
    ],
)
def test_an_incomplete_or_leaning_clone_is_refused(tmp_path: Path, spoil, reason: str) -> None:
    folder = history().write(tmp_path / "bad.git")
    spoil(folder)
    with pytest.raises(Refused, match=reason):
        list(read(folder).parts)


def test_what_is_no_clone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree" / ".git").write_text("gitdir: /somewhere/else\n")
    for name, reason in {"file": "not a folder", "folder": "not a git clone", "worktree": "linked worktree"}.items():
        with pytest.raises(Refused, match=reason):
            read(tmp_path / name)


def test_a_real_shallow_clone_is_refused(tmp_path: Path) -> None:
    folder = history().write(tmp_path / "whole.git")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{folder}", "cut")
    with pytest.raises(Refused, match="unshallow"):
        read(tmp_path / "cut")


def test_improper_and_unreadable_references_are_told(tmp_path: Path) -> None:
    folder = history().write(tmp_path / "bad.git")
    name = git(folder, "rev-parse", "main").strip()
    (folder / "packed-refs").write_bytes(
        b"%s refs/heads/a b\n%s refs/heads/../up\n%s refs/notes/n\n" % (name, name, name)
    )
    (folder / "refs" / "heads" / "words").write_text("no object\n")
    (folder / "refs" / "heads" / "link").symlink_to("/etc/hostname")
    batch = read(folder)
    assert {part.table.name for part in batch.parts} >= {"commits"}
    reasons = sorted(problem.reason for problem in batch.problems)
    assert len(reasons) == 4
    assert all("reference" in reason for reason in reasons)


def bomb(folder: Path) -> Path:
    """A repository of a few kilobytes whose tree unfolds to ten billion files."""
    git(folder.parent, "init", "-q", "--bare", "-b", "main", folder.name)
    entry, kind = git(folder, "hash-object", "-w", "--stdin", given=b"boom\n").decode().strip(), "100644 blob"
    for _ in range(10):
        rows = "".join(f"{kind} {entry}\t{number}\n" for number in range(10))
        entry, kind = git(folder, "mktree", given=rows.encode()).decode().strip(), "040000 tree"
    commit = git(folder, "commit-tree", entry, "-m", "Boom").decode().strip()
    git(folder, "update-ref", "refs/heads/main", commit)
    return folder


def test_a_tree_that_unfolds_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.evidence.git.process.MOST_MEMORY", 64 * 1024 * 1024)
    monkeypatch.setattr("quarterdeck.evidence.git.tree.MOST_FILES", 20_000)
    folder = bomb(tmp_path / "bomb.git")
    with pytest.raises(Refused, match="git log failed"):
        list(read(folder).parts)
    with pytest.raises(Refused, match="tree holds more than"):
        list(repository_files(folder, ["none"]))


def test_output_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.evidence.git.process.LARGEST_OUTPUT", 100)
    with pytest.raises(Refused, match=r"git log (failed|says more)"):
        list(read(history().write(tmp_path / "much.git")).parts)


def test_a_name_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.evidence.git.process.LARGEST_LINE", 1000)
    monkeypatch.setattr("quarterdeck.evidence.git.parsing.MEBIBYTE", 100)
    built = History()
    built.commit({b"a": b"1\n"}, subject=b"x" * 5000)
    with pytest.raises(Refused, match="name or message"):
        list(read(built.write(tmp_path / "long.git")).parts)


def test_where_a_clone_came_from_is_told_without_credentials(tmp_path: Path) -> None:
    folder = history().write(tmp_path / "here.git")
    git(folder, "config", "remote.other.url", "https://elsewhere.invalid/x")
    git(folder, "config", "remote.origin.url", "https://user:secret@git.example.invalid/team/api.git?token=secret")
    assert look(folder).remote == "https://git.example.invalid/team/api.git"
    git(folder, "config", "remote.origin.url", "git@git.example.invalid:team/api.git")
    assert look(folder).remote == "git@git.example.invalid:team/api.git"


def test_our_own_clone_can_be_read_by_nobody_else(tmp_path: Path) -> None:
    folder = history().write(tmp_path / "here.git")
    list(read(folder, scratch=tmp_path / "scratch").parts)
    assert stat.S_IMODE((tmp_path / "scratch").stat().st_mode) == 0o700


def test_folders_nested_without_end_are_walked(tmp_path: Path) -> None:
    folder = history().write(tmp_path / "deep.git")
    tops = [folder / "refs" / "heads", folder / "objects"]
    for top in tops:
        place = top
        for _ in range(1200):
            place = place / "a"
            place.mkdir()
    try:
        assert [problem.reason for problem in read(folder).problems] == []
    finally:  # what clears temporary folders goes down step by step and would not reach the end
        for top in tops:
            subprocess.run(["rm", "-rf", str(top / "a")], check=True)


def raw_commit(folder: Path, text: bytes) -> None:
    name = git(folder, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", given=text).decode().strip()
    (folder / "refs" / "heads" / "main").write_text(name + "\n")


MALFORMED = {
    "no author": b"committer A <a@x> 1 +0000\n\nText\n",
    "no committer": b"author A <a@x> 1 +0000\n\nText\n",
    "no times": b"author A <a@x>\ncommitter A <a@x>\n\nText\n",
    "no address": b"author A 1 +0000\ncommitter A 1 +0000\n\nText\n",
    "zero byte in the subject": b"author A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\n@Te\0xt\n:1 2\n",
    "zero byte in the name": b"author A\0B <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\nText\n",
    "an encoding that makes zeros": b"author A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\nencoding UTF-16\n\nText\n",
    "an unknown encoding": b"author A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\nencoding none\n\nText\n",
    "no message": b"author A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n",
    "time far off": b"author A <a@x> 999999999999999999999 +0000\ncommitter A <a@x> -5 +0000\n\nText\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_commit_is_read_beside_the_others(kind: str, tmp_path: Path) -> None:
    folder = history().write(tmp_path / "bad.git")
    before = {part.table.name: part.frame for part in read(folder).parts}["commits"]
    git(folder, "pack-refs", "--all")
    tree, parent = (git(folder, "rev-parse", name).strip() for name in ("main~1^{tree}", "main"))
    raw_commit(folder, b"tree %s\nparent %s\n%s" % (tree, parent, MALFORMED[kind]))
    after = {part.table.name: part.frame for part in read(folder).parts}["commits"]
    is_old = pl.col("commit").is_in(before["commit"].implode())
    assert after.filter(is_old).sort("commit").equals(before.sort("commit"))
    new = after.filter(~is_old)
    assert new["commit"].to_list() == [(folder / "refs" / "heads" / "main").read_text().strip()]
    assert new["parents"].to_list() == [[parent.decode()]]
    assert new.select("files", "added", "deleted").rows() == [(2, 1, 4)]


def test_a_mailmap_that_is_no_file(tmp_path: Path) -> None:
    built = History()
    built.commit({b".mailmap/names": b"A <a@x> <b@x>\n"})
    folder = built.write(tmp_path / "folder.git")
    assert {part.table.name for part in read(folder).parts} >= {"commits"}
