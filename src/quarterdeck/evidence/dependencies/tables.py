"""The tables of components and of who needs whom among them."""

import polars as pl

from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Table

_SUBJECT = Column(
    "subject", pl.String(), "What is made of the component: the repository's name, or the manifest's folder's."
)
_MANIFEST = Column(
    "manifest", pl.String(), "Kind of list it stands in: uv.lock, package-lock.json, CycloneDX, Python environment …"
)

COMPONENTS = Table(
    "components",
    "Packages that software is made of, one row a package and version of a manifest.",
    (
        _SUBJECT,
        _MANIFEST,
        Column("purl", pl.String(), "Package URL, in its canonical form; pkg:generic where the source gives none."),
        Column("ecosystem", pl.String(), "Ecosystem by its OSV name (PyPI, npm, Go); else the package URL's type."),
        Column("name", pl.String(), "Package, as its ecosystem compares names; the group stands before it."),
        Column("version", pl.String(), "Version in use; empty where the manifest does not pin one."),
        Column(
            "direct", pl.Boolean(), "Whether the subject itself asks for it; empty where the manifest does not say."
        ),
        Column("scope", pl.String(), "runtime, or dev (building and testing alone); empty where it is not said."),
        Column("licence", pl.String(), "Licence as declared; several are parted by a semicolon."),
        Column("hashed", pl.Boolean(), "Whether the manifest gives a digest of what may be installed."),
        ORIGIN,
        LINE,
    ),
    ("origin", "purl"),
)

COMPONENT_EDGES = Table(
    "component_edges",
    "Which package needs which, as far as the manifest tells.",
    (
        _SUBJECT,
        _MANIFEST,
        Column("from_purl", pl.String(), "Package URL of the one that needs; it may be the subject's own package."),
        Column("to_purl", pl.String(), "Package URL of the one that is needed."),
        ORIGIN,
        LINE,
    ),
    ("origin", "from_purl", "to_purl"),
)
