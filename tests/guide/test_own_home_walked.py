"""The way from repositories and files to a confirmed plan and its drift, followed as the guide says it, on real inputs."""

import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from walking import ROOT, Walk, steps

from needs import missing

PAGE = ROOT / "docs" / "guide" / "own-home.md"
WRITTEN = 2027  # the first year of the page's plan; the test takes the year after today's
SECTIONS = {"People who use it", "Evidence", "The estate", "Candidates", "What only people know", "The plan", "Confirmation", "Drift", "Documents", "Keeping it"}  # fmt: skip


def repository(folder: Path) -> None:
    """A repository with a lock file and two years of commits by two people."""
    folder.mkdir()
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-C", str(folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    for number in range(24):
        (folder / "shop.py").write_text("".join(f"line = {n}\n" for n in range(20 + number)))
        (folder / "requirements.txt").write_text("jinja2==2.11.1\nurllib3==1.26.4\n")
        subprocess.run([*git, "add", "."], check=True)
        author = f"--author={'Ada <ada@example.org>' if number % 3 else 'Bo <bo@example.org>'}"
        day = f"--date={date.today().year - 1}-{number % 12 + 1:02}-15T09:00:00Z"
        subprocess.run([*git, "commit", "-q", author, day, "-m", f"Fix number {number}"], check=True)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The page, followed to its end in a folder with real inputs under the page's names."""
    shared = ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        missing(f"real inputs are not at {shared}")
    folder = tmp_path_factory.mktemp("own") / "folder"
    folder.mkdir()
    repository(folder / "shop")
    for name, place in {
        "catalogue": "06_architecture/backstage_giantswarm",
        "advisories": "01_osv_advisories/pypa",
        "end-of-life": "02_eol/products",
        "roster.csv": "21_roster/roster_2026-11.csv",
        "bill.csv": "04_finops_focus/focus_1_0_sample_even_rows.csv",
        "issues.csv": "10_issue_tracker/agile_project_dataset/jira_project_0.csv",
    }.items():
        copy = shutil.copytree if (shared / place).is_dir() else shutil.copy
        copy(shared / place, folder / name)
    found = Walk(folder)
    found.environment["PYTHONPATH"] = str(ROOT / "src")
    later = date.today().year + 1 - WRITTEN
    page = re.sub(
        r"\b(202[78])(?=-\d\d-\d\d)", lambda year: str(int(year[1]) + later), PAGE.read_text(encoding="utf-8")
    )
    for step in steps(page):
        found.take(step)
    return found


def test_the_page_walks_the_whole_line(walk: Walk) -> None:
    assert set(walk.printed) - {""} == SECTIONS


def test_everything_was_collected_and_what_was_not_is_named(walk: Walk) -> None:
    sources = {one["source"]: one for one in json.loads(walk.run("quarterdeck evidence list --json").stdout)}
    assert set(sources) == {"shop", "catalogue", "roster.csv", "bill.csv", "issues.csv", "advisories", "end-of-life"}
    assert all(one["rows"] for one in sources.values())
    assert "finished" in walk.printed["Evidence"][-1] or sources["issues.csv"]["problems"]


def test_candidates_were_born_from_evidence(walk: Walk) -> None:
    found = json.loads(walk.run("quarterdeck candidates --json").stdout)
    assert {"advisories", "bill"} <= {one["source"] for one in found}
    assert any("jinja2" in one["key"] for one in found)


def test_the_plan_funds_what_it_says_and_somebody_else_confirmed_it(walk: Walk) -> None:
    plan = json.loads(walk.run("quarterdeck plan --json").stdout)
    assert {one[0] for one in plan["starts"]} >= {"Two regions"}
    assert walk.printed["Confirmation"][-1].splitlines()[-1] == "D-1 carried out"
    (approved,) = json.loads(walk.run("quarterdeck list approved-plan --json").stdout)
    told = walk.run(f"quarterdeck history show approved-plan:{approved['key']}").stdout
    assert "service:decisions" in told or "D-1" in told


def test_what_moved_is_shown_as_drift(walk: Walk) -> None:
    assert "Two regions" in walk.printed["Drift"][-1]
    drift = json.loads(walk.run("quarterdeck drift --json").stdout)
    assert drift["finishes"]


def test_the_documents_are_there_in_two_languages_and_four_formats(walk: Walk) -> None:
    board = walk.folder / "board"
    if not board.is_dir():
        missing("typefaces for documents are not installed")
    assert len(list(board.iterdir())) == 8


def test_the_chain_holds(walk: Walk) -> None:
    assert json.loads(walk.run("quarterdeck history verify --json").stdout)["holds"] is True
