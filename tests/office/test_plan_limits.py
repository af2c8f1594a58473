"""What holds a plan back is said so that no two sentences contradict each other."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from quarterdeck.engines.portfolio.result import Binding, ChangeKind, LeftOut, Method, Resource, Shortage, Why
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan import limits
from quarterdeck.office.plan.names import Names

START = date(2027, 1, 1)
PROGRAMME = SimpleNamespace(start=START)
NAMES = Names(Reader("nobody", ()))  # reads nothing: records are called by their keys


def bound(key: str, quarter: int, price: float, gain: float | None, resource: Resource = Resource.SKILL) -> Binding:
    return Binding(resource, key, quarter, 1.0, price, None, gain)


def plan(binding: tuple[Binding, ...] = (), moved: tuple[Any, ...] = (), shortages: tuple[Any, ...] = ()) -> Any:
    return SimpleNamespace(result=SimpleNamespace(binding=binding, moved=moved, shortages=shortages))


NOTHING = plan()
GAINS = plan((bound("java", 0, 900.0, 0.0), bound("data", 1, 400.0, 250.0)))
TIGHT = plan((bound("java", 0, 900.0, 0.0), bound("java", 2, 100.0, None), bound("data", 1, 400.0, 0.0)))
UNFIT = plan(TIGHT.result.binding, ("one",), (Shortage(Resource.SKILL, "ml", 0, 0.9, 6_000.0),))


@pytest.mark.parametrize(
    ("found", "said"),
    [(NOTHING, "no limit holds it back"), (GAINS, "data binds"), (TIGHT, "java and data are tight")],
)
def test_the_headline_names_what_holds_the_plan_back(found: Any, said: str) -> None:
    assert limits.holding(found, NAMES) == said


def test_what_does_not_fit_names_what_it_lacks() -> None:
    assert limits.unfitting(UNFIT, NAMES) == "What must be done does not fit: ml runs short."
    assert limits.unfitting(plan(moved=("one",)), NAMES) == "What must be done does not fit."
    assert limits.unfitting(TIGHT, NAMES) == ""


def test_that_no_limit_alone_changes_the_plan_is_said_only_where_each_was_tried() -> None:
    assert limits.alone(TIGHT).endswith("alone, none changes it.")
    assert limits.alone(GAINS) == limits.alone(NOTHING) == ""
    assert limits.alone(plan((bound("java", 0, 900.0, None),))) == ""


def test_a_limit_has_one_row_with_all_its_quarters() -> None:
    rows = limits.binds(TIGHT, PROGRAMME, NAMES, "EUR")
    assert [row.title for row in rows] == ["Java", "Data"]
    when, worth, checked = rows[0].effects
    assert when == "2027\u00a0Q1, 2027\u00a0Q3"
    assert worth == "one person-month more is worth up to 900\u00a0EUR"
    assert checked == "alone too little to change the plan"
    gaining = limits.binds(GAINS, PROGRAMME, NAMES, "EUR")
    assert gaining[0].title == "Data", "what changes the plan comes first"
    assert gaining[0].effects[-1] == "checked by choosing again: 250\u00a0EUR"


def test_several_limits_are_named_and_priced_only_where_all_of_it_is_sold() -> None:
    def let_in(money: float | None) -> str:
        what = "ml, capital, at_once"
        out = LeftOut("erp", Why.RESOURCES, ChangeKind.SEVERAL, what, None, 99.0, money, Method.BESIDE_PLAN)
        found = limits.left(SimpleNamespace(result=SimpleNamespace(left_out=(out,))), PROGRAMME, NAMES, "EUR")  # type: ignore[arg-type]
        return found[0].effects[1]

    named = "in with more of several together: ml, the capital budget and the number of initiatives at once"
    assert let_in(None) == named
    assert let_in(5_000.0) == f"{named}, for 5,000\u00a0EUR"


def test_all_that_it_waits_for_is_named_beside_what_it_takes() -> None:
    def told(change: ChangeKind, what: str) -> tuple[str, ...]:
        out = LeftOut("c", Why.PREDECESSOR, change, what, 0, 1.5, None, Method.BESIDE_PLAN, ("a", "b"))
        return limits.left(SimpleNamespace(result=SimpleNamespace(left_out=(out,))), PROGRAMME, NAMES, "EUR")[0].effects  # type: ignore[arg-type]

    skill = told(ChangeKind.SKILL, "java")
    assert skill == ("it waits for a and b", "in with 1.5 person-months more of java 2027\u00a0Q1")
    assert told(ChangeKind.PREDECESSOR, "b") == ("it waits for a and b", "in together with a and b")


def test_what_is_missing_is_summed_by_limit() -> None:
    some = (
        Shortage(Resource.SKILL, "ml", 0, 0.9, 6_000.0),
        Shortage(Resource.SKILL, "ml", 1, 1.1, 7_000.0),
        Shortage(Resource.CAPITAL, "", 3, 20_000.0, 20_000.0),
    )
    people, capital = limits.short(some, NAMES, PROGRAMME, "EUR")
    assert people.effects == ("2.0 person-months", "2027\u00a0Q1–Q2", "to be had for 13.0\u00a0k\u00a0EUR")
    assert capital.title == "What must be done lacks: the capital budget"
    assert capital.effects == ("20.0\u00a0k\u00a0EUR", "2027\u00a0Q4")


# ---- the words beneath


@pytest.mark.parametrize(
    ("value", "trials", "said"),
    [
        (0.0, 4_000, "< 0.1 %"),
        (1.0, 4_000, "> 99.9 %"),
        (0.0, 200, "< 10 %"),
        (0.0, 300_000, "< 0.001 %"),
        (0.0, 10, "0 %"),
        (0.003, 4_000, "< 1 %"),
        (0.38, 4_000, "38 %"),
        (None, 4_000, "cannot tell"),
    ],
)
def test_no_trial_of_many_is_not_never(value: float | None, trials: int, said: str) -> None:
    assert words.chance(value, trials).replace("\u00a0", " ") == said


def test_the_bound_of_no_trial_is_not_below_the_exact_one() -> None:
    """Against the exact (Clopper-Pearson) upper bound, 1 - 0.05 ** (1 / n), one-sided at 95 %."""
    for trials in (60, 200, 1_000, 4_000, 50_000):
        bound = float(words.chance(0.0, trials).strip("<%\u00a0").replace(",", "")) / 100
        assert bound >= 1 - 0.05 ** (1 / trials)


def test_quarters_in_a_row_are_one() -> None:
    said = words.quarters(START, [4, 0, 2, 1, 2, 8, 9]).replace("\u00a0", " ")
    assert said == "2027 Q1–Q3, 2028 Q1, 2029 Q1–Q2"
    assert words.quarters(START, [3, 4]).replace("\u00a0", " ") == "2027 Q4–2028 Q1"


def test_a_list_ends_with_and() -> None:
    assert [words.listed(["a", "b", "c"][:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]
