"""The pages of evidence: what was collected, how old it is, what could not be read, what it suggests."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quarterdeck.evidence.readers import READERS
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, NotFound, Row
from quarterdeck.kinds.canonical import canonical, digest
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.keys import fold
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.users import called, reader_of
from quarterdeck.kinds.write import Refused
from quarterdeck.lake import suggestions, tables
from quarterdeck.lake.models import Problem
from quarterdeck.office import words

SUGGESTED = 20  # of each sort that are told in full beside the sources
TOLD = 100  # of one sort on a page of its own
OLD_DAYS = 30

Group = tuple[str, str, str]  # source, kind and sort, by which suggestions are settled


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
    groups: dict[Group, list[suggestions.Seen]] = {}
    for entry in waiting:
        groups.setdefault((entry.source, entry.kind, entry.sort), []).append(entry)
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
            _suggested(reader, group, some, some[:SUGGESTED])
            for group, some in sorted(groups.items(), key=lambda pair: pair[0])
        ],
        "may": reader.may("suggestions"),
        "empty": _nothing(),
    }
    return render(request, "office/evidence.html", context)


def _suggested(
    reader: Reader, group: Group, some: list[suggestions.Seen], told: Sequence[suggestions.Seen]
) -> dict[str, Any]:
    """What one source suggests of one kind, in words; told: those of it that are told in full."""
    source, name, sort = group
    kind, count = KINDS[name], show.counted(len(some), False)
    title = _("%(count)s %(kinds)s") % {"count": count, "kinds": kind.plural if len(some) > 1 else kind.title}
    standing = Access(reader).select(name).where(key__in=[entry.key for entry in told])
    rows = {fold(row.key): row for row in standing.rows()} if reader.reads(name) else {}
    query = urlencode({"source": source, "kind": name, "sort": sort})
    return {
        "source": source,
        "kind": name,
        "raw": sort,
        "title": title,
        "sort": _SORTS[sort](),
        "lines": [{"key": entry.key, "wants": _wants(kind, entry, rows.get(fold(entry.key)))} for entry in told],
        "more": len(some) - len(told),
        "shown": _shown(some),
        "all": f"{reverse('suggestions-all')}?{query}",
    }


def _shown(some: Iterable[suggestions.Seen]) -> str:
    """What tells whether the same is suggested still: every suggestion of a group, with all it wants."""
    return digest(canonical([[entry.number, entry.sort, entry.wants] for entry in some]))


def _asked(reader: Reader, given: QueryDict) -> tuple[Group, list[suggestions.Seen]]:
    """The group that an address or form names, and what stands open of it."""
    group = (given.get("source", ""), given.get("kind", ""), given.get("sort", ""))
    found = suggestions.seen(reader, suggestions.open_suggestions(*group[:2])) if all(group) else []
    return group, [entry for entry in found if (entry.source, entry.kind, entry.sort) == group]


@require_GET
def suggested(request: HttpRequest) -> HttpResponse:
    """All that one source suggests of one kind and sort, page by page."""
    reader = reader_of(request.user)
    group, some = _asked(reader, request.GET)
    page = Paginator(some, TOLD).get_page(request.GET.get("page"))
    one = _suggested(reader, group, some, list(page.object_list)) if some else None
    context = {
        "head": {
            "eyebrow": _("What evidence suggests"),
            "sentence": f"{one['title']} · {one['sort']}" if one else _("Nothing of this is open."),
            "lede": one["source"] if one else "",
            "acts": [{"title": _("Evidence"), "url": reverse("evidence")}],
        },
        "one": one,
        "may": reader.may("suggestions"),
        "page_obj": page,
        "elided": page.paginator.get_elided_page_range(page.number),
        "empty": _nothing(),
    }
    return render(request, "office/suggested.html", context)


def _nothing() -> dict[str, str]:
    """What a page without evidence says to collect."""
    return {
        "title": _("Collect something"),
        "collect": _(
            "Repositories, a software catalogue, the roster, bills, advisories, issues, deployments, incidents: "
            "quarterdeck collect READER PATH"
        ),
        "shows": _("Then this page shows what was read, how old it is, and what could not be read."),
    }


def _wants(kind: Kind, entry: suggestions.Seen, row: Row | None) -> str:
    """Field by field what would stand there; where something else stands there now, that before it."""
    parts = []
    for name, value in entry.wants.items():
        attribute = kind.attributes[name]
        said = show.value(attribute, value)
        stands = show.value(attribute, row.values.get(name)) if row else ""
        if name == "key" or said in ("", stands):
            continue
        change = _("%(before)s → %(after)s") % {"before": stands, "after": said} if stands else said
        parts.append(f"{attribute.label}{_(': ')}{change}")
    return _("; ").join(parts)


_SORTS = {
    "create": lambda: _("new"),
    "update": lambda: _("changed"),
    "conflict": lambda: _("conflict"),
    "retire": lambda: _("gone"),
}


@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Accept or refuse the suggestions of one source, kind and sort, provided that they are those that were shown."""
    reader = reader_of(request.user)
    if not reader.may("suggestions"):
        raise Denied("settle", "suggestions")
    (source, kind, _sort), seen = _asked(reader, request.POST)
    if not seen or request.POST.get("shown") != _shown(seen):
        messages.error(request, _("Nothing was settled: what is suggested has changed since you looked. Look again."))
        return redirect("evidence")
    numbers = {entry.number for entry in seen}
    some = [one for one in suggestions.open_suggestions(source, kind) if one.pk in numbers]
    if "refuse" in request.POST:
        messages.success(request, _("%(count)d refused.") % {"count": suggestions.refuse(some, Authority(reader))})
    else:
        try:
            taken = suggestions.accept(Authority(reader), some, f"suggestions of {source}")
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
