"""Checks a roster as a whole: links that lead nowhere, reporting lines that close in a ring."""

import re
from collections.abc import Callable

import polars as pl

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.records.cells import SEPARATORS
from quarterdeck.evidence.roster.shapes import SKILLS

_KEY = re.compile(r"[\w\-./:+]+")
_LEVEL = re.compile(r"\d{1,2}")


def keys(people: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Leave out rows whose staff key nobody could type or that holds a personal value (an e-mail address)."""
    good = [bool(_KEY.fullmatch(key)) for key in people["staff"]]
    problems = [
        Problem(origin, line, "staff holds a sign that no key may have (letters, digits, - _ . / : +); row left out")
        for origin, line in people.filter(~pl.Series(good, dtype=pl.Boolean)).select("origin", "line").iter_rows()
    ]
    return people.filter(pl.Series(good, dtype=pl.Boolean)), problems


def teams(people: pl.DataFrame, known: pl.DataFrame) -> list[Problem]:
    """People without a team, or in one that the roster's own list of teams lacks."""
    problems = []
    if people["team"].null_count() == people.height > 0:
        return [Problem(people["origin"][0], None, "names no team for anybody")]
    listed = set(known["team"])
    for origin, line, team in people.select("origin", "line", "team").iter_rows():
        if team is None:
            problems.append(Problem(origin, line, "team is empty; row kept"))
        elif listed and team not in listed:
            problems.append(Problem(origin, line, f"team {team!r} is not in the list of teams; kept as written"))
    return problems


def bands(people: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Empty a cost band that the list of bands lacks; without a list nothing can be said."""
    if known.is_empty():
        return people, []
    wrong = people["cost_band"].is_not_null() & ~people["cost_band"].is_in(known["band"].to_list())
    problems = [
        Problem(origin, line, f"cost_band {band!r} is not in the list of cost bands; left empty")
        for origin, line, band in people.filter(wrong).select("origin", "line", "cost_band").iter_rows()
    ]
    return people.with_columns(people["cost_band"].set(wrong, None)), problems


def currencies(known: pl.DataFrame) -> list[Problem]:
    """Cost bands whose cost has no currency."""
    lacking = known.filter(pl.col("currency").is_null()).select("origin", "line", "band").iter_rows()
    return [Problem(origin, line, f"annual_cost of band {band!r} has no currency") for origin, line, band in lacking]


def managers(people: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Managers as staff keys. A name or e-mail that exactly one person has is turned into that person's key.

    A manager who is nobody here, or the person itself, is emptied: what is left is a key and never a name.
    """
    find = _finder(people)
    resolved: list[str | None] = []
    problems = []
    for origin, line, key, manager in people.select("origin", "line", "staff", "manager").iter_rows():
        found = find(manager)
        reason = ""
        if manager is not None and found is None:
            reason = f"manager{_shown(manager)} is nobody on this roster; left empty"
        elif found == key:
            reason, found = f"manager {key!r} is the person itself; left empty", None
        if reason:
            problems.append(Problem(origin, line, reason))
        resolved.append(found)
    people = people.with_columns(pl.Series("manager", resolved, dtype=pl.String))
    return people, problems + _rings(people)


def leads(people: pl.DataFrame, teams: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Leads of teams as staff keys, found like managers."""
    find = _finder(people)
    found = [find(lead) for lead in teams["lead"]]
    problems = [
        Problem(origin, line, f"lead{_shown(lead)} is nobody on this roster; left empty")
        for key, (origin, line, lead) in zip(found, teams.select("origin", "line", "lead").iter_rows(), strict=True)
        if lead is not None and key is None
    ]
    return teams.with_columns(pl.Series("lead", found, dtype=pl.String)), problems


def _finder(people: pl.DataFrame) -> Callable[[str | None], str | None]:
    """Finds a person's staff key by the key itself, or by what only that person is called."""
    staff, called = set(people["staff"]), _called(people)
    return lambda word: word if word in staff else called.get((word or "").casefold())


def _called(people: pl.DataFrame) -> dict[str, str | None]:
    """Names, e-mails and logins → the staff key of the one person who has them; None where two have."""
    called: dict[str, str | None] = {}
    for key, *words in people.select("staff", "name", "email", "login", "pseudonym").iter_rows():
        for word in {word.casefold() for word in words if word}:
            called[word] = None if word in called else key
    return called


def _shown(manager: str) -> str:
    """The manager as written, where it looks like a key: a name must not stand in a problem."""
    keylike = re.fullmatch(r"[\w\-./:+]*\d[\w\-./:+]*", manager)
    return f" {manager!r}" if keylike else ""


def _rings(people: pl.DataFrame) -> list[Problem]:
    """Reporting lines that lead back to where they began, each named once for each person in it."""
    above = dict(people.select("staff", "manager").iter_rows())
    done: set[str] = set()
    ring: set[str] = set()
    for start in above:
        path: list[str] = []
        person: str | None = start
        while person is not None and person not in done:
            done.add(person)
            path.append(person)
            person = above.get(person)
        if person in path:
            ring.update(path[path.index(person) :])
    rows = people.filter(pl.col("staff").is_in(list(ring))).select("origin", "line", "staff").iter_rows()
    return [Problem(origin, line, f"the reporting line of {key!r} leads back to itself") for origin, line, key in rows]


def skills(people: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """The skills column (`networking:3;data:4`) as rows of the skills table."""
    rows: dict[tuple[str, str], tuple[str, str, int | None, str, int]] = {}
    problems = []
    for key, cell, origin, line in people.select("staff", "skills", "origin", "line").iter_rows():
        for part in re.split(SEPARATORS, cell or ""):
            name, _, level = (word.strip() for word in part.replace("：", ":").partition(":"))
            if not name and not level:
                continue
            graded = int(level) if _LEVEL.fullmatch(level) and int(level) <= 10 else None
            if not name or (level and graded is None):
                problems.append(Problem(origin, line, f"skill {part.strip()[:80]!r} is not name:level, level 0 to 10"))
            if not name:
                continue
            if (key, name) in rows:
                problems.append(Problem(origin, line, f"skill {name!r} is named twice; the first is kept"))
            else:
                rows[key, name] = (key, name, graded, origin, line)
    return SKILLS.table.frame(list(rows.values())), problems
