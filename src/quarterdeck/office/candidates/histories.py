"""Gives the knowledge engine the history of each repository: who touched which file in which order."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import polars as pl

from quarterdeck.office.candidates import past
from quarterdeck.runs.candidates import Harvest, engine

TABLES = (*past.TABLES, "tree_files")
RECENT = timedelta(days=365)  # hotspots are files that change now; a year holds every season once
_CHANGED = {"created": "added", "deleted": "deleted"}


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
    ordered = past.commits(harvest).filter(pl.col("repository") == repository).with_row_index("order")
    recent = ordered.filter((pl.col("day") > harvest.today - RECENT) & (pl.col("day") <= harvest.today))["order"]
    files = harvest.table("commit_files", *past.FILES).filter(pl.col("repository") == repository)
    made = ordered.select("commit", "author", "order", "is_fix").join(files, on="commit").sort("order", "path")
    columns: dict[str, list[Any]] = {
        "person": made["author"].to_list(),
        "path": made["path"].to_list(),
        "order": made["order"].to_list(),
        "renamed_from": made["old_path"].to_list(),
        "added": made["added"].to_list(),
        "removed": made["deleted"].to_list(),
        "fix": made["is_fix"].fill_null(False).to_list(),
        **{name: (made["change"] == change).to_list() for name, change in _CHANGED.items()},
    }
    touched = knowledge().Touches(**{name: tuple(values) for name, values in columns.items()})
    return touched, int(recent.min()) if len(recent) else None  # type: ignore[arg-type]
