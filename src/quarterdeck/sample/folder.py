"""Writes the whole company into a folder, and says what lies where and in which order to collect it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from quarterdeck.sample import bills, catalogue, histories, manifests, operations, practice, trackers, truths, workbook
from quarterdeck.sample.chance import LATER, Span, month_after, span
from quarterdeck.sample.histories import Commit
from quarterdeck.sample.operations import Operations
from quarterdeck.sample.people import Personnel, personnel
from quarterdeck.sample.practice import Review
from quarterdeck.sample.trackers import Issue
from quarterdeck.sample.truths import Slip, Written

TODAY = date(2026, 11, 20)


class Source(NamedTuple):
    """One source to collect: the reader's name, the path it takes, and what the source is called."""

    reader: str
    path: Path
    name: str


@dataclass(frozen=True)
class Layout:
    """What lies where.

    collect: in the order to collect; what catalogue and roster suggest is accepted before the workbook is imported.
    The repositories are there only after `materialise`.
    """

    folder: Path
    collect: tuple[Source, ...]
    workbook: Path
    truths: Path
    streams: tuple[Path, ...]


@dataclass(frozen=True)
class Company:
    """Everything that happened and will have happened by the second collection."""

    seed: int
    time: Span
    people: Personnel
    issues: list[Issue]
    commits: dict[str, list[Commit]]
    operations: Operations
    reviews: list[Review]


@lru_cache(maxsize=2)
def company(today: date, seed: int) -> Company:
    """The company as a pure function of its first collection's day and the seed."""
    time = span(today)
    people = personnel(seed, time)
    issues = trackers.issues(seed, time, people)
    commits = histories.histories(seed, time, people, issues)
    happened = operations.operations(seed, time, commits)
    return Company(seed, time, people, issues, commits, happened, practice.reviews(seed, people, commits))


def write(folder: Path, today: date = TODAY, seed: int = 1) -> Layout:
    """The files of the first collection, taken on `today`; about 40 MB. Equal day and seed give equal bytes."""
    made = company(today, seed)
    months = (month_after(today, -1), month_after(today, 0))
    rosters = [catalogue.roster(folder / "roster", made.people, month, made.time) for month in months]
    book = workbook.write(folder / "estate.xlsx", workbook.sheets(seed, made.time, made.people))
    return _write(folder, made, today, rosters, book)


def write_later(folder: Path, later: date = TODAY + timedelta(days=LATER), seed: int = 1) -> Layout:
    """The files as they stand 35 days after the first collection, over those of the first or into an empty folder.

    The same company goes on: what was written before stands, but for what has moved; the workbook holds that alone.
    """
    made = company(later - timedelta(days=LATER), seed)
    rosters = [catalogue.roster(folder / "roster", made.people, month_after(later, 0), made.time)]
    book = workbook.write(folder / "estate-later.xlsx", workbook.later_sheets(seed, made.time))
    return _write(folder, made, later, rosters, book)


def _write(folder: Path, made: Company, on: date, rosters: list[tuple[Path, int]], book: Path) -> Layout:
    seed, time = made.seed, made.time
    slips = [Slip("catalogue", *slip, "the same component twice") for slip in catalogue.write(folder / "catalogue")]
    slips += [Slip("roster", path.name, line, "a manager who is nobody on the roster") for path, line in rosters]
    slips += [
        Slip("issues", *slip, "finished before it was created")
        for slip in trackers.write(folder / "issues", made.issues, on)
    ]
    slips += [Slip(*slip, "over before it began") for slip in operations.write(folder, made.operations, on)]
    slips += [
        Slip("builds", *slip, "a coverage that is no number")
        for slip in practice.write_builds(folder / "builds", seed, made.commits, on, time)
    ]
    practice.write_reviews(folder / "reviews", made.reviews, on)
    practice.write_backups(folder / "backups", seed, on, time)
    histories.write(folder / "repositories", made.commits, on)
    manifests.dependencies(folder / "dependencies", seed, on)
    manifests.advisories(folder / "advisories", on, time)
    manifests.end_of_life(folder / "end-of-life")
    slips += [Slip("advisories", manifests.CUT, 1, "a file that ends in the middle")]
    spent = bills.write(folder / "bill", seed, time, on)
    slips += [Slip("bill", f"focus-{next(iter(spent)):%Y-%m}.csv", bills.SLIP, "tags that are no JSON")]
    path = folder / "planted-truths.json"
    truths.write(path, Written(seed, time, on, made.people, made.commits, made.operations, made.reviews, spent, slips))
    streams = tuple(folder / "repositories" / f"{name}.fast-import" for name in made.commits)
    return Layout(folder, _sources(folder, rosters, streams), book, path, streams)


def _sources(folder: Path, rosters: list[tuple[Path, int]], streams: tuple[Path, ...]) -> tuple[Source, ...]:
    first = [
        Source("catalogue", folder / "catalogue", "catalogue"),
        *(Source("roster", path, "roster") for path, _ in rosters),
    ]
    histories_ = [Source("git", stream.with_suffix(".git"), stream.stem) for stream in streams]
    names = {"end_of_life": "end-of-life"}
    rest = (
        "dependencies",
        "advisories",
        "end_of_life",
        "bill",
        "issues",
        "reviews",
        "builds",
        "deployments",
        "incidents",
        "backups",
    )
    return (
        *first,
        *histories_,
        *(Source(name, folder / names.get(name, name), names.get(name, name)) for name in rest),
    )
