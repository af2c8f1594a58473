"""What the plan would be worth at other budgets: warm relaxations, guided search, and proof where it is small."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from quarterdeck.engines.portfolio.board import State, copy_state, empty, refresh, sound
from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.guide import guide
from quarterdeck.engines.portfolio.inputs import Settings
from quarterdeck.engines.portfolio.model import row_scale
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import Point, Resource
from quarterdeck.engines.portfolio.solve import Ground, Proof, Solved, prove, searched
from quarterdeck.engines.portfolio.solver import Solver


@dataclass(frozen=True)
class Frontier:
    """The points in the order of scale, and a plan for the given budget if one of them beats the plan at hand."""

    points: tuple[Point, ...]
    better: State | None


def scaled(options: Options, scale: float) -> Floats:
    """Limits with both budgets multiplied."""
    capacity = options.capacity.copy()
    for row, limit in enumerate(options.rows):
        if limit.resource in (Resource.CAPITAL, Resource.RUNNING):
            capacity[row] *= scale
    return capacity


def widened(base: Ground, capacity: Floats) -> Ground:
    """The same ground under other limits; prices are those of the relaxation it holds."""
    most = base.board.most + capacity - base.options.capacity
    return replace(base, board=base.board._replace(capacity=capacity, most=most))


def carried(base: Ground, state: State) -> State:
    """A plan under other limits, evaluated afresh."""
    moved = empty(base.board)
    copy_state(state, moved)
    refresh(base.board, moved)
    return moved


def frontier(
    solved: Solved, scales: tuple[float, ...], settings: Settings, progress: Callable[[float], None] | None = None
) -> Frontier:
    """Worth and bound at each budget scale; a plan that fits a smaller budget is where the next search starts."""
    options, base = solved.ground.options, solved.ground
    if not any(row.resource in (Resource.CAPITAL, Resource.RUNNING) for row in options.rows):
        return Frontier((), None)
    solver = Solver(base.model, whole=False)
    best: State | None = None
    given: State | None = None
    points: list[Point] = []
    for index, scale in enumerate(sorted(set(scales))):
        there = _under(base, solver, scaled(options, scale))
        if there is not None:
            best = searched(there, _best(there, best, solved.state), settings.frontier_rounds)
            proof = prove(there, best, there.relaxed.objective * options.scale, settings)
            best, given = proof.found, (proof.found if scale <= 1.0 else given)
            points.append(_point(scale, proof, solved))
        else:
            points.append(Point(scale, None, None, 0))
        if progress is not None:
            progress((index + 1) / len(scales))
    if given is not None:
        given = carried(base, given)
    beats = given is not None and given.total[0] > solved.total + 1e-9 * options.scale and sound(base.board, given)
    return Frontier(tuple(points), given if beats else None)


def _under(base: Ground, solver: Solver, capacity: Floats) -> Ground | None:
    """The ground under other limits, its relaxation solved again; None if nothing is feasible."""
    options = base.options
    for row in range(len(options.rows)):
        solver.limit(base.model.limit_row + row, float(capacity[row]) / row_scale(options, row))
    limited = replace(options, capacity=capacity)
    for option in range(options.size):
        solver.bound(option, 0.0, float(limited.possible[option]))
    relaxed = solver.relax()
    if relaxed is None:
        return None
    there = replace(widened(base, capacity), options=limited)
    return replace(there, relaxed=relaxed, guide=guide(limited, base.model, relaxed))


def _point(scale: float, proof: Proof, solved: Solved) -> Point:
    best = proof.found
    bound = min(proof.bound, solved.bound) if scale <= 1.0 else proof.bound
    if best is None:
        return Point(scale, None, None if proof.infeasible else bound, 0)
    return Point(scale, float(best.total[0]), bound, int((best.chosen >= 0).sum()))


def _best(there: Ground, *plans: State | None) -> State | None:
    """The best of some plans under these limits."""
    best: State | None = None
    for plan in plans:
        if plan is not None:
            moved = carried(there, plan)
            if sound(there.board, moved) and (best is None or moved.total[0] > best.total[0]):
                best = moved
    return best
