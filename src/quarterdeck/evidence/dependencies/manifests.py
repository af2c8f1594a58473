"""Knows manifests by their names, and which function reads each."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath

from quarterdeck.evidence.dependencies.cargo import cargo_lock
from quarterdeck.evidence.dependencies.contents import Contents
from quarterdeck.evidence.dependencies.cyclonedx import cyclonedx
from quarterdeck.evidence.dependencies.go_modules import go_mod, go_sum
from quarterdeck.evidence.dependencies.npm import package_lock
from quarterdeck.evidence.dependencies.python_locks import pipfile_lock, poetry_lock, uv_lock
from quarterdeck.evidence.dependencies.requirements import requirements, scope_by_name
from quarterdeck.evidence.documents import MalformedError

Parse = Callable[[str, str], Contents]

ENDINGS = (".lock", ".json", ".txt", "go.mod", "go.sum")
# copies of what others made: their manifests say nothing of what this repository is made of
_PASSED_OVER = frozenset(
    (".git", "node_modules", "site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox", "vendor")
)
_BY_ENDING: tuple[tuple[str, Parse], ...] = (
    ("uv.lock", uv_lock),
    ("poetry.lock", poetry_lock),
    ("pipfile.lock", pipfile_lock),
    ("cargo.lock", cargo_lock),
    ("package-lock.json", package_lock),
    ("npm-shrinkwrap.json", package_lock),
    ("go.mod", go_mod),
    ("go.sum", go_sum),
)
_BILL = re.compile(r"(^|[^a-z])(s?bom|cyclonedx|cdx)([^a-z].*)?\.json")
_REQUIREMENTS = re.compile(r"(.*[^a-z])?requirements([^a-z].*)?\.txt")

__all__ = ["ENDINGS", "is_manifest", "parser", "scope_by_name"]


def is_manifest(origin: str) -> bool:
    """Whether a file of a folder or archive is a manifest, by its path."""
    path = PurePosixPath(origin.lower())
    if _PASSED_OVER.intersection(path.parts[:-1]):
        return False
    return _by_name(path) is not None


def _by_name(path: PurePosixPath) -> Parse | None:
    for ending, parse in _BY_ENDING:
        if path.name.endswith(ending):
            return parse
    if _BILL.search(path.name):
        return cyclonedx
    in_folder = path.suffix == ".txt" and path.parent.name == "requirements"
    return _requirements if in_folder or _REQUIREMENTS.fullmatch(path.name) else None


def _requirements(text: str, origin: str, scope: str | None = None) -> Contents:
    return requirements(text, origin, scope_by_name(origin) or scope)


def parser(origin: str, data: bytes, alone: bool, scope: str | None) -> Parse:
    """What reads a manifest. A file named by itself, or included, may have any name: then its content tells.

    scope: of what it lists, for a requirements file whose own name does not say.
    """
    found = _by_name(PurePosixPath(origin.lower()))
    if found is None and alone:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return package_lock if b'"lockfileVersion"' in data else cyclonedx
        if origin.lower().endswith((".txt", ".in", ".pip")):
            found = _requirements
    if found is None:
        raise MalformedError("this reader knows no such manifest")
    return partial(_requirements, scope=scope) if found is _requirements else found
