"""The plan's charts as a document takes them: at its sizes, with what a writer needs to build them anew."""

from dataclasses import replace

from quarterdeck.charts.chart import Chart, Size
from quarterdeck.office.documents.tree import Picture, Shape, Text


def drawn(shape: Shape, title: Text, chart: Chart, here: int | None = None, unit: str = "") -> Picture:
    """The chart with its table; columns in which nothing stands are left out of that."""
    kept = [place for place in range(len(chart.columns)) if any(row[place] is not None for row in chart.rows)]
    columns, rows = (
        tuple(chart.columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in chart.rows),
    )
    return Picture(shape, title, chart.caption, columns, rows, title.anchors, chart, unit, here)


def sized(chart: Chart, size: Size) -> Chart:
    """The chart at another size."""
    return replace(chart, spec={**chart.spec, "width": size.width, "height": size.height})
