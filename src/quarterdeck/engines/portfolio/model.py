"""The options as a mixed-integer programme: columns, rows and coefficients, for the solver to take."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.result import Resource

EXACT_CONTROLS = 4  # up to so many controls of one scenario and quarter all subsets are enumerated
TANGENTS = 6  # first tangents to a loss curve beyond


@dataclass(frozen=True)
class Curve:
    """A scenario's loss in a quarter as an exponential of the controls in place, held from below by tangents."""

    column: int
    loss: float  # with no control in place, scaled
    exponent: dict[int, float]  # option → logarithm of its control's factor


@dataclass
class Model:
    """Minimise cost · columns within row limits; money in the costs is divided by `Options.scale`."""

    options: Options
    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    entries: list[tuple[int, NDArray[np.int64], Floats]] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    constant: float = 0.0
    first_hire: int = 0
    first_offer: int = 0
    offers: list[tuple[int, int, int]] = field(default_factory=list)  # skill, place, quarter of each offer's column
    limit_row: int = 0  # first row of the resource limits
    choose_row: int = 0  # first row of "at most one start", one an initiative
    tangents: int = 0

    @property
    def size(self) -> int:
        """Coefficients in the rows."""
        return sum(entry[1].size for entry in self.entries)

    def column(self, cost: float, lower: float, upper: float, integer: bool = False) -> int:
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.cost) - 1

    def row(self, entries: dict[int, float], lower: float, upper: float) -> int:
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        at = len(self.row_lower) - 1
        where = np.fromiter(entries.keys(), dtype=np.int64, count=len(entries))
        self.entries.append((at, where, np.fromiter(entries.values(), dtype=float, count=len(entries))))
        return at

    def finished(self, item: int, quarter: int) -> list[int]:
        """Options of an initiative whose effect is there in a quarter."""
        options = range(int(self.options.first[item]), int(self.options.first[item + 1]))
        return [option for option in options if self.options.effective[option] <= quarter]


def build(options: Options) -> Model:
    """The full model of a programme."""
    model = Model(options)
    for option, possible in enumerate(options.possible):
        model.column(-options.value[option] / options.scale, 0.0, 1.0 if possible else 0.0, integer=True)
    _add_choose(model)
    _add_hires_and_offers(model)
    _add_limits(model)
    _add_precedence(model)
    _add_groups(model)
    _add_goals(model)
    _add_losses(model)
    return model


def _add_choose(model: Model) -> None:
    options = model.options
    model.choose_row = len(model.row_lower)
    for item in range(len(options.initiatives)):
        columns = range(int(options.first[item]), int(options.first[item + 1]))
        model.row(dict.fromkeys(columns, 1.0), 1.0 if options.required[item] else 0.0, 1.0)


def _add_hires_and_offers(model: Model) -> None:
    options = model.options
    model.first_hire = len(model.cost)
    for cost, limit in zip(options.hire_cost, options.hire_limit, strict=True):
        model.column(cost / options.scale, 0.0, float(limit), integer=True)
    model.first_offer = len(model.cost)
    factors = (1.0 + options.programme.discount) ** (-np.arange(options.plan_quarters) / 4.0)
    for skill in range(len(options.skills)):
        for place in range(options.offer_price.shape[1]):
            limit = float(options.offer_limit[skill, place])
            for quarter in range(options.plan_quarters) if limit > 0 else ():
                price = float(options.offer_price[skill, place] * factors[quarter])
                model.column(price / options.scale, 0.0, limit)
                model.offers.append((skill, place, quarter))


def _add_limits(model: Model) -> None:
    options = model.options
    takes: list[dict[int, float]] = [{} for _ in options.rows]
    for uses, shift in ((options.uses, 0), (options.hire_uses, model.first_hire)):
        for index in range(uses.start.size - 1):
            for row, amount in zip(*uses.of(index), strict=True):
                takes[row][index + shift] = float(amount)
    for index, (skill, place, quarter) in enumerate(model.offers):
        takes[skill * options.periods + quarter][model.first_offer + index] = -1.0
        if options.running_row[quarter] >= 0:
            takes[options.running_row[quarter]][model.first_offer + index] = float(options.offer_price[skill, place])
    model.limit_row = len(model.row_lower)
    for row, entries in enumerate(takes):
        size = row_scale(options, row)
        model.row({c: a / size for c, a in entries.items()}, -np.inf, float(options.capacity[row]) / size)


def row_scale(options: Options, row: int) -> float:
    """Money rows are divided so that the solver's tolerance means the same in every row."""
    if options.rows[row].resource in (Resource.CAPITAL, Resource.RUNNING):
        return max(1.0, float(options.capacity[row]) / 100.0)
    return 1.0


def _add_precedence(model: Model) -> None:
    """Started by a quarter only if the predecessor started early enough: one row a quarter, the strong form."""
    options = model.options
    for item in range(len(options.initiatives)):
        for before, lag in zip(*options.waits.of(item), strict=True):
            earlier = np.arange(options.first[before], options.first[before + 1])
            own = list(range(int(options.first[item]), int(options.first[item + 1])))
            for index, option in enumerate(own):
                enough = earlier[options.after[earlier] + lag <= options.begin[option]]
                later = own[index + 1 : index + 2]
                if later and np.array_equal(enough, earlier[options.after[earlier] + lag <= options.begin[later[0]]]):
                    continue
                entries = dict.fromkeys(own[: index + 1], 1.0)
                for other in enough:
                    entries[int(other)] = entries.get(int(other), 0.0) - 1.0
                model.row(entries, -np.inf, 0.0)


def _add_groups(model: Model) -> None:
    options = model.options
    for group in range(int(options.group.max(initial=-1)) + 1):
        members = np.flatnonzero(options.group == group)
        columns = [c for item in members for c in range(int(options.first[item]), int(options.first[item + 1]))]
        if len(members) > 1 and columns:
            model.row(dict.fromkeys(columns, 1.0), -np.inf, 1.0)


def _add_goals(model: Model) -> None:
    """Attainment is cut to 0 and 1: above by the column's bound, below by a binary where it can fall so far."""
    options = model.options
    by_goal: list[dict[int, float]] = [{} for _ in options.goal_weight]
    for option in range(options.size):
        for goal, amount in zip(*options.gains.of(option), strict=True):
            by_goal[goal][option] = float(amount)
    for goal, gains in enumerate(by_goal):
        weight, start = float(options.goal_weight[goal]), float(options.goal_start[goal])
        if not gains or weight <= 0:
            model.constant -= weight * min(1.0, max(0.0, start)) / options.scale
            continue
        attained = model.column(-weight / options.scale, 0.0, 1.0)
        least = start + sum(min(0.0, amount) for amount in _extremes(options, gains, least=True))
        entries = {attained: 1.0, **{option: -amount for option, amount in gains.items()}}
        if least < 0:
            above = model.column(0.0, 0.0, 1.0, integer=True)
            model.row({attained: 1.0, above: -1.0}, -np.inf, 0.0)
            model.row({**entries, above: -least}, -np.inf, start - least)
        else:
            model.row(entries, -np.inf, start)


def _extremes(options: Options, gains: dict[int, float], least: bool) -> list[float]:
    """The least (or most) that each initiative's start may add."""
    by_item: dict[int, list[float]] = {}
    for option, amount in gains.items():
        by_item.setdefault(int(options.item[option]), []).append(amount)
    return [min(amounts) if least else max(amounts) for amounts in by_item.values()]


def _add_losses(model: Model) -> None:
    options = model.options
    for scenario in range(options.scenario_loss.shape[0]):
        items, logs = options.controls.of(scenario)
        quarters = options.scenario_loss[scenario] / options.scale
        seen: tuple[tuple[int, ...], ...] | None = None
        merged: list[tuple[tuple[tuple[int, ...], ...], float]] = []
        for quarter in range(options.periods):
            there = tuple(tuple(model.finished(int(item), quarter)) for item in items)
            if there == seen:
                merged[-1] = (there, merged[-1][1] + float(quarters[quarter]))
            else:
                merged.append((there, float(quarters[quarter])))
            seen = there
        for there, loss in merged:
            active = [(list(columns), float(log)) for columns, log in zip(there, logs, strict=True) if columns]
            _add_loss(model, active, loss)


def _add_loss(model: Model, active: list[tuple[list[int], float]], loss: float) -> None:
    """Loss times the product of the factors of the controls in place, for one scenario and stretch of quarters."""
    if not active:
        model.constant += loss
    elif len(active) == 1:
        model.constant += loss
        columns, log = active[0]
        for option in columns:
            model.cost[option] += loss * float(np.expm1(log))
    elif len(active) <= EXACT_CONTROLS:
        _add_subsets(model, active, loss)
    else:
        _add_curve(model, active, loss)


def _add_subsets(model: Model, active: list[tuple[list[int], float]], loss: float) -> None:
    """One weight a subset of controls; with whole starts exactly one weight is 1."""
    masks = range(1 << len(active))
    weights = [
        model.column(loss * float(np.exp(sum(log for i, (_, log) in enumerate(active) if mask >> i & 1))), 0.0, 1.0)
        for mask in masks
    ]
    model.row(dict.fromkeys(weights, 1.0), 1.0, 1.0)
    for index, (columns, _) in enumerate(active):
        entries = {weights[mask]: 1.0 for mask in masks if mask >> index & 1}
        model.row({**entries, **dict.fromkeys(columns, -1.0)}, 0.0, 0.0)


def _add_curve(model: Model, active: list[tuple[list[int], float]], loss: float) -> None:
    exponent = {option: log for columns, log in active for option in columns}
    lowest = sum(min(0.0, log) for _, log in active)
    highest = sum(max(0.0, log) for _, log in active)
    curve = Curve(model.column(1.0, 0.0, np.inf), loss, exponent)
    model.curves.append(curve)
    for at in np.linspace(max(lowest, highest - 6.0), highest, TANGENTS):
        add_tangent(model, curve, float(at))


def add_tangent(model: Model, curve: Curve, at: float) -> int:
    """Loss ≥ loss · e^at · (1 + exponent − at): never above the curve, exact at `at`."""
    height = curve.loss * float(np.exp(at))
    model.tangents += 1
    entries = {option: -height * log for option, log in curve.exponent.items()}
    return model.row({curve.column: 1.0, **entries}, height * (1.0 - at), np.inf)
