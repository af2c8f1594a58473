"""Where is knowledge, where is it thin, and who could take over? Authorship and truck factor from commit histories."""

from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from quarterdeck.engines.catalog import ENGINES
from quarterdeck.runs.analysis import Analysis, Figure, Gathering

RECENT_COMMITS = 0.25  # part of the history, the newest, that counts for hotspots


def gather(gathering: Gathering) -> Any:
    """All touches of files on default branches; a file's path stands below its repository's name."""
    commits = gathering.table("commits", "repository", "commit", "author", "committed_at", "is_merge", "is_fix")
    side = gathering.table("side_commits", "repository", "commit")
    touched = gathering.table(
        "commit_files", "repository", "commit", "path", "old_path", "change", "kind", "added", "deleted"
    )
    standing = gathering.table("tree_files", "repository", "path", "kind", "role")
    commits = commits.filter(~pl.col("is_merge")).join(side, on=["repository", "commit"], how="anti")
    commits = commits.sort("committed_at", "repository", "commit").with_row_index("order")
    rows = (
        touched.filter(pl.col("kind") == "file")
        .join(commits, on=["repository", "commit"])
        .sort("order", "repository", "path")
    )
    below = pl.col("repository") + "/"
    files = standing.filter(pl.col("kind").is_in(["file", "executable"])).with_columns(path=below + pl.col("path"))
    engine = gathering.engine
    touches = engine.Touches(
        person=tuple(rows["author"]),
        path=tuple((rows["repository"] + "/" + rows["path"]).to_list()),
        order=tuple(rows["order"].to_list()),
        created=tuple((rows["change"] == "added").to_list()),
        deleted=tuple((rows["change"] == "deleted").to_list()),
        renamed_from=tuple((rows["repository"] + "/" + rows["old_path"]).to_list()),
        added=tuple(rows["added"].to_list()),
        removed=tuple(rows["deleted"].to_list()),
        fix=tuple(rows["is_fix"].fill_null(value=False).to_list()),
    )
    systems: dict[str, list[str]] = {}
    for row in gathering.rows("repository", system__empty=False):
        systems.setdefault(row["system"], []).append(row.key)
    recent = int(commits.height * (1 - RECENT_COMMITS)) if commits.height else None
    return engine.Inputs(
        touches,
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
    tables=("commits", "side_commits", "commit_files", "tree_files"),
    figures=figures,
    daily=False,
)
