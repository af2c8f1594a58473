"""What a chart is: a picture, its data as a table, and the caption that says what is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quarterdeck.charts.theme import Spec, config

Cell = str | int | float | date | None
Place = str | date

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite picture. `columns` are the headings of `rows`, in the reader's language, as `caption` is."""

    spec: Spec
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str


@dataclass(frozen=True)
class Drawing:
    """A picture whose lines we place ourselves, as SVG text; table and caption as for a chart."""

    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str


@dataclass(frozen=True)
class Size:
    """Width and height in pixels; on a page the width becomes that of the panel."""

    width: int = 560
    height: int = 210


@dataclass(frozen=True)
class Axes:
    """Titles of the two axes, unit included, and d3 number formats; empty means none is shown."""

    x: str = ""
    y: str = ""
    x_format: str = ""
    y_format: str = ""


HALF = Size()
CARD = Size(260, 66)
NARROW = Size(340, 190)
LARGE = Size(560, 320)
SPARK = Size(120, 28)
BARE = Axes()


def written(value: Cell) -> str | int | float | None:
    """A cell as JSON can hold it: days in ISO form."""
    return value.isoformat() if isinstance(value, date) else value


def compose(
    fields: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    caption: str,
    size: Size,
    layer: Sequence[Mapping[str, object]],
) -> Chart:
    """Put data and layers together; `fields` name the cells of each row for the layers to refer to.

    Fields whose name begins with an underscore serve the drawing only and come last; the table leaves them out.
    Raises ValueError where headings or a row do not match the fields.
    """
    shown = [field for field in fields if not field.startswith("_")]
    if len(columns) != len(shown):
        raise ValueError(f"headings are needed for {', '.join(shown)}: {len(shown)}, not {len(columns)}")
    if any(len(row) != len(fields) for row in rows):
        raise ValueError(f"every row needs {len(fields)} cells")
    values = [{field: written(cell) for field, cell in zip(fields, row, strict=True)} for row in rows]
    spec: Spec = {
        "$schema": SCHEMA,
        "width": size.width,
        "height": size.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 4,
        "data": {"values": values},
        "layer": [dict(one) for one in layer],
        "config": config(),
    }
    return Chart(spec, tuple(columns), tuple(tuple(row[: len(shown)]) for row in rows), caption)


def along(places: Sequence[Place], field: str, title: str = "", form: str = "") -> dict[str, object]:
    """The horizontal channel: days on a time scale, else labels in the order they are given."""
    axis: dict[str, object] = {"title": title or None}
    if places and all(isinstance(place, date) for place in places):
        axis["format"] = form or "%Y-%m"
        return {"field": field, "type": "temporal", "scale": {"type": "utc"}, "axis": axis}
    ordered = list(dict.fromkeys(str(place) for place in places))
    return {
        "field": field,
        "type": "ordinal",
        "sort": ordered,
        "scale": {"type": "point", "padding": 0.4},
        "axis": axis,
    }


def measured(field: str, title: str = "", form: str = "", *, zero: bool = True, axis: bool = True) -> dict[str, object]:
    """A channel of numbers. The form `%` writes 0.38 as “38 %”, any other is a d3 number format."""
    channel: dict[str, object] = {"field": field, "type": "quantitative", "scale": {"zero": zero, "nice": True}}
    if not axis:
        return channel | {"axis": None}
    shown: dict[str, object] = {"title": title or None, "tickCount": 5}
    if form == "%":
        shown["labelExpr"] = "format(datum.value * 100, '~r') + ' %'"
    elif form:
        shown["format"] = form
    return channel | {"axis": shown}
