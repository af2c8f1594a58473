"""Turns the bytes of paths, names and messages into text, so that different bytes stay different paths."""

import re

LONGEST_SUBJECT = 500
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_QUOTED = re.compile(rb'\\(["\\abtnvfr]|[0-7]{3})')
_UNESCAPES = {escape[1:].encode(): bytes([code]) for code, escape in _ESCAPES.items()}


def path_text(path: bytes) -> str:
    """A path as text: itself where it is UTF-8, else in git's C-style quotes.

    A path that begins with a quotation mark is quoted too; so no two paths give the same text.
    """
    if not path.startswith(b'"'):
        try:
            return path.decode()
        except UnicodeDecodeError:
            pass
    return '"' + "".join(_escaped(byte) for byte in path) + '"'


def _escaped(byte: int) -> str:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"


def path_bytes(text: str) -> bytes:
    """The path a text of `path_text` stands for."""
    if not text.startswith('"'):
        return text.encode()
    return _QUOTED.sub(_unescaped, text[1:-1].encode())


def _unescaped(match: re.Match[bytes]) -> bytes:
    found = match[1]
    return _UNESCAPES[found] if found in _UNESCAPES else bytes([int(found, 8)])


def plain_text(data: bytes) -> str:
    """A name or message as text: UTF-8, or else Latin-1, which old commits were written in without saying so."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def person_text(data: bytes) -> str | None:
    """A person as 'Name <address>'; None where neither is given."""
    text = plain_text(data).strip()
    return None if text in ("", "<>") else text


def subject_text(data: bytes) -> str:
    """A subject, cut to `LONGEST_SUBJECT` characters."""
    return plain_text(data)[:LONGEST_SUBJECT]
