"""Reads every known manifest of a file, folder or zip archive, or an environment, into components and edges."""

import hashlib
from pathlib import Path, PurePosixPath

from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.dependencies import manifests
from quarterdeck.evidence.dependencies.contents import Contents
from quarterdeck.evidence.dependencies.environment import environment, is_environment
from quarterdeck.evidence.dependencies.go_modules import with_digests
from quarterdeck.evidence.dependencies.tables import COMPONENT_EDGES, COMPONENTS
from quarterdeck.evidence.documents import MalformedError
from quarterdeck.evidence.hostile import LARGEST_MEMBER, Found, decode, files, into, open_end, read_bytes

CURRENT = "current-environment"  # the path argument that means the environment this program runs in
MOST_INCLUDES = 1_000


def read(path: Path, since: State | None = None) -> Batch:
    """Components of a file, a folder or zip (all known manifests below it), a site-packages folder, or CURRENT."""
    if str(path) == CURRENT or is_environment(path):
        contents = environment(None if str(path) == CURRENT else path)
        return _batch(path, [(_environment_name(path), contents)], _digest_of(contents), since)
    collection = _Collection(path)
    collection.read()
    if not collection.found and not collection.problems:
        raise Refused(path.resolve().name, "holds no manifest that this reader knows")
    if not collection.read_so_far:
        first = collection.problems[0]
        raise Refused(first.origin, first.reason, first.line)
    named = [(collection.subject(contents.origin), contents) for contents in collection.read_so_far.values()]
    return _batch(path, named, collection.hasher.hexdigest(), since, collection.problems)


def _batch(
    path: Path,
    named: list[tuple[str, Contents]],
    digest: str,
    since: State | None,
    problems: list[Problem] | None = None,
) -> Batch:
    problems = [*(problems or []), *(problem for _, contents in named for problem in contents.problems)]
    components, edges = [], []
    for subject, contents in named:
        place = (subject, contents.manifest)
        for each in contents.components.values():
            package = each.package
            said = (package.purl, package.ecosystem, package.name, package.version)
            rest = (each.direct, each.scope, each.licence, each.hashed, contents.origin, each.line)
            components.append((*place, *said, *rest))
        edges += [(*place, one, other, contents.origin, None) for one, other in contents.edges]
    parts = [
        Part(COMPONENTS, COMPONENTS.frame(components)),
        Part(COMPONENT_EDGES, COMPONENT_EDGES.frame(edges)),
    ]
    name = _environment_name(path) if str(path) == CURRENT else path.resolve().name
    fresh = (since or {}).get("digest") != digest
    return Batch(Source(READER.name, name, digest), parts if fresh else [], problems, {"digest": digest})


def _environment_name(path: Path) -> str:
    """The virtual environment's folder: …/shop/.venv/lib/python3.11/site-packages is shop."""
    if str(path) == CURRENT:
        return CURRENT
    parts = path.resolve().parts
    if "lib" in parts[-4:] or "Lib" in parts[-4:]:
        place = max(index for index, part in enumerate(parts) if part.lower() == "lib")
        above = parts[:place]
        named = [part for part in above if part not in (".venv", "venv", "env", "/")]
        return named[-1] if named else path.name
    return path.resolve().name


def _digest_of(contents: Contents) -> str:
    hasher = hashlib.sha256()
    for purl, each in contents.components.items():
        hasher.update(repr((purl, each.direct, each.licence)).encode("utf-8", "backslashreplace"))
    hasher.update(repr(list(contents.edges)).encode("utf-8", "backslashreplace"))
    return hasher.hexdigest()


class _Collection:
    """The manifests of one place, each read once however many others include it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path if path.is_dir() else None if path.suffix.lower() == ".zip" else path.parent
        self.alone = not path.is_dir() and self.folder is not None
        self.hasher = hashlib.sha256()
        self.problems: list[Problem] = []
        self.read_so_far: dict[str, Contents] = {}
        self.found: dict[str, Found] = {}

    def read(self) -> None:
        """Read every manifest, then what requirements files include."""
        chosen = files(self.path, manifests.ENDINGS, manifests.is_manifest, into(self.problems))
        self.found = {each.origin: each for each in chosen}
        for each in self.found.values():
            self._one(each, self.alone, None)
        waiting = list(self.read_so_far.values())
        while waiting:
            waiting += self._included(waiting.pop(0))
        self._join_go()

    def _one(self, found: Found, alone: bool, scope: str | None) -> Contents | None:
        self.hasher.update(f"{found.origin}\0{len(found.data)}\0".encode())
        self.hasher.update(found.data)
        try:
            parse = manifests.parser(found.origin, found.data, alone, scope)
            text = decode(found.data, found.origin)
            contents = parse(text, found.origin)
            if not text.lstrip().startswith("{"):  # JSON shows by its brackets that it is whole
                contents.problems += open_end(text, found.origin)
        except MalformedError as error:
            self.problems.append(Problem(found.origin, None, f"cannot be read as what its name says: {error}"))
        except Refused as error:
            self.problems.append(Problem(found.origin, error.line, error.reason))
        else:
            self.read_so_far[found.origin] = contents
            return contents
        return None

    def _included(self, contents: Contents) -> list[Contents]:
        fresh = []
        for include in contents.includes:
            try:
                found = self._sibling(contents.origin, include.path)
                if found is None or len(self.read_so_far) > MOST_INCLUDES + len(self.found):
                    continue
                scopes = {each.scope for each in contents.components.values()}
                scope = manifests.scope_by_name(contents.origin) or (scopes.pop() if len(scopes) == 1 else None)
                read = self._one(found, True, scope)
                fresh += [read] if read is not None else []
            except Refused as error:
                self.problems.append(Problem(contents.origin, include.line, f"the file it includes {error.reason}"))
        return fresh

    def _sibling(self, origin: str, written: str) -> Found | None:
        """The file that another includes; None where it is read already. It must stand inside the place given."""
        if "://" in written:
            raise Refused(origin, "stands at an address, and nothing is fetched")
        place = _normal(PurePosixPath(origin).parent / written.replace("\\", "/"))
        if place is None:
            raise Refused(origin, "leaves the folder that is read")
        if place in self.read_so_far or place in self.found:
            return None
        if self.folder is None:
            found = next(files(self.path, ("",), lambda each: each == place), None)
            if found is None:
                raise Refused(origin, "is not in the archive")
            return found
        target = self.folder / place
        if not target.resolve().is_relative_to(self.folder.resolve()):
            raise Refused(origin, "leaves the folder that is read")
        return Found(place, read_bytes(target, largest=LARGEST_MEMBER, origin=place))

    def _join_go(self) -> None:
        """A go.mod beside its go.sum tells more: the sums also name versions that are not built in."""
        for origin in [each for each in self.read_so_far if each.endswith("go.sum")]:
            module = self.read_so_far.get(origin.removesuffix("sum") + "mod")
            if module is not None:
                sums = self.read_so_far.pop(origin)
                with_digests(module, sums)
                module.problems += sums.problems

    def subject(self, origin: str) -> str:
        """The nearest repository above a manifest, else its folder, else the place given."""
        root = self.path.resolve()
        parts = PurePosixPath(origin).parts[:-1]
        if self.path.is_dir():
            for depth in range(len(parts), -1, -1):
                if (root.joinpath(*parts[:depth]) / ".git").exists():
                    return parts[depth - 1] if depth else root.name
        if parts:
            return parts[-1]
        return root.name if self.path.is_dir() else root.stem if self.folder is None else root.parent.name


def _normal(path: PurePosixPath) -> str | None:
    """A path without . and .., or None where it leaves its root."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part == "/":
            return None
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


READER = Reader(
    name="dependencies",
    title_en="Components and their dependencies",
    title_zh="组件与依赖",
    help=(
        "A lock file or bill of materials, a folder or zip archive of them, a `site-packages` folder, or the word "
        f"`{CURRENT}`. Known: `uv.lock`, `poetry.lock`, `Pipfile.lock`, `requirements*.txt`, `package-lock.json`, "
        "`go.mod` with `go.sum`, `Cargo.lock`, CycloneDX JSON (`bom.json`, `*.cdx.json`)."
    ),
    tables=(COMPONENTS, COMPONENT_EDGES),
    read=read,
)
