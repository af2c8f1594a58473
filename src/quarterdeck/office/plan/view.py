"""The plan as people see it: sentence, roadmap, what binds, what is left out, frontier, cash, losses, people, goals."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts.chart import Chart, Drawing
from quarterdeck.charts.marks import State
from quarterdeck.kinds import show
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan import limits, pictures
from quarterdeck.office.plan.names import Names
from quarterdeck.office.plan.pictures import GoalLine, SkillLine
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line

LIKELY, UNLIKELY = 0.7, 0.4  # a goal is called likely from the one on, unlikely below the other
NAMED = 4  # unlikely key results that stand beneath the headline


@dataclass(frozen=True)
class PlanView:
    """Everything the plan's page and the board pack print; texts in the reader's language."""

    sentence: str
    lede: str
    currency: str
    road: Drawing
    binds: tuple[Line, ...]
    alone: str  # what choosing again showed of them, where none alone changes the plan
    left: tuple[Line, ...]
    frontier: Chart | None
    cash: Chart
    losses: tuple[Line, ...]
    appetite: Chart | None
    skills: tuple[SkillLine, ...]
    goals: tuple[GoalLine, ...]
    proof: str
    proven: str  # the same, as short as a mark
    starts: tuple[
        tuple[str, str, str, str, str], ...
    ]  # initiative, start, finish as planned, 80 % date, chance of the planned date


def view(plan: Answered, outlook: Answered, reader: Reader, currency: str) -> PlanView:
    """The plan and its outlook, in words and pictures."""
    names, programme = Names(reader), answers.inputs_of(plan).programme
    goals = goals_of(outlook, names)
    return PlanView(
        sentence=_sentence(plan, goals, names),
        lede=_lede(outlook, goals, currency),
        currency=currency,
        road=pictures.road(plan, outlook, names, goals),
        binds=limits.binds(plan, programme, names, currency),
        alone=limits.alone(plan),
        left=limits.left(plan, programme, names, currency),
        frontier=pictures.frontier(plan, currency),
        cash=pictures.cash(outlook, currency),
        losses=pictures.losses(plan, currency),
        appetite=pictures.appetite(plan, currency),
        skills=pictures.skills(outlook, names),
        goals=goals,
        proof=limits.proof(plan),
        proven=limits.proven(plan),
        starts=_starts(plan, outlook, names),
    )


def standing(chance: float | None) -> State:
    """How a chance stands: likely, unlikely, or between; plain where it is not known."""
    if chance is None:
        return State.PLAIN
    return State.GOOD if chance >= LIKELY else State.BAD if chance < UNLIKELY else State.WATCH


def goals_of(outlook: Answered, names: Names) -> tuple[GoalLine, ...]:
    """A line a key result: its chance in the outlook, in words, and how that stands."""
    start, trials = answers.inputs_of(outlook).programme.start, outlook.result.checks.trials
    found = []
    for goal in outlook.result.goals:
        chance = goal.met.probability if goal.met else None
        found.append(
            GoalLine(
                goal.key_result,
                names.name("key-result", goal.key_result),
                names.url("key-result", goal.key_result),
                chance,
                words.chance(chance, trials),
                words.month_of(start, goal.due),
                standing(chance),
            )
        )
    return tuple(found)


def _sentence(plan: Answered, goals: tuple[GoalLine, ...], names: Names) -> str:
    total, chosen = len(answers.inputs_of(plan).programme.initiatives), len(plan.result.plan.starts)
    clauses = []
    if goals:
        text = ngettext(
            "%(likely)d of %(count)d key result is likely", "%(likely)d of %(count)d key results are likely", len(goals)
        )
        likely = sum(goal.state is State.GOOD for goal in goals)
        clauses.append(text % {"likely": likely, "count": len(goals)})
    unfitting = limits.unfitting(plan, names)
    if not unfitting:
        clauses.append(limits.holding(plan, names))
    funded = _("Fund %(chosen)d of %(total)d initiatives.") % {"chosen": chosen, "total": total}
    middle = show.capital(_("; ").join(clauses)) + _(".") if clauses else ""
    return words.sentences((funded, middle, unfitting))


def beside(anew: Answered, kept: Answered, currency: str) -> str:
    """What the approved plan is worth when kept as it is, beside the plan made anew."""
    value, other = kept.result.net_present_value.mean, anew.result.net_present_value.mean
    worth = _("Kept as it is, the approved plan is worth %(sum)s today.") % {"sum": words.money(value, currency)}
    if value <= other:
        return worth
    why = _("Its work waits wherever people are short; this one stays within every limit.")
    return words.sentences((worth, why))


def _lede(outlook: Answered, goals: tuple[GoalLine, ...], currency: str) -> str:
    value = outlook.result.net_present_value
    said = dict(zip(("value", "span"), words.spread(value.mean, value.p10, value.p90, currency), strict=True))
    parts = [_("Expected value %(value)s (80 %%: %(span)s).") % said]
    unlikely = [goal for goal in goals if goal.state is State.BAD]
    if unlikely:
        named = _(", ").join(goal.title for goal in unlikely[:NAMED])
        text = _("Unlikely even so: %(goals)s.")
        if len(unlikely) > NAMED:
            text = ngettext(
                "Unlikely even so: %(goals)s and %(more)d more.",
                "Unlikely even so: %(goals)s and %(more)d more.",
                len(unlikely) - NAMED,
            )
        parts.append(text % {"goals": named, "more": len(unlikely) - NAMED})
    return words.sentences(parts)


def _starts(plan: Answered, outlook: Answered, names: Names) -> tuple[tuple[str, str, str, str, str], ...]:
    start = answers.inputs_of(plan).programme.start
    ahead = {f.initiative: f for f in outlook.result.finishes}
    planned = {f.initiative: f.month for f in plan.result.finishes}
    found = []
    for one in plan.result.plan.starts:
        finish = ahead[one.initiative]
        kept = finish.by_deterministic.probability if finish.by_deterministic else None
        found.append(
            (
                names.name("initiative", one.initiative),
                words.quarter_of(start, one.quarter),
                words.month_of(start, planned[one.initiative]),
                words.month_of(start, pictures.quantile(finish, pictures.SURE)),
                words.chance(kept, outlook.result.checks.trials),
            )
        )
    return tuple(found)
