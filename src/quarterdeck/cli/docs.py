"""Writes the reference pages and holds all pages against the program: `python -m quarterdeck.cli.docs [--check]`."""

import os
import sys
from pathlib import Path

import django

from quarterdeck.cli import pages

ROOT = Path(__file__).resolve().parents[3]


def faults(root: Path = ROOT) -> list[str]:
    """Everything that is wrong with the pages."""
    from quarterdeck.cli import reference  # noqa: PLC0415 — it needs Django to be set up

    return [*reference.stale(root), *pages.faults(root), *reference.without_page(root)]


def main(arguments: list[str]) -> int:
    """The command; with --check nothing is written, and every fault is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.web.settings")
    django.setup()
    from quarterdeck.cli import reference  # noqa: PLC0415

    if "--check" not in arguments:
        reference.put(ROOT)
        return 0
    wrong = faults()
    for fault in wrong:
        print(fault.replace(f"{ROOT}/", ""), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
