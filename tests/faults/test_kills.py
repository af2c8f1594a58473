"""Commands killed at any moment: nothing half is ever seen, and what was begun is finished by beginning again."""

import csv
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from quarterdeck.kinds import proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import SYSTEM, Reader
from quarterdeck.lake import files, tables
from quarterdeck.lake.collect import sweep
from quarterdeck.lake.models import Part, TableHead
from quarterdeck.runs.models import Job

VICTIM = Path(__file__).with_name("victim_process.py")
EVERYONE = Reader("service:tests", (SYSTEM,))
COLLECT = ("reading", "part written", "part renamed", "in the transaction", "visible", "suggesting", "suggested")
IMPORT = ("read", "checked", "rows saved", "history written", "indexed", "committed")
WORKER = ("claimed", "working", "worked")
ROWS = 40  # of each imported sheet


class Victims:
    """Runs commands that die, on the records of a test."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.folder, self.counts = folder, Counter[str]()
        self._sheets = self._numbers = 0
        self._process = subprocess.Popen(
            [sys.executable, str(VICTIM)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Victims":
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def run(self, *command: str, **how: Any) -> dict[str, Any]:
        """A command, killed in a phase or after a time; or let be."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"command": command, **how}) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        if found["killed"]:
            self.counts[found["phase"]] += 1
        return found

    def incidents(self) -> tuple[str, ...]:
        """The command that collects a file which has one more row each time."""
        self._numbers += 1
        with (self.folder / "incidents.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "started", "resolved", "title"))
            writer.writerows(
                (f"I-{n}", "2026-01-02T08:00:00Z", "2026-01-02T09:00:00Z", f"Incident {n}")
                for n in range(self._numbers)
            )
        return ("collect", "incidents", str(self.folder / "incidents.csv"))

    def sheet(self) -> tuple[str, ...]:
        """The command that imports a sheet of new records."""
        self._sheets += 1
        with (self.folder / "vendors.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("key", "name_en"))
            writer.writerows((f"s{self._sheets}-{n}", f"Vendor {n}") for n in range(ROWS))
        return ("import", str(self.folder / "vendors.csv"), "--kind", "vendor")

    @property
    def collected(self) -> int:
        return self._numbers


@pytest.fixture
def victims(environment: dict[str, str], tmp_path: Path) -> Iterator[Victims]:
    with Victims(environment, tmp_path) as found:
        yield found


def deaths(random_: random.Random, lasting: dict[str, float]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Deaths without end: a fifth between a part's renaming and the commit, two fifths in other phases, two fifths at
    any time while the command lasts. lasting: seconds that each command takes when it is let be."""
    for turn in itertools.count():
        if turn % 5 == 0:
            yield "collect", {"phase": "collect: part renamed"}
        elif turn % 5 in (1, 2):
            command, phases = random_.choice((("collect", COLLECT), ("import", IMPORT), ("worker", WORKER)))
            yield command, {"phase": f"{command}: {random_.choice(phases)}"}
        else:
            command = random_.choice(sorted(lasting))
            yield command, {"after": random_.uniform(0.0, lasting[command])}


def nothing_half_is_seen(victims: Victims) -> None:
    """What anybody can see now: whole sheets, whole snapshots, files that are there with every byte."""
    connection.close()  # what another process wrote is read afresh
    counts = Counter(row.key.partition("-")[0] for row in Access(EVERYONE).select("vendor").rows())
    assert set(counts.values()) <= {ROWS}
    for part in Part.objects.all():
        data = Path(files.address(part.path)).read_bytes()
        assert hashlib.sha256(data).hexdigest() == part.digest
    seen = tables.scan(EVERYONE, "incidents").collect()
    assert seen.height == seen["incident"].n_unique() <= victims.collected


def finished(victims: Victims, jobs: int) -> None:
    """Beginning again finishes everything, once."""
    assert victims.run(*victims.incidents())["code"] == 0
    assert victims.run(*victims.sheet())["code"] == 0
    for _turn in range(10):
        assert victims.run("worker", "--once")["code"] == 0
        if not Job.objects.filter(state__in=("waiting", "running")).exists():
            break
    connection.close()
    assert tables.scan(EVERYONE, "incidents").collect().height == victims.collected
    assert {job.state for job in Job.objects.all()} == {"done"}
    assert Access(EVERYONE).select("team").count()[0] == jobs
    assert list(proof.examine()) == []
    assert TableHead.objects.get(table="incidents").snapshot == Part.objects.order_by("-snapshot").first().snapshot_id  # type: ignore[union-attr]
    for path in files.listed():
        os.utime(Path(files.address(path)), (0, 0))
    sweep()
    assert set(files.listed()) == set(Part.objects.values_list("path", flat=True)), "only what a snapshot knows is left"


class Jobs:
    """Work that waits for a worker."""

    def __init__(self) -> None:
        self.made = 0

    def another(self) -> tuple[str, ...]:
        """The command that works off a new job."""
        self.made += 1
        Job.objects.create(task="test-write", arguments=json.dumps({"key": f"job-{self.made}"}), owner="me")
        return ("worker", "--once")


def killed(victims: Victims, number: int) -> None:
    """Kill until so many have died; nothing half is ever seen, and in the end all is finished."""
    jobs = Jobs()
    commands = {"collect": victims.incidents, "import": victims.sheet, "worker": jobs.another}
    lasting = {}
    for command, words in commands.items():
        began = time.monotonic()
        assert victims.run(*words())["code"] == 0
        lasting[command] = time.monotonic() - began
    for command, how in deaths(random.Random(20261120), lasting):
        if victims.counts.total() == number:
            break
        victims.run(*commands[command](), **how)
        nothing_half_is_seen(victims)
    finished(victims, jobs.made)
    took = ", ".join(f"{command} {seconds:.2f} s" for command, seconds in lasting.items())
    table = "\n".join(f"{count:4}  {phase}" for phase, count in sorted(victims.counts.items()))
    print(f"unharmed: {took}\n{number} kills by the phase they met:\n{table}")
    assert victims.counts["collect: part renamed"] >= number // 5


def test_fifty_kills_leave_nothing_half(victims: Victims) -> None:
    killed(victims, 50)


@pytest.mark.long
def test_five_hundred_kills_leave_nothing_half(victims: Victims) -> None:
    killed(victims, 500)
