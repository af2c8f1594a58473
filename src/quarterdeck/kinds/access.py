"""The one door out: row scope and private fields are applied here, for pages, API, exports, search and analyses
alike."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import DecimalField, F, IntegerField, Q, QuerySet

from quarterdeck.kinds import keys, past, questions, search, sight
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort
from quarterdeck.kinds.keys import HIDDEN
from quarterdeck.kinds.models import Alias
from quarterdeck.kinds.questions import Asked, BadQuestion
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.sight import Row, scope_of, seen_keys

__all__ = ("HIDDEN", "Access", "BadQuestion", "NotFound", "Page", "Row", "Selection", "scope_of", "seen_keys")

_BATCH = 5_000  # rows that are covered at once
_DTYPES: dict[Sort, pl.DataType] = {
    Sort.WHOLE: pl.Int64(),
    Sort.NUMBER: pl.Float64(),
    Sort.YES_NO: pl.Boolean(),
    Sort.DATE: pl.Date(),
    Sort.TIME: pl.Datetime("us", "UTC"),
}


class NotFound(Exception):
    """No such record, or none that the reader may see: the two look the same."""


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
    """A question about one kind, built step by step; asks the database when rows, a frame, a page or a count are
    wanted."""

    access: Access
    kind: Kind
    asked: tuple[Asked, ...] = ()
    words: str = ""
    order: tuple[str, ...] = ("key",)
    named: str = field(default="")  # the key, or former key, of the one record wanted

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return self.kind.visible(self.access.reader)

    def where(self, **conditions: Any) -> "Selection":
        """Narrow by attributes: `name=value`, `name__in`, `__gte`, `__lte`, `__gt`, `__lt`, `__not`, `__empty`; links
        by key.

        Raises BadQuestion on an attribute the reader may not see, an unknown comparison, a value that cannot stand
        there.
        """
        asked = list(self.asked)
        for path, value in conditions.items():
            name, _, operator = path.partition("__")
            asked.append(questions.asked(self._visible(name), operator, value))
        return replace(self, asked=tuple(asked))

    def matching(self, text: str) -> "Selection":
        """Narrow to records that hold the words of a text."""
        return replace(self, words=text) if text.strip() else self

    def ordered(self, *names: str) -> "Selection":
        """Order by attributes, a minus before the name for falling; the key breaks ties. Raises BadQuestion."""
        for name in names:
            self._visible(name.removeprefix("-"))
        unique = {"key", "-key"} & set(names)
        return replace(self, order=names if unique else (*names, "key"))

    def rows(self, limit: int | None = None) -> list[Row]:
        """The rows, in order; at most `limit`."""
        return list(self._rows(limit=limit))

    def stream(self) -> Iterator[Row]:
        """All rows in order, with flat memory."""
        yield from self._rows()

    def one(self, key: str) -> Row:
        """The record of a key, or of a former key. Raises NotFound."""
        found = replace(self, named=key)._rows(limit=1) if "\0" not in key else ()  # which no database takes
        for row in found:
            return row
        raise NotFound(f"{self.kind.name}:{key}")

    def count(self, cap: int = 10_000) -> tuple[int, bool]:
        """How many rows, and whether there are more than `cap`, beyond which nobody counts."""
        if self.access.as_of is not None:
            number = past.count(self, cap + 1)
        else:
            number = len(self.queryset().order_by()[: cap + 1].values_list("id", flat=True))
        return min(number, cap), number > cap

    def page(self, after: str = "", size: int = 50) -> Page:
        """One page by keyset: `after` is the `next` of the page before. Raises BadQuestion where that record is
        gone."""
        rows = list(self._rows(after=after, limit=size + 1))
        following = rows[size - 1].key if len(rows) > size else None
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
        rows = self._in_scope()
        for one in self.asked:
            rows = rows.filter(questions.condition(one))
        if self.named:
            rows = rows.filter(self._of_key())
        if self.words:
            found = search.matching(self.kind.name, self.words)
            rows = rows.filter(found) if found is not None else rows.none()
        return rows

    def _in_scope(self) -> QuerySet[Any]:
        reader = self.access.reader
        rows = self.kind.model._default_manager.alias(**questions.paths(self.kind, reader))
        scope = scope_of(self.kind, reader)
        return rows if scope is None else rows.filter(scope)

    def _of_key(self) -> Q:
        """The record of a key; where there is none, the record that had it before."""
        fold = keys.fold(self.named)
        if self.kind.model._default_manager.filter(fold=fold).exists():
            return Q(fold=fold)
        return Q(id__in=Alias.objects.filter(kind=self.kind.name, fold=fold).values("record"))

    def _visible(self, name: str) -> Attribute:
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise BadQuestion(f"{self.kind.name} has no field {name!r} that you may see")

    def _rows(self, after: str = "", limit: int | None = None) -> Iterator[Row]:
        if self.access.as_of is not None:
            yield from past.rows(self, limit, after)
            return
        rows = self.queryset().order_by(*questions.ordering(self.kind, self.order))
        if after:
            rows = rows.filter(self._beyond(after))
        attributes = self.attributes
        names = [a.name for a in attributes]
        values = rows.values_list(
            "id", "key", *(f"{a.name}__key" if a.sort is Sort.LINK else a.name for a in attributes)
        )
        found = values.iterator(chunk_size=_BATCH) if limit is None else iter(values[:limit])
        while batch := list(itertools.islice(found, _BATCH)):
            some = [dict(zip(names, row[2:], strict=True)) for row in batch]
            sight.cover(attributes, some, self.access.reader)
            yield from (Row(self.kind.name, row[0], row[1], shown) for row, shown in zip(batch, some, strict=True))

    def _beyond(self, after: str) -> Q:
        """Rows that come after the record of a key in this order; a record out of sight starts no page."""
        paths = [questions.path(self.kind.attributes[name.removeprefix("-")]) for name in self.order]
        rows = self._in_scope().filter(fold=keys.fold(after))
        seen = {path: F(path) for path in paths if path.startswith("seen_")}
        last = rows.annotate(**{f"{path}_value": by for path, by in seen.items()})
        found = last.values_list(*(f"{path}_value" if path in seen else path for path in paths)).first()
        if found is None:
            raise BadQuestion("the page asked for starts at a record that is no longer there")
        return questions.beyond(self.kind, self.order, found)


def _dtype(attribute: Attribute) -> pl.DataType:
    if attribute.sort is Sort.CHOICE and isinstance(attribute.field, IntegerField):
        return pl.Int64()
    if isinstance(attribute.field, DecimalField):
        return pl.Decimal(38, attribute.field.decimal_places)
    return _DTYPES.get(attribute.sort, pl.String())
