"""What a reader may see of records: rows in scope, fields in the open, links to what is itself in sight."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable

from quarterdeck.kinds import keys
from quarterdeck.kinds.declare import Attribute, Kind, Sort
from quarterdeck.kinds.models import Alias
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.rows import chunks


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


def scope_of(kind: Kind, reader: Reader) -> Q | None:
    """The row scope of a reader on a kind; None: all rows."""
    return None if kind.scope is None or reader.sees_all(kind.name) else kind.scope(reader)


def seen_keys(kind: Kind, wanted: Iterable[str], reader: Reader) -> set[str] | None:
    """Those of the keys (former ones too) the reader may see; None: all of them."""
    if not reader.reads(kind.name):
        return set()
    scope = scope_of(kind, reader)
    asked = {keys.fold(key): key for key in wanted}
    if scope is None or not asked:
        return None
    rows = kind.model._default_manager.filter(scope)
    found: set[str] = set()
    for chunk in chunks(asked):
        found.update(rows.filter(fold__in=chunk).values_list("fold", flat=True))
    for chunk in chunks(asked.keys() - found):
        former = dict(Alias.objects.filter(kind=kind.name, fold__in=chunk).values_list("fold", "record"))
        there = set(rows.filter(id__in=former.values()).values_list("id", flat=True)) if former else set()
        found.update(fold for fold, record in former.items() if record in there)
    return {key for key in wanted if keys.fold(key) in found}


def cover(attributes: Sequence[Attribute], rows: Sequence[dict[str, Any]], reader: Reader) -> None:
    """Put `keys.HIDDEN` in the place of links that lead to records out of the reader's sight."""
    for link in attributes:
        if link.sort is not Sort.LINK:
            continue
        held = {row[link.name] for row in rows if row[link.name]}
        seen = seen_keys(link.target, held, reader) if held else None
        if seen is None or seen == held:
            continue
        for row in rows:
            if row[link.name] and row[link.name] not in seen:
                row[link.name] = keys.HIDDEN


def seen_fold(link: Attribute, reader: Reader) -> Combinable:
    """The fold of the record a link leads to, as the database may compare it: nothing where it is covered or empty."""
    nothing = Value(None, output_field=CharField())
    if not reader.reads(link.target.name):
        return nothing
    scope = scope_of(link.target, reader)
    fold = F(f"{link.name}__fold")
    if scope is None:
        return fold
    seen = link.target.model._default_manager.filter(scope).values("id")
    return Case(When(**{f"{link.name}__in": seen, "then": fold}), default=nothing, output_field=CharField())
