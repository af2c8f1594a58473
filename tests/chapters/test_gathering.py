"""What chapters make of evidence and records before their engines compute."""

from quarterdeck.chapters.strategy.architecture import structure
from quarterdeck.engines import graph


def test_a_group_asks_for_no_more_members_than_it_has() -> None:
    rows = [
        {"system": "shop", "on": "db-1", "group": "db", "needed": 2},
        {"system": "shop", "on": "gone", "group": "db", "needed": 1},
        {"system": "shop", "on": "mail", "group": "", "needed": 1},
    ]
    edges = structure.edges(graph, rows, {"shop", "db-1", "mail"})
    assert [(edge.dependency, edge.group, edge.needed) for edge in edges] == [("db-1", "db", 1), ("mail", None, 1)]
    graph.examine(graph.Inputs(tuple(graph.Node(key) for key in ("shop", "db-1", "mail")), edges))
