"""The choice from beginning to end: mandates, appetite, plan and proof, frontier, prices, what is left out."""

from collections.abc import Callable
from dataclasses import replace

from quarterdeck.engines.portfolio import report
from quarterdeck.engines.portfolio.appetite import Measure, keep, limits
from quarterdeck.engines.portfolio.audit import audit
from quarterdeck.engines.portfolio.board import State, board, empty, refresh, sound
from quarterdeck.engines.portfolio.frontier import Frontier, frontier
from quarterdeck.engines.portfolio.inputs import Inputs
from quarterdeck.engines.portfolio.leftout import Outside, left_out
from quarterdeck.engines.portfolio.mandates import Fitted, fit
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.prices import binding
from quarterdeck.engines.portfolio.result import Checks, Point, Result
from quarterdeck.engines.portfolio.settle import settle
from quarterdeck.engines.portfolio.solve import Solved
from quarterdeck.engines.portfolio.tabulate import tabulate

ROUNDING = 1e-12  # a gap below it is none
AGAIN = 1  # how often a better plan met on the way may restart the last part


def choose(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """Choose the plan of most worth.

    Raises ValueError where the programme contradicts itself: a record names one that is not there, a budget is shorter
    than the plan. Mandates and pins that do not fit are moved and named in the result, never an error.
    """
    tell = progress or (lambda part: None)
    settings = inputs.settings
    fitted = fit(inputs.programme, settings.after)
    options = tabulate(fitted.programme, settings.after)
    tell(0.05)
    measure = Measure(options)
    start = _start(options, fitted)
    kept = keep(options, settings, measure, start)
    solved, notes = kept.solved, list(kept.notes)
    if solved.state is None:
        raise RuntimeError("no plan was found although what must be done fits by itself")
    tell(0.5)
    stays = _staying(inputs, solved, measure)
    least = 0.0
    if stays is not None:
        least = inputs.settings.stay * _brought(solved)
        solved = replace(solved, state=stays, bound=max(solved.bound, float(stays.total[0])))
    curve = Frontier((), None)
    if inputs.frontier:
        curve = frontier(solved, inputs.frontier, settings, lambda part: tell(0.5 + 0.3 * part))
    solved = _adopt(solved, curve.better, measure, least)
    outside = left_out(solved, settings)
    for _ in range(AGAIN):
        other = _adopt(solved, outside.better, measure, least)
        if other is solved:
            break
        solved = other
        outside = left_out(solved, settings)
    tell(0.9)
    found = _result(inputs, fitted, options, solved, kept.cuts, tuple(notes), curve, outside, measure)
    if solved.state is stays and inputs.incumbent is not None:
        found = replace(found, plan=replace(found.plan, starts=inputs.incumbent.starts))
    return found


def _start(options: Options, fitted: Fitted) -> State | None:
    """The plan of what must be done alone, as the search's fallback."""
    return _placed(options, fitted.starts, fitted.hires) if fitted.starts else None


def _placed(options: Options, starts: dict[str, int], hires: dict[tuple[str, int], int]) -> State | None:
    """A plan as arrays; None where one of its starts or hires is no option here."""
    state = empty(board(options))
    place = {initiative.key: item for item, initiative in enumerate(options.initiatives)}
    for key, quarter in starts.items():
        if key not in place:
            return None
        item = place[key]
        for option in range(int(options.first[item]), int(options.first[item + 1])):
            if options.quarter[option] == quarter:
                state.chosen[item] = option
        if state.chosen[item] < 0:
            return None
    routes = [options.programme.routes[route].key for route in options.hire_route]
    known = {
        (route, int(quarter)): index
        for index, (route, quarter) in enumerate(zip(routes, options.hire_quarter, strict=True))
    }
    if not hires.keys() <= known.keys():
        return None
    for at, heads in hires.items():
        state.heads[known[at]] = heads
    refresh(board(options), state)
    return state


def _brought(solved: Solved) -> float:
    """What the plan found is worth beyond doing nothing."""
    return max(0.0, solved.total - float(empty(solved.ground.board).total[0]))


def _staying(inputs: Inputs, solved: Solved, measure: Measure) -> State | None:
    """The incumbent, where it stays: it keeps every limit, and the plan found is hardly worth more."""
    if inputs.incumbent is None or solved.state is None:
        return None
    starts = {start.initiative: start.quarter for start in inputs.incumbent.starts}
    hires = {(hired.route, hired.quarter): hired.heads for hired in inputs.incumbent.hires}
    state = _placed(solved.ground.options, starts, hires)
    if state is None or not sound(solved.ground.board, state):
        return None
    for now, then in zip(limits(measure, solved.state), limits(measure, state), strict=True):
        if now.met and not then.met:
            return None
    return state if float(state.total[0]) >= solved.total - inputs.settings.stay * _brought(solved) else None


def _adopt(solved: Solved, better: State | None, measure: Measure, least: float) -> Solved:
    """Take a plan over that is better by more than the least, if it keeps the appetite as the plan at hand does."""
    if better is None or solved.state is None:
        return solved
    settled = settle(solved.ground.board, better)
    for now, then in zip(limits(measure, solved.state), limits(measure, settled), strict=True):
        if now.met and not then.met:
            return solved
    total = float(settled.total[0])
    if total <= solved.total + least:
        return solved
    return replace(solved, state=settled, bound=max(solved.bound, total))


def _points(curve: Frontier, solved: Solved, total: float, chosen: int) -> tuple[Point, ...]:
    """The frontier with the plan itself on it: where the budget is larger, the plan fits as well."""
    points = []
    for point in curve.points:
        if point.scale == 1.0:
            point = replace(point, value=total, bound=max(solved.bound, total), chosen=chosen)
        elif point.scale > 1.0 and (point.value is None or point.value < total):
            point = replace(point, value=total, chosen=chosen)
        points.append(point)
    return tuple(points)


def _result(
    inputs: Inputs,
    fitted: Fitted,
    options: Options,
    solved: Solved,
    cuts: int,
    notes: tuple[str, ...],
    curve: Frontier,
    outside: Outside,
    measure: Measure,
) -> Result:
    state, base = solved.state, solved.ground
    assert state is not None  # noqa: S101 - told apart by the caller
    nothing = empty(base.board)
    plan = report.plan(base.options, base.guide, state)
    worth = report.worth(base.options, base.board, state)
    before = report.worth(base.options, base.board, nothing)
    checked = audit(fitted.programme, plan, inputs.settings.after)
    gap = (solved.bound - worth.total) / max(solved.bound - before.total, 1e-9 * options.scale)
    return Result(
        plan=plan,
        worth=worth,
        worth_before=before,
        bound=max(solved.bound, worth.total),
        bounds=solved.bounds,
        gap=float(gap) if gap > ROUNDING else 0.0,
        finishes=report.finishes(options, state),
        uses=report.uses(base.options, state),
        attainments=report.attainments(options, nothing, state),
        exposures=report.exposures(options, nothing, state),
        limits=limits(measure, state),
        binding=binding(solved, inputs.settings),
        left_out=outside.entries,
        frontier=_points(curve, solved, worth.total, len(plan.starts)),
        moved=fitted.moved,
        shortages=fitted.shortages,
        checks=Checks(
            worst_violation=checked.violation,
            recomputed=checked.total,
            proven=bool(
                solved.closed
                and solved.bound - worth.total <= float(max(1e-6 * abs(worth.total), 1e-9 * options.scale))
            ),
            nodes=solved.nodes,
            simplex_iterations=solved.iterations,
            cuts=cuts + solved.tangents,
            notes=notes,
        ),
    )
