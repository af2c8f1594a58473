"""Makes and keeps a bare clone of our own, from which alone everything is read."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.git.origin import Origin
from quarterdeck.evidence.git.process import Git

try:
    import fcntl
except ImportError:  # not on Windows; two collections of one repository at once are then not kept apart
    fcntl = None  # type: ignore[assignment]

PINS = b"refs/read/"  # heads read earlier that the repository's history has since dropped
_MOST_PACKS = 100  # a kept clone with more is made anew
_FETCHED = ("+refs/heads/*:refs/heads/*", "+refs/remotes/*:refs/remotes/*", "+refs/tags/*:refs/tags/*")
_STAGE_SETTINGS = """[core]
\trepositoryformatversion = {version}
\tbare = true
\tcommitGraph = false
\tmultiPackIndex = false
[extensions]
\tobjectFormat = {object_format}
[pack]
\tuseBitmaps = false
\tthreads = 2
[uploadpack]
\tallowAnySHA1InWant = false
"""


@dataclass(frozen=True)
class Clone:
    """Our own clone of one repository, and what was seen of the one it was made from."""

    origin: Origin
    git: Git
    work: Path  # private folder for spooled output


@contextlib.contextmanager
def cloned(origin: Origin, wanted: tuple[bytes, ...] = (), scratch: Path | None = None) -> Iterator[Clone]:
    """Our own clone of `origin`, in a folder removed afterwards, or kept and brought up to date in `scratch`.

    wanted: commits to have even if no reference leads to them any more (where they still exist).
    """
    with tempfile.TemporaryDirectory(prefix="quarterdeck-git-") as private:
        work = Path(private)
        stage = _stage(origin, work)
        if scratch is None:
            yield _clone(origin, stage, work / "own.git", wanted, work)
            return
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = hashlib.sha256(os.fsencode(origin.folder)).hexdigest()[:32]
        with _held(scratch / f"{place}.lock", origin.name):
            yield _kept(origin, stage, scratch / f"{place}.git", wanted, work)


def _stage(origin: Origin, work: Path) -> Git:
    """A git directory of our own over the hostile clone's objects: none of its settings, hooks, grafts is ever read."""
    stage = work / "stage.git"
    (stage / "refs").mkdir(parents=True, mode=0o700)
    (stage / "objects").symlink_to(origin.folder / "objects", target_is_directory=True)
    settings = _STAGE_SETTINGS.format(version=1, object_format=origin.object_format)
    (stage / "config").write_text(settings)
    _write_head(stage, origin)
    _write_references(stage, origin, ())
    return Git(stage, origin.name)


def _write_head(folder: Path, origin: Origin) -> None:
    content = b"ref: " + origin.branch if origin.branch else origin.head or b"ref: refs/heads/none"
    (folder / "HEAD").write_bytes(content + b"\n")


def _write_references(stage: Path, origin: Origin, pins: tuple[bytes, ...]) -> None:
    lines = dict(origin.references) | {PINS + pin: pin for pin in pins}
    if origin.head and not origin.branch:
        lines[PINS + origin.head] = origin.head
    text = b"".join(name + b" " + reference + b"\n" for reference, name in sorted(lines.items()))
    (stage / "packed-refs").write_bytes(b"# pack-refs with: sorted \n" + text)


def present(git: Git, commits: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Those of the commits that exist in a repository of our own."""
    if not commits:
        return ()
    asked = b"".join(commit + b"\n" for commit in commits)
    answers = git.records("cat-file", "--batch-check=%(objectname) %(objecttype)", given=asked)
    return tuple(answer.split(b" ")[0] for answer in answers if answer.endswith(b" commit"))


def _clone(origin: Origin, stage: Git, target: Path, wanted: tuple[bytes, ...], work: Path) -> Clone:
    """Every reference of the stage, copied object by object and checked on the way; no hooks, no templates."""
    _write_references(stage.directory, origin, present(stage, wanted))
    command = (
        "clone",
        "--quiet",
        "--bare",
        "--mirror",
        "--no-local",
        "--template=",
        "--",
        str(stage.directory),
        str(target),
    )
    Git(work, origin.name, inside=False).output(*command)
    _write_head(target, origin)
    return _indexed(Clone(origin, Git(target, origin.name), work))


def _kept(origin: Origin, stage: Git, place: Path, wanted: tuple[bytes, ...], work: Path) -> Clone:
    """A kept clone brought up to date; made anew where there is none, it is broken, or it has grown many packs."""
    packs = len(list(place.glob("objects/pack/*.pack")))
    if packs and packs <= _MOST_PACKS:
        try:
            return _fetched(origin, stage, Git(place, origin.name), wanted, work)
        except Refused:
            pass  # whatever is wrong with it, a new clone tells whether the repository is at fault
    new = place.with_suffix(".new")
    for folder in (new, place):
        shutil.rmtree(folder, ignore_errors=True)
    _clone(origin, stage, new, wanted, work)
    new.rename(place)
    return Clone(origin, Git(place, origin.name), work)


def _fetched(origin: Origin, stage: Git, own: Git, wanted: tuple[bytes, ...], work: Path) -> Clone:
    held = present(own, wanted)
    if held:  # pinned before old references go, so that no clean-up can drop them
        own.output("update-ref", "--stdin", given=b"".join(b"update %s%s %s\n" % (PINS, pin, pin) for pin in held))
    lacking = present(stage, tuple(pin for pin in wanted if pin not in held))
    pins = set(lacking) | ({origin.head} if origin.head and not origin.branch else set())
    _write_references(stage.directory, origin, tuple(sorted(lacking)))
    _write_head(own.directory, origin)
    flags = (
        "--quiet",
        "--force",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
    )
    own.output("fetch", *flags, "--prune", str(stage.directory), *_FETCHED)
    if pins:
        own.output("fetch", *flags, str(stage.directory), f"+{PINS.decode()}*:{PINS.decode()}*")
    return _indexed(Clone(origin, own, work))


def _indexed(clone: Clone) -> Clone:
    """Let git write down its commits' parents and times, so that walks over them cost a tenth."""
    if clone.origin.references:
        clone.git.output("commit-graph", "write", "--reachable", "--split", "--no-progress")
    return clone


@contextlib.contextmanager
def _held(path: Path, name: str) -> Iterator[None]:
    """Hold a lock file; the system lets go of it however the process ends."""
    with path.open("wb") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Refused(name, "is being read by another collection at this moment") from error
        yield
