"""The plan recomputed month by month from the programme, by another way than the optimiser's tables."""

from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.portfolio.course import (
    Course,
    Floats,
    annual_loss,
    course,
    discounts,
    expected,
    joining,
    own_supply,
)
from quarterdeck.engines.programme import Plan, Programme


@dataclass(frozen=True)
class Audit:
    """Worth and the largest relative excess over any limit."""

    total: float
    violation: float


@dataclass(frozen=True)
class Going:
    """A chosen initiative on the calendar."""

    begin: int
    run: Course

    @property
    def after(self) -> int:
        return self.begin + self.run.months


def audit(programme: Programme, plan: Plan, after: int) -> Audit:
    """Recompute worth and limits of a plan; `after` quarters follow the plan in the account."""
    months = 3 * (programme.quarters + after)
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    going = {
        start.initiative: Going(max(0, 3 * start.quarter), course(programme, by_key[start.initiative]))
        for start in plan.starts
    }
    money = _hire_money(programme, plan, months)
    factors = discounts(programme, months + 1)
    worth = sum(one.run.present * factors[one.begin] for one in going.values())
    worth += _goals(programme, going) - _losses(programme, going, months // 3) - float(money @ factors[:months])
    bought = np.zeros(months // 3)
    prices = {skill: sorted((o.cost, o.limit) for o in programme.contractors if o.skill == skill)
              for skill in {o.skill for o in programme.contractors}}  # fmt: skip
    excess = [0.0]
    for line in plan.bought:
        left = line.months
        for cost, limit in prices[line.skill]:
            bought[line.quarter] += min(left, limit) * cost
            left -= min(left, limit)
        excess.append(left / (1 + line.months))
    worth -= float(bought @ factors[:months:3])
    excess += _skills(programme, plan, going, months)
    excess += _money(programme, going, money, bought, months)
    excess += _rules(programme, going, months)
    return Audit(float(worth), max(excess))


def _hire_money(programme: Programme, plan: Plan, months: int) -> Floats:
    routes = {route.key: route for route in programme.routes}
    money = np.zeros(months)
    for line in plan.hires:
        money += line.heads * joining(programme, routes[line.route], line.quarter, months).spend
    return money


def _goals(programme: Programme, going: dict[str, Going]) -> float:
    benefit = expected(programme.benefit_bias)
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    total = 0.0
    for result in programme.key_results:
        way = result.target - result.today
        reached = result.drift * result.due
        for key, one in going.items():
            for part in by_key[key].contributions:
                if part.key_result == result.key and one.after - 1 <= result.due:
                    reached += part.amount.mean * benefit
        total += result.weight * (min(1.0, max(0.0, reached / way)) if way else 1.0)
    return total


def _losses(programme: Programme, going: dict[str, Going], quarters: int) -> float:
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    total = 0.0
    for scenario in programme.scenarios:
        for quarter in range(quarters):
            loss = annual_loss(scenario) / 4 * (1 + programme.discount) ** (-quarter / 4)
            for key, one in going.items():
                for control in by_key[key].controls if one.after <= 3 * quarter else ():
                    loss *= control.frequency * control.magnitude if control.scenario == scenario.key else 1.0
            total += loss
    return total


def _skills(programme: Programme, plan: Plan, going: dict[str, Going], months: int) -> list[float]:
    routes = {route.key: route for route in programme.routes}
    excess = []
    for skill in sorted({name for one in going.values() for name in one.run.effort}):
        need, have = np.zeros(months), own_supply(programme, skill, months)
        for one in going.values():
            work = one.run.effort.get(skill, np.zeros(0))[: months - one.begin]
            need[one.begin : one.begin + work.size] += work
        for line in plan.hires:
            if routes[line.route].skill == skill:
                have = have + line.heads * joining(programme, routes[line.route], line.quarter, months).work
        for quarter in range(months // 3):
            part = slice(3 * quarter, 3 * quarter + 3)
            extra = sum(line.months for line in plan.bought if line.skill == skill and line.quarter == quarter)
            limit = float(have[part].sum()) + extra
            excess.append((float(need[part].sum()) - limit) / (1 + limit))
    return excess


def _money(programme: Programme, going: dict[str, Going], hired: Floats, bought: Floats, months: int) -> list[float]:
    capital, running = np.zeros(months), hired.copy()
    for one in going.values():
        spend = one.run.capital[: months - one.begin]
        capital[one.begin : one.begin + spend.size] += spend
        running[one.after : one.after + one.run.running_months] += one.run.running
    excess, spent, given = [], 0.0, 0.0
    for quarter in range(months // 3):
        part = slice(3 * quarter, 3 * quarter + 3)
        if programme.capital:
            keep = 1.0 if programme.carry_over else 0.0
            spent = keep * spent + float(capital[part].sum())
            given = keep * given + programme.capital[min(quarter, len(programme.capital) - 1)]
            excess.append((spent - given) / (1 + given))
        if programme.running:
            limit = programme.running[min(quarter, len(programme.running) - 1)]
            excess.append((float(running[part].sum()) + bought[quarter] - limit) / (1 + limit))
    return excess


def _rules(programme: Programme, going: dict[str, Going], months: int) -> list[float]:
    """1 for every broken order, group, window, mandate or number at once."""
    broken = [0.0]
    taken: dict[str, int] = {}
    for one in programme.initiatives:
        if one.key not in going:
            continue
        mine = going[one.key]
        if one.started is None:
            late = one.latest is not None and mine.begin > 3 * one.latest
            broken.append(float(late or mine.begin < 3 * one.earliest))
            for part in one.predecessors:
                before = going.get(part.initiative)
                broken.append(float(before is None or before.after + part.lag > mine.begin))
        broken.append(float(one.mandate is not None and mine.after - 1 > one.mandate))
        if one.excludes:
            taken[one.excludes] = taken.get(one.excludes, 0) + 1
    broken.append(float(max(taken.values(), default=0) > 1))
    if programme.most_at_once is not None:
        for quarter in range(months // 3):
            work = sum(one.begin < 3 * quarter + 3 and one.after > 3 * quarter for one in going.values())
            broken.append(float(work > programme.most_at_once))
    return broken
