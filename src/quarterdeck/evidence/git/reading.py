"""Reads one repository: makes our own clone, gives its tables part by part, and says where to go on next time."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Source, State
from quarterdeck.evidence.git.clone import Clone, cloned
from quarterdeck.evidence.git.heads import Standing, digest, earlier, new_commits, standing
from quarterdeck.evidence.git.history import history
from quarterdeck.evidence.git.origin import look
from quarterdeck.evidence.git.process import COUNTING, version
from quarterdeck.evidence.git.rows import seconds
from quarterdeck.evidence.git.tables import REPOSITORIES, SIDE_COMMITS, TABLES
from quarterdeck.evidence.git.tags import tags
from quarterdeck.evidence.git.text import plain_text
from quarterdeck.evidence.git.tree import tree_parts

HELP = """A git clone on this machine, bare or not: `git clone --mirror ADDRESS` makes one, `git fetch` brings it up to
date. Shallow and partial clones are refused, because their history is incomplete. Nothing in the repository is
executed: it is copied into a bare clone of our own, and only that is read."""


def read(path: Path, since: State | None = None, *, scratch: Path | None = None, name: str | None = None) -> Batch:
    """Read the clone at `path`: everything, or what is new since the state of the last collection.

    scratch: private folder where our own clone is kept between collections; without it a temporary one is made and
    removed. name: what the repository is called in its rows; by default its folder's name. Where `afresh` is set, the
    rows of append tables replace all that were read of this source before. Refused: no clone, or an incomplete one.
    """
    origin = look(path, name)
    before = earlier(since)
    with ExitStack() as opened:
        clone = opened.enter_context(cloned(origin, before.heads, scratch))
        stands = standing(clone, before)
        keep = opened.pop_all()
    problems, reached = list(origin.problems), State()
    parts = _parts(clone, stands, problems, reached, keep)
    return Batch(Source("git", origin.name, digest(origin)), parts, problems, reached, stands.afresh)


def _parts(clone: Clone, stands: Standing, problems: list[Problem], reached: State, keep: ExitStack) -> Iterator[Part]:
    """Everything of one reading; our own clone is let go of after the last part, or when nobody wants more."""
    with keep:
        beyond = yield from history(clone, new_commits(clone, stands.read), problems)
        indexed = stands.indexed and not beyond
        yield _side_commits(clone, stands)
        listed = tags(clone, problems)
        yield listed
        files = 0
        for part in tree_parts(clone):
            files += part.frame.filter(pl.col("kind") != "submodule").height
            yield part
        yield _repository(clone, len(stands.unmerged), listed.frame.height, files, indexed)
        reached.update(stands.state if indexed else stands.state | {"beyond_index": "yes"})


def _side_commits(clone: Clone, stands: Standing) -> Part:
    reasons = [("unmerged", stands.unmerged), ("withdrawn", stands.withdrawn)]
    rows = [(clone.origin.name, commit.decode(), reason) for reason, commits in reasons for commit in commits]
    return Part(SIDE_COMMITS, SIDE_COMMITS.frame(rows))


def _repository(clone: Clone, unmerged: int, tag_count: int, files: int, indexed: bool) -> Part:
    origin = clone.origin
    commits, first, last = _span(clone, indexed)
    row: dict[str, object] = {
        "repository": origin.name,
        "remote": origin.remote,
        "branch": plain_text(_short(origin.branch)) if origin.branch else None,
        "head": origin.head.decode() if origin.head else None,
        "commits": commits,
        "side_commits": unmerged,
        "branches": sum(not reference.startswith(b"refs/tags/") for reference, _ in origin.references),
        "tags": tag_count,
        "first_at": first,
        "last_at": last,
        "files": files,
        "object_format": origin.object_format,
        "counted_by": f"{version()}; {' '.join(COUNTING)}",
    }
    return Part(REPOSITORIES, REPOSITORIES.frame([row]))


def _short(reference: bytes) -> bytes:
    """A branch's name without refs/heads/ or refs/remotes/ and the remote's name."""
    if reference.startswith(b"refs/remotes/"):
        return reference.split(b"/", 3)[3]
    return reference.removeprefix(b"refs/heads/")


def _span(clone: Clone, indexed: bool) -> tuple[int, datetime | None, datetime | None]:
    """How many commits the head reaches, and the earliest and latest commit time among them."""
    if clone.origin.head is None:
        return 0, None, None
    count, first, last = 0, None, None
    git = clone.git if indexed else replace(clone.git, indexed=False)
    for record in git.records("rev-list", "--timestamp", clone.origin.head.decode()):
        count += 1
        at = seconds(record.partition(b" ")[0])
        if at is not None:
            first = at if first is None else min(first, at)
            last = at if last is None else max(last, at)
    return count, _instant(first), _instant(last)


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)


READER = Reader("git", "Git repositories", "Git 代码仓库", HELP, TABLES, read)
