"""The home: for its owner alone, whole under two processes at once, and one line for whoever cannot use it."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command_line import HERE, ROOT, Outcome, run

from needs import missing

OTHER = 65_534  # a user who is not us


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that nothing was written to."""
    found = tmp_path_factory.mktemp("homes") / "home"
    assert run("init", str(found), home=found).code == 0
    return found


@pytest.fixture
def home(empty: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(empty, tmp_path / "home")


def _refused(outcome: Outcome, *words: str) -> None:
    assert (outcome.code, outcome.out) == (2, ""), outcome
    assert outcome.err.count("\n") == 1, outcome.err
    for word in words:
        assert word in outcome.err


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_reads_a_home(umask: int, tmp_path: Path) -> None:
    there = {**HERE, "PYTHONPATH": str(ROOT / "src")}
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    for place in (tmp_path / "new", tmp_path / "open"):
        command = [sys.executable, "-m", "quarterdeck", "init", str(place)]
        subprocess.run(command, env=there, check=True, capture_output=True, umask=umask)
        assert _mode(place) == 0o700
        assert _mode(place / "secret.key") == 0o600
        assert {_mode(place / name) for name in ("lake", "documents", "scratch")} == {0o700}


def test_records_are_kept_with_a_write_ahead_log(home: Path) -> None:
    assert run("set", "team:core", "name_en=Core", home=home).code == 0
    with sqlite3.connect(home / "records.sqlite3") as records:
        assert records.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_home_is_never_made_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_text("")
    _refused(run("init", str(tmp_path / "photos"), home=tmp_path / "x"), "holds other things")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["one.jpg"]


def test_made_twice_it_is_as_it_was(home: Path) -> None:
    secret = (home / "secret.key").read_text()
    assert run("set", "team:core", "name_en=Core", home=home).code == 0
    assert run("init", str(home), home=home).code == 0
    assert (home / "secret.key").read_text() == secret
    assert run("list", "team", "--json", home=home).value[0]["key"] == "core"


def test_made_by_several_at_once_it_is_one(tmp_path: Path) -> None:
    place = tmp_path / "home"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _n: run("init", str(place), home=place), range(4)))
    assert [outcome.code for outcome in done] == [0] * 4, done
    assert run("history", "verify", home=place).code == 0


def test_several_write_to_it_at_once_and_nothing_is_lost(home: Path) -> None:
    def make(number: int) -> Outcome:
        return run("set", f"team:t{number}", f"name_en=Team {number}", home=home)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(make, range(12)))
    assert [outcome.code for outcome in done] == [0] * 12, done
    told = run("history", "verify", "--json", home=home).value
    assert (told["commits"], told["holds"]) == (12, True)
    assert len(run("list", "team", "--json", home=home).value) == 12


def test_a_home_of_an_older_version_says_how_to_go_on(home: Path) -> None:
    with sqlite3.connect(home / "records.sqlite3") as records:
        records.execute("DROP TABLE runs_worker")
        records.execute("DELETE FROM django_migrations WHERE app = 'runs' AND name = '0002_worker'")
    _refused(run("worker", "--once", home=home), f"quarterdeck init {home}")
    assert run("init", str(home), home=home).code == 0
    assert run("worker", "--once", home=home).code == 0


def test_what_is_no_database_is_said(home: Path) -> None:
    for path in home.glob("records.sqlite3*"):
        path.unlink()
    (home / "records.sqlite3").write_text("not a database at all, but long enough to be taken for one" * 20)
    _refused(run("list", "team", home=home), str(home), "not a database")


def _unprivileged() -> tuple[str, ...]:
    """What starts a process that file modes hold for: nothing, or for root a loss of the right to pass them by."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        missing("setpriv is not installed, and root passes every file mode by")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def _lock(path: Path, mode: int) -> None:
    """Let only the modes of others hold for us where we are root, else our own."""
    if os.geteuid() == 0:
        os.chown(path, OTHER, OTHER)
    path.chmod(mode)


COMMANDS = ["list team", "set team:core name_en=Core", "history verify", "collect backups backups.csv", "worker --once"]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_home_that_may_not_be_read_is_one_line(words: str, home: Path) -> None:
    under = _unprivileged()
    (home.parent / "backups.csv").write_text("system,taken,kind\nshop,2026-01-01,full\n")
    _lock(home / "secret.key", 0o000)
    _refused(run(*words.split(), home=home, under=under), "secret.key: Permission denied")
    _lock(home, 0o000)
    _refused(run(*words.split(), home=home, under=under), str(home), "Permission denied")
    home.chmod(0o700)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_home_that_may_not_be_written_is_one_line(words: str, home: Path) -> None:
    under = _unprivileged()
    (home.parent / "backups.csv").write_text("system,taken,kind\nshop,2026-01-01,full\n")
    for path in (home / "records.sqlite3", home):
        _lock(path, 0o555 if path.is_dir() else 0o444)
    _refused(run(*words.split(), home=home, under=under), str(home))
    home.chmod(0o700)


def test_a_place_where_nothing_may_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    _lock(tmp_path / "shut", 0o555)
    done = run("init", str(tmp_path / "shut" / "home"), home=tmp_path / "x", under=_unprivileged())
    _refused(done, "Permission denied")
    (tmp_path / "shut").chmod(0o755)
