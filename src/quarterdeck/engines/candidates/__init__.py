"""Candidates: what does evidence say should be done, what would it take and bring, and in which order to look at it?

Method: candidates for one action on one subject become one; effort from the company's own past (quantiles of what such
work took times the pieces it takes, wider with the distance between versions; resampled weekly throughput for
backlogs); duration as past work lasted, else of one person beside operations; expected loss avoided from the factors'
intervals on scenarios; order by money a year, then by day, then by rank within the source. Source:
the parts name theirs. Limits: it proposes and decides nothing; what evidence cannot say stays empty and is listed;
worths of candidates that treat the same scenario do not add up (the plan weighs them together).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from quarterdeck.engines.candidate import Candidate, Work, fingerprint
from quarterdeck.engines.candidates import effort, merging, worth
from quarterdeck.engines.candidates.records import Asked, Checks, Count, Inputs, Rate, Result, Weighed
from quarterdeck.engines.programme import Estimate

VERSION = "2"


def weigh(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """Weigh and order the candidates; progress is called with the share done, from 0 to 1.

    Raises ValueError for two candidates of one source with the same key, or of a source that was not asked.
    """
    _check(inputs)
    scenarios = {scenario.key: scenario for scenario in inputs.scenarios}
    rates = {rate.currency: rate.rate for rate in inputs.rates} | ({inputs.currency: 1.0} if inputs.currency else {})
    merged = merging.together(inputs.candidates)
    weighed = []
    for place, (lead, others) in enumerate(merged):
        whole = _estimated(lead, inputs.share, inputs.seed)
        avoided, saved = worth.avoided(whole.loss, scenarios), worth.saved(whole.saving, rates)
        whole = replace(whole, missing=_missing(whole, told=avoided is not None or saved is not None))
        sources = tuple(dict.fromkeys((lead.source, *(other.source for other in others))))
        overdue = whole.by is not None and whole.by < inputs.today
        keys = tuple(other.key for other in others)
        weighed.append(Weighed(whole, keys, sources, avoided, saved, overdue, fingerprint(whole)))
        if progress:
            progress((place + 1) / len(merged))
    found = tuple(_ordered(weighed))
    return Result(found, _counts(inputs, found), inputs.currency, _checks(inputs, found, set(scenarios), set(rates)))


def _check(inputs: Inputs) -> None:
    keys = Counter(candidate.key for candidate in inputs.candidates)
    twice = sorted(key for key, count in keys.items() if count > 1)
    if twice:
        raise ValueError(f"candidates with the same key: {', '.join(twice[:3])}")
    unknown = {candidate.source for candidate in inputs.candidates} - {asked.name for asked in inputs.sources}
    if unknown:
        raise ValueError(f"candidates of sources that were not asked: {', '.join(sorted(unknown))}")


def _estimated(candidate: Candidate, share: Estimate | None, seed: int) -> Candidate:
    """With effort and duration, where the source does not know them and its past can tell."""
    if candidate.efforts:
        return candidate
    months, duration = None, candidate.duration
    if candidate.past is not None:
        months = effort.by_past(candidate.past, candidate.steps)
        duration = duration or effort.lasting(candidate.past, months, share)
    elif candidate.pace is not None:
        months, elapsed = effort.by_pace(candidate.pace, candidate.key, seed)
        duration = duration or elapsed
    return replace(candidate, efforts=(Work("", months),) if months else (), duration=duration)


def _missing(candidate: Candidate, *, told: bool) -> tuple[str, ...]:
    """What a person must still say: the source's own list, and what the result shows to be empty."""
    lacks = {
        "effort": not candidate.efforts,
        "duration": candidate.duration is None,
        "skill": any(not work.skill for work in candidate.efforts),
        "value": not told,
        "system": not candidate.system,
    }
    own = [name for name in candidate.missing if name not in lacks]
    return (*own, *(name for name, lacking in lacks.items() if lacking))


def _ordered(weighed: list[Weighed]) -> list[Weighed]:
    """By likely money a year; then the earliest day; then by place within the source, so that sources alternate."""
    ranks: dict[str, int] = {}
    by_size = sorted(weighed, key=lambda w: (-(w.candidate.size.value if w.candidate.size else 0.0), w.candidate.key))
    seen = Counter[str]()
    for one in by_size:
        ranks[one.candidate.key] = seen[one.candidate.source]
        seen[one.candidate.source] += 1

    def place(one: Weighed) -> tuple[float, date, int, str, str]:
        money = sum(each.likely for each in (one.avoided, one.saved) if each is not None)
        candidate = one.candidate
        return -max(money, 0.0), candidate.by or date.max, ranks[candidate.key], candidate.source, candidate.key

    return sorted(weighed, key=place)


def _counts(inputs: Inputs, found: tuple[Weighed, ...]) -> tuple[Count, ...]:
    given = Counter(candidate.source for candidate in inputs.candidates)
    standing = Counter(one.candidate.source for one in found)
    return tuple(Count(a.name, a.title, given[a.name], standing[a.name], a.left_out) for a in inputs.sources)


def _checks(inputs: Inputs, found: tuple[Weighed, ...], scenarios: set[str], currencies: set[str]) -> Checks:
    samples = [w.candidate.past.size for w in found if w.candidate.past and w.candidate.efforts]
    named = {effect.scenario for w in found for effect in w.candidate.loss}
    used = {w.candidate.saving.currency for w in found if w.candidate.saving}
    return Checks(
        found=len(inputs.candidates),
        merged=len(inputs.candidates) - len(found),
        without_effort=sum(not w.candidate.efforts for w in found),
        without_worth=sum(w.avoided is None and w.saved is None for w in found),
        without_system=sum(not w.candidate.system for w in found),
        smallest_sample=min(samples) if samples else None,
        unknown_scenarios=tuple(sorted(named - scenarios)),
        unconverted=tuple(sorted(used - currencies)),
    )


__all__ = ["VERSION", "Asked", "Checks", "Count", "Inputs", "Rate", "Result", "Weighed", "weigh"]
