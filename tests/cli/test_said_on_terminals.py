"""What people read: nothing in a record steers their terminal, long work says how far it is, limits are told."""

import builtins
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.charts.render import TypefacesMissingError
from quarterdeck.cli import output, program, working
from quarterdeck.cli.faults import OUTCOMES, guarded
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.roles import Authority, Denied
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.plan.frame import NotReady

HOSTILE = ["[/red]", "[bold]x", "\x1b[2J", ":smile:", "a\x00b", "\u202eabc", "x" * 300, "中文", "two\nlines", "\ud800"]


def test_cells_are_shown_as_they_are_and_steer_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.put_table({"key": "key", "name": "name"}, [("k", text) for text in HOSTILE], as_json=False)
    told = capsys.readouterr().out
    for text in ("[/red]", "[bold]x", ":smile:", "x" * 300, "中文", "lines", "\ufffd[2J", "a\ufffdb", "\ufffdabc"):
        assert text in told
    assert not any(sign in told for sign in "\x1b\x00\u202e\ud800")


def test_keys_are_never_folded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    output.put_table({"key": "key", "name": "name"}, [("k" * 40, "word " * 20)], as_json=False)
    assert "k" * 40 in capsys.readouterr().out


def test_numbers_that_are_none_are_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    output.put_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": (float("-inf"),)})
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {"a": None, "b": [None, 1.5], "c": [None]}


def test_long_work_is_told_on_the_error_stream(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "FIRST", 0.05)
    monkeypatch.setattr(working, "AGAIN", 0.05)
    with working.working("plan") as going:
        going.part(0.25)
        time.sleep(0.12)
        going.part(7)
        going.rows(1_234)
        time.sleep(0.12)
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0].startswith("plan: 25%, ")
    assert lines[-1].startswith("plan: 1,234 rows, 100%, ")


def test_short_work_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with working.working("plan"):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_bar_is_drawn_for_people_and_taken_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "SHORT", 0.02)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with working.working("outlook") as going:
        going.part(0.5)
        time.sleep(0.4)
        print("an answer")
    said = capsys.readouterr()
    assert said.out == "an answer\n"
    assert "outlook" in said.err


def test_work_that_fails_ends_its_telling(capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with pytest.raises(ValueError, match="x"), working.working("plan"):
        raise ValueError("x")
    assert threading.active_count() == before


# ---- outcomes


@pytest.mark.parametrize("name", sorted(OUTCOMES))
def test_every_known_failure_is_there(name: str) -> None:
    """The table names exceptions by text; a name that no longer exists would be a traceback for users."""
    module, _dot, found = name.rpartition(".")
    place = builtins if module == "builtins" else importlib.import_module(module)
    assert issubclass(getattr(place, found), Exception)


class _App:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, **_options: object) -> None:
        raise self.error


def _outcomes() -> list[tuple[BaseException, int, str]]:
    return [
        (TypefacesMissingError("there are no typefaces"), 1, "there are no typefaces"),
        (Denied("see", "plan"), 1, "you may not see plan"),
        (NotReady("No plan frame\nis in use."), 1, "No plan frame is in use."),
        (NotFound("team:x"), 2, "there is no team:x"),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), 2, "a.csv: No such file or directory"),
        (OSError("odd"), 2, "odd"),
        (KeyboardInterrupt(), 130, "stopped"),
    ]


@pytest.mark.parametrize("number", range(7))
def test_what_goes_wrong_is_one_line_and_a_code(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    error, code, text = _outcomes()[number]
    assert guarded(_App(error)) == code  # type: ignore[arg-type]
    assert capsys.readouterr() == ("", f"quarterdeck: {text}\n")


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), TypeError("x")])
def test_a_fault_of_the_program_is_not_hidden(error: Exception) -> None:
    with pytest.raises(type(error)):
        guarded(_App(error))  # type: ignore[arg-type]


def test_a_reader_that_went_away_is_no_failure() -> None:
    assert guarded(_App(BrokenPipeError())) == 0  # type: ignore[arg-type]


@pytest.mark.django_db
def test_what_a_limit_leaves_out_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, operator: Authority
) -> None:

    write(operator, [Change("team", f"t{number}", {"name_en": "T"}) for number in range(5)], "x")
    for words, left in (
        ("--limit 3", "3 of 5; --limit shows more\n"),
        ("--limit 5", ""),
        ("--limit 3 --json", "3 of 5; --limit shows more\n"),
    ):
        monkeypatch.setattr(sys, "argv", ["quarterdeck", "list", "team", *words.split()])
        assert guarded(program()) == 0
        assert capsys.readouterr().err == left


@pytest.mark.django_db
def test_what_a_roster_says_is_told_only_as_far_as_its_reader_may_see(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    user_with: Callable[..., object],
    tmp_path: Path,
) -> None:
    """Pay that is suggested, and the rows and problems of a roster."""
    roster = tmp_path / "roster.csv"
    roster.write_text("staff,team,name,pay,pay_currency\nS1,core,Ada,91234,EUR\nS1,core,Twice,1,EUR\n")
    user_with("engineer", name="eng")
    user_with("finance", name="fin")

    def told(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["quarterdeck", *words])
        code = guarded(program())
        return code, capsys.readouterr().out

    assert told("collect", "roster", str(roster))[0] == 0
    listed, rows = ("suggestions", "list", "--json"), ("evidence", "rows", "roster_people", "--json")
    assert "91234" in told(*listed)[1], "the operator of the home holds its files"
    assert "91234" in told(*rows)[1]
    for name in ("eng", "fin"):
        for words in (listed, rows):
            assert "91234" not in told("--as", name, *words)[1]
    assert json.loads(told("evidence", "problems", "roster.csv", "--json")[1])
