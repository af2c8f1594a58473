"""Drift: the example of its page, figure by figure, and the golden result."""

from datetime import date
from pathlib import Path

import pytest
from golden import compare
from scipy.stats import beta

from quarterdeck.engines import drift
from quarterdeck.engines.outlook.result import Change
from quarterdeck.engines.programme import (
    Contribution,
    Effort,
    Estimate,
    Initiative,
    KeyResult,
    Plan,
    Programme,
    Skill,
    Start,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "drift.md"
PLAN = Plan((Start("search", 0), Start("login", 0)))


def programme(people: float, login: Estimate, orders: float) -> Programme:
    """The company of the page, with what moved in it."""
    faster = Contribution("orders", Estimate(4, 5, 6))
    return Programme(
        start=date(2027, 1, 1),
        quarters=4,
        initiatives=(
            Initiative(
                "search",
                Estimate(3, 4, 6),
                (Effort("developers", Estimate(3, 4, 6)),),
                benefit=Estimate(10, 12, 15),
                contributions=(faster,),
            ),
            Initiative("login", login, (Effort("developers", login),), benefit=Estimate(5, 6, 7)),
        ),
        skills=(Skill("developers", (people,) * 36),),
        key_results=(KeyResult("orders", "grow", 100.0, today=orders, target=5.0, due=11),),
    )


@pytest.fixture(scope="module")
def found() -> drift.Result:
    approved = programme(1.5, Estimate(2, 3, 5), 0.0)
    today = programme(1.0, Estimate(3, 4, 7), -0.5)
    return drift.explain(drift.Inputs(approved, today, PLAN))


def interval(change: Change, digits: int = 2) -> str:
    """A change with its interval; exactly nothing where no trial differs."""
    if change.mean == change.low == change.high == 0:
        return "nothing"
    return f"{change.mean:+.{digits}f} ({change.low:+.{digits}f} to {change.high:+.{digits}f})"


def documented(found: drift.Result) -> list[str]:
    """The lines of the page that hold figures."""
    goal, late = found.goals[0], {finish.initiative: finish for finish in found.finishes}
    lines = [f"| value | | | {interval(found.total.value)} |"]
    lines.append(f"| chance of orders | {goal.before:.1%} | {goal.after:.1%} | {interval(goal.change, 3)} |")
    lines += [
        f"| finish of {key}, months | {finish.before:.2f} | {finish.after:.2f} | {interval(finish.change)} |"
        for key, finish in late.items()
    ]
    for group in found.groups:
        effect = group.effect
        lines.append(
            f"| {group.name} | {', '.join(group.changed)} | {interval(effect.value)} | {interval(effect.met[0], 3)} | "
            f"{interval(effect.finishes[1])} |"
        )
    return [*lines, f"| rest | | {interval(found.checks.rest)} | | |"]


def test_the_documented_example(found: drift.Result) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for line in documented(found):
        assert line in text, line


def test_the_groups_and_the_rest_make_the_whole(found: drift.Result) -> None:
    alone = sum(group.effect.value.mean for group in found.groups)
    assert alone + found.checks.rest.mean == pytest.approx(found.total.value.mean, abs=1e-12)


def test_the_goal_by_closed_form(found: drift.Result) -> None:
    """What search adds is 4 + 2 × beta(3, 3): at least 5 in half of all futures; at least 5.5 in fewer."""
    goal, trials = found.goals[0], found.checks.trials
    for chance, needed in ((goal.before, 0.5), (goal.after, 0.75)):
        expected = float(beta(3, 3).sf(needed))
        assert chance == pytest.approx(expected, abs=4 * (expected * (1 - expected) / trials) ** 0.5)


def test_half_the_people_take_twice_as_long() -> None:
    """Without uncertainty, six person-months that two people do in three months."""
    fixed = Estimate(6, 6, 6)
    work = Initiative("search", Estimate(1, 1, 1), (Effort("developers", fixed),))

    def company(people: float) -> Programme:
        return Programme(
            start=date(2027, 1, 1), quarters=8, initiatives=(work,), skills=(Skill("developers", (people,) * 36),)
        )

    moved = drift.explain(drift.Inputs(company(2.0), company(1.0), Plan((Start("search", 0),)), trials=50))
    shift = moved.finishes[0]
    assert (shift.before, shift.after, shift.change.mean) == pytest.approx((3.0, 6.0, 3.0))
    assert shift.drifted
    assert [group.name for group in moved.groups] == ["staff"]


def test_golden(found: drift.Result) -> None:
    compare("drift", found)
