"""Prints what the journey does: sections, tables, seconds a step; and keeps the facts that its test asserts."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

WIDEST = 64  # characters of a table's cell


class Report:
    """A readable report on standard output; `facts` are what it came to, by name."""

    def __init__(self) -> None:
        self.facts: dict[str, object] = {}
        self.seconds: list[tuple[str, float]] = []
        self._began = time.perf_counter()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One section of the report, timed."""
        print(f"\n== {title}", flush=True)
        began = time.perf_counter()
        yield
        self.seconds.append((title, time.perf_counter() - began))
        print(f"   ({self.seconds[-1][1]:.1f} s)", flush=True)

    def say(self, text: str) -> None:
        """One line or several."""
        for line in text.splitlines():
            print(f"   {line}", flush=True)

    def fact(self, name: str, value: object) -> None:
        """Something that came out, said and kept."""
        self.facts[name] = value
        self.say(f"{name.replace('_', ' ')}: {value}")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows under headings, numbers as they are."""
        cells = [tuple(_cell(value) for value in row) for row in rows]
        widths = [max(len(head), *(len(row[place]) for row in cells), 1) for place, head in enumerate(heads)]
        for row in (tuple(heads), *cells):
            self.say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())

    def close(self, facts: Path | None) -> None:
        """The seconds of every step; the facts into a file, where one is asked for."""
        print("\n== Seconds a step")
        self.table(("step", "seconds"), [(title, f"{seconds:.1f}") for title, seconds in self.seconds])
        print(f"   in all {time.perf_counter() - self._began:.1f}", flush=True)
        self.facts["seconds"] = dict(self.seconds)
        if facts is not None:
            facts.write_text(json.dumps(self.facts, indent=1, default=str), encoding="utf-8")


def _cell(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
