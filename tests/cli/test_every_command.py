"""What every command promises, run on each that the program has: help, JSON and nothing else, one line for a mistake."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from command_line import ROOT, Outcome, commands, groups, run

from quarterdeck.cli import program
from quarterdeck.cli.app import ORDER
from quarterdeck.cli.faults import guarded

COMMANDS = commands()
GROUPS = groups()
EVERY = pytest.mark.parametrize("command", sorted(COMMANDS))
Run = Callable[..., Outcome]

# Arguments with which each command answers on the home below. One that is not here is a fault of this file.
ANSWERED = {
    "init": "init",
    "user": "user ada --role cto",
    "token": "token report --user cto",
    "worker": "worker --once",
    "readers": "readers",
    "collect": "collect backups backups.csv",
    "evidence list": "evidence list",
    "evidence problems": "evidence problems backups.csv",
    "evidence rows": "evidence rows backups",
    "suggestions list": "suggestions list",
    "suggestions accept": "suggestions accept",
    "suggestions refuse": "suggestions refuse --source backups.csv",
    "suggestions policy": "suggestions policy backups.csv accept",
    "evidence forget": "evidence forget backups.csv",
    "list": "list initiative --where state=idea --order -key --limit 3",
    "show": "show initiative:checkout",
    "set": "set team:core name_en=Core name_zh=核心组",
    "delete": "delete skill:gone --yes",
    "import": "import teams.csv --kind team",
    "export": "export whole.xlsx",
    "candidates": "candidates",
    "plan": "plan",
    "what-if": "what-if cut-budget::0.2",
    "propose": "--as cto propose plan",
    "decide": "--as gm decide",
    "drift": "drift",
    "document board-pack": "document board-pack --format md",
    "document list": "document list",
    "document verify": "document verify EDITION",
    "analyse": "analyse exposure",
    "engine": "engine graph --input graph.json",
    "history verify": "history verify",
    "history show": "history show initiative:checkout",
    "erase": "erase person:ines --yes",
}
ELSEWHERE = {"serve", "demo"}  # they go on until stopped; see below, and test_demo_told.py

# Mistakes in what each command is given; those that take nothing of their own have none.
MISTAKEN = {
    "init": ["init {file}"],
    "user": ["user ada --role king", "user ada --password short", "user nobody --remove", "user ada --person nobody"],
    "token": ["token x --user nobody", "token x --user cto --rights all", "token x --days 0", "token x --remove"],
    "serve": ["serve --port 0", "serve --port 99999", "serve --port x", "serve --workers 0", "serve --host not.a.host"],
    "demo": ["demo --today yesterday", "demo --port -1", "demo --home {folder}", "demo --home new --files {folder}"],
    "collect": [
        "collect tarot .",
        "collect bill missing.csv",
        "collect git {folder}",
        "collect bill {file}",
        "collect",
    ],
    "evidence problems": ["evidence problems nothing", "evidence problems nothing --limit 0"],
    "evidence forget": ["evidence forget nothing", "evidence forget"],
    "evidence rows": ["evidence rows nothing", "evidence rows commits --limit 99999999999999999999"],
    "suggestions list": ["suggestions list --kind nothing", "suggestions list --source nothing"],
    "suggestions accept": ["suggestions accept --source nothing", "suggestions accept --key nothing"],
    "suggestions refuse": ["suggestions refuse", "suggestions refuse --key nothing"],
    "suggestions policy": ["suggestions policy nothing ask", "suggestions policy nothing maybe"],
    "list": [
        "list nothing",
        "list team --where key",
        "list team --where nothing=1",
        "list team --order nothing",
        "list team --as-of yesterday",
        "list team --limit 0",
        "list team --limit x",
        "list initiative --where earliest=soon",
        "list team --where key=a --where key=b",
        "list team --limit 99999999999999999999",
        "list team --as-of 9999-12-31T23:59:59-23:00",
    ],
    "show": ["show team", "show nothing:x", "show team:nobody", "show team:nobody --as-of 2026-13-45"],
    "set": [
        "set team:core",
        "set team:core name_en",
        "set team:core name_en=A name_en=B",
        "set team:core nothing=1",
        "set nothing:core name_en=x",
        "set initiative:x name_en=x earliest=soon",
        "set initiative:x name_en=x system=nothing",
        "set team:a*b name_en=x",
    ],
    "delete": ["delete team", "delete team:nobody --yes"],
    "import": ["import missing.csv --kind team", "import {file}", "import {file} --kind nothing", "import {folder}"],
    "export": ["export x.pdf", "export x.csv", "export x.csv --kind nothing", "export no/folder/x.csv --kind team"],
    "candidates": [
        "candidates --accept nothing",
        "candidates --refuse nothing",
        "candidates --limit 0",
        "candidates --reason x",
        "candidates --accept x --refuse y",
    ],
    "what-if": ["what-if nothing"],
    "propose": ["propose nothing", "propose initiative:", "--as nobody propose plan", "propose plan"],
    "decide": ["decide D-1 perhaps", "decide", "--as nobody decide"],
    "document board-pack": ["document board-pack --language fr", "document board-pack --format odt"],
    "document verify": ["document verify nothing"],
    "analyse": ["analyse nothing", "analyse exposure --parameter x", "analyse exposure --parameter x=1"],
    "engine": [
        "engine nothing",
        "engine loss",
        "engine loss --input missing.json",
        "engine loss --input {file}",
        "engine loss --input {folder}",
        "engine graph --input {unknown}",
        "engine --schema",
        "engine --input {file}",
    ],
    "history show": ["history show team", "history show team:nobody"],
    "erase": ["erase person", "erase person:nobody --yes", "erase nothing:x --yes", "erase team:core --yes"],
}
NOTHING_TAKEN = {"readers", "plan", "drift", "worker", "evidence list", "document list", "history verify"}


# ---- the parser


def _one_line(outcome: Outcome) -> None:
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("quarterdeck: ")
    assert outcome.err.count("\n") == 1, outcome.err
    assert "Traceback" not in outcome.err


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on the records of the test; nothing is left in the environment."""
    monkeypatch.delenv("QUARTERDECK_USER", raising=False)
    monkeypatch.setenv("QUARTERDECK_HOME", os.environ["QUARTERDECK_HOME"])

    def call(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["quarterdeck", *words])
        code = guarded(program())
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return call


def test_every_command_is_answered_and_mistaken_here() -> None:
    assert ANSWERED.keys() | ELSEWHERE == COMMANDS.keys()
    assert MISTAKEN.keys() | NOTHING_TAKEN == COMMANDS.keys()
    assert {name.partition(" ")[0] for name in COMMANDS} == set(ORDER), "the order of commands names them all"


@EVERY
def test_help_explains_everything_a_command_takes(command: str, here: Run) -> None:
    told = here(*command.split(), "--help")
    assert told.code == 0
    assert told.out.startswith(f"Usage: quarterdeck {command}")
    flat = " ".join(told.out.split())
    for parameter in COMMANDS[command].params:
        if parameter.name != "help":
            assert parameter.help, f"{command} does not say what {parameter.name} is"
            assert " ".join(parameter.help.split()) in flat


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_summaries_are_told_whole(group: str, here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = here(*group.split(), "--help").out.partition("Commands:")[2]
    for name in GROUPS[group].commands:
        assert re.search(rf"^  {name} +[A-Z].*\.$|^  {name} +.*;.*[a-z]\.$", told, re.MULTILINE), name
    assert "..." not in told


@EVERY
def test_json_is_offered_by_every_command(command: str) -> None:
    options = {name for parameter in COMMANDS[command].params for name in parameter.opts}
    assert "--json" in options


@EVERY
def test_an_option_that_is_not_there_is_one_line(command: str, here: Run) -> None:
    _one_line(here(*command.split(), "--no-such-option"))


@EVERY
def test_without_a_home_it_says_how_to_make_one(command: str, here: Run, tmp_path: Path) -> None:
    if command in ("init", "demo", "readers"):
        return
    (tmp_path / "graph.json").write_text('{"nodes": [], "edges": []}')
    words = ANSWERED.get(command, command).replace("graph.json", str(tmp_path / "graph.json")).split()
    if command == "import":
        (tmp_path / "teams.csv").write_text("key,name_en\ncore,Core\n")
        words[1] = str(tmp_path / "teams.csv")
    told = here("--home", str(tmp_path / "none"), *words)
    if command == "engine":
        assert told.code == 0, "an engine needs no home"
    else:
        _one_line(told)
        assert f"make one with: quarterdeck init {tmp_path / 'none'}" in told.err
    assert not (tmp_path / "none").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("words", [words for several in MISTAKEN.values() for words in several])
def test_a_wrong_argument_is_one_line_and_code_two(
    words: str, here: Run, tmp_path: Path, user_with: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    user_with("cto", name="cto")
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "file").write_text("{broken")
    (tmp_path / "unknown").write_text('{"nodes": [], "edges": [], "nodse": []}')
    monkeypatch.chdir(tmp_path)
    places = {name: tmp_path / name for name in ("folder", "file", "unknown")}
    given = [word.format(**places) for word in words.split()]
    _one_line(here(*given))


@pytest.mark.parametrize("words", ["", "document", "history", "suggestions", "evidence"])
def test_a_group_alone_says_what_there_is(words: str, here: Run) -> None:
    told = here(*words.split())
    assert (told.code, told.out) == (2, "")
    assert "Commands:" in told.err


def test_options_of_the_program(here: Run) -> None:
    _one_line(here("--language", "fr", "readers"))
    _one_line(here("--home"))
    _one_line(here("nothing"))
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", here("--version").out)


# ---- answers


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small company, two users, an approved plan and a source of evidence, and files beside it."""
    folder = tmp_path_factory.mktemp("office")
    found = folder / "home"
    (folder / "backups.csv").write_text("system,taken,kind\nshop,2026-01-01,full\nshop,soon,full\n")
    (folder / "teams.csv").write_text("key,name_en,name_zh\ncore,Core,核心组\n")
    (folder / "graph.json").write_text('{"nodes": [{"key": "a"}, {"key": "b"}], "edges": []}')
    assert run("init", str(found), home=found).code == 0
    enter = "import django; django.setup(); import small_company; small_company.enter()"
    there = {
        **os.environ,
        "QUARTERDECK_HOME": str(found),
        "DJANGO_SETTINGS_MODULE": "quarterdeck.web.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests" / "office")]),
    }
    subprocess.run([sys.executable, "-c", enter], env=there, check=True, cwd=folder)
    for words in (
        "user cto --role cto",
        "user gm --role general-manager",
        "set skill:gone name_en=Gone",
        "set system:shop name_en=Shop",
        "collect backups backups.csv",
        "--as cto propose plan",
        "--as gm decide D-1 confirm",
        "document board-pack --format md --language en",
    ):
        done = run(*words.split(), home=found)
        assert done.code == 0, (words, done)
    return found


@pytest.mark.parametrize("command", sorted(ANSWERED, key=lambda name: (name == "erase", name)))
def test_json_is_one_value_and_nothing_else(command: str, home: Path) -> None:
    edition = (
        json.loads(run("document", "list", "--json", home=home).out)[0]["edition"]
        if "EDITION" in ANSWERED[command]
        else ""
    )
    words = ANSWERED[command].replace("EDITION", edition).split()
    told = run(*words, "--json", home=home)
    assert told.code == 0, told
    assert isinstance(told.value, dict | list)
    assert "NaN" not in told.out
    people = run(*words, home=home) if command not in ("erase", "delete", "propose") else None
    if people is not None:
        assert people.code == 0, people
        assert "Traceback" not in people.err
        if command != "engine":
            with pytest.raises(json.JSONDecodeError):
                json.loads(people.out or "-")


def test_serving_says_where(home: Path) -> None:
    """The address as JSON, one line; then it answers there until it is stopped."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [sys.executable, "-m", "quarterdeck", "serve", "--port", str(port), "--workers", "1", "--json"]
    there = {**os.environ, "QUARTERDECK_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(command, env=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _try in range(100):
            try:
                page = urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5)
                break
            except OSError:
                time.sleep(0.2)
        assert page.status == 200
        taken = run("serve", "--port", str(port), home=home)
        _one_line(taken)
        assert "Address already in use" in taken.err
    finally:
        server.send_signal(signal.SIGTERM)
        out, _err = server.communicate(timeout=30)
    assert server.returncode == 0
    assert json.loads(out) == {"url": f"http://127.0.0.1:{port}"}
