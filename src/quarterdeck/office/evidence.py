"""The pages of evidence: what was collected, how old it is, what could not be read, what it suggests."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quarterdeck.evidence.readers import READERS
from quarterdeck.kinds import show
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Authority, Denied
from quarterdeck.kinds.users import called, reader_of
from quarterdeck.kinds.write import Refused
from quarterdeck.lake import suggestions, tables
from quarterdeck.lake.models import Problem
from quarterdeck.office import words

ROWS = 100  # of a table shown on a page
OLD_DAYS = 30


def reader_title(name: str) -> str:
    """What a reader of evidence is called, in the reader's language; its name where it is no longer there."""
    found = next((reader for reader in READERS if reader.name == name), None)
    if found is None:
        return name
    return found.title_zh if words.chinese() else found.title_en


def age(at: Any) -> str:
    """How long ago, in the unit people would say it in."""
    hours = int((timezone.now() - at).total_seconds() // 3600)
    if hours < 1:
        return _("< 1 h")
    return _("%(hours)d h") % {"hours": hours} if hours < 48 else _("%(days)d d") % {"days": hours // 24}


def problems_text(count: int) -> str:
    """How many problems a collection met, in words."""
    return ngettext("%(count)s problem", "%(count)s problems", count) % {"count": show.counted(count, False)}


def freshness_rows() -> list[dict[str, Any]]:
    """A row a source: what, how many rows, how old, what is wrong."""
    found = []
    for entry in tables.freshness():
        days = (timezone.now() - entry.snapshot.at).days
        wrong = problems_text(entry.snapshot.problems)
        cells = [
            {"text": f"{reader_title(entry.source.reader)} · {entry.source.name}", "long": True},
            {"text": show.counted(entry.rows, False), "numeric": True},
            {"text": age(entry.snapshot.at), "numeric": True, "state": "watch" if days > OLD_DAYS else ""},
            {"text": wrong if entry.snapshot.problems else "0", "state": "watch" if entry.snapshot.problems else ""},
        ]
        found.append({"url": reverse("evidence-source", kwargs={"number": entry.source.pk}), "cells": cells})
    return found


def _reader_rows() -> list[dict[str, Any]]:
    """A row a reader: how many sources and rows, how old the oldest of them, how many problems."""
    by_reader: dict[str, list[tables.Freshness]] = {}
    for entry in tables.freshness():
        by_reader.setdefault(entry.source.reader, []).append(entry)
    found = []
    for name, entries in by_reader.items():
        oldest = min(entry.snapshot.at for entry in entries)
        stale = (timezone.now() - oldest).days > OLD_DAYS
        wrong = sum(entry.snapshot.problems for entry in entries)
        sources = ngettext("%(count)d source", "%(count)d sources", len(entries)) % {"count": len(entries)}
        cells = [
            {"text": reader_title(name), "note": sources if len(entries) > 1 else "", "long": True},
            {"text": show.counted(sum(entry.rows for entry in entries), False), "numeric": True},
            {"text": age(oldest), "numeric": True, "state": "watch" if stale else ""},
            {"text": problems_text(wrong) if wrong else "0", "state": "watch" if wrong else ""},
        ]
        found.append({"url": reverse("evidence"), "cells": cells})
    return found


def freshness_table(*, by_reader: bool = False) -> dict[str, Any]:
    """The table of sources; or of readers, for where there is no room for each source."""
    columns = [
        {"title": _("source")},
        {"title": _("rows"), "numeric": True},
        {"title": _("newest"), "numeric": True},
        {"title": _("problems")},
    ]
    return {"columns": columns, "rows": _reader_rows() if by_reader else freshness_rows(), "label": _("Evidence")}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All sources, and what they suggest to the estate."""
    reader = reader_of(request.user)
    waiting = suggestions.seen(reader, suggestions.open_suggestions())
    counts: dict[tuple[str, str, str], int] = {}
    for entry in waiting:
        mark = (entry.source, entry.kind, entry.sort)
        counts[mark] = counts.get(mark, 0) + 1
    table = freshness_table()
    sources = len(table["rows"])
    sentence = (
        ngettext("%(count)d source feeds the model.", "%(count)d sources feed the model.", sources) % {"count": sources}
        if sources
        else _("No evidence has been collected yet.")
    )
    lede = (
        ngettext(
            "%(count)d suggestion waits for a yes or no.", "%(count)d suggestions wait for a yes or no.", len(waiting)
        )
        % {"count": len(waiting)}
        if waiting
        else ""
    )
    context = {
        "head": {"eyebrow": _("Evidence"), "sentence": sentence, "lede": lede},
        "table": table,
        "open": [
            {"source": s, "kind": k, "title": KINDS[k].title, "sort": _SORTS[sort](), "count": n, "raw": sort}
            for (s, k, sort), n in sorted(counts.items())
        ],
        "may": reader.may("suggestions"),
        "empty": {
            "title": _("Collect something"),
            "collect": _(
                "Repositories, a software catalogue, the roster, bills, advisories, issues, deployments, incidents: "
                "quarterdeck collect READER PATH"
            ),
            "shows": _("Then this page shows what was read, how old it is, and what could not be read."),
        },
    }
    return render(request, "office/evidence.html", context)


_SORTS = {
    "create": lambda: _("new"),
    "update": lambda: _("changed"),
    "conflict": lambda: _("conflict"),
    "retire": lambda: _("gone"),
}


@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Accept or refuse the suggestions of one source, kind and sort."""
    reader = reader_of(request.user)
    if not reader.may("suggestions"):
        raise Denied("settle", "suggestions")
    some = [
        s
        for s in suggestions.open_suggestions(request.POST.get("source", ""), request.POST.get("kind", ""))
        if s.sort == request.POST.get("sort")
    ]
    if "refuse" in request.POST:
        if unwritable := sorted({s.kind for s in some if not reader.writes(s.kind)}):
            raise Denied("settle", unwritable[0])
        messages.success(request, _("%(count)d refused.") % {"count": suggestions.refuse(some)})
    else:
        try:
            taken = suggestions.accept(Authority(reader), some, f"suggestions of {request.POST.get('source', '')}")
            messages.success(request, _("%(count)d accepted.") % {"count": taken})
        except Refused as refused:
            messages.error(request, _("Nothing was accepted: %(why)s") % {"why": str(refused)[:500]})
    return redirect("evidence")


@require_GET
def source(request: HttpRequest, number: int) -> HttpResponse:
    """One source: its tables, and every problem of its newest collection."""
    reader = reader_of(request.user)
    entry = next((e for e in tables.freshness() if e.source.pk == number), None)
    if entry is None:
        raise NotFound(f"source:{number}")
    filled = sorted(
        {
            part.table
            for part in entry.snapshot.parts.all()
            if part.table in tables.TABLES and reader.reads(tables.need(part.table))
        }
    )
    quoted = tables.may_read_source(reader, entry.source.reader)  # what could not be read says what stood there
    problems = list(Problem.objects.filter(snapshot=entry.snapshot).order_by("id")[:500]) if quoted else []
    at = date_format(timezone.localtime(entry.snapshot.at), "DATETIME_FORMAT")
    head = {
        "eyebrow": reader_title(entry.source.reader),
        "sentence": entry.source.name,
        "lede": _("Collected %(at)s by %(by)s.")
        % {"at": at, "by": called([entry.snapshot.by], reader)[entry.snapshot.by]},
    }
    tables_of = [(name, _(tables.TABLES[name].help)) for name in filled]
    covered = not quoted and entry.snapshot.problems
    context = {"head": head, "filled": tables_of, "problems": problems, "covered": covered}
    return render(request, "office/source.html", context)


def _cell(found: Any) -> str | None:
    """A value of a table of evidence as a person reads it; None where there is none."""
    if found is None or found == "" or found == []:
        return None
    if isinstance(found, bool):
        return _("yes") if found else _("no")
    if isinstance(found, list):
        return _(", ").join(filter(None, map(_cell, found)))[:200]
    if isinstance(found, datetime):
        return date_format(timezone.localtime(found), "SHORT_DATETIME_FORMAT")
    return str(found)[:200]


@require_GET
def table(request: HttpRequest, table: str) -> HttpResponse:
    """The first rows of one table of evidence, as the reader may see them."""
    reader = reader_of(request.user)
    if table not in tables.TABLES:
        raise NotFound(table)
    declared = tables.TABLES[table]
    frame = tables.scan(reader, table).head(ROWS).collect()
    helps = {column.name: column.help for column in declared.columns}
    columns = [{"title": name} for name in frame.columns]
    rows = [{"cells": [{"text": _cell(cell)} for cell in row]} for row in frame.rows()]
    context = {
        "head": {"eyebrow": _("Evidence"), "sentence": table, "lede": _(declared.help)},
        "table": {"columns": columns, "rows": rows, "label": table, "raw": True},
        "shown": _("The first %(count)d rows.") % {"count": ROWS} if len(rows) == ROWS else "",
        "helps": [(name, _(helps[name]) if helps.get(name) else "") for name in frame.columns],
    }
    return render(request, "office/table.html", context)
