"""Cash month by month: capital as work goes on, benefits and running spend from the finish, hires and contractors.

Benefits ramp up linearly and, like running spend, last `benefit_months` from the finish. Amounts are discounted from
the start of their month, (1 + discount) ** (-month / 12). What an initiative finished within the window
brings and costs after the window counts in the net present value, not in the cash of quarters; one that is cut brings
nothing.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats
from quarterdeck.engines.outlook.columns import Columns
from quarterdeck.engines.outlook.people import ramped
from quarterdeck.engines.programme import Initiative


class Money(NamedTuple):
    """PERT columns and terms of each initiative, in the sorting of `Work` (n of them)."""

    capital: NDArray[np.int64]
    running: NDArray[np.int64]
    benefit: NDArray[np.int64]
    ramp: Floats  # months
    lasting: Floats  # months
    discount: Floats  # factor of each month, to the end of the last benefit


def build(chosen: list[Initiative], columns: Columns, months: int, discount: float) -> Money:
    """Lay out the money of the plan's initiatives."""
    length = months + max((i.benefit_months for i in chosen), default=0) + 1
    return Money(
        capital=np.array([columns.pert(i.capital, "initiative capital", i.key) for i in chosen], dtype=np.int64),
        running=np.array([columns.pert(i.running, "initiative running", i.key) for i in chosen], dtype=np.int64),
        benefit=np.array([columns.pert(i.benefit, "initiative benefit", i.key) for i in chosen], dtype=np.int64),
        ramp=np.array([i.ramp for i in chosen], dtype=np.float64),
        lasting=np.array([i.benefit_months for i in chosen], dtype=np.float64),
        discount=(1.0 + discount) ** (-np.arange(length) / 12.0),
    )


@njit(cache=True)
def account(money, pert, factor, t, work, state, spent, cash):
    """Fill cash (as long as `money.discount`) with a trial's net money of each month, undiscounted.

    spent: (months,) hires and contractors; factor: (n, trials) actual over planned benefit.
    """
    months = len(spent)
    cash[:] = 0.0
    cash[:months] -= spent
    for i in range(len(money.capital)):
        capital = pert[money.capital[i], t]
        if capital != 0.0:
            for month in range(int(work.ready[i]), months):
                cash[month] -= state.moved[i, month] * capital
        finish = state.finish[i]
        benefit, running = pert[money.benefit[i], t] * factor[i, t], pert[money.running[i], t]
        if finish > months or (benefit == 0.0 and running == 0.0):
            continue
        age = min(max(0.0, -finish), money.lasting[i])  # of one that finished before month 0
        grown = ramped(age, money.ramp[i])
        month = int(max(0.0, finish))
        while age < money.lasting[i] and month < len(cash):
            older = min(month + 1.0 - finish, money.lasting[i])
            full = ramped(older, money.ramp[i])
            cash[month] += (full - grown) * benefit - (older - age) * running
            age, grown = older, full
            month += 1


@njit(cache=True)
def present_value(money, cash):
    """Net present value of a trial's cash."""
    total = 0.0
    for month in range(len(cash)):
        total += cash[month] * money.discount[month]
    return total
