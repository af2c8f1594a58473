"""For every initiative that is not in the plan: why, and the cheapest change found that lets it in."""

from dataclasses import dataclass, replace

import numpy as np

from quarterdeck.engines.portfolio.beside import Beside, beside, bring, ready
from quarterdeck.engines.portfolio.board import State
from quarterdeck.engines.portfolio.force import forced
from quarterdeck.engines.portfolio.inputs import Settings
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import ChangeKind, LeftOut, Method, Resource, Why
from quarterdeck.engines.portfolio.solve import Ground, Solved, searched
from quarterdeck.engines.programme import Pin

KINDS = {
    Resource.SKILL: ChangeKind.SKILL,
    Resource.CAPITAL: ChangeKind.CAPITAL,
    Resource.RUNNING: ChangeKind.RUNNING,
    Resource.AT_ONCE: ChangeKind.AT_ONCE,
    Resource.APPETITE: ChangeKind.WORTH,
}


@dataclass(frozen=True)
class Outside:
    """All that is left out, and a better plan if solving again came across one."""

    entries: tuple[LeftOut, ...]
    better: State | None


def left_out(solved: Solved, settings: Settings) -> Outside:
    """Every initiative that is not in the plan, by key."""
    if solved.state is None:
        return Outside((), None)
    options, base, state = solved.ground.options, solved.ground, solved.state
    outside = [item for item in range(len(options.initiatives)) if state.chosen[item] < 0]
    likely = sorted(outside, key=lambda item: (-base.guide.best[item], item))[: settings.left_out]
    better: State | None = None
    entries = []
    for item in outside:
        ruled = _ruled(options, item)
        if ruled is not None:
            entries.append(ruled)
            continue
        price, method = _reduced_cost(base, item), Method.REDUCED_COST
        if item in likely:
            held = _forced(base, state, item, settings.left_out_rounds)
            if held is not None:
                price, method = max(0.0, solved.total - float(held.total[0])), Method.RE_SOLVED
                if held.total[0] > max(solved.total, better.total[0] if better is not None else -np.inf):
                    better = held
        entries.append(_entry(base, state, item, price, method))
    ahead = better is not None and better.total[0] > solved.total + 1e-9 * options.scale
    return Outside(tuple(entries), better if ahead else None)


def _ruled(options: Options, item: int) -> LeftOut | None:
    """What a pin or the calendar decides."""
    one = options.initiatives[item]
    if one.pin is Pin.OUT:
        return LeftOut(one.key, Why.PINNED_OUT, ChangeKind.PIN, "", None, 1.0, None, Method.RULE)
    if options.first[item] < options.first[item + 1]:
        return None
    earliest = max(0, one.earliest if one.started is None else one.started)
    last = 3 * earliest + options.courses[item].months - 1
    limit = 3 * options.periods - 1 if one.mandate is None else one.mandate
    late = max(last - limit, 3 * (earliest - min(options.plan_quarters - 1, one.latest or earliest)), 1)
    return LeftOut(one.key, Why.WINDOW, ChangeKind.TIME, "", None, float(late), None, Method.RULE)


def _reduced_cost(base: Ground, item: int) -> float:
    """Money by which the relaxation would have to value its best start more."""
    own = slice(int(base.options.first[item]), int(base.options.first[item + 1]))
    reduced = np.where(base.options.possible[own], base.relaxed.reduced[own], -np.inf)
    best = float(reduced.max())
    return max(0.0, -best * base.options.scale) if np.isfinite(best) else 0.0


def _forced(base: Ground, state: State, item: int, rounds: int) -> State | None:
    """The best plan found that holds an initiative."""
    required = base.board.required.copy()
    required[item] = True
    there = replace(base, board=base.board._replace(required=required))
    start = forced(there.board, state, base.guide, item, np.array([88172645463325252 + item], dtype=np.uint64))
    return searched(there, start, rounds, 1 + item)


def _entry(base: Ground, state: State, item: int, price: float, method: Method) -> LeftOut:
    options, key = base.options, base.options.initiatives[item].key
    told = price if method is Method.RE_SOLVED or price > 0 else None  # a reduced cost of 0 does not tell
    group = options.group[item]
    if group >= 0 and state.taken[group] > 0:
        rivals = [other for other in np.flatnonzero(options.group == group) if state.chosen[other] >= 0]
        what = options.initiatives[rivals[0]].key
        return LeftOut(key, Why.EXCLUDED, ChangeKind.GROUP, what, None, price, told, method)
    able = ready(base, state, item)
    if able:
        return _found(options, key, [beside(base, state, option, state) for option in able], price, method)
    there = bring(base, state, item)
    waits = tuple(options.initiatives[before].key for before in there.waits or options.waits.of(item)[0])
    if there.late > 0:
        entry = LeftOut(key, Why.PREDECESSOR, ChangeKind.TIME, "", None, there.late, told, method)
    elif there.state is None:
        entry = LeftOut(key, Why.PREDECESSOR, ChangeKind.PREDECESSOR, waits[-1], None, price, told, method)
    else:
        besides = [beside(base, there.state, option, state) for option in ready(base, there.state, item)]
        entry = _found(options, key, besides, price, method)
        if not any(one.lacks for one in besides) and any(one.gain > 0 for one in besides):
            entry = replace(entry, change=ChangeKind.PREDECESSOR, what=waits[-1])
    return replace(entry, why=Why.PREDECESSOR, waits_for=waits)


def _found(options: Options, key: str, besides: list[Beside], price: float, method: Method) -> LeftOut:
    """Why an initiative is out that could start, by what each of its starts would gain and lack."""
    gaining = [one for one in besides if one.gain > 0]
    if gaining:
        return _lacking(options, key, gaining, price, method)
    free = max(besides, key=lambda one: (not one.lacks, one.gain))
    if not free.lacks:
        return LeftOut(key, Why.WORTH, ChangeKind.WORTH, "", None, -free.gain, -free.gain, Method.BESIDE_PLAN)
    if method is not Method.RE_SOLVED:
        price, method = -max(one.gain for one in besides), Method.BESIDE_PLAN
    return LeftOut(key, Why.WORTH, ChangeKind.WORTH, "", None, price, price, method)


def _lacking(options: Options, key: str, gaining: list[Beside], price: float, method: Method) -> LeftOut:
    """The cheaper of adding what is lacking and of making the initiative worth the place of others."""
    cheapest = min(gaining, key=lambda one: (_or_infinite(one.money(options)), len(one.lacks), one.amount, one.option))
    money = cheapest.money(options)
    # Where no plan found holds it, more worth would not help: only what is lacking does.
    helps = method is Method.RE_SOLVED or (method is Method.REDUCED_COST and price > 0)
    if not cheapest.lacks or (helps and _or_infinite(money) > price):
        return LeftOut(key, Why.RESOURCES, ChangeKind.WORTH, "", None, price, price, method)
    resource, what, quarter, amount = cheapest.lacks[0]
    if len(cheapest.lacks) > 1:
        names = ", ".join(key or resource.value for resource, key, _, _ in cheapest.lacks)
        size = cheapest.amount if money is None else money
        return LeftOut(key, Why.RESOURCES, ChangeKind.SEVERAL, names, None, size, money, Method.BESIDE_PLAN)
    return LeftOut(key, Why.RESOURCES, KINDS[resource], what, quarter, amount, money, Method.BESIDE_PLAN)


def _or_infinite(money: float | None) -> float:
    return np.inf if money is None else money
