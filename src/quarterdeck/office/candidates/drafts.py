"""The initiative that a candidate would become: what evidence tells filled in, the rest for a person to say."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.engines.candidate import LossEffect, Money, Work
from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.keys import fold
from quarterdeck.kinds.roles import Reader

CENT = Decimal("0.01")
LONGEST_NAME = 300
ALONE = 3  # level of a skill from which its holder works alone
WORDS = {  # what a candidate hints at → words that skills go by
    "pypi": ("python",),
    "npm": ("typescript", "javascript", "node", "frontend"),
    "go": ("go", "golang"),
    "maven": ("java", "kotlin"),
    "crates.io": ("rust",),
    "nuget": ("c#", "dotnet", ".net"),
    "packagist": ("php",),
    "rubygems": ("ruby",),
}
BY_SOURCE = {"bill": ("finops", "cloud", "platform"), "advisories": ("security",), "structure": ("architecture",)}


@dataclass(frozen=True)
class Draft:
    """An initiative to be, in the state proposed."""

    key: str
    name_en: str
    name_zh: str
    description: str
    origin: str
    system: str
    mandate: date | None
    duration: Estimate | None
    efforts: tuple[Work, ...]
    capital: Money | None
    running: Money | None
    benefit: Money | None
    effects: tuple[LossEffect, ...]

    @property
    def currency(self) -> str:
        """The one currency of its money."""
        return next((money.currency for money in (self.benefit, self.capital, self.running) if money), "")


class Unclear(Exception):
    """A draft that cannot become an initiative yet; says what a person must say first."""


def draft(reader: Reader, weighed: Any, today: date) -> Draft:
    """The initiative a candidate would become as it stands, in the skill that fits best."""
    candidate = weighed.candidate
    skill = fitting(reader, candidate)
    return Draft(
        candidate.key,
        candidate.title.en[:LONGEST_NAME],
        candidate.title.zh[:LONGEST_NAME],
        _description(candidate),
        candidate.source,
        candidate.system,
        candidate.by if candidate.by and candidate.by >= today else None,
        candidate.duration,
        tuple(w if w.skill else replace(w, skill=skill) for w in candidate.efforts),
        candidate.capital,
        candidate.running,
        candidate.saving,
        candidate.loss,
    )


def _description(candidate: Any) -> str:
    rows = [f"{r.table} {r.origin}{f':{r.line}' if r.line else ''} {r.says}" for r in candidate.path]
    return "\n".join([candidate.why.en, candidate.why.zh, *rows])[:20_000]


def fitting(reader: Reader, candidate: Any) -> str:
    """The skill that fits a candidate best: named by its hints or source, else what its owner's team knows, else the
    company's commonest. Empty where no skill is on record."""
    access = Access(reader)
    skills = access.select("skill").where(retired__empty=True).rows() if reader.reads("skill") else []
    words = [word for hint in candidate.hints for word in (*WORDS.get(hint, ()), hint)]
    words += BY_SOURCE.get(candidate.source, ())
    named = {
        fold(text): row.key for row in reversed(skills) for text in (row.key, row["name_en"], row["name_zh"]) if text
    }
    for word in words:
        if fold(word) in named:
            return str(named[fold(word)])
    return _known(access, candidate.system) or _known(access, "")


def _known(access: Access, system: str) -> str:
    """The skill that most people master: of the team that owns a system, or of all."""
    if not (access.reader.reads("person-skill") and access.reader.reads("person")):
        return ""
    people = None
    if system:
        owner = next((r["owner"] for r in access.select("system").where(key=system).rows(1)), None)
        if not owner:
            return ""
        people = {row.key for row in access.select("person").where(team=owner, end_date__empty=True).rows()}
    held = access.select("person-skill").where(level__gte=ALONE).rows()
    count = Counter(row["skill"] for row in held if people is None or row["person"] in people)
    return min(count, key=lambda skill: (-count[skill], skill)) if count else ""


def together(drafts: list[Draft], key: str) -> Draft:
    """One initiative of several: efforts and money added, the longest duration, the earliest day, effects multiplied.

    Ends are added to ends, so the interval is as wide as if all erred the same way. Raises Unclear where the drafts'
    money is in different currencies.
    """
    first = drafts[0]
    if len({money.currency for d in drafts for money in (d.capital, d.running, d.benefit) if money}) > 1:
        raise Unclear(_("their money is in different currencies: accept them one by one"))
    mandates = [d.mandate for d in drafts if d.mandate]
    durations = [d.duration for d in drafts if d.duration]
    longest = (
        Estimate(*(max(getattr(d, end) for d in durations) for end in ("low", "likely", "high"))) if durations else None
    )
    return replace(
        first,
        key=key,
        mandate=min(mandates) if mandates else None,
        duration=longest,
        name_en="; ".join(d.name_en for d in drafts)[:LONGEST_NAME],
        name_zh="；".join(d.name_zh for d in drafts)[:LONGEST_NAME],
        description="\n\n".join(d.description for d in drafts)[:20_000],
        system=first.system if len({d.system for d in drafts}) == 1 else "",
        efforts=_efforts(drafts),
        capital=_money([d.capital for d in drafts]),
        running=_money([d.running for d in drafts]),
        benefit=_money([d.benefit for d in drafts]),
        effects=_effects(drafts),
    )


def _efforts(drafts: list[Draft]) -> tuple[Work, ...]:
    found: dict[str, Estimate] = {}
    for work in (work for one in drafts for work in one.efforts):
        old = found.get(work.skill, Estimate(0.0, 0.0, 0.0))
        new = work.months
        found[work.skill] = Estimate(old.low + new.low, old.likely + new.likely, old.high + new.high)
    return tuple(Work(skill, found[skill]) for skill in sorted(found))


def _money(amounts: list[Money | None]) -> Money | None:
    known = [amount for amount in amounts if amount]
    if not known:
        return None
    low, likely, high = (sum((getattr(a, end) for a in known), Decimal(0)) for end in ("low", "likely", "high"))
    return Money(low, likely, high, known[0].currency)


def _effects(drafts: list[Draft]) -> tuple[LossEffect, ...]:
    found: dict[str, LossEffect] = {}
    for effect in (effect for one in drafts for effect in one.effects):
        old = found.get(effect.scenario)
        found[effect.scenario] = (
            effect
            if old is None
            else LossEffect(
                effect.scenario, _times(old.frequency, effect.frequency), _times(old.magnitude, effect.magnitude)
            )
        )
    return tuple(found[name] for name in sorted(found))


def _times(one: Estimate, other: Estimate) -> Estimate:
    return Estimate(one.low * other.low, one.likely * other.likely, one.high * other.high)


def values(one: Draft) -> dict[str, object]:
    """The draft as a record of the kind initiative."""
    found: dict[str, object] = {
        "name_en": one.name_en,
        "name_zh": one.name_zh,
        "description": one.description,
        "origin": one.origin[:60],
        "state": "proposed",
        "mandate": one.mandate,
        "currency": one.currency,
        "system": one.system or None,
    }
    amounts = {"capital": one.capital, "running_cost": one.running, "benefit": one.benefit}
    for end in ("low", "likely", "high"):
        found[f"duration_{end}"] = getattr(one.duration, end) if one.duration else None
        for name, money in amounts.items():
            found[f"{name}_{end}"] = getattr(money, end).quantize(CENT, ROUND_HALF_EVEN) if money else None
    return found
