"""How does software get to production, and how does work flow? The five delivery metrics (DORA) and flow, from
evidence."""

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from quarterdeck.chapters.innovation.projects.ancestry import Ancestry, histories
from quarterdeck.chapters.innovation.projects.upkeep import sort_of_work
from quarterdeck.engines.catalog import ENGINES
from quarterdeck.runs.analysis import Analysis, Figure, Gathering

WEEKS = 26  # of history that the figures are measured over
PRODUCTION = "production"  # the reader's word for the environment that customers use
BEFORE = timedelta(weeks=26)  # deployments and changes read before the period, so that its first ones have a past
KEY = pl.concat_str(pl.col("system").fill_null(""), pl.lit("/"), "deployment")  # tools of two systems count from one


def gather(gathering: Gathering) -> Any:
    """Deployments, incidents, changes and issues of the last half year, of one system where the parameters name it."""
    until = datetime.combine(gathering.today + timedelta(days=1), time(), UTC)
    since = until - timedelta(weeks=WEEKS)
    system = gathering.parameters["system"]
    deployments = _of(gathering.table("deployments"), system)
    incidents = _of(gathering.table("incidents"), system)
    issues = _of(gathering.table("issues"), system)
    reviews = _of(gathering.table("reviews"), system)
    engine = gathering.engine
    merged, ends = _merged(reviews, since - BEFORE), _ends(deployments)
    return engine.Inputs(
        since=since,
        until=until,
        changes=None if reviews.is_empty() else _changes(engine, merged, ends, _histories(gathering, merged, ends)),
        deployments=_deployments(engine, deployments, since - BEFORE),
        incidents=_incidents(engine, incidents, deployments, since - BEFORE),
        items=_items(engine, issues),
    )


def _of(frame: pl.DataFrame, system: str) -> pl.DataFrame:
    return frame.filter(pl.col("system") == system) if system else frame


def _merged(reviews: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """Changes merged since then, each once, as their numbers repeat between repositories; of several reviewers who are
    not the author, the first to answer counts."""
    own = ["system", "repository", "change"]
    another = pl.col("reviewer").is_null() | pl.col("reviewer").ne_missing(pl.col("author"))
    answered = pl.when(another).then(pl.coalesce("reviewed", "approved"))
    recent = reviews.filter(pl.col("merged") >= since).with_columns(reviewed=answered.min().over(own))
    return recent.unique(own, keep="first", maintain_order=True)


def _ends(deployments: pl.DataFrame) -> pl.DataFrame:
    """Deployments that reached production, the earliest first, each with the key that tells it apart."""
    return (
        deployments.filter(
            pl.col("finished").is_not_null()
            & (pl.col("environment").str.to_lowercase() == PRODUCTION).fill_null(False)
            & (pl.col("result").is_null() | (pl.col("result") == "success"))
        )
        .sort("finished", maintain_order=True)
        .with_columns(pl.col("system").fill_null(""), key=KEY)
    )


def _histories(gathering: Gathering, merged: pl.DataFrame, ends: pl.DataFrame) -> list[Ancestry]:
    """The histories in which changes and deployments stand."""
    named = {*merged["commit"].drop_nulls(), *ends["commit"].drop_nulls()}
    if not named:
        return []
    commits = gathering.table("commits", "repository", "commit", "parents", "authored_at")
    return histories(commits, gathering.table("repositories", "repository", "head"), named)


def _changes(engine: Any, merged: pl.DataFrame, ends: pl.DataFrame, known: list[Ancestry]) -> Any:
    """Merged changes, each from the first commit that its merge brought in or else from the opening of its review, to
    the deployments that carry it or else to the first of its system after the merge."""
    carriers = _Carriers(ends, known, merged["commit"].drop_nulls().to_list())
    found = []
    for row in merged.iter_rows(named=True):
        history = next((one for one in known if row["commit"] in one), None)
        begun = history.first_written(row["commit"], row["opened"]) if history else None
        carried, following = carriers.of(row, history)
        assumed = ((begun is None and row["opened"], engine.Assumption.OPENING), (following, engine.Assumption.NEXT))
        found.append(
            engine.Change(
                "/".join(row[name] or "" for name in ("system", "repository", "change")),
                begun or row["opened"],
                row["opened"],
                row["reviewed"],
                row["merged"],
                carried or following,
                tuple(assumption for holds, assumption in assumed if holds),
            )
        )
    return tuple(found)


class _Carriers:
    """Which deployments brought a change to production."""

    def __init__(self, ends: pl.DataFrame, known: list[Ancestry], asked: list[str]) -> None:
        self._after: dict[str, list[tuple[datetime, str]]] = {}
        self._exact: dict[str, list[str]] = {}
        naming: dict[str, list[tuple[str, str]]] = {}
        for system, finished, commit, key in ends.select("system", "finished", "commit", "key").iter_rows():
            self._after.setdefault(system, []).append((finished, key))
            if commit is not None:
                self._exact.setdefault(commit, []).append(key)
                naming.setdefault(system, []).append((commit, key))
        self._told: dict[Ancestry, dict[str, dict[str, str]]] = {history: {} for history in known}
        for history, told in self._told.items():
            for system, rows in naming.items():
                here = [(commit, key) for commit, key in rows if commit in history]
                if here:
                    told[system] = history.carried(here, asked)

    def of(self, row: dict[str, Any], history: Ancestry | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The deployments known to carry a change; where nothing tells, the first of its system after its merge."""
        commit, system = row["commit"], row["system"] or ""
        told = self._told[history] if history else {}
        if system and system in self._after:
            told = {own: first for own, first in told.items() if own == system}
        if told:
            return tuple(first[commit] for first in told.values() if commit in first), ()
        if commit in self._exact:
            return tuple(self._exact[commit]), ()
        later = self._after.get(system, [])
        place = bisect_left(later, row["merged"], key=lambda end: end[0])
        return (), tuple(key for _, key in later[place : place + 1])


def _deployments(engine: Any, frame: pl.DataFrame, since: datetime) -> Any:
    """Deployments; where the source names incidents that they caused, one without is known not to have failed."""
    if frame.is_empty():
        return None
    recent = frame.filter(pl.col("finished").is_null() | (pl.col("finished") >= since)).with_columns(key=KEY)
    told = frame["caused_incident"].drop_nulls().len() > 0
    return tuple(
        engine.Deployment(
            row["key"],
            row["finished"],
            system=row["system"] or "",
            environment=row["environment"],
            succeeded=row["result"] in (None, "success"),
            failed=row["caused_incident"] is not None if told else None,
            unplanned=row["is_rework"],
        )
        for row in recent.unique("key", keep="first", maintain_order=True).iter_rows(named=True)
    )


def _incidents(engine: Any, frame: pl.DataFrame, deployments: pl.DataFrame, since: datetime) -> Any:
    """Incidents, held against the deployment that they name: their own system's, or else the only one of that name."""
    if frame.is_empty():
        return None
    keys: dict[str, list[str]] = {}
    for name, key in deployments.select("deployment", key=KEY).unique(maintain_order=True).iter_rows():
        keys.setdefault(name, []).append(key)
    rows = frame.filter(pl.col("started") >= since).unique("incident", keep="first", maintain_order=True)
    return tuple(
        engine.Incident(
            row["incident"],
            row["started"],
            row["resolved"],
            row["system"] or "",
            None if row["cause_category"] in (None, "unknown") else row["cause_category"] == "change",
            _named(row["caused_by_deployment"], row["system"] or "", keys),
        )
        for row in rows.iter_rows(named=True)
    )


def _named(name: str | None, system: str, keys: dict[str, list[str]]) -> str | None:
    """The key of the deployment that an incident of a system names."""
    own, known = f"{system}/{name}", keys.get(name or "", [])
    return None if name is None else own if own in known or len(known) != 1 else known[0]


def _items(engine: Any, frame: pl.DataFrame) -> Any:
    if frame.is_empty():
        return None
    rows = frame.with_columns(key=pl.concat_str(pl.col("tracker").fill_null(""), pl.lit("/"), pl.col("issue"))).unique(
        "key", keep="first", maintain_order=True
    )
    return tuple(
        engine.Item(row["key"], row["created"], row["started"], row["finished"], row["operations"])
        for row in rows.with_columns(operations=sort_of_work()).iter_rows(named=True)
    )


METRICS = (
    "change_lead_time",
    "deployment_frequency",
    "failed_deployment_recovery_time",
    "change_fail_rate",
    "deployment_rework_rate",
    "operations_share",
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
    tables=("deployments", "incidents", "issues", "reviews", "commits", "repositories"),
    figures=figures,
    defaults={"system": ""},
)
