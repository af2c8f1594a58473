"""Lists the files in the tree of the head: path, size, content's name, role and language."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from quarterdeck.evidence.batch import Part, Refused
from quarterdeck.evidence.git.classification import language, role
from quarterdeck.evidence.git.clone import Clone
from quarterdeck.evidence.git.tables import TREE_FILES
from quarterdeck.evidence.git.text import path_text

MOST_FILES = 2_000_000  # a small repository can hold a tree that unfolds without end
_ROWS = 100_000  # of one Part
_KINDS = {b"100755": "executable", b"120000": "link", b"160000": "submodule"}


@dataclass(frozen=True, slots=True)
class TreeFile:
    """One entry of the head's tree. size: bytes, None for a submodule. blob: name of its content."""

    path: bytes
    kind: str
    size: int | None
    blob: str


def tree(clone: Clone) -> Iterator[TreeFile]:
    """The files in the tree of the head, in git's order; nothing in an empty repository."""
    if clone.origin.head is None:
        return
    command = ("ls-tree", "-r", "-z", "--long", "--full-tree", clone.origin.head.decode())
    for count, record in enumerate(clone.git.records(*command, separator=b"\0")):
        if count >= MOST_FILES:
            raise Refused(clone.origin.name, f"its tree holds more than {MOST_FILES} files")
        described, _, path = record.partition(b"\t")
        mode, _, blob, size = described.split()
        length = None if size == b"-" else int(size)
        yield TreeFile(path, _KINDS.get(mode, "file"), length, blob.decode())


def tree_parts(clone: Clone) -> Iterator[Part]:
    """Parts of tree_files."""
    rows: list[tuple[str, str, str, int | None, str, str, str | None]] = []
    for file in tree(clone):
        path = path_text(file.path)
        rows.append((clone.origin.name, path, file.kind, file.size, file.blob, role(path), language(path)))
        if len(rows) >= _ROWS:
            yield Part(TREE_FILES, TREE_FILES.frame(rows))
            rows = []
    yield Part(TREE_FILES, TREE_FILES.frame(rows) if rows else pl.DataFrame(schema=TREE_FILES.schema))
