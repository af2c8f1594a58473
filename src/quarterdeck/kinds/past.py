"""Records as of a moment, out of their versions: as known then, or as effective then; with today's rights."""

import itertools
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from quarterdeck.kinds import history, keys, questions, search, sight
from quarterdeck.kinds.canonical import canonical
from quarterdeck.kinds.declare import Attribute, Kind, Sort
from quarterdeck.kinds.models import Alias, Version
from quarterdeck.kinds.seal import GONE, PREFIX, Sealer, subject_of
from quarterdeck.kinds.sight import Row
from quarterdeck.kinds.store import SEARCHED

if TYPE_CHECKING:
    from quarterdeck.kinds.access import Selection

_BATCH = 2_000  # versions that are opened at once


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


def opened(kind: Kind, values: dict[str, Any], sealer: Sealer) -> dict[str, Any]:
    """A version's values by attribute, personal ones unsealed; those of an erased subject read as erased."""
    found: dict[str, Any] = {}
    for name, attribute in kind.attributes.items():
        value = values.get(name)
        if attribute.personal and isinstance(value, str) and value.startswith(PREFIX):
            text = sealer.open(subject_of(value), value)
            if text is None:
                found[name] = GONE if attribute.sort in (Sort.TEXT, Sort.LONG_TEXT) else None
                continue
            value = json.loads(text)
        found[name] = typed(attribute, value)
    return found


def rows(selection: "Selection", limit: int | None, after: str = "") -> Iterator[Row]:
    """Rows of a selection as of its moment; conditions and order are applied to what was true then."""
    standing = _standing(selection)
    if not _plain(selection):
        yield from _narrowed(selection, limit, after)
        return
    standing = standing.order_by("key", "id")
    if after:
        standing = standing.filter(key__gt=after)
    yield from _read(selection, standing if limit is None else standing[:limit])


def count(selection: "Selection", cap: int) -> int:
    """How many rows, up to `cap`."""
    if _plain(selection):
        return len(_standing(selection)[:cap].values_list("id", flat=True))
    return sum(1 for _row in itertools.islice(_narrowed(selection, cap, ""), cap))


def _plain(selection: "Selection") -> bool:
    """Whether the index on versions alone answers: nothing asked of values, in the order of keys."""
    return selection.order == ("key",) and not selection.asked and not selection.words


def _standing(selection: "Selection") -> QuerySet[Version]:
    access, kind = selection.access, selection.kind
    standing = versions(kind, access.as_of or timezone.now(), access.known)
    scope = sight.scope_of(kind, access.reader)
    if scope is not None:
        standing = standing.filter(record__in=kind.model._default_manager.filter(scope).values("id"))
    return standing.filter(_of_key(kind, standing, selection.named)) if selection.named else standing


def _of_key(kind: Kind, standing: QuerySet[Version], named: str) -> Q:
    """Who had a key then; where nobody had, who has it or had it since."""
    if standing.filter(key=keys.normalise(named)).exists():
        return Q(key=keys.normalise(named))
    fold = keys.fold(named)
    record = kind.model._default_manager.filter(fold=fold).values_list("id", flat=True).first()
    if record is None:
        record = Alias.objects.filter(kind=kind.name, fold=fold).values_list("record", flat=True).first()
    if record is None:  # it has gone since
        versions_of = Version.objects.filter(kind=kind.name, key__iexact=keys.normalise(named)).order_by("-id")
        record = versions_of.values_list("record", flat=True).first()
    return Q(record=record or 0)


def _read(selection: "Selection", standing: QuerySet[Version]) -> Iterator[Row]:
    """Versions as rows: opened, without what the reader may not see, links to what is out of sight covered."""
    kind, attributes, sealer = selection.kind, selection.attributes, Sealer()
    names = [attribute.name for attribute in attributes]
    found = standing.values_list("record", "key", "values").iterator(chunk_size=_BATCH)
    while batch := list(itertools.islice(found, _BATCH)):
        plain = [json.loads(text) for _record, _key, text in batch]
        if kind.personal:
            sealer.load(subject_of(value) for values in plain for value in values.values() if _sealed(value))
        some = [{name: values[name] for name in names} for values in (opened(kind, entry, sealer) for entry in plain)]
        sight.cover(attributes, some, selection.access.reader)
        yield from (Row(kind.name, record, key, shown) for (record, key, _text), shown in zip(batch, some, strict=True))


def _sealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(PREFIX)


def _narrowed(selection: "Selection", limit: int | None, after: str) -> Iterator[Row]:
    """Filter, search and sort rows in memory: the past has no index on its values."""
    standing = _standing(selection)
    for text in filter(None, map(_fragment, selection.asked)):
        standing = standing.filter(values__contains=text)
    found = _read(selection, standing.order_by("id"))
    kept = [row for row in found if all(questions.holds(one, row[one.attribute.name]) for one in selection.asked)]
    if selection.words:
        asked = search.wanted(selection.words)
        names = [a.name for a in selection.attributes if a.sort in SEARCHED and a.private is None]
        kept = [
            row for row in kept if asked and search.holds(" ".join(row[name] for name in names if row[name]), asked)
        ]
    for name in reversed(selection.order):
        kept = _sorted(kept, name.removeprefix("-"), selection.kind, falling=name.startswith("-"))
    if after:
        places = [place for place, row in enumerate(kept) if row.key == after]
        kept = kept[places[0] + 1 :] if places else []
    yield from kept[:limit] if limit is not None else kept


def _fragment(one: questions.Asked) -> str | None:
    """Text that stands in every version which meets a condition, so that the database reads fewer; None: it cannot say.

    Versions are canonical JSON, in which a quoted name and its value never stand inside a text.
    """
    attribute = one.attribute
    if one.operator or attribute.personal or attribute.sort in (Sort.KEY, Sort.LINK):
        return None
    return f'"{attribute.name}":{canonical(one.value)}'


def _sorted(kept: list[Row], name: str, kind: Kind, *, falling: bool) -> list[Row]:
    """Rows by one attribute, empty and covered values last whichever way."""
    folded = kind.attributes[name].sort in (Sort.KEY, Sort.LINK)
    filled = [row for row in kept if row[name] is not None and row[name] != keys.HIDDEN]
    filled.sort(key=lambda row: keys.fold(row[name]) if folded else row[name], reverse=falling)
    placed = {id(row) for row in filled}
    return filled + [row for row in kept if id(row) not in placed]
