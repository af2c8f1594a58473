"""The desk: what waits for me, where reality departs from the plan, what changed, how fresh the evidence is."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quarterdeck.charts import lines, marks
from quarterdeck.charts.chart import CARD
from quarterdeck.charts.marks import State
from quarterdeck.charts.render import picture
from quarterdeck.charts.theme import Colour
from quarterdeck.decisions import ledger, showing
from quarterdeck.kinds import recent, show
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import called, reader_of
from quarterdeck.lake.models import Snapshot
from quarterdeck.office import evidence, paths, words
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.office.plan import pictures
from quarterdeck.office.plan.names import Names
from quarterdeck.office.plan.pages import currency_of, rows
from quarterdeck.office.plan.view import LIKELY, standing
from quarterdeck.runs import answers, jobs
from quarterdeck.runs.answers import Answered

RECENT = timedelta(days=7)
SHOWN = 6
KINDS_NAMED = 4  # of those that one change touched


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Where the day starts; shows what is known and computes nothing that takes long."""
    reader = reader_of(request.user)
    waiting = _waiting(reader)
    base = baselines.baseline() if reader.may("plan") else None
    drift = _known("drift", reader, {"baseline": str(base.plan.id)}) if base else None
    outlook = _known("outlook", reader, {}) if reader.may("plan") else None
    plan = _known("plan", reader, {}) if reader.may("plan") else None
    if reader.may("plan") and jobs.someone_works():  # so that the next look finds what this one misses
        if outlook is None:
            _compute(request, reader, "outlook", {})
        if base and drift is None:
            _compute(request, reader, "drift", {"baseline": str(base.plan.id)})
    currency = currency_of(reader)
    moved = drifts.view(drift, base, reader, currency) if drift and base else None
    context = {
        "head": {
            "eyebrow": date_format(timezone.localdate(), "l, j F Y")
            if not words.chinese()
            else date_format(timezone.localdate(), "Y年n月j日 l"),
            "sentence": _sentence(len(waiting), moved, approved=base is not None, plans=reader.may("plan")),
            "lede": moved.lede if moved else "",
        },
        "waiting": waiting[:SHOWN],
        "more": max(0, len(waiting) - SHOWN),
        "moved": rows((*moved.goals, *moved.finishes)[:SHOWN]) if moved else [],
        "has_baseline": base is not None,
        "cards": _cards(plan, outlook, base, reader, currency),
        "changed": _changed(reader),
        "table": evidence.freshness_table(by_reader=True),
        "plan_known": outlook is not None,
        "may_plan": reader.may("plan"),
    }
    return render(request, "office/desk.html", context)


def _cards(
    plan: Answered | None, outlook: Answered | None, base: baselines.Baseline | None, reader: Reader, currency: str
) -> list[dict[str, Any]]:
    """What the outlook says, as cards; of what is not known yet there is none."""
    found = (
        _goals(outlook, reader),
        _value(outlook, base, currency),
        _capacity(outlook, reader),
        _loss(plan, outlook, currency),
    )
    return [card for card in found if card]


def _waiting(reader: Reader) -> list[dict[str, Any]]:
    """What waits for the reader, as rows."""
    return [
        {
            "title": showing.title(entry.proposal),
            "url": reverse("decision", kwargs={"key": entry.proposal.key}),
            "tag": showing.sort_title(entry.proposal),
            "chapter": "office",
            "effects": [{"text": entry.proposal.key}],
            "until": _("until %(day)s") % {"day": showing.day(entry.deadline)} if entry.deadline else "",
        }
        for entry in ledger.inbox(reader)
    ]


def _compute(request: HttpRequest, reader: Reader, analysis: str, parameters: dict[str, str]) -> None:
    arguments = {"user": request.user.get_username(), "analysis": analysis, "parameters": parameters}
    jobs.submit("answer", reader.name, **arguments)


def _known(name: str, reader: Reader, parameters: dict[str, str]) -> Answered | None:
    return answers.cached(name, reader, parameters)


def _sentence(waiting: int, moved: Any, *, approved: bool, plans: bool) -> str:
    parts = [
        ngettext("%(count)d decision waits for you.", "%(count)d decisions wait for you.", waiting) % {"count": waiting}
        if waiting
        else _("Nothing waits for you.")
    ]
    if moved is not None:
        parts.append(moved.sentence)
    elif plans and not approved:
        parts.append(_("No plan has been approved yet."))
    return words.sentences(parts)


def _goals(outlook: Answered | None, reader: Reader) -> dict[str, Any] | None:
    if outlook is None or not outlook.result.goals:
        return None
    names = Names(reader)
    known = sorted((g for g in outlook.result.goals if g.met), key=lambda g: -g.met.probability)
    likely = sum(g.met.probability >= LIKELY for g in known)
    items = [
        marks.Bar(
            names.name("key-result", g.key_result),
            g.met.probability,
            State.PLAIN if g.met.probability >= LIKELY else standing(g.met.probability),
        )
        for g in known
    ]
    chart = marks.bars(
        items, (_("key result"), _("chance")), _("Chance of each key result in the outlook of today’s plan"), size=CARD
    )
    return {
        "chapter": "strategy",
        "title": _("Key results on course"),
        "value": str(likely),
        "unit": _("of %(count)d") % {"count": len(known)},
        "path_url": paths.url(outlook),
        "picture": picture(chart),
    }


def _value(outlook: Answered | None, base: baselines.Baseline | None, currency: str) -> dict[str, Any] | None:
    if outlook is None:
        return None
    value, (scale, unit) = outlook.result.net_present_value, pictures.scale()
    approved = _cumulative(base.outlook) if base else {}
    points = [
        lines.BandPoint(place, c.p50 / scale, c.p10 / scale, c.p90 / scale, _part(approved.get(place), scale))
        for place, c in _cumulative(outlook).items()
    ]
    caption = (
        _("Cumulative cash, %(unit)s; band: 80 %% of the trials; dashed: the approved plan")
        if approved
        else _("Cumulative cash, %(unit)s; band: 80 %% of the trials")
    )
    chart = lines.band(
        points,
        (_("quarter"), _("median"), _("10 %"), _("90 %"), _("plan")),
        caption % {"unit": f"{unit} {currency}"},
        size=CARD,
        colour=Colour.OFFICE,
    )
    worth, span = words.spread(value.mean, value.p10, value.p90, currency)
    return {
        "chapter": "office",
        "title": _("Expected value of the plan"),
        "value": worth,
        "note": _("80 %%: %(span)s") % {"span": span},
        "path_url": paths.url(outlook),
        "picture": picture(chart),
    }


def _cumulative(outlook: Answered) -> dict[str, Any]:
    """Cumulative cash by quarter of the calendar."""
    start = answers.inputs_of(outlook).programme.start
    return {words.quarter_of(start, c.quarter): c.cumulative for c in outlook.result.cash}


def _part(band: Any, scale: float) -> float | None:
    return None if band is None else float(band.p50) / scale


def _capacity(outlook: Answered | None, reader: Reader) -> dict[str, Any] | None:
    """The skill that falls shortest, and since when."""
    if outlook is None or not outlook.result.capacity:
        return None
    names, programme = Names(reader), answers.inputs_of(outlook).programme
    within = [e for e in outlook.result.capacity if e.quarter < programme.quarters]
    worst = max(within, key=pictures.gap)
    series, lacking = [e for e in within if e.skill == worst.skill], pictures.gap(worst)
    chart = lines.capacity(
        [lines.CapacityPoint(words.quarter_of(programme.start, e.quarter), e.supply.p50, e.demand.p50) for e in series],
        (_("quarter"), _("supply"), _("need")),
        _("Person-months a quarter: supply; dashed: what the plan could use"),
    )
    first = next((e for e in series if pictures.gap(e) > 0), None)
    said = {"months": words.decimals(lacking, 1), "skill": names.name("skill", worst.skill)}
    return {
        "chapter": "people",
        "title": _("Capacity meets the plan until") if first else _("Capacity meets the plan"),
        "value": words.quarter_of(programme.start, first.quarter) if first else _("throughout"),
        "note": _("then %(months)s person-months short in %(skill)s") % said if lacking > 0 else "",
        "note_state": "watch" if lacking > 0 else "",
        "path_url": paths.url(outlook),
        "picture": picture(chart),
    }


def _loss(plan: Answered | None, outlook: Answered | None, currency: str) -> dict[str, Any] | None:
    if outlook is None or plan is None or not outlook.result.loss_years:
        return None
    year = outlook.result.loss_years[0]
    appetite = next(
        (a for a in answers.inputs_of(outlook).programme.appetite if abs(a.probability - 0.95) < 1e-9), None
    )
    scale, unit = pictures.scale()
    items = [marks.Bar(str(y.year + 1), y.after.p95 / scale) for y in outlook.result.loss_years]
    chart = marks.bars(
        items,
        (_("year of the plan"), _("loss in a bad year, %(unit)s") % {"unit": f"{unit} {currency}"}),
        _("Loss that one year in twenty exceeds, by year of the plan, after finished controls; dashed: appetite")
        if appetite
        else _("Loss that one year in twenty exceeds, by year of the plan, after finished controls"),
        colour=Colour.RISK,
        wanted=appetite.amount / scale if appetite else None,
        size=CARD,
    )
    note = (
        _("appetite %(sum)s") % {"sum": words.money(appetite.amount, currency)}
        if appetite
        else _("no appetite declared")
    )
    state = "bad" if appetite and year.after.p95 > appetite.amount else ""
    return {
        "chapter": "risk",
        "title": _("Loss in a bad year (1 in 20)"),
        "value": words.money(year.after.p95, currency),
        "note": note,
        "note_state": state,
        "path_url": paths.url(outlook),
        "picture": picture(chart),
    }


def _changed(reader: Reader) -> list[dict[str, Any]]:
    """What came in since last week: collections, and changes of records by source; only of kinds the reader reads."""
    since = timezone.now() - RECENT
    rows: list[dict[str, Any]] = []
    for snapshot in Snapshot.objects.filter(at__gte=since).select_related("source").order_by("-id")[:SHOWN]:
        effects = [{"text": _("%(rows)s rows") % {"rows": show.counted(snapshot.rows, False)}}]
        if snapshot.problems:
            effects.append({"text": evidence.problems_text(snapshot.problems)})
        rows.append(
            {
                "title": _("%(reader)s collected from %(source)s")
                % {"reader": evidence.reader_title(snapshot.source.reader), "source": snapshot.source.name},
                "url": reverse("evidence-source", kwargs={"number": snapshot.source_id}),
                "chapter": "office",
                "effects": effects,
                "at": snapshot.at,
            }
        )
    found = recent.changes(reader, since, SHOWN)
    actors = called((change.by for change in found), reader)
    for change in found:
        title = _(", ").join(
            _("%(count)s %(kinds)s")
            % {"count": show.counted(count, False), "kinds": KINDS[kind].plural if count > 1 else KINDS[kind].title}
            for kind, count in change.counts[:KINDS_NAMED]
        )
        first = KINDS[change.counts[0][0]]
        rows.append(
            {
                "title": title,
                "url": show.url("list", first),
                "chapter": first.chapter,
                "effects": [{"text": show.origin(change.source)}, {"text": actors[change.by]}],
                "at": change.at,
            }
        )
    return sorted(rows, key=lambda row: row["at"], reverse=True)[:SHOWN]
