"""Components and runtimes whose support has ended or soon ends: move each to a supported release before that day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, Reference, Size, Steps, Words
from quarterdeck.evidence.end_of_life import Cycle, Phase, Products, cycles, status
from quarterdeck.evidence.versions import distance, package_name
from quarterdeck.office.candidates import losses, past
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import KINDS, Places, places
from quarterdeck.office.candidates.words import joined, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "ended"
AHEAD = 365  # days before the end from which to plan: a year's budget is set once a year
MOST_ROWS = 8
COLUMNS = ("source", "subject", "purl", "ecosystem", "name", "version", "origin", "line")
IMAGES = frozenset({"docker", "oci", "generic", "github"})  # package URLs' types that name runtimes, not libraries


@dataclass(frozen=True)
class Use:
    """One release cycle in one subject, and the rows that say so."""

    subject: str
    cycle: Cycle
    ecosystem: str
    package: str
    version: str
    rows: tuple[Reference, ...]


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, one for each subject and release cycle that has ended or ends within AHEAD days."""
    table = harvest.table("life_cycles")
    known, changes = places(harvest), past.upgrades(harvest)
    all_cycles = cycles(table)
    told = {(row["product"], row["cycle"]): _told(row) for row in table.to_dicts()}
    uses = _uses(harvest, Products(all_cycles))
    ended = [use for use in uses if status(use.cycle, harvest.today, AHEAD).phase in (Phase.ENDED, Phase.ENDING)]
    count: dict[str, int] = {}
    for use in ended:
        system = known.system(use.subject)
        count[system] = count.get(system, 0) + 1
    for use in ended:
        target = _target(use.cycle, all_cycles, harvest.today)
        yield _candidate(harvest, use, target, known, changes, told, count)


def _told(row: dict[str, object]) -> Reference:
    says = f"{row['product']} {row['cycle']}: {row['ends'] or row['ended']}"
    return Reference("life_cycles", str(row["source"]), str(row["origin"]), row["line"], says)  # type: ignore[arg-type]


def _uses(harvest: Harvest, products: Products) -> list[Use]:
    found: dict[tuple[str, str, str], Use] = {}
    rows = harvest.table("components", *COLUMNS).sort("subject", "name", "version", "origin", "line")
    for source, subject, purl, ecosystem, name, version, origin, line in rows.iter_rows():
        belongs = products.component(purl, version)
        if belongs is None and (ecosystem or "").lower() in IMAGES:
            belongs = products.runtime(f"{name} {version or ''}")
        if belongs is None or belongs.cycle is None:
            continue
        row = Reference("components", source, origin, line, f"{name} {version or ''}".rstrip())
        place = (subject, belongs.product, belongs.cycle.cycle)
        before = found.get(place)
        package = package_name(ecosystem or "", name)
        found[place] = Use(
            subject, belongs.cycle, ecosystem or "", package, version or "", (*(before.rows if before else ()), row)
        )
    return [found[place] for place in sorted(found)]


def _target(cycle: Cycle, known: tuple[Cycle, ...], today: date) -> Cycle | None:
    """The supported release of the same product that lasts longest, and of equals the newest."""
    later = [c for c in known if c.product == cycle.product and status(c, today, AHEAD).phase is Phase.SUPPORTED]
    after = [c for c in later if (c.released or date.min) > (cycle.released or date.min)]
    return max(after, key=lambda c: (c.ends or date.max, c.released or date.min, c.cycle), default=None)


def _candidate(
    harvest: Harvest,
    use: Use,
    target: Cycle | None,
    known: Places,
    changes: past.Upgrades,
    told: dict[tuple[str, str], Reference],
    count: dict[str, int],
) -> Candidate:
    system, cycle = known.system(use.subject), use.cycle
    standing = status(cycle, harvest.today, AHEAD)
    steps = _steps(use, target)
    past_work = changes.past(use.subject) if target else None
    overdue = -standing.days_left if standing.days_left is not None else 0
    newest = changes.of(use.subject).newest if past_work else ()
    sources = tuple(
        told[place]
        for place in {(cycle.product, cycle.cycle): 0, **({(target.product, target.cycle): 0} if target else {})}
    )
    return Candidate(
        key(NAME, use.subject, cycle.product, cycle.cycle),
        NAME,
        use.subject,
        _title(use, target, standing.phase),
        joined(_when(cycle, standing.phase), past.said(changes.of(use.subject), steps) if past_work else None),
        action=f"upgrade:{use.ecosystem.lower()}/{use.package}",
        system=system,
        size=Size(float(overdue), say(_("days past the end")), news=False),
        by=cycle.ends,
        steps=steps,
        past=past_work,
        loss=losses.bounded(losses.scenarios(harvest, system, "obsolescence"), 1 / count[system]),
        hints=(use.ecosystem.lower(),),
        missing=() if target else ("target",),
        path=(*use.rows[:MOST_ROWS], *sources, *newest),
        facts=(f"ends {cycle.ends}", f"phase {standing.phase.value}", f"cycle {cycle.cycle}"),
    )


def _steps(use: Use, target: Cycle | None) -> Steps:
    if target is None:
        return Steps()
    want = target.latest or target.cycle
    apart = distance(use.ecosystem, use.version, want) or distance("npm", f"{use.cycle.cycle}.0", f"{target.cycle}.0")
    return Steps(apart.major, apart.minor, apart.patch) if apart else Steps(major=1)


def _title(use: Use, target: Cycle | None, phase: Phase) -> Words:
    values = {"product": use.cycle.title or use.cycle.product, "subject": use.subject, "cycle": use.cycle.cycle}
    if target is None:
        return say(_("Replace %(product)s %(cycle)s in %(subject)s"), **values)
    return say(_("Move %(subject)s from %(product)s %(cycle)s to %(target)s"), target=target.cycle, **values)


def _when(cycle: Cycle, phase: Phase) -> Words:
    if cycle.ends is None:
        return say(_("Its source says that support of %(cycle)s has ended; it names no day."), cycle=cycle.cycle)
    if phase is Phase.ENDED:
        return say(_("Security support of %(cycle)s ended on %(day)s."), cycle=cycle.cycle, day=cycle.ends)
    return say(_("Security support of %(cycle)s ends on %(day)s."), cycle=cycle.cycle, day=cycle.ends)


SOURCE = CandidateSource(
    NAME, gettext_lazy("Ended support"), ("components", "life_cycles", *past.TABLES), (*KINDS, "scenario"), find
)
