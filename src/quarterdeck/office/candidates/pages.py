"""The pages of candidates: the list, one candidate with its path and draft, and what people do with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.show import url as record_url
from quarterdeck.kinds.text import Text
from quarterdeck.kinds.users import reader_of
from quarterdeck.kinds.write import Refused
from quarterdeck.office import paths, waiting
from quarterdeck.office.candidates import analysis, deeds, drafts, remembered, shown
from quarterdeck.office.candidates.forms import ENDS, GROUPS, LABELS, DraftForm, FilterForm, initial
from quarterdeck.office.candidates.remembered import Seen
from quarterdeck.runs.answers import Answered

LONGEST_REASON = 2_000
OPEN = 24  # candidates that stand in the open, the others behind a word
NEAR = 6  # of those offered to merge with, in the open
OTHERS = 40  # candidates offered to merge with


def _reader(request: HttpRequest) -> Reader:
    reader = reader_of(request.user)
    if not reader.may(deeds.RIGHT):
        raise Denied("see", "candidates")
    return reader


def _found(request: HttpRequest, reader: Reader) -> tuple[Answered, list[Seen]]:
    answered = waiting.answer(request, analysis.NAME)
    return answered, remembered.seen(reader, answered.result.candidates)


def _one(seen: list[Seen], key: str) -> Seen:
    for each in seen:
        if each.weighed.candidate.key == key or key in each.weighed.also:
            return each
    raise NotFound(f"candidate:{key}")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The candidates in the order in which to look at them; those that stand open unless another state is asked for."""
    reader = _reader(request)
    try:
        answered, seen = _found(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    result = answered.result
    titles = {count.source: shown.said(count.title) for count in result.sources}
    form = FilterForm(list(titles.items()), request.GET or {})
    found = form.narrowed(seen)
    head = shown.head(found, result)
    head["acts"] = [{"title": _("Where from"), "url": paths.url(answered)}]
    empty = {
        "title": _("Nothing stands open."),
        "collect": _(
            "Collect repositories, dependencies, advisories, life cycles, bills, incidents "
            "and issues, and enter systems."
        ),
        "shows": _("What they say should be done appears here, with effort, effect and path."),
    }
    rows = [shown.row(one, titles, result.currency) for one in found]
    context = {
        "head": head,
        "form": form,
        "rows": rows[:OPEN],
        "behind": rows[OPEN:],
        "empty": empty,
        "left_out": shown.left_out(result),
        "counts": _counts(result),
    }
    return render(request, "office/candidates.html", context)


def _counts(result: Any) -> dict[str, Any]:
    """What each source gave, as a table."""
    columns = [
        {"title": _("Source")},
        {"title": _("Found"), "numeric": True},
        {"title": _("After merging"), "numeric": True},
    ]
    rows = [
        {
            "cells": [
                {"text": shown.said(c.title)},
                {"text": None if c.left_out else c.found, "numeric": True},
                {"text": None if c.left_out else c.standing, "numeric": True},
            ]
        }
        for c in result.sources
    ]
    return {"label": _("Sources"), "columns": columns, "rows": rows}


@require_GET
def one(request: HttpRequest, key: str) -> HttpResponse:
    """One candidate: why, what it takes and brings, its path, and what can be done with it."""
    reader = _reader(request)
    try:
        answered, seen = _found(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    found = _one(seen, key)
    form = DraftForm(reader, initial=initial(drafts.draft(reader, found.weighed, timezone.localdate())))
    return _page(request, reader, answered, seen, found, form)


def _page(
    request: HttpRequest,
    reader: Reader,
    answered: Answered,
    seen: list[Seen],
    found: Seen,
    form: DraftForm,
    *,
    status: int = 200,
) -> HttpResponse:
    candidate = found.weighed.candidate
    titles = {count.source: shown.said(count.title) for count in answered.result.sources}
    head = {
        "eyebrow": f"{_('Candidates')} · {titles.get(candidate.source, candidate.source)}",
        "sentence": shown.said(candidate.title),
        "lede": shown.said(candidate.why),
    }
    others = [each for each in seen if each.open and each is not found]
    near = sorted(others, key=lambda each: each.weighed.candidate.system != candidate.system or not candidate.system)[
        :OTHERS
    ]
    plain = [form[name] for name in ("name_en", "name_zh", "mandate", "skill", "currency")]
    several = [shown.row(each, titles, answered.result.currency) for each in near]
    context = {
        "head": head,
        "candidate": candidate,
        "facts": shown.facts(found.weighed, answered.result.currency),
        "found": found,
        "path": shown.path(found.weighed, answered),
        "form": form,
        "fields": plain,
        "lines": [
            {"title": title, "points": [(LABELS[end], form[f"{group}_{end}"]) for end in ENDS]}
            for group, title in GROUPS
        ],
        "others": several[:NEAR],
        "further": several[NEAR:],
        "writes": reader.writes("initiative") and reader.writes("candidate"),
        "initiative": record_url("record", KINDS["initiative"], found.before["initiative"])
        if found.before and found.before["initiative"]
        else "",
    }
    return render(request, "office/candidate.html", context, status=status)


@require_GET
def path(request: HttpRequest, key: str) -> HttpResponse:
    """What a candidate rests on; alone where it is opened in place."""
    reader = _reader(request)
    try:
        answered, seen = _found(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    found = _one(seen, key)
    if request.headers.get("HX-Request"):
        return render(request, "partials/path.html", {"path": shown.path(found.weighed, answered)})
    return redirect("candidate", key=found.weighed.candidate.key)


@require_POST
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """Make an initiative of a candidate; with the draft's fields as they were edited, where they are sent."""
    reader = _reader(request)
    try:
        answered, seen = _found(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    found = _one(seen, key)
    draft = drafts.draft(reader, found.weighed, timezone.localdate())
    form = DraftForm(reader, request.POST if "name_en" in request.POST else initial(draft))
    if form.is_valid():
        edited = form.applied(draft) if "name_en" in request.POST else draft
        try:
            made = deeds.accept(reader, found.weighed, edited)
        except (deeds.Unclear, Refused) as error:
            form.add_error(None, str(error))
        else:
            name = Text(edited.name_en, edited.name_zh).reading(get_language() or "en")
            messages.success(request, _("“%(name)s” is now a proposed initiative.") % {"name": name})
            return redirect(record_url("record", KINDS["initiative"], made))
    return _page(request, reader, answered, seen, found, form, status=422)


@require_POST
def refuse(request: HttpRequest, key: str) -> HttpResponse:
    """Remember that a candidate is not wanted, and why."""
    return _decide(
        request,
        key,
        lambda reader, weighed: deeds.refuse(reader, weighed, request.POST.get("reason", "")[:LONGEST_REASON]),
        _("Refused; it comes up again when more is known."),
    )


@require_POST
def reopen(request: HttpRequest, key: str) -> HttpResponse:
    """Bring a candidate up again."""
    return _decide(request, key, deeds.reopen, _("It stands open again."))


def _decide(request: HttpRequest, key: str, deed: Any, said: str) -> HttpResponse:
    reader = _reader(request)
    try:
        _answered, seen = _found(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    deed(reader, _one(seen, key).weighed)
    messages.success(request, said)
    return redirect(reverse("candidates"))


@require_POST
def merge(request: HttpRequest) -> HttpResponse:
    """Make one initiative of the candidates whose keys are sent; the first names it."""
    reader = _reader(request)
    try:
        _answered, seen = _found(request, reader)
    except waiting.Pending as pending:
        return waiting.page(request, pending)
    keys = list(dict.fromkeys(request.POST.getlist("key")))
    several = list({id(found): found for found in (_one(seen, key) for key in keys)}.values())
    today = timezone.localdate()
    try:
        made = [drafts.draft(reader, found.weighed, today) for found in several]
        draft = drafts.together(made, made[0].key) if made else None
        if draft is None:
            raise deeds.Unclear(_("merging takes two candidates or more"))
        initiative = deeds.merge(reader, [found.weighed for found in several], draft)
    except (deeds.Unclear, Refused) as error:
        messages.error(request, str(error))
        return redirect("candidate", key=keys[0]) if keys else redirect("candidates")
    messages.success(request, _("%(count)d candidates are now one proposed initiative.") % {"count": len(several)})
    return redirect(record_url("record", KINDS["initiative"], initiative))
