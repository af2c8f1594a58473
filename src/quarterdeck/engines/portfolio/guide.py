"""From the relaxation's prices to what the search goes by."""

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.model import Model, row_scale
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.search import Guide
from quarterdeck.engines.portfolio.solver import Relaxed

LEAST = 0.4  # options that bring less than this part of the price of what they take are not tried


def limit_prices(options: Options, model: Model, relaxed: Relaxed) -> Floats:
    """Money a unit of each limit, at least 0."""
    first = model.limit_row
    scales = np.array([row_scale(model.options, row) for row in range(len(options.rows))])
    prices = relaxed.prices[first : first + len(options.rows)] * options.scale / np.maximum(scales, 1e-300)
    return np.maximum(0.0, prices)


def guide(options: Options, model: Model, relaxed: Relaxed, barred: NDArray[np.bool_] | None = None) -> Guide:
    """Merit of an option: its worth (with what it does for others, by the duals) over the price of all it takes."""
    prices = limit_prices(options, model, relaxed)
    owner = np.repeat(np.arange(options.size), np.diff(options.uses.start))
    paid = np.zeros(options.size) + np.bincount(
        owner, options.uses.amount * prices[options.uses.where], minlength=options.size
    )
    # The reduced cost of a chosen option is 0: what is left of it stands in the dual of "at most one start".
    places = relaxed.prices[model.choose_row : model.choose_row + len(options.initiatives)]
    profit = (relaxed.reduced[: options.size] + places[options.item]) * options.scale
    paid = np.maximum(paid, 1e-4 * options.scale)
    merit = 1.0 + profit / paid + 0.1 * relaxed.columns[: options.size]
    merit[~options.possible] = -np.inf
    best = np.full(len(options.initiatives), -np.inf)
    np.maximum.at(best, options.item, merit)
    closed = np.zeros(len(best), dtype=bool) if barred is None else barred
    bears = np.isin(np.arange(len(best)), options.controls.where)
    plain = (np.diff(options.gains.start) == 0) & ~bears[options.item]
    return Guide(merit, paid, plain, best, closed, LEAST)
