"""Systems without an owner: one candidate each where others rest on it, one for all the rest together."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, Reference, Size
from quarterdeck.office.candidates import learning
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import CRITICAL, KINDS, Places, places
from quarterdeck.office.candidates.words import joined, listed, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "ownerless"
GONE = frozenset(
    {"retired", "end-of-life", "decommissioned", "已下线"}
)  # runs no longer; what is deprecated still does
NOBODY = frozenset(
    {"", "unspecified", "unknown", "none", "nobody", "n/a", "tbd", "未定", "无"}
)  # words that name no team
MOST_ROWS = 12


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates: one for each ownerless system that matters, and one for all the others together."""
    known = places(harvest)
    without = [row for row in harvest.rows("system", retired__empty=True) if _ownerless(row)]
    rest = []
    for row in without:
        system = known.known(row.key)
        if system and (system.dependents or (system.criticality or 0) >= CRITICAL):
            yield _taken_over(harvest, _one(row, known), [row.key])
        else:
            rest.append(row)
    if rest:
        yield _taken_over(harvest, _all(rest), [row.key for row in rest])


def _taken_over(harvest: Harvest, found: Candidate, systems: list[str]) -> Candidate:
    """With what getting to know the code takes, where there is code and others have got to know some here."""
    files, learnt = learning.source_files(harvest, systems), learning.learnt(harvest)
    if not files or learnt is None:
        return found
    asked = learning.to_half(files)
    why, path = joined(found.why, learnt.said(asked)), (*found.path, *learnt.newest)
    return replace(found, why=why, past=learnt.past(asked), path=path)


def _ownerless(row: Any) -> bool:
    """No owner, or an owner by a word that names nobody; systems that run no longer need none."""
    if (row["lifecycle"] or "").casefold() in GONE:
        return False
    return not row["owner"] or _bare(row["owner"]) in NOBODY


def _bare(owner: str) -> str:
    return owner.rsplit("/", 1)[-1].casefold()


def _says(row: Any) -> str:
    return row["owner_named"] or row["owner"] or "—"


def _one(row: Any, known: Places) -> Candidate:
    system = known.systems[row.key]
    why = say(_("No team owns it; systems that rest on it: %(count)s."), count=len(system.dependents))
    if row["owner_named"] and _bare(row["owner_named"]) not in NOBODY:
        why = say(
            _("Its source names “%(name)s” as owner, which is no team; systems that rest on it: %(count)s."),
            name=row["owner_named"],
            count=len(system.dependents),
        )
    return Candidate(
        key(NAME, row.key),
        NAME,
        row.key,
        say(_("Give %(subject)s an owner"), subject=row.key),
        why,
        action="owner",
        system=row.key,
        size=Size(float(1 + len(system.dependents)), say(_("systems"))),
        missing=("owner",),
        path=(
            Reference("kind:system", "", row.key, None, _says(row)),
            *(Reference("kind:dependency", "", f"{n}/{row.key}", None, n) for n in system.dependents[:MOST_ROWS]),
        ),
        facts=(f"owner {_says(row)}",),
    )


def _all(rows: list[Any]) -> Candidate:
    names = sorted(row.key for row in rows)
    return Candidate(
        key(NAME, "rest"),
        NAME,
        "rest",
        say(_("Give %(count)s systems an owner"), count=len(names)),
        say(
            _("No team owns %(names)s. Nothing is known to rest on them, and nobody has said that they are critical."),
            names=listed(names, 6),
        ),
        size=Size(float(len(names)), say(_("systems"))),
        missing=("owner",),
        path=tuple(Reference("kind:system", "", row.key, None, _says(row)) for row in rows[:MOST_ROWS]),
        facts=tuple(f"ownerless {name}" for name in names),
    )


SOURCE = CandidateSource(NAME, gettext_lazy("Systems without owner"), learning.TABLES, KINDS, find)
