"""The sections of the board pack, each a question with its answer in a sentence and what shows it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts.chart import Size
from quarterdeck.charts.marks import State
from quarterdeck.office import words
from quarterdeck.office.documents.approved import finishes
from quarterdeck.office.documents.ground import Ground, likely
from quarterdeck.office.documents.pictures import drawn, sized
from quarterdeck.office.documents.tree import (
    Bar,
    Chance,
    Chances,
    Column,
    Figure,
    Figures,
    Item,
    Items,
    Road,
    Section,
    Shape,
    Table,
    Text,
)
from quarterdeck.office.documents.wanted import upcoming, wanted
from quarterdeck.office.plan.view import LIKELY

EXACT = "exact_model"  # the bound is of the model as described, not of a relaxation
CLOSED = 5e-5  # a gap that two decimals of a per cent do not show
HALF = Size(330, 190)
QUARTER = Size(330, 130)
CASH_AFTER = 4  # quarters after the plan over which the deepest point of cash is sought, as the cash picture shows them
SKILLS = 4  # whose people are printed, the shortest first


def answer(ground: Ground) -> Section:
    """The first page: the numbers looked at first, and what is asked of the board."""
    return Section("answer", _("The answer"), None, (_figures(ground), wanted(ground)))


def _figures(ground: Ground) -> Figures:
    anchors, ahead, currency = ground.anchors, ground.ahead, ground.currency
    value = ahead.net_present_value
    total, chosen = len(ground.programme.initiatives), len(ground.chosen.plan.starts)
    expected, spread = words.spread(value.mean, value.p10, value.p90, currency)
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
            anchors.text(expected, ground.outlook),
            anchors.text(_("80 %%: %(span)s") % {"span": spread}, ground.outlook),
        ),
        Figure(
            _("Key results likely"),
            anchors.text(
                _("%(part)d of %(whole)d") % {"part": likely(ahead.goals), "whole": len(ahead.goals)}, ground.outlook
            ),
            anchors.text(_("a chance of %(share)s or more") % {"share": words.share(LIKELY)}, ground.outlook),
        ),
    ]
    entries += [figure for figure in (_deepest(ground), _loss(ground)) if figure]
    return Figures(tuple(entries))


def _least(ground: Ground) -> Any:
    """The quarter in which all cash so far is at its deepest; None where nothing is reckoned."""
    cash = ground.ahead.cash[: ground.programme.quarters + CASH_AFTER]
    return min(cash, key=lambda entry: entry.cumulative.p50, default=None)


def _deepest(ground: Ground) -> Figure | None:
    least = _least(ground)
    if least is None:
        return None
    depth = least.cumulative
    sum_, span = words.spread(depth.p50, depth.p10, depth.p90, ground.currency)
    note = _("%(quarter)s; 80 %%: %(span)s") % {
        "quarter": words.quarter_of(ground.programme.start, least.quarter),
        "span": span,
    }
    return Figure(
        _("Cash at its deepest"),
        ground.anchors.text(sum_, ground.outlook),
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
    return Section("roadmap", _("Roadmap"), _ahead(ground), (_road(ground), _dates(ground)))


def _ahead(ground: Ground) -> Text | None:
    """What runs already, what starts next, and when the last of it is to be finished."""
    first = upcoming(ground)
    finishes = [one.month for one in ground.chosen.finishes]
    if not finishes:
        return None
    text = ngettext("Of %(count)d initiative, %(what)s.", "Of %(count)d initiatives, %(what)s.", len(finishes))
    parts = [text % {"count": len(finishes), "what": first}] if first else []
    last = words.month_of(ground.programme.start, max(finishes))
    parts.append(_("The last initiative is finished in %(month)s, as planned.") % {"month": last})
    return ground.anchors.text(words.sentences(parts), ground.plan)


def _dates(ground: Ground) -> Table:
    """Every initiative's dates; beside them those that were approved, where a plan was."""
    before = finishes(ground.approved) if ground.approved else None
    columns = [
        Column(_("Initiative"), weight=2.2),
        Column(_("Start"), weight=0.8),
        Column(_("Finish as planned"), weight=1.15),
        Column(_("80 % date"), weight=1.15),
        Column(_("Chance of the planned date"), numeric=True),
    ]
    if before is not None:
        columns.insert(2, Column(_("Finish as approved"), weight=1.15))
    rows = []
    for start, (name, *said) in zip(ground.chosen.plan.starts, ground.view.starts, strict=True):
        marks = (ground.plan, ground.plan, ground.outlook, ground.outlook)
        row = [Text(name), *(ground.anchors.text(cell, mark) for cell, mark in zip(said, marks, strict=True))]
        if before is not None and ground.approved is not None:
            when = before.get(start.initiative)
            row.insert(2, ground.anchors.text(when, ground.approved.baseline.plan) if when else Text("–"))
        rows.append(tuple(row))
    return Table(_("Dates"), tuple(columns), tuple(rows), empty=_("Nothing is chosen."))


def _road(ground: Ground) -> Road:
    road, states = ground.view.road, _states(ground)
    bars = tuple(
        Bar(
            str(theme),
            str(label),
            _number(start),
            _number(finish),
            _number(late),
            ground.anchors.text(str(outcome), ground.outlook, state=states.get(str(label), State.PLAIN)),
        )
        for theme, label, start, finish, late, outcome in road.rows
    )
    quarters = max([ground.programme.quarters, *(int(bar.late) + 1 for bar in bars)])
    ticks = tuple(words.quarter_of(ground.programme.start, quarter) for quarter in range(quarters))
    anchors = ground.anchors.text("", ground.plan, ground.outlook).anchors
    return Road(road.caption, road.columns, ticks, bars, anchors, _("Nothing is chosen."), road)


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
        Items(_("What binds"), binds, _("No limit holds this plan back."), half=True),
        Items(_("Left out, and what would let it in"), left, _("Nothing is left out."), half=True),
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
            drawn(
                Shape.FRONTIER,
                anchors.text(_("More money, more value"), ground.plan),
                sized(view.frontier, HALF),
                here,
                f"{'万' if words.chinese() else 'M'} {ground.currency}",
            )
        )
    pictures.append(drawn(Shape.BAND, anchors.text(_("Cash"), ground.outlook), sized(view.cash, HALF)))
    pictures += [
        drawn(
            Shape.CAPACITY,
            anchors.text(_("Capacity: %(skill)s") % {"skill": skill.title}, ground.outlook),
            sized(skill.chart, QUARTER),
        )
        for skill in view.skills[:SKILLS]
    ]
    return Section("money", _("Money and people"), _needs(ground), tuple(pictures))


def _needs(ground: Ground) -> Text | None:
    """When cash is at its deepest, and which skill's people fall shortest."""
    least, parts = _least(ground), []
    if least is not None:
        said = {
            "quarter": words.quarter_of(ground.programme.start, least.quarter),
            "sum": words.money(least.cumulative.p50, ground.currency),
        }
        parts.append(_("Cash is at its deepest in %(quarter)s, at %(sum)s.") % said)
    if ground.view.skills and ground.view.skills[0].short:
        first = ground.view.skills[0]
        text = _("People fall shortest in %(skill)s: %(months)s person-months %(note)s.")
        parts.append(text % {"skill": first.title, "months": first.value, "note": first.note})
    return ground.anchors.text(words.sentences(parts), ground.outlook) if parts else None


def goals(ground: Ground) -> Section:
    """How likely each key result is."""
    ordered = sorted(ground.view.goals, key=lambda goal: (goal.chance is None, goal.chance or 0.0, goal.key))
    entries = tuple(
        Chance(
            Text(goal.title),
            ground.anchors.text(goal.said, ground.outlook, state=goal.state, part=goal.chance),
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
    sentence = None
    if ordered:
        text = ngettext(
            "%(likely)d of %(count)d key result is likely.",
            "%(likely)d of %(count)d key results are likely.",
            len(ordered),
        )
        sentence = ground.anchors.text(
            text % {"likely": likely(ground.ahead.goals), "count": len(ordered)}, ground.outlook
        )
    return Section(
        "goals",
        _("Key results"),
        sentence,
        (Chances(_("Chance of each key result"), columns, entries, note, _("No key result is declared.")),),
    )
