"""Who is there: staff who leave, hires who come late and ramp up, contractors, month by month and skill by skill.

`Skill.supply` is what is there if nobody leaves. Heads are that over the part of working time which operations leave
on average; the last head may be a fraction. Each head leaves after an exponential time; leavers are replaced by the
plan's hires only. Hires work wholly on initiatives. Past the end of `Skill.supply` its last month holds.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats, digest, uniform
from quarterdeck.engines.outlook.columns import Columns
from quarterdeck.engines.programme import Hires, Plan, Programme, Route, Skill


class People(NamedTuple):
    """Skills sorted by key (s of them) and hires one by one (h), sorted by route and quarter; m months."""

    heads: Floats  # (s, m) staff before operations, if nobody leaves
    operations: NDArray[np.int64]  # (s,) PERT column
    hazard: Floats  # (s,) departures a head a month
    leaving: NDArray[np.uint64]  # (s,) streams of departures, indexed by head
    bought: Floats  # (s, m) contractors' person-months
    hire_skill: NDArray[np.int64]  # (h,)
    decided: Floats  # (h,) month
    arrival: NDArray[np.int64]  # (h,) PERT column of months from decision to first day
    tenure: NDArray[np.uint64]  # (h,) streams of departures, indexed by `hire_number`
    hire_number: NDArray[np.int64]  # (h,) within its line of the plan
    ramp: Floats  # (h,) months
    cost: Floats  # (h,) once
    salary: Floats  # (h,) a month
    fees: Floats  # (m,) contractors' cost


def build(programme: Programme, plan: Plan, skills: list[Skill], columns: Columns, months: int) -> People:
    """Lay out staff, hires and contractors; skills are sorted by key."""
    number = {skill.key: s for s, skill in enumerate(skills)}
    routes = {route.key: route for route in programme.routes}
    hires = [(line, routes[line.route], n) for line in lines(plan) for n in range(line.heads)]
    bought, fees = contractors(programme, plan, number, months)
    keys = [digest(programme.seed, "skill departures", skill.key) for skill in skills]
    tenures = [digest(programme.seed, "hire departures", line.route, str(line.quarter)) for line, _, _ in hires]
    return People(
        heads=np.array([heads(skill, months) for skill in skills], dtype=np.float64).reshape(len(skills), months),
        operations=np.array([columns.pert(s.operations, "skill operations", s.key) for s in skills], dtype=np.int64),
        hazard=np.array([skill.attrition / 12.0 for skill in skills], dtype=np.float64),
        leaving=np.array(keys, dtype=np.uint64),
        bought=bought,
        hire_skill=np.array([number[route.skill] for _, route, _ in hires], dtype=np.int64),
        decided=np.array([3.0 * line.quarter for line, _, _ in hires], dtype=np.float64),
        arrival=np.array([arrival(columns, *hire) for hire in hires], dtype=np.int64),
        tenure=np.array(tenures, dtype=np.uint64),
        hire_number=np.array([n for _, _, n in hires], dtype=np.int64),
        ramp=np.array([route.ramp for _, route, _ in hires], dtype=np.float64),
        cost=np.array([route.cost for _, route, _ in hires], dtype=np.float64),
        salary=np.array([route.salary for _, route, _ in hires], dtype=np.float64),
        fees=fees,
    )


def lines(plan: Plan) -> list[Hires]:
    """The plan's hires with lines of the same route and quarter put together, sorted."""
    total: dict[tuple[str, int], int] = {}
    for line in plan.hires:
        total[line.route, line.quarter] = total.get((line.route, line.quarter), 0) + line.heads
    return [Hires(route, quarter, total[route, quarter]) for route, quarter in sorted(total)]


def arrival(columns: Columns, line: Hires, route: Route, n: int) -> int:
    """The column of one hire's time to hire."""
    return columns.pert(route.time_to_hire, "time to hire", line.route, str(line.quarter), index=n)


def heads(skill: Skill, months: int) -> list[float]:
    """Staff of a skill in each month before operations are taken off."""
    if not 0.0 <= skill.operations.low <= skill.operations.high <= 1.0 or skill.operations.mean >= 1.0:
        raise ValueError(f"the part of {skill.key} that operations eat must lie between 0 and 1, and leave something")
    if skill.attrition < 0.0 or any(part < 0.0 for part in skill.supply):
        raise ValueError(f"supply and attrition of {skill.key} must not be negative")
    supply = (list(skill.supply) or [0.0])[:months]
    supply += [supply[-1]] * (months - len(supply))
    return [part / (1.0 - skill.operations.mean) for part in supply]


def contractors(programme: Programme, plan: Plan, number: dict[str, int], months: int) -> tuple[Floats, Floats]:
    """Person-months bought (skills, months) and their cost (months,), each quarter's spread evenly over its months."""
    bought, fees = np.zeros((len(number), months)), np.zeros(months)
    total: dict[tuple[str, int], float] = {}
    for line in plan.bought:
        total[line.skill, line.quarter] = total.get((line.skill, line.quarter), 0.0) + line.months
    for skill, quarter in sorted(total):
        window = slice(3 * quarter, 3 * quarter + 3)
        bought[number[skill], window] += total[skill, quarter] / 3.0
        fees[window] += price(programme, skill, total[skill, quarter]) / 3.0
    return bought, fees


def price(programme: Programme, skill: str, months: float) -> float:
    """What a quarter's person-months of a skill cost: cheapest offers first; beyond all limits the dearest."""
    offers = sorted((offer.cost, offer.limit) for offer in programme.contractors if offer.skill == skill)
    total = 0.0
    for cost, limit in offers:
        part = min(months, limit)
        total += part * cost
        months -= part
    return total + months * offers[-1][0]


@njit(cache=True)
def ramped(age, ramp):
    """Months of full work done by someone this many months after the first day, with a linear ramp."""
    if age <= 0.0:
        return 0.0
    return age * age / (2.0 * ramp) if age < ramp else age - ramp / 2.0


@njit(cache=True)
def departure(key, trial, index, hazard):
    """Months until a head leaves: exponential."""
    return math.inf if hazard <= 0.0 else -math.log(uniform(key, trial, index)) / hazard


@njit(cache=True)
def still_there(hazard, begin, end):
    """Mean chance over a span of months that someone who leaves at this hazard has not left yet."""
    span = hazard * (end - begin)
    return math.exp(-hazard * begin) * (-math.expm1(-span) / span if span > 1e-12 else 1.0)


@njit(cache=True)
def staff(people, pert, trial, t, expected, supply):
    """Fill supply (skills, months) with staff who have not left, less operations, and contractors.

    expected: departures at their mean instead of drawn.
    """
    months = supply.shape[1]
    for s in range(supply.shape[0]):
        supply[s, :] = people.heads[s]
        if people.hazard[s] > 0.0 and not expected:
            for head in range(math.ceil(people.heads[s].max())):
                left = departure(people.leaving[s], trial, head, people.hazard[s])
                for month in range(int(min(left, float(months))), months):
                    share = min(max(people.heads[s, month] - head, 0.0), 1.0)
                    supply[s, month] -= share * min(1.0, month + 1.0 - left)
        for month in range(months):
            stay = still_there(people.hazard[s], float(month), month + 1.0) if expected else 1.0
            kept = max(0.0, supply[s, month]) * stay * (1.0 - pert[people.operations[s], t])
            supply[s, month] = kept + people.bought[s, month]


@njit(cache=True)
def newcomers(people, pert, trial, t, expected, supply, spent):
    """Add the hires to supply (skills, months), and all that is spent on people to spent (months,)."""
    months = supply.shape[1]
    spent += people.fees
    for h in range(len(people.decided)):
        if people.decided[h] >= months:
            continue
        spent[int(people.decided[h])] += people.cost[h]
        s, first = people.hire_skill[h], people.decided[h] + pert[people.arrival[h], t]
        stay = math.inf
        if not expected:
            stay = departure(people.tenure[h], trial, people.hire_number[h], people.hazard[s])
        for month in range(int(min(first, float(months))), months):
            begin, end = min(max(0.0, month - first), stay), min(month + 1.0 - first, stay)
            if end <= begin:
                break
            share = still_there(people.hazard[s], begin, end) if expected else 1.0
            supply[s, month] += share * (ramped(end, people.ramp[h]) - ramped(begin, people.ramp[h]))
            spent[month] += share * (end - begin) * people.salary[h]
