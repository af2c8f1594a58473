"""The command line: everything the pages can do, with JSON on every answer."""

import sys

from quarterdeck.cli.app import app
from quarterdeck.cli.faults import guarded

__all__ = ("app", "main")


def main() -> None:
    """The program `quarterdeck`."""
    from quarterdeck.cli import deciding, demo, documents, evidence, home, planning, privacy, records  # noqa: F401, PLC0415 — they add their commands

    sys.exit(guarded(app))
