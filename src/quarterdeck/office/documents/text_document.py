"""Writes a pack as a text document (DOCX), with real headings, tables, and pictures that say what they show."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from quarterdeck.charts.chart import Chart, Drawing
from quarterdeck.charts.marks import STATE_COLOURS, State
from quarterdeck.charts.render import png
from quarterdeck.charts.theme import COLOURS, Colour
from quarterdeck.office.documents.archive import settle
from quarterdeck.office.documents.pack import made_at
from quarterdeck.office.documents.tree import (
    Block,
    Chances,
    Column,
    Figures,
    Item,
    Items,
    Pack,
    Picture,
    Road,
    Section,
    Table,
    Text,
)

LATIN, EAST_ASIAN = "Arial", "Microsoft YaHei"  # faces that are on the machines on which the document is read
WIDE, HALF = Mm(170), Mm(80)
DOTS = 3.0  # of a picture, for each pixel
CELL = "50"  # margin of a cell, in twentieths of a point
KEPT = 3  # rows at either end of a table that no page break parts


def write(pack: Pack) -> bytes:
    """The document; the same bytes for the same pack."""
    writer = _Writer(pack)
    writer.front()
    for section in pack.sections:
        writer.section(section)
    writer.appendix()
    made = io.BytesIO()
    writer.document.save(made)
    return settle(made.getvalue(), made_at(pack))


class _Writer:
    def __init__(self, pack: Pack) -> None:
        self._pack, self.document = pack, Document()
        self._language = "zh-CN" if pack.language.startswith("zh") else "en-GB"
        page = self.document.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = Mm(20)
        page.top_margin = page.bottom_margin = Mm(18)
        self._styles()
        page.footer.paragraphs[0].text = pack.footer
        core = self.document.core_properties
        core.title, core.subject, core.language = (
            f"{pack.title} – {pack.subject}"[:255],
            pack.sentence.words[:255],
            pack.language,
        )
        core.author = core.last_modified_by = "Quarterdeck"
        core.comments = ""
        core.created = core.modified = made_at(pack).replace(tzinfo=None)

    def _styles(self) -> None:
        """Faces, sizes and the language of every style that is used."""
        sizes = {
            "Normal": 10,
            "Title": 20,
            "Heading 1": 14,
            "Heading 2": 11,
            "Footer": 8,
            "List Number": 10,
            "List Bullet": 10,
        }
        for name, size in sizes.items():
            style = self.document.styles[name]
            style.font.size, style.font.name, style.font.color.rgb = Pt(size), LATIN, _shade(Colour.INK)
            style.font.bold = name.startswith(("Title", "Heading"))
            properties = style.element.get_or_add_rPr()
            faces = properties.get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                faces.attrib.pop(qn(f"w:{theme}"), None)
            faces.set(qn("w:eastAsia"), EAST_ASIAN)
            language = OxmlElement("w:lang")
            language.set(qn("w:val"), self._language)
            language.set(qn("w:eastAsia"), "zh-CN")
            properties.append(language)
        border = self.document.styles["Title"].element.find(f".//{qn('w:pBdr')}")
        if border is not None:
            border.getparent().remove(border)

    def front(self) -> None:
        """Sentence and lede."""
        pack = self._pack
        self._paragraph([Text(f"{pack.title} · {pack.subject} · {pack.day}")], colour=Colour.INK_3)
        self._paragraph([pack.sentence], "Title")
        self._paragraph([pack.lede], colour=Colour.INK_2)

    def section(self, section: Section) -> None:
        """A heading, the sentence, its blocks; pictures two in a row."""
        self._paragraph([Text(section.title)], "Heading 1")
        if section.sentence is not None:
            self._paragraph([section.sentence], colour=Colour.INK_2, followed=bool(section.blocks))
        pictures = [block for block in section.blocks if isinstance(block, Picture)]
        for block in section.blocks:
            if not isinstance(block, Picture):
                self._block(block)
        for start in range(0, len(pictures), 2):
            self._pictures(pictures[start : start + 2])

    def _block(self, block: Block) -> None:
        if isinstance(block, Figures):
            columns = tuple(Column(self._pack.label(name)) for name in ("figure", "value", "beside"))
            self._grid(columns, [(Text(one.label), one.value, one.note) for one in block.entries])
        elif isinstance(block, Items):
            self._items(block)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Chances):
            columns = (
                Column(block.columns[0], weight=3),
                Column(block.columns[1], True),
                Column(block.columns[2], weight=1.4),
            )
            self._table(
                Table(
                    block.title,
                    columns,
                    tuple((one.title, one.chance, one.due) for one in block.entries),
                    block.note,
                    block.empty,
                )
            )
        elif isinstance(block, Road):
            self._road(block)

    def _road(self, road: Road) -> None:
        caption = Text(road.caption, road.anchors) if road.bars else Text(road.empty)
        self._paragraph([caption], colour=Colour.INK_3, followed=bool(road.bars))
        if road.bars:
            self._draw(self.document.add_paragraph(), road.drawing, WIDE)

    def _items(self, block: Items) -> None:
        self._paragraph([Text(block.title)], "Heading 2")
        if not block.entries:
            self._paragraph([Text(block.empty)], colour=Colour.INK_3)
        for place, item in enumerate(block.entries, 1):
            self._item(item, f"{place}. " if block.numbered else "")

    def _item(self, item: Item, number: str) -> None:
        paragraph = self.document.add_paragraph(style="Normal" if number else "List Bullet")
        if number:
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Mm(6), Mm(-6)
        self._run(paragraph, Text(number + item.title.words, item.title.anchors, item.state), bold=True)
        for place, detail in enumerate(item.details):
            self._run(paragraph, Text(" · " if place else " — "), colour=Colour.INK_2)
            self._run(paragraph, detail, colour=Colour.INK_2)

    def _table(self, table: Table) -> None:
        self._paragraph([Text(table.title)], "Heading 2")
        if table.note.words:
            self._paragraph([table.note], colour=Colour.INK_3, followed=True)
        if table.rows:
            self._grid(table.columns, table.rows)
        else:
            self._paragraph([Text(table.empty)], colour=Colour.INK_3)

    def _grid(self, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
        grid = self.document.add_table(rows=1 + len(rows), cols=len(columns))
        grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        whole = sum(column.weight for column in columns)
        _unbroken(grid)
        for place, column in enumerate(columns):
            grid.columns[place].width = int(WIDE * column.weight / whole)
            for line, text in enumerate((Text(column.title), *(row[place] for row in rows))):
                cell = grid.cell(line, place)
                cell.width = int(WIDE * column.weight / whole)
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(2)
                paragraph.paragraph_format.keep_with_next = line < KEPT or len(rows) - KEPT < line < len(rows)
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column.numeric else WD_ALIGN_PARAGRAPH.LEFT
                self._run(paragraph, text, size=8.5 if line == 0 else 9, colour=Colour.INK_2 if line == 0 else None)
        _hairlines(grid)
        self.document.add_paragraph().paragraph_format.space_after = Pt(2)

    def _pictures(self, pair: Sequence[Picture]) -> None:
        grid = self.document.add_table(rows=1, cols=2)
        grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for place, shown in enumerate(pair):
            cell = grid.cell(0, place)
            self._run(cell.paragraphs[0], shown.title, bold=True)
            caption = cell.add_paragraph()
            self._run(
                caption, Text(shown.caption + (f" ({shown.unit})" if shown.unit else "")), size=8, colour=Colour.INK_3
            )
            self._draw(cell.add_paragraph(), shown.chart, HALF)

    def _draw(self, paragraph: Any, drawn: Chart | Drawing, wide: int) -> None:
        shape = paragraph.add_run().add_picture(io.BytesIO(png(drawn, scale=DOTS)), width=wide)
        shape._inline.docPr.set("descr", drawn.caption)

    def appendix(self) -> None:
        """Every answer, what it rests on, how fresh the evidence is, how to read the figures."""
        pack = self._pack
        self._paragraph([Text(pack.sources_title)], "Heading 1")
        self._paragraph([Text(pack.sources_sentence)], colour=Colour.INK_2)
        for one in pack.sources:
            details = tuple(Text(text) for text in (one.question, one.about, one.rests) if text)
            self._item(Item(Text(one.title), details), f"{one.mark}  ")
        self._items(pack.reading)
        for table in (*pack.appendix, pack.evidence):
            self._table(table)

    def _paragraph(
        self, texts: Sequence[Text], style: str = "Normal", *, colour: Colour | None = None, followed: bool = False
    ) -> None:
        """A paragraph; one that is followed stays on the page of what comes after it."""
        paragraph = self.document.add_paragraph(style=style)
        paragraph.paragraph_format.space_after = Pt(6)
        if followed:
            paragraph.paragraph_format.keep_with_next = True
        for text in texts:
            self._run(paragraph, text, colour=colour)

    def _run(
        self, paragraph: Any, text: Text, *, bold: bool = False, size: float | None = None, colour: Colour | None = None
    ) -> None:
        """The words, then their anchors raised."""
        shown = STATE_COLOURS[text.state] if text.state is not State.PLAIN else colour
        for said, raised in ((text.words, False), (",".join(map(str, text.anchors)), True)):
            if not said:
                continue
            run = paragraph.add_run(said)
            run.font.superscript = raised or None
            if bold and not raised:
                run.font.bold = True
            if raised:
                run.font.bold = False
            if size is not None:
                run.font.size = Pt(size)
            if raised or shown is not None:
                run.font.color.rgb = _shade(Colour.STRATEGY if raised else shown or Colour.INK)


def _unbroken(grid: Any) -> None:
    """No row is parted by the end of a page, and the headings stand again at the top of the next."""
    for place, row in enumerate(grid.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))


def _hairlines(grid: Any) -> None:
    """A thin line below every row, and little room beside what stands in a cell."""
    borders = OxmlElement("w:tblBorders")
    for edge in ("bottom", "insideH"):
        line = OxmlElement(f"w:{edge}")
        for name, value in (
            ("val", "single"),
            ("sz", "4"),
            ("space", "0"),
            ("color", COLOURS[Colour.LINE][0].lstrip("#")),
        ):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for edge in ("left", "right"):
        margin = OxmlElement(f"w:{edge}")
        margin.set(qn("w:w"), CELL)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    layout = grid._tbl.tblPr.find(qn("w:tblLayout"))  # the schema's order: borders, layout, margins
    layout.addprevious(borders)
    layout.addnext(margins)


def _shade(colour: Colour) -> RGBColor:
    return RGBColor.from_string(COLOURS[colour][0].lstrip("#").upper())
