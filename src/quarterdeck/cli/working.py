"""Shows on the error stream that long work goes on: a bar for people, a line now and then for logs."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from quarterdeck.cli.words import _

SHORT = 0.3  # seconds that nobody minds waiting for
FIRST, AGAIN = 5.0, 10.0  # seconds until the first line of a log, and between further ones


@dataclass
class Going:
    """How far one piece of work is."""

    title: str
    began: float = field(default_factory=time.monotonic)
    done: float | None = None  # part, 0 to 1
    counted: int | None = None  # rows

    def part(self, done: float) -> None:
        """Say which part of the work is done."""
        self.done = min(1.0, max(0.0, done))

    def rows(self, number: int) -> None:
        """Say how many rows there are by now."""
        self.counted = number

    def line(self) -> str:
        """Title, how far, how long."""
        rows = _("%(count)s rows, ") % {"count": f"{self.counted:,}"} if self.counted else ""
        part = f"{self.done:.0%}, " if self.done is not None else ""
        return f"{self.title}{_(': ')}{rows}{part}{time.monotonic() - self.began:.0f} s"


@contextmanager
def working(title: str) -> Iterator[Going]:
    """Show how far the work inside is, until it ends."""
    going, ended = Going(title), threading.Event()
    showing = threading.Thread(target=_bar if sys.stderr.isatty() else _lines, args=(going, ended), daemon=True)
    showing.start()
    try:
        yield going
    finally:
        ended.set()
        showing.join()


def _lines(going: Going, ended: threading.Event) -> None:
    wait = FIRST
    while not ended.wait(wait):
        print(going.line(), file=sys.stderr, flush=True)
        wait = AGAIN


def _bar(going: Going, ended: threading.Event) -> None:
    if ended.wait(SHORT):
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        task = progress.add_task(going.title, total=None)
        while not ended.wait(SHORT):
            rows = f" {going.counted:,}" if going.counted else ""
            total = None if going.done is None else 1.0
            progress.update(task, description=going.title + rows, total=total, completed=going.done or 0.0)
