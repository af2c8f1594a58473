"""The later steps of the journey: plan, what-if, decision, the second collection, drift, board pack, history."""

import shutil

import inputs
import own_words
import repositories
from steps import MANAGER, Journey, reader_named

from quarterdeck.decisions import deciding
from quarterdeck.kinds import proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import Commit
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.office.candidates import remembered
from quarterdeck.office.documents import building, editions
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.office.plan import whatif
from quarterdeck.office.plan.view import view
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

LEAVER = "staff-024"


class Planned(Journey):
    """The journey from the initiatives on."""

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
        self.report.fact("plan_starts_first", len(plan.result.plan.starts))
        self.report.fact("hires_first", sum(hire.heads for hire in plan.result.plan.hires))
        for name, changes in asked.items():
            with self.report.step(f"What if: {name} ({changes})"):
                self._asked(name, changes, before)

    def _asked(self, name: str, changes: str, before: Answered) -> None:
        kept, again = (
            answers.answer("outlook", self.cto, {"changes": changes, "replan": replan, "frontier": "no"})
            for replan in ("no", "yes")
        )
        for how, after in (("plan kept", kept), ("planned again", again)):
            seen = whatif.compare(before, after, self.cto, own_words.CURRENCY)
            self.report.say(f"{how}: {seen.sentence} {seen.lede}")
            moved = [line for line in seen.lines if line.state]
            self.report.table(
                ("what", "before", "after", "difference", "90 %"),
                [(x.title, x.before, x.after, x.difference, x.interval) for x in moved[:8]],
            )
            difference = before.analysis.module.difference(before.result, after.result)
            changed = [
                difference.net_present_value,
                difference.losses,
                difference.net_of_losses,
                *difference.met,
                *difference.finishes,
            ]
            figures = [value for c in changed for value in (c.mean, c.standard_error, c.low, c.high)]
            self.report.fact(
                f"what_if_{name.replace(' ', '_')}_{how.replace(' ', '_')}",
                {
                    "value": difference.net_of_losses.mean,
                    "zero": not any(figures),
                    "same_run": before.run == after.run,
                    "unmatched": list(difference.unmatched),
                },
            )

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
            confirmed = deciding.confirm(reader_named(MANAGER), made.key, "Agreed.")
            self.report.fact("confirmed_state", str(confirmed.state))
            self.proposal = made.key
            base = baselines.baseline()
            self.report.fact("baseline", base.key if base else None)
            funded = Access(self.cto).select("initiative").where(state="funded").count()[0]
            self.report.fact("initiatives_funded", funded)

    def second_collection(self) -> None:
        """Newer commits, one advisory more, the next roster with its leaver."""
        for path, head in zip(self.repositories, self.heads, strict=True):
            repositories.later(path, head)
        with self.report.step("Second collection, a month later"):
            self.gather(inputs.later(self.shared, self.folder / "inputs", self.repositories))
        with self.report.step("Suggestions of the second collection accepted"):
            self.accept("second collection")
            leaver = Access(self.cto).select("person").one(LEAVER)
            self.report.fact("leaver_last_day", leaver["end_date"])
        with self.report.step("Candidates again"):
            found = answers.answer("candidates", self.cto)
            fresh = [one for one in remembered.seen(self.cto, found.result.candidates) if one.open]
            hit = [
                one.weighed
                for one in fresh
                if any(inputs.LATER_ADVISORY["id"] in r.says for r in one.weighed.candidate.path)
            ]
            self.report.fact("candidates_again", len(found.result.candidates))
            self.report.fact("candidates_of_the_new_advisory", [w.candidate.title.en for w in hit])
            self.count(found, "open_packages_again")
            for weighed in hit[:1]:
                self.report.table(("initiative", "a person said"), [self.take(weighed)])

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
            self.report.fact(
                "drift_records",
                {group.name: [f"{r.sort}:{r.key}" for r in group.records] for group in found.result.groups},
            )
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
            self.report.table(
                ("file", "bytes", "first bytes"),
                [(f.name, f.size, (folder / f.name).read_bytes()[:5]) for f in edition.files],
            )
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
