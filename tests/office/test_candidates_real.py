"""Candidates from real evidence: at least ten from at least six sources, each with a path, estimates as intervals."""

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from candidate_home import Home, histories, reader, rests, scenario

from quarterdeck.engines.candidates import Result
from quarterdeck.estate import sources
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.write import Change
from quarterdeck.lake import suggestions
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.runs import answers

DAY = date(2024, 10, 15)  # after the bill's month, and the repository's commits lie within three years
LEFT = (
    "key,email,start_date,end_date,team\n"
    "old-1,before@example.invalid,2015-01-01,2023-05-01,core\n"
    "new-1,n@example.invalid,2015-01-01,,core\n"
)


@pytest.fixture
def result(db: None, settings, tmp_path: Path, shared_data: Path) -> Result:  # type: ignore[no-untyped-def]
    """What is found in two catalogues, a roster, a bill, advisories, life cycles, issues, pins and a repository."""
    settings.LAKE_URL = str(tmp_path / "lake")
    home = Home(tmp_path)
    pins = shared_data / "05_sbom_lockfiles" / "lock_vulns"
    for subject, name in (
        ("netbox", "netbox_2021-06_requirements.txt"),
        ("netbox-next", "netbox_2022-06_requirements.txt"),
    ):
        (tmp_path / subject).mkdir()
        shutil.copy(pins / name, tmp_path / subject / "requirements.txt")
        home.collect("dependencies", tmp_path / subject)
    home.collect("advisories", pins / "advisories")
    home.collect("end_of_life", shared_data / "02_eol" / "products")
    home.collect("bill", shared_data / "04_finops_focus" / "focus_1_0_sample_even_rows.csv")
    home.collect("issues", shared_data / "10_issue_tracker" / "agile_project_dataset" / "jira_project_0.csv")
    home.collect("roster", shared_data / "21_roster" / "roster_2026-11.csv")
    home.text("roster", "leavers.csv", LEFT)
    for catalogue in ("backstage_giantswarm", "backstage_examples"):
        home.collect("catalogue", shared_data / "06_architecture" / catalogue)
    log = shared_data / "15_truck_factor" / "commit_logs" / "flask_2021-11-24_2023-05-24.csv"
    home.collect("git", histories().rebuild(log, tmp_path / "flask"))
    for source in EvidenceSource.objects.all():
        sources.suggest(source)
        suggestions.accept(service("test"), suggestions.open_suggestions(source.name), "tests")
    home.records(  # what nobody but a person can say
        Change("system", "netbox", {"name_en": "Netbox", "criticality": 3}),
        Change("system", "www-artist", {"criticality": 4}),
        Change("system", "artist-lookup", {"criticality": 4}),
        rests("www-artist", "artists-db"),
        scenario("breach", "netbox", "attack"),
        scenario("rot", "netbox", "obsolescence"),
    )
    found: Result = answers.answer("candidates", reader(), today=DAY).result
    return found


def test_real_evidence_gives_ten_candidates_from_six_sources(result: Result) -> None:
    given = {w.candidate.source for w in result.candidates}
    assert len(result.candidates) >= 10
    assert given >= {"advisories", "ended", "knowledge", "structure", "ownerless", "bill"}
    for weighed in result.candidates:
        candidate = weighed.candidate
        assert candidate.path, candidate.key
        assert all(r.says and (r.origin or r.table.startswith("kind:")) for r in candidate.path), candidate.key
        assert candidate.title.zh
        assert all(w.months.low < w.months.high for w in candidate.efforts)
        assert candidate.missing, candidate.key


def test_the_ended_release_and_its_advisories_are_one(result: Result) -> None:
    first = next(w for w in result.candidates if w.candidate.key == "ended/netbox/django/3.2")
    assert first.also == ("advisories/netbox/PyPI/django",)
    assert first.candidate.by == date(2024, 4, 1)
    assert first.avoided is not None
    assert 0 <= first.avoided.low < first.avoided.likely < first.avoided.high
    names = {fact for fact in first.candidate.facts if fact.startswith("advisory")}
    assert len(names) == 23  # as worked out with the data; nine further ones are Pillow's
    assert result.candidates[0] == first
    assert {"components", "advisories", "life_cycles", "commits"} <= {r.table for r in first.candidate.path}


def test_what_the_bill_does_not_say_stays_open(result: Result) -> None:
    untagged = [w for w in result.candidates if w.candidate.source == "bill"]
    assert untagged
    for weighed in untagged:
        assert weighed.candidate.saving is None
        assert "value" in weighed.candidate.missing
        assert all(r.line for r in weighed.candidate.path)


def test_finished_issues_are_no_backlog(result: Result) -> None:
    """All issues of the data set are finished: a backlog candidate would be invented."""
    assert not [w for w in result.candidates if w.candidate.source == "backlog"]


def test_untagged_spending_is_the_sum_of_its_rows(result: Result, shared_data: Path) -> None:
    """Worked out again from the file alone, row by row in decimals."""
    rows = csv.DictReader((shared_data / "04_finops_focus" / "focus_1_0_sample_even_rows.csv").open(newline=""))
    total = sum(
        (
            Decimal(row["BilledCost"])
            for row in rows
            if row["BillingPeriodStart"].startswith("2024-09")
            and row["Tags"] in ("NULL", "{}")
            and row["ChargeCategory"] == "Usage"
            and row["ProviderName"] == "AWS"
            and Decimal(row["BilledCost"]) > 0
        ),
        Decimal(0),
    )
    (found,) = (w.candidate for w in result.candidates if w.candidate.key.startswith("bill/untagged/AWS"))
    assert found.spend is not None
    assert found.spend.likely == total.quantize(Decimal("0.01"))
