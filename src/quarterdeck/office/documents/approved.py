"""The approved plan beside the one that is proposed: what either is worth today, what comes in, goes out and moves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts.chart import Size
from quarterdeck.charts.marks import State
from quarterdeck.kinds import show
from quarterdeck.kinds.declare import KINDS
from quarterdeck.office import words
from quarterdeck.office.documents.ground import Approved, Ground, likely
from quarterdeck.office.documents.pictures import drawn, sized
from quarterdeck.office.documents.tree import Block, Column, Item, Items, Section, Shape, Table, Text
from quarterdeck.office.plan import drift as drifts
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

LARGEST = 6  # dates planned anew that are named; all stand in the table of dates
DRIFTED = 5  # key results, and dates, that left the approved plan and are named
CAUSES = Size(330, 190)


@dataclass(frozen=True)
class Move:
    """An initiative that both plans have, at other dates: start and planned finish, as first days of months."""

    initiative: str
    starts: tuple[date, date]
    finishes: tuple[date, date]

    @property
    def months(self) -> int:
        """By how much the planned finish moves."""
        first, second = self.finishes
        return (second.year - first.year) * 12 + second.month - first.month


@dataclass(frozen=True)
class Differences:
    """What the proposed plan does otherwise than the approved one."""

    came: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[Move, ...]  # the largest first

    def __bool__(self) -> bool:
        return bool(self.came or self.gone or self.moved)

    def said(self) -> str:
        """In one clause: “3 come in, 2 go out and 19 move”."""
        told = (
            (ngettext("%(count)d initiative comes in", "%(count)d initiatives come in", len(self.came)), self.came),
            (ngettext("%(count)d goes out", "%(count)d go out", len(self.gone)), self.gone),
            (ngettext("%(count)d moves its dates", "%(count)d move their dates", len(self.moved)), self.moved),
        )
        return words.listed([text % {"count": len(some)} for text, some in told if some])


def differences(before: Answered, after: Answered) -> Differences:
    """The second plan's choice against the first's."""
    old, new = _dates(before), _dates(after)
    moves = [
        Move(key, (old[key][0], new[key][0]), (old[key][1], new[key][1]))
        for key in old
        if key in new and old[key] != new[key]
    ]
    return Differences(
        tuple(key for key in new if key not in old),
        tuple(key for key in old if key not in new),
        tuple(sorted(moves, key=lambda one: (-abs(one.months), one.finishes[1], one.initiative))),
    )


def _dates(plan: Answered) -> dict[str, tuple[date, date]]:
    """First month of the start, and the month of the planned finish, of every initiative of a plan."""
    start = answers.inputs_of(plan).programme.start
    finishes = {one.initiative: one.month for one in plan.result.finishes}
    return {
        one.initiative: (_month(start, 3 * one.quarter), _month(start, finishes[one.initiative]))
        for one in plan.result.plan.starts
    }


def _month(start: date, month: int) -> date:
    whole = start.month - 1 + month
    return date(start.year + whole // 12, whole % 12 + 1, 1)


def finishes(approved: Approved) -> dict[str, str]:
    """When each initiative of the approved plan was to finish."""
    return {
        key: date_format(when, "YEAR_MONTH_FORMAT") for key, (_start, when) in _dates(approved.baseline.plan).items()
    }


def day(approved: Approved) -> str:
    """The day of the approval."""
    return date_format(approved.baseline.approved or localtime(approved.baseline.plan.at), "DATE_FORMAT")


def which(approved: Approved) -> dict[int, str]:
    """How the answers on the approved plan are told from today's, by their numbers."""
    then = _("as approved on %(day)s") % {"day": day(approved)}
    return {
        approved.baseline.plan.id: then,
        approved.baseline.outlook.id: then,
        approved.kept.id: _("of the approved plan, kept as it is"),
    }


def worth(approved: Approved, outlook: Answered, currency: str) -> str:
    """What the approved plan was expected to be worth, what it is when kept, and what the proposed one is."""
    said = {
        "before": words.money(approved.baseline.outlook.result.net_present_value.mean, currency),
        "kept": words.money(approved.kept.result.net_present_value.mean, currency),
        "anew": words.money(outlook.result.net_present_value.mean, currency),
    }
    return _("Expected value %(before)s when approved; kept as it is, %(kept)s today; planned anew, %(anew)s") % said


def compared(ground: Ground) -> Section | None:
    """The approved plan, that plan kept, and the proposed one, side by side; None where none was approved."""
    if ground.approved is None:
        return None
    approved, differ = ground.approved, differences(ground.approved.baseline.plan, ground.plan)
    sentence = worth(approved, ground.outlook, ground.currency) + _(".")
    blocks: tuple[Block, ...] = (_beside(ground, approved, differ),)
    if differ:
        blocks += (*_in_and_out(ground, approved, differ), _moves(ground, approved, differ))
    return Section(
        "approved",
        _("The plan approved on %(day)s, and this one") % {"day": day(approved)},
        ground.anchors.text(sentence, approved.baseline.outlook, approved.kept, ground.outlook),
        blocks,
    )


def _beside(ground: Ground, approved: Approved, differ: Differences) -> Table:
    sides = (approved.baseline.outlook, approved.kept, ground.outlook)
    columns = (
        Column("", weight=1.6),
        Column(_("When approved"), True),
        Column(_("Kept as it is, today"), True),
        Column(_("Planned anew, today"), True),
    )
    rows = tuple(
        (Text(title), *(ground.anchors.text(told(side), side) for side in sides))
        for title, told in _measures(sides, ground.currency)
    )
    return Table(_("Side by side"), columns, rows, _note(ground, approved, differ))


def _measures(sides: Iterable[Answered], currency: str) -> Iterator[tuple[str, Any]]:
    """What the plans are measured by, each with how it is told of an outlook."""

    def money(value: float) -> str:
        return words.money(value, currency)

    yield _("Initiatives"), lambda side: words.decimals(len(side.result.finishes), 0)
    yield _("Expected value"), lambda side: money(side.result.net_present_value.mean)
    yield _("Expected value less losses"), lambda side: money(side.result.net_of_losses.mean)
    yield _("Key results likely"), lambda side: _likely(side.result)
    if all(side.result.loss_years for side in sides):
        yield _("Expected loss of a year"), lambda side: money(side.result.loss_years[-1].after.mean)


def _likely(result: Any) -> str:
    return _("%(part)d of %(whole)d") % {"part": likely(result.goals), "whole": len(result.goals)}


def _note(ground: Ground, approved: Approved, differ: Differences) -> Text:
    """How sure the difference is, and why keeping the approved plan is not as it looks."""
    if not differ:
        return ground.anchors.text(_("Planning anew chooses the same initiatives at the same dates."), ground.plan)
    change = against_kept(ground, approved)
    said = {
        "sum": words.change(change.mean, ground.currency),
        "span": words.changes(change.low, change.high, ground.currency),
    }
    parts = [_("Planned anew against kept, in expected value less losses: %(sum)s (90 %%: %(span)s).") % said]
    promised = {start.initiative for start in approved.baseline.plan.result.plan.starts}
    if any(moved.initiative in promised for moved in ground.chosen.moved):
        parts.append(
            _("Kept as it is, work waits wherever people are short; planned anew, the plan stays within every limit.")
        )
    return ground.anchors.text(words.sentences(parts), approved.kept, ground.outlook, ground.plan)


def against_kept(ground: Ground, approved: Approved) -> Any:
    """What planning anew changes in expected value less losses against the approved plan kept, trial by trial."""
    return ground.outlook.analysis.module.difference(approved.kept.result, ground.outlook.result).net_of_losses


def _in_and_out(ground: Ground, approved: Approved, differ: Differences) -> tuple[Items, Items]:
    known = {initiative.key for initiative in answers.inputs_of(approved.baseline.plan).programme.initiatives}
    dates = _dates(ground.plan)
    came = tuple(
        Item(
            Text(ground.names.name("initiative", key)),
            (
                Text(_("left out when the plan was approved") if key in known else _("not known when it was approved")),
                ground.anchors.text(_span(*dates[key]), ground.plan),
            ),
        )
        for key in differ.came
    )
    why = {out.initiative: line.effects for out, line in zip(ground.chosen.left_out, ground.view.left, strict=True)}
    gone = tuple(
        Item(
            Text(ground.names.name("initiative", key)),
            tuple(ground.anchors.text(text, ground.plan) for text in why.get(key) or _ended(ground, key)),
            State.BAD,
        )
        for key in differ.gone
    )
    return (
        Items(_("Comes in"), came, _("Nothing comes in."), half=True),
        Items(_("Goes out"), gone, _("Nothing goes out."), half=True),
    )


def _ended(ground: Ground, key: str) -> tuple[str, ...]:
    """Why an initiative that can no longer be chosen is out: the state it is in."""
    row = ground.names.row("initiative", key)
    if row is None or row["retired"]:
        return (_("no longer recorded"),)
    return (show.value(KINDS["initiative"].attributes["state"], row["state"]) or _("no longer recorded"),)


def _span(start: date, finish: date) -> str:
    said = {"start": _quarter(start), "finish": date_format(finish, "YEAR_MONTH_FORMAT")}
    return _("from %(start)s, finished in %(finish)s as planned") % said


def _quarter(day: date) -> str:
    return words.quarter_of(day, 0)


def _moves(ground: Ground, approved: Approved, differ: Differences) -> Table:
    """The dates that planning anew moves most."""
    shown = differ.moved[:LARGEST]
    title = _("Dates planned anew")
    if len(differ.moved) > len(shown):
        said = {"shown": len(shown), "count": len(differ.moved)}
        title = _("Dates planned anew: the %(shown)d largest moves of %(count)d") % said
    columns = (
        Column(_("Initiative"), weight=2.2),
        Column(_("Start as approved"), weight=0.9),
        Column(_("Start anew"), weight=0.7),
        Column(_("Finish as approved"), weight=1.1),
        Column(_("Finish anew"), weight=1.1),
        Column(_("Months later"), True, 0.7),
    )
    before, after = approved.baseline.plan, ground.plan
    rows = tuple(
        (
            Text(ground.names.name("initiative", move.initiative)),
            ground.anchors.text(_quarter(move.starts[0]), before),
            ground.anchors.text(_quarter(move.starts[1]), after),
            ground.anchors.text(date_format(move.finishes[0], "YEAR_MONTH_FORMAT"), before),
            ground.anchors.text(date_format(move.finishes[1], "YEAR_MONTH_FORMAT"), after),
            ground.anchors.text(
                words.signed(move.months, 0), before, after, state=State.BAD if move.months > 0 else State.PLAIN
            ),
        )
        for move in shown
    )
    return Table(title, columns, rows, empty=_("No date moves."))


def drift(ground: Ground) -> Section | None:
    """Where reality has left the approved plan; without the people whose comings and goings are behind it."""
    if ground.approved is None:
        return None
    seen, source, anchors = ground.approved.view, ground.approved.drift, ground.anchors

    def items(title: str, some: Any) -> Items:
        entries = tuple(
            Item(
                Text(line.title),
                tuple(anchors.text(effect, source) for effect in line.effects),
                State(line.state or "plain"),
            )
            for line in some[:DRIFTED]
        )
        if len(some) > DRIFTED:
            said = {"title": title, "shown": DRIFTED, "count": len(some)}
            title = _("%(title)s: the %(shown)d largest of %(count)d") % said
        return Items(title, entries, _("None beyond chance."), half=True)

    blocks: list[Block] = [items(_("Key results that moved"), seen.goals), items(_("Dates that moved"), seen.finishes)]
    if seen.chart is not None:
        title = anchors.text(_("Value, cause by cause"), ground.approved.baseline.outlook, source)
        blocks.append(drawn(Shape.CAUSES, title, sized(seen.chart, CAUSES)))
    causes = tuple(_causes(ground, source))
    blocks.append(Items(_("Causes"), causes, _("None."), half=seen.chart is not None))
    text = _drifted(ground.approved, ground.currency, moved=bool(causes))
    return Section("drift", _("What moved since the approval"), anchors.text(text, source), tuple(blocks))


def _drifted(approved: Approved, currency: str, *, moved: bool) -> str:
    """What left the approved plan, and what that does to its value; plainly so where nothing can be told."""
    value = approved.drift.result.total.value.mean
    if not value and not moved:
        return _("Nothing that can be told has moved since the approval.")
    text = _("The approved plan is worth as much as at approval.")
    if value:
        less = _("The approved plan is worth %(sum)s less than at approval.")
        more = _("The approved plan is worth %(sum)s more than at approval.")
        text = (less if value < 0 else more) % {"sum": words.money(abs(value), currency)}
    return words.sentences([approved.view.sentence, text])


def _causes(ground: Ground, source: Answered) -> Iterator[Item]:
    """The groups of inputs that moved anything, the largest in value first; records are not named: they may be
    people."""
    for group in sorted(source.result.groups, key=lambda group: -abs(group.effect.value.mean)):
        value, worst = group.effect.value.mean, min(group.effect.met, key=lambda change: change.mean, default=None)
        told = [_("value %(sum)s") % {"sum": words.change(value, ground.currency)}] if value else []
        if worst is not None and worst.mean < 0:
            said = {"goal": ground.names.name("key-result", worst.name), "points": words.points(worst.mean)}
            told.append(_("%(goal)s %(points)s") % said)
        if told:
            yield Item(
                Text(show.capital(drifts.group_name(group.name))),
                tuple(ground.anchors.text(text, source) for text in told),
                State.BAD if value < 0 else State.GOOD if value > 0 else State.PLAIN,
            )
