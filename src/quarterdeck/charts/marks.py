"""Charts that compare things: bars, causes of a change, strips and scatters of dots, heat tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quarterdeck.charts.chart import BARE, CARD, HALF, LARGE, Axes, Chart, Size, compose, measured
from quarterdeck.charts.lines import DASH, named
from quarterdeck.charts.theme import HEAT, Colour, Spec


class State(StrEnum):
    """How a value stands against what was wanted; PLAIN where nothing was wanted."""

    PLAIN = "plain"
    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"


STATE_COLOURS = {State.GOOD: Colour.GOOD, State.WATCH: Colour.WATCH, State.BAD: Colour.BAD}


@dataclass(frozen=True)
class Bar:
    """A named value and how it stands."""

    label: str
    value: float
    state: State = State.PLAIN


@dataclass(frozen=True)
class Dot:
    """A named observation: of a group (strip) or at a place (scatter)."""

    label: str
    y: float
    x: float = 0.0
    group: str = ""


@dataclass(frozen=True)
class Bullet:
    """A named amount as it will be and as it would be otherwise, against a limit."""

    label: str
    value: float
    otherwise: float
    limit: float
    state: State = State.PLAIN


@dataclass(frozen=True)
class HeatCell:
    """A cell of a table of two dimensions; None where nothing is known."""

    column: str
    row: str
    value: float | None


def by_state(colour: Colour) -> dict[str, object]:
    """The colour channel of states; plain values keep the chapter's colour."""
    shades = [STATE_COLOURS.get(state, colour).value for state in State]
    scale = {"domain": [state.value for state in State], "range": shades}
    return {"field": "_state", "type": "nominal", "scale": scale, "legend": None}


def rule(channel: str, wanted: float) -> Spec:
    """The dashed line at what is wanted; on data of its own, so that it is drawn once."""
    mark = {"type": "rule", "strokeDash": DASH, "color": Colour.INK.value, "strokeWidth": 1.25}
    place = {channel: {"datum": wanted, "type": "quantitative"}}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": place}


def bars(
    items: Sequence[Bar],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes | None = None,
    colour: Colour = Colour.STRATEGY,
    wanted: float | None = None,
    lying: bool = False,
    size: Size | None = None,
) -> Chart:
    """Bars in the order given; lying bars carry their names and are for more than a few words.

    `columns` head: name, value. `wanted` is drawn dashed. Without axes it is a card's picture.
    """
    fields = ("label", "value", "_state")
    rows = [(one.label, one.value, one.state.value) for one in items]
    shown = axes or BARE
    order = list(dict.fromkeys(one.label for one in items))
    names: dict[str, object] = {"field": "label", "type": "nominal", "sort": order}
    names |= {"axis": {"title": shown.x or None, "grid": False} if axes or lying else None}
    amount = measured("value", shown.y, shown.y_format, axis=axes is not None) | {"stack": None}
    place = {"y": names, "x": amount} if lying else {"x": names, "y": amount}
    mark = {"type": "bar", "cornerRadiusEnd": 2, "width": {"band": 0.62}, "height": {"band": 0.62}}
    mark.pop("width" if lying else "height")
    layer: list[Spec] = [
        named(
            {"mark": mark, "encoding": place | {"color": by_state(colour)}},
            list(zip(fields[:2], columns, strict=False)),
        )
    ]
    if wanted is not None:
        layer.append(rule("x" if lying else "y", wanted))
    room = size or (Size(HALF.width, 40 + 24 * max(len(order), 1)) if lying else (HALF if axes else CARD))
    return compose(fields, columns, rows, caption, room, layer)


def bullets(
    items: Sequence[Bullet],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes = BARE,
    colour: Colour = Colour.RISK,
    size: Size | None = None,
) -> Chart:
    """Lying bars on one scale: the amount strong, otherwise pale behind it, the limit a stroke across.

    `columns` head: name, amount, otherwise, limit.
    """
    fields = ("label", "value", "otherwise", "limit", "_state")
    rows = [(one.label, one.value, one.otherwise, one.limit, one.state.value) for one in items]
    order = list(dict.fromkeys(one.label for one in items))
    y = {"field": "label", "type": "nominal", "sort": order, "axis": {"title": None, "grid": False}}
    at = {
        name: {"y": y, "x": measured(name, axes.y, axes.y_format) | {"stack": None}}
        for name in ("value", "otherwise", "limit")
    }
    pale = {"type": "bar", "color": colour.value, "opacity": 0.22, "height": {"band": 0.56}, "cornerRadiusEnd": 2}
    strong = {"type": "bar", "height": {"band": 0.28}, "cornerRadiusEnd": 2}
    tips = list(zip(fields[:4], columns, strict=False))
    across = {"type": "tick", "thickness": 2, "color": Colour.INK.value, "height": {"band": 0.8}}
    layer: list[Spec] = [
        named({"mark": pale, "encoding": at["otherwise"]}, tips),
        named({"mark": strong, "encoding": at["value"] | {"color": by_state(colour)}}, tips),
        named({"mark": across, "encoding": at["limit"]}, tips),
    ]
    return compose(fields, columns, rows, caption, size or Size(HALF.width, 56 + 44 * max(len(order), 1)), layer)


def causes(
    start: Bar,
    changes: Sequence[Bar],
    end_label: str,
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes = BARE,
    size: Size = HALF,
) -> Chart:
    """How a figure came from one value to another, cause by cause; the values before and after are marks, not bars.

    So the scale may start above nought. `columns` head: cause, change, from, to.
    """
    fields = ("label", "change", "low", "high", "_state")
    rows: list[tuple[str, float | None, float, float, str]] = []
    rows.append((start.label, None, start.value, start.value, State.PLAIN.value))
    level = start.value
    for one in changes:
        rows.append((one.label, one.value, level, level + one.value, one.state.value))
        level += one.value
    rows.append((end_label, None, level, level, State.PLAIN.value))
    order = list(dict.fromkeys(row[0] for row in rows))
    y = {"field": "label", "type": "nominal", "sort": order, "axis": {"title": None, "grid": False}}
    x = measured("low", axes.x, axes.x_format, zero=False) | {"scale": {"zero": False, "padding": 12}}
    place = {"y": y, "x": x}
    span = {"x2": {"field": "high"}, "color": by_state(Colour.STRATEGY)}
    tips = list(zip(fields[:4], columns, strict=False))
    total = {"type": "tick", "thickness": 3, "color": Colour.INK.value, "height": {"band": 0.8}}
    layer: list[Spec] = [
        named({"mark": {"type": "bar", "height": {"band": 0.5}}, "encoding": place | span}, tips),
        {"transform": [{"filter": "datum.change === null"}], "mark": total, "encoding": place},
    ]
    return compose(fields, columns, rows, caption, Size(size.width, 40 + 24 * len(rows)), layer)


def strip(
    dots: Sequence[Dot],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes = BARE,
    colour: Colour = Colour.STRATEGY,
    wanted: float | None = None,
    size: Size | None = None,
) -> Chart:
    """One row of dots a group, all on one scale; `wanted` is drawn dashed. `columns` head: name, group, value."""
    fields = ("label", "group", "value")
    rows = [(one.label, one.group, one.y) for one in dots]
    groups = list(dict.fromkeys(one.group for one in dots))
    y = {"field": "group", "type": "nominal", "sort": groups, "axis": {"title": None, "grid": True}}
    mark = {"type": "point", "filled": True, "size": 46, "color": colour.value, "opacity": 0.6}
    encoding = {"x": measured("value", axes.x, axes.x_format, zero=False), "y": y}
    room = size or Size(HALF.width, 40 + 26 * max(len(groups), 1))
    layer: list[Spec] = [named({"mark": mark, "encoding": encoding}, list(zip(fields, columns, strict=False)))]
    if wanted is not None:
        layer.append(rule("x", wanted))
    return compose(fields, columns, rows, caption, room, layer)


def scatter(
    dots: Sequence[Dot],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes = BARE,
    colour: Colour = Colour.STRATEGY,
    labelled: bool = True,
    size: Size = LARGE,
) -> Chart:
    """Things at two measures, named beside their dots. `columns` head: name, across, up."""
    fields = ("label", "x", "y")
    rows = [(one.label, one.x, one.y) for one in dots]
    place = {
        "x": measured("x", axes.x, axes.x_format, zero=False) | {"scale": {"zero": False, "padding": 18}},
        "y": measured("y", axes.y, axes.y_format, zero=False) | {"scale": {"zero": False, "padding": 14}},
    }
    mark = {"type": "point", "filled": True, "size": 60, "color": colour.value, "opacity": 0.75}
    layer: list[Spec] = [named({"mark": mark, "encoding": place}, list(zip(fields, columns, strict=False)))]
    if labelled:
        text = {"type": "text", "align": "left", "dx": 7, "color": Colour.INK_2.value, "limit": 160}
        layer.append({"mark": text, "encoding": place | {"text": {"field": "label"}}})
    return compose(fields, columns, rows, caption, size, layer)


def heat(
    cells: Sequence[HeatCell],
    columns: Sequence[str],
    caption: str,
    *,
    steps: tuple[float, float, float, float],
    axes: Axes = BARE,
    number_format: str = "~r",
    size: Size | None = None,
) -> Chart:
    """A table of two dimensions in five shades, each cell with its number. `columns` head: column, row, value.

    `steps` are the four rising limits between the shades, in the values' unit, so that two charts can share them.
    """
    if list(steps) != sorted(steps):
        raise ValueError("the limits between the shades must rise")
    fields = ("column", "row", "value")
    rows = [(one.column, one.row, one.value) for one in cells]
    across, down = list(dict.fromkeys(c.column for c in cells)), list(dict.fromkeys(c.row for c in cells))
    x = {"field": "column", "type": "nominal", "sort": across, "axis": {"title": axes.x or None, "orient": "top"}}
    y = {"field": "row", "type": "nominal", "sort": down, "axis": {"title": axes.y or None, "grid": False}}
    scale = {"type": "threshold", "domain": list(steps), "range": [shade.value for shade in HEAT]}
    shade = {"field": "value", "type": "quantitative", "scale": scale, "legend": None}
    # the two darkest shades need light figures on them; paper is the opposite of ink in both themes
    ink = {
        "condition": {"test": f"datum.value >= {steps[2]!r}", "value": Colour.PAPER.value},
        "value": Colour.INK.value,
    }
    known = [{"filter": "datum.value !== null"}]
    box = {"type": "rect", "stroke": Colour.SURFACE.value, "strokeWidth": 2}
    layer: list[Spec] = [
        named(
            {"transform": known, "mark": box, "encoding": {"x": x, "y": y, "color": shade}},
            list(zip(fields, columns, strict=False)),
        ),
        {
            "transform": known,
            "mark": {"type": "text"},
            "encoding": {"x": x, "y": y, "color": ink, "text": {"field": "value", "format": number_format}},
        },
    ]
    room = size or Size(min(1100, 140 + 64 * max(len(across), 1)), 40 + 30 * max(len(down), 1))
    return compose(fields, columns, rows, caption, room, layer)
