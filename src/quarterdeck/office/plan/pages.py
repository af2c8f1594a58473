"""The pages of the plan: the plan itself, what-if."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quarterdeck.charts.render import picture
from quarterdeck.estate.exchange import NoRate
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.office import paths, waiting, words
from quarterdeck.office.plan import changes, whatif
from quarterdeck.office.plan.asks import asks
from quarterdeck.office.plan.ground import NotReady
from quarterdeck.office.plan.view import PlanView, view

OPEN = 6  # initiatives left out that stand in the open, the others behind a word


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
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    except (NotReady, NoRate) as error:
        return not_ready(request, error)
    currency = currency_of(reader)
    shown, asked = view(chosen, ahead, reader, currency), asks(chosen, reader, currency)
    context = {
        **page_context(shown),
        "asked": [_row(line) for line in asked[:OPEN]],
        "asked_behind": [_row(line) for line in asked[OPEN:]],
        "head": {"eyebrow": _("Plan"), "sentence": shown.sentence, "lede": shown.lede, "acts": _acts(reader)},
        "plan_path": paths.url(chosen),
        "outlook_path": paths.url(ahead),
    }
    return render(request, "office/plan.html", context)


def _acts(reader: Reader) -> list[dict[str, Any]]:
    if not reader.may("propose"):
        return []
    return [
        {"title": _("Propose this plan"), "url": reverse("plan-propose"), "first": True},
        {"title": _("What if …"), "url": reverse("what-if")},
    ]


def page_context(shown: PlanView) -> dict[str, Any]:
    """What the plan's template reads."""
    return {
        "shown": shown,
        "road": picture(shown.road),
        "frontier": picture(shown.frontier) if shown.frontier else None,
        "cash": picture(shown.cash),
        "capacity": [(title, picture(chart)) for title, chart in shown.capacity],
        "binds": [_row(line) for line in shown.binds],
        "left": [_row(line) for line in shown.left[:OPEN]],
        "left_behind": [_row(line) for line in shown.left[OPEN:]],
        "goals": _goals_table(shown),
    }


def _row(line: Any) -> dict[str, Any]:
    return {
        "title": line.title,
        "url": line.url,
        "chapter": line.chapter,
        "effects": [{"text": text} for text in line.effects],
    }


def _goals_table(shown: PlanView) -> dict[str, Any]:
    columns = [{"title": _("Key result")}, {"title": _("Chance"), "numeric": True}, {"title": _("Due")}]
    rows = [
        {
            "url": goal.url,
            "cells": [
                {"text": goal.title, "long": True},
                {"text": words.share(goal.chance), "numeric": True, "state": goal.state.value},
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
    asked = whatif.asked(request.GET)
    replan = request.GET.get("replan", "yes")
    context: dict[str, Any] = {
        "form": whatif.form(request.GET, reader),
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
    seen = whatif.compare(before, after, reader, currency_of(reader))
    context["head"] = {"eyebrow": _("What if"), "sentence": seen.sentence, "lede": seen.lede}
    context |= {
        "seen": seen,
        "before_path": paths.url(before),
        "after_path": paths.url(after),
        "said": whatif.said(context["form"], context["typed"]),
        "table": whatif.table(seen, moved=True),
        "still": whatif.table(seen, moved=False),
    }
    return render(request, "office/what_if.html", context)
