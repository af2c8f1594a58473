"""Gives the contents of files at a repository's head, so that manifests and catalogues can be read like a folder."""

import zipfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.git.clone import Clone, cloned
from quarterdeck.evidence.git.origin import look
from quarterdeck.evidence.git.text import path_text
from quarterdeck.evidence.git.tree import TreeFile, tree
from quarterdeck.evidence.hostile import LARGEST_ARCHIVE, MEBIBYTE, MOST_MEMBERS, Found

LARGEST_FILE = 16 * MEBIBYTE

# Names, without the folder and whatever their case, of files that other readers take.
MANIFESTS = (
    *("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.*.toml", "requirements*.txt", "pipfile.lock"),
    *("pyproject.toml", "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"),
    *("go.mod", "go.sum", "cargo.toml", "cargo.lock", "gemfile.lock", "composer.lock", "packages.lock.json"),
    *("packages.config", "*.csproj", "pom.xml", "gradle.lockfile", "mix.lock", "pubspec.lock"),
)
GOVERNANCE = ("codeowners", "security", "security.*", "security-insights.y*ml", "*.mailmap", "catalog-info.y*ml")


def repository_files(
    path: Path,
    names: Iterable[str] = (*MANIFESTS, *GOVERNANCE),
    *,
    largest: int = LARGEST_FILE,
    scratch: Path | None = None,
    problems: list[Problem] | None = None,
) -> Iterator[Found]:
    """Files at the head of the clone at `path` whose names fit a pattern, in git's order: path inside, and bytes.

    names: shell patterns for the name without its folder, compared without case. Links and submodules are left out;
    a file of more than `largest` bytes is named in `problems`. Refused: more than 400,000 files or 2 GiB together.
    """
    wanted = tuple(name.lower() for name in names)
    with cloned(look(path), (), scratch) as clone:
        yield from _contents(clone, _chosen(clone, wanted, largest, [] if problems is None else problems))


def pack_files(
    path: Path,
    target: Path,
    names: Iterable[str] = (*MANIFESTS, *GOVERNANCE),
    *,
    largest: int = LARGEST_FILE,
    scratch: Path | None = None,
    problems: list[Problem] | None = None,
) -> int:
    """Write the files of `repository_files` into a zip archive, which other readers take like a folder; how many.

    Equal contents give equal bytes. A path that would leave the archive's root is named in `problems` and left out.
    """
    told = [] if problems is None else problems
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for found in repository_files(path, names, largest=largest, scratch=scratch, problems=told):
            if ".." in found.origin.split("/") or found.origin.startswith("/") or "\\" in found.origin:
                told.append(Problem(found.origin, None, "has a path that leads outside the repository"))
                continue
            archive.writestr(zipfile.ZipInfo(found.origin), found.data)
            count += 1
    return count


def _chosen(clone: Clone, names: tuple[str, ...], largest: int, problems: list[Problem]) -> list[TreeFile]:
    chosen: list[TreeFile] = []
    total = 0
    for file in tree(clone):
        path = path_text(file.path)
        name = path.rpartition("/")[2].lower()
        if file.kind not in ("file", "executable") or not any(fnmatchcase(name, pattern) for pattern in names):
            continue
        size = file.size or 0
        if size > largest:
            problems.append(Problem(path, None, f"is larger than {largest // MEBIBYTE} MiB, the most taken"))
            continue
        chosen.append(file)
        total += size
        if len(chosen) > MOST_MEMBERS or total > LARGEST_ARCHIVE:
            raise Refused(
                clone.origin.name, f"has more than {MOST_MEMBERS} such files, or {LARGEST_ARCHIVE // MEBIBYTE} MiB"
            )
    return chosen


def _contents(clone: Clone, chosen: list[TreeFile]) -> Iterator[Found]:
    if not chosen:
        return
    given = b"".join(file.blob.encode() + b"\n" for file in chosen)
    with clone.git.reading("cat-file", "--batch", given=given) as said:
        for file in chosen:
            blob, kind, size = said.readline().split()
            if blob.decode() != file.blob or kind != b"blob":
                raise Refused(clone.origin.name, f"content {file.blob} cannot be read")
            yield Found(path_text(file.path), said.read(int(size)))
            said.read(1)  # the line's end that follows every content
