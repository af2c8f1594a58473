"""Opens exports of issue trackers: CSV, JSON and JSON Lines, Jira's and GitHub's own forms; one file or a folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.issues.changelog import changes
from quarterdeck.evidence.issues.shapes import CHANGES, ISSUES, ISSUES_TABLE, JIRA_HEADINGS, PERSON_FIELDS, TABLES
from quarterdeck.evidence.issues.statuses import CATEGORIES, IN_PROGRESS
from quarterdeck.evidence.records import grids
from quarterdeck.evidence.records.reading import Notes, Sources, expect, kind_of, open_grids, unread
from quarterdeck.evidence.records.shape import Shape
from quarterdeck.evidence.records.taking import Columns, Taking

_GITHUB = re.compile(r"^https?://[^/]+/(?:api/v3/)?(?:repos/)?([^/]+/[^/]+?)(?:/(?:issues|pull)/(\d+))?/?$")


@dataclass
class Issues:
    """What has been taken so far of issues and of their changes."""

    notes: Notes
    issues: list[pl.DataFrame] = field(default_factory=list)
    changes: list[pl.DataFrame] = field(default_factory=list)

    def take(self, found: hostile.Found) -> None:
        """Take one file, whole or not at all; raises Refused if it is neither issues nor changes."""
        issues, changed = len(self.issues), len(self.changes)
        try:
            self._file(found)
        except Refused:
            del self.issues[issues:], self.changes[changed:]
            raise

    def _file(self, found: hostile.Found) -> None:
        if kind_of(found) == "json":
            self._json(found)
            return
        for place, grid in enumerate(open_grids(found, ISSUES, self.notes)):
            shape = CHANGES if _holds_changes(grid) else ISSUES
            expect(grid, shape)
            if place == 0:
                self.notes.add(unread(grid, shape))
            self._grid(grid, shape)

    def _json(self, found: hostile.Found) -> None:
        text = hostile.decode(found.data, found.origin)
        problems: list[Problem] = []
        entries = list(grids.entries(text, found.origin, ISSUES.containers, problems))
        flat = [entry for entry in entries if _is_change(entry.value)]
        histories = [change for entry in entries for change in changes(entry)]
        events = sum("event" in entry.value for entry in entries)
        issues = [entry for entry in entries if not _is_change(entry.value) and "event" not in entry.value]
        for shape, rows in ((ISSUES, issues), (CHANGES, flat + histories)):
            for grid in grids.of_entries(rows, found.origin, shape.names):
                if shape is ISSUES and rows:
                    expect(grid, shape)
                self._grid(grid, shape)
        if events > len(histories) and not issues:
            others = events - len(histories)
            problems.append(Problem(found.origin, None, f"{others} events are of kinds that change no field; not read"))
        self.notes.add(problems)

    def _grid(self, grid: grids.Grid, shape: Shape) -> None:
        frame, problems = Taking(shape).take(grid)
        if shape is ISSUES:
            frame, more = _complete(frame, grid)
            problems += more
            self.issues.append(frame)
        else:
            self.changes.append(frame)
        self.notes.add(problems)


def _holds_changes(grid: grids.Grid) -> bool:
    """Whether a table's headings are those of changes: an issue, a field, and its value before or after."""
    met = {grids.normal(heading) for heading in grid.headings}
    return bool(met & {"field", "field_name", "字段", "变更字段"}) and not Columns(grid, CHANGES).lacking()


def _is_change(value: dict[str, object]) -> bool:
    return bool(value.keys() & {"field", "field_name"}) and "fields" not in value


def _complete(frame: pl.DataFrame, grid: grids.Grid) -> tuple[pl.DataFrame, list[Problem]]:
    """Work out what exports say in other words: keys and repositories from addresses, categories, effort in hours."""
    pulls = frame.filter(pl.col("pull_request").is_not_null())
    problems = []
    if pulls.height:
        reason = f"{pulls.height} pull requests among the issues are left to the reader of reviews"
        problems.append(Problem(pulls["origin"][0], None, reason))
        frame = frame.filter(pl.col("pull_request").is_null())
    parts = [_GITHUB.match(address or "") for address in frame["address"]]
    repositories = pl.Series([part[1] if part else None for part in parts], dtype=pl.String)
    hosted = repositories.is_not_null() & frame["address"].str.contains("github").fill_null(False)
    hours = pl.col("original_estimate") / 3600
    frame = frame.with_columns(
        repository=pl.coalesce("repository", pl.when(hosted).then(repositories)),
        issue=pl.when(hosted & pl.col("issue").str.contains(r"^\d+$"))
        .then(pl.format("{}#{}", repositories, "issue"))
        .otherwise("issue"),
        tracker=pl.coalesce("tracker", pl.when(hosted).then(pl.lit("github")), _tracker(grid)),
        estimate_unit=pl.when(pl.col("estimate").is_not_null())
        .then(pl.col("estimate_unit").fill_null("points"))
        .when(hours.is_not_null())
        .then(pl.lit("hours")),
        estimate=pl.coalesce("estimate", hours),
        status_category=pl.coalesce("status_category", _category(pl.col("status"))),
    )
    return frame, problems + _unknown_statuses(frame)


def _tracker(grid: grids.Grid) -> pl.Expr:
    """jira or github where headings, addresses or identifiers tell it; else file."""
    if {grids.normal(heading) for heading in grid.headings} >= JIRA_HEADINGS:
        return pl.lit("jira")
    jira = pl.col("address").str.contains("/rest/api/") | pl.col("source_id").str.starts_with("jira:")
    github = pl.col("source_id").str.starts_with("github:")
    return pl.when(jira).then(pl.lit("jira")).when(github).then(pl.lit("github")).otherwise(pl.lit("file"))


def _category(status: pl.Expr) -> pl.Expr:
    return status.str.to_lowercase().replace_strict(CATEGORIES, default=None, return_dtype=pl.String)


def _unknown_statuses(frame: pl.DataFrame) -> list[Problem]:
    """Statuses that no category is known for, named once each."""
    unknown = frame.filter(pl.col("status").is_not_null() & pl.col("status_category").is_null())
    first = unknown.unique("status", keep="first", maintain_order=True).select("origin", "line", "status")
    reason = "is on no list of statuses; its category is left empty"
    return [Problem(origin, line, f"status {status!r} {reason}") for origin, line, status in first.iter_rows()]


def read(path: Path, since: State | None = None) -> Batch:
    """Issues and changes of one export or of a folder of them. Raises Refused if nothing of it can be taken."""
    batch = Batch(Source("issues", path.name, ""), ())
    notes = Notes(batch.problems)
    sources = Sources(path, notes)
    taken = Issues(notes)
    for found in sources:
        try:
            taken.take(found)
            sources.taken += 1
        except Refused as error:
            sources.refuse(error)
    parts = list(_finish(taken))
    batch.source = replace(batch.source, digest=sources.close())
    batch.state["digest"] = batch.source.digest
    batch.parts = parts
    return batch


def _finish(taken: Issues) -> Iterator[Part]:
    """Bring changes to their issues' keys, issues to when work on them began, and leave out repeated ones."""
    issues = pl.concat([ISSUES.table.frame(), *taken.issues])
    changed = _changes(pl.concat([CHANGES.table.frame(), *taken.changes]), issues)
    repeated = issues.filter(~pl.struct("tracker", "issue").is_first_distinct())
    for origin, line, issue in repeated.select("origin", "line", "issue").iter_rows():
        taken.notes.add([Problem(origin, line, f"issue {issue!r} stands in this source already; this row is left out")])
    issues = issues.unique(("tracker", "issue"), keep="first", maintain_order=True)
    begun = (
        changed.filter((pl.col("field") == "status") & (_category(pl.col("to")) == IN_PROGRESS))
        .group_by("tracker", "issue")
        .agg(pl.col("at").min().alias("begun"))
    )
    issues = issues.join(begun, on=["tracker", "issue"], how="left", maintain_order="left")
    issues = issues.with_columns(started=pl.coalesce("started", "begun"))
    yield Part(ISSUES_TABLE, issues.select(list(ISSUES_TABLE.schema)))
    yield Part(CHANGES.table, changed)


def _changes(changed: pl.DataFrame, issues: pl.DataFrame) -> pl.DataFrame:
    """Changes under their issues' keys, in the order of time, with people in the columns for people only."""
    known = issues.filter(pl.col("source_id").is_not_null()).unique("source_id", keep="first")
    keys = dict(known.select("source_id", "issue").iter_rows())
    trackers = dict(issues.select("issue", "tracker").iter_rows())
    addresses = [_GITHUB.match(issue or "") for issue in changed["issue"]]
    issue = [
        f"{found[1]}#{found[2]}" if found and found[2] else keys.get(name, name)
        for found, name in zip(addresses, changed["issue"], strict=True)
    ]
    changed = changed.with_columns(issue=pl.Series(issue, dtype=pl.String), field=pl.col("field").str.to_lowercase())
    person = pl.col("field").is_in(list(PERSON_FIELDS))
    changed = changed.with_columns(
        tracker=pl.coalesce(
            "tracker", pl.col("issue").replace_strict(trackers, default=None, return_dtype=pl.String), pl.lit("file")
        ),
        from_person=pl.when(person).then(pl.coalesce("from_person", "from")),
        to_person=pl.when(person).then(pl.coalesce("to_person", "to")),
    )
    empty = pl.when(~person)
    changed = changed.with_columns(empty.then("from").alias("from"), empty.then("to").alias("to"))
    return changed.sort("at", "issue", "line", maintain_order=True)


READER = Reader(
    "issues",
    "Issues and their history",
    "任务与变更历史",
    "Exports of issue trackers: Jira's search as JSON (with `expand=changelog` for the history) or CSV; GitHub's "
    "issues and issue events as JSON; any tracker's CSV, XLSX or JSON Lines with headings in English or Chinese.",
    TABLES,
    read,
)
