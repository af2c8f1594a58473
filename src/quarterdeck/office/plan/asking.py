"""The ground that a what-if asks about, gathered and changed; and the plan that there is without it."""

from dataclasses import replace

from quarterdeck.engines.programme import Plan
from quarterdeck.office.plan import changes, ground
from quarterdeck.office.plan.holders import held_by
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering, Rested


def ground_of(gathering: Gathering) -> ground.Ground:
    """The ground after the what-if that the parameters name; what is delayed is so from where the plan has it."""
    asked = changes.read(gathering.parameters.get("changes", ""))
    found = ground.gather(gathering)
    if any(change.sort in changes.LEAVING for change in asked):
        found = replace(found, held=held_by(gathering))
    if any(change.sort == "delay" for change in asked) and (plan := incumbent(gathering)):
        found = replace(found, planned={start.initiative: start.quarter for start in plan.starts})
    return changes.apply(found, asked)


def incumbent(gathering: Gathering) -> Plan | None:
    """The plan without the what-if: what the change does not touch stays as it is."""
    if not gathering.parameters["changes"]:
        return None
    asked = {"changes": "", "frontier": gathering.parameters.get("frontier", "yes")}
    kept = answers.answer("plan", gathering.reader, asked, today=gathering.today)
    gathering.rested.append(Rested(f"answer:{kept.name}", "", kept.id, 1))
    plan: Plan = kept.result.plan
    return plan
