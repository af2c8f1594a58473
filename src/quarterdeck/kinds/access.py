"""The one door out: row scope and private fields are applied here, for pages, API, exports, search and analyses alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import F, IntegerField, Q, QuerySet

from quarterdeck.kinds import keys, past, search
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort
from quarterdeck.kinds.models import Alias
from quarterdeck.kinds.roles import Denied, Reader

HIDDEN = "…"  # stands for the key of a record the reader may not see
_OPERATORS = {
    "": "exact",
    "in": "in",
    "gte": "gte",
    "lte": "lte",
    "gt": "gt",
    "lt": "lt",
    "empty": "isnull",
    "not": "exact",
}
_DTYPES: dict[Sort, pl.DataType] = {
    Sort.WHOLE: pl.Int64(),
    Sort.NUMBER: pl.Float64(),
    Sort.DECIMAL: pl.Decimal(38, 6),
    Sort.YES_NO: pl.Boolean(),
    Sort.DATE: pl.Date(),
    Sort.TIME: pl.Datetime("us", "UTC"),
}


class NotFound(Exception):
    """No such record, or none that the reader may see: the two look the same."""


class BadQuestion(ValueError):
    """A condition or order that names no visible attribute."""


@dataclass(frozen=True)
class Row:
    """One record as its reader may see it: values by attribute name, links as keys."""

    kind: str
    id: int
    key: str
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def reference(self) -> str:
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True)
class Page:
    """One page of rows; `next` is where the following page starts, or None. count is capped: `more` says so."""

    rows: tuple[Row, ...]
    next: str | None
    count: int
    more: bool


@dataclass(frozen=True)
class Access:
    """What one reader may see, today or as of a moment (known: as it was known then; otherwise as effective then)."""

    reader: Reader
    as_of: datetime | None = None
    known: bool = True

    def select(self, kind: str) -> "Selection":
        """All records of a kind that the reader may see. Raises Denied where it may see none."""
        if kind not in KINDS:
            raise NotFound(kind)
        if not self.reader.reads(kind):
            raise Denied("read", kind)
        return Selection(self, KINDS[kind])

    def kinds(self) -> list[Kind]:
        """The kinds this reader reads, in the order of their names."""
        return [KINDS[name] for name in sorted(KINDS) if self.reader.reads(name)]


@dataclass(frozen=True)
class Selection:
    """A question about one kind, built step by step; asks the database when rows, a frame, a page or a count are wanted."""

    access: Access
    kind: Kind
    condition: Q = field(default_factory=Q)
    asked: tuple[tuple[str, str, Any], ...] = ()
    words: str = ""
    order: tuple[str, ...] = ("key",)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return self.kind.visible(self.access.reader)

    def where(self, **conditions: Any) -> "Selection":
        """Narrow by attributes: `name=value`, `name__in`, `__gte`, `__lte`, `__gt`, `__lt`, `__not`, `__empty`; links by key."""
        found = self
        for path, value in conditions.items():
            name, _, operator = path.partition("__")
            attribute = self._visible(name)
            if operator not in _OPERATORS:
                raise BadQuestion(f"{operator!r} is not something to ask of {name}")
            found = replace(
                found,
                condition=found.condition & _condition(attribute, operator, value),
                asked=(*found.asked, (name, operator, value)),
            )
        return found

    def matching(self, text: str) -> "Selection":
        """Narrow to records that hold the words of a text."""
        return replace(self, words=text) if text.strip() else self

    def ordered(self, *names: str) -> "Selection":
        """Order by attributes, a minus before the name for falling; the key breaks ties."""
        for name in names:
            self._visible(name.removeprefix("-"))
        return replace(self, order=(*names, "key") if "key" not in names else names)

    def rows(self, limit: int | None = None) -> list[Row]:
        """The rows, in order; at most `limit`."""
        return list(self._rows(limit=limit))

    def stream(self) -> Iterator[Row]:
        """All rows in order, with flat memory."""
        yield from self._rows()

    def one(self, key: str) -> Row:
        """The record of a key, or of a former key. Raises NotFound."""
        fold = keys.fold(key)
        if self.access.as_of is not None:
            for row in past.rows(self, Q(key=keys.normalise(key)), 1):
                return row
            raise NotFound(f"{self.kind.name}:{key}")
        found = replace(self, condition=self.condition & Q(fold=fold)).rows(1)
        if not found:
            former = Alias.objects.filter(kind=self.kind.name, fold=fold).values_list("record", flat=True).first()
            found = replace(self, condition=self.condition & Q(id=former)).rows(1) if former else []
        if not found:
            raise NotFound(f"{self.kind.name}:{key}")
        return found[0]

    def count(self, cap: int = 10_000) -> tuple[int, bool]:
        """How many rows, and whether there are more than `cap`, beyond which nobody counts."""
        if self.access.as_of is not None:
            number = sum(1 for _ in past.rows(self, Q(), cap + 1))
        else:
            number = len(self.queryset().order_by()[: cap + 1].values_list("id", flat=True))
        return min(number, cap), number > cap

    def page(self, after: str = "", size: int = 50) -> Page:
        """One page by keyset: `after` is the `next` of the page before."""
        rows = list(self._rows(after=after, limit=size + 1))
        following = _cursor(rows[size - 1], self.order) if len(rows) > size else None
        count, more = self.count()
        return Page(tuple(rows[:size]), following, count, more)

    def frame(self) -> pl.DataFrame:
        """All rows as a frame: `id`, then the visible attributes, typed; links as keys."""
        attributes = self.attributes
        schema = {"id": pl.Int64(), **{a.name: _dtype(a) for a in attributes}}
        names = [a.name for a in attributes]
        rows = [(row.id, *(row.values[name] for name in names)) for row in self._rows()]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def queryset(self) -> QuerySet[Any]:
        """The current rows in scope; for the kernel's own use, never handed to a face."""
        rows = self.kind.model._default_manager.filter(self.condition)
        scope = scope_of(self.kind, self.access.reader)
        if scope is not None:
            rows = rows.filter(scope)
        if self.words:
            found = search.matching(self.kind.name, self.words)
            rows = rows.filter(found) if found is not None else rows.none()
        return rows

    def _visible(self, name: str) -> Attribute:
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise BadQuestion(f"{self.kind.name} has no field {name!r} that you may see")

    def _rows(self, after: str = "", limit: int | None = None) -> Iterator[Row]:
        if self.access.as_of is not None:
            yield from past.rows(self, Q(), limit, after)
            return
        rows = self.queryset().order_by(*_ordering(self.kind, self.order))
        if after:
            rows = rows.filter(_beyond(self, after))
        names = [a.name if a.sort is not Sort.LINK else f"{a.name}__key" for a in self.attributes]
        values = rows.values_list("id", "key", *names)
        if limit is not None:
            yield from self._uncovered(list(values[:limit]))
        else:
            batch: list[tuple[Any, ...]] = []
            for row in values.iterator(chunk_size=5_000):
                batch.append(row)
                if len(batch) == 5_000:
                    yield from self._uncovered(batch)
                    batch = []
            yield from self._uncovered(batch)

    def _uncovered(self, found: list[tuple[Any, ...]]) -> Iterator[Row]:
        """Rows with the links covered that lead to records out of the reader's sight."""
        attributes = self.attributes
        names = [a.name for a in attributes]
        covered = {
            place: seen_keys(a.target, {row[place] for row in found if row[place]}, self.access.reader)
            for place, a in enumerate(attributes, start=2)
            if a.sort is Sort.LINK
        }
        for row in found:
            values = dict(zip(names, row[2:], strict=True))
            for place, seen in covered.items():
                if seen is not None and row[place] and row[place] not in seen:
                    values[names[place - 2]] = HIDDEN
            yield Row(self.kind.name, row[0], row[1], values)


def _dtype(attribute: Attribute) -> pl.DataType:
    if attribute.sort is Sort.CHOICE and isinstance(attribute.field, IntegerField):
        return pl.Int64()
    return _DTYPES.get(attribute.sort, pl.String())


def scope_of(kind: Kind, reader: Reader) -> Q | None:
    """The row scope of a reader on a kind; None: all rows."""
    return None if kind.scope is None or reader.sees_all(kind.name) else kind.scope(reader)


def seen_keys(kind: Kind, wanted: set[str], reader: Reader) -> set[str] | None:
    """Those of the keys the reader may see; None: all of them."""
    if not reader.reads(kind.name):
        return set()
    scope = scope_of(kind, reader)
    if scope is None or not wanted:
        return None
    return set(kind.model._default_manager.filter(scope, key__in=wanted).values_list("key", flat=True))


def _condition(attribute: Attribute, operator: str, value: Any) -> Q:
    path = attribute.name
    if attribute.sort is Sort.LINK and operator != "empty":
        path = f"{attribute.name}__fold"
        value = [keys.fold(v) for v in value] if operator == "in" else keys.fold(value) if value else value
        if value in ("", None):
            return Q(**{f"{attribute.name}__isnull": True})
    if operator == "empty":
        nothing = Q(**{f"{attribute.name}__isnull": True})
        if not attribute.field.null:
            nothing = Q(**{attribute.name: attribute.empty()})
        return nothing if value else ~nothing
    found = Q(**{f"{path}__{_OPERATORS[operator]}": value})
    return ~found if operator == "not" else found


def _ordering(kind: Kind, order: tuple[str, ...]) -> list[Any]:
    """Order expressions: empty values last whichever way; links by key."""
    found: list[Any] = []
    for name in order:
        bare = name.removeprefix("-")
        attribute = kind.attributes[bare]
        path = F("fold" if bare == "key" else f"{bare}__fold" if attribute.sort is Sort.LINK else bare)
        nulls = {"nulls_last": True} if attribute.field.null else {}
        found.append(path.desc(**nulls) if name.startswith("-") else path.asc(**nulls))
    return found


def _cursor(row: Row, order: tuple[str, ...]) -> str:
    """Where the next page starts: the key of the last row; its other values are looked up again."""
    return row.key


def _beyond(selection: Selection, after: str) -> Q:
    """Rows that come after the record of a key in the selection's order."""
    kind, fold = selection.kind, keys.fold(after)
    names = [name.removeprefix("-") for name in selection.order]
    paths = ["fold" if n == "key" else f"{n}__fold" if kind.attributes[n].sort is Sort.LINK else n for n in names]
    last = kind.model._default_manager.filter(fold=fold).values_list(*paths).first()
    if last is None:
        raise BadQuestion("the page asked for starts at a record that is no longer there")
    beyond, same = Q(), Q()
    for name, path, value in zip(selection.order, paths, last, strict=True):
        falling = name.startswith("-")
        nullable = kind.attributes[name.removeprefix("-")].field.null
        if value is None:
            further = Q(pk__in=[])  # empty values stand last: nothing further on this attribute
            equal = Q(**{f"{path}__isnull": True})
        else:
            further = Q(**{f"{path}__{'lt' if falling else 'gt'}": value})
            if nullable:
                further |= Q(**{f"{path}__isnull": True})
            equal = Q(**{path: value})
        beyond |= same & further
        same &= equal
    return beyond
