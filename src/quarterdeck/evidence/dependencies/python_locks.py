"""Reads Python's lock files: uv.lock, poetry.lock, Pipfile.lock."""

from collections import defaultdict
from collections.abc import Iterator

from quarterdeck.evidence.dependencies.contents import DEV, RUNTIME, Component, Contents, few
from quarterdeck.evidence.dependencies.package_urls import Package, package
from quarterdeck.evidence.documents import (
    MalformedError,
    Record,
    json_document,
    record_of,
    records,
    text_of,
    texts,
    toml_document,
)
from quarterdeck.evidence.versions import package_name


def uv_lock(text: str, origin: str) -> Contents:
    """A uv.lock. What only a dependency group leads to is dev; what a group and the package lead to is runtime."""
    contents = Contents("uv.lock", origin)
    document = toml_document(text, origin)
    if "version" not in document:
        raise MalformedError("it does not say which version of the format it has")
    _Uv(records(document, "package"), contents).fill()
    return contents


_Place = tuple[int, str]  # a package's place in the file, and one of its extras ("" for the package itself)


class _Uv:
    """The packages of a uv.lock with the ways among them."""

    def __init__(self, found: list[Record], contents: Contents) -> None:
        self.contents = contents
        self.packages: list[tuple[Record, Package]] = []
        self.named: dict[str, list[int]] = defaultdict(list)
        for record in found:
            try:
                parsed = package("pypi", text_of(record, "name") or "", text_of(record, "version"))
            except (ValueError, MalformedError) as error:
                contents.problem(record.line, f"is no package: {error}")
                continue
            self.named[parsed.name].append(len(self.packages))
            self.packages.append((record, parsed))
        few(self.named)
        self.ways: dict[_Place, list[_Place]] = {}

    def fill(self) -> None:
        own = [place for place, (record, _) in enumerate(self.packages) if _is_own(record)]
        runtime: list[_Place] = []
        development: list[_Place] = []
        for place in own:
            record, itself = self.packages[place]
            extras = [target for each in record_of(record, "optional-dependencies") for target in self._to(place, each)]
            runtime += [*self._to(place, ""), *extras]
            groups = record_of(record, "dev-dependencies")
            development += [target for each in groups for target in self._resolve(records(groups, each), record)]
            self._draw(itself, [*runtime, *development])
        at_runtime, in_all = self._walk(runtime), self._walk([*runtime, *development])
        direct = {place for place, _ in [*runtime, *development]}
        for place, (record, parsed) in enumerate(self.packages):
            if place in own:
                continue
            scope = RUNTIME if place in at_runtime else DEV if place in in_all else None
            hashed = any("hash" in file for file in [*records(record, "wheels"), record_of(record, "sdist")])
            asked = place in direct if own else None
            self.contents.add(Component(parsed, record.line, asked, scope, None, hashed))
            if place not in in_all:
                self._draw(parsed, self._to(place, ""))

    def _walk(self, starts: list[_Place]) -> set[int]:
        seen, waiting = set(starts), list(starts)
        while waiting:
            place, extra = waiting.pop()
            following = self._to(place, extra)
            self._draw(self.packages[place][1], following)
            for target in following:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return {place for place, _ in seen}

    def _to(self, place: int, extra: str) -> list[_Place]:
        if (place, extra) not in self.ways:
            record = self.packages[place][0]
            listed = record if not extra else record_of(record, "optional-dependencies")
            self.ways[place, extra] = list(self._resolve(records(listed, extra or "dependencies"), record))
        return self.ways[place, extra]

    def _resolve(self, listed: list[Record], asking: Record) -> Iterator[_Place]:
        for each in listed:
            name, version = package_name("PyPI", text_of(each, "name") or ""), text_of(each, "version")
            found = [place for place in self.named.get(name, ()) if version in (None, self.packages[place][1].version)]
            if not found:
                asked = text_of(asking, "name")
                self.contents.problem(asking.line, f"{asked} needs {name[:80]}, which the file does not hold")
            for place in found:
                yield place, ""
                known = record_of(self.packages[place][0], "optional-dependencies")
                yield from ((place, extra) for extra in texts(each, "extra") if extra in known)

    def _draw(self, one: Package, others: list[_Place]) -> None:
        for place, _ in others:
            self.contents.need(one.purl, self.packages[place][1].purl)


def _is_own(record: Record) -> bool:
    """The project itself and the members of its workspace: their source is a folder of the project."""
    source = record_of(record, "source")
    return "editable" in source or "virtual" in source


def poetry_lock(text: str, origin: str) -> Contents:
    """A poetry.lock. The group main is runtime, any other group alone is dev; before 1.5 the category tells."""
    contents = Contents("poetry.lock", origin)
    held: dict[str, list[Package]] = defaultdict(list)
    needs: list[tuple[Package, Record]] = []
    for record in records(toml_document(text, origin), "package"):
        try:
            parsed = package("pypi", text_of(record, "name") or "", text_of(record, "version"))
            hashed = any("hash" in file for file in _files(record))
            contents.add(Component(parsed, record.line, None, _poetry_scope(record), None, hashed))
            held[parsed.name].append(parsed)
            needs.append((parsed, record_of(record, "dependencies")))
        except (ValueError, MalformedError) as error:
            contents.problem(record.line, f"is no package: {error}")
    few(held)
    for parsed, wanted in needs:
        for name in wanted:
            for other in held.get(package_name("PyPI", name), ()):  # one not held is optional and was not chosen
                contents.need(parsed.purl, other.purl)
    return contents


def _files(record: Record) -> list[Record]:
    return records(record, "files") if isinstance(record.get("files"), list) else []


def _poetry_scope(record: Record) -> str | None:
    groups = [*texts(record, "groups"), *filter(None, [text_of(record, "category")])]
    return None if not groups else RUNTIME if "main" in groups else DEV


def pipfile_lock(text: str, origin: str) -> Contents:
    """A Pipfile.lock. default is runtime, develop is dev; other categories do not say."""
    contents = Contents("Pipfile.lock", origin)
    document = json_document(text, origin)
    if not isinstance(document, Record) or "_meta" not in document:
        raise MalformedError("it has no _meta")
    place = 0
    for category in document:
        if category == "_meta":
            continue
        entries = record_of(document, category)
        for name in entries:
            place += 1
            try:
                _locked(name, record_of(entries, name), category, place, contents)
            except (ValueError, MalformedError) as error:
                contents.problem(place, f"{name[:80]} is no package: {error}")
    return contents


def _locked(name: str, entry: Record, category: str, place: int, contents: Contents) -> None:
    if text_of(entry, "path") == ".":
        return
    version = (text_of(entry, "version") or "").removeprefix("==") or None
    scope = {"default": RUNTIME, "develop": DEV}.get(category)
    contents.add(Component(package("pypi", name, version), place, None, scope, None, bool(texts(entry, "hashes"))))
