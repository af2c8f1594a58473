"""A kind that names a field its model lacks, or says nothing of itself, fails at start, not at a user's request."""

from collections.abc import Iterator
from typing import Any

from django.core import checks

from quarterdeck.kinds.declare import KINDS, Kind, Sort, sort_of
from quarterdeck.kinds.records import Record


def _names(kind: Kind) -> Iterator[str]:
    yield from kind.columns
    yield from kind.filters
    yield from kind.private
    yield from kind.personal
    yield from kind.key_from
    for _, names in kind.sections:
        yield from names


def _faults(kind: Kind) -> Iterator[str]:
    for name in _names(kind):
        try:
            kind.spread(name)
        except KeyError as error:
            yield str(error.args[0])
    if not issubclass(kind.model, Record):
        yield "is not a Record"
    if not kind.description or kind.description.startswith(f"{kind.model.__name__}("):
        yield "has no docstring"
    if kind.part_of and kind.part_of not in {link.name for link in kind.links}:
        yield f"is part of {kind.part_of!r}, which is no link of its own"
    for name in set(kind.filters) - kind.attributes.keys():
        yield f"narrows by {name!r}, which is no attribute of its own"
    for field in kind.model._meta.concrete_fields:
        if field.editable and not field.primary_key and not field.choices and sort_of(field) is None:
            yield f"holds {field.name}, a {type(field).__name__}, which no sheet can hold; make it a child kind"
    yield from _privacy_faults(kind)


def _privacy_faults(kind: Kind) -> Iterator[str]:
    """Personal values are about somebody, and stand in no key."""
    if kind.subject:
        link = kind.attributes.get(kind.subject)
        if link is None or link.sort is not Sort.LINK:
            yield f"has no link {kind.subject!r} to the subject of its personal fields"
        elif link.field.null:
            yield f"may leave {kind.subject!r} empty, so that its personal fields would be about nobody"
    for link in kind.links:
        if link.name in kind.key_from and link.target.scope is not None and kind.scope is None:
            yield f"makes its key of {link.name!r}, which not everybody sees, and has no row scope of its own"
    for name in kind.key_from:
        if any(kind.attributes[part].personal for part in kind.spread(name)):
            yield f"makes its key of {name!r}, which is personal"


@checks.register
def kinds_are_sound(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Run every kind's declaration against its model."""
    return [checks.Error(fault, obj=kind.model, id="kinds.E001") for kind in KINDS.values() for fault in _faults(kind)]
