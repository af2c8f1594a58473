"""Puts an initiative, and what it waits for, beside a plan as it stands: what it would gain and what it lacks."""

from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.portfolio.board import State, copy_state, empty, in_order, put
from quarterdeck.engines.portfolio.mandates import unit_price
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import Resource
from quarterdeck.engines.portfolio.solve import Ground


@dataclass(frozen=True)
class Beside:
    """An option put beside the plan as it stands: what it would gain and what it lacks, by resource and key."""

    option: int
    gain: float
    lacks: tuple[tuple[Resource, str, int, float], ...]  # resource, key, quarter of the largest lack, amount

    @property
    def amount(self) -> float:
        """All amounts together, whatever their units."""
        return sum(amount for _, _, _, amount in self.lacks)

    def money(self, options: Options) -> float | None:
        """Price of all that it lacks; None where something is not sold."""
        prices = [unit_price(options.programme, resource, key) for resource, key, _, _ in self.lacks]
        if any(price is None for price in prices):
            return None
        return sum((p or 0.0) * amount for p, (_, _, _, amount) in zip(prices, self.lacks, strict=True))


@dataclass(frozen=True)
class Brought:
    """A plan with what an initiative waits for put beside it.

    state: None where it cannot come in however much there were. waits: what it waits for, of that what is not in the
    plan. late: months by which what it waits for ends too late, where that is what keeps it out.
    """

    state: State | None
    waits: tuple[int, ...]
    late: float = 0.0


def beside(base: Ground, state: State, option: int, plan: State) -> Beside:
    """Put an option beside a state; gain and lacks are against the plan."""
    options = base.options
    trial = empty(base.board)
    copy_state(state, trial)
    put(base.board, trial, option)
    excess = trial.use - base.board.most
    over = np.flatnonzero(excess > 1e-9 * (1.0 + np.abs(base.board.most)))
    lacks: dict[tuple[Resource, str], tuple[int, float]] = {}
    for row in over:
        limit = options.rows[row]
        at = (limit.resource, limit.key)
        quarter, most = lacks.get(at, (limit.quarter, 0.0))
        carried = limit.resource is Resource.CAPITAL and options.programme.carry_over
        # A budget that carries over lacks its largest excess once; any other resource lacks in each of its quarters.
        total = max(most, float(excess[row])) if carried else most + float(excess[row])
        lacks[at] = (quarter, total)
    gain = float(trial.total[0] - plan.total[0])
    return Beside(option, gain, tuple((r, key, quarter, amount) for (r, key), (quarter, amount) in lacks.items()))


def ready(base: Ground, state: State, item: int) -> list[int]:
    """The options of an initiative whose predecessors are chosen and finished in time."""
    own = range(int(base.options.first[item]), int(base.options.first[item + 1]))
    return [option for option in own if in_order(base.board, state, option)]


def bring(base: Ground, plan: State, item: int) -> Brought:
    """Put everything that an initiative waits for, and that is not in the plan, beside it: each in the start that lacks
    least of those that end in time."""
    waits = _missing(base, plan, item)
    ends = _latest(base, (*waits, item))
    state = empty(base.board)
    copy_state(plan, state)
    for before in waits:
        group = base.options.group[before]
        able = ready(base, state, before)
        if not able or (group >= 0 and state.taken[group] > 0):
            return Brought(None, waits, _late(base, state, before))
        in_time = [option for option in able if base.board.after[option] <= ends[before]]
        if not in_time:
            return Brought(None, waits, float(min(base.board.after[option] for option in able) - ends[before]))
        tried = [beside(base, state, option, plan) for option in in_time]
        put(base.board, state, min(tried, key=lambda one: (one.amount, -one.gain, one.option)).option)
    if not ready(base, state, item):
        return Brought(None, waits, _late(base, state, item))
    return Brought(state, waits)


def _latest(base: Ground, chain: tuple[int, ...]) -> dict[int, float]:
    """By when each of a chain of initiatives, each after what it waits for, has to end for the last one to start."""
    board = base.board
    ends: dict[int, float] = {}
    for item in reversed(chain):
        own = range(int(base.options.first[item]), int(base.options.first[item + 1]))
        begins = [float(board.begin[option]) for option in own if board.after[option] <= ends.get(item, np.inf)]
        for before, lag in zip(*base.options.waits.of(item), strict=True):
            latest = max(begins, default=-np.inf) - float(lag)
            ends[int(before)] = min(ends.get(int(before), np.inf), latest)
    return ends


def _missing(base: Ground, plan: State, item: int) -> tuple[int, ...]:
    """What an initiative waits for, directly or not, and that is not in the plan: each after what it waits for."""
    found: dict[int, None] = {}

    def visit(one: int) -> None:
        for before in map(int, base.options.waits.of(one)[0]):
            if plan.chosen[before] < 0 and before not in found:
                visit(before)
                found[before] = None

    visit(item)
    return tuple(found)


def _late(base: Ground, state: State, item: int) -> float:
    """Months by which what an initiative waits for ends too late, at least; 0 where something is not there at all."""
    board, (waits, lags) = base.board, base.options.waits.of(item)
    chosen = [int(state.chosen[before]) for before in waits]
    own = range(int(base.options.first[item]), int(base.options.first[item + 1]))
    if not own or not chosen or min(chosen) < 0:
        return 0.0
    ends = max(float(board.after[option] + lag) for option, lag in zip(chosen, lags, strict=True))
    return ends - max(float(board.begin[option]) for option in own)
