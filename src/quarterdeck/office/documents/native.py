"""Native charts for slides: editable, with their data, which no program takes for formulas."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.chart.xlsx import CategoryWorkbookWriter, XyWorkbookWriter
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Pt
from xlsxwriter import Workbook

from quarterdeck.charts.marks import STATE_COLOURS
from quarterdeck.charts.theme import COLOURS, Colour
from quarterdeck.office.documents.tree import Chances, Picture, Shape

WORKBOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
EPOCH = datetime(2000, 1, 1)
NEARLY = '[<0.005]"< 1%";[>0.995]"> 99%";0%'  # what is nearly none or nearly all is not rounded to it
CLOSE = 15  # names beside lying bars, beyond which they are set smaller
Box = tuple[int, int, int, int]  # left, top, width, height


class _Plain:
    """Opens the workbook behind a chart so that every text stays text, with a fixed date in its properties."""

    @contextmanager
    def _open_worksheet(self, file: io.BytesIO) -> Iterator[tuple[Any, Any]]:
        workbook = Workbook(file, WORKBOOK)
        workbook.set_properties({"created": EPOCH})
        yield workbook, workbook.add_worksheet()
        workbook.close()


class _Categories(_Plain, CategoryWorkbookWriter):
    pass


class _Points(_Plain, XyWorkbookWriter):
    pass


class CategoryData(CategoryChartData):
    """Data of a chart over categories."""

    @property
    def _workbook_writer(self) -> _Categories:
        return _Categories(self)


class PointData(XyChartData):
    """Data of a chart of points."""

    @property
    def _workbook_writer(self) -> _Points:
        return _Points(self)


def shade(colour: Colour) -> RGBColor:
    """The colour on light paper."""
    return RGBColor.from_string(COLOURS[colour][0].lstrip("#").upper())


def picture(shapes: Any, shown: Picture, box: Box, this_plan: str) -> None:
    """A pack's picture as a native chart in a box (left, top, width, height)."""
    DRAWN[shown.shape](shapes, shown, box, this_plan)


def _series(shown: Picture, *places: int) -> CategoryData:
    data = CategoryData(number_format="#,##0.0##")
    data.categories = [str(row[0]) for row in shown.rows]
    for place in places:
        data.add_series(shown.columns[place], [row[place] for row in shown.rows])
    return data


def _band(shapes: Any, shown: Picture, box: Box, this_plan: str) -> None:
    """Median, 10 % and 90 % as lines, joined in every quarter by a line from low to high."""
    chart = shapes.add_chart(XL_CHART_TYPE.LINE, *box, _series(shown, 1, 2, 3)).chart
    _quiet(chart)
    _lines(chart, (Colour.OFFICE, Colour.LINE_STRONG, Colour.LINE_STRONG), (2.25, 1.0, 1.0))
    drawn = chart._chartSpace.find(f".//{qn('c:lineChart')}")
    drawn.find(qn("c:marker")).addprevious(etree.Element(qn("c:hiLowLines")))  # its place by the schema


def _capacity(shapes: Any, shown: Picture, box: Box, this_plan: str) -> None:
    """People and need, each with the ends of its band as hairlines where it has one."""
    places = range(1, len(shown.columns))
    chart = shapes.add_chart(XL_CHART_TYPE.LINE, *box, _series(shown, *places)).chart
    _quiet(chart)
    ends = (Colour.PEOPLE, Colour.PEOPLE, Colour.LINE_STRONG, Colour.LINE_STRONG)
    _lines(chart, (Colour.PEOPLE, Colour.INK, *ends), (2.25, 1.5, *[0.5] * len(ends)))
    chart.plots[0].series[1].format.line.dash_style = MSO_LINE.DASH
    chart.value_axis.minimum_scale = 0


def _frontier(shapes: Any, shown: Picture, box: Box, this_plan: str) -> None:
    data = PointData(number_format="#,##0.0##")
    for place in (1, 2):
        series = data.add_series(shown.columns[place])
        for row in shown.rows:
            if row[place] is not None:
                series.add_data_point(row[0], row[place])
    if shown.here is not None:
        row = shown.rows[shown.here]
        data.add_series(this_plan).add_data_point(row[0], row[1])
    chart = shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *box, data).chart
    _quiet(chart)
    _lines(chart, (Colour.STRATEGY, Colour.LINE_STRONG, Colour.INK), (2.25, 2.25, 1.0))
    if shown.here is not None:
        marker = list(chart.plots[0].series)[2].marker
        marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, 9
        marker.format.fill.solid()
        marker.format.fill.fore_color.rgb = shade(Colour.INK)


def _causes(shapes: Any, shown: Picture, box: Box, this_plan: str) -> None:
    """What each cause adds or takes, as standing columns from nought; the values before and after stand in words."""
    causes = [(str(name), change) for name, change, *_ in shown.rows if change is not None]
    data = CategoryData(number_format="+#,##0.00;-#,##0.00;0")
    data.categories = [name for name, _change in causes]
    data.add_series(shown.columns[1], [change for _name, change in causes])
    chart = shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data).chart
    _quiet(chart, legend=False)
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    plot.data_labels.font.size = Pt(11)
    plot.series[0].invert_if_negative = False
    for place, (_name, change) in enumerate(causes):
        fill = plot.series[0].points[place].format.fill
        fill.solid()
        fill.fore_color.rgb = shade(Colour.BAD if float(str(change)) < 0 else Colour.GOOD)


DRAWN = {Shape.BAND: _band, Shape.FRONTIER: _frontier, Shape.CAPACITY: _capacity, Shape.CAUSES: _causes}


def chances(shapes: Any, shown: Chances, box: Box) -> None:
    """The chance of each key result as lying bars, the least likely on top."""
    known = [one for one in reversed(shown.entries) if one.value is not None]  # a lying axis counts from below
    data = CategoryData(number_format="0%")
    data.categories = [one.title.words for one in known]
    data.add_series(shown.title, [one.value for one in known])
    chart = shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box, data).chart
    _quiet(chart, legend=False)
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale, chart.value_axis.major_unit = 0, 1, 0.2
    chart.value_axis.tick_labels.number_format, chart.value_axis.tick_labels.number_format_is_linked = "0%", False
    every = etree.Element(qn("c:tickLblSkip"), val="1")  # no name is left out, however many there are
    chart.category_axis._element.find(qn("c:noMultiLvlLbl")).addprevious(every)  # its place by the schema
    chart.category_axis.tick_labels.font.size = Pt(10 if len(known) <= CLOSE else 8)
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    plot.data_labels.number_format, plot.data_labels.number_format_is_linked = NEARLY, False
    plot.data_labels.font.size = Pt(11)
    for place, one in enumerate(known):
        fill = plot.series[0].points[place].format.fill
        fill.solid()
        fill.fore_color.rgb = shade(STATE_COLOURS.get(one.chance.state, Colour.STRATEGY))


def _lines(chart: Any, colours: Sequence[Colour], widths: Sequence[float]) -> None:
    for series, colour, width in zip(chart.plots[0].series, colours, widths, strict=False):
        series.smooth = False
        series.format.line.color.rgb, series.format.line.width = shade(colour), Pt(width)


def _quiet(chart: Any, *, legend: bool = True) -> None:
    """Small letters, hairlines, labels below, no title."""
    chart.has_title, chart.has_legend = False, legend
    chart.font.size, chart.font.color.rgb = Pt(10), shade(Colour.INK_2)
    if legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.value_axis.has_major_gridlines = True
    chart.value_axis.major_gridlines.format.line.color.rgb = shade(Colour.LINE)
    chart.value_axis.format.line.fill.background()
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.has_major_gridlines = False
    chart.category_axis.format.line.color.rgb = shade(Colour.LINE_STRONG)
