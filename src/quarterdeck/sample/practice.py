"""How changes were reviewed and built, and how data was copied: what controls are checked against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from quarterdeck.sample.chance import Span, chance, days, midnight, moment, written
from quarterdeck.sample.histories import SHAPES, Commit
from quarterdeck.sample.people import Personnel
from quarterdeck.sample.systems import SYSTEM
from quarterdeck.sample.writing import Cell, table

REVIEWED = (
    "change",
    "repository",
    "system",
    "title",
    "author",
    "reviewer",
    "opened",
    "reviewed",
    "approved",
    "merged",
    "commit",
    "comments",
)
BUILT = (
    "build",
    "pipeline",
    "system",
    "repository",
    "commit",
    "branch",
    "started",
    "finished",
    "result",
    "tests_run",
    "tests_failed",
    "coverage",
)
COPIED = (
    "backup",
    "system",
    "taken",
    "kind",
    "result",
    "size",
    "location",
    "restore_tested_at",
    "restore_result",
    "restore_minutes",
)
BUILDS = 400  # days before the first collection from which builds are kept
COPIES = 120  # likewise of backups

# what is planted: share of a repository's changes that nobody looked at, and that the author approved
_UNSEEN = {"settlement-batch": 0.07, "clearing-engine": 0.05, "order-hub": 0.01}
_OWN = {"customs-gateway": 0.05}
UNTESTED = ("ledger-store", "vault-store-primary")  # copied every night, never restored to try
FAILING = "document-store"  # its copies have failed for three weeks and nobody saw
_KEPT = {  # system → bytes of a full copy, place where it is kept
    "ledger-store": (412_000_000_000, "hamburg-b"),
    "vault-store-primary": (38_000_000_000, "suzhou-a"),
    "vault-store-standby": (38_000_000_000, "hamburg-b"),
    "document-store": (2_900_000_000_000, "hamburg-b"),
    "order-hub": (226_000_000_000, "hamburg-b"),
    "warehouse-control": (97_000_000_000, "suzhou-a"),
    "stock-ledger": (120_000_000_000, "suzhou-a"),
    "contract-store": (64_000_000_000, "hamburg-b"),
    "merchant-profile": (31_000_000_000, "hamburg-b"),
    "feature-store": (540_000_000_000, "suzhou-a"),
    "data-lake": (8_800_000_000_000, "suzhou-a"),
    "identity-hamburg": (9_000_000_000, "suzhou-a"),
    "identity-suzhou": (9_000_000_000, "hamburg-b"),
    "reconciliation": (75_000_000_000, "hamburg-b"),
}


@dataclass(frozen=True)
class Review:
    """One change as it was looked at. kind: seen, unseen (nobody did), own (the author did)."""

    row: tuple[Cell, ...]
    repository: str
    commit: str
    merged: datetime
    kind: str


def reviews(seed: int, people: Personnel, commits: dict[str, list[Commit]]) -> list[Review]:
    """One review a commit, in its order; some name no reviewer, or the author, where that is planted."""
    found = []
    for shape in SHAPES:
        random = chance(seed, "reviews", shape.system)
        owner = SYSTEM[shape.system].owner
        team = [
            person
            for person in people.staff
            if person.team in (owner, *shape.neighbours) and not person.post.startswith("product")
        ]
        for number, one in enumerate(commits[shape.system], 1):
            draw, lag = random.random(), random.random()
            others = [person for person in team if person.works(one.committed.date()) and person is not one.author]
            reviewer = random.choice(others).email
            unseen, own = _UNSEEN.get(shape.system, 0.0), _OWN.get(shape.system, 0.0)
            kind = "unseen" if draw < unseen else "own" if draw < unseen + own else "seen"
            opened = one.authored + (one.committed - one.authored) * 0.3
            first = opened + (one.committed - opened) * (0.1 + 0.6 * lag)
            approved = first + (one.committed - first) * 0.7
            who = {"unseen": "", "own": one.author.email, "seen": reviewer}[kind]
            seen = (written(first), written(approved)) if who else ("", "")
            row = (
                f"{number}",
                shape.system,
                shape.system,
                one.message.strip(),
                one.author.email,
                who,
                written(opened),
                *seen,
                written(one.committed),
                one.name,
                random.choice((0, 0, 1, 2, 3, 6)) if who else 0,
            )
            found.append(Review(row, shape.system, one.name, one.committed, kind))
    return found


def write_reviews(folder: Path, found: Sequence[Review], on: date) -> None:
    """One CSV file a repository."""
    now = midnight(on) + timedelta(days=1)
    for shape in SHAPES:
        table(
            folder / f"{shape.system}.csv",
            REVIEWED,
            [r.row for r in found if r.repository == shape.system and r.merged <= now],
        )


def write_builds(
    folder: Path, seed: int, commits: dict[str, list[Commit]], on: date, time: Span
) -> list[tuple[str, int]]:
    """One CSV file a repository; one cell of one of them is no number. Returns file and line of it."""
    now, since = midnight(on) + timedelta(days=1), midnight(time.today - timedelta(days=BUILDS))
    slips = []
    for shape in SHAPES:
        random = chance(seed, "builds", shape.system)
        coverage = random.uniform(48, 86)
        rows: list[tuple[Cell, ...]] = []
        for number, one in enumerate(commits[shape.system], 1):
            tests, failed, minutes = 300 + number * 2, random.random() < 0.11, random.randint(4, 26)
            coverage += random.uniform(-0.15, 0.16)
            if not since <= one.committed <= now:
                continue
            started = one.committed + timedelta(minutes=1)
            shown = "n/a" if shape.system == "driver-app" and len(rows) == 30 else f"{coverage:.1f}"
            slips += [(f"{shape.system}.csv", len(rows) + 2)] if shown == "n/a" else []
            rows.append(
                (
                    f"B-{shape.system}-{number:05d}",
                    "main",
                    shape.system,
                    shape.system,
                    one.name,
                    "main",
                    written(started),
                    written(started + timedelta(minutes=minutes)),
                    "failure" if failed else "success",
                    tests,
                    random.randint(1, 9) if failed else 0,
                    shown,
                )
            )
        table(folder / f"{shape.system}.csv", BUILT, rows)
    return slips


def write_backups(folder: Path, seed: int, on: date, time: Span) -> None:
    """One CSV file for each system with data: a copy a night, on Sundays a full one, every eight weeks a restore."""
    for system, (size, place) in _KEPT.items():
        random = chance(seed, "backups", system)
        shift = random.randrange(56)
        rows: list[tuple[Cell, ...]] = []
        for day in days(time.today - timedelta(days=COPIES), on):
            full = day.weekday() == 6
            taken = moment(day, random, "Hamburg", 1, 4)
            tried = full and system not in UNTESTED and (day.toordinal() + shift) // 7 % 8 == 0
            minutes = round(size / 2.4e9 * random.uniform(0.8, 1.4), 1)
            failed = system == FAILING and time.today - timedelta(days=21) <= day <= time.today
            bytes_ = int(size * (random.uniform(0.97, 1.03) if full else random.uniform(0.01, 0.04)))
            restored = (
                (written(taken + timedelta(days=2)), "success", minutes)
                if tried and not failed and day + timedelta(days=2) <= on
                else ("", "", "")
            )
            rows.append(
                (
                    f"{system}-{day:%Y%m%d}",
                    system,
                    written(taken),
                    "full" if full else "incremental",
                    "failure" if failed else "success",
                    0 if failed else bytes_,
                    place,
                    *restored,
                )
            )
        table(folder / f"{system}.csv", COPIED, rows)
