"""Turns changes into stretches of time: in which status, or with whom, an issue was from when until when."""

import polars as pl


def status_history(issues: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Statuses of each issue in order: tracker, issue, status, since, until (empty for the last), first, last.

    The first stretch begins at the issue's creation with the value before its first change; an issue that never
    changed has one stretch, its present status.
    """
    moved = (
        changes.filter(pl.col("field") == "status")
        .sort("tracker", "issue", "at", "line", maintain_order=True)
        .select("tracker", "issue", pl.col("to").alias("status"), pl.col("at").alias("since"), was=pl.col("from"))
    )
    before = moved.group_by("tracker", "issue", maintain_order=True).agg(pl.col("was").first())
    first = issues.join(before, on=["tracker", "issue"], how="left", maintain_order="left").select(
        "tracker",
        "issue",
        pl.coalesce("was", "status").alias("status"),
        pl.col("created").alias("since"),
    )
    stretches = pl.concat([first, moved.drop("was")]).with_columns(place=pl.int_range(pl.len()))
    stretches = stretches.sort("tracker", "issue", "place", maintain_order=True)
    each = ["tracker", "issue"]
    return stretches.with_columns(
        pl.col("since").shift(-1).over(each).alias("until"),
        (pl.int_range(pl.len()).over(each) == 0).alias("first"),
        (pl.int_range(pl.len()).over(each) == pl.len().over(each) - 1).alias("last"),
    ).drop("place")


def assignee_history(changes: pl.DataFrame) -> pl.DataFrame:
    """From when whom an issue was assigned to: tracker, issue, assignee, since; times without anybody are left out."""
    return (
        changes.filter((pl.col("field") == "assignee") & pl.col("to_person").is_not_null())
        .sort("tracker", "issue", "at", "line", maintain_order=True)
        .select("tracker", "issue", pl.col("to_person").alias("assignee"), pl.col("at").alias("since"))
    )
