"""Ties broken by key: of two plans worth the same, the one with the earlier keys and quarters."""

import numpy as np
from numba import njit

from quarterdeck.engines.portfolio.board import (
    Board,
    State,
    all_within,
    copy_state,
    empty,
    in_order,
    put,
    refresh,
    take,
)

SAME = 1e-12  # relative difference of worth that is rounding


@njit(cache=True)
def _orderly(b: Board, s: State, item: int) -> bool:
    """Whether an initiative and those that wait for it are in order."""
    if s.chosen[item] >= 0 and not in_order(b, s, s.chosen[item]):
        return False
    for place in range(b.next_start[item], b.next_start[item + 1]):
        after = s.chosen[b.next_item[place]]
        if after >= 0 and not in_order(b, s, after):
            return False
    return True


@njit(cache=True)
def _exchange(b: Board, s: State, out: int, option: int) -> bool:
    """Put an option in the place of a chosen initiative if that costs nothing and breaks nothing."""
    item, old, before = b.item[option], s.chosen[out], s.total[0]
    if b.required[out] and out != item:
        return False
    take(b, s, out)
    if s.chosen[item] < 0 and (b.group[item] < 0 or s.taken[b.group[item]] == 0):
        put(b, s, option)
        well = s.total[0] >= before - SAME * (1.0 + abs(before)) and all_within(b, s)
        if well and _orderly(b, s, item) and _orderly(b, s, out):
            return True
        take(b, s, item)
    put(b, s, old)
    return False


@njit(cache=True)
def settle(b: Board, start: State) -> State:
    """Exchange chosen initiatives for unchosen ones of equal worth and earlier key, starts for equal earlier ones."""
    s = empty(b)
    copy_state(start, s)
    near = SAME * (1.0 + np.abs(b.value).max()) if b.value.size else 0.0
    moved = True
    while moved:
        moved = False
        for out in range(s.chosen.size):
            for option in range(b.item.size):
                now = s.chosen[out]
                if now < 0 or b.item[option] > out or option >= now:
                    break
                alike = abs(b.value[option] - b.value[now]) <= near
                free = b.item[option] == out or s.chosen[b.item[option]] < 0
                if alike and free and _exchange(b, s, out, option):
                    moved = True
        refresh(b, s)
    return s
