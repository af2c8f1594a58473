"""Gathers commits and their files column by column and makes frames of them."""

from dataclasses import dataclass, field

import polars as pl

from quarterdeck.evidence.batch import Part, Problem
from quarterdeck.evidence.git.parsing import Logged
from quarterdeck.evidence.git.process import RENAME_LIMIT
from quarterdeck.evidence.git.tables import COMMIT_FILES, COMMITS, INSTANT
from quarterdeck.evidence.git.text import path_text, person_text, plain_text, subject_text

MOST_ROWS = 50_000  # of one Part, commits and files together
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_LAST_INDEXED = 2**34 - 1  # git's index of commits keeps no more of a time: the year 2514

# A subject that says a fault was repaired: the words of Sliwerski, Zimmermann and Zeller, "When do changes induce
# fixes?" (MSR 2005), without "patch", which names releases too; and the Chinese words for the same.
FIX = r"(?i)\b(fix(e[sd]|ing)?|bug ?fix(es|ed)?|hot-?fix(es|ed)?|bugs?|defects?)\b|修复|修復|修正|缺陷"
NO_FIX = r"(?i)^revert\b"


def seconds(text: bytes) -> int | None:
    """Seconds since 1970, or None for a time that is missing or beyond the year 9999."""
    try:
        value = int(text)
    except ValueError:
        return None
    return value if abs(value) <= _LAST_SECOND else None


def instants(values: list[int | None]) -> pl.Series:
    """Seconds since 1970 as a column of instants."""
    return (pl.Series(values, dtype=pl.Int64) * 1_000_000).cast(INSTANT)


@dataclass
class _CommitColumns:
    name: list[str] = field(default_factory=list)
    author: list[str | None] = field(default_factory=list)
    authored: list[int | None] = field(default_factory=list)
    committer: list[str | None] = field(default_factory=list)
    committed: list[int | None] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    subject: list[str] = field(default_factory=list)
    files: list[int | None] = field(default_factory=list)
    added: list[int | None] = field(default_factory=list)
    deleted: list[int | None] = field(default_factory=list)


@dataclass
class _FileColumns:
    commit: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    old_path: list[str | None] = field(default_factory=list)
    change: list[str] = field(default_factory=list)
    similarity: list[int | None] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    added: list[int | None] = field(default_factory=list)
    deleted: list[int | None] = field(default_factory=list)


class Rows:
    """Rows of one repository that have not been given yet."""

    def __init__(self, repository: str, problems: list[Problem]) -> None:
        self.repository, self.problems = repository, problems
        self.beyond_index = False  # a commit time was met that git's index of commits cannot hold
        self._commits, self._files = _CommitColumns(), _FileColumns()

    @property
    def full(self) -> bool:
        """Enough rows for one Part of each table."""
        return len(self._commits.name) + len(self._files.commit) >= MOST_ROWS

    def add(self, commit: Logged) -> None:
        """Take one commit and its files."""
        name = commit.name.decode()
        columns = self._commits
        columns.name.append(name)
        columns.author.append(person_text(commit.author))
        columns.authored.append(self._time(commit.authored, "author", name))
        columns.committer.append(person_text(commit.committer))
        committed = self._time(commit.committed, "commit", name)
        columns.committed.append(committed)
        self.beyond_index |= committed is None or not 0 <= committed <= _LAST_INDEXED
        columns.parents.append(b" ".join(commit.parents).decode())
        columns.subject.append(subject_text(commit.subject))
        merge = len(commit.parents) > 1
        columns.files.append(None if merge else len(commit.changes))
        columns.added.append(None if merge else sum(change.added or 0 for change in commit.changes))
        columns.deleted.append(None if merge else sum(change.deleted or 0 for change in commit.changes))
        if commit.changes:
            self._add_files(commit, name)

    def _add_files(self, commit: Logged, name: str) -> None:
        files, changes = self._files, commit.changes
        files.commit.extend([name] * len(changes))
        files.path.extend([path_text(change.path) for change in changes])
        files.old_path.extend([None if change.old_path is None else path_text(change.old_path) for change in changes])
        files.change.extend([change.change for change in changes])
        files.similarity.extend([change.similarity for change in changes])
        files.kind.extend([change.kind for change in changes])
        files.added.extend([change.added for change in changes])
        files.deleted.extend([change.deleted for change in changes])
        if len(changes) > RENAME_LIMIT:
            self._tell_renames(commit, name)

    def _tell_renames(self, commit: Logged, name: str) -> None:
        """git gives up renames in silence when what is left to compare is too much; the same sum tells it here."""
        added = sum(change.change == "added" for change in commit.changes)
        deleted = sum(change.change == "deleted" for change in commit.changes)
        if added * deleted > RENAME_LIMIT**2:
            reason = f"commit {name}: {added} added and {deleted} deleted files are too many to look for renames"
            self.problems.append(Problem(self.repository, None, reason))

    def _time(self, text: bytes, which: str, name: str) -> int | None:
        value = seconds(text)
        if value is None:
            reason = f"commit {name} has no readable {which} time"
            self.problems.append(Problem(self.repository, None, reason, plain_text(text)[:200]))
        return value

    def give(self) -> list[Part]:
        """The rows taken so far as one Part of each table, and begin anew."""
        commits, files = self._commits, self._files
        self._commits, self._files = _CommitColumns(), _FileColumns()
        if not commits.name:
            return []
        parts = [Part(COMMITS, self._commit_frame(commits))]
        if files.commit:
            parts.append(Part(COMMIT_FILES, self._file_frame(files)))
        return parts

    def _commit_frame(self, columns: _CommitColumns) -> pl.DataFrame:
        frame = pl.DataFrame(
            {
                "commit": columns.name,
                "author": pl.Series(columns.author, dtype=pl.String),
                "authored_at": instants(columns.authored),
                "committer": pl.Series(columns.committer, dtype=pl.String),
                "committed_at": instants(columns.committed),
                "parents": columns.parents,
                "subject": columns.subject,
                "files": pl.Series(columns.files, dtype=pl.Int64),
                "added": pl.Series(columns.added, dtype=pl.Int64),
                "deleted": pl.Series(columns.deleted, dtype=pl.Int64),
            }
        )
        merge = pl.col("parents").str.contains(" ", literal=True)
        parents = pl.col("parents").str.extract_all("[0-9a-f]+")
        subject = pl.col("subject")
        fix = subject.str.contains(FIX) & ~subject.str.contains(NO_FIX) & ~merge
        frame = frame.with_columns(repository=pl.lit(self.repository), parents=parents, is_merge=merge, is_fix=fix)
        return frame.select(list(COMMITS.schema))

    def _file_frame(self, columns: _FileColumns) -> pl.DataFrame:
        frame = pl.DataFrame(
            {
                "commit": columns.commit,
                "path": columns.path,
                "old_path": pl.Series(columns.old_path, dtype=pl.String),
                "change": columns.change,
                "similarity": pl.Series(columns.similarity, dtype=pl.UInt8),
                "kind": columns.kind,
                "added": pl.Series(columns.added, dtype=pl.Int64),
                "deleted": pl.Series(columns.deleted, dtype=pl.Int64),
            }
        )
        return frame.with_columns(repository=pl.lit(self.repository)).select(list(COMMIT_FILES.schema))
