"""What every page's frame shows: navigation, the reader, the language, the theme, the freshness of evidence."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quarterdeck.kinds.users import reader_of
from quarterdeck.lake import tables
from quarterdeck.web.navigation import NAVIGATION, Entry

STALE_DAYS = 7


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of base.html."""
    user = getattr(request, "user", None)
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {"theme": theme if theme in ("light", "dark") else "", "language": get_language()}
    if user is None or not user.is_authenticated:
        return context
    reader = reader_of(user)
    context["reader_now"] = reader
    title = _(", ").join(_(role.title) for role in reader.roles) or _("no role yet")
    context["reader"] = {"name": user.get_full_name() or user.username, "title": title, "links": []}
    context["navigation"] = [
        {
            "title": _(group.title) if group.title else "",
            "entries": [_entry(entry, request) for entry in group.entries if entry.shown(reader)],
        }
        for group in NAVIGATION
    ]
    context["as_of"] = {
        "label": _("As of today, %(day)s") % {"day": date_format(timezone.localdate(), "DATE_FORMAT")},
        "past": False,
        "day": timezone.localdate(),
    }
    context["freshness"] = _freshness()
    return context


def _entry(entry: Entry, request: HttpRequest) -> dict[str, Any]:
    try:
        url = reverse(entry.view, kwargs=dict(entry.arguments) or None)
    except NoReverseMatch:
        url = ""
    inside = url not in ("", "/") and request.path.startswith(url.rstrip("/") + "/")
    current = request.path == url or inside
    badge = entry.badge(request) if entry.badge else None
    return {"url": url, "title": _(entry.title), "chapter": entry.chapter, "current": current, "badge": badge}


def _freshness() -> dict[str, Any] | None:
    newest = tables.newest()
    if newest is None:
        return {"label": _("No evidence yet"), "state": "watch", "url": reverse("evidence")}
    hours = int((timezone.now() - newest).total_seconds() // 3600)
    label = (
        _("Evidence %(hours)d h old") % {"hours": hours}
        if hours < 48
        else _("Evidence %(days)d d old") % {"days": hours // 24}
    )
    return {"label": label, "state": "good" if hours < 24 * STALE_DAYS else "watch", "url": reverse("evidence")}
