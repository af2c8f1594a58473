"""Looks at a clone that may be hostile without running git in it: its objects' place, references, default branch."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.git.text import plain_text
from quarterdeck.evidence.hostile import LARGEST_TEXT, MEBIBYTE, read_bytes

LARGEST_OBJECTS = 32_768 * MEBIBYTE  # all objects of a repository, packed
MOST_ENTRIES = 2_000_000
MOST_REFERENCES = 200_000
_LARGEST_REFERENCE = 4096
_KINDS = (b"refs/heads/", b"refs/remotes/", b"refs/tags/")  # no replacements, notes or stashes: they are no history
_HEX = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_IMPROPER = re.compile(rb"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[/.]$")
_FALLBACKS = (b"refs/heads/main", b"refs/heads/master", b"refs/heads/trunk", b"refs/heads/develop")


@dataclass(frozen=True)
class Origin:
    """A clone as it stands on disk. References are full names with the object each leads to, in their order."""

    name: str
    folder: Path  # the git directory
    references: tuple[tuple[bytes, bytes], ...]
    branch: (
        bytes | None
    )  # full name of the default branch's reference; None where the head is detached or nothing is there
    head: bytes | None  # commit at the head; None in an empty repository
    remote: str | None
    problems: tuple[Problem, ...]

    @property
    def object_format(self) -> str:
        """sha1 or sha256, by the length of its objects' names."""
        return "sha256" if any(len(name) == 64 for _, name in self.references[:1]) else "sha1"


def look(path: Path, name: str | None = None) -> Origin:
    """Look at the clone at `path`, bare or not; refused where it is none, or leans on things outside itself."""
    path = path.resolve()
    known_by = name or path.name.removesuffix(".git") or path.parent.name
    try:
        return _look(path, known_by)
    except OSError as error:
        raise Refused(known_by, f"cannot be read: {error.strerror}") from error


def _look(path: Path, known_by: str) -> Origin:
    folder = _git_directory(path, known_by)
    _self_contained(folder, known_by)
    problems: list[Problem] = []
    references = _references(folder, known_by, problems)
    branch, head = _default_branch(folder, dict(references), known_by)
    if references and head is None:
        problems.append(Problem(known_by, None, "has no default branch: its HEAD names one that does not exist"))
    remote = _remote(folder, known_by)
    return Origin(known_by, folder, tuple(references), branch, head, remote, tuple(problems))


def _git_directory(path: Path, name: str) -> Path:
    if not path.is_dir():
        raise Refused(name, "is not a folder with a git clone")
    inside = path / ".git"
    if inside.is_symlink() or inside.is_file():
        raise Refused(name, "is a linked worktree or a submodule: name the clone it belongs to")
    folder = inside if inside.is_dir() else path
    for needed in ("objects", "HEAD"):
        place = folder / needed
        if place.is_symlink() or not place.exists():
            raise Refused(name, "is not a git clone: it has no own objects and HEAD")
    return folder


def _self_contained(folder: Path, name: str) -> None:
    """Refuse what is incomplete or would make git read another repository's objects."""
    for place, reason in (
        ("commondir", "is a linked worktree: name the clone it belongs to"),
        ("shallow", "is a shallow clone, whose history is cut: run git fetch --unshallow in it"),
        (
            "objects/info/alternates",
            "borrows objects of another repository: run git repack -a -d and remove that file",
        ),
    ):
        if os.path.lexists(folder / place) and (folder / place).lstat().st_size:
            raise Refused(name, reason)
    if any(
        (folder / place).is_symlink() for place in ("refs", "refs/heads", "refs/remotes", "refs/tags", "packed-refs")
    ):
        raise Refused(name, "keeps its references behind links, which could lead outside it")
    if (folder / "reftable").exists():
        raise Refused(
            name, "keeps its references as reftable, which is not read: run git refs migrate --ref-format=files"
        )
    total = 0
    for entry in _entries(os.fsencode(folder / "objects"), name):
        if not entry.is_file(follow_symlinks=False):
            raise Refused(name, "has links or special files among its objects")
        if entry.name.endswith(b".promisor"):
            raise Refused(name, "is a partial clone, whose contents are incomplete: clone it without --filter")
        total += entry.stat(follow_symlinks=False).st_size
        if total > LARGEST_OBJECTS:
            raise Refused(name, f"holds more than {LARGEST_OBJECTS // MEBIBYTE} MiB of objects")


def _entries(root: bytes, name: str) -> Iterator[os.DirEntry[bytes]]:
    """Everything below a folder that is no folder, in the order of names; without recursion, however deep it goes."""
    folders = [root]
    seen = 0
    while folders:
        with os.scandir(folders.pop()) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        folders += [entry.path for entry in reversed(entries) if entry.is_dir(follow_symlinks=False)]
        seen += len(entries)
        if seen > MOST_ENTRIES:
            raise Refused(name, f"holds more than {MOST_ENTRIES} files and folders in one of its own folders")
        yield from (entry for entry in entries if not entry.is_dir(follow_symlinks=False))


def _references(folder: Path, name: str, problems: list[Problem]) -> list[tuple[bytes, bytes]]:
    found: dict[bytes, bytes] = {}
    packed = folder / "packed-refs"
    if os.path.lexists(packed) and not packed.is_symlink():
        for line in read_bytes(packed, largest=LARGEST_TEXT, origin=f"{name}/packed-refs").splitlines():
            target, _, reference = line.partition(b" ")
            if reference.startswith(_KINDS) and _HEX.fullmatch(target):
                found[reference] = target
    for reference, content in _loose(folder, name):
        if _HEX.fullmatch(content):
            found[reference] = content
        elif not content.startswith(b"ref: "):
            problems.append(Problem(name, None, f"reference {plain_text(reference)} cannot be read"))
    if len(found) > MOST_REFERENCES:
        raise Refused(name, f"has more than {MOST_REFERENCES} references")
    for reference in [reference for reference in found if _IMPROPER.search(reference)]:
        problems.append(Problem(name, None, f"reference {plain_text(reference)!r} has an improper name; left out"))
        del found[reference]
    return sorted(found.items())


def _loose(folder: Path, name: str) -> Iterator[tuple[bytes, bytes]]:
    root = os.fsencode(folder)
    for kind in _KINDS:
        place = folder / os.fsdecode(kind[:-1])
        if place.is_dir():
            for entry in _entries(os.fsencode(place), name):
                yield entry.path.removeprefix(root + b"/"), _reference(Path(os.fsdecode(entry.path)), name)


def _reference(path: Path, name: str) -> bytes:
    """What stands in one reference file; nothing where it is a link, which could lead anywhere."""
    if path.is_symlink():
        return b""
    return read_bytes(path, largest=_LARGEST_REFERENCE, origin=f"{name}/{path.name}").strip()


def _default_branch(folder: Path, references: dict[bytes, bytes], name: str) -> tuple[bytes | None, bytes | None]:
    """The branch its origin calls HEAD where the clone knows it, else its own HEAD, else one with a usual name."""
    own = _reference(folder / "HEAD", name)
    remote = folder / "refs" / "remotes" / "origin" / "HEAD"
    named = [_reference(remote, name)] if remote.exists() else []
    for content in (*named, own):
        target = content.removeprefix(b"ref: ").strip()
        if content.startswith(b"ref: ") and target in references:
            return target, references[target]
    if _HEX.fullmatch(own):
        return None, own
    branches = [reference for reference in references if not reference.startswith(b"refs/tags/")]
    usual = [reference for reference in _FALLBACKS if reference in references]
    chosen = (usual or (branches if len(branches) == 1 else []))[:1]
    return (chosen[0], references[chosen[0]]) if chosen else (None, None)


_SECTION = re.compile(r'\s*\[\s*remote\s+"origin"\s*\]\s*(.*)', re.IGNORECASE)
_URL = re.compile(r'\s*url\s*=\s*"?([^"#;\s]+)', re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@|[?#].*")


def _remote(folder: Path, name: str) -> str | None:
    """The address of the remote called origin, without user and password; read as text, never by git."""
    path = folder / "config"
    if path.is_symlink() or not path.is_file():
        return None
    inside = False
    for line in plain_text(read_bytes(path, largest=MEBIBYTE, origin=f"{name}/config")).splitlines():
        if line.lstrip().startswith("["):
            section = _SECTION.match(line)
            inside, line = section is not None, section[1] if section else ""
        found = _URL.match(line) if inside else None
        if found:
            return _CREDENTIALS.sub("", found[1])
    return None
