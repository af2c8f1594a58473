"""Makes rows of one OSV advisory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cmp_to_key, lru_cache

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.documents import (
    MalformedError,
    Record,
    instant_of,
    record_of,
    records,
    text_of,
    texts,
)
from quarterdeck.evidence.versions import compare, package_name

LONGEST_NAME = 200
LONGEST_SUMMARY = 300


@dataclass
class Rows:
    """Rows of the three tables."""

    name: str = ""
    advisories: list[tuple] = field(default_factory=list)
    ranges: list[tuple] = field(default_factory=list)
    versions: list[tuple] = field(default_factory=list)

    def extend(self, other: "Rows") -> None:
        """Add another's rows."""
        self.advisories += other.advisories
        self.ranges += other.ranges
        self.versions += other.versions


def rows_of(advisory: Record, origin: str, place: int, problems: list[Problem]) -> Rows:
    """The rows of one advisory; raises MalformedError where it is none."""
    name = text_of(advisory, "id")
    if name is None or len(name) > LONGEST_NAME:
        raise MalformedError("it has no id" if name is None else "its id is too long")
    if "modified" not in advisory and "affected" not in advisory:
        raise MalformedError("it has neither modified nor affected")
    rows, asides = Rows(name), list[Problem]()
    affected = records(advisory, "affected")
    for entry in affected:
        _affected(name, entry, origin, entry.line or place, rows, asides)
    vector, score = _severity([advisory, *affected], name, origin, place, asides)
    summary = text_of(advisory, "summary") or (text_of(advisory, "details") or "")[:LONGEST_SUMMARY] or None
    word = text_of(record_of(advisory, "database_specific"), "severity")
    links = [text_of(link, "url") for link in records(advisory, "references")]
    row = (
        name,
        texts(advisory, "aliases"),
        summary,
        instant_of(advisory, "published"),
        instant_of(advisory, "modified"),
        instant_of(advisory, "withdrawn"),
        vector,
        score,
        word,
        next((link for link in links if link), None),
        origin,
        place,
    )
    rows.advisories.append(row)
    problems += asides
    return rows


def _affected(name: str, entry: Record, origin: str, line: int, rows: Rows, problems: list[Problem]) -> None:
    package = record_of(entry, "package")
    ecosystem, called = text_of(package, "ecosystem"), text_of(package, "name")
    if ecosystem and called:
        called = package_name(ecosystem, called)
    for part in records(entry, "ranges"):
        kind, repository = text_of(part, "type"), text_of(part, "repo")
        if kind not in ("ECOSYSTEM", "SEMVER", "GIT"):
            problems.append(Problem(origin, part.line or line, f"{name}: range of the unknown type {kind!r} is left"))
            continue
        for interval in _intervals(name, kind, ecosystem or "", part, origin, line, problems):
            place = part.line or line
            rows.ranges.append((name, ecosystem, called, kind, *interval, repository, origin, place))
    listed = texts(entry, "versions")
    if listed:
        rows.versions.append((name, ecosystem, called, listed, origin, line))


_BOUNDS = ("introduced", "fixed", "last_affected")


def _intervals(
    name: str, kind: str, ecosystem: str, part: Record, origin: str, line: int, problems: list[Problem]
) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Pairs each `introduced` with the first end after it, in the order of versions where it is known."""
    events = []
    for event in records(part, "events"):
        found = [(bound, text_of(event, bound)) for bound in _BOUNDS if text_of(event, bound)]
        if len(found) == 1 and found[0][1] is not None:
            events.append((found[0][0], found[0][1]))
        elif text_of(event, "limit") != "*":
            reason = f"{name}: an event of a range says none of introduced, fixed, last_affected, or several"
            problems.append(Problem(origin, event.line or line, reason))
    if events and all(bound != "introduced" for bound, _ in events):
        problems.append(Problem(origin, part.line or line, f"{name}: a range says where it ends, not where it begins"))
    if kind != "GIT":
        events = _sorted(events, "npm" if kind == "SEMVER" else ecosystem)
    start: str | None = None
    for bound, version in events:
        if bound == "introduced":
            start = start if start is not None else version
        elif start is not None or kind == "GIT":
            yield (start, version, None) if bound == "fixed" else (start, None, version)
            start = None
    if start is not None:
        yield start, None, None


def _sorted(events: list[tuple[str, str]], ecosystem: str) -> list[tuple[str, str]]:
    """By version, as given at the same one; all as given where one cannot be compared."""
    unordered = False

    def order(one: tuple[str, str], other: tuple[str, str]) -> int:
        nonlocal unordered
        if "0" in (one[1], other[1]) and one[1] != other[1]:
            return -1 if one[1] == "0" else 1
        found = compare(ecosystem, one[1], other[1]) if one[1] != other[1] else 0
        unordered = unordered or found is None
        return found or 0

    result = sorted(events, key=cmp_to_key(order))
    return events if unordered else result


_CLASSES = {"CVSS_V2": (2, CVSS2), "CVSS_V3": (3, CVSS3), "CVSS_V4": (4, CVSS4)}


def _severity(
    holders: list[Record], name: str, origin: str, place: int, problems: list[Problem]
) -> tuple[str | None, float | None]:
    """The vector of the newest CVSS version, of the advisory itself or else of what it affects, and its base score."""
    best: tuple[int, str, float] | None = None
    for holder in holders:
        for severity in records(holder, "severity"):
            kind, vector = text_of(severity, "type") or "", text_of(severity, "score")
            if kind not in _CLASSES or vector is None:
                continue
            score = _score(kind, vector[:LONGEST_NAME])
            if score is None:
                problems.append(Problem(origin, severity.line or place, f"{name}: not a {kind} vector: {vector[:80]}"))
            elif best is None or _CLASSES[kind][0] > best[0]:
                best = (_CLASSES[kind][0], vector, score)
        if best:
            return best[1], best[2]
    return None, None


@lru_cache(maxsize=16_384)
def _score(kind: str, vector: str) -> float | None:
    try:
        return float(_CLASSES[kind][1](vector).scores()[0])
    except (CVSSError, ValueError, ArithmeticError, KeyError, IndexError):
        return None
