"""Where is knowledge, where is it thin, and who could take over? Authorship and truck factor from commit histories."""

from types import ModuleType
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from quarterdeck.engines.catalog import ENGINES
from quarterdeck.runs.analysis import Analysis, Figure, Gathering

RECENT_COMMITS = 0.25  # part of the history, the newest, that counts for hotspots


TABLES = ("commits", "side_commits", "commit_files", "tree_files")
COMMITS = ("repository", "commit", "author", "committed_at", "is_merge", "is_fix")
FILES = ("repository", "commit", "path", "old_path", "change", "kind", "added", "deleted")


def touched(gathering: Gathering) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Commits of default branches that are no merges, numbered by `order` from the oldest; and the files they touched,
    one row a commit and file. A commit collected from two sources counts once."""
    commits = gathering.table("commits", *COMMITS).filter(~pl.col("is_merge"))
    side = gathering.table("side_commits", "repository", "commit")
    own = ["repository", "commit"]
    commits = commits.join(side, on=own, how="anti").unique(own, keep="first", maintain_order=True)
    commits = commits.sort("committed_at", "repository", "commit").with_row_index("order")
    files = gathering.table("commit_files", *FILES).filter(pl.col("kind") == "file")
    files = files.unique([*own, "path"], keep="first", maintain_order=True)
    return commits, files.join(commits, on=own).sort("order", "repository", "path")


def touches(engine: ModuleType, rows: pl.DataFrame) -> Any:
    """Rows of `touched` as the engine takes them."""
    return engine.Touches(
        person=tuple(rows["author"]),
        path=tuple(rows["path"]),
        order=tuple(rows["order"]),
        created=tuple(rows["change"] == "added"),
        deleted=tuple(rows["change"] == "deleted"),
        renamed_from=tuple(rows["old_path"]),
        added=tuple(rows["added"]),
        removed=tuple(rows["deleted"]),
        fix=tuple(rows["is_fix"].fill_null(value=False)),
    )


def gather(gathering: Gathering) -> Any:
    """All touches of files on default branches; a file's path stands below its repository's name."""
    commits, rows = touched(gathering)
    below = pl.col("repository") + "/"
    rows = rows.with_columns(path=below + pl.col("path"), old_path=below + pl.col("old_path"))
    standing = gathering.table("tree_files", "repository", "path", "kind", "role")
    files = standing.filter(pl.col("kind").is_in(["file", "executable"])).with_columns(path=below + pl.col("path"))
    engine = gathering.engine
    systems: dict[str, list[str]] = {}
    for row in gathering.rows("repository", system__empty=False):
        systems.setdefault(row["system"], []).append(row.key)
    recent = int(commits.height * (1 - RECENT_COMMITS)) if commits.height else None
    return engine.Inputs(
        touches(engine, rows),
        files=tuple(engine.File(path) for path in files["path"].to_list()) if files.height else None,
        systems=tuple(engine.System(key, tuple(sorted(paths))) for key, paths in sorted(systems.items())),
        depth=1,
        recent_from=recent,
    )


def figures(result: Any) -> tuple[Figure, ...]:
    """How many units one departure would orphan."""
    known = [unit for unit in result.units if unit.truck_factor is not None]
    systems = [unit for unit in known if unit.sort.value == "system"]
    return (
        Figure(
            "knowledge.systems_with_one",
            float(sum(unit.truck_factor <= 1 for unit in systems)) if systems else None,
            "systems",
        ),
        Figure(
            "knowledge.units_with_one", float(sum(unit.truck_factor <= 1 for unit in known)) if known else None, "units"
        ),
        Figure("knowledge.islands", float(len(result.islands)), "directories"),
    )


KNOWLEDGE = Analysis(
    "knowledge",
    _("Knowledge"),
    _("Where is knowledge thin, and who could take over?"),
    "knowledge",
    ENGINES["knowledge"],
    gather,
    kinds=("repository",),
    tables=TABLES,
    figures=figures,
    daily=False,
)
