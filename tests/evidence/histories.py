"""Writes git repositories for tests: from a list of commits, or from a published log of who changed how many lines."""

import csv
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

Content = bytes | None | tuple[str, bytes]  # bytes of a file; None: delete; ("120000" or "160000" or "100755", bytes)


def environment() -> dict[str, str]:
    """An environment in which git reads no configuration of this machine."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.invalid",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.invalid",
    }


def git(folder: Path, *command: str, given: bytes = b"") -> bytes:
    """Run git in a repository made by a test; its output."""
    done = subprocess.run(
        ["git", *command], cwd=folder, input=given, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, (command, done.stderr.decode("utf-8", "replace"))
    return done.stdout


@dataclass
class History:
    """Commits in the order in which they are written; a commit is known by its place in that order, from 1."""

    stream: list[bytes] = field(default_factory=list)
    count: int = 0

    def commit(
        self,
        changes: dict[bytes, Content],
        *,
        subject: bytes = b"Change something",
        author: bytes = b"Ada Example <ada@example.invalid>",
        at: int | bytes = 1_700_000_000,
        parents: Iterable[int] | None = None,
        branch: str = "main",
        moves: Iterable[tuple[bytes, bytes]] = (),
        encoding: bytes | None = None,
    ) -> int:
        """Add a commit after `parents` (by default the one before it; none: a root); its number."""
        before = ([self.count] if self.count else []) if parents is None else list(parents)
        self.count += 1
        when = at if isinstance(at, bytes) else b"%d +0000" % at
        lines = [b"reset refs/heads/%s\n" % branch.encode()] if not before else []
        lines += [b"commit refs/heads/%s\nmark :%d\n" % (branch.encode(), self.count)]
        lines += [b"author %s %s\ncommitter %s %s\n" % (author, when, author, when)]
        lines += [b"encoding %s\n" % encoding] if encoding else []
        lines += [b"data %d\n%s\n" % (len(subject), subject)]
        lines += [b"%s :%d\n" % (b"merge" if place else b"from", parent) for place, parent in enumerate(before)]
        lines += [b"R %s %s\n" % (_quoted(old), _quoted(new)) for old, new in moves]
        lines += [_change(path, content) for path, content in changes.items()]
        self.stream += [*lines, b"\n"]
        return self.count

    def tag(self, name: str, commit: int, message: bytes, tagger: bytes, at: int) -> None:
        """Add an annotated tag."""
        head = b"tag %s\nfrom :%d\ntagger %s %d +0000\n" % (name.encode(), commit, tagger, at)
        self.stream.append(head + b"data %d\n%s\n" % (len(message), message))

    def write(self, folder: Path, *, bare: bool = True, object_format: str = "sha1") -> Path:
        """Write a repository; the same commits give the same names on every machine."""
        folder.mkdir(parents=True)
        bareness = ["--bare"] if bare else []
        git(folder, "init", "-q", *bareness, "-b", "main", f"--object-format={object_format}")
        command = (
            "-c",
            "fastimport.unpackLimit=1",
            "fast-import",
            "--quiet",
            "--force",
            "--date-format=raw-permissive",
        )
        git(folder, *command, given=b"".join(self.stream))
        return folder


def _quoted(path: bytes) -> bytes:
    escaped = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'


def _change(path: bytes, content: Content) -> bytes:
    if content is None:
        return b"D %s\n" % _quoted(path)
    mode, data = content if isinstance(content, tuple) else ("100644", content)
    if mode == "160000":
        return b"M 160000 %s %s\n" % (data, _quoted(path))
    return b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), _quoted(path), len(data), data)


@dataclass(frozen=True)
class LogRow:
    """One row of a published log: lines added and deleted, both None for a binary file."""

    commit: str
    at: int
    developer: str
    path: str
    added: int | None
    deleted: int | None


def read_log(log: Path) -> list[LogRow]:
    """Rows of a log with the columns commit, author_time, dev, path, added, deleted; newest commit first."""
    with log.open(newline="") as file:
        return [_row(row) for row in csv.DictReader(file)]


def _row(row: dict[str, str]) -> LogRow:
    added, deleted = (None if row[name] == "-" else int(row[name]) for name in ("added", "deleted"))
    return LogRow(row["commit"], int(row["author_time"]), row["dev"], row["path"], added, deleted)


def rebuild(log: Path, folder: Path, *, bare: bool = True) -> Path:
    """A repository whose `git log --no-renames --numstat` is the log, behind one first commit.

    The first commit, by "Before the log", holds the lines that the log later deletes. Contents are invented: every
    line is written once, so that a diff finds exactly the lines meant.
    """
    rows = read_log(log)[::-1]
    files = {path: _Lines(path, need) for path, need in _needed(rows).items()}
    history = History()
    start: dict[bytes, Content] = {path.encode(): lines.data for path, lines in files.items() if lines.there}
    before = b"Before the log <before@example.invalid>"
    history.commit(start, subject=b"Everything before the log", author=before, at=min(row.at for row in rows) - 1)
    for name, group in groupby(rows, key=lambda row: row.commit):
        changed = list(group)
        author = f"{changed[0].developer} <{changed[0].developer}@example.invalid>".encode()
        changes = {row.path.encode(): files[row.path].apply(row) for row in changed}
        history.commit(changes, subject=f"Change {name}".encode(), author=author, at=changed[0].at)
    return history.write(folder, bare=bare)


def _needed(rows: list[LogRow]) -> dict[str, int]:
    """How many lines each file must have before the first row, so that no row deletes more than there is."""
    length: dict[str, int] = {}
    need: dict[str, int] = {}
    for row in rows:
        left = length.get(row.path, 0) - (row.deleted or 0)
        need[row.path] = max(need.get(row.path, 0), -left)
        length[row.path] = left + (row.added or 0)
    return need


class _Lines:
    """The invented content of one file."""

    def __init__(self, path: str, need: int) -> None:
        self.path, self.mode, self.there = path, "100644", need > 0
        self.lines = [self._line("before", place) for place in range(need)]
        self.binary: bytes | None = None

    def _line(self, commit: str, place: int) -> bytes:
        return f"{commit} {place} of {self.path}\n".encode()

    @property
    def data(self) -> bytes:
        return self.binary if self.binary is not None else b"".join(self.lines)

    def apply(self, row: LogRow) -> Content:
        """The content after one row; None where the row deletes what there was."""
        if row.added is None or row.deleted is None:
            self.binary, self.there = b"\0" + row.commit.encode() + self.path.encode(), True
        elif not row.added and not row.deleted:
            self.mode = "100755" if self.there and self.mode == "100644" else "100644"
            self.there = True
        else:
            self.lines[: row.deleted] = [self._line(row.commit, place) for place in range(row.added)]
            self.there = bool(self.lines)
        return (self.mode, self.data) if self.there else None
