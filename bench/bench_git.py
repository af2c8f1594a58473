"""The git reader beside bare git and PyDriller on one generated history, in one run: wall, CPU, memory, equal numbers.

Run: python bench/bench_git.py [--commits N] [--peer-python PATH] [--folder PATH] [--repository PATH] [--repeat N]
Each row is a process of its own; CPU counts the processes it starts; memory is the largest resident size of the
Python process. Bare git writes into /dev/null. "own clone there" reads everything from a clone made earlier.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import histories

SOURCE = Path(__file__).resolve().parent.parent / "src"
BARE = ("git", "log", "--all", "--numstat", "-M", "-l1000")

OURS = """
import json, resource, sys, time
from pathlib import Path
started = time.perf_counter()
from quarterdeck.evidence.git import read
def cpu(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime
folder, scratch, target, heads = sys.argv[1:5]
loaded = time.perf_counter()
own = cpu(resource.RUSAGE_SELF)
state = json.loads(heads) if heads else None
batch = read(Path(folder), state, scratch=Path(scratch) if scratch else None, name="bench")
cloned, clone_cpu = time.perf_counter(), cpu(resource.RUSAGE_CHILDREN)
rows = added = deleted = commits = 0
for number, part in enumerate(batch.parts):
    part.frame.write_parquet(Path(target, f"{part.table.name}-{number}.parquet"))
    if part.table.name == "commit_files":
        rows += part.frame.height
        added += part.frame["added"].sum()
        deleted += part.frame["deleted"].sum()
    elif part.table.name == "commits":
        commits += part.frame.height
print(json.dumps({
    "loading": loaded - started, "clone": cloned - loaded, "reading": time.perf_counter() - cloned,
    "clone_cpu": clone_cpu, "git_cpu": cpu(resource.RUSAGE_CHILDREN) - clone_cpu,
    "own_cpu": cpu(resource.RUSAGE_SELF) - own,
    "numbers": [commits, rows, added, deleted], "state": batch.state,
}))
"""

DRIVER = """
import json, sys
from pydriller import Repository
commits = rows = 0
for commit in Repository(sys.argv[1], order="reverse").traverse_commits():
    rows += sum(1 for file in commit.modified_files if file.added_lines >= 0) if not commit.merge else 0
    commits += 1
    if commits >= int(sys.argv[2]):
        break
print(json.dumps({"numbers": [commits, rows]}))
"""


@dataclass(frozen=True)
class Measured:
    """One process: seconds of wall and CPU, mebibytes, and what it printed."""

    wall: float
    cpu: float
    memory: float
    said: dict


def measure(command: list[str], *, quiet: bool = False, repeat: int = 1) -> Measured:
    """Run a command so many times and keep the run with the least CPU."""
    runs = [_once(command, quiet) for _ in range(repeat)]
    return min(runs, key=lambda run: run.cpu)


def _once(command: list[str], quiet: bool) -> Measured:
    environment = histories.environment() | {"PYTHONPATH": str(SOURCE)}
    with tempfile.TemporaryFile() as output, Path(os.devnull).open("wb") as nothing:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=nothing if quiet else output, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command[0]} failed with {process.returncode}")
        output.seek(0)
        said = {} if quiet else json.loads(output.read())
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def ours(folder: Path, scratch: Path | None, state: dict | None = None, repeat: int = 1) -> Measured:
    """Read a repository and write its tables as Parquet."""
    with tempfile.TemporaryDirectory() as target:
        given = json.dumps(state) if state else ""
        command = [sys.executable, "-c", OURS, str(folder), str(scratch or ""), target, given]
        return measure(command, repeat=repeat)


def counted(folder: Path) -> list[int]:
    """Commits, rows and lines as bare git says them."""
    said = subprocess.run(
        [*BARE, "--format=tformat:@"], cwd=folder, env=histories.environment(), capture_output=True, check=True
    )
    lines = said.stdout.splitlines()
    rows = [line.split(b"\t")[:2] for line in lines if b"\t" in line]
    numbers = [(int(added), int(deleted)) for added, deleted in rows if added != b"-"]
    return [lines.count(b"@"), len(rows), sum(pair[0] for pair in numbers), sum(pair[1] for pair in numbers)]


def line(name: str, run: Measured, bare: Measured, note: str = "") -> None:
    """One row of the table."""
    ratios = f"{run.wall / bare.wall:7.2f} {run.cpu / bare.cpu:7.2f}"
    print(f"{name:34} {run.wall:8.2f} {run.cpu:8.2f} {run.memory:8.0f} {ratios}  {note}")


def earlier(folder: Path, back: int) -> dict:
    """The state after a collection that ended so many commits before the head."""
    command = ["git", "rev-list", "--max-count=1", f"--skip={back}", "HEAD"]
    done = subprocess.run(command, cwd=folder, env=histories.environment(), capture_output=True, check=True)
    return {"heads": done.stdout.decode().strip()}


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "quarterdeck-bench")
    parser.add_argument("--repository", type=Path, help="a repository of your own instead of a generated one")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has PyDriller")
    parser.add_argument("--peer-commits", type=int, default=300)
    return parser.parse_args()


def main() -> None:
    """Measure and print one table."""
    asked = arguments()
    folder = asked.repository or histories.write(asked.folder / f"{asked.commits}.git", asked.commits)
    load = os.getloadavg()[0]
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.strip()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load at the start {load:.1f}"
    print(f"{datetime.now(UTC):%Y-%m-%d}; {machine}")
    print(f"Python {platform.python_version()}; {git}; {folder.name}")
    print(f"{'':34} {'wall s':>8} {'CPU s':>8} {'MiB':>8} {'x wall':>7} {'x CPU':>7}")
    os.chdir(folder)
    bare = measure([*BARE, "--format=raw"], quiet=True, repeat=asked.repeat)
    line("git log --numstat", bare, bare)
    with tempfile.TemporaryDirectory() as place:
        measure_ours(folder, Path(place), bare, asked.repeat)
    measure_peer(asked, folder, bare)


def measure_ours(folder: Path, scratch: Path, bare: Measured, repeat: int) -> None:
    """Ours with and without making the clone, everything and 500 new commits."""
    first = ours(folder, None, repeat=repeat)
    line("ours, with making the clone", first, bare, f"of it making the clone {first.said['clone']:.2f} s")
    ours(folder, scratch)
    whole = ours(folder, scratch, repeat=repeat)
    share = whole.said["own_cpu"] / whole.said["git_cpu"]
    note = f"parse and write {share:.0%} of git's {whole.said['git_cpu']:.2f} s CPU"
    line("ours, own clone there", whole, bare, note)
    state = {key: value for key, value in whole.said["state"].items() if key != "heads"} | earlier(folder, 500)
    some = ours(folder, scratch, state, repeat=repeat)
    line(f"ours, {some.said['numbers'][0]} new commits", some, bare)
    line("ours, nothing new", ours(folder, scratch, whole.said["state"], repeat=repeat), bare)
    expected = counted(folder)
    equal = "equal" if expected == whole.said["numbers"] == first.said["numbers"] else "DIFFERENT"
    print(f"commits, files, lines added, deleted: {whole.said['numbers']}; bare git: {expected}: {equal}")


def measure_peer(asked: argparse.Namespace, folder: Path, bare: Measured) -> None:
    """PyDriller on its newest commits; its time for all of them is extrapolated and said to be."""
    probe = subprocess.run([asked.peer_python, "-c", "import pydriller"], capture_output=True, check=False)
    if probe.returncode:
        print(f"PyDriller: not installed in {asked.peer_python}")
        return
    run = measure([asked.peer_python, "-c", DRIVER, str(folder), str(asked.peer_commits)])
    commits = run.said["numbers"][0]
    line(f"PyDriller, newest {commits} commits only", run, bare, f"{commits / run.cpu:.0f} commits a CPU second")


if __name__ == "__main__":
    main()
