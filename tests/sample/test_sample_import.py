"""The example company goes into an empty home: collected, suggestions accepted, workbook imported."""

from pathlib import Path

import pytest
from company_files import Example

from quarterdeck.estate import sources
from quarterdeck.estate.models import Dependency, Initiative, KeyResult, Person, Scenario, System
from quarterdeck.evidence.readers import by_name
from quarterdeck.kinds import sheets
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.write import preview, write
from quarterdeck.lake import suggestions
from quarterdeck.lake.collect import collect
from quarterdeck.lake.models import EvidenceSource, Suggestion
from quarterdeck.sample import Layout

TO_ESTATE = ("catalogue", "roster", "git")


def _collect(layout: Layout) -> list[Suggestion]:
    """Collect what speaks of the estate and accept what it suggests; returns it."""
    found = []
    for reader, path, name in layout.collect:
        if reader in TO_ESTATE[:2]:
            collect(by_name(reader), path, by="test", name=name)
            sources.suggest(EvidenceSource.objects.get(reader=reader, name=name))
            some = list(Suggestion.objects.exclude(sort="").order_by("pk"))
            found += [Suggestion(kind=s.kind, key=s.key, sort=s.sort, wants=s.wants) for s in some]
            suggestions.accept(service("test"), some, "example")
    return found


@pytest.fixture
def home(settings: object, tmp_path: Path, db: None) -> None:
    """A lake of the test's own."""
    settings.LAKE_URL = str(tmp_path / "lake")  # type: ignore[attr-defined]


def test_the_company_goes_in_and_nothing_is_refused(example: Example, home: None) -> None:
    _collect(example.layout)
    read = sheets.from_workbook(example.layout.workbook.read_bytes(), "estate.xlsx")
    changes = sheets.workbook_changes(read)
    assert preview(service("test"), changes).troubles == ()
    write(service("test"), changes, "workbook")
    assert System.objects.count() == 60
    assert not System.objects.filter(criticality=None).exists()
    assert Initiative.objects.count() == 40
    assert Scenario.objects.count() == 40
    assert Person.objects.filter(end_date=None).count() == 179  # one more has been given a last day
    assert Dependency.objects.exclude(group="").count() == len(example.sheet("dependency"))
    again = write(service("test"), sheets.workbook_changes(read), "workbook")
    assert (again.created, again.updated) == (0, 0)


def test_the_later_workbook_moves_what_it_says_and_keeps_the_rest(example: Example, later: Example, home: None) -> None:
    _collect(example.layout)
    for layout in (example.layout, later.layout):
        read = sheets.from_workbook(layout.workbook.read_bytes(), layout.workbook.name)
        write(service("test"), sheets.workbook_changes(read), "workbook")
    for key, months in later.truths["plan"]["re_estimated"].items():
        found = Initiative.objects.get(key=key)
        assert [found.duration_low, found.duration_likely, found.duration_high] == months
        assert found.capital_likely == 210_000
    assert Initiative.objects.count() == 40
    assert {str(day) for day in KeyResult.objects.values_list("measured", flat=True)} == {later.truths["collected"]}


def test_the_later_collection_suggests_only_what_moved(later: Example, example: Example, home: None) -> None:
    _collect(example.layout)
    moved = _collect(later.layout)
    people = later.truths["people"]
    gone = {one["staff"] for one in people["leaves"]} - {one["staff"] for one in example.truths["people"]["leaves"]}
    assert {s.key for s in moved if s.kind == "person"} == gone | {people["joins"][-1]}
    assert len(gone) == 2
    assert {s.kind for s in moved} == {"person", "person-skill"}
    assert not {s.sort for s in moved} & {"conflict", "retire"}
