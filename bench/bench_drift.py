"""Drift of a plan in which a little of everything moved: its cost in outlooks, and what unpaired outlooks would see."""

import math
import time
from dataclasses import replace

from bench_outlook import made_case
from quarterdeck.engines import drift, outlook
from quarterdeck.engines.programme import Estimate, Plan, Programme

TRIALS = 4_000
CASES = ((40, 8), (200, 12))  # initiatives, skills


def moved(programme: Programme) -> Programme:
    """The programme with a moved measure, a person less, three larger estimates and less money."""
    first, *rest = programme.key_results
    lost, *skills = programme.skills
    grown = [
        replace(one, duration=Estimate(one.duration.low, one.duration.likely, one.duration.high * 1.5))
        for one in programme.initiatives[:3]
    ]
    return replace(
        programme,
        key_results=(replace(first, today=first.today - 0.2), *rest),
        skills=(replace(lost, supply=tuple(max(months - 1.0, 0.0) for months in lost.supply)), *skills),
        initiatives=(*grown, *programme.initiatives[3:]),
        discount=programme.discount + 0.01,
    )


def unpaired(programme: Programme, other: Programme, plan: Plan) -> float:
    """The standard error of the change of value between two outlooks that share no draws."""
    errors = [
        outlook.look_ahead(outlook.Inputs(one, plan, trials=TRIALS)).net_present_value.standard_error
        for one in (programme, replace(other, seed=other.seed + 1))
    ]
    return math.hypot(*errors)


def main() -> None:
    """Print a line for each size."""
    for size, skills in CASES:
        programme, plan = made_case(size, skills)
        after = moved(programme)
        drift.explain(drift.Inputs(programme, after, plan, trials=10))  # compiles
        begun = time.process_time()
        outlook.look_ahead(outlook.Inputs(programme, plan, trials=TRIALS))
        one = time.process_time() - begun
        begun = time.process_time()
        found = drift.explain(drift.Inputs(programme, after, plan, trials=TRIALS))
        spent = time.process_time() - begun
        change, apart = found.total.value, unpaired(programme, after, plan)
        print(
            f"{size} initiatives, {TRIALS} trials: {spent:.2f} CPU s, {spent / one:.1f} outlooks, "
            f"{len(found.groups)} groups; "
            f"value {change.mean:+.1f} ± {change.standard_error:.2f}, unpaired ± {apart:.2f} "
            f"({(apart / change.standard_error) ** 2:.0f} times the trials)"
        )


if __name__ == "__main__":
    main()
