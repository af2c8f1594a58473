"""Two verdicts on an edition: whether its evidence has moved since, and whether its evidence was altered."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.kinds import history
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.canonical import canonical, digest
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Commit, Version
from quarterdeck.kinds.roles import company
from quarterdeck.lake import files, tables
from quarterdeck.lake.models import Part
from quarterdeck.office.documents.editions import Edition, Rest, altered_files
from quarterdeck.runs import closure
from quarterdeck.runs.models import Answer, Run

SHORT = 12


@dataclass(frozen=True)
class Verdict:
    """What has moved since the edition was made, and what was altered; each names what, in the reader's words."""

    moved: tuple[str, ...]
    altered: tuple[str, ...]
    thorough: bool

    @property
    def stands(self) -> bool:
        """Whether the edition says what a new one would say, and nobody tampered with it."""
        return not self.moved and not self.altered


def verdict(edition: Edition, *, thorough: bool = False) -> Verdict:
    """Both verdicts. Thorough: also recompute the chain of changes, and compare records and evidence with it."""
    altered = [*_manifest(edition), *(found for rest in edition.rests for found in _run(rest)), *_head(edition)]
    if thorough:
        altered += [*_chain(), *_records(edition), *_parts(edition)]
    return Verdict(tuple(dict.fromkeys(_moved(edition))), tuple(dict.fromkeys(altered)), thorough)


def _moved(edition: Edition) -> Iterator[str]:
    for rest in edition.rests:
        kinds = {one.what.removeprefix("kind:"): one.mark for one in rest.marks if one.what.startswith("kind:")}
        lake = {one.what.removeprefix("table:"): one.mark for one in rest.marks if one.what.startswith("table:")}
        for kind, mark in history.watermarks(kinds).items():
            if mark != kinds[kind]:
                yield KINDS[kind].plural if kind in KINDS else kind
        for table, mark in tables.watermarks(lake).items():
            if mark != lake[table]:
                yield table
        if rest.closure and closure.digest(rest.engine) != rest.closure:
            yield _("engine %(engine)s") % {"engine": rest.engine}


def _manifest(edition: Edition) -> Iterator[str]:
    if not edition.sealed:
        yield _("the manifest")
    for name in altered_files(edition):
        yield _("the file %(name)s") % {"name": name}


def _run(rest: Rest) -> Iterator[str]:
    run = Run.objects.filter(digest=rest.run).first()
    name = {"run": rest.run[:SHORT], "analysis": rest.analysis}
    if run is None:
        yield _("run %(run)s of “%(analysis)s” is gone") % name
        return
    if digest(run.inputs) != rest.inputs:
        yield _("what went into run %(run)s of “%(analysis)s”") % name
    if digest(run.result) != rest.result:
        yield _("what came out of run %(run)s of “%(analysis)s”") % name
    if not Answer.objects.filter(pk=rest.number, analysis=rest.analysis, run__digest=rest.run).exists():
        yield _("answer %(name)s") % {"name": f"{rest.analysis}#{rest.number}"}


def _head(edition: Edition) -> Iterator[str]:
    """The last change of that time must still be there, with the same hash: else the chain was made anew, or cut."""
    if edition.head and not Commit.objects.filter(number=edition.head, hash=edition.head_hash).exists():
        yield _("the history of the records up to the day of this edition")


def _chain() -> Iterator[str]:
    for broken in history.verify():
        kinds = Version.objects.filter(began=broken.number).values_list("kind", flat=True).distinct().order_by("kind")
        named = _(", ").join(KINDS[kind].plural if kind in KINDS else kind for kind in kinds)
        yield _("the history of %(kinds)s") % {"kinds": named} if named else _("the history of the records")


def _records(edition: Edition) -> Iterator[str]:
    """Records that differ from what the history says of them: someone wrote past the one door in."""
    names = dict.fromkeys(
        one.what.removeprefix("kind:") for rest in edition.rests for one in rest.marks if one.what.startswith("kind:")
    )
    for name in names:
        if name in KINDS and _standing(name, live=True) != _standing(name, live=False):
            yield _("records of %(kinds)s") % {"kinds": KINDS[name].plural}


def _standing(name: str, *, live: bool) -> list[str]:
    personal = {attribute.name for attribute in KINDS[name].attributes.values() if attribute.personal}
    rows = Access(company, None if live else timezone.now()).select(name).rows()
    return sorted(
        canonical([row.key, {field: value for field, value in row.values.items() if field not in personal}])
        for row in rows
    )


def _parts(edition: Edition) -> Iterator[str]:
    """Files of the lake whose bytes are not those that were collected."""
    names = {
        one.what.removeprefix("table:") for rest in edition.rests for one in rest.marks if one.what.startswith("table:")
    }
    system, root = files.place()
    for part in Part.objects.filter(table__in=names, ended=None).order_by("id"):
        path = f"{root}/{part.path}"
        if not system.exists(path) or hashlib.sha256(system.cat_file(path)).hexdigest() != part.digest:
            yield _("evidence in table %(table)s") % {"table": part.table}
