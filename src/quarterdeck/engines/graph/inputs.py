"""Nodes that depend on nodes, as plain values and as the arrays that computations run on."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Node:
    """Something that others depend on or that depends on others."""

    key: str
    criticality: int = 0  # the higher the more critical
    zone: str | None = None  # what fails together: a site, a region, a vendor


@dataclass(frozen=True)
class Edge:
    """One node's need of another; members of a group of alternatives share its name and how many of them are needed."""

    dependent: str
    dependency: str
    group: str | None = None
    needed: int = 1  # of the group's members; without a group the edge itself is needed


@dataclass(frozen=True)
class Inputs:
    """A dependency graph and the questions' bounds."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    critical: int = 1  # criticality from which a node's failure matters
    examples: int = 20  # nodes listed by name for one cause, at most


@dataclass(frozen=True)
class Network:
    """A graph in compressed rows: node i needs all of needs[start[i]:start[i + 1]] and enough members of its groups."""

    start: np.ndarray  # shape (nodes + 1,)
    needs: np.ndarray
    group_start: np.ndarray  # shape (nodes + 1,): the groups of each node
    member_start: np.ndarray  # shape (groups + 1,)
    members: np.ndarray
    spare: np.ndarray  # members of each group that may fail

    @property
    def size(self) -> int:
        return self.start.size - 1


def network(inputs: Inputs) -> Network:
    """The graph of the inputs; an edge named twice counts once.

    ValueError for a key used twice, an edge to or from an unknown node, a group of differing or impossible need.
    """
    place = {node.key: number for number, node in enumerate(inputs.nodes)}
    if len(place) < len(inputs.nodes):
        raise ValueError("two nodes have the same key")
    plain: list[tuple[int, int]] = []
    groups: dict[tuple[int, str], tuple[int, set[int]]] = {}
    for edge in inputs.edges:
        try:
            ends = (place[edge.dependent], place[edge.dependency])
        except KeyError as fault:
            raise ValueError(f"an edge names {fault.args[0]}, which is no node") from fault
        if edge.group is None:
            plain.append(ends)
            continue
        needed, members = groups.setdefault((ends[0], edge.group), (edge.needed, set()))
        if needed != edge.needed:
            raise ValueError(f"group {edge.group} of {edge.dependent} needs both {needed} and {edge.needed}")
        members.add(ends[1])
    for (dependent, name), (needed, members) in groups.items():
        if not 1 <= needed <= len(members):
            key = inputs.nodes[dependent].key
            raise ValueError(f"group {name} of {key} has {len(members)} members, of which it cannot need {needed}")
    return assembled(len(place), plain, groups)


def assembled(size: int, plain: list[tuple[int, int]], groups: dict[tuple[int, str], tuple[int, set[int]]]) -> Network:
    """Edges and groups in compressed rows."""
    pairs = np.array(plain, dtype=np.int64).reshape(-1, 2)
    start, needs = rows(size, pairs[:, 0], pairs[:, 1])
    ordered = sorted(groups)
    owners = np.array([owner for owner, _ in ordered], dtype=np.int64)
    sizes = np.array([len(groups[each][1]) for each in ordered], dtype=np.int64)
    members: Iterable[int] = (member for each in ordered for member in sorted(groups[each][1]))
    return Network(
        start=start,
        needs=needs,
        group_start=np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=size))]).astype(np.int64),
        member_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        members=np.fromiter(members, dtype=np.int64, count=int(sizes.sum())),
        spare=sizes - np.array([groups[each][0] for each in ordered], dtype=np.int64),
    )


def rows(size: int, heads: np.ndarray, tails: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs in compressed rows, each pair once: where each head's tails begin, and the tails in ascending order."""
    codes = np.sort(heads * size + tails)
    codes = codes[np.append(True, codes[1:] != codes[:-1])] if codes.size else codes
    start = np.searchsorted(codes, np.arange(size + 1) * size)
    return start.astype(np.int64), codes % size if size else codes


def all_edges(graph: Network) -> tuple[np.ndarray, np.ndarray]:
    """Every edge, groups' members included, as dependents and dependencies."""
    nodes = np.arange(graph.size)
    owners = np.repeat(nodes, np.diff(graph.group_start))
    heads = np.concatenate([np.repeat(nodes, np.diff(graph.start)), np.repeat(owners, np.diff(graph.member_start))])
    return heads, np.concatenate([graph.needs, graph.members])
