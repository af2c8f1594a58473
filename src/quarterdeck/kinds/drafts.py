"""Turns changes into drafts of rows: finds what is there, reads values, resolves links, collects every fault; writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from quarterdeck.kinds import estimates, keys
from quarterdeck.kinds.declare import KINDS, Attribute, Fault, Kind, Sort
from quarterdeck.kinds.models import Alias, Version
from quarterdeck.kinds.roles import Authority, Denied
from quarterdeck.kinds.values import read_column

CHUNK = 5_000  # parameters of one query
_EVERYTHING = 20_000  # from so many changes on, all rows of a kind are read at once


@dataclass(frozen=True)
class Change:
    """What is wanted of one record: some values set, or (values None) the record deleted.

    values: attribute → value, typed or as text; absent: kept; None or "": cleared. "key" renames. expected: the commit the
    change was made on; when the record has moved since, the change is refused. effective: since when it is true. new: the
    record must not be there yet.
    """

    kind: str
    key: str
    values: Mapping[str, object] | None
    effective: date | None = None
    expected: int | None = None
    new: bool = False


@dataclass(frozen=True)
class Trouble:
    """One fault of one change: which (its place in the call), which field, and why."""

    index: int
    kind: str
    key: str
    field: str
    message: str


@dataclass
class Draft:
    """One row to be. Values are by attribute name; a link's value is the key of its target, its id stands in `ids`."""

    index: int
    change: Change
    kind: Kind
    id: int = 0  # 0: new
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    ids: dict[str, int | None] = field(default_factory=dict)

    @property
    def action(self) -> str:
        if self.after is None:
            return "delete"
        return "create" if self.before is None else "update"

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the attributes that differ."""
        if self.before is None or self.after is None:
            return tuple(self.after or self.before or ())
        return tuple(name for name, value in self.after.items() if value != self.before[name])


class Drafts:
    """All drafts of one call, kind by kind, and the troubles found."""

    def __init__(self, authority: Authority, changes: Iterable[Change], *, lock: bool = False) -> None:
        self.authority, self.lock = authority, lock
        self.by_kind: dict[str, list[Draft]] = {}
        self.troubles: list[Trouble] = []
        self._born: dict[tuple[str, str], Draft] = {}
        for index, change in enumerate(changes):
            if change.kind not in KINDS:
                self.troubles.append(Trouble(index, change.kind, change.key, "", _("there is no such kind")))
                continue
            self.by_kind.setdefault(change.kind, []).append(Draft(index, change, KINDS[change.kind]))
        for name, drafts in self.by_kind.items():
            self._permit(KINDS[name], drafts)
            self._find(KINDS[name], drafts)
            self._read(KINDS[name], drafts)
        for name, drafts in self.by_kind.items():
            self._link(KINDS[name], drafts)
            self._derive(KINDS[name], drafts)
        for name, drafts in self.by_kind.items():
            self._unique(KINDS[name], drafts)
            self._clean(KINDS[name], drafts)

    def __iter__(self) -> Iterable[Draft]:  # type: ignore[override]
        for drafts in self.by_kind.values():
            yield from drafts

    def fault(self, draft: Draft, name: str, message: str) -> None:
        key = draft.change.key or str((draft.after or {}).get("key", ""))
        self.troubles.append(Trouble(draft.index, draft.kind.name, key, name, message))

    def _permit(self, kind: Kind, drafts: list[Draft]) -> None:
        reader = self.authority.reader
        if not reader.writes(kind.name):
            raise Denied("write", kind.name)
        touched = {name for draft in drafts for name in (draft.change.values or ())}
        for name in touched & kind.attributes.keys():
            private = kind.attributes[name].private
            if private and not reader.clears(private):
                raise Denied("write", kind.name, name)

    def _find(self, kind: Kind, drafts: list[Draft]) -> None:
        """Give each draft the row it changes, by key or by a former key."""
        folds = {keys.fold(draft.change.key) for draft in drafts if draft.change.key}
        rows = existing(kind, folds, lock=self.lock)
        former = {fold: record for fold, record in _aliases(kind, folds - rows.keys()).items()}
        by_id = (
            {row["id"]: row for row in existing(kind, None, ids=set(former.values()), lock=self.lock).values()}
            if former
            else {}
        )
        reader = self.authority.reader
        allowed = None if reader.sees_all(kind.name) or not kind.scope else _in_scope(kind, reader, rows.values())
        heads = _heads(kind, drafts, rows)
        seen: dict[str, int] = {}
        for draft in drafts:
            fold = keys.fold(draft.change.key)
            if fold and fold in seen:
                self.fault(draft, "key", _("stands twice, first as number %(number)d") % {"number": seen[fold] + 1})
            seen.setdefault(fold, draft.index)
            row = rows.get(fold) or by_id.get(former.get(fold, 0))
            if row is not None and allowed is not None and row["id"] not in allowed:
                raise Denied("write", f"{kind.name}:{draft.change.key}")
            if row is not None and draft.change.new:
                self.fault(draft, "key", _("“%(key)s” is there already") % {"key": row["key"]})
            if row is not None:
                draft.id = row["id"]
                draft.before = {name: row[name] for name in kind.attributes}
                draft.ids = {link.name: row[link.column] for link in kind.links}
                if draft.change.expected is not None and heads.get(draft.id, 0) > draft.change.expected:
                    self.fault(draft, "", _("was changed by someone else meanwhile"))
            elif draft.change.values is None:
                self.fault(draft, "key", _("there is no such record"))

    def _read(self, kind: Kind, drafts: list[Draft]) -> None:
        """Read the given values column by column, and fill a new row's others with what they are when unset."""
        blank = {name: None if a.sort is Sort.LINK else a.empty() for name, a in kind.attributes.items()}
        for draft in drafts:
            if draft.change.values is None:
                continue
            unknown = draft.change.values.keys() - kind.attributes.keys()
            for name in sorted(unknown):
                self.fault(draft, name, _("%(kind)s has no such field") % {"kind": kind.name})
            draft.after = dict(draft.before) if draft.before else self._fresh(kind, blank, draft)
        for attribute in kind.attributes.values():
            given = [d for d in drafts if d.after is not None and attribute.name in (d.change.values or ())]
            values, faults = read_column(attribute, [d.change.values[attribute.name] for d in given])  # type: ignore[index]
            for place, (draft, value) in enumerate(zip(given, values, strict=True)):
                if attribute.sort is Sort.KEY and value in ("", None):
                    continue  # an empty key keeps the key, or lets it be derived
                draft.after[attribute.name] = value  # type: ignore[index]
                if place in faults:
                    self.fault(draft, attribute.name, faults[place])
        self._require(kind, drafts)
        for draft in drafts:
            if draft.before is None and draft.after and draft.after["key"]:
                self._born[kind.name, keys.fold(draft.after["key"])] = draft

    def _fresh(self, kind: Kind, blank: dict[str, Any], draft: Draft) -> dict[str, Any]:
        row = dict(blank)
        row["key"] = keys.normalise(draft.change.key)
        fault = keys.fault(row["key"]) if row["key"] else None
        if fault:
            self.fault(draft, "key", fault)
        elif not row["key"] and not kind.key_from:
            self.fault(draft, "key", _("is needed"))
        return row

    def _require(self, kind: Kind, drafts: list[Draft]) -> None:
        """New rows have their required values, and a required two-language text has at least one half."""
        required = [a.name for a in kind.attributes.values() if a.required and a.sort is not Sort.KEY]
        texts = {
            a.text: kind.spread(a.text)
            for a in kind.attributes.values()
            if a.text and getattr(a.field, "text_required", False)
        }
        for draft in drafts:
            if draft.after is None:
                continue
            if draft.before is None:
                for name in required:
                    if name not in draft.change.values:  # type: ignore[operator]
                        self.fault(draft, name, _("is needed"))
            for text, halves in texts.items():
                if not any(draft.after[half] for half in halves):
                    self.fault(draft, f"{text}_en", _("is needed in at least one language"))

    def _link(self, kind: Kind, drafts: list[Draft]) -> None:
        """Resolve links to records that are there or born in the same call."""
        for link in kind.links:
            given = [
                d for d in drafts if d.after is not None and link.name in (d.change.values or ()) and d.after[link.name]
            ]
            for draft in drafts:
                if draft.after is not None and draft.after[link.name] is None:
                    draft.ids[link.name] = None
            wanted = {keys.fold(draft.after[link.name]) for draft in given}  # type: ignore[index]
            targets = self._targets(link, wanted)
            for draft in given:
                fold = keys.fold(draft.after[link.name])  # type: ignore[index]
                if fold in targets:
                    draft.ids[link.name], draft.after[link.name] = targets[fold]  # type: ignore[index]
                elif (link.target.name, fold) in self._born:
                    draft.after[link.name] = self._born[link.target.name, fold].after["key"]  # type: ignore[index]
                    draft.ids[link.name] = 0  # known once the other row has its id
                else:
                    shown = {"kind": link.target.title, "key": draft.after[link.name]}  # type: ignore[index]
                    self.fault(draft, link.name, _("there is no %(kind)s “%(key)s”") % shown)

    def _targets(self, link: Attribute, folds: set[str]) -> dict[str, tuple[int, str]]:
        """Fold → (id, key) of link targets; a former key finds its record, one out of the writer's sight does not."""
        target, reader = link.target, self.authority.reader
        rows = target.model._default_manager.all()
        if target.scope and not reader.sees_all(target.name):
            rows = rows.filter(target.scope(reader) or Q())
        found = {}
        for chunk in chunks(folds):
            for record, key, fold in rows.filter(fold__in=chunk).values_list("id", "key", "fold"):
                found[fold] = (record, key)
        former = _aliases(target, folds - found.keys())
        named = dict(rows.filter(id__in=set(former.values())).values_list("id", "key")) if former else {}
        found.update({fold: (record, named[record]) for fold, record in former.items() if record in named})
        return found

    def born(self, kind: str, key: str) -> Draft | None:
        """The draft of this call that makes the record of this key."""
        return self._born.get((kind, keys.fold(key)))

    def _derive(self, kind: Kind, drafts: list[Draft]) -> None:
        """Make keys from the attributes a kind names, where none was given."""
        if not kind.key_from:
            return
        made = [d for d in drafts if d.after is not None and d.before is None and not d.after["key"]]
        for draft in made:
            parts = [str(draft.after[name] or "") for name in kind.key_from]  # type: ignore[index]
            draft.after["key"] = keys.normalise("/".join(part for part in parts if part))  # type: ignore[index]
            fault = keys.fault(draft.after["key"])  # type: ignore[index]
            if fault:
                self.fault(draft, "key", fault)
        rows = existing(kind, {keys.fold(d.after["key"]) for d in made}, lock=self.lock)  # type: ignore[index]
        for draft in made:
            fold = keys.fold(draft.after["key"])  # type: ignore[index]
            if fold in rows or (kind.name, fold) in self._born:
                self.fault(draft, "key", _("“%(key)s” is there already") % {"key": draft.after["key"]})  # type: ignore[index]
            self._born[kind.name, fold] = draft

    def _unique(self, kind: Kind, drafts: list[Draft]) -> None:
        """A renamed key is free, and so is every value that must stand once."""
        renamed = {
            keys.fold(d.after["key"]): d for d in drafts if d.after and d.before and d.after["key"] != d.before["key"]
        }
        for fold, row in existing(kind, set(renamed)).items() if renamed else ():
            if row["id"] != renamed[fold].id:
                self.fault(renamed[fold], "key", _("“%(key)s” is there already") % {"key": row["key"]})
        for attribute in kind.attributes.values():
            if attribute.field.unique and attribute.sort is not Sort.KEY:
                self._once(kind, attribute, drafts)

    def _once(self, kind: Kind, attribute: Attribute, drafts: list[Draft]) -> None:
        holders: dict[Any, Draft] = {}
        for draft in drafts:
            value = draft.after and draft.after[attribute.name]
            if value in (None, "") or value == (draft.before or {}).get(attribute.name):
                continue
            if value in holders:
                self.fault(draft, attribute.name, _("stands twice"))
            holders[value] = draft
        for chunk in chunks(holders):
            rows = kind.model._default_manager.filter(**{f"{attribute.name}__in": chunk})
            for record, value in rows.values_list("id", attribute.name):
                if holders[value].id != record:
                    self.fault(holders[value], attribute.name, _("is taken by another record"))

    def _clean(self, kind: Kind, drafts: list[Draft]) -> None:
        bad = {trouble.index for trouble in self.troubles}
        sound = [draft for draft in drafts if draft.after is not None and draft.index not in bad]
        rows = [draft.after for draft in sound if draft.after is not None]
        found: list[tuple[int, Fault]] = list(estimates.faults(kind, rows))
        if kind.clean is not None:
            found.extend(kind.clean(rows))
        for place, fault in found:
            self.fault(sound[place], fault.field, fault.message)


def chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    """Values in lists that fit into one query."""
    whole = list(values)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


def existing(
    kind: Kind, folds: set[str] | None, *, ids: set[int] | None = None, lock: bool = False
) -> dict[str, dict[str, Any]]:
    """Rows by fold: values by attribute name (a link's is its target's key), `id`, and each link's id by its column."""
    names = ["id", "fold", *(link.column for link in kind.links)]
    plain = [name for name, attribute in kind.attributes.items() if attribute.sort is not Sort.LINK]
    linked = {f"{link.name}__key": link.name for link in kind.links}
    rows = kind.model._default_manager.all()
    if lock and connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    found: dict[str, dict[str, Any]] = {}
    for chunk in (
        [None] if folds is not None and len(folds) >= _EVERYTHING else chunks(folds if folds is not None else ids or ())
    ):
        if chunk is None:
            some = rows
        else:
            some = rows.filter(fold__in=chunk) if folds is not None else rows.filter(id__in=chunk)
        for values in some.values(*names, *plain, *linked).iterator(chunk_size=20_000):
            for path, name in linked.items():
                values[name] = values.pop(path)
            found[values["fold"]] = values
    return found


def _aliases(kind: Kind, folds: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(folds):
        found.update(Alias.objects.filter(kind=kind.name, fold__in=chunk).values_list("fold", "record"))
    return found


def _in_scope(kind: Kind, reader: Any, rows: Iterable[dict[str, Any]]) -> set[int]:
    """Ids of those rows that the reader's row scope holds."""
    assert kind.scope is not None
    condition = kind.scope(reader) or Q()
    found: set[int] = set()
    for chunk in chunks(row["id"] for row in rows):
        found.update(kind.model._default_manager.filter(condition, id__in=chunk).values_list("id", flat=True))
    return found


def _heads(kind: Kind, drafts: list[Draft], rows: dict[str, dict[str, Any]]) -> dict[int, int]:
    """The commit each record was last written by, for those changes that name what they were made on."""
    asked = [keys.fold(draft.change.key) for draft in drafts if draft.change.expected is not None]
    ids = [rows[fold]["id"] for fold in asked if fold in rows]
    open_versions = Version.objects.filter(kind=kind.name, ended=None, record__in=ids)
    return dict(open_versions.values_list("record", "began"))
