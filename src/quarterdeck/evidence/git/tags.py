"""Lists the tags that lead to a commit."""

import re

import polars as pl

from quarterdeck.evidence.batch import Part, Problem
from quarterdeck.evidence.git.clone import Clone
from quarterdeck.evidence.git.rows import instants, seconds
from quarterdeck.evidence.git.tables import TAGS
from quarterdeck.evidence.git.text import person_text, plain_text, subject_text

_FORMAT = "%00".join(
    (
        "%(refname)",
        "%(objecttype)",
        "%(taggername) %(taggeremail)",
        "%(taggerdate:unix)",
        "%(committerdate:unix)",
        "%(contents:subject)",
    )
)
_PERSON = re.compile(rb"[^<>]*<[^<>]*>")


def tags(clone: Clone, problems: list[Problem]) -> Part:
    """One Part of tags; a tag of a tree or a file, which leads to no commit, is a Problem."""
    listed = [
        record.split(b"\0", 5) for record in clone.git.records("for-each-ref", f"--format={_FORMAT}", "refs/tags")
    ]
    commits = _commits(clone, [record[0] for record in listed])
    taggers = _mapped(clone, sorted({record[2].strip() for record in listed}))
    rows: list[tuple[str, str, bool, str | None, str | None]] = []
    times: list[int | None] = []
    for (reference, kind, tagger, tagged, committed, subject), commit in zip(listed, commits, strict=True):
        tag = plain_text(reference.removeprefix(b"refs/tags/"))
        if commit is None:
            problems.append(Problem(clone.origin.name, None, f"tag {tag} leads to no commit"))
            continue
        annotated = kind == b"tag"
        person = taggers.get(tagger.strip()) if annotated else None
        rows.append((tag, commit, annotated, person, subject_text(subject) if annotated else None))
        times.append(seconds(tagged if annotated else committed))
    return Part(TAGS, _frame(clone.origin.name, rows, times))


def _frame(
    repository: str, rows: list[tuple[str, str, bool, str | None, str | None]], times: list[int | None]
) -> pl.DataFrame:
    given = ("tag", "commit", "is_annotated", "tagger", "subject")
    schema = {name: TAGS.schema[name] for name in given}
    frame = pl.DataFrame(rows, schema=schema, orient="row", strict=True)
    return frame.with_columns(repository=pl.lit(repository), tagged_at=instants(times)).select(list(TAGS.schema))


def _commits(clone: Clone, references: list[bytes]) -> list[str | None]:
    """The commit each tag leads to, through tags of tags, in the order asked."""
    if not references:
        return []
    given = b"".join(reference + b"^{commit}\n" for reference in references)
    answers = clone.git.records("cat-file", "--batch-check=%(objectname) %(objecttype)", given=given)
    return [answer[:-7].decode() if answer.endswith(b" commit") else None for answer in answers]


def _mapped(clone: Clone, persons: list[bytes]) -> dict[bytes, str | None]:
    """Persons through the mailmap of the head."""
    proper = [person for person in persons if _PERSON.fullmatch(person)]
    if not proper:
        return {}
    answers = clone.git.records("check-mailmap", "--stdin", given=b"".join(person + b"\n" for person in proper))
    return {person: person_text(answer) for person, answer in zip(proper, answers, strict=True)}
