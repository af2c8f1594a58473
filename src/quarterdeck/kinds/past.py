"""Records as of a moment, out of their versions: as known then, or as effective then; with today's rights."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q, QuerySet

from quarterdeck.kinds import history
from quarterdeck.kinds.declare import Attribute, Kind, Sort
from quarterdeck.kinds.models import Version
from quarterdeck.kinds.seal import GONE, PREFIX, Sealer

if TYPE_CHECKING:
    from quarterdeck.kinds.access import Row, Selection


def typed(attribute: Attribute, value: Any) -> Any:
    """A value of a version as the field's own type."""
    if value is None or not isinstance(value, str):
        return value
    if attribute.sort is Sort.DECIMAL:
        return Decimal(value)
    if attribute.sort is Sort.DATE:
        return date.fromisoformat(value)
    if attribute.sort is Sort.TIME:
        return datetime.fromisoformat(value)
    return value


def versions(kind: Kind, moment: datetime, known: bool) -> QuerySet[Version]:
    """The version of each record that stood at a moment; a record deleted by then has none."""
    some = Version.objects.filter(kind=kind.name)
    if known:
        number = history.number_at(moment)
        standing = some.filter(began__lte=number).filter(Q(ended=None) | Q(ended__gt=number))
    else:
        latest = some.filter(effective__lte=moment.date()).values("record").annotate(last=Max("id")).values("last")
        standing = some.filter(id__in=latest)
    return standing.exclude(action="delete")


def opened(kind: Kind, record: int, values: dict[str, Any], sealer: Sealer, subjects: dict[str, int]) -> dict[str, Any]:
    """A version's values by attribute, personal ones unsealed; those of an erased subject read as erased."""
    found: dict[str, Any] = {}
    for name, attribute in kind.attributes.items():
        value = values.get(name)
        if attribute.personal and isinstance(value, str) and value.startswith(PREFIX):
            owner = record if not kind.subject else subjects.get(str(values.get(kind.subject)), 0)
            named = kind.name if not kind.subject else kind.attributes[kind.subject].target.name
            text = sealer.open(f"{named}:{owner}", value)
            value = GONE if text is None else json.loads(text)
        found[name] = typed(attribute, value)
    return found


def rows(selection: "Selection", further: Q, limit: int | None, after: str = "") -> Iterator["Row"]:
    """Rows of a selection as of its moment; conditions and order are applied to what was true then."""
    from quarterdeck.kinds.access import Row, scope_of  # noqa: PLC0415 — access calls past and past gives its rows

    access, kind = selection.access, selection.kind
    assert access.as_of is not None
    standing = versions(kind, access.as_of, access.known).filter(further)
    scope = scope_of(kind, access.reader)
    if scope is not None:
        standing = standing.filter(record__in=kind.model._default_manager.filter(scope).values("id"))
    plainly = selection.order == ("key",) and not selection.asked and not selection.words
    if plainly:
        standing = standing.order_by("key", "id")
        if after:
            standing = standing.filter(key__gt=after)
        if limit is not None:
            standing = standing[:limit]
    sealer, subjects = Sealer(), _subjects(kind)
    visible = {attribute.name for attribute in selection.attributes}
    found = (
        Row(
            kind.name,
            record,
            key,
            {n: v for n, v in opened(kind, record, json.loads(text), sealer, subjects).items() if n in visible},
        )
        for record, key, text in standing.values_list("record", "key", "values").iterator(chunk_size=5_000)
    )
    yield from found if plainly else _narrowed(selection, found, limit, after)


def _subjects(kind: Kind) -> dict[str, int]:
    if not kind.subject:
        return {}
    return dict(kind.attributes[kind.subject].target.model._default_manager.values_list("key", "id"))


def _narrowed(selection: "Selection", found: Iterator["Row"], limit: int | None, after: str) -> Iterator["Row"]:
    """Filter, search and sort rows in memory: the past has no index on its values."""
    kept = [
        row for row in found if all(_holds(row[name], operator, value) for name, operator, value in selection.asked)
    ]
    if selection.words:
        wanted = selection.words.casefold()
        kept = [row for row in kept if any(wanted in str(value).casefold() for value in row.values.values())]
    for name in reversed(selection.order):
        bare = name.removeprefix("-")
        falling = name.startswith("-")
        filled = [row for row in kept if row[bare] is not None]
        filled.sort(key=lambda row: row[bare], reverse=falling)
        kept = filled + [row for row in kept if row[bare] is None]
    if after:
        places = [place for place, row in enumerate(kept) if row.key == after]
        kept = kept[places[0] + 1 :] if places else []
    yield from kept[:limit] if limit is not None else kept


def _holds(value: Any, operator: str, wanted: Any) -> bool:
    if operator == "empty":
        return (value in (None, "")) == bool(wanted)
    if operator == "in":
        return value in wanted
    if operator in ("", "not"):
        return (value == wanted) == (operator == "")
    if value is None:
        return False
    return {"gte": value >= wanted, "lte": value <= wanted, "gt": value > wanted, "lt": value < wanted}[operator]
