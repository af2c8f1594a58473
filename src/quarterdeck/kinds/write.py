"""The one door in: one permission check, one validation, for one record or for a million; all or nothing."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from quarterdeck.kinds import history, store
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.drafts import Change, Draft, Drafts, Trouble
from quarterdeck.kinds.keys import HIDDEN
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.rows import in_scope
from quarterdeck.kinds.sight import cover, scope_of, seen_keys

_MOST_USERS = 100  # named of those that point at a record
_TRIES = 3
_CROSSED = ("40P01", "40001")  # PostgreSQL: deadlock, serialisation failure

__all__ = ("Change", "Difference", "Preview", "Refused", "Trouble", "Written", "preview", "write")


@dataclass(frozen=True)
class Written:
    """What a write did. commit: None where nothing was different. keys: of the records, in the order of the changes."""

    commit: int | None
    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What one change would do: attribute → (before, after), only those that differ."""

    index: int
    kind: str
    key: str
    action: str  # create, update, delete, unchanged
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Preview:
    """What a write would do, or every reason why it would be refused."""

    differences: tuple[Difference, ...]
    troubles: tuple[Trouble, ...]


class Refused(Exception):
    """A write that was not made, and all that is wrong with it."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = tuple(troubles)
        super().__init__(
            "; ".join(f"{t.kind}:{t.key} {t.field}: {t.message}".replace(" :", ":") for t in self.troubles[:5])
        )


def preview(authority: Authority, changes: Iterable[Change]) -> Preview:
    """What `write` would do with these changes; takes no lock and changes nothing."""
    drafts = Drafts(authority, changes)
    differences = [_difference(draft, authority.reader) for draft in drafts]
    _cover(differences, authority.reader)
    return Preview(tuple(sorted(differences, key=lambda one: one.index)), (*drafts.troubles, *_used(drafts)))


def write(authority: Authority, changes: Iterable[Change], source: str) -> Written:
    """Make all the changes as one commit, or none.

    Raises Denied where the authority may not, Refused with every trouble where something is wrong.
    """
    wanted = list(changes)
    alone = not connection.in_atomic_block
    for left in reversed(range(_TRIES if alone else 1)):
        try:
            with transaction.atomic():
                return _try(authority, wanted, source)
        except IntegrityError as error:
            raise Refused([Trouble(0, "", "", "", _("the records changed underneath; try again"))]) from error
        except OperationalError as error:
            if not left or getattr(error.__cause__, "sqlstate", "") not in _CROSSED:
                raise
    raise AssertionError("the last try returns or raises")


def _try(authority: Authority, changes: list[Change], source: str) -> Written:
    drafts = Drafts(authority, changes, lock=True)
    if drafts.troubles:
        raise Refused(drafts.troubles)
    return _make(drafts, source)


def _make(drafts: Drafts, source: str) -> Written:
    different = {name: [draft for draft in some if draft.changed] for name, some in drafts.by_kind.items()}
    different = {name: some for name, some in different.items() if some}
    done = Counter(draft.action for some in different.values() for draft in some)
    whole = sorted((draft for some in drafts.by_kind.values() for draft in some), key=lambda draft: draft.index)
    keys = tuple(str((draft.after or draft.before or {})["key"]) for draft in whole)
    if not different:
        return Written(None, unchanged=len(whole), keys=keys)
    for some in different.values():
        store.number(some)
    for some in different.values():
        _bind(drafts, some)
    if troubles := _used(drafts):
        raise Refused(troubles)
    for some in different.values():
        store.save(some)
    if connection.vendor == "postgresql":
        # A record that a link needs may just have gone: said here, not at an outer end, and before a number is taken.
        # Checking locks the rows linked to; whoever holds the number must wait for no row that a waiter for it holds.
        connection.check_constraints()
    _stay_in_scope(drafts.authority, different)
    commit = history.record(drafts.authority, source, different)
    for some in different.values():
        store.index(some)
    return Written(commit, done["create"], done["update"], done["delete"], len(whole) - done.total(), keys)


def _bind(drafts: Drafts, some: list[Draft]) -> None:
    """Give links to records born in the same call the ids those have got."""
    for draft in some:
        for link in draft.kind.links:
            if draft.after is not None and draft.ids.get(link.name) == 0:
                other = drafts.born(link.target.name, draft.after[link.name])
                draft.ids[link.name] = other.id if other else None


def _used(drafts: Drafts) -> list[Trouble]:
    """A record may only go when nothing else points at it; what its reader may not see is not named."""
    troubles = []
    for some in drafts.by_kind.values():
        kind, gone = some[0].kind, {draft.id: draft for draft in some if draft.action == "delete" and draft.id}
        users = store.users_of(kind, gone, drafts.by_kind) if gone else iter(())
        for record, other in itertools.islice(users, _MOST_USERS):
            message = _("is used by %(other)s") % {"other": _in_sight(drafts.authority.reader, other)}
            troubles.append(Trouble(gone[record].index, kind.name, gone[record].change.key, "", message))
    return troubles


def _in_sight(reader: Reader, reference: str) -> str:
    name, _colon, key = reference.partition(":")
    seen = seen_keys(KINDS[name], {key}, reader)
    return reference if seen is None or key in seen else HIDDEN


def _stay_in_scope(authority: Authority, different: dict[str, list[Draft]]) -> None:
    """Nobody writes a record they could not see afterwards."""
    for some in different.values():
        kind = some[0].kind
        if scope_of(kind, authority.reader) is None:
            continue
        ids = {draft.id for draft in some if draft.after is not None}
        if ids - in_scope(kind, authority.reader, ids):
            raise Denied("write", kind.name)


def _difference(draft: Draft, reader: Reader) -> Difference:
    before, after = draft.before or {}, draft.after or {}
    names = draft.changed
    visible = {attribute.name for attribute in draft.kind.visible(reader)}
    fields = {n: (before.get(n), after.get(n)) for n in names if n in visible and (before.get(n) or after.get(n))}
    key = str((after or before).get("key") or draft.change.key)
    return Difference(draft.index, draft.kind.name, key, draft.action if names else "unchanged", fields)


def _cover(differences: list[Difference], reader: Reader) -> None:
    """A link that leads out of sight is not shown because it is about to be changed."""
    for name in {difference.kind for difference in differences}:
        for link in KINDS[name].links:
            some = [one for one in differences if one.kind == name and link.name in one.fields]
            before = [{link.name: one.fields[link.name][0]} for one in some]
            cover([link], before, reader)
            for one, seen in zip(some, before, strict=True):
                one.fields[link.name] = (seen[link.name], one.fields[link.name][1])
