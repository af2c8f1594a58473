"""Dependency graphs against brute force on small ones, scipy on middling ones and closed forms on large ones."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from golden import compare
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, shortest_path

from quarterdeck.engines.graph import Edge, Inputs, Node, blast_radius, examine
from quarterdeck.engines.graph.cycles import cycles
from quarterdeck.engines.graph.order import ordered

SHOP = Inputs(
    nodes=(
        Node("shop", 3),
        Node("payment", 3),
        Node("gateway a", 1, "north"),
        Node("gateway b", 1, "south"),
        Node("database", 2, "north"),
        Node("log", 0),
        Node("billing", 1),
        Node("ledger", 1),
        Node("queue 1", 1, "north"),
        Node("queue 2", 1, "south"),
        Node("queue 3", 1, "west"),
    ),
    edges=(
        Edge("shop", "payment"),
        Edge("shop", "log"),
        Edge("payment", "gateway a", "gateway", 1),
        Edge("payment", "gateway b", "gateway", 1),
        Edge("gateway a", "database"),
        Edge("gateway b", "database"),
        Edge("billing", "ledger"),
        Edge("ledger", "billing"),
        Edge("payment", "queue 1", "queues", 2),
        Edge("payment", "queue 2", "queues", 2),
        Edge("payment", "queue 3", "queues", 2),
    ),
    critical=3,
)


def failing(inputs: Inputs, first: set[str]) -> set[str]:
    """What fails at last, by asking every node again and again."""
    failed = set(first)
    while True:
        more = {node.key for node in inputs.nodes if lacks(inputs, node.key, failed)} - failed
        if not more:
            return failed
        failed |= more


def lacks(inputs: Inputs, key: str, failed: set[str]) -> bool:
    groups: dict[str, tuple[int, set[str]]] = {}
    for edge in inputs.edges:
        if edge.dependent != key:
            continue
        if edge.group is None:
            if edge.dependency in failed:
                return True
        else:
            groups.setdefault(edge.group, (edge.needed, set()))[1].add(edge.dependency)
    return any(len(members - failed) < needed for needed, members in groups.values())


def dependents(inputs: Inputs, key: str) -> set[str]:
    """Everything that reaches a key, by search from it against the edges."""
    found, queue = {key}, [key]
    for each in queue:
        more = {edge.dependent for edge in inputs.edges if edge.dependency == each} - found
        found |= more
        queue += sorted(more)
    return found - {key}


def beaten(inputs: Inputs, failed: set[str]) -> int:
    """Groups with members to spare that do not have enough left."""
    groups: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for edge in inputs.edges:
        if edge.group is not None:
            groups.setdefault((edge.dependent, edge.group), (edge.needed, set()))[1].add(edge.dependency)
    return sum(len(members) > needed > len(members - failed) for needed, members in groups.values())


@st.composite
def graphs(draw: st.DrawFn) -> Inputs:
    size = draw(st.integers(1, 9))
    number = st.integers(0, size - 1)
    nodes = tuple(
        Node(f"n{each}", draw(st.integers(0, 2)), draw(st.sampled_from([None, "a", "b"]))) for each in range(size)
    )
    edges = [Edge(f"n{a}", f"n{b}") for a, b in draw(st.lists(st.tuples(number, number), max_size=12))]
    for index, (owner, members) in enumerate(
        draw(st.lists(st.tuples(number, st.sets(number, min_size=1, max_size=5)), max_size=4))
    ):
        needed = draw(st.integers(1, len(members)))
        edges += [Edge(f"n{owner}", f"n{member}", f"g{index}", needed) for member in sorted(members)]
    return Inputs(nodes, tuple(draw(st.permutations(edges))))


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_reach_against_brute_force(inputs: Inputs) -> None:
    critical = {node.key for node in inputs.nodes if node.criticality >= inputs.critical}
    for one in examine(inputs).reaches:
        reached, failed = dependents(inputs, one.key), failing(inputs, {one.key}) - {one.key}
        assert (one.dependents, one.critical_dependents) == (len(reached), len(reached & critical))
        assert (one.lost, one.critical_lost) == (len(failed), len(failed & critical))


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_single_points_against_brute_force(inputs: Inputs) -> None:
    critical = [node.key for node in inputs.nodes if node.criticality >= inputs.critical]
    causes: dict[tuple[str, bool], set[str]] = {(node.key, False): {node.key} for node in inputs.nodes}
    for node in inputs.nodes:
        if node.zone is not None:
            causes.setdefault((node.zone, True), set()).add(node.key)
    expected = {}
    for cause, own in causes.items():
        failed = failing(inputs, own)
        targets = tuple(key for key in critical if key in failed - own)
        if targets:
            expected[cause] = (len(targets), targets, beaten(inputs, failed))
    found = examine(inputs).single_points
    assert {(one.cause, one.is_zone): (one.critical, one.targets, one.defeated) for one in found} == expected
    assert [one.critical for one in found] == sorted((one.critical for one in found), reverse=True)


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_cycles_against_all_shortest_paths(inputs: Inputs) -> None:
    place = {node.key: number for number, node in enumerate(inputs.nodes)}
    matrix = np.zeros((len(place), len(place)))
    for edge in inputs.edges:
        matrix[place[edge.dependent], place[edge.dependency]] = 1
    lengths = shortest_path(csr_array(matrix), unweighted=True)
    through = {
        key: 1 + min((lengths[b, a] for b in np.flatnonzero(matrix[a])), default=np.inf) for key, a in place.items()
    }
    found = examine(inputs).cycles
    assert {key for one in found for key in one.nodes} == {key for key, length in through.items() if length < np.inf}
    for one in found:
        assert one.shortest
        assert len(one.witness) == len(set(one.witness)) == min(through[key] for key in one.nodes)
        assert all(matrix[place[a], place[b]] for a, b in pairwise([*one.witness, one.witness[0]]))
        assert set(one.witness) <= set(one.nodes)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_what_surely_fails_depends(inputs: Inputs) -> None:
    for one in examine(inputs).reaches:
        assert 0 <= one.lost <= one.dependents
        assert 0 <= one.critical_lost <= one.critical_dependents <= one.dependents


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_without_alternatives_all_that_depends_fails(inputs: Inputs) -> None:
    plain = Inputs(inputs.nodes, tuple(Edge(edge.dependent, edge.dependency) for edge in inputs.edges))
    assert all(one.lost == one.dependents for one in examine(plain).reaches)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(inputs: Inputs, random: object) -> None:
    nodes, edges = list(inputs.nodes), list(inputs.edges)
    random.shuffle(nodes)  # type: ignore[attr-defined]
    random.shuffle(edges)  # type: ignore[attr-defined]
    found, other = examine(inputs), examine(Inputs(tuple(nodes), tuple(edges)))
    assert sorted(found.reaches, key=lambda one: one.key) == sorted(other.reaches, key=lambda one: one.key)
    assert found.inversions == other.inversions
    assert [(one.cause, one.critical) for one in found.single_points] == [
        (one.cause, one.critical) for one in other.single_points
    ]


def test_the_shop() -> None:
    found = examine(SHOP)
    assert [(one.cause, one.is_zone, one.critical, one.defeated) for one in found.single_points] == [
        ("database", False, 2, 1),
        ("north", True, 2, 1),
        ("log", False, 1, 0),
        ("payment", False, 1, 0),
    ]
    assert found.cycles[0].witness == ("billing", "ledger")
    assert [(one.dependent, one.dependency, one.gap) for one in found.inversions][:1] == [("shop", "log", 3)]
    assert {one.key: one.depth for one in found.reaches}["shop"] == 3
    assert found.checks.exact


def test_golden() -> None:
    compare("graph", examine(SHOP))


@pytest.mark.parametrize(("size", "edges"), [(700, 1200), (1500, 4000), (600, 30_000)])
def test_blast_radius_against_scipy(size: int, edges: int) -> None:
    generator = np.random.default_rng(size)
    heads, tails = generator.integers(0, size, (2, edges))
    for down in (False, True):  # with cycles, and without
        if down:
            heads, tails = np.maximum(heads, tails), np.minimum(heads, tails)
        reverse = csr_array((np.ones(edges), (tails, heads)), shape=(size, size))
        expected = [breadth_first_order(reverse, node, return_predecessors=False).size - 1 for node in range(size)]
        assert blast_radius(size, heads, tails).tolist() == expected


def test_components_and_their_order() -> None:
    generator = np.random.default_rng(3)
    heads, tails = generator.integers(0, 900, (2, 1100))
    order = ordered(900, heads, tails)
    count, labels = connected_components(
        csr_array((np.ones(1100), (heads, tails)), shape=(900, 900)), connection="strong"
    )
    assert order.start.size - 1 == count
    assert len(set(zip(labels.tolist(), order.component.tolist(), strict=True))) == count
    assert (order.component[heads] <= order.component[tails]).all()
    longest = np.zeros(count, dtype=int)
    for number in range(count - 1, -1, -1):
        below = order.component[tails[order.component[heads] == number]]
        longest[number] = max((longest[each] + 1 for each in below if each != number), default=0)
    assert order.depth.tolist() == longest.tolist()


def test_a_long_chain_and_a_large_ring() -> None:
    size = 20_000
    chain = np.arange(size - 1)
    assert blast_radius(size, chain, chain + 1).tolist() == list(range(size))
    ring = np.arange(size)
    assert (blast_radius(size, ring, (ring + 1) % size) == size - 1).all()


def test_a_witness_beyond_the_looks_is_still_a_cycle() -> None:
    size = 300
    ring = np.arange(size)
    heads, tails = np.append(ring, 7), np.append((ring + 1) % size, 3)
    order = ordered(size, heads, tails)
    full, cut = cycles(order, heads, tails)[0], cycles(order, heads, tails, looks=100)[0]
    assert full.shortest
    assert sorted(full.cycle.tolist()) == [3, 4, 5, 6, 7]
    assert not cut.shortest
    assert all((b in tails[heads == a]) for a, b in pairwise([*cut.cycle.tolist(), int(cut.cycle[0])]))


def test_many_alternatives_are_counted_exactly() -> None:
    members = [f"m{number}" for number in range(300)]
    nodes = [Node("top", 1), *(Node(member) for member in members), Node("power"), Node("cooling")]
    edges = [Edge("top", member, "pool", 200) for member in members]
    edges += [Edge(member, "power") for member in members[:100]] + [Edge(member, "cooling") for member in members[:101]]
    found = examine(Inputs(tuple(nodes), tuple(edges)))
    assert [(one.cause, one.critical, one.defeated) for one in found.single_points] == [("cooling", 1, 1)]


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        ((Node("a"), Node("a")), (), "same key"),
        ((Node("a"),), (Edge("a", "b"),), "b, which is no node"),
        ((Node("a"), Node("b")), (Edge("a", "b", "g", 2),), "cannot need 2"),
        ((Node("a"), Node("b")), (Edge("a", "b", "g", 0),), "cannot need 0"),
        ((Node("a"), Node("b")), (Edge("a", "b", "g", 1), Edge("a", "a", "g", 2)), "both 1 and 2"),
    ],
)
def test_contradictions_are_refused(nodes: tuple[Node, ...], edges: tuple[Edge, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        examine(Inputs(nodes, edges))


def test_nothing_at_all() -> None:
    found = examine(Inputs(()))
    assert (found.reaches, found.single_points, found.cycles, found.checks.nodes) == ((), (), (), 0)


def test_inputs_can_be_read_from_json_and_progress_rises() -> None:
    adapter = TypeAdapter(Inputs)
    assert adapter.validate_json(adapter.dump_json(SHOP)) == SHOP
    told: list[float] = []
    examine(SHOP, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


PAGE = Path(__file__).parents[2] / "docs" / "engines" / "graph.md"


def test_the_worked_example_is_what_the_engine_says() -> None:
    found, page = examine(SHOP), PAGE.read_text(encoding="utf-8")
    rows = "\n".join(f"| {one.cause} | {one.critical} | {one.defeated} |" for one in found.single_points)
    assert f"|---|---|---|\n{rows}\n\n" in page
    gateway = next(one for one in found.reaches if one.key == "gateway a")
    assert gateway.lost == 0
    assert f"gateway a has {gateway.dependents} dependents" in page
