"""The moves of the search in compiled code: take some initiatives out, put others in by the relaxation's prices."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.portfolio.board import (
    EPS,
    Board,
    State,
    hire,
    in_order,
    put,
    room,
    take,
)
from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.options import Ints

Seed = NDArray[np.uint64]
BLINK = 0.03  # part of the initiatives that a round passes over
DEPTH = 6  # predecessors that may be put in together with an initiative


class Guide(NamedTuple):
    """What the relaxation says: how good each option is for what it takes, and each initiative at its best."""

    merit: Floats  # option → worth over the price of what it takes; 1 is break-even
    paid: Floats  # option → that price
    plain: NDArray[np.bool_]  # options whose worth does not depend on what else is chosen
    best: Floats  # initiative → its best option's merit
    barred: NDArray[np.bool_]  # initiatives that must stay out
    least: float  # options of less merit are not tried


@njit(cache=True, error_model="numpy")
def draw(seed: Seed) -> float:
    """Uniform between 0 and 1 (xorshift64*)."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, error_model="numpy")
def _roomy(b: Board, s: State, blocker: Ints, option: int) -> bool:
    """Whether every row has room for an option; the row that had none is looked at first the next time."""
    rows, amounts, use, most = b.use_row, b.use_amount, s.use, b.most
    place = blocker[option]
    if place >= 0:
        row = rows[place]
        if use[row] + amounts[place] > most[row] + EPS * (1.0 + abs(most[row])):
            return False
    for place in range(b.use_start[option], b.use_start[option + 1]):
        row = rows[place]
        if use[row] + amounts[place] > most[row] + EPS * (1.0 + abs(most[row])):
            blocker[option] = place
            return False
    return True


@njit(cache=True, error_model="numpy")
def _payable(b: Board, s: State, option: int) -> bool:
    """Whether the running budget still bears the contractors that a chosen option needs."""
    rows, over, running, use, most = b.use_row, s.over, b.running_row, s.use, b.most
    for place in range(b.use_start[option], b.use_start[option + 1]):
        row = rows[place]
        if row < b.skill_rows and over[row] > 0.0:
            paid = running[row % b.periods]
            if paid >= 0 and use[paid] > most[paid] + EPS * (1.0 + abs(most[paid])):
                return False
    return True


@njit(cache=True, error_model="numpy")
def _merit(b: Board, s: State, g: Guide, option: int) -> float:
    """Merit of an option beside what is chosen now: goals and losses make it differ from the relaxation's."""
    if g.plain[option]:
        return g.merit[option]
    item, effective, losses, reached, weight = b.item[option], b.effective[option], s.loss, s.goal, b.goal_weight
    goals, amounts = b.gain_goal, b.gain_amount
    gained = b.value[option]
    for place in range(b.gain_start[option], b.gain_start[option + 1]):
        now = reached[goals[place]]
        gained += weight[goals[place]] * (min(1.0, max(0.0, now + amounts[place])) - min(1.0, max(0.0, now)))
    for place in range(b.bears_start[item], b.bears_start[item + 1]):
        scenario, spared = b.bears_on[place], 1.0 - b.bears_factor[place]
        for quarter in range(effective, losses.shape[1]):
            gained += losses[scenario, quarter] * spared
    return gained / g.paid[option]


@njit(cache=True, error_model="numpy")
def _put_best(b: Board, s: State, g: Guide, blocker: Ints, item: int, noise: float, seed: Seed, free: bool) -> bool:
    """Put an initiative in at the start of best (noisy) merit that fits; `free` lets it lose money."""
    if b.group[item] >= 0 and s.taken[b.group[item]] > 0:
        return False
    first, end = b.first[item], b.first[item + 1]
    keys = np.empty(end - first)
    merit, plain, required = g.merit, g.plain, b.required[item]
    left = 0
    for option in range(first, end):
        keys[option - first] = np.inf
        worth_trying = merit[option] > g.least or required or not plain[option]
        if worth_trying and _roomy(b, s, blocker, option) and in_order(b, s, option):
            keys[option - first] = -_merit(b, s, g, option) * (1.0 + noise * (draw(seed) - 0.5))
            left += 1
    before = s.total[0]
    for _ in range(left):
        option = first + np.argmin(keys)
        keys[option - first] = np.inf
        put(b, s, option)
        if _payable(b, s, option) and (free or s.total[0] > before or b.required[item]):
            return True
        take(b, s, item)
    return False


@njit(cache=True, error_model="numpy")
def _put_chain(b: Board, s: State, g: Guide, blocker: Ints, item: int, noise: float, seed: Seed) -> bool:
    """Put an initiative in together with the predecessors it still lacks, if the whole gains."""
    chain = np.empty(DEPTH, dtype=np.int64)
    length, at = 0, item
    while at >= 0 and length < DEPTH:
        if g.barred[at]:
            return False
        chain[length] = at
        length += 1
        missing = -1
        for place in range(b.wait_start[at], b.wait_start[at + 1]):
            if s.chosen[b.wait_item[place]] < 0:
                missing = b.wait_item[place]
        at = missing
    if at >= 0:
        return False
    if length == 1:
        return _put_best(b, s, g, blocker, item, noise, seed, False)
    before = s.total[0]
    done = 0
    for place in range(length - 1, -1, -1):
        if s.chosen[chain[place]] >= 0 or not _put_best(b, s, g, blocker, chain[place], noise, seed, True):
            break
        done += 1
    if done == length and s.total[0] > before:
        return True
    for place in range(length - done, length):
        take(b, s, chain[place])
    return False


@njit(cache=True, error_model="numpy")
def take_deep(b: Board, s: State, item: int) -> int:
    """Take an initiative out with everything that waits for it; how many that were."""
    if s.chosen[item] < 0:
        return 0
    stack = np.empty(s.chosen.size, dtype=np.int64)
    stack[0], left, count = item, 1, 0
    take(b, s, item)
    while left > 0:
        left -= 1
        count += 1
        at = stack[left]
        for place in range(b.next_start[at], b.next_start[at + 1]):
            after = b.next_item[place]
            if s.chosen[after] >= 0:
                take(b, s, after)
                stack[left] = after
                left += 1
    return count


@njit(cache=True, error_model="numpy")
def _pick_chosen(s: State, seed: Seed) -> int:
    chosen = s.chosen
    size = chosen.size
    at = int(draw(seed) * size)
    for step in range(size):
        item = (at + step) % size
        if chosen[item] >= 0:
            return item
    return -1


@njit(cache=True, error_model="numpy")
def _pick_in_row(b: Board, s: State, row: int, seed: Seed) -> int:
    chosen, owner, options = s.chosen, b.item, b.row_option
    start, size = b.row_start[row], b.row_start[row + 1] - b.row_start[row]
    at = int(draw(seed) * size)
    for step in range(size):
        option = options[start + (at + step) % size]
        if chosen[owner[option]] == option:
            return owner[option]
    return -1


@njit(cache=True, error_model="numpy")
def ruin(b: Board, s: State, most: int, seed: Seed) -> None:
    """Take some initiatives out: those that share a scarce row with one of them, or any."""
    many = 1 + int(draw(seed) * most)
    related = draw(seed) < 0.8
    taken = 0
    item = _pick_chosen(s, seed)
    while item >= 0 and taken < many:
        option = s.chosen[item]
        start, size = b.use_start[option], b.use_start[option + 1] - b.use_start[option]
        row = b.use_row[start + int(draw(seed) ** 2 * size)] if size > 0 else -1
        taken += take_deep(b, s, item)
        item = _pick_in_row(b, s, row, seed) if related and row >= 0 else _pick_chosen(s, seed)
        if item < 0:
            item = _pick_chosen(s, seed)


@njit(cache=True, error_model="numpy")
def rehire(b: Board, s: State, seed: Seed) -> None:
    """Hire one more, one less, or move one by a quarter; make room where that breaks a limit."""
    index = int(draw(seed) * s.heads.size)
    if s.heads[index] > 0 and draw(seed) < 0.6:
        hire(b, s, index, -1)
        if draw(seed) < 0.4:
            index = min(s.heads.size - 1, max(0, index + (1 if draw(seed) < 0.5 else -1)))
            if s.heads[index] < b.hire_limit[index]:
                hire(b, s, index, 1)
    elif s.heads[index] < b.hire_limit[index]:
        hire(b, s, index, 1)
    for row in range(b.capacity.size):
        while not room(b, s, row):
            item = _pick_in_row(b, s, row, seed)
            if item < 0:
                break
            take_deep(b, s, item)


@njit(cache=True, error_model="numpy")
def _listed(b: Board, s: State, g: Guide, blocker: Ints, listed: Ints, merits: Floats) -> int:
    """List the initiatives that some start within the limits would let in, and their best merit."""
    chosen, barred, first, plain, merit, most = s.chosen, g.barred, b.first, g.plain, g.merit, g.best
    count = 0
    for item in range(chosen.size):
        if chosen[item] >= 0 or barred[item]:
            continue
        best = -np.inf
        for option in range(first[item], first[item + 1]):
            if (merit[option] > g.least or not plain[option]) and _roomy(b, s, blocker, option):
                # One start tells enough to rank by; all of them are weighed when it is the initiative's turn.
                best = most[item] if plain[option] else _merit(b, s, g, option)
                break
        if best > 0.0:
            listed[count], merits[count] = item, best
            count += 1
    return count


@njit(cache=True, error_model="numpy")
def recreate(b: Board, s: State, g: Guide, blocker: Ints, noise: float, seed: Seed) -> None:
    """Put initiatives in: the required first, then by noisy merit."""
    for item in range(s.chosen.size):
        if b.required[item] and s.chosen[item] < 0:
            _put_required(b, s, g, blocker, item, noise, seed)
    listed, merits = np.empty(s.chosen.size, dtype=np.int64), np.empty(s.chosen.size)
    count = _listed(b, s, g, blocker, listed, merits)
    for place in range(count):
        merits[place] *= -(1.0 + noise * (draw(seed) - 0.5))
    for place in np.argsort(merits[:count]):
        item = listed[place]
        if s.chosen[item] < 0 and draw(seed) > BLINK:
            _put_chain(b, s, g, blocker, item, noise, seed)


@njit(cache=True, error_model="numpy")
def _put_required(b: Board, s: State, g: Guide, blocker: Ints, item: int, noise: float, seed: Seed) -> None:
    """Put a required initiative in, the predecessors it lacks before it, whether or not they pay."""
    for _ in range(s.chosen.size):
        at, missing = item, item
        for _ in range(s.chosen.size):
            if missing < 0:
                break
            at, missing = missing, -1
            for place in range(b.wait_start[at], b.wait_start[at + 1]):
                if s.chosen[b.wait_item[place]] < 0:
                    missing = b.wait_item[place]
        if missing >= 0 or not _put_best(b, s, g, blocker, at, noise, seed, True) or at == item:
            return
