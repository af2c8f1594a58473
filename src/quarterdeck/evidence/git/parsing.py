"""Reads what `git log -z --raw --numstat` says, one commit after the other, without ever holding all of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.git.process import split
from quarterdeck.evidence.hostile import MEBIBYTE

# Each field ends with a zero byte, which no field can hold: git cuts a message that holds one at that place.
FORMAT = "@%H%x00%P%x00%aN <%aE>%x00%at%x00%cN <%cE>%x00%ct%x00%s"
LOG = (
    "log",
    "--no-walk=unsorted",
    "--stdin",
    "-z",
    "--raw",
    "--numstat",
    "-M50%",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-notes",
    "--no-relative",
    "--no-show-signature",
    "--diff-merges=off",
    "--ignore-submodules=none",
    "--submodule=short",
    "--encoding=UTF-8",
    f"--format=tformat:{FORMAT}",
)
MOST_CHANGES = 2_000_000  # files one commit may change
_LAST = b"@"  # where a further commit would stand
_CHANGES = {b"A": "added", b"M": "modified", b"D": "deleted", b"R": "renamed", b"T": "retyped"}
_KINDS = {b"160000": "submodule", b"120000": "link"}


@dataclass(slots=True)
class Change:
    """One file a commit changed. added and deleted: lines, or None where git counts none (a binary file)."""

    path: bytes
    old_path: bytes | None
    change: str
    similarity: int | None
    kind: str
    added: int | None = None
    deleted: int | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """One commit as `git log` tells it; times are seconds since 1970 as text, persons and subject are bytes."""

    name: bytes
    parents: list[bytes]
    author: bytes
    authored: bytes
    committer: bytes
    committed: bytes
    subject: bytes
    changes: list[Change]


def logged(file: IO[bytes], expected: Iterable[bytes], repository: str) -> Iterator[Logged]:
    """The commits in the output of `LOG`, which must be those expected, in their order, and no others."""
    blocks = iter(lambda: file.read(MEBIBYTE), b"")
    tokens = split(blocks, b"\0", repository)
    take = tokens.__next__
    token = next(tokens, _LAST)
    try:
        for name in expected:
            if token != b"@" + name:
                raise Refused(repository, f"git log left out commit {name.decode()}")
            parents, author, authored = take(), take(), take()
            committer, committed, subject = take(), take(), take()
            changes, token = _changes(tokens, name, repository)
            yield Logged(name, parents.split(), author, authored, committer, committed, subject, changes)
    except StopIteration as error:
        raise Refused(repository, "git log ended in the middle of a commit") from error
    if token != _LAST:
        raise Refused(repository, "git log told of a commit nobody asked for")


def _changes(tokens: Iterator[bytes], name: bytes, repository: str) -> tuple[list[Change], bytes]:
    """The files of one commit: first how each changed, then in the same order how many lines; and the token after."""
    changes: list[Change] = []
    token = next(tokens, _LAST)
    if token.startswith(b"\n"):  # the blank line between message and changes
        token = token[1:]
    while token.startswith(b":"):
        old_mode, new_mode, _, _, status = token[1:].split(b" ")
        letter = status[:1]
        renamed = letter == b"R"
        old_path = next(tokens) if renamed else None
        kind = _KINDS.get(old_mode if letter == b"D" else new_mode, "file")
        similarity = int(status[1:]) if renamed else None
        changes.append(Change(next(tokens), old_path, _CHANGES[letter], similarity, kind))
        if len(changes) > MOST_CHANGES:
            raise Refused(repository, f"commit {name.decode()} changes more than {MOST_CHANGES} files")
        token = next(tokens, _LAST)
    for change in changes:
        added, deleted, path = token.split(b"\t", 2)
        if not path:
            _, path = next(tokens), next(tokens)
        if path != change.path:
            raise Refused(repository, f"git log counts other files than commit {name.decode()} changes")
        if added != b"-":
            change.added, change.deleted = int(added), int(deleted)
        token = next(tokens, _LAST)
    return changes, token
