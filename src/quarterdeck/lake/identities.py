"""Puts pseudonyms in the place of people in collected frames, and keeps who is behind them in one table."""

import re
from collections.abc import Iterable

import polars as pl

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.schema import Table
from quarterdeck.kinds.keys import made_of
from quarterdeck.kinds.seal import blocked, keyed
from quarterdeck.lake.models import Identity
from quarterdeck.lake.tables import ABOUT, need

_NAMED = re.compile(r"^\s*(?P<name>.*?)\s*<(?P<email>[^<>]*)>\s*$", re.DOTALL)
_BARE = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_LENGTH = 20  # hexadecimal digits of a pseudonym: 80 bits, so that two people never share one


def split(identity: str) -> tuple[str, str]:
    """Name and e-mail of "Ada Lovelace <ada@example.org>" or of a bare address; a login or key is a name alone."""
    found = _NAMED.match(identity)
    if found:
        return found["name"], found["email"].strip().lower()
    bare = identity.strip()
    return ("", bare.lower()) if _BARE.fullmatch(bare) else (bare, "")


def pseudonym(identity: str) -> str:
    """The same for the same e-mail, or the same name where there is none; meaningless without this home's secret."""
    name, email = split(identity)
    return "p-" + keyed("identities", email or name.casefold())[:_LENGTH]


class Pseudonyms:
    """Replaces the identities of many frames and remembers those it met."""

    def __init__(self) -> None:
        self._met: dict[str, tuple[str, str]] = {}  # pseudonym → name, e-mail: the fullest met

    def replace(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with pseudonyms in its columns of people."""
        for column in table.columns:
            if column.person:
                values = sorted(value for value in frame[column.name].unique() if value)
                known = {value: pseudonym(value) for value in values}
                for value, made in known.items():
                    self._meet(made, *split(value))
                new = pl.col(column.name).replace_strict(known, default=None, return_dtype=pl.String())
                frame = frame.with_columns(new)
        return frame

    def _meet(self, made: str, name: str, email: str) -> None:
        before = self._met.get(made, ("", ""))
        self._met[made] = (max(before[0], name, key=lambda text: (len(text), text)), before[1] or email)

    def save(self) -> None:
        """Keep who is behind the pseudonyms met, but for those who were erased; what is new completes what is kept."""
        gone = blocked(self._met)
        known = {one.pseudonym: one for one in _existing(self._met)}
        fuller = []
        for made, (name, email) in self._met.items():
            one = known.get(made)
            if one is not None and ((name and not one.name) or (email and not one.email)):
                one.name, one.email = one.name or name[:300], one.email or email[:300]
                fuller.append(one)
        Identity.objects.bulk_update(fuller, ("name", "email"), batch_size=1_000)
        Identity.objects.bulk_create(
            [
                Identity(pseudonym=made, name=name[:300], email=email[:300])
                for made, (name, email) in sorted(self._met.items())
                if made not in known and made not in gone
            ],
            batch_size=1_000,
            ignore_conflicts=True,
        )


def _existing(pseudonyms: Iterable[str]) -> Iterable[Identity]:
    wanted = list(pseudonyms)
    for start in range(0, len(wanted), 5_000):
        yield from Identity.objects.filter(pseudonym__in=wanted[start : start + 5_000])


def without_erased(table: Table, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """The frame without its rows about people who were erased, and a note for each row that is left out."""
    column = ABOUT.get(table.name)
    if column is None:
        return frame, []
    marks = {column: {name: f"{need(table.name)}:{made_of(name)}" for name in _met(frame, column)}}
    for person in (one.name for one in table.columns if one.person):  # under another key they are known by the address
        marks[person] = {name: email for name in _met(frame, person) if (email := split(name)[1])}
    gone = blocked(mark for named in marks.values() for mark in named.values())
    erased = pl.any_horizontal(
        pl.col(place).is_in([name for name, mark in named.items() if mark in gone]).fill_null(False)
        for place, named in marks.items()
    )
    notes = [
        Problem(str(row.get("origin", "")), row.get("line"), "is about someone who was erased; left out")
        for row in (frame.filter(erased).to_dicts() if gone else ())
    ]
    return (frame.filter(~erased) if notes else frame), notes


def _met(frame: pl.DataFrame, column: str) -> list[str]:
    return [value for value in frame[column].unique() if value]
