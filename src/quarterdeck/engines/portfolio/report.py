"""From the plan as arrays to the plan in the programme's own terms."""

import numpy as np

from quarterdeck.engines.portfolio.board import Board, State
from quarterdeck.engines.portfolio.guide import Guide
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import Attainment, Exposure, Finish, Resource, Use, Worth
from quarterdeck.engines.programme import Bought, Hires, Plan, Start


def plan(options: Options, guide: Guide, state: State) -> Plan:
    """Starts in the order of priority: what must be done, what runs, then by merit; predecessors first."""
    chosen = [item for item in range(len(options.initiatives)) if state.chosen[item] >= 0]

    def rank(item: int) -> tuple[bool, bool, float, int]:
        merit = float(guide.merit[state.chosen[item]]) if guide.merit.size else 0.0
        return not options.required[item], options.initiatives[item].started is None, -merit, item

    placed: list[int] = []
    for item in sorted(chosen, key=rank):
        _place(options, item, placed, set(chosen))
    starts = tuple(Start(options.initiatives[i].key, int(options.quarter[state.chosen[i]])) for i in placed)
    hires = tuple(
        Hires(options.programme.routes[options.hire_route[index]].key, int(options.hire_quarter[index]), int(heads))
        for index, heads in enumerate(state.heads)
        if heads > 0
    )
    return Plan(starts, hires, _bought(options, state))


def _place(options: Options, item: int, placed: list[int], chosen: set[int]) -> None:
    if item in placed:
        return
    waits, _ = options.waits.of(item)
    for before in waits:
        if int(before) in chosen:
            _place(options, int(before), placed, chosen)
    placed.append(item)


def _bought(options: Options, state: State) -> tuple[Bought, ...]:
    lines = []
    for index, skill in enumerate(options.skills):
        for quarter in range(options.plan_quarters):
            row = index * options.periods + quarter
            months = float(state.use[row] - options.capacity[row])
            if months > 1e-9:
                lines.append(Bought(skill, quarter, months))
    return tuple(lines)


def worth(options: Options, board: Board, state: State) -> Worth:
    """The parts of the objective."""
    chosen = state.chosen[state.chosen >= 0]
    value = float(options.value[chosen].sum())
    goals = float(options.goal_weight @ np.clip(state.goal, 0.0, 1.0)) if state.goal.size else 0.0
    hiring = float(state.heads @ options.hire_cost) if state.heads.size else 0.0
    quarters = np.arange(state.over.size) % max(1, options.periods)
    contractors = float(state.over @ board.factor[quarters]) if state.over.size else 0.0
    loss = float(state.loss.sum())
    return Worth(value + goals - loss - hiring - contractors, value, goals, loss, hiring, contractors)


def finishes(options: Options, state: State) -> tuple[Finish, ...]:
    """Start and finish of every chosen initiative, by key."""
    return tuple(
        Finish(one.key, int(options.quarter[option]), int(options.after[option]) - 1)
        for one, option in zip(options.initiatives, state.chosen, strict=True)
        if option >= 0
    )


def attainments(options: Options, before: State, after: State) -> tuple[Attainment, ...]:
    return tuple(
        Attainment(result.key, float(np.clip(before.goal[k], 0, 1)), float(np.clip(after.goal[k], 0, 1)))
        for k, result in enumerate(options.programme.key_results)
    )


def exposures(options: Options, before: State, after: State) -> tuple[Exposure, ...]:
    return tuple(
        Exposure(scenario.key, float(before.loss[k].sum()), float(after.loss[k].sum()))
        for k, scenario in enumerate(options.programme.scenarios)
    )


def uses(options: Options, state: State) -> tuple[Use, ...]:
    """Every limited resource in every quarter of the account."""
    hired = np.zeros(len(options.rows))
    heads = np.repeat(state.heads, np.diff(options.hire_uses.start))
    np.add.at(hired, options.hire_uses.where, -options.hire_uses.amount * heads)
    found = []
    for row, limit in enumerate(options.rows):
        supply, used = float(options.capacity[row]), float(state.use[row])
        if limit.resource is Resource.SKILL:
            bought = max(0.0, used - supply) if limit.quarter < options.plan_quarters else 0.0
            own = float(hired[row])
            found.append(Use(limit.resource, limit.key, limit.quarter, supply, own, bought, used + own))
        elif limit.resource is Resource.CAPITAL and options.programme.carry_over and limit.quarter:
            spent = float(state.use[row - 1])
            found.append(Use(limit.resource, limit.key, limit.quarter, supply - spent, 0.0, 0.0, used - spent))
        elif limit.resource is not Resource.APPETITE:
            found.append(Use(limit.resource, limit.key, limit.quarter, supply, 0.0, 0.0, used))
    return tuple(found)
