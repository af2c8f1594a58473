"""Files of two gigabytes, for every reader: refused by name in bounded time and memory, alone and among good ones."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from whole_sources import LINES, Whole

from quarterdeck.evidence import readers

ROOT = Path(__file__).resolve().parents[2]
HUGE = 2 * 1024**3  # bytes; the files are sparse and take no room on the disk
ENDINGS = (".csv", ".json", ".jsonl", ".xlsx", ".zip", ".parquet", ".csv.gz", ".yaml", ".md", ".lock", ".txt", "")
SECONDS = 20  # for one file, on a machine busy with other tests; it takes a tenth of a second
MEBIBYTES = 400  # that a process may grow by over what it is with all readers loaded

# Runs by itself, so that the memory it is given and uses is its own; says one line of JSON for each path.
CHILD = """
import json, resource, sys, time
from pathlib import Path
from quarterdeck.evidence import readers
from quarterdeck.evidence.batch import Refused

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

reader = readers.by_name(sys.argv[1])
resource.setrlimit(resource.RLIMIT_DATA, (3 * 1024**3, 3 * 1024**3))
for path in map(Path, sys.argv[2:]):
    before, began = peak(), time.perf_counter()
    said = {"path": str(path), "rows": 0, "refused": None}
    try:
        batch = reader.read(path, None)
        said["rows"] = sum(part.frame.height for part in batch.parts)
        said["problems"] = [[problem.origin, problem.reason] for problem in batch.problems]
    except Refused as error:
        said["refused"] = [error.origin, error.reason]
    print(json.dumps(said | {"seconds": time.perf_counter() - began, "grown": peak() - before}))
"""
FIRST = {whole.reader: whole for whole in reversed(LINES)}


def huge(path: Path, begin: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(HUGE)
    assert path.stat().st_size == HUGE
    assert path.stat().st_blocks * 512 < 1024**2
    return path


def run(reader: str, paths: list[Path]) -> list[dict]:
    words = [sys.executable, "-c", CHILD, reader, *map(str, paths)]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=surroundings, timeout=400)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["path"] for each in said] == [str(path) for path in paths]
    for each in said:
        assert each["seconds"] < SECONDS, each
        assert each["grown"] < MEBIBYTES, each
    return said


every_reader = pytest.mark.parametrize("reader", [reader.name for reader in readers.READERS])


@every_reader
def test_a_file_of_two_gigabytes_is_refused_by_its_name(reader: str, tmp_path: Path) -> None:
    whole = FIRST.get(reader, Whole("git", "repository", b""))
    begins = {"zeros": b"", "good": whole.data}
    paths = [huge(tmp_path / f"{name}{ending}", begin) for name, begin in begins.items() for ending in ENDINGS]
    paths += [huge(tmp_path / f"begins{ending}", begin) for ending, begin in (
        (".parquet", b"PAR1"), (".xlsx", b"PK\x03\x04"), (".zip", b"PK\x03\x04"), (".csv.gz", b"\x1f\x8b\x08"),
    )]  # fmt: skip
    for each in run(reader, paths):
        assert each["refused"] is not None, each
        assert Path(each["path"]).name in each["refused"][0]
        assert len(each["refused"][1]) > 10


@pytest.mark.parametrize("reader", sorted(FIRST))
def test_beside_good_files_it_is_named_and_they_are_read_or_all_is_refused(reader: str, tmp_path: Path) -> None:
    whole = FIRST[reader]
    folder = tmp_path / "folder"
    (folder / "big").mkdir(parents=True)
    (folder / whole.name).write_bytes(whole.data)
    [alone] = run(reader, [folder])
    huge(folder / "big" / whole.name, whole.data)
    [both] = run(reader, [folder])
    if reader == "roster":  # one roster: without one of its files it would say that people are gone
        assert both["refused"][0] == f"big/{whole.name}"
        return
    assert both["rows"] == alone["rows"] > 0
    assert [origin for origin, _ in both["problems"] if origin == f"big/{whole.name}"]


@every_reader
def test_a_member_of_an_archive_that_unpacks_beyond_measure_is_refused(reader: str, tmp_path: Path) -> None:
    whole = FIRST.get(reader, Whole("git", "catalog-info.yaml", b"x"))
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(whole.name, whole.data + b"\n" * 128 * 1024**2)
    [each] = run(reader, [tmp_path / "all.zip"])
    assert each["refused"][0].startswith("all.zip")
