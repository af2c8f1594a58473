"""Engines' inputs and results to plain JSON and back, by their declared types."""

import json
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from quarterdeck.kinds.canonical import canonical


@lru_cache(maxsize=256)
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def to_text(value: object) -> str:
    """A frozen dataclass of plain values as canonical JSON: the same value, the same text."""
    cls: Any = type(value)
    return canonical(_adapter(cls).dump_python(value, mode="json", warnings="error"))


def from_text(cls: type, text: str) -> Any:
    """The dataclass again. Raises pydantic.ValidationError where the text does not fit its declaration."""
    return _adapter(cls).validate_json(text)


def given(cls: type, text: str) -> Any:
    """A dataclass as somebody wrote it: a name that it does not have is a fault, not a silence.

    Raises pydantic.ValidationError.
    """
    return _adapter(cls).validate_json(text, extra="forbid")


def schema(cls: type) -> dict[str, Any]:
    """What the dataclass takes, as JSON Schema."""
    return _adapter(cls).json_schema()


def plain(value: object) -> Any:
    """A dataclass as JSON-ready values."""
    return json.loads(to_text(value))
