"""How records are shown to people: names, values, tables, sections, history, in the reader's language."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from quarterdeck.kinds import past, sight
from quarterdeck.kinds.access import HIDDEN, Access, Row, Selection
from quarterdeck.kinds.declare import KINDS, NUMBERS, Attribute, Kind, Sort
from quarterdeck.kinds.models import Commit, Version
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.seal import Sealer

CHANGES = 30  # shown of a record's history
SMALLEST = timedelta(microseconds=1)  # a day as of which is shown ends where the next begins
DIGITS = 5  # that count, of a number in a list
WHOLE = 100  # from here on an estimate in a list needs no decimals

Called = Mapping[tuple[str, str], str]  # what records are called, by kind and key


def url(page: str, kind: Kind, *arguments: str) -> str:
    """The address of a kind's page, or of a record's."""
    names = ("key", "child")
    return reverse(f"kinds:{page}", kwargs={"kind": kind.name, **dict(zip(names, arguments, strict=False))})


def capital(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def about(kind: Kind) -> str:
    """What a record of a kind is, in the reader's language."""
    return _(kind.description).replace("`", "")


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
        words = source.removeprefix("suggestions of ").split(" ")
        named = " ".join(dict.fromkeys(words))  # a source often bears its reader's name
        return _("suggestions of %(name)s") % {"name": named}
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


def called(access: Access, attributes: Iterable[Attribute], rows: Sequence[Row]) -> Called:
    """What the records that rows link to are called, as far as the reader may see them; each kind is asked once."""
    wanted: dict[str, set[str]] = {}
    for attribute in attributes:
        if attribute.sort is Sort.LINK:
            held = {row[attribute.name] for row in rows} - {None, "", HIDDEN}
            wanted.setdefault(attribute.target.name, set()).update(held)
    return _looked_up(access, wanted)


def _looked_up(access: Access, wanted: Mapping[str, set[str]]) -> Called:
    return {
        (kind, row.key): name(KINDS[kind], row)
        for kind, held in wanted.items()
        if held and access.reader.reads(kind)
        for row in access.select(kind).where(key__in=sorted(held)).rows()
    }


def titles(kind: Kind, rows: Sequence[Row], access: Access) -> list[str]:
    """What records are called; those of a kind without names by what their key is made of."""
    if kind.named != "key" or not kind.key_from:
        return [name(kind, row) or row.key for row in rows]
    parts = [kind.attributes[part] for part in kind.key_from]
    names = called(access, parts, rows)
    made = [[_told(part, row[part.name], names) if part.name in row.values else None for part in parts] for row in rows]
    return [" · ".join(filter(None, some)) or row.key for some, row in zip(made, rows, strict=True)]


def title(kind: Kind, row: Row, access: Access) -> str:
    """What one record is called."""
    return titles(kind, [row], access)[0]


def _told(attribute: Attribute, found: Any, names: Called) -> str | None:
    """A value as a person reads it, a link by what it leads to."""
    if attribute.sort is Sort.LINK and found:
        return names.get((attribute.target.name, found)) or str(found)
    return value(attribute, found)


def number(found: float | Decimal) -> str:
    """A number in the reader's way: thousands parted, a true minus, no decimals that say nothing, whole cents."""
    exponent = Decimal(str(found)).normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if isinstance(found, Decimal) and places == 1:
        places = 2
    return formats.number_format(found, decimal_pos=places, use_l10n=True, force_grouping=True).replace("-", "−")


def _brief(found: Any, digits: int = DIGITS) -> Any:
    """A number with no more digits than a list can use."""
    if not isinstance(found, float) or not found or not math.isfinite(found):
        return found
    return round(found, max(0, digits - 1 - math.floor(math.log10(abs(found)))))


def _alike(points: list[Any]) -> list[Any]:
    """The points of an estimate with the decimals that its largest needs for two digits, one at least below 100."""
    sizes = [abs(point) for point in points if isinstance(point, float) and point and math.isfinite(point)]
    if not sizes:
        return points
    places = 1 - math.floor(math.log10(max(sizes)))
    return [round(p, max(places, 1 if max(sizes) < WHOLE else 0)) if isinstance(p, float) else p for p in points]


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
        return number(round(found, 6)) if math.isfinite(found) else str(found)
    if isinstance(found, Decimal | int):
        return number(found)
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


def _estimate(parts: tuple[Attribute, ...], row: Row, *, brief: bool) -> str | None:
    """“8 (6 to 11)”: the likely value, then from the low to the high one."""
    found = [row[part.name] for part in parts]
    if brief:
        found = _alike(found)
    low, likely, high = (value(part, one) for part, one in zip(parts, found, strict=True))
    if low is None or likely is None or high is None:
        return None
    if low == likely == high:
        return likely
    return pgettext("estimate", "%(likely)s (%(low)s to %(high)s)") % {"low": low, "likely": likely, "high": high}


def _cell(parts: tuple[Attribute, ...], row: Row, names: Called, *, brief: bool = False) -> dict[str, Any]:
    """One cell for an attribute, a two-language text or an estimate; brief: as there is room for in a list."""
    first = parts[0]
    if first.text:
        own, other = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
        text = row.values.get(f"{first.text}_{own}") or row.values.get(f"{first.text}_{other}")
        return {"text": text or None, "long": True}
    if len(parts) > 1:
        return {"text": _estimate(parts, row, brief=brief), "numeric": True}
    found = row[first.name]
    shown = _brief(found) if brief else found
    cell: dict[str, Any] = {"text": _told(first, shown, names), "numeric": first.sort in NUMBERS}
    if first.sort is Sort.LINK and found and found != HIDDEN:
        cell |= {"link": url("record", first.target, found), "wrap": True}
    if first.sort is Sort.KEY:
        cell["code"] = True
    if first.sort is Sort.LONG_TEXT:
        cell["long"] = True
    return cell


def _columns(kind: Kind) -> tuple[str, ...]:
    """The columns of a list: what a record is called stands before its key."""
    called_by = kind.attributes[kind.named].stem
    if called_by == "key" or not {"key", called_by} <= set(kind.columns):
        return kind.columns
    return (called_by, "key", *(one for one in kind.columns if one not in ("key", called_by)))


def table(
    kind: Kind, rows: Sequence[Row], selection: Selection, query: dict[str, str] | None, *, without: str = ""
) -> dict[str, Any]:
    """A list's table; `query` (the address's parameters) makes its headings sort, None leaves them still."""
    visible = {attribute.name for attribute in selection.attributes}
    stems = [entry for entry in _stems(kind, _columns(kind), visible) if entry[0] != without]
    names = called(selection.access, [part for _n, parts in stems for part in parts], rows)
    columns = [
        {"title": _label(parts), "numeric": parts[0].sort in NUMBERS, **_sorting(parts, selection, query)}
        for _n, parts in stems
    ]
    lines = [
        {
            "url": url("record", kind, row.key) + past_query(selection.access),
            "cells": [_cell(parts, row, names, brief=True) for _n, parts in stems],
        }
        for row in rows
    ]
    return {"columns": columns, "rows": lines, "label": capital(kind.plural)}


def past_query(access: Access) -> str:
    """What an address ends with so that its page, too, shows the past that this access shows."""
    if access.as_of is None:
        return ""
    return "?" + urlencode({"as_of": timezone.localtime(access.as_of - SMALLEST).date().isoformat()})


def _sorting(parts: tuple[Attribute, ...], selection: Selection, query: dict[str, str] | None) -> dict[str, str]:
    if query is None:
        return {}
    attribute, current = parts[0].name, selection.order[0]
    falling = current == attribute
    asked = {**query, "order": f"-{attribute}" if falling else attribute}
    asked.pop("after", None)
    state = {attribute: "ascending", f"-{attribute}": "descending"}.get(current, "")
    return {"sort_url": "?" + urlencode(asked), "sorted": state}


def reading_order(kind: Kind) -> list[tuple[str, tuple[str, ...]]]:
    """The kind's attributes as declared, in titled groups; what no group names stands in a last one, what it is called
    first, the day it was retired last."""
    grouped = [(str(title), names) for title, names in kind.sections]
    named = {attribute for _t, names in grouped for declared in names for attribute in kind.spread(declared)} | {"key"}
    rest = dict.fromkeys(a.stem for a in kind.attributes.values() if a.name not in named)
    if kind.named != "key" and (called_by := kind.attributes[kind.named].stem) in rest:
        rest = dict.fromkeys((called_by, *rest))
    if "retired" in rest:
        del rest["retired"]
        rest["retired"] = None
    if rest:
        grouped.append((_("Further") if grouped else _("Particulars"), tuple(rest)))
    return grouped


def sections(kind: Kind, row: Row, access: Access) -> list[dict[str, Any]]:
    """The record's attributes in titled groups; that it is retired is said where it is."""
    visible = {a.name for a in kind.visible(access.reader) if a.name != "retired" or row.values.get("retired")}
    names = called(access, kind.visible(access.reader), [row])
    return [
        {
            "title": title,
            "entries": [{"label": _label(parts), **_cell(parts, row, names)} for _n, parts in stems],
        }
        for title, declared in reading_order(kind)
        if (stems := _stems(kind, declared, visible))
    ]


def differences(kind: Kind, fields: dict[str, tuple[Any, Any]], names: Called | None = None) -> list[dict[str, Any]]:
    """Rows of a difference table; links by their keys, and by what they lead to where names are given."""

    def told(attribute: Attribute, found: Any) -> str | None:
        if attribute.sort is Sort.LINK and found and names and (named := names.get((attribute.target.name, found))):
            return f"{named} ({found})"
        return value(attribute, found)

    return [
        {
            "field": kind.attributes[n].label,
            "before": told(kind.attributes[n], before),
            "after": told(kind.attributes[n], after),
        }
        for n, (before, after) in fields.items()
    ]


def changes(kind: Kind, row: Row, reader: Reader, *, named: bool = False) -> list[dict[str, Any]]:
    """A record's last changes: when, by whom, from where, what; only fields the reader may see, no change numbers.

    Changes of other fields leave no trace: the list reads as if they had not been made. named: links are told by what
    they lead to.
    """
    found: list[tuple[Version, dict[str, tuple[Any, Any]]]] = []
    for version, older, newer in _steps(kind, row.id, kind.visible(reader), reader):
        pairs = {name: (older.get(name), newer[name]) for name in newer if older.get(name) != newer[name]}
        fields = {name: pair for name, pair in pairs.items() if any(value(kind.attributes[name], v) for v in pair)}
        if fields:
            found.append((version, fields))
        if len(found) == CHANGES:
            break
    commits = {c.number: c for c in Commit.objects.filter(number__in=[version.began for version, _f in found])}
    names = _names_in(kind, [fields for _v, fields in found], Access(reader)) if named else None
    return [
        {
            "at": commits[version.began].at,
            "by": json.loads(commits[version.began].authority),
            "source": origin(commits[version.began].source),
            "action": version.action,
            "changes": differences(kind, fields, names),
        }
        for version, fields in found
    ]


def _names_in(kind: Kind, differing: Iterable[dict[str, tuple[Any, Any]]], access: Access) -> Called:
    """What the records are called that links lead, or led, to."""
    wanted: dict[str, set[str]] = {}
    for fields in differing:
        for link in (kind.attributes[name] for name in fields if kind.attributes[name].sort is Sort.LINK):
            wanted.setdefault(link.target.name, set()).update({*fields[link.name]} - {None, "", HIDDEN})
    return _looked_up(access, wanted)


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
