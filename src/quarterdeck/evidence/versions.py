"""Says whether a version falls in an advisory's ranges, which version fixes it, and how far two versions lie apart.

The rule is that of the OSV schema (section "Evaluation"): a version is affected when it is listed, or when it lies in a
range: at or above `introduced` ("0" is before everything), below `fixed`, at or below `last_affected`. Order is the
ecosystem's own, by `univers`; where an ecosystem or version is not understood the answer is "cannot tell", never "no".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from univers import versions as schemes

Version = schemes.Version
LONGEST = 256  # characters of a version that is worth understanding


class Verdict(Enum):
    """What can be said of one version and one advisory."""

    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Range:
    """One interval of an advisory. kind: ECOSYSTEM, SEMVER or GIT (its ends are commits: no order here)."""

    kind: str
    introduced: str | None
    fixed: str | None = None
    last_affected: str | None = None


@dataclass(frozen=True)
class Match:
    """The verdict, what it rests on ("versions", "ranges"), the first version above that is free of it, and why not."""

    verdict: Verdict
    by: tuple[str, ...] = ()
    fixed_in: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Distance:
    """Steps from one version up to another in the first part that differs; all zero where it is not behind.

    1.2.3 to 3.0.1 is two major steps, 1.2.3 to 1.4.0 two minor, 1.2.3 to 1.2.9 six patch. behind is also true where
    only what follows the third number differs (1.2.3rc1 to 1.2.3).
    """

    major: int
    minor: int
    patch: int
    behind: bool


_SEMVER = schemes.SemverVersion
# OSV's names of ecosystems, without the release after the colon ("Debian:12"), in lower case
_SCHEMES = MappingProxyType(
    {
        "pypi": schemes.PypiVersion,
        "npm": _SEMVER,
        "crates.io": _SEMVER,
        "go": _SEMVER,
        "hex": _SEMVER,
        "pub": _SEMVER,
        "swifturl": _SEMVER,
        "github actions": _SEMVER,
        "bitnami": _SEMVER,
        "packagist": schemes.ComposerVersion,
        "maven": schemes.MavenVersion,
        "nuget": schemes.NugetVersion,
        "rubygems": schemes.RubygemsVersion,
        "conancenter": schemes.ConanVersion,
        "debian": schemes.DebianVersion,
        "ubuntu": schemes.DebianVersion,
        "alpine": schemes.AlpineLinuxVersion,
        "wolfi": schemes.AlpineLinuxVersion,
        "chainguard": schemes.AlpineLinuxVersion,
        "red hat": schemes.RpmVersion,
        "rocky linux": schemes.RpmVersion,
        "almalinux": schemes.RpmVersion,
        "suse": schemes.RpmVersion,
        "opensuse": schemes.RpmVersion,
        "mageia": schemes.RpmVersion,
        "openeuler": schemes.RpmVersion,
    }
)
# univers fills up and cuts what is no semantic version (1.2.3.4 becomes 1.2.3): better not to understand it
_SEMANTIC = re.compile(r"[vV]?[0-9]+(\.[0-9]+){0,2}([-+][0-9A-Za-z.+-]*)?", re.ASCII)
_STRICT = (schemes.SemverVersion, schemes.ComposerVersion)
_WORDS = (schemes.ConanVersion,)  # orders words too; elsewhere a word is a branch, LATEST, or a mistake
_FOLDED = frozenset(("nuget", "packagist", "github actions"))


def package_name(ecosystem: str, name: str) -> str:
    """The name a package is compared by: PyPI's normal form (PEP 503), lower case in the ecosystems that fold."""
    base = ecosystem.partition(":")[0].lower()
    if base == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if base in _FOLDED else name


def understands(ecosystem: str) -> bool:
    """Whether the order of this ecosystem's versions is known."""
    return ecosystem.partition(":")[0].lower() in _SCHEMES


@lru_cache(maxsize=262_144)
def parse(ecosystem: str, version: str) -> Version | None:
    """The version in its ecosystem's order, or None where ecosystem or version is not understood."""
    scheme = _SCHEMES.get(ecosystem.partition(":")[0].lower())
    return None if scheme is None else _parsed(scheme, version)


def _parsed(scheme: type[Version], version: str) -> Version | None:
    version = version.strip()
    if not version or len(version) > LONGEST:
        return None
    if scheme not in _WORDS and not any("0" <= sign <= "9" for sign in version):
        return None
    if issubclass(scheme, _STRICT):
        if not _SEMANTIC.fullmatch(version):
            return None
        version = version.partition("+")[0]  # build metadata has no part in precedence (semver.org, section 10)
    try:
        return scheme(version)
    except (ValueError, TypeError, AttributeError, IndexError):  # what its schemes raise on what they cannot read
        return None


@lru_cache(maxsize=65_536)
def _semantic(version: str) -> Version | None:
    return _parsed(_SEMVER, version)


def compare(ecosystem: str, one: str, other: str) -> int | None:
    """-1, 0 or 1 as `one` is older than, equal to, or newer than `other`; None where either is not understood."""
    return _order(parse(ecosystem, one), parse(ecosystem, other))


def _order(one: Version | None, other: Version | None) -> int | None:
    if one is None or other is None:
        return None
    try:
        return 0 if one == other else -1 if one < other else 1
    except (ValueError, TypeError, AttributeError, IndexError):
        return None


def match(ecosystem: str, version: str | None, ranges: Iterable[Range], listed: Iterable[str] = ()) -> Match:
    """Whether this version of an ecosystem's package is affected by an advisory's ranges and explicit list for it."""
    if not version:
        return Match(Verdict.CANNOT_TELL, reason="the version is not known")
    ranges, listed = tuple(ranges), frozenset(listed)
    in_list, in_ranges = _listed(ecosystem, version, listed), _in_ranges(ecosystem, version, ranges)
    by = tuple(name for name, hit in (("versions", in_list), ("ranges", in_ranges)) if hit)
    if by:
        return Match(Verdict.AFFECTED, by, _first_fix(ecosystem, version, ranges, listed))
    if in_ranges is None:
        return Match(Verdict.CANNOT_TELL, reason=_doubt(ecosystem, version, ranges))
    if not listed and all(part.kind == "GIT" for part in ranges):
        return Match(Verdict.CANNOT_TELL, reason="the advisory names neither versions nor an ordered range")
    return Match(Verdict.UNAFFECTED)


def _doubt(ecosystem: str, version: str, ranges: tuple[Range, ...]) -> str:
    if not understands(ecosystem) and any(part.kind != "SEMVER" for part in ranges):
        return f"the order of versions in {ecosystem} is not known"
    if _key(ecosystem, version, "ECOSYSTEM") is None:
        return f"{version!r} is not a version of {ecosystem}"
    return f"the advisory's ranges are not versions of {ecosystem}"


def _listed(ecosystem: str, version: str, listed: frozenset[str]) -> bool:
    """In the list as written, or as another spelling of the same version (1.0 and 1.0.0, 3.01 and 3.1 in PyPI)."""
    if version in listed:
        return True
    key = parse(ecosystem, version)
    return key is not None and any(key == parse(ecosystem, other) for other in listed)


def _in_ranges(ecosystem: str, version: str, ranges: tuple[Range, ...]) -> bool | None:
    verdicts = [_within(ecosystem, version, part) for part in ranges if part.kind != "GIT"]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _within(ecosystem: str, version: str, part: Range) -> bool | None:
    """Three-valued: False as soon as one bound excludes it, None where a bound cannot be compared."""
    key = _key(ecosystem, version, part.kind)
    tests: list[bool | None] = []
    if part.introduced not in (None, "0"):
        tests.append(_holds(_order(key, _key(ecosystem, part.introduced, part.kind)), (0, 1)))
    if part.fixed is not None:
        tests.append(_holds(_order(key, _key(ecosystem, part.fixed, part.kind)), (-1,)))
    if part.last_affected is not None:
        tests.append(_holds(_order(key, _key(ecosystem, part.last_affected, part.kind)), (-1, 0)))
    if False in tests:
        return False
    return None if None in tests else True


def _key(ecosystem: str, version: str | None, kind: str) -> Version | None:
    if version is None:
        return None
    return _semantic(version) if kind == "SEMVER" else parse(ecosystem, version)


def _holds(order: int | None, wanted: tuple[int, ...]) -> bool | None:
    return None if order is None else order in wanted


def _first_fix(ecosystem: str, version: str, ranges: tuple[Range, ...], listed: frozenset[str]) -> str | None:
    """The smallest `fixed` above this version that is itself neither listed nor in a range."""
    above = []
    for part in ranges:
        key = _key(ecosystem, version, part.kind)
        fix = _key(ecosystem, part.fixed, part.kind)
        if part.fixed is not None and part.kind != "GIT" and _order(key, fix) == -1:
            above.append((part.fixed, fix))
    best: tuple[str, Version | None] | None = None
    for text, fix in above:
        free = not _listed(ecosystem, text, listed) and _in_ranges(ecosystem, text, ranges) is False
        if free and (best is None or _order(fix, best[1]) == -1):
            best = (text, fix)
    return best[0] if best else None


def distance(ecosystem: str, have: str, want: str) -> Distance | None:
    """How far `have` lies behind `want`; None where either is not understood or their epochs differ."""
    order = compare(ecosystem, have, want)
    ours, theirs = _numbers(have), _numbers(want)
    if order is None or ours is None or theirs is None or ours[0] != theirs[0]:
        return None
    steps = [0, 0, 0]
    for place, (low, high) in enumerate(zip(ours[1], theirs[1], strict=True)):
        if low != high:
            steps[place] = max(high - low, 0) if order == -1 else 0
            break
    return Distance(steps[0], steps[1], steps[2], order == -1)


_LEADING = re.compile(r"(?:([0-9]{1,9})[!:])?[vV]?([0-9]{1,18})(?:\.([0-9]{1,18}))?(?:\.([0-9]{1,18}))?", re.ASCII)


def _numbers(version: str) -> tuple[int, tuple[int, int, int]] | None:
    """A version's epoch and its first three numbers."""
    found = _LEADING.match(version.strip())
    if not found:
        return None
    epoch, major, minor, patch = (int(part or 0) for part in found.groups())
    return epoch, (major, minor, patch)
