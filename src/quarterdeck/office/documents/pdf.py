"""Writes a pack as PDF: laid out by Typst from data alone, in its own typefaces, the same bytes every time."""

import json
import tempfile
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from quarterdeck.charts.chart import Chart, Drawing
from quarterdeck.charts.drawing import shorten
from quarterdeck.charts.render import TYPEFACES, TypefacesMissingError, svg
from quarterdeck.charts.theme import Theme
from quarterdeck.kinds.canonical import Plain
from quarterdeck.office.documents import legible
from quarterdeck.office.documents.pack import made_at
from quarterdeck.office.documents.tree import Bar, Chances, Figures, Items, Pack, Picture, Road, Table, each_text

LAYOUT = Path(__file__).resolve().parent / "layout" / "board_pack.typ"
STANDARD: Literal["a-2u"] = "a-2u"  # PDF/A-2u, ISO 19005-2: typefaces embedded, every glyph with its Unicode value
SORTS: dict[type, str] = {
    Figures: "figures",
    Items: "items",
    Table: "table",
    Picture: "picture",
    Chances: "chances",
    Road: "road",
}
ROAD_LABEL, ROAD_SIZE = 130.0, 8.0  # points: room and size of a label on the roadmap


def write(pack: Pack) -> bytes:
    """The PDF. Raises TypefacesMissingError, typst.TypstError."""
    shown = each_text(pack, lambda words: legible.broken(legible.glyphs(words)))
    with tempfile.TemporaryDirectory(prefix="quarterdeck-document-") as folder:
        root = Path(folder)
        (root / "main.typ").write_bytes(LAYOUT.read_bytes())
        (root / "pack.json").write_text(json.dumps(data(shown), ensure_ascii=False), encoding="utf-8")
        for number, picture in enumerate(pictures(shown), 1):
            (root / _file(number)).write_text(svg(picture.chart, Theme.LIGHT), encoding="utf-8")
        compiler = typst.Compiler(
            root / "main.typ",
            root=root,
            font_paths=typefaces(),
            ignore_system_fonts=True,
            package_path=root,
            package_cache_path=root,
        )
        made = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=int(made_at(pack).timestamp()))
    return bytes(made)  # type: ignore[arg-type]


@cache
def typefaces() -> typst.Fonts:
    """The product's own typefaces and no others. Raises TypefacesMissingError."""
    if not any(TYPEFACES.glob("*.ttf")):
        raise TypefacesMissingError(f"no typefaces in {TYPEFACES}: run python -m quarterdeck.web.build")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[TYPEFACES])


def pictures(pack: Pack) -> list[Picture]:
    """The charts of a pack, in the order in which it prints them."""
    return [block for section in pack.sections for block in section.blocks if isinstance(block, Picture)]


def data(pack: Pack) -> Plain:
    """What the layout reads."""
    numbers = {id(picture): number for number, picture in enumerate(pictures(pack), 1)}
    return _plain(pack, numbers)


def _file(number: int) -> str:
    return f"picture-{number}.svg"


def _plain(value: object, numbers: dict[int, int]) -> Plain:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return [_plain(one, numbers) for one in value]
    if isinstance(value, Pack):
        shown = {
            f.name: _plain(getattr(value, f.name), numbers) for f in fields(value) if f.name not in ("at", "labels")
        }
        return shown | {"labels": dict(value.labels)}
    if is_dataclass(value):
        if isinstance(value, Bar):
            shown = {"theme": value.theme, "label": shorten(value.label, ROAD_SIZE, ROAD_LABEL)}
            return shown | {f.name: _plain(getattr(value, f.name), numbers) for f in fields(value)[2:]}
        shown = {
            f.name: _plain(getattr(value, f.name), numbers)
            for f in fields(value)
            if not isinstance(getattr(value, f.name), Chart | Drawing)
        }
        if type(value) in SORTS:
            shown["sort"] = SORTS[type(value)]
        if isinstance(value, Picture):
            shown["file"] = _file(numbers[id(value)])
        return shown
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
