"""Files that are large, change much and are mended often: rework them before they cost more."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, Past, Reference, Size
from quarterdeck.evidence.git.classification import language
from quarterdeck.office.candidates import histories, past
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import KINDS, Places, places
from quarterdeck.office.candidates.words import joined, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "hotspots"
CHANGES = 8  # a year: less than one change in six weeks is no place where work piles up
FIXES = 3  # mended in a year: two may be chance
LINES = 200  # below it a file is read at a glance and rewritten in passing
MOST = 3  # of one repository: who reworks more at once rewrites the system


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, at most MOST a repository, the highest score first."""
    known, rates = places(harvest), past.line_rates(harvest)
    for repository in histories.repositories(harvest):
        files = histories.sources(harvest, repository)
        spots = [spot for spot in _spots(harvest, repository) if spot.path in files and _worth(spot)]
        yield from (_candidate(spot, repository, known, rates.get(repository, ())) for spot in spots[:MOST])


def _worth(spot: Any) -> bool:
    return spot.changes >= CHANGES and spot.fixes >= FIXES and spot.lines >= LINES


def _spots(harvest: Harvest, repository: str) -> tuple[Any, ...]:
    engine = histories.knowledge()
    touched, recent = histories.touches(harvest, repository)
    if recent is None:
        return ()
    found: tuple[Any, ...] = engine.assess(
        engine.Inputs(touched, depth=0, recent_from=recent, hotspots=200)
    ).hotspots.files
    return found


def _candidate(spot: Any, repository: str, known: Places, rates: tuple[float, ...]) -> Candidate:
    values = {
        "path": spot.path,
        "subject": repository,
        "changes": spot.changes,
        "fixes": spot.fixes,
        "churn": spot.churn,
        "lines": spot.lines,
    }
    why = joined(
        say(
            _(
                "%(lines)s lines, changed %(changes)s times in a year (%(churn)s lines), "
                "%(fixes)s of them to mend a defect."
            ),
            **values,
        ),
        say(_("The effort is what rewriting it took at the pace of the repository’s past months."), **values)
        if rates
        else None,
    )
    days = tuple(sorted(spot.lines / rate for rate in rates))
    spoken = language(spot.path)
    changed = f"{spot.path}: {spot.changes} commits"
    file = (("repository", repository), ("path", spot.path))
    return Candidate(
        key(NAME, repository, spot.path),
        NAME,
        f"{repository} {spot.path}",
        say(_("Rework %(path)s in %(subject)s"), **values),
        why,
        system=known.system(repository),
        size=Size(spot.score / 1e6, say(_("million lines changed × lines × share of fixes"))),
        past=Past(days, say(_("months of work on the repository"))) if days else None,
        hints=(spoken.lower(),) if spoken else (),
        path=(
            Reference("commit_files", "", repository, None, f"{changed}, {spot.fixes} fixes", file),
            Reference("tree_files", "", repository, None, f"{spot.path}: {spot.lines} lines", file),
        ),
        facts=(f"hotspot {spot.path}",),
    )


SOURCE = CandidateSource(NAME, gettext_lazy("Hotspots in code"), histories.TABLES, KINDS, find)
