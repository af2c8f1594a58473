"""What the company's own finished work took, in person-days: issues and epics of the tracker, and past initiatives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import ONE, Past, Reference, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.office.candidates import past
from quarterdeck.office.candidates.words import say
from quarterdeck.runs.candidates import Harvest, engine

TABLES = ("issues",)
KINDS = ("outcome",)
COLUMNS = (
    "source",
    "tracker",
    "issue",
    "title",
    "type",
    "started",
    "finished",
    "assignee",
    "parent",
    "epic",
    "size",
    "project",
    "system",
    "origin",
    "line",
)
ID = ["tracker", "issue"]
EPICS = ("epic", "initiative", "feature", "史诗", "特性", "专题")  # types of issue that hold others
DEFECTS = ("bug", "defect", "incident", "problem", "fault", "缺陷", "故障", "问题", "事件")
CHORES = ("task", "sub-task", "subtask", "chore", "operations", "maintenance", "任务", "子任务", "运维", "维护")
FRIDAY = 5
DAYS_IN_MONTH = 365.25 / 12
SHOWN = 3  # newest pieces shown in a path


@dataclass(frozen=True)
class Taken:
    """Pieces of past work: person-days of each, months each lasted where that is told, and the newest as references."""

    of: Words
    count: int
    days: tuple[float, ...]
    months: tuple[float, ...]
    newest: tuple[Reference, ...]

    def past(self, scale: Estimate = ONE) -> Past:
        """What so many pieces of it can be estimated from."""
        return Past(self.days, self.of, scale, self.months, self.count)

    def said(self) -> Words:
        """On what the effort rests, in a sentence."""
        return say(
            _("The effort is that of the company’s own past: %(count)s %(what)s."), count=self.count, what=self.of
        )


def issues(harvest: Harvest) -> pl.DataFrame:
    """Finished issues of the last years that hold no others, with `days`: the person-days each took.

    Of a working day that somebody had several issues in work, each gets an even part: the rule of past commits.
    """
    return harvest.once("issues worked", lambda: _issues(harvest))


def _issues(harvest: Harvest) -> pl.DataFrame:
    table = harvest.table("issues", *COLUMNS).unique(ID, keep="last", maintain_order=True)
    since = harvest.today - timedelta(days=round(365.25 * past.YEARS))
    holders = set(table["epic"].drop_nulls()) | set(table["parent"].drop_nulls())
    single = table.filter(~pl.col("issue").is_in(sorted(holders)) & ~_of(EPICS) & pl.col("assignee").is_not_null())
    first, until = pl.col("started").dt.date(), pl.col("finished").dt.date()
    timed = single.with_columns(first=first, last=pl.min_horizontal(until.fill_null(harvest.today), harvest.today))
    timed = timed.filter((pl.col("first") <= pl.col("last")) & (pl.col("last") > since))
    each = timed.select(*ID, "assignee", "first", day=pl.date_ranges("first", "last")).explode("day")
    each = each.filter((pl.col("day").dt.weekday() <= FRIDAY) | (pl.col("day") == pl.col("first")))
    each = each.with_columns(part=1.0 / pl.len().over("assignee", "day"))
    took = each.group_by(ID).agg(days=pl.col("part").sum())
    done = timed.filter((until <= harvest.today).fill_null(False) & (pl.col("started") <= pl.col("finished")))
    return done.join(took, on=ID).sort("finished", "tracker", "issue")


def _of(types: Iterable[str]) -> pl.Expr:
    return pl.col("type").fill_null("").str.to_lowercase().is_in(list(types))


def defects(harvest: Harvest, systems: Iterable[str]) -> Taken | None:
    """Finished defects of the systems; of all where theirs are too few, None where those are too."""
    return _enough(harvest, DEFECTS, say(_("finished defects")), systems)


def chores(harvest: Harvest) -> Taken | None:
    """Finished tasks; None where they are too few."""
    return _enough(harvest, CHORES, say(_("finished tasks")), ())


def sized(harvest: Harvest, project: str, size: str) -> Taken | None:
    """Finished issues of one size of a project; of all projects where its own are too few."""
    mine = issues(harvest).filter(pl.col("size").fill_null("").str.to_lowercase() == size.casefold())
    own = mine.filter(pl.col("project").fill_null("") == project)
    return _first((own, mine), say(_("finished issues of size %(size)s"), size=size))


def _enough(harvest: Harvest, types: Iterable[str], of: Words, systems: Iterable[str]) -> Taken | None:
    everything = issues(harvest).filter(_of(types))
    return _first((everything.filter(pl.col("system").is_in(list(systems))), everything), of)


def _first(frames: Iterable[pl.DataFrame], of: Words) -> Taken | None:
    """The first that holds enough pieces to tell quantiles from."""
    least = engine("candidates.effort").LEAST_SAMPLE
    return next((_taken(frame, of) for frame in frames if frame.height >= least), None)


def _taken(rows: pl.DataFrame, of: Words) -> Taken:
    months = past.sample(rows["months"]) if "months" in rows.columns else ()
    newest = rows.tail(SHOWN).reverse().select("issue", "title", "source", "origin", "line").iter_rows()
    shown = tuple(
        Reference("issues", source, origin, line, f"{issue} {title or ''}"[:120].rstrip())
        for issue, title, source, origin, line in newest
    )
    return Taken(of, rows.height, past.sample(rows["days"]), months, shown)


def epics(harvest: Harvest, project: str | None = None) -> Taken | None:
    """Finished epics, each with the person-days of its issues; a project's own where they are enough."""
    everything = harvest.once("epics worked", lambda: _epics(harvest))
    own = everything.filter(pl.col("project").fill_null("") == (project or ""))
    return _first((*((own,) if project is not None else ()), everything), say(_("finished epics")))


def _epics(harvest: Harvest) -> pl.DataFrame:
    """One row an epic that is finished as its tracker says, and of which issues are."""
    table = harvest.table("issues", *COLUMNS).unique(ID, keep="last", maintain_order=True)
    parts = issues(harvest).select("tracker", "started", "days", holder=pl.coalesce("epic", "parent"))
    held = parts.filter(pl.col("holder").is_not_null()).group_by("tracker", "holder")
    whole = held.agg(days=pl.col("days").sum(), began=pl.col("started").min())
    ended = table.filter(_of(EPICS) & (pl.col("finished").dt.date() <= harvest.today))
    joined = ended.join(whole, left_on=ID, right_on=["tracker", "holder"])
    months = (pl.col("finished") - pl.coalesce("started", "began")).dt.total_seconds() / 86_400 / DAYS_IN_MONTH
    return joined.with_columns(months=months).filter(pl.col("months") > 0).sort("finished", "tracker", "issue")


def undertakings(harvest: Harvest) -> Taken | None:
    """Past initiatives as they turned out; finished epics where too few initiatives are on record."""
    rows = sorted(harvest.rows("outcome", retired__empty=True), key=lambda row: (row["finished"] or date.min, row.key))
    effort = engine("candidates.effort")
    if len(rows) < effort.LEAST_SAMPLE:
        return epics(harvest)
    return Taken(
        say(_("past initiatives")),
        len(rows),
        tuple(sorted(row["actual_effort"] * effort.DAYS_A_MONTH for row in rows)),
        tuple(sorted(row["actual_months"] for row in rows)),
        tuple(Reference("kind:outcome", "", row.key, None, _turned_out(row)) for row in rows[: -SHOWN - 1 : -1]),
    )


def _turned_out(row: object) -> str:
    return f"{row['name_en'] or row['name_zh'] or row.key}"  # type: ignore[index,attr-defined]
