"""What rests on what: blast radius, single points of failure, cycles, critical on less critical, over declared
dependencies."""

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
    edges = [
        row
        for row in gathering.rows("dependency", retired__empty=True)
        if row["system"] in known and row["on"] in known
    ]
    return engine.Inputs(
        tuple(engine.Node(row.key, row["criticality"] or 0) for row in systems),
        tuple(engine.Edge(row["system"], row["on"], row["group"] or None, row["needed"]) for row in edges),
        critical=CRITICAL,
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
