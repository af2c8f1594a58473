"""What changed of late, as far as a reader may see it; a change of what is hidden leaves no trace."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from quarterdeck.kinds import past, sight
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.models import Commit, Version
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.rows import chunks
from quarterdeck.kinds.seal import Sealer


@dataclass(frozen=True)
class Changed:
    """One commit as a reader may see it: when, by whom, from where, how many records of which kinds, the most first."""

    at: datetime
    by: str
    source: str
    counts: tuple[tuple[str, int], ...]


def changes(reader: Reader, since: datetime, most: int) -> list[Changed]:
    """The newest commits since a moment in which the reader sees something, the newest first."""
    readable = [name for name in KINDS if reader.reads(name)]
    first = Commit.objects.filter(at__gte=since).order_by("number").values_list("number", flat=True).first()
    found: list[Changed] = []
    if first is None or not readable:
        return found
    versions = Version.objects.filter(began__gte=first, kind__in=readable)
    for number in list(versions.order_by("-began").values_list("began", flat=True).distinct()):
        counts = tuple(sorted(_seen(reader, versions.filter(began=number)), key=lambda pair: (-pair[1], pair[0])))
        if counts:
            commit = Commit.objects.get(number=number)
            by = json.loads(commit.authority)
            found.append(Changed(commit.at, by.get("confirmer") or by.get("by", ""), commit.source, counts))
        if len(found) == most:
            break
    return found


def _seen(reader: Reader, versions: QuerySet[Version]) -> Iterator[tuple[str, int]]:
    """How many records of each kind a commit changed in a way that the reader sees."""
    for name, count in versions.values_list("kind").annotate(count=Count("id")).order_by("kind"):
        kind = KINDS[name]
        scope, names = sight.scope_of(kind, reader), [attribute.name for attribute in kind.visible(reader)]
        if scope is None and len(names) == len(kind.attributes):
            yield name, count
            continue
        mine = versions.filter(kind=name)
        if scope is not None:
            mine = mine.filter(record__in=kind.model._default_manager.filter(scope).values("id"))
        if seen := _visible(kind, list(mine), names):
            yield name, seen


def _visible(kind: Kind, versions: list[Version], names: list[str]) -> int:
    """How many of a commit's versions differ, in the attributes named, from the version before them."""
    moved = [version for version in versions if version.action not in ("create", "delete")]
    sealer, before = Sealer(), dict[int, Version]()
    for chunk in chunks(version.record for version in moved):
        ended = Version.objects.filter(kind=kind.name, record__in=chunk, ended=moved[0].began)
        before.update({version.record: version for version in ended})
    differing = 0
    for version in moved:
        old, new = (past.opened(kind, json.loads(v.values) or {}, sealer) for v in (before[version.record], version))
        differing += any(old[name] != new[name] for name in names)
    return len(versions) - len(moved) + differing
