"""The life of a number: figure → answer → run, records and snapshots → who changed it, or file and line."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quarterdeck.kinds import show
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.users import reader_of
from quarterdeck.lake import tables
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Audience, Rested
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.models import Answer

CONDITIONS = re.compile(r", (?=\w+=)")  # between two conditions of a filter


def url(answered: Answered) -> str:
    """Where the path of an answer is shown."""
    return reverse("path", kwargs={"number": answered.id})


def _condition(kind: Kind, text: str) -> str:
    """One condition as a person reads it: “state: proposed, funded”; as it is written where it says something else."""
    name, _equals, value = text.partition("=")
    name, _blank, operator = name.partition("__")
    attribute = kind.attributes.get(name)
    if attribute is None or operator not in ("", "in", "empty"):
        return text
    if operator == "empty":
        said = _("%(field)s: none") if value == "True" else _("%(field)s: any")
        return said % {"field": attribute.label}
    words = re.findall(r"[^\[\]', ]+", value)
    shown = [show.value(attribute, word == "True" if word in ("True", "False") else word) or word for word in words]
    return _("%(field)s: %(value)s") % {"field": attribute.label, "value": _(", ").join(shown)}


def _about(rested: Rested, kind: Kind | None = None) -> str:
    if not rested.filter:
        return ""
    parts = CONDITIONS.split(rested.filter) if kind else rested.filter.split(", ")
    said = [_condition(kind, part) for part in parts] if kind else parts
    return _(" (%(filter)s)") % {"filter": _(", ").join(said)}


def _step(rested: Rested) -> dict[str, Any]:
    sort, _colon, what = rested.what.partition(":")
    about = _about(rested, KINDS.get(what) if sort == "kind" else None)
    if sort == "kind" and what in KINDS:
        text = _("%(count)d %(kinds)s%(about)s") % {"count": rested.count, "kinds": KINDS[what].plural, "about": about}
        return {"text": text, "url": show.url("list", KINDS[what])}
    if sort == "table" and what in tables.TABLES:
        return {
            "text": _("%(count)d rows of %(table)s%(about)s") % {"count": rested.count, "table": what, "about": about},
            "url": reverse("evidence-table", kwargs={"table": what}),
        }
    if sort == "answer":
        text = _("answer %(name)s%(about)s") % {"name": what, "about": about}
        return {"text": text, "url": reverse("path", kwargs={"number": rested.mark})}
    return {"text": f"{rested.what}{about}", "url": ""}


def steps(answered: Answered) -> list[dict[str, Any]]:
    """Run, then everything gathered for it."""
    run = _("run %(run)s · engine %(engine)s %(version)s · %(seconds).1f s") % {
        "run": answered.run[:12],
        "engine": answered.engine,
        "version": answered.version,
        "seconds": answered.seconds,
    }
    return [{"text": run, "url": ""}, *(_step(rested) for rested in answered.rested)]


@require_GET
def path(request: HttpRequest, number: int) -> HttpResponse:
    """What an answer rests on; alone where it is opened in place."""
    reader = reader_of(request.user)
    kept = Answer.objects.filter(pk=number).first()
    if kept is None:
        raise NotFound(f"answer:{number}")
    answered = answers.recall(number)
    answers.permit(answered.analysis, reader)
    if answered.analysis.audience is not Audience.COMPANY and kept.audience != reader.audience:
        raise NotFound(f"answer:{number}")
    at = date_format(localtime(answered.at), "DATETIME_FORMAT")
    shown = {
        "title": str(answered.analysis.title),
        "value": str(answered.analysis.question),
        "freshness": _("computed %(at)s") % {"at": at},
        "steps": steps(answered),
    }
    if request.headers.get("HX-Request"):
        return render(request, "partials/path.html", {"path": shown})
    return render(
        request,
        "office/path.html",
        {"head": {"eyebrow": _("Where from"), "sentence": str(answered.analysis.question)}, "path": shown},
    )
