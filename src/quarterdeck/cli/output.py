"""Prints answers: as a table for people, or as JSON for programs."""

import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from quarterdeck.cli.words import _

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
WIDE = 1_000_000  # columns where nobody looks at them on a screen, so that nothing is folded
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)]


def put_json(value: object) -> None:
    """One JSON value, readable and in one order; a number that is none is null."""
    json.dump(_sound(value), sys.stdout, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    sys.stdout.write("\n")


def _sound(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: _sound(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(inner) for inner in value]
    return value


def put_table(columns: Mapping[str, str], rows: Iterable[Sequence[object]], *, as_json: bool) -> None:
    """Rows under headings, the first column never folded; as JSON a list of objects.

    columns: the name that programs read → the heading that people read, in their language.
    """
    if as_json:
        put_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(columns.values()):
        table.add_column(Text(heading), overflow="fold", no_wrap=not place)
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in drawn.get().splitlines())


def _cell(value: object) -> Text:
    """A value as it stands there: nothing in it is markup, and nothing steers the terminal."""
    return Text("" if value is None else plain(str(value)))


def plain(text: str) -> str:
    """A text without signs that steer a terminal or turn its words about."""
    return _STEERING.sub("\ufffd", text)


def put(value: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """An answer that is one sentence for people and one object for programs."""
    if as_json:
        put_json(value)
    else:
        print(plain(sentence))


def remark(text: str) -> None:
    """Something beside the answer: it never stands in what programs read."""
    print(plain(text), file=sys.stderr)


def left_out(shown: int, there: int, *, more: bool = False) -> None:
    """That a limit left something out; more: there are even more than were counted."""
    counts = {"shown": f"{shown:,}", "there": f"{there:,}"}
    text = (
        _("%(shown)s of %(there)s or more; --limit shows more")
        if more
        else _("%(shown)s of %(there)s; --limit shows more")
    )
    remark(text % counts)


def put_lines(title: str, lines: Iterable[tuple[str, Sequence[str]]]) -> None:
    """A heading, and below it sentences with their effects."""
    print(f"\n{title}")
    for text, effects in lines:
        print(plain(f"  {text}{_(': ')}{_('; ').join(effects)}"))
