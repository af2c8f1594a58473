"""Declares a model as a kind: everything else – pages, sheets, API, history, search, docs – follows from it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from quarterdeck.kinds.roles import Reader

M = TypeVar("M", bound=type[models.Model])


class Sort(Enum):
    """What sort of value an attribute holds."""

    KEY = "key"
    TEXT = "text"
    LONG_TEXT = "long text"
    CHOICE = "choice"
    WHOLE = "whole number"
    NUMBER = "number"
    DECIMAL = "decimal"
    YES_NO = "yes or no"
    DATE = "date"
    TIME = "time"
    LINK = "link"


_SORTS: tuple[tuple[type[models.Field], Sort], ...] = (
    (models.ForeignKey, Sort.LINK),
    (models.BooleanField, Sort.YES_NO),
    (models.IntegerField, Sort.WHOLE),
    (models.FloatField, Sort.NUMBER),
    (models.DecimalField, Sort.DECIMAL),
    (models.DateTimeField, Sort.TIME),
    (models.DateField, Sort.DATE),
    (models.TextField, Sort.LONG_TEXT),
    (models.CharField, Sort.TEXT),
)
NUMBERS = frozenset({Sort.WHOLE, Sort.NUMBER, Sort.DECIMAL})


def sort_of(field: models.Field) -> Sort | None:
    """What sort of value a field without choices holds; None for one that no kind may have."""
    return next((sort for base, sort in _SORTS if isinstance(field, base)), None)


@dataclass(frozen=True)
class Attribute:
    """One column of a kind as people, sheets and the API see it; a link's value is the key of what it points at."""

    name: str
    field: models.Field
    sort: Sort
    private: str | None  # clearance needed to see it
    personal: bool  # sealed in the history, gone when the subject is erased

    @property
    def label(self) -> str:
        label = {"label": str(self.field.verbose_name)}
        if language := getattr(self.field, "language", None):
            return (_("%(label)s (Chinese)") if language == "zh" else _("%(label)s (English)")) % label
        if point := getattr(self.field, "point", None):
            return _("%(label)s, %(point)s") % {**label, "point": point}
        return label["label"]

    @property
    def help(self) -> str:
        return str(self.field.help_text)

    @property
    def column(self) -> str:
        """The database column's attribute: a link is kept as an id."""
        return self.field.attname

    @property
    def db_column(self) -> str:
        """The name of the column in the database."""
        return str(self.field.column)

    @property
    def target(self) -> "Kind":
        """The kind a link points at."""
        return kind_of(self.field.related_model)  # type: ignore[arg-type]

    @property
    def required(self) -> bool:
        return not self.field.null and not self.field.blank and not self.field.has_default()

    @property
    def choices(self) -> tuple[tuple[str, Any], ...]:
        return tuple((str(value), label) for value, label in (self.field.flatchoices or ()))

    @property
    def text(self) -> str | None:
        """The two-language text this is one half of, if it is."""
        return getattr(self.field, "text", None)

    @property
    def stem(self) -> str:
        """The field as declared: the two-language text or three-point estimate this is a part of, else its own name."""
        return self.text or getattr(self.field, "estimate", None) or self.name

    def empty(self) -> Any:
        """What an unset value is in the database."""
        if self.field.has_default():
            return self.field.get_default()
        return None if self.field.null else ""


@dataclass(frozen=True)
class Fault:
    """Something wrong with one value: which field, and why."""

    field: str
    message: str


Clean = Callable[[list[dict[str, Any]]], Iterable[tuple[int, Fault]]]


@dataclass(frozen=True)
class Kind:
    """What the generic machinery needs to know of a model beyond the model itself."""

    model: type[models.Model]
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    sections: tuple[tuple[Any, tuple[str, ...]], ...]
    part_of: str  # "" – a record stands on its own; otherwise the link to the record it belongs to
    private: dict[str, str]
    personal: frozenset[str]
    subject: str  # "" – the record is its own subject; otherwise the link to the subject
    scope: Callable[[Reader], Q | None] | None
    clean: Clean | None
    key_from: tuple[str, ...]  # attributes a key is made of where none is given
    decided: dict[str, tuple[str, ...]]  # field → values that only a decision gives it; none named: all
    chapter: str

    @cached_property
    def name(self) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", self.model.__name__).lower()

    @property
    def title(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    @property
    def description(self) -> str:
        """What a record of this kind is, in English and on one line: what translations are looked up by."""
        return " ".join((self.model.__doc__ or "").split())

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Every attribute a person may write, in the order the model declares them; the key first."""
        found = {}
        for field in self.model._meta.concrete_fields:
            if field.editable and not field.primary_key and not field.auto_created:
                found[field.name] = self._attribute(field)
        return found

    def _attribute(self, field: models.Field) -> Attribute:
        if field.name == "key":
            sort = Sort.KEY
        elif field.choices:
            sort = Sort.CHOICE
        else:
            sort = sort_of(field) or Sort.TEXT  # what it really is, the system check says at start
        stem = str(getattr(field, "text", None) or getattr(field, "estimate", field.name))
        private = self.private.get(field.name) or self.private.get(stem)
        personal = bool({field.name, stem} & self.personal)
        return Attribute(field.name, field, sort, private, personal)

    @cached_property
    def links(self) -> tuple[Attribute, ...]:
        return tuple(attribute for attribute in self.attributes.values() if attribute.sort is Sort.LINK)

    @property
    def children(self) -> tuple[tuple[str, str], ...]:
        """The kinds whose records belong to one record of this, each with its link to it, in the order declared."""
        return tuple(
            (kind.name, link.name)
            for kind in KINDS.values()
            for link in kind.links
            if link.name == kind.part_of and link.field.related_model is self.model
        )

    @cached_property
    def named(self) -> str:
        """The attribute a record is called by: its two-language name, its name, or its key."""
        for name in ("name_en", "name", "title_en", "title"):
            if name in self.attributes:
                return name
        return "key"

    def spread(self, name: str) -> tuple[str, ...]:
        """The attributes a declared name stands for: two for a two-language text, three for an estimate."""
        if name in self.attributes:
            return (name,)
        halves = tuple(found.name for found in self.attributes.values() if found.stem == name)
        if not halves:
            raise KeyError(f"{self.name} has no field {name!r}")
        return halves

    def writable(self, reader: Reader) -> bool:
        """Whether this reader may make and change records by hand; some kinds' come of decisions alone."""
        return reader.writes(self.name) and "key" not in self.decided

    def visible(self, reader: Reader) -> tuple[Attribute, ...]:
        """The attributes this reader may see."""
        return tuple(a for a in self.attributes.values() if a.private is None or reader.clears(a.private))


KINDS: dict[str, Kind] = {}
_BY_MODEL: dict[type[models.Model], Kind] = {}


def kind_of(model: type[models.Model]) -> Kind:
    """The kind a model was declared as."""
    return _BY_MODEL[model]


def kind(
    *,
    columns: tuple[str, ...],
    filters: tuple[str, ...] = (),
    sections: tuple[tuple[Any, tuple[str, ...]], ...] = (),
    part_of: str = "",
    private: dict[str, str] | None = None,
    personal: tuple[str, ...] = (),
    subject: str = "",
    scope: Callable[[Reader], Q | None] | None = None,
    clean: Clean | None = None,
    key_from: tuple[str, ...] = (),
    decided: dict[str, tuple[str, ...]] | None = None,
    chapter: str = "office",
) -> Callable[[M], M]:
    """Register the decorated model (a subclass of `Record`) as a kind.

    columns: attributes shown in lists. filters: attributes lists are narrowed by. sections: titled groups of the detail
    page. part_of: the link to the record that a record belongs to, on whose page all of them are edited as a grid.
    private: field → clearance. personal: fields sealed in the history; `subject`: the link to the person they are about
    (itself if empty). scope: the rows a reader sees who does not see everything (None: all). clean: checks across the
    fields of many records at once. key_from: what a key is made of where none is given. decided: field → the values it
    comes to only by a confirmed decision (none named: whatever it holds; of the key: records are made and deleted only
    so).
    """

    def register(model: M) -> M:
        declared = Kind(
            model,
            columns,
            filters,
            sections,
            part_of,
            private or {},
            frozenset(personal),
            subject,
            scope,
            clean,
            key_from,
            decided or {},
            chapter,
        )
        if declared.name in KINDS:
            raise ValueError(f"two kinds are called {declared.name!r}")
        KINDS[declared.name] = declared
        _BY_MODEL[model] = declared
        return model

    return register


def in_order() -> list[Kind]:
    """All kinds, those that others link to first; kinds that link in a circle stand in the order of their names."""
    placed: dict[str, Kind] = {}

    def place(found: Kind, path: tuple[str, ...]) -> None:
        if found.name in placed or found.name in path:
            return
        for link in found.links:
            place(link.target, (*path, found.name))
        placed[found.name] = found

    for name in sorted(KINDS):
        place(KINDS[name], ())
    return list(placed.values())


def decimal_places(field: models.Field) -> Decimal | None:
    """The smallest step of a decimal field, or None for any other field."""
    return Decimal(1).scaleb(-field.decimal_places) if isinstance(field, models.DecimalField) else None
