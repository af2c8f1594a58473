"""Reads pip's requirements files: pins, digests, included files, and the notes pip-compile and uv leave in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from quarterdeck.evidence.dependencies.contents import DEV, RUNTIME, Component, Contents, Include
from quarterdeck.evidence.dependencies.package_urls import Package, package
from quarterdeck.evidence.versions import package_name

_DEV = re.compile(r"(^|[^a-z])(dev|develop|development|test|tests|testing|lint|docs?|ci|typing|tox)([^a-z]|$)")
_RUNTIME = re.compile(r"(^|[^a-z])(prod|production|runtime|base|main)([^a-z]|$)")


def scope_by_name(origin: str) -> str | None:
    """dev or runtime, where a requirements file's name says so; requirements.txt alone is runtime by custom."""
    stem = PurePosixPath(origin.lower()).name.removesuffix(".txt").removesuffix(".in")
    if _DEV.search(stem):
        return DEV
    return RUNTIME if stem.endswith("requirements") or _RUNTIME.search(stem) else None


@dataclass
class _Line:
    """One logical line: its number, its text without comment, and the comments on it and below it."""

    number: int
    text: str
    notes: list[str] = field(default_factory=list)


def requirements(text: str, origin: str, scope: str | None) -> Contents:
    """A requirements file, without what it includes: `Contents.includes` names that."""
    contents = Contents("requirements.txt", origin)
    read: list[tuple[Package, list[str]]] = []
    for line in _lines(text):
        if line.text.startswith("-"):
            _option(line, contents)
        elif line.text:
            _requirement(line, scope, contents, read)
    _annotate(read, contents)
    return contents


def _lines(text: str) -> Iterator[_Line]:
    """Join continued lines; a comment begins at a # that starts the line or follows white space."""
    line: _Line | None = None
    joined: list[str] = []
    for number, raw in enumerate(text.splitlines(), 1):
        body, sign, note = _cut(raw)
        if sign and line is not None and not body.strip() and not joined:
            line.notes.append(note)
            continue
        if line is None or not joined:
            if line is not None:
                yield line
            line = _Line(number, "")
        if sign:
            line.notes.append(note)
        continued = body.endswith("\\")
        joined.append(body.removesuffix("\\"))
        if not continued or sign:
            line.text, joined = "".join(joined).strip(), []
    if line is not None:
        line.text = line.text or "".join(joined).strip()
        yield line


def _cut(raw: str) -> tuple[str, bool, str]:
    found = re.search(r"(^|\s)#", raw)
    if not found:
        return raw, False, ""
    return raw[: found.start()], True, raw[found.end() :].strip()


_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=|(?<=-r))(?P<path>\S.*)")
_OWN = re.compile(r"(?:-e|--editable)[\s=]")


def _option(line: _Line, contents: Contents) -> None:
    """Options say where to install from, which may hold a password: nothing of them is kept."""
    found = _INCLUDE.fullmatch(line.text)
    if found:
        contents.includes.append(Include(found["path"].strip().strip("'\""), line.number))
    elif _OWN.match(line.text) and "://" in line.text:
        contents.problem(line.number, "an editable requirement from an address has no version that can be read")


_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<rest>.*)", re.DOTALL
)
_ARCHIVE = re.compile(r"\.(whl|zip|tar|gz|bz2|tgz)$")
_PIN = re.compile(r"\(?\s*===?\s*(?P<version>[^\s,;)*]+)\s*\)?")


def _requirement(line: _Line, scope: str | None, contents: Contents, read: list[tuple[Package, list[str]]]) -> None:
    bare = re.split(r"\s--(?:hash|global-option|config-settings|install-option)\b", line.text, maxsplit=1)[0]
    hashed = "--hash" in line.text
    found = _REQUIREMENT.fullmatch(bare.strip())
    rest = found["rest"] if found else ""
    if not found or not (rest == "" or rest[0] in "=<>!~;@(") or _ARCHIVE.search(found["name"]):
        contents.problem(line.number, "is not a requirement that names a package")
        return
    pin = _PIN.fullmatch(rest.partition(";")[0].strip())
    try:
        parsed = package("pypi", found["name"], pin["version"] if pin else None)
    except ValueError as error:
        contents.problem(line.number, str(error))
        return
    contents.add(Component(parsed, line.number, None, scope, None, hashed))
    read.append((parsed, _via(line.notes)))


def _via(notes: list[str]) -> list[str]:
    """Who asked for a package, by the note `via …` under it (pip-compile, uv)."""
    names: list[str] = []
    begun = False
    for note in notes:
        if note == "via" or note.startswith("via "):
            begun, note = True, note[3:].strip()
        elif not begun:
            continue
        names += [part.strip() for part in note.split(",") if part.strip()]
    return names


_FILE = re.compile(r"-[rc]\s|.*\.(in|txt|toml|cfg|py)\b|[^(]*\(.*\)$")


def _annotate(read: list[tuple[Package, list[str]]], contents: Contents) -> None:
    if not any(via for _, via in read):
        return
    held = {parsed.name: parsed for parsed, _ in read}
    for parsed, via in read:
        component = contents.components[parsed.purl]
        asked = any(_FILE.match(name) for name in via)
        direct = asked if via else None
        contents.add(Component(parsed, component.line, direct, component.scope, None, component.hashed))
        for name in via:
            asking = held.get(package_name("PyPI", re.sub(r"\[.*", "", name)))
            if asking is not None and not _FILE.match(name):
                contents.need(asking.purl, parsed.purl)
