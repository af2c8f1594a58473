"""Takes grids of text into frames of a shape's table, and says of every row and cell left out why."""

from dataclasses import dataclass, field

import polars as pl

from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.records import cells
from quarterdeck.evidence.records.grids import Grid, normal
from quarterdeck.evidence.records.shape import CURRENCIES, Field, Shape

QUOTED = 80  # characters of a cell that a reason quotes
MOST_ROWS = 2_000_000  # of one source whose rows have a key: all keys are remembered


@dataclass
class Taking:
    """What one reading remembers between the grids of one shape: the keys met so far and where they stood."""

    shape: Shape
    keys: dict[str, str] = field(default_factory=dict)
    fresh: dict[str, str] = field(default_factory=dict)

    def keep(self) -> None:
        """Remember the keys of a file that was taken to its end."""
        self.keys.update(self.fresh)
        self.forget()

    def forget(self) -> None:
        """Forget the keys of a file that was refused in the middle."""
        self.fresh = {}

    def take(self, grid: Grid) -> tuple[pl.DataFrame, list[Problem]]:
        """The frame of a grid's rows, and what was wrong with them, by line."""
        problems = list(grid.problems)
        columns = Columns(grid, self.shape)
        frame = pl.DataFrame({"line": pl.Series(grid.lines, dtype=pl.UInt32)})
        keep = _all_true(len(grid.lines))
        for item in self.shape.fields:
            text = columns.text(item)
            values, faults = _typed(item, text)
            frame = frame.with_columns(values.alias(item.column.name))
            if item.needed:
                faults.append(cells.Fault(text.is_null(), "is empty"))
                keep = keep & values.is_not_null()
            problems += _problems(item, text, values, faults, grid) + columns.quarrels(item)
        frame = frame.with_columns(pl.lit(grid.origin).alias("origin")).select(list(self.shape.table.schema))
        frame = frame.filter(keep)
        if self.shape.derive:
            frame, more = self.shape.derive(frame, grid)
            problems += more
        frame, repeated = self._unique(frame)
        problems += repeated + _disordered(frame, self.shape)
        return frame, sorted(problems, key=lambda problem: problem.line or 0)

    def _unique(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
        names = list(self.shape.key)
        if not names or frame.is_empty():
            return frame, []
        parts = [pl.col(name).cast(pl.String).fill_null("") for name in names]
        keys = frame.select(pl.concat_str(parts, separator="\x1f")).to_series()
        problems, keep = [], []
        for key, origin, line in zip(keys, frame["origin"], frame["line"], strict=True):
            first = self.keys.get(key) or self.fresh.get(key)
            keep.append(first is None)
            if first is None:
                self.fresh[key] = f"{origin} line {line}"
            else:
                shown = "" if any(self.shape.by_name[name].secret for name in names) else f" {key!r}"
                reason = f"{' and '.join(names)}{shown} already stands in {first}; this row is left out"
                problems.append(Problem(origin, line, reason.replace("\\x1f", ", ")))
        if len(self.fresh) + len(self.keys) > MOST_ROWS:
            raise Refused(frame["origin"][0], f"brings the rows to more than {MOST_ROWS}; split the source")
        return frame.filter(pl.Series(keep, dtype=pl.Boolean)), problems


def _all_true(length: int) -> pl.Series:
    return pl.Series([True], dtype=pl.Boolean).new_from_index(0, length)


def _typed(item: Field, text: pl.Series) -> tuple[pl.Series, list[cells.Fault]]:
    if item.choice is not None:
        return _chosen(item, text)
    typed = cells.convert(text, item.column.dtype)
    values, faults = typed.values, list(typed.faults)
    for bound, side in ((item.lowest, "below"), (item.highest, "above")):
        if bound is not None:
            outside = (values < bound if side == "below" else values > bound).fill_null(False)
            faults.append(cells.Fault(outside, f"is {side} {bound:g}"))
            values = values.set(outside, None)
    return values, faults


def _chosen(item: Field, text: pl.Series) -> tuple[pl.Series, list[cells.Fault]]:
    values = text.str.to_lowercase().replace_strict(item.words, default=None, return_dtype=pl.String)
    unknown = text.is_not_null() & values.is_null()
    if item.open_choice:
        return values.zip_with(~unknown, text), []
    return values, [cells.Fault(unknown, f"is none of {', '.join(item.choice or ())}")]


def _problems(item: Field, text: pl.Series, values: pl.Series, faults: list[cells.Fault], grid: Grid) -> list[Problem]:
    problems = []
    for fault in faults:
        for row in fault.rows.fill_null(False).arg_true():
            shown = "" if item.secret or text[row] is None else f" {text[row][:QUOTED]!r}"
            if item.needed and values[row] is None:
                after = "; row left out"
            else:
                after = "; left empty" if values[row] is None else ""
            reason = f"{item.column.name}{shown} {fault.reason}{after}"
            problems.append(
                Problem(grid.origin, grid.lines[row], reason, "" if item.secret else (text[row] or "")[:200])
            )
    return problems


def _disordered(frame: pl.DataFrame, shape: Shape) -> list[Problem]:
    problems = []
    for early, late in shape.ordered:
        wrong = frame.filter(pl.col(late) < pl.col(early)).select("origin", "line", early, late)
        for origin, line, first, second in wrong.iter_rows():
            reason = f"{late} {_moment(second)} is before {early} {_moment(first)}; both kept as written"
            problems.append(Problem(origin, line, reason))
    return problems


def _moment(value: object) -> str:
    """A day, or a moment in UTC, as ISO 8601."""
    return str(value).removesuffix("+00:00").removesuffix(" 00:00:00").replace(" ", "T")


class Columns:
    """Finds a field's column of text among a grid's headings."""

    def __init__(self, grid: Grid, shape: Shape) -> None:
        self.grid, self.shape = grid, shape
        self.places: dict[str, list[int]] = {}
        for place, heading in enumerate(grid.headings):
            self.places.setdefault(normal(heading), []).append(place)

    def text(self, item: Field) -> pl.Series:
        """The column of text for a field; all empty if the grid has none."""
        places = self._places(item)
        if not places and item.currency_of:
            return self._constant(self._money(self.shape.by_name[item.currency_of])[1])
        if item.column.dtype == pl.List(pl.String()) and len(places) > 1:
            rows = zip(*(self._column(place) for place in places), strict=True)
            return pl.Series([";".join(cell for cell in row if cell) or None for row in rows], dtype=pl.String)
        text = self._column(places[0]) if places else self._constant(None)
        for place in places[1:] + self._paths(item, places):
            text = text.zip_with(text.is_not_null(), self._column(place))
        return text

    def quarrels(self, item: Field) -> list[Problem]:
        """Rows in which a heading that stands twice has two values."""
        places = self._places(item)
        if len(places) < 2 or item.column.dtype == pl.List(pl.String()):
            return []
        kept = self.text(item)
        unlike = _all_true(len(kept)) & False
        for place in places:
            unlike = unlike | (self._column(place) != kept).fill_null(False)
        reason = f"{item.column.name} stands in {len(places)} columns with different values; the first is kept"
        return [Problem(self.grid.origin, self.grid.lines[row], reason) for row in unlike.arg_true()]

    def doubled(self) -> list[str]:
        """Headings of fields that hold one value and yet stand more than once."""
        several = [self._places(item) for item in self.shape.fields if item.column.dtype != pl.List(pl.String())]
        return [self.grid.headings[places[0]] for places in several if len(places) > 1]

    def _places(self, item: Field) -> list[int]:
        """Columns under the best of a field's headings that the grid has."""
        return next((self.places[name] for name in item.headings if name in self.places), []) or self._money(item)[0]

    def _paths(self, item: Field, places: list[int]) -> list[int]:
        return [place for name in item.paths for place in self.places.get(name, []) if place not in places]

    def lacking(self) -> tuple[Field, ...]:
        """Fields whose heading must be there and is not."""
        met = self.places.keys()
        return tuple(item for item in self.shape.required if not met & set(item.headings) and not self._money(item)[0])

    def met(self) -> frozenset[str]:
        """Names of the columns that the grid has a heading for."""
        return frozenset(item.column.name for item in self.shape.fields if self._places(item))

    def unread(self) -> list[str]:
        """Headings that no field is filled from."""
        read = {place for item in self.shape.fields for place in self._places(item)}
        read |= {place for item in self.shape.fields for place in self._paths(item, [])}
        return [heading for place, heading in enumerate(self.grid.headings) if heading and place not in read]

    def _column(self, place: int) -> pl.Series:
        text = pl.Series(self.grid.cells[place], dtype=pl.String).str.strip_chars()
        return text.set(text.is_in(list(self.shape.empty)), None)

    def _constant(self, value: str | None) -> pl.Series:
        return pl.Series([value], dtype=pl.String).new_from_index(0, len(self.grid.lines))

    def _money(self, item: Field) -> tuple[list[int], str | None]:
        """Places and currency of a money field that carries its currency in its heading."""
        if item.column.dtype == cells.MONEY and not any(name in self.places for name in item.headings):
            for heading, places in self.places.items():
                name, _, currency = heading.rpartition("_")
                if currency.upper() in CURRENCIES and name in item.headings:
                    return places, currency.upper()
        return [], None
