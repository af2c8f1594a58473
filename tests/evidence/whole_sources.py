"""One small good file for each reader and each format it takes, for tests that damage them."""

import csv
import gzip
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import xlsxwriter
from manifests import BILL, CARGO, GO_MOD, GO_SUM, NPM, REQUIREMENTS, UV

from quarterdeck.evidence import readers
from quarterdeck.evidence.batch import Problem, Refused

ROWS = {
    "bill": (
        "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ServiceName\n"
        "1.25,EUR,2026-01-01,2026-01-02,storage\n20.5,EUR,2026-01-01,2026-01-03,网络服务\n3,EUR,2026-01-01,2026-01-04,x1\n"
    ),
    "roster": "staff,team,name\nS1,platform,Ada\nS2,platform,王伟\nS33,platform,Cleo\n",
    "issues": (
        "issue,status,created,assignee\nA-1,open,2026-01-01,ada\nA-2,done,2026-01-02,王伟\nA-33,done,2026-01-02,cleo\n"
    ),
    "reviews": "change,author,opened\n1,ada,2026-01-01\n2,王伟,2026-01-02\n33,cleo,2026-01-03\n",
    "builds": "build,system,result\n1,shop,success\n2,商店,failure\n33,shop,failure\n",
    "deployments": "deployment,system,finished\n1,shop,2026-01-01\n2,商店,2026-01-02\n33,shop,2026-01-03\n",
    "incidents": "incident,system,started\n1,shop,2026-01-01\n2,商店,2026-01-02\n33,shop,2026-01-03\n",
    "backups": "system,taken,kind\nshop,2026-01-01,full\n商店,2026-01-02,log\nshop,2026-01-03,full\n",
}
CATALOGUE = """\
# 系统目录
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  title: 商店
spec:
  type: service
  lifecycle: production
  owner: sales
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ledger
spec:
  type: service
  lifecycle: production
  owner: finance
"""
ADVISORY = """\
id: DEMO-2026-1
summary: 解析器执行所读内容
modified: 2026-02-01T10:00:00Z
affected:
- package: {name: demo, ecosystem: PyPI}
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: '0'
    - fixed: '1.10'
"""
LIFE = """\
title: 示例语言
permalink: /shili
releases:
- releaseCycle: '1'
  eol: 2026-01-01
- releaseCycle: '2'
  eol: 2027-01-01
"""
SERVED = [{"cycle": "1", "eol": "2026-01-01"}, {"cycle": "2", "eol": False}]
OSV = {
    "id": "DEMO-2026-2",
    "modified": "2026-03-01T00:00:00Z",
    "affected": [{"package": {"name": "left", "ecosystem": "npm"}, "versions": ["1.0.0"]}],
}


@dataclass(frozen=True)
class Whole:
    """A good file: who reads it, what it is called, and what stands in it."""

    reader: str
    name: str
    data: bytes

    def __str__(self) -> str:
        return f"{self.reader} {self.name}"


def records(text: str) -> list[dict[str, str]]:
    """The rows of a table of text as records."""
    return list(csv.DictReader(io.StringIO(text)))


def packed(name: str, data: bytes) -> bytes:
    """A zip archive of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def _workbook(text: str) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("people")
        for place, cells in enumerate(csv.reader(io.StringIO(text))):
            sheet.write_row(place, 0, cells)
    return file.getvalue()


def _parquet(text: str) -> bytes:
    file = io.BytesIO()
    pl.read_csv(io.BytesIO(text.encode()), infer_schema=False).write_parquet(file)
    return file.getvalue()


# Files of lines: a cut at a line's end cannot be seen in them.
LINES = [
    *(Whole(name, f"{name}.csv", text.encode()) for name, text in ROWS.items()),
    Whole("catalogue", "catalog-info.yaml", CATALOGUE.encode()),
    Whole("advisories", "DEMO-2026-1.yaml", ADVISORY.encode()),
    Whole("end_of_life", "shili.yaml", LIFE.encode()),
    Whole("dependencies", "uv.lock", UV.encode()),
    Whole("dependencies", "Cargo.lock", CARGO.encode()),
    Whole("dependencies", "go.mod", GO_MOD.encode()),
    Whole("dependencies", "go.sum", GO_SUM.encode()),
    Whole("dependencies", "requirements.txt", REQUIREMENTS.encode()),
]
# Files that show by their own form that they are whole.
CLOSED = [
    *(
        Whole(name, f"{name}.json", json.dumps(records(text), ensure_ascii=False, indent=1).encode())
        for name, text in ROWS.items()
        if name != "bill"
    ),
    *(Whole(name, f"{name}.xlsx", _workbook(text)) for name, text in ROWS.items() if name != "bill"),
    Whole("bill", "bill.parquet", _parquet(ROWS["bill"])),
    Whole("bill", "bill.csv.gz", gzip.compress(ROWS["bill"].encode())),
    Whole("advisories", "DEMO-2026-2.json", json.dumps(OSV).encode()),
    Whole("end_of_life", "shili.json", json.dumps(SERVED).encode()),
    Whole("end_of_life", "shili.md", f"---\n{LIFE}---\n".encode()),
    Whole("dependencies", "package-lock.json", json.dumps(NPM).encode()),
    Whole("dependencies", "bom.json", json.dumps(BILL).encode()),
    *(
        Whole(whole.reader, "all.zip", packed(whole.name, whole.data))
        for whole in LINES
        if whole.reader not in ("bill", "dependencies")
    ),
    Whole("dependencies", "all.zip", packed("uv.lock", UV.encode())),
]
# Records a line each: only a cut at a line's end cannot be seen.
RECORDS = [
    Whole(name, f"{name}.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in records(text)))
    for name, text in ROWS.items()
    if name != "bill"
]


@dataclass(frozen=True)
class Reading:
    """What came of one file: its rows by table, problems, or the refusal."""

    rows: dict[str, list[tuple]]
    problems: list[Problem]
    refused: Refused | None = None


def reading(whole: Whole, data: bytes, folder: Path) -> Reading:
    """Read a file of that name that holds `data`, to its end."""
    (folder / whole.name).write_bytes(data)
    try:
        batch = readers.by_name(whole.reader).read(folder / whole.name, None)
        frames: dict[str, list[pl.DataFrame]] = {}
        for part in batch.parts:
            frames.setdefault(part.table.name, []).append(part.frame)
    except Refused as refused:
        return Reading({}, [], refused)
    return Reading({name: pl.concat(some).rows() for name, some in frames.items()}, batch.problems)
