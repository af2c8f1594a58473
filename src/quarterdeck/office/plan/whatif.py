"""What a what-if does: dates, goals, money, loss and capacity side by side, with intervals from paired trials."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quarterdeck.chapters.people.growth.knowledge import KNOWLEDGE
from quarterdeck.engines.programme import Programme
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.office import words
from quarterdeck.office.plan import asking, changes, idle
from quarterdeck.office.plan.holders import Held
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering
from quarterdeck.runs.answers import Answered

NAMED = 4  # key results made less likely, and systems nobody knows, that the sentence names
LEAST_MONTHS = 0.05  # a date that moves less is written with no figure


@dataclass(frozen=True)
class Line:
    """One thing compared: before, after, the difference and its 90 % interval, as text; whether it moved for the
    worse; where it leads and what is to be known of it, where there is something."""

    group: str
    title: str
    before: str
    after: str
    difference: str
    interval: str
    state: str  # good, bad or empty
    url: str = ""
    remark: str = ""

    @property
    def moved(self) -> bool:
        """Whether any trial differs."""
        return bool(self.state or self.interval)


@dataclass(frozen=True)
class Compared:
    """A what-if's whole answer."""

    sentence: str
    lede: str
    lines: tuple[Line, ...]


def compare(before: Answered, after: Answered, reader: Reader, currency: str) -> Compared:
    """The second outlook against the first, trial by trial."""
    difference = before.analysis.module.difference(before.result, after.result)
    names, programme = Names(reader), answers.inputs_of(before).programme
    lost = _orphaned(after, reader)
    lines = (
        *_money(before, after, difference, currency),
        *_goals(before, after, difference, names),
        *_dates(before, after, difference, names, programme),
        *_capacity(difference, names, programme),
        *_knowledge(lost, names),
    )
    unknown = _unknown(lost, names)
    if _is_nothing(difference):
        nothing = _("Nothing changes: the difference is exactly zero.")
        if lost:
            nothing = _("No figure changes: the difference is exactly zero.")
        return Compared(words.sentences((nothing, *idle.reasons(after, reader))), unknown, lines)
    moved = difference.net_of_losses
    sentence = _("Value after losses changes by %(sum)s.") % {"sum": words.change(moved.mean, currency)}
    if moved.mean == 0:
        sentence = _("Value after losses stays as it is.")
    hurt = [line.title for line in lines if line.group == "goals" and line.state == "bad"]
    lede = (
        _("Made less likely: %(goals)s.") % {"goals": _(", ").join(hurt[:NAMED])}
        if hurt
        else _("No key result becomes less likely.")
    )
    return Compared(sentence, words.sentences((lede, unknown)), lines)


def _orphaned(after: Answered, reader: Reader) -> tuple[Held, ...]:
    """Systems that nobody left knows after the changes, for those who may see where knowledge is."""
    asked = changes.read(after.parameters.get("changes", ""))
    if not any(change.sort in changes.LEAVING for change in asked):
        return ()
    try:
        answers.permit(KNOWLEDGE, reader)
    except Denied:
        return ()
    eyes, today = after.analysis.computes_for(reader), timezone.localdate()
    gathering = Gathering(eyes, today, after.parameters, after.analysis.module)
    return changes.orphaned(asking.ground_of(gathering))


def _unknown(lost: tuple[Held, ...], names: Names) -> str:
    """What nobody left knows, and what of it the register counts no loss for."""
    if not lost:
        return ""

    def listed(some: Iterable[Held]) -> str:
        found = [names.name("system", held.system) for held in some]
        more = len(found) - NAMED
        if more <= 0:
            return words.listed(found)
        return ngettext("%(systems)s and %(more)d more", "%(systems)s and %(more)d more", more) % {
            "systems": _(", ").join(found[:NAMED]),
            "more": more,
        }

    parts = [_("Nobody left knows %(systems)s.") % {"systems": listed(lost)}]
    silent = [held for held in lost if not held.scenarios]
    if silent:
        parts.append(_("The register counts no loss for %(systems)s.") % {"systems": listed(silent)})
    return words.sentences(parts)


def _is_nothing(difference: Any) -> bool:
    """Whether no trial differs at all; an interval around zero alone does not say so."""
    sums = (difference.net_present_value, difference.losses, difference.net_of_losses)
    moves = (*sums, *difference.met, *difference.finishes, *difference.supply)
    return not difference.unmatched and all(change.mean == 0 == change.standard_error for change in moves)


def _sums(change: Any, currency: str) -> str:
    if change.mean == 0 and change.standard_error == 0:
        return ""
    return words.changes(change.low, change.high, currency)


def _state(change: Any, *, more_is_good: bool = True) -> str:
    """Good or bad only where the interval leaves zero out."""
    if change.low > 0:
        return "good" if more_is_good else "bad"
    if change.high < 0:
        return "bad" if more_is_good else "good"
    return ""


def _money(before: Answered, after: Answered, difference: Any, currency: str) -> list[Line]:
    rows = (
        (_("Net present value"), "net_present_value", difference.net_present_value, True),
        (_("Losses over the years"), "losses", difference.losses, False),
    )
    return [
        Line(
            "money",
            title,
            words.money(getattr(before.result, name).mean, currency),
            words.money(getattr(after.result, name).mean, currency),
            words.change(change.mean, currency),
            _sums(change, currency),
            _state(change, more_is_good=good),
        )
        for title, name, change, good in rows
    ]


def _goals(before: Answered, after: Answered, difference: Any, names: Names) -> list[Line]:
    trials = min(before.result.checks.trials, after.result.checks.trials)
    first = {goal.key_result: goal.met for goal in before.result.goals}
    second = {goal.key_result: goal.met for goal in after.result.goals}
    found = []
    for change in difference.met:
        was, now = first.get(change.name), second.get(change.name)
        if was is None or now is None:
            continue
        span = "" if change.standard_error == 0 else words.points_between(change.low, change.high)
        found.append(
            Line(
                "goals",
                names.name("key-result", change.name),
                words.chance(was.probability, trials),
                words.chance(now.probability, trials),
                words.points(change.mean),
                span,
                _state(change),
            )
        )
    return sorted(found, key=lambda line: (line.state == "", line.title))


def _dates(before: Answered, after: Answered, difference: Any, names: Names, programme: Programme) -> list[Line]:
    changes = {change.name: change for change in difference.finishes}
    rows = [{f.initiative: f for f in answered.result.finishes} for answered in (before, after)]
    found = []
    for key in dict.fromkeys([*rows[0], *rows[1]]):
        change = changes.get(key)
        if change:
            was, now = (words.month_of(programme.start, moment) for moment in (change.first, change.second))
        else:
            was, now = (_middle(some.get(key), programme) for some in rows)
        moved, span, state = (
            _shift(change)
            if change
            else (
                pgettext("plan", "in") if key in rows[1] else pgettext("plan", "out"),
                "",
                "good" if key in rows[1] else "bad",
            )
        )
        found.append(Line("dates", names.name("initiative", key), was, now, moved, span, state))
    return sorted(found, key=lambda line: (line.state == "", line.title))


def _middle(finish: Any, programme: Programme) -> str:
    """When an initiative that stands in one of the two alone finishes, as likely before as after."""
    if finish is None:
        return "—"
    return words.month_of(programme.start, next((q.moment for q in finish.quantiles if q.probability == 0.5), None))


def _shift(change: Any) -> tuple[str, str, str]:
    if change.mean == 0 and change.standard_error == 0:
        return _("no change"), "", ""
    if abs(change.mean) < LEAST_MONTHS:
        return _("less than 0.1 months"), "", ""
    text = _("%(months)s months") % {"months": words.signed(change.mean, 1)}
    return text, _months_between(change), _state(change, more_is_good=False)


def _months_between(change: Any) -> str:
    return words.interval(words.signed(change.low, 1), words.signed(change.high, 1))


def _capacity(difference: Any, names: Names, programme: Programme) -> list[Line]:
    """Each skill's person-months over the plan's quarters, where they differ."""
    span = words.quarters(programme.start, range(programme.quarters))
    return [
        Line(
            "capacity",
            _("%(skill)s, %(quarter)s") % {"skill": names.name("skill", change.name), "quarter": span},
            words.decimals(change.first, 1),
            words.decimals(change.second, 1),
            _("%(months)s person-months") % {"months": words.signed(change.mean, 1)},
            _months_between(change),
            _state(change),
            names.url("skill", change.name),
        )
        for change in sorted(difference.supply, key=lambda change: change.name)
        if change.mean or change.standard_error
    ]


def _knowledge(lost: tuple[Held, ...], names: Names) -> list[Line]:
    """A line a system that nobody left knows."""
    found = []
    for held in lost:
        risks = [_("“%(what)s”") % {"what": names.name("scenario", key)} for key in held.scenarios]
        remark = _("the register counts no loss for it")
        if risks:
            remark = _("as good as certain: %(risks)s") % {"risks": words.listed(risks)}
        count = len(held.holders)
        found.append(
            Line(
                "knowledge",
                names.name("system", held.system),
                ngettext("%(count)d person", "%(count)d people", count) % {"count": count},
                _("nobody"),
                _("knowledge lost"),
                "",
                "bad",
                names.url("system", held.system),
                remark,
            )
        )
    return sorted(found, key=lambda line: line.title)


def table(seen: Compared, *, moved: bool) -> dict[str, Any]:
    """The lines that moved, or those that did not, as the table partial reads them."""
    groups = {
        "money": _("money"),
        "goals": _("key results"),
        "dates": _("expected finish"),
        "capacity": _("capacity"),
        "knowledge": _("knowledge"),
    }
    titles = (
        _("difference"),
        _("90 % interval"),
        pgettext("difference", "before"),
        pgettext("difference", "after"),
    )
    columns = [{"title": _("What")}, *({"title": title, "numeric": True} for title in titles)]
    rows = []
    for line in seen.lines:
        if line.moved == moved:
            note = " · ".join(filter(None, (groups[line.group], line.remark)))
            texts = (line.difference, line.interval or None, line.before, line.after)
            cells = [{"text": text, "numeric": True, "label": title} for text, title in zip(texts, titles, strict=True)]
            cells[0]["state"] = line.state
            rows.append({"url": line.url, "cells": [{"text": line.title, "long": True, "note": note}, *cells]})
    return {"columns": columns, "rows": rows, "label": _("Before and after"), "stacked": True}
