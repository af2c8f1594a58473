"""What a proposal changes: kept with what was seen when it was proposed, so that what moved since can be named."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.kinds import keys
from quarterdeck.kinds.canonical import Plain, canonical, plain
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort, in_order
from quarterdeck.kinds.drafts import Change, Draft, Drafts, Trouble, existing
from quarterdeck.kinds.models import Alias
from quarterdeck.kinds.past import typed
from quarterdeck.kinds.seal import PREFIX, Sealer


class Erased(str):
    """What stands for a personal value whose subject was erased."""


ERASED = Erased("erased")


@dataclass(frozen=True)
class Entry:
    """One change of a proposal. record: id, 0 for one to be made. values: the fields it sets, None to delete it.

    seen: all fields as they were when proposed, None where there was no such record. ids: of the records that set
    links lead to; seen_ids: of those that links led to. Values are as JSON holds them; personal ones are sealed under
    `subject`.
    """

    kind: str
    key: str
    record: int
    values: dict[str, Plain] | None
    effective: str = ""
    seen: dict[str, Plain] | None = None
    ids: dict[str, int] = field(default_factory=dict)
    seen_ids: dict[str, int] = field(default_factory=dict)
    subject: str = ""

    @property
    def action(self) -> str:
        if self.values is None:
            return "delete"
        return "update" if self.record else "create"


@dataclass(frozen=True)
class Moved:
    """One value that is not what it was when the change was proposed; without a field: the record itself.

    reason: why the change cannot be made any more, where that is no single value. Personal values are sealed.
    """

    kind: str
    key: str
    field: str = ""
    before: Plain = None
    now: Plain = None
    record: int = 0
    reason: str = ""
    subject: str = ""


def taken(drafts: Drafts) -> tuple[Entry, ...]:
    """The drafts that change something, as a proposal keeps them, in the order they were given."""
    found: list[tuple[int, Entry]] = []
    for some in drafts.by_kind.values():
        kind, different = some[0].kind, [draft for draft in some if draft.changed]
        rows = {row["id"]: row for row in existing(kind, None, ids={d.id for d in different if d.id}).values()}
        sealer = Sealer()
        if kind.personal:
            sealer.make(_subject(draft) for draft in different)
        found.extend((draft.index, _entry(draft, rows.get(draft.id), sealer)) for draft in different)
    return tuple(entry for _index, entry in sorted(found, key=lambda pair: pair[0]))


def nobodys(drafts: Drafts) -> list[Trouble]:
    """Personal values that cannot be kept because nobody is there yet under whose key they could be sealed."""
    message = _("personal values of a record that is not there yet cannot wait in a proposal")
    return [
        Trouble(draft.index, draft.kind.name, draft.change.key, "", message)
        for draft in drafts
        if draft.kind.personal and _subject(draft).endswith(":0")
    ]


def _subject(draft: Draft) -> str:
    """Whom the personal values of a draft are about, as the history says it."""
    kind = draft.kind
    if not kind.subject:
        return f"{kind.name}:{draft.id}"
    return f"{kind.attributes[kind.subject].target.name}:{draft.ids.get(kind.subject) or 0}"


def _entry(draft: Draft, row: dict[str, Any] | None, sealer: Sealer) -> Entry:
    kind, values = draft.kind, None
    if draft.after is not None:
        wanted = draft.changed if row else [name for name in draft.after if name in (draft.change.values or ())]
        values = {name: draft.after[name] for name in wanted}
    seen = {name: row[name] for name in kind.attributes} if row else None
    subject = _subject(draft) if kind.personal else ""
    return Entry(
        kind.name,
        str((draft.before or draft.after or {})["key"]),
        draft.id,
        _sealed(kind, values, subject, sealer),
        draft.change.effective.isoformat() if draft.change.effective else "",
        _sealed(kind, seen, subject, sealer),
        {link.name: draft.ids[link.name] or 0 for link in kind.links if values and values.get(link.name)},
        {link.name: row[link.column] or 0 for link in kind.links} if row else {},
        subject,
    )


def _sealed(kind: Kind, values: dict[str, Any] | None, subject: str, sealer: Sealer) -> dict[str, Plain] | None:
    if values is None:
        return None
    return {name: _kept(kind.attributes[name], value, subject, sealer) for name, value in values.items()}


def _kept(attribute: Attribute, value: Any, subject: str, sealer: Sealer) -> Plain:
    """A value as the ledger keeps it."""
    if attribute.personal and value not in (None, ""):
        return sealer.seal(subject, canonical(value))
    return plain(value)


def value(attribute: Attribute, kept: Plain, subject: str, sealer: Sealer) -> Any:
    """A kept value as the field's own type; `ERASED` where its subject was erased."""
    if attribute.personal and isinstance(kept, str) and kept.startswith(PREFIX):
        text = sealer.open(subject, kept)
        return ERASED if text is None else typed(attribute, json.loads(text))
    return typed(attribute, kept)


def opened(entry: Entry, values: dict[str, Plain] | None) -> dict[str, Any]:
    """Values of an entry as the fields' own types, those of fields that the kind no longer has left out."""
    attributes, sealer = KINDS[entry.kind].attributes, Sealer()
    return {
        name: value(attributes[name], kept, entry.subject, sealer)
        for name, kept in (values or {}).items()
        if name in attributes
    }


def to_text(entries: Iterable[Entry]) -> str:
    """Entries as canonical JSON."""
    return canonical([asdict(entry) for entry in entries])


def entries(text: str) -> tuple[Entry, ...]:
    """Entries out of canonical JSON."""
    return tuple(Entry(**one) for one in json.loads(text))


def moves_to_text(moves: Iterable[Moved]) -> str:
    """What moved, as canonical JSON."""
    return canonical([asdict(one) for one in moves])


def moves(text: str) -> tuple[Moved, ...]:
    """What moved, out of canonical JSON."""
    return tuple(Moved(**one) for one in json.loads(text))


def clearances(some: Iterable[Entry]) -> frozenset[str]:
    """The clearances needed for the fields that entries set."""
    found = {KINDS[entry.kind].attributes[name].private for entry in some for name in entry.values or ()}
    return frozenset(clearance for clearance in found if clearance)


def changes(some: Sequence[Entry]) -> list[Change]:
    """The changes to make, links by the keys their records have now."""
    return [
        Change(
            entry.kind, entry.key, _current(entry), date.fromisoformat(entry.effective) if entry.effective else None,
            new=entry.action == "create",
        )
        for entry in some
    ]  # fmt: skip


def _current(entry: Entry) -> dict[str, Any] | None:
    if entry.values is None:
        return None
    values = opened(entry, entry.values)
    for name, record in entry.ids.items():
        if record:
            values[name] = _key(KINDS[entry.kind].attributes[name].target, record) or values[name]
    return values


def _key(kind: Kind, record: int) -> str | None:
    return kind.model._default_manager.filter(id=record).values_list("key", flat=True).first()


def moved(some: Iterable[Entry], *, lock: bool = False) -> tuple[Moved, ...]:
    """Everything that is not as it was when proposed; with `lock` it stays so until the transaction ends."""
    whole = list(some)
    found: list[Moved] = []
    for kind in in_order():  # as a write locks them, so that two never wait for each other
        mine = [entry for entry in whole if entry.kind == kind.name]
        known = {entry.record for entry in mine if entry.record}
        rows = {row["id"]: row for row in existing(kind, None, ids=known, lock=lock).values()} if known else {}
        there = _there(kind, [entry for entry in mine if not entry.record])
        for entry in mine:
            if entry.record:
                found.extend(_moved(kind, entry, rows.get(entry.record)))
            elif keys.fold(entry.key) in there:
                found.append(
                    Moved(kind.name, entry.key, before=None, now=entry.key, record=there[keys.fold(entry.key)])
                )
            found.extend(_gone(kind, entry))
    return tuple(found)


def _there(kind: Kind, some: list[Entry]) -> dict[str, int]:
    """Records that are there, by key or former key, though they were still to be made."""
    folds = {keys.fold(entry.key) for entry in some}
    if not folds:
        return {}
    found = dict(Alias.objects.filter(kind=kind.name, fold__in=folds).values_list("fold", "record"))
    found.update({fold: row["id"] for fold, row in existing(kind, folds).items()})
    return found


def _moved(kind: Kind, entry: Entry, row: dict[str, Any] | None) -> Iterable[Moved]:
    if row is None:
        yield Moved(kind.name, entry.key, before=entry.key, now=None, record=entry.record)
        return
    sealer = Sealer()
    for name, before in opened(entry, entry.seen).items():
        attribute = kind.attributes[name]
        if attribute.private and name not in (entry.values or {}):
            continue  # or whoever proposed it could tell that a value moved which they may not see
        if attribute.sort is Sort.LINK:
            same = entry.seen_ids.get(name, 0) == (row[attribute.column] or 0)
        else:
            same = before == row[name]
        if not same:
            sealer.load([entry.subject] if attribute.personal else [])
            kept, now = (entry.seen or {})[name], _kept(attribute, row[name], entry.subject, sealer)
            yield Moved(kind.name, entry.key, name, kept, now, entry.record, subject=entry.subject)


def _gone(kind: Kind, entry: Entry) -> Iterable[Moved]:
    """Links that were to be set to records which are no longer there, values whose subject was erased."""
    for name, record in entry.ids.items():
        if record and _key(kind.attributes[name].target, record) is None:
            yield Moved(kind.name, entry.key, name, (entry.values or {})[name], None, record=entry.record)
    for name, found in opened(entry, entry.values).items():
        if found is ERASED:
            yield Moved(kind.name, entry.key, name, record=entry.record, reason=_("the value it sets was erased"))


def shown(one: Moved) -> tuple[Plain, Plain]:
    """Before and now of what moved as JSON holds them, personal values unsealed."""
    attribute = KINDS[one.kind].attributes.get(one.field) if one.kind in KINDS else None
    if attribute is None:
        return one.before, one.now
    sealer = Sealer()
    return plain(value(attribute, one.before, one.subject, sealer)), plain(
        value(attribute, one.now, one.subject, sealer)
    )


def refused(some: Sequence[Entry], found: Iterable[Trouble]) -> tuple[Moved, ...]:
    """Why a write was refused, as what moved: all of it held when it was proposed."""
    return tuple(
        Moved(t.kind, t.key, t.field, record=some[t.index].record if t.index < len(some) else 0, reason=t.message)
        for t in found
    )
