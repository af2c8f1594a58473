"""Writes files that are the same bytes for the same values: CSV, JSON, JSON Lines, YAML."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

Cell = str | int | float | None
Plain = str | int | float | bool | None | Sequence["Plain"] | dict[str, "Plain"]


class _Dumper(yaml.CSafeDumper):
    """Never writes anchors: people do not."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def text(path: Path, content: str) -> Path:
    """A text file, UTF-8, with plain line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    return path


def table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Path:
    """A CSV file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text(path, buffer.getvalue())


def lines(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Path:
    """A JSON Lines file: one object a row, without what is empty."""
    written = (
        json.dumps(
            {name: cell for name, cell in zip(headings, row, strict=True) if cell not in ("", None)}, ensure_ascii=False
        )
        for row in rows
    )
    return text(path, "".join(line + "\n" for line in written))


def pretty(value: Plain) -> str:
    """A value as JSON that people read."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def document(path: Path, value: Plain) -> Path:
    """A JSON file."""
    return text(path, pretty(value))


def yaml_documents(path: Path, documents: Iterable[Plain]) -> Path:
    """A YAML file of several documents."""
    return text(
        path,
        yaml.dump_all(documents, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120, explicit_start=True),
    )
