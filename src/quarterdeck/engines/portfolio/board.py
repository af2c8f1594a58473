"""The compiled state of a plan under change: what is chosen, what it uses, what it is worth, kept up to date move by move.

`Board` is what does not change (arrays of `Options` laid out for compiled code), `State` what does. Every worth is money
as in the objective. `put` and `take` are exact inverses up to rounding; `refresh` computes everything afresh.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.options import Ints, Options, Ragged

EPS = 1e-9  # relative room that rounding may take in a limit


class Board(NamedTuple):
    """What does not change; ragged lists are (start, where, amount) triples."""

    periods: int
    skill_rows: int
    first: Ints
    item: Ints
    begin: Ints
    after: Ints
    effective: Ints
    value: Floats
    use_start: Ints
    use_row: Ints
    use_amount: Floats
    gain_start: Ints
    gain_goal: Ints
    gain_amount: Floats
    capacity: Floats
    most: Floats  # capacity and all that contractors offer
    running_row: Ints
    price: Floats  # [skill, place]
    offer: Floats  # [skill, place]; zero past the plan is handled by `most`
    factor: Floats  # discount of each quarter's start
    required: NDArray[np.bool_]
    group: Ints
    groups: int
    wait_start: Ints
    wait_item: Ints
    wait_lag: Floats
    next_start: Ints
    next_item: Ints  # initiatives that wait for this one
    hire_cost: Floats
    hire_limit: Ints
    hire_start: Ints
    hire_row: Ints
    hire_amount: Floats
    goal_start: Floats
    goal_weight: Floats
    loss: Floats  # [scenario, quarter]: with nothing chosen
    bears_start: Ints
    bears_on: Ints  # initiative → scenarios
    bears_factor: Floats  # what it multiplies their expected loss by
    row_start: Ints
    row_option: Ints  # row → options that use it


class State(NamedTuple):
    """What changes."""

    chosen: Ints  # initiative → option, -1 if not chosen
    heads: Ints
    use: Floats  # of each row; hires taken off, contractors' cost in the running rows
    over: Floats  # contractors' nominal cost of each skill row
    goal: Floats  # attainment before it is cut to 0 and 1
    loss: Floats  # [scenario, quarter]: expected loss with the controls in place
    taken: Ints  # group → how many of it are chosen
    total: Floats  # [1]: worth


def _turned(start: Ints, where: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """From lists of where to lists of whose, and the order of the entries that makes them so."""
    owner = np.repeat(np.arange(start.size - 1), np.diff(start))
    order = np.argsort(where, kind="stable")
    counts = np.bincount(where, minlength=size)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), owner[order].astype(np.int64), order


def _triple(lists: Ragged) -> tuple[Ints, Ints, Floats]:
    return lists.start, lists.where, lists.amount


def _dearest_first(uses: Ragged, prices: Floats | None) -> Ragged:
    """What is scarce is looked at first, since that is where an option most likely does not fit."""
    if prices is None:
        return uses
    owner = np.repeat(np.arange(uses.start.size - 1), np.diff(uses.start))
    order = np.lexsort((uses.where, -prices[uses.where] * uses.amount, owner))
    return Ragged(uses.start, uses.where[order], uses.amount[order])


def board(options: Options, prices: Floats | None = None) -> Board:
    """Lay the options out for compiled code; with prices the dearest row of each option comes first."""
    count = len(options.initiatives)
    skill_rows = len(options.skills) * options.periods
    most = options.capacity.copy()
    for skill in range(len(options.skills)):
        first = skill * options.periods
        most[first : first + options.plan_quarters] += options.offer_limit[skill].sum()
    factor = (1.0 + options.programme.discount) ** (-np.arange(options.periods) / 4.0)
    bears_start, bears_on, order = _turned(options.controls.start, options.controls.where, count)
    factors = np.exp(options.controls.amount[order])
    next_start, next_item, _ = _turned(options.waits.start, options.waits.where, count)
    row_start, row_option, _ = _turned(options.uses.start, options.uses.where, len(options.rows))
    parts = (options.offer_price, options.offer_limit, factor, options.required, options.group)
    return Board(
        options.periods, skill_rows, options.first, options.item, options.begin, options.after, options.effective,
        options.value, *_triple(_dearest_first(options.uses, prices)), *_triple(options.gains), options.capacity, most,
        options.running_row.astype(np.int64), *parts, int(options.group.max(initial=-1)) + 1,
        *_triple(options.waits), next_start, next_item, options.hire_cost, options.hire_limit,
        *_triple(options.hire_uses), options.goal_start, options.goal_weight, options.scenario_loss,
        bears_start, bears_on, factors, row_start, row_option,
    )  # fmt: skip


@njit(cache=True)
def empty(b: Board) -> State:
    """Nothing chosen."""
    s = State(
        np.full(b.first.size - 1, -1, dtype=np.int64),
        np.zeros(b.hire_cost.size, dtype=np.int64),
        np.zeros(b.capacity.size),
        np.zeros(b.skill_rows),
        np.zeros(b.goal_start.size),
        np.zeros(b.loss.shape),
        np.zeros(max(1, b.groups), dtype=np.int64),
        np.zeros(1),
    )
    refresh(b, s)
    return s


@njit(cache=True)
def copy_state(source: State, target: State) -> None:
    target.chosen[:] = source.chosen
    target.heads[:] = source.heads
    target.use[:] = source.use
    target.over[:] = source.over
    target.goal[:] = source.goal
    target.loss[:] = source.loss
    target.taken[:] = source.taken
    target.total[:] = source.total


@njit(cache=True)
def bought_cost(b: Board, row: int, excess: float) -> float:
    """Nominal cost of buying what a skill row lacks, cheapest offer first; past the last offer at its price."""
    if excess <= 0.0:
        return 0.0
    skill = row // b.periods
    cost = 0.0
    for place in range(b.price.shape[1]):
        bought = min(excess, b.offer[skill, place])
        cost += bought * b.price[skill, place]
        excess -= bought
        if excess <= 0.0:
            break
    return cost


@njit(cache=True)
def _change_use(b: Board, s: State, row: int, amount: float) -> float:
    """Change what a row is used; the change of worth that contractors make of it."""
    s.use[row] += amount
    if row >= b.skill_rows:
        return 0.0
    cost = bought_cost(b, row, s.use[row] - b.capacity[row])
    change = cost - s.over[row]
    if change == 0.0:
        return 0.0
    s.over[row] = cost
    quarter = row % b.periods
    if b.running_row[quarter] >= 0:
        s.use[b.running_row[quarter]] += change
    return -change * b.factor[quarter]


@njit(cache=True)
def goal_worth(b: Board, s: State, goal: int) -> float:
    return b.goal_weight[goal] * min(1.0, max(0.0, s.goal[goal]))


@njit(cache=True)
def _change(b: Board, s: State, option: int, sign: float) -> None:
    item = b.item[option]
    worth = sign * b.value[option]
    for place in range(b.use_start[option], b.use_start[option + 1]):
        worth += _change_use(b, s, b.use_row[place], sign * b.use_amount[place])
    for place in range(b.gain_start[option], b.gain_start[option + 1]):
        goal = b.gain_goal[place]
        worth -= goal_worth(b, s, goal)
        s.goal[goal] += sign * b.gain_amount[place]
        worth += goal_worth(b, s, goal)
    s.chosen[item] = option if sign > 0 else -1
    for place in range(b.bears_start[item], b.bears_start[item + 1]):
        scenario = b.bears_on[place]
        factor = b.bears_factor[place] if sign > 0 else 1.0 / b.bears_factor[place]
        for quarter in range(b.effective[option], b.periods):
            loss = s.loss[scenario, quarter]
            s.loss[scenario, quarter] = loss * factor
            worth += loss * (1.0 - factor)
    if b.group[item] >= 0:
        s.taken[b.group[item]] += 1 if sign > 0 else -1
    s.total[0] += worth


@njit(cache=True)
def put(b: Board, s: State, option: int) -> None:
    """Choose an option of an initiative that is not chosen, whether or not it fits."""
    _change(b, s, option, 1.0)


@njit(cache=True)
def take(b: Board, s: State, item: int) -> None:
    """Take a chosen initiative out, leaving those that wait for it."""
    _change(b, s, s.chosen[item], -1.0)


@njit(cache=True)
def hire(b: Board, s: State, index: int, heads: int) -> None:
    """Change the number of hires by a route in a quarter."""
    worth = -heads * b.hire_cost[index]
    for place in range(b.hire_start[index], b.hire_start[index + 1]):
        worth += _change_use(b, s, b.hire_row[place], heads * b.hire_amount[place])
    s.heads[index] += heads
    s.total[0] += worth


@njit(cache=True)
def room(b: Board, s: State, row: int) -> bool:
    """Whether a row is within its limit."""
    return s.use[row] <= b.most[row] + EPS * (1.0 + abs(b.most[row]))


@njit(cache=True)
def all_within(b: Board, s: State) -> bool:
    """Whether every row is within its limit."""
    for row in range(b.capacity.size):
        if not room(b, s, row):
            return False
    return True


@njit(cache=True)
def in_order(b: Board, s: State, option: int) -> bool:
    """Whether all that an option waits for is chosen and finished in time."""
    item = b.item[option]
    for place in range(b.wait_start[item], b.wait_start[item + 1]):
        before = s.chosen[b.wait_item[place]]
        if before < 0 or b.after[before] + b.wait_lag[place] > b.begin[option]:
            return False
    return True


@njit(cache=True)
def refresh(b: Board, s: State) -> None:
    """Everything afresh from what is chosen and hired, without the rounding that moves pile up."""
    chosen, heads = s.chosen.copy(), s.heads.copy()
    s.chosen[:], s.heads[:], s.use[:], s.over[:], s.taken[:], s.total[:] = -1, 0, 0.0, 0.0, 0, 0.0
    s.goal[:] = b.goal_start
    for goal in range(b.goal_start.size):
        s.total[0] += goal_worth(b, s, goal)
    s.loss[:] = b.loss
    s.total[0] -= b.loss.sum()
    for index in range(heads.size):
        if heads[index] > 0:
            hire(b, s, index, heads[index])
    for item in range(chosen.size):
        if chosen[item] >= 0:
            put(b, s, chosen[item])


@njit(cache=True)
def sound(b: Board, s: State) -> bool:
    """Whether a plan keeps every limit, order, group and requirement."""
    for item in range(s.chosen.size):
        option = s.chosen[item]
        if (option < 0 and b.required[item]) or (option >= 0 and not in_order(b, s, option)):
            return False
    return s.taken.max() <= 1 and all_within(b, s)
