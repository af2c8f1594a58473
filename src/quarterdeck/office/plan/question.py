"""What a what-if can ask: a form of changes in words, people by team and the keepers of knowledge first."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan.holders import known, works_here
from quarterdeck.office.plan.names import Names

CUTS = (0.1, 0.2, 0.3, 0.5)  # of the budget, that the form offers
OPTIONS = 1_000  # records of one kind that it offers
Choices = list[tuple[str, Any]]  # (value, label), or (heading, choices)


def form(given: Any, reader: Reader) -> forms.Form:
    """What can be asked, each choice a change in the words that `changes.read` takes."""
    named = (
        ("vendor", _("Drop a vendor"), "vendor", "drop-vendor", ""),
        ("team", _("Lose a team"), "team", "lose-team", ""),
        ("delay", _("Delay an initiative by two quarters"), "initiative", "delay", ":2"),
        ("cancel", _("Cancel an initiative"), "initiative", "cancel", ""),
    )
    names = Names(reader)
    choices: list[tuple[str, str, Choices]] = [
        (name, label, _options(names, reader, kind, sort, size)) for name, label, kind, sort, size in named
    ]
    choices.insert(1, ("person", _("Lose a person"), _people(names, reader)))
    fields: dict[str, Any] = {
        name: forms.ChoiceField(label=label, choices=some, required=False) for name, label, some in choices
    }
    as_planned = ("", _("as planned"))
    cuts = [(f"cut-budget::{part}", _("cut by %(part)s") % {"part": words.share(part)}) for part in CUTS]
    fields["hiring"] = forms.ChoiceField(
        label=_("Hiring"), choices=[as_planned, ("freeze-hiring", _("frozen"))], required=False
    )
    fields["budget"] = forms.ChoiceField(label=_("Budget"), choices=[as_planned, *cuts], required=False)
    made = type("WhatIfForm", (forms.Form,), fields)
    return made(given or None)


def _options(names: Names, reader: Reader, kind: str, sort: str, size: str) -> Choices:
    """Every record of a kind that the reader may see and that is in use, as a change of it."""
    nothing = ("", "—")
    if not reader.reads(kind):
        return [nothing]
    rows = Access(reader).select(kind).where(retired__empty=True).rows(OPTIONS)
    return [nothing, *((f"{sort}:{row.key}{size}", names.name(kind, row.key)) for row in rows)]


def _people(names: Names, reader: Reader) -> Choices:
    """Everyone who works here: those who hold a system first, with their team, then the others by team."""
    nothing = ("", "—")
    if not reader.reads("person"):
        return [nothing]
    today, holders = timezone.localdate(), known(reader)
    rows = [row for row in Access(reader).select("person").rows() if works_here(row, today)]
    keepers, teams = [], dict[str, list[tuple[str, str]]]()
    for row in rows[:OPTIONS]:
        team = names.name("team", row["team"]) if row["team"] else ""
        value, name = f"lose-person:{row.key}", names.name("person", row.key)
        if row.key in holders:
            keepers.append((value, _("%(first)s, %(second)s") % {"first": name, "second": team} if team else name))
        else:
            teams.setdefault(team, []).append((value, name))
    grouped = [(team, sorted(some, key=_label)) for team, some in sorted(teams.items()) if team]
    first = [(_("They hold a system’s knowledge"), sorted(keepers, key=_label))] if keepers else []
    rest = [(_("In no team"), sorted(teams[""], key=_label))] if "" in teams else []
    return [nothing, *first, *grouped, *rest]


def _label(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


def said(form: forms.Form, typed: str) -> str:
    """The changes asked for as people read them: what was chosen, then what was typed."""
    parts = []
    for name, field in form.fields.items():
        chosen = form[name].value()
        label = _flat(field.choices).get(chosen) if chosen else None  # type: ignore[attr-defined]
        if label:
            parts.append(f"{field.label}{_(': ')}{label}")
    return _("; ").join([*parts, *filter(None, [typed.strip()])])


def _flat(choices: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Labels by value, out of their groups."""
    found: dict[str, str] = {}
    for value, label in choices:
        found |= _flat(label) if isinstance(label, list | tuple) else {value: label}
    return found


def asked(given: Any) -> str:
    """The changes chosen in the form and those typed beside it, as words."""
    names = ("vendor", "person", "team", "delay", "cancel", "hiring", "budget", "change")
    return " ".join(word for name in names for word in given.getlist(name) if word.strip()).strip()[:2_000]
