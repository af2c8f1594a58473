"""Components with advisories: update each to the first version that is free of them; where none is, replace it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cmp_to_key

import polars as pl
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, Reference, Size, Steps, Words
from quarterdeck.evidence.advisories import findings
from quarterdeck.evidence.versions import compare, distance, package_name
from quarterdeck.office.candidates import losses, past
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import KINDS, Places, places
from quarterdeck.office.candidates.words import Value, joined, listed, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "advisories"
UNSCORED = (
    5.0  # points of an advisory without a score: the middle of the scale, so that silence neither hides nor shouts
)
MOST_ROWS = 8  # references of one table in a path
COLUMNS = ("source", "subject", "ecosystem", "name", "version", "scope", "origin", "line")


@dataclass(frozen=True)
class Weakness:
    """One weakness of one version in use; several databases' names for it are one weakness."""

    name: str
    version: str
    fixed: str | None
    score: float | None
    summary: str
    reference: Reference


@dataclass(frozen=True)
class Affected:
    """One package of one subject, where it stands, and what is wrong with it."""

    subject: str
    ecosystem: str
    package: str
    rows: tuple[Reference, ...]
    versions: tuple[str, ...]
    runtime: bool
    weaknesses: tuple[Weakness, ...]

    @property
    def points(self) -> float:
        """CVSS base scores added up over distinct weaknesses."""
        return sum(UNSCORED if w.score is None else w.score for w in self.weaknesses)


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, one for each subject and package."""
    known, changes = places(harvest), past.upgrades(harvest)
    affected, unknown = _affected(harvest)
    whole: dict[str, float] = {}
    for one in affected:
        system = known.system(one.subject)
        whole[system] = whole.get(system, 0.0) + one.points
    for one in affected:
        yield _candidate(harvest, one, known, changes, whole)
    yield from (_unpinned(subject, rows, known) for subject, rows in unknown.items())


def _affected(harvest: Harvest) -> tuple[list[Affected], dict[str, list[tuple[Reference, int]]]]:
    """What is affected, and by subject what has no version and so cannot be told."""
    components = harvest.table("components", *COLUMNS)
    told = harvest.table("advisories")
    seen = findings(components, told, harvest.table("advisory_ranges"), harvest.table("advisory_versions"))
    names = _one_name(told)
    details = {row["advisory"]: row for row in told.to_dicts()}
    by_version: dict[tuple[str, str, str | None], list[dict[str, object]]] = {}
    for row in seen.to_dicts():
        by_version.setdefault((row["ecosystem"], row["package"], row["version"]), []).append(row)
    groups: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    unknown: dict[str, list[tuple[Reference, int]]] = {}
    for row in components.sort("subject", "ecosystem", "name", "origin", "line").to_dicts():
        found = by_version.get(
            (row["ecosystem"], package_name(row["ecosystem"] or "", row["name"]), row["version"]), []
        )
        if any(f["verdict"] == "affected" for f in found):
            groups.setdefault((row["subject"], row["ecosystem"], row["name"]), []).append(row)
        elif found and row["version"] is None:
            unknown.setdefault(row["subject"], []).append((_row(row), len(found)))
    return [_group(place, rows, by_version, names, details) for place, rows in groups.items()], unknown


def _group(
    place: tuple[str, str, str],
    rows: list[dict[str, object]],
    by_version: dict[tuple[str, str, str | None], list[dict[str, object]]],
    names: dict[str, str],
    details: dict[str, dict[str, object]],
) -> Affected:
    subject, ecosystem, name = place
    package = package_name(ecosystem, name)
    versions = sorted({str(row["version"]) for row in rows})
    worst: dict[tuple[str, str], Weakness] = {}
    for version in versions:
        for found in by_version.get((ecosystem, package, version), []):
            if found["verdict"] == "affected":
                one = _weakness(version, found, details[str(found["advisory"])], names)
                before = worst.get((one.name, version))
                worst[one.name, version] = _both(ecosystem, before, one) if before else one
    runtime = any(row["scope"] != "dev" for row in rows)
    return Affected(
        subject, ecosystem, package, tuple(_row(row) for row in rows), tuple(versions), runtime, tuple(worst.values())
    )


def _weakness(version: str, found: dict[str, object], row: dict[str, object], names: dict[str, str]) -> Weakness:
    advisory, summary = str(found["advisory"]), str(row["summary"] or "")
    fixed = found["fixed_in"]
    score = row["severity_score"]
    says = f"{advisory} {summary}"[:120].rstrip()
    reference = Reference("advisories", str(row["source"]), str(row["origin"]), row["line"], says)  # type: ignore[arg-type]
    return Weakness(names[advisory], version, str(fixed) if fixed else None, score, summary, reference)  # type: ignore[arg-type]


def _both(ecosystem: str, one: Weakness, other: Weakness) -> Weakness:
    """One weakness as two databases tell it: the graver score, and the later fix, which both say is free of it."""
    scores = [w.score for w in (one, other) if w.score is not None]
    fixes = [w.fixed for w in (one, other) if w.fixed]
    return replace(one, score=max(scores) if scores else None, fixed=_latest(ecosystem, fixes))


def _one_name(told: pl.DataFrame) -> dict[str, str]:
    """One name for advisories of different databases that share a name or an alias: the first of them."""
    chief: dict[str, str] = {}

    def root(name: str) -> str:
        while chief[name] != name:
            name = chief[name]
        return name

    for advisory, aliases in told.select("advisory", "aliases").sort("advisory").iter_rows():
        for name in (advisory, *(aliases or ())):
            chief.setdefault(name, name)
            first, second = sorted((root(advisory), root(name)))
            chief[second] = first
    return {advisory: root(advisory) for advisory in told["advisory"]}


def _row(row: dict[str, object]) -> Reference:
    says = f"{row['name']} {row['version'] or ''}".rstrip()
    return Reference("components", str(row["source"]), str(row["origin"]), row["line"], says)  # type: ignore[arg-type]


def _target(one: Affected) -> str | None:
    """The smallest version that is free of every weakness: the largest of the fixes. None where one has no fix."""
    fixes = [w.fixed for w in one.weaknesses]
    if any(fix is None for fix in fixes):
        return None
    return _latest(one.ecosystem, [fix for fix in fixes if fix])


def _latest(ecosystem: str, versions: list[str]) -> str | None:
    """The newest of versions in their ecosystem's order."""

    def order(first: str, second: str) -> int:
        return compare(ecosystem, first, second) or 0

    return max(sorted(versions), key=cmp_to_key(order), default=None)


def _candidate(
    harvest: Harvest, one: Affected, known: Places, changes: past.Upgrades, whole: dict[str, float]
) -> Candidate:
    system, target = known.system(one.subject), _target(one)
    advisories = sorted({w.name for w in one.weaknesses})
    steps = _steps(one, target)
    facts = (*(f"advisory {name}" for name in advisories), f"target {target}")
    past_work = changes.past(one.subject) if target else None
    scenario = losses.scenarios(harvest, system, "attack")
    return Candidate(
        key(NAME, one.subject, one.ecosystem, one.package),
        NAME,
        one.subject,
        _title(one, target),
        _why(one, advisories, past.said(changes.of(one.subject), steps) if past_work else None),
        action=f"upgrade:{one.ecosystem.lower()}/{one.package}",
        system=system,
        size=Size(one.points, say(_("CVSS points"))),
        steps=steps,
        past=past_work,
        loss=losses.bounded(scenario, one.points / whole[system] if whole[system] else 0.0),
        hints=(one.ecosystem.lower(),),
        missing=() if target else ("target",),
        path=(
            *one.rows[:MOST_ROWS],
            *(w.reference for w in one.weaknesses[:MOST_ROWS]),
            *(changes.of(one.subject).newest if past_work else ()),
        ),
        facts=facts,
    )


def _steps(one: Affected, target: str | None) -> Steps:
    """How far the oldest version in use lies from the target."""
    apart = [distance(one.ecosystem, version, target) for version in one.versions] if target else []
    known = [Steps(each.major, each.minor, each.patch) for each in apart if each]
    return max(known, key=lambda each: (each.major, each.minor, each.patch), default=Steps())


def _title(one: Affected, target: str | None) -> Words:
    values: dict[str, Value] = {"package": one.package, "subject": one.subject, "target": target or ""}
    if target is None:
        return say(_("Replace or shield %(package)s in %(subject)s: not every advisory has a fixed version"), **values)
    return say(_("Update %(package)s in %(subject)s to %(target)s"), **values)


def _why(one: Affected, advisories: list[str], effort: Words | None) -> Words:
    values: dict[str, Value] = {
        "package": one.package,
        "version": ", ".join(one.versions),
        "count": len(advisories),
        "names": listed(advisories),
    }
    scores = [w.score for w in one.weaknesses if w.score is not None]
    worst = say(_("The gravest scores %(score)s of 10."), score=max(scores)) if scores else None
    silent = None if scores else say(_("None of them carries a score."))
    return joined(
        say(_("%(package)s %(version)s is affected by advisories: %(count)s (%(names)s)."), **values),
        worst,
        silent,
        None if one.runtime else say(_("It is used for building and testing alone.")),
        effort,
    )


def _unpinned(subject: str, rows: list[tuple[Reference, int]], known: Places) -> Candidate:
    """Packages without a version, which advisories may affect: finding out is the first step."""
    names = sorted({reference.says for reference, _count in rows})
    title = say(
        _("Pin the versions of %(subject)s: advisories may affect %(count)s packages"),
        subject=subject,
        count=len(names),
    )
    why = say(
        _("%(names)s: the manifest names no version, so nobody can tell whether the advisories on record apply."),
        names=listed(names),
    )
    return Candidate(
        key(NAME, subject, "unpinned"),
        NAME,
        subject,
        title,
        why,
        system=known.system(subject),
        size=Size(float(len(names)), say(_("packages"))),
        missing=("version",),
        path=tuple(r for r, _count in rows[:MOST_ROWS]),
        facts=tuple(f"unpinned {name}" for name in names),
    )


SOURCE = CandidateSource(
    NAME,
    gettext_lazy("Advisories"),
    ("components", "advisories", "advisory_ranges", "advisory_versions", *past.TABLES),
    (*KINDS, "scenario"),
    find,
)
