"""Epics and large issues of the tracker: what people already asked for, with the effort the own throughput tells."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, Pace, Reference, Size, Words
from quarterdeck.office.candidates import worked
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import KINDS, places
from quarterdeck.office.candidates.words import joined, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "backlog"
EPICS = worked.EPICS
OPEN_ITEMS = 3  # open issues of an epic from which it is more than a task
LARGE = 5.0  # times the median finished estimate: such an issue is several
SIZES = frozenset({"l", "xl", "xxl", "large", "大", "特大"})
WEEKS = 65  # of throughput handed on: a year to measure how the pace moves, a quarter to draw from
MOST_ROWS = 8
COLUMNS = (
    "source",
    "tracker",
    "issue",
    "title",
    "type",
    "status_category",
    "created",
    "finished",
    "assignee",
    "parent",
    "epic",
    "estimate",
    "estimate_unit",
    "size",
    "project",
    "repository",
    "system",
    "origin",
    "line",
)


@dataclass(frozen=True)
class Team:
    """Those who finish the issues of one project: throughput by week, how many they are, the median of estimates."""

    weekly: tuple[int, ...]
    people: float | None
    median: dict[str, float]


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates: epics with OPEN_ITEMS open issues or more, and open issues several times as large as usual."""
    table = harvest.table("issues", *COLUMNS)
    moment = datetime.combine(harvest.today + timedelta(days=1), time(), UTC)
    table = table.filter(pl.col("created").is_null() | (pl.col("created") < moment)).unique(
        ["tracker", "issue"], keep="last", maintain_order=True
    )
    done = (pl.col("finished") < moment).fill_null(False) | (
        (pl.col("status_category") == "done").fill_null(False) & pl.col("finished").is_null()
    )
    for project in sorted({p or "" for p in table["project"].unique()}):
        mine = table.filter(pl.col("project").fill_null("") == project)
        team = _team(mine.filter(done), moment)
        rows = mine.filter(~done).sort("tracker", "issue").to_dicts()
        held = yield from _epics(harvest, project, rows, team)
        yield from (
            _large(harvest, project, row, team)
            for row in rows
            if row["issue"] not in held and _times(row, team) is not None
        )


def _team(finished: pl.DataFrame, until: datetime) -> Team:
    ends = finished.filter(pl.col("finished").is_not_null())
    ages = ((until - end).days // 7 for end in ends["finished"])
    counts = [0] * WEEKS
    oldest = 0
    for age in ages:
        oldest = max(oldest, age)
        if age < WEEKS:
            counts[WEEKS - 1 - age] += 1
    weekly = tuple(counts[max(0, WEEKS - 1 - oldest) :]) if ends.height else ()
    quarter = ends.filter(pl.col("finished") >= until - timedelta(weeks=13))
    people = quarter["assignee"].drop_nulls().n_unique()
    medians = {}
    for unit, part in ends.filter(pl.col("estimate") > 0).group_by(pl.col("estimate_unit").fill_null("")):
        medians[str(unit[0])] = float(part["estimate"].median() or 0)  # type: ignore[arg-type]
    return Team(weekly, float(people) if people else None, medians)


def _epics(
    harvest: Harvest, project: str, rows: list[dict[str, Any]], team: Team
) -> Generator[Candidate, None, set[str]]:
    """Candidates for epics; returns the keys of the issues that are taken up in them."""
    children: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        holder = row["epic"] or row["parent"]
        if holder:
            children.setdefault(holder, []).append(row)
    named = {row["issue"]: row for row in rows}
    held: set[str] = set()
    for name in sorted(children.keys() | {k for k, row in named.items() if (row["type"] or "").casefold() in EPICS}):
        parts = children.get(name, [])
        epic = named.get(name)
        of_type = epic is not None and (epic["type"] or "").casefold() in EPICS
        if len(parts) >= OPEN_ITEMS or of_type:
            held |= {name, *(part["issue"] for part in parts)}
            yield _epic(harvest, project, name, epic, parts, team)
    return held


def _epic(
    harvest: Harvest, project: str, name: str, row: dict[str, Any] | None, parts: list[dict[str, Any]], team: Team
) -> Candidate:
    title = (row["title"] if row else "") or name
    system = _system(harvest, row or parts[0])
    broken_down = len(parts) >= OPEN_ITEMS
    taken = None if broken_down else worked.epics(harvest, project)
    told = taken.said() if taken else say(_("So its effort cannot be told."))
    hardly = joined(say(_("It is not broken down yet.")), told)
    pace = _pace_words(team) if broken_down else hardly
    why = joined(say(_("Open issues in it: %(count)s."), count=len(parts)), pace)
    rows = [*([row] if row else []), *parts]
    return Candidate(
        key(NAME, project, name),
        NAME,
        name,
        Words(title, title),
        why,
        system=system,
        size=Size(float(len(parts)), say(_("open issues"))),
        past=taken.past() if taken else None,
        pace=Pace(team.weekly, team.people, float(len(parts))) if broken_down and team.weekly else None,
        path=(*(_row(each) for each in rows[:MOST_ROWS]), *(taken.newest if taken else ())),
        facts=(f"epic {name}",),
    )


def _times(row: dict[str, Any], team: Team) -> float | None:
    """How many usual issues a large one is; None where it is not large, or nothing tells."""
    usual = team.median.get(row["estimate_unit"] or "", 0.0)
    if row["estimate"] and usual and row["estimate"] >= LARGE * usual:
        return float(row["estimate"]) / usual
    if (row["type"] or "").casefold() not in EPICS and (row["size"] or "").casefold() in SIZES:
        return 0.0
    return None


def _large(harvest: Harvest, project: str, row: dict[str, Any], team: Team) -> Candidate:
    times = _times(row, team) or 0.0
    title = row["title"] or row["issue"]
    size = (
        say(_("Its size is %(size)s."), size=str(row["size"]))
        if not times
        else say(_("It is estimated at %(times)s times the usual issue."), times=times)
    )
    taken = None if times else worked.sized(harvest, project, str(row["size"]))
    return Candidate(
        key(NAME, project, row["issue"]),
        NAME,
        row["issue"],
        Words(title, title),
        joined(size, _pace_words(team) if times else None, taken.said() if taken else None),
        system=_system(harvest, row),
        size=Size(times, say(_("usual issues"))) if times else None,
        past=taken.past() if taken else None,
        pace=Pace(team.weekly, team.people, times) if times and team.weekly else None,
        path=(_row(row), *(taken.newest if taken else ())),
        facts=(f"issue {row['issue']}",),
    )


def _pace_words(team: Team) -> Words | None:
    if not team.weekly:
        return None
    recent = team.weekly[-13:]
    return say(
        _(
            "Lately %(count)s issues were finished in %(weeks)s weeks; the duration holds if "
            "those who finish them do nothing else."
        ),
        count=sum(recent),
        weeks=len(recent),
    )


def _system(harvest: Harvest, row: dict[str, Any]) -> str:
    known = places(harvest)
    return known.system(row["system"]) or known.system(row["repository"])


def _row(row: dict[str, Any]) -> Reference:
    says = f"{row['issue']} {row['title'] or ''}"[:120].rstrip()
    return Reference("issues", row["source"], row["origin"], row["line"], says)


SOURCE = CandidateSource(NAME, gettext_lazy("Backlog"), ("issues",), KINDS, find)
