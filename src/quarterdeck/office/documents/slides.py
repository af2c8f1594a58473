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
from quarterdeck.office.documents.canvas import LONGEST, Canvas
from quarterdeck.office.documents.fitting import (
    POINT,
    SIZES,
    fitting,
    heading_height,
    items_height,
    parts,
    row_heights,
)
from quarterdeck.office.documents.pack import made_at
from quarterdeck.office.documents.tree import (
    Block,
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
    neighbours,
)

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"  # faces that are on the machines on which slides are shown
WIDTH, HEIGHT, EDGE = int(Mm(338.7)), int(Mm(190.5)), int(Mm(14))
TOP, BOTTOM, GAP = int(Mm(40)), int(Mm(180)), int(Mm(8))
INNER = WIDTH - 2 * EDGE
LIST, CELL = 12, 13  # type sizes of a list across the slide, and of a table
BARS = 26  # lines of the roadmap on one slide
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
        self._section, self._later = pack.sections[0], list[tuple[Section, Table]]()
        self._titled, self._heading, self._y = False, "", TOP

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
                size = fitting([block], INNER, Mm(90)) or SIZES[-1]
                canvas.items(block, (EDGE, Mm(89), INNER, Mm(88)), size)

    def section(self, section: Section) -> None:
        """A section from its first slide on: lists side by side, charts beside each other, tables below one another."""
        self._begin(section)
        charts = [block for block in section.blocks if isinstance(block, Picture)]
        if len(charts) == len(section.blocks) and charts:
            self._charts(charts)
        else:
            for some in neighbours(section.blocks):
                self._blocks(some)
        if self._canvas is None:
            self._new(section.title)

    def _begin(self, section: Section) -> None:
        self._section, self._canvas, self._titled = section, None, False

    def _blocks(self, some: Sequence[Block]) -> None:
        """Two blocks side by side, or one across the slide."""
        first = some[0]
        if len(some) == 2:
            self._beside(some)
        elif isinstance(first, Items):
            self._list(first)
        elif isinstance(first, Table):
            self._table(first)
        elif isinstance(first, Chances):
            self._chances(first)
        elif isinstance(first, Road):
            self._road(first)
        elif isinstance(first, Picture):
            self._pictures([first])

    def appendix(self) -> None:
        """Every answer, what it rests on, how fresh the evidence is, how to read the figures."""
        pack = self._pack
        self._begin(Section("sources", pack.sources_title, None, ()))
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
        sources = Table(pack.sources_title, columns, rows, Text(pack.sources_sentence))
        self._deal(sources, size=11, longest=700)
        self._list(pack.reading)
        self._deal(pack.evidence)
        for section, table in self._later:
            self._begin(section)
            self._titled = True
            self._deal(table)

    def _room(self, title: str, needed: int) -> Canvas:
        """A slide of the section with so much room below."""
        if self._canvas is None or self._y + needed > BOTTOM:
            return self._new(title)
        return self._canvas

    def _new(self, title: str) -> Canvas:
        """A new slide: the section's first says its sentence, each further one what it shows."""
        section, first = self._section, not self._titled
        heading = section.sentence if first and section.sentence else Text(title)
        self._titled, self._heading = True, heading.words
        self._canvas, self._y = self._slide(heading, section.title), TOP
        return self._canvas

    def _beside(self, pair: Sequence[Block]) -> None:
        """Two lists, or a chart and a list; lists that are too long for half a slide take one each."""
        wide, lists = (INNER - GAP) // 2, [block for block in pair if isinstance(block, Items)]
        size = self._size(lists, wide)
        if size is None:
            for block in pair:
                self._blocks((block,))
            return
        high = max(items_height(block, size, wide) for block in lists)
        if len(lists) < len(pair):
            high = int(BOTTOM - TOP)
        canvas = self._room(self._section.title, high)
        for place, block in enumerate(pair):
            box = (EDGE + place * (wide + GAP), self._y, wide, high)
            if isinstance(block, Items):
                canvas.items(block, box, size)
            elif isinstance(block, Picture):
                self._picture(canvas, block, box)
        self._y += high + GAP

    def _list(self, block: Items) -> None:
        """A list as large as fits below, or on a slide of its own, or on as many as it takes."""
        size = self._size([block], INNER) or LIST
        above = int(Mm(10))
        heights = [items_height(replace(block, entries=(entry,)), size, INNER) - above for entry in block.entries]
        dealt = parts(heights, BOTTOM - TOP - above) or [range(0)]
        for place, part in enumerate(dealt):
            shown = replace(block, entries=block.entries[part.start : part.stop])
            title, high = _part(block.title, place, len(dealt)), items_height(shown, size, INNER)
            canvas = self._room(title, high)
            shown = replace(shown, title="" if self._heading == title else title)
            canvas.items(shown, (EDGE, self._y, INNER, high), size, part.start + 1)
            self._y += high + GAP

    def _size(self, lists: Sequence[Items], wide: int) -> int | None:
        """The type size of lists: in the room left on this slide where that is legible, else on one of their own."""
        left = fitting(lists, wide, BOTTOM - self._y) if self._canvas else None
        return left if left and left >= LIST else fitting(lists, wide, BOTTOM - TOP)

    def _table(self, table: Table) -> None:
        """A table where it stands; one that takes more than a slide, among the last."""
        heights = row_heights(table, CELL - 1, LONGEST, INNER)
        if sum(heights) + heading_height(table, CELL - 2, INNER) > BOTTOM - TOP:
            self._later.append((self._section, table))
        else:
            self._deal(table)

    def _deal(self, table: Table, *, size: float = CELL, longest: int = LONGEST) -> None:
        """A table, on as many slides as it takes, each about as full as the others."""
        if not table.rows:
            canvas = self._room(table.title, Mm(20))
            canvas.box((EDGE, self._y, INNER, Mm(7)), [Text(table.title)], size=size, bold=True)
            canvas.box((EDGE, self._y + Mm(8), INNER, Mm(8)), [Text(table.empty)], size=size - 1, colour=Colour.INK_3)
            self._y += int(Mm(20)) + GAP
        heights, above = row_heights(table, size - 1, longest, INNER), heading_height(table, size - 2, INNER)
        dealt = parts(heights, BOTTOM - TOP - above)
        for place, part in enumerate(dealt):
            high = above + sum(heights[part.start : part.stop])
            title = _part(table.title, place, len(dealt))
            canvas = self._room(title, high)
            own = "" if self._heading == title else title
            shown = replace(table, title=own, rows=table.rows[part.start : part.stop])
            canvas.table(shown, (EDGE, self._y, INNER, high), size, longest)
            self._y += high + GAP

    def _chances(self, block: Chances) -> None:
        if not block.entries:
            self._table(Table(block.title, (), (), block.note, block.empty))
            return
        canvas = self._new(block.title)
        high = min(int(Mm(122)), int(Mm(18)) + len(block.entries) * int(Mm(16)))
        short = replace(
            block, entries=tuple(replace(one, title=Text(legible.brief(one.title.words, 60))) for one in block.entries)
        )
        native.chances(canvas.shapes, short, (EDGE, TOP, INNER, high))
        canvas.box((EDGE, TOP + high + Mm(3), INNER, Mm(8)), [block.note], size=11, colour=Colour.INK_3)
        self._y = BOTTOM

    def _road(self, road: Road) -> None:
        """The roadmap, a theme after the other, on as many slides as keep it legible."""
        if not road.bars:
            canvas = self._new(self._section.title)
            canvas.box((EDGE, TOP, INNER, Mm(8)), [Text(road.empty)], size=13, colour=Colour.INK_3)
        themes = list(dict.fromkeys(bar.theme for bar in road.bars))
        counts = [1 + sum(bar.theme == theme for bar in road.bars) for theme in themes]
        dealt = parts(counts, BARS)
        for place, part in enumerate(dealt):
            shown = set(themes[part.start : part.stop])
            canvas = self._new(_part(self._section.title, place, len(dealt)))
            some = replace(road, bars=tuple(bar for bar in road.bars if bar.theme in shown))
            canvas.road(some, (EDGE, TOP - Mm(4), INNER, BOTTOM - TOP + Mm(4)))
        self._y = BOTTOM

    def _charts(self, charts: Sequence[Picture]) -> None:
        """Nothing but charts: those of people apart from those of money."""
        for people in (False, True):
            self._pictures([one for one in charts if (one.shape is Shape.CAPACITY) == people])

    def _pictures(self, group: Sequence[Picture]) -> None:
        for start in range(0, len(group), 4):
            four = group[start : start + 4]
            across = 2 if len(four) in (2, 4) else len(four)
            down = -(-len(four) // across)
            canvas = self._new(self._section.title)
            wide, high = (INNER - GAP * (across - 1)) // across, (BOTTOM - TOP - GAP * (down - 1)) // down
            for place, shown in enumerate(four):
                left, top = EDGE + place % across * (wide + GAP), TOP + place // across * (high + GAP)
                self._picture(canvas, shown, (left, top, wide, high))
            self._y = BOTTOM

    def _picture(self, canvas: Canvas, shown: Picture, box: native.Box) -> None:
        """A chart under its title and what is seen in it."""
        left, top, wide, high = box
        caption = shown.caption + (f" ({shown.unit})" if shown.unit else "")
        title = replace(shown.title, words=shorten(shown.title.words, 15, wide / POINT))
        canvas.box((left, top, wide, Mm(7)), [title], size=14, bold=True)
        canvas.box((left, top + Mm(7), wide, Mm(10)), [Text(caption)], size=10, colour=Colour.INK_3)
        below = (left, top + int(Mm(16)), wide, high - int(Mm(16)))
        native.picture(canvas.shapes, shown, below, self._pack.label("this_plan"))

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


def _part(title: str, place: int, count: int) -> str:
    """A title on the slides that what it heads is dealt out to: “Dates (2/3)”."""
    return f"{title} ({place + 1}/{count})" if count > 1 else title
