"""Truck factor: how many of a unit's authors must leave until too few of its files have an author left."""

from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.knowledge.units import Membership

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Ranked:
    """One row for each unit and author, ordered by unit, then by the order in which authors are taken away."""

    unit: np.ndarray
    person: np.ndarray
    rank: np.ndarray  # from 0
    files: np.ndarray  # of the unit that the person is an author of
    changes: np.ndarray  # of the unit's files by the person


@dataclass(frozen=True)
class Factors:
    """By unit: authors to lose (-1: its files never fall below the coverage, or too few ever had an author)."""

    factor: np.ndarray
    unattributed: np.ndarray  # files without an author on record
    orphaned: np.ndarray  # files all of whose authors have departed
    ranked: Ranked
    lost_at: np.ndarray  # by row of the membership: departures after which the file has no author; NEVER without one


@dataclass(frozen=True)
class Joined:
    """One row for each unit, file of it, and author of that file; `row` points into the membership."""

    row: np.ndarray
    unit: np.ndarray
    person: np.ndarray
    changes: np.ndarray


def join(membership: Membership, file: np.ndarray, person: np.ndarray, changes: np.ndarray, files: int) -> Joined:
    """Each unit's files with their authors; `file` is ascending."""
    start = np.searchsorted(file, np.arange(files), side="left")
    count = np.bincount(file, minlength=files)
    times = count[membership.file]
    row = np.repeat(np.arange(len(membership.file)), times)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    pick = start[membership.file[row]] + offset
    return Joined(row, membership.unit[row], person[pick], changes[pick])


def rank(joined: Joined, present: np.ndarray) -> Ranked:
    """Each unit's present authors: most files first, then most changes, then by name.

    Taking an author away never changes how many files the others are authors of, so the greedy order is this order.
    """
    kept = present[joined.person]
    people = max(len(present), 1)
    keys, row = np.unique(joined.unit[kept] * people + joined.person[kept], return_inverse=True)
    files = np.bincount(row, minlength=len(keys))
    changes = np.bincount(row, weights=joined.changes[kept], minlength=len(keys)).astype(np.int64)
    unit, person = keys // people, keys % people
    order = np.lexsort((person, -changes, -files, unit))
    unit = unit[order]
    place = np.arange(len(unit)) - np.searchsorted(unit, unit, side="left")
    return Ranked(unit, person[order], place, files[order], changes[order])


def lost_at(membership: Membership, joined: Joined, ranked: Ranked, people: int) -> np.ndarray:
    """By row of the membership: after how many departures its file has no author (0: already); NEVER had one: NEVER."""
    keys = ranked.unit * people + ranked.person
    order = np.argsort(keys)
    wanted = joined.unit * people + joined.person
    place = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
    after = np.zeros(len(wanted), dtype=np.int64)
    if len(keys):
        found = keys[order][place] == wanted
        after[found] = ranked.rank[order][place[found]] + 1
    lost = np.full(len(membership.file), -1, dtype=np.int64)
    np.maximum.at(lost, joined.row, after)
    return np.where(lost < 0, NEVER, lost)


def truck_factors(
    membership: Membership,
    authorship: tuple[np.ndarray, np.ndarray, np.ndarray],
    files: int,
    present: np.ndarray,
    coverage: float = 0.5,
) -> Factors:
    """The truck factor of every unit, by taking away the author of most files until coverage is lost.

    authorship: (file, person, changes) of every author of every file, ascending by file. present: by person, whether
    still here. Coverage is lost when less than `coverage` of the unit's files has an author left; files that never
    had one count among those without. Source: Avelino, Passos, Hora, Valente (2016).
    """
    joined = join(membership, *authorship, files)
    ranked = rank(joined, present)
    lost = lost_at(membership, joined, ranked, max(len(present), 1))
    units = len(membership.names)
    unattributed = np.bincount(membership.unit, weights=lost == NEVER, minlength=units).astype(np.int64)
    orphaned = np.bincount(membership.unit, weights=lost == 0, minlength=units).astype(np.int64)
    sizes = membership.sizes
    # the smallest number of files without an author at which fewer than `coverage` of all have one
    needed = sizes - np.ceil(sizes * coverage - 1e-9).astype(np.int64) + 1 - unattributed
    order = np.lexsort((lost, membership.unit))
    ordered = lost[order]
    first = np.searchsorted(membership.unit, np.arange(units), side="left")
    factor = np.full(units, -1, dtype=np.int64)
    told = (needed >= 1) & (needed <= sizes - unattributed)
    factor[told] = ordered[first[told] + needed[told] - 1]
    return Factors(factor, unattributed, orphaned, ranked, lost)
