"""The analyses of the plan: which initiatives, when, with whom; and what becomes of them."""

import math
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from quarterdeck.chapters.innovation.projects.delivery import DELIVERY
from quarterdeck.chapters.people.growth.knowledge import KNOWLEDGE
from quarterdeck.chapters.risk.register.exposure import EXPOSURE
from quarterdeck.chapters.strategy.architecture.structure import STRUCTURE
from quarterdeck.decisions.sorts import FUNDED
from quarterdeck.engines.programme import Plan, Programme
from quarterdeck.office.plan import asking, frame, ground, told
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Analysis, Audience, Figure, Gathering, Rested

FRONTIER = (0.4, 0.6, 0.8, 1.0, 1.2, 1.5)
TRIALS = 4_000
MEASURES = (DELIVERY, KNOWLEDGE, EXPOSURE, STRUCTURE)  # analyses whose figures key results may be bound to
KINDS = tuple(dict.fromkeys([*ground.KINDS, *(kind for measure in MEASURES for kind in measure.kinds)]))
TABLES = tuple(dict.fromkeys(table for measure in MEASURES for table in measure.tables))


def programme_of(gathering: Gathering) -> Programme:
    """The programme after the what-if that the parameters name."""
    return asking.ground_of(gathering).programme


def _plan_inputs(gathering: Gathering) -> Any:
    programme = programme_of(gathering)
    if not programme.initiatives:
        raise frame.NotReady(
            now(
                "No initiative that is proposed, funded or running has a duration: accept candidates, enter one, "
                "or say how long one takes."
            )
        )
    frontier = (
        FRONTIER if gathering.parameters["frontier"] == "yes" and (programme.capital or programme.running) else ()
    )
    return gathering.engine.Inputs(programme, frontier=frontier, incumbent=asking.incumbent(gathering))


def _chosen(gathering: Gathering, programme: Programme) -> Plan:
    """The plan to look ahead on: the baseline's where one is named, else the one chosen on the same ground."""
    if gathering.parameters["baseline"]:
        kept = answers.named(gathering.parameters["baseline"], "plan")
        _same_frame(answers.inputs_of(kept).programme, programme)
    else:
        asked = {
            "changes": gathering.parameters["changes"] if gathering.parameters["replan"] == "yes" else "",
            "frontier": gathering.parameters["frontier"],
        }
        kept = answers.answer("plan", gathering.reader, asked, today=gathering.today)
    gathering.rested.append(Rested(f"answer:{kept.name}", "", kept.id, 1))
    plan: Plan = kept.result.plan
    return plan


def _same_frame(before: Programme, after: Programme) -> None:
    """Quarters of an approved plan mean nothing in a frame that begins on another day. Raises NotReady."""
    if (before.start, before.quarters) != (after.start, after.quarters):
        raise frame.NotReady(
            now("The approved plan was made in another frame, from %(day)s: approve one in the frame of today.")
            % {"day": before.start.isoformat()}
        )


def within(plan: Plan, programme: Programme) -> Plan:
    """The plan less what the programme no longer has; what may only start later than planned starts then."""
    first = {
        i.key: i.earliest if i.started is None else -math.inf for i in programme.initiatives if i.pin.value != "out"
    }
    routes = {r.key for r in programme.routes if r.limit}
    bought = {c.skill for c in programme.contractors}
    return replace(
        plan,
        starts=tuple(
            s if s.quarter >= first[s.initiative] else replace(s, quarter=int(first[s.initiative]))
            for s in plan.starts
            if s.initiative in first
        ),
        hires=tuple(h for h in plan.hires if h.route in routes),
        bought=tuple(b for b in plan.bought if b.skill in bought),
    )


def _outlook_inputs(gathering: Gathering) -> Any:
    programme = programme_of(gathering)
    plan = within(_chosen(gathering, programme), programme)
    return gathering.engine.Inputs(programme, plan, trials=TRIALS, keep_trials=True, keep_finishes=True)


def _plan_figures(result: Any) -> tuple[Figure, ...]:
    return (
        Figure("plan.worth", result.worth.total, "money", high=result.bound),
        Figure("plan.initiatives", float(len(result.plan.starts)), "initiatives"),
        Figure("plan.expected_loss", result.worth.expected_loss, "money"),
    )


def _outlook_figures(result: Any) -> tuple[Figure, ...]:
    value = result.net_present_value
    goals = tuple(
        Figure(f"goal.{g.key_result}", g.met.probability if g.met else None, "probability") for g in result.goals
    )
    return (Figure("outlook.value", value.mean, "money", value.p10, value.p90), *goals)


def _drift_inputs(gathering: Gathering) -> Any:
    kept = answers.named(gathering.parameters["baseline"] or _approved(gathering), "plan")
    gathering.rested.append(Rested(f"answer:{kept.name}", "", kept.id, 1))
    before, after = answers.inputs_of(kept).programme, programme_of(gathering)
    _same_frame(before, after)
    both = {result.key for result in before.key_results} & {result.key for result in after.key_results}
    return gathering.engine.Inputs(_towards(before, both), _towards(after, both), kept.result.plan)


def _approved(gathering: Gathering) -> str:
    """The answer of the plan in force. Raises NotReady."""
    approved = gathering.rows("approved-plan", state="approved")
    if not approved:
        raise frame.NotReady(now("No plan has been approved yet. Propose one, and have it confirmed."))
    return str(max(approved, key=lambda row: (row["approved"], row.id))["answer"])


def _towards(programme: Programme, key_results: set[str]) -> Programme:
    """The programme with these key results alone: one that was reached, or is new, has no drift."""
    initiatives = tuple(
        replace(i, contributions=tuple(c for c in i.contributions if c.key_result in key_results))
        for i in programme.initiatives
    )
    kept = tuple(result for result in programme.key_results if result.key in key_results)
    return replace(programme, initiatives=initiatives, key_results=kept)


def _drift_figures(result: Any) -> tuple[Figure, ...]:
    value = result.total.value
    drifted = sum(goal.drifted for goal in result.goals)
    return Figure("drift.value", value.mean, "money", value.low, value.high), Figure(
        "drift.goals", float(drifted), "key results"
    )


PLAN = Analysis(
    "plan",
    _("Plan"),
    _("Which initiatives, when, and with whom?"),
    "portfolio",
    "choose",
    _plan_inputs,
    kinds=KINDS,
    tables=TABLES,
    audience=Audience.COMPANY,
    needs="plan",
    figures=_plan_figures,
    backs=frozenset({FUNDED}),
    told=told.plan,
    defaults={"changes": "", "frontier": "yes"},
)
OUTLOOK = Analysis(
    "outlook",
    _("Outlook"),
    _("What becomes of the plan?"),
    "outlook",
    "look_ahead",
    _outlook_inputs,
    kinds=KINDS,
    tables=TABLES,
    audience=Audience.COMPANY,
    needs="plan",
    figures=_outlook_figures,
    backs=frozenset({FUNDED}),
    told=told.outlook,
    defaults={"changes": "", "replan": "yes", "baseline": "", "frontier": "yes"},
)
DRIFT = Analysis(
    "drift",
    _("Drift"),
    _("Where does reality depart from the approved plan, and why?"),
    "drift",
    "explain",
    _drift_inputs,
    kinds=(*KINDS, "approved-plan"),
    tables=TABLES,
    audience=Audience.COMPANY,
    needs="plan",
    figures=_drift_figures,
    defaults={"baseline": "", "changes": ""},
)
