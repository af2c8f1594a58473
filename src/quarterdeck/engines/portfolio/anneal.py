"""The search for the plan: ruin, push and recreate under simulated annealing, in compiled code.

Source: Schrimpf, Schneider, Stamm-Wilbrandt, Dueck (2000), "Record breaking optimization results using the ruin and
recreate principle", Journal of Computational Physics 159; Kirkpatrick, Gelatt, Vecchi (1983), Science 220.
"""

import numpy as np
from numba import njit

from quarterdeck.engines.portfolio.board import Board, State, all_within, copy_state, empty, hire, refresh, sound
from quarterdeck.engines.portfolio.force import make_room, put_forced
from quarterdeck.engines.portfolio.options import Ints
from quarterdeck.engines.portfolio.search import Guide, Seed, draw, recreate, rehire, ruin

PUSH = 0.4  # part of the rounds that force one initiative in rather than take some out


@njit(cache=True, error_model="numpy")
def _push(b: Board, s: State, g: Guide, held: Ints, seed: Seed) -> bool:
    """Force a start of an initiative that is not chosen into the plan; what it displaces goes out."""
    size = s.chosen.size
    for place in range(size):
        held[place] = 0
    at = int(draw(seed) * size)
    for step in range(size):
        item = (at + step) % size
        count = b.first[item + 1] - b.first[item]
        if s.chosen[item] < 0 and count > 0 and not g.barred[item] and g.best[item] > g.least:
            option = b.first[item] + int(draw(seed) * count)
            return put_forced(b, s, g, held, option) and make_room(b, s, g, held)
    return False


@njit(cache=True, error_model="numpy")
def construct(b: Board, g: Guide, heads: Ints, seed: Seed) -> State:
    """A first plan by merit, with given hires as far as they can be paid."""
    s = empty(b)
    for index in range(heads.size):
        for _ in range(heads[index]):
            hire(b, s, index, 1)
            if not all_within(b, s):
                hire(b, s, index, -1)
                break
    recreate(b, s, g, np.full(b.item.size, -1, dtype=np.int64), 0.0, seed)
    return s


@njit(cache=True, error_model="numpy")
def improve(b: Board, start: State, g: Guide, rounds: int, heat: float, number: int) -> State:
    """The best sound plan found in so many rounds, the start itself if it is sound and nothing beats it.

    `heat` is the money by which a plan may get worse at first; it cools to a hundredth.
    """
    seed = np.array([np.uint64(88172645463325252) + np.uint64(number) * np.uint64(7919)], dtype=np.uint64)
    now, best, kept = empty(b), empty(b), empty(b)
    copy_state(start, now)
    refresh(b, now)
    copy_state(now, best)
    known = sound(b, best)
    blocker, held = np.full(b.item.size, -1, dtype=np.int64), np.zeros(b.first.size, dtype=np.int64)
    size = max(2, min(12, int(0.1 * (now.chosen >= 0).sum()) + 2))
    for turn in range(rounds):
        copy_state(now, kept)
        if draw(seed) >= PUSH or not _push(b, now, g, held, seed):
            copy_state(kept, now)
            if now.heads.size > 0 and draw(seed) < 0.15:
                rehire(b, now, seed)
            ruin(b, now, size, seed)
        recreate(b, now, g, blocker, 0.4 * draw(seed) ** 2, seed)
        warmth = heat * 0.01 ** (turn / rounds)
        well = _required_in(b, now) and all_within(b, now)
        if well and (not known or now.total[0] > best.total[0] + 1e-9 * abs(best.total[0])):
            copy_state(now, best)
            known = True
        if known and (not well or now.total[0] < kept.total[0] + warmth * np.log(draw(seed) + 1e-300)):
            copy_state(kept, now)
        if turn % 1000 == 999:
            refresh(b, now)
    refresh(b, best)
    return best


@njit(cache=True, error_model="numpy")
def _required_in(b: Board, s: State) -> bool:
    missing = 0
    for item in range(s.chosen.size):
        missing += b.required[item] and s.chosen[item] < 0
    return missing == 0
