"""How a pack lies on pages and slides: no lone rows, no lone headings, no title twice; sums of one unit side by side."""

import io
import re
from dataclasses import replace

import pptx
import pypdfium2
import pytest
from django.utils import translation
from small_company import entered  # noqa: F401 — a fixture

from quarterdeck.charts.render import TYPEFACES
from quarterdeck.engines.portfolio.result import Exposure
from quarterdeck.kinds.roles import SYSTEM, Reader
from quarterdeck.office import words
from quarterdeck.office.documents import building, fitting, markdown, pdf, slides
from quarterdeck.office.documents.building import LANGUAGES, Behind
from quarterdeck.office.documents.tree import Column, Item, Items, Pack, Road, Section, Table, Text

READER = Reader("service:test", (SYSTEM,))
SCENARIOS = 40


@pytest.fixture(scope="module")
def behind(entered: None, django_db_blocker) -> Behind:  # noqa: F811
    if not any(TYPEFACES.glob("*.ttf")):
        from needs import missing

        missing("no typefaces: run python -m quarterdeck.web.build")
    with django_db_blocker.unblock():
        return building.ask(READER)


@pytest.fixture
def pack(behind: Behind, db) -> Pack:
    return building.say(behind, READER, "en")


@pytest.fixture
def risky(behind: Behind, db) -> Pack:
    """The pack of a company with forty loss scenarios."""
    exposures = tuple(
        Exposure(f"scenario-{number}", 1000.0 * number, 500.0 * number) for number in range(1, SCENARIOS + 1)
    )
    plan = replace(behind.plan, result=replace(behind.plan.result, exposures=exposures))
    return building.say(replace(behind, plan=plan), READER, "en")


def table(count: int) -> Table:
    rows = tuple((Text(f"row-{number:02d}"), Text("beside it")) for number in range(count))
    return Table("Of rows", (Column("What"), Column("Beside", True)), rows)


def pages(pack: Pack) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.write(pack))]


def titles(deck) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in deck.slides]


def deck_of(pack: Pack):
    return pptx.Presentation(io.BytesIO(slides.write(pack)))


# ---- pages


@pytest.mark.parametrize("count", [8, 17, 30, 33, 36, 39, 42, 70, 73])
def test_no_row_stands_alone_on_a_page(pack: Pack, count: int):
    shown = replace(pack, sections=(pack.sections[0], Section("rows", "Rows", None, (table(count),))))
    found = [len(re.findall(r"row-\d\d", page)) for page in pages(shown)]
    assert sum(found) == count
    assert all(rows == 0 or rows >= 3 for rows in found)


@pytest.mark.parametrize("before", range(4, 40, 5))
def test_no_heading_ends_a_page(pack: Pack, before: int):
    """However much stands above it, a heading is on the page of what it heads."""
    filler = Items("Filler", tuple(Item(Text(f"entry {number}")) for number in range(before)), "")
    road = next(block for section in pack.sections for block in section.blocks if isinstance(block, Road))
    for last, mark in ((table(30), "row-00"), (road, road.bars[0].label[:12])):
        told = Section("last", "The last section", Text("Its sentence."), (last,))
        found = pages(replace(pack, sections=(pack.sections[0], Section("filler", "Filler", None, (filler,)), told)))
        page = next(page for page in found if "The last section" in page)
        assert mark in page


def test_the_last_two_of_a_list_stay_together(pack: Pack):
    for count in range(30, 44):
        filler = Items("Filler", tuple(Item(Text(f"entry-{number:02d}")) for number in range(count)), "")
        found = pages(replace(pack, sections=(pack.sections[0], Section("filler", "Filler", None, (filler,)))))
        assert all(len(re.findall(r"entry-\d\d", page)) != 1 for page in found)


# ---- slides


@pytest.mark.parametrize("language", sorted(LANGUAGES.values()))
def test_no_two_slides_share_a_title(behind: Behind, db, language: str):
    found = titles(deck_of(building.say(behind, READER, language)))
    assert len(found) == len(set(found))


def test_rows_are_dealt_out_evenly(pack: Pack):
    shown = replace(pack, sections=(pack.sections[0], Section("rows", "Rows", None, (table(40),))))
    counts = [
        len(shape.table.rows) - 1
        for slide in deck_of(shown).slides
        for shape in slide.shapes
        if shape.has_table and shape.table.cell(1, 0).text.startswith("row-")
    ]
    assert sum(counts) == 40
    assert len(counts) > 1
    assert max(counts) - min(counts) <= 2


def test_a_table_of_many_slides_stands_among_the_last(pack: Pack):
    shown = replace(pack, sections=(pack.sections[0], Section("rows", "Rows", Text("Told."), (table(40), table(2)))))
    found = titles(deck_of(shown))
    assert found[1] == "Told."
    assert next(place for place, title in enumerate(found) if title.startswith("Of rows (1/")) > next(
        place for place, title in enumerate(found) if title.startswith(pack.sources_title)
    )


@pytest.mark.parametrize("heights", [[10] * 13, [10] * 14, [10] * 27, [5, 40, 5, 5, 60, 5], [130], [200, 1], []])
def test_parts_hold_every_row_once_and_fit(heights: list[int]):
    found = fitting.parts(heights, 130)
    assert [place for part in found for place in part] == list(range(len(heights)))
    assert all(sum(heights[part.start : part.stop]) <= 130 or len(part) == 1 for part in found)


def test_the_largest_losses_stand_in_the_section_and_all_in_the_appendix(risky: Pack):
    risk = next(section for section in risky.sections if section.name == "risk")
    shown = next(
        block for block in risk.blocks if isinstance(block, Table) and block.columns[0].title == "Loss scenario"
    )
    assert [row[0].words for row in shown.rows] == [f"scenario-{number}" for number in range(40, 30, -1)]
    assert "10 largest of 40" in shown.note.words
    assert shown.note.anchors == (1,)
    assert len(risky.appendix[0].rows) == SCENARIOS
    assert all(text.anchors == (1,) for row in risky.appendix[0].rows for text in row[1:])
    assert "scenario-1 |" in markdown.write(risky).decode()
    said = [
        cell.text
        for slide in deck_of(risky).slides
        for shape in slide.shapes
        if shape.has_table
        for row in shape.table.rows
        for cell in row.cells
    ]
    assert "scenario-40" in said
    assert "scenario-1" not in said


# ---- words


@pytest.mark.parametrize(
    ("language", "span", "beside"),
    [
        ("en", "7.7–21.0 k EUR", ("0.98 M EUR", "0.41–1.60 M EUR")),
        ("zh-hans", "0.77–2.10 万 EUR", ("98.0 万 EUR", "41–160 万 EUR")),
    ],
)
def test_an_interval_and_the_sum_beside_it_have_one_unit(language: str, span: str, beside: tuple[str, str]):
    with translation.override(language):
        assert words.money_span(7_703, 21_000, "EUR").replace("\xa0", " ") == span
        told = words.spread(980_000, 410_000, 1_600_000, "EUR")
        assert tuple(one.replace("\xa0", " ") for one in told) == beside


def test_both_ends_of_a_difference_have_one_unit_and_their_sign():
    with translation.override("en"):
        assert words.changes(-1_200_000, 980_000, "EUR").replace("\xa0", " ") == "−1.20 to +0.98 M EUR"
        assert words.money_span(0, 182_000, "EUR").replace("\xa0", " ") == "0–182 k EUR"
        assert words.money_span(5e5, 5e5, "EUR").replace("\xa0", " ") == "500 k EUR"
