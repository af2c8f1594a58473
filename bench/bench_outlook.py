"""The outlook beside a straightforward NumPy and Python model and a SimPy model of the same trial, in one run."""

import argparse
import math
import os
import platform
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from quarterdeck.engines.outlook import Inputs, Policy, Result, look_ahead
from quarterdeck.engines.programme import (
    Bias,
    Bought,
    Contractor,
    Contribution,
    Control,
    Effort,
    Estimate,
    Hires,
    Initiative,
    KeyResult,
    Plan,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
    Start,
)

try:
    import simpy
except ImportError:
    simpy = None

QUARTERS, HORIZON, RESULTS, SCENARIOS = 12, 24, 12, 15
INTERVAL = 3.2897072539029435


def made_case(size: int, skills: int, seed: int = 3) -> tuple[Programme, Plan]:
    """A programme of this many initiatives whose work takes about 30 of the 36 months of all its people."""
    draw = random.Random(seed)
    names = [f"skill-{n}" for n in range(skills)]
    initiatives = tuple(made_initiative(draw, n, names) for n in range(size))
    demand = {s: sum(e.months.mean for i in initiatives for e in i.efforts if e.skill == s) for s in names}
    bias = Bias(1.1, 0.15, 0.2)
    programme = Programme(
        start=date(2027, 1, 1),
        quarters=QUARTERS,
        initiatives=initiatives,
        skills=tuple(Skill(s, (demand[s] / 30,), 0.1, Estimate(0.1, 0.2, 0.4)) for s in names),
        routes=tuple(Route(f"route-{s}", s, 10, 8, Estimate(1, 3, 6), 4, 5) for s in names),
        contractors=tuple(Contractor(s, 15, 100) for s in names),
        key_results=tuple(
            KeyResult(f"result-{n}", "goal", 10, 0, 5 + size / 30, 30, -0.01, 0.02) for n in range(RESULTS)
        ),
        scenarios=tuple(Scenario(f"scenario-{n}", Estimate(0.1, 0.5, 2), 10, 1000) for n in range(SCENARIOS)),
        correlation=0.0,
        duration_bias=bias,
        effort_bias=bias,
        benefit_bias=Bias(0.9, 0.1, 0.2),
    )
    starts = tuple(Start(i.key, int(n * QUARTERS * 0.7 / size)) for n, i in enumerate(initiatives))
    hires = tuple(Hires(f"route-{s}", 1, 2) for s in names)
    return programme, Plan(starts, hires, tuple(Bought(s, 2, 3.0) for s in names))


def made_initiative(draw: random.Random, n: int, skills: list[str]) -> Initiative:
    """Two to nine months, one to three skills; a third waits for an earlier one."""
    months = draw.uniform(2, 9)
    sizes = {skill: draw.uniform(1, 12) for skill in draw.sample(skills, draw.randint(1, 3))}
    waits = n > 4 and draw.random() < 0.35
    return Initiative(
        key=f"initiative-{n}",
        duration=Estimate(months * 0.8, months, months * 1.8),
        efforts=tuple(Effort(skill, Estimate(size * 0.7, size, size * 2)) for skill, size in sizes.items()),
        capital=Estimate(1, 2, 4),
        running=Estimate(0, 0.1, 0.2),
        benefit=Estimate(0.5, 1, 2),
        ramp=6,
        contributions=(Contribution(f"result-{n % RESULTS}", Estimate(1, 2, 4)),),
        controls=(Control(f"scenario-{n % SCENARIOS}", 0.8, 0.9),) if draw.random() < 0.4 else (),
        predecessors=(Precedence(f"initiative-{draw.randrange(n)}"),) if waits else (),
        mandate=24 if n % 7 == 0 else None,
    )


@dataclass
class Drawn:
    """One trial's values."""

    duration: dict[str, float]
    effort: dict[str, dict[str, float]]
    benefit: dict[str, float]
    capital: dict[str, float]
    running: dict[str, float]
    amount: dict[str, float]
    supply: dict[str, np.ndarray]
    spent: np.ndarray


def pert(random_state: np.random.Generator, e: Estimate) -> float:
    """One PERT value."""
    if e.high == e.low:
        return e.low
    mode = (e.likely - e.low) / (e.high - e.low)
    return e.low + (e.high - e.low) * random_state.beta(1 + 4 * mode, 5 - 4 * mode)


def bias_of(g: np.random.Generator, bias: Bias, keys: list[str]) -> dict[str, float]:
    """Factors of one kind."""
    common = g.normal(0, bias.common)
    return {key: bias.median * math.exp(common + own) for key, own in zip(keys, g.normal(0, bias.own, len(keys)))}  # noqa: B905


def draw_trial(g: np.random.Generator, programme: Programme, plan: Plan, months: int) -> Drawn:
    """Everything one trial draws."""
    keys = [i.key for i in programme.initiatives]
    slow, large, good = (
        bias_of(g, b, keys) for b in (programme.duration_bias, programme.effort_bias, programme.benefit_bias)
    )
    supply, spent = draw_people(g, programme, plan, months)
    every = programme.initiatives
    return Drawn(
        {i.key: pert(g, i.duration) * slow[i.key] for i in every},
        {i.key: {e.skill: pert(g, e.months) * large[i.key] for e in i.efforts} for i in every},
        {i.key: pert(g, i.benefit) * good[i.key] for i in every},
        {i.key: pert(g, i.capital) for i in every},
        {i.key: pert(g, i.running) for i in every},
        {i.key: pert(g, i.contributions[0].amount) * good[i.key] for i in every},
        supply,
        spent,
    )


def draw_people(
    g: np.random.Generator, programme: Programme, plan: Plan, months: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Supply by skill and month, and what hires and contractors cost."""
    supply, spent, ends = {}, np.zeros(months), np.arange(1, months + 1)
    for skill in programme.skills:
        heads = skill.supply[0] / (1 - skill.operations.mean)
        left = g.exponential(12 / skill.attrition, math.ceil(heads))
        share = np.clip(heads - np.arange(len(left)), 0, 1)
        there = (share[:, None] * np.clip(left[:, None] - ends + 1, 0, 1)).sum(axis=0)
        supply[skill.key] = there * (1 - pert(g, skill.operations))
    routes, hazards = {r.key: r for r in programme.routes}, {s.key: s.attrition for s in programme.skills}
    for line in plan.hires:
        route = routes[line.route]
        for _ in range(line.heads):
            first = 3 * line.quarter + pert(g, route.time_to_hire)
            stay = g.exponential(12 / hazards[route.skill])
            ages = np.minimum(np.maximum(ends - first, 0), stay)
            worked = np.where(ages < route.ramp, ages**2 / (2 * route.ramp), ages - route.ramp / 2)
            supply[route.skill] = supply[route.skill] + np.diff(worked, prepend=0)
            spent += np.diff(ages, prepend=0) * route.salary
            spent[3 * line.quarter] += route.cost
    price = {c.skill: c.cost for c in programme.contractors}
    for line in plan.bought:
        supply[line.skill][3 * line.quarter : 3 * line.quarter + 3] += line.months / 3
        spent[3 * line.quarter : 3 * line.quarter + 3] += line.months / 3 * price[line.skill]
    return supply, spent


def plain_months(programme: Programme, plan: Plan, drawn: Drawn, months: int) -> tuple[dict[str, float], np.ndarray]:
    """Finish moments and capital by month: one loop over months and starts."""
    by_key = {i.key: i for i in programme.initiatives}
    left, ends, capital = dict.fromkeys(by_key, 1.0), {}, np.zeros(months)
    for month in range(months):
        pool = {skill: float(supply[month]) for skill, supply in drawn.supply.items()}
        served, again = set(), True
        while again:
            again = False
            for start in plan.starts:
                key = start.initiative
                if key in ends or key in served or 3 * start.quarter > month:
                    continue
                opening = max([float(month)] + [ends.get(p.initiative, math.inf) for p in by_key[key].predecessors])
                if opening >= month + 1:
                    continue
                served.add(key)
                window, duration, effort = month + 1 - opening, drawn.duration[key], drawn.effort[key]
                wanted = min(left[key], window / duration)
                scarce = min(pool[skill] / amount for skill, amount in effort.items())
                used = min(wanted, scarce)
                for skill, amount in effort.items():
                    pool[skill] = max(0.0, pool[skill] - amount * used)
                capital[month] += used * drawn.capital[key]
                if used >= left[key] - 1e-12:
                    ends[key] = opening + max(left[key] * duration, window * used / scarce)
                    again = True
                left[key] -= used
    return ends, capital


def simpy_months(programme: Programme, plan: Plan, drawn: Drawn, months: int) -> tuple[dict[str, float], np.ndarray]:
    """The same as processes: a planner whose turn goes by the plan's order, people in one level a skill."""
    env = simpy.Environment()
    planner = simpy.PriorityResource(env, capacity=1)
    by_key = {i.key: i for i in programme.initiatives}
    done = {key: env.event() for key in by_key}
    pool, ends, capital = {}, {}, np.zeros(months)

    def refill():
        for month in range(months):
            pool.update({skill: float(supply[month]) for skill, supply in drawn.supply.items()})
            yield env.timeout(1)

    def work(rank: int, key: str, quarter: int):
        duration, effort, left = drawn.duration[key], drawn.effort[key], 1.0
        yield env.timeout(3 * quarter)
        yield env.all_of([done[p.initiative] for p in by_key[key].predecessors])
        while True:
            month = int(env.now)
            window = month + 1 - env.now
            with planner.request(priority=rank) as turn:
                yield turn
                wanted = min(left, window / duration)
                scarce = min(pool[skill] / amount for skill, amount in effort.items())
                used = min(wanted, scarce)
                for skill, amount in effort.items():
                    pool[skill] = max(0.0, pool[skill] - amount * used)
            capital[month] += used * drawn.capital[key]
            if used >= left - 1e-12:
                yield env.timeout(max(left * duration, window * used / scarce))
                ends[key] = env.now
                done[key].succeed()
                return
            left -= used
            yield env.timeout(month + 1 - env.now)

    env.process(refill())
    for rank, start in enumerate(plan.starts):
        env.process(work(rank, start.initiative, start.quarter))
    env.run(until=months)
    return ends, capital


@dataclass
class Told:
    """What a peer's trial tells: finish moments (cut at the window's end), value, goals met, losses."""

    ends: np.ndarray
    value: float
    met: np.ndarray
    losses: float


def peer_trial(g: np.random.Generator, programme: Programme, plan: Plan, allot: Callable) -> Told:
    """One whole trial of a peer."""
    months = 3 * programme.quarters + HORIZON
    drawn = draw_trial(g, programme, plan, months)
    ends, capital = allot(programme, plan, drawn, months)
    cash = np.zeros(months + 40)
    cash[:months] -= drawn.spent + capital
    for i in programme.initiatives:
        if i.key in ends:
            ages = np.clip(np.arange(len(cash) + 1) - ends[i.key], 0, i.benefit_months)
            worked = np.where(ages < i.ramp, ages**2 / (2 * i.ramp), ages - i.ramp / 2)
            cash += np.diff(worked) * drawn.benefit[i.key] - np.diff(ages) * drawn.running[i.key]
    value = float(cash @ (1 + programme.discount) ** (-np.arange(len(cash)) / 12))
    moments = np.array([ends.get(i.key, math.inf) for i in programme.initiatives])
    met = []
    for result in programme.key_results:
        gone = (result.drift + result.drift_error * g.normal()) * result.due
        for i in programme.initiatives:
            if i.contributions[0].key_result == result.key and ends.get(i.key, math.inf) <= result.due + 1:
                gone += drawn.amount[i.key]
        met.append(gone >= result.target)
    return Told(np.minimum(moments, months), value, np.array(met), incidents(g, programme, ends, months))


def incidents(g: np.random.Generator, programme: Programme, ends: dict[str, float], months: int) -> float:
    """Discounted losses after controls."""
    total, years = 0.0, -(-months // 12)
    for scenario in programme.scenarios:
        controls = [(ends.get(i.key, math.inf), c) for i in programme.initiatives for c in i.controls]
        controls = [(end, c) for end, c in controls if c.scenario == scenario.key]
        middle = (math.log(scenario.low) + math.log(scenario.high)) / 2
        spread = (math.log(scenario.high) - math.log(scenario.low)) / INTERVAL
        count = g.poisson(pert(g, scenario.frequency) * years)
        for moment, loss in zip(g.uniform(0, 12 * years, count), g.lognormal(middle, spread, count), strict=True):
            chance = math.prod(c.frequency for end, c in controls if end <= moment)
            if g.uniform() < chance:
                large = math.prod(c.magnitude for end, c in controls if end <= moment)
                total += loss * large * (1 + programme.discount) ** (-moment / 12)
    return total


def agreement(result: Result, told: list[Told], months: int) -> float:
    """The largest distance between ours and a peer's means, in standard errors: finishes, value, goals, losses."""
    ours = np.array([[months if m is None else m for m in row] for row in result.kept.finishes])
    pairs = [(ours[i], np.array([t.ends[i] for t in told])) for i in range(len(ours))]
    pairs.append((np.array(result.kept.net_present_value), np.array([t.value for t in told])))
    pairs.append((np.array(result.kept.losses), np.array([t.losses for t in told])))
    met = np.array([t.met for t in told], dtype=float)
    pairs += [(np.array(row, dtype=float), met[:, r]) for r, row in enumerate(result.kept.met)]
    errors = [max(a.std(), b.std()) * math.sqrt(1 / a.size + 1 / b.size) for a, b in pairs]
    return max(abs(a.mean() - b.mean()) / e for (a, b), e in zip(pairs, errors, strict=True) if e > 0)


def measured(name: str, trials: int, run: Callable[[], object]) -> tuple[object, float]:
    """CPU seconds for 10,000 trials, scaled where fewer were run; prints a line."""
    begun, wall = time.process_time(), time.perf_counter()
    value = run()
    spent, passed = time.process_time() - begun, time.perf_counter() - wall
    scaled = spent * 10_000 / trials
    note = "" if trials == 10_000 else f"  (scaled from {trials} trials)"
    print(f"  {name:<34}{scaled:>10.2f} CPU s for 10,000 trials, {passed * 10_000 / trials:>10.2f} wall{note}")
    return value, scaled


def compare(size: int, skills: int, trials: int) -> None:
    """One size: ours with both policies, then the peers."""
    programme, plan = made_case(size, skills)
    print(f"{size} initiatives, {skills} skills, {QUARTERS} quarters and {HORIZON} months, {SCENARIOS} scenarios")
    for policy in Policy:
        look_ahead(Inputs(programme, plan, 10, HORIZON, policy))  # compiles, or reads the compile cache
        inputs = Inputs(programme, plan, 10_000, HORIZON, policy)
        _, ours = measured(f"outlook, {policy.value}", 10_000, lambda given=inputs: look_ahead(given))
    kept = look_ahead(Inputs(programme, plan, 10_000, HORIZON, keep_trials=True, keep_finishes=True))
    peers = {"NumPy and Python loops": plain_months} | ({"SimPy": simpy_months} if simpy else {})
    for name, allot in peers.items():
        g = np.random.default_rng(5)
        told, cost = measured(
            name, trials, lambda a=allot, g=g: [peer_trial(g, programme, plan, a) for _ in range(trials)]
        )
        distance = agreement(kept, told, 3 * QUARTERS + HORIZON)
        count = size + RESULTS + 2
        print(
            f"    {cost / ours:,.0f} × ours (re-planning); {count} means at most {distance:.1f} standard errors apart"
        )
    if simpy is None:
        print("  SimPy is not installed: left out")


def main() -> None:
    """Print one table a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--trials", type=int, default=400, help="trials of the peers at 40 initiatives; a quarter at 200"
    )
    trials = parser.parse_args().trials
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{date.today()}, {machine}")
    print("one process, warm compile cache, fixed seeds")
    compare(40, 8, trials)
    compare(200, 12, max(20, trials // 4))


if __name__ == "__main__":
    main()
