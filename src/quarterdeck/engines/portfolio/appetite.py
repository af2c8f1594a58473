"""Appetite on quantiles of the annual loss: solve, evaluate exactly, cut, repeat.

A set of controls that leaves a quantile above its appetite is made as large as it can be while it still fails; then
"at least one control outside it" cuts off no plan that keeps the appetite. Where such cuts do not suffice in time,
straight-line cuts follow; those may cut off plans that keep it, and the result's bound says so.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from quarterdeck.engines.loss import Evaluator, annual_loss
from quarterdeck.engines.portfolio.board import State
from quarterdeck.engines.portfolio.inputs import Settings
from quarterdeck.engines.portfolio.options import Options, Row, with_rows
from quarterdeck.engines.portfolio.result import Bounds, Limit, Resource
from quarterdeck.engines.portfolio.solve import Solved, solve
from quarterdeck.engines.programme import Appetite, Control

Cut = tuple[Row, dict[int, float], float]


@dataclass
class Measure:
    """Quantiles of the annual loss under sets of initiatives, each computed once."""

    options: Options
    known: dict[tuple[float, frozenset[int]], float] = field(default_factory=dict)
    evaluators: dict[float, Evaluator] = field(default_factory=dict)

    def quantile(self, probability: float, items: frozenset[int]) -> float:
        """Annual loss not exceeded with a probability, with the controls of these initiatives in place."""
        at = (probability, items)
        if at not in self.known:
            programme = self.options.programme
            controls: list[Control] = []
            for item in sorted(items):
                controls += self.options.initiatives[item].controls
            if programme.correlation == 0:
                if probability not in self.evaluators:
                    self.evaluators[probability] = Evaluator(programme.scenarios, probability)
                loss = self.evaluators[probability].loss(controls)
            else:
                loss = annual_loss(programme.scenarios, controls, programme.correlation, probability)
            self.known[at] = float(loss.quantile(probability))
        return self.known[at]


@dataclass(frozen=True)
class Kept:
    """A solved choice under its appetite cuts."""

    solved: Solved
    cuts: int
    notes: tuple[str, ...]


def in_place(options: Options, state: State) -> frozenset[int]:
    """Initiatives with controls that are in place at the end of the plan."""
    bearing = set(np.unique(options.controls.where).tolist())
    return frozenset(
        item
        for item in bearing
        if state.chosen[item] >= 0 and options.effective[state.chosen[item]] <= options.plan_quarters
    )


def limits(measure: Measure, state: State) -> tuple[Limit, ...]:
    """Each appetite beside the quantile without and with the plan."""
    items = in_place(measure.options, state)
    found = []
    for appetite in measure.options.programme.appetite:
        after = measure.quantile(appetite.probability, items)
        before = measure.quantile(appetite.probability, frozenset())
        met = after <= appetite.amount * (1 + 1e-9)
        found.append(Limit(appetite.probability, appetite.amount, before, after, met))
    return tuple(found)


def keep(options: Options, settings: Settings, measure: Measure, start: State | None) -> Kept:
    """Solve under the programme's appetite."""
    wanted, notes = _attainable(options, measure)
    cuts: list[Cut] = []
    straight = False
    quick = replace(settings, proof_effort=0, search_rounds=min(settings.search_rounds, 1_000))
    for turn in range(2 * settings.cut_rounds if wanted else 0):
        cut_options = with_rows(options, cuts) if cuts else options
        solved = solve(cut_options, quick, start)
        if solved.state is not None and not _broken(measure, wanted, solved.state):
            solved = solve(cut_options, settings, solved.state)
        elif solved.state is None:
            solved = solve(cut_options, settings, start)
        if solved.state is None:
            word = "cannot be kept" if solved.infeasible and not straight else "was not reached by any plan found"
            return _without(options, settings, start, len(cuts), (*notes, f"the appetite {word} with these resources"))
        broken = _broken(measure, wanted, solved.state)
        if not broken:
            bounds = Bounds.LINEARISED_APPETITE if straight else solved.bounds
            return Kept(replace(solved, bounds=bounds), len(cuts), notes)
        straight = straight or turn >= settings.cut_rounds
        for appetite in broken:
            made = _straight if turn >= settings.cut_rounds else _valid
            cuts += made(options, measure, appetite, in_place(options, solved.state))
    if wanted:
        notes = (*notes, "the appetite was not reached within the rounds of cutting")
    return _without(options, settings, start, len(cuts), notes)


def _without(options: Options, settings: Settings, start: State | None, cuts: int, notes: tuple[str, ...]) -> Kept:
    return Kept(solve(options, settings, start), cuts, notes)


def _helps(options: Options, item: int) -> bool:
    """Whether an initiative lowers loss for certain: no factor of it is above 1."""
    return all(control.frequency <= 1 and control.magnitude <= 1 for control in options.initiatives[item].controls)


def _timely(options: Options, item: int) -> list[int]:
    """Starts of an initiative whose controls are in place at the end of the plan."""
    every = range(int(options.first[item]), int(options.first[item + 1]))
    return [option for option in every if options.effective[option] <= options.plan_quarters]


def _bearing(options: Options) -> list[int]:
    return [int(item) for item in np.unique(options.controls.where) if _timely(options, int(item))]


def _attainable(options: Options, measure: Measure) -> tuple[list[Appetite], tuple[str, ...]]:
    """Appetites that all helpful controls together would keep; the others are named and left aside."""
    best = frozenset(item for item in _bearing(options) if _helps(options, item))
    only_helpful = all(_helps(options, item) for item in _bearing(options))
    wanted, notes = [], []
    for appetite in options.programme.appetite:
        least = measure.quantile(appetite.probability, best)
        if least > appetite.amount and only_helpful:
            notes.append(
                f"no controls keep the annual loss at {appetite.probability:g} within {appetite.amount:.0f}: "
                f"all together leave {least:.0f}"
            )
        else:
            wanted.append(appetite)
    return wanted, tuple(notes)


def _broken(measure: Measure, wanted: list[Appetite], state: State) -> list[Appetite]:
    items = in_place(measure.options, state)
    return [one for one in wanted if measure.quantile(one.probability, items) > one.amount * (1 + 1e-9)]


def _valid(options: Options, measure: Measure, appetite: Appetite, items: frozenset[int]) -> list[Cut]:
    """Cuts that no plan within the appetite breaks: from the failing set, grown in two orders."""
    outside = [item for item in _bearing(options) if item not in items and _helps(options, item)]
    now = measure.quantile(appetite.probability, items)
    effect = {item: now - measure.quantile(appetite.probability, items | {item}) for item in outside}
    grown = {
        _grow(measure, appetite, items, sorted(outside, key=lambda item: (effect[item], item))),
        _grow(measure, appetite, items, sorted(outside, key=lambda item: (-effect[item], item))),
    }
    return [_one_of(options, failing) for failing in sorted(grown, key=sorted)]


def _grow(measure: Measure, appetite: Appetite, items: frozenset[int], order: list[int]) -> frozenset[int]:
    """Add as many as possible, in this order, so that the appetite is still broken."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high + 1) // 2
        if measure.quantile(appetite.probability, items | frozenset(order[:middle])) > appetite.amount:
            low = middle
        else:
            high = middle - 1
    grown = items | frozenset(order[:low])
    for item in order[low + 1 :]:
        if measure.quantile(appetite.probability, grown | {item}) > appetite.amount:
            grown |= {item}
    return grown


def _one_of(options: Options, failing: frozenset[int]) -> Cut:
    """At least one change that can help: a helpful or mixed control more, or a harmful or mixed one less."""
    takes: dict[int, float] = {}
    limit = -1.0
    for item in _bearing(options):
        if item not in failing:
            harmful = all(one.frequency >= 1 and one.magnitude >= 1 for one in options.initiatives[item].controls)
            takes.update(dict.fromkeys(_timely(options, item), 0.0 if harmful else -1.0))
        elif not _helps(options, item):
            takes.update(dict.fromkeys(_timely(options, item), 1.0))
            limit += 1.0
    return Row(Resource.APPETITE, "", 0), {option: amount for option, amount in takes.items() if amount}, limit


def _straight(options: Options, measure: Measure, appetite: Appetite, items: frozenset[int]) -> list[Cut]:
    """The quantile as a straight line through the plan at hand."""
    now = measure.quantile(appetite.probability, items)
    need = now - appetite.amount
    takes: dict[int, float] = {}
    limit = -1.0
    for item in _bearing(options):
        there = item in items
        other = measure.quantile(appetite.probability, items - {item} if there else items | {item})
        gain = (other - now if there else now - other) / need
        takes.update(dict.fromkeys(_timely(options, item), -gain))
        limit -= gain if there else 0.0
    return [(Row(Resource.APPETITE, "", 0), {o: a for o, a in takes.items() if a}, limit)]
