"""A kind that names a field its model lacks, or says nothing of itself, fails at start, not at a user's request."""

from collections.abc import Iterator
from typing import Any

from django.core import checks

from quarterdeck.kinds.declare import KINDS, Kind
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
    for child, link in kind.children:
        if child not in KINDS or link not in KINDS[child].attributes:
            yield f"names a child {child}.{link} that is not there"
    if kind.subject and kind.subject not in kind.attributes:
        yield f"has no link {kind.subject!r} to the subject of its personal fields"


@checks.register
def kinds_are_sound(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Run every kind's declaration against its model."""
    return [checks.Error(fault, obj=kind.model, id="kinds.E001") for kind in KINDS.values() for fault in _faults(kind)]
