"""Writing SVG text: elements with escaped attributes, and a guess of how wide words are."""

import re
import unicodedata
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from quarterdeck.charts.theme import FONT

UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | int | float


def clean(text: str) -> str:
    """The text without the characters XML cannot hold."""
    return UNPRINTABLE.sub("\ufffd", text)


def number(value: float) -> str:
    """A coordinate with at most two places, and no sign on nought."""
    return f"{round(value, 2) + 0.0:.10g}"


def element(name: str, content: str = "", /, **attributes: Value) -> str:
    """One element. Attribute names are written with underscores for hyphens, `kind` for class; content is markup."""
    words = []
    for key, value in attributes.items():
        attribute = "class" if key == "kind" else key if key == "viewBox" else key.replace("_", "-")
        shown = clean(value) if isinstance(value, str) else number(value)
        words.append(f" {attribute}={quoteattr(shown)}")
    start = f"<{name}{''.join(words)}"
    return f"{start}>{content}</{name}>" if content else f"{start}/>"


def text(words: str, x: float, y: float, **attributes: Value) -> str:
    """A text element at its baseline."""
    return element("text", escape(clean(words)) or " ", x=x, y=y, **attributes)


def linked(markup: str, address: str) -> str:
    """The markup as a link, where the address lies within the site; else as it is, in a group."""
    within = address.startswith("/") and not address.startswith(("//", "/\\"))
    return element("a", markup, href=address) if within else element("g", markup)


def root(width: float, height: float, kind: str, label: str, parts: Iterable[str]) -> str:
    """The whole drawing; `label` is what a reader who cannot see it is told. With links it is a group, not an image."""
    content = "".join(parts)
    return element(
        "svg",
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        kind=f"chart {kind}",
        role="group" if "<a " in content else "img",
        aria_label=label,
        font_family=FONT,
    )


def advance(words: str, size: float) -> float:
    """About how wide `words` are at a type size: a Chinese character is a square, a Latin letter 0.56 of one."""
    wide = sum(1 for sign in words if unicodedata.east_asian_width(sign) in "WF")
    return size * (wide + 0.56 * (len(words) - wide))


def shorten(words: str, size: float, room: float) -> str:
    """The words, cut with an ellipsis where they would need more than `room`."""
    if advance(words, size) <= room:
        return words
    kept = words
    while kept and advance(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"
