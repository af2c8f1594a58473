"""Names of git's objects, as git computes them: other files can name commits before any repository is made."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime


def _name(kind: bytes, content: bytes) -> bytes:
    return hashlib.sha1(kind + b" %d\0" % len(content) + content, usedforsecurity=False).digest()


@dataclass
class Tree:
    """The files of a repository: folders with the names of what is in them, renamed as files change."""

    folders: dict[str, dict[str, tuple[bytes, bytes]]] = field(default_factory=lambda: {"": {}})

    def put(self, path: str, content: bytes) -> None:
        """Write one file."""
        folder, _, name = path.rpartition("/")
        self.folders.setdefault(folder, {})[name] = (b"100644", _name(b"blob", content))
        while folder:
            above, _, name = folder.rpartition("/")
            self.folders.setdefault(above, {})[name] = (b"40000", self._folder(folder))
            folder = above

    def name(self) -> str:
        """Name of the whole tree."""
        return self._folder("").hex()

    def _folder(self, folder: str) -> bytes:
        entries = [(name.encode(), *entry) for name, entry in self.folders[folder].items()]
        entries.sort(key=lambda entry: entry[0] + (b"/" if entry[1] == b"40000" else b""))
        return _name(b"tree", b"".join(mode + b" " + name + b"\0" + digest for name, mode, digest in entries))


def clock(at: datetime, zone: str) -> str:
    """A moment as git writes it: seconds since 1970, then the author's zone."""
    return f"{int(at.timestamp())} {zone}"


def commit(tree: str, parent: str, author: str, committer: str, message: str) -> str:
    """Name of a commit. author, committer: `Name <address> seconds zone`; parent: empty for the first."""
    above = f"parent {parent}\n" if parent else ""
    content = f"tree {tree}\n{above}author {author}\ncommitter {committer}\n\n{message}"
    return _name(b"commit", content.encode()).hex()
