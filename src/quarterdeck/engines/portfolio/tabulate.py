"""Turning a programme into its table of options."""

from math import log

import numpy as np
from numpy.typing import NDArray

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
from quarterdeck.engines.portfolio.options import Ints, Options, Ragged, Row, ragged
from quarterdeck.engines.portfolio.result import Resource
from quarterdeck.engines.programme import Initiative, Pin, Programme

LEAST = 1e-15  # a control that takes a scenario away altogether leaves this part, so that its logarithm exists
Places = dict[tuple[Resource, str], int]  # row of a resource's first quarter


def _row_table(programme: Programme, skills: tuple[str, ...], periods: int) -> tuple[tuple[Row, ...], Floats]:
    """Limits in the order skills, capital, running, at once; only those that the programme sets."""
    rows: list[Row] = []
    amounts: list[Floats] = []
    for skill in skills:
        rows += [Row(Resource.SKILL, skill, quarter) for quarter in range(periods)]
        amounts.append(own_supply(programme, skill, 3 * periods).reshape(periods, 3).sum(axis=1))
    for resource, budget in ((Resource.CAPITAL, programme.capital), (Resource.RUNNING, programme.running)):
        if budget:
            given = np.array([budget[min(quarter, len(budget) - 1)] for quarter in range(periods)], dtype=float)
            carried = resource is Resource.CAPITAL and programme.carry_over
            rows += [Row(resource, "", quarter) for quarter in range(periods)]
            amounts.append(np.cumsum(given) if carried else given)
    if programme.most_at_once is not None:
        rows += [Row(Resource.AT_ONCE, "", quarter) for quarter in range(periods)]
        amounts.append(np.full(periods, float(programme.most_at_once)))
    return tuple(rows), np.concatenate(amounts) if amounts else np.zeros(0)


def _by_quarter(monthly: Floats, begin: int, periods: int) -> Floats:
    """Sum months to quarters; what lies past the account is not limited."""
    whole = np.zeros(3 * periods)
    if begin < 3 * periods:
        part = monthly[: 3 * periods - begin]
        whole[begin : begin + part.size] = part
    return whole.reshape(periods, 3).sum(axis=1)


def _entries(table: Places, resource: Resource, key: str, amounts: Floats) -> list[tuple[int, float]]:
    first = table.get((resource, key))
    if first is None:
        return []
    return [(first + quarter, float(amount)) for quarter, amount in enumerate(amounts) if amount != 0.0]


def _option_uses(programme: Programme, run: Course, begin: int, periods: int, table: Places) -> list[tuple[int, float]]:
    entries: list[tuple[int, float]] = []
    for skill in sorted(run.effort):
        entries += _entries(table, Resource.SKILL, skill, _by_quarter(run.effort[skill], begin, periods))
    capital = _by_quarter(run.capital, begin, periods)
    entries += _entries(table, Resource.CAPITAL, "", np.cumsum(capital) if programme.carry_over else capital)
    running = _by_quarter(np.full(run.running_months, run.running), begin + run.months, periods)
    entries += _entries(table, Resource.RUNNING, "", running)
    at_work = _by_quarter(np.ones(run.months), begin, periods) > 0
    return entries + _entries(table, Resource.AT_ONCE, "", at_work.astype(float))


def _starts(programme: Programme, initiative: Initiative, run: Course, periods: int) -> list[tuple[int, int]]:
    """Quarters an initiative may start in, with the month its remaining work begins in."""
    if initiative.pin is Pin.OUT:
        return []
    if initiative.started is not None:
        pairs = (
            [(initiative.started, max(0, 3 * initiative.started))] if initiative.started < programme.quarters else []
        )
    else:
        last = programme.quarters - 1 if initiative.latest is None else min(initiative.latest, programme.quarters - 1)
        pairs = [(quarter, 3 * quarter) for quarter in range(max(0, initiative.earliest), last + 1)]
        pairs = [(quarter, begin) for quarter, begin in pairs if begin + run.months <= 3 * periods]
    if initiative.mandate is not None:
        pairs = [(quarter, begin) for quarter, begin in pairs if begin + run.months - 1 <= initiative.mandate]
    return pairs


def _goals(programme: Programme) -> tuple[Floats, Floats, list[float]]:
    """Attainment with nothing chosen, weight, and the distance from today's value to the target of each key result."""
    start, distance = [], []
    for result in programme.key_results:
        way = result.target - result.today
        start.append(result.drift * result.due / way if way else 1.0)
        distance.append(way)
    return np.array(start), np.array([result.weight for result in programme.key_results]), distance


def _option_gains(
    programme: Programme, initiative: Initiative, last: int, factor: float, distance: list[float]
) -> list[tuple[int, float]]:
    place = {result.key: index for index, result in enumerate(programme.key_results)}
    gains: dict[int, float] = {}
    for part in initiative.contributions:
        index = place[part.key_result]
        if last <= programme.key_results[index].due and distance[index]:
            gains[index] = gains.get(index, 0.0) + part.amount.mean * factor / distance[index]
    return sorted(gains.items())


def _controls(programme: Programme, initiatives: tuple[Initiative, ...], has: NDArray[np.bool_]) -> Ragged:
    place = {scenario.key: index for index, scenario in enumerate(programme.scenarios)}
    lists: list[dict[int, float]] = [{} for _ in programme.scenarios]
    for item, initiative in enumerate(initiatives):
        for control in initiative.controls:
            if has[item]:
                one = lists[place[control.scenario]]
                one[item] = one.get(item, 0.0) + log(max(LEAST, control.frequency * control.magnitude))
    return ragged([sorted(one.items()) for one in lists])


def _hires(programme: Programme, periods: int, table: Places) -> tuple[list[tuple[int, int, float, int]], Ragged]:
    """Hires that can begin work within the plan."""
    heads: list[tuple[int, int, float, int]] = []
    uses: list[list[tuple[int, float]]] = []
    for index, route in enumerate(programme.routes):
        for quarter in range(programme.quarters):
            joined = joining(programme, route, quarter, 3 * periods)
            if not joined.work[: 3 * programme.quarters].any() or route.limit < 1:
                continue
            work, spend = (part.reshape(periods, 3).sum(axis=1) for part in (joined.work, joined.spend))
            heads.append((index, quarter, joined.cost, route.limit))
            uses.append(
                _entries(table, Resource.SKILL, route.skill, -work) + _entries(table, Resource.RUNNING, "", spend)
            )
    return heads, ragged(uses)


def _offers(programme: Programme, skills: tuple[str, ...]) -> tuple[Floats, Floats]:
    lists = [
        sorted((offer.cost, offer.limit) for offer in programme.contractors if offer.skill == skill) for skill in skills
    ]
    most = max((len(one) for one in lists), default=0) or 1
    price, limit = np.zeros((len(skills), most)), np.zeros((len(skills), most))
    for index, one in enumerate(lists):
        for place, (cost, months) in enumerate(one):
            price[index, place], limit[index, place] = cost, months
    return price, limit


def _refuse_unknown(programme: Programme) -> None:
    """A key that nothing has would make the plan wrong in silence."""
    known = {initiative.key for initiative in programme.initiatives}
    if len(known) != len(programme.initiatives):
        raise ValueError("two initiatives have one key")
    results = {result.key for result in programme.key_results}
    scenarios = {scenario.key for scenario in programme.scenarios}
    for initiative in programme.initiatives:
        for what, keys, among in (
            ("initiative", [part.initiative for part in initiative.predecessors], known),
            ("key result", [part.key_result for part in initiative.contributions], results),
            ("scenario", [part.scenario for part in initiative.controls], scenarios),
        ):
            for key in keys:
                if key not in among:
                    raise ValueError(f"initiative {initiative.key} names the {what} {key}, which is not there")
    for name, budget in (("capital", programme.capital), ("running", programme.running)):
        if 0 < len(budget) < programme.quarters:
            raise ValueError(f"the {name} budget has {len(budget)} quarters, the plan {programme.quarters}")


def _waits(initiatives: tuple[Initiative, ...]) -> Ragged:
    place = {initiative.key: index for index, initiative in enumerate(initiatives)}
    lists: list[dict[int, float]] = []
    for initiative in initiatives:
        one: dict[int, float] = {}
        for part in initiative.predecessors if initiative.started is None else ():
            other = place[part.initiative]
            one[other] = max(one.get(other, 0.0), float(part.lag))
        lists.append(one)
    start = np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(np.int64)
    flat = [entry for one in lists for entry in sorted(one.items())]
    return Ragged(start, np.array([e[0] for e in flat], dtype=np.int64), np.array([e[1] for e in flat], dtype=float))


def _listed(
    programme: Programme, initiatives: tuple[Initiative, ...], courses: tuple[Course, ...], periods: int
) -> Ints:
    """Item, quarter, month begun and first month after, of every option."""
    listed = [
        (item, quarter, begin, begin + run.months)
        for item, (initiative, run) in enumerate(zip(initiatives, courses, strict=True))
        for quarter, begin in _starts(programme, initiative, run, periods)
    ]
    return np.array(listed, dtype=np.int64).reshape(-1, 4)


def _required(initiatives: tuple[Initiative, ...]) -> NDArray[np.bool_]:
    return np.array([one.mandate is not None or one.pin is Pin.IN for one in initiatives], dtype=bool)


def _groups(initiatives: tuple[Initiative, ...]) -> Ints:
    names = {name: index for index, name in enumerate(sorted({one.excludes for one in initiatives if one.excludes}))}
    return np.array([names[one.excludes] if one.excludes else -1 for one in initiatives], dtype=np.int64)


def _skills(programme: Programme) -> tuple[str, ...]:
    named = {skill.key for skill in programme.skills} | {offer.skill for offer in programme.contractors}
    named |= {route.skill for route in programme.routes}
    named |= {part.skill for initiative in programme.initiatives for part in initiative.efforts}
    return tuple(sorted(named))


def tabulate(programme: Programme, after: int) -> Options:
    """Tabulate a programme with `after` quarters of account behind its plan.

    Raises ValueError where a record names one that is not there, or a budget is shorter than the plan.
    """
    _refuse_unknown(programme)
    periods = programme.quarters + after
    initiatives = tuple(sorted(programme.initiatives, key=lambda initiative: initiative.key))
    courses = tuple(course(programme, initiative) for initiative in initiatives)
    columns = _listed(programme, initiatives, courses, periods)
    item, quarter, begin, behind = (columns[:, index].copy() for index in range(4))
    skills = _skills(programme)
    rows, capacity = _row_table(programme, skills, periods)
    table = {(row.resource, row.key): index for index, row in enumerate(rows) if row.quarter == 0}
    factors = discounts(programme, 3 * periods + 1)
    value = np.array([courses[i].present for i in item], dtype=float) * factors[begin]
    goal_start, goal_weight, distance = _goals(programme)
    benefit = expected(programme.benefit_bias)
    heads, hire_uses = _hires(programme, periods, table)
    price, limit = _offers(programme, skills)
    loss = np.array([annual_loss(scenario) for scenario in programme.scenarios]).reshape(-1, 1) / 4
    counts = np.bincount(item, minlength=len(initiatives))
    running = table.get((Resource.RUNNING, ""))
    return Options(
        programme=programme,
        initiatives=initiatives,
        courses=courses,
        periods=periods,
        skills=skills,
        first=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        item=item,
        quarter=quarter,
        begin=begin,
        after=behind,
        effective=-(-behind // 3),
        value=value,
        uses=ragged(
            [_option_uses(programme, courses[i], int(b), periods, table) for i, b in zip(item, begin, strict=True)]
        ),
        gains=ragged(
            [
                _option_gains(programme, initiatives[i], int(b) - 1, benefit, distance)
                for i, b in zip(item, behind, strict=True)
            ]
        ),
        rows=rows,
        capacity=capacity,
        running_row=np.full(periods, -1) if running is None else np.arange(running, running + periods),
        required=_required(initiatives),
        group=_groups(initiatives),
        waits=_waits(initiatives),
        hire_route=np.array([head[0] for head in heads], dtype=np.int64),
        hire_quarter=np.array([head[1] for head in heads], dtype=np.int64),
        hire_cost=np.array([head[2] for head in heads], dtype=float),
        hire_limit=np.array([head[3] for head in heads], dtype=np.int64),
        hire_uses=hire_uses,
        offer_price=price,
        offer_limit=limit,
        goal_start=goal_start,
        goal_weight=goal_weight,
        scenario_loss=loss * factors[: 3 * periods : 3],
        controls=_controls(programme, initiatives, counts > 0),
        scale=max(
            float(np.abs(value).max(initial=0.0)),
            float(goal_weight.max(initial=0.0)),
            float(loss.max(initial=0.0)),
            1e-9,
        ),
    )
