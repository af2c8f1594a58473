"""Whether drafts may stand beside the records that are there, and beside each other: unique values, kinds' own
checks."""

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from quarterdeck.kinds import estimates, keys
from quarterdeck.kinds.declare import KINDS, Attribute, Fault, Kind, Sort
from quarterdeck.kinds.rows import chunks, existing
from quarterdeck.kinds.seal import blocked

if TYPE_CHECKING:
    from quarterdeck.kinds.drafts import Draft, Drafts

_ADDRESS = re.compile(r"[^@/:]+@[^@/:]+\.[^@/:]+")
UNDECIDED = "undecided"  # the right to write what otherwise only a decision may: for setting a home up
_SHORT = 3  # characters: shorter names are too common in keys to say anything


def check(drafts: "Drafts") -> None:
    """Add to the drafts' troubles whatever forbids them."""
    for name, some in drafts.by_kind.items():
        kind = KINDS[name]
        _renamed(drafts, kind, some)
        for attribute in kind.attributes.values():
            if attribute.field.unique and attribute.sort is not Sort.KEY:
                _once(drafts, kind, attribute, some)
        if kind.personal:
            _nobody_in_keys(drafts, kind, some)
            _nobody_erased(drafts, kind, some)
        if kind.decided and not drafts.authority.decision and not drafts.authority.reader.may(UNDECIDED):
            _decided(drafts, kind, some)
        _clean(drafts, kind, some)


def _decided(drafts: "Drafts", kind: Kind, some: "list[Draft]") -> None:
    """What only a decision may do is not done by hand: a value leaves the decided ones freely, and does not enter."""
    for draft in some:
        before, after = draft.before or {}, draft.after or {}
        for name, values in kind.decided.items():
            old, new = before.get(name), after.get(name)
            if old != new and (not values or (new in values and old not in values)):
                drafts.fault(draft, name, _("comes of a confirmed decision: propose it"))


def _renamed(drafts: "Drafts", kind: Kind, some: "list[Draft]") -> None:
    """A key that a record gets is free."""
    renamed = {keys.fold(d.after["key"]): d for d in some if d.after and d.before and d.after["key"] != d.before["key"]}
    for fold, row in existing(kind, set(renamed)).items() if renamed else ():
        if fold in renamed and row["id"] != renamed[fold].id:
            drafts.fault(renamed[fold], "key", _("“%(key)s” is there already") % {"key": row["key"]})


def _once(drafts: "Drafts", kind: Kind, attribute: Attribute, some: "list[Draft]") -> None:
    """A value that must stand once does."""
    holders: dict[Any, Draft] = {}
    for draft in some:
        value = draft.after and draft.after[attribute.name]
        if value in (None, "") or value == (draft.before or {}).get(attribute.name):
            continue
        if value in holders:
            drafts.fault(draft, attribute.name, _("stands twice"))
        holders[value] = draft
    for chunk in chunks(holders):
        taken = kind.model._default_manager.filter(**{f"{attribute.name}__in": chunk})
        for record, value in taken.values_list("id", attribute.name):
            if holders[value].id != record:
                drafts.fault(holders[value], attribute.name, _("is taken by another record"))


def _nobody_in_keys(drafts: "Drafts", kind: Kind, some: "list[Draft]") -> None:
    """Keys stand in links, addresses and the history for good, so nothing personal stands in them."""
    personal = [a.name for a in kind.attributes.values() if a.personal and a.sort in (Sort.TEXT, Sort.LONG_TEXT)]
    for draft in some:
        if draft.after is None or (draft.before is not None and not {"key", *personal} & set(draft.changed)):
            continue
        key = keys.fold(draft.after["key"])
        values = {keys.fold(draft.after[name]) for name in personal if draft.after[name]}
        if key in {value for value in values if len(value) >= _SHORT} or (not kind.subject and _ADDRESS.search(key)):
            drafts.fault(
                draft, "key", _("is a name or an address; take a number or a word that tells nobody who it is")
            )


def _nobody_erased(drafts: "Drafts", kind: Kind, some: "list[Draft]") -> None:
    """Who was erased does not come back: not by key, not by address, not into the record that was cleared."""
    personal = [a.name for a in kind.attributes.values() if a.personal]
    traces: dict[str, list[Draft]] = {}
    for draft in some:
        if draft.after is None:
            continue
        given = [draft.after[n] for n in personal if n in draft.changed and draft.after[n] not in (None, "")]
        if not given and draft.before is not None:
            continue
        marks = [value for value in given if isinstance(value, str) and "@" in value]
        marks += [f"{kind.name}:{draft.after['key']}"] if draft.before is None else []
        marks += [subject(draft)] if given else []
        for mark in marks:
            traces.setdefault(mark, []).append(draft)
    for mark in blocked(traces):
        for draft in traces[mark]:
            drafts.fault(draft, "", _("is about someone who was erased"))


def subject(draft: "Draft") -> str:
    """Whom the personal values of a draft are about: kind and id of the record, as keys may be renamed."""
    if not draft.kind.subject:
        return f"{draft.kind.name}:{draft.id}"
    return f"{draft.kind.attributes[draft.kind.subject].target.name}:{draft.ids.get(draft.kind.subject) or 0}"


def _clean(drafts: "Drafts", kind: Kind, some: "list[Draft]") -> None:
    """The checks across fields, of those drafts that are sound in themselves."""
    bad = {trouble.index for trouble in drafts.troubles}
    sound = [draft for draft in some if draft.after is not None and draft.index not in bad]
    found: list[tuple[int, Fault]] = []
    whole = [draft.after for draft in sound if draft.after is not None]
    found.extend(estimates.faults(kind, whole))
    if kind.clean is not None:
        found.extend(kind.clean(whole))
    for place, fault in found:
        drafts.fault(sound[place], fault.field, fault.message)
