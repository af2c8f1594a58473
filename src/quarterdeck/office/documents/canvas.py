"""What stands on one slide: texts with their anchors, lists, tables, the roadmap as shapes."""

from collections.abc import Iterable
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Mm, Pt

from quarterdeck.charts.drawing import shorten
from quarterdeck.charts.marks import STATE_COLOURS, State
from quarterdeck.charts.theme import Colour
from quarterdeck.office.documents import legible
from quarterdeck.office.documents.fitting import POINT, ROW, note_height, row_heights
from quarterdeck.office.documents.native import Box, shade
from quarterdeck.office.documents.tree import Bar, Items, Road, Table, Text

PALE = RGBColor(0xC2, 0xD3, 0xDF)  # the strategy colour at a quarter, where certainty fades
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the table style “No Style, No Grid” (ECMA-376, DrawingML)
LONGEST = 90  # signs of a text in a table's cell


class Canvas:
    """The shapes of one slide, and how words are set on it."""

    def __init__(self, shapes: Any, language: str) -> None:
        self.shapes, self._language = shapes, language

    def box(
        self, box: Box, texts: Iterable[Text], *, size: float, bold: bool = False, colour: Colour | None = None
    ) -> Any:
        """A text box of paragraphs."""
        shape = self.shapes.add_textbox(*(Emu(int(one)) for one in box))
        self.fill(shape.text_frame, texts, size=size, bold=bold, colour=colour)
        return shape

    def fill(
        self, frame: Any, texts: Iterable[Text], *, size: float, bold: bool = False, colour: Colour | None = None
    ) -> None:
        """Paragraphs into a frame without margins."""
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for place, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            self.run(paragraph, text, size, bold=bold, colour=colour)

    def run(self, paragraph: Any, text: Text, size: float, *, bold: bool = False, colour: Colour | None = None) -> None:
        """The words, then their anchors raised."""
        shown = STATE_COLOURS[text.state] if text.state is not State.PLAIN else colour or Colour.INK
        for said, raised in ((text.words, False), (",".join(map(str, text.anchors)), True)):
            if not said:
                continue
            run = paragraph.add_run()
            run.text = said
            run.font.size, run.font.bold, run.font.color.rgb = (
                Pt(size),
                bold and not raised,
                shade(Colour.STRATEGY if raised else shown),
            )
            properties = run._r.get_or_add_rPr()
            properties.set("lang", self._language)
            if raised:
                properties.set("baseline", "30000")

    def rule(self, left: int, top: int, wide: int) -> None:
        """A line across."""
        line = self.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Emu(left), Emu(top), Emu(left + wide), Emu(top))
        line.line.color.rgb, line.line.width = shade(Colour.INK), Pt(1.25)

    def items(self, block: Items, box: Box, size: float, first: int = 1) -> None:
        """A list of sentences under its heading, numbered from `first` where it is."""
        left, top, wide, high = box
        if block.title:
            self.box((left, top, wide, Mm(7)), [Text(block.title)], size=size, bold=True)
        if not block.entries:
            self.box((left, top + Mm(8), wide, Mm(8)), [Text(block.empty)], size=size - 1, colour=Colour.INK_3)
            return
        above = Mm(8) if block.title else 0
        frame = self.box((left, top + above, wide, high - above), [], size=size).text_frame
        for place, item in enumerate(block.entries):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(size / 2)
            number = f"{place + first}  " if block.numbered else ""
            self.run(paragraph, Text(number + item.title.words, item.title.anchors, item.state), size, bold=True)
            for position, detail in enumerate(item.details):
                self.run(paragraph, Text(" · " if position else " — "), size - 1, colour=Colour.INK_2)
                self.run(paragraph, detail, size - 1, colour=Colour.INK_2)

    def table(self, table: Table, box: Box, size: float, longest: int = LONGEST) -> None:
        """A native table under its title, where it has one."""
        left, below, wide, _high = box
        if table.title:
            self.box((left, below, wide, Mm(7)), [Text(table.title)], size=size, bold=True)
            below += Mm(8)
        if table.note.words:
            self.box((left, below, wide, Mm(6)), [table.note], size=size - 2, colour=Colour.INK_3)
            below += note_height(table, size - 2, wide)
        grid = self.shapes.add_table(
            len(table.rows) + 1, len(table.columns), Emu(int(left)), Emu(int(below)), Emu(int(wide)), ROW
        ).table
        for line, high in enumerate((int(ROW), *row_heights(table, size - 1, longest, wide))):
            grid.rows[line].height = Emu(high)
        grid._tbl.tblPr.set("bandRow", "0")
        grid._tbl.tblPr.find(qn("a:tableStyleId")).text = NO_STYLE
        whole = sum(column.weight for column in table.columns)
        for place, column in enumerate(table.columns):
            grid.columns[place].width = Emu(int(wide * column.weight / whole))
            self._cell(grid.cell(0, place), Text(column.title), size - 2, column.numeric, Colour.INK_2)
            for line, row in enumerate(table.rows, 1):
                cut = Text(legible.brief(row[place].words, longest), row[place].anchors, row[place].state)
                self._cell(grid.cell(line, place), cut, size - 1, column.numeric, None)

    def _cell(self, cell: Any, text: Text, size: float, numeric: bool, colour: Colour | None) -> None:
        cell.margin_top = cell.margin_bottom = Mm(1)
        cell.margin_left = cell.margin_right = Mm(1)
        cell.fill.background()
        paragraph = cell.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT if numeric else PP_ALIGN.LEFT
        self.run(paragraph, text, size, colour=colour)

    def road(self, road: Road, box: Box) -> None:
        """The roadmap as shapes: one bar an initiative, a paler one to its 80 % date."""
        left, top, wide, high = (int(one) for one in box)
        label, room = int(Mm(92)), int(Mm(20))
        themes = list(dict.fromkeys(bar.theme for bar in road.bars))
        row = min(int(Mm(10)), (high - int(Mm(8))) // (len(road.bars) + len(themes) + 1))
        size = min(13.0, row / POINT * 0.55)
        step = (wide - label - room) // max(1, len(road.ticks))
        self.box((left, top, wide, Mm(7)), [Text(road.caption, road.anchors)], size=11, colour=Colour.INK_3)
        y = top + int(Mm(8))
        every = -(-int(Mm(20)) // step)
        for place, tick in list(enumerate(road.ticks))[::every]:
            self.box((left + label + place * step, y, Mm(24), row), [Text(tick)], size=10, colour=Colour.INK_3)
        for theme in themes:
            y += row
            self.box((left, y, label, row), [Text(shorten(theme, size, label / POINT))], size=size, bold=True)
            for bar in (one for one in road.bars if one.theme == theme):
                y += row
                self.box(
                    (left + Mm(4), y, label - Mm(4), row),
                    [Text(shorten(bar.label, size - 1, (label - Mm(8)) / POINT))],
                    size=size - 1,
                    colour=Colour.INK_2,
                )
                self._work(bar, left + label, y, step, row, size)

    def _work(self, bar: Bar, left: int, y: int, step: int, row: int, size: float) -> None:
        start, finish, late = (left + int(step * at) for at in (bar.start, bar.finish, max(bar.late, bar.finish)))
        for begin, end, colour in ((start, finish, shade(Colour.STRATEGY)), (finish, late, PALE)):
            if end > begin:
                shape = self.shapes.add_shape(
                    MSO_SHAPE.RECTANGLE, Emu(begin), Emu(y + row // 8), Emu(end - begin), Emu(row // 2)
                )
                shape.fill.solid()
                shape.fill.fore_color.rgb = colour
                shape.line.fill.background()
                shape.shadow.inherit = False
        if bar.outcome.words:
            self.box((late + Mm(1.5), y, Mm(22), row), [bar.outcome], size=size - 1)
