"""Opens a roster: one file with the lists beside it, a workbook of several sheets, or a folder of files."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath

import polars as pl

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.records.grids import Grid, normal
from quarterdeck.evidence.records.reading import Notes, Sources, expect, kind_of, open_grids, unread
from quarterdeck.evidence.records.shape import Shape
from quarterdeck.evidence.records.taking import Taking
from quarterdeck.evidence.roster import checks
from quarterdeck.evidence.roster.shapes import BANDS, PEOPLE, PEOPLE_TABLE, POSTS, ROLES, SKILLS, TABLES, TEAMS

COMPANIONS = ("teams.csv", "posts.csv", "skills.csv", "cost_bands.csv")  # read if they lie beside a single roster file
_DATED = re.compile(r"(20\d\d)[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")


@dataclass
class Roster:
    """What has been taken so far of each of the roster's lists."""

    notes: Notes
    takings: dict[str, Taking] = field(default_factory=dict)
    frames: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def take(self, grid: Grid, shape: Shape) -> None:
        """Take one grid into one list; raises Refused if it lacks what the list needs."""
        expect(grid, shape)
        if grid.headings:
            self.notes.add(unread(grid, shape))
        frame, problems = self.takings.setdefault(shape.name, Taking(shape)).take(grid)
        self.notes.add(problems)
        self.frames.setdefault(shape.name, []).append(frame)

    def frame(self, shape: Shape) -> pl.DataFrame:
        """All rows of one list."""
        return pl.concat([shape.table.frame(), *self.frames.get(shape.name, [])])


def role(name: str) -> Shape | None:
    """The list that a file or sheet of this name holds; None where the name does not say."""
    stem = normal(PurePosixPath(name).stem if "." in name else name)
    return next((shape for word, shape in ROLES.items() if stem.startswith(word)), None)


def as_of(name: str) -> date | None:
    """The day, or the first day of the month, in a file's name (`roster_2026-11.csv`)."""
    found = _DATED.search(PurePosixPath(name).name)
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None
    except ValueError:
        return None


def _undated(name: str) -> str:
    """A file's name without its date, so that next month's roster is the same source (`roster.csv`)."""
    place = PurePosixPath(name)
    return (_DATED.sub("", place.stem).strip("-_. ") or "roster") + place.suffix


def read(path: Path, since: State | None = None) -> Batch:
    """One roster; see the reader's help for what a path may be. Raises Refused if nothing of it can be taken."""
    batch = Batch(Source("roster", _undated(path.name), ""), ())
    notes = Notes(batch.problems)
    sources = Sources(path, notes)
    roster = Roster(notes)
    found = list(sources)
    if whole := next((error for error in sources.refused if role(error.origin) is not None), None):
        raise whole
    alone = len(found) == 1
    for other in _beside(path, found):
        sources.add(other)
        found.append(other)
    older = _older(found)
    for item in found:
        if item.origin in older:
            notes.add([Problem(item.origin, None, f"is older than {older[item.origin]}; not read")])
            continue
        try:
            _file(item, roster, alone or item is found[0])
            sources.taken += 1
        except Refused as error:
            if role(item.origin) is not None:  # without one of its lists a roster says that people or teams are gone
                raise
            sources.refuse(error)
    if PEOPLE.name in roster.frames and roster.frame(PEOPLE).is_empty():
        notes.add([Problem(path.name, None, "names nobody")])
    batch.parts = _finish(roster)
    batch.source = replace(batch.source, digest=sources.close())
    batch.state["digest"] = batch.source.digest
    batch.problems.sort(key=lambda problem: (problem.origin, problem.line or 0))
    return batch


def _beside(path: Path, found: list[hostile.Found]) -> list[hostile.Found]:
    """The lists that lie beside a single roster file; nothing else in its folder is looked at."""
    if path.is_dir() or len(found) != 1 or kind_of(found[0]) != "csv" or role(path.name) not in (PEOPLE, None):
        return []
    beside = [path.with_name(name) for name in COMPANIONS]
    return [hostile.Found(other.name, hostile.read_bytes(other)) for other in beside if other.is_file()]


def _older(found: list[hostile.Found]) -> dict[str, str]:
    """Rosters of an earlier day than the latest one of the same place → that latest one."""
    dated = [(day, item.origin) for item in found if role(item.origin) is PEOPLE and (day := as_of(item.origin))]
    latest = max(dated, default=None)
    return {origin: latest[1] for day, origin in dated if latest and day < latest[0]}


def _file(found: hostile.Found, roster: Roster, named: bool) -> None:
    """Take one file. named: it is what the user pointed at, so it holds people unless its name says otherwise."""
    left: list[Refused] = []
    taken = False
    for grid in open_grids(found, PEOPLE, roster.notes):
        workbook = kind_of(found) == "workbook"
        shape = role(grid.origin.rpartition("/")[2]) or role(found.origin) if workbook else role(found.origin)
        try:
            if shape is None and not (named or workbook):
                raise Refused(grid.origin, "has a name that says of none of the roster's lists that it is one")
            roster.take(grid, shape or PEOPLE)
            taken = True
        except Refused as error:
            left.append(error)
    if left and not taken:
        raise left[0]
    roster.notes.add([Problem(error.origin, error.line, f"{error.reason}; sheet left out") for error in left])


def _finish(roster: Roster) -> list[Part]:
    """Check the lists against each other and make the tables."""
    bands, teams = roster.frame(BANDS), roster.frame(TEAMS)
    people, problems = checks.keys(roster.frame(PEOPLE))
    teams, more = checks.leads(people, teams)
    problems += more + checks.currencies(bands) + checks.teams(people, teams)
    for check in (checks.managers, lambda frame: checks.bands(frame, bands)):
        people, more = check(people)
        problems += more
    skills, more = checks.skills(people)
    listed = roster.frame(SKILLS)
    stray = listed.filter(~pl.col("staff").is_in(people["staff"].to_list()))
    more += [
        Problem(origin, line, "staff is nobody on this roster; skill kept as written")
        for origin, line in stray.select("origin", "line").iter_rows()
        if people.height
    ]
    roster.notes.add(problems + more)
    skills = pl.concat([listed, skills]).unique(("staff", "skill"), keep="first", maintain_order=True)
    frames = (_people(people), skills, _teams(people, teams), roster.frame(POSTS), bands)
    return [Part(table, frame) for table, frame in zip(TABLES, frames, strict=True)]


def _people(people: pl.DataFrame) -> pl.DataFrame:
    """The table of people: who each is in the fullest words known, and the day the roster speaks of."""
    both = pl.format("{} <{}>", "name", "email")
    days = {origin: as_of(origin) for origin in people["origin"].unique()}
    return people.with_columns(
        person=pl.coalesce("person", both, "email", "login", "name", "pseudonym", "staff"),
        as_of=pl.col("origin").replace_strict(days, default=None, return_dtype=pl.Date),
    ).select(list(PEOPLE_TABLE.schema))


def _teams(people: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The listed teams; without a list, those that people are in, where they are first named."""
    if listed.height or people.is_empty():
        return listed
    named = people.filter(pl.col("team").is_not_null()).unique("team", keep="first", maintain_order=True)
    empty = {name: pl.lit(None, pl.String) for name in ("title", "parent", "lead")}
    return named.with_columns(**empty).select(list(TEAMS.table.schema))


READER = Reader(
    "roster",
    "Roster of staff",
    "员工花名册",
    "CSV or XLSX from personnel records: one file of people, a workbook with sheets (people, teams, posts, skills, "
    "cost_bands), or a folder with roster*.csv and such lists. Headings in English or Chinese.",
    TABLES,
    read,
)
