"""Takes candidates for one action on one subject as one, with everything that speaks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from quarterdeck.engines.candidate import Candidate, LossEffect, Words

T = TypeVar("T")


def together(candidates: Iterable[Candidate]) -> list[tuple[Candidate, tuple[Candidate, ...]]]:
    """Each candidate with the others that were the same, which are taken up in it; in the order of their keys."""
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for one in sorted(candidates, key=lambda c: c.key):
        place = ("action", one.system or one.subject, one.action) if one.action else ("key", one.key)
        groups.setdefault(place, []).append(one)
    return [_merged(group) for group in groups.values()]


def _merged(group: Sequence[Candidate]) -> tuple[Candidate, tuple[Candidate, ...]]:
    """The one that goes farthest leads: it cures what the others would, and the others do not cure what it does."""
    lead = min(group, key=lambda c: (*(-step for step in _steps(c)), c.source, c.key))
    others = tuple(c for c in group if c is not lead)
    if not others:
        return lead, ()
    order = (lead, *others)
    days = [c.by for c in order if c.by is not None]
    whole = replace(
        lead,
        why=Words(" ".join(_once(c.why.en for c in order)), "".join(_once(c.why.zh for c in order))),
        by=min(days) if days else None,
        past=_first(c.past for c in order),
        pace=_first(c.pace for c in order),
        capital=_first(c.capital for c in order),
        running=_first(c.running for c in order),
        saving=_first(c.saving for c in order),
        spend=_first(c.spend for c in order),
        loss=_strongest(e for c in order for e in c.loss),
        hints=_once(h for c in order for h in c.hints),
        missing=_once(m for c in order for m in c.missing),
        path=_once(r for c in order for r in c.path),
        facts=tuple(sorted({f for c in order for f in c.facts})),
    )
    return whole, others


def _steps(candidate: Candidate) -> tuple[int, int, int]:
    return candidate.steps.major, candidate.steps.minor, candidate.steps.patch


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _strongest(effects: Iterable[LossEffect]) -> tuple[LossEffect, ...]:
    """One effect a scenario: of several for the same work the strongest, since they do not happen one after another."""
    best: dict[str, LossEffect] = {}
    for effect in effects:
        other = best.get(effect.scenario)
        factor = effect.frequency.likely * effect.magnitude.likely
        if other is None or factor < other.frequency.likely * other.magnitude.likely:
            best[effect.scenario] = effect
    return tuple(best[name] for name in sorted(best))
