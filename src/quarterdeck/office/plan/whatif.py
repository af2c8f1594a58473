"""What a what-if does: dates, goals, money, loss and capacity side by side, with intervals from paired trials."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quarterdeck.engines.programme import Programme
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan.view import Names, words_join
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

LEAST_MONTHS = 0.05  # a date that moves less is written with no figure


@dataclass(frozen=True)
class Line:
    """One thing compared: before, after, the difference and its 90 % interval, as text; whether it moved for the
    worse."""

    group: str
    title: str
    before: str
    after: str
    difference: str
    interval: str
    state: str  # good, bad or empty

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
    lines = (
        *_money(before, after, difference, currency),
        *_goals(before, after, difference, names),
        *_dates(before, after, difference, names, programme),
        *_capacity(before, after, names, programme),
    )
    moved = difference.net_of_losses
    if _is_nothing(difference) and not any(line.group == "capacity" for line in lines):
        return Compared(_("Nothing changes: the difference is exactly zero."), "", lines)
    sentence = _("Value after losses changes by %(sum)s.") % {"sum": words.change(moved.mean, currency)}
    if moved.mean == 0:
        sentence = _("Value after losses stays as it is.")
    hurt = [line.title for line in lines if line.group == "goals" and line.state == "bad"]
    lede = (
        _("Made less likely: %(goals)s.") % {"goals": _(", ").join(hurt[:4])}
        if hurt
        else _("No key result becomes less likely.")
    )
    return Compared(words_join([sentence]), lede, lines)


def _is_nothing(difference: Any) -> bool:
    """Whether no trial differs at all; an interval around zero alone does not say so."""
    sums = (difference.net_present_value, difference.losses, difference.net_of_losses)
    changes = (*sums, *difference.met, *difference.finishes)
    return not difference.unmatched and all(change.mean == 0 == change.standard_error for change in changes)


def _sums(change: Any, currency: str) -> str:
    if change.mean == 0 and change.standard_error == 0:
        return ""
    return words.interval(words.money(change.low, ""), words.money(change.high, currency))


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
                words.share(was.probability),
                words.share(now.probability),
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
    text = _("%(months)s months") % {"months": ("+" if change.mean > 0 else "") + words.decimals(change.mean, 1)}
    return (
        text,
        words.interval(words.decimals(change.low, 1), words.decimals(change.high, 1)),
        _state(change, more_is_good=False),
    )


def _capacity(before: Answered, after: Answered, names: Names, programme: Programme) -> list[Line]:
    """Supply of each skill over the plan's quarters, where it differs."""
    sums: list[dict[str, float]] = [{}, {}]
    for place, answered in enumerate((before, after)):
        for entry in answered.result.capacity:
            if entry.quarter < programme.quarters:
                sums[place][entry.skill] = sums[place].get(entry.skill, 0.0) + entry.supply.p50
    found = []
    for skill in sorted(sums[0].keys() | sums[1].keys()):
        was, now = (some.get(skill, 0.0) for some in sums)
        if was == now:
            continue
        text = _("%(months)s person-months")
        signed = ("+" if now > was else "") + words.decimals(now - was, 1)
        found.append(
            Line(
                "capacity",
                names.name("skill", skill),
                text % {"months": words.decimals(was, 1)},
                text % {"months": words.decimals(now, 1)},
                text % {"months": signed},
                "",
                "good" if now > was else "bad",
            )
        )
    return found


def table(seen: Compared, *, moved: bool) -> dict[str, Any]:
    """The lines that moved, or those that did not, as the table partial reads them."""
    groups = {"money": _("money"), "goals": _("key results"), "dates": _("expected finish"), "capacity": _("capacity")}
    columns = [{"title": title} for title in (_("What"), "")] + [
        {"title": title, "numeric": True}
        for title in (
            pgettext("difference", "before"),
            pgettext("difference", "after"),
            _("difference"),
            _("90 % interval"),
        )
    ]
    rows = [
        {
            "url": "",
            "cells": [
                {"text": line.title, "long": True},
                {"text": groups[line.group]},
                {"text": line.before, "numeric": True},
                {"text": line.after, "numeric": True},
                {"text": line.difference, "numeric": True, "state": line.state},
                {"text": line.interval or None, "numeric": True},
            ],
        }
        for line in seen.lines
        if line.moved == moved
    ]
    return {"columns": columns, "rows": rows, "label": _("Before and after")}


def form(given: Any, reader: Reader) -> forms.Form:
    """What can be asked, each choice a change in the words that `changes.read` takes."""
    access = Access(reader)

    def options(kind: str, sort: str, size: str = "") -> list[tuple[str, str]]:
        if not reader.reads(kind):
            return [("", "—")]
        names = Names(reader)
        return [
            ("", "—"),
            *(
                (f"{sort}:{row.key}{size}", names.name(kind, row.key))
                for row in access.select(kind).where(retired__empty=True).rows(400)
            ),
        ]

    fields: dict[str, Any] = {
        "vendor": forms.ChoiceField(label=_("Drop a vendor"), choices=options("vendor", "drop-vendor"), required=False),
        "person": forms.ChoiceField(label=_("Lose a person"), choices=options("person", "lose-person"), required=False),
        "team": forms.ChoiceField(label=_("Lose a team"), choices=options("team", "lose-team"), required=False),
        "delay": forms.ChoiceField(
            label=_("Delay an initiative by two quarters"), choices=options("initiative", "delay", ":2"), required=False
        ),
        "cancel": forms.ChoiceField(
            label=_("Cancel an initiative"), choices=options("initiative", "cancel"), required=False
        ),
        "hiring": forms.ChoiceField(
            label=_("Hiring"), choices=[("", _("as planned")), ("freeze-hiring", _("frozen"))], required=False
        ),
        "budget": forms.ChoiceField(
            label=_("Budget"),
            choices=[
                ("", _("as planned")),
                *(
                    (f"cut-budget::{part}", _("cut by %(part)s") % {"part": words.share(part)})
                    for part in (0.1, 0.2, 0.3, 0.5)
                ),
            ],
            required=False,
        ),
    }
    made = type("WhatIfForm", (forms.Form,), fields)
    return made(given or None)


def said(form: forms.Form, typed: str) -> str:
    """The changes asked for as people read them: what was chosen, then what was typed."""
    parts = []
    for name, field in form.fields.items():
        chosen = form[name].value()
        label = dict(field.choices).get(chosen) if chosen else None  # type: ignore[attr-defined]
        if label:
            parts.append(f"{field.label}{_(': ')}{label}")
    return _("; ").join([*parts, *filter(None, [typed.strip()])])


def asked(given: Any) -> str:
    """The changes chosen in the form and those typed beside it, as words."""
    names = ("vendor", "person", "team", "delay", "cancel", "hiring", "budget", "change")
    return " ".join(word for name in names for word in given.getlist(name) if word.strip()).strip()[:2_000]
