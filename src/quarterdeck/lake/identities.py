"""Puts pseudonyms in the place of people in collected frames, and keeps who is behind them in one table."""

import re
from collections.abc import Iterable

import polars as pl

from quarterdeck.evidence.schema import Table
from quarterdeck.kinds.seal import blocked, keyed
from quarterdeck.lake.models import Identity

_NAMED = re.compile(r"^\s*(?P<name>.*?)\s*<(?P<email>[^<>]*)>\s*$")
_LENGTH = 20  # hexadecimal digits of a pseudonym: 80 bits, so that two people never share one


def split(identity: str) -> tuple[str, str]:
    """Name and e-mail of "Ada Lovelace <ada@example.org>"; a login or key is a name without e-mail."""
    found = _NAMED.match(identity)
    return (found["name"], found["email"].lower()) if found else (identity.strip(), "")


def pseudonym(identity: str) -> str:
    """The same for the same e-mail, or the same name where there is none; meaningless without this home's secret."""
    name, email = split(identity)
    return "p-" + keyed("identities", email or name.casefold())[:_LENGTH]


class Pseudonyms:
    """Replaces the identities of many frames and remembers those it met."""

    def __init__(self) -> None:
        self._met: dict[str, str] = {}

    def replace(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with pseudonyms in its columns of people."""
        for column in table.columns:
            if column.person:
                values = frame[column.name].unique().drop_nulls().to_list()
                known = {value: pseudonym(value) for value in values if value}
                self._met.update({made: value for value, made in known.items()})
                frame = frame.with_columns(
                    pl.col(column.name).replace_strict(known, default=None, return_dtype=pl.String())
                )
        return frame

    def save(self) -> None:
        """Keep who is behind the pseudonyms met, but for those who were erased."""
        gone = blocked(self._met)
        known = set(_existing(self._met))
        Identity.objects.bulk_create(
            [
                Identity(pseudonym=made, name=split(value)[0][:300], email=split(value)[1][:300])
                for made, value in sorted(self._met.items())
                if made not in known and made not in gone
            ],
            batch_size=1_000,
            ignore_conflicts=True,
        )


def _existing(pseudonyms: Iterable[str]) -> Iterable[str]:
    wanted = list(pseudonyms)
    for start in range(0, len(wanted), 5_000):
        yield from Identity.objects.filter(pseudonym__in=wanted[start : start + 5_000]).values_list(
            "pseudonym", flat=True
        )
