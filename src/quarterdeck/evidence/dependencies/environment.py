"""Reads the packages installed in a Python environment, by their metadata alone; nothing of them is imported or run."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.dependencies.contents import RUNTIME, Component, Contents
from quarterdeck.evidence.dependencies.package_urls import Package, package
from quarterdeck.evidence.hostile import MEBIBYTE
from quarterdeck.evidence.versions import package_name

LARGEST_METADATA = 4 * MEBIBYTE
MOST_PACKAGES = 50_000


def is_environment(path: Path) -> bool:
    """Whether a folder holds installed Python packages."""
    if not path.is_dir():
        return False
    return path.name in ("site-packages", "dist-packages") or next(path.glob("*.dist-info"), None) is not None


def environment(folder: Path | None) -> Contents:
    """Packages installed in a site-packages folder; None is the environment this program runs in.

    direct is told by the file REQUESTED that installers leave, where any package has it. Needs with a condition are
    judged for the interpreter that runs this program, without extras.
    """
    folders = [folder] if folder is not None else [Path(each) for each in sys.path if each and Path(each).is_dir()]
    contents = Contents("Python environment", "site-packages" if folder is None else folder.name)
    found: dict[str, tuple[Distribution, Package]] = {}
    for each in folders:
        _check(each)
        for distribution, parsed in _installed(each, contents):
            found.setdefault(parsed.name, (distribution, parsed))  # the first on the path is the one imported
    requested = {name for name, (each, _) in found.items() if each.read_text("REQUESTED") is not None}
    for name, (distribution, parsed) in sorted(found.items()):
        direct = name in requested if requested else None
        hashed = distribution.read_text("RECORD") is not None
        contents.add(Component(parsed, None, direct, RUNTIME, _licence(distribution), hashed))
        for other in _needs(distribution, contents):
            if other in found:
                contents.need(parsed.purl, found[other][1].purl)
    return contents


def _check(folder: Path) -> None:
    """Refuse metadata too large to be read whole, before the standard library reads it whole."""
    for seen, path in enumerate(folder.glob("*-info"), 1):
        if seen > MOST_PACKAGES:
            raise Refused(folder.name, f"holds more than {MOST_PACKAGES} packages")
        for name in ("METADATA", "PKG-INFO", "REQUESTED", "RECORD"):
            file = path / name
            if file.exists() and not file.is_file():
                raise Refused(f"{folder.name}/{path.name}/{name}", "is not a regular file")
            largest = LARGEST_METADATA * (16 if name == "RECORD" else 1)
            if file.is_file() and file.stat().st_size > largest:
                raise Refused(f"{folder.name}/{path.name}/{name}", f"is larger than {largest // MEBIBYTE} MiB")


def _installed(folder: Path, contents: Contents) -> Iterator[tuple[Distribution, Package]]:
    for distribution in distributions(path=[str(folder)]):
        try:
            metadata = distribution.metadata
            name, version = str(metadata["Name"] or ""), str(metadata["Version"] or "") or None
            yield distribution, package("pypi", _plain(name), version and _plain(version))
        except (ValueError, KeyError, TypeError, OSError) as error:
            contents.problem(None, f"a package's metadata cannot be read: {error}")


def _plain(text: str) -> str:
    if not text.isprintable() or len(text) > 300:
        raise ValueError("a name or version is no plain text")
    return text.strip()


def _licence(distribution: Distribution) -> str | None:
    """The licence expression; else what the classifiers say; else the first line of the free text, if it is short."""
    metadata = distribution.metadata
    expression = metadata.get_all("License-Expression")
    if expression:
        return _cut(str(expression[0]))
    classifiers = [str(each) for each in metadata.get_all("Classifier") or [] if str(each).startswith("License ::")]
    named = [each.rpartition("::")[2].strip() for each in classifiers if each.count("::") > 1]
    if named:
        return _cut("; ".join(dict.fromkeys(named)))
    lines = "\n".join(str(each) for each in metadata.get_all("License") or []).strip().splitlines()
    return _cut(lines[0]) if lines and len(lines[0]) <= 120 else None


def _cut(text: str) -> str | None:
    return re.sub(r"[\x00-\x1f\ud800-\udfff]", " ", text)[:300].strip() or None


def _needs(distribution: Distribution, contents: Contents) -> Iterator[str]:
    for text in distribution.requires or []:
        try:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield package_name("PyPI", requirement.name)
        except (InvalidRequirement, ValueError, KeyError) as error:
            name = str(distribution.metadata["Name"])[:80]
            contents.problem(None, f"{name} needs something unreadable: {str(error).splitlines()[0][:120]}")
