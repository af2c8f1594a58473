"""What a dependency graph says about its weak places: the examination and its result."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.graph.cycles import Witness, cycles
from quarterdeck.engines.graph.failure import Effects, effects
from quarterdeck.engines.graph.inputs import Inputs, all_edges, network, rows
from quarterdeck.engines.graph.order import ordered
from quarterdeck.engines.graph.radius import reach


@dataclass(frozen=True)
class Reach:
    """How far one node's trouble goes; counts leave the node itself out."""

    key: str
    dependents: int  # nodes that depend on it, directly or through others: the blast radius
    critical_dependents: int
    lost: int  # nodes that surely fail with it, alternatives counted
    critical_lost: int
    depth: int  # edges of the longest chain below it, a cycle counting as one node


@dataclass(frozen=True)
class SinglePoint:
    """A node or zone whose failure surely brings critical nodes outside it down."""

    cause: str
    is_zone: bool
    critical: int  # how many critical nodes, the cause's own left out
    targets: tuple[str, ...]  # the first of them by the order of the nodes
    defeated: int  # groups of alternatives, some to spare, that fail with it all the same


@dataclass(frozen=True)
class Cycle:
    """Nodes that all depend on each other, and a shortest cycle among them, each node depending on the next."""

    nodes: tuple[str, ...]
    witness: tuple[str, ...]
    shortest: bool  # proved


@dataclass(frozen=True)
class Inversion:
    """A node that needs a less critical one; alternatives soften it."""

    dependent: str
    dependency: str
    gap: int  # of criticality
    group: str | None


@dataclass(frozen=True)
class Checks:
    """What was examined."""

    nodes: int
    edges: int  # different ones
    groups: int
    zones: int
    components: int
    exact: bool  # every witness proved shortest; counts always are exact


@dataclass(frozen=True)
class Result:
    """Reaches in the order of the nodes, all else worst first."""

    reaches: tuple[Reach, ...]
    single_points: tuple[SinglePoint, ...]
    cycles: tuple[Cycle, ...]
    inversions: tuple[Inversion, ...]
    checks: Checks


def examine(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """The weak places of a dependency graph; ValueError for a graph that contradicts itself, naming where."""
    tell = progress or (lambda part: None)
    graph = network(inputs)
    heads, tails = all_edges(graph)
    order = ordered(graph.size, heads, tails)
    critical = np.array([node.criticality >= inputs.critical for node in inputs.nodes], dtype=bool)
    dependents, special = reach(order, critical, lambda part: tell(0.3 * part))
    zones = zoned(inputs)
    fallen = effects(graph, order, list(zones.values()), critical, inputs.examples, lambda p: tell(0.3 + 0.6 * p))
    witnesses = cycles(order, heads, tails)
    edges = rows(graph.size, heads, tails)[1].size
    tell(0.95)
    size = graph.size
    columns = dependents, special, fallen.lost[:size], fallen.critical[:size], order.depth[order.component]
    keys = [node.key for node in inputs.nodes]
    found = Result(
        reaches=tuple(Reach(*row) for row in zip(keys, *(column.tolist() for column in columns), strict=True)),
        single_points=single_points(inputs, fallen, list(zones)),
        cycles=tuple(told(one, keys) for one in witnesses),
        inversions=inversions(inputs),
        checks=Checks(
            nodes=size,
            edges=edges,
            groups=graph.spare.size,
            zones=len(zones),
            components=order.start.size - 1,
            exact=all(one.shortest for one in witnesses),
        ),
    )
    tell(1.0)
    return found


def zoned(inputs: Inputs) -> dict[str, np.ndarray]:
    """The nodes of every zone, zones by name."""
    members: dict[str, list[int]] = {}
    for number, node in enumerate(inputs.nodes):
        if node.zone is not None:
            members.setdefault(node.zone, []).append(number)
    return {zone: np.array(members[zone], dtype=np.int64) for zone in sorted(members)}


def single_points(inputs: Inputs, fallen: Effects, zones: list[str]) -> tuple[SinglePoint, ...]:
    """Nodes and zones that bring down critical nodes besides themselves, those with the most victims first."""
    size, keys = len(inputs.nodes), [node.key for node in inputs.nodes]
    targets: dict[int, list[str]] = {}
    for cause, node in fallen.pairs:
        targets.setdefault(cause, []).append(keys[node])
    names = keys + zones
    found = [
        SinglePoint(
            names[cause],
            cause >= size,
            int(fallen.critical[cause]),
            tuple(targets.get(cause, [])),
            int(fallen.defeated[cause]),
        )
        for cause in np.flatnonzero(fallen.critical > 0).tolist()
    ]
    return tuple(sorted(found, key=lambda one: (-one.critical, one.is_zone, one.cause)))


def told(one: Witness, keys: list[str]) -> Cycle:
    """A cycle by its nodes' keys."""
    return Cycle(tuple(keys[node] for node in one.nodes), tuple(keys[node] for node in one.cycle), one.shortest)


def inversions(inputs: Inputs) -> tuple[Inversion, ...]:
    """Edges from a more to a less critical node, the widest gap first."""
    level = {node.key: node.criticality for node in inputs.nodes}
    found = {
        Inversion(edge.dependent, edge.dependency, level[edge.dependent] - level[edge.dependency], edge.group)
        for edge in inputs.edges
        if level[edge.dependent] > level[edge.dependency]
    }
    return tuple(sorted(found, key=lambda one: (-one.gap, one.dependent, one.dependency, one.group or "")))
