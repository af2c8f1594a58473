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

from quarterdeck.decisions.proposing import may_see
from quarterdeck.kinds import show
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.lake import tables
from quarterdeck.office import evidence_rows, words
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import ANALYSES, BETWEEN, Rested
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.models import Answer

COLUMNS = 6  # of a table that are named
SHORTEST = 0.1  # seconds worth telling
ORDER = {"answer": 0, "kind": 1, "table": 2}  # other answers first, then records, then evidence


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
    held = re.findall(r"[^\[\]', ]+", value)
    shown = [show.value(attribute, word == "True" if word in ("True", "False") else word) or word for word in held]
    return _("%(field)s: %(value)s") % {"field": attribute.label, "value": _(", ").join(shown)}


def _about(rested: Rested, kind: Kind | None = None) -> str:
    if not rested.filter:
        return ""
    if kind:
        said = _(", ").join(_condition(kind, part) for part in BETWEEN.split(rested.filter))
        return _(" (%(filter)s)") % {"filter": said}
    columns = rested.filter.split(", ")
    said = _(", ").join(columns[:COLUMNS])
    if len(columns) > COLUMNS:
        said = _("%(columns)s and %(more)d more columns") % {"columns": said, "more": len(columns) - COLUMNS}
    return _(" (%(filter)s)") % {"filter": said}


def step_text(rested: Rested) -> str:
    """What was gathered, in words."""
    sort, _colon, what = rested.what.partition(":")
    about = _about(rested, KINDS.get(what) if sort == "kind" else None)
    count = show.counted(rested.count, False)
    if sort == "kind" and what in KINDS:
        kinds = KINDS[what].title if rested.count == 1 else KINDS[what].plural
        return _("%(count)s %(kinds)s%(about)s") % {"count": count, "kinds": kinds, "about": about}
    if sort == "table" and what in tables.TABLES:
        return _("%(count)s rows of %(table)s%(about)s") % {"count": count, "table": what, "about": about}
    if sort == "answer":
        name, _sign, _number = what.partition("#")
        title = str(ANALYSES[name].title) if name in ANALYSES else name
        text = _("answer “%(title)s”, number %(number)d%(about)s")
        return text % {"title": title, "number": rested.mark, "about": about}
    return f"{rested.what}{about}"


def _step_url(answered: Answered, place: int, reader: Reader) -> str:
    """Where what was gathered stands, as it was then; empty where the reader may not see it."""
    rested = answered.rested[place]
    sort, _colon, what = rested.what.partition(":")
    if sort == "kind" and rested.mark and what in KINDS and reader.reads(what):
        return reverse("path-records", kwargs={"number": answered.id, "place": place})
    if sort == "table" and what in tables.TABLES and tables.may_read(reader, what):
        return evidence_rows.url(what, {}, rested.mark)
    if sort == "answer" and _opens(rested.mark, reader):
        return reverse("path", kwargs={"number": rested.mark})
    return ""


def _opens(number: int, reader: Reader) -> bool:
    """Whether this reader may follow the path of an answer."""
    kept = Answer.objects.filter(pk=number).first()
    return kept is not None and may_see(reader, kept)


def steps(answered: Answered, reader: Reader) -> list[dict[str, Any]]:
    """Run, then everything gathered for it."""
    run = _("run %(run)s · engine %(engine)s %(version)s · %(seconds)s s") % {
        "run": answered.run[:12],
        "engine": answered.engine,
        "version": answered.version,
        "seconds": words.decimals(answered.seconds, 1) if answered.seconds >= SHORTEST else f"< {SHORTEST}",
    }
    order = sorted(enumerate(answered.rested), key=lambda one: ORDER.get(one[1].what.partition(":")[0], len(ORDER)))
    told = [{"text": step_text(rested), "url": _step_url(answered, place, reader)} for place, rested in order]
    gathered = {step["text"]: step for step in told}  # what was read twice stands once
    return [{"text": run, "url": ""}, *gathered.values()]


def followed(number: int, reader: Reader) -> Answered:
    """The answer whose path a reader follows. Raises Denied, NotFound."""
    kept = Answer.objects.filter(pk=number).first()
    if kept is None:
        raise NotFound(f"answer:{number}")
    answered = answers.recall(number)
    answers.permit(answered.analysis, reader)
    if not may_see(reader, kept):
        raise NotFound(f"answer:{number}")
    return answered


@require_GET
def path(request: HttpRequest, number: int) -> HttpResponse:
    """What an answer rests on; alone where it is opened in place."""
    reader = reader_of(request.user)
    answered = followed(number, reader)
    at = date_format(localtime(answered.at), "DATETIME_FORMAT")
    shown = {
        "title": str(answered.analysis.title),
        "value": str(answered.analysis.question),
        "freshness": _("computed %(at)s") % {"at": at},
        "steps": steps(answered, reader),
    }
    if request.headers.get("HX-Request"):
        return render(request, "partials/path.html", {"path": shown})
    return render(
        request,
        "office/path.html",
        {"head": {"eyebrow": _("Where from"), "sentence": str(answered.analysis.question)}, "path": shown},
    )
