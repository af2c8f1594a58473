"""Makes texts of any origin safe to print: no control signs, no hidden reordering, nothing without a glyph."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from quarterdeck.charts.render import TYPEFACES, TypefacesMissingError

UNKNOWN = "\ufffd"
NO_GLYPH = "?"  # what a document prints for a sign that its typefaces lack; they have no U+FFFD either
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
_ENDLESS = re.compile(r"[^\s\u2e80-\uffef]{61,}")  # no word is so long, and no line can be broken within
_INVISIBLE = {"Cc", "Cs", "Co", "Cn"}  # control signs, halves of signs, private and unassigned ones
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # Unicode UAX 9


def plain(words: str) -> str:
    """One line without control signs, signs that reorder what follows, and endless words."""
    kept = "".join(
        UNKNOWN if unicodedata.category(sign) in _INVISIBLE and not sign.isspace() else sign
        for sign in words
        if sign not in _REORDERING
    )
    return _ENDLESS.sub(lambda found: found.group()[:59] + "…", _BLANKS.sub(" ", kept).strip(" "))


def brief(words: str, most: int) -> str:
    """The words, cut with an ellipsis where there are too many."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


@cache
def covered(folder: Path = TYPEFACES) -> frozenset[int]:
    """Code points that a document's typefaces have a glyph for, in every weight. Raises TypefacesMissingError."""
    families: dict[str, set[int]] = {}
    for path in sorted(folder.glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            points = set(font.getBestCmap())
        family = path.name.split("_")[0]
        families[family] = families.get(family, points) & points
    if not families:
        raise TypefacesMissingError(f"no typefaces in {folder}: run python -m quarterdeck.web.build")
    return frozenset().union(*families.values())


def glyphs(words: str) -> str:
    """The words with `?` for every sign that no typeface has."""
    known = covered()
    return "".join(sign if ord(sign) in known else NO_GLYPH for sign in words)


def broken(words: str, run: int = 18) -> str:
    """The words with places to break a line in what is longer than `run` signs without a blank."""
    return re.sub(rf"([^\s\u2e80-\uffff]{{{run}}})(?=[^\s])", "\\1\u200b", words)
