"""Writes a pack as slides: native charts and tables that can be edited, a face for Chinese in the theme."""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Mm

from quarterdeck.charts.drawing import shorten
from quarterdeck.charts.theme import Colour
from quarterdeck.office.documents import legible, native
from quarterdeck.office.documents.archive import settle
from quarterdeck.office.documents.canvas import POINT, Canvas, items_height, table_height
from quarterdeck.office.documents.pack import made_at
from quarterdeck.office.documents.tree import (
    Chances,
    Column,
    Figures,
    Items,
    Pack,
    Picture,
    Road,
    Section,
    Shape,
    Table,
    Text,
)

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"  # faces that are on the machines on which slides are shown
WIDTH, HEIGHT, EDGE = int(Mm(338.7)), int(Mm(190.5)), int(Mm(14))
TOP, BOTTOM, GAP = int(Mm(40)), int(Mm(180)), int(Mm(8))
INNER = WIDTH - 2 * EDGE
ROWS = 13  # of a table on one slide
TITLE_ONLY = 5  # the layout of the empty template that has a title and nothing else


def write(pack: Pack) -> bytes:
    """The presentation; the same bytes for the same pack."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(WIDTH), Emu(HEIGHT)
    _faces(deck)
    _properties(deck, pack)
    writer = _Slides(deck, pack)
    writer.first(pack.sections[0])
    for section in pack.sections[1:]:
        writer.section(section)
    writer.appendix()
    made = io.BytesIO()
    deck.save(made)
    return settle(made.getvalue(), made_at(pack))


def _faces(deck: Any) -> None:
    """Set the theme's Latin and East Asian faces, of headings and of text."""
    for part in deck.slide_masters[0].part.rels.values():
        if part.reltype.endswith("/theme"):
            root = etree.fromstring(part.target_part.blob)
            for group in root.iter(qn("a:majorFont"), qn("a:minorFont")):
                group.find(qn("a:latin")).set("typeface", LATIN)
                group.find(qn("a:ea")).set("typeface", EAST_ASIAN)
                for face in group.findall(qn("a:font")):
                    if face.get("script") == "Hans":
                        face.set("typeface", EAST_ASIAN)
            part.target_part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _properties(deck: Any, pack: Pack) -> None:
    core = deck.core_properties
    core.title, core.subject, core.language = (
        f"{pack.title} – {pack.subject}"[:255],
        pack.sentence.words[:255],
        pack.language,
    )
    core.author = core.last_modified_by = "Quarterdeck"
    core.created = core.modified = made_at(pack).replace(tzinfo=None)
    core.revision = 1


class _Slides:
    """Puts sections on slides, as many blocks on one as fit."""

    def __init__(self, deck: Any, pack: Pack) -> None:
        self._deck, self._pack = deck, pack
        self._language = "zh-CN" if pack.language.startswith("zh") else "en-GB"
        self._canvas: Canvas | None = None
        self._y = TOP

    def first(self, section: Section) -> None:
        """The answer: sentence, numbers, decisions."""
        canvas = self._slide(self._pack.sentence, "", size=24)
        canvas.box((EDGE, Mm(37), INNER, Mm(14)), [self._pack.lede], size=14, colour=Colour.INK_2)
        figures = next(block for block in section.blocks if isinstance(block, Figures))
        step = INNER // max(1, len(figures.entries))
        for place, one in enumerate(figures.entries):
            left, wide = EDGE + place * step, step - Mm(5)
            canvas.rule(left, Mm(56), wide)
            canvas.box((left, Mm(57.5), wide, Mm(6)), [Text(one.label)], size=11, colour=Colour.INK_2)
            canvas.box((left, Mm(63.5), wide, Mm(10)), [one.value], size=22, bold=True)
            canvas.box((left, Mm(74), wide, Mm(10)), [one.note], size=11, colour=Colour.INK_3)
        for block in section.blocks:
            if isinstance(block, Items):
                canvas.items(
                    block, (EDGE, Mm(89), INNER, Mm(88)), 14 if items_height(block, 14, INNER) < Mm(90) else 11
                )

    def section(self, section: Section) -> None:
        """A section from its first slide on: lists side by side, charts beside each other, tables below one another."""
        self._canvas = None
        lists = [block for block in section.blocks if isinstance(block, Items)]
        if len(lists) == len(section.blocks) > 1:
            self._beside(section, lists)
            return
        for block in section.blocks:
            if isinstance(block, Items):
                self._list(section, block)
            elif isinstance(block, Table):
                self._table(section, block)
            elif isinstance(block, Chances):
                self._chances(section, block)
            elif isinstance(block, Road):
                self._road(section, block)
        pictures = [block for block in section.blocks if isinstance(block, Picture)]
        for group in (
            [one for one in pictures if one.shape is not Shape.CAPACITY],
            [one for one in pictures if one.shape is Shape.CAPACITY],
        ):
            self._pictures(section, group)
        if self._canvas is None:
            self._new(section)

    def appendix(self) -> None:
        """Every answer, what it rests on, how fresh the evidence is, how to read the figures."""
        pack, section = self._pack, Section("sources", self._pack.sources_title, None, ())
        self._canvas = None
        columns = (
            Column("#", weight=0.25),
            Column(pack.label("answer"), weight=2.0),
            Column(pack.label("run"), weight=3.4),
            Column(pack.label("rests"), weight=5.0),
        )
        rows = tuple(
            (Text(str(one.mark)), Text(f"{one.title} – {one.question}"), Text(one.about), Text(one.rests))
            for one in pack.sources
        )
        self._table(section, Table(pack.sources_sentence, columns, rows), size=11, rows_a_slide=4, longest=700)
        self._canvas = None
        self._table(section, pack.evidence)
        self._list(section, pack.reading)

    def _room(self, section: Section, needed: int) -> Canvas:
        """A slide of the section with so much room below."""
        if self._canvas is None or self._y + needed > BOTTOM:
            return self._new(section)
        return self._canvas

    def _new(self, section: Section) -> Canvas:
        self._canvas, self._y = self._slide(section.sentence or Text(section.title), section.title), TOP
        return self._canvas

    def _beside(self, section: Section, lists: Sequence[Items]) -> None:
        canvas, wide = self._new(section), (INNER - GAP * (len(lists) - 1)) // len(lists)
        size = 14 if max(items_height(block, 14, wide) for block in lists) < BOTTOM - TOP else 10
        for place, block in enumerate(lists):
            canvas.items(block, (EDGE + place * (wide + GAP), TOP, wide, BOTTOM - TOP), size)

    def _list(self, section: Section, block: Items) -> None:
        size = 13 if items_height(block, 13, INNER) < BOTTOM - TOP else 10
        high = items_height(block, size, INNER)
        self._room(section, high).items(block, (EDGE, self._y, INNER, high), size)
        self._y += high + GAP

    def _table(
        self, section: Section, table: Table, *, size: float = 13, rows_a_slide: int = ROWS, longest: int = 90
    ) -> None:
        if not table.rows:
            canvas = self._room(section, Mm(20))
            canvas.box((EDGE, self._y, INNER, Mm(7)), [Text(table.title)], size=size, bold=True)
            canvas.box((EDGE, self._y + Mm(8), INNER, Mm(8)), [Text(table.empty)], size=size - 1, colour=Colour.INK_3)
            self._y += int(Mm(20)) + GAP
        for start in range(0, len(table.rows), rows_a_slide):
            rows = table.rows[start : start + rows_a_slide]
            high = table_height(table, len(rows))
            title = table.title + (f" ({self._pack.label('continued')})" if start else "")
            self._room(section, high).table(table, rows, title, (EDGE, self._y, INNER, high), size, longest)
            self._y += high + GAP

    def _chances(self, section: Section, block: Chances) -> None:
        if not block.entries:
            self._table(section, Table(block.title, (), (), block.note, block.empty))
            return
        canvas = self._new(section)
        high = min(int(Mm(122)), int(Mm(18)) + len(block.entries) * int(Mm(16)))
        short = replace(
            block, entries=tuple(replace(one, title=Text(legible.brief(one.title.words, 60))) for one in block.entries)
        )
        native.chances(canvas.shapes, short, (EDGE, TOP, INNER, high))
        canvas.box((EDGE, TOP + high + Mm(3), INNER, Mm(8)), [block.note], size=11, colour=Colour.INK_3)
        self._y = BOTTOM

    def _road(self, section: Section, road: Road) -> None:
        canvas = self._new(section)
        if road.bars:
            canvas.road(road, (EDGE, TOP - Mm(8), INNER, BOTTOM - TOP + Mm(8)))
        else:
            canvas.box((EDGE, TOP, INNER, Mm(8)), [Text(road.empty)], size=13, colour=Colour.INK_3)
        self._y = BOTTOM

    def _pictures(self, section: Section, group: Sequence[Picture]) -> None:
        for start in range(0, len(group), 4):
            four = group[start : start + 4]
            across = 2 if len(four) in (2, 4) else len(four)
            down = -(-len(four) // across)
            canvas, wide, high = (
                self._new(section),
                (INNER - GAP * (across - 1)) // across,
                (BOTTOM - TOP - GAP * (down - 1)) // down,
            )
            for place, shown in enumerate(four):
                left, top = EDGE + place % across * (wide + GAP), TOP + place // across * (high + GAP)
                caption = shown.caption + (f" ({shown.unit})" if shown.unit else "")
                title = replace(shown.title, words=shorten(shown.title.words, 15, wide / POINT))
                canvas.box((left, top, wide, Mm(7)), [title], size=14, bold=True)
                canvas.box((left, top + Mm(7), wide, Mm(10)), [Text(caption)], size=10, colour=Colour.INK_3)
                native.picture(
                    canvas.shapes, shown, (left, top + Mm(16), wide, high - Mm(16)), self._pack.label("this_plan")
                )
            self._y = BOTTOM

    def _slide(self, heading: Text, eyebrow: str, *, size: float = 20) -> Canvas:
        shapes = self._deck.slides.add_slide(self._deck.slide_layouts[TITLE_ONLY]).shapes
        canvas, title = Canvas(shapes, self._language), shapes.title
        title.left, title.top, title.width, title.height = EDGE, int(Mm(15)), INNER, int(Mm(20))
        title.text_frame.clear()
        canvas.fill(title.text_frame, [replace(heading, words=legible.brief(heading.words, 200))], size=size, bold=True)
        title.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        above = f"{self._pack.footer} · {eyebrow}" if eyebrow and eyebrow != heading.words else self._pack.footer
        canvas.box((EDGE, Mm(8), INNER, Mm(6)), [Text(above)], size=10, colour=Colour.INK_3)
        number = canvas.box(
            (WIDTH - EDGE - Mm(20), HEIGHT - Mm(9), Mm(20), Mm(6)),
            [Text(str(len(self._deck.slides)))],
            size=10,
            colour=Colour.INK_3,
        )
        number.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        return canvas
