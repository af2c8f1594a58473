"""Which issues keep things running, by the tracker's words for their types."""

import polars as pl

# Words of trackers' types, English and Chinese. Whatever belongs to an epic is planned work, of whatever type.
OPERATIONS = (
    "bug",
    "defect",
    "error",
    "hotfix",
    "incident",
    "maintenance",
    "operation",
    "outage",
    "problem",
    "service request",
    "support",
    "事件",
    "工单",
    "支持",
    "故障",
    "维护",
    "线上问题",
    "缺陷",
    "运维",
)
CONTAINERS = ("epic", "史诗", "initiative", "milestone", "里程碑")  # they hold other items, and are no work themselves


def sort_of_work() -> pl.Expr:
    """Whether an issue keeps things running; null where its type is not said or only holds other issues."""
    words = pl.col("type").str.strip_chars().str.to_lowercase()
    kept = pl.any_horizontal(words.str.contains(word, literal=True) for word in OPERATIONS)
    return (
        pl.when(words.is_null() | (words == "") | words.is_in(CONTAINERS))
        .then(None)
        .otherwise(kept & pl.col("epic").is_null())
    )
