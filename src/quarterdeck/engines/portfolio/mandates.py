"""What must be done but does not fit: which mandates and pins to move, how little, and what keeping them would take."""

from dataclasses import dataclass, replace

import numpy as np

from quarterdeck.engines.portfolio.model import Model, build, row_scale
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import Moved, Resource, Shortage
from quarterdeck.engines.portfolio.solver import Solver
from quarterdeck.engines.portfolio.tabulate import tabulate
from quarterdeck.engines.programme import Initiative, Pin, Programme

MISSED = 10_000.0  # weight of an initiative that cannot be done at all, beside MOVED and one a month late
MOVED = 10.0
CHECKS = 1_000_000
NODES = 20_000
UNPRICED = 10.0  # weight of what nobody sells, in parts of the largest single worth


@dataclass(frozen=True)
class Fitted:
    """A programme whose mandates and pins fit, and a plan for just those."""

    programme: Programme
    moved: tuple[Moved, ...]
    shortages: tuple[Shortage, ...]
    starts: dict[str, int]  # initiative → quarter
    hires: dict[tuple[str, int], int]  # route and quarter → heads


def fit(programme: Programme, after: int) -> Fitted:
    """Move mandates and drop pins, as few and as little as possible, until all that is left fits together."""
    needed = _closure(programme)
    if not needed:
        return Fitted(programme, (), (), {}, {})
    options = tabulate(_only(programme, needed, lifted=True), after)
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    columns, model = _least_moves(options, by_key)
    starts, months = {}, {}
    for option in np.flatnonzero(columns[: options.size] > 0.5):
        key = options.initiatives[options.item[option]].key
        starts[key], months[key] = int(options.quarter[option]), int(options.after[option]) - 1
    moves = {
        key: months.get(key)
        for key, one in by_key.items()
        if _must(one) and (key not in months or (one.mandate is not None and months[key] > one.mandate))
    }
    fitted = _moved(programme, moves)
    heads = columns[model.first_hire : model.first_offer].round().astype(int)
    hires = {
        (programme.routes[options.hire_route[index]].key, int(options.hire_quarter[index])): int(count)
        for index, count in enumerate(heads)
        if count
    }
    shortages = _shortages(programme, needed, after) if moves else ()
    moved = tuple(
        Moved(key, by_key[key].mandate, month, _keeping_cost(programme, moves, key, after))
        for key, month in sorted(moves.items())
    )
    return Fitted(fitted, moved, shortages or (), starts, hires)


def _must(initiative: Initiative) -> bool:
    return initiative.mandate is not None or initiative.pin is Pin.IN


def _closure(programme: Programme) -> set[str]:
    """What must be done, and all that it waits for."""
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    stack = [initiative.key for initiative in programme.initiatives if _must(initiative)]
    found: set[str] = set()
    while stack:
        key = stack.pop()
        if key in by_key and key not in found:
            found.add(key)
            stack += [part.initiative for part in by_key[key].predecessors]
    return found


def _only(programme: Programme, keys: set[str], lifted: bool) -> Programme:
    """The programme with just these initiatives, without goals and scenarios; `lifted` frees mandates and pins in."""
    kept = []
    for one in programme.initiatives:
        if one.key in keys:
            bare = replace(
                one,
                contributions=(),
                controls=(),
                predecessors=tuple(p for p in one.predecessors if p.initiative in keys),
            )
            free = Pin.OUT if one.pin is Pin.OUT else Pin.FREE
            kept.append(replace(bare, mandate=None, pin=free) if lifted else bare)
    return replace(programme, initiatives=tuple(kept), key_results=(), scenarios=(), appetite=())


def _moved(programme: Programme, moves: dict[str, int | None]) -> Programme:
    """The programme with mandates moved to the months given, or dropped with their pins."""
    changed = []
    for one in programme.initiatives:
        if one.key in moves and moves[one.key] is not None:
            one = replace(one, mandate=moves[one.key])
        elif one.key in moves:
            one = replace(one, mandate=None, pin=Pin.OUT if one.pin is Pin.OUT else Pin.FREE)
        changed.append(one)
    return replace(programme, initiatives=tuple(changed))


def _least_moves(options: Options, by_key: dict[str, Initiative]) -> tuple[np.ndarray, Model]:
    """Fewest missed, then fewest moved and fewest months late."""
    model = build(options)
    for column in range(options.size):
        mandate = by_key[options.initiatives[options.item[column]].key].mandate
        late = 0 if mandate is None else int(options.after[column]) - 1 - mandate
        model.cost[column] = MOVED + late if late > 0 else 0.0
    for column in range(model.first_hire, len(model.cost)):
        model.cost[column] = 1e-6
    for item, initiative in enumerate(options.initiatives):
        if _must(by_key[initiative.key]):
            row = model.choose_row + item
            missed = model.column(MISSED, 0.0, 1.0)
            at, where, amount = model.entries[row]
            model.entries[row] = (at, np.append(where, missed), np.append(amount, 1.0))
            model.row_lower[row] = 1.0
    found = Solver(model, whole=True).branch(None, CHECKS, NODES, 0.0)
    if found.columns is None:
        raise RuntimeError("the relaxed mandates have no solution, though missing all of them is one")
    return found.columns, model


def unit_price(programme: Programme, resource: Resource, skill: str) -> float | None:
    """Money for one unit more: the cheapest contractor's, else a hire's month with its cost spread over a year."""
    if resource in (Resource.CAPITAL, Resource.RUNNING):
        return 1.0
    if resource is not Resource.SKILL:
        return None
    prices = [offer.cost for offer in programme.contractors if offer.skill == skill and offer.limit > 0]
    prices = prices or [one.salary + one.cost / 12 for one in programme.routes if one.skill == skill and one.limit > 0]
    return min(prices, default=None)


def _shortages(programme: Programme, needed: set[str], after: int) -> tuple[Shortage, ...] | None:
    """The cheapest additions with which every mandate and pin fits as given; None if no addition helps."""
    options = tabulate(_only(programme, needed, lifted=False), after)
    for item in np.flatnonzero(options.required):
        if options.first[item] == options.first[item + 1]:
            options.required[item] = False  # time alone rules it out, whatever is added
    model = build(options)
    model.upper[: options.size] = [1.0] * options.size
    model.cost[: options.size] = [0.0] * options.size
    extra: dict[int, int] = {}
    for row, limit in enumerate(options.rows):
        price = unit_price(programme, limit.resource, limit.key)
        weight = UNPRICED if price is None else price / options.scale
        extra[row] = model.column(weight, 0.0, np.inf)
        carried = limit.resource is Resource.CAPITAL and programme.carry_over
        for later in range(row, row + (options.periods - limit.quarter if carried else 1)):
            at, where, amount = model.entries[model.limit_row + later]
            more = -1.0 / row_scale(options, later)
            model.entries[model.limit_row + later] = (at, np.append(where, extra[row]), np.append(amount, more))
    found = Solver(model, whole=True).branch(None, CHECKS, NODES, 0.0)
    if found.columns is None:
        return None
    shortages = []
    for row, column in extra.items():
        lacking = float(found.columns[column])
        if lacking > 1e-6:
            limit = options.rows[row]
            price = unit_price(programme, limit.resource, limit.key)
            money = None if price is None else lacking * price
            shortages.append(Shortage(limit.resource, limit.key, limit.quarter, lacking, money))
    return tuple(shortages)


def _keeping_cost(programme: Programme, moves: dict[str, int | None], key: str, after: int) -> float | None:
    """Money that would keep this one as it is while the others move; None where money alone does not."""
    others = _moved(programme, {other: month for other, month in moves.items() if other != key})
    options = tabulate(_only(others, {key}, lifted=False), after)
    if options.size == 0:
        return None
    found = _shortages(others, _closure(others), after)
    if found is None or any(one.money is None for one in found):
        return None
    return sum(one.money or 0.0 for one in found)
