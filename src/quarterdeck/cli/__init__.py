"""The command line: everything the pages can do, with JSON on every answer."""

import sys

import typer

from quarterdeck.cli.app import app
from quarterdeck.cli.faults import guarded

__all__ = ("app", "main", "program")


def program() -> typer.Typer:
    """The program with all its commands."""
    from quarterdeck.cli import deciding, demo, documents, evidence, home, planning, plans, privacy, records, users  # noqa: F401, PLC0415 — they add their commands

    return app


def main() -> None:
    """The program `quarterdeck`."""
    sys.exit(guarded(program()))
