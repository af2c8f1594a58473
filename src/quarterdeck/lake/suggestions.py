"""What evidence suggests to the estate: three-way per field, refused values remembered, absence suggests retirement."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from quarterdeck.kinds.canonical import canonical, plain
from quarterdeck.kinds.declare import KINDS, Kind, in_order
from quarterdeck.kinds.drafts import Change, existing
from quarterdeck.kinds.keys import fold
from quarterdeck.kinds.roles import Authority
from quarterdeck.kinds.seal import blocked
from quarterdeck.kinds.values import read_column
from quarterdeck.kinds.write import write
from quarterdeck.lake.models import EvidenceSource, Suggestion


@dataclass(frozen=True)
class Said:
    """What a source says of one record. Values it does not speak of are absent."""

    kind: str
    key: str
    values: Mapping[str, object]


def compare(source: EvidenceSource, said: Iterable[Said], covers: Iterable[str]) -> int:
    """Hold what a source says now against what it said last and what stands; returns how many suggestions are open.

    covers: the kinds of which the source names every record it knows, so that absence means something.
    """
    by_kind: dict[str, dict[str, Said]] = {}
    for entry in said:
        by_kind.setdefault(entry.kind, {})[fold(entry.key)] = entry
    with transaction.atomic():
        for name in {*by_kind, *covers}:
            _compare_kind(source, KINDS[name], by_kind.get(name, {}), absent_means=name in set(covers))
        return Suggestion.objects.filter(source=source).exclude(sort="").count()


def _compare_kind(source: EvidenceSource, kind: Kind, said: dict[str, Said], *, absent_means: bool) -> None:
    rows = existing(kind, set(said)) if said else {}
    known = {fold(s.key): s for s in Suggestion.objects.filter(source=source, kind=kind.name)}
    gone = blocked(entry.key for entry in said.values())
    made, changed = [], []
    for mark, entry in said.items():
        if entry.key in gone:
            continue
        kept = known.get(mark) or Suggestion(source=source, kind=kind.name, key=entry.key, said="{}")
        _weigh(kept, kind, _typed(kind, entry.values), rows.get(mark))
        (changed if kept.pk else made).append(kept)
    if absent_means:
        for mark in known.keys() - said.keys():
            changed.append(_absent(known[mark], kind))
    Suggestion.objects.bulk_create(made, batch_size=1_000)
    Suggestion.objects.bulk_update(changed, ("said", "wants", "sort"), batch_size=1_000)


def _typed(kind: Kind, values: Mapping[str, object]) -> dict[str, Any]:
    """Values as they would stand in the record, in canonical form; what cannot stand there is left for a person to
    see."""
    found = {}
    for name, value in values.items():
        read, faults = read_column(kind.attributes[name], [value])
        found[name] = plain(value if faults else read[0])
    return found


def _weigh(kept: Suggestion, kind: Kind, now: dict[str, Any], row: dict[str, Any] | None) -> None:
    """Decide, field by field, who moved: the source, the person, both or nobody."""
    last, refused = json.loads(kept.said), json.loads(kept.refused)
    if row is None:
        kept.wants, kept.sort = canonical(now), "" if refused == now else "create"
        return
    wants, conflict = {}, False
    for name, value in now.items():
        stands = plain(row[name])
        if _same(value, stands) or (name in refused and refused[name] == value):
            continue
        if name in last and _same(last[name], value):
            continue  # only the person moved
        wants[name] = value
        unset = stands in (None, "")
        if not unset and not (name in last and _same(last[name], stands)):
            conflict = True
    kept.wants = canonical(wants)
    kept.sort = ("conflict" if conflict else "update") if wants else ""
    kept.said = canonical({**last, **{n: v for n, v in now.items() if n not in wants}})


def _same(left: Any, right: Any) -> bool:
    return left == right or (left in (None, "") and right in (None, ""))


def _absent(kept: Suggestion, kind: Kind) -> Suggestion:
    row = existing(kind, {fold(kept.key)}).get(fold(kept.key))
    here = row is not None and row["retired"] is None
    refused = json.loads(kept.refused).get("retired") == "absent"
    kept.wants, kept.sort = ("{}", "retire") if here and not refused and kept.said != "{}" else ("{}", "")
    return kept


def accept(authority: Authority, suggestions: Iterable[Suggestion], source: str) -> int:
    """Take suggestions over into the estate, records that others link to first, as one commit; returns how many.

    Raises write.Refused where a record would not be right; then nothing is taken over.
    """
    taken = sorted(suggestions, key=lambda s: (_place(s.kind), s.key))
    today = timezone.localdate()
    changes = [
        Change(s.kind, s.key, {"retired": today} if s.sort == "retire" else json.loads(s.wants))
        for s in taken
        if s.sort
    ]
    with transaction.atomic():
        write(authority, changes, source)
        for suggestion in taken:
            suggestion.said = canonical({**json.loads(suggestion.said), **json.loads(suggestion.wants)})
            suggestion.wants, suggestion.sort = "{}", ""
        Suggestion.objects.bulk_update(taken, ("said", "wants", "sort"), batch_size=1_000)
    return len(changes)


def refuse(suggestions: Iterable[Suggestion]) -> int:
    """Remember the values refused: they are not suggested again until the source says something else."""
    refused = list(suggestions)
    for suggestion in refused:
        wants = {"retired": "absent"} if suggestion.sort == "retire" else json.loads(suggestion.wants)
        suggestion.refused = canonical({**json.loads(suggestion.refused), **wants})
        suggestion.wants, suggestion.sort = "{}", ""
    Suggestion.objects.bulk_update(refused, ("refused", "wants", "sort"), batch_size=1_000)
    return len(refused)


def _place(kind: str) -> int:
    return [entry.name for entry in in_order()].index(kind)


def open_suggestions(source: str = "", kind: str = "") -> list[Suggestion]:
    """What is open, by kind and key."""
    found = Suggestion.objects.exclude(sort="").select_related("source").order_by("kind", "key")
    if source:
        found = found.filter(source__name=source)
    if kind:
        found = found.filter(kind=kind)
    return list(found)
