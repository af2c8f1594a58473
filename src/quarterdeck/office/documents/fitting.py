"""How much room texts take on a slide, and how rows are dealt out to slides so that none is left with a few."""

from collections.abc import Sequence

from pptx.util import Mm

from quarterdeck.charts.drawing import advance
from quarterdeck.office.documents import legible
from quarterdeck.office.documents.tree import Items, Table, Text

POINT = Mm(25.4) / 72
ROW = Mm(8.2)
LINE = 1.35  # of a type size, from one line to the next
MARGIN = Mm(2)  # of a cell, left and right or above and below
SIZES = (14, 13, 12, 11, 10)  # in which a list may be set, the largest that fits


def lines(words: str, size: float, wide: float) -> int:
    """About how many lines words take at a type size in a width."""
    return max(1, -(-int(advance(words, size)) // max(1, int(wide / POINT))))


def items_height(block: Items, size: float, wide: float) -> int:
    """About how high a list is."""
    count = sum(
        lines(" · ".join((item.title.words, *(detail.words for detail in item.details))), size, wide)
        for item in block.entries
    )
    return int(Mm(10) + count * size * 1.25 * POINT + len(block.entries) * size / 2 * POINT)


def fitting(lists: Sequence[Items], wide: float, room: float) -> int | None:
    """The largest type size in which every one of some lists side by side fits; None where none does."""
    return next((size for size in SIZES if all(items_height(one, size, wide) <= room for one in lists)), None)


def note_height(table: Table, size: float, wide: float) -> int:
    """About how high a table's note is; nothing where it has none."""
    if not table.note.words:
        return 0
    return int(Mm(1.5) + lines(table.note.words, size, wide) * size * LINE * POINT)


def heading_height(table: Table, size: float, wide: float) -> int:
    """About how high what stands above a table's rows is: its title, its note, the columns' headings."""
    return int(Mm(8) + note_height(table, size, wide) + ROW * 1.3)


def row_heights(table: Table, size: float, longest: int, wide: float) -> list[int]:
    """About how high each row of a table is, its longest cell broken into lines."""
    whole = sum(column.weight for column in table.columns)
    widths = [wide * column.weight / whole - MARGIN for column in table.columns]
    return [max(int(ROW), int(_most(row, widths, size, longest) * size * LINE * POINT + MARGIN)) for row in table.rows]


def _most(row: Sequence[Text], widths: Sequence[float], size: float, longest: int) -> int:
    return max(lines(legible.brief(text.words, longest), size, wide) for text, wide in zip(row, widths, strict=True))


def parts(heights: Sequence[int], room: float) -> list[range]:
    """Rows in order, on as few slides as hold them, each about as full as the others."""
    count = max(1, len(_filled(heights, room)))
    least, most = sum(heights) // count, int(room)
    while least < most:  # the smallest room that needs no more slides
        middle = (least + most) // 2
        least, most = (least, middle) if len(_filled(heights, middle)) <= count else (middle + 1, most)
    return _filled(heights, most)


def _filled(heights: Sequence[int], room: float) -> list[range]:
    found, start, used = [], 0, 0
    for place, high in enumerate(heights):
        if used + high > room and place > start:
            found.append(range(start, place))
            start, used = place, 0
        used += high
    return [*found, range(start, len(heights))] if heights else []
