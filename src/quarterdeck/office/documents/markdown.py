"""Writes a pack as Markdown: one text that two editions can be compared in line by line."""

import re
from collections.abc import Iterable, Iterator, Sequence

from quarterdeck.charts.chart import Cell
from quarterdeck.charts.render import readable
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
    Source,
    Table,
    Text,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]>|~#$&!])")
_BULLET = re.compile(r"^([+\-=])(?=\s|$|\1)")
_NUMBER = re.compile(r"^(\d+)([.)])(?=\s|$)")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data|www)([:.])")


def write(pack: Pack) -> bytes:
    """The text in UTF-8."""
    lines = [
        f"# {_said(pack.sentence)}",
        "",
        f"{_safe(pack.title)} · {_safe(pack.subject)} · {_safe(pack.day)}",
        "",
        _said(pack.lede),
        "",
    ]
    for section in pack.sections:
        lines += _section(section, pack)
    lines += [f"## {_safe(pack.sources_title)}", "", _safe(pack.sources_sentence), ""]
    lines += [_source(source) for source in pack.sources]
    lines += ["", *_items(pack.reading)]
    for table in (*pack.appendix, pack.evidence):
        lines += _table(table)
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _section(section: Section, pack: Pack) -> Iterator[str]:
    yield from (f"## {_safe(section.title)}", "")
    if section.sentence is not None:
        yield from (_said(section.sentence), "")
    for block in section.blocks:
        yield from _block(block, pack)


def _block(block: Block, pack: Pack) -> Iterable[str]:
    if isinstance(block, Figures):
        columns = tuple(pack.label(name) for name in ("figure", "value", "beside"))
        return _grid(columns, [(_safe(one.label), _said(one.value), _said(one.note)) for one in block.entries])
    if isinstance(block, Items):
        return _items(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Chances):
        rows = tuple((one.title, one.chance, one.due) for one in block.entries)
        heads = (Column(block.columns[0]), Column(block.columns[1], True), Column(block.columns[2]))
        return _table(Table(block.title, heads, rows, block.note, block.empty))
    if isinstance(block, Picture):
        return _picture(block)
    return _road(block)


def _items(block: Items) -> Iterator[str]:
    yield from (f"### {_safe(block.title)}", "")
    if not block.entries:
        yield from (_safe(block.empty), "")
    for place, item in enumerate(block.entries, 1):
        details = " · ".join(_said(detail) for detail in item.details)
        yield f"{f'{place}.' if block.numbered else '-'} **{_said(item.title)}**" + (f" — {details}" if details else "")
    if block.entries:
        yield ""


def _table(table: Table) -> Iterator[str]:
    yield from (f"### {_safe(table.title)}", "")
    if table.note.words:
        yield from (_said(table.note), "")
    if not table.rows:
        yield from (_safe(table.empty), "")
        return
    numeric = [column.numeric for column in table.columns]
    yield from _grid(
        [column.title for column in table.columns], [tuple(map(_said, row)) for row in table.rows], numeric
    )


def _picture(picture: Picture) -> Iterator[str]:
    yield from (
        f"### {_said(picture.title)}",
        "",
        _safe(picture.caption + (f" ({picture.unit})" if picture.unit else "")),
        "",
    )
    yield from _grid(
        picture.columns,
        [tuple(_value(cell) for cell in row) for row in picture.rows],
        [False, *[True] * (len(picture.columns) - 1)],
    )


def _road(road: Road) -> Iterator[str]:
    """Only the chance each bar serves; its dates stand in the table beside it."""
    if not road.bars:
        yield from (_safe(road.empty), "")
        return
    rows = [(_safe(bar.theme), _safe(bar.label), _said(bar.outcome)) for bar in road.bars]
    yield from _grid((road.columns[0], road.columns[1], road.columns[5]), rows, [False, False, True])


def _grid(
    columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool] | None = None
) -> Iterator[str]:
    right = numeric or [False] * len(columns)
    yield "| " + " | ".join(map(_safe, columns)) + " |"
    yield "| " + " | ".join("---:" if one else "---" for one in right) + " |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _source(source: Source) -> str:
    said = f"**{_safe(source.title)}** — {_safe(source.question)} {_safe(source.about)}. {_safe(source.rests)}"
    return f"[^{source.mark}]: {said}".rstrip()


def _said(text: Text) -> str:
    return _safe(text.words) + "".join(f"[^{anchor}]" for anchor in text.anchors)


def _value(cell: Cell) -> str:
    shown = readable(cell)
    return "" if shown is None else _safe(str(shown))


def _safe(words: str) -> str:
    """Words that no reader of Markdown takes for markup, a link or a list."""
    plain = _NUMBER.sub(r"\1\\\2", _BULLET.sub(r"\\\1", _SPECIAL.sub(r"\\\1", words)))
    return _ADDRESS.sub("\\1\u200b\\2", plain).replace("<", "&lt;")
