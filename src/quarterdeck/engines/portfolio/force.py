"""Forcing one start into a plan: what it waits for comes in too, what stands in its way goes out, least merit first."""

import numpy as np
from numba import njit

from quarterdeck.engines.portfolio.board import Board, State, copy_state, empty, put, room, take
from quarterdeck.engines.portfolio.options import Ints
from quarterdeck.engines.portfolio.search import Guide, Seed, recreate, take_deep


@njit(cache=True, error_model="numpy")
def _take_rivals(b: Board, s: State, item: int) -> None:
    """Take out whatever holds the place of an initiative's group."""
    if b.group[item] < 0 or s.taken[b.group[item]] == 0:
        return
    for other in range(s.chosen.size):
        if b.group[other] == b.group[item] and other != item:
            take_deep(b, s, other)


@njit(cache=True, error_model="numpy")
def _in_time(b: Board, g: Guide, item: int, latest: float) -> int:
    """The best option of an initiative that has finished by a month; -1 if none has."""
    best = -1
    for option in range(b.first[item], b.first[item + 1]):
        if b.after[option] <= latest and (best < 0 or g.merit[option] > g.merit[best]):
            best = option
    return best


@njit(cache=True, error_model="numpy")
def put_forced(b: Board, s: State, g: Guide, held: Ints, wanted: int) -> bool:
    """Put an option in with the predecessors it needs; False where the calendar does not allow one of them."""
    stack = np.empty(s.chosen.size + 1, dtype=np.int64)
    stack[0], left = wanted, 1
    held[b.item[wanted]] = 1
    while left > 0:
        left -= 1
        option = stack[left]
        item = b.item[option]
        _take_rivals(b, s, item)
        if s.chosen[item] >= 0:
            take(b, s, item)
        put(b, s, option)
        for place in range(b.wait_start[item], b.wait_start[item + 1]):
            before, latest = b.wait_item[place], b.begin[option] - b.wait_lag[place]
            timely = s.chosen[before] >= 0 and b.after[s.chosen[before]] <= latest
            if not timely:
                other = _in_time(b, g, before, latest)
                if other < 0 or g.barred[before] or held[before] == 1:
                    return False
                stack[left] = other
                left += 1
            held[before] = 1
    return True


@njit(cache=True, error_model="numpy")
def make_room(b: Board, s: State, g: Guide, held: Ints) -> bool:
    """Take out the least of what overfills each row; False where only what is held or required is left."""
    for row in range(b.capacity.size):
        while not room(b, s, row):
            worst = -1
            for place in range(b.row_start[row], b.row_start[row + 1]):
                option = b.row_option[place]
                item = b.item[option]
                free = s.chosen[item] == option and held[item] == 0 and not b.required[item]
                if free and (worst < 0 or g.merit[option] < g.merit[s.chosen[worst]]):
                    worst = item
            if worst < 0:
                return False
            take_deep(b, s, worst)
    return True


@njit(cache=True, error_model="numpy")
def forced(b: Board, start: State, g: Guide, item: int, seed: Seed) -> State:
    """The best plan that holds an initiative at one of its starts, the rest by merit; the given one if none does."""
    best, trial = empty(b), empty(b)
    copy_state(start, best)
    found = False
    blocker = np.full(b.item.size, -1, dtype=np.int64)
    for option in range(b.first[item], b.first[item + 1]):
        copy_state(start, trial)
        held = np.zeros(start.chosen.size, dtype=np.int64)
        if not put_forced(b, trial, g, held, option) or not make_room(b, trial, g, held):
            continue
        if trial.chosen[item] != option:
            continue
        for place in range(blocker.size):
            blocker[place] = -1
        recreate(b, trial, g, blocker, 0.0, seed)
        if not found or trial.total[0] > best.total[0]:
            copy_state(trial, best)
            found = True
    return best
