"""The pack where a plan was approved: that plan beside the proposed one, what comes in, goes out and moves, and why."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pptx
import pytest
from django.db import transaction
from django.utils import translation
from small_company import INITIATIVES, entered  # noqa: F401 — entered is a fixture

from quarterdeck.kinds import write
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.roles import SYSTEM, Reader, service
from quarterdeck.office import words
from quarterdeck.office.documents import approved, building, markdown, pdf, slides
from quarterdeck.office.documents.building import FORMATS, LANGUAGES, Behind
from quarterdeck.office.documents.tree import Items, Pack, Section, Shape, Table
from quarterdeck.office.documents.verdicts import verdict
from quarterdeck.office.documents.wanted import upcoming

READER = Reader("service:test", (SYSTEM,))


@dataclass(frozen=True)
class Approval:
    """What the approval confirmed, and what stands behind a pack built since."""

    first: Behind
    since: Behind


def approve(*changes: Change) -> Approval:
    """Approve today's plan; then change something, and plan anew."""
    first = building.ask(READER)
    values = {
        "approved": date(2026, 11, 20),
        "answer": first.plan.id,
        "outlook": first.outlook.id,
        "worth": "1",
        "currency": "EUR",
        "initiatives": len(first.plan.result.plan.starts),
        "state": "approved",
    }
    write.write(service("test"), [Change("approved-plan", "plan-a", values), *changes], "test: approved, and since")
    return Approval(first, building.ask(READER))


@pytest.fixture(scope="module")
def moved(entered: None, django_db_blocker) -> Iterator[Approval]:  # noqa: F811
    """Since the approval one initiative was put off by a year, one was dropped, and two people left."""
    with django_db_blocker.unblock(), transaction.atomic():
        changes = [
            Change("initiative", "checkout", {"earliest": date(2028, 1, 1)}),
            Change("initiative", "fraud", {"state": "dropped"}),
            *(Change("person", key, {"end_date": date(2027, 2, 28)}) for key in ("ada", "eva")),
        ]
        yield approve(*changes)
        transaction.set_rollback(True)


def section(pack: Pack, name: str) -> Section:
    return next(one for one in pack.sections if one.name == name)


def whole(pack: Pack, section: Section) -> str:
    return json.dumps(pdf.data(replace(pack, sections=(section,))), ensure_ascii=False)


def asked(pack: Pack) -> Items:
    return next(block for block in pack.sections[0].blocks if isinstance(block, Items))


@pytest.mark.parametrize("language", sorted(LANGUAGES.values()))
def test_approved_kept_and_proposed_stand_side_by_side(moved: Approval, db, language: str):
    behind = moved.since
    pack = building.say(behind, READER, language)
    shown = section(pack, "approved")
    sides = (moved.first.outlook, behind.kept, behind.outlook)
    with translation.override(language):
        values = [words.money(side.result.net_present_value.mean, "EUR") for side in sides]
    assert len(set(values)) == 3
    assert all(value in shown.sentence.words for value in values)
    assert [pack.sources[mark - 1].answer for mark in shown.sentence.anchors] == [side.name for side in sides]
    table = shown.blocks[0]
    told = [[cell.words for cell in row[1:]] for row in table.rows]
    assert values in told
    assert [str(len(side.result.plan.starts)) for side in (moved.first.plan,)] == told[0][:1]
    assert values[0] in asked(pack).entries[0].details[0].words


def test_what_comes_in_goes_out_and_moves_is_named(moved: Approval, db):
    pack = building.say(moved.since, READER, "en")
    differ = approved.differences(moved.first.plan, moved.since.plan)
    assert "fraud" in differ.gone
    blocks = section(pack, "approved").blocks
    gone = {item.title.words: [text.words for text in item.details] for item in blocks[2].entries}
    assert gone["Fraud scoring"] == ["dropped"]
    assert {item.title.words for item in blocks[1].entries} == {INITIATIVES[key][0] for key in differ.came}
    late = next(move for move in differ.moved if move.initiative == "checkout")
    row = next(row for row in blocks[3].rows if row[0].words == "Checkout in two regions")
    assert row[2].words == words.quarter_of(late.starts[1], 0) == "2028\xa0Q1"
    assert row[5].words == f"+{late.months}"
    assert asked(pack).entries[0].title.words.startswith("Replace the plan approved on 20 November 2026")
    dates = next(block for block in section(pack, "roadmap").blocks if isinstance(block, Table))
    assert [column.title for column in dates.columns][2] == "Finish as approved"


def test_answers_to_the_same_question_are_told_apart(moved: Approval, db):
    for language in LANGUAGES.values():
        titles = [source.title for source in building.say(moved.since, READER, language).sources]
        assert len(titles) == len(set(titles)) == 6


def test_a_difference_is_called_one(moved: Approval, db):
    pack = building.say(moved.since, READER, "en")
    change = moved.since.drift.result.total.value.mean
    assert change < 0
    wanted = f"The approved plan is worth {words.money(-change, 'EUR')} less than at approval."
    assert wanted in section(pack, "drift").sentence.words
    assert "Value of the approved plan: −" not in markdown.write(pack).decode()


def test_slides_have_the_causes_as_a_native_chart(moved: Approval, db):
    pack = building.say(moved.since, READER, "en")
    causes = next(one for one in pdf.pictures(pack) if one.shape is Shape.CAUSES)
    wanted = [(str(row[0]), row[1]) for row in causes.rows if row[1] is not None]
    charts = [
        shape.chart
        for slide in pptx.Presentation(io.BytesIO(slides.write(pack))).slides
        for shape in slide.shapes
        if shape.has_chart
    ]
    assert wanted
    assert wanted in [
        list(zip(chart.plots[0].categories, chart.plots[0].series[0].values, strict=False)) for chart in charts
    ]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_holds_it_and_is_the_same_twice(moved: Approval, db, name: str):
    pack = building.say(moved.since, READER, "en")
    first = FORMATS[name].write(pack)
    assert FORMATS[name].write(pack) == first
    if name == "md":
        assert "### Goes out" in first.decode()
        assert "Fraud scoring" in first.decode()


def test_causes_name_nobody(moved: Approval, db):
    for language in LANGUAGES.values():
        pack = building.say(moved.since, READER, language)
        causes = section(pack, "drift").blocks[-1]
        assert causes.entries
        assert not re.search(r"\b(ada|eva)\b", whole(pack, section(pack, "drift")), re.IGNORECASE)


def test_nothing_that_moved_is_said_to_be_nothing(entered: None, db):  # noqa: F811
    found = approve().since
    for language, nothing, keep in (
        ("en", "Nothing that can be told has moved since the approval.", "Keep the plan approved on"),
        ("zh-hans", "自批准以来，没有可辨别的变化。", "维持"),
    ):
        pack = building.say(found, READER, language)
        assert section(pack, "drift").sentence.words == nothing
        assert section(pack, "drift").blocks[-1].entries == ()
        assert asked(pack).entries[0].title.words.startswith(keep)
        assert [type(block) for block in section(pack, "approved").blocks] == [Table]


def test_a_board_is_told_where_the_proposed_plan_is_worth_less(moved: Approval, db, monkeypatch):
    pack = building.say(moved.since, READER, "en")
    assert ", or keep it:" not in asked(pack).entries[0].title.words
    kept = moved.since.kept.result
    better = replace(
        kept, kept=replace(kept.kept, net_present_value=tuple(v + 1e7 for v in kept.kept.net_present_value))
    )
    behind = replace(moved.since, kept=replace(moved.since.kept, result=better))
    assert ", or keep it:" in asked(building.say(behind, READER, "en")).entries[0].title.words


def test_what_was_approved_long_ago_does_not_make_an_edition_old(moved: Approval, db, settings, tmp_path: Path):
    settings.HOME = tmp_path
    edition = building.build(READER, ("en",), ("md",))
    assert [rest.number for rest in edition.rests][-2:] == [moved.first.plan.id, moved.first.outlook.id]
    found = verdict(edition)
    assert (found.moved, found.altered) == ((), ())


def test_what_runs_is_not_said_to_start():
    """A quarter that is past stands only behind what runs already."""
    initiatives = [SimpleNamespace(key=key, started=started) for key, started in (("a", -2), ("b", None), ("c", None))]
    starts = [SimpleNamespace(initiative=key, quarter=quarter) for key, quarter in (("a", -2), ("b", 0), ("c", 1))]
    ground = SimpleNamespace(
        programme=SimpleNamespace(initiatives=initiatives, start=date(2027, 1, 1)),
        chosen=SimpleNamespace(plan=SimpleNamespace(starts=starts)),
    )
    with translation.override("en"):
        assert upcoming(ground) == "1 runs already; 1 starts in 2027\xa0Q1"
