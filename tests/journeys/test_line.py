"""The whole line on input that nobody prepared, walked as a person would run it; what it prints is asserted here."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

LINE = Path(__file__).with_name("line.py")
TODAY = "2026-11-20"
SOURCES = 6
CANDIDATES = 10


@dataclass(frozen=True)
class Walked:
    """What the journey printed, the facts it kept, and its folder."""

    printed: str
    facts: dict[str, Any]
    folder: Path

    def asked(self, name: str) -> list[dict[str, Any]]:
        """The two answers of a what-if: with the plan kept, and planned again."""
        found = [self.facts[f"what_if_{name}_{how}"] for how in ("plan_kept", "planned_again")]
        assert all(isinstance(one, dict) for one in found)
        return found


@pytest.fixture(scope="module")
def walked(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """One walk for all tests of this module."""
    folder = tmp_path_factory.mktemp("line")
    facts = folder / "facts.json"
    command = [sys.executable, str(LINE), "--shared", str(shared_data), "--home", str(folder / "journey")]
    environment = {name: value for name, value in os.environ.items() if name != "QUARTERDECK_HOME"}
    done = subprocess.run(
        [*command, "--today", TODAY, "--facts", str(facts)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-4_000:]
    return Walked(done.stdout, json.loads(facts.read_text()), folder / "journey")


def test_every_fact_is_printed(walked: Walked):
    for name, value in walked.facts.items():
        if name != "seconds":
            assert name.replace("_", " ") in walked.printed, (name, value)
    assert walked.printed.index("Candidates from evidence") < walked.printed.index("Drift from the approved plan")


def test_everything_collected_stands_in_the_estate(walked: Walked, shared_data: Path):
    catalogue = shared_data / "06_architecture" / "backstage_giantswarm"
    expected = json.loads((catalogue / "expected.json").read_text())
    groups = {g["metadata"]["name"] for g in yaml.safe_load_all((catalogue / "groups.yaml").read_text()) if g}
    roster = (shared_data / "21_roster" / "roster_2026-10.csv").read_text().splitlines()[1:]
    teams = groups | {line.split(",")[3] for line in roster}
    owned = sum(count for owner, count in expected["owners"].items() if owner.split("/")[1] in teams)
    assert walked.facts["estate_system"] == expected["entities"]
    assert (
        walked.facts["estate_person"]
        == json.loads((shared_data / "21_roster" / "expected.json").read_text())["rows_october"]
    )
    assert walked.facts["estate_team"] == len(teams)
    assert walked.facts["systems_with_owner"] == owned
    assert walked.facts["conflicts_in_first_collection"] == walked.facts["conflicts_in_second_collection"] == 0


def test_candidates_come_from_many_sources_each_with_its_path(walked: Walked):
    found = walked.facts["candidates"]
    assert found >= CANDIDATES
    assert len(walked.facts["candidate_sources"]) >= SOURCES
    assert walked.facts["candidates_with_path"] == found
    assert walked.facts["candidates_silent"] == []  # an interval, or the name of what a person must say


def test_candidates_name_what_others_found_affected(walked: Walked, shared_data: Path):
    folder = shared_data / "05_sbom_lockfiles" / "lock_vulns"
    cases = json.loads((folder / "_expected_findings.json").read_text())["cases"]
    assert walked.facts["open_packages"] == sum(len(case["vulnerable_packages"]) for case in cases)


def test_the_plan_keeps_every_limit(walked: Walked):
    facts = walked.facts
    assert facts["candidates_taken"] >= CANDIDATES
    assert facts["plan_starts"] + facts["plan_left_out"] == facts["plan_initiatives"]
    assert facts["plan_violation"] <= 1e-6
    assert "binds:" in walked.printed
    assert all(chance is not None and 0 <= chance <= 1 for chance in facts["goals"].values())


@pytest.mark.parametrize("name", ["drop_a_vendor", "lose_a_key_person", "cut_the_budget", "delay"])
def test_what_is_lost_costs_something(walked: Walked, name: str):
    kept, again = walked.asked(name)
    assert not again["zero"] or not kept["zero"]
    assert min(kept["value"], again["value"]) < 0


def test_a_freeze_matters_only_where_somebody_would_be_hired(walked: Walked):
    kept, _again = walked.asked("freeze_hiring")
    assert kept["zero"] == (walked.facts["hires_first"] == 0)


def test_no_change_gives_exactly_no_difference(walked: Walked):
    for answer in walked.asked("nothing"):
        assert answer["zero"]
        assert answer["same_run"]  # the change was read and made, and what came of it is the very same computation
        assert answer["unmatched"] == []


def test_nobody_confirms_their_own_proposal(walked: Walked):
    assert walked.facts["cto_confirming"].startswith("refused")
    assert walked.facts["confirmed_state"] == "carried-out"
    assert walked.facts["baseline"]
    assert walked.facts["initiatives_funded"] == walked.facts["plan_starts_first"]
    decision = json.loads(walked.facts["decision_in_history"])
    assert (decision["proposer"], decision["confirmer"]) == ("user:cto", "user:general-manager")


def test_a_new_advisory_brings_candidates_for_what_it_hits(walked: Walked, shared_data: Path):
    folder = shared_data / "05_sbom_lockfiles" / "lock_vulns"
    using = [path.name for path in sorted(folder.glob("*.txt")) if re.search(r"(?m)^gunicorn==", path.read_text())]
    assert len(walked.facts["candidates_of_the_new_advisory"]) == len(using)
    assert walked.facts["open_packages_again"] == walked.facts["open_packages"] + len(using)


def test_drift_names_the_leaver_and_the_evidence(walked: Walked, shared_data: Path):
    leaver = json.loads((shared_data / "21_roster" / "expected.json").read_text())["leaver"]
    assert leaver in walked.facts["drift_leavers"]
    assert _named(shared_data, leaver) in walked.facts["drift_lede"]
    assert walked.facts["drift_records"]["staff"][0] == f"skill:{_best_skill(shared_data, leaver)}"
    assert walked.facts["drift_records"]["evidence"][0] == "key-result:open-weaknesses"
    assert walked.facts["drift_dropped"] == []
    assert walked.facts["leaver_last_day"] == "2026-11-15"


def _named(shared: Path, person: str) -> str:
    """What the roster calls somebody."""
    rows = (shared / "21_roster" / "roster_2026-10.csv").read_text().splitlines()
    return next(row for row in rows if row.startswith(f"{person},")).split(",")[1]


def _best_skill(shared: Path, person: str) -> str:
    """The skill somebody works in: the one mastered best, of equals the first by name."""
    rows = (shared / "21_roster" / "roster_2026-10.csv").read_text().splitlines()
    skills = next(row for row in rows if row.startswith(f"{person},")).split(",")[11]
    levels = Counter({name: int(level) for name, level in (entry.split(":") for entry in skills.split(";"))})
    return min(levels, key=lambda name: (-levels[name], name))


def test_the_pack_stands_in_both_languages_and_every_format(walked: Walked):
    marks = {"pdf": b"%PDF-", "pptx": b"PK", "docx": b"PK", "md": b"# "}
    wanted = {f"board-pack.{language}.{form}" for language in ("en", "zh") for form in marks}
    assert set(walked.facts["packs"]) == wanted
    assert walked.facts["pack_sealed"]
    for name in wanted:
        assert (walked.folder / "packs" / name).read_bytes().startswith(marks[name.rpartition(".")[2]])
    assert re.search("[\u4e00-\u9fff]", (walked.folder / "packs" / "board-pack.zh.md").read_text())


def test_the_records_are_what_their_history_says(walked: Walked):
    assert walked.facts["history_broken"] == []
    assert walked.facts["history_commits"] > 10
