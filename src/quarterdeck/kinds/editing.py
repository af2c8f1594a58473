"""The pages that change records of every kind: form, grid, deletion, sheets; nothing here is written for one kind."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from quarterdeck.evidence.batch import Refused as Unreadable
from quarterdeck.kinds import forms, rows, sheets, show
from quarterdeck.kinds.access import Access, NotFound, Row
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.views import asking, named
from quarterdeck.kinds.write import Change, Preview, Refused, preview, write


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, key: str = "") -> HttpResponse:
    """Change a record, or make a new one."""
    declared, reader = named(kind), asking(request)
    if not declared.writable(reader):
        raise Denied("write", kind)
    row = Access(reader).select(kind).one(key) if key else None
    made = forms.form_class(declared, reader, rows=[row] if row else [])
    if request.method == "POST":
        form = made(request.POST)
        if form.is_valid() and (done := _save(declared, reader, row, form)) is not None:
            messages.success(request, _("Saved.") if done[0] else _("Nothing was different."))
            return redirect(show.url("record", declared, done[1]))
    else:
        form = made(initial=forms.initial(declared, row) if row else request.GET.dict())
    context = {
        "kind": declared,
        "head": _edited(declared, row, reader),
        "form": form,
        "sections": forms.sections(declared, form),
        "row": row,
        "edition": request.POST.get("edition") or (forms.edition(row) if row else ""),
        "back": show.url("record", declared, row.key) if row else show.url("list", declared),
    }
    return render(request, "kinds/edit.html", context, status=422 if form.errors else 200)


def _edited(kind: Kind, row: Row | None, reader: Reader) -> dict[str, Any]:
    lede = show.about(kind)
    if row is None:
        return {"sentence": _("New %(kind)s") % {"kind": kind.title}, "lede": lede}
    called = show.title(kind, row, Access(reader))
    eyebrow = f"{show.capital(kind.title)} · {row.key}"
    return {"eyebrow": eyebrow, "sentence": _("Edit %(what)s") % {"what": called}, "lede": lede}


def _save(kind: Kind, reader: Reader, row: Row | None, form: Any) -> tuple[bool, str] | None:
    """Write a filled form; whether anything was different, and the key. None where it was refused: the form says
    why."""
    expected = None
    if row is not None and form.data.get("edition"):
        expected = rows.heads(kind, [row.id]).get(row.id)
        if forms.edition(Access(reader).select(kind.name).one(row.key)) != form.data["edition"]:
            form.add_error(None, _("This record was changed by someone else meanwhile. Open it again."))
            return None
    key = row.key if row else form.cleaned_data.get("key", "")
    change = Change(kind.name, key, dict(form.cleaned_data), expected=expected, new=row is None)
    try:
        done = write(Authority(reader), [change], "browser")
    except Refused as refused:
        forms.put_troubles(form, refused.troubles)
        return None
    return done.commit is not None, done.keys[0]


@require_http_methods(["POST"])
def delete(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Delete a record that nothing points at."""
    declared, reader = named(kind), asking(request)
    row = Access(reader).select(kind).one(key)
    try:
        write(Authority(reader), [Change(kind, row.key, None)], "browser")
    except Refused as refused:
        messages.error(request, _("; ").join(trouble.message for trouble in refused.troubles[:3]))
        return redirect(show.url("record", declared, row.key))
    messages.success(request, _("Deleted."))
    return redirect(show.url("list", declared))


@require_http_methods(["GET", "POST"])
def grid(request: HttpRequest, kind: str, key: str, child: str) -> HttpResponse:
    """The records of a child kind, edited as a grid."""
    declared, reader = named(kind), asking(request)
    link = dict(declared.children).get(child)
    if link is None:
        raise NotFound(child)
    if not reader.writes(child):
        raise Denied("write", child)
    row, inner = Access(reader).select(kind).one(key), KINDS[child]
    held = Access(reader).select(child).where(**{link: row.key}).rows(forms.MOST_ROWS)
    made = forms.grid_class(inner, link, reader, held)
    if request.method == "POST":
        filled = made(request.POST, prefix="g")
        if filled.is_valid() and _save_grid(inner, link, row.key, reader, filled, held):
            messages.success(request, _("Saved."))
            return redirect(show.url("record", declared, row.key))
    else:
        filled = made(initial=[forms.grid_initial(inner, one) for one in held], prefix="g")
    head = {
        "eyebrow": f"{show.capital(declared.title)} · {row.key}",
        "sentence": _("%(children)s of %(parent)s")
        % {"children": show.capital(inner.plural), "parent": show.title(declared, row, Access(reader))},
        "lede": show.about(inner),
    }
    context = {
        "kind": declared,
        "head": head,
        "formset": filled,
        "helps": forms.grid_helps(inner, filled),
        "back": show.url("record", declared, row.key),
    }
    return render(request, "kinds/grid.html", context, status=422 if request.method == "POST" else 200)


def _save_grid(child: Kind, link: str, parent: str, reader: Reader, filled: Any, held: list[Row]) -> bool:
    """Write a filled grid; False where it was refused: its rows say why."""
    expected = rows.heads(child, [one.id for one in held])
    asking_for = forms.grid_changes(
        child, link, parent, filled, {one.key: (forms.edition(one), expected.get(one.id)) for one in held}
    )
    for form, change in asking_for:
        if change is None:
            forms.put_in_row(form, "", _("was changed by someone else meanwhile"))
    if any(change is None for _form, change in asking_for):
        return False
    try:
        write(Authority(reader), [change for _form, change in asking_for if change], "browser")
    except Refused as refused:
        for trouble in refused.troubles:
            forms.put_in_row(asking_for[trouble.index][0], trouble.field, trouble.message)
        return False
    return True


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, kind: str) -> HttpResponse:
    """Import a sheet: first what it would change and every fault, then all of it or nothing."""
    declared, reader = named(kind), asking(request)
    if not declared.writable(reader):
        raise Denied("write", kind)
    head = {
        "sentence": _("Import %(kinds)s") % {"kinds": declared.plural},
        "lede": _("A CSV or XLSX sheet; an absent column keeps what is there, an empty cell clears it."),
        "acts": [{"title": _("Take out what is there"), "url": show.url("export", declared) + "?format=xlsx"}],
    }
    columns = [(a.name, show.capital(a.label), a.help) for a in declared.visible(reader)]
    context: dict[str, Any] = {
        "kind": declared,
        "head": head,
        "back": show.url("list", declared),
        "columns": columns,
    }
    if request.method == "POST":
        try:
            sheet = _sheet(request, declared)
            wanted = sheets.changes(declared, sheet)
            if "commit" in request.POST:
                return _imported(request, declared, reader, wanted, sheet.name)
            seen = preview(Authority(reader), wanted)
            context.update(_previewed(declared, sheet, seen))
        except (Unreadable, Refused) as error:
            context["unreadable"] = str(error)
    bad = bool(context.get("unreadable") or context.get("troubles"))
    return render(request, "kinds/import.html", context, status=422 if bad else 200)


def _imported(request: HttpRequest, kind: Kind, reader: Reader, wanted: list[Change], name: str) -> HttpResponse:
    done = write(Authority(reader), wanted, f"sheet {request.POST.get('name', name)[:200]}")
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    messages.success(request, _("%(created)d created, %(updated)d changed, %(unchanged)d as they were.") % counts)
    return redirect(show.url("list", kind))


def _sheet(request: HttpRequest, kind: Kind) -> sheets.Sheet:
    """The sheet sent: a file, or the text of one that was previewed."""
    upload = request.FILES.get("file")
    if upload is None:
        return sheets.from_csv(request.POST.get("sheet", "").encode(), "sheet.csv")
    data = upload.read(sheets.LARGEST + 1)
    name = str(upload.name)
    if not name.lower().endswith(".xlsx"):
        return sheets.from_csv(data, name)
    found = sheets.from_workbook(data, name)
    if not found:
        raise Unreadable(name, _("holds no sheet"))
    return next((sheet for sheet in found if sheet.name.casefold() == kind.name[:31]), found[0])


def _previewed(kind: Kind, sheet: sheets.Sheet, seen: Preview) -> dict[str, Any]:
    numbers = sheets.row_numbers(sheet)
    counts = {action: sum(d.action == action for d in seen.differences) for action in ("create", "update", "unchanged")}
    return {
        "counts": counts,
        "troubles": [
            {"row": numbers[t.index], "key": t.key, "field": t.field, "message": t.message} for t in seen.troubles[:500]
        ],
        "differences": [
            {
                "row": numbers[d.index],
                "key": d.key,
                "action": pgettext("import", "create") if d.action == "create" else pgettext("import", "change"),
                "changes": show.differences(kind, d.fields),
            }
            for d in [d for d in seen.differences if d.action != "unchanged"][:200]
        ],
        "sheet": "" if seen.troubles else _csv(sheet),
        "sheet_name": sheet.name,
    }


def _csv(sheet: sheets.Sheet) -> str:
    """The sheet as CSV, to be sent back with the confirmation."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([sheet.headings, *(cells for _row, cells in sheet.filled())])
    return buffer.getvalue()
