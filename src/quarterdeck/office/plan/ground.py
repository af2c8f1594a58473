"""Gathers from the estate what a plan is made over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.engines.programme import Appetite, Contractor, Programme, Route, Scenario
from quarterdeck.kinds.access import Row
from quarterdeck.office.plan import track
from quarterdeck.office.plan.frame import Frame, estimate, frame_of
from quarterdeck.office.plan.holders import Held, works_here
from quarterdeck.office.plan.intentions import initiatives_of, key_results_of
from quarterdeck.office.plan.staff import Staff, operations_of, skills_of, staff_of
from quarterdeck.runs.analysis import Gathering

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
    "vendor",
)
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
    roster: tuple[tuple[str, str], ...] = ()  # (person, their team) of everyone who works here, counted or not
    known_vendors: tuple[str, ...] = ()  # every vendor on record, bought from or not
    held: tuple[Held, ...] = ()  # who holds the knowledge of systems; empty where no change asks for it
    planned: Mapping[str, int] = field(default_factory=dict)  # quarters that the plan there is starts initiatives in


def gather(gathering: Gathering) -> Ground:
    """Everything a plan is made over. Raises NotReady, exchange.NoRate."""
    frame = frame_of(gathering)
    operations, people = operations_of(frame), gathering.rows("person")
    staff = staff_of(frame, people)
    contractors = gathering.rows("contractor", retired__empty=True)
    scenarios = [r for r in gathering.rows("scenario", retired__empty=True) if r["frequency_likely"] is not None]
    key_results = key_results_of(frame)
    known = {"key_result": {result.key for result in key_results}, "scenario": {row.key for row in scenarios}}
    initiatives = initiatives_of(frame, known)
    routes = gathering.rows("hiring-route", retired__empty=True)
    needed = {r["skill"] for r in (*routes, *contractors)} | {e.skill for i in initiatives for e in i.efforts}
    programme = Programme(
        start=frame.start,
        quarters=frame.row["quarters"],
        initiatives=initiatives,
        skills=skills_of(frame, staff, operations, needed),
        routes=_routes(frame, routes),
        contractors=tuple(
            Contractor(r["skill"], frame.money(r["cost"], r["currency"]), r["limit"]) for r in contractors
        ),
        key_results=key_results,
        scenarios=tuple(_scenario(frame, row) for row in scenarios),
        **_limits(frame),
        **_biases(gathering),
    )
    return Ground(
        programme,
        staff,
        operations.mean,
        tuple(r["vendor"] or "" for r in contractors),
        tuple((r["vendor"], r.key) for r in gathering.rows("system", vendor__empty=False)),
        tuple((r.key, r["system"]) for r in scenarios if r["system"] and r["category"] in SUPPLIED),
        tuple((r.key, r["team"] or "") for r in people if works_here(r, gathering.today)),
        tuple(r.key for r in gathering.rows("vendor")),
    )


def _scenario(frame: Frame, row: Row) -> Scenario:
    low, high = (frame.money(row[f"loss_{end}"], row["currency"]) for end in ("low", "high"))
    return Scenario(row.key, estimate(row, "frequency"), low, high)


def _routes(frame: Frame, rows: list[Row]) -> tuple[Route, ...]:
    bands = frame.gathering.rows("cost-band")
    monthly = {row.key: frame.money(row["annual_cost"], row["currency"]) / 12 for row in bands}
    return tuple(
        Route(
            r.key,
            r["skill"],
            frame.money(r["cost"], r["currency"]),
            monthly.get(r["cost_band"], 0.0),
            estimate(r, "time"),
            r["ramp"],
            r["limit"],
        )
        for r in rows
    )


def _limits(frame: Frame) -> dict[str, Any]:
    """What money and appetite allow."""
    row = frame.row
    return {
        "appetite": tuple(
            Appetite(r["probability"], frame.money(r["amount"], r["currency"]))
            for r in frame.gathering.rows("appetite", retired__empty=True)
        ),
        "correlation": row["correlation"],
        "capital": _budget(frame, "capital"),
        "running": _budget(frame, "running"),
        "carry_over": row["carry_over"],
        "discount": row["discount"],
        "most_at_once": row["most_at_once"],
    }


def _biases(gathering: Gathering) -> dict[str, Any]:
    """How estimates come true here."""
    outcomes = gathering.rows("outcome")
    measures = (
        ("effort_bias", "effort", track.EFFORT),
        ("duration_bias", "months", track.DURATION),
        ("benefit_bias", "benefit", track.BENEFIT),
    )
    return {
        name: track.bias(track.pairs(outcomes, f"planned_{what}", f"actual_{what}"), known)
        for name, what, known in measures
    }


def _budget(frame: Frame, sort: str) -> tuple[float, ...]:
    """Budget of each quarter; empty (no limit) where none is declared at all."""
    rows = frame.gathering.rows("budget", sort=sort)
    if not rows:
        return ()
    found = [0.0] * int(frame.row["quarters"])
    for row in rows:
        place = frame.month(row["quarter"]) // 3
        if 0 <= place < len(found):
            found[place] += frame.money(row["amount"], row["currency"])
    return tuple(found)
