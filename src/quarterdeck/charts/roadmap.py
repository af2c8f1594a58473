"""The roadmap: planned work by theme, fading to the date that is kept with 80 % certainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from quarterdeck.charts.chart import Drawing
from quarterdeck.charts.drawing import advance, clean, element, linked, root, shorten, text
from quarterdeck.charts.marks import STATE_COLOURS, State
from quarterdeck.charts.theme import Colour

LABEL_WIDTH = 264.0
RIGHT_ROOM = 56.0
WIDTH = 960.0  # that a page has for it; less only where the periods would become too narrow
NARROWEST = 30.0  # a period
ROW = 24.0
HEAD = 38.0
BAR = 12.0
SERVES = 170.0  # the most that the name of what is served takes
LEAST_ROOM = 40.0  # less room than this says nothing of it
NBSP = "\u00a0"


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
    serves: str = ""  # what the outcome is of; drawn beside it as far as there is room


def grid(ticks: Sequence[str], step: float, height: float) -> list[str]:
    """A hairline and a heading at the start of each period; of “2027 Q1” the year stands above, once.

    Headings are thinned where they would touch.
    """
    parts, free, year = [], 0.0, ""
    for place, tick in enumerate(ticks):
        x = LABEL_WIDTH + place * step
        head, _blank, rest = tick.rpartition(NBSP)
        new = head != year
        rule = Colour.LINE_STRONG if new else Colour.LINE
        top = HEAD - (28 if new else 12)
        parts.append(element("line", kind="grid", x1=x, x2=x, y1=top, y2=height - 8, stroke=rule.value, stroke_width=1))
        if new:
            year = head
            parts.append(text(head, x + 4, HEAD - 24, kind="q", fill=Colour.INK_2.value, font_size=11, font_weight=600))
        if x >= free:
            parts.append(text(rest, x + 4, HEAD - 9, kind="q", fill=Colour.INK_3.value, font_size=11))
            free = x + 8 + advance(rest, 11)
    return parts


def bar(work: Work, y: float, step: float, width: float) -> str:
    """One initiative: its name, the planned bar, the fading part, the 80 % mark and what it serves."""
    start, finish = LABEL_WIDTH + work.start * step, LABEL_WIDTH + work.finish * step
    late = max(finish, LABEL_WIDTH + work.late * step)
    top = y - BAR / 2
    mid = y + 4
    shade = work.colour.value
    plain = Colour.INK_2
    aside = late + 12 + advance(work.outcome, 11)
    served = shorten(work.serves, 11, min(width - aside, SERVES)) if width - aside > LEAST_ROOM else ""
    parts = [
        element("title", escape(clean(" · ".join(filter(None, (work.label, work.outcome, work.serves)))))),
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
        *([text(served, aside, mid, kind="s", fill=Colour.INK_3.value, font_size=11)] if served else []),
    ]
    return linked("".join(parts), work.address)


def roadmap(
    works: Sequence[Work],
    ticks: Sequence[str],
    columns: Sequence[str],
    caption: str,
    *,
    width: float = WIDTH,
) -> Drawing:
    """Draw the works under their themes, in the order given; `ticks` name the periods. It is `width` wide, or wider.

    `columns` head: theme, work, start, finish, 80 % date, outcome. Raises ValueError where work ends before it starts.
    Only addresses within the site (beginning with “/”) become links.
    """
    if len(columns) != 6:
        raise ValueError("a roadmap has six headings")
    for work in works:
        if work.finish < work.start:
            raise ValueError(f"{work.label} ends before it starts")
    periods = max([float(max(len(ticks), 1)), *(max(work.late, work.finish) for work in works)])
    step = max(NARROWEST, (width - LABEL_WIDTH - RIGHT_ROOM) // periods)
    width = max(width, LABEL_WIDTH + periods * step + RIGHT_ROOM)
    parts: list[str] = []
    y = HEAD
    for theme in dict.fromkeys(work.theme for work in works):
        y += 6
        parts.append(text(theme, 0, y + 4, kind="th", fill=Colour.INK.value, font_size=12.5, font_weight=600))
        for work in (one for one in works if one.theme == theme):
            y += ROW
            parts.append(bar(work, y, step, width))
        y += ROW
    height = y + 4
    drawn = root(width, height, "road", caption, [*grid(ticks, step, height), *parts])
    rows = tuple((w.theme, w.label, w.start, w.finish, max(w.late, w.finish), w.outcome) for w in works)
    return Drawing(drawn, tuple(columns), rows, caption)
