"""Turns columns of text into typed columns, exactly or not at all: what does not fit is marked, never guessed."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
MONEY = pl.Decimal(38, 12)

SEPARATORS = r"[;；,，、|]"  # between the parts of a list kept in one cell


@dataclass(frozen=True)
class Fault:
    """A reason why cells of one column are not what they should be, and which rows have it."""

    rows: pl.Series  # Boolean, one per row
    reason: str


@dataclass(frozen=True)
class Typed:
    """A column in its type, empty where a cell was empty or did not fit, and the faults met on the way."""

    values: pl.Series
    faults: tuple[Fault, ...]


def convert(text: pl.Series, dtype: pl.DataType) -> Typed:
    """Text (String, empty cells null, no white space around) as `dtype`; raises KeyError for a type not taken."""
    typed = _decimals(text, dtype) if isinstance(dtype, pl.Decimal) else _CONVERTERS[dtype](text)
    lost = text.is_not_null() & typed.values.is_null()
    for fault in typed.faults:
        lost = lost & ~fault.rows
    return Typed(typed.values, (*typed.faults, Fault(lost, "cannot be read"))) if lost.any() else typed


_YEAR = r"([12][0-9]{3})"
_CLOCK = (
    r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*(AM|PM|am|pm)?"
    r"\s*(Z|z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NUMBERS = {name: f"{number:02d}" for number, name in enumerate(_MONTHS, 1)}
_YEAR_FIRST = rf"^{_YEAR}[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?{_CLOCK}$"
_DAY_FIRST = rf"^([0-9]{{1,2}})\.([0-9]{{1,2}})\.{_YEAR}{_CLOCK}$"  # 31.10.2026; with full stops the day stands first
_DAY_NAMED = rf"^([0-9]{{1,2}})[/ -]([A-Za-z]{{3}})[/ -]((?:[12][0-9])?[0-9]{{2}}){_CLOCK}$"  # 31/Oct/26


def _instants(text: pl.Series) -> Typed:
    """Moments in UTC; a moment without an offset is taken to be UTC, a day to be its first moment."""
    parsed = _parse_instants(text)
    wrong = text.is_not_null() & parsed.is_null()
    return Typed(parsed, (Fault(wrong, "is not a date or a time (write 2026-10-31 or 2026-10-31T08:30:00Z)"),))


def _dates(text: pl.Series) -> Typed:
    parsed = _parse_instants(text)
    wrong = text.is_not_null() & parsed.is_null()
    return Typed(parsed.dt.date(), (Fault(wrong, "is not a date (write 2026-10-31)"),))


def _parse_instants(text: pl.Series) -> pl.Series:
    frame = text.alias("text").to_frame()
    parsed = _assemble(frame, _YEAR_FIRST, ("year", "month", "day"))
    if parsed.null_count() > text.null_count():  # the rarer ways of writing cost time only where they are met
        for pattern, order in ((_DAY_FIRST, ("day", "month", "year")), (_DAY_NAMED, ("day", "name", "year"))):
            parsed = parsed.zip_with(parsed.is_not_null(), _assemble(frame, pattern, order))
    return parsed


def _assemble(frame: pl.DataFrame, pattern: str, order: tuple[str, str, str]) -> pl.Series:
    """The moments of the cells that match `pattern`; null for the others and for days that no calendar has."""
    names = [*order, "hour", "minute", "second", "fraction", "half", "zone"]
    parts = frame.select(pl.col("text").str.extract_groups(pattern).struct.rename_fields(names)).unnest("text")
    if "name" in names:
        named = pl.col("name").str.to_lowercase().replace_strict(_MONTH_NUMBERS, default=None)
        century = pl.when(pl.col("year").str.len_chars() == 2).then(pl.lit("20")).otherwise(pl.lit(""))
        parts = parts.with_columns(named.alias("month"), (century + pl.col("year")).alias("year"))
    hour = pl.col("hour").cast(pl.Int32, strict=False).fill_null(0)
    afternoon = pl.col("half").str.to_lowercase()
    hour = pl.when(afternoon.is_null()).then(hour).when(hour.is_between(1, 12)).then(hour % 12 + _twelve(afternoon))
    clock = pl.format(
        "{}-{}-{}T{}:{}:{}.{}",
        "year",
        pl.col("month").str.zfill(2),
        pl.col("day").str.zfill(2),
        hour.otherwise(99).cast(pl.String).str.zfill(2),
        pl.col("minute").fill_null("00"),
        pl.col("second").fill_null("00"),
        (pl.col("fraction").fill_null("") + "000000").str.slice(0, 6),
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", time_unit="us", strict=False)
    return parts.select((clock - _offset()).dt.replace_time_zone("UTC")).to_series()


def _twelve(half: pl.Expr) -> pl.Expr:
    return pl.when(half == "pm").then(12).otherwise(0)


def _offset() -> pl.Expr:
    """The zone's distance from UTC; a distance of more than a day is no zone and makes the moment empty."""
    digits = pl.col("zone").str.replace_all(r"[:+Zz\-A-Z]", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    sign = pl.when(pl.col("zone").str.starts_with("-").fill_null(False)).then(-1).otherwise(1)
    total = pl.when((hours <= 15) & (minutes < 60)).then(sign * (hours * 60 + minutes)).otherwise(None)
    return pl.duration(minutes=total)


_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"


def _decimals(text: pl.Series, dtype: pl.Decimal) -> Typed:
    """Exact decimals.

    More places after the point than the type has: the nearest value (half to even) is kept and the fault says so. More
    before it, or no number at all: empty, with a fault.
    """
    scale, before = dtype.scale, (dtype.precision or 38) - dtype.scale
    plain = text.str.contains(rf"^[+-]?[0-9]{{1,{before}}}(?:\.[0-9]{{0,{scale}}}0*)?$").fill_null(True)
    values = text.set(~plain, None).cast(dtype, strict=False)
    if plain.all():
        return Typed(values, ())
    wrong, large, finer = [], [], []
    mended: dict[int, Decimal] = {}
    for row in (~plain).arg_true().to_list():
        number = _number(text[row])
        if number is None:
            wrong.append(row)
        elif abs(number) >= Decimal(10) ** before:
            large.append(row)
        else:
            mended[row] = number.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
            if mended[row] != number:
                finer.append(row)
    if mended:
        values = values.scatter(list(mended), pl.Series(list(mended.values()), dtype=dtype))
    faults = (
        (wrong, "is not a number (write 1234.56)"),
        (large, f"has more than {before} places before the point and does not fit"),
        (finer, f"has more than {scale} places after the point; the nearest value that fits is kept"),
    )
    return Typed(values, tuple(Fault(_at(rows, len(text)), reason) for rows, reason in faults if rows))


_EXACT = Context(prec=80)


def _at(rows: list[int], length: int) -> pl.Series:
    return pl.Series([False]).new_from_index(0, length).scatter(rows, True)


def _number(text: str) -> Decimal | None:
    if len(text) > 400 or not re.match(_NUMBER, text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _floats(text: pl.Series) -> Typed:
    number = text.str.contains(_NUMBER)
    values = text.set(~number, None).cast(pl.Float64, strict=False)
    values = values.set(values.is_infinite(), None)
    return Typed(values, (Fault(text.is_not_null() & values.is_null(), "is not a number (write 0.5)"),))


def _integers(text: pl.Series) -> Typed:
    number = text.str.contains(r"^[+-]?[0-9]{1,19}(?:\.0*)?$")
    values = text.set(~number, None).str.replace(r"\.0*$", "").str.strip_prefix("+").cast(pl.Int64, strict=False)
    return Typed(values, (Fault(text.is_not_null() & values.is_null(), "is not a whole number"),))


_TRUTH = dict.fromkeys(("true", "yes", "y", "1", "1.0", "t", "是", "真", "有"), True)
_TRUTH |= dict.fromkeys(("false", "no", "n", "0", "0.0", "f", "否", "假", "无"), False)


def _booleans(text: pl.Series) -> Typed:
    values = text.str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    return Typed(values, (Fault(text.is_not_null() & values.is_null(), "is neither yes nor no (write true or false)"),))


def _texts(text: pl.Series) -> Typed:
    return Typed(text, ())


def _lists(text: pl.Series) -> Typed:
    """Lists of text: a JSON list, or parts set apart by ; , | or their Chinese forms."""
    json_like = text.str.starts_with("[").fill_null(False)
    parts = text.str.replace_all(SEPARATORS, "\x1f").str.split("\x1f")
    parts = parts.list.eval(pl.element().str.strip_chars())
    parts = parts.list.eval(pl.element().filter(pl.element() != ""))
    if not json_like.any():
        return Typed(parts, ())
    known = {row: _json_list(text[row]) for row in json_like.arg_true().to_list()}
    taken = [value if known.get(row) is None else known[row] for row, value in enumerate(parts.to_list())]
    return Typed(pl.Series(taken, dtype=pl.List(pl.String)), ())


def _json_list(text: str) -> list[str] | None:
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return [item if isinstance(item, str) else json.dumps(item) for item in value if item is not None]


_CONVERTERS: dict[pl.DataType, Callable[[pl.Series], Typed]] = {
    pl.String(): _texts,
    INSTANT: _instants,
    pl.Date(): _dates,
    pl.Float64(): _floats,
    pl.Int64(): _integers,
    pl.Boolean(): _booleans,
    pl.List(pl.String()): _lists,
}
