"""The pages that show records of every kind: index, list, record, sheets out, search; nothing is written for one
kind."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from quarterdeck.kinds import forms, offers, sheets, show
from quarterdeck.kinds.access import Access, NotFound, Row, Selection
from quarterdeck.kinds.declare import KINDS, Kind, in_order
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import called, reader_of

PAGE = 50
View = Callable[..., HttpResponse]
CHAPTERS = ("strategy", "people", "innovation", "risk", "office")


def asking(request: HttpRequest) -> Reader:
    """Who asks for a page."""
    return reader_of(request.user)


def shows_past(view: View) -> View:
    """Marks a page that can be looked at as of a former day: the frame then offers the choice of one."""
    view.shows_past = True  # type: ignore[attr-defined]
    return view


def day_asked(request: HttpRequest) -> date | None:
    """The former day that an address asks for; None: today."""
    try:
        day = date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return None
    return day if day < timezone.localdate() else None


def access_of(request: HttpRequest) -> Access:
    """What whoever asks may see, as it was known at the end of the day asked for."""
    day = day_asked(request)
    if day is None:
        return Access(asking(request))
    next_day = datetime.combine(day + timedelta(days=1), time())
    return Access(asking(request), timezone.make_aware(next_day))


def named(name: str) -> Kind:
    """The kind of a name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(name)
    return KINDS[name]


def chapter_title(chapter: str) -> str:
    """What a chapter is called."""
    return {
        "strategy": pgettext("chapter", "Strategy"),
        "people": pgettext("chapter", "People"),
        "innovation": pgettext("chapter", "Innovation"),
        "risk": pgettext("chapter", "Risk"),
        "office": pgettext("chapter", "Office"),
    }.get(chapter, chapter)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All kinds the reader may read, by chapter, with how many records each holds."""
    access = Access(asking(request))
    rows: dict[str, list[dict[str, Any]]] = {chapter: [] for chapter in CHAPTERS}
    for kind in sorted(access.kinds(), key=lambda kind: kind.plural.casefold()):
        count, more = access.select(kind.name).count()
        cells = [
            {"text": show.capital(kind.plural)},
            {"text": show.counted(count, more), "numeric": True},
            {"text": show.about(kind), "long": True},
        ]
        rows.setdefault(kind.chapter, []).append({"url": show.url("list", kind), "cells": cells})
    columns = [{"title": _("Kind")}, {"title": _("Records"), "numeric": True}, {"title": _("What it is")}]
    head: dict[str, Any] = {
        "sentence": _("Everything the company’s model holds."),
        "lede": _("One workbook holds it all: take it out, work on it, bring it back."),
        "acts": [{"title": _("Whole workbook"), "url": reverse("kinds:workbook")}],
    }
    tables = [
        {"chapter": chapter, "columns": columns, "rows": some, "label": chapter_title(chapter)}
        for chapter, some in rows.items()
        if some
    ]
    return render(request, "kinds/index.html", {"head": head, "tables": tables})


def narrowed(request: HttpRequest, kind: Kind) -> Selection:
    """The selection that the address asks for: day, words, filters, order."""
    selection = access_of(request).select(kind.name).matching(request.GET.get("q", "")[:200])
    for name in kind.filters:
        if value := request.GET.get(name, ""):
            selection = selection.where(**{name: value})
    order = request.GET.get("order", "")
    return selection.ordered(order) if order else selection


@shows_past
@require_GET
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """One page of records, narrowed and ordered by the address."""
    declared = named(kind)
    selection = narrowed(request, declared)
    page = selection.page(request.GET.get("after", "")[:200], PAGE)
    reader, query = selection.access.reader, request.GET.dict()
    filters = forms.form_class(declared, reader, declared.filters)(request.GET) if declared.filters else None
    context = {
        "kind": declared,
        "head": _list_head(declared, selection.access, query, page.count, page.more),
        "table": show.table(declared, page.rows, selection, query),
        "page": page,
        "words": request.GET.get("q", ""),
        "filters": filters,
        "next": "?" + urlencode({**query, "after": page.next}) if page.next else "",
        "empty": _empty(declared, selection),
    }
    return render(request, "kinds/list.html", context)


def _list_head(kind: Kind, access: Access, query: dict[str, str], count: int, more: bool) -> dict[str, Any]:
    asked = {name: value for name, value in query.items() if name not in ("after", "format")}
    acts: list[dict[str, Any]] = [
        {"title": title, "url": f"{show.url('export', kind)}?{urlencode({**asked, 'format': form})}"}
        for form, title in (("csv", _("Export CSV")), ("xlsx", _("Export XLSX")))
    ]
    if kind.writable(access.reader) and access.as_of is None:
        acts = [
            {"title": _("New"), "url": show.url("new", kind), "first": True},
            {"title": _("Import"), "url": show.url("import", kind)},
            *acts,
        ]
    sentence = _("%(count)s %(kinds)s") % {
        "count": show.counted(count, more),
        "kinds": kind.plural if count != 1 else kind.title,
    }
    return {"sentence": sentence, "lede": show.about(kind), "acts": acts}


def _empty(kind: Kind, selection: Selection) -> dict[str, str]:
    """What an empty list says: how it is filled, or that nothing matches what was asked."""
    if selection.access.as_of is not None:
        return {
            "title": _("Nothing was known on that day."),
            "collect": _("What was entered or collected later is shown as of today."),
            "url": show.url("list", kind),
            "act": _("Back to today"),
        }
    if selection.words or selection.asked:
        return {
            "title": _("Nothing matches."),
            "collect": _("Other words, or fewer filters, may find it."),
            "url": show.url("list", kind),
            "act": _("Show all"),
        }
    empty = {
        "title": _("Nothing is here yet."),
        "collect": _("Collect evidence and accept what it suggests, import a sheet, or make the first one by hand."),
        "shows": _("Once it holds something, plan, candidates and documents rest on it."),
    }
    if kind.writable(selection.access.reader):
        return {**empty, "url": show.url("import", kind), "act": _("Import a sheet")}
    if "key" in kind.decided:
        return {"title": empty["title"], "collect": _("Records of this kind come of confirmed decisions alone.")}
    return empty


@shows_past
@require_GET
def record(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """One record: its sections, its children, and its history."""
    declared, access = named(kind), access_of(request)
    reader = access.reader
    row = access.select(kind).one(key)
    if row.key != key:
        return redirect(show.url("record", declared, row.key) + show.past_query(access))
    writes = declared.writable(reader) and access.as_of is None
    acts = [{"title": _("Edit"), "url": show.url("edit", declared, row.key), "first": True}] if writes else []
    if access.as_of is None:
        acts += [{"title": act.title, "url": act.url} for act in offers.offered(reader, row)]
    head = {
        "eyebrow": f"{show.capital(declared.title)} · {row.key}",
        "sentence": show.title(declared, row, access),
        "acts": acts,
    }
    context = {
        "kind": declared,
        "row": row,
        "head": head,
        "sections": show.sections(declared, row, access),
        "children": [
            _child_panel(access, child, link, declared, row) for child, link in declared.children if reader.reads(child)
        ],
        "changes": _history(declared, row, access),
    }
    return render(request, "kinds/record.html", context)


def _history(kind: Kind, row: Row, access: Access) -> list[dict[str, Any]]:
    """The record's changes up to the day that is shown, each with the name of whoever made it."""
    found = show.changes(kind, row, access.reader, named=True)
    found = [change for change in found if access.as_of is None or change["at"] < access.as_of]
    actors = [change["by"].get("confirmer") or change["by"].get("by", "") for change in found]
    names = called(actors, access.reader)
    return [
        {**change, "who": names[actor], "open": place == 0 and change["action"] != "create"}
        for place, (change, actor) in enumerate(zip(found, actors, strict=True))
    ]


def _child_panel(access: Access, child: str, link: str, parent: Kind, row: Row) -> dict[str, Any]:
    declared = KINDS[child]
    selection = access.select(child).where(**{link: row.key})
    rows = selection.rows(200)
    writes = declared.writable(access.reader) and access.as_of is None
    return {
        "title": show.capital(declared.plural),
        "table": show.table(declared, rows, selection, None, without=link),
        "edit": show.url("grid", parent, row.key, child) if writes else "",
        "count": len(rows),
    }


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The narrowed list as a sheet."""
    declared = named(kind)
    selection = narrowed(request, declared)
    if request.GET.get("format") == "xlsx":
        return _workbook([selection], f"{kind}.xlsx")
    response = StreamingHttpResponse(sheets.to_csv(selection), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


@require_GET
def workbook(request: HttpRequest) -> FileResponse:
    """Everything the reader may see, as one workbook, a sheet a kind."""
    access = Access(asking(request))
    return _workbook(
        [access.select(kind.name) for kind in in_order() if access.reader.reads(kind.name)], "quarterdeck.xlsx"
    )


def _workbook(selections: list[Selection], name: str) -> FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115 — the response closes it
    sheets.to_workbook(selections, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Records of all kinds that hold the words asked for: of kinds that have names first, exact keys before all."""
    words, access = request.GET.get("q", "")[:200].strip(), Access(asking(request))
    found: list[dict[str, str]] = []
    for kind in sorted(access.kinds(), key=lambda kind: bool(kind.key_from)) if words else ():
        rows = access.select(kind.name).matching(words).rows(5)
        for row, title in zip(rows, show.titles(kind, rows, access), strict=True):
            found.append(
                {
                    "url": show.url("record", kind, row.key),
                    "kind": show.capital(kind.title),
                    "chapter": kind.chapter,
                    "title": title,
                    "note": row.key if row.key != title else "",
                }
            )
    exact = [entry for entry in found if words.casefold() in (entry["note"].casefold(), entry["title"].casefold())]
    found = exact + [entry for entry in found if entry not in exact]
    if request.headers.get("HX-Request"):
        return render(request, "partials/found.html", {"found": found[:12], "search_words": words})
    head = {
        "sentence": _("%(count)d found for “%(words)s”") % {"count": len(found), "words": words}
        if words
        else _("Search everywhere")
    }
    empty = {
        "title": _("Nothing found.") if words else _("What are you looking for?"),
        "collect": _("Names, keys and descriptions of systems, people, goals, initiatives and risks are searched."),
        "shows": _("What is not found may not be entered yet, or may not be yours to see."),
    }
    context = {"head": head, "found": found, "search_words": words, "empty": empty}
    return render(request, "kinds/search.html", context)
