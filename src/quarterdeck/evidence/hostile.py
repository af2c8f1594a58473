"""Opens what others made without trusting it: bounded sizes, known encodings, no path outside its root, no bombs."""

import hashlib
import io
import lzma
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from quarterdeck.evidence.batch import Refused

MEBIBYTE = 1024 * 1024
LARGEST_TEXT = 256 * MEBIBYTE  # a text file that is parsed whole
LARGEST_LINE = 4 * MEBIBYTE
LARGEST_MEMBER = 64 * MEBIBYTE  # one file of an archive, unpacked
LARGEST_ARCHIVE = 2048 * MEBIBYTE  # all files of an archive, unpacked
MOST_MEMBERS = 400_000
HIGHEST_RATIO = 200  # unpacked to packed bytes of one member; deflate reaches 1,032 only on a bomb's zeros
MOST_FILES = 400_000  # of a folder
UNREADABLE_ARCHIVE = (  # what the standard library raises on a damaged one
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


@dataclass(frozen=True)
class Found:
    """One file of a folder or archive: its path inside, with / between the parts, and its bytes."""

    origin: str
    data: bytes


def open_file(path: Path, *, origin: str | None = None) -> BinaryIO:
    """One regular file, opened for reading its bytes; anything else is refused."""
    name = origin or path.name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a named pipe must not hang the collection
    except (OSError, ValueError) as error:
        raise Refused(name, f"cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused(name, "is not a regular file")
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path, *, largest: int = LARGEST_TEXT, origin: str | None = None) -> bytes:
    """The bytes of one regular file of at most `largest` bytes."""
    name = origin or path.name
    with open_file(path, origin=name) as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise Refused(name, f"is larger than {largest // MEBIBYTE} MiB, the most this reader takes")
    return data


def decode(data: bytes, origin: str) -> str:
    """Text in UTF-8 (with or without a byte-order mark), UTF-16 with one, or GB18030; anything else is refused."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    failed: UnicodeDecodeError | None = None
    for encoding in encodings:
        try:
            return _plausible(data.decode(encoding), encoding, origin)
        except UnicodeDecodeError as error:
            failed = failed or error
    start, reason = (failed.start, failed.reason) if failed else (0, "")
    line = data.count(b"\n", 0, start) + 1
    raise Refused(origin, f"is neither UTF-8 nor GB18030 text: {reason} at byte {start}", line)


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NOISE = re.compile("[\x80-\x9f\ue000-\uf8ff\U000f0000-\U0010ffff]")  # what GB18030 makes of bytes that are no text


def _plausible(text: str, encoding: str, origin: str) -> str:
    """Refuse what decodes but is not text."""
    odd = _CONTROL.search(text) or (_NOISE.search(text) if encoding == "gb18030" else None)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise Refused(origin, f"is not text: it holds the character U+{ord(odd.group()):04X}", line)
    return text


def read_text(path: Path, *, largest: int = LARGEST_TEXT, origin: str | None = None) -> str:
    """The text of one file; see `decode` for the encodings taken."""
    return decode(read_bytes(path, largest=largest, origin=origin), origin or path.name)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


Choose = Callable[[str], bool]  # says by a file's path inside its source whether it is wanted


def any_file(_origin: str) -> bool:
    """Choose every file."""
    return True


def files(root: Path, endings: tuple[str, ...], choose: Choose = any_file) -> Iterator[Found]:
    """Files below a folder, in a zip archive, or the one file named, whose names end so; in the order of their paths.

    choose: looked at before a file of a folder or archive is opened, so that what nobody wants costs nothing.
    Links are not followed; a member path that leaves its root, a bomb or too many files are refused.
    """
    if root.is_dir():
        yield from _folder(root, endings, choose)
    elif root.suffix.lower() == ".zip":
        yield from _archive(root, endings, choose)
    else:
        yield Found(root.name, read_bytes(root))


def paths(root: Path, endings: tuple[str, ...], choose: Choose = any_file) -> Iterator[tuple[str, Path]]:
    """Path inside the folder (with /) and path on disk of each of its files that `files` would take, in their order.

    For readers that stream; links are not followed, too many files are refused.
    """
    seen = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(names):
            seen += 1
            if seen > MOST_FILES:
                raise Refused(root.name, f"holds more than {MOST_FILES} files")
            path = Path(folder, name)
            origin = path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode()
            if name.lower().endswith(endings) and choose(origin) and not path.is_symlink():
                yield origin, path


def _folder(root: Path, endings: tuple[str, ...], choose: Choose) -> Iterator[Found]:
    for origin, path in paths(root, endings, choose):
        yield Found(origin, read_bytes(path, largest=LARGEST_MEMBER, origin=origin))


def _archive(path: Path, endings: tuple[str, ...], choose: Choose) -> Iterator[Found]:
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            yield from members(archive, path.name, endings, choose)
    except UNREADABLE_ARCHIVE as error:
        raise Refused(path.name, f"is not a readable zip archive: {error}") from error


def members(
    archive: zipfile.ZipFile, name: str, endings: tuple[str, ...], choose: Choose = any_file
) -> Iterator[Found]:
    """The files of an open archive whose names end so, unpacked one at a time within the bounds above."""
    listed = sorted(archive.infolist(), key=lambda member: member.filename)
    if len(listed) > MOST_MEMBERS:
        raise Refused(name, f"holds more than {MOST_MEMBERS} files")
    if sum(member.file_size for member in listed) > LARGEST_ARCHIVE:
        raise Refused(name, f"unpacks to more than {LARGEST_ARCHIVE // MEBIBYTE} MiB")
    for member in listed:
        place = PurePosixPath(member.filename)
        if place.is_absolute() or ".." in place.parts or "\\" in member.filename or "\0" in member.filename:
            raise Refused(f"{name}/{member.filename}", "leaves the archive's own root")
        if member.is_dir() or not member.filename.lower().endswith(endings) or not choose(member.filename):
            continue
        yield Found(member.filename, _member(archive, member, name))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """Unpack one member, counting what really comes out: the directory's own sizes may lie."""
    origin = f"{name}/{member.filename}"
    most = min(LARGEST_MEMBER, max(member.compress_size, 1024) * HIGHEST_RATIO)
    if member.flag_bits & 1:
        raise Refused(origin, "is encrypted")
    out = io.BytesIO()
    with archive.open(member) as file:
        while block := file.read(MEBIBYTE):
            if out.tell() + len(block) > most:
                raise Refused(origin, f"unpacks to more than {most} bytes (a bomb, or too large)")
            out.write(block)
    return out.getvalue()
