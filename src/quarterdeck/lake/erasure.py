"""Erases a person from the lake: who is behind pseudonyms, what sources suggested of them, what could not be read."""

import json
from collections.abc import Iterator

import polars as pl
from django.db import transaction
from django.db.models import Q

from quarterdeck.kinds import keys
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.erase import HELD, MOST_HITS, Cleared, Hit, Subject, leave, mentioning, place
from quarterdeck.kinds.roles import Reader
from quarterdeck.lake import files
from quarterdeck.lake.identities import pseudonym
from quarterdeck.lake.models import EvidenceSource, Identity, Part, Problem, Suggestion
from quarterdeck.lake.tables import ABOUT, TABLES, may_read, need, read_part

_ENOUGH = 120  # characters of an excerpt
HELD.extend([Identity, Suggestion, Problem])


@place
def people(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Take out rows that are about the subject, and destroy the rows that say who a pseudonym is.

    Keyed traces stay, so that the next collection makes neither again. A name that others bear too decides nothing.
    """
    emails, shared = {email.lower() for email in subject.emails}, _borne_by_others(subject)
    alone = {name for name in subject.names if name.casefold() not in shared}
    going = {pseudonym(text) for text in (*alone, *emails, *subject.folds)} | subject.pseudonyms
    going |= _taken_out(subject, cleared) - {pseudonym(name) for name in subject.names - alone}
    asked = Q(pseudonym__in=going) | Q(email__in=emails)
    for name in subject.names:
        asked |= Q(name__iexact=name)
    for key in subject.folds:
        asked |= Q(person__iexact=key)
    for one in Identity.objects.filter(asked).order_by("pseudonym"):
        certain = one.pseudonym in going or one.email.lower() in emails or subject.has(one.person)
        if certain or (one.name.casefold() not in shared and one.email.lower() not in shared):
            going.add(one.pseudonym)
        elif one.email.lower() not in shared:
            yield Hit("evidence", "identities", one.pseudonym, "name", one.name if reader.may("users") else keys.HIDDEN)
    cleared("identities", Identity.objects.filter(pseudonym__in=going).delete()[0])
    leave(going)


def _borne_by_others(subject: Subject) -> set[str]:
    """Names and addresses of everybody else on record, without their case."""
    kind = KINDS[subject.kind]
    names = [a.name for a in kind.attributes.values() if a.personal and a.private is None]
    rows = kind.model._default_manager.exclude(id=subject.record).values_list(*names)
    return {str(value).casefold() for row in rows for value in row if value}


def _taken_out(subject: Subject, cleared: Cleared) -> set[str]:
    """Write the parts of tables about people again without the subject's rows; the pseudonyms that stood in those."""
    found: set[str] = set()
    for table, column in ABOUT.items():
        if need(table) != subject.kind:
            continue
        named = [c.name for c in TABLES[table].columns if c.person]
        for part in Part.objects.filter(table=table).order_by("id"):
            frame = read_part(TABLES[table], part).collect()
            about = (
                frame[column].map_elements(lambda name: _is(subject, name), return_dtype=pl.Boolean()).fill_null(False)
            )
            if about.any():
                for name in named:
                    found.update(frame.filter(about)[name].drop_nulls().to_list())
                _replace(part, frame.filter(~about))
                cleared("rows of evidence", int(about.sum()))
    return found


def _is(subject: Subject, name: str) -> bool:
    return subject.has(keys.made_of(name))


def _replace(part: Part, frame: pl.DataFrame) -> None:
    before = part.path
    part.path, part.digest = files.put(part.table, frame)
    part.rows = frame.height
    part.save(update_fields=("path", "digest", "rows"))
    transaction.on_commit(lambda: files.remove([before]))


@place
def suggestions(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Forget what sources said of the subject's record, and of records about it."""
    about = {kind.name: kind.subject for kind in KINDS.values() if kind.subject}
    gone = []
    for one in Suggestion.objects.filter(kind__in=[subject.kind, *about]):
        said = {**json.loads(one.said), **json.loads(one.wants)}
        named = one.key if one.kind == subject.kind else said.get(about[one.kind], "")
        if subject.has(named):
            gone.append(one.pk)
    cleared("suggestions", Suggestion.objects.filter(pk__in=gone).delete()[0])
    for row in mentioning(Suggestion, ["said", "wants", "refused"], subject, "kind"):
        text = " ".join(row[field] for field in ("said", "wants", "refused"))
        yield Hit(
            "evidence", f"suggestion to {row['kind']}", row["key"], "wants", _shown(subject, text, reader, row["kind"])
        )


def _shown(subject: Subject, text: str, reader: Reader, kind: str) -> str:
    return (subject.marks(text) or "")[:_ENOUGH] if reader.reads(kind) else keys.HIDDEN


@place
def problems(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Take the subject's words out of what could not be read."""
    rows = list(mentioning(Problem, ["text", "reason", "origin"], subject))
    for row in rows:
        Problem.objects.filter(pk=row["pk"]).update(text="", reason=_without(subject, row["reason"]))
        if subject.marks(row["origin"]):
            yield Hit("evidence", "problems", "", "origin", row["origin"][:_ENOUGH])
    cleared("problems", len(rows))
    for row in mentioning(EvidenceSource, ["name", "location"], subject):
        yield Hit("evidence", "sources", row["name"], "location", row["location"][:_ENOUGH])


def _without(subject: Subject, text: str) -> str:
    for needle in subject.needles:
        text = text.replace(needle, keys.HIDDEN)
    return keys.HIDDEN if subject.marks(text) else text


@place
def evidence(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Free text of collected evidence, of every snapshot that is kept: subject lines, titles, descriptions."""
    found = 0
    for part in Part.objects.order_by("id").select_related("snapshot__source"):
        declared = TABLES.get(part.table)
        texts = [c.name for c in declared.columns if c.dtype == pl.String() and not c.person] if declared else []
        if declared is None or not texts or not subject.needles or found >= MOST_HITS:
            continue
        lower = [pl.col(name).str.to_lowercase() for name in texts]
        named = pl.any_horizontal(
            text.str.contains(needle.lower(), literal=True) for text in lower for needle in subject.needles
        )
        shown = list(dict.fromkeys([*declared.key, *texts]))
        for row in read_part(declared, part).filter(named).select(shown).head(MOST_HITS - found).collect().to_dicts():
            for hit in _hits(part, row, texts, subject, reader):
                found += 1
                yield hit


def _hits(part: Part, row: dict[str, object], texts: list[str], subject: Subject, reader: Reader) -> Iterator[Hit]:
    key = " ".join(str(row[name]) for name in TABLES[part.table].key if name in row)
    private = {column.name for column in TABLES[part.table].columns if column.private}
    for name in texts:
        excerpt = subject.marks(str(row[name] or ""))
        if excerpt is not None:
            seen = may_read(reader, part.table) and name not in private
            label = f"{part.snapshot.source.name} {key}".strip()
            yield Hit("evidence", part.table, label, name, excerpt if seen else keys.HIDDEN)
