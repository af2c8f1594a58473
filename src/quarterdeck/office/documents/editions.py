"""Editions: documents as they were handed out, kept as files with a manifest that says what they rest on."""

import hashlib
import hmac
import os
import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from pydantic import ValidationError

from quarterdeck.kinds import history
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.canonical import canonical, digest
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.office.documents.pack import NAMED
from quarterdeck.runs import answers, closure, values
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.models import Run

RIGHT = "document"
MANIFEST = "manifest.json"
_KEY = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{10}(-\d{1,4})?")


@dataclass(frozen=True)
class KeptFile:
    """One file of an edition, and what its bytes were."""

    name: str
    language: str
    format: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Mark:
    """One thing an answer rests on, and the change or snapshot it stood at: "kind:system", "table:commits"."""

    what: str
    mark: int


@dataclass(frozen=True)
class Rest:
    """One answer behind an edition: its run and the digests of what went in and came out.

    One that an earlier decision froze has no closure and no marks: that what it rests on moves is no news.
    """

    number: int
    analysis: str
    run: str
    inputs: str
    result: str
    engine: str
    closure: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Said:
    """The headline of an edition in one language."""

    language: str
    sentence: str


@dataclass(frozen=True)
class Edition:
    """A manifest. `head` is the last change of the records when it was made; `seal` keeps the manifest itself."""

    key: str
    sort: str
    made: datetime
    audience: str
    said: tuple[Said, ...]
    files: tuple[KeptFile, ...]
    rests: tuple[Rest, ...]
    head: int
    head_hash: str
    seal: str = ""

    @property
    def sealed(self) -> bool:
        """Whether the manifest is as it was written."""
        return hmac.compare_digest(self.seal, _seal(self))


@dataclass(frozen=True)
class Damaged:
    """A folder whose manifest cannot be read any more."""

    key: str


def folder() -> Path:
    """Where editions are kept."""
    return Path(settings.HOME) / "documents"


def _seal(edition: Edition) -> str:
    text = values.to_text(replace(edition, seal=""))
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def rest(answered: Answered, *, frozen: bool = False) -> Rest:
    """What a manifest keeps of an answer."""
    run = Run.objects.get(digest=answered.run)
    marks: dict[str, int] = {}
    for one in answered.rested:
        marks[one.what] = max(marks.get(one.what, 0), one.mark)
    return Rest(
        answered.id,
        answered.analysis.name,
        run.digest,
        digest(run.inputs),
        digest(run.result),
        run.engine,
        "" if frozen else closure.digest(run.engine),
        () if frozen else tuple(Mark(what, mark) for what, mark in sorted(marks.items())),
    )


def keep(
    sort: str,
    reader: Reader,
    said: Iterable[Said],
    contents: dict[KeptFile, bytes],
    behind: Iterable[Answered],
    frozen: Iterable[Answered] = (),
) -> Edition:
    """Write an edition: whole or not at all. The same contents for the same audience are kept once.

    `frozen` are answers of an earlier day that it prints beside today's.
    """
    behind, frozen = tuple(behind), tuple(frozen)
    number, head = history.head()
    mark = digest(canonical([sort, reader.audience, *sorted(f"{file.name} {file.sha256}" for file in contents)]))
    made = timezone.now()
    edition = Edition(
        f"{timezone.localtime(made).date().isoformat()}-{mark[:10]}",
        sort,
        made,
        digest(reader.audience),
        tuple(said),
        tuple(contents),
        (*map(rest, behind), *(rest(one, frozen=True) for one in frozen)),
        number,
        head,
    )
    known = _known(edition)
    if known is not None:
        return known
    for answered in (*behind, *frozen):
        answers.pin(answered.id)
    return _write(edition, contents)


def _known(edition: Edition) -> Edition | None:
    """The same edition, made before and still whole."""
    for one in every():
        if (
            isinstance(one, Edition)
            and one.sealed
            and (one.files, one.audience, one.sort) == (edition.files, edition.audience, edition.sort)
            and not altered_files(one)
        ):
            return one
    return None


def _write(edition: Edition, contents: dict[KeptFile, bytes]) -> Edition:
    scratch = folder() / f".{uuid.uuid4().hex}"
    scratch.mkdir(parents=True, mode=0o700)
    try:
        for file, content in contents.items():
            _put(scratch / file.name, content)
        for attempt in range(1, 1000):
            named = replace(edition, key=edition.key if attempt == 1 else f"{edition.key}-{attempt}")
            if (folder() / named.key).exists():
                continue
            named = replace(named, seal=_seal(named))
            _put(scratch / MANIFEST, values.to_text(named).encode())
            scratch.rename(folder() / named.key)
            return named
        raise FileExistsError(edition.key)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def kept_file(name: str, language: str, sort: str, content: bytes) -> KeptFile:
    """What a manifest says of a file."""
    return KeptFile(name, language, sort, hashlib.sha256(content).hexdigest(), len(content))


def every() -> list[Edition | Damaged]:
    """All editions there are, the newest first; folders whose manifest is broken come first of all."""
    found: list[Edition | Damaged] = []
    for path in folder().glob("*/") if folder().is_dir() else ():
        if _KEY.fullmatch(path.name) and not path.is_symlink():
            found.append(_read(path))
    return sorted(
        found,
        key=lambda one: (isinstance(one, Damaged), one.made.timestamp() if isinstance(one, Edition) else 0.0),
        reverse=True,
    )


def _read(path: Path) -> Edition | Damaged:
    try:
        found = values.from_text(Edition, (path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return Damaged(path.name)
    return found if isinstance(found, Edition) and found.key == path.name else Damaged(path.name)


def one(key: str) -> Edition:
    """The edition of a key. Raises NotFound, also where its manifest is broken."""
    if _KEY.fullmatch(key):
        found = _read(folder() / key)
        if isinstance(found, Edition):
            return found
    raise NotFound(f"edition:{key}")


def content(edition: Edition, name: str) -> tuple[KeptFile, bytes]:
    """A file of an edition. Raises NotFound where it is none of its files, is gone, or is not what it was."""
    for file in edition.files:
        if file.name == name and edition.sealed:
            found = _bytes(edition, file)
            if found is not None and hashlib.sha256(found).hexdigest() == file.sha256:
                return file, found
    raise NotFound(f"edition:{edition.key}/{name}")


def _bytes(edition: Edition, file: KeptFile) -> bytes | None:
    path = folder() / edition.key / file.name
    if Path(file.name).name != file.name or path.is_symlink() or not path.is_file():
        return None
    return path.read_bytes()


def altered_files(edition: Edition) -> list[str]:
    """Names of files that are gone or whose bytes are not what they were."""
    found = ((file, _bytes(edition, file)) for file in edition.files)
    return [
        file.name for file, content in found if content is None or hashlib.sha256(content).hexdigest() != file.sha256
    ]


def permit(edition: Edition, reader: Reader) -> None:
    """Whether the reader may see the edition: the right, its answers, and every name printed in it. Raises Denied."""
    if not reader.may(RIGHT):
        raise Denied("see", "documents")
    for one in edition.rests:
        analysis = answers.ANALYSES.get(one.analysis)
        if analysis is not None:
            answers.permit(analysis, reader)
    if digest(reader.audience) != edition.audience and not all(reader.sees_all(kind) for kind in NAMED):
        raise Denied("see", f"edition {edition.key}")


def visible(reader: Reader) -> list[Edition]:
    """The editions a reader may see, the newest first."""
    found = []
    for one in every():
        if isinstance(one, Edition):
            try:
                permit(one, reader)
            except Denied:
                continue
            found.append(one)
    return found


def damaged() -> list[str]:
    """Keys of editions whose manifest is broken."""
    return [one.key for one in every() if isinstance(one, Damaged)]
