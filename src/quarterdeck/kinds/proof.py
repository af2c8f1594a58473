"""Whether the records are what their history says: the chain, and every row against its last version."""

import json
from collections.abc import Callable, Iterator, Mapping

from django.db.models import Max

from quarterdeck.kinds import history, past
from quarterdeck.kinds.canonical import plain
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.history import Broken
from quarterdeck.kinds.models import KindHead, Version
from quarterdeck.kinds.rows import chunks, existing
from quarterdeck.kinds.seal import Sealer

_BATCH = 5_000


def examine(heads: Mapping[int, str] | None = None) -> Iterator[Broken]:
    """Everything that does not hold: in the chain (see `history.verify`), and between the chain and the records."""
    yield from history.verify(heads=heads)
    for name in sorted(KINDS):
        yield from _rows(KINDS[name])
        yield from _head(name)


def _rows(kind: Kind) -> Iterator[Broken]:
    """Rows that are not as their last version says, versions without a row, rows without a version."""
    told: set[int] = set()
    waiting: list[tuple[int, int, str]] = []
    standing = Version.objects.filter(kind=kind.name, ended=None).exclude(action="delete").order_by("id")
    for version in standing.values_list("record", "began", "values").iterator(chunk_size=_BATCH):
        told.add(version[0])
        waiting.append(version)
        if len(waiting) == _BATCH:
            yield from _differing(kind, waiting)
            waiting = []
    yield from _differing(kind, waiting)
    for record, key in kind.model._default_manager.order_by("id").values_list("id", "key").iterator(chunk_size=_BATCH):
        if record not in told:
            yield Broken(0, f"{kind.name}:{key} was made without the history")


def _differing(kind: Kind, versions: list[tuple[int, int, str]]) -> Iterator[Broken]:
    rows = {row["id"]: row for row in existing(kind, None, ids={record for record, _began, _text in versions}).values()}
    said = [(record, began, json.loads(text)) for record, began, text in versions]
    targets = {
        link.name: _holders(link.target, {values.get(link.name) for _r, _b, values in said}) for link in kind.links
    }
    sealer = Sealer()
    for record, began, values in said:
        row = rows.get(record)
        if row is None:
            yield Broken(began, f"{kind.name} {values.get('key')} is gone without the history")
            continue
        told = past.opened(kind, values, sealer)
        names = [
            name
            for name in values.keys() & kind.attributes.keys() - targets.keys()
            if plain(row[name]) != plain(told[name])
        ]
        for link in kind.links:
            if link.name in values and row[link.column] not in targets[link.name](values[link.name], began):
                names.append(link.name)
        if names:
            yield Broken(began, f"{kind.name}:{row['key']} was changed without the history: {', '.join(sorted(names))}")


def _holders(kind: Kind, keys: set[str | None]) -> Callable[[str | None, int], set[int | None]]:
    """Who had a key at a commit: keys change hands, and a version says the key of its day."""
    held: dict[str, list[tuple[int, int, int | None]]] = {}
    for chunk in chunks(key for key in keys if key):
        for key, *span in Version.objects.filter(kind=kind.name, key__in=chunk).values_list(
            "key", "record", "began", "ended"
        ):
            held.setdefault(key, []).append((int(span[0] or 0), int(span[1] or 0), span[2]))

    def holder(key: str | None, commit: int) -> set[int | None]:
        if not key:
            return {None}
        return {r for r, began, ended in held.get(key, ()) if began <= commit and (ended is None or ended > commit)}

    return holder


def _head(kind: str) -> Iterator[Broken]:
    """The newest watermark of a kind is the last commit that changed it."""
    last = Version.objects.filter(kind=kind).order_by("-began").values_list("began", flat=True).first() or 0
    marked = KindHead.objects.filter(kind=kind).aggregate(newest=Max("number"))["newest"] or 0
    if last != marked:
        yield Broken(last, f"the watermark of {kind} says {marked}")
