"""Charts along time or money: outlook, capacity, trend, chance of exceeding, budget frontier, sparkline."""

from collections.abc import Sequence
from dataclasses import dataclass

from quarterdeck.charts.chart import BARE, CARD, HALF, NARROW, SPARK, Axes, Chart, Place, Size, along, compose, measured
from quarterdeck.charts.theme import Colour, Spec

DASH = [3, 2]


@dataclass(frozen=True)
class BandPoint:
    """One period of an outlook: the value (measured, or the median of the outlook), its range, and the plan."""

    place: Place
    value: float | None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    measured: bool = False


@dataclass(frozen=True)
class CapacityPoint:
    """One period: what there is and what is needed, in the same unit; each with its range, where it is uncertain."""

    place: Place
    supply: float
    need: float
    supply_range: tuple[float, float] | None = None
    need_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class TrendPoint:
    """One observation and, where there is one, the smoothed value at that time."""

    place: Place
    value: float | None
    smooth: float | None = None


@dataclass(frozen=True)
class ExceedancePoint:
    """A loss, the chance (0 to 1) that it is exceeded, and the chance which the appetite allows."""

    loss: float
    chance: float
    allowed: float | None = None


@dataclass(frozen=True)
class FrontierPoint:
    """A budget, the value of the best plan found for it, and the proven bound no plan can pass."""

    budget: float
    value: float
    bound: float | None = None


def named(layer: dict[str, object], tips: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The layer with a tooltip of these fields, each under its heading."""
    encoding = layer.get("encoding")
    tooltip = [{"field": field, "title": title} for field, title in tips]
    return layer | {"encoding": (dict(encoding) if isinstance(encoding, dict) else {}) | {"tooltip": tooltip}}


def stroke(x: object, y: object, colour: Colour, width: float = 2, *, dashed: bool = False) -> dict[str, object]:
    """A line layer."""
    mark: dict[str, object] = {"type": "line", "color": colour.value, "strokeWidth": width}
    return {"mark": mark | ({"strokeDash": DASH} if dashed else {}), "encoding": {"x": x, "y": y}}


def shade(colour: Colour, opacity: float) -> dict[str, object]:
    """An area of a colour."""
    return {"type": "area", "color": colour.value, "opacity": opacity}


def ends(span: tuple[float, float] | None) -> tuple[float | None, float | None]:
    """Both ends of a range, or neither."""
    return span or (None, None)


def unseen(size: int) -> dict[str, object]:
    """A mark that only feels the pointer."""
    return {"type": "point", "filled": True, "color": Colour.INK.value, "opacity": 0, "size": size}


def band(
    points: Sequence[BandPoint],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes = BARE,
    colour: Colour = Colour.STRATEGY,
    size: Size = HALF,
) -> Chart:
    """Fan chart: measured values strong, the outlook thin with its range, the plan dashed, a dot at today.

    `columns` head: period, value, low, high, plan. Ranges may be missing where nothing is uncertain.
    """
    fields = ("x", "value", "low", "high", "baseline", "_measured")
    rows = [(p.place, p.value, p.low, p.high, p.baseline, int(p.measured)) for p in points]
    x = along([p.place for p in points], "x", axes.x, axes.x_format)
    y = measured("value", axes.y, axes.y_format)
    past = [{"filter": "datum._measured === 1 && datum.value !== null"}]
    area = shade(colour, 0.16)
    today = {"window": [{"op": "last_value", "field": "x", "as": "last"}], "frame": [None, None]}
    tips = list(zip(fields, columns, strict=False))
    layer: list[Spec] = [
        {"mark": area, "encoding": {"x": x, "y": measured("low", axes.y, axes.y_format), "y2": {"field": "high"}}},
        stroke(x, measured("baseline", axes.y, axes.y_format), Colour.INK_2, 1.25, dashed=True),
        {"transform": [{"filter": "datum.value !== null"}]} | stroke(x, y, colour, 1.25),
        {"transform": past} | stroke(x, y, colour, 2.25),
        {
            "transform": [*past, today, {"filter": "datum.x === datum.last"}],
            "mark": {"type": "point", "filled": True, "size": 46, "color": colour.value, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        named({"mark": unseen(400), "encoding": {"x": x, "y": y}}, tips),
    ]
    return compose(fields, columns, rows, caption, size, layer)


def capacity(
    points: Sequence[CapacityPoint],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes | None = None,
    colour: Colour = Colour.PEOPLE,
    size: Size = CARD,
) -> Chart:
    """Supply as an area, need dashed, ranges as bands. Without axes it is a card's picture.

    `columns` head: period, supply, need; and with ranges: least and most of supply, least and most of need.
    """
    ranged = any(p.supply_range or p.need_range for p in points)
    fields = ("x", "supply", "need", *(("low", "high", "least", "most") if ranged else ()))
    rows = [
        (p.place, p.supply, p.need, *((*ends(p.supply_range), *ends(p.need_range)) if ranged else ())) for p in points
    ]
    shown = axes or BARE
    x = along([p.place for p in points], "x", shown.x, shown.x_format)
    supply, need, low, least = (
        measured(field, shown.y, shown.y_format, axis=axes is not None) for field in ("supply", "need", "low", "least")
    )
    if axes is None:
        x = x | {"axis": None}
    layer: list[Spec] = [{"mark": shade(colour, 0.1 if ranged else 0.16), "encoding": {"x": x, "y": supply}}]
    if ranged:
        layer += [
            {"mark": shade(colour, 0.26), "encoding": {"x": x, "y": low, "y2": {"field": "high"}}},
            {"mark": shade(Colour.INK, 0.1), "encoding": {"x": x, "y": least, "y2": {"field": "most"}}},
        ]
    layer += [
        stroke(x, supply, colour, 1.5),
        stroke(x, need, Colour.INK, 1.5, dashed=True),
        named(
            {"mark": unseen(300), "encoding": {"x": x, "y": supply}},
            list(zip(fields, columns, strict=False)),
        ),
    ]
    return compose(fields, columns, rows, caption, size, layer)


def trend(
    points: Sequence[TrendPoint],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes | None = None,
    colour: Colour = Colour.INNOVATION,
    size: Size = CARD,
) -> Chart:
    """Observations as dots, the smoothed course as a line. `columns` head: period, observed, smoothed."""
    fields = ("x", "value", "smooth")
    rows = [(p.place, p.value, p.smooth) for p in points]
    shown = axes or BARE
    x = along([p.place for p in points], "x", shown.x, shown.x_format)
    if axes is None:
        x = x | {"axis": None}
    dots = measured("value", shown.y, shown.y_format, zero=axes is not None, axis=axes is not None)
    line = measured("smooth", shown.y, shown.y_format, zero=axes is not None, axis=axes is not None)
    point = {"type": "point", "filled": True, "size": 12, "color": colour.value, "opacity": 0.7}
    layer: list[Spec] = [
        named({"mark": point, "encoding": {"x": x, "y": dots}}, list(zip(fields, columns, strict=False))),
        {"transform": [{"filter": "datum.smooth !== null"}]} | stroke(x, line, colour, 1.75),
    ]
    return compose(fields, columns, rows, caption, size, layer)


def exceedance(
    points: Sequence[ExceedancePoint],
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes | None = None,
    colour: Colour = Colour.RISK,
    size: Size = CARD,
) -> Chart:
    """Chance that a loss is exceeded, the appetite dashed. `columns` head: loss, chance, allowed."""
    fields = ("loss", "chance", "allowed")
    rows = [(p.loss, p.chance, p.allowed) for p in points]
    shown = axes or BARE
    x = measured("loss", shown.x, shown.x_format, axis=axes is not None)
    chance = measured("chance", shown.y, shown.y_format or "%", axis=axes is not None)
    allowed = measured("allowed", shown.y, shown.y_format or "%", axis=axes is not None)
    if axes is None:
        x = x | {"axis": {"title": None, "labels": False, "domain": True}}
    area = shade(colour, 0.16)
    layer: list[Spec] = [
        {"mark": area, "encoding": {"x": x, "y": chance}},
        stroke(x, chance, colour, 1.75),
        {"transform": [{"filter": "datum.allowed !== null"}]} | stroke(x, allowed, Colour.INK_2, 1.25, dashed=True),
        named(
            {"mark": unseen(120), "encoding": {"x": x, "y": chance}},
            list(zip(fields, columns, strict=False)),
        ),
    ]
    return compose(fields, columns, rows, caption, size, layer)


def frontier(
    points: Sequence[FrontierPoint],
    here: FrontierPoint | None,
    columns: Sequence[str],
    caption: str,
    *,
    axes: Axes = BARE,
    colour: Colour = Colour.STRATEGY,
    size: Size = NARROW,
) -> Chart:
    """Best value for each budget, the proven bound grey, a dot for this plan. `columns` head: budget, value, bound."""
    fields = ("budget", "value", "bound")
    rows = [(p.budget, p.value, p.bound) for p in points]
    x = measured("budget", axes.x, axes.x_format, zero=False)
    value, bound = measured("value", axes.y, axes.y_format), measured("bound", axes.y, axes.y_format)
    grey = stroke(x, bound, Colour.LINE_STRONG, 3)
    layer: list[Spec] = [
        {"transform": [{"filter": "datum.bound !== null"}]} | grey,
        stroke(x, value, colour, 1.75),
        named(
            {"mark": unseen(200), "encoding": {"x": x, "y": value}},
            list(zip(fields, columns, strict=False)),
        ),
    ]
    if here is not None:
        dot = {"type": "point", "filled": True, "size": 60, "color": Colour.INK.value, "opacity": 1}
        data = {"values": [{"budget": here.budget, "value": here.value, "bound": here.bound}]}
        layer.append({"data": data, "mark": dot, "encoding": {"x": x, "y": value}})
    return compose(fields, columns, rows, caption, size, layer)


def sparkline(
    values: Sequence[float | None],
    columns: Sequence[str],
    caption: str,
    *,
    colour: Colour = Colour.INK_2,
    size: Size = SPARK,
) -> Chart:
    """A course without axes, its last value as a dot. `columns` head: number, value."""
    rows = [(place, value) for place, value in enumerate(values, 1)]
    last = max((place for place, value in rows if value is not None), default=0)
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"zero": False, "nice": False}}
    y = measured("value", zero=False, axis=False)
    layer: list[Spec] = [
        {"transform": [{"filter": "datum.value !== null"}]} | stroke(x, y, colour, 1.5),
        {
            "transform": [{"filter": f"datum.x === {last}"}],
            "mark": {"type": "point", "filled": True, "size": 24, "color": colour.value, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
    ]
    return compose(("x", "value"), columns, rows, caption, size, layer)
