"""What no evidence says: the CTO's few own words over what was collected, and what is said of candidates taken up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from quarterdeck.engines.candidate import Money, Work
from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.roles import Reader
from quarterdeck.office.candidates.drafts import Draft

CURRENCY = "EUR"
QUARTERS = 8
VENDOR = "cloud-house"
RESTED_ON = ("coredns-app", "cert-manager-app")  # systems of the catalogue that the repositories' systems rest on
FRONT = ("happa", "api")  # and those that rest on them: what customers see, and the interface behind it


POINTS, ALONE = {"figure": "structure.single_points"}, {"figure": "knowledge.units_with_one"}
# key: name, Chinese name, unit, target, worth, how it stands
RESULTS: dict[str, tuple[str, str, str, float, int, dict[str, object]]] = {
    "single-points": ("Single points of failure", "单点故障", "systems", 3, 300_000, dict(POINTS)),
    "open-weaknesses": ("Packages with open advisories", "存在漏洞的组件", "packages", 1, 400_000, {"drift": 0.02}),
    "alone": ("Directories one person alone knows", "仅一人了解的目录", "directories", 2, 200_000, dict(ALONE)),
    "second-region": ("Customers served from two regions", "双区域客户占比", "%", 45, 500_000, {"today": 0}),
}
# key: name, Chinese name, category, which system, events a year, losses
LOSSES: dict[str, tuple[str, str, str, str, tuple[float, float, float], int, int]] = {
    "break-in": ("Someone breaks in", "外部入侵", "attack", "own", (0.1, 0.25, 0.6), 60_000, 2_500_000),
    "ended": ("A part without support fails", "停服故障", "obsolescence", "own", (0.2, 0.4, 0.9), 20_000, 400_000),
    "leaving": ("Who knows it leaves", "关键人员离职", "key-person", "last", (0.05, 0.15, 0.4), 40_000, 600_000),
    "vendor": ("The vendor fails", "供应商停摆", "supplier", "below", (0.02, 0.08, 0.2), 80_000, 1_500_000),
    "outage": ("A day without service", "服务中断一天", "failure", "own", (0.3, 0.7, 1.5), 30_000, 500_000),
}


@dataclass(frozen=True)
class Places:
    """The systems that the words are about: the repositories' own, in front of them, and below."""

    own: tuple[str, ...]
    front: tuple[str, ...]
    below: tuple[str, ...]


def three(name: str, low: float, likely: float, high: float) -> dict[str, object]:
    """The columns of an estimate."""
    return {f"{name}_low": low, f"{name}_likely": likely, f"{name}_high": high}


def texts(english: str, chinese: str) -> dict[str, object]:
    """The columns of a name in two languages."""
    return {"name_en": english, "name_zh": chinese}


def systems(reader: Reader, repositories: Iterable[str]) -> tuple[list[Change], Places]:
    """The systems of the repositories as the estate knows them, with changes for those that it does not know."""
    access, changes, own = Access(reader), [], []
    known = {row.key.casefold(): row for row in access.select("repository").rows()}
    for name in repositories:
        row = known.get(name.casefold())
        if row is not None and row["system"]:
            own.append(str(row["system"]))
            continue
        changes += [Change("system", name, {"name_en": name}), Change("repository", name, {"system": name})]
        own.append(name)
    there = {row.key for row in access.select("system").where(key__in=[*RESTED_ON, *FRONT]).rows()}
    front, below = (tuple(key for key in keys if key in there and key not in own) for keys in (FRONT, RESTED_ON))
    return changes, Places(tuple(dict.fromkeys(own)), front, below)


def ground(places: Places, start: date) -> Iterator[Change]:
    """Frame, budget, rates, two ways to hire, a vendor with contractors, criticalities, what rests on what."""
    frame: dict[str, object] = {"name_en": "Two years", "name_zh": "两年规划", "start": start, "quarters": QUARTERS}
    yield Change(
        "plan-frame",
        "two-years",
        {**frame, "currency": CURRENCY, "most_at_once": 5, **three("operations_share", 0.7, 0.8, 0.9)},
    )
    for quarter in range(QUARTERS):
        first = date(start.year + (start.month - 1 + 3 * quarter) // 12, (start.month - 1 + 3 * quarter) % 12 + 1, 1)
        for sort, amount in (("capital", 60_000), ("running", 90_000)):
            yield Change(
                "budget", f"{first}-{sort}", {"quarter": first, "sort": sort, "amount": amount, "currency": CURRENCY}
            )
    yield Change(
        "exchange-rate", "", {"currency": "USD", "base": CURRENCY, "on": start - timedelta(days=365), "rate": "0.92"}
    )
    for skill, limit in (("kubernetes", 1), ("python", 1)):
        values = {"skill": skill, "cost": 14_000, "currency": CURRENCY, "cost_band": "B4", "ramp": 3, "limit": limit}
        yield Change("hiring-route", f"hire-{skill}", {**values, **three("time", 2, 4, 8)})
    yield Change("vendor", VENDOR, {"name_en": "Cloud House", "name_zh": "云屋", "country": "Germany"})
    yield Change(
        "contractor",
        "kubernetes-from-cloud-house",
        {"skill": "kubernetes", "vendor": VENDOR, "cost": 13_000, "currency": CURRENCY, "limit": 6},
    )
    for system, criticality in zip(places.own, (4, 3, 3), strict=False):
        yield Change("system", system, {"criticality": criticality})
    for system in places.front:
        yield Change("system", system, {"criticality": 4})
    for place, system in enumerate(places.below):
        yield Change("system", system, {"criticality": 2, **({"vendor": VENDOR} if not place else {})})
    for first, second in resting(places):
        yield Change("dependency", "", {"system": first, "on": second})


def resting(places: Places) -> list[tuple[str, str]]:
    """What rests on what: from the front through the own systems to those below, and one cycle among the own."""
    edges = [(front, own) for front in places.front for own in places.own[:2]]
    edges += [(own, below) for own in places.own for below in places.below]
    if len(places.own) > 2:
        edges += [(places.own[1], places.own[2]), (places.own[2], places.own[1])]
    return edges


def aims(places: Places, start: date) -> Iterator[Change]:
    """One goal with four key results (two of them measured), loss scenarios, an appetite."""
    due = date(start.year + 1, 6, 30)
    yield Change("goal", "dependable", texts("A platform to depend on", "值得信赖的平台"))
    for key, (english, chinese, unit, target, worth, further) in RESULTS.items():
        values = {"goal": "dependable", "unit": unit, "target": target, "worth": worth, "due": due, **further}
        yield Change("key-result", key, {**texts(english, chinese), **values})
    systems_of = {"own": places.own[0], "last": places.own[-1], "below": (places.below or places.own)[0]}
    for key, (english, chinese, category, about, often, low, high) in LOSSES.items():
        values = {"category": category, "system": systems_of[about], "loss_low": low, "loss_high": high}
        yield Change(
            "scenario",
            key,
            {**texts(english, chinese), **values, "currency": CURRENCY, **three("frequency", *often)},
        )
    yield Change("appetite", "one-in-twenty", {"probability": 0.95, "amount": 6_000_000, "currency": CURRENCY})


def entered(places: Places) -> Iterator[Change]:
    """One initiative that a person enters, with what it needs and brings."""
    key, skills = "two-regions", (("kubernetes", 16, 24, 34), ("networking", 4, 6, 10), ("data", 11, 16, 23))
    values = {
        "name_en": "Serve customers from two regions",
        "name_zh": "双区域服务",
        "theme_en": "Reach",
        "theme_zh": "覆盖",
        "system": places.own[0],
        "currency": CURRENCY,
        "ramp": 3,
    }
    yield Change(
        "initiative",
        key,
        {
            **values,
            **three("duration", 6, 8, 12),
            **three("capital", 220_000, 300_000, 420_000),
            **three("running_cost", 6_000, 9_000, 14_000),
            **three("benefit", 40_000, 60_000, 90_000),
        },
    )
    for skill, low, likely, high in skills:
        yield Change("effort", "", {"initiative": key, "skill": skill, **three("months", low, likely, high)})
    yield Change("contribution", "", {"initiative": key, "key_result": "second-region", **three("amount", 40, 60, 80)})
    yield Change(
        "treatment", "", {"initiative": key, "scenario": "outage", "frequency_factor": 0.4, "magnitude_factor": 0.7}
    )


SAID = {  # by source: person-months and months where evidence has none, euros a month, what it moves by how much
    "advisories": (Estimate(0.2, 0.5, 1.0), Estimate(0.5, 1.0, 2.0), 1_500, ("open-weaknesses", -1.0)),
    "ended": (Estimate(0.5, 1.0, 2.5), Estimate(1.0, 2.0, 4.0), 2_000, ("open-weaknesses", -1.0)),
    "knowledge": (Estimate(1.0, 1.5, 3.0), Estimate(2.0, 3.0, 6.0), 1_000, ("alone", -2.0)),
    "structure": (Estimate(2.0, 4.0, 8.0), Estimate(3.0, 5.0, 9.0), 2_500, ("single-points", -1.0)),
    "ownerless": (Estimate(0.1, 0.3, 0.6), Estimate(0.5, 1.0, 2.0), 800, None),
    "hotspots": (Estimate(0.5, 1.0, 3.0), Estimate(1.0, 2.0, 4.0), 1_200, None),
    "bill": (Estimate(0.1, 0.2, 0.5), Estimate(0.5, 1.0, 2.0), 900, None),
    "incidents": (Estimate(0.5, 1.0, 2.0), Estimate(1.0, 2.0, 3.0), 2_000, None),
    "backlog": (Estimate(2.0, 4.0, 8.0), Estimate(3.0, 6.0, 9.0), 5_000, None),
}  # fmt: skip
ANYBODY = "python"  # the skill named where nothing suggests one


def completed(draft: Draft, missing: tuple[str, ...]) -> tuple[Draft, list[str]]:
    """The draft with what a person must say, and the names of what was said."""
    effort, duration, brings, _moves = SAID[draft.origin]
    said = []
    if not draft.efforts:
        draft, said = replace(draft, efforts=(Work(ANYBODY, effort),)), [*said, "effort"]
    if any(not work.skill for work in draft.efforts):
        draft = replace(draft, efforts=tuple(replace(work, skill=work.skill or ANYBODY) for work in draft.efforts))
        said = [*said, "skill"]
    if draft.duration is None:
        draft, said = replace(draft, duration=duration), [*said, "duration"]
    if draft.benefit is None and "value" in missing:
        low, likely, high = (Decimal(brings) * factor for factor in (Decimal("0.4"), Decimal(1), Decimal("1.8")))
        draft, said = replace(draft, benefit=Money(low, likely, high, CURRENCY)), [*said, "value"]
    return draft, said


def counted(ranked: Iterable[Any], today: date) -> Change:
    """Today's value of the key result that no published figure measures: packages with open advisories."""
    keys = {
        key for weighed in ranked for key in (weighed.candidate.key, *weighed.also) if key.startswith("advisories/")
    }
    return Change("key-result", "open-weaknesses", {"today": len(keys), "measured": today})


def moves(initiative: str, source: str) -> list[Change]:
    """What an accepted candidate adds to a key result, as the CTO judges it."""
    moved = SAID[source][3]
    if moved is None:
        return []
    key_result, amount = moved
    low, likely, high = sorted((amount * 0.6, amount, amount * 1.2))
    return [
        Change(
            "contribution",
            "",
            {"initiative": initiative, "key_result": key_result, **three("amount", low, likely, high)},
        )
    ]
