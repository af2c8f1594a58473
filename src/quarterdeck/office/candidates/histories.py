"""Gives the knowledge engine the history of each repository: who touched which file in which order."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import polars as pl

from quarterdeck.chapters.people.growth import knowledge as growth
from quarterdeck.office.candidates import past
from quarterdeck.runs.candidates import Harvest, engine

TABLES = growth.TABLES
RECENT = timedelta(days=365)  # hotspots are files that change now; a year holds every season once


def knowledge() -> ModuleType:
    """The engine."""
    return engine("knowledge")


def repositories(harvest: Harvest) -> list[str]:
    """Names of the repositories with a history, in order."""
    return sorted(past.commits(harvest)["repository"].unique())


def sources(harvest: Harvest, repository: str) -> frozenset[str]:
    """Paths of a repository's source files as they stand."""
    files = harvest.table("tree_files", "repository", "path", "role")
    found = files.filter((pl.col("repository") == repository) & (pl.col("role") == "source"))
    return frozenset(found["path"])


def touches(harvest: Harvest, repository: str) -> tuple[Any, int | None]:
    """The repository's touches for the engine, and the number of the first commit of the last year (None: none)."""
    return harvest.once(("touches", repository), lambda: _touches(harvest, repository))


def _touches(harvest: Harvest, repository: str) -> tuple[Any, int | None]:
    commits, files = harvest.once("touched", lambda: growth.touched(harvest))
    day, own = pl.col("committed_at").dt.date(), pl.col("repository") == repository
    recent = commits.filter(own & (day > harvest.today - RECENT) & (day <= harvest.today))["order"]
    first = min(recent.to_list(), default=None)
    return growth.touches(knowledge(), files.filter(own)), first
