"""Remembers every change for good: commits chained by hash over a Merkle root, and versions that answer as of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from json.encoder import encode_basestring as quoted
from typing import Any

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import Lead
from django.utils import timezone

from quarterdeck.kinds.canonical import canonical, digest, leaf, merkle_root
from quarterdeck.kinds.drafts import Draft
from quarterdeck.kinds.models import Commit, KindHead, Version
from quarterdeck.kinds.roles import Authority
from quarterdeck.kinds.rows import chunks
from quarterdeck.kinds.seal import Sealer
from quarterdeck.kinds.soundness import subject
from quarterdeck.kinds.store import insert_many

FIRST = "0" * 64
_LOCK = 7_246_115  # any number: the advisory lock under which commits are numbered


@dataclass(frozen=True)
class Broken:
    """A commit whose chain does not hold, and how."""

    number: int
    reason: str


def record(authority: Authority, source: str, different: dict[str, list[Draft]]) -> int:
    """Write one commit and the versions of all its drafts; runs inside the write's transaction, near its end."""
    drafts = [draft for some in different.values() for draft in some]
    sealer = _sealer(drafts)
    last = _last_locked()
    number = (last.number if last else 0) + 1
    now = timezone.now()
    at = max(now, last.at + timedelta(microseconds=1)) if last else now  # the clock may be set back; history may not
    rows = [_row(draft, number, at.date(), sealer) for draft in drafts]
    root = merkle_root(leaf(_leaf_text(*row[:6])) for row in rows)
    before = last.hash if last else FIRST
    commit = Commit(
        number=number,
        at=at,
        authority=authority.text(),
        source=source[:500],
        changes=len(rows),
        root=root,
        before=before,
    )
    commit.hash = _hash(commit)
    commit.save(force_insert=True)
    _end(different, number)
    insert_many(
        Version, ("kind", "record", "key", "action", "effective", "values", "began"), [(*row, number) for row in rows]
    )
    for name, some in different.items():
        for clearance in _uncovering(some):
            KindHead.objects.update_or_create(kind=name, clearance=clearance, defaults={"number": number})
    return number


def _uncovering(drafts: list[Draft]) -> set[str]:
    """The clearances that uncover what drafts of one kind change; none ("") for what is in the open."""
    private = {name: attribute.private for name, attribute in drafts[0].kind.attributes.items() if attribute.private}
    if not private:
        return {""}
    return {private.get(name, "") for draft in drafts for name in draft.changed} or {""}


def _last_locked() -> Commit | None:
    """The last commit; from here on nobody else numbers one until this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return Commit.objects.order_by("-number").first()


def _end(different: dict[str, list[Draft]], number: int) -> None:
    """Close the versions that were open."""
    for name, some in different.items():
        for chunk in chunks(draft.id for draft in some if draft.action != "create"):
            Version.objects.filter(kind=name, record__in=chunk, ended=None).update(ended=number)


def _sealer(drafts: list[Draft]) -> Sealer:
    """A sealer with a key for everyone whose personal values are written."""
    sealer = Sealer()
    subjects = {subject(draft) for draft in drafts if draft.kind.personal and _personal(draft)}
    if subjects:
        sealer.make(subjects)
    return sealer


def _personal(draft: Draft) -> dict[str, Any]:
    """The personal values a draft leaves standing."""
    personal = {name for name, attribute in draft.kind.attributes.items() if attribute.personal}
    return {n: value for n, value in (draft.after or {}).items() if n in personal and value not in (None, "")}


def _row(draft: Draft, number: int, today: date, sealer: Sealer) -> tuple[str, int, str, str, str, str]:
    effective = (draft.change.effective or today).isoformat()
    if draft.after is None:
        return (draft.kind.name, draft.id, str((draft.before or {})["key"]), "delete", effective, "null")
    values = draft.after
    if draft.kind.personal:
        values = _sealed(draft, sealer)
    return (draft.kind.name, draft.id, draft.after["key"], draft.action, effective, canonical(values))


def _sealed(draft: Draft, sealer: Sealer) -> dict[str, Any]:
    owner = subject(draft)
    sealed = {name: sealer.seal(owner, canonical(value)) for name, value in _personal(draft).items()}
    return {**(draft.after or {}), **sealed}


def _leaf_text(kind: str, record: int, key: str, action: str, effective: str, values: str) -> str:
    """The canonical JSON of these six, put together by hand: there is one for every change of every record."""
    return f"[{quoted(kind)},{record},{quoted(key)},{quoted(action)},{quoted(effective)},{quoted(values)}]"


def _hash(commit: Commit) -> str:
    return digest(
        canonical(
            [commit.number, commit.at, commit.authority, commit.source, commit.changes, commit.root, commit.before]
        )
    )


def verify(progress: Callable[[int], None] | None = None, heads: Mapping[int, str] | None = None) -> Iterator[Broken]:
    """Recompute every commit from its versions; yields what does not hold. Reads in order, memory stays flat.

    heads: hashes of commits by number, as an auditor keeps them elsewhere: a chain that was computed anew, or cut
    short, shows against them alone.
    """
    before, expected = FIRST, 1
    kept = dict(heads or {})
    versions = groupby(
        Version.objects.order_by("began", "id")
        .values_list("began", "kind", "record", "key", "action", "effective", "values")
        .iterator(chunk_size=5_000),
        key=lambda row: row[0],
    )
    ahead = next(versions, None)
    for commit in Commit.objects.order_by("number").iterator(chunk_size=1_000):
        while ahead is not None and ahead[0] < commit.number:
            yield Broken(ahead[0], "versions of a commit that is not there")
            ahead = next(versions, None)
        rows: list[Any] = []
        if ahead is not None and ahead[0] == commit.number:
            rows = list(ahead[1])
            ahead = next(versions, None)
        yield from _faults(commit, rows, before, expected)
        if kept.pop(commit.number, commit.hash) != commit.hash:
            yield Broken(commit.number, "is not the one an auditor was given")
        before, expected = commit.hash, commit.number + 1
        if progress:
            progress(commit.number)
    if ahead is not None:
        yield Broken(ahead[0], "versions of a commit that is not there")
    for number in sorted(kept):
        yield Broken(number, "an auditor was given it, and it is not there")
    yield from _ends()


def _ends() -> Iterator[Broken]:
    """Versions that do not last until the next one of their record: what was true then would be told wrongly."""
    following = Window(Lead("began"), partition_by=[F("kind"), F("record")], order_by=[F("began"), F("id")])
    marks = Version.objects.annotate(following=following).order_by("kind", "record", "began", "id")
    for began, ended, until in marks.values_list("began", "ended", "following").iterator(chunk_size=5_000):
        if ended != until:
            yield Broken(
                began,
                f"a version of it ends at {ended or 'no'} commit, "
                f"the next one of its record begins at {until or 'none'}",
            )


def _faults(commit: Commit, rows: list[Any], before: str, expected: int) -> Iterator[Broken]:
    if commit.number != expected:
        yield Broken(commit.number, f"commit {expected} is missing before it")
    if commit.before != before:
        yield Broken(commit.number, "does not follow the commit before it")
    if (
        len(rows) != commit.changes
        or merkle_root(leaf(_leaf_text(row[1], row[2], row[3], row[4], row[5].isoformat(), row[6])) for row in rows)
        != commit.root
    ):
        yield Broken(commit.number, "its changes are not those it was made with")
    if _hash(commit) != commit.hash:
        yield Broken(commit.number, "its own particulars were altered")


def head() -> tuple[int, str]:
    """Number and hash of the last commit: given to auditors, who keep it outside."""
    last = Commit.objects.order_by("-number").first()
    return (last.number, last.hash) if last else (0, FIRST)


def watermarks(kinds: Iterable[str], clearances: Iterable[str] = ()) -> dict[str, int]:
    """The last commit that touched what clearances uncover of each of the kinds (0 for none): an indexed look-up.

    Without clearances, what is in the open: a commit of private values alone does not move it.
    """
    found = dict.fromkeys(kinds, 0)
    heads = KindHead.objects.filter(kind__in=list(found), clearance__in=["", *clearances])
    for name, number in heads.values_list("kind", "number"):
        found[name] = max(found[name], number)
    return found


def number_at(moment: datetime) -> int:
    """The last commit made at or before a moment."""
    last = Commit.objects.filter(at__lte=moment).order_by("-number").first()
    return last.number if last else 0
