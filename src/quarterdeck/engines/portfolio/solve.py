"""One choice over one table of options: relaxation, guided search, branch and bound, tangents until they hold."""

from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.portfolio.anneal import construct, improve
from quarterdeck.engines.portfolio.board import Board, State, board, empty, refresh, sound
from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.guide import guide, limit_prices
from quarterdeck.engines.portfolio.inputs import Settings
from quarterdeck.engines.portfolio.model import Model, add_tangent, build, row_scale
from quarterdeck.engines.portfolio.options import Ints, Options
from quarterdeck.engines.portfolio.result import Bounds
from quarterdeck.engines.portfolio.search import Guide
from quarterdeck.engines.portfolio.settle import settle
from quarterdeck.engines.portfolio.solver import Branched, Relaxed, Solver

PHASES = (
    (0.5, 0.3),
    (0.25, 0.1),
    (0.25, 0.1),
)  # share of the rounds, first temperature in parts of a start's mean worth
COOL = 0.1  # first temperature of a search from a known plan
CLOSE = 1e-9  # in the model's scale: differences below are rounding


@dataclass(frozen=True)
class Ground:
    """What every further question about the same options starts from."""

    options: Options
    model: Model
    relaxed: Relaxed
    guide: Guide
    board: Board


@dataclass(frozen=True)
class Solved:
    """A plan as arrays, with its proof; money as in the objective."""

    ground: Ground
    state: State | None  # None: no plan found that keeps every limit
    bound: float
    bounds: Bounds
    closed: bool
    infeasible: bool  # proven: no plan keeps every limit
    nodes: int
    iterations: int
    tangents: int

    @property
    def total(self) -> float:
        return float(self.state.total[0]) if self.state is not None else -np.inf


def ground(options: Options, model: Model | None = None, relaxed: Relaxed | None = None) -> Ground | None:
    """Build the model and solve its relaxation; None if even that has no solution."""
    model = build(options) if model is None else model
    relaxed = Solver(model, whole=False).relax() if relaxed is None else relaxed
    if relaxed is None:
        return None
    return Ground(
        options, model, relaxed, guide(options, model, relaxed), board(options, limit_prices(options, model, relaxed))
    )


def searched(base: Ground, start: State | None, rounds: int, number: int = 1) -> State | None:
    """Search from a plan, or from one built by merit; None if no sound plan is found."""
    if start is not None:
        return _sound(base, improve(base.board, start, base.guide, rounds, COOL * _heat(base), number))
    hires = base.relaxed.columns[base.model.first_hire : base.model.first_offer]
    seed = np.array([2463534242 + number], dtype=np.uint64)
    state = construct(base.board, base.guide, np.floor(hires + 0.5).astype(np.int64), seed)
    for phase, (share, heat) in enumerate(PHASES):
        turns = max(1, int(share * rounds))
        state = improve(base.board, state, base.guide, turns, heat * _heat(base), len(PHASES) * number + phase)
    return _sound(base, state)


def _sound(base: Ground, state: State) -> State | None:
    return state if sound(base.board, state) else None


def _heat(base: Ground) -> float:
    """Mean worth of what the relaxation chooses."""
    chosen = base.relaxed.columns[: base.options.size]
    return float(chosen @ np.abs(base.options.value)) / max(1.0, float(chosen.sum()))


def solve(options: Options, settings: Settings, start: State | None = None) -> Solved:
    """Choose from the options. The bound holds for them all; `start` is a plan to begin from, if there is one."""
    base = ground(options)
    curved = bool(base and base.model.curves)
    if base is None:
        return _hopeless(options)
    found = searched(base, None, settings.search_rounds)
    if start is not None and (found is None or start.total[0] > found.total[0]):
        found = searched(base, start, settings.search_rounds) or found
    bound = base.relaxed.objective * options.scale
    bounds = Bounds.TANGENT_RELAXATION if curved else Bounds.RELAXATION
    proof = prove(base, found, bound, settings)
    if proof.tried:
        bounds = Bounds.TANGENTS if curved else Bounds.EXACT
    settled = settle(base.board, proof.found) if proof.found is not None else None
    closed = not base.model.cost or proof.closed
    hopeless = proof.infeasible and proof.found is None
    return Solved(
        base, settled, proof.bound, bounds, closed, hopeless, proof.nodes, proof.iterations, base.model.tangents
    )


@dataclass(frozen=True)
class Proof:
    """What branch and bound made of a plan: the best one known now, and the bound on all."""

    found: State | None
    bound: float
    tried: bool = False  # false: more starts are open than it is worth
    closed: bool = False
    infeasible: bool = False
    nodes: int = 0
    iterations: int = 0


def prove(base: Ground, found: State | None, bound: float, settings: Settings) -> Proof:
    """Branch and bound over what can still be in a better plan, with tangents until they hold."""
    provable = settings.proof_effort > 0 and base.model.cost and _open(base, found, bound).size <= settings.proof_starts
    branched: Branched | None = None
    nodes = iterations = 0
    for _ in range(settings.cut_rounds if provable else 0):
        branched = _branch(base, found, settings, bound)
        nodes, iterations = nodes + branched.nodes, iterations + branched.iterations
        found = _better(base, found, branched.columns)
        if not _tighten(base, found, branched):
            break
    if branched is None:
        return Proof(found, bound)
    total = float(found.total[0]) if found is not None else -np.inf
    proven = branched.bound * base.options.scale if np.isfinite(branched.bound) else bound
    return Proof(found, max(total, min(bound, proven)), True, branched.closed, branched.infeasible, nodes, iterations)


def _hopeless(options: Options) -> Solved:
    model = Model(options)
    nothing = Relaxed(-np.inf, np.zeros(0), np.zeros(0), np.zeros(0), 0)
    stand_in = Guide(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0), np.zeros(0, dtype=bool), 0.0)
    base = Ground(options, model, nothing, stand_in, board(options))
    return Solved(base, None, -np.inf, Bounds.EXACT, True, True, 0, 0, 0)


def _open(base: Ground, found: State | None, bound: float) -> Ints:
    """Options that can still be in a better plan (reduced-cost fixing), or are in the plan found."""
    options = base.options
    if found is None:
        return np.flatnonzero(options.possible)
    room = (bound - float(found.total[0])) / options.scale + CLOSE
    still = (base.relaxed.reduced[: options.size] >= -room) & options.possible
    still[found.chosen[found.chosen >= 0]] = True
    return np.flatnonzero(still)


def _branch(base: Ground, found: State | None, settings: Settings, bound: float) -> Branched:
    """Branch and bound over the options that are open."""
    solver = Solver(base.model, whole=True)
    for row, limit in enumerate(base.options.capacity):
        solver.limit(base.model.limit_row + row, float(limit) / row_scale(base.model.options, row))
    for column in np.setdiff1d(np.arange(base.options.size), _open(base, found, bound)):
        solver.bound(int(column), 0.0, 0.0)
    start = whole_columns(base, found) if found is not None else None
    checks = max(1, settings.proof_effort // max(1, base.model.size))
    return solver.branch(start, checks, settings.proof_nodes, settings.gap)


def whole_columns(base: Ground, state: State) -> dict[int, float]:
    """The starts and hires of a plan as columns of the model."""
    columns = dict.fromkeys(range(base.options.size), 0.0)
    columns.update({int(option): 1.0 for option in state.chosen if option >= 0})
    columns.update({base.model.first_hire + index: float(heads) for index, heads in enumerate(state.heads)})
    return columns


def plan_of(base: Ground, columns: Floats) -> State:
    """The plan that a whole solution of the model stands for, evaluated exactly."""
    state = empty(base.board)
    options = np.flatnonzero(columns[: base.options.size] > 0.5)
    state.chosen[base.options.item[options]] = options
    state.heads[:] = np.round(columns[base.model.first_hire : base.model.first_offer]).astype(np.int64)
    refresh(base.board, state)
    return state


def _better(base: Ground, found: State | None, columns: Floats | None) -> State | None:
    if columns is None:
        return found
    other = plan_of(base, columns)
    if not sound(base.board, other):
        return found
    if found is None or other.total[0] > found.total[0] + CLOSE * base.options.scale:
        return other
    return found


def _tighten(base: Ground, found: State | None, branched: Branched) -> bool:
    """Add tangents where the branched solution lies below a loss curve; whether any was needed."""
    if branched.columns is None or not branched.closed:
        return False
    added = False
    for curve in base.model.curves:
        chosen = [log for option, log in curve.exponent.items() if branched.columns[option] > 0.5]
        exponent = float(sum(chosen))
        if curve.loss * np.exp(exponent) > branched.columns[curve.column] + 1e-7:
            add_tangent(base.model, curve, exponent)
            added = True
    return added
