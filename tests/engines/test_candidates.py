"""Candidates: closed forms of effort and worth, merging, order, what is missing, fingerprints, the golden result."""

import math
from datetime import date
from decimal import Decimal

import golden
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from quarterdeck.engines import candidates
from quarterdeck.engines.candidate import (
    Candidate,
    LossEffect,
    Money,
    Pace,
    Past,
    Reference,
    Size,
    Steps,
    Words,
    fingerprint,
    material,
)
from quarterdeck.engines.candidates import Asked, Inputs, Rate, effort, worth
from quarterdeck.engines.candidates.rates import yearly
from quarterdeck.engines.programme import Estimate, Scenario

TODAY = date(2026, 11, 20)
UNIT = Words("points", "分")


def one(key: str, **further: object) -> Candidate:
    """A candidate of the source before the key's first slash."""
    source = key.split("/")[0]
    values = {"subject": key, "title": Words(key, key), "why": Words(f"{key}.", f"{key}。"), **further}
    return Candidate(key, source, **values)  # type: ignore[arg-type]


def weigh(*found: Candidate, **further: object) -> candidates.Result:
    """The result for candidates whose sources are asked for by themselves."""
    names = sorted({candidate.source for candidate in found})
    asked = tuple(Asked(name, Words(name, name)) for name in names)
    return candidates.weigh(Inputs(TODAY, found, asked, **further))  # type: ignore[arg-type]


def test_the_effort_is_the_middle_of_what_the_past_took() -> None:
    """Of 1 … 101 days the 10 %, 50 % and 90 % quantiles are 11, 51 and 91 days: textbook order statistics."""
    found = effort.by_past(Past(tuple(float(n) for n in range(1, 102))))
    assert found == Estimate(11 / 21, 51 / 21, 91 / 21)


def test_the_interval_widens_with_the_distance() -> None:
    days = tuple(float(n) for n in range(1, 102))
    near, minor, far = (effort.by_past(Past(days), steps) for steps in (Steps(), Steps(0, 3, 0), Steps(2, 0, 0)))
    assert near
    assert minor
    assert far
    assert (minor.low, minor.likely) == (near.low, near.likely)
    assert minor.high == pytest.approx(1.25 * near.high)
    assert far.low == near.low
    assert far.likely == pytest.approx(2 * near.likely)
    assert far.high == pytest.approx(3 * near.high)
    assert effort.by_past(Past(days), Steps(9, 0, 0)) == effort.by_past(Past(days), Steps(4, 0, 0))


def test_pieces_multiply_end_by_end() -> None:
    """Of 1 … 101 days each; one piece at least, two likely, four at most: 11, 2 × 51 and 4 × 91 days."""
    days = tuple(float(n) for n in range(1, 102))
    found = effort.by_past(Past(days, scale=Estimate(1.0, 2.0, 4.0)))
    assert found == Estimate(11 / 21, 102 / 21, 364 / 21)


def test_it_lasts_as_long_as_one_person_needs_beside_operations() -> None:
    """2 – 3 – 4 person-months with half, 40 % and a quarter of the time left: 4, 7.5 and 16 months."""
    past = Past((1.0,) * 9)
    found = effort.lasting(past, Estimate(2.0, 3.0, 4.0), Estimate(0.25, 0.4, 0.5))
    assert found
    assert (found.low, found.likely, found.high) == pytest.approx((4.0, 7.5, 16.0))
    assert effort.lasting(past, Estimate(2.0, 3.0, 4.0), None) is None, "nobody has said what operations leave"
    assert effort.lasting(past, Estimate(2.0, 3.0, 4.0), Estimate(0.0, 0.4, 0.5)) is None


def test_it_lasts_as_past_work_did_where_that_is_on_record() -> None:
    """Of 1 … 11 months the 10 %, 50 % and 90 % quantiles are 2, 6 and 10; of two to three pieces at once 2, one after
    another 2 × 6 and 3 × 10."""
    months = tuple(float(n) for n in range(1, 12))
    share = Estimate(0.5, 0.5, 0.5)
    assert effort.lasting(Past((1.0,) * 11, months=months), Estimate(1, 1, 1), share) == Estimate(2.0, 6.0, 10.0)
    several = Past((1.0,) * 11, scale=Estimate(2.0, 2.0, 3.0), months=months)
    assert effort.lasting(several, Estimate(1, 1, 1), share) == Estimate(2.0, 12.0, 30.0)


@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_rate_holds_its_chance(count: int) -> None:
    """Drawn again from the prior and Poisson's law, the rate lies within its interval eight times of ten.

    Jeffreys' prior is no distribution; a flat one in √rate up to 40 is, and gives the same posterior for small counts.
    """
    draws = np.random.default_rng(count)
    rates = draws.uniform(0, math.sqrt(40), 400_000) ** 2
    seen = rates[draws.poisson(rates) == count]
    found = yearly(count)
    assert found.likely == count
    inside = float(((seen >= found.low) & (seen <= found.high)).mean())
    assert inside == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / len(seen)))


def test_a_short_past_tells_no_effort() -> None:
    assert effort.by_past(Past((1.0, 2.0, 3.0, 4.0))) is None
    assert effort.by_past(Past((1.0, 2.0, 3.0, 4.0, 5.0))) is not None


def test_a_steady_pace_has_one_answer() -> None:
    """Ten items a week without spread: thirty items take three weeks, of four people twelve person-weeks."""
    months, duration = effort.by_pace(Pace((10,) * 60, 4.0, 30.0), "backlog/x", 1)
    weeks = 365.25 / 7 / 12
    assert months
    assert duration
    assert (duration.low, duration.likely, duration.high) == pytest.approx((3 / weeks,) * 3)
    assert (months.low, months.likely, months.high) == pytest.approx((12 / weeks,) * 3)
    assert effort.by_pace(Pace((10,) * 60, None, 30.0), "backlog/x", 1)[0] is None
    assert effort.by_pace(Pace((0,) * 60, 4.0, 30.0), "backlog/x", 1) == (None, None)


def test_expected_loss_is_that_of_the_lognormal() -> None:
    """With σ = 1 and μ = 0 the 5 % and 95 % quantiles are e^∓1.6449 and the mean is e^½."""
    scenario = Scenario("s", Estimate(2.0, 2.0, 2.0), math.exp(-worth.NINETY), math.exp(worth.NINETY))
    assert worth.expected_loss(scenario) == pytest.approx(2 * math.exp(0.5), rel=1e-12)
    effects = (LossEffect("s", Estimate(0.25, 0.5, 1.0)), LossEffect("not known", Estimate(0.0, 0.0, 0.0)))
    avoided = worth.avoided(effects, {"s": scenario})
    assert avoided is not None
    loss = 2 * math.exp(0.5)
    assert (avoided.low, avoided.likely, avoided.high) == pytest.approx((0.0, loss / 2, 0.75 * loss))


def test_expected_loss_agrees_with_drawing_it() -> None:
    """The closed form against two hundred thousand drawn events."""
    draws = np.random.default_rng(3)
    low, high = 1_000.0, 100_000.0
    sigma = math.log(high / low) / (2 * worth.NINETY)
    events = draws.lognormal((math.log(low) + math.log(high)) / 2, sigma, 200_000)
    closed = worth.expected_loss(Scenario("s", Estimate(1.0, 1.0, 1.0), low, high))
    assert closed == pytest.approx(events.mean(), abs=5 * events.std() / math.sqrt(len(events)))


def test_candidates_for_one_action_become_one_that_goes_farthest() -> None:
    days = tuple(float(n) for n in range(1, 11))
    row, other = Reference("components", "lock", "uv.lock", 12, "x 1"), Reference("life_cycles", "e", "x.md", 3, "x 1")
    fix = one(
        "advisories/shop/x",
        action="upgrade:x",
        system="shop",
        past=Past(days),
        steps=Steps(0, 0, 2),
        path=(row,),
        facts=("a", "b"),
    )
    move = one(
        "ended/shop/x",
        action="upgrade:x",
        system="shop",
        past=Past(days),
        steps=Steps(3, 0, 0),
        by=date(2027, 1, 1),
        path=(row, other),
        facts=("c",),
    )
    elsewhere = one("advisories/till/x", action="upgrade:x", system="till")
    result = weigh(fix, move, elsewhere)
    assert len(result.candidates) == 2
    merged = next(w for w in result.candidates if w.candidate.system == "shop")
    assert merged.candidate.key == "ended/shop/x"
    assert merged.also == ("advisories/shop/x",)
    assert merged.sources == ("ended", "advisories")
    assert merged.candidate.path == (row, other)
    assert merged.candidate.facts == ("a", "b", "c")
    assert merged.candidate.by == date(2027, 1, 1)
    assert "advisories/shop/x." in merged.candidate.why.en
    assert result.checks.merged == 1
    assert [(c.source, c.found, c.standing) for c in result.sources] == [("advisories", 2, 1), ("ended", 1, 1)]


def test_one_effect_a_scenario_when_the_same_work_is_named_twice() -> None:
    """Halving and halving again by the same upgrade is not a quarter."""
    half, third = LossEffect("s", Estimate(0.5, 0.5, 0.5)), LossEffect("s", Estimate(0.3, 0.3, 0.3))
    result = weigh(one("a/1", action="x", loss=(half,)), one("b/1", action="x", subject="a/1", loss=(third,)))
    assert result.candidates[0].candidate.loss == (third,)


def test_money_comes_first_then_the_day_then_the_sources_take_turns() -> None:
    save = Money(Decimal("1.00"), Decimal("1.00"), Decimal("1.00"), "EUR")
    dear = Money(Decimal("9.00"), Decimal("9.00"), Decimal("9.00"), "USD")
    found = (
        one("a/1", size=Size(5.0, UNIT)),
        one("a/2", size=Size(9.0, UNIT)),
        one("b/1", size=Size(1.0, UNIT)),
        one("c/late", by=date(2027, 5, 1)),
        one("c/soon", by=date(2026, 12, 1)),
        one("d/eur", saving=save),
        one("d/usd", saving=dear),
    )
    result = weigh(*found, currency="EUR", rates=(Rate("USD", 0.5),))
    assert [w.candidate.key for w in result.candidates] == ["d/usd", "d/eur", "c/soon", "c/late", "a/2", "b/1", "a/1"]
    assert result.candidates[0].saved == Estimate(54.0, 54.0, 54.0)
    assert weigh(*reversed(found), currency="EUR", rates=(Rate("USD", 0.5),)).candidates == result.candidates


def test_what_is_not_known_is_empty_and_named() -> None:
    found = weigh(one("a/1", missing=("target", "skill", "effort"))).candidates[0]
    assert found.candidate.efforts == ()
    assert found.candidate.duration is None
    assert (found.avoided, found.saved) == (None, None)
    assert set(found.candidate.missing) == {"target", "effort", "duration", "value", "system"}
    known = weigh(
        one("a/1", system="s", past=Past((1.0,) * 9), saving=Money(Decimal(1), Decimal(1), Decimal(1), "EUR")),
        currency="EUR",
        share=Estimate(0.4, 0.5, 0.6),
    )
    assert known.candidates[0].candidate.missing == ("skill",)
    assert known.checks.smallest_sample == 9


def test_an_amount_without_a_rate_is_shown_and_does_not_count() -> None:
    result = weigh(one("a/1", saving=Money(Decimal(1), Decimal(1), Decimal(1), "JPY")), currency="EUR")
    assert result.candidates[0].saved is None
    assert result.checks.unconverted == ("JPY",)


def test_only_more_than_was_known_is_material() -> None:
    before = fingerprint(one("a/1", facts=("x", "y"), size=Size(10.0, UNIT)))
    assert not material(before, before)
    assert not material(before, fingerprint(one("a/1", facts=("x",), size=Size(14.9, UNIT))))
    assert material(before, fingerprint(one("a/1", facts=("x", "y", "z"), size=Size(10.0, UNIT))))
    assert material(before, fingerprint(one("a/1", facts=("x", "y"), size=Size(15.0, UNIT))))
    aged = Size(10.0, UNIT, news=False)
    assert not material(fingerprint(one("a/1", size=aged)), fingerprint(one("a/1", size=Size(99.0, UNIT, news=False))))


def test_faults_of_a_source_are_named() -> None:
    with pytest.raises(ValueError, match="same key"):
        weigh(one("a/1"), one("a/1"))
    with pytest.raises(ValueError, match="not asked"):
        candidates.weigh(Inputs(TODAY, (one("a/1"),)))


@given(
    st.lists(st.floats(0.01, 100), min_size=5, max_size=60),
    st.integers(0, 6), st.integers(0, 30), st.floats(0.1, 20),
)  # fmt: skip
def test_an_effort_is_in_order_and_grows_with_distance(days: list[float], major: int, minor: int, scale: float) -> None:
    past = Past(tuple(days), scale=Estimate(scale, scale, 2 * scale))
    near, far = effort.by_past(past), effort.by_past(past, Steps(major, minor, 0))
    assert near
    assert far
    assert far.low <= far.likely <= far.high
    assert (far.low, True, True) == (near.low, far.likely >= near.likely, far.high >= near.high)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.sampled_from(["", "x", "y"])), unique_by=lambda t: t[:2]
    )
)
def test_every_candidate_is_in_the_result_once(drawn: list[tuple[str, int, str]]) -> None:
    found = [one(f"{source}/{number}", action=action, subject="s") for source, number, action in drawn]
    result = weigh(*found)
    kept = [key for w in result.candidates for key in (w.candidate.key, *w.also)]
    assert sorted(kept) == sorted(c.key for c in found)
    assert result.checks.found == len(found) == result.checks.merged + len(result.candidates)


def worked() -> Inputs:
    """The example of the engine's page."""
    days = (0.2, 0.3, 0.5, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0)
    upgrade = one(
        "ended/shop/django/3.2",
        action="upgrade:pypi/django",
        system="shop",
        by=date(2026, 4, 1),
        size=Size(233.0, UNIT, news=False),
        past=Past(days),
        steps=Steps(2, 0, 0),
        facts=("ends 2026-04-01",),
        path=(Reference("components", "shop", "uv.lock", 12, "django 3.2"),),
    )
    fix = one(
        "advisories/shop/pypi/django",
        action="upgrade:pypi/django",
        system="shop",
        size=Size(21.5, UNIT),
        past=Past(days),
        steps=Steps(0, 0, 4),
        loss=(LossEffect("breach", Estimate(0.4, 0.7, 1.0)),),
        facts=("advisory A", "advisory B"),
    )
    idle = one(
        "bill/idle/disk-9",
        saving=Money(Decimal("41.37"), Decimal("41.37"), Decimal("41.37"), "USD"),
        size=Size(41.37, UNIT),
    )
    epic = one(
        "backlog/P-1",
        system="shop",
        pace=Pace((3, 5, 2, 4, 6, 3, 4, 5, 2, 3, 4, 6, 5, 4), 3.0, 12.0),
        size=Size(12.0, UNIT),
    )
    asked = tuple(
        Asked(name, Words(name, name), ("person",) if name == "knowledge" else ())
        for name in ("advisories", "ended", "backlog", "bill", "knowledge")
    )
    scenario = Scenario("breach", Estimate(0.1, 0.2, 0.5), 20_000.0, 900_000.0)
    return Inputs(
        TODAY, (upgrade, fix, idle, epic), asked, (scenario,), "EUR", (Rate("USD", 0.9),), Estimate(0.32, 0.42, 0.5)
    )


def test_the_worked_example_is_as_the_page_says() -> None:
    """docs/engines/candidates.md prints these figures."""
    result = candidates.weigh(worked())
    assert [w.candidate.key for w in result.candidates] == ["ended/shop/django/3.2", "bill/idle/disk-9", "backlog/P-1"]
    first = result.candidates[0]
    assert first.avoided is not None
    assert (round(first.avoided.low), round(first.avoided.likely), round(first.avoided.high)) == (0, 18_344, 36_688)
    months = first.candidate.efforts[0].months
    assert [round(v, 4) for v in (months.low, months.likely, months.high)] == [0.0133, 0.0762, 0.3143]
    assert first.overdue
    saved = result.candidates[1].saved
    assert saved is not None
    assert round(saved.likely, 2) == 446.80


def test_the_result_is_the_golden_one_and_goes_through_json() -> None:
    inputs, result = worked(), candidates.weigh(worked())
    for value in (inputs, result):
        adapter = TypeAdapter(type(value))
        assert adapter.validate_json(adapter.dump_json(value)) == value
    golden.compare("candidates", TypeAdapter(candidates.Result).dump_python(result, mode="json"))
