"""How does software get to production, and how does work flow? The five delivery metrics (DORA) and flow, from
evidence."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from quarterdeck.engines.catalog import ENGINES
from quarterdeck.runs.analysis import Analysis, Figure, Gathering

WEEKS = 26  # of history that the figures are measured over
PRODUCTION = "production"  # the reader's word for the environment that customers use
BEFORE = timedelta(weeks=26)  # deployments and changes read before the period, so that its first ones have a past


def gather(gathering: Gathering) -> Any:
    """Deployments, incidents, commits and issues of the last half year, of one system where the parameters name it."""
    until = datetime.combine(gathering.today + timedelta(days=1), time(), UTC)
    since = until - timedelta(weeks=WEEKS)
    system = gathering.parameters["system"]
    deployments = _of(gathering.table("deployments"), system)
    incidents = _of(gathering.table("incidents"), system)
    issues = _of(gathering.table("issues"), system)
    changes = _of(gathering.table("reviews"), system)
    engine = gathering.engine
    return engine.Inputs(
        since=since,
        until=until,
        changes=_changes(engine, changes, deployments, since - BEFORE),
        deployments=_deployments(engine, deployments, since - BEFORE),
        incidents=_incidents(engine, incidents, since - BEFORE),
        items=_items(engine, issues),
    )


def _of(frame: pl.DataFrame, system: str) -> pl.DataFrame:
    return frame.filter(pl.col("system") == system) if system else frame


def _changes(engine: Any, reviews: pl.DataFrame, deployments: pl.DataFrame, since: datetime) -> Any:
    """Merged changes, each carried by the deployments of its commit to production, or else the first of its system
    after the merge. Reviews do not say when the first commit was written: the lead time counts from their opening."""
    if reviews.is_empty():
        return None
    own = ["system", "repository", "change"]  # numbers of changes repeat from one repository to the next
    merged = reviews.filter(pl.col("merged") >= since).unique(own, keep="first", maintain_order=True)
    ends = deployments.filter(
        pl.col("finished").is_not_null()
        & (pl.col("environment").str.to_lowercase() == PRODUCTION).fill_null(False)
        & (pl.col("result").is_null() | (pl.col("result") == "success"))
    ).sort("finished")
    by_system = {str(key[0]): rows.select("finished", "deployment").rows() for key, rows in ends.group_by("system")}
    by_commit: dict[str, list[str]] = {}
    for commit, deployment in ends.filter(pl.col("commit").is_not_null()).select("commit", "deployment").iter_rows():
        by_commit.setdefault(commit, []).append(deployment)
    return tuple(
        engine.Change(
            "/".join(row[name] or "" for name in own),
            row["opened"],
            row["opened"],
            row["reviewed"] or row["approved"],
            row["merged"],
            tuple(by_commit.get(row["commit"] or "", ())) or _next(by_system, row),
        )
        for row in merged.iter_rows(named=True)
    )


def _next(by_system: dict[str, list[tuple[datetime, str]]], row: dict[str, Any]) -> tuple[str, ...]:
    """The first deployment of a change's system to production that ended after its merge."""
    later = (key for at, key in by_system.get(str(row["system"]), []) if at >= row["merged"])
    first = next(later, None)
    return (first,) if first else ()


def _deployments(engine: Any, frame: pl.DataFrame, since: datetime) -> Any:
    """Deployments; where the source names incidents that they caused, one without is known not to have failed."""
    if frame.is_empty():
        return None
    recent = frame.filter(pl.col("finished").is_null() | (pl.col("finished") >= since))
    told = frame["caused_incident"].drop_nulls().len() > 0
    return tuple(
        engine.Deployment(
            row["deployment"],
            row["finished"],
            system=row["system"] or "",
            environment=row["environment"],
            succeeded=row["result"] in (None, "success"),
            failed=row["caused_incident"] is not None if told else None,
            unplanned=row["is_rework"],
        )
        for row in recent.unique("deployment", keep="first", maintain_order=True).iter_rows(named=True)
    )


def _incidents(engine: Any, frame: pl.DataFrame, since: datetime) -> Any:
    if frame.is_empty():
        return None
    rows = frame.filter(pl.col("started") >= since).unique("incident", keep="first", maintain_order=True)
    return tuple(
        engine.Incident(
            row["incident"],
            row["started"],
            row["resolved"],
            row["system"] or "",
            None if row["cause_category"] in (None, "unknown") else row["cause_category"] == "change",
            row["caused_by_deployment"],
        )
        for row in rows.iter_rows(named=True)
    )


def _items(engine: Any, frame: pl.DataFrame) -> Any:
    if frame.is_empty():
        return None
    rows = frame.with_columns(key=pl.concat_str(pl.col("tracker").fill_null(""), pl.lit("/"), pl.col("issue"))).unique(
        "key", keep="first", maintain_order=True
    )
    return tuple(
        engine.Item(row["key"], row["created"], row["started"], row["finished"]) for row in rows.iter_rows(named=True)
    )


METRICS = (
    "change_lead_time",
    "deployment_frequency",
    "failed_deployment_recovery_time",
    "change_fail_rate",
    "deployment_rework_rate",
)


def figures(result: Any) -> tuple[Figure, ...]:
    """The metrics by name; None where the evidence cannot tell."""
    found = [(name, getattr(result, name)) for name in METRICS]
    return tuple(Figure(f"delivery.{n}", _plain(f.value), f.unit, _plain(f.low), _plain(f.high)) for n, f in found)


def _plain(value: Any) -> float | None:
    """A figure as a number: spans of time in hours."""
    if value is None:
        return None
    return value.total_seconds() / 3600 if isinstance(value, timedelta) else float(value)


DELIVERY = Analysis(
    "delivery",
    _("Delivery"),
    _("How does software get to production, and how does work flow?"),
    "delivery",
    ENGINES["delivery"],
    gather,
    tables=("deployments", "incidents", "issues", "reviews"),
    figures=figures,
    defaults={"system": ""},
)
