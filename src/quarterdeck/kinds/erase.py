"""Erases a person: destroys the key of their personal values, clears the fields, and says where free text still names
them."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from quarterdeck.kinds import history, keys, past, store
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort
from quarterdeck.kinds.drafts import Change, Draft
from quarterdeck.kinds.models import Commit, SearchEntry, SubjectKey, Tombstone, User, Version
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.rows import Found, existing, standing
from quarterdeck.kinds.seal import Sealer, tombstone

SOURCE = "erasure"
MOST_HITS = 1_000  # listed of each place
_ASCII_WORD = re.compile(r"[a-zA-Z0-9@._ -]+")
_SHORT = 3  # characters of a name that are too common to search a database by
_AROUND = 40  # characters shown on either side of a hit
_TEXTS = (Sort.TEXT, Sort.LONG_TEXT)
_ROLES = frozenset({"administrator", "hr"})


@dataclass(frozen=True)
class Subject:
    """Who is erased: the record, and what they were called – here only, and only while the erasure runs.

    folds: of the key and of every former one that is nobody else's now. pseudonyms: that a person said are theirs too.
    """

    kind: str
    key: str
    record: int
    folds: frozenset[str]
    names: frozenset[str]
    emails: frozenset[str]
    pseudonyms: frozenset[str] = frozenset()

    def has(self, key: object) -> bool:
        """Whether a key is, or was, the subject's."""
        return bool(key) and keys.fold(str(key)) in self.folds

    @property
    def needles(self) -> tuple[str, ...]:
        """What free text is searched for, the longest first; a name of two Latin letters says nothing."""
        found = (text for text in self.names | self.emails if len(text) > (2 if text.isascii() else 1))
        return tuple(sorted(found, key=lambda text: (-len(text), text)))

    def marks(self, text: str) -> str | None:
        """The words around the first mention of the subject in a text; None where there is none."""
        lower = text.casefold()
        for needle in self.needles:
            place = lower.find(needle.casefold())
            if place >= 0:
                return text[max(0, place - _AROUND) : place + len(needle) + _AROUND].strip()
        return None


@dataclass(frozen=True)
class Hit:
    """Free text that still names the subject, for a person to redact: what it stands in, which, where, and the
    words."""

    place: str  # "records", "history", "evidence", …
    what: str  # kind or table
    key: str
    field: str
    excerpt: str


@dataclass(frozen=True)
class Erased:
    """What an erasure did: how many of what were cleared, and what is left for a person to redact."""

    subject: str
    cleared: dict[str, int]
    hits: tuple[Hit, ...]
    overwritten: bool = True  # False: others were at work, and the disk may still hold what was deleted


Cleared = Callable[[str, int], None]  # notes how many of what went
Place = Callable[[Subject, Reader, Cleared], Iterable[Hit]]
PLACES: list[Place] = []
HELD: list[type[models.Model]] = [SearchEntry, SubjectKey, User, Session]  # tables whose deleted rows are overwritten


def place(function: Place) -> Place:
    """Register another place that personal values may stand in: clears what it can, yields what a person must
    redact."""
    PLACES.append(function)
    return function


def erase(authority: Authority, reference: str, pseudonyms: Iterable[str] = ()) -> Erased:
    """Erase the subject of a record (`person:p-7`) everywhere, in one transaction, and overwrite what the disk still
    holds. A record that was deleted before has a subject too. pseudonyms: of evidence, that are known to be theirs.

    Raises Denied, NotFound. The chain still verifies: sealed values stay where they are, and nobody can open them.
    """
    counted: dict[str, int] = {}

    def cleared(what: str, number: int) -> None:
        if number:
            counted[what] = counted.get(what, 0) + number

    with transaction.atomic():
        kind, key, record, row = found(authority, reference)
        subject = _subject(kind, key, record, row, frozenset(pseudonyms))
        if row is not None:
            _clear(authority, kind, row, cleared)
        _destroy(subject, cleared)
        hits: list[Hit] = []
        for one in (_accounts, _sessions, _records, _history, *PLACES):
            hits.extend(one(subject, authority.reader, cleared))
    overwritten = scrub() if not connection.in_atomic_block else True
    return Erased(f"{kind.name}:{key}", counted, tuple(hits), overwritten)


def found(authority: Authority, reference: str) -> tuple[Kind, str, int, Found | None]:
    """Kind, key and id of the record that is about somebody, and the record where it was not deleted.

    Raises Denied, NotFound.
    """
    name, _colon, key = reference.partition(":")
    kind, reader = KINDS.get(name), authority.reader
    if not (reader.may("users") or (reader.rights == "write" and any(role.name in _ROLES for role in reader.roles))):
        raise Denied("erase", name)
    if kind is None or not kind.personal or kind.subject or "\0" in key:
        raise NotFound(reference)
    fold = keys.fold(key)
    row = standing(kind, {fold}).get(fold)
    if row is not None:
        return kind, row["key"], row["id"], row
    deleted = Version.objects.filter(kind=kind.name, action="delete").order_by("-id")
    for record, last in deleted.values_list("record", "key").iterator():
        if keys.fold(last) == fold:
            return kind, last, record, None
    raise NotFound(reference)


def _subject(kind: Kind, key: str, record: int, row: Found | None, pseudonyms: frozenset[str]) -> Subject:
    """What the subject is and was called, out of the record and all its versions, while they can still be opened."""
    called = [a for a in kind.attributes.values() if a.personal and a.private is None and a.sort in _TEXTS]
    sealer, names, emails = Sealer(), set[str](), set[str]()
    versions = Version.objects.filter(kind=kind.name, record=record)
    folds = {keys.fold(had) for had in (key, *versions.values_list("key", flat=True).distinct())}
    others = {fold for fold, one in standing(kind, folds).items() if one["id"] != record}
    texts = versions.exclude(action="delete").values_list("values", flat=True)
    told = [past.opened(kind, json.loads(text), sealer) for text in texts]
    for values in [*([row] if row is not None else []), *told]:
        for attribute in called:
            text = str(values[attribute.name] or "").strip()
            if text and text != past.GONE:
                (emails if "@" in text else names).add(text)
    return Subject(kind.name, key, record, frozenset(folds - others), frozenset(names), frozenset(emails), pseudonyms)


def _clear(authority: Authority, kind: Kind, row: Found, cleared: Cleared) -> None:
    """Clear the personal fields of the record and of every record about it, as one commit of its own sort."""
    different: dict[str, list[Draft]] = {kind.name: [_cleared(kind, row, 0)]}
    for other in KINDS.values():
        if other.subject and other.personal and other.attributes[other.subject].target is kind:
            link = other.attributes[other.subject].column
            ids = set(other.model._default_manager.filter(**{link: row["id"]}).values_list("id", flat=True))
            drafts = [_cleared(other, found, 0) for found in existing(other, None, ids=ids).values()] if ids else []
            if drafts:
                different[other.name] = drafts
    for drafts in different.values():
        moved = [draft for draft in drafts if draft.changed]
        if moved:
            store.save(moved)
        cleared("fields", sum(len(draft.changed) for draft in moved))
    history.record(authority, SOURCE, different)
    for drafts in different.values():
        store.index(drafts)


def _cleared(kind: Kind, row: Found, index: int) -> Draft:
    before = {name: row[name] for name in kind.attributes}
    after = {name: _nothing(a) if a.personal else before[name] for name, a in kind.attributes.items()}
    ids = {link.name: None if link.personal else row[link.column] for link in kind.links}
    return Draft(index, Change(kind.name, row["key"], {}), kind, row["id"], before, after, ids, erases=True)


def _nothing(attribute: Attribute) -> Any:
    return None if attribute.sort is Sort.LINK else attribute.empty()


def _destroy(subject: Subject, cleared: Cleared) -> None:
    """Destroy the key, and leave keyed traces by which the subject is known if anybody brings them back."""
    own = f"{subject.kind}:{subject.record}"
    cleared("keys", SubjectKey.objects.filter(subject=own).delete()[0])
    leave({own, *(f"{subject.kind}:{fold}" for fold in subject.folds), *subject.emails})


def leave(values: Iterable[str]) -> None:
    """Leave a keyed trace of each value, so that it is known again without being kept."""
    now = timezone.now()
    rows = [Tombstone(trace=trace, at=now) for trace in sorted({tombstone(value) for value in values if value})]
    Tombstone.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)


def _accounts(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Close the subject's account. Its name stays in the history, which says who made which change."""
    emails = {email.casefold() for email in subject.emails}
    for user in User.objects.all() if subject.kind == "person" else ():
        if not subject.has(user.person) and (not user.email or user.email.casefold() not in emails):
            continue
        if user.is_active or user.get_full_name() or user.email:
            user.first_name = user.last_name = user.email = ""
            user.is_active = False
            user.set_unusable_password()
            user.save()
            user.groups.clear()
            user.tokens.all().delete()
            cleared("accounts", 1)
        yield Hit("accounts", "user", user.username, "username", user.username)


def _sessions(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """End sessions of accounts that were closed, and those that hold a message about the subject."""
    closed = {str(pk) for pk in User.objects.filter(is_active=False).values_list("pk", flat=True)}
    gone = []
    for session in Session.objects.all():
        held = session.get_decoded()
        if held.get(SESSION_KEY) in closed or subject.marks(json.dumps(held, ensure_ascii=False, default=str)):
            gone.append(session.pk)
    cleared("sessions", Session.objects.filter(pk__in=gone).delete()[0])
    yield from ()


def _records(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Free text of records."""
    for kind in KINDS.values():
        texts = {a.name: a for a in kind.attributes.values() if a.sort in (*_TEXTS, Sort.KEY)}
        for row in mentioning(kind.model, list(texts), subject):
            for name, attribute in texts.items():
                excerpt = subject.marks(row[name])
                if excerpt is not None:
                    open_ = reader.reads(kind.name) and (attribute.private is None or reader.clears(attribute.private))
                    yield Hit("records", kind.name, row["key"], name, excerpt if open_ else keys.HIDDEN)


def _history(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Free text of versions that stand in the chain for good, and of what commits say of their source."""
    for row in mentioning(Version, ["values"], subject, "kind", "key", "began"):
        for name, value in (json.loads(row["values"]) or {}).items():
            excerpt = subject.marks(value) if isinstance(value, str) else None
            if excerpt is not None:
                yield Hit("history", row["kind"], row["key"], name, excerpt if reader.may("history") else keys.HIDDEN)
    for row in mentioning(Commit, ["source"], subject):
        yield Hit("history", "commit", "", "source", subject.marks(row["source"]) or "")


def mentioning(
    model: type[models.Model], fields: list[str], subject: Subject, *further: str
) -> Iterator[dict[str, Any]]:
    """Rows of a table whose text fields mention the subject: those fields, the key of a record, and what else is
    named."""
    if not subject.needles or not fields:
        return
    asked = Q()
    for part in {part for needle in subject.needles for part in _findable(needle)}:
        for field in fields:
            asked |= Q(**{f"{field}__icontains": part})
    named = ["key"] if any(field.name == "key" for field in model._meta.concrete_fields) else []
    rows = model._default_manager.filter(asked).order_by("pk").values("pk", *{*named, *fields, *further})
    found = (row for row in rows.iterator() if any(subject.marks(str(row[field])) for field in fields))
    yield from itertools.islice(found, MOST_HITS)


def _findable(needle: str) -> set[str]:
    """What a database that knows no case beyond ASCII finds a name by; what it finds too much is looked at again."""
    plain = max(_ASCII_WORD.findall(needle), key=len, default="")
    if len(plain) > _SHORT:
        return {plain}
    return {
        json.dumps(text, ensure_ascii=False)[1:-1] for text in (needle, needle.lower(), needle.upper(), needle.title())
    }


def scrub() -> bool:
    """Overwrite what the database's files still hold of deleted values: rows, words of the index, the log before them.

    False where others were at work in them all the time: then the next erasure, of anybody, does it.
    """
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("INSERT INTO kinds_search(kinds_search) VALUES ('optimize')")
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return not cursor.fetchone()[0]
            for table in dict.fromkeys(model._meta.db_table for model in (*_personal_models(), *HELD)):
                cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")
    except OperationalError:
        return False
    return True


def _personal_models() -> list[type[models.Model]]:
    return [kind.model for kind in KINDS.values() if kind.personal]
