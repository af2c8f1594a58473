"""Finds what is new since the last collection, by commits and never by dates, and what is off the default branch."""

import hashlib
import re
from dataclasses import dataclass
from typing import IO

from quarterdeck.evidence.batch import State
from quarterdeck.evidence.git.clone import Clone, present
from quarterdeck.evidence.git.origin import Origin

VERSION = "1"  # of what is read and how lines are counted: another version reads everything afresh
MOST_WITHDRAWN = 2_000  # heads dropped by rewriting that are remembered; beyond it everything is read afresh
_NAME = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ALL = ("--branches", "--tags", "--remotes")


@dataclass(frozen=True)
class Since:
    """Where the last collection ended: heads whose whole history was read, and the mailmap it was read through.

    indexed: every commit's time is one that git's index of commits can hold.
    """

    heads: tuple[bytes, ...]
    mailmap: bytes
    version: str
    indexed: bool


def earlier(state: State | None) -> Since:
    """What a state says; of no state, that nothing was read."""
    state = state or {}
    heads = tuple(head.encode() for head in state.get("heads", "").split())
    if not all(_NAME.fullmatch(head) for head in heads):
        return Since((), b"", "", True)
    return Since(heads, state.get("mailmap", "").encode(), state.get("version", ""), "beyond_index" not in state)


@dataclass(frozen=True)
class Standing:
    """How a clone stands to what was read before.

    read: heads whose history need not be read again. unmerged, withdrawn: commits that are not in the history of the
    default branch, because they are on other branches and tags, or because a rewritten history dropped them.
    """

    afresh: bool
    read: tuple[bytes, ...]
    mailmap: bytes
    unmerged: tuple[bytes, ...]
    withdrawn: tuple[bytes, ...]
    indexed: bool
    state: State


def standing(clone: Clone, before: Since) -> Standing:
    """Compare a clone with what was read before.

    Everything is read afresh where the rows read before no longer hold: the mailmap names people otherwise, or a head
    read before is gone, so that it cannot be told any more which of its commits were dropped.
    """
    mailmap = _mailmap(clone)
    held = present(clone.git, before.heads)
    changed = (before.mailmap, before.version) != (mailmap, VERSION) or len(held) < len(before.heads)
    read = () if changed else held
    tips, unmerged = _tips(clone), _unmerged(clone)
    withdrawn = _walk(clone, read, tips) if read else ()
    dropped = set(withdrawn).intersection(read)
    if len(dropped) > MOST_WITHDRAWN:
        changed, read, withdrawn, dropped = True, (), (), set()
    main = {clone.origin.head} if clone.origin.head else set()
    heads = main | set(tips).intersection(unmerged) | dropped
    state = {
        "version": VERSION,
        "mailmap": mailmap.decode(),
        "heads": " ".join(sorted(head.decode() for head in heads)),
    }
    return Standing(changed, read, mailmap, unmerged, withdrawn, changed or before.indexed, state)


def new_commits(clone: Clone, read: tuple[bytes, ...]) -> IO[bytes]:
    """Names of the commits reachable from any branch or tag and from none of the heads read, a line each."""
    head = [clone.origin.head.decode()] if clone.origin.head else []
    given = b"".join(b"^" + name + b"\n" for name in read)
    return clone.git.spool("rev-list", *head, *_ALL, "--stdin", given=given, folder=clone.work, running=set())


def digest(origin: Origin) -> str:
    """SHA-256 over the default branch and every reference with what it leads to."""
    lines = [b"HEAD %s %s" % (origin.branch or b"", origin.head or b"")]
    lines += [reference + b" " + name for reference, name in origin.references]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _mailmap(clone: Clone) -> bytes:
    """Name of the mailmap's content at the head; empty where there is none."""
    if clone.origin.head is None:
        return b""
    entry = clone.git.output("ls-tree", clone.origin.head.decode(), "--", ".mailmap").split()
    return entry[2] if entry else b""


def _tips(clone: Clone) -> tuple[bytes, ...]:
    """The commits that branches and tags lead to."""
    references = b"".join(reference + b"^{commit}\n" for reference, _ in clone.origin.references)
    answers = clone.git.records("cat-file", "--batch-check=%(objectname) %(objecttype)", given=references)
    found = {answer[:-7] for answer in answers if answer.endswith(b" commit")}
    return tuple(sorted(found | ({clone.origin.head} if clone.origin.head else set())))


def _unmerged(clone: Clone) -> tuple[bytes, ...]:
    hidden = b"^" + clone.origin.head + b"\n" if clone.origin.head else b""
    return tuple(clone.git.records("rev-list", *_ALL, "--stdin", given=hidden))


def _walk(clone: Clone, start: tuple[bytes, ...], hidden: tuple[bytes, ...]) -> tuple[bytes, ...]:
    asked = b"".join(name + b"\n" for name in start) + b"".join(b"^" + name + b"\n" for name in hidden)
    return tuple(clone.git.records("rev-list", "--stdin", given=asked))
