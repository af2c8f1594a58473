"""What surely fails when one node or one zone fails: k of n alternatives are weighed, not just reachability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from quarterdeck.engines.graph.inputs import Network
from quarterdeck.engines.graph.order import Order
from quarterdeck.engines.graph.radius import ones

WORDS = 8  # of 64 causes each that are followed at once
PLANES = 20  # bits of a count: groups of up to a million members, sums of up to a million rows


@dataclass(frozen=True)
class Effects:
    """What every cause brings down, its own nodes left out; the causes are the nodes and then the zones."""

    lost: np.ndarray  # nodes that fail with each cause
    critical: np.ndarray  # how many of them are critical
    defeated: np.ndarray  # groups of alternatives, some to spare, that fail with each cause all the same
    pairs: tuple[tuple[int, int], ...]  # cause and critical node, at most `examples` for a cause, ascending


@njit(cache=True, inline="always")
def count_up(planes, word, bits):
    """Add one to the 64 counts that stand upright in the planes, where the bits are set."""
    plane = 0
    while bits != 0:
        carried = planes[plane, word] & bits
        planes[plane, word] ^= bits
        bits = carried
        plane += 1


@njit(cache=True)
def exceeding(planes, word, spare):
    """The bits whose count is larger than `spare`."""
    larger, equal = np.uint64(0), ~np.uint64(0)
    for plane in range(PLANES - 1, -1, -1):
        bits = planes[plane, word]
        if (spare >> plane) & 1:
            equal &= bits
        else:
            larger |= equal & bits
            equal &= ~bits
    return larger


@njit(cache=True)
def outvoted(found, group, block, member_start, members, spare, planes):
    """The bits with which more of a group's members fail than it has to spare; shape (WORDS,)."""
    first, last = member_start[group], member_start[group + 1]
    if spare[group] == last - first - 1:  # one is enough: all must fail
        found[:] = block[members[first]]
        for at in range(first + 1, last):
            found &= block[members[at]]
        return
    planes[:] = np.uint64(0)
    for at in range(first, last):
        for word in range(WORDS):
            count_up(planes, word, block[members[at], word])
    for word in range(WORDS):
        found[word] = exceeding(planes, word, spare[group])


@njit(cache=True, inline="always")
def weigh(node, row, block, start, needs, group_start, member_start, members, spare, planes, found):
    """Bring one node's row up to date with what it needs."""
    for at in range(start[node], start[node + 1]):
        other = block[needs[at]]
        for word in range(WORDS):
            row[word] |= other[word]
    for group in range(group_start[node], group_start[node + 1]):
        outvoted(found, group, block, member_start, members, spare, planes)
        for word in range(WORDS):
            row[word] |= found[word]


@njit(cache=True)
def bring_down(begin, component_start, start, needs, group_start, member_start, members, spare, block):
    """Let failures pass through the components up to `begin`, dependencies first, until nothing more fails."""
    planes = np.zeros((PLANES, WORDS), np.uint64)
    before, found = np.zeros(WORDS, np.uint64), np.zeros(WORDS, np.uint64)
    for component in range(begin, -1, -1):
        least, most = component_start[component], component_start[component + 1]
        changed = True
        while changed:
            changed = False
            for node in range(least, most):
                row = block[node]
                before[:] = row
                weigh(node, row, block, start, needs, group_start, member_start, members, spare, planes, found)
                for word in range(WORDS):
                    changed |= before[word] != row[word]
            changed &= most - least > 1


@njit(cache=True)
def tally(block, chosen):
    """How many of the chosen rows have each bit; shape (64 × WORDS,)."""
    planes = np.zeros((PLANES, WORDS), np.uint64)
    for at in range(chosen.size):
        row = block[chosen[at]]
        for word in range(WORDS):
            count_up(planes, word, row[word])
    return upright(planes)


@njit(cache=True)
def upright(planes):
    """The counts that stand upright in the planes; shape (64 × WORDS,)."""
    found = np.zeros(64 * WORDS, np.int64)
    for word in range(WORDS):
        for plane in range(PLANES):
            for bit in range(64):
                found[64 * word + bit] += np.int64((planes[plane, word] >> np.uint64(bit)) & np.uint64(1)) << plane
    return found


@njit(cache=True)
def named(block, chosen, most):
    """The first `most` chosen rows of each bit, in the order of the rows; -1 where there are fewer."""
    found, used = np.full((64 * WORDS, most), -1, np.int64), np.zeros(64 * WORDS, np.int64)
    open_bits = np.full(WORDS, ~np.uint64(0) if most > 0 else np.uint64(0))
    for at in range(chosen.size):
        row = block[chosen[at]]
        for word in range(WORDS):
            bits = row[word] & open_bits[word]
            while bits != 0:
                lowest = bits & (~bits + np.uint64(1))
                cause = 64 * word + ones(lowest - np.uint64(1))
                found[cause, used[cause]] = chosen[at]
                used[cause] += 1
                if used[cause] == most:
                    open_bits[word] ^= lowest
                bits ^= lowest
    return found


@njit(cache=True)
def defeats(block, member_start, members, spare):
    """How many groups with members to spare fail with each bit; shape (64 × WORDS,)."""
    planes, sums = np.zeros((PLANES, WORDS), np.uint64), np.zeros((PLANES, WORDS), np.uint64)
    found = np.zeros(WORDS, np.uint64)
    for group in range(spare.size):
        if spare[group] > 0:
            outvoted(found, group, block, member_start, members, spare, planes)
            for word in range(WORDS):
                count_up(sums, word, found[word])
    return upright(sums)


def effects(
    graph: Network,
    order: Order,
    zones: Sequence[np.ndarray],
    critical: np.ndarray,
    examples: int,
    progress: Callable[[float], None] | None = None,
) -> Effects:
    """What fails when each node fails alone, and when each zone (an array of nodes) fails as a whole.

    The least set that contains the cause and every node that lacks something it needs: found for all causes at once by
    blocks of bit columns, dependencies first, within a cycle until nothing changes. Exact.
    """
    if max(graph.size, graph.spare.size) >= 2**PLANES:
        raise ValueError(f"graphs of fewer than {2**PLANES} nodes and groups can be weighed")
    place = np.empty(graph.size, np.int64)
    place[order.nodes] = np.arange(graph.size)
    lined = aligned(graph, order.nodes, place)
    nodes, causes = started(order, [place[zone] for zone in zones])
    count, span = graph.size + len(zones), WORDS * 64
    block, watched = np.zeros((graph.size, WORDS), np.uint64), np.flatnonzero(critical)
    everyone, rows = np.arange(graph.size), place[watched]
    lost, hurt, beaten = (np.zeros(count, np.int64) for _ in range(3))
    pairs: list[tuple[int, int]] = []
    names = np.concatenate([order.nodes[::-1], np.arange(graph.size, count)])
    for first in range(0, count, span):
        cut = slice(*np.searchsorted(causes, [first, first + span]))
        here, own, bits = names[first : first + span], nodes[cut], causes[cut] - first
        fail(lined, order, own, bits, block)
        beaten[here] = defeats(block, lined.member_start, lined.members, lined.spare)[: here.size]
        np.bitwise_and.at(block, (own, bits >> 6), ~flags(bits))
        lost[here] = tally(block, everyone)[: here.size]
        hurt[here] = tally(block, rows)[: here.size]
        pairs += listed(here, named(block, rows, examples), order.nodes)
        if progress:
            progress(min((first + span) / count, 1.0))
    return Effects(lost, hurt, beaten, tuple(sorted(pairs)))


def aligned(graph: Network, nodes: np.ndarray, place: np.ndarray) -> Network:
    """The same graph with its nodes numbered by their place in the order: what is used together lies together."""
    start, needs = gathered(graph.start, graph.needs, nodes)
    group_start, groups = gathered(graph.group_start, np.arange(graph.spare.size), nodes)
    member_start, members = gathered(graph.member_start, graph.members, groups)
    narrow = place.astype(np.int32)  # half the memory traffic
    return Network(start, narrow[needs], group_start, member_start, narrow[members], graph.spare[groups])


def gathered(start: np.ndarray, values: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compressed rows in another order."""
    sizes = np.diff(start)[chosen]
    begin = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return begin, values[np.repeat(start[chosen] - begin[:-1], sizes) + np.arange(begin[-1])]


def started(order: Order, zones: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Places that fail at first and the cause's number of each: nodes alone, dependencies first, then zones."""
    size = order.nodes.size
    numbers = np.repeat(np.arange(size, size + len(zones)), [zone.size for zone in zones])
    return np.concatenate([np.arange(size)[::-1], *zones]), np.concatenate([np.arange(size), numbers])


def fail(lined: Network, order: Order, places: np.ndarray, bits: np.ndarray, block: np.ndarray) -> None:
    """Fill a block: each place fails with its bit's cause, and all that follows from it."""
    block[:] = 0
    np.bitwise_or.at(block, (places, bits >> 6), flags(bits))
    begin = int(np.searchsorted(order.start, places.max(), side="right")) - 1 if places.size else -1
    groups = lined.group_start, lined.member_start, lined.members, lined.spare
    bring_down(begin, order.start, lined.start, lined.needs, *groups, block)


def flags(bits: np.ndarray) -> np.ndarray:
    """Each bit as a word in which it is set."""
    return np.left_shift(np.uint64(1), (bits & 63).astype(np.uint64))


def listed(names: np.ndarray, found: np.ndarray, nodes: np.ndarray) -> list[tuple[int, int]]:
    """Causes and the critical nodes they bring down."""
    rows, columns = np.nonzero(found[: names.size] >= 0)
    return list(zip(names[rows].tolist(), nodes[found[rows, columns]].tolist(), strict=True))
