"""Matches components against advisories: which are affected, by what, and which version fixes it."""

from collections import defaultdict
from dataclasses import dataclass, field

import polars as pl

from quarterdeck.evidence.schema import Column, Table
from quarterdeck.evidence.versions import Match, Range, Verdict, match, package_name

FINDINGS = Table(
    "advisory_findings",
    "Versions of packages in use that an advisory affects, or may affect, one row a pair.",
    (
        Column("ecosystem", pl.String(), "Ecosystem, by its OSV name."),
        Column("package", pl.String(), "Package, in the normal form of its ecosystem."),
        Column("version", pl.String(), "Version in use; empty where it is not known."),
        Column("advisory", pl.String(), "Name of the advisory."),
        Column("verdict", pl.String(), "affected, or cannot tell."),
        Column("by", pl.List(pl.String()), "What says so: versions (listed), ranges."),
        Column("fixed_in", pl.String(), "First version above the one in use that this advisory does not affect."),
        Column("reason", pl.String(), "Why it cannot be told."),
    ),
    ("ecosystem", "package", "version", "advisory"),
)


@dataclass
class _Claim:
    """What one advisory says of one package."""

    ranges: list[Range] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)


def findings(
    components: pl.DataFrame, advisories: pl.DataFrame, ranges: pl.DataFrame, versions: pl.DataFrame
) -> pl.DataFrame:
    """A frame of FINDINGS for the distinct packages and versions of `components`; withdrawn advisories say nothing.

    components needs the columns ecosystem, name and version; the others are frames of the tables of this package.
    Each pair of package and advisory is looked at once, however many components share it.
    """
    live = frozenset(advisories.filter(pl.col("withdrawn").is_null())["advisory"])
    claims = _claims(ranges, versions, live)
    rows = []
    known = components.select("ecosystem", "name", "version").unique().sort("ecosystem", "name", "version")
    for ecosystem, name, version in known.iter_rows():
        package = package_name(ecosystem or "", name or "")
        for advisory, claim in claims.get(((ecosystem or "").lower(), package), {}).items():
            found: Match = match(ecosystem, version, claim.ranges, claim.listed)
            if found.verdict is not Verdict.UNAFFECTED:
                said = (found.verdict.value, list(found.by), found.fixed_in, found.reason or None)
                rows.append((ecosystem, package, version, advisory, *said))
    return FINDINGS.frame(rows).unique(subset=FINDINGS.key).sort("ecosystem", "package", "version", "advisory")


def _claims(
    ranges: pl.DataFrame, versions: pl.DataFrame, live: frozenset[str]
) -> dict[tuple[str, str], dict[str, _Claim]]:
    claims: dict[tuple[str, str], dict[str, _Claim]] = defaultdict(lambda: defaultdict(_Claim))
    columns = ("advisory", "ecosystem", "package", "kind", "introduced", "fixed", "last_affected")
    for advisory, ecosystem, package, kind, introduced, fixed, last in ranges.select(columns).iter_rows():
        if advisory in live and ecosystem and package:
            claim = claims[ecosystem.lower(), package][advisory]
            claim.ranges.append(Range(kind, introduced, fixed, last))
    for advisory, ecosystem, package, listed in versions.select(VERSION_COLUMNS).iter_rows():
        if advisory in live and ecosystem and package:
            claims[ecosystem.lower(), package][advisory].listed.extend(listed)
    return claims


VERSION_COLUMNS = ("advisory", "ecosystem", "package", "versions")
