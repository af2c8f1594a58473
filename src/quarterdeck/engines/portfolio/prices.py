"""What holds the plan back, and what one unit more of it is worth: duals, each checked by solving again."""

from dataclasses import replace

import numpy as np

from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.frontier import carried, widened
from quarterdeck.engines.portfolio.guide import limit_prices
from quarterdeck.engines.portfolio.inputs import Settings
from quarterdeck.engines.portfolio.model import row_scale
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import Binding, Resource
from quarterdeck.engines.portfolio.solve import Ground, Solved, searched
from quarterdeck.engines.portfolio.solver import Solver

HUNDREDTH = 0.01


def unit(options: Options, row: int) -> float:
    """What is tried more of: a person-month, an initiative, a hundredth of a quarter's budget."""
    limit = options.rows[row]
    if limit.resource is Resource.CAPITAL:
        budget = options.programme.capital
    elif limit.resource is Resource.RUNNING:
        budget = options.programme.running
    else:
        return 1.0
    return HUNDREDTH * budget[min(limit.quarter, len(budget) - 1)] or 1.0


def raised(options: Options, row: int) -> dict[int, float]:
    """Rows that one more unit in a row's quarter raises, and by how much: with carry-over all later ones too."""
    limit, more = options.rows[row], unit(options, row)
    carries = limit.resource is Resource.CAPITAL and options.programme.carry_over
    return dict.fromkeys(range(row, row + (options.periods - limit.quarter if carries else 1)), more)


def binding(solved: Solved, settings: Settings) -> tuple[Binding, ...]:
    """Limits with a price, dearest unit first; the first few are solved again."""
    options, base = solved.ground.options, solved.ground
    prices = limit_prices(options, base.model, base.relaxed)
    listed = [int(row) for row in np.flatnonzero(prices > 1e-9) if options.rows[row].resource is not Resource.APPETITE]
    worth = {row: sum(more * prices[r] for r, more in raised(options, row).items()) for row in listed}
    listed.sort(key=lambda row: (-worth[row], row))
    solver = Solver(base.model, whole=False) if settings.prices else None
    if solver is not None:
        solver.relax()
    found = []
    for place, row in enumerate(listed):
        limit, more = options.rows[row], unit(options, int(row))
        gains: tuple[float | None, float | None] = (None, None)
        if solver is not None and place < settings.prices:
            gains = _again(solved, base, solver, raised(options, row), settings)
        found.append(Binding(limit.resource, limit.key, limit.quarter, more, float(worth[row] / more), *gains))
    return tuple(found)


def _again(
    solved: Solved, base: Ground, solver: Solver, more: dict[int, float], settings: Settings
) -> tuple[float | None, float | None]:
    """Gain of the relaxation and of the plan when some rows are raised."""
    options = base.options
    capacity: Floats = options.capacity.copy()
    for row, amount in more.items():
        capacity[row] += amount
        solver.limit(base.model.limit_row + row, float(capacity[row]) / row_scale(options, row))
    relaxed = solver.relax()
    for row in more:
        solver.limit(base.model.limit_row + row, float(options.capacity[row]) / row_scale(options, row))
    gained = None if relaxed is None else (relaxed.objective - base.relaxed.objective) * options.scale
    if solved.state is None:
        return gained, None
    there = widened(replace(base), capacity)
    start = carried(there, solved.state)
    other = searched(there, start, settings.check_rounds)
    return gained, max(0.0, float(other.total[0]) - solved.total) if other is not None else None
