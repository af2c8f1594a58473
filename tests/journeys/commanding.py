"""Says commands of the program as one user, and keeps what came of them."""

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from quarterdeck import cli
from quarterdeck.cli.faults import guarded
from quarterdeck.kinds.declare import KINDS
from quarterdeck.runs.analysis import ANALYSES

Words = tuple[str, ...]


def commands(person: str) -> list[Words]:
    """Everything that can be asked about a company in which this person works."""
    private = [(kind.name, field) for kind in KINDS.values() for field in kind.private]
    asked: list[Words] = [
        *(("list", name) for name in ("person", "person-skill", "cost-band", "team")),
        ("list", "person", "--where", "salary=71234.57"),
        *(("list", name, "--order", f"-{field}") for name, field in private),
        ("list", "person", "--as-of", "2030-01-01T00:00"),
        ("show", f"person:{person}"),
        *(("analyse", name) for name in ANALYSES if name != "drift"),  # which is asked of a baseline, below
        ("plan",),
        ("what-if", f"lose-person:{person}"),
        ("drift",),
        ("candidates",),
        ("suggestions", "list"),
        ("document", "list"),
    ]
    return [(*words, "--json") for words in asked] + [("show", f"person:{person}"), ("plan",)]


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """The program finds this home, and what it sets for itself is undone again."""
    with pytest.MonkeyPatch.context() as patch, translation.override("en"):
        patch.setattr(settings, "HOME", home)
        patch.setitem(os.environ, "QUARTERDECK_HOME", str(home))
        patch.delenv("QUARTERDECK_USER", raising=False)
        (home / "secret.key").write_text(settings.SECRET_KEY)
        yield


def say(user: str, words: Iterable[str]) -> bytes:
    """What a command prints, and the code it ends with."""
    said, complained = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(complained):
        patch.setattr(sys, "argv", ["quarterdeck", "--as", user, *words])
        code = guarded(cli.program())
    return f"{code}\n{said.getvalue()}\n{complained.getvalue()}".encode()


def exported(user: str, folder: Path, *words: str) -> bytes:
    """The bytes of the sheet that `export` writes, where it may."""
    path = folder / words[0]
    path.unlink(missing_ok=True)
    told = say(user, ["export", str(path), *words[1:], "--json"])
    return told + (path.read_bytes() if path.exists() else b"")


def all_said(user: str, person: str, folder: Path) -> dict[str, bytes]:
    """What comes of everything that can be asked, and of the sheets."""
    found = {" ".join(words): say(user, words) for words in commands(person)}
    sheets = (("all.xlsx",), ("people.csv", "--kind", "person"), ("people.xlsx", "--kind", "person"))
    return found | {" ".join(words): exported(user, folder, *words) for words in sheets}
