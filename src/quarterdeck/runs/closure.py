"""What a computation depends on besides its inputs: the sources of its engine's closure, and the numeric libraries."""

import ast
import hashlib
import importlib.util
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

_ENGINES = "quarterdeck.engines"
_LIBRARIES = ("numpy", "scipy", "numba", "polars", "highspy")


def _files(module: str) -> list[Path]:
    """The source files of a module, or of all modules of a package."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(module)
    origin = Path(found.origin)
    return sorted(origin.parent.glob("**/*.py")) if origin.name == "__init__.py" and module != _ENGINES else [origin]


def _imported(path: Path) -> set[str]:
    """The engine modules a file imports, by the first name below the engines."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[2] for name in names if name.startswith(_ENGINES + ".")}
    return {f"{_ENGINES}.{name}" for name in found if importlib.util.find_spec(f"{_ENGINES}.{name}")}


@lru_cache(maxsize=64)
def digest(engine: str) -> str:
    """SHA-256 over the sources of an engine (`loss`) and of all engines it imports, and the libraries' versions."""
    hasher, waiting, seen = hashlib.sha256(), [f"{_ENGINES}.{engine}"], set[str]()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for path in _files(module):
            waiting.extend(sorted(_imported(path)))
    for module in sorted(seen):
        for path in _files(module):
            hasher.update(f"{module}/{path.name}\n".encode())
            hasher.update(path.read_bytes())
    for library in _LIBRARIES:
        hasher.update(f"{library}=={version(library)}\n".encode())
    return hasher.hexdigest()


@lru_cache(maxsize=1)
def program() -> str:
    """SHA-256 over all of the program's own sources: how inputs are gathered and figures named is in them."""
    hasher, package = hashlib.sha256(), Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        hasher.update(f"{path.relative_to(package).as_posix()}\n".encode())
        hasher.update(path.read_bytes())
    return hasher.hexdigest()
