"""The compiled state of a plan under change: what is chosen, what it uses, what it is worth, move by move.

`Board` is what does not change (arrays of `Options` laid out for compiled code), `State` what does. Worth is money, as
in the objective. `put` and `take` are exact inverses up to rounding; `refresh` computes everything afresh.
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
    return Board(
        options.periods, skill_rows, options.first, options.item, options.begin, options.after, options.effective,
        options.value, *_triple(_dearest_first(options.uses, prices)), *_triple(options.gains), options.capacity, most,
        options.running_row.astype(np.int64), options.offer_price, options.offer_limit, factor, options.required,
        options.group, int(options.group.max(initial=-1)) + 1,
        *_triple(options.waits), next_start, next_item, options.hire_cost, options.hire_limit,
        *_triple(options.hire_uses), options.goal_start, options.goal_weight, options.scenario_loss,
        bears_start, bears_on, factors, row_start, row_option,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
def _copy(source: NDArray, target: NDArray) -> None:
    """Element by element: a slice assignment takes seconds to compile and gains nothing."""
    for place in range(source.size):
        target[place] = source[place]


@njit(cache=True, error_model="numpy")
def _fill(target: NDArray, value: float) -> None:
    for place in range(target.size):
        target[place] = value


@njit(cache=True, error_model="numpy")
def copy_state(source: State, target: State) -> None:
    _copy(source.chosen, target.chosen)
    _copy(source.heads, target.heads)
    _copy(source.use, target.use)
    _copy(source.over, target.over)
    _copy(source.goal, target.goal)
    _copy(source.taken, target.taken)
    _copy(source.total, target.total)
    for scenario in range(source.loss.shape[0]):
        _copy(source.loss[scenario], target.loss[scenario])


@njit(cache=True, error_model="numpy")
def bought_cost(price: Floats, offer: Floats, skill: int, excess: float) -> float:
    """Nominal cost of buying what a skill lacks, cheapest offer first; past the last offer nothing more is counted."""
    cost = 0.0
    for place in range(price.shape[1]):
        bought = min(excess, offer[skill, place])
        if bought <= 0.0:
            break
        cost += bought * price[skill, place]
        excess -= bought
    return cost


@njit(cache=True, error_model="numpy")
def _use(b: Board, s: State, rows: Ints, amounts: Floats, first: int, last: int, sign: float) -> float:
    """Use (or free) entries first to last of a ragged list; the change of worth that contractors make of it."""
    # Arrays are taken out of the tuples once: doing so inside the loop would count references at every step.
    use, over, capacity, price, offer = s.use, s.over, b.capacity, b.price, b.offer
    running, factor, periods, skill_rows = b.running_row, b.factor, b.periods, b.skill_rows
    worth = 0.0
    for place in range(first, last):
        row = rows[place]
        use[row] += sign * amounts[place]
        if row >= skill_rows:
            continue
        excess = use[row] - capacity[row]
        if excess <= 0.0 and over[row] == 0.0:
            continue
        cost = bought_cost(price, offer, row // periods, excess)
        change = cost - over[row]
        over[row] = cost
        quarter = row % periods
        if running[quarter] >= 0:
            use[running[quarter]] += change
        worth -= change * factor[quarter]
    return worth


@njit(cache=True, error_model="numpy")
def _gain(b: Board, s: State, option: int, sign: float) -> float:
    """Count an option's contributions; the change of worth that attainment makes of it."""
    goals, amounts, weight, reached = b.gain_goal, b.gain_amount, b.goal_weight, s.goal
    worth = 0.0
    for place in range(b.gain_start[option], b.gain_start[option + 1]):
        goal = goals[place]
        before = min(1.0, max(0.0, reached[goal]))
        reached[goal] += sign * amounts[place]
        worth += weight[goal] * (min(1.0, max(0.0, reached[goal])) - before)
    return worth


@njit(cache=True, error_model="numpy")
def _spare(b: Board, s: State, option: int, sign: float) -> float:
    """Put an option's controls in place (or away); the expected loss that this spares."""
    item, effective, periods, losses = b.item[option], b.effective[option], b.periods, s.loss
    worth = 0.0
    for place in range(b.bears_start[item], b.bears_start[item + 1]):
        scenario = b.bears_on[place]
        factor = b.bears_factor[place] if sign > 0 else 1.0 / b.bears_factor[place]
        for quarter in range(effective, periods):
            loss = losses[scenario, quarter]
            losses[scenario, quarter] = loss * factor
            worth += loss * (1.0 - factor)
    return worth


@njit(cache=True, error_model="numpy")
def _change(b: Board, s: State, option: int, sign: float) -> None:
    item = b.item[option]
    worth = sign * b.value[option]
    worth += _use(b, s, b.use_row, b.use_amount, b.use_start[option], b.use_start[option + 1], sign)
    worth += _gain(b, s, option, sign) + _spare(b, s, option, sign)
    s.chosen[item] = option if sign > 0 else -1
    if b.group[item] >= 0:
        s.taken[b.group[item]] += 1 if sign > 0 else -1
    s.total[0] += worth


@njit(cache=True, error_model="numpy")
def put(b: Board, s: State, option: int) -> None:
    """Choose an option of an initiative that is not chosen, whether or not it fits."""
    _change(b, s, option, 1.0)


@njit(cache=True, error_model="numpy")
def take(b: Board, s: State, item: int) -> None:
    """Take a chosen initiative out, leaving those that wait for it."""
    _change(b, s, s.chosen[item], -1.0)


@njit(cache=True, error_model="numpy")
def hire(b: Board, s: State, index: int, heads: int) -> None:
    """Change the number of hires by a route in a quarter."""
    worth = _use(b, s, b.hire_row, b.hire_amount, b.hire_start[index], b.hire_start[index + 1], float(heads))
    s.heads[index] += heads
    s.total[0] += worth - heads * b.hire_cost[index]


@njit(cache=True, error_model="numpy")
def room(b: Board, s: State, row: int) -> bool:
    """Whether a row is within its limit."""
    return s.use[row] <= b.most[row] + EPS * (1.0 + abs(b.most[row]))


@njit(cache=True, error_model="numpy")
def all_within(b: Board, s: State) -> bool:
    """Whether every row is within its limit."""
    use, most = s.use, b.most
    over = 0
    for row in range(use.size):
        over += use[row] > most[row] + EPS * (1.0 + abs(most[row]))
    return over == 0


@njit(cache=True, error_model="numpy")
def in_order(b: Board, s: State, option: int) -> bool:
    """Whether all that an option waits for is chosen and finished in time."""
    item = b.item[option]
    first, end = b.wait_start[item], b.wait_start[item + 1]
    if first == end:
        return True
    chosen, waits, lags, after, begin = s.chosen, b.wait_item, b.wait_lag, b.after, b.begin[option]
    for place in range(first, end):
        before = chosen[waits[place]]
        if before < 0 or after[before] + lags[place] > begin:
            return False
    return True


@njit(cache=True, error_model="numpy")
def refresh(b: Board, s: State) -> None:
    """Everything afresh from what is chosen and hired, without the rounding that moves pile up."""
    chosen, heads = s.chosen.copy(), s.heads.copy()
    _fill(s.chosen, -1)
    _fill(s.heads, 0)
    _fill(s.use, 0.0)
    _fill(s.over, 0.0)
    _fill(s.taken, 0)
    s.total[0] = 0.0
    _copy(b.goal_start, s.goal)
    for goal in range(b.goal_start.size):
        s.total[0] += b.goal_weight[goal] * min(1.0, max(0.0, s.goal[goal]))
    for scenario in range(b.loss.shape[0]):
        for quarter in range(b.loss.shape[1]):
            s.loss[scenario, quarter] = b.loss[scenario, quarter]
            s.total[0] -= b.loss[scenario, quarter]
    for index in range(heads.size):
        if heads[index] > 0:
            hire(b, s, index, heads[index])
    for item in range(chosen.size):
        if chosen[item] >= 0:
            put(b, s, chosen[item])


@njit(cache=True, error_model="numpy")
def sound(b: Board, s: State) -> bool:
    """Whether a plan keeps every limit, order, group and requirement."""
    for item in range(s.chosen.size):
        option = s.chosen[item]
        if (option < 0 and b.required[item]) or (option >= 0 and not in_order(b, s, option)):
            return False
    for group in range(s.taken.size):
        if s.taken[group] > 1:
            return False
    return all_within(b, s)
