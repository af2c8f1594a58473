"""Turns changes into stretches of time: in which status, or with whom, an issue was from when until when."""

import polars as pl

_EACH = ["tracker", "issue"]


def status_history(issues: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Statuses of each issue in their order: tracker, issue, status, since, until (empty for the last), first, last.

    The first stretch begins at the issue's creation with the value before its first change; an issue that never
    changed has one stretch, its present status.
    """
    return _stretches(issues, changes, "status", "from", "to")


def assignee_history(issues: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """As `status_history`, with a column assignee: whom each issue was given to; times without anybody are left out."""
    stretches = _stretches(issues, changes, "assignee", "from_person", "to_person")
    return stretches.filter(pl.col("assignee").is_not_null())


def _stretches(issues: pl.DataFrame, changes: pl.DataFrame, field: str, before: str, after: str) -> pl.DataFrame:
    moved = (
        changes.filter(pl.col("field") == field)
        .sort("tracker", "issue", "at", "line", maintain_order=True)
        .select(*_EACH, pl.col(after).alias(field), pl.col("at").alias("since"), was=pl.col(before))
    )
    earliest = moved.group_by(_EACH, maintain_order=True).agg(pl.col("was").first(), changed=pl.lit(True))
    value = pl.when(pl.col("changed").is_null()).then(pl.col(field)).otherwise(pl.col("was")).alias(field)
    first = issues.join(earliest, on=_EACH, how="left", maintain_order="left")
    first = first.select(*_EACH, value, pl.col("created").alias("since"))
    stretches = pl.concat([first, moved.drop("was")]).with_columns(place=pl.int_range(pl.len()))
    return (
        stretches.sort(*_EACH, "place")
        .with_columns(
            pl.col("since").shift(-1).over(_EACH).alias("until"),
            (pl.int_range(pl.len()).over(_EACH) == 0).alias("first"),
            (pl.int_range(pl.len()).over(_EACH) == pl.len().over(_EACH) - 1).alias("last"),
        )
        .drop("place")
    )
