"""Rosters named by their month: under one name the second is compared with the first, without a name it is refused."""

import shutil
from pathlib import Path

import pytest

from quarterdeck.evidence import roster
from quarterdeck.evidence.batch import Refused
from quarterdeck.kinds.roles import SYSTEM, Reader
from quarterdeck.lake import models, tables
from quarterdeck.lake.collect import collect

pytestmark = pytest.mark.django_db
EVERYONE = Reader("service:tests", (SYSTEM,))


@pytest.fixture
def months(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"roster_2026-{month}.csv" for month in ("10", "11")]
    paths[0].write_text("staff,team,name\nS1,platform,Ada\nS2,platform,Bob\n")
    paths[1].write_text("staff,team,name\nS1,data,Ada\nS3,data,Cleo\n")
    return paths


def people() -> dict[str, str]:
    return dict(tables.scan(EVERYONE, "roster_people").select("staff", "team").collect().iter_rows())


@pytest.mark.parametrize("name", ["staff", "roster.csv"])
def test_under_one_name_the_second_month_takes_the_place_of_the_first(months: list[Path], name: str) -> None:
    for path in months:
        collect(roster.READER, path, by="me", name=name)
    assert people() == {"S1": "data", "S3": "data"}
    assert models.EvidenceSource.objects.get().name == name
    assert models.Snapshot.objects.count() == 2


def test_without_a_name_the_second_month_is_refused_and_says_what_to_do(months: list[Path]) -> None:
    collect(roster.READER, months[0], by="me")
    with pytest.raises(Refused, match=r"under the name 'roster\.csv' already; give this source a name of its own"):
        collect(roster.READER, months[1], by="me")
    assert people() == {"S1": "platform", "S2": "platform"}


def test_a_month_that_breaks_off_leaves_the_month_before_as_it_was(months: list[Path]) -> None:
    collect(roster.READER, months[0], by="me", name="staff")
    months[1].write_text("staff,team,name\nS1,data,Ada\nS3,da")
    with pytest.raises(Refused, match=r"roster_2026-11\.csv:3: ends in the middle of its last row"):
        collect(roster.READER, months[1], by="me", name="staff")
    assert people() == {"S1": "platform", "S2": "platform"}


def test_a_folder_of_months_needs_no_name(months: list[Path]) -> None:
    later = months[1].rename(months[1].with_suffix(".later"))
    collect(roster.READER, months[0].parent, by="me")
    shutil.move(later, months[1])
    collect(roster.READER, months[0].parent, by="me")
    assert people() == {"S1": "data", "S3": "data"}
