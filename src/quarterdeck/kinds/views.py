"""The pages that show records of every kind: index, list, record, sheets out, search; nothing is written for one
kind."""

import tempfile
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quarterdeck.kinds import forms, sheets, show
from quarterdeck.kinds.access import Access, NotFound, Row, Selection
from quarterdeck.kinds.declare import KINDS, Kind, in_order
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import reader_of

PAGE = 50


def asking(request: HttpRequest) -> Reader:
    """Who asks for a page."""
    return reader_of(request.user)


def named(name: str) -> Kind:
    """The kind of a name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(name)
    return KINDS[name]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All kinds the reader may read, by chapter, with how many records each holds."""
    access = Access(asking(request))
    rows: list[dict[str, Any]] = []
    for kind in access.kinds():
        count, more = access.select(kind.name).count()
        cells = [
            {"text": show.capital(kind.plural)},
            {"text": show.counted(count, more), "numeric": True},
            {"text": _(kind.description), "long": True},
        ]
        rows.append({"url": show.url("list", kind), "cells": cells})
    columns = [{"title": _("Kind")}, {"title": _("Records"), "numeric": True}, {"title": _("What it is")}]
    head: dict[str, Any] = {
        "sentence": _("Everything the company’s model holds."),
        "lede": _("One workbook holds it all: take it out, work on it, bring it back."),
    }
    head["acts"] = [{"title": _("Whole workbook"), "url": reverse("kinds:workbook")}]
    return render(
        request, "kinds/index.html", {"head": head, "table": {"columns": columns, "rows": rows, "label": _("Kinds")}}
    )


def narrowed(request: HttpRequest, kind: Kind) -> Selection:
    """The selection that the address asks for: words, filters, order."""
    selection = Access(asking(request)).select(kind.name).matching(request.GET.get("q", "")[:200])
    for name in kind.filters:
        if value := request.GET.get(name, ""):
            selection = selection.where(**{name: value})
    order = request.GET.get("order", "")
    return selection.ordered(order) if order else selection


@require_GET
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """One page of records, narrowed and ordered by the address."""
    declared = named(kind)
    selection = narrowed(request, declared)
    page = selection.page(request.GET.get("after", "")[:200], PAGE)
    reader = selection.access.reader
    filters = forms.form_class(declared, reader, declared.filters)(request.GET) if declared.filters else None
    context = {
        "kind": declared,
        "head": _list_head(declared, reader, page.count, page.more),
        "table": show.table(declared, page.rows, selection, request.GET.dict()),
        "page": page,
        "words": request.GET.get("q", ""),
        "filters": filters,
        "next": "?" + urlencode({**request.GET.dict(), "after": page.next}) if page.next else "",
    }
    return render(request, "kinds/list.html", context)


def _list_head(kind: Kind, reader: Reader, count: int, more: bool) -> dict[str, Any]:
    acts: list[dict[str, Any]] = [
        {"title": _("CSV"), "url": show.url("export", kind) + "?format=csv"},
        {"title": _("XLSX"), "url": show.url("export", kind) + "?format=xlsx"},
    ]
    if kind.writable(reader):
        acts = [
            {"title": _("New"), "url": show.url("new", kind), "first": True},
            {"title": _("Import"), "url": show.url("import", kind)},
            *acts,
        ]
    sentence = _("%(count)s %(kinds)s") % {
        "count": show.counted(count, more),
        "kinds": kind.plural if count != 1 else kind.title,
    }
    return {"sentence": sentence, "lede": _(kind.description), "acts": acts}


@require_GET
def record(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """One record: its sections, its children, what points at it, and its history."""
    declared, reader = named(kind), asking(request)
    row = Access(reader).select(kind).one(key)
    if row.key != key:
        return redirect(show.url("record", declared, row.key))
    writes = declared.writable(reader)
    acts = [{"title": _("Edit"), "url": show.url("edit", declared, row.key), "first": True}] if writes else []
    head = {
        "eyebrow": f"{show.capital(declared.title)} {row.key}",
        "sentence": show.name(declared, row) or row.key,
        "acts": acts,
    }
    context = {
        "kind": declared,
        "row": row,
        "head": head,
        "sections": show.sections(declared, row, reader),
        "children": [
            _child_panel(reader, child, link, declared, row)
            for child, link in declared.children
            if reader.reads(child)
        ],
        "changes": show.changes(declared, row, reader),
    }
    return render(request, "kinds/record.html", context)


def _child_panel(reader: Reader, child: str, link: str, parent: Kind, row: Row) -> dict[str, Any]:
    declared = KINDS[child]
    selection = Access(reader).select(child).where(**{link: row.key})
    rows = selection.rows(200)
    edit = show.url("grid", parent, row.key, child) if declared.writable(reader) else ""
    return {
        "title": show.capital(declared.plural),
        "table": show.table(declared, rows, selection, None, without=link),
        "edit": edit,
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
    """Records of all kinds that hold the words asked for, the likeliest kinds first."""
    words, access = request.GET.get("q", "")[:200].strip(), Access(asking(request))
    found = []
    if words:
        for kind in access.kinds():
            for row in access.select(kind.name).matching(words).rows(5):
                found.append(
                    {
                        "url": show.url("record", kind, row.key),
                        "kind": kind.title,
                        "title": show.name(kind, row) or row.key,
                        "note": row.key,
                    }
                )
    exact = [entry for entry in found if entry["note"].casefold() == words.casefold()]
    found = exact + [entry for entry in found if entry not in exact]
    if request.headers.get("HX-Request"):
        return render(request, "partials/found.html", {"found": found[:12], "search_words": words})
    head = {
        "sentence": _("%(count)d found for “%(words)s”") % {"count": len(found), "words": words}
        if words
        else _("Search everywhere")
    }
    return render(request, "kinds/search.html", {"head": head, "found": found, "search_words": words})
