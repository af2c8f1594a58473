"""Who holds the knowledge of systems, and which risks of the register come of losing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from quarterdeck.chapters.people.growth.knowledge import KNOWLEDGE
from quarterdeck.estate import attrition
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.roles import Denied, Reader, company
from quarterdeck.lake.identities import pseudonym
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering, Rested

LOST = "key-person"  # the category of scenarios that knowledge lost brings about


@dataclass(frozen=True)
class Held:
    """A system, and the people who together hold more than half of it.

    holders: keys of those people still here whose departure leaves most of the system's files without an author (the
    truck factor's set); all of them must go before its knowledge is lost. scenarios: what the register counts with
    then; empty where it counts with nothing.
    """

    system: str
    holders: frozenset[str]
    scenarios: tuple[str, ...] = ()


def works_here(person: Row, today: date) -> bool:
    """Whether somebody has not left: a last day to come is still one here."""
    last = attrition.last_day(person)
    return last is None or last >= today


def held_by(gathering: Gathering) -> tuple[Held, ...]:
    """Systems whose holders are all known by name, one of them at least still here."""
    kept = answers.answer(KNOWLEDGE.name, gathering.reader, today=gathering.today)
    gathering.rested.append(Rested(f"answer:{kept.name}", "", kept.id, 1))
    risks: dict[str, list[str]] = {}
    for row in gathering.rows("scenario", category=LOST, retired__empty=True):
        if row["system"] and row["frequency_likely"] is not None:
            risks.setdefault(row["system"], []).append(row.key)
    people = gathering.rows("person")
    here = {row.key for row in people if works_here(row, gathering.today)}
    return tuple(
        Held(system, frozenset(holders & here), tuple(sorted(risks.get(system, ()))))
        for system, holders in _holders(kept.result, people)
        if holders & here
    )


def _holders(result: Any, people: Iterable[Row]) -> Iterable[tuple[str, set[str]]]:
    """Each system with its truck factor's set, where the roster names all of them: a stranger may know it too."""
    named = {pseudonym(row["email"]): row.key for row in people if row["email"]}
    for unit in result.units:
        holders = [holder.person for holder in unit.holders[: unit.truck_factor or 0]]
        if unit.sort.value == "system" and holders and all(person in named for person in holders):
            yield unit.name, {named[person] for person in holders}


def known(reader: Reader) -> frozenset[str]:
    """People who hold a system, as far as it has been computed and the reader may see it; nothing is computed here."""
    try:
        kept = answers.cached(KNOWLEDGE.name, reader)
    except Denied:
        return frozenset()
    kept = kept or answers.cached(KNOWLEDGE.name, company)
    if kept is None:
        return frozenset()
    people, today = Access(reader).select("person").rows(), timezone.localdate()
    here = {row.key for row in people if works_here(row, today)}
    return frozenset(key for _system, holders in _holders(kept.result, people) for key in holders & here)
