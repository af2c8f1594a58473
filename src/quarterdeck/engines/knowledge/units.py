"""Groups files into units: systems by their paths, and directories with everything beneath them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from quarterdeck.engines.knowledge.records import System


class Sort(Enum):
    """What a unit is."""

    SYSTEM = "system"
    DIRECTORY = "directory"


@dataclass(frozen=True)
class Membership:
    """Which files belong to which unit: one row for each, ordered by unit, then file. `names` by unit index."""

    names: tuple[str, ...]
    sorts: tuple[Sort, ...]
    unit: np.ndarray
    file: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Number of files of each unit."""
        return np.bincount(self.unit, minlength=len(self.names))


def ancestors(path: str, depth: int) -> list[str]:
    """The directories above a file, from the whole ("") downward, to a depth."""
    parts = path.split("/")[:-1][:depth]
    return [""] + ["/".join(parts[: place + 1]) for place in range(len(parts))]


def system_of(paths: Sequence[str], systems: Sequence[System]) -> list[str | None]:
    """The system of each file: that with the longest path equal to it or above it; of equals the first by key."""
    owner: dict[str, str] = {}
    for system in sorted(systems, key=lambda system: system.key, reverse=True):
        for path in system.paths:
            owner[path.strip("/")] = system.key
    found: dict[str, str | None] = {}

    def look(path: str) -> str | None:
        if path not in found:
            above = path.rpartition("/")[0] if path else None
            found[path] = owner[path] if path in owner else (None if above is None else look(above))
        return found[path]

    return [look(path) for path in paths]


def members(paths: Sequence[str], systems: Sequence[System], depth: int) -> Membership:
    """Every system and every directory to a depth, systems first, each in order of its name."""
    rows: list[tuple[Sort, str, int]] = []
    for place, (path, system) in enumerate(zip(paths, system_of(paths, systems), strict=True)):
        rows += [(Sort.DIRECTORY, directory, place) for directory in ancestors(path, depth)]
        if system is not None:
            rows.append((Sort.SYSTEM, system, place))
    names = sorted({(sort is Sort.DIRECTORY, name) for sort, name, _ in rows} | {(False, each.key) for each in systems})
    index = {name: place for place, name in enumerate(names)}
    unit = np.fromiter((index[sort is Sort.DIRECTORY, name] for sort, name, _ in rows), np.int64, len(rows))
    file = np.fromiter((place for _, _, place in rows), np.int64, len(rows))
    order = np.lexsort((file, unit))
    sorts = tuple(Sort.DIRECTORY if directory else Sort.SYSTEM for directory, _ in names)
    return Membership(tuple(name for _, name in names), sorts, unit[order], file[order])
