"""Gathers from the estate what a plan is made over."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.engines.programme import (
    ZERO,
    Appetite,
    Contractor,
    Contribution,
    Control,
    Effort,
    Estimate,
    Initiative,
    KeyResult,
    Pin,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
)
from quarterdeck.estate.exchange import Exchange
from quarterdeck.office.plan import track
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import ANALYSES, Gathering, Rested

KINDS = (
    "plan-frame",
    "initiative",
    "effort",
    "contribution",
    "treatment",
    "precedence",
    "goal",
    "key-result",
    "scenario",
    "appetite",
    "budget",
    "exchange-rate",
    "cost-band",
    "hiring-route",
    "contractor",
    "person",
    "person-skill",
    "skill",
    "outcome",
    "system",
)
AFTER = 24  # months of supply beyond the plan's last quarter


class NotReady(Exception):
    """There is nothing to plan over yet; says what is missing."""


@dataclass(frozen=True)
class Staff:
    """One person as the plan counts them: the skill they work in, and in which months."""

    key: str
    team: str
    skill: str
    share: float  # full-time equivalent
    first: int  # month of the first day, may be negative
    last: int | None  # last month, if they are known to leave


IN_REACH = ("proposed", "funded", "running")  # states of initiatives that a plan is made over
SUPPLIED = ("supplier", "failure")  # categories of scenarios that a vendor's end brings about


@dataclass(frozen=True)
class Ground:
    """The programme, and what a what-if needs to know beyond it."""

    programme: Programme
    staff: tuple[Staff, ...]
    operations: float  # mean part of working time that operations take
    vendors: tuple[str, ...]  # whose people each of the programme's contractors are; empty: nobody's in particular
    systems: tuple[tuple[str, str], ...]  # (vendor, system it stands behind)
    scenario_systems: tuple[tuple[str, str], ...]  # (scenario that may come of a supplier, system)
    planned: Mapping[str, int] = field(default_factory=dict)  # quarters that the plan there is starts initiatives in


def month(start: date, day: date) -> int:
    """Months from the programme's first day to the month a day lies in."""
    return (day.year - start.year) * 12 + day.month - start.month


def gather(gathering: Gathering) -> Ground:
    """Everything a plan is made over. Raises NotReady, exchange.NoRate."""
    frames = gathering.rows("plan-frame", current=True)
    if not frames:
        raise NotReady(_("No plan frame is in use: say over which quarters and in which currency to plan."))
    frame = frames[0]
    exchange = Exchange(gathering.rows("exchange-rate"))
    start: date = frame["start"]

    def money(amount: Decimal | None, currency: str) -> float:
        return float(exchange.convert(amount or Decimal(0), currency, frame["currency"], gathering.today))

    months = frame["quarters"] * 3 + AFTER
    operations = _estimate(frame, "operations_share")
    staff = _staff(gathering, start)
    bands = {row.key: money(row["annual_cost"], row["currency"]) / 12 for row in gathering.rows("cost-band")}
    outcomes = gathering.rows("outcome")
    contractors = gathering.rows("contractor", retired__empty=True)
    scenarios = gathering.rows("scenario", retired__empty=True)
    key_results = _key_results(gathering, start, money)
    known = {
        "key_result": {result.key for result in key_results},
        "scenario": {row.key for row in scenarios if row["frequency_likely"] is not None},
    }
    initiatives = _initiatives(gathering, start, money, known)
    routes = gathering.rows("hiring-route", retired__empty=True)
    needed = {r["skill"] for r in (*routes, *contractors)} | {e.skill for i in initiatives for e in i.efforts}
    programme = Programme(
        start=start,
        quarters=frame["quarters"],
        initiatives=initiatives,
        skills=_skills(staff, months, operations, _attrition(frame, gathering), needed),
        routes=tuple(
            Route(
                r.key,
                r["skill"],
                money(r["cost"], r["currency"]),
                bands.get(r["cost_band"], 0.0),
                _estimate(r, "time"),
                r["ramp"],
                r["limit"],
            )
            for r in routes
        ),
        contractors=tuple(Contractor(r["skill"], money(r["cost"], r["currency"]), r["limit"]) for r in contractors),
        key_results=key_results,
        scenarios=tuple(
            Scenario(
                r.key,
                _estimate(r, "frequency"),
                money(r["loss_low"], r["currency"]),
                money(r["loss_high"], r["currency"]),
            )
            for r in scenarios
            if r["frequency_likely"] is not None
        ),
        appetite=tuple(
            Appetite(r["probability"], money(r["amount"], r["currency"]))
            for r in gathering.rows("appetite", retired__empty=True)
        ),
        correlation=frame["correlation"],
        capital=_budget(gathering, frame, "capital", money),
        running=_budget(gathering, frame, "running", money),
        carry_over=frame["carry_over"],
        discount=frame["discount"],
        most_at_once=frame["most_at_once"],
        effort_bias=track.bias([(r["planned_effort"], r["actual_effort"]) for r in outcomes], track.EFFORT),
        duration_bias=track.bias([(r["planned_months"], r["actual_months"]) for r in outcomes], track.DURATION),
        benefit_bias=track.bias(
            [
                (float(r["planned_benefit"]), float(r["actual_benefit"]))
                for r in outcomes
                if r["planned_benefit"] and r["actual_benefit"]
            ],
            track.BENEFIT,
        ),
    )
    systems = gathering.rows("system", vendor__empty=False)
    return Ground(
        programme,
        staff,
        operations.mean,
        tuple(r["vendor"] or "" for r in contractors),
        tuple((r["vendor"], r.key) for r in systems),
        tuple((r.key, r["system"]) for r in scenarios if r["system"] and r["category"] in SUPPLIED),
    )


def _estimate(row: Any, name: str) -> Estimate:
    points = [row[f"{name}_{point}"] for point in ("low", "likely", "high")]
    return ZERO if any(point is None for point in points) else Estimate(*(float(point) for point in points))


def _priced(row: Any, name: str, money: Callable[[Decimal | None, str], float]) -> Estimate:
    points = [row[f"{name}_{point}"] for point in ("low", "likely", "high")]
    return (
        ZERO
        if any(point is None for point in points)
        else Estimate(*(money(point, row["currency"]) for point in points))
    )


def _staff(gathering: Gathering, start: date) -> tuple[Staff, ...]:
    """People with the one skill each works in: the one mastered best; of equals the first by key."""
    best: dict[str, tuple[int, str]] = {}
    for row in gathering.rows("person-skill"):
        rank = (-row["level"], row["skill"])
        best[row["person"]] = min(best.get(row["person"], rank), rank)
    return tuple(
        Staff(
            row.key,
            row["team"] or "",
            best[row.key][1],
            row["fte"],
            month(start, row["start_date"]) if row["start_date"] else -1200,
            month(start, last) if (last := _last(row)) else None,
        )
        for row in gathering.rows("person")
        if row.key in best
    )


def _last(person: Any) -> date | None:
    """Somebody's last day: as the roster says, or when it ceased to name them; None while they work here."""
    days = [day for day in (person["end_date"], person["retired"]) if day]
    return min(days) if days else None


def supply(staff: tuple[Staff, ...], skill: str, months: int, operations: float) -> tuple[float, ...]:
    """Person-months of a skill in each month, operations taken off."""
    mine = [person for person in staff if person.skill == skill]
    return tuple(
        (1 - operations) * sum(p.share for p in mine if p.first <= m and (p.last is None or m <= p.last))
        for m in range(months)
    )


def _skills(
    staff: tuple[Staff, ...], months: int, operations: Estimate, attrition: float, needed: set[str]
) -> tuple[Skill, ...]:
    """The skills that people work in, and those that are needed, hired or bought though nobody works in them."""
    names = sorted({person.skill for person in staff} | needed)
    return tuple(Skill(name, supply(staff, name, months, operations.mean), attrition, operations) for name in names)


def _attrition(frame: Any, gathering: Gathering) -> float:
    """Departures a head a year: as the frame says, else measured over the roster's last two years."""
    if frame["attrition"] is not None:
        return float(frame["attrition"])
    since = date(gathering.today.year - 2, gathering.today.month, 1)
    left, years = 0, 0.0
    for row in gathering.rows("person"):
        end = _last(row)
        first, last = max(row["start_date"] or since, since), min(end or gathering.today, gathering.today)
        years += max(0, (last - first).days) / 365.25
        left += bool(end and since <= end <= gathering.today)
    return left / years if years else 0.0


_CHILDREN = {"effort": "", "contribution": "key_result", "treatment": "scenario", "precedence": ""}


def _initiatives(
    gathering: Gathering, start: date, money: Callable[[Decimal | None, str], float], known: dict[str, set[str]]
) -> tuple[Initiative, ...]:
    """Initiatives in reach. known: by link, the records that the programme holds; what names another is left out."""
    children = {
        kind: _by_initiative([row for row in gathering.rows(kind) if not link or row[link] in known[link]])
        for kind, link in _CHILDREN.items()
    }
    rows = [
        r
        for r in gathering.rows("initiative", state__in=list(IN_REACH), retired__empty=True)
        if r["duration_likely"] is not None
    ]
    names = {row.key for row in rows}
    return tuple(
        _initiative(row, start, money, names, {kind: found.get(row.key, []) for kind, found in children.items()})
        for row in rows
    )


def _by_initiative(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["initiative"], []).append(row)
    return found


def _initiative(
    row: Any,
    start: date,
    money: Callable[[Decimal | None, str], float],
    names: set[str],
    children: dict[str, list[Any]],
) -> Initiative:
    running = row["state"] == "running" and row["started"] is not None
    return Initiative(
        key=row.key,
        duration=_estimate(row, "duration"),
        efforts=tuple(Effort(r["skill"], _estimate(r, "months")) for r in children["effort"]),
        earliest=max(0, month(start, row["earliest"]) // 3) if row["earliest"] else 0,
        latest=month(start, row["latest"]) // 3 if row["latest"] else None,
        mandate=month(start, row["mandate"]) if row["mandate"] else None,
        capital=_priced(row, "capital", money),
        running=_priced(row, "running_cost", money),
        benefit=_priced(row, "benefit", money),
        ramp=row["ramp"],
        benefit_months=row["benefit_months"],
        contributions=tuple(Contribution(r["key_result"], _estimate(r, "amount")) for r in children["contribution"]),
        controls=tuple(
            Control(r["scenario"], r["frequency_factor"], r["magnitude_factor"]) for r in children["treatment"]
        ),
        predecessors=tuple(Precedence(r["after"], r["lag"]) for r in children["precedence"] if r["after"] in names),
        excludes=row["excludes"] or None,
        pin=Pin.IN if row["state"] in ("funded", "running") and row["pin"] == "free" else Pin(row["pin"]),
        started=month(start, row["started"]) // 3 if running else None,
        done=row["done_share"],
    )


def _key_results(
    gathering: Gathering, start: date, money: Callable[[Decimal | None, str], float]
) -> tuple[KeyResult, ...]:
    """Key results with a value of today that is not the target yet."""
    found, moved = [], defaultdict[str, float](float)
    for row in gathering.rows("contribution"):
        moved[row["key_result"]] += row["amount_likely"] or 0.0
    for row in gathering.rows("key-result", retired__empty=True):
        today = measured(gathering, row["figure"]) if row["figure"] else row["today"]
        if today is not None and not _reached(today, row["target"], moved[row.key]):
            due, worth = month(start, row["due"]), money(row["worth"], "")
            found.append(
                KeyResult(row.key, row["goal"], worth, today, row["target"], due, row["drift"], row["drift_error"])
            )
    return tuple(found)


def _reached(today: float, target: float, moved: float) -> bool:
    """Whether a value stands at its target, or beyond it: initiatives move it away from there."""
    return today == target or (target - today) * moved < 0


def measured(gathering: Gathering, figure: str) -> float | None:
    """Today's value of a published figure, computed for the same eyes; None where the evidence cannot tell."""
    analysis = ANALYSES.get(figure.partition(".")[0])
    if analysis is None:
        return None
    kept = answers.answer(analysis.name, gathering.reader, today=gathering.today)
    gathering.rested.append(Rested(f"answer:{kept.name}", figure, kept.id, 1))
    return next((found.value for found in analysis.figures(kept.result) if found.name == figure), None)


def _budget(
    gathering: Gathering, frame: Any, sort: str, money: Callable[[Decimal | None, str], float]
) -> tuple[float, ...]:
    """Budget of each quarter; empty (no limit) where none is declared at all."""
    rows = gathering.rows("budget", sort=sort)
    if not rows:
        return ()
    found = [0.0] * frame["quarters"]
    for row in rows:
        place = month(frame["start"], row["quarter"]) // 3
        if 0 <= place < len(found):
            found[place] += money(row["amount"], row["currency"])
    return tuple(found)
