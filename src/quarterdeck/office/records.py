"""The records that an answer rests on, as they were when it was computed, as far as the reader may see them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, NotFound, Selection
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Commit
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.office import paths
from quarterdeck.runs.analysis import Rested, conditions
from quarterdeck.runs.answers import Answered

ROWS = 50  # records on one page


def _selection(rested: Rested, reader: Reader) -> Selection:
    """The same question as then, for this reader. Raises Denied, NotFound, BadQuestion."""
    sort, _colon, name = rested.what.partition(":")
    commit = Commit.objects.filter(number=rested.mark).first()
    if sort != "kind" or name not in KINDS or commit is None:
        raise NotFound(rested.what)
    return Access(reader, commit.at).select(name).where(**conditions(rested.filter))


def _as_of(reader: Reader, rested: Rested, at: str, answered: Answered) -> str:
    """As of when the records are shown; the number of the change is for those who may see the history."""
    said = {"number": rested.mark, "at": at, "title": answered.analysis.title}
    if reader.may("history"):
        return _("As they stood after change number %(number)d, on %(at)s; “%(title)s” rests on them.") % said
    return _("As they stood on %(at)s; “%(title)s” rests on them.") % said


@require_GET
def records(request: HttpRequest, number: int, place: int) -> HttpResponse:
    """One page of the records that stand behind one step of an answer's path."""
    reader = reader_of(request.user)
    answered = paths.followed(number, reader)
    if place >= len(answered.rested):
        raise NotFound(f"answer:{number}/{place}")
    rested = answered.rested[place]
    selection = _selection(rested, reader)
    kind, rows = selection.kind, selection.rows()
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    at = selection.access.as_of
    head: dict[str, Any] = {
        "eyebrow": _("Where from"),
        "sentence": paths.step_text(rested),
        "lede": _as_of(reader, rested, date_format(localtime(at), "DATETIME_FORMAT") if at else "", answered),
        "acts": [
            {"title": _("The whole path"), "url": reverse("path", kwargs={"number": number})},
            {"title": _("As of today"), "url": show.url("list", kind)},
        ],
    }
    hidden = rested.count - len(rows)
    context = {
        "head": head,
        "table": show.table(kind, list(page.object_list), selection, None),
        "page_obj": page,
        "elided": page.paginator.get_elided_page_range(page.number),
        "covered": _("You may see %(seen)s of them.") % {"seen": show.counted(len(rows), False)} if hidden > 0 else "",
    }
    return render(request, "office/records.html", context)
