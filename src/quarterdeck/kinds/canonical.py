"""Canonical bytes of values, and the Merkle root over a commit's changes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

_ATOMS = frozenset({str, int, bool, type(None)})  # what stands in JSON as it is
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """A value as JSON can hold it, the same for the same value: decimals and dates as text, times in UTC."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value + 0.0  # −0.0 and 0.0 are one value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): inner if type(inner) in _ATOMS else plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [inner if type(inner) in _ATOMS else plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros: equal numbers have equal texts."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def canonical(value: object) -> str:
    """One text for one value: sorted names, no blanks, no escapes beyond JSON's own."""
    return _ENCODER.encode(plain(value))


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def leaf(text: str) -> bytes:
    """Hash of one change. A leaf and a node are hashed apart, so that neither passes for the other (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\0" + text.encode()).digest()


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Root of the binary hash tree over the leaves in their order (RFC 6962, 2.1), in hexadecimal."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0].hex()
