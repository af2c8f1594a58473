"""The steps of the journey, by the calls that pages and commands make; each prints what it did and keeps what came of it."""

import shutil
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

from quarterdeck.decisions import deciding
from quarterdeck.estate import sources
from quarterdeck.evidence import readers
from quarterdeck.kinds import proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.models import Commit, User
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.kinds.write import write
from quarterdeck.lake import collect, suggestions
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.office.candidates import deeds, drafts, remembered
from quarterdeck.office.documents import building, editions
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.office.plan import whatif
from quarterdeck.office.plan.view import view
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

CTO, MANAGER = "cto", "general-manager"
TAKEN = 3  # candidates taken up of each source
SHOWN = 30  # candidates in the printed table
LEAVER = "staff-024"


@dataclass
class Journey:
    """One walk along the line."""

    folder: Path
    shared: Path
    today: date
    report: Report
    repositories: list[Path] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    words_for: own_words.Places | None = None
    proposal: str = ""

    # -- evidence ----------------------------------------------------------------------------------------------------

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
            self._gather(inputs.first(self.shared, self.folder / "inputs", self.repositories))
        with self.report.step("Suggestions accepted"):
            self._accept("first collection")
            access = Access(self.cto)
            for kind in ("system", "repository", "dependency", "team", "person", "person-skill", "skill", "cost-band"):
                self.report.fact(f"estate_{kind}", access.select(kind).count()[0])
            owned = access.select("system").where(owner__empty=False).count()[0]
            self.report.fact("systems_with_owner", owned)

    def _gather(self, wanted: list[inputs.Source]) -> None:
        rows = []
        for source in wanted:
            found = collect.collect(readers.by_name(source.reader), source.path, by="user:cto", name=source.name)
            opened = sources.suggest(EvidenceSource.objects.get(reader=source.reader, name=found.source))
            rows.append((source.reader, found.source, sum(found.rows.values()), found.problems, opened))
        self.report.table(("reader", "source", "rows", "problems", "suggestions"), rows)

    def _accept(self, name: str) -> None:
        """Accept what the sources suggest, one after the other, until nothing is open but what a person must settle."""
        sorts, taken, opened = Counter[tuple[str, str, str]](), 0, True
        while opened:
            opened = False
            for source in EvidenceSource.objects.order_by("id"):
                sources.suggest(source)
                wanted = [s for s in suggestions.open_suggestions(source.name) if s.source_id == source.pk and s.sort != "conflict"]
                sorts.update((s.sort, s.kind, source.reader) for s in wanted)
                taken += suggestions.accept(Authority(self.cto), wanted, f"{name}, {source.reader} {source.name}")
                opened = opened or bool(wanted)
        left = Counter(("conflict", s.kind, s.source.reader) for s in suggestions.open_suggestions())
        self.report.table(("sort", "kind", "said by", "how many"), [(*key, count) for key, count in sorted((sorts + left).items())])
        self.report.fact(f"accepted_in_{name.replace(' ', '_')}", taken)
        self.report.fact(f"conflicts_in_{name.replace(' ', '_')}", sum(left.values()))

    # -- words and candidates ----------------------------------------------------------------------------------------

    def words(self) -> None:
        """What the CTO says, as one commit through the one door in."""
        with self.report.step("The CTO's own words"):
            changes, places = own_words.systems(self.cto, [path.name for path in self.repositories])
            self.words_for, start = places, _next_quarter(self.today)
            changes += [*own_words.ground(places, start), *own_words.aims(places, start), *own_words.entered(places)]
            done = write(Authority(self.cto), _together(changes), "the CTO's words")
            self.report.fact("words_records", done.created + done.updated)
            self.report.say(f"systems: {', '.join((*places.front, *places.own, *places.below))}")

    def candidates(self) -> None:
        """What evidence says should be done; some of it taken up with what a person must say."""
        with self.report.step("Candidates from evidence"):
            found = answers.answer("candidates", self.cto)
            self._candidate_table(found)
        with self.report.step("Candidates taken up"):
            rows = [self._take(weighed) for weighed in _some(found.result.candidates)]
            self.report.table(("initiative", "a person said"), rows)
            self.report.fact("candidates_taken", len(rows))

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
        heads = ("source", "candidate", "person-months", "months", f"{found.result.currency} a year", "path", "a person must say")
        self.report.table(heads, rows)
        standing = Counter(weighed.candidate.source for weighed in ranked)
        self.report.fact("candidates", len(ranked))
        self.report.fact("candidate_sources", dict(sorted(standing.items())))
        self.report.fact("candidates_with_path", sum(bool(w.candidate.path) for w in ranked))
        told = [w for w in ranked if w.candidate.efforts or w.candidate.duration or w.avoided or w.saved]
        self.report.fact("candidates_with_interval", len(told))
        silent = [w.candidate.key for w in ranked if w not in told and not w.candidate.missing]
        self.report.fact("candidates_silent", silent)

    def _take(self, weighed: Any) -> tuple[str, str]:
        draft = drafts.draft(self.cto, weighed, timezone.localdate())
        draft, said = own_words.completed(draft, weighed.candidate.missing)
        key = deeds.accept(self.cto, weighed, draft)
        more = own_words.moves(key, weighed.candidate.source)
        if more:
            write(Authority(self.cto), more, "the CTO's words")
        return key, ", ".join(said) or "nothing more"

    # -- plan --------------------------------------------------------------------------------------------------------

    def plan(self) -> None:
        """The plan and what becomes of it."""
        with self.report.step("Plan"):
            plan = answers.answer("plan", self.cto)
        with self.report.step("Outlook"):
            outlook = answers.answer("outlook", self.cto)
            self._plan_printed(plan, outlook)

    def _plan_printed(self, plan: Answered, outlook: Answered) -> None:
        shown = view(plan, outlook, self.cto, own_words.CURRENCY)
        self.report.fact("plan_sentence", shown.sentence)
        self.report.fact("plan_lede", shown.lede)
        self.report.fact("plan_proof", shown.proof)
        self.report.table(("initiative", "start", "finish", "80 % date", "chance"), shown.starts)
        chosen = plan.result.plan
        bought = [(b.skill, f"quarter {b.quarter + 1}", f"{b.months:.1f} person-months") for b in chosen.bought]
        hired = [(h.route, f"quarter {h.quarter + 1}", f"{h.heads} hired") for h in chosen.hires]
        self.report.table(("hired or bought", "when", "how much"), [*hired, *bought])
        for heading, lines in (("binds", shown.binds), ("left out", shown.left)):
            for line in lines or ():
                self.report.say(f"{heading}: {line.title} – {'; '.join(line.effects)}")
        measured = {k.key: k for k in answers.inputs_of(plan).programme.key_results}
        goals = [(g.title, measured[g.key].today, measured[g.key].target, g.chance, g.due) for g in shown.goals]
        self.report.table(("key result", "today", "target", "chance", "due"), goals)
        self.report.fact("measured", {key: found.today for key, found in measured.items()})
        self.report.fact("plan_hires", sum(h.heads for h in chosen.hires))
        self.report.fact("plan_bought", round(sum(b.months for b in chosen.bought), 1))
        self.report.fact("plan_starts", len(plan.result.plan.starts))
        self.report.fact("plan_left_out", len(plan.result.left_out))
        self.report.fact("plan_initiatives", len(answers.inputs_of(plan).programme.initiatives))
        self.report.fact("plan_violation", plan.result.checks.worst_violation)
        self.report.fact("goals", {g.key: g.chance for g in shown.goals})

    def what_if(self) -> None:
        """Five questions about the plan, and one that changes nothing."""
        plan = answers.answer("plan", self.cto, {"frontier": "no"})
        key_person = _key_person(self.cto, plan)
        asked = {
            "drop a vendor": f"drop-vendor:{own_words.VENDOR}",
            "lose a key person": f"lose-person:{key_person}",
            "freeze hiring": "freeze-hiring",
            "cut the budget": "cut-budget::0.4",
            "delay": "delay:two-regions:5",
            "nothing": "effort:two-regions:1",
        }
        before = answers.answer("outlook", self.cto, {"frontier": "no"})
        for name, changes in asked.items():
            with self.report.step(f"What if: {name} ({changes})"):
                self._asked(name, changes, before)

    def _asked(self, name: str, changes: str, before: Answered) -> None:
        kept, again = (answers.answer("outlook", self.cto, {"changes": changes, "replan": replan, "frontier": "no"}) for replan in ("no", "yes"))
        for how, after in (("plan kept", kept), ("planned again", again)):
            seen = whatif.compare(before, after, self.cto, own_words.CURRENCY)
            self.report.say(f"{how}: {seen.sentence} {seen.lede}")
            moved = [line for line in seen.lines if line.state]
            self.report.table(("what", "before", "after", "difference", "90 %"), [(x.title, x.before, x.after, x.difference, x.interval) for x in moved[:8]])
            difference = before.analysis.module.difference(before.result, after.result)
            changed = [difference.net_present_value, difference.losses, difference.net_of_losses, *difference.met, *difference.finishes]
            figures = [value for c in changed for value in (c.mean, c.standard_error, c.low, c.high)]
            self.report.fact(f"what_if_{name.replace(' ', '_')}_{how.replace(' ', '_')}", {"value": difference.net_of_losses.mean, "zero": not any(figures), "same_run": before.run == after.run, "unmatched": list(difference.unmatched)})

    def decide(self) -> None:
        """The CTO proposes; the CTO may not confirm; the general manager does."""
        with self.report.step("Decision"):
            plan, outlook = answers.answer("plan", self.cto), answers.answer("outlook", self.cto)
            made = baselines.propose(self.cto, plan, outlook, own_words.CURRENCY, "The plan over the first evidence.")
            self.report.fact("proposal", f"{made.key} {made.state}: {made.title_en}")
            try:
                deciding.confirm(self.cto, made.key, "I agree with myself.")
            except Denied as denied:
                self.report.fact("cto_confirming", f"refused: {denied}")
            confirmed = deciding.confirm(_reader(MANAGER), made.key, "Agreed.")
            self.report.fact("confirmed_state", str(confirmed.state))
            self.proposal = made.key
            base = baselines.baseline()
            self.report.fact("baseline", base.key if base else None)
            funded = Access(self.cto).select("initiative").where(state="funded").count()[0]
            self.report.fact("initiatives_funded", funded)

    # -- a month later -----------------------------------------------------------------------------------------------

    def second_collection(self) -> None:
        """Newer commits, one advisory more, the next roster with its leaver."""
        for path, head in zip(self.repositories, self.heads, strict=True):
            repositories.later(path, head)
        with self.report.step("Second collection, a month later"):
            self._gather(inputs.later(self.shared, self.folder / "inputs", self.repositories))
        with self.report.step("Suggestions of the second collection accepted"):
            self._accept("second collection")
            leaver = Access(self.cto).select("person").one(LEAVER)
            self.report.fact("leaver_last_day", leaver["end_date"])
        with self.report.step("Candidates again"):
            found = answers.answer("candidates", self.cto)
            fresh = [one for one in remembered.seen(self.cto, found.result.candidates) if one.open]
            hit = [one.weighed for one in fresh if any(inputs.LATER_ADVISORY["id"] in r.says for r in one.weighed.candidate.path)]
            self.report.fact("candidates_again", len(found.result.candidates))
            self.report.fact("candidates_of_the_new_advisory", [w.candidate.title.en for w in hit])
            for weighed in hit[:1]:
                self.report.table(("initiative", "a person said"), [self._take(weighed)])

    def drift(self) -> None:
        """Where reality departs from the approved plan, and why."""
        base = baselines.baseline()
        assert base is not None
        with self.report.step("Plan and outlook again"):
            self._plan_printed(answers.answer("plan", self.cto), answers.answer("outlook", self.cto))
        with self.report.step("Drift from the approved plan"):
            found = answers.answer("drift", self.cto, {"baseline": str(base.plan.id)})
            shown = drifts.view(found, base, self.cto, own_words.CURRENCY)
            self.report.fact("drift_sentence", shown.sentence)
            self.report.fact("drift_lede", shown.lede)
            for name, lines in (("key result", shown.goals), ("initiative", shown.finishes), ("cause", shown.causes)):
                for line in lines:
                    self.report.say(f"{name}: {line.title} – {'; '.join(line.effects)}")
            self.report.say(shown.rest)
            self.report.fact("drift_groups", {group.name: list(group.changed) for group in found.result.groups})
            self.report.fact("drift_records", {group.name: [f"{r.sort}:{r.key}" for r in group.records] for group in found.result.groups})
            self.report.fact("drift_leavers", list(drifts.leavers(base)))
            self.report.fact("drift_dropped", list(found.result.checks.dropped))

    def packs(self) -> None:
        """The board pack in both languages and every format."""
        with self.report.step("Board pack"):
            edition = building.build(self.cto)
            folder = self.folder / "packs"
            shutil.copytree(editions.folder() / edition.key, folder)
            for said in edition.said:
                self.report.say(f"{said.language}: {said.sentence}")
            self.report.table(("file", "bytes", "first bytes"), [(f.name, f.size, (folder / f.name).read_bytes()[:5]) for f in edition.files])
            self.report.fact("packs", {f.name: f.size for f in edition.files})
            self.report.fact("pack_sealed", edition.sealed)

    def history(self) -> None:
        """Whether the records are what their history says."""
        with self.report.step("History"):
            broken = [str(one) for one in proof.examine()]
            self.report.fact("history_commits", Commit.objects.count())
            self.report.fact("history_broken", broken)
            made = Commit.objects.filter(authority__contains=self.proposal).values_list("authority", flat=True).first()
            self.report.fact("decision_in_history", made)

    @property
    def cto(self) -> Reader:
        """The CTO as a reader."""
        return _reader(CTO)


def _reader(name: str) -> Reader:
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


def _key_person(reader: Reader, plan: Answered) -> str:
    """Whoever works in the scarcest skill that the plan uses, the first by key."""
    programme = answers.inputs_of(plan).programme
    used = {effort.skill for i in programme.initiatives for effort in i.efforts}
    scarce = min((skill for skill in programme.skills if skill.key in used), key=lambda s: (sum(s.supply), s.key))
    best: dict[str, tuple[int, str]] = {}
    for row in Access(reader).select("person-skill").rows():
        rank = (-row["level"], row["skill"])
        best[row["person"]] = min(best.get(row["person"], rank), rank)
    return min(person for person, (_level, skill) in best.items() if skill == scarce.key)


def _span(estimate: Any, digits: int) -> str:
    if estimate is None:
        return "cannot tell"
    return " – ".join(f"{value:,.{digits}f}" for value in (estimate.low, estimate.likely, estimate.high))
