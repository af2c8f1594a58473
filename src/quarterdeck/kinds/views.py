"""The pages of every kind: list, record, form, grid, sheets; nothing here is written for one kind."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from quarterdeck.evidence.batch import Refused as Unreadable
from quarterdeck.kinds import forms, sheets, show
from quarterdeck.kinds.access import Access, NotFound, Row, Selection
from quarterdeck.kinds.declare import KINDS, Kind, in_order
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.kinds.write import Change, Refused, Trouble, preview, write

PAGE = 50


def _reader(request: HttpRequest) -> Reader:
    return reader_of(request.user)  # type: ignore[arg-type]


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound(name)
    return KINDS[name]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All kinds the reader may read, by chapter, with how many records each holds."""
    access = Access(_reader(request))
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
    head = {
        "sentence": _("Everything the company’s model holds."),
        "lede": _("One workbook holds it all: take it out, work on it, bring it back."),
    }
    head["acts"] = [{"title": _("Whole workbook"), "url": reverse("kinds:workbook")}]
    return render(
        request, "kinds/index.html", {"head": head, "table": {"columns": columns, "rows": rows, "label": _("Kinds")}}
    )


def narrowed(request: HttpRequest, kind: Kind) -> Selection:
    """The selection that the address asks for: words, filters, order."""
    selection = Access(_reader(request)).select(kind.name).matching(request.GET.get("q", "")[:200])
    for name in kind.filters:
        if value := request.GET.get(name, ""):
            selection = selection.where(**{name: value})
    order = request.GET.get("order", "")
    return selection.ordered(order) if order else selection


@require_GET
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """One page of records, narrowed and ordered by the address."""
    declared = _kind(kind)
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
    acts = [
        {"title": _("CSV"), "url": show.url("export", kind) + "?format=csv"},
        {"title": _("XLSX"), "url": show.url("export", kind) + "?format=xlsx"},
    ]
    if reader.writes(kind.name):
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
    declared, reader = _kind(kind), _reader(request)
    row = Access(reader).select(kind).one(key)
    if row.key != key:
        return redirect(show.url("record", declared, row.key))
    writes = reader.writes(kind)
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
            _child_panel(reader, child, link, declared, row, writes)
            for child, link in declared.children
            if reader.reads(child)
        ],
        "changes": show.changes(declared, row, reader),
    }
    return render(request, "kinds/record.html", context)


def _child_panel(reader: Reader, child: str, link: str, parent: Kind, row: Row, writes: bool) -> dict[str, Any]:
    declared = KINDS[child]
    selection = Access(reader).select(child).where(**{link: row.key})
    rows = selection.rows(200)
    edit = show.url("grid", parent, row.key, child) if writes and reader.writes(child) else ""
    return {
        "title": show.capital(declared.plural),
        "table": show.table(declared, rows, selection, None, without=link),
        "edit": edit,
        "count": len(rows),
    }


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, key: str = "") -> HttpResponse:
    """Change a record, or make a new one."""
    declared, reader = _kind(kind), _reader(request)
    if not reader.writes(kind):
        raise Denied("write", kind)
    row = Access(reader).select(kind).one(key) if key else None
    made = forms.form_class(declared, reader)
    form = (
        made(request.POST)
        if request.method == "POST"
        else made(initial=forms.initial(declared, row) if row else request.GET.dict())
    )
    if request.method == "POST" and form.is_valid():
        change = Change(
            kind, row.key if row else form.cleaned_data.get("key", ""), dict(form.cleaned_data), new=row is None
        )
        try:
            done = write(Authority(reader), [change], "browser")
        except Refused as refused:
            forms.put_troubles(form, refused.troubles)
        else:
            messages.success(request, _("Saved.") if done.commit else _("Nothing was different."))
            return redirect(show.url("record", declared, done.keys[0]))
    title = (
        _("Edit %(what)s") % {"what": show.name(declared, row) or row.key}
        if row
        else _("New %(kind)s") % {"kind": declared.title}
    )
    context = {
        "kind": declared,
        "head": {"sentence": title, "lede": _(declared.description)},
        "form": form,
        "row": row,
        "back": show.url("record", declared, row.key) if row else show.url("list", declared),
    }
    return render(request, "kinds/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
def delete(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Delete a record that nothing points at."""
    declared, reader = _kind(kind), _reader(request)
    row = Access(reader).select(kind).one(key)
    try:
        write(Authority(reader), [Change(kind, row.key, None)], "browser")
    except Refused as refused:
        messages.error(request, "; ".join(trouble.message for trouble in refused.troubles[:3]))
        return redirect(show.url("record", declared, row.key))
    messages.success(request, _("Deleted."))
    return redirect(show.url("list", declared))


@require_http_methods(["GET", "POST"])
def grid(request: HttpRequest, kind: str, key: str, child: str) -> HttpResponse:
    """The records of a child kind, edited as a grid."""
    declared, reader = _kind(kind), _reader(request)
    link = dict(declared.children).get(child)
    if link is None:
        raise NotFound(child)
    if not reader.writes(child):
        raise Denied("write", child)
    row, inner = Access(reader).select(kind).one(key), KINDS[child]
    made = forms.grid_class(inner, link, reader)
    if request.method == "POST":
        filled = made(request.POST, prefix="g")
        if filled.is_valid():
            wanted = forms.grid_changes(inner, link, row.key, filled)
            try:
                write(Authority(reader), wanted, "browser")
            except Refused as refused:
                _put_in_grid(filled, wanted, refused.troubles)
            else:
                messages.success(request, _("Saved."))
                return redirect(show.url("record", declared, row.key))
    else:
        rows = Access(reader).select(child).where(**{link: row.key}).rows(1_000)
        filled = made(initial=[{**forms.initial(inner, r), "record": r.key} for r in rows], prefix="g")
    head = {
        "eyebrow": show.name(declared, row) or row.key,
        "sentence": show.capital(inner.plural),
        "lede": _(inner.description),
    }
    context = {"kind": declared, "head": head, "formset": filled, "back": show.url("record", declared, row.key)}
    return render(request, "kinds/grid.html", context, status=422 if request.method == "POST" else 200)


def _put_in_grid(filled: Any, wanted: list[Change], troubles: Iterable[Trouble]) -> None:
    """Show each trouble in the row it came from; rows that asked for nothing were passed over."""
    asking = [
        f
        for f in filled.forms
        if f.cleaned_data.get("record")
        or (
            not f.cleaned_data.get("DELETE")
            and any(v for n, v in f.cleaned_data.items() if n not in ("record", "DELETE"))
        )
    ]
    for trouble in troubles:
        if trouble.index < len(asking):
            forms.put_troubles(asking[trouble.index], [trouble])


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, kind: str) -> HttpResponse:
    """Import a sheet: first what it would change and every fault, then all of it or nothing."""
    declared, reader = _kind(kind), _reader(request)
    if not reader.writes(kind):
        raise Denied("write", kind)
    context: dict[str, Any] = {
        "kind": declared,
        "head": {
            "sentence": _("Import %(kinds)s") % {"kinds": declared.plural},
            "lede": _("A CSV or XLSX sheet; an absent column keeps what is there, an empty cell clears it."),
        },
        "back": show.url("list", declared),
    }
    status = 200
    if request.method == "POST":
        text = request.POST.get("sheet", "")
        try:
            sheet = _uploaded(request, declared) if request.FILES else sheets.from_csv(text.encode(), "sheet.csv")
            wanted = sheets.changes(declared, sheet)
            if "commit" in request.POST:
                done = write(Authority(reader), wanted, f"sheet {request.POST.get('name', sheet.name)[:200]}")
                messages.success(
                    request,
                    _("%(created)d created, %(updated)d changed, %(unchanged)d as they were.")
                    % {"created": done.created, "updated": done.updated, "unchanged": done.unchanged},
                )
                return redirect(show.url("list", declared))
            seen = preview(Authority(reader), wanted)
            context.update(_previewed(declared, sheet, seen))
            status = 422 if seen.troubles else 200
        except Unreadable as error:
            context["unreadable"], status = str(error), 422
        except Refused as error:
            context["unreadable"], status = str(error), 422
    return render(request, "kinds/import.html", context, status=status)


def _uploaded(request: HttpRequest, kind: Kind) -> sheets.Sheet:
    upload = request.FILES["file"]
    data = upload.read(sheets.LARGEST + 1)  # type: ignore[union-attr]
    name = str(upload.name)  # type: ignore[union-attr]
    if name.lower().endswith(".csv"):
        return sheets.from_csv(data, name)
    found = sheets.from_workbook(data, name)
    if not found:
        raise Unreadable(name, _("holds no sheet"))
    return next((sheet for sheet in found if sheet.name.casefold() == kind.name), found[0])


def _previewed(kind: Kind, sheet: sheets.Sheet, seen: Any) -> dict[str, Any]:
    numbers = sheets.row_numbers(sheet)
    counts = {action: sum(d.action == action for d in seen.differences) for action in ("create", "update", "unchanged")}
    text = "".join(sheets_line(line) for line in [sheet.headings, *sheet.rows])
    return {
        "counts": counts,
        "troubles": [
            {"row": numbers[t.index], "key": t.key, "field": t.field, "message": t.message} for t in seen.troubles[:500]
        ],
        "differences": [
            {"row": numbers[d.index], "key": d.key, "action": d.action, "changes": show.differences(kind, d.fields)}
            for d in seen.differences[:200]
            if d.action != "unchanged"
        ],
        "sheet": "" if seen.troubles else text,
        "sheet_name": sheet.name,
    }


def sheets_line(cells: Iterable[object]) -> str:
    """One row of a sheet as CSV, to be sent back with the confirmation."""
    import csv  # noqa: PLC0415
    import io  # noqa: PLC0415

    buffer = io.StringIO()
    csv.writer(buffer).writerow(["" if cell is None else cell for cell in cells])
    return buffer.getvalue()


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The narrowed list as a sheet."""
    declared = _kind(kind)
    selection = narrowed(request, declared)
    if request.GET.get("format") == "xlsx":
        return _workbook([selection], f"{kind}.xlsx")
    response = StreamingHttpResponse(sheets.to_csv(selection), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


@require_GET
def workbook(request: HttpRequest) -> FileResponse:
    """Everything the reader may see, as one workbook, a sheet a kind."""
    access = Access(_reader(request))
    return _workbook(
        [access.select(kind.name) for kind in in_order() if access.reader.reads(kind.name)], "quarterdeck.xlsx"
    )


def _workbook(selections: list[Selection], name: str) -> FileResponse:
    import tempfile  # noqa: PLC0415

    file = tempfile.TemporaryFile()  # noqa: SIM115 — the response closes it
    sheets.to_workbook(selections, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Records of all kinds that hold the words asked for, the likeliest kinds first."""
    words, access = request.GET.get("q", "")[:200].strip(), Access(_reader(request))
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
