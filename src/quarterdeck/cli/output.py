"""Prints answers: as a table for people, or as JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def put_json(value: object) -> None:
    """One JSON value, readable and in one order."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def put_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, as_json: bool, names: Sequence[str] | None = None
) -> None:
    """Rows under headings; as JSON a list of objects, by `names` where headings are for people."""
    if as_json:
        put_json([dict(zip(names or columns, row, strict=True)) for row in rows])
        return
    console = Console(soft_wrap=not sys.stdout.isatty())
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(str(column), overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table)


def put(value: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """An answer that is one sentence for people and one object for programs."""
    if as_json:
        put_json(value)
    else:
        print(sentence)
