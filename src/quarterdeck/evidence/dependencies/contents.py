"""What one manifest lists: components, edges among them, problems."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field, replace

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.dependencies.package_urls import Package
from quarterdeck.evidence.documents import MalformedError

MOST_EDGES = 2_000_000
MOST_NAMESAKES = 1_000  # versions of one package in one manifest
RUNTIME, DEV = "runtime", "dev"


@dataclass(frozen=True)
class Component:
    """One package as a manifest lists it; see the table components."""

    package: Package
    line: int | None = None
    direct: bool | None = None
    scope: str | None = None
    licence: str | None = None
    hashed: bool | None = None


@dataclass(frozen=True)
class Include:
    """A file that a manifest takes in: its path as written, and where that stands."""

    path: str
    line: int


@dataclass
class Contents:
    """What one manifest lists. A package listed twice is one component: needed at run time or directly by either."""

    manifest: str
    origin: str
    components: dict[str, Component] = field(default_factory=dict)
    edges: dict[tuple[str, str], None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)

    def add(self, component: Component) -> None:
        """List a component, or join it to the one of the same package URL."""
        purl = component.package.purl
        known = self.components.get(purl)
        if known is not None:
            component = replace(
                known,
                direct=known.direct if component.direct is None else (known.direct or component.direct),
                scope=RUNTIME if RUNTIME in (known.scope, component.scope) else known.scope or component.scope,
                licence=known.licence or component.licence,
                hashed=known.hashed if component.hashed is None else bool(known.hashed and component.hashed),
            )
        self.components[purl] = component

    def need(self, one: str, other: str) -> None:
        """Say that one package needs another, both by package URL."""
        if one != other:
            self.edges[one, other] = None
        if len(self.edges) > MOST_EDGES:
            raise MalformedError(f"it has more than {MOST_EDGES} edges")

    def problem(self, line: int | None, reason: str, text: str = "") -> None:
        """Note what could not be read."""
        self.problems.append(Problem(self.origin, line, reason, text[:200]))


def few(named: Mapping[str, Sized]) -> None:
    """Refuse a manifest that lists one name absurdly often: looking it up would cost the square of that."""
    for name, places in named.items():
        if len(places) > MOST_NAMESAKES:
            raise MalformedError(f"it lists {name[:80]} more than {MOST_NAMESAKES} times")
