"""Seeded programmes to measure planning on: the core model's, and a whole company's."""

from datetime import date

import numpy as np

from quarterdeck.engines.programme import (
    Contractor,
    Contribution,
    Control,
    Effort,
    Estimate,
    Initiative,
    KeyResult,
    Pin,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
)

START = date(2026, 1, 1)


def exactly(amount: float) -> Estimate:
    """An estimate without spread."""
    return Estimate(amount, amount, amount)


def spread(random: np.random.Generator, likely: float) -> Estimate:
    """An estimate as people give them: a little less, much more."""
    return Estimate(likely * random.uniform(0.6, 0.95), likely, likely * random.uniform(1.1, 2.2))


def supplies(
    random: np.random.Generator, initiatives: list[Initiative], skills: int, quarters: int, low: float, high: float
) -> tuple[Skill, ...]:
    """Supply of each skill as a share of what all initiatives together would take, spread evenly over the plan."""
    demand = dict.fromkeys((f"skill-{index:02d}" for index in range(skills)), 0.0)
    for initiative in initiatives:
        for effort in initiative.efforts:
            demand[effort.skill] += effort.months.mean
    return tuple(
        Skill(key, (round(total * float(random.uniform(low, high)) / (3 * quarters), 3),) * (3 * quarters))
        for key, total in demand.items()
    )


def core_initiative(random: np.random.Generator, index: int, skills: int, quarters: int) -> Initiative:
    """Starts, skills, budget, precedence and exclusion only; must finish within the plan."""
    length = int(random.integers(1, 6))
    needs = random.choice(skills, size=int(random.integers(1, 5)), replace=False)
    efforts = tuple(
        Effort(f"skill-{need:02d}", exactly(round(float(random.uniform(1.0, 9.0)), 2))) for need in sorted(needs)
    )
    work = sum(effort.months.mean for effort in efforts)
    worth = 20_000.0 * work * float(random.uniform(0.6, 1.6)) + float(random.uniform(0, 100_000))
    waits: tuple[Precedence, ...] = ()
    if index and random.random() < 0.25:
        waits = (Precedence(f"initiative-{int(random.integers(max(0, index - 50), index)):04d}"),)
    return Initiative(
        key=f"initiative-{index:04d}",
        duration=exactly(3.0 * length),
        efforts=efforts,
        earliest=int(random.integers(0, 4)) if random.random() < 0.3 else 0,
        latest=quarters - length,
        capital=exactly(round(float(random.uniform(0.2, 1.8)) * 3_000.0 * work, 0)),
        benefit=exactly(round(worth / 36, 2)),
        predecessors=waits,
        excludes=f"group-{int(random.integers(0, 40)):02d}" if random.random() < 0.08 else None,
    )


def core(
    initiatives: int = 1000,
    quarters: int = 12,
    skills: int = 30,
    low: float = 0.25,
    high: float = 0.60,
    budget: float = 0.5,
    seed: int = 1,
) -> Programme:
    """The core model: supplies at `low` to `high` of demand, capital at `budget` of what all would spend."""
    random = np.random.default_rng(seed)
    made = [core_initiative(random, index, skills, quarters) for index in range(initiatives)]
    spend = sum(one.capital.mean for one in made)
    return Programme(
        start=START,
        quarters=quarters,
        initiatives=tuple(made),
        skills=supplies(random, made, skills, quarters, low, high),
        capital=(round(spend * budget / quarters, 0),) * quarters,
        carry_over=True,
    )


def company_initiative(
    random: np.random.Generator, index: int, skills: int, scenarios: int, results: int
) -> Initiative:
    """One initiative of a whole company: spreads, spend, benefits, goals, controls, windows, mandates."""
    needs = random.choice(skills, size=int(random.integers(1, 4)), replace=False)
    work = float(random.uniform(2, 24))
    parts = random.dirichlet(np.ones(len(needs))) * work
    efforts = tuple(
        Effort(f"skill-{need:02d}", spread(random, round(float(part), 2)))
        for need, part in sorted(zip(needs, parts, strict=True))
    )
    kind = random.random()
    worth = float(random.uniform(0.2, 1.4)) * 15_000 * work / 36 if kind < 0.7 else 0.0
    contributions: tuple[Contribution, ...] = ()
    controls: tuple[Control, ...] = ()
    if 0.5 < kind < 0.85 and results:
        target = int(random.integers(0, results))
        contributions = (Contribution(f"result-{target:02d}", spread(random, float(random.uniform(2, 12)))),)
    if kind > 0.75 and scenarios:
        target = int(random.integers(0, scenarios))
        controls = (Control(f"scenario-{target:02d}", float(random.uniform(0.4, 0.9)), float(random.uniform(0.6, 1))),)
    waits: tuple[Precedence, ...] = ()
    if index and random.random() < 0.2:
        waits = (Precedence(f"initiative-{int(random.integers(max(0, index - 20), index)):04d}", lag=1),)
    duration = float(random.integers(2, 14))
    return Initiative(
        key=f"initiative-{index:04d}",
        duration=spread(random, duration),
        efforts=efforts,
        profile=((1.0,), (1.0, 3.0, 2.0), (2.0, 1.0))[int(random.integers(0, 3))],
        earliest=int(random.integers(0, 3)),
        mandate=int(random.integers(24, 33)) if index % 40 == 7 and not waits and work < 8 else None,
        capital=spread(random, round(2_000 * work, 0)),
        running=spread(random, 50 * work),
        benefit=spread(random, worth),
        ramp=int(random.integers(0, 7)),
        contributions=contributions,
        controls=controls,
        predecessors=waits,
        excludes=f"group-{index % 7}" if random.random() < 0.06 else None,
        pin=Pin.OUT if index % 50 == 13 else Pin.FREE,
        started=-1 if index % 25 == 3 and not waits else None,
        done=0.3 if index % 25 == 3 and not waits else 0.0,
    )


def company(initiatives: int = 150, quarters: int = 12, skills: int = 15, seed: int = 1) -> Programme:
    """The full model at the size of a real company: hires, contractors, goals, scenarios, both budgets."""
    random = np.random.default_rng(seed)
    scenarios, results = max(2, initiatives // 10), max(2, initiatives // 15)
    made = [company_initiative(random, index, skills, scenarios, results) for index in range(initiatives)]
    people = supplies(random, made, skills, quarters, 0.3, 0.8)
    spend = sum(one.capital.mean for one in made)
    return Programme(
        start=START,
        quarters=quarters,
        initiatives=tuple(made),
        skills=tuple(Skill(one.key, one.supply, attrition=0.08) for one in people),
        routes=tuple(
            Route(f"route-{one.key}", one.key, 12_000.0, 8_000.0, Estimate(2, 3, 6), 4, 2) for one in people[::2]
        ),
        contractors=tuple(Contractor(one.key, 16_000.0, 6.0) for one in people[::3]),
        key_results=tuple(
            KeyResult(f"result-{index:02d}", f"goal-{index % 4}", float(random.uniform(1, 6)) * 100_000, 0.0,
                      float(random.uniform(10, 30)), int(random.integers(12, 36)), float(random.uniform(-0.1, 0.1)))
            for index in range(results)
        ),
        scenarios=tuple(
            Scenario(f"scenario-{index:02d}", spread(random, float(random.uniform(0.2, 2))),
                     float(random.uniform(1, 5)) * 10_000, float(random.uniform(10, 80)) * 10_000)
            for index in range(scenarios)
        ),
        capital=(round(spend * 0.5 / quarters, 0),) * quarters,
        running=(round(spend * 0.12 / quarters + 60_000, 0),) * quarters,
        most_at_once=max(5, initiatives // 4),
    )  # fmt: skip
