"""The roadmap: planned work by theme, fading to the date that is kept with 80 % certainty."""

from collections.abc import Sequence
from dataclasses import dataclass

from quarterdeck.charts.chart import Drawing
from quarterdeck.charts.drawing import element, linked, root, shorten, text
from quarterdeck.charts.marks import STATE_COLOURS, State
from quarterdeck.charts.theme import Colour

LABEL_WIDTH = 256.0
RIGHT_ROOM = 104.0
ROW = 24.0
HEAD = 34.0
BAR = 12.0


@dataclass(frozen=True)
class Work:
    """One initiative. Times are counted in periods from the first tick; `late` is the 80 % date."""

    theme: str
    label: str
    start: float
    finish: float
    late: float
    outcome: str = ""
    state: State = State.PLAIN
    colour: Colour = Colour.STRATEGY
    address: str = ""


def grid(ticks: Sequence[str], step: float, height: float) -> list[str]:
    """A hairline and a heading at the start of each period, headings thinned where they would touch."""
    every = max(1, round(44 / step + 0.5)) if step < 44 else 1
    parts = []
    for place, tick in enumerate(ticks):
        x = LABEL_WIDTH + place * step
        parts.append(
            element(
                "line", kind="grid", x1=x, x2=x, y1=HEAD - 14, y2=height - 8, stroke=Colour.LINE.value, stroke_width=1
            )
        )
        if place % every == 0:
            parts.append(text(tick, x + 4, HEAD - 20, kind="q", fill=Colour.INK_3.value, font_size=11))
    return parts


def bar(work: Work, y: float, step: float) -> str:
    """One initiative: its name, the planned bar, the fading part, the 80 % mark and what it serves."""
    start, finish = LABEL_WIDTH + work.start * step, LABEL_WIDTH + work.finish * step
    late = max(finish, LABEL_WIDTH + work.late * step)
    top = y - BAR / 2
    mid = y + 4
    shade = work.colour.value
    plain = Colour.INK_2
    parts = [
        text(shorten(work.label, 12.5, LABEL_WIDTH - 24), 14, mid, kind="in", fill=plain.value, font_size=12.5),
        element(
            "rect", kind="bar", x=start, y=top, width=max(finish - start, 1), height=BAR, rx=2, fill=shade, opacity=0.82
        ),
        element("rect", kind="fuzz", x=finish, y=top, width=late - finish, height=BAR, fill=shade, opacity=0.22),
        element("line", kind="p80", x1=late, x2=late, y1=top - 2, y2=top + BAR + 2, stroke=shade, stroke_width=1.5),
        text(
            shorten(work.outcome, 11, RIGHT_ROOM - 8),
            late + 6,
            mid,
            kind=f"g {work.state.value}",
            fill=STATE_COLOURS.get(work.state, plain).value,
            font_size=11,
        ),
    ]
    return linked("".join(parts), work.address)


def roadmap(
    works: Sequence[Work],
    ticks: Sequence[str],
    columns: Sequence[str],
    caption: str,
    *,
    period_width: float = 58.0,
) -> Drawing:
    """Draw the works under their themes, in the order given; `ticks` name the periods.

    `columns` head: theme, work, start, finish, 80 % date, outcome. Raises ValueError where work ends before it starts.
    Only addresses within the site (beginning with “/”) become links.
    """
    if len(columns) != 6:
        raise ValueError("a roadmap has six headings")
    for work in works:
        if work.finish < work.start:
            raise ValueError(f"{work.label} ends before it starts")
    shown = max(len(ticks), 1)
    parts: list[str] = []
    y = HEAD
    for theme in dict.fromkeys(work.theme for work in works):
        y += 6
        parts.append(text(theme, 0, y + 4, kind="th", fill=Colour.INK.value, font_size=12.5, font_weight=600))
        for work in (one for one in works if one.theme == theme):
            y += ROW
            parts.append(bar(work, y, period_width))
        y += ROW
    height = y + 4
    latest = max([float(shown), *(max(work.late, work.finish) for work in works)])
    width = LABEL_WIDTH + latest * period_width + RIGHT_ROOM
    drawn = root(width, height, "road", caption, [*grid(ticks, period_width, height), *parts])
    rows = tuple((w.theme, w.label, w.start, w.finish, max(w.late, w.finish), w.outcome) for w in works)
    return Drawing(drawn, tuple(columns), rows, caption)
