"""The colours of every chart, in a light and a dark form, and the settings all charts share."""

import re
from enum import StrEnum

Spec = dict[str, object]

FONT = "Inter, Noto Sans SC, sans-serif"


class Theme(StrEnum):
    """Where a chart is looked at: on a page (which knows its own theme), on light or on dark paper."""

    PAGE = "page"
    LIGHT = "light"
    DARK = "dark"


class Colour(StrEnum):
    """A colour by its meaning; the value is the name of the page's token and works in any SVG on a page."""

    PAPER = "var(--paper)"
    SURFACE = "var(--surface)"
    LINE = "var(--line)"
    LINE_STRONG = "var(--line-strong)"
    INK = "var(--ink)"
    INK_2 = "var(--ink-2)"
    INK_3 = "var(--ink-3)"
    STRATEGY = "var(--strategy)"
    PEOPLE = "var(--people)"
    INNOVATION = "var(--innovation)"
    RISK = "var(--risk)"
    OFFICE = "var(--office)"
    GOOD = "var(--good)"
    WATCH = "var(--watch)"
    BAD = "var(--bad)"
    HEAT_1 = "var(--heat-1)"
    HEAT_2 = "var(--heat-2)"
    HEAT_3 = "var(--heat-3)"
    HEAT_4 = "var(--heat-4)"
    HEAT_5 = "var(--heat-5)"


COLOURS: dict[Colour, tuple[str, str]] = {
    Colour.PAPER: ("#faf9f6", "#0d1620"),
    Colour.SURFACE: ("#ffffff", "#13202d"),
    Colour.LINE: ("#e3dfd5", "#22323f"),
    Colour.LINE_STRONG: ("#c9c3b4", "#3a4d5c"),
    Colour.INK: ("#14212e", "#e9eef2"),
    Colour.INK_2: ("#46535f", "#b3c0cb"),
    Colour.INK_3: ("#586673", "#93a3b1"),
    Colour.STRATEGY: ("#0b4f7d", "#7cc0ee"),
    Colour.PEOPLE: ("#6b4a8a", "#b294d6"),
    Colour.INNOVATION: ("#0e6f83", "#4fb3c8"),
    Colour.RISK: ("#8a3b52", "#d68aa2"),
    Colour.OFFICE: ("#6b5b3a", "#c9b78a"),
    Colour.GOOD: ("#1b6e45", "#63c596"),
    Colour.WATCH: ("#8a5a0c", "#e0ae4f"),
    Colour.BAD: ("#b3261e", "#f28b82"),
    Colour.HEAT_1: ("#f2f0ea", "#0a121a"),
    Colour.HEAT_2: ("#e6dcc6", "#2a2c30"),
    Colour.HEAT_3: ("#d3bb94", "#4f463f"),
    Colour.HEAT_4: ("#9a5f4e", "#a97f88"),
    Colour.HEAT_5: ("#8a3b52", "#d68aa2"),
}
"""Each colour on light and on dark paper; the page's tokens.css says the same, which a test compares."""

CATEGORY = (
    Colour.STRATEGY,
    Colour.PEOPLE,
    Colour.INNOVATION,
    Colour.RISK,
    Colour.OFFICE,
    Colour.INK_2,
)
"""Colours of series in the order they are given out."""

HEAT = (Colour.HEAT_1, Colour.HEAT_2, Colour.HEAT_3, Colour.HEAT_4, Colour.HEAT_5)
"""Five steps from nothing to most."""

NAMED = re.compile(r"var\(--[a-z0-9-]+\)")


def config() -> Spec:
    """Vega-Lite settings of every chart: hairlines, no ornament, one typeface."""
    return {
        "background": None,
        "font": FONT,
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            "domain": False,
            "ticks": False,
            "grid": True,
            "gridColor": Colour.LINE.value,
            "gridDash": [1, 3],
            "labelColor": Colour.INK_3.value,
            "labelFontSize": 11,
            "labelPadding": 6,
            "labelLimit": 220,
            "titleColor": Colour.INK_2.value,
            "titleFontSize": 11,
            "titleFontWeight": 500,
        },
        "axisX": {
            "grid": False,
            "domain": True,
            "domainColor": Colour.LINE_STRONG.value,
            "labelAngle": 0,
            "labelOverlap": "parity",
            "labelSeparation": 4,
            "labelFlush": False,
        },
        "legend": {
            "labelColor": Colour.INK_2.value,
            "titleColor": Colour.INK_2.value,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "symbolType": "circle",
            "orient": "top",
        },
        "range": {"category": [colour.value for colour in CATEGORY]},
        "line": {"strokeWidth": 2, "color": Colour.INK_2.value},
        "area": {"opacity": 0.16},
        "rule": {"color": Colour.INK_2.value},
        "text": {"fontSize": 11, "color": Colour.INK_2.value},
    }


def paint(drawing: str, theme: Theme) -> str:
    """Replace the named colours in `drawing` (SVG or JSON text) by the theme's; a page keeps the names.

    Raises KeyError on a colour that has no value, so that nothing is ever drawn black by mistake.
    """
    if theme is Theme.PAGE:
        return drawing
    values = {colour.value: pair[0 if theme is Theme.LIGHT else 1] for colour, pair in COLOURS.items()}
    return NAMED.sub(lambda found: values[found.group()], drawing)
