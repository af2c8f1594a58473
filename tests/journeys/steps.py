"""The first steps of the journey, from evidence to initiatives, by the calls that pages and commands make."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import inputs
import own_words
import repositories
from django.utils import timezone
from printing import Report

from quarterdeck.estate import sources
from quarterdeck.evidence import readers
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Authority, Reader
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.kinds.write import write
from quarterdeck.lake import collect, suggestions
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.office.candidates import deeds, drafts
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

CTO, MANAGER = "cto", "general-manager"
TAKEN = 3  # candidates taken up of each source
SHOWN = 30  # candidates in the printed table


@dataclass
class Journey:
    """One walk along the line."""

    folder: Path
    shared: Path
    today: date
    report: Report
    repositories: list[Path] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    proposal: str = ""

    def repositories_from(self, given: list[Path]) -> None:
        """Clone what is given, or rebuild three; put each back to an earlier commit."""
        with self.report.step("Repositories"):
            origins = [path.resolve() for path in given]
            if not origins:
                today = datetime.combine(self.today, clock_time())
                origins = repositories.rebuilt(self.shared, self.folder / "origins", today)
            self.repositories = [repositories.cloned(path, self.folder / "repositories") for path in origins]
            for path in self.repositories:
                head, held = repositories.earlier(path)
                self.heads.append(head)
                self.report.say(f"{path.name}: newest {held} commits held back")

    def users(self) -> None:
        """A CTO, a general manager, and one user of every other role."""
        for role in (CTO, MANAGER):
            user, _born = User.objects.get_or_create(username=role)
            give_roles(user, [role])

    def first_collection(self) -> None:
        """Collect everything and accept what it suggests to the estate."""
        with self.report.step("First collection"):
            self.gather(inputs.first(self.shared, self.folder / "inputs", self.repositories))
        with self.report.step("Suggestions accepted"):
            self.accept("first collection")
            access = Access(self.cto)
            for kind in ("system", "repository", "dependency", "team", "person", "person-skill", "skill", "cost-band"):
                self.report.fact(f"estate_{kind}", access.select(kind).count()[0])
            owned = access.select("system").where(owner__empty=False).count()[0]
            self.report.fact("systems_with_owner", owned)

    def gather(self, wanted: list[inputs.Source]) -> None:
        """Collect sources and hold them against the estate."""
        rows = []
        for source in wanted:
            found = collect.collect(readers.by_name(source.reader), source.path, by="user:cto", name=source.name)
            opened = sources.suggest(EvidenceSource.objects.get(reader=source.reader, name=found.source))
            rows.append((source.reader, found.source, sum(found.rows.values()), found.problems, opened))
        self.report.table(("reader", "source", "rows", "problems", "suggestions"), rows)

    def accept(self, name: str) -> None:
        """Accept what the sources suggest, one after the other, until nothing is open but what a person must settle."""
        sorts, taken, opened = Counter[tuple[str, str, str]](), 0, True
        while opened:
            opened = False
            for source in EvidenceSource.objects.order_by("id"):
                sources.suggest(source)
                wanted = [
                    s
                    for s in suggestions.open_suggestions(source.name)
                    if s.source_id == source.pk and s.sort != "conflict"
                ]
                sorts.update((s.sort, s.kind, source.reader) for s in wanted)
                taken += suggestions.accept(Authority(self.cto), wanted, f"{name}, {source.reader} {source.name}")
                opened = opened or bool(wanted)
        left = Counter(("conflict", s.kind, s.source.reader) for s in suggestions.open_suggestions())
        self.report.table(
            ("sort", "kind", "said by", "how many"), [(*key, count) for key, count in sorted((sorts + left).items())]
        )
        self.report.fact(f"accepted_in_{name.replace(' ', '_')}", taken)
        self.report.fact(f"conflicts_in_{name.replace(' ', '_')}", sum(left.values()))

    def words(self) -> None:
        """What the CTO says, as one commit through the one door in."""
        with self.report.step("The CTO's own words"):
            changes, places = own_words.systems(self.cto, [path.name for path in self.repositories])
            start = _next_quarter(self.today)
            changes += [*own_words.ground(places, start), *own_words.aims(places, start), *own_words.entered(places)]
            done = write(Authority(self.cto), _together(changes), "the CTO's words")
            self.report.fact("words_records", done.created + done.updated)
            self.report.say(f"systems: {', '.join((*places.front, *places.own, *places.below))}")

    def candidates(self) -> None:
        """What evidence says should be done; some of it taken up with what a person must say."""
        with self.report.step("Candidates from evidence"):
            found = answers.answer("candidates", self.cto)
            self._candidate_table(found)
            self.count(found, "open_packages")
        with self.report.step("Candidates taken up"):
            rows = [self.take(weighed) for weighed in _some(found.result.candidates)]
            self.report.table(("initiative", "a person said"), rows)
            self.report.fact("candidates_taken", len(rows))

    def count(self, found: Answered, name: str) -> None:
        """Write down how many packages have open advisories."""
        change = own_words.counted(found.result.candidates, timezone.localdate())
        write(Authority(self.cto), [change], "measured by hand")
        self.report.fact(name, (change.values or {})["today"])

    def _candidate_table(self, found: Answered) -> None:
        ranked = found.result.candidates
        rows = [
            (
                weighed.candidate.source,
                weighed.candidate.title.en,
                _span(weighed.candidate.efforts[0].months if weighed.candidate.efforts else None, 2),
                _span(weighed.candidate.duration, 1),
                _span(weighed.avoided or weighed.saved, 0),
                len(weighed.candidate.path),
                ", ".join(weighed.candidate.missing),
            )
            for weighed in ranked[:SHOWN]
        ]
        heads = (
            "source",
            "candidate",
            "person-months",
            "months",
            f"{found.result.currency} a year",
            "path",
            "a person must say",
        )
        self.report.table(heads, rows)
        standing = Counter(weighed.candidate.source for weighed in ranked)
        self.report.fact("candidates", len(ranked))
        self.report.fact("candidate_sources", dict(sorted(standing.items())))
        self.report.fact("candidates_with_path", sum(bool(w.candidate.path) for w in ranked))
        told = [w for w in ranked if w.candidate.efforts or w.candidate.duration or w.avoided or w.saved]
        self.report.fact("candidates_with_interval", len(told))
        silent = [w.candidate.key for w in ranked if w not in told and not w.candidate.missing]
        self.report.fact("candidates_silent", silent)

    def take(self, weighed: Any) -> tuple[str, str]:
        """Make an initiative of a candidate; its key, and what a person had to say."""
        draft = drafts.draft(self.cto, weighed, timezone.localdate())
        draft, said = own_words.completed(draft, weighed.candidate.missing)
        key = deeds.accept(self.cto, weighed, draft)
        more = own_words.moves(key, weighed.candidate.source)
        if more:
            write(Authority(self.cto), more, "the CTO's words")
        return key, ", ".join(said) or "nothing more"

    @property
    def cto(self) -> Reader:
        """The CTO as a reader."""
        return reader_named(CTO)


def reader_named(name: str) -> Reader:
    """A user as a reader."""
    return reader_of(User.objects.get(username=name))


def _next_quarter(day: date) -> date:
    month = (day.month - 1) // 3 * 3 + 3
    return date(day.year + month // 12, month % 12 + 1, 1)


def _together(changes: list[Change]) -> list[Change]:
    """Changes of the same record as one."""
    found: dict[object, Change] = {}
    for place, change in enumerate(changes):
        mark = (change.kind, change.key.casefold()) if change.key else place
        before = found.get(mark)
        values = {**(before.values or {}), **(change.values or {})} if before else change.values
        found[mark] = Change(change.kind, change.key, values)
    return list(found.values())


def _some(ranked: tuple[Any, ...]) -> list[Any]:
    """The first few candidates of each source, in the order in which to look at them."""
    taken = Counter[str]()
    chosen = []
    for weighed in ranked:
        if taken[weighed.candidate.source] < TAKEN:
            taken[weighed.candidate.source] += 1
            chosen.append(weighed)
    return chosen


def _span(estimate: Any, digits: int) -> str:
    if estimate is None:
        return "cannot tell"
    return " – ".join(f"{value:,.{digits}f}" for value in (estimate.low, estimate.likely, estimate.high))
