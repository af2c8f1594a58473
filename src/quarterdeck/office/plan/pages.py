"""The pages of the plan: the plan itself, what-if."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quarterdeck.chapters.innovation.projects.delivery import DELIVERY
from quarterdeck.charts.render import Picture, picture
from quarterdeck.estate.exchange import NoRate
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.office import paths, waiting, words
from quarterdeck.office.plan import changes, past, question, whatif
from quarterdeck.office.plan.asks import asks, declared, frame_in_use
from quarterdeck.office.plan.baseline import baseline
from quarterdeck.office.plan.frame import NotReady
from quarterdeck.office.plan.pictures import SkillLine
from quarterdeck.office.plan.view import PlanView, beside, view
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line

OPEN = 6  # rows that stand in the open, the others behind a word
TIGHT = 4  # skills that stand in the open where none falls short


def currency_of(reader: Reader) -> str:
    """The currency of the plan frame in use."""
    if not reader.reads("plan-frame"):
        return ""
    frames = Access(reader).select("plan-frame").where(current=True).rows(1)
    return str(frames[0]["currency"]) if frames else ""


def plan_reader(request: HttpRequest) -> Reader:
    reader = reader_of(request.user)
    if not reader.may("plan"):
        raise Denied("see", "plan")
    return reader


def not_ready(request: HttpRequest, error: Exception) -> HttpResponse:
    head = {"sentence": _("There is nothing to plan over yet."), "lede": str(error)}
    empty = {
        "title": _("What the plan needs"),
        "collect": _("A plan frame, people with skills, and at least one initiative with a duration."),
        "shows": _("It will show which initiatives to fund, when, with whom, and how likely each goal is."),
        "url": reverse("kinds:index"),
        "act": _("To the records"),
    }
    return render(request, "office/not_ready.html", {"head": head, "empty": empty})


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """The plan over all initiatives in reach, with its outlook."""
    reader = plan_reader(request)
    try:
        chosen = waiting.answer(request, "plan")
        ahead = waiting.answer(request, "outlook")
        kept = _kept(request, chosen)
        _measured(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    except (NotReady, NoRate) as error:
        return not_ready(request, error)
    currency = currency_of(reader)
    shown, asked = view(chosen, ahead, reader, currency), asks(chosen, reader, currency)
    lede = words.sentences((shown.lede, beside(ahead, kept, currency) if kept else ""))
    context = {
        **page_context(shown, paths.url(ahead)),
        "asked": rows(asked[:OPEN]),
        "asked_behind": rows(asked[OPEN:]),
        "past": _past(reader),
        "head": {"eyebrow": _("Plan"), "sentence": shown.sentence, "lede": lede, "acts": _acts(reader)},
        "plan_path": paths.url(chosen),
        "outlook_path": paths.url(ahead),
    }
    return render(request, "office/plan.html", context)


def _kept(request: HttpRequest, chosen: Answered) -> Answered | None:
    """What becomes of the approved plan kept as it is; None where none was approved in this frame."""
    found = baseline()
    if found is None or found.plan.result.plan == chosen.result.plan:
        return None
    with suppress(NotReady):  # approved in another frame
        return waiting.answer(request, "outlook", {"baseline": str(found.plan.id)})
    return None


def _measured(request: HttpRequest, reader: Reader) -> None:
    """Have the evidence asked for what the plan frame says of operations, for those who may see it."""
    if declared(frame_in_use(reader)) is not None:
        with suppress(Denied):
            waiting.answer(request, DELIVERY.name)


def _acts(reader: Reader) -> list[dict[str, Any]]:
    if not reader.may("propose"):
        return []
    return [
        {"title": _("Propose this plan"), "url": reverse("plan-propose"), "first": True},
        {"title": _("What if …"), "url": reverse("what-if")},
    ]


def page_context(shown: PlanView, path: str) -> dict[str, Any]:
    """What the plan's template reads; `path` leads to what the outlook rests on."""
    tight = max(TIGHT, sum(skill.short for skill in shown.skills))
    return {
        "shown": shown,
        "road": _road(shown),
        "frontier": picture(shown.frontier) if shown.frontier else None,
        "cash": picture(shown.cash),
        "appetite": picture(shown.appetite) if shown.appetite else None,
        "losses": rows(shown.losses),
        "skills": [_card(skill, path) for skill in shown.skills[:tight]],
        "skills_behind": [_card(skill, path) for skill in shown.skills[tight:]],
        "binds": rows(shown.binds[:OPEN]),
        "binds_behind": rows(shown.binds[OPEN:]),
        "left": rows(shown.left[:OPEN]),
        "left_behind": rows(shown.left[OPEN:]),
        "goals": _goals_table(shown),
    }


def _road(shown: PlanView) -> Picture:
    """The roadmap, and as its table the dates in words."""
    columns = (
        _("initiative"),
        _("start"),
        _("finish as planned"),
        _("80 % date"),
        _("chance of the planned date"),
    )
    return replace(picture(shown.road), columns=columns, rows=shown.starts)


def rows(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    """Sentences as the rows partial reads them."""
    return [
        {
            "title": line.title,
            "url": line.url,
            "chapter": line.chapter,
            "state": line.state,
            "effects": [{"text": words.unbroken(text)} for text in line.effects],
        }
        for line in lines
    ]


def _card(skill: SkillLine, path: str) -> dict[str, Any]:
    return {
        "chapter": "people",
        "title": skill.title,
        "url": skill.url,
        "value": skill.value,
        "unit": _("person-months"),
        "path_url": path,
        "note": skill.note,
        "note_state": "watch" if skill.short else "",
        "picture": picture(skill.chart),
    }


def _past(reader: Reader) -> dict[str, Any] | None:
    """How past estimates came out, for those who may see it."""
    seen = past.view(reader)
    if seen is None:
        return None
    chart = picture(seen.chart) if seen.chart else None
    return {"sentence": seen.sentence, "rows": rows(seen.lines), "picture": chart, "url": seen.url}


def _goals_table(shown: PlanView) -> dict[str, Any]:
    columns = [{"title": _("Key result")}, {"title": _("Chance"), "numeric": True}, {"title": _("Due")}]
    rows = [
        {
            "url": goal.url,
            "cells": [
                {"text": goal.title, "long": True},
                {"text": goal.said, "numeric": True, "state": goal.state.value},
                {"text": goal.due},
            ],
        }
        for goal in sorted(shown.goals, key=lambda goal: goal.chance if goal.chance is not None else 2)
    ]
    return {"columns": columns, "rows": rows, "label": _("Chance of each key result")}


@require_GET
def what_if(request: HttpRequest) -> HttpResponse:
    """Changes to the plan's ground, and what they do to dates, goals, money, loss and capacity."""
    reader = plan_reader(request)
    asked = question.asked(request.GET)
    replan = request.GET.get("replan", "yes")
    context: dict[str, Any] = {
        "form": question.form(request.GET, reader),
        "asked": asked,
        "replan": replan,
        "typed": request.GET.get("change", "")[:2_000],
        "head": {
            "eyebrow": _("What if"),
            "sentence": _("What would happen if …?"),
            "lede": _(
                "Each change is made on the same plan and the same draws of chance; "
                "no change gives exactly no difference."
            ),
        },
    }
    if "ask" not in request.GET:
        return render(request, "office/what_if.html", context)
    try:
        changes.read(asked)
        chosen = {"changes": asked, "replan": "yes" if replan == "yes" else "no", "frontier": "no"}
        before = waiting.answer(request, "outlook", {"frontier": "no"})
        after = waiting.answer(request, "outlook", chosen)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    except (NotReady, NoRate) as error:
        return not_ready(request, error)
    except changes.BadChange as error:
        context["fault"] = str(error)
        return render(request, "office/what_if.html", context, status=422)
    return render(request, "office/what_if.html", context | _compared(before, after, reader, context))


def _compared(before: Answered, after: Answered, reader: Reader, context: dict[str, Any]) -> dict[str, Any]:
    """What the template reads of a what-if's answer."""
    seen = whatif.compare(before, after, reader, currency_of(reader))
    return {
        "head": {"eyebrow": _("What if"), "sentence": seen.sentence, "lede": seen.lede},
        "seen": seen,
        "before_path": paths.url(before),
        "after_path": paths.url(after),
        "said": question.said(context["form"], context["typed"]),
        "table": whatif.table(seen, moved=True),
        "still": whatif.table(seen, moved=False),
    }
