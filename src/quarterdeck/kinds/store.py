"""Puts drafts into tables in sets: ids, rows, the search index; knows SQL, knows nothing of permission or history."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

from quarterdeck.kinds import keys, search
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort
from quarterdeck.kinds.drafts import Draft
from quarterdeck.kinds.models import Alias, SearchEntry
from quarterdeck.kinds.rows import chunks

_CONVERTED = frozenset({Sort.DATE, Sort.TIME, Sort.DECIMAL, Sort.YES_NO})
SEARCHED = frozenset({Sort.KEY, Sort.TEXT, Sort.LONG_TEXT})


def insert_many(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose values the database driver takes as they are."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 — names are the program's own
    with connection.cursor() as cursor:
        for some in _batches(rows):
            cursor.executemany(sql, some)


def update_many(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Update rows by id: each row holds the columns' values, then the id."""
    quote = connection.ops.quote_name
    names = ", ".join(f"{quote(column)} = %s" for column in columns)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {names} WHERE id = %s"  # noqa: S608 — names are the program's own
    with connection.cursor() as cursor:
        for some in _batches(rows):
            cursor.executemany(sql, some)


def _batches(rows: Iterable[Sequence[Any]], size: int = 10_000) -> Iterator[list[Sequence[Any]]]:
    iterator = iter(rows)
    while some := list(itertools.islice(iterator, size)):
        yield some


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids that were never used before in the model's table; the caller holds the writer's place."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            first = (row[0] if row else 0) + 1
            return list(range(first, first + count))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{table}"', count]
        )
        return [row[0] for row in cursor.fetchall()]


def number(drafts: list[Draft]) -> None:
    """Give the new rows of one kind their ids."""
    fresh = [draft for draft in drafts if draft.action == "create"]
    if fresh:
        for draft, record in zip(fresh, new_ids(fresh[0].kind.model, len(fresh)), strict=True):
            draft.id = record


def save(drafts: list[Draft]) -> None:
    """Insert, update and delete the rows of one kind."""
    kind = drafts[0].kind
    fresh = [draft for draft in drafts if draft.action == "create"]
    if fresh:
        _insert(kind, fresh)
    for names, some in _by_changed(drafts).items():
        _update(kind, names, some)
    gone = [draft.id for draft in drafts if draft.action == "delete"]
    for chunk in chunks(gone):
        kind.model._default_manager.filter(id__in=chunk)._raw_delete("default")
        Alias.objects.filter(kind=kind.name, record__in=chunk).delete()


def _insert(kind: Kind, drafts: list[Draft]) -> None:
    attributes = list(kind.attributes.values())
    columns = ["id", "fold", *(attribute.db_column for attribute in attributes)]
    ids = [draft.id for draft in drafts]
    folds = [keys.fold(draft.row["key"]) for draft in drafts]
    values = [_column(attribute, drafts) for attribute in attributes]
    insert_many(kind.model, columns, zip(ids, folds, *values, strict=True))
    _free_keys(kind, folds)


def _update(kind: Kind, names: tuple[str, ...], drafts: list[Draft]) -> None:
    attributes = [kind.attributes[name] for name in names]
    columns = [attribute.db_column for attribute in attributes]
    values = [_column(attribute, drafts) for attribute in attributes]
    if "key" in names:
        columns.append("fold")
        values.append([keys.fold(draft.row["key"]) for draft in drafts])
        _remember(kind, drafts)
    update_many(kind.model, columns, zip(*values, [draft.id for draft in drafts], strict=True))


def _remember(kind: Kind, drafts: list[Draft]) -> None:
    """A renamed key stays an alias, of the record that had it last."""
    now = [keys.fold(draft.row["key"]) for draft in drafts]
    former = {keys.fold(draft.before["key"]): draft.id for draft in drafts}  # type: ignore[index]
    _free_keys(kind, [*now, *former])
    held = [Alias(kind=kind.name, fold=fold, record=record) for fold, record in former.items() if fold not in now]
    Alias.objects.bulk_create(held, batch_size=1_000)


def _free_keys(kind: Kind, folds: list[str]) -> None:
    """A key that comes into use is no longer the former key of another record."""
    if Alias.objects.filter(kind=kind.name).exists():
        for chunk in chunks(folds):
            Alias.objects.filter(kind=kind.name, fold__in=chunk).delete()


def _by_changed(drafts: list[Draft]) -> dict[tuple[str, ...], list[Draft]]:
    groups: dict[tuple[str, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.action in ("update", "erase"):
            groups.setdefault(draft.changed, []).append(draft)
    return groups


def _column(attribute: Attribute, drafts: list[Draft]) -> list[Any]:
    """One attribute's values as the database driver takes them."""
    if attribute.sort is Sort.LINK:
        return [draft.ids.get(attribute.name) for draft in drafts]
    values = [draft.row[attribute.name] for draft in drafts]
    if attribute.sort not in _CONVERTED:
        return values
    known: dict[Any, Any] = {}
    prepare = attribute.field.get_db_prep_save
    return [known[v] if v in known else known.setdefault(v, prepare(v, connection)) for v in values]


def users_of(kind: Kind, gone: dict[int, Draft], different: dict[str, list[Draft]]) -> Iterator[tuple[int, str]]:
    """(id, who points at it) for rows about to go that others, not going too, point at – now, or by what is to be
    written."""
    for other in KINDS.values():
        some = different.get(other.name, ())
        touched = {draft.id for draft in some if draft.id}
        for link in other.links:
            if link.target is not kind:
                continue
            for draft in some:
                if draft.after is not None and (draft.ids.get(link.name) or 0) in gone:
                    yield draft.ids[link.name] or 0, f"{other.name}:{draft.after['key']}"
            for chunk in chunks(gone):
                rows = other.model._default_manager.filter(**{f"{link.column}__in": chunk})
                for record, pointed, key in rows.values_list("id", link.column, "key"):
                    if record not in touched:
                        yield pointed, f"{other.name}:{key}"


def index(drafts: list[Draft]) -> None:
    """Bring the search index up to date; private fields are never searched."""
    kind = drafts[0].kind
    searched = [a.name for a in kind.attributes.values() if a.sort in SEARCHED and a.private is None]
    old = [
        draft.id
        for draft in drafts
        if draft.action != "create" and (draft.after is None or set(draft.changed) & set(searched))
    ]
    for chunk in chunks(old):
        SearchEntry.objects.filter(kind=kind.name, record__in=chunk)._raw_delete("default")
    mark = search.tag(kind.name)
    stale = set(old)
    rows = []
    for draft in drafts:
        if draft.after is not None and (draft.action == "create" or draft.id in stale):
            text = " ".join([draft.after[name] for name in searched if draft.after[name]])
            rows.append((kind.name, draft.id, " ".join([mark, *search.words(text)])))
    insert_many(SearchEntry, ("kind", "record", "words"), rows)
