"""The sections of the board pack, each a question with its answer in a sentence and what shows it."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts import lines
from quarterdeck.charts.chart import Axes, Chart, Size
from quarterdeck.charts.marks import State
from quarterdeck.office import words
from quarterdeck.office.documents.figures import span
from quarterdeck.office.documents.ground import Ground
from quarterdeck.office.documents.tree import (
    Bar,
    Chance,
    Chances,
    Column,
    Figure,
    Figures,
    Item,
    Items,
    Picture,
    Road,
    Section,
    Shape,
    Table,
    Text,
)
from quarterdeck.office.documents.wanted import wanted, within
from quarterdeck.office.plan.view import LIKELY

EXACT = "exact_model"  # the bound is of the model as described, not of a relaxation
CLOSED = 5e-5  # a gap that two decimals of a per cent do not show
HALF = Size(330, 190)
QUARTER = Size(330, 130)
CASH_AFTER = 4  # quarters after the plan over which the deepest point of cash is sought, as the cash picture shows them


def answer(ground: Ground) -> Section:
    """The first page: the numbers looked at first, and what is asked of the board."""
    return Section("answer", _("The answer"), None, (_figures(ground), wanted(ground)))


def _figures(ground: Ground) -> Figures:
    anchors, ahead, currency = ground.anchors, ground.ahead, ground.currency
    value = ahead.net_present_value
    total, chosen = len(ground.programme.initiatives), len(ground.chosen.plan.starts)
    likely = sum(goal.chance is not None and goal.chance >= LIKELY for goal in ground.view.goals)
    entries = [
        Figure(
            _("Initiatives funded"),
            anchors.text(_("%(part)d of %(whole)d") % {"part": chosen, "whole": total}, ground.plan),
            anchors.text(
                _("worth in the model %(sum)s") % {"sum": words.money(ground.chosen.worth.total, currency)}, ground.plan
            ),
        ),
        Figure(
            _("Expected value"),
            anchors.text(words.money(value.mean, currency), ground.outlook),
            anchors.text(_("80 %%: %(span)s") % {"span": span(value.p10, value.p90, currency)}, ground.outlook),
        ),
        Figure(
            _("Key results likely"),
            anchors.text(
                _("%(part)d of %(whole)d") % {"part": likely, "whole": len(ground.view.goals)}, ground.outlook
            ),
            anchors.text(_("a chance of %(share)s or more") % {"share": words.share(LIKELY)}, ground.outlook),
        ),
    ]
    entries += [figure for figure in (_deepest(ground), _loss(ground)) if figure]
    return Figures(tuple(entries))


def _deepest(ground: Ground) -> Figure | None:
    cash = ground.ahead.cash[: ground.programme.quarters + CASH_AFTER]
    if not cash:
        return None
    least = min(cash, key=lambda entry: entry.cumulative.p50)
    said = {
        "quarter": words.quarter_of(ground.programme.start, least.quarter),
        "span": span(least.cumulative.p10, least.cumulative.p90, ground.currency),
    }
    note = _("%(quarter)s; 80 %%: %(span)s") % said
    return Figure(
        _("Cash at its deepest"),
        ground.anchors.text(words.money(least.cumulative.p50, ground.currency), ground.outlook),
        ground.anchors.text(note, ground.outlook),
    )


def _loss(ground: Ground) -> Figure | None:
    if not ground.programme.scenarios or not ground.ahead.loss_years:
        return None
    year = ground.ahead.loss_years[-1]
    note = _("a year, from %(before)s without the plan") % {"before": words.money(year.before.mean, ground.currency)}
    return Figure(
        _("Expected loss"),
        ground.anchors.text(words.money(year.after.mean, ground.currency), ground.outlook),
        ground.anchors.text(note, ground.outlook),
    )


def roadmap(ground: Ground) -> Section:
    """Which initiative when, and how sure its date is."""
    columns = (
        Column(_("Initiative"), weight=2.4),
        Column(_("Start"), weight=0.8),
        Column(_("Finish as planned")),
        Column(_("80 % date")),
        Column(_("Chance of the planned date"), numeric=True),
    )
    marks = (ground.plan, ground.plan, ground.outlook, ground.outlook)
    rows = tuple(
        (Text(row[0]), *(ground.anchors.text(cell, mark) for cell, mark in zip(row[1:], marks, strict=True)))
        for row in ground.view.starts
    )
    table = Table(_("Dates"), columns, rows, empty=_("Nothing is chosen."))
    return Section("roadmap", _("Roadmap"), None, (_road(ground), table))


def _road(ground: Ground) -> Road:
    drawn, states = ground.view.road, _states(ground)
    bars = tuple(
        Bar(
            str(theme),
            str(label),
            _number(start),
            _number(finish),
            _number(late),
            ground.anchors.text(str(outcome), ground.outlook, state=states.get(str(label), State.PLAIN)),
        )
        for theme, label, start, finish, late, outcome in drawn.rows
    )
    quarters = max([ground.programme.quarters, *(int(bar.late) + 1 for bar in bars)])
    ticks = tuple(words.quarter_of(ground.programme.start, quarter) for quarter in range(quarters))
    anchors = ground.anchors.text("", ground.plan, ground.outlook).anchors
    return Road(drawn.caption, drawn.columns, ticks, bars, anchors, _("Nothing is chosen."), drawn)


def _states(ground: Ground) -> dict[str, State]:
    """By initiative's name, how the least likely key result stands that it serves."""
    chances = {goal.key: goal for goal in ground.view.goals}
    found = {}
    for initiative in ground.programme.initiatives:
        served = [chances[one.key_result] for one in initiative.contributions if one.key_result in chances]
        if served:
            found[ground.names.name("initiative", initiative.key)] = min(
                served, key=lambda goal: goal.chance or 0.0
            ).state
    return found


def _number(cell: Any) -> float:
    return float(cell)


def limits(ground: Ground) -> Section:
    """What holds the plan back, what is left out, and how good the plan is proven to be."""
    anchors = ground.anchors
    binds = tuple(
        Item(anchors.text(line.title, ground.plan), tuple(anchors.text(effect, ground.plan) for effect in line.effects))
        for line in ground.view.binds
    )
    left = tuple(
        Item(Text(line.title), tuple(anchors.text(effect, ground.plan) for effect in line.effects))
        for line in ground.view.left
    )
    blocks = (
        Items(_("What binds"), binds, _("No limit holds this plan back.")),
        Items(_("Left out, and what would let it in"), left, _("Nothing is left out.")),
    )
    return Section("limits", _("What binds, and what is left out"), anchors.text(_proof(ground), ground.plan), blocks)


def _proof(ground: Ground) -> str:
    if ground.chosen.bounds.value == EXACT and ground.chosen.gap < CLOSED:
        return _("It is proven that no plan of this model is worth more.")
    return f"{ground.view.proof}{_('.')}"


def money(ground: Ground) -> Section:
    """What another budget would buy, when cash comes and goes, and whether there are people enough."""
    view, anchors, pictures = ground.view, ground.anchors, []
    if view.frontier is not None:
        known = [point for point in ground.chosen.frontier if point.value is not None]
        here = next((place for place, point in enumerate(known) if point.scale == 1.0), None)
        pictures.append(
            _picture(
                Shape.FRONTIER,
                anchors.text(_("More money, more value"), ground.plan),
                _sized(view.frontier, HALF),
                here,
                f"{'万' if words.chinese() else 'M'} {ground.currency}",
            )
        )
    pictures.append(_picture(Shape.BAND, anchors.text(_("Cash"), ground.outlook), _sized(view.cash, HALF)))
    pictures += [
        _picture(
            Shape.CAPACITY, anchors.text(_("Capacity: %(skill)s") % {"skill": title}, ground.outlook), _axed(chart)
        )
        for title, chart in view.capacity
    ]
    return Section("money", _("Money and people"), None, tuple(pictures))


def _picture(shape: Shape, title: Text, chart: Chart, here: int | None = None, unit: str = "") -> Picture:
    """The chart with its table; columns in which nothing stands are left out of that."""
    kept = [place for place in range(len(chart.columns)) if any(row[place] is not None for row in chart.rows)]
    columns, rows = (
        tuple(chart.columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in chart.rows),
    )
    return Picture(shape, title, chart.caption, columns, rows, title.anchors, chart, unit, here)


def _sized(chart: Chart, size: Size) -> Chart:
    return replace(chart, spec={**chart.spec, "width": size.width, "height": size.height})


def _axed(chart: Chart) -> Chart:
    """The card's picture again, with axes: on paper nobody can point at it."""
    points = [lines.CapacityPoint(str(place), _number(supply), _number(need)) for place, supply, need in chart.rows]
    return lines.capacity(points, chart.columns, chart.caption, axes=Axes(), size=QUARTER)


def goals(ground: Ground) -> Section:
    """How likely each key result is."""
    ordered = sorted(ground.view.goals, key=lambda goal: (goal.chance is None, goal.chance or 0.0, goal.key))
    entries = tuple(
        Chance(
            Text(goal.title),
            ground.anchors.text(words.share(goal.chance), ground.outlook, state=goal.state, part=goal.chance),
            goal.chance,
            ground.anchors.text(goal.due, ground.outlook),
        )
        for goal in ordered
    )
    said = {
        "trials": words.decimals(ground.ahead.checks.trials, 0),
        "error": words.points(ground.ahead.checks.largest_chance_error).lstrip("+"),
    }
    note = ground.anchors.text(
        _("Share of %(trials)s trials in which the target is reached by its date; standard error %(error)s at most.")
        % said,
        ground.outlook,
    )
    columns = (_("Key result"), _("Chance"), _("Due"))
    likely = sum(goal.state is State.GOOD for goal in ordered)
    sentence = None
    if ordered:
        text = ngettext(
            "%(likely)d of %(count)d key result is likely.",
            "%(likely)d of %(count)d key results are likely.",
            len(ordered),
        )
        sentence = ground.anchors.text(text % {"likely": likely, "count": len(ordered)}, ground.outlook)
    return Section(
        "goals",
        _("Key results"),
        sentence,
        (Chances(_("Chance of each key result"), columns, entries, note, _("No key result is declared.")),),
    )


def risk(ground: Ground) -> Section:
    """What losses are to be expected without the plan and with it, against the appetite."""
    if not ground.programme.scenarios:
        return Section(
            "risk", _("Risk"), Text(_("No loss scenario is declared, so the plan says nothing of losses.")), ()
        )
    year = ground.ahead.loss_years[-1]
    said = {
        "before": words.money(year.before.mean, ground.currency),
        "after": words.money(year.after.mean, ground.currency),
        "tail": words.money(year.after.p95, ground.currency),
        "tail_before": words.money(year.before.p95, ground.currency),
    }
    text = _(
        "With the plan done, the expected loss of a year is %(after)s instead of %(before)s; "
        "one year in twenty costs more than %(tail)s instead of %(tail_before)s."
    )
    kept = tuple(
        Item(
            ground.anchors.text(_("The appetite is kept") if limit.met else _("The appetite is not kept"), ground.plan),
            (ground.anchors.text(within(limit, ground.currency), ground.plan),),
            State.PLAIN if limit.met else State.BAD,
        )
        for limit in ground.chosen.limits
    )
    blocks = (
        _years(ground),
        _exposures(ground),
        Items(_("Appetite for loss"), kept, _("No appetite for loss is declared.")),
    )
    return Section("risk", _("Risk"), ground.anchors.text(text % said, ground.outlook), blocks)


def _years(ground: Ground) -> Table:
    def sums(losses: Any) -> tuple[Text, ...]:
        return tuple(
            ground.anchors.text(words.money(amount, ground.currency), ground.outlook)
            for amount in (losses.mean, losses.p95)
        )

    columns = (
        Column(_("Year from"), weight=1.1),
        Column(_("Expected loss without the plan"), True),
        Column(_("1 year in 20 without"), True),
        Column(_("Expected loss with the plan"), True),
        Column(_("1 year in 20 with"), True),
    )
    rows = tuple(
        (
            ground.anchors.text(words.month_of(ground.programme.start, 12 * year.year), ground.outlook),
            *sums(year.before),
            *sums(year.after),
        )
        for year in ground.ahead.loss_years
    )
    return Table(_("Loss by year"), columns, rows)


def _exposures(ground: Ground) -> Table:
    ordered = sorted(ground.chosen.exposures, key=lambda one: (-one.before, one.scenario))
    most = max((one.before for one in ordered), default=0.0)

    def amount(value: float) -> Text:
        return ground.anchors.text(
            words.money(value, ground.currency), ground.plan, part=value / most if most > 0 else None
        )

    columns = (
        Column(_("Loss scenario"), weight=2.0),
        Column(_("Without the plan"), True),
        Column(_("With the plan"), True),
    )
    rows = tuple(
        (Text(ground.names.name("scenario", one.scenario)), amount(one.before), amount(one.after)) for one in ordered
    )
    note = Text(_("Expected loss over the plan and the quarters after it, as present value."))
    return Table(_("Where losses come from"), columns, rows, note)


def drift(ground: Ground) -> Section | None:
    """Where reality has left the approved plan; without the people whose comings and goings are behind it."""
    if ground.drift is None:
        return None
    seen, source, anchors = ground.drift.view, ground.drift.answered, ground.anchors

    def items(title: str, some: Any, most: int, empty: str) -> Items:
        entries = tuple(
            Item(
                Text(line.title),
                tuple(anchors.text(effect, source) for effect in line.effects[:most]),
                State(line.state or "plain"),
            )
            for line in some
        )
        return Items(title, entries, empty)

    blocks = (
        items(_("Key results that moved"), seen.goals, 2, _("None beyond chance.")),
        items(_("Dates that moved"), seen.finishes, 2, _("None beyond chance.")),
        items(_("Causes"), seen.causes, 1, _("None.")),  # further effects name people
    )
    return Section("drift", _("Since the approved plan"), anchors.text(seen.sentence, source), blocks)
