"""The tables of advisories: what is known, which version ranges it touches, which versions it lists."""

import polars as pl

from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Table

_TIME = pl.Datetime("us", "UTC")
_TEXTS = pl.List(pl.String())
_ADVISORY = Column("advisory", pl.String(), "Name of the advisory in its database, such as PYSEC-2021-142.")
_ECOSYSTEM = Column(
    "ecosystem", pl.String(), "Ecosystem by its OSV name, with its release if any: PyPI, npm, Debian:12."
)
_PACKAGE = Column("package", pl.String(), "Package, in the normal form of its ecosystem (PyPI: lower case, hyphens).")

ADVISORIES = Table(
    "advisories",
    "Security advisories, one row each.",
    (
        _ADVISORY,
        Column("aliases", _TEXTS, "Names of the same weakness in other databases (CVE, GHSA)."),
        Column("summary", pl.String(), "One line; where the source has none, the first 300 characters of its details."),
        Column("published", _TIME, "When it was published."),
        Column("modified", _TIME, "When it was last changed."),
        Column("withdrawn", _TIME, "When it was taken back; a withdrawn advisory affects nothing."),
        Column("severity_vector", pl.String(), "CVSS vector; of several the newest CVSS version."),
        Column("severity_score", pl.Float64(), "Base score of that vector, 0 to 10, computed here."),
        Column("severity_name", pl.String(), "Severity in the source's own word (such as HIGH), where it gives one."),
        Column("link", pl.String(), "Address of the advisory or of its first reference."),
        ORIGIN,
        LINE,
    ),
    ("advisory",),
)

RANGES = Table(
    "advisory_ranges",
    "Intervals of versions that an advisory touches, one row an interval.",
    (
        _ADVISORY,
        _ECOSYSTEM,
        _PACKAGE,
        Column("kind", pl.String(), "How its ends are ordered: ECOSYSTEM, SEMVER, or GIT (commits)."),
        Column("introduced", pl.String(), "First version affected; 0 is before every version."),
        Column("fixed", pl.String(), "First version no longer affected; empty where there is none."),
        Column("last_affected", pl.String(), "Last version affected, where the source names that instead of a fix."),
        Column("repository", pl.String(), "Repository whose commits the ends are, for GIT."),
        ORIGIN,
        LINE,
    ),
    ("advisory", "ecosystem", "package", "kind", "repository", "introduced", "fixed", "last_affected"),
)

VERSIONS = Table(
    "advisory_versions",
    "Versions that an advisory lists one by one, one row a package.",
    (
        _ADVISORY,
        _ECOSYSTEM,
        _PACKAGE,
        Column("versions", _TEXTS, "Versions affected, as the source writes them."),
        ORIGIN,
        LINE,
    ),
    ("advisory", "ecosystem", "package"),
)
