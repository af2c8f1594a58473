"""How records are shown to people: names, values, tables, sections, history, in the reader's language."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quarterdeck.kinds import past, sight
from quarterdeck.kinds.access import HIDDEN, Row, Selection
from quarterdeck.kinds.declare import NUMBERS, Attribute, Kind, Sort
from quarterdeck.kinds.models import Commit, Version
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.seal import Sealer

CHANGES = 30  # shown of a record's history


def url(page: str, kind: Kind, *arguments: str) -> str:
    """The address of a kind's page, or of a record's."""
    names = ("key", "child")
    return reverse(f"kinds:{page}", kwargs={"kind": kind.name, **dict(zip(names, arguments, strict=False))})


def capital(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def origin(source: str) -> str:
    """Where a change came from, as a person reads it: what the product wrote there itself, in the reader's language."""
    known = {
        "browser": _("entered in the browser"),
        "command line": _("entered on the command line"),
        "api": _("sent to the API"),
        "api sheet": _("sheet sent to the API"),
        "candidates": _("from candidates"),
    }
    if source in known:
        return known[source]
    sort, _blank, named = source.partition(" ")
    if sort == "sheet" and named:
        return _("sheet %(name)s") % {"name": named}
    if sort == "decision" and named:
        return _("decision %(name)s") % {"name": named}
    if source.startswith("suggestions of "):
        return _("suggestions of %(name)s") % {"name": source.removeprefix("suggestions of ")}
    return source


def counted(count: int, more: bool) -> str:
    """A number as people read it, with a plus where counting was stopped."""
    return formats.number_format(count, use_l10n=True, force_grouping=True) + ("+" if more else "")


def name(kind: Kind, row: Row | None) -> str:
    """What a record is called, in the reader's language where it has that, else in the other."""
    if row is None:
        return ""
    if kind.named.endswith("_en"):
        stem = kind.named.removesuffix("_en")
        own, other = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
        return str(row.values.get(f"{stem}_{own}") or row.values.get(f"{stem}_{other}") or "")
    return str(row.values.get(kind.named) or "")


def value(attribute: Attribute, found: Any) -> str | None:
    """A value as a person reads it; None where there is none."""
    if found is None or found == "":
        return None
    if attribute.sort is Sort.CHOICE:
        return next((str(label) for choice, label in attribute.choices if choice == str(found)), str(found))
    if isinstance(found, bool):
        return _("yes") if found else _("no")
    if isinstance(found, datetime):
        return formats.date_format(timezone.localtime(found), "SHORT_DATETIME_FORMAT")
    if isinstance(found, date):
        return formats.date_format(found, "DATE_FORMAT")
    if isinstance(found, float):
        return (
            formats.number_format(round(found, 6), use_l10n=True).rstrip("0").rstrip(".")
            if found % 1
            else formats.number_format(int(found), force_grouping=True)
        )
    if isinstance(found, Decimal | int):
        return formats.number_format(found, use_l10n=True, force_grouping=True)
    return str(found)


def _stems(kind: Kind, names: Iterable[str], visible: set[str]) -> list[tuple[str, tuple[Attribute, ...]]]:
    """Declared names with the attributes they stand for, as far as the reader may see them."""
    found = []
    for declared in names:
        parts = tuple(kind.attributes[n] for n in kind.spread(declared) if n in visible)
        if parts:
            found.append((declared, parts))
    return found


def _label(parts: tuple[Attribute, ...]) -> str:
    return capital(str(parts[0].field.verbose_name))


def _cell(parts: tuple[Attribute, ...], row: Row) -> dict[str, Any]:
    """One cell for an attribute, a two-language text or an estimate."""
    first = parts[0]
    if first.text:
        own, other = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
        text = row.values.get(f"{first.text}_{own}") or row.values.get(f"{first.text}_{other}")
        return {"text": text or None, "long": True}
    if len(parts) > 1:
        values = [value(part, row[part.name]) for part in parts]
        return {"text": " – ".join(str(v) for v in values) if all(values) else None, "numeric": True}
    found = row[first.name]
    cell: dict[str, Any] = {"text": value(first, found), "numeric": first.sort in NUMBERS}
    if first.sort is Sort.LINK and found and found != HIDDEN:
        cell["path_url"] = ""
        cell["link"] = url("record", first.target, found)
    if first.sort is Sort.LONG_TEXT:
        cell["long"] = True
    return cell


def table(
    kind: Kind, rows: Sequence[Row], selection: Selection, query: dict[str, str] | None, *, without: str = ""
) -> dict[str, Any]:
    """A list's table; `query` (the address's parameters) makes its headings sort, None leaves them still."""
    visible = {attribute.name for attribute in selection.attributes}
    stems = [entry for entry in _stems(kind, kind.columns, visible) if entry[0] != without]
    columns = [
        {"title": _label(parts), "numeric": parts[0].sort in NUMBERS, **_sorting(parts, selection, query)}
        for _n, parts in stems
    ]
    lines = [{"url": url("record", kind, row.key), "cells": [_cell(parts, row) for _n, parts in stems]} for row in rows]
    return {"columns": columns, "rows": lines, "label": capital(kind.plural)}


def _sorting(parts: tuple[Attribute, ...], selection: Selection, query: dict[str, str] | None) -> dict[str, str]:
    if query is None:
        return {}
    attribute, current = parts[0].name, selection.order[0]
    falling = current == attribute
    asked = {**query, "order": f"-{attribute}" if falling else attribute}
    asked.pop("after", None)
    state = {attribute: "ascending", f"-{attribute}": "descending"}.get(current, "")
    return {"sort_url": "?" + urlencode(asked), "sorted": state}


def sections(kind: Kind, row: Row, reader: Reader) -> list[dict[str, Any]]:
    """The record's attributes in titled groups; what no group names stands in a last one."""
    visible = {attribute.name for attribute in kind.visible(reader)}
    grouped = [(str(title), names) for title, names in kind.sections]
    named = {attribute for _t, names in grouped for declared in names for attribute in kind.spread(declared)} | {"key"}
    rest = tuple(dict.fromkeys(a.stem for a in kind.attributes.values() if a.name not in named))
    if rest:
        grouped.append((_("Further") if grouped else _("Particulars"), rest))
    return [
        {
            "title": title,
            "entries": [{"label": _label(parts), **_cell(parts, row)} for _n, parts in _stems(kind, names, visible)],
        }
        for title, names in grouped
        if _stems(kind, names, visible)
    ]


def differences(kind: Kind, fields: dict[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    """Rows of a difference table."""
    return [
        {
            "field": kind.attributes[n].label,
            "before": value(kind.attributes[n], before),
            "after": value(kind.attributes[n], after),
        }
        for n, (before, after) in fields.items()
    ]


def changes(kind: Kind, row: Row, reader: Reader) -> list[dict[str, Any]]:
    """A record's last changes: when, by whom, from where, what; only fields the reader may see, no change numbers.

    Changes of other fields leave no trace: the list reads as if they had not been made.
    """
    found: list[dict[str, Any]] = []
    for version, older, newer in _steps(kind, row.id, kind.visible(reader), reader):
        names = [name for name in newer if older.get(name) != newer[name]]
        shown = differences(kind, {name: (older.get(name), newer[name]) for name in names})
        shown = [change for change in shown if change["before"] or change["after"]]
        if shown:
            found.append({"version": version, "changes": shown})
        if len(found) == CHANGES:
            break
    commits = {c.number: c for c in Commit.objects.filter(number__in=[entry["version"].began for entry in found])}
    for entry in found:
        version = entry.pop("version")
        commit = commits[version.began]
        by = json.loads(commit.authority)
        entry.update({"at": commit.at, "by": by, "source": origin(commit.source), "action": version.action})
    return found


def _steps(
    kind: Kind, record: int, visible: Sequence[Attribute], reader: Reader
) -> Iterator[tuple[Version, dict[str, Any], dict[str, Any]]]:
    """Versions from the newest on, each with the visible values before and after it; nothing came before the first."""
    sealer, newer, values = Sealer(), None, {}
    names = [attribute.name for attribute in visible]
    for version in Version.objects.filter(kind=kind.name, record=record).order_by("-id").iterator(chunk_size=100):
        opened = past.opened(kind, json.loads(version.values) or {}, sealer)
        older = {name: opened[name] for name in names}
        sight.cover(visible, [older], reader)
        if newer is not None:
            yield newer, older, values
        newer, values = version, older
    if newer is not None:
        yield newer, {}, values
