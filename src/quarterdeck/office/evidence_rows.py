"""The page of one table of evidence: all of it, the rows that an address names, or the rows around them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quarterdeck.kinds import show
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.users import reader_of
from quarterdeck.lake import tables

ROWS = 100  # of a table on one page
NEAR = 10  # rows before and after the one that is meant
LONGEST = 200  # characters of a value
DIGITS = 18  # of a snapshot's number
SNAPSHOT, AROUND = "snapshot", "around"  # parameters of the address beside the names of columns
_PLACE = "#place"  # no column's name has this sign


def url(table: str, named: Mapping[str, object], snapshot: int = 0) -> str:
    """Where the rows of a table with these values are shown, as they stood after a snapshot."""
    asked = {name: value for name, value in named.items() if value not in (None, "")}
    if snapshot:
        asked[SNAPSHOT] = snapshot
    return reverse("evidence-table", kwargs={"table": table}) + (f"?{urlencode(asked)}" if asked else "")


def _snapshot(request: HttpRequest) -> int | None:
    """The snapshot that the address asks for; None: what is there today."""
    number = request.GET.get(SNAPSHOT, "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= DIGITS else None


def _holds(asked: Mapping[str, str]) -> pl.Expr:
    """Whether a row has the values that the address names."""
    return pl.all_horizontal(pl.col(name).cast(pl.String) == value for name, value in asked.items())


def _cell(found: Any) -> str | None:
    """A value of a table of evidence as a person reads it; None where there is none."""
    if found is None or found == "" or found == []:
        return None
    if isinstance(found, bool):
        return _("yes") if found else _("no")
    if isinstance(found, list):
        return _(", ").join(filter(None, map(_cell, found)))[:LONGEST]
    if isinstance(found, datetime):
        return date_format(timezone.localtime(found), "SHORT_DATETIME_FORMAT")
    return str(found)[:LONGEST]


@require_GET
def table(request: HttpRequest, table: str) -> HttpResponse:
    """A page of the rows that the address names, as the reader may see them; of all where it names none."""
    reader, until = reader_of(request.user), _snapshot(request)
    if table not in tables.TABLES:
        raise NotFound(table)
    declared = tables.TABLES[table]
    whole = tables.scan(reader, table, until=until)
    schema = whole.collect_schema()
    asked = {n: request.GET[n] for n, dtype in schema.items() if n in request.GET and not dtype.is_nested()}
    near = bool(asked) and AROUND in request.GET
    frame, marked, page = (*_near(whole, asked), None) if near else _page(whole, asked, request.GET.get("page"))
    helps = {column.name: column.help for column in declared.columns}
    context = {
        "head": {
            "eyebrow": _("Evidence"),
            "sentence": table,
            "lede": _(declared.help),
            "acts": _acts(table, asked, until, near=near),
        },
        "table": {
            "columns": [{"title": name} for name in frame.columns],
            "rows": [
                {"cells": [{"text": _cell(cell)} for cell in row], "marked": place in marked}
                for place, row in enumerate(frame.rows())
            ],
            "label": table,
            "raw": True,
        },
        "page_obj": page,
        "elided": page.paginator.get_elided_page_range(page.number) if page else (),
        "shown": _said(asked, len(marked), until, table),
        "helps": [(name, _(helps[name]) if helps.get(name) else "") for name in frame.columns],
    }
    return render(request, "office/table.html", context)


def _page(whole: pl.LazyFrame, asked: Mapping[str, str], page: str | None) -> tuple[pl.DataFrame, range, Any]:
    """One page of the rows asked for; all of them are meant where any are named."""
    rows = whole.filter(_holds(asked)) if asked else whole
    count = rows.select(pl.len()).collect().item()
    found = Paginator(range(count), ROWS).get_page(page)
    frame = rows.slice(max(0, found.start_index() - 1), ROWS).collect()
    return frame, range(frame.height if asked else 0), found


def _near(whole: pl.LazyFrame, asked: Mapping[str, str]) -> tuple[pl.DataFrame, frozenset[int]]:
    """The first of the rows asked for among those it was collected with, and which of these are meant."""
    numbered = whole.with_row_index(_PLACE)
    places = numbered.filter(_holds(asked)).select(_PLACE).collect()[_PLACE].to_list()
    begin = max(0, places[0] - NEAR) if places else 0
    frame = whole.slice(begin, 2 * NEAR + 1 if places else 0).collect()
    return frame, frozenset(place - begin for place in places if begin <= place < begin + frame.height)


def _acts(table: str, asked: Mapping[str, str], until: int | None, *, near: bool) -> list[dict[str, str]]:
    """The ways on: the neighbours of the rows that are meant, or these alone; the whole table; the table of today."""
    found, snapshot = [], until or 0
    if asked:
        alone = url(table, asked, snapshot)
        neighbours = {"title": _("The rows around it"), "url": f"{alone}&{AROUND}=1"}
        found.append({"title": _("Without the rows around it"), "url": alone} if near else neighbours)
        found.append({"title": _("The whole table"), "url": url(table, {}, snapshot)})
    if until is not None and until != tables.watermarks([table])[table]:
        found.append({"title": _("As of today"), "url": url(table, asked)})
    return found


def _said(asked: Mapping[str, str], count: int, until: int | None, table: str) -> str:
    """What is shown of the table, where that is not all of it, or not as it is today."""
    parts = []
    if asked:
        named = " · ".join(f"{name}: {value[:LONGEST]}" for name, value in asked.items())
        text = ngettext("%(count)s row with %(named)s.", "%(count)s rows with %(named)s.", count)
        parts.append(text % {"count": show.counted(count, False), "named": named})
    if until is not None and until != tables.watermarks([table])[table]:
        parts.append(_("As it stood after snapshot %(number)d.") % {"number": until})
    return " ".join(parts)
