"""Tells from a catalogue what has no owner, whose owner is not there, and whose owner is spelt in several ways."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

# names that stand where an owner should: a catalogue that demands an owner is given one of these
PLACEHOLDERS = frozenset(
    ("unspecified", "unowned", "unknown", "none", "nobody", "n-a", "na", "tbd", "todo", "unassigned")
)
OWNED = frozenset(("component", "system", "api", "resource", "domain", "template"))


@dataclass(frozen=True)
class Spellings:
    """One owner's name found in several forms: each form as written with how often, and the references they lead to.

    same: True where all forms lead to one reference; False where they lead to several that differ in kind or namespace
    alone, so that one of them may be a slip.
    """

    name: str
    forms: tuple[tuple[str, int], ...]
    references: tuple[str, ...]
    same: bool


def unowned(entities: pl.DataFrame, placeholders: frozenset[str] = PLACEHOLDERS) -> pl.DataFrame:
    """Entities that should have an owner and name none, or a placeholder such as "unspecified"."""
    name = pl.col("owner").str.split("/").list.last()
    nobody = pl.col("owner").is_null() & pl.col("owner_person").is_null()
    ownable = pl.col("kind").str.to_lowercase().is_in(list(OWNED))
    return entities.filter(ownable & (nobody | name.is_in(sorted(placeholders)).fill_null(False)))


def dangling_owners(entities: pl.DataFrame, placeholders: frozenset[str] = PLACEHOLDERS) -> pl.DataFrame:
    """Owning groups that the catalogue does not hold, but placeholders: owner, entities (how many they own)."""
    groups = entities.filter(pl.col("kind").str.to_lowercase() == "group")["entity"]
    name = pl.col("owner").str.split("/").list.last()
    lost = entities.filter(
        pl.col("owner").is_not_null()
        & ~pl.col("owner").is_in(groups.implode())
        & ~name.is_in(sorted(placeholders)).fill_null(False)
    )
    counted = lost.group_by("owner").agg(pl.len().cast(pl.UInt32).alias("entities"))
    return counted.sort(["entities", "owner"], descending=[True, False])


def spellings(entities: pl.DataFrame) -> tuple[Spellings, ...]:
    """Owners found in more than one form, by the name they share; the forms in order of use."""
    owned = entities.filter(pl.col("owner").is_not_null())
    counted = (
        owned.with_columns(pl.col("owner").str.split("/").list.last().alias("called"))
        .group_by("called", "owner", "owner_written")
        .agg(pl.len().alias("times"))
        .sort(["called", "times", "owner_written"], descending=[False, True, False])
    )
    result = []
    for (called,), group in counted.group_by("called", maintain_order=True):
        references = tuple(sorted(set(group["owner"])))
        forms = group.group_by("owner_written", maintain_order=True).agg(pl.col("times").sum())
        if forms.height > 1 or len(references) > 1:
            result.append(Spellings(str(called), tuple(forms.iter_rows()), references, len(references) == 1))
    return tuple(result)


def stale(entities: pl.DataFrame, annotation: str, on: date, days: int = 365) -> pl.DataFrame:
    """Entities whose annotation holds a time more than `days` days before a day; with the column last_sign.

    annotation: the name under which this company's catalogue keeps it (a release date, say). Entities without it, or
    with something that is no time, are not in the answer: see `without_sign`.
    """
    found = _signs(entities, annotation)
    limit = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(days=days)
    return found.filter(pl.col("last_sign") < limit)


def without_sign(entities: pl.DataFrame, annotation: str) -> pl.DataFrame:
    """Entities that have no readable time under this annotation."""
    return _signs(entities, annotation).filter(pl.col("last_sign").is_null()).drop("last_sign")


def _signs(entities: pl.DataFrame, annotation: str) -> pl.DataFrame:
    signs = [
        _time(dict(zip(names, values, strict=True)).get(annotation))
        for names, values in entities.select("annotation_names", "annotation_values").iter_rows()
    ]
    return entities.with_columns(pl.Series("last_sign", signs, dtype=pl.Datetime("us", "UTC")))


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
