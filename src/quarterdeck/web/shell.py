"""What every page's frame shows: navigation, the reader, the language, the theme, the freshness of evidence."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.kinds.views import day_asked
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
    context["reader"] = {"name": user.get_full_name() or user.username, "title": title, "links": _links()}
    context["navigation"] = _navigation(reader, request)
    match = request.resolver_match
    if match is not None and getattr(match.func, "shows_past", False):
        context["as_of"] = _as_of(request)
    context["freshness"] = _freshness()
    return context


def _links() -> list[dict[str, str]]:
    """What else the reader's menu leads to."""
    url = _address("api:openapi-json")
    return [{"title": _("Description of the API"), "url": url}] if url else []


def _address(view: str, arguments: dict[str, str] | None = None) -> str:
    """The address of a view; empty where only a part of the product is served."""
    try:
        return reverse(view, kwargs=arguments)
    except NoReverseMatch:
        return ""


def _navigation(reader: Reader, request: HttpRequest) -> list[dict[str, Any]]:
    """The groups with their entries; of those that an address lies within, the nearest is the current one."""
    groups = [
        {
            "title": _(group.title) if group.title else "",
            "entries": [_entry(entry, request) for entry in group.entries if entry.shown(reader)],
        }
        for group in NAVIGATION
    ]
    entries: list[dict[str, Any]] = [entry for group in groups for entry in group["entries"]]  # type: ignore[misc]
    around = [entry for entry in entries if _within(request.path, entry["url"])]
    if around:
        max(around, key=lambda entry: len(entry["url"]))["current"] = True
    return groups


def _within(path: str, url: str) -> bool:
    return path == url or (url not in ("", "/") and path.startswith(url.rstrip("/") + "/"))


def _entry(entry: Entry, request: HttpRequest) -> dict[str, Any]:
    url = _address(entry.view, dict(entry.arguments) or None)
    badge = entry.badge(request) if entry.badge else None
    return {"url": url, "title": _(entry.title), "chapter": entry.chapter, "current": False, "badge": badge}


def _as_of(request: HttpRequest) -> dict[str, Any]:
    """The day that is shown, today or a former one."""
    today, day = timezone.localdate(), day_asked(request)
    label = (
        _("As of %(day)s") % {"day": date_format(day, "DATE_FORMAT")}
        if day
        else _("As of today, %(day)s") % {"day": date_format(today, "DATE_FORMAT")}
    )
    return {"label": label, "past": day is not None, "day": day or today, "today": today}


def _freshness() -> dict[str, Any] | None:
    newest = tables.newest()
    if newest is None:
        return {"label": _("No evidence yet"), "state": "watch", "url": reverse("evidence")}
    hours = int((timezone.now() - newest).total_seconds() // 3600)
    if hours < 1:
        label = _("Evidence of this hour")
    elif hours < 48:
        label = _("Evidence %(hours)d h old") % {"hours": hours}
    else:
        label = _("Evidence %(days)d d old") % {"days": hours // 24}
    return {"label": label, "state": "good" if hours < 24 * STALE_DAYS else "watch", "url": reverse("evidence")}
