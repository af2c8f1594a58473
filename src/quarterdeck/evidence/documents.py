"""Parses YAML, JSON and TOML made by others into plain values: depth, size and aliases bounded, lines kept."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Union

import yaml

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.hostile import ESCAPED_NUL

DEEPEST = 64
LARGEST_TOML = 16 * 1024 * 1024  # characters; its parser works at about a megabyte a second
LONGEST_TOML_LINE = 16_384  # a key of many dots costs the square of their number
MOST_VALUES = 4_000_000  # of one file, aliases counted each time they are used

Value = Union[str, bool, None, list["Value"], "Record"]


class Record(dict[str, Value]):
    """A mapping of a document, with the line it starts on (None for JSON, which keeps no lines).

    Numbers stay the text that stood there: 3.10 is a version before it is a float, and a huge one costs nothing.
    """

    __slots__ = ("line",)

    def __init__(self, pairs: dict[str, Value] | list[tuple[str, Value]] = (), line: int | None = None) -> None:  # type: ignore[assignment]
        super().__init__(pairs)
        self.line = line


class MalformedError(Exception):
    """A value that is not what its place asks for; the reader makes a Problem of it."""


def yaml_documents(text: str, origin: str) -> Iterator[Value]:
    """The documents of one YAML stream. Nothing is constructed but text, lists and records; tags are refused.

    Raises Refused with the line for broken syntax, doubled keys, too deep nesting, and aliases that unfold too far.
    """
    try:
        yield from _Builder(origin).documents(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "cannot be read"
        raise Refused(origin, f"is not valid YAML: {reason}", mark.line + 1 if mark else None) from error


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class _Open:
    """A list or record still being filled, the key that waits for its value, and how many values it holds so far."""

    __slots__ = ("anchor", "held", "into", "key")

    def __init__(self, into: list[Value] | Record, anchor: str | None) -> None:
        self.into, self.anchor = into, anchor
        self.key: str | None = None
        self.held = 1


class _Builder:
    """Builds values from parsing events with a stack of its own, so that depth is a number and not a crash."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.total = 0

    def documents(self, events: Iterator[yaml.Event]) -> Iterator[Value]:
        stack: list[_Open] = []
        anchors: dict[str, tuple[Value, int]] = {}
        result: Value = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                stack, anchors, result = [], {}, None
            elif isinstance(event, yaml.DocumentEndEvent):
                yield result
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._open(stack, event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                done = stack.pop()
                result = self._put(stack, anchors, done.into, done.held, done.anchor, event)
            elif isinstance(event, yaml.ScalarEvent):
                self._tag(event)
                if "\0" in event.value:
                    raise self._refused("holds the character U+0000", event)
                null = event.implicit[0] and event.value in _NULLS  # plain, not quoted
                result = self._put(stack, anchors, None if null else event.value, 1, event.anchor, event)
            elif isinstance(event, yaml.AliasEvent):
                value, held = anchors.get(event.anchor or "", (None, 0))
                if not held:
                    raise self._refused(f"alias *{event.anchor} stands for nothing, or for what holds it", event)
                result = self._put(stack, anchors, value, held, None, event)

    def _open(self, stack: list[_Open], event: yaml.CollectionStartEvent) -> None:
        self._tag(event)
        if len(stack) >= DEEPEST:
            raise self._refused(f"is nested deeper than {DEEPEST}", event)
        record = isinstance(event, yaml.MappingStartEvent)
        stack.append(_Open(Record(line=_line(event)) if record else [], event.anchor))

    def _put(
        self,
        stack: list[_Open],
        anchors: dict[str, tuple[Value, int]],
        value: Value,
        held: int,
        anchor: str | None,
        event: yaml.Event,
    ) -> Value:
        self.total += held if isinstance(event, yaml.AliasEvent) else 1
        if self.total > MOST_VALUES:
            raise self._refused(f"unfolds to more than {MOST_VALUES} values", event)
        if anchor is not None:
            anchors[anchor] = (value, held)
        if not stack:
            return value
        top = stack[-1]
        top.held += held
        if isinstance(top.into, list):
            top.into.append(value)
        elif top.key is None:
            top.key = self._key(top.into, value, event)
        else:
            top.into[top.key] = value
            top.key = None
        return value

    def _key(self, into: Record, value: Value, event: yaml.Event) -> str:
        key = "" if value is None else value
        if not isinstance(key, str):
            raise self._refused("has a key that is not text", event)
        if key in into:
            raise self._refused(f"has the key {key[:80]!r} twice", event)
        return key

    def _tag(self, event: yaml.NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag and tag != "!" and not tag.startswith("tag:yaml.org,2002:"):
            raise self._refused(f"uses the tag {tag[:80]}, which this reader does not take", event)
        if tag and tag.startswith("tag:yaml.org,2002:python"):
            raise self._refused("asks for a Python object to be made, which no reader does", event)

    def _refused(self, reason: str, event: yaml.Event) -> Refused:
        return Refused(self.origin, reason, _line(event))


def _line(event: yaml.Event) -> int | None:
    return None if event.start_mark is None else event.start_mark.line + 1


def json_document(text: str, origin: str) -> Value:
    """The value of one JSON text; numbers stay text.

    Raises Refused for broken syntax, doubled keys, NaN, depth, and for signs that allow more values than MOST_VALUES.
    """
    if text.count(",") + text.count("{") + text.count("[") > MOST_VALUES:
        raise Refused(origin, f"holds more than {MOST_VALUES} values")
    if nul := ESCAPED_NUL.search(text):
        raise Refused(origin, "holds the character U+0000", text.count("\n", 0, nul.start()) + 1)
    try:
        value: Value = json.loads(
            text, object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=_no_constant
        )
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise Refused(origin, f"is not valid JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise Refused(origin, "is nested too deep") from error
    except UnicodeEncodeError as error:
        raise Refused(origin, "holds half of a character (a lone surrogate)") from error
    except MalformedError as error:
        raise Refused(origin, str(error)) from error
    return value


_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _pairs(pairs: list[tuple[str, Value]]) -> Record:
    record = Record(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedError(f"has the key {double[:80]!r} twice")
    return record


def _no_constant(name: str) -> Value:
    raise MalformedError(f"holds {name}, which is not a JSON value")


_TOML_TABLE = re.compile(r"\[\[\s*([A-Za-z0-9_-]+)\s*\]\]\s*(?:#.*)?")


def toml_document(text: str, origin: str) -> Record:
    """The table of one TOML text; entries of a top-level list of tables ([[package]]) carry their header's line."""
    if len(text) > LARGEST_TOML:
        raise Refused(origin, f"is longer than {LARGEST_TOML} characters, the most taken of TOML")
    numbered = list(enumerate(text.splitlines(), 1))
    long = next((number for number, line in numbered if len(line) > LONGEST_TOML_LINE), None)
    if long is not None:
        raise Refused(origin, f"has a line of more than {LONGEST_TOML_LINE} characters", long)
    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise Refused(origin, "is nested too deep") from error
    except ValueError as error:  # TOMLDecodeError, or a number with thousands of digits
        place = re.search(r"at line (\d+)", str(error))
        reason = re.sub(r" \(at .*", "", str(error)).splitlines()[0]
        raise Refused(origin, f"is not valid TOML: {reason}", int(place[1]) if place else None) from error
    lines: dict[str, list[int]] = {}
    for number, line in numbered:
        if line.startswith("[[") and (header := _TOML_TABLE.fullmatch(line.strip())):
            lines.setdefault(header[1], []).append(number)
    record = Record()
    for key, value in table.items():
        record[key] = _plain(value, origin, 1)
        places = lines.get(key, [])
        if isinstance(value, list) and len(value) == len(places):
            for entry, number in zip(records(record, key), places, strict=True):
                entry.line = number
    return record


def _plain(value: object, origin: str, depth: int) -> Value:
    """TOML's values as a document's: numbers and dates become text."""
    if depth > DEEPEST:
        raise Refused(origin, f"is nested deeper than {DEEPEST}")
    if isinstance(value, dict):
        return Record([(key, _plain(inner, origin, depth + 1)) for key, inner in value.items()])
    if isinstance(value, list):
        return [_plain(inner, origin, depth + 1) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if "\0" in str(value):
        raise Refused(origin, "holds the character U+0000")
    return str(value)


def text_of(record: Record, name: str) -> str | None:
    """The text under a name, stripped; None where there is none or it is empty."""
    value = record.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is not None and not isinstance(value, str):
        raise MalformedError(f"{name} is not text")
    return (value or "").strip() or None


_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


def flag_of(record: Record, name: str) -> bool | None:
    """The truth value under a name."""
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return value
    known = _FLAGS.get(value.lower()) if isinstance(value, str) else None
    if known is None:
        raise MalformedError(f"{name} is neither true nor false")
    return known


def record_of(record: Record, name: str) -> Record:
    """The record under a name; an empty one where there is none."""
    value = record.get(name)
    if value is None:
        return Record(line=record.line)
    if not isinstance(value, Record):
        raise MalformedError(f"{name} is not a mapping")
    return value


def records(record: Record, name: str) -> list[Record]:
    """The records listed under a name; an empty list where there is none."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError(f"{name} is not a list")
    entries = [entry for entry in value if isinstance(entry, Record)]
    if len(entries) != len(value):
        raise MalformedError(f"{name} holds an entry that is not a mapping")
    return entries


def texts(record: Record, name: str) -> list[str]:
    """The texts listed under a name; an empty list where there is none."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError(f"{name} is not a list")
    entries = [entry for entry in value if isinstance(entry, str)]
    if len(entries) != len(value):
        raise MalformedError(f"{name} holds an entry that is not text")
    return entries


def day_of(record: Record, name: str) -> date | None:
    """The day under a name, written YYYY-MM-DD."""
    text = text_of(record, name)
    return None if text is None else day(text, name)


def day(text: str, name: str) -> date:
    """A day written YYYY-MM-DD."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise MalformedError(f"{name} is not a date: {text[:40]!r}") from None


def instant_of(record: Record, name: str) -> datetime | None:
    """The instant under a name, in ISO 8601; without a zone it is taken as UTC."""
    text = text_of(record, name)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError(f"{name} is not a time: {text[:40]!r}") from None
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        raise MalformedError(f"{name} is a time out of range: {text[:40]!r}") from None
