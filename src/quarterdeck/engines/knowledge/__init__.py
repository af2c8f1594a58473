"""Knowledge: who knows which part of the software, how many may leave before it is lost, and who could take over?

Method: degree of authorship from creation, own changes and others' changes; authors above 0.75 of the file's best and
3.293; truck factor by taking away the author of most files until more than half of a unit's files have no author left;
hotspots as churn × size × share of defect fixes. Source: Fritz and others (2014), Avelino, Passos, Hora and Valente
(2016), Nagappan and Ball (2005) for churn. Limits: a signal, not a measurement: published truck factors of the same
repositories differ by the tool; changes stand for knowledge, reviews and talks are not seen; what is generated or
vendored must be left out by the caller; aliases of one person must be merged before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from quarterdeck.engines.knowledge.authorship import Authorship, authors, degree_of_authorship, grade, read_authorship
from quarterdeck.engines.knowledge.history import History, read_history
from quarterdeck.engines.knowledge.hotspots import Hotspot, Hotspots, find_hotspots
from quarterdeck.engines.knowledge.records import File, Inputs, Rule, System, Touch, Touches
from quarterdeck.engines.knowledge.successors import Candidate, Island, islands, take_over
from quarterdeck.engines.knowledge.truck import Factors, truck_factors
from quarterdeck.engines.knowledge.units import Membership, Sort, members

VERSION = "2"
TOO_FEW = "too many files have no author on record"
NO_FILES = "no file of it stands"


@dataclass(frozen=True)
class Holder:
    """A person whose leaving, with the others named, loses a unit. files: of the unit that this author has."""

    person: str
    files: int
    share: float


@dataclass(frozen=True)
class Unit:
    """A system or a directory with everything beneath it ("" is the whole).

    truck_factor: None means "cannot tell", and `missing` says why; 0 means that departures have already lost it. low,
    high: over the stated neighbouring rules. unattributed: files without an author on record; orphaned: files all of
    whose authors have departed. holders: the persons in the order in which they are taken away. candidates: who could
    take over.
    """

    sort: Sort
    name: str
    files: int
    truck_factor: int | None
    low: int | None
    high: int | None
    unattributed: int
    orphaned: int
    holders: tuple[Holder, ...]
    candidates: tuple[Candidate, ...]
    missing: str = ""


@dataclass(frozen=True)
class Checks:
    """What the result rests on.

    touches_used: touches of files that stand, by persons. touches_elsewhere: of files that do not stand, deletions
    included. touches_by_nobody: without a person, counted as others' changes. no_system: files that belong to no
    system. rules: the rules that low and high range over, the one in force first.
    """

    touches: int
    touches_used: int
    touches_elsewhere: int
    touches_by_nobody: int
    files: int
    files_attributed: int
    people: int
    no_system: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Result:
    """Units (systems first, then directories, by name), islands, hotspots, and what they rest on."""

    units: tuple[Unit, ...]
    islands: tuple[Island, ...]
    hotspots: Hotspots
    checks: Checks


def assess(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """Judge every unit; progress is called with the share done, from 0 to 1.

    Raises ValueError for columns of different lengths (when the Touches are made).
    """
    report = progress or (lambda share: None)
    history = read_history(inputs)
    report(0.4)
    authorship = read_authorship(history.pairs, len(history.paths))
    membership = members(history.paths, inputs.systems, inputs.depth)
    present = ~np.isin(np.array(history.people, dtype=object), np.array(inputs.departed, dtype=object))
    factors = [_factors(membership, authorship, rule, history, present) for rule in rules(inputs.rule)]
    report(0.7)
    candidates = take_over(
        membership, factors[0], authorship, present, history.people, len(history.paths), inputs.candidates
    )
    mask = authors(authorship, inputs.rule)
    alone = islands(
        membership,
        (authorship.file[mask], authorship.person[mask]),
        present,
        history.people,
        len(history.paths),
        inputs.island_files,
    )
    report(0.9)
    units = _units(membership, factors, candidates, history.people)
    checks = _checks(inputs, history, authorship.file[mask], membership)
    result = Result(units, alone, find_hotspots(inputs, history), checks)
    report(1.0)
    return result


def rules(rule: Rule) -> tuple[Rule, ...]:
    """The rule in force, and its neighbours: 0.05 lower and higher, without the absolute bound, creators as authors."""
    return (
        rule,
        replace(rule, relative=rule.relative - 0.05),
        replace(rule, relative=min(rule.relative + 0.05, 0.999)),
        replace(rule, absolute=None),
        replace(rule, creators=True),
    )


def _factors(
    membership: Membership, authorship: Authorship, rule: Rule, history: History, present: np.ndarray
) -> Factors:
    """Truck factors under one rule."""
    mask = authors(authorship, rule)
    rows = (authorship.file[mask], authorship.person[mask], authorship.changes[mask])
    return truck_factors(membership, rows, len(history.paths), present, rule.coverage)


def _units(
    membership: Membership, factors: list[Factors], candidates: list[tuple[Candidate, ...]], people: tuple[str, ...]
) -> tuple[Unit, ...]:
    """The units as plain values."""
    ruled = factors[0]
    sizes = membership.sizes
    every = np.stack([each.factor for each in factors])
    first = np.searchsorted(ruled.ranked.unit, np.arange(len(sizes)), side="left")
    units = []
    for place, (sort, name) in enumerate(zip(membership.sorts, membership.names, strict=True)):
        factor, size = int(ruled.factor[place]), int(sizes[place])
        told = [int(each) for each in every[:, place] if each >= 0]
        rows = range(first[place], first[place] + max(factor, 0))
        holders = tuple(
            Holder(people[ruled.ranked.person[row]], int(ruled.ranked.files[row]), int(ruled.ranked.files[row]) / size)
            for row in rows
        )
        known = factor >= 0
        units.append(
            Unit(
                sort,
                name,
                size,
                factor if known else None,
                min(told) if told else None,
                max(told) if told else None,
                int(ruled.unattributed[place]),
                int(ruled.orphaned[place]),
                holders,
                candidates[place],
                "" if known else (TOO_FEW if size else NO_FILES),
            )
        )
    return tuple(units)


def _checks(inputs: Inputs, history: History, attributed: np.ndarray, membership: Membership) -> Checks:
    """The checks that travel with the result."""
    touched = history.touched
    standing = touched.file >= 0
    in_system = np.array([sort is Sort.SYSTEM for sort in membership.sorts], dtype=bool)[membership.unit]
    return Checks(
        len(touched.file),
        int((standing & (touched.person >= 0)).sum()),
        int((~standing).sum()),
        int((standing & (touched.person < 0)).sum()),
        len(history.paths),
        len(np.unique(attributed)),
        len(history.people),
        len(history.paths) - int(in_system.sum()),
        rules(inputs.rule),
    )


__all__ = [
    "VERSION",
    "Candidate",
    "Checks",
    "File",
    "Holder",
    "Hotspot",
    "Hotspots",
    "Inputs",
    "Island",
    "Result",
    "Rule",
    "Sort",
    "System",
    "Touch",
    "Touches",
    "Unit",
    "assess",
    "degree_of_authorship",
    "grade",
    "truck_factors",
]
