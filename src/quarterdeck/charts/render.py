"""From a chart to SVG or PNG, without a browser, without the network, the same bytes every time."""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import vl_convert

from quarterdeck.charts.chart import Cell, Chart, Drawing, Spec
from quarterdeck.charts.theme import Colour, Theme, paint

TYPEFACES = Path(__file__).resolve().parents[1] / "web" / "assets" / "typefaces"
SVG = "http://www.w3.org/2000/svg"
IDENTITY = re.compile(r"(?:clip|gradient)_?\d+")
NEEDLESS = ("role", "aria-roledescription", "aria-label", "aria-hidden", "pointer-events", "class")

ElementTree.register_namespace("", SVG)


class TypefacesMissingError(Exception):
    """Charts cannot be drawn because their typefaces are not built; Chinese would become empty boxes."""


def readable(value: Cell) -> Cell:
    """A number with four significant digits, and no fraction from a thousand on; anything else as it is."""
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    places = 4 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
    rounded = round(value, places)
    return int(rounded) if rounded.is_integer() else rounded


@dataclass(frozen=True)
class Picture:
    """What a page shows: a drawing that follows its theme, the spec (None: it stays as drawn), and the table."""

    svg: str
    spec: Spec | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers only, to be set to the right."""
        places = range(len(self.columns))
        return tuple(all(isinstance(row[n], int | float | None) for row in self.rows) for n in places)

    @property
    def headings(self) -> tuple[tuple[str, bool], ...]:
        """Each heading, and whether its column is numeric."""
        return tuple(zip(self.columns, self.numeric, strict=True))

    @property
    def cells(self) -> tuple[tuple[tuple[Cell, bool], ...], ...]:
        """Each row's cells as they are read, and whether their column is numeric."""
        return tuple(tuple(zip(map(readable, row), self.numeric, strict=True)) for row in self.rows)


@cache
def typefaces(folder: Path = TYPEFACES) -> Path:
    """Make the typefaces in `folder` known to the renderer, once; raises TypefacesMissingError."""
    if not any(folder.glob("*.ttf")):
        raise TypefacesMissingError(f"no typefaces in {folder}: run python -m quarterdeck.web.build")
    vl_convert.register_font_directory(str(folder))
    return folder


def tidy(drawn: str, identity: str, label: str) -> str:
    """Drop what only a script would read, and name clips after the chart, so that many charts fit on one page."""
    picture = ElementTree.fromstring(drawn)  # noqa: S314 - our own renderer's output, data escaped
    names: dict[str, str] = {}
    for node in picture.iter():
        for attribute in NEEDLESS:
            node.attrib.pop(attribute, None)
        for attribute in ("id", "clip-path", "fill", "stroke"):
            value = node.attrib.get(attribute, "")
            if attribute == "id" or value.startswith("url(#"):
                node.attrib[attribute] = IDENTITY.sub(
                    lambda found: names.setdefault(found.group(), f"{identity}-{len(names)}"), value
                )
        for child in list(node):
            empty = child.tag == f"{{{SVG}}}path" and child.attrib.get("display") == "none"
            # a frame's background has neither fill nor stroke
            bare = child.tag == f"{{{SVG}}}path" and set(child.attrib) <= {
                "class",
                "d",
                "aria-hidden",
                "pointer-events",
            }
            if empty or bare:
                node.remove(child)
    picture.attrib |= {"class": "chart", "role": "img", "aria-label": label}
    return ElementTree.tostring(picture, encoding="unicode")


def svg(chart: Chart | Drawing, theme: Theme = Theme.PAGE) -> str:
    """Draw as SVG. For a page the colours stay names of its tokens; text stays text."""
    if isinstance(chart, Drawing):
        return paint(chart.svg, theme)
    typefaces()
    drawn = vl_convert.vegalite_to_svg(json.dumps(chart.spec), allowed_base_urls=[])
    identity = "c" + hashlib.sha256(json.dumps(chart.spec, sort_keys=True).encode()).hexdigest()[:10]
    return paint(tidy(drawn, identity, chart.caption), theme)


def png(chart: Chart | Drawing, theme: Theme = Theme.LIGHT, scale: float = 2.0) -> bytes:
    """Draw as PNG on the theme's surface, `scale` dots for each pixel. The page theme is taken as light.

    The ground is painted because the renderer leaves colours multiplied by their opacity where nothing is beneath.
    """
    typefaces()
    shown = Theme.LIGHT if theme is Theme.PAGE else theme
    ground = paint(f'<rect width="100%" height="100%" fill="{Colour.SURFACE.value}"/>', shown)
    start, drawn = svg(chart, shown).split(">", 1)
    return bytes(vl_convert.svg_to_png(f"{start}>{ground}{drawn}", scale=scale))


def picture(chart: Chart | Drawing) -> Picture:
    """What the page's chart partial shows."""
    spec = chart.spec if isinstance(chart, Chart) else None
    return Picture(svg(chart), spec, chart.columns, chart.rows, chart.caption)
