"""What chapters make of evidence and records before their engines compute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from quarterdeck.chapters.innovation.projects import delivery
from quarterdeck.chapters.strategy.architecture import structure
from quarterdeck.engines import delivery as engine
from quarterdeck.engines import graph

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def reviews(*rows: tuple[str, str, str | None, int]) -> pl.DataFrame:
    """(repository, number, commit, hours after noon that it was merged) of one system."""
    made: list[dict[str, Any]] = [
        {"system": "shop", "repository": repository, "change": number, "commit": commit, "opened": NOON,
         "reviewed": None, "approved": None, "merged": NOON + timedelta(hours=hours)}
        for repository, number, commit, hours in rows
    ]  # fmt: skip
    return pl.DataFrame(made)


def deployments(*rows: tuple[str, str, str | None, int, str]) -> pl.DataFrame:
    """(name, environment, commit, hours after noon that it ended, result) of one system."""
    made: list[dict[str, Any]] = [
        {"system": "shop", "deployment": name, "environment": environment, "commit": commit,
         "finished": NOON + timedelta(hours=hours), "result": result}
        for name, environment, commit, hours, result in rows
    ]  # fmt: skip
    return pl.DataFrame(made)


def test_numbers_that_repeat_between_repositories_are_changes_each() -> None:
    found = delivery._changes(
        engine,
        reviews(("front", "1", None, 1), ("back", "1", None, 2), ("front", "1", None, 1)),
        deployments(("d", "production", None, 9, "success")),
        NOON - timedelta(days=1),
    )
    assert [change.key for change in found] == ["shop/front/1", "shop/back/1"]


def test_a_change_is_carried_by_its_commit_s_production_deployment() -> None:
    ends = deployments(
        ("to staging", "staging", "c1", 3, "success"),
        ("failed", "production", "c1", 4, "failure"),
        ("another", "production", "c2", 5, "success"),
        ("its own", "Production", "c1", 6, "success"),
    )
    own, other = delivery._changes(
        engine, reviews(("front", "1", "c1", 1), ("front", "2", "c9", 2)), ends, NOON - timedelta(days=1)
    )
    assert own.deployments == ("its own",)
    assert other.deployments == ("another",), "the first to production after its merge, where its commit is not named"


def test_a_group_asks_for_no_more_members_than_it_has() -> None:
    rows = [
        {"system": "shop", "on": "db-1", "group": "db", "needed": 2},
        {"system": "shop", "on": "gone", "group": "db", "needed": 1},
        {"system": "shop", "on": "mail", "group": "", "needed": 1},
    ]
    edges = structure.edges(graph, rows, {"shop", "db-1", "mail"})
    assert [(edge.dependency, edge.group, edge.needed) for edge in edges] == [("db-1", "db", 1), ("mail", None, 1)]
    graph.examine(graph.Inputs(tuple(graph.Node(key) for key in ("shop", "db-1", "mail")), edges))
