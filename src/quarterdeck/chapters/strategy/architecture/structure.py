"""What rests on what: blast radius, single points of failure, cycles, critical on less critical, over declared
dependencies."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from quarterdeck.engines.catalog import ENGINES
from quarterdeck.runs.analysis import Analysis, Figure, Gathering

CRITICAL = 3  # criticality from which a system's failure stops work


def gather(gathering: Gathering) -> Any:
    """Systems in use and what they rest on; a system whose criticality nobody has said counts as 0."""
    engine = gathering.engine
    systems = gathering.rows("system", retired__empty=True)
    known = {row.key for row in systems}
    rows = gathering.rows("dependency", retired__empty=True)
    return engine.Inputs(
        tuple(engine.Node(row.key, row["criticality"] or 0) for row in systems),
        edges(engine, rows, known),
        critical=CRITICAL,
    )


def edges(engine: Any, rows: Sequence[Any], known: Collection[str]) -> tuple[Any, ...]:
    """Dependencies between known systems; a group asks for no more members than it has, and for one number."""
    inside = [row for row in rows if row["system"] in known and row["on"] in known]
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in inside:
        if row["group"]:
            groups.setdefault((row["system"], row["group"]), []).append(row)
    needed = {
        place: min(max(row["needed"] for row in members), len({row["on"] for row in members}))
        for place, members in groups.items()
    }
    return tuple(
        engine.Edge(row["system"], row["on"], row["group"] or None, needed.get((row["system"], row["group"]), 1))
        for row in inside
    )


def figures(result: Any) -> tuple[Figure, ...]:
    """How many there are of what one would rather not have."""
    return (
        Figure("structure.single_points", float(len(result.single_points)), "systems"),
        Figure("structure.cycles", float(len(result.cycles)), "cycles"),
        Figure("structure.critical_on_less", float(len(result.inversions)), "dependencies"),
    )


STRUCTURE = Analysis(
    "structure",
    _("Structure"),
    _("What rests on what, and where would one failure reach?"),
    "graph",
    ENGINES["graph"],
    gather,
    kinds=("system", "dependency"),
    figures=figures,
    daily=False,
)
