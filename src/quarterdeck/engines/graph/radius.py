"""How far trouble may reach: how many nodes depend on each node, directly or through others, exactly."""

from collections.abc import Callable

import numpy as np
from numba import njit

from quarterdeck.engines.graph.order import Order, ordered

WORDS = 8  # of 64 nodes each that are followed at once: a row is one cache line


@njit(cache=True, inline="always")
def ones(word):
    """How many bits are set (Warren, "Hacker's Delight", 5-2)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True)
def follow(begin, first, start, dependents_start, dependents, marks, block, counts, marked):
    """Add, for each component from `begin` on, the nodes of one block that depend on it or belong to it.

    `first` is the block's first node in the order, `marks` its nodes that are counted a second time, in `marked`.
    """
    count, last = start.size - 1, first + WORDS * 64
    for number in range(begin, count):
        row = block[number]
        row[:] = np.uint64(0)
        for node in range(max(start[number], first), min(start[number + 1], last)):
            row[(node - first) >> 6] |= np.uint64(1) << np.uint64((node - first) & 63)
        for at in range(dependents_start[number], dependents_start[number + 1]):
            other = block[dependents[at]]
            for word in range(WORDS):
                row[word] |= other[word]
        total, special = 0, 0
        for word in range(WORDS):
            total += ones(row[word])
            special += ones(row[word] & marks[word])
        counts[number] += total
        marked[number] += special


def reach(
    order: Order, special: np.ndarray, progress: Callable[[float], None] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The dependents of every node, itself left out, and how many of them are special (a boolean for every node).

    Blocks of bit columns over the condensed graph, dependents first; a block begins where its first node stands, since
    nothing before depends on it. Exact; one block is held at a time.
    """
    components, size = order.start.size - 1, order.nodes.size
    counts, marked = np.zeros(components, np.int64), np.zeros(components, np.int64)
    block = np.zeros((components, WORDS), np.uint64)
    flags, span, before = special[order.nodes], WORDS * 64, 0
    narrow = order.dependents.astype(np.int32)  # half the memory traffic
    for first in range(0, size, span):
        begin = int(order.component[order.nodes[first]])
        block[before:begin] = 0
        bits = np.zeros(span, np.uint8)
        bits[: min(span, size - first)] = flags[first : first + span]
        marks = np.packbits(bits, bitorder="little").view(np.uint64)
        follow(begin, first, order.start, order.dependents_start, narrow, marks, block, counts, marked)
        before = begin
        if progress:
            progress(min((first + span) / size, 1.0))
    return counts[order.component] - 1, marked[order.component] - special


def blast_radius(size: int, dependents: np.ndarray, dependencies: np.ndarray) -> np.ndarray:
    """For each of `size` nodes how many others depend on it; the edges are two arrays of node numbers."""
    order = ordered(size, np.asarray(dependents, np.int64), np.asarray(dependencies, np.int64))
    return reach(order, np.zeros(size, dtype=bool))[0]
