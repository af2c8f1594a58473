"""Nodes that depend on themselves through others: every such component, with a shortest cycle as its witness."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from quarterdeck.engines.graph.inputs import rows
from quarterdeck.engines.graph.order import Order

LOOKS = 200_000_000  # edges looked at in one component before its shortest cycle is taken as the best one found


@dataclass(frozen=True)
class Witness:
    """A component whose nodes depend on each other, and a cycle in it, each node depending on the next."""

    nodes: np.ndarray
    cycle: np.ndarray
    shortest: bool  # proved; a very large component may run out of looks


@njit(cache=True)
def shortest_cycle(start, needs, looks):
    """A shortest cycle of a strongly connected graph, and whether it was proved to be one, by search from every node.

    The search from a node ends where its tree is as deep as the best cycle so far (Itai, Rodeh 1978, "Finding a minimum
    circuit in a graph", SIAM Journal on Computing 7).
    """
    size = start.size - 1
    best, best_end, best_root = size + 1, -1, -1
    parent, seen, depth = np.zeros(size, np.int64), np.full(size, -1, np.int64), np.zeros(size, np.int64)
    queue, kept = np.zeros(size, np.int64), np.zeros(size, np.int64)
    proved = True
    for root in range(size):
        if looks < 0:
            proved = False
            break
        seen[root], depth[root], queue[0] = root, 0, root
        head, end, closed = 0, 1, False
        while head < end and not closed and depth[queue[head]] + 1 < best:
            node = queue[head]
            head += 1
            for at in range(start[node], start[node + 1]):
                looks -= 1
                other = needs[at]
                if other == root:
                    best, best_end, best_root, closed = depth[node] + 1, node, root, True
                    kept[:] = parent
                    break
                if seen[other] != root:
                    seen[other], depth[other], parent[other] = root, depth[node] + 1, node
                    queue[end] = other
                    end += 1
    cycle = np.zeros(best, np.int64)
    node = best_end
    for place in range(best - 1, -1, -1):
        cycle[place] = node
        node = kept[node] if node != best_root else node
    return cycle, proved


def cycles(order: Order, heads: np.ndarray, tails: np.ndarray, looks: int = LOOKS) -> tuple[Witness, ...]:
    """A witness for every component of several nodes and for every node that depends on itself, largest first."""
    found = []
    inside = order.component[heads] == order.component[tails]
    heads, tails = heads[inside], tails[inside]
    owner = np.argsort(order.component[heads], kind="stable")
    heads, tails = heads[owner], tails[owner]
    bounds = np.searchsorted(order.component[heads], np.arange(order.start.size))
    for number in np.unique(order.component[heads]):
        nodes = order.nodes[order.start[number] : order.start[number + 1]]
        own = slice(bounds[number], bounds[number + 1])
        places = np.searchsorted(nodes, heads[own]), np.searchsorted(nodes, tails[own])
        cycle, proved = shortest_cycle(*rows(nodes.size, *places), looks)
        found.append(Witness(nodes, nodes[cycle], bool(proved)))
    return tuple(sorted(found, key=lambda one: (-one.nodes.size, int(one.nodes[0]))))
