"""What evidence suggests to the estate: three-way per field, refused values remembered, absence suggests retirement."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from quarterdeck.kinds.canonical import canonical, plain
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort, in_order
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.keys import fold
from quarterdeck.kinds.roles import Authority, Denied, Reader, service
from quarterdeck.kinds.rows import Found, chunks, standing
from quarterdeck.kinds.seal import blocked
from quarterdeck.kinds.sight import seen_keys
from quarterdeck.kinds.values import read_column
from quarterdeck.kinds.write import Refused, write
from quarterdeck.lake.models import EvidenceSource, Suggestion

RIGHT = "suggestions"  # to settle what evidence suggests
POLICIES = ("ask", "accept")  # suggestions of a source wait for a person, or are taken over where only it moved
ABSENT = "absent"  # what stands for the retirement of a record that its source names no more
_OURSELVES = service("suggestions")
Values = dict[str, Any]  # by attribute, in canonical form


@dataclass(frozen=True)
class Said:
    """What a source says of one record. Values it does not speak of are absent."""

    kind: str
    key: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Seen:
    """An open suggestion as one reader may see it."""

    number: int
    source: str
    kind: str
    key: str
    sort: str
    wants: Values


def compare(source: EvidenceSource, said: Iterable[Said], covers: Iterable[str]) -> int:
    """Hold what a source says now against what it said last and what stands; returns how many suggestions are open.

    covers: the kinds of which the source names every record it knows, so that absence means something. Where the
    source's policy is to accept, what it alone moved is taken over at once.
    """
    by_kind: dict[str, dict[str, Said]] = {}
    for entry in said:
        by_kind.setdefault(entry.kind, {})[fold(entry.key)] = entry
    whole = set(covers)
    with transaction.atomic():
        for name in sorted({*by_kind, *whole}):
            _compare_kind(source, KINDS[name], by_kind.get(name, {}), absent_means=name in whole)
    if source.policy == "accept":
        _by_policy(source)
    return Suggestion.objects.filter(source=source).exclude(sort="").count()


def _by_policy(source: EvidenceSource) -> None:
    """Take over what only the source moved; where that would not be right, it stays for a person to decide."""
    named = f"{source.reader} {source.name}"
    found = Suggestion.objects.filter(source=source, sort__in=("create", "update"))
    try:
        accept(service("collection", policy=f"accept what only {named} moved"), found, f"suggestions of {named}")
    except Refused:
        return


def _compare_kind(source: EvidenceSource, kind: Kind, said: dict[str, Said], *, absent_means: bool) -> None:
    rows = standing(kind, set(said)) if said else {}
    known = {fold(s.key): s for s in Suggestion.objects.filter(source=source, kind=kind.name)}
    gone = _erased(kind, said.values())
    kept = {mark: entry for mark, entry in said.items() if entry.key not in gone}
    made: list[Suggestion] = []
    changed: list[Suggestion] = []
    for (mark, entry), now in zip(kept.items(), _typed(kind, list(kept.values())), strict=True):
        suggestion = known.get(mark) or Suggestion(source=source, kind=kind.name, key=entry.key, said="{}")
        _weigh(suggestion, now, rows.get(mark))
        (changed if suggestion.pk else made).append(suggestion)
    if absent_means:
        missing = known.keys() - said.keys()
        there = standing(kind, missing)
        for mark in sorted(missing):
            _miss(known[mark], there.get(mark))
            changed.append(known[mark])
    Suggestion.objects.bulk_create(made, batch_size=1_000)
    Suggestion.objects.bulk_update(changed, ("said", "wants", "sort", "refused"), batch_size=500)


def _erased(kind: Kind, said: Iterable[Said]) -> set[str]:
    """Keys of those entries that are about someone who was erased: by the key, by an address, by a link to them."""
    personal = [attribute.name for attribute in kind.attributes.values() if attribute.personal]
    links = [link for link in kind.links if link.target.personal and not link.target.subject]
    traces: dict[str, set[str]] = {}
    for entry in said:
        marks = [f"{kind.name}:{entry.key}"] if kind.personal else []
        marks += [str(entry.values[name]) for name in personal if "@" in str(entry.values.get(name) or "")]
        marks += [f"{link.target.name}:{entry.values[link.name]}" for link in links if link.name == kind.subject]
        for mark in marks:
            traces.setdefault(mark, set()).add(entry.key)
    return {key for mark in blocked(traces) for key in traces[mark]}


def _typed(kind: Kind, entries: list[Said]) -> list[Values]:
    """Values as they would stand in the record, in canonical form, links by the key their target has today.

    What cannot stand there is left as it was said, for a person to see.
    """
    found: list[Values] = [{} for _entry in entries]
    for name, attribute in kind.attributes.items():
        given = [place for place, entry in enumerate(entries) if name in entry.values]
        values, faults = read_column(attribute, [entries[place].values[name] for place in given])
        if attribute.sort is Sort.LINK:
            values = _today(attribute, values)
        for number, place in enumerate(given):
            found[place][name] = plain(entries[place].values[name] if number in faults else values[number])
    return found


def _today(link: Attribute, keys: list[str | None]) -> list[str | None]:
    """Keys as their records have them now; those of nobody as they are."""
    there = standing(link.target, {fold(key) for key in keys if key})
    return [there[fold(key)]["key"] if key and fold(key) in there else key for key in keys]


def _weigh(kept: Suggestion, now: Values, row: Found | None) -> None:
    """Decide, field by field, who moved: the source, the person, both or nobody."""
    last, refused = json.loads(kept.said), json.loads(kept.refused)
    refused = {name: value for name, value in refused.items() if value != ABSENT}  # it is named again
    kept.refused = canonical(refused)
    if row is None:
        spoken = {name: value for name, value in last.items() if name != "retired"}
        silent = refused == now or (spoken and all(_same(spoken.get(name), value) for name, value in now.items()))
        kept.wants, kept.sort = ("{}", "") if silent else (canonical(now), "create")
        return
    wants: Values = {}
    conflict = False
    back = last.pop("retired", None) == ABSENT and row["retired"] is not None
    if back and "retired" not in refused:
        wants["retired"] = None
    for name, value in now.items():
        stands = plain(row[name])
        if _same(value, stands) or (name in refused and _same(refused[name], value)):
            continue
        if name in last and _same(last[name], value):
            continue  # only the person moved
        wants[name] = value
        conflict = conflict or not _same(stands, last.get(name))
    kept.wants = canonical(wants)
    kept.sort = ("conflict" if conflict else "update") if wants else ""
    said = {**last, **{name: value for name, value in now.items() if name not in wants}}
    kept.said = canonical({**said, "retired": ABSENT} if back else said)


def _same(left: Any, right: Any) -> bool:
    return left == right or (left in (None, "") and right in (None, ""))


def _miss(kept: Suggestion, row: Found | None) -> None:
    """A record that the source named once and names no more."""
    refused = json.loads(kept.refused).get("retired") == ABSENT
    here = row is not None and row["retired"] is None and kept.said != "{}"
    kept.wants, kept.sort = "{}", "retire" if here and not refused else ""


def permit(reader: Reader, kinds: Iterable[str] = ()) -> None:
    """Whether a reader may settle what is suggested to some kinds: they take it over, so they could write it.

    Raises Denied.
    """
    if not reader.may(RIGHT):
        raise Denied("settle", "suggestions")
    for kind in sorted(set(kinds)):
        if not reader.writes(kind):
            raise Denied("settle", kind)


def trust(reader: Reader, source: EvidenceSource, policy: str, kinds: Iterable[str]) -> None:
    """Set whether a source's suggestions wait for a person; kinds: those it can speak of, with all of their fields.

    Raises Denied, where they could not take over all of it themselves, and ValueError.
    """
    if policy not in POLICIES:
        raise ValueError(f"a policy is one of: {', '.join(POLICIES)}")
    spoken = {*kinds, *Suggestion.objects.filter(source=source).values_list("kind", flat=True)}
    permit(reader, spoken)
    for kind in sorted(spoken):
        for attribute in KINDS[kind].attributes.values():
            if attribute.private and not reader.clears(attribute.private):
                raise Denied("settle", kind, attribute.name)
    source.policy = policy
    source.save(update_fields=["policy"])


def accept(authority: Authority, suggestions: Iterable[Suggestion], source: str) -> int:
    """Take suggestions over into the estate, records that others link to first, as one commit; returns how many.

    One that was settled meanwhile is passed over; one whose record a person has changed since becomes a conflict.
    Raises Denied where they may not, write.Refused where a record would not be right; then nothing is taken over.
    """
    permit(authority.reader)
    asked = {suggestion.pk: suggestion for suggestion in suggestions}
    with transaction.atomic():
        fresh = _fresh(asked)
        moved = _moved(fresh)
        taken = sorted((s for s in fresh if s.pk not in moved), key=lambda s: (_place(s.kind), s.key))
        today = timezone.localdate()
        write(authority, [Change(s.kind, s.key, _values(s, today)) for s in taken], source)
        for suggestion in taken:
            new = {"retired": ABSENT} if suggestion.sort == "retire" else json.loads(suggestion.wants)
            said = {**json.loads(suggestion.said), **new}
            if said.get("retired", ABSENT) is None:
                del said["retired"]
            suggestion.said, suggestion.wants, suggestion.sort = canonical(said), "{}", ""
        for suggestion in fresh:
            if suggestion.pk in moved:
                suggestion.sort = "conflict"
        Suggestion.objects.bulk_update(fresh, ("said", "wants", "sort"), batch_size=500)
    for suggestion in fresh:
        asked[suggestion.pk].said, asked[suggestion.pk].wants = suggestion.said, suggestion.wants
        asked[suggestion.pk].sort = suggestion.sort
    return len(taken)


def _fresh(asked: Mapping[int, Suggestion]) -> list[Suggestion]:
    """The suggestions as they are now, those that still want what was seen."""
    found: list[Suggestion] = []
    for chunk in chunks(sorted(asked)):
        found.extend(Suggestion.objects.select_for_update().filter(pk__in=chunk).order_by("pk"))
    return [s for s in found if s.sort and (s.sort, s.wants) == (asked[s.pk].sort, asked[s.pk].wants)]


def _moved(some: list[Suggestion]) -> set[int]:
    """Suggestions that were no conflict when they were made, and are one now."""
    found: set[int] = set()
    for name in {s.kind for s in some}:
        mine = [s for s in some if s.kind == name and s.sort in ("create", "update")]
        rows = standing(KINDS[name], {fold(s.key) for s in mine})
        found.update(s.pk for s in mine if (s.sort == "create") == (fold(s.key) in rows))
        for suggestion in mine:
            row, last = rows.get(fold(suggestion.key)), json.loads(suggestion.said)
            wants = {n: v for n, v in json.loads(suggestion.wants).items() if n != "retired"}
            if row and any(
                not _same(plain(row[n]), last.get(n)) and not _same(plain(row[n]), v) for n, v in wants.items()
            ):
                found.add(suggestion.pk)
    return found


def _values(suggestion: Suggestion, today: object) -> Values:
    return {"retired": today} if suggestion.sort == "retire" else json.loads(suggestion.wants)


def refuse(suggestions: Iterable[Suggestion], authority: Authority = _OURSELVES) -> int:
    """Remember the values refused: they are not suggested again until the source says something else.

    Whoever refuses could have accepted. Raises Denied.
    """
    refused = list(suggestions)
    permit(authority.reader, (suggestion.kind for suggestion in refused))
    for suggestion in refused:
        if len(wanted(authority.reader, suggestion)) < len(json.loads(suggestion.wants)):
            raise Denied("settle", suggestion.kind)
    for suggestion in refused:
        wants = {"retired": ABSENT} if suggestion.sort == "retire" else json.loads(suggestion.wants)
        suggestion.refused = canonical({**json.loads(suggestion.refused), **wants})
        suggestion.wants, suggestion.sort = "{}", ""
    Suggestion.objects.bulk_update(refused, ("refused", "wants", "sort"), batch_size=500)
    return len(refused)


def _place(kind: str) -> int:
    return [entry.name for entry in in_order()].index(kind)


def open_suggestions(source: str = "", kind: str = "") -> list[Suggestion]:
    """What is open, by kind and key."""
    if "\0" in source + kind:
        return []
    found = Suggestion.objects.exclude(sort="").select_related("source").order_by("kind", "key")
    if source:
        found = found.filter(source__name=source)
    if kind:
        found = found.filter(kind=kind)
    return list(found)


def seen(reader: Reader, some: Iterable[Suggestion]) -> list[Seen]:
    """Those that say something to their reader, as they say it: nothing of records and fields out of their sight."""
    by_kind: dict[str, list[Suggestion]] = {}
    for suggestion in some:
        if reader.reads(suggestion.kind):
            by_kind.setdefault(suggestion.kind, []).append(suggestion)
    found: list[Seen] = []
    for name, mine in by_kind.items():
        inside = seen_keys(KINDS[name], {s.key for s in mine if s.sort != "create"}, reader)
        open_ones = [s for s in mine if s.sort == "create" or inside is None or s.key in inside]
        wants = {s.pk: wanted(reader, s) for s in open_ones}
        covered = [s for s in open_ones if s.sort == "conflict" and len(wants[s.pk]) < len(json.loads(s.wants))]
        rows = standing(KINDS[name], {fold(s.key) for s in covered}) if covered else {}
        sorts = {s.pk: _sort(s, wants[s.pk], rows.get(fold(s.key))) for s in covered}
        found += [
            Seen(s.pk, s.source.name, s.kind, s.key, sorts.get(s.pk, s.sort), wants[s.pk])
            for s in open_ones
            if wants[s.pk] or s.sort in ("create", "retire")
        ]
    return found


def _sort(suggestion: Suggestion, wants: Values, row: Found | None) -> str:
    """Whether what is seen of a conflict is one: a person changed a field that its reader may see."""
    last = json.loads(suggestion.said)
    return "conflict" if row and any(not _same(plain(row[n]), last.get(n)) for n in wants) else "update"


def wanted(reader: Reader, suggestion: Suggestion) -> Values:
    """What a suggestion wants, without the fields its reader may not see."""
    visible = {attribute.name for attribute in KINDS[suggestion.kind].visible(reader)}
    return {name: value for name, value in json.loads(suggestion.wants).items() if name in visible}
