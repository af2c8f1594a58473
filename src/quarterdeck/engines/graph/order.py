"""The order of a graph: nodes that depend on each other as one component, components with dependents first."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from quarterdeck.engines.graph.inputs import rows


@dataclass(frozen=True)
class Order:
    """Components numbered so that every component stands before those it depends on."""

    component: np.ndarray  # of each node
    nodes: np.ndarray  # by component, ascending within
    start: np.ndarray  # shape (components + 1,): where each component's nodes begin
    dependents_start: np.ndarray  # shape (components + 1,)
    dependents: np.ndarray  # components that depend on each directly
    depth: np.ndarray  # of each component: edges of the longest chain of components it depends on


def ordered(size: int, heads: np.ndarray, tails: np.ndarray) -> Order:
    """The order of a graph whose heads depend on its tails."""
    start, needs = rows(size, heads, tails)
    graph = csr_array((np.ones(needs.size, dtype=np.int8), needs, start), shape=(size, size))
    count, labels = connected_components(graph, directed=True, connection="strong") if size else (0, np.zeros(0, int))
    heads, tails = labels[np.repeat(np.arange(size), np.diff(start))].astype(np.int64), labels[needs].astype(np.int64)
    across = heads != tails
    places, levels = sequence(*rows(count, heads[across], tails[across]))
    component = places[labels] if size else labels.astype(np.int64)
    depth = np.zeros(count, dtype=np.int64)
    depth[places] = levels
    nodes = np.argsort(component, kind="stable")
    upward = rows(count, places[tails[across]], places[heads[across]])
    begin = np.concatenate([[0], np.cumsum(np.bincount(component, minlength=count))]).astype(np.int64)
    return Order(component, nodes, begin, *upward, depth)


@njit(cache=True)
def sequence(start, needs):
    """Each component's place, dependents first, and its depth (Kahn 1962, "Topological sorting of large networks")."""
    count = start.size - 1
    waiting, places, levels = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for each in needs:
        waiting[each] += 1
    queue, end = np.empty(count, np.int64), 0
    for number in range(count):
        if waiting[number] == 0:
            queue[end] = number
            end += 1
    for at in range(count):
        number = queue[at]
        places[number] = at
        for each in needs[start[number] : start[number + 1]]:
            waiting[each] -= 1
            if waiting[each] == 0:
                queue[end] = each
                end += 1
    for at in range(count - 1, -1, -1):
        number = queue[at]
        for each in needs[start[number] : start[number + 1]]:
            levels[number] = max(levels[number], levels[each] + 1)
    return places, levels
