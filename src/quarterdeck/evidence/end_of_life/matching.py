"""Finds the release cycle that a component or a named runtime belongs to."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from packageurl import PackageURL

from quarterdeck.evidence.end_of_life.standing import Cycle

LONGEST = 500


@dataclass(frozen=True)
class Belongs:
    """A product, its cycle (None where the product is known but no cycle fits), and what told them: purl, name."""

    product: str
    cycle: Cycle | None
    by: str


class Products:
    """Known cycles, indexed by package URL and by name."""

    def __init__(self, cycles: Iterable[Cycle]) -> None:
        self._cycles: dict[str, dict[str, Cycle]] = defaultdict(dict)
        self._purls: dict[str, str] = {}
        self._names: dict[str, str] = {}
        known = tuple(cycles)
        for cycle in known:
            self._cycles[cycle.product][cycle.cycle.lower()] = cycle
            self._names[_folded(cycle.product)] = cycle.product
        for cycle in known:  # a product's own name is never taken by another's alias
            self._also(cycle)

    def _also(self, cycle: Cycle) -> None:
        for name in (*cycle.aliases, cycle.title or ""):
            if _folded(name):
                self._names.setdefault(_folded(name), cycle.product)
        for identifier in cycle.identifiers:
            if identifier.startswith("pkg:"):
                key = _bare(identifier)
                if key:
                    self._purls.setdefault(key, cycle.product)
            elif identifier.startswith("repology:"):
                self._names.setdefault(_folded(identifier.removeprefix("repology:")), cycle.product)

    def component(self, purl: str | None, version: str | None) -> Belongs | None:
        """The cycle of a component by its package URL: only products that name this URL as theirs."""
        key = _bare(purl) if purl else None
        product = self._purls.get(key) if key else None
        if product is None:
            return None
        return Belongs(product, self.cycle(product, version) if version else None, "purl")

    def runtime(self, text: str) -> Belongs | None:
        """The cycle of a runtime named in words: python 3.8, nodejs18.x, python:3.12-slim, OpenJDK-17."""
        words = text.strip()[:LONGEST]
        for name, version in _splits(words):
            product = self._names.get(_folded(name))
            if product is not None:
                return Belongs(product, self.cycle(product, version) if version else None, "name")
        return None

    def cycle(self, product: str, version: str) -> Cycle | None:
        """The cycle whose name is the longest beginning of the version: 3.8.10 is of 3.8, 3.80 is not."""
        known = self._cycles.get(product, {})
        text = re.sub(r"^v(?=\d)", "", version.strip()[:LONGEST].lower())
        for end in range(len(text), 0, -1):
            if text[:end] in known and _whole(text, end):
                return known[text[:end]]
        return None


def _whole(text: str, end: int) -> bool:
    """Whether a name may end here: not within a number or a word."""
    if end == len(text):
        return True
    last, following = text[end - 1], text[end]
    return not ((last.isdigit() and following.isdigit()) or (last.isalpha() and following.isalpha()))


def _folded(name: str) -> str:
    return re.sub(r"[^0-9a-z.+#]+", "", name.lower())


_VERSION = re.compile(r"v?\d[0-9A-Za-z.+_-]*$")


def _splits(text: str) -> list[tuple[str, str | None]]:
    """Name and version, cut at the first digit that may begin one; a name may hold digits itself (log4j 2)."""
    found: list[tuple[str, str | None]] = []
    for place in re.finditer(r"(?<![0-9.])v?\d", text):
        name, version = text[: place.start()].rstrip(" \t:/@-_="), text[place.start() :].split()[0]
        if name and _VERSION.fullmatch(version):
            found.append((name, version))
    return [*found, (text, None)]


def _bare(purl: str) -> str | None:
    """A package URL's type, namespace and name alone, in its canonical form."""
    try:
        parsed = PackageURL.from_string(purl[:LONGEST])
    except ValueError:
        return None
    return PackageURL(type=parsed.type, namespace=parsed.namespace, name=parsed.name).to_string()
