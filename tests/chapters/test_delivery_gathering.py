"""What the delivery chapter makes of reviews, deployments and histories before its engine measures."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.chapters.innovation.projects import delivery
from quarterdeck.chapters.innovation.projects.ancestry import Ancestry, histories
from quarterdeck.engines import delivery as engine
from quarterdeck.engines.delivery import Assumption, metrics

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=1)
NO_ANSWER: dict[str, Any] = {"author": "ada", "reviewer": None, "reviewed": None, "approved": None}


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def reviews(*rows: tuple[str, str, str | None, float], system: str | None = "shop") -> pl.DataFrame:
    """(repository, number, commit, hours after noon that it was merged) of one system; opened at noon."""
    made = [
        {"system": system, "repository": repository, "change": number, "commit": commit, "opened": NOON,
         "merged": hours(merged), **NO_ANSWER}
        for repository, number, commit, merged in rows
    ]  # fmt: skip
    texts = dict.fromkeys(("system", "commit", "reviewer"), pl.String())
    return pl.DataFrame(
        made, schema_overrides={**texts, "reviewed": pl.Datetime("us", "UTC"), "approved": pl.Datetime("us", "UTC")}
    )


def deployments(*rows: tuple[str, str, str | None, float, str], system: str = "shop") -> pl.DataFrame:
    """(name, environment, commit, hours after noon that it ended, result) of one system."""
    made: list[dict[str, Any]] = [
        {"system": system, "deployment": name, "environment": environment, "commit": commit,
         "finished": hours(ended), "result": result, "caused_incident": None, "is_rework": None}
        for name, environment, commit, ended, result in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema_overrides={"commit": pl.String()})


def history(*rows: tuple[str, tuple[str, ...], float]) -> Ancestry:
    """(commit, parents, hours after noon that it was written); the last is the head."""
    return Ancestry(commits(rows), rows[-1][0])


def commits(rows: Any, repository: str = "r") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"repository": repository, "commit": name, "parents": list(parents), "authored_at": hours(at)}
            for name, parents, at in rows
        ],
        schema_overrides={"parents": pl.List(pl.String)},
    )


def changes(asked: pl.DataFrame, ended: pl.DataFrame, *known: Ancestry) -> Any:
    return delivery._changes(engine, delivery._merged(asked, LONG_AGO), delivery._ends(ended), list(known))


def test_numbers_that_repeat_between_repositories_are_changes_each() -> None:
    asked = reviews(("front", "1", None, 1), ("back", "1", None, 2), ("front", "1", None, 1))
    found = changes(asked, deployments(("d", "production", None, 9, "success")))
    assert [change.key for change in found] == ["shop/front/1", "shop/back/1"]


def test_a_change_is_carried_by_its_commit_s_production_deployment() -> None:
    ends = deployments(
        ("to staging", "staging", "c1", 3, "success"),
        ("failed", "production", "c1", 4, "failure"),
        ("another", "production", "c2", 5, "success"),
        ("its own", "Production", "c1", 6, "success"),
    )
    own, other = changes(reviews(("front", "1", "c1", 1), ("front", "2", "c9", 2)), ends)
    assert own.deployments == ("shop/its own",)
    assert other.deployments == ("shop/another",), "the first after its merge, where its commit is not named"
    assert (own.assumed, other.assumed) == ((Assumption.OPENING,), (Assumption.OPENING, Assumption.NEXT))


def test_deployments_of_two_systems_that_are_numbered_alike_are_two() -> None:
    both = pl.concat(
        [
            deployments(("1", "production", None, 1, "success")),
            deployments(("1", "production", None, 2, "success"), system="cart"),
        ]
    )
    found = delivery._deployments(engine, both, LONG_AGO)
    assert [one.key for one in found] == ["shop/1", "cart/1"]
    keys = {"1": ["shop/1", "cart/1"], "2": ["cart/2"]}
    assert [
        delivery._named(*given, keys) for given in (("1", "cart"), ("2", "shop"), ("9", "shop"), (None, "shop"))
    ] == [
        "cart/1",
        "cart/2",
        "shop/9",
        None,
    ]


def test_a_merge_counts_from_the_first_commit_that_it_brought_in() -> None:
    #  a - b ------- m     x and y are brought in by m; b is not, though x stands on it
    #       \- x - y /
    known = history(("a", (), -90), ("b", ("a",), -80), ("x", ("b",), -30), ("y", ("x",), -40), ("m", ("b", "y"), 1))
    ends = deployments(("d0", "production", "b", 0, "success"), ("d", "production", "m", 5, "success"))
    (change,) = changes(reviews(("r", "1", "m", 1)), ends, known)
    assert (change.committed, change.written, change.assumed) == (hours(-40), hours(-40), ())
    assert change.deployments == ("shop/d",)
    inputs = engine.Inputs(LONG_AGO, hours(24), (change,), delivery._deployments(engine, ends, LONG_AGO))
    result = engine.measure(inputs)
    assert (result.change_lead_time.value, result.change_lead_time.assumed) == (45.0, ())


@pytest.mark.parametrize(
    ("commit", "written"),
    [
        ("early", hours(-20)),  # one commit, written before its review was opened
        ("squashed", None),  # one commit that is younger than the opening: a branch was squashed to it
        ("nothing", None),  # a merge that brought nothing in
        ("cut", None),  # the collected history ends there
        ("unknown", None),
    ],
)
def test_where_history_does_not_tell_the_opening_stands_and_is_said_to(commit: str, written: datetime | None) -> None:
    known = history(
        ("early", (), -20),
        ("squashed", ("early",), 0.9),
        ("cut", ("gone",), -50),
        ("nothing", ("squashed", "early"), 2),
    )
    ends = deployments(("d0", "production", None, 0, "success"), ("d", "production", None, 5, "success"))
    (change,) = changes(reviews(("r", "1", commit, 1)), ends, known)
    assert (change.written, change.committed) == (written, written or NOON)
    inputs = engine.Inputs(LONG_AGO, hours(24), (change,), delivery._deployments(engine, ends, LONG_AGO))
    result = engine.measure(inputs)
    said = {each.reason: (each.count, each.examples) for each in result.change_lead_time.assumed}
    opening = {} if written else {metrics.ASSUMED[Assumption.OPENING]: (1, ("shop/r/1",))}
    assert said == {**opening, metrics.ASSUMED[Assumption.NEXT]: (1, ("shop/r/1",))}
    assert result.change_lead_time.value == (5.0 if written is None else 25.0)
    coding = result.parts[0]
    assert coding.included == (0 if written is None else 1), "no coding time where the first commit is not known"


def test_where_history_says_that_nothing_carries_a_change_none_is_guessed() -> None:
    known = history(("a", (), -9), ("b", ("a",), -8), ("c", ("b",), -7))
    ends = deployments(("d1", "production", "a", 3, "success"), ("d2", "production", "b", 4, "success"))
    carried, waiting = changes(reviews(("r", "1", "b", 1), ("r", "2", "c", 1)), ends, known)
    assert (carried.deployments, waiting.deployments) == (("shop/d2",), ())
    assert (carried.assumed, waiting.assumed) == ((), ())


def test_a_change_is_carried_by_its_own_system_where_that_deploys() -> None:
    known = history(("a", (), -9), ("b", ("a",), -8))
    both = pl.concat(
        [
            deployments(("d", "production", "b", 3, "success"), system="cart"),
            deployments(("e", "production", "b", 4, "success")),
        ]
    )
    (own,) = changes(reviews(("r", "1", "b", 1)), both, known)
    (unnamed,) = changes(reviews(("r", "1", "b", 1), system=None), both, known)
    assert own.deployments == ("shop/e",)
    assert unnamed.deployments == ("cart/d", "shop/e")
    unsaid = deployments(("f", "production", None, 5, "success")).with_columns(system=pl.lit(None, pl.String()))
    (again,) = changes(reviews(("r", "1", "b", 1), system=None), pl.concat([both, unsaid]), known)
    assert again.deployments == ("cart/d", "shop/e"), "what another deployment leaves unsaid takes nothing away"


def test_the_first_answer_by_someone_else_counts() -> None:
    base = reviews(("r", "1", None, 9))
    rows = [("ada", 1.0), ("bo", 4.0), ("cy", 3.0)]
    several = pl.concat(
        [base.with_columns(reviewer=pl.lit(who), reviewed=pl.lit(hours(at))) for who, at in rows],
        how="vertical_relaxed",
    )
    (change,) = changes(several, deployments(("d", "production", None, 10, "success")))
    assert change.reviewed == hours(3)


@st.composite
def dags(draw: st.DrawFn) -> list[tuple[str, tuple[str, ...], float]]:
    """Commits with up to three parents among those before them; times in no order."""
    size = draw(st.integers(1, 14))
    found = []
    for place in range(size):
        some = draw(st.lists(st.integers(0, place - 1), max_size=3, unique=True)) if place else []
        found.append((f"c{place}", tuple(f"c{parent}" for parent in some), draw(st.floats(-50, 50))))
    return found


def reachable(rows: list[tuple[str, tuple[str, ...], float]], start: set[str]) -> set[str]:
    parents, found = {name: of for name, of, _ in rows}, set(start)
    while more := {parent for name in found for parent in parents[name]} - found:
        found |= more
    return found


@given(dags(), st.data())
@settings(max_examples=300, deadline=None)
def test_what_a_merge_brings_is_what_only_its_other_parents_reach(rows: Any, data: Any) -> None:
    """Against the definition, whichever commit is held to be the head; and so for what a deployment carries."""
    mixed = data.draw(st.permutations(rows))
    known = Ancestry(commits(mixed), data.draw(st.sampled_from(["c0", rows[-1][0], "not there"])))
    written = {name: hours(at) for name, _, at in rows}
    for name, parents, _ in rows:
        if len(parents) > 1:
            brought = reachable(rows, set(parents[1:])) - reachable(rows, {parents[0]})
            expected = min((written[one] for one in brought), default=None)
            assert known.first_written(name, None) == expected, name
    deployed = data.draw(st.lists(st.sampled_from([name for name, _, _ in rows]), max_size=5))
    expected_first: dict[str, str] = {}
    for number, commit in enumerate(deployed):
        for one in reachable(rows, {commit}):
            expected_first.setdefault(one, f"d{number}")
    ends = [(commit, f"d{number}") for number, commit in enumerate(deployed)]
    assert known.carried(ends, [*written, "not there"]) == expected_first


def test_histories_are_those_that_hold_what_is_asked_for() -> None:
    made = pl.concat([commits([("a", (), 0)], "one"), commits([("b", (), 0)], "two"), commits([("a", (), 0)], "one")])
    heads = pl.DataFrame({"repository": ["one", "two"], "head": ["a", None]})
    assert [("a" in one, "b" in one) for one in histories(made, heads, ["a", "z"])] == [(True, False)]
    assert histories(made, heads, []) == []


def test_a_hundred_thousand_commits_are_a_matter_of_seconds() -> None:
    """Branches of two commits that stand fifty merges behind, merged one after the other, deployed every tenth."""
    rows: list[tuple[str, tuple[str, ...], float]] = [("m0", (), -1e5)]
    for number in range(1, 33_334):
        behind = f"m{max(0, number - 50)}"
        rows += [(f"x{number}", (behind,), number - 60), (f"y{number}", (f"x{number}",), number - 50)]
        rows += [(f"m{number}", (f"m{number - 1}", f"y{number}"), number)]
    frame = commits([(name, parents, at / 100) for name, parents, at in rows])
    begun = time.process_time()
    known = Ancestry(frame, rows[-1][0])
    merges = [f"m{number}" for number in range(1, 33_334)]
    assert [known.first_written(name, None) for name in merges[100:110]] == [
        hours((number - 60) / 100) for number in range(101, 111)
    ]
    assert all(known.first_written(name, None) for name in merges)
    found = known.carried([(f"m{number}", f"d{number}") for number in range(0, 33_334, 10)], merges)
    assert (found["m100"], found["m101"], len(found)) == ("d100", "d110", 33_330)
    assert time.process_time() - begun < 10
