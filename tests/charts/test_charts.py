"""Every chart draws in both themes, keeps its data as a table, escapes what it is given and shows Chinese."""

import json
import os
import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.charts import lines, marks, render
from quarterdeck.charts.chart import Axes, Chart, Drawing, Size, written
from quarterdeck.charts.drawing import advance, element, number, shorten, text
from quarterdeck.charts.roadmap import Work, roadmap
from quarterdeck.charts.theme import COLOURS, FONT, HEAT, Colour, Theme, paint
from quarterdeck.charts.tree import Node, places, tree

ROOT = Path(__file__).resolve().parents[2]

Maker = Callable[[str], Chart | Drawing]

HOSTILE = "</script><script>alert(1)</script>\" onload='x' & __proto__ ]]> 恶"
CAPTION = "Value delivered, million ¥ · dashed: plan"


@pytest.fixture(scope="session", autouse=True)
def _typefaces() -> None:
    try:
        render.typefaces()
    except render.TypefacesMissingError as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


def parsed(drawn: str) -> ElementTree.Element:
    """The drawing as a tree."""
    return ElementTree.fromstring(drawn)  # noqa: S314 - what we have just drawn


def band(word: str) -> Chart:
    points = [
        lines.BandPoint(word, 1.0, baseline=1.1, measured=True),
        lines.BandPoint("27Q1", 2.0, 2.0, 2.0, 2.2, measured=True),
        lines.BandPoint("27Q2", 3.0, 2.5, 3.6, 3.1),
    ]
    return lines.band(points, ("quarter", word, "low", "high", "plan"), word, axes=Axes(y=word))


def capacity(word: str) -> Chart:
    points = [lines.CapacityPoint(word, 4.0, 5.0), lines.CapacityPoint("b", 6.0, 5.5)]
    return lines.capacity(points, ("quarter", "supply", word), word)


def ranged(word: str) -> Chart:
    points = [lines.CapacityPoint(word, 4.0, 5.0, (3.5, 4.4), (2.0, 9.0)), lines.CapacityPoint("b", 6.0, 5.5)]
    columns = ("quarter", "supply", word, "least", "most", "least needed", "most needed")
    return lines.capacity(points, columns, word, axes=Axes())


def trend(word: str) -> Chart:
    points = [lines.TrendPoint(word, 4.0, 4.1), lines.TrendPoint("b", None, 4.0), lines.TrendPoint("c", 3.0)]
    return lines.trend(points, ("week", "observed", word), word)


def exceedance(word: str) -> Chart:
    points = [lines.ExceedancePoint(0.0, 1.0, 0.8), lines.ExceedancePoint(5.0, 0.1)]
    return lines.exceedance(points, ("loss", "chance", word), word, axes=Axes(x=word))


def frontier(word: str) -> Chart:
    points = [lines.FrontierPoint(5.0, 10.0, 10.4), lines.FrontierPoint(9.0, 13.0, None)]
    return lines.frontier(points, lines.FrontierPoint(7.0, 11.0), ("budget", "value", word), word, axes=Axes(x=word))


def sparkline(word: str) -> Chart:
    return lines.sparkline([1.0, None, 3.0], ("week", word), word)


def bars(word: str) -> Chart:
    items = [marks.Bar(word, 0.3, marks.State.BAD), marks.Bar("b", 0.8)]
    return marks.bars(items, ("goal", word), word, lying=True, wanted=0.7, axes=Axes(x=word, y_format="%"))


def standing(word: str) -> Chart:
    return marks.bars([marks.Bar(word, 0.3, marks.State.WATCH)], ("goal", word), word)


def bullets(word: str) -> Chart:
    items = [marks.Bullet(word, 5.0, 7.0, 6.5), marks.Bullet("b", 9.0, 12.0, 8.0, marks.State.BAD)]
    return marks.bullets(items, ("year", "with", "without", word), word, axes=Axes(y=word))


def causes(word: str) -> Chart:
    changes = [marks.Bar(word, -1.5, marks.State.BAD), marks.Bar("hires", 0.5, marks.State.GOOD)]
    return marks.causes(marks.Bar("plan", 30.0), changes, "draft", ("why", "change", "from", word), word)


def strip(word: str) -> Chart:
    return marks.strip(
        [marks.Dot(word, 1.0, group=word), marks.Dot("b", 2.0, group="g")], ("a", "b", word), word, wanted=1.0
    )


def scatter(word: str) -> Chart:
    return marks.scatter([marks.Dot(word, 1.0, 2.0), marks.Dot("b", 2.0, 5.0)], ("a", "b", word), word)


def heat(word: str) -> Chart:
    cells = [marks.HeatCell(word, word, 3.0), marks.HeatCell("b", word, None), marks.HeatCell("b", "r", 20.0)]
    return marks.heat(cells, ("a", "b", word), word, steps=(2.0, 4.0, 8.0, 16.0))


def road(word: str) -> Drawing:
    works = [
        Work(word, word, 0, 1.5, 2.0, word, marks.State.BAD, Colour.RISK, "/initiatives/a", serves=word),
        Work(word, "b", 1, 2, 1.5, "", marks.State.PLAIN, Colour.STRATEGY, "javascript:alert(1)"),
    ]
    return roadmap(works, ("27 Q1", word, "Q3"), ("theme", "work", "start", "finish", "80 %", word), word)


def goals(word: str) -> Drawing:
    nodes = [Node(word, "", word, word, marks.State.GOOD), Node("other", word, "b", address="//other.example/x")]
    return tree(nodes, ("key", "serves", "name", word), word)


MAKERS: tuple[Maker, ...] = (
    band, capacity, ranged, trend, exceedance, frontier, sparkline, bars, standing, bullets, causes, strip, scatter,
    heat, road, goals,
)  # fmt: skip
WORDED = tuple(make for make in MAKERS if make not in (sparkline, capacity, trend, standing))
every = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


@every
@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_draws_in_both_themes(make: Maker, theme: Theme) -> None:
    chart = make("payments")
    drawn = render.svg(chart, theme)
    assert "var(--" not in drawn
    picture = parsed(drawn)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    shades = {node.get(name) for node in picture.iter() for name in ("fill", "stroke")}
    values = {pair[0 if theme is Theme.LIGHT else 1] for pair in COLOURS.values()}
    others = {pair[1 if theme is Theme.LIGHT else 0] for pair in COLOURS.values()} - values
    assert shades & values
    assert not shades & others
    assert render.png(chart, theme).startswith(b"\x89PNG")


@every
def test_page_drawing_needs_no_inline_style_and_knows_no_colour(make: Maker) -> None:
    drawn = render.svg(make("payments"))
    assert "style=" not in drawn
    assert "<style" not in drawn
    assert "<script" not in drawn
    picture = parsed(drawn)
    for node in picture.iter():
        for name in ("fill", "stroke"):
            assert not re.match("#|rgb|black|white", node.get(name, "")), ElementTree.tostring(node)


@every
def test_hostile_words_stay_words(make: Maker) -> None:
    drawn = render.svg(make(HOSTILE))
    picture = parsed(drawn)
    allowed = {"svg", "g", "a", "path", "line", "rect", "text", "defs", "clipPath", "title"}
    assert {node.tag.rpartition("}")[2] for node in picture.iter()} <= allowed
    assert not [name for node in picture.iter() for name in node.attrib if name.startswith("on")]
    targets = [node.get("href") for node in picture.iter() if node.tag.endswith("}a")]
    assert all(target and re.match(r"/[^/]", target) for target in targets)
    assert picture.get("aria-label") == HOSTILE


@every
def test_same_chart_same_bytes(make: Maker) -> None:
    first, second = render.svg(make("b")), render.svg(make("b"))
    assert first == second
    assert render.png(make("b"), scale=1.0) == render.png(make("b"), scale=1.0)


@every
def test_table_is_the_data_of_the_picture(make: Maker) -> None:
    chart = make("payments")
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    if isinstance(chart, Drawing):
        return
    values = json.loads(json.dumps(chart.spec))["data"]["values"]
    shown = [[held for field, held in value.items() if not field.startswith("_")] for value in values]
    assert shown == [[written(cell) for cell in row] for row in chart.rows]


@pytest.mark.parametrize("make", WORDED, ids=lambda make: make.__name__)
def test_chinese_is_not_boxes(make: Maker) -> None:
    """Two different words must look different; where no typeface has the signs, all look the same."""
    one, other = render.png(make("支付"), scale=1.0), render.png(make("搜索"), scale=1.0)
    boxes, same_boxes = render.png(make("\U0001fafe" * 2), scale=1.0), render.png(make("\U0001faff" * 2), scale=1.0)
    assert boxes == same_boxes
    assert one != other
    assert boxes not in (one, other)
    assert 'font-family="Inter, Noto Sans SC, sans-serif"' in render.svg(make("支付"))


def test_clips_of_two_charts_do_not_meet() -> None:
    names = [set(re.findall(r'id="([^"]+)"', render.svg(make("payments")))) for make in (bars, causes, heat, band)]
    assert sum(map(len, names)) == len(set().union(*names))


def test_colours_are_the_pages_tokens() -> None:
    """The page's style sheet and the charts say the same colours."""
    sheet = (ROOT / "src/quarterdeck/web/static/quarterdeck/tokens.css").read_text("utf-8")
    said = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", sheet)
    tokens = {name: (light, dark) for name, light, dark in said}
    for colour, pair in COLOURS.items():
        assert tokens[colour.value[6:-1]] == pair
    assert set(COLOURS) == set(Colour)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Colour, second: Colour, theme: int) -> float:
    """Contrast ratio, WCAG 2.2."""
    dark, light = sorted((luminance(COLOURS[first][theme]), luminance(COLOURS[second][theme])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_words_can_be_read(theme: int) -> None:
    inks = set(Colour) - {Colour.PAPER, Colour.SURFACE, Colour.LINE, Colour.LINE_STRONG, *HEAT}
    for ink in inks:
        for ground in (Colour.PAPER, Colour.SURFACE):
            assert contrast(ink, ground, theme) >= 4.5, (ink, ground)
    for shade in HEAT[:3]:
        assert contrast(Colour.INK, shade, theme) >= 4.5
    for shade in HEAT[3:]:
        assert contrast(Colour.PAPER, shade, theme) >= 4.5


def test_contrast_formula() -> None:
    """Black on white is 21 to 1 by the definition; #767676 on white is the standard's known 4.54."""
    assert luminance("#ffffff") == pytest.approx(1.0)
    assert 1.05 / (luminance("#767676") + 0.05) == pytest.approx(4.54, abs=0.01)


def test_unknown_colour_is_refused() -> None:
    with pytest.raises(KeyError):
        paint('<path fill="var(--nowhere)"/>', Theme.DARK)


def test_wrong_headings_are_refused() -> None:
    with pytest.raises(ValueError, match="supply"):
        lines.capacity([], ("quarter",), CAPTION)
    with pytest.raises(ValueError, match="rise"):
        marks.heat([], ("a", "b", "c"), CAPTION, steps=(1.0, 3.0, 2.0, 4.0))
    with pytest.raises(ValueError, match="ends before"):
        roadmap([Work("t", "w", 2, 1, 3)], ("a",), ("a", "b", "c", "d", "e", "f"), CAPTION)


def test_causes_add_up() -> None:
    chart = causes("payments")
    assert chart.rows[0][2] == 30.0
    assert chart.rows[-1][2] == 29.0
    for before, after in pairwise(chart.rows):
        assert after[1] is None or (after[2] == before[3] and after[3] == after[2] + after[1])


def test_days_stand_where_they_are_whatever_the_clock() -> None:
    points = [lines.BandPoint(date(2027, month, 1), float(month)) for month in (1, 2, 12)]
    chart = lines.band(points, ("month", "value", "low", "high", "plan"), CAPTION, size=Size(600, 200))
    drawn = render.svg(chart)
    assert ">2027-01<" in drawn
    assert chart.rows[0][0] == date(2027, 1, 1)
    assert json.dumps(chart.spec).count("2027-12-01") == 1


def test_dot_stands_on_the_last_measured_value() -> None:
    picture = parsed(render.svg(band("27Q0"), Theme.LIGHT))
    dots = [node for node in picture.iter() if node.get("d", "").count("A") == 2 and node.get("opacity") == "1"]
    assert len(dots) == 1


def drawn_bars(chart: Chart, colour: Colour) -> list[str]:
    """The outlines in a colour on light paper."""
    shade = COLOURS[colour][0]
    return [node.get("d", "") for node in parsed(render.svg(chart, Theme.LIGHT)).iter() if node.get("fill") == shade]


def test_bullets_draw_the_amount_and_what_it_would_be_otherwise() -> None:
    """Two bars for the amount within its limit (strong and pale); beyond it, the strong one says so in its colour."""
    chart = bullets("a")
    assert len(drawn_bars(chart, Colour.RISK)) == 3
    assert len(drawn_bars(chart, Colour.BAD)) == 1
    assert chart.rows[0][1:] == (5.0, 7.0, 6.5)


def test_what_is_wanted_is_drawn_once_however_many_dots() -> None:
    dots = [marks.Dot(str(place), float(place), group="g") for place in range(9)]
    chart = marks.strip(dots, ("a", "b", "c"), CAPTION, wanted=4.0)
    dashed = [node for node in parsed(render.svg(chart)).iter() if node.get("stroke-dasharray") == "3,2"]
    assert len(dashed) == 1


def test_people_and_need_have_their_ranges() -> None:
    plain, chart = capacity("a"), ranged("a")
    assert len(drawn_bars(chart, Colour.PEOPLE)) == len(drawn_bars(plain, Colour.PEOPLE)) + 1
    assert chart.rows[1][3:] == (None, None, None, None)


def test_roadmap_says_a_year_once() -> None:
    ticks = [f"{year}\u00a0Q{quarter}" for year in (2027, 2028) for quarter in (1, 2, 3, 4)]
    drawing = roadmap([Work("t", "w", 0, 1, 2)], ticks, ("a", "b", "c", "d", "e", "f"), CAPTION)
    words = [node.text for node in parsed(drawing.svg).iter() if node.get("class") == "q"]
    assert words == ["2027", "Q1", "Q2", "Q3", "Q4", "2028", "Q1", "Q2", "Q3", "Q4"]


def test_roadmap_stays_as_wide_as_the_page_until_its_periods_would_be_too_narrow() -> None:
    columns = ("a", "b", "c", "d", "e", "f")
    widths = [
        float(parsed(roadmap([Work("t", "w", 0, 1, late)], ("a",), columns, CAPTION).svg).get("width", "nan"))
        for late in (4, 12, 60)
    ]
    assert widths[0] == widths[1] < widths[2]


def test_roadmap_places_bars_by_period() -> None:
    picture = parsed(road("a").svg)
    kinds = {kind: [n for n in picture.iter() if n.get("class") == kind] for kind in ("bar", "fuzz", "p80", "grid")}
    starts = [float(line.get("x1", "nan")) for line in kinds["grid"]]
    step = starts[1] - starts[0]
    assert float(kinds["bar"][0].get("x", "nan")) == starts[0]
    assert float(kinds["bar"][0].get("width", "nan")) == pytest.approx(1.5 * step)
    assert float(kinds["fuzz"][0].get("width", "nan")) == pytest.approx(0.5 * step)
    # a date earlier than the plan's own is not drawn backwards
    assert float(kinds["fuzz"][1].get("width", "nan")) == 0


def test_tree_puts_a_parent_amid_its_children() -> None:
    nodes = [Node("r", "", "r"), Node("a", "r", "a"), Node("b", "r", "b"), Node("c", "a", "c")]
    placed = places(nodes)
    assert placed["r"][1] == pytest.approx((placed["a"][1] + placed["b"][1]) / 2)
    assert placed["c"][0] > placed["a"][0] > placed["r"][0]


def test_tree_refuses_circles_strangers_and_twins() -> None:
    with pytest.raises(ValueError, match="circle"):
        places([Node("a", "b", "a"), Node("b", "a", "b")])
    with pytest.raises(ValueError, match="not in the tree"):
        places([Node("a", "x", "a")])
    with pytest.raises(ValueError, match="same key"):
        places([Node("a", "", "a"), Node("a", "", "a")])


def test_tree_may_be_deep() -> None:
    nodes = [Node("0", "", "0"), *(Node(str(place), str(place - 1), "n") for place in range(1, 5000))]
    assert len(places(nodes)) == 5000


@given(st.lists(st.integers(0, 30), max_size=40))
@settings(max_examples=50, deadline=None)
def test_no_two_boxes_of_a_tree_overlap(parents: list[int]) -> None:
    nodes = [Node("n0", "", "root")]
    nodes += [Node(f"n{place}", f"n{parent % place}", "x") for place, parent in enumerate(parents, 1)]
    seen = sorted(places(nodes).values())
    for (left, middle), (next_left, next_middle) in pairwise(seen):
        assert left != next_left or next_middle - middle >= 44


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_one_text(words: str) -> None:
    drawn = parsed(f"<svg>{text(words, 1, 2)}</svg>")
    assert [node.tag for node in drawn] == ["text"]
    parsed(element("svg", aria_label=words))


@given(st.text(max_size=60), st.floats(20, 300))
@settings(deadline=None)
def test_shortened_words_fit(words: str, room: float) -> None:
    short = shorten(words, 12, room)
    assert advance(short, 12) <= room
    assert short == words or short.endswith("…")


def test_readable_numbers() -> None:
    shown = [render.readable(value) for value in (7.341470984, 0.0, 1234567.8, 0.000123456, 12, None, "a", 99999.5)]
    assert shown == [7.341, 0, 1234568, 0.0001235, 12, None, "a", 100000]
    assert number(-0.001) == "0"


def test_picture_for_the_page() -> None:
    shown = render.picture(band("27Q0"))
    assert shown.headings[0] == ("quarter", False)
    assert shown.headings[1] == ("27Q0", True)
    assert shown.cells[2][3] == (3.6, True)
    assert render.picture(road("a")).spec is None


def test_missing_typefaces_are_said(tmp_path: Path) -> None:
    with pytest.raises(render.TypefacesMissingError, match=r"quarterdeck\.web\.build"):
        render.typefaces(tmp_path)


def test_font_is_named_once() -> None:
    assert FONT.split(", ")[:2] == ["Inter", "Noto Sans SC"]
