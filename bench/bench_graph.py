"""The graph engine beside rustworkx and networkx: every node's blast radius, in one run.

Run: python bench/bench_graph.py [--nodes N] [--edges N] [--peer-nodes N]
Random directed graphs without cycles (edges from a later to an earlier node). Peers ask for the descendants of every
node; they run on a smaller graph of the same density, where ours must give the same counts, and on a sample of the
nodes of the large one, extrapolated to all of them, which the table says. CPU seconds, Numba warm.
"""

import argparse
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from quarterdeck.engines.graph import Edge, Inputs, Node, blast_radius, examine

try:
    import rustworkx
except ImportError:
    rustworkx = None
try:
    import networkx
except ImportError:
    networkx = None

SAMPLE = 30  # nodes of the large graph that peers are asked about


def made_edges(nodes: int, edges: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Dependents and dependencies."""
    ends = np.random.default_rng(seed).integers(0, nodes, (2, edges))
    heads, tails = ends.max(0), ends.min(0)
    return heads[heads != tails], tails[heads != tails]


def timed(work: Callable[[], object]) -> tuple[float, object]:
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def rustworkx_counts(nodes: int, heads: np.ndarray, tails: np.ndarray) -> Callable[[int], int] | None:
    """How many nodes depend on one, by rustworkx."""
    if rustworkx is None:
        return None
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(list(zip(tails.tolist(), heads.tolist(), strict=True)))
    return lambda node: len(rustworkx.descendants(graph, node))


def networkx_counts(nodes: int, heads: np.ndarray, tails: np.ndarray) -> Callable[[int], int] | None:
    """How many nodes depend on one, by networkx."""
    if networkx is None:
        return None
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(zip(tails.tolist(), heads.tolist(), strict=True))
    return lambda node: len(networkx.descendants(graph, node))


PEERS = {"rustworkx": rustworkx_counts, "networkx": networkx_counts}


def small(nodes: int, edges: int) -> None:
    """All nodes of a graph that peers manage, with equal counts."""
    heads, tails = made_edges(nodes, edges)
    seconds, found = timed(lambda: blast_radius(nodes, heads, tails))
    print(f"\n{nodes:,} nodes, {edges:,} edges, all nodes\n  quarterdeck {seconds:10.3f} s")
    for name, make in PEERS.items():
        count = make(nodes, heads, tails)
        if count is None:
            print(f"  {name}: not installed")
            continue
        took, other = timed(lambda count=count: [count(node) for node in range(nodes)])
        same = "same counts" if np.array_equal(found, other) else "OTHER COUNTS"
        print(f"  {name:11} {took:10.3f} s  {took / seconds:8.0f} x  {same}")


def large(nodes: int, edges: int) -> None:
    """All nodes of the large graph, peers extrapolated from a sample."""
    heads, tails = made_edges(nodes, edges)
    seconds, found = timed(lambda: blast_radius(nodes, heads, tails))
    print(f"\n{nodes:,} nodes, {edges:,} edges, all nodes; peers extrapolated from {SAMPLE} nodes")
    print(f"  quarterdeck {seconds:10.3f} s")
    chosen = np.random.default_rng(2).choice(nodes, SAMPLE, replace=False).tolist()
    for name, make in PEERS.items():
        count = make(nodes, heads, tails)
        if count is None:
            print(f"  {name}: not installed")
            continue
        took, other = timed(lambda count=count: [count(node) for node in chosen])
        same = "same counts" if np.array_equal(found[chosen], other) else "OTHER COUNTS"
        whole = took / SAMPLE * nodes
        print(f"  {name:11} {whole:10.0f} s  {whole / seconds:8.0f} x  {same} (extrapolated)")


def whole(nodes: int, edges: int) -> None:
    """The whole examination, records in and out; for a third of the nodes every other need is an alternative."""
    heads, tails = made_edges(nodes, edges)
    records = tuple(Node(f"n{each}", int(each % 20 == 0)) for each in range(nodes))
    needs = tuple(
        Edge(f"n{a}", f"n{b}", "either" if a % 3 == 0 and number % 2 else None)
        for number, (a, b) in enumerate(zip(heads.tolist(), tails.tolist(), strict=True))
    )
    seconds, _ = timed(lambda: examine(Inputs(records, needs)))
    print(
        f"\n{nodes:,} nodes, {edges:,} edges, whole examination (failures through alternatives, cycles)\n"
        f"  quarterdeck {seconds:10.3f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--peer-nodes", type=int, default=2_000)
    options = parser.parse_args()
    examine(Inputs((Node("a"), Node("b")), (Edge("a", "b"),)))
    machine = platform.processor() or platform.machine()
    print(f"{machine}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}")
    small(options.peer_nodes, options.peer_nodes * options.edges // options.nodes)
    large(options.nodes, options.edges)
    whole(options.nodes, options.edges)


if __name__ == "__main__":
    main()
