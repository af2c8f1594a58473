"""What people have decided about candidates, and which stand open: those new, and those of which more is known."""

from dataclasses import dataclass
from typing import Any

from quarterdeck.engines.candidate import material
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.roles import Reader

OVER = frozenset({"done", "dropped"})  # states of an initiative in which its candidate may come up again


@dataclass(frozen=True)
class Seen:
    """A candidate and what was decided about it before; open: whether somebody should look at it."""

    weighed: Any
    before: Row | None
    open: bool

    @property
    def state(self) -> str:
        """Open, or as it was decided."""
        return "open" if self.open or self.before is None else str(self.before["state"])


def seen(reader: Reader, candidates: tuple[Any, ...]) -> list[Seen]:
    """The candidates of a result in its order, with what this reader may see of earlier decisions."""
    access = Access(reader)
    memory = {row.key: row for row in access.select("candidate").rows()} if reader.reads("candidate") else {}
    named = {row["initiative"] for row in memory.values() if row["initiative"]}
    running = set()
    if named and reader.reads("initiative"):
        rows = access.select("initiative").where(key__in=sorted(named)).rows()
        running = {row.key for row in rows if row["state"] not in OVER}
    found = []
    for weighed in candidates:
        before = memory.get(weighed.candidate.key) or next((memory[k] for k in weighed.also if k in memory), None)
        found.append(Seen(weighed, before, before is None or _open(before, weighed, running)))
    return found


def _open(before: Row, weighed: Any, running: set[str]) -> bool:
    """Whether it comes up again: never while its initiative is under way, else when more is known than then."""
    if before["state"] == "open":
        return True
    if before["initiative"] in running:
        return False
    return material(before["fingerprint"], weighed.fingerprint)
