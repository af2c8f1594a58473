"""The programme as a table of options: one start of one initiative in one quarter, with all it takes and brings."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.portfolio.course import Course, Floats
from quarterdeck.engines.portfolio.result import Resource
from quarterdeck.engines.programme import Initiative, Programme

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """Lists of (where, how much) one after the other: list k is `start[k]:start[k + 1]`."""

    start: Ints
    where: Ints
    amount: Floats

    def of(self, index: int) -> tuple[Ints, Floats]:
        part = slice(self.start[index], self.start[index + 1])
        return self.where[part], self.amount[part]


def ragged(lists: list[list[tuple[int, float]]]) -> Ragged:
    """Pack lists of (where, how much); entries of zero are left away."""
    kept = [[(where, amount) for where, amount in one if amount != 0.0] for one in lists]
    start = np.zeros(len(kept) + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(one) for one in kept]) if kept else 0
    flat = [entry for one in kept for entry in one]
    return Ragged(
        start, np.array([where for where, _ in flat], dtype=np.int64), np.array([a for _, a in flat], dtype=float)
    )


@dataclass(frozen=True)
class Row:
    """One limit: a resource in one quarter."""

    resource: Resource
    key: str
    quarter: int


@dataclass(frozen=True)
class Options:
    """All starts there are, in the order of initiative key and quarter; arrays are aligned by option."""

    programme: Programme
    initiatives: tuple[Initiative, ...]  # by key
    courses: tuple[Course, ...]
    periods: int  # quarters of the account: the plan and those after it
    skills: tuple[str, ...]
    first: Ints  # options of initiative i are first[i]:first[i + 1]
    item: Ints
    quarter: Ints
    begin: Ints  # month
    after: Ints  # first month after the last one worked
    effective: Ints  # first whole quarter after the finish, in which controls work
    value: Floats  # net present value
    uses: Ragged  # option → rows
    gains: Ragged  # option → key results, in parts of full attainment
    rows: tuple[Row, ...]
    capacity: Floats
    running_row: Ints  # row of the running budget in each quarter, -1 where there is none
    required: NDArray[np.bool_]
    group: Ints  # of initiative, -1 for none
    waits: Ragged  # initiative → initiatives it waits for, and how many months
    hire_route: Ints
    hire_quarter: Ints
    hire_cost: Floats  # present value of one hire
    hire_limit: Ints
    hire_uses: Ragged  # hire → rows: less in skills, more in the running budget
    offer_price: Floats  # [skill, place in order of price]: nominal money a person-month
    offer_limit: Floats  # likewise: person-months a quarter; 0 where there is no further offer
    goal_start: Floats  # attainment with nothing chosen, before it is cut to 0 and 1
    goal_weight: Floats
    scenario_loss: Floats  # [scenario, quarter]: discounted expected loss with nothing chosen
    controls: Ragged  # scenario → initiatives and the logarithm of the factor on the expected loss
    scale: float  # size of the money in the objective

    @property
    def size(self) -> int:
        return int(self.item.size)

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """Options that fit if nothing else is chosen and everybody is hired and bought who can be."""
        most = self.capacity.copy()
        for skill in range(len(self.skills)):
            most[skill * self.periods : skill * self.periods + self.plan_quarters] += self.offer_limit[skill].sum()
        heads = np.repeat(self.hire_limit, np.diff(self.hire_uses.start))
        np.add.at(most, self.hire_uses.where, np.maximum(0.0, -self.hire_uses.amount) * heads)
        short = self.uses.amount > most[self.uses.where] + 1e-9 * (1.0 + np.abs(most[self.uses.where]))
        owner = np.repeat(np.arange(self.size), np.diff(self.uses.start))
        return np.bincount(owner[short], minlength=self.size) == 0

    @property
    def plan_quarters(self) -> int:
        return self.programme.quarters


def with_rows(options: Options, rows: list[tuple[Row, dict[int, float], float]]) -> Options:
    """The same options under further limits: each a row, what options take of it, and its limit."""
    owner = [np.repeat(np.arange(options.size), np.diff(options.uses.start))]
    where, amount = [options.uses.where], [options.uses.amount]
    for index, (_, takes, _) in enumerate(rows):
        owner.append(np.fromiter(takes.keys(), dtype=np.int64, count=len(takes)))
        where.append(np.full(len(takes), len(options.rows) + index))
        amount.append(np.fromiter(takes.values(), dtype=float, count=len(takes)))
    owners = np.concatenate(owner)
    order = np.argsort(owners, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=options.size)))).astype(np.int64)
    return replace(
        options,
        rows=options.rows + tuple(row for row, _, _ in rows),
        capacity=np.concatenate((options.capacity, [limit for _, _, limit in rows])),
        uses=Ragged(start, np.concatenate(where)[order], np.concatenate(amount)[order]),
    )
