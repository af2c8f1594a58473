"""Weak places of the architecture: single points of failure, cycles across teams, critical systems on less critical."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.chapters.strategy.architecture import structure
from quarterdeck.engines.candidate import ONE, Candidate, Reference, Size, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.office.candidates import spending, worked
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import CRITICAL, KINDS, Places, places
from quarterdeck.office.candidates.words import joined, listed, say
from quarterdeck.runs.candidates import CandidateSource, Harvest, engine

NAME = "structure"
GRAVEST = 4  # criticality from which a failure stops the company; where none is so grave, CRITICAL counts
GAP = 2  # steps of criticality: one is a matter of judgement, two are another standard
VICTIMS = 2  # critical systems that fail with it: one that needs another is an ordinary need, two share a weakness
TEAMS = 2  # teams in a cycle: within one team it is that team's own business
MOST_ROWS = 8


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, each with the effort of what the company undertook before: a map of systems tells no size."""
    for found, pieces in _weak(harvest):
        taken = (worked.epics(harvest) if pieces else None) or worked.undertakings(harvest)
        if taken is None:
            yield found
            continue
        why, path = joined(found.why, taken.said(), _pieces(pieces)), (*found.path, *taken.newest)
        yield replace(found, why=why, past=taken.past(pieces or ONE), path=path)


def _pieces(pieces: Estimate | None) -> Words | None:
    if pieces is None or pieces.high == 1:
        return None
    return say(_("It is done in one place, or in each of %(count)s."), count=round(pieces.high))


def _weak(harvest: Harvest) -> Iterator[tuple[Candidate, Estimate | None]]:
    """Single points and vendors, each an initiative (None); cycles across teams and systems less critical than what
    needs them, each as many epics as there are places in which it may be mended."""
    known = places(harvest)
    graph = engine("graph")
    edges = structure.edges(graph, harvest.rows("dependency", retired__empty=True), known.systems)
    nodes = tuple(graph.Node(s.key, s.criticality or 0, s.vendor or None) for s in known.systems.values())
    if not edges:
        return
    result = graph.examine(graph.Inputs(nodes, edges, critical=_gravest(known), examples=50))
    rows = {(edge.dependent, edge.dependency) for edge in edges}
    circles = [set(cycle.nodes) for cycle in result.cycles]
    points = [point for point in result.single_points if _counts(point, known, circles)]
    yield from ((_paid(harvest, _single(point, known, rows)), None) for point in points)
    for cycle in result.cycles:
        teams = sorted({owner for name in cycle.nodes if (found := known.known(name)) and (owner := found.owner)})
        if len(teams) >= TEAMS:
            yield _cycle(cycle, teams), Estimate(1.0, 1.0, float(len(cycle.witness)))
    for weak, users in _inverted(result.inversions, known):
        yield weak, Estimate(1.0, 1.0, float(users))


def _gravest(known: Places) -> int:
    """The criticality whose failures count: the gravest level, where any system has it, else from where work stops."""
    return GRAVEST if any((s.criticality or 0) >= GRAVEST for s in known.systems.values()) else CRITICAL


def _counts(point: Any, known: Places, circles: list[set[str]]) -> bool:
    """Whether enough fails with it that is not in its own circle; a vendor must stand behind more than one system."""
    own = [s for s in known.systems.values() if s.vendor == point.cause]
    around: set[str] = set().union(*(circle for circle in circles if point.cause in circle))
    outside = point.critical - len(around.intersection(point.targets))
    return outside >= VICTIMS and (not point.is_zone or len(own) > 1)


def _single(point: Any, known: Places, rows: set[tuple[str, str]]) -> Candidate:
    victims = list(point.targets)
    title = say(_("Give %(subject)s a stand-in: critical systems fail with it"), subject=point.cause)
    if point.is_zone:
        title = say(_("Find a second source beside %(subject)s: critical systems fail with it"), subject=point.cause)
    direct = [pair for pair in sorted(rows) if pair[1] == point.cause]
    path = tuple(
        Reference("kind:dependency", "", "/".join(pair), None, f"{pair[0]} → {pair[1]}") for pair in direct[:MOST_ROWS]
    )
    if point.is_zone:
        path = tuple(
            Reference("kind:system", "", s.key, None, point.cause)
            for s in known.systems.values()
            if s.vendor == point.cause
        )[:MOST_ROWS]
    why = say(
        _(
            "When it fails, these critical systems fail too: %(names)s. Alternatives it "
            "defeats all the same: %(count)s."
        ),
        names=listed(victims),
        count=point.defeated,
    )
    return Candidate(
        key(NAME, "single-point", point.cause),
        NAME,
        point.cause,
        title,
        why,
        action="stand-in",
        system="" if point.is_zone else point.cause,
        size=Size(float(point.critical), say(_("critical systems"))),
        missing=("capital",),
        path=path,
        facts=tuple(f"fails {name}" for name in victims),
    )


def _paid(harvest: Harvest, found: Candidate) -> Candidate:
    """With what a stand-in would cost a month: as much as what it stands in for, where the bill names that."""
    cost = spending.monthly(harvest, found.system) if found.system else None
    if cost is None:
        return found
    said = say(_("A second copy is taken to cost a month what the first costs on the bill."))
    return replace(found, why=joined(found.why, said), running=cost.money, path=(*found.path, *cost.rows))


def _cycle(cycle: Any, teams: list[str]) -> Candidate:
    names = sorted(cycle.nodes)
    round_trip = " → ".join((*cycle.witness, cycle.witness[0]))
    title = say(_("Break the circle of %(names)s"), names=listed(names, 3))
    why = say(
        _(
            "They need each other (%(circle)s) and belong to %(count)s teams (%(teams)s): "
            "none can be changed, tested or moved alone."
        ),
        circle=round_trip,
        count=len(teams),
        teams=listed(teams),
    )
    pairs = list(zip(cycle.witness, (*cycle.witness[1:], cycle.witness[0]), strict=True))
    return Candidate(
        key(NAME, "cycle", *names),
        NAME,
        names[0],
        title,
        why,
        system=names[0],
        size=Size(float(len(names)), say(_("systems"))),
        path=tuple(
            Reference("kind:dependency", "", "/".join(pair), None, " → ".join(pair)) for pair in pairs[:MOST_ROWS]
        ),
        facts=(*(f"circle {name}" for name in names), *(f"team {name}" for name in teams)),
    )


def _inverted(inversions: Any, known: Places) -> Iterator[tuple[Candidate, int]]:
    """Less critical systems that critical ones need without an alternative, and how many do; unknown criticality says
    nothing."""
    found: dict[str, list[Any]] = {}
    for one in inversions:
        lower, upper = known.known(one.dependency), known.known(one.dependent)
        told = lower and upper and lower.criticality is not None and (upper.criticality or 0) >= CRITICAL
        if told and one.gap >= GAP and not one.group:
            found.setdefault(one.dependency, []).append(one)
    for name in sorted(found):
        needing = sorted(found[name], key=lambda one: (-one.gap, one.dependent))
        users = [one.dependent for one in needing]
        why = say(
            _(
                "Needed by %(names)s, more critical by up to %(gap)s steps: it is kept to "
                "a lower standard than what rests on it."
            ),
            names=listed(users),
            gap=needing[0].gap,
        )
        weak = Candidate(
            key(NAME, "less-critical", name),
            NAME,
            name,
            say(_("Raise %(subject)s to the standard of what rests on it, or decouple them"), subject=name),
            why,
            system=name,
            size=Size(float(sum(one.gap for one in needing)), say(_("steps of criticality"))),
            path=tuple(
                Reference("kind:dependency", "", f"{user}/{name}", None, f"{user} → {name}")
                for user in users[:MOST_ROWS]
            ),
            facts=tuple(f"needs {user}" for user in users),
        )
        yield weak, len(users)


SOURCE = CandidateSource(
    NAME, gettext_lazy("Architecture"), (*worked.TABLES, *spending.TABLES), (*KINDS, *worked.KINDS), find
)
