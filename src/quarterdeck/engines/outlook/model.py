"""The inputs as arrays, everything sorted by key, so that the order of records has no influence on any sum."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.outlook import goals, losses, money, people, work
from quarterdeck.engines.outlook.columns import Columns, Streams, occurrences
from quarterdeck.engines.outlook.inputs import Inputs, Policy
from quarterdeck.engines.programme import Bias, Initiative, Programme, Start


@dataclass(frozen=True)
class Factor:
    """Actual over planned of one kind for each initiative: the bias and its normal columns."""

    bias: Bias
    common: int
    own: NDArray[np.int64]  # (n,)


@dataclass(frozen=True)
class Model:
    """Everything that trials need; it is what workers are sent."""

    work: work.Work
    people: people.People
    money: money.Money
    goals: goals.Goals
    risk: losses.Risk
    duration: NDArray[np.int64]  # (n,) PERT columns
    effort: NDArray[np.int64]  # (k,) PERT columns
    effort_line: NDArray[np.int64]  # (k,) initiative of each effort
    duration_factor: Factor
    effort_factor: Factor
    benefit_factor: Factor
    pert: Streams
    normal: Streams


def build(inputs: Inputs) -> Model:
    """Lay out the inputs. Raises ValueError where records contradict each other."""
    programme, plan = inputs.programme, inputs.plan
    check(inputs)
    columns = Columns(programme.seed)
    starts, order = prioritised(plan.starts)
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    chosen = [by_key[start.initiative] for start in starts]
    skills = sorted(programme.skills, key=lambda skill: skill.key)
    staff = people.build(programme, plan, skills, columns, inputs.months)
    supply = {skill.key: float(np.mean(heads)) for skill, heads in zip(skills, staff.heads, strict=True)}
    scenarios = sorted(programme.scenarios, key=lambda scenario: scenario.key)
    results = sorted(programme.key_results, key=lambda result: result.key)
    years = -(-inputs.months // 12)
    efforts = [pair for line, initiative in enumerate(chosen) for pair in effort_columns(columns, line, initiative)]
    return Model(
        work=work.build(programme, starts, order, supply, inputs.months, inputs.policy is Policy.REPLAN),
        people=staff,
        money=money.build(chosen, columns, inputs.months, programme.discount),
        goals=goals.build(results, chosen, columns),
        risk=losses.build(scenarios, chosen, columns, years, programme.correlation, programme.discount),
        duration=np.array([columns.pert(i.duration, "initiative duration", i.key) for i in chosen], dtype=np.int64),
        effort=np.array([column for _, column in efforts], dtype=np.int64),
        effort_line=np.array([line for line, _ in efforts], dtype=np.int64),
        duration_factor=factor(columns, programme.duration_bias, "duration", chosen),
        effort_factor=factor(columns, programme.effort_bias, "effort", chosen),
        benefit_factor=factor(columns, programme.benefit_bias, "benefit", chosen),
        pert=columns.pert_arrays(),  # last, when every column is there
        normal=columns.normal_arrays(),
    )


def effort_columns(columns: Columns, line: int, initiative: Initiative) -> list[tuple[int, int]]:
    """The initiative's line with the column of each of its efforts."""
    repeats = occurrences([effort.skill for effort in initiative.efforts])
    return [
        (line, columns.pert(e.months, "initiative effort", initiative.key, e.skill, index=nth))
        for e, nth in zip(initiative.efforts, repeats, strict=True)
    ]


def factor(columns: Columns, bias: Bias, kind: str, chosen: list[Initiative]) -> Factor:
    """The columns of one kind of estimation bias."""
    if bias.median <= 0.0 or bias.common < 0.0 or bias.own < 0.0:
        raise ValueError(f"the {kind} bias needs a positive median and spreads that are not negative")
    own = [columns.normal(f"initiative {kind} bias", i.key) for i in chosen]
    return Factor(bias, columns.normal(f"common {kind} bias"), np.array(own, dtype=np.int64))


def prioritised(starts: tuple[Start, ...]) -> tuple[list[Start], list[int]]:
    """The plan's lines sorted by initiative, and the plan's order as positions in that sorting."""
    chosen = sorted(starts, key=lambda start: start.initiative)
    number = {start.initiative: position for position, start in enumerate(chosen)}
    return chosen, [number[start.initiative] for start in starts]


def check(inputs: Inputs) -> None:
    """Raise ValueError where a key stands twice, or a record points to one that is not there."""
    programme, plan = inputs.programme, inputs.plan
    if not 0.0 <= programme.correlation <= 1.0:
        raise ValueError(f"the correlation of losses must lie between 0 and 1, not {programme.correlation}")
    initiatives = unique("initiative", (i.key for i in programme.initiatives))
    skills = unique("skill", (s.key for s in programme.skills))
    routes = unique("hiring route", (r.key for r in programme.routes))
    results = unique("key result", (r.key for r in programme.key_results))
    scenarios = unique("scenario", (s.key for s in programme.scenarios))
    sellers = {contractor.skill for contractor in programme.contractors}
    chosen = unique("plan's initiative", (start.initiative for start in plan.starts))
    present("the plan", "initiative", chosen, initiatives)
    for initiative in programme.initiatives:
        if initiative.key in chosen:
            check_initiative(initiative, initiatives, skills, results, scenarios)
    present("the plan", "hiring route", (line.route for line in plan.hires), routes)
    present("the plan", "contractor", (line.skill for line in plan.bought), sellers)
    present("a hiring route", "skill", (route.skill for route in programme.routes), skills)
    present("a contractor", "skill", sellers, skills)
    check_plan(inputs, programme)
    work.in_order([initiative for initiative in programme.initiatives if initiative.key in chosen])


def check_plan(inputs: Inputs, programme: Programme) -> None:
    """Raise ValueError where a line of the plan has a quarter or a quantity that cannot be."""
    if any(line.heads < 0 or line.quarter < 0 for line in inputs.plan.hires):
        raise ValueError("hires must not be negative, nor lie before the plan")
    if any(line.months < 0 or line.quarter < 0 for line in inputs.plan.bought):
        raise ValueError("bought months must not be negative, nor lie before the plan")
    if any(route.time_to_hire.low < 0 or route.ramp < 0 for route in programme.routes):
        raise ValueError("time to hire and ramp must not be negative")
    if any(scenario.frequency.low < 0 for scenario in programme.scenarios):
        raise ValueError("a scenario's frequency must not be negative")


def check_initiative(
    initiative: Initiative, initiatives: set[str], skills: set[str], results: set[str], scenarios: set[str]
) -> None:
    """Raise ValueError where one initiative's own lines contradict each other or point nowhere."""
    key = initiative.key
    if initiative.duration.low < 0 or any(effort.months.low < 0 for effort in initiative.efforts):
        raise ValueError(f"durations and efforts of {key} must not be negative")
    if initiative.ramp < 0 or initiative.benefit_months < 0 or any(p.lag < 0 for p in initiative.predecessors):
        raise ValueError(f"ramp, benefit months and lags of {key} must not be negative")
    if any(factor.low < 0 for control in initiative.controls for factor in losses.factors(control)):
        raise ValueError(f"controls of {key} must not multiply by less than nothing")
    present(key, "skill", unique(f"skill of {key}", (e.skill for e in initiative.efforts)), skills)
    present(
        key, "key result", unique(f"key result of {key}", (c.key_result for c in initiative.contributions)), results
    )
    present(key, "scenario", unique(f"scenario of {key}", (c.scenario for c in initiative.controls)), scenarios)
    present(key, "initiative", (p.initiative for p in initiative.predecessors), initiatives)


def unique(noun: str, keys: Iterable[str]) -> set[str]:
    """The keys as a set. Raises ValueError if one stands twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{noun} {key} stands twice")
        seen.add(key)
    return seen


def present(where: str, noun: str, keys: Iterable[str], known: set[str]) -> None:
    """Raise ValueError if a key is not known."""
    for key in keys:
        if key not in known:
            raise ValueError(f"{where} names {noun} {key}, which the programme does not have")
