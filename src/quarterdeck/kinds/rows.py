"""Finds the rows of a kind in sets: by key, by former key, by id, within a scope."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Q

from quarterdeck.kinds.declare import Kind, Sort
from quarterdeck.kinds.models import Alias, Version
from quarterdeck.kinds.roles import Reader

CHUNK = 5_000  # parameters of one query
_EVERYTHING = 20_000  # from so many keys on, all rows of a kind are read at once

Found = dict[
    str, Any
]  # one row: values by attribute name (a link's is its target's key), `id`, each link's id by its column


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Values in lists that fit into one query."""
    whole = list(values)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


def existing(
    kind: Kind, folds: set[str] | None, *, ids: set[int] | None = None, lock: bool = False
) -> dict[str, Found]:
    """Rows by fold, of these folds or of these ids.

    lock: until the transaction ends, in the order of their folds, so that two writers never wait for each other.
    """
    names = ["id", "fold", *(link.column for link in kind.links)]
    plain = [name for name, attribute in kind.attributes.items() if attribute.sort is not Sort.LINK]
    linked = {f"{link.name}__key": link.name for link in kind.links}
    rows = kind.model._default_manager.all()
    if lock and connection.features.has_select_for_update:
        rows = rows.order_by("fold").select_for_update(of=("self",))
    asked = sorted(folds) if folds is not None else sorted(ids or ())
    conditions = [Q()] if folds is not None and len(folds) >= _EVERYTHING else [
        Q(fold__in=chunk) if folds is not None else Q(id__in=chunk) for chunk in chunks(asked)
    ]  # fmt: skip
    found: dict[str, Found] = {}
    for condition in conditions:
        for values in rows.filter(condition).values(*names, *plain, *linked).iterator(chunk_size=20_000):
            for path, name in linked.items():
                values[name] = values.pop(path)
            found[values["fold"]] = values
    return found


def standing(kind: Kind, folds: set[str], *, lock: bool = False) -> dict[str, Found]:
    """Rows by the fold they were asked for by: a former key finds its record too."""
    found = existing(kind, folds, lock=lock)
    asked = {fold: found[fold] for fold in folds & found.keys()}
    former = aliases(kind, folds - found.keys())
    if former:
        by_id = {row["id"]: row for row in existing(kind, None, ids=set(former.values()), lock=lock).values()}
        asked.update({fold: by_id[record] for fold, record in former.items() if record in by_id})
    return asked


def aliases(kind: Kind, folds: set[str]) -> dict[str, int]:
    """Ids of the records that had these keys before."""
    found: dict[str, int] = {}
    for chunk in chunks(folds):
        found.update(Alias.objects.filter(kind=kind.name, fold__in=chunk).values_list("fold", "record"))
    return found


def in_scope(kind: Kind, reader: Reader, ids: Iterable[int]) -> set[int]:
    """Those of the ids whose rows the reader's row scope holds."""
    condition = (kind.scope(reader) if kind.scope else None) or Q()
    found: set[int] = set()
    for chunk in chunks(ids):
        found.update(kind.model._default_manager.filter(condition, id__in=chunk).values_list("id", flat=True))
    return found


def heads(kind: Kind, ids: Iterable[int]) -> dict[int, int]:
    """The commit each record was last written by."""
    found: dict[int, int] = {}
    for chunk in chunks(ids):
        open_versions = Version.objects.filter(kind=kind.name, ended=None, record__in=chunk)
        found.update(open_versions.values_list("record", "began"))
    return found
