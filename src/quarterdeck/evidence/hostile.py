"""Opens what others made without trusting it: bounded sizes, known encodings, no path outside its root, no bombs."""

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

from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.chinese import Judge

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
        size = os.fstat(file.fileno()).st_size  # asked first: what is too large is not read to find that out
        data = b"" if size > largest else file.read(largest + 1)
    if max(size, len(data)) > largest:
        raise Refused(name, f"is larger than {largest // MEBIBYTE} MiB, the most this reader takes")
    return data


UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, origin: str) -> str:
    """Text in UTF-8 (with or without a byte-order mark), UTF-16 with one, or GB18030; anything else is refused."""
    if data[:2] in UTF16_MARKS:
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError as error:
            line = data[: error.start].decode("utf-16", "ignore").count("\n") + 1
            raise Refused(origin, not_utf16(error), line) from error
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return _chinese(data, origin, error)
    refuse_noise(text, origin)
    return text


def _chinese(data: bytes, origin: str, error: UnicodeDecodeError) -> str:
    """Text in GB18030 that is Chinese. error: why it is not UTF-8, which says where it first goes wrong."""
    judge = Judge()
    try:
        text = data.decode("gb18030")
        judge.hear(text)
    except UnicodeDecodeError:
        text = ""
    if not text or not judge.is_chinese:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(origin, neither(error, 0, error.end == len(data)), line) from error
    refuse_noise(text, origin, chinese=True)
    return text


def neither(error: UnicodeDecodeError, before: int, final: bool) -> str:
    """Why bytes that are not UTF-8, and not Chinese in GB18030, are refused. final: they go wrong at the file's end."""
    if final and error.reason == "unexpected end of data":
        return "ends in the middle of a character: the file is cut short"
    return f"is neither UTF-8 nor GB18030 text (byte {before + error.start}); save it as UTF-8"


def not_utf16(error: UnicodeDecodeError, before: int = 0) -> str:
    """Why bytes that begin like UTF-16 are refused."""
    return f"begins like UTF-16 text and is not: {error.reason} at byte {before + error.start}"


ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # in JSON: no text has it, and no database takes it


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NOISE = re.compile("[\x80-\x9f\ue000-\uf8ff\U000f0000-\U0010ffff]")  # what GB18030 makes of bytes that are no text


def refuse_noise(text: str, origin: str, *, chinese: bool = False, after: int = 0) -> None:
    """Refuse what decodes but is not text. chinese: decoded as GB18030. after: lines of the file before this text."""
    odd = _CONTROL.search(text) or (_NOISE.search(text) if chinese else None)
    if odd:
        line = after + text.count("\n", 0, odd.start()) + 1
        raise Refused(origin, f"is not text: it holds the character U+{ord(odd.group()):04X}", line)


def read_text(path: Path, *, largest: int = LARGEST_TEXT, origin: str | None = None) -> str:
    """The text of one file; see `decode` for the encodings taken."""
    return decode(read_bytes(path, largest=largest, origin=origin), origin or path.name)


def open_end(text: str, origin: str) -> list[Problem]:
    """A note on a text whose last line has no line end: nothing else can show that lines were cut short."""
    if not text or text.endswith(("\n", "\r")):
        return []
    line = text.count("\n") + 1
    return [Problem(origin, line, "the last line has no line end: the file may be cut short there")]


Choose = Callable[[str], bool]  # says by a file's path inside its source whether it is wanted


def any_file(_origin: str) -> bool:
    """Choose every file."""
    return True


Refuse = Callable[[Refused], None]  # hears of one file of a folder that could not be opened, so that others are


def files(
    root: Path, endings: tuple[str, ...], choose: Choose = any_file, refuse: Refuse | None = None
) -> Iterator[Found]:
    """Files below a folder, in a zip archive, or the one file named, whose names end so; in the order of their paths.

    choose: looked at before a file of a folder or archive is opened, so that what nobody wants costs nothing.
    refuse: told of a file of a folder that is too large or cannot be opened; without it all is refused for that file.
    Links are not followed; a member path that leaves its root, a bomb or too many files are refused.
    """
    if root.is_dir():
        yield from _folder(root, endings, choose, refuse)
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


def _folder(root: Path, endings: tuple[str, ...], choose: Choose, refuse: Refuse | None) -> Iterator[Found]:
    for origin, path in paths(root, endings, choose):
        try:
            data = read_bytes(path, largest=LARGEST_MEMBER, origin=origin)
        except Refused as error:
            if refuse is None:
                raise
            refuse(error)
        else:
            yield Found(origin, data)


def into(problems: list[Problem]) -> Refuse:
    """Make problems of the files that cannot be opened."""
    return lambda error: problems.append(Problem(error.origin, error.line, f"{error.reason}; file left out"))


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
