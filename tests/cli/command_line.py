"""Runs the program as people do, and lists its commands out of the program itself, so that a new one is tested too."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from quarterdeck.cli import program, words

ROOT = Path(__file__).resolve().parents[2]
THEIRS = {"QUARTERDECK_USER", "QUARTERDECK_LANGUAGE", *words.TERMINAL}  # of whoever runs the tests
HERE = {**{name: value for name, value in os.environ.items() if name not in THEIRS}, "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """What it answered: the whole of its output, as one JSON value."""
        return json.loads(self.out)


def run(*given: str, home: Path, under: Sequence[str] = (), **environment: str) -> Outcome:
    """Run the program in a process of its own; `under` is a command that starts it."""
    paths = [str(ROOT / "src"), str(ROOT / "tests" / "office"), HERE.get("PYTHONPATH", "")]
    there = {**HERE, "QUARTERDECK_HOME": str(home), "PYTHONPATH": os.pathsep.join(paths), **environment}
    there.pop("QUARTERDECK_LAKE_URL", None)
    done = subprocess.run(
        [*under, sys.executable, "-m", "quarterdeck", *given],
        env=there,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=home.parent,
        check=False,
        timeout=600,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def _below(words: tuple[str, ...], found: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in getattr(found, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from _below((*words, name), one)
        else:
            yield (*words, name), one


def commands() -> dict[str, Any]:
    """Every command by its words, as the option parser knows it."""
    return {" ".join(words): one for words, one in _below((), typer.main.get_command(program()))}


def groups() -> dict[str, Any]:
    """The program itself (under an empty name) and every group of commands."""
    whole = typer.main.get_command(program())
    found = {name: one for name, one in whole.commands.items() if hasattr(one, "commands")}  # type: ignore[attr-defined]
    return {"": whole, **found}
