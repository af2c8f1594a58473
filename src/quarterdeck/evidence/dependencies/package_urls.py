"""Package URLs, and the ecosystem and name by which advisories know a package."""

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from packageurl import PackageURL

from quarterdeck.evidence.versions import package_name

LONGEST = 1_000


@dataclass(frozen=True)
class Package:
    """One package and version: its canonical package URL, its ecosystem's OSV name, its name there, its version."""

    purl: str
    ecosystem: str
    name: str
    version: str | None


# type of a package URL: ecosystem by its OSV name, sign between the group and the name
_ECOSYSTEMS = MappingProxyType(
    {
        "pypi": ("PyPI", "/"),
        "npm": ("npm", "/"),
        "golang": ("Go", "/"),
        "cargo": ("crates.io", "/"),
        "maven": ("Maven", ":"),
        "nuget": ("NuGet", "/"),
        "gem": ("RubyGems", "/"),
        "composer": ("Packagist", "/"),
        "hex": ("Hex", "/"),
        "pub": ("Pub", "/"),
        "swift": ("SwiftURL", "/"),
        "conan": ("ConanCenter", "/"),
        "cran": ("CRAN", "/"),
        "githubactions": ("GitHub Actions", "/"),
        "bitnami": ("Bitnami", "/"),
    }
)
# Linux distributions keep theirs in the namespace: pkg:deb/ubuntu/curl
_DISTRIBUTIONS = MappingProxyType(
    {
        ("deb", "debian"): "Debian",
        ("deb", "ubuntu"): "Ubuntu",
        ("apk", "alpine"): "Alpine",
        ("apk", "wolfi"): "Wolfi",
        ("apk", "chainguard"): "Chainguard",
        ("rpm", "redhat"): "Red Hat",
        ("rpm", "rocky"): "Rocky Linux",
        ("rpm", "almalinux"): "AlmaLinux",
        ("rpm", "suse"): "SUSE",
        ("rpm", "opensuse"): "openSUSE",
    }
)


@lru_cache(maxsize=65_536)
def package_of(purl: str) -> Package:
    """The package a package URL names. Raises ValueError where it is none."""
    if len(purl) > LONGEST:
        raise ValueError("a package URL is too long")
    return _package(PackageURL.from_string(purl))


@lru_cache(maxsize=65_536)
def package(kind: str, name: str, version: str | None, namespace: str | None = None) -> Package:
    """The package of a package URL's type (pypi, npm, golang, cargo, generic), name and version.

    npm's scope and golang's path may stand in the name. Raises ValueError for an empty or overlong name.
    """
    if not name or len(name) + len(version or "") + len(namespace or "") > LONGEST:
        raise ValueError("a package's name is empty or too long")
    if namespace is None and kind in ("npm", "golang"):
        namespace, _, name = name.rpartition("/")
    return _package(PackageURL(type=kind, namespace=namespace or None, name=name, version=version or None))


def _package(parsed: PackageURL) -> Package:
    namespace, name = parsed.namespace or "", parsed.name
    distribution = _DISTRIBUTIONS.get((parsed.type, namespace.lower()))
    ecosystem, sign = (distribution, "/") if distribution else _ECOSYSTEMS.get(parsed.type, (parsed.type, "/"))
    full = name if distribution or not namespace else f"{namespace}{sign}{name}"
    return Package(parsed.to_string(), ecosystem, package_name(ecosystem, full), parsed.version or None)
