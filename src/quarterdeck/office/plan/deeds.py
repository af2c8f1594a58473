"""What people do with the plan: propose it, and look at where it has drifted."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from quarterdeck.charts.render import picture
from quarterdeck.estate.exchange import NoRate
from quarterdeck.kinds.roles import Denied
from quarterdeck.kinds.write import Refused
from quarterdeck.office import paths, waiting
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.office.plan.frame import NotReady
from quarterdeck.office.plan.pages import currency_of, not_ready, plan_reader, rows
from quarterdeck.office.plan.view import view


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Put today's plan before the general manager."""
    reader = plan_reader(request)
    if not reader.may("propose"):
        raise Denied("propose", "plan")
    try:
        plan, outlook = waiting.answer(request, "plan"), waiting.answer(request, "outlook")
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    except (NotReady, NoRate) as error:
        return not_ready(request, error)
    currency = currency_of(reader)
    context: dict[str, Any] = {
        "shown": view(plan, outlook, reader, currency),
        "head": {
            "eyebrow": _("Plan"),
            "sentence": _("Propose this plan?"),
            "lede": _("Its initiatives become funded and it becomes the baseline once the general manager confirms."),
        },
    }
    if request.method == "POST":
        try:
            made = baselines.propose(reader, plan, outlook, currency, request.POST.get("reason", "")[:4_000])
        except Refused as refused:
            context["fault"] = str(refused)
            return render(request, "office/propose.html", context, status=422)
        messages.success(request, _("Proposed."))
        return redirect("decision", key=made.key)
    return render(request, "office/propose.html", context)


@require_GET
def drift(request: HttpRequest) -> HttpResponse:
    """Where reality departs from the approved plan, and why."""
    reader = plan_reader(request)
    base = baselines.baseline()
    if base is None:
        return not_ready(request, NotReady(_("No plan has been approved yet. Propose one, and have it confirmed.")))
    try:
        found = waiting.answer(request, "drift", {"baseline": str(base.plan.id)})
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    except (NotReady, NoRate) as error:
        return not_ready(request, error)
    shown = drifts.view(found, base, reader, currency_of(reader))
    context = {
        "shown": shown,
        "head": {
            "eyebrow": _("Drift from the plan approved on %(day)s") % {"day": date_format(base.approved, "DATE_FORMAT")}
            if base.approved
            else _("Drift"),
            "sentence": shown.sentence,
            "lede": shown.lede,
        },
        "goals": rows(shown.goals),
        "finishes": rows(shown.finishes),
        "causes": rows(shown.causes),
        "chart": picture(shown.chart) if shown.chart else None,
        "path": paths.url(found),
        "base": base,
    }
    return render(request, "office/drift.html", context)
