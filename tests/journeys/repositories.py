"""The repositories of the journey: clones that stand at an earlier commit first and at their newest later."""

import csv
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "evidence"))
from histories import git, rebuild

LOG = "15_truck_factor/commit_logs/flask_2021-11-24_2023-05-24.csv"
DAY = 86_400
LATER = 0.2  # part of a history, its newest, that is collected the second time


@dataclass(frozen=True)
class Cut:
    """Which part of the published log one repository holds: rows by path, and how many days of its end are left out."""

    name: str
    keeps: Callable[[str], bool]
    left_out: int = 0


CUTS = (
    Cut("app-operator", lambda path: not path.startswith(("docs/", "tests/"))),
    Cut("dex-operator", lambda path: path.startswith(("src/", "requirements/", "setup"))),
    Cut("observability-operator", lambda path: not path.startswith("src/"), 120),
)


def rebuilt(shared: Path, folder: Path, today: datetime) -> list[Path]:
    """Three repositories of real shape out of one published log: who changed which path by how many lines, and when.

    The log is moved forward by whole days, so that it ends just before today. Its developers go by pseudonyms as in the
    roster (dev-001 …).
    """
    with (shared / LOG).open(newline="") as file:
        rows = list(csv.DictReader(file))
    newest = max(int(row["author_time"]) for row in rows)
    end = int(datetime.combine(today.date(), time(), UTC).timestamp())
    shift = (end - newest) // DAY * DAY
    return [_rebuilt(cut, rows, newest, shift, folder) for cut in CUTS]


def _rebuilt(cut: Cut, rows: list[dict[str, str]], newest: int, shift: int, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{cut.name}.csv"
    until = newest - cut.left_out * DAY
    kept = [row for row in rows if cut.keeps(row["path"]) and int(row["author_time"]) <= until]
    with log.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in _from_nothing(kept):
            number = int(row["dev"].removeprefix("dev-"))
            moved = int(row["author_time"]) + shift + cut.left_out * DAY
            writer.writerow({**row, "dev": f"dev-{number:03}", "author_time": str(moved)})
    return rebuild(log, folder / cut.name, bare=False)


def _from_nothing(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows, newest first, without deletions of lines that the log does not show being added."""
    length: dict[str, int] = {}
    kept = []
    for row in reversed(rows):
        if row["added"] == "-":
            kept.append(row)
            continue
        there = length.get(row["path"], 0)
        added, deleted = int(row["added"]), min(int(row["deleted"]), there)
        length[row["path"]] = there + added - deleted
        if added or deleted:
            kept.append({**row, "deleted": str(deleted)})
    return kept[::-1]


def cloned(origin: Path, folder: Path) -> Path:
    """A clone with a checkout, that borrows no objects and runs no hook."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / origin.name.removesuffix(".git")
    if target.name == "repo":  # a bare mirror's folder; its parent says what it is
        target = folder / origin.parent.name.split("+")[-1]
    shutil.rmtree(target, ignore_errors=True)
    git(folder, "clone", "-q", "--no-local", "--template=", "--no-checkout", str(origin), str(target))
    git(target, "-c", "core.hooksPath=/dev/null", "checkout", "-q", "--force")
    return target


def earlier(repository: Path) -> tuple[str, int]:
    """Put a clone back by the newest part of its history; its head before, and how many commits are held back."""
    head = git(repository, "rev-parse", "HEAD").decode().strip()
    line = git(repository, "rev-list", "--first-parent", "HEAD").decode().split()
    back = max(1, round(len(line) * LATER)) if len(line) > 1 else 0
    _to(repository, line[back])
    held = git(repository, "rev-list", "--count", f"{line[back]}..{head}").decode().strip()
    return head, int(held)


def later(repository: Path, head: str) -> None:
    """Bring a clone to its newest commit, as a pull would."""
    _to(repository, head)


def _to(repository: Path, commit: str) -> None:
    git(repository, "-c", "core.hooksPath=/dev/null", "reset", "-q", "--hard", commit)
    branch = git(repository, "symbolic-ref", "--short", "HEAD").decode().strip()
    for reference in _remote(repository):
        if not reference.endswith(("/HEAD", f"/{branch}")):
            git(repository, "update-ref", "-d", reference)
    git(repository, "update-ref", f"refs/remotes/origin/{branch}", commit)


def _remote(repository: Path) -> Iterable[str]:
    return git(repository, "for-each-ref", "--format=%(refname)", "refs/remotes").decode().split()
