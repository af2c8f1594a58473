"""The example company's files, read in plain Python and not by readers."""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import python_calamine
import yaml

from quarterdeck import sample


@dataclass(frozen=True)
class Example:
    """A folder with the company in it."""

    layout: sample.Layout

    @property
    def folder(self) -> Path:
        return self.layout.folder

    @property
    def truths(self) -> dict[str, Any]:
        return json.loads(self.layout.truths.read_text())

    def rows(self, pattern: str) -> Iterator[dict[str, Any]]:
        """Rows of the CSV and JSON Lines files that match, in the order of their names."""
        for path in sorted(self.folder.glob(pattern)):
            text = path.read_text()
            if path.suffix == ".jsonl":
                yield from (json.loads(line) for line in text.splitlines())
            else:
                yield from csv.DictReader(text.splitlines())

    def entities(self) -> list[dict[str, Any]]:
        """Documents of the catalogue."""
        paths = sorted((self.folder / "catalogue").glob("*.yaml"))
        return [document for path in paths for document in yaml.safe_load_all(path.read_text())]

    def sheet(self, name: str) -> list[dict[str, Any]]:
        """Rows of one sheet of the workbook."""
        book = python_calamine.load_workbook(str(self.folder / "estate.xlsx"))
        headings, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        return [dict(zip(headings, row, strict=True)) for row in rows]


def at(text: str) -> datetime:
    """A moment as the files have it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but those of the repositories git made."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git/" not in path.as_posix())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
