"""Reads npm's package-lock.json (and npm-shrinkwrap.json) of versions 1, 2 and 3."""

from collections.abc import Iterator
from dataclasses import dataclass

from quarterdeck.evidence.dependencies.contents import DEV, RUNTIME, Component, Contents
from quarterdeck.evidence.dependencies.package_urls import Package, package
from quarterdeck.evidence.documents import MalformedError, Record, flag_of, json_document, record_of, text_of

DEEPEST = 200  # nested dependencies of version 1
LONGEST_PATH = 4_096
_MODULES = "node_modules/"
_WANTS = ("dependencies", "optionalDependencies", "peerDependencies")


def package_lock(text: str, origin: str) -> Contents:
    """A package-lock.json; `line` is the entry's place among the entries."""
    contents = Contents("package-lock.json", origin)
    document = json_document(text, origin)
    if not isinstance(document, Record) or "lockfileVersion" not in document:
        raise MalformedError("it has no lockfileVersion")
    if "packages" in document:
        _Tree(record_of(document, "packages"), contents).fill()
    else:
        _first_version(document, contents)
    return contents


@dataclass(frozen=True)
class _Entry:
    """One entry of `packages`: what stands there, its package (None for the project's own), its place."""

    record: Record
    package: Package | None
    place: int


class _Tree:
    """The entries of `packages` by their path, which tells what each can see."""

    def __init__(self, packages: Record, contents: Contents) -> None:
        self.contents = contents
        self.entries: dict[str, _Entry] = {}
        for place, path in enumerate(packages, 1):
            try:
                if len(path) > LONGEST_PATH:
                    raise MalformedError("its path is too long")
                record = record_of(packages, path)
                self.entries[path] = _Entry(record, _package(path, record), place)
            except (ValueError, MalformedError) as error:
                contents.problem(place, f"{path[:120]} is no package: {error}")

    def fill(self) -> None:
        asked = {
            target.package.purl
            for path, entry in self.entries.items()
            if entry.package is None and not entry.record.get("link")
            for target in self._seen(path, entry.record, (*_WANTS, "devDependencies"))
            if target.package
        }
        for path, entry in self.entries.items():
            if entry.package is None:
                continue
            record = entry.record
            direct = entry.package.purl in asked if "" in self.entries else None
            licence = _licence(record)
            hashed = "integrity" in record
            self.contents.add(Component(entry.package, entry.place, direct, _scope(record), licence, hashed))
            for other in self._seen(path, record, _WANTS):
                if other.package:
                    self.contents.need(entry.package.purl, other.package.purl)

    def _seen(self, path: str, record: Record, fields: tuple[str, ...]) -> Iterator[_Entry]:
        for name in (each for field in fields for each in record_of(record, field)):
            found = self._find(path, name)
            if found is not None:
                yield found

    def _find(self, path: str, name: str) -> _Entry | None:
        """As Node looks: in the package's own node_modules, then in each folder above."""
        while True:
            found = self.entries.get(f"{path}/{_MODULES}{name}" if path else f"{_MODULES}{name}")
            if found is not None or not path:
                return found
            path = path.rpartition(f"/{_MODULES}")[0] if f"/{_MODULES}" in path else ""


def _package(path: str, record: Record) -> Package | None:
    """None for the project itself, its workspaces, and links to them."""
    before, sign, name = path.rpartition(_MODULES)
    if not sign or (before and not before.endswith("/")) or flag_of(record, "link"):
        return None
    return package("npm", text_of(record, "name") or name, text_of(record, "version"))


def _scope(record: Record) -> str:
    return DEV if flag_of(record, "dev") else RUNTIME


def _licence(record: Record) -> str | None:
    found = record.get("license")
    return text_of(found, "type") if isinstance(found, Record) else found if isinstance(found, str) and found else None


def _first_version(document: Record, contents: Contents) -> None:
    """Version 1 nests what is not shared, and does not say what the project itself asks for."""
    root: dict[str, Package] = {}
    place = 0
    waiting: list[tuple[Record, tuple[dict[str, Package], ...]]] = [(record_of(document, "dependencies"), (root,))]
    wants: list[tuple[Package, Record, tuple[dict[str, Package], ...]]] = []
    while waiting:
        listed, seen = waiting.pop()
        if len(seen) > DEEPEST:
            raise MalformedError(f"its dependencies are nested deeper than {DEEPEST}")
        for name in listed:
            place += 1
            try:
                entry = record_of(listed, name)
                parsed = _first_package(name, text_of(entry, "version"))
                contents.add(Component(parsed, place, None, _scope(entry), None, "integrity" in entry))
                seen[-1][name] = parsed
                inner = (*seen, dict[str, Package]())
                waiting.append((record_of(entry, "dependencies"), inner))
                wants.append((parsed, record_of(entry, "requires"), inner))
            except (ValueError, MalformedError) as error:
                contents.problem(place, f"{name[:120]} is no package: {error}")
    for parsed, requires, seen in wants:
        for name in requires:
            found = next((level[name] for level in reversed(seen) if name in level), None)
            if found is not None:
                contents.need(parsed.purl, found.purl)


def _first_package(name: str, version: str | None) -> Package:
    """npm:other@1.2.3 stands for another package; an address or a file stands for no version."""
    if version and version.startswith("npm:"):
        name, _, version = version.removeprefix("npm:").rpartition("@")
    elif version and (":" in version or "/" in version):
        version = None
    return package("npm", name, version)
