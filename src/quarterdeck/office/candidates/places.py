"""Finds the system that a name in evidence belongs to: a repository, a subject of components, a service."""

from dataclasses import dataclass

from quarterdeck.estate.sources import key_of
from quarterdeck.kinds.keys import fold
from quarterdeck.runs.candidates import Harvest

CRITICAL = 3  # criticality from which work stops when the system does
KINDS = ("system", "repository", "dependency")


@dataclass(frozen=True)
class System:
    """What the estate knows of a system. dependents: systems that rest on it directly."""

    key: str
    owner: str
    criticality: int | None
    vendor: str
    dependents: tuple[str, ...]


class Places:
    """All systems in use, by their keys and by the names of their repositories."""

    def __init__(self, harvest: Harvest) -> None:
        resting: dict[str, list[str]] = {}
        for row in harvest.rows("dependency", retired__empty=True):
            resting.setdefault(row["on"], []).append(row["system"])
        self.systems = {
            row.key: System(
                row.key,
                row["owner"] or "",
                row["criticality"],
                row["vendor"] or "",
                tuple(sorted(set(resting.get(row.key, ())))),
            )
            for row in harvest.rows("system", retired__empty=True)
        }
        self._named = {fold(key): key for key in self.systems}
        for row in harvest.rows("repository", retired__empty=True):
            if row["system"] in self.systems:
                self._named[fold(row.key)] = row["system"]

    def system(self, name: str | None) -> str:
        """The key of the system that a name belongs to; empty where none is known."""
        if not name:
            return ""
        return self._named.get(fold(key_of(name))) or self._named.get(fold(key_of(name.split("/")[-1]))) or ""

    def known(self, key: str) -> System | None:
        """What the estate knows of a system."""
        return self.systems.get(key)


def places(harvest: Harvest) -> Places:
    """The places of a harvest, read once."""
    return harvest.once("places", lambda: Places(harvest))
