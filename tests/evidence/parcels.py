"""A made-up table of parcels and short ways to read it, for the tests of the mapping engine."""

from pathlib import Path

import polars as pl

from quarterdeck.evidence import records
from quarterdeck.evidence.batch import Problem, Reader
from quarterdeck.evidence.schema import Column

MONEY = pl.Decimal(38, 12)
INSTANT = pl.Datetime("us", "UTC")

SHAPE = records.Shape(
    "parcels",
    "Parcels, one row each.",
    (
        records.Field(Column("parcel", pl.String(), "Its key."), ("id", "编号"), needed=True),
        records.Field(Column("sent", INSTANT, "When it was sent, UTC."), ("发出时间",)),
        records.Field(Column("arrived", INSTANT, "When it arrived, UTC."), ("到达时间",)),
        records.Field(Column("kilograms", pl.Float64(), "Weight, in kilograms."), ("重量",), lowest=0, highest=30),
        records.Field(Column("price", MONEY, "Price."), ("价格",)),
        records.Field(Column("currency", pl.String(), "ISO 4217 code."), ("币种",), currency_of="price"),
        records.Field(
            Column("state", pl.String(), "open or done."),
            (),
            choice={"open": ("待办",), "done": ("完成",)},
            open_choice=False,
        ),
        records.Field(Column("to", pl.String(), "Who gets it.", person=True), ("addressee.name", "收件人")),
        records.Field(Column("marks", pl.List(pl.String()), "Marks on it."), ("marks.name", "标记")),
    ),
    key=("parcel",),
    ordered=(("sent", "arrived"),),
    containers=("parcels",),
)
PARCELS = records.reader("parcels", "Parcels", "包裹", "For this test.", SHAPE)


def take(reader: Reader, path: Path) -> tuple[pl.DataFrame, list[Problem]]:
    batch = reader.read(path, None)
    frames = [part.frame for part in batch.parts]
    return pl.concat(frames), batch.problems


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path
