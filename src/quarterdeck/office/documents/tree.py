"""What a document is before anyone writes it: sections of texts, tables and pictures, each with its anchors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import TypeVar

from quarterdeck.charts.chart import Cell, Chart, Drawing
from quarterdeck.charts.marks import State

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Text:
    """Words, and the marks of the answers that the figures among them come from."""

    words: str
    anchors: tuple[int, ...] = ()
    state: State = State.PLAIN
    part: float | None = None  # 0 to 1: drawn as a bar beside the words where there is room


@dataclass(frozen=True)
class Figure:
    """One number that is looked at first: what it is, the number, and what belongs beside it."""

    label: str
    value: Text
    note: Text


@dataclass(frozen=True)
class Figures:
    """The few numbers that stand above everything else."""

    entries: tuple[Figure, ...]


@dataclass(frozen=True)
class Item:
    """A row that is a sentence: what, and its effects."""

    title: Text
    details: tuple[Text, ...] = ()
    state: State = State.PLAIN


@dataclass(frozen=True)
class Items:
    """Rows under a heading; `empty` is said where there are none. Neighbours that are halves stand side by side."""

    title: str
    entries: tuple[Item, ...]
    empty: str
    numbered: bool = False
    half: bool = False


@dataclass(frozen=True)
class Column:
    """A column's heading; numbers are set to the right; `weight` is its part of the width."""

    title: str
    numeric: bool = False
    weight: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows of texts under headings."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]
    note: Text = Text("")
    empty: str = ""


class Shape(Enum):
    """What a picture is a picture of."""

    BAND = "band"  # place, median, low, high
    FRONTIER = "frontier"  # budget, worth, bound
    CAPACITY = "capacity"  # place, supply, need
    CAUSES = "causes"  # cause, difference, before, after; no difference at both ends


@dataclass(frozen=True)
class Picture:
    """A chart with its data, so that it can be drawn, rebuilt as a native chart, or printed as a table."""

    shape: Shape
    title: Text
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[int, ...]
    chart: Chart
    unit: str = ""  # of its values, where the caption does not say it
    here: int | None = None  # the row that is this plan, on a frontier


@dataclass(frozen=True)
class Chance:
    """One key result: what, how likely, by when."""

    title: Text
    chance: Text
    value: float | None
    due: Text


@dataclass(frozen=True)
class Chances:
    """How likely each key result is, the least likely first."""

    title: str
    columns: tuple[str, str, str]
    entries: tuple[Chance, ...]
    note: Text
    empty: str


@dataclass(frozen=True)
class Bar:
    """One initiative on the roadmap; times in quarters from the plan's start, `late` is the 80 % date."""

    theme: str
    label: str
    start: float
    finish: float
    late: float
    outcome: Text


@dataclass(frozen=True)
class Road:
    """The roadmap: bars under themes, over quarters."""

    caption: str
    columns: tuple[str, ...]
    ticks: tuple[str, ...]
    bars: tuple[Bar, ...]
    anchors: tuple[int, ...]
    empty: str
    drawing: Drawing


Block = Figures | Items | Table | Picture | Chances | Road


def neighbours(blocks: Sequence[Block]) -> list[tuple[Block, ...]]:
    """The blocks in order, those that stand side by side as pairs: pictures, and lists that are halves."""
    found: list[tuple[Block, ...]] = []
    for block in blocks:
        if _is_half(block) and found and len(found[-1]) == 1 and _is_half(found[-1][0]):
            found[-1] += (block,)
        else:
            found.append((block,))
    return found


def _is_half(block: Block) -> bool:
    return isinstance(block, Picture) or (isinstance(block, Items) and block.half)


@dataclass(frozen=True)
class Section:
    """One question of the board, its answer in a sentence, and what shows it."""

    name: str
    title: str
    sentence: Text | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Source:
    """One answer that figures rest on: what was asked, the run that computed it, what went in."""

    mark: int
    answer: str
    run: str
    title: str
    question: str
    about: str  # answer, run, engine and version, when it was computed
    rests: str  # what went in, and when that last changed


@dataclass(frozen=True)
class Pack:
    """A whole document in one language."""

    language: str  # "en", "zh-hans"
    title: str
    subject: str
    day: str
    at: datetime
    sentence: Text
    lede: Text
    sections: tuple[Section, ...]
    sources_title: str
    sources_sentence: str
    sources: tuple[Source, ...]
    appendix: tuple[Table, ...]  # what is too long for the sections; not for slides
    evidence: Table
    reading: Items
    footer: str
    labels: tuple[tuple[str, str], ...]  # further words that the writers print, by name

    def label(self, name: str) -> str:
        """A further word by its name. Raises KeyError."""
        return dict(self.labels)[name]


def each_text(value: Kept, change: Callable[[str], str]) -> Kept:
    """The same tree with every text in it changed; charts keep what they draw."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return change(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(each_text(one, change) for one in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, Chart | Drawing):
        return replace(value, **{f.name: each_text(getattr(value, f.name), change) for f in fields(value)})  # type: ignore[type-var]
    return value
