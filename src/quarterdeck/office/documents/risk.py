"""The section on risk: losses without the plan and with it, where they come from, and the appetite for them."""

from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.charts.marks import State
from quarterdeck.office import words
from quarterdeck.office.documents.ground import Ground
from quarterdeck.office.documents.tree import Column, Item, Items, Section, Table, Text
from quarterdeck.office.documents.wanted import within

LARGEST, FEW = 10, 12  # loss scenarios that the section names, and how many it names without an appendix


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
        Items(_("Appetite for loss"), kept, _("No appetite for loss is declared.")),
        _largest(ground),
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


def _largest(ground: Ground) -> Table:
    """The scenarios that losses come from most; all of them where they are few."""
    ordered = _ordered(ground)
    title, note = (
        _("Where losses come from"),
        Text(_("Expected loss over the plan and the quarters after it, as present value.")),
    )
    if len(ordered) <= FEW:
        return _exposures(ground, ordered, title, note)
    shown, whole = ordered[:LARGEST], sum(one.before for one in ordered)
    said = {
        "shown": LARGEST,
        "count": len(ordered),
        "share": words.share(sum(one.before for one in shown) / whole if whole else None),
    }
    text = _("The %(shown)d largest of %(count)d loss scenarios bear %(share)s of the expected loss without the plan.")
    told = words.sentences([note.words, text % said])
    return _exposures(ground, shown, title, ground.anchors.text(told, ground.plan))


def _ordered(ground: Ground) -> list[Any]:
    return sorted(ground.chosen.exposures, key=lambda one: (-one.before, one.scenario))


def scenarios(ground: Ground) -> Table | None:
    """Every loss scenario, for the appendix; None where the section names them all."""
    ordered = _ordered(ground)
    if len(ordered) <= FEW:
        return None
    note = Text(_("Expected loss over the plan and the quarters after it, as present value."))
    return _exposures(ground, ordered, _("All loss scenarios"), note, bars=False)


def _exposures(ground: Ground, ordered: list[Any], title: str, note: Text, *, bars: bool = True) -> Table:
    most = max((one.before for one in ordered), default=0.0)

    def amount(value: float) -> Text:
        return ground.anchors.text(
            words.money(value, ground.currency), ground.plan, part=value / most if bars and most > 0 else None
        )

    columns = (
        Column(_("Loss scenario"), weight=2.0 if bars else 2.6),
        Column(_("Without the plan"), True),
        Column(_("With the plan"), True),
    )
    rows = tuple(
        (Text(ground.names.name("scenario", one.scenario)), amount(one.before), amount(one.after)) for one in ordered
    )
    return Table(title, columns, rows, note)
