"""Streams bills of any length: text, plain or packed with gzip, and Parquet; memory holds one chunk of rows."""

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.bill.hearing import Hearing, marked_utf16
from quarterdeck.evidence.records.grids import Grid, normal, of_lines

CHUNK = 20_000  # rows
LARGEST_UNPACKED = 64 * 1024 * hostile.MEBIBYTE  # of one gzip file
MOST_ROWS_A_BYTE = 1  # a Parquet file with more rows than bytes is a bomb, not a bill
LARGEST_CHUNK = 512 * hostile.MEBIBYTE  # of the text of CHUNK rows of a Parquet file
ALWAYS_ROWS = 100_000  # taken whatever the file's size

_PARQUET = b"PAR1"  # how it begins and ends
_UNPACKING = (OSError, EOFError, zlib.error)


@dataclass(frozen=True)
class BillFile:
    """One file of a bill: its path inside the source, and on disk."""

    origin: str
    path: Path

    @property
    def is_parquet(self) -> bool:
        """Whether it begins as Parquet does, or its name says so."""
        with hostile.open_file(self.path, origin=self.origin) as file:
            return file.read(4) == _PARQUET or self.path.name.lower().endswith(".parquet")


@contextmanager
def _open(file: BillFile) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where it is packed; damage and bombs are refused while they are read."""
    with hostile.open_file(file.path, origin=file.origin) as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        size = raw.seek(0, io.SEEK_END)
        raw.seek(0)
        if not packed:
            yield raw
            return
        most = min(LARGEST_UNPACKED, max(size, 1024) * hostile.HIGHEST_RATIO)
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield io.BufferedReader(_Counted(unpacked, most, file.origin), hostile.MEBIBYTE)


class _Counted(io.RawIOBase):
    """Unpacked bytes, refused when they are more than the packed ones allow."""

    def __init__(self, source: gzip.GzipFile, most: int, origin: str) -> None:
        self.source, self.left, self.most, self.origin = source, most, most, origin

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self.source.read(len(buffer))
        except _UNPACKING as error:
            raise Refused(self.origin, f"is a damaged gzip file: {error}") from error
        self.left -= len(data)
        if self.left < 0:
            raise Refused(self.origin, f"unpacks to more than {self.most} bytes (a bomb, or too large)")
        buffer[: len(data)] = data
        return len(data)


def fingerprint(file: BillFile, hasher: "hashlib._Hash") -> str:
    """Add the file's bytes to the digest and say in which encoding its text is (nothing for Parquet).

    Raises Refused where it is text in none of the encodings taken: all of it is heard before a row of it is given.
    """
    hasher.update(file.origin.encode("utf-8", "surrogateescape") + b"\0")
    parquet, hearing = file.is_parquet, None
    if parquet:
        _refuse_cut_parquet(file)
    for block in _blocks(file):
        hasher.update(block)
        if not parquet:
            hearing = hearing or Hearing(file.origin, "utf-16" if marked_utf16(block) else "utf-8")
            hearing.hear(block)
    if hearing is None:
        return ""
    hearing.close()
    if hearing.failed is None:
        return "utf-16" if hearing.encoding == "utf-16" else "utf-8-sig"
    chinese = Hearing(file.origin, "gb18030", hearing.failed)
    for block in _blocks(file):
        chinese.hear(block)
    chinese.close()
    return "gb18030"


def _refuse_cut_parquet(file: BillFile) -> None:
    """Refuse by its last bytes a Parquet file that is not whole: nothing of it need be read for that."""
    with hostile.open_file(file.path, origin=file.origin) as raw:
        if raw.seek(0, io.SEEK_END) < len(_PARQUET):
            raise Refused(file.origin, "is not a readable Parquet file: it is empty or nearly so")
        raw.seek(-len(_PARQUET), io.SEEK_END)
        if raw.read() != _PARQUET:
            raise Refused(file.origin, "is not a readable Parquet file: it does not end as one and may be cut short")


def _blocks(file: BillFile) -> Iterator[bytes]:
    with _open(file) as stream:
        while block := stream.read(hostile.MEBIBYTE):
            yield block


def text_grids(file: BillFile, encoding: str) -> Iterator[Grid]:
    """Grids of a CSV file."""
    with _open(file) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        try:
            yield from of_lines(_lines(text, file.origin), file.origin, CHUNK)
        except UnicodeDecodeError as error:  # it was heard to its end before: the file was changed meanwhile
            raise Refused(file.origin, f"is not {encoding} text throughout") from error


def _lines(text: io.TextIOWrapper, origin: str) -> Iterator[str]:
    number = 0
    while line := text.readline(hostile.LARGEST_LINE):
        number += 1
        if len(line) == hostile.LARGEST_LINE:
            raise Refused(origin, f"has a line of more than {hostile.LARGEST_LINE // hostile.MEBIBYTE} MiB", number)
        yield line


def parquet_grids(file: BillFile, wanted: frozenset[str]) -> Iterator[Grid]:
    """Grids of a Parquet file, its values as exact text; of the columns only those with wanted headings are decoded.

    The first grid has all headings and no rows.
    """
    try:
        frame = pl.scan_parquet(file.path, glob=False)
        schema = frame.collect_schema()
        _bounded(file, frame.select(pl.len()).collect().item())
        columns = [name for name in schema if normal(name) in wanted]
        yield Grid(file.origin, list(schema), [], [[] for _ in schema], _inexact(file, schema, columns))
        line = 1
        for batch in frame.select(columns).collect_batches(chunk_size=CHUNK, maintain_order=True):
            lines = range(line, line + batch.height)
            _bounded_text(file, batch, line)
            yield Grid(file.origin, columns, lines, [_text(batch[name]) for name in columns])
            line += batch.height
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise Refused(file.origin, f"is not a readable Parquet file: {str(error)[:200]}") from error


def _bounded(file: BillFile, rows: int) -> None:
    if rows > max(file.path.stat().st_size * MOST_ROWS_A_BYTE, ALWAYS_ROWS):
        raise Refused(file.origin, f"claims {rows} rows, more than a file of its size can hold")


def _bounded_text(file: BillFile, batch: pl.DataFrame, line: int) -> None:
    """Refuse rows whose texts, which Parquet may keep once for all of them, come to more than any bill's."""
    total = 0
    for values in batch.iter_columns():
        if values.dtype == pl.String:
            total += int(values.str.len_bytes().sum())
        elif values.dtype == pl.Binary:
            total += int(values.bin.size().sum())
        elif isinstance(values.dtype, pl.Categorical | pl.Enum):
            total += int(values.cat.len_bytes().sum())
        elif values.dtype.is_nested():
            for place in range(0, values.len(), 50):
                total += len(str(values.slice(place, 50).to_list()))
                if total > LARGEST_CHUNK:
                    break
    if total > LARGEST_CHUNK:
        reason = (
            f"unpacks {batch.height} rows to more than {LARGEST_CHUNK // hostile.MEBIBYTE} MiB (a bomb, or too large)"
        )
        raise Refused(file.origin, reason, line)


def _inexact(file: BillFile, schema: pl.Schema, columns: list[str]) -> list[Problem]:
    floats = [name for name in columns if schema[name].is_float()]
    reason = "holds binary fractions, not decimals; their shortest decimal form, to 12 places, is taken: "
    return [Problem(file.origin, None, reason + ", ".join(floats))] if floats else []


def _text(values: pl.Series) -> pl.Series:
    dtype = values.dtype
    if dtype.is_float():
        return values.round(12).cast(pl.String)
    if dtype.is_nested():
        return pl.Series([_json(value) for value in values.to_list()], dtype=pl.String)
    if dtype == pl.Binary:
        return values.cast(pl.String, strict=False)
    if isinstance(dtype, pl.Datetime):
        zoned = values.dt.convert_time_zone("UTC") if dtype.time_zone else values
        return zoned.dt.replace_time_zone(None).cast(pl.String)
    return values.cast(pl.String)


def _json(value: object) -> str | None:
    """A nested value as JSON; a map, which Parquet keeps as a list of keys and values, as an object."""
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(item, dict) and item.keys() == {"key", "value"} for item in value):
        value = {item["key"]: item["value"] for item in value}
    return json.dumps(value, ensure_ascii=False, default=str)
