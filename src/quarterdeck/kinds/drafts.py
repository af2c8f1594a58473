"""Turns changes into drafts of rows: finds what is there, reads values, resolves links, collects every fault; writes
nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.kinds import keys, rows, sight, soundness
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort, in_order
from quarterdeck.kinds.roles import Authority, Denied
from quarterdeck.kinds.rows import Found, chunks, existing
from quarterdeck.kinds.values import read_column

__all__ = ("Change", "Draft", "Drafts", "Trouble", "chunks", "existing")


@dataclass(frozen=True)
class Change:
    """What is wanted of one record: some values set, or (values None) the record deleted.

    values: attribute → value, typed or as text; absent: kept; None or "": cleared. "key" renames. expected: the
    commit the change was made on; when the record has moved since, the change is refused. effective: since when it is
    true. new:
    the record must not be there yet.
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
    erases: bool = False  # personal values of an erased subject are cleared

    @property
    def action(self) -> str:
        if self.after is None:
            return "delete"
        if self.erases:
            return "erase"
        return "create" if self.before is None else "update"

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the attributes that differ."""
        if self.before is None or self.after is None:
            return tuple(self.after or self.before or ())
        return tuple(name for name, value in self.after.items() if value != self.before[name])

    @property
    def row(self) -> dict[str, Any]:
        """The values of the row to be. Raises LookupError for a deletion."""
        if self.after is None:
            raise LookupError(f"{self.kind.name}:{self.change.key} is to go")
        return self.after

    @property
    def asked(self) -> str:
        """The key the change names its record by; a new record's may stand among its values."""
        return self.change.key or str((self.change.values or {}).get("key") or "")

    def gives(self, name: str) -> bool:
        """Whether the change speaks of an attribute; a covered link that comes back as it went out says nothing."""
        values = self.change.values or {}
        return name in values and not (values[name] == keys.HIDDEN and self.before is not None)


class Drafts:
    """All drafts of one call, kind by kind, those that others link to first, and the troubles found."""

    def __init__(self, authority: Authority, changes: Iterable[Change], *, lock: bool = False) -> None:
        self.authority, self.lock = authority, lock
        self.by_kind: dict[str, list[Draft]] = {}
        self.troubles: list[Trouble] = []
        self._born: dict[tuple[str, str], Draft] = {}  # by its new key's fold: what this call makes or renames
        self._taken: dict[tuple[str, int], Draft] = {}  # by its id: what this call changes
        self._sort(changes)
        for name, drafts in self.by_kind.items():
            self._permit(KINDS[name], drafts)
            self._find(KINDS[name], drafts)
            self._read(KINDS[name], drafts)
        for name, drafts in self.by_kind.items():
            self._link(KINDS[name], drafts)
            self._derive(KINDS[name], drafts)
            self._require(KINDS[name], drafts)
        soundness.check(self)

    def __iter__(self) -> Iterator[Draft]:
        for drafts in self.by_kind.values():
            yield from drafts

    def fault(self, draft: Draft, name: str, message: str) -> None:
        """Note what is wrong with a draft."""
        key = draft.change.key or str((draft.after or {}).get("key", ""))
        self.troubles.append(Trouble(draft.index, draft.kind.name, key, name, message))

    def born(self, kind: str, key: str) -> Draft | None:
        """The draft of this call that makes the record of this key, or gives it this key."""
        return self._born.get((kind, keys.fold(key)))

    def _sort(self, changes: Iterable[Change]) -> None:
        grouped: dict[str, list[Draft]] = {}
        for index, change in enumerate(changes):
            if change.kind in KINDS:
                grouped.setdefault(change.kind, []).append(Draft(index, change, KINDS[change.kind]))
            else:
                self.troubles.append(Trouble(index, change.kind, change.key, "", _("there is no such kind")))
        self.by_kind.update({kind.name: grouped[kind.name] for kind in in_order() if kind.name in grouped})

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
        folds = [keys.fold(draft.asked) for draft in drafts]
        found = rows.standing(kind, set(folds) - {""}, lock=self.lock)
        self._stay_in_sight(kind, found.values())
        expecting = {
            found[fold]["id"]
            for draft, fold in zip(drafts, folds, strict=True)
            if draft.change.expected is not None and fold in found
        }
        heads = rows.heads(kind, expecting)
        seen: dict[str, int] = {}
        for draft, fold in zip(drafts, folds, strict=True):
            if fold and fold in seen:
                self.fault(draft, "key", _("stands twice, first as number %(number)d") % {"number": seen[fold] + 1})
                continue
            seen.setdefault(fold, draft.index)
            row = found.get(fold)
            if row is None:
                self._not_there(draft, fold)
            elif draft.change.new:
                self.fault(draft, "key", _("“%(key)s” is there already") % {"key": row["key"]})
            else:
                self._take(draft, row)
                if draft.change.expected is not None and heads.get(draft.id, 0) > draft.change.expected:
                    self.fault(draft, "", _("was changed by someone else meanwhile"))

    def _stay_in_sight(self, kind: Kind, found: Iterable[Found]) -> None:
        reader = self.authority.reader
        if sight.scope_of(kind, reader) is None:
            return
        by_id = {row["id"]: row for row in found}
        for hidden in by_id.keys() - rows.in_scope(kind, reader, by_id):
            raise Denied("write", f"{kind.name}:{by_id[hidden]['key']}")

    def _not_there(self, draft: Draft, fold: str) -> None:
        values = draft.change.values
        renames = (
            values is not None and draft.change.key and values.get("key") and keys.fold(str(values["key"])) != fold
        )
        if values is None or renames:
            self.fault(draft, "key", _("there is no such record"))
        elif draft.change.expected:
            self.fault(draft, "", _("was deleted by someone else meanwhile"))

    def _take(self, draft: Draft, row: Found) -> None:
        """Let a draft change a row that is there; no two of a call change the same."""
        first = self._taken.setdefault((draft.kind.name, row["id"]), draft)
        if first is not draft:
            self.fault(draft, "key", _("stands twice, first as number %(number)d") % {"number": first.index + 1})
        draft.id = row["id"]
        draft.before = {name: row[name] for name in draft.kind.attributes}
        draft.ids = {link.name: row[link.column] for link in draft.kind.links}

    def _read(self, kind: Kind, drafts: list[Draft]) -> None:
        """Read the given values column by column, and fill a new row's others with what they are when unset."""
        blank = {name: None if a.sort is Sort.LINK else a.empty() for name, a in kind.attributes.items()}
        writing = [draft for draft in drafts if draft.change.values is not None]
        for draft in writing:
            for name in sorted(draft.change.values.keys() - kind.attributes.keys()):  # type: ignore[union-attr]
                self.fault(draft, name, _("%(kind)s has no such field") % {"kind": kind.name})
            draft.after = dict(draft.before) if draft.before else self._fresh(kind, blank, draft)
        for attribute in kind.attributes.values():
            given = [draft for draft in writing if draft.gives(attribute.name)]
            values, faults = read_column(attribute, [d.change.values[attribute.name] for d in given])  # type: ignore[index]
            for place, (draft, value) in enumerate(zip(given, values, strict=True)):
                if attribute.sort is Sort.KEY and value in ("", None):
                    continue  # an empty key keeps the key, or lets it be derived
                draft.row[attribute.name] = value
                if place in faults:
                    self.fault(draft, attribute.name, faults[place])
        for draft in writing:
            key = draft.row["key"]
            if key and (draft.before is None or key != draft.before["key"]):
                self._bear(draft, key)

    def _fresh(self, kind: Kind, blank: dict[str, Any], draft: Draft) -> dict[str, Any]:
        row = dict(blank)
        row["key"] = keys.normalise(draft.change.key)
        fault = keys.fault(row["key"]) if row["key"] else None
        if fault:
            self.fault(draft, "key", fault)
        elif not draft.asked and not kind.key_from:
            self.fault(draft, "key", _("is needed"))
        return row

    def _bear(self, draft: Draft, key: str) -> None:
        """Note the key a record gets in this call, which no other may get too."""
        if keys.fold(key).startswith(f"{draft.kind.name}:"):
            self.fault(draft, "key", _("does not begin with the name of its kind"))
        first = self._born.setdefault((draft.kind.name, keys.fold(key)), draft)
        if first is not draft and not any(
            trouble.index == draft.index and trouble.field == "key" for trouble in self.troubles
        ):
            self.fault(draft, "key", _("“%(key)s” stands twice") % {"key": key})

    def _link(self, kind: Kind, drafts: list[Draft]) -> None:
        """Resolve links to records that are there or born in the same call."""
        for link in kind.links:
            given = [d for d in drafts if d.after is not None and d.gives(link.name) and d.after[link.name]]
            for draft in drafts:
                if draft.after is not None and draft.after[link.name] is None:
                    draft.ids[link.name] = None
            targets = self._targets(link, {keys.fold(draft.row[link.name]) for draft in given})
            for draft in given:
                self._bind(draft, link, targets.get(keys.fold(draft.row[link.name])))

    def _bind(self, draft: Draft, link: Attribute, target: tuple[int, str] | None) -> None:
        """Set one link; to a record that is still to be made, its id is known once that has one."""
        after = draft.row
        if target is not None:
            moved = self._taken.get((link.target.name, target[0]))
            draft.ids[link.name] = target[0]
            after[link.name] = moved.after["key"] if moved and moved.after else target[1]
            return
        other = self.born(link.target.name, after[link.name])
        if other is None or other.after is None:
            self.fault(
                draft,
                link.name,
                _("there is no %(kind)s “%(key)s”") % {"kind": link.target.title, "key": after[link.name]},
            )
            return
        after[link.name], draft.ids[link.name] = other.after["key"], other.id

    def _targets(self, link: Attribute, folds: set[str]) -> dict[str, tuple[int, str]]:
        """Fold → (id, key) of link targets; a former key finds its record, one out of the writer's sight does not."""
        target, reader = link.target, self.authority.reader
        there = target.model._default_manager.all()
        scope = sight.scope_of(target, reader)
        if scope is not None:
            there = there.filter(scope)
        found: dict[str, tuple[int, str]] = {}
        for chunk in chunks(folds):
            found.update(
                {
                    fold: (record, key)
                    for record, key, fold in there.filter(fold__in=chunk).values_list("id", "key", "fold")
                }
            )
        former = rows.aliases(target, {fold for fold in folds - found.keys() if (target.name, fold) not in self._born})
        named: dict[int, str] = {}
        for chunk in chunks(set(former.values())):
            named.update(there.filter(id__in=chunk).values_list("id", "key"))
        found.update({fold: (record, named[record]) for fold, record in former.items() if record in named})
        return found

    def _derive(self, kind: Kind, drafts: list[Draft]) -> None:
        """Make keys from the attributes a kind names, where none was given; what has that key already is changed, not
        made."""
        made = (
            [d for d in drafts if d.after is not None and d.before is None and not d.after["key"]]
            if kind.key_from
            else []
        )
        for draft in made:
            parts = [_part(draft.row[name]) for name in kind.key_from]
            draft.row["key"] = keys.normalise("/".join(part for part in parts if part))
        found = rows.standing(kind, {keys.fold(d.row["key"]) for d in made}, lock=self.lock)
        self._stay_in_sight(kind, found.values())
        for draft in made:
            fault, row = keys.fault(draft.row["key"]), found.get(keys.fold(draft.row["key"]))
            if fault:
                self.fault(draft, "key", fault)
            elif row is None:
                self._bear(draft, draft.row["key"])
            elif draft.change.new:
                self.fault(draft, "key", _("“%(key)s” is there already") % {"key": row["key"]})
            else:
                self._change_instead(draft, row)

    def _change_instead(self, draft: Draft, row: Found) -> None:
        """A row without a key turns out to be one that is there: what it says is changed, the rest is kept."""
        made, ids = draft.after or {}, draft.ids
        self._take(draft, row)
        given = [name for name in draft.kind.attributes if name != "key" and draft.gives(name)]
        draft.after = {**(draft.before or {}), **{name: made[name] for name in given}}
        draft.ids.update({name: ids[name] for name in given if name in ids})

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


def _part(value: Any) -> str:
    """What a value adds to a derived key."""
    return "" if value is None else str(value)
