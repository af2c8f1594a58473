"""Systems that others rest on and that one person's leaving would lose: spread the knowledge, or bring in a second."""

import math
from collections.abc import Iterator
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, LossEffect, Reference, Size, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.estate import attrition
from quarterdeck.office.candidates import histories, learning, losses, past
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import CRITICAL, KINDS, Places, places
from quarterdeck.office.candidates.words import joined, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "knowledge"
FEWEST_FILES = 10  # source files below which a second person reads it all in a day
IDENTITIES = ("person", "login", "pseudonym", "name", "email")  # of a roster's row, any of which a commit may carry
FAMILIAR = 0.1  # share of the files at stake that somebody must know to count as someone to spread it to


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, one for each repository whose truck factor is one or less and which matters, or may matter."""
    known, departed = places(harvest), _departed(harvest)
    leaving = attrition.measured(harvest)
    for repository in histories.repositories(harvest):
        files = histories.sources(harvest, repository)
        system = known.system(repository)
        if len(files) < FEWEST_FILES or not _matters(known, system):
            continue
        unit = _unit(harvest, repository, files, departed)
        if unit is not None and unit.truck_factor is not None and unit.truck_factor <= 1:
            yield _candidate(harvest, repository, system, unit, known, leaving)


def _matters(known: Places, system: str) -> bool:
    """Whether others rest on it or its criticality says so; what nobody has said may well be so."""
    found = known.known(system)
    if found is None or (found.criticality is None and not found.dependents):
        return True
    return bool(found.dependents) or (found.criticality or 0) >= CRITICAL


def _departed(harvest: Harvest) -> tuple[str, ...]:
    """Pseudonyms of people whom the roster says have left."""
    people = harvest.table("roster_people", *IDENTITIES, "end_date")
    gone = people.filter(pl.col("end_date") <= harvest.today)
    return tuple(sorted({name for row in gone.select(IDENTITIES).iter_rows() for name in row if name}))


def _unit(harvest: Harvest, repository: str, files: frozenset[str], departed: tuple[str, ...]) -> Any:
    """The repository as a whole, as the knowledge engine judges its source files."""
    engine = histories.knowledge()
    touched, _recent = histories.touches(harvest, repository)
    standing = tuple(engine.File(path) for path in sorted(files))
    result = engine.assess(engine.Inputs(touched, standing, departed=departed, depth=0))
    return next((unit for unit in result.units if unit.name == ""), None)


def _candidate(
    harvest: Harvest, repository: str, system: str, unit: Any, known: Places, leaving: float | None
) -> Candidate:
    lost = unit.truck_factor == 0
    share = 1.0 if lost else float(unit.holders[0].share)
    near = [c for c in unit.candidates if c.share >= FAMILIAR]
    title = say(_("Spread the knowledge of %(subject)s to a second person"), subject=repository)
    if lost:
        title = say(_("Win back the knowledge of %(subject)s: those who had it have left"), subject=repository)
    elif not near:
        title = say(_("Hire or assign a second person for %(subject)s"), subject=repository)
    found = known.known(system)
    unsaid = found is None or (found.criticality is None and not found.dependents)
    scenario = losses.scenarios(harvest, system, "key-person")
    learnt = learning.learnt(harvest)
    held = unit.orphaned if lost else unit.holders[0].files
    asked = learning.to_half(unit.files, held, near[0].share if near else 0.0)
    return Candidate(
        key(NAME, repository),
        NAME,
        repository,
        title,
        joined(_why(unit, share, near, found), learnt.said(asked) if learnt else None),
        action="knowledge",
        system=system,
        size=Size(100 * share * (1 + len(found.dependents) if found else 1), say(_("percent held × systems resting"))),
        past=learnt.past(asked) if learnt else None,
        loss=_effect(scenario, leaving),
        missing=("criticality",) if unsaid else (),
        path=(*_path(harvest, repository, unit, found), *(learnt.newest if learnt else ())),
        facts=(f"truck factor {unit.truck_factor}", *(f"rests {name}" for name in (found.dependents if found else ()))),
    )


def _effect(scenarios: tuple[str, ...], leaving: float | None) -> tuple[LossEffect, ...]:
    """A second holder: the knowledge is lost only when both leave before either is replaced.

    With a hazard h of leaving and a year to replace, two holders lose it at the rate 2h(1 − e⁻ʰ) against h with one:
    the factor 2(1 − e⁻ʰ). Never (0) and always (1) are its ends: people may be replaced at once, or leave together.
    """
    if leaving is None:
        return ()
    factor = min(1.0, 2 * (1 - math.exp(-leaving)))
    return tuple(LossEffect(name, Estimate(0.0, factor, 1.0)) for name in scenarios)


def _why(unit: Any, share: float, near: list[Any], found: Any) -> Words:
    held = say(
        _(
            "One person is the author of %(share)s %% of its %(files)s source files; without "
            "them most have no author left."
        ),
        share=round(100 * share),
        files=unit.files,
    )
    if unit.truck_factor == 0:
        held = say(
            _("Of its %(files)s source files %(orphaned)s have lost all their authors."),
            files=unit.files,
            orphaned=unit.orphaned,
        )
    others = (
        say(_("Others know part of it: %(count)s."), count=len(near))
        if near
        else say(_("Nobody else knows more than a tenth of it."))
    )
    rests = (
        say(_("Systems that rest on it: %(count)s."), count=len(found.dependents))
        if found and found.dependents
        else None
    )
    spread = (
        say(
            _("Under neighbouring rules the truck factor lies between %(low)s and %(high)s."),
            low=unit.low,
            high=unit.high,
        )
        if unit.low != unit.high
        else None
    )
    return joined(held, others, rests, spread)


def _path(harvest: Harvest, repository: str, unit: Any, found: Any) -> tuple[Reference, ...]:
    """The repository's newest commits by the holder, and the records of what rests on it; nobody is named."""
    holders = [holder.person for holder in unit.holders[:1]]
    mine = past.commits(harvest).filter((pl.col("repository") == repository) & pl.col("author").is_in(holders)).tail(3)
    rows = mine.select("source", "commit", "subject").reverse().iter_rows()
    made = tuple(
        past.committed(source, repository, commit, f"{commit[:12]} {subject or ''}"[:120].rstrip())
        for source, commit, subject in rows
    )
    rests = tuple(
        Reference("kind:dependency", "", f"{name}/{found.key}", None, name)
        for name in (found.dependents[:5] if found else ())
    )
    return (*made, *rests)


SOURCE = CandidateSource(
    NAME,
    gettext_lazy("Knowledge with one person"),
    (*histories.TABLES, "roster_people"),
    (*KINDS, "scenario", *attrition.KINDS),
    find,
)
