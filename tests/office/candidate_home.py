"""A home for the tests of candidates: evidence from small files written here, records through the one door in."""

import importlib.util
import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from quarterdeck.engines import candidates as engine
from quarterdeck.engines.candidate import Candidate
from quarterdeck.evidence import readers
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake.collect import collect
from quarterdeck.runs.candidates import SOURCES, Harvest

TODAY = date(2026, 11, 20)
DAY = 86_400
START = 1_767_225_600  # 1 January 2026, UTC


def reader(role: str = "cto", person: str = "") -> Reader:
    """Someone in a role."""
    return Reader(f"user:{role}", (ROLES[role],), person)


def histories() -> ModuleType:
    """The writer of repositories that the readers' tests use."""
    if "histories" not in sys.modules:
        place = Path(__file__).resolve().parents[1] / "evidence" / "histories.py"
        found = importlib.util.spec_from_file_location("histories", place)
        assert found is not None
        assert found.loader is not None
        sys.modules["histories"] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules["histories"])
    return sys.modules["histories"]


class Home:
    """Writes files below a folder and collects them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self, name: str, path: Path) -> None:
        """Collect a file or folder by a reader's name."""
        collect(readers.by_name(name), path, by="test")

    def text(self, name: str, path: str, text: str) -> None:
        """Write a file and collect it, or the folder it is the only one of where the path has one."""
        place = self.folder / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        self.collect(name, self.folder / name / path.split("/")[0])

    def advisories(self, *records: dict[str, Any]) -> None:
        """Collect advisories in the OSV format."""
        place = self.folder / "osv"
        place.mkdir()
        for record in records:
            (place / f"{record['id']}.json").write_text(json.dumps(record), encoding="utf-8")
        self.collect("advisories", place)

    def repository(self, name: str, history: Any) -> None:
        """Collect a repository."""
        self.collect("git", history.write(self.folder / "repositories" / name))

    def records(self, *changes: Change) -> None:
        """Enter records."""
        write(service("test"), changes, "tests")

    def found(self, source: str, today: date = TODAY, by: Reader | None = None) -> list[Candidate]:
        """What one source finds."""
        return list(SOURCES[source].find(Harvest(by or reader(), today, {}, engine)))


def advisory(
    name: str, package: str, fixed: str | None, *, aliases: Iterable[str] = (), vector: str = ""
) -> dict[str, Any]:
    """An advisory in the OSV format: affected from the beginning up to `fixed`."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    found: dict[str, Any] = {
        "id": name,
        "summary": f"{package} is weak",
        "modified": "2026-01-01T00:00:00Z",
        "aliases": list(aliases),
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
    }
    if vector:
        found["severity"] = [{"type": "CVSS_V3", "score": vector}]
    return found


def system(key: str, **values: object) -> Change:
    """A system."""
    return Change("system", key, {"name_en": key.title(), **values})


def rests(first: str, second: str, **values: object) -> Change:
    """One system rests on another."""
    return Change("dependency", "", {"system": first, "on": second, **values})


def scenario(key: str, about: str, category: str, low: int = 20_000, high: int = 900_000) -> Change:
    """A loss scenario, one event in five years."""
    frequency = {"frequency_low": 0.1, "frequency_likely": 0.2, "frequency_high": 0.5}
    money = {"loss_low": low, "loss_high": high, "currency": "EUR"}
    return Change("scenario", key, {"name_en": key, "category": category, "system": about, **frequency, **money})
