"""The annual loss against closed forms, textbooks, Panjer's recursion, published cases and plain simulation."""

from dataclasses import replace
from math import exp, sqrt
from pathlib import Path

import numpy as np
import pytest
from golden import compare
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.stats import lognorm

from quarterdeck.engines.loss import Evaluator, Inputs, Verdict, annual_loss, assess
from quarterdeck.engines.loss.annual import distribution, source
from quarterdeck.engines.loss.severity import fit, lattices
from quarterdeck.engines.programme import Appetite, Control, Estimate, Scenario


def fixed(rate_a_year: float) -> Estimate:
    return Estimate(rate_a_year, rate_a_year, rate_a_year)


def company(count: int, seed: int = 1) -> tuple[Scenario, ...]:
    """Scenarios as companies have them: rare and frequent, narrow and wide."""
    generator, found = np.random.default_rng(seed), []
    for number in range(count):
        low = 10 ** generator.uniform(3, 5)
        high = low * 10 ** generator.uniform(0.7, 2.5)
        found.append(
            Scenario(f"s{number}", Estimate(*np.sort(10 ** generator.uniform(-2, 0.7, 3)).tolist()), low, high)
        )
    return tuple(found)


def test_moments_are_the_closed_forms() -> None:
    scenario = Scenario("a", Estimate(1.0, 3.0, 8.0), 1e4, 4e4)
    found, law = assess(Inputs((scenario,), trials=0)), fit(1e4, 4e4)
    assert found.mean == pytest.approx(3.5 * exp(law.location + law.scale**2 / 2), rel=1e-13)
    rising = 1 + 4 * 2 / 7
    of_rate = 49 * rising * (6 - rising) / (36 * 7)
    second = exp(2 * law.location + 2 * law.scale**2)
    assert found.deviation == pytest.approx(sqrt(3.5 * second + of_rate * law.mean**2), rel=1e-13)


def test_one_rare_scenario_is_the_lognormal_itself() -> None:
    """With hardly ever two events a year, P(loss > x) = P(N = 1) P(X > x) to the square of the rate."""
    found = annual_loss([Scenario("a", fixed(1e-3), 1e4, 1e6)], probability=0.9999)
    law = fit(1e4, 1e6)
    amount = exp(law.location + 1.2 * law.scale)
    alone = lognorm(law.scale, scale=exp(law.location)).sf(amount)
    assert found.exceedance(amount) == pytest.approx(1e-3 * alone, rel=2e-3)


@pytest.mark.parametrize(("count", "points"), [(1, 2**18), (20, 2**18), (100, 2**16)])
def test_quantiles_stay_within_their_error(count: int, points: int) -> None:
    scenarios = company(count)
    found = assess(Inputs(scenarios, trials=0))
    truth = distribution([source(one) for one in scenarios], 2 * found.checks.reach / points, points)
    assert found.checks.converged
    for one in found.quantiles:
        assert abs(one.amount - truth.quantile(one.probability)) <= max(one.error, 1e-7 * one.amount)
    assert found.quantiles[-1].amount == pytest.approx(truth.quantile(0.999), rel=1e-5)
    for one in found.tail_means:
        assert one.amount == pytest.approx(truth.tail_mean(one.probability), abs=one.error + 1e-7 * one.amount)


def test_error_at_the_rarest_quantile_of_five_hundred() -> None:
    scenarios = company(500, 2)
    found = assess(Inputs(scenarios, trials=0))
    truth = distribution([source(one) for one in scenarios], 2 * found.checks.reach / 2**16, 2**16)
    assert abs(found.quantiles[-1].amount / truth.quantile(0.999) - 1) <= 1e-4


def test_low_quantiles_beside_a_rare_catastrophe() -> None:
    """Many small events and hardly ever a huge one: ordinary years must not drown in the huge one's lattice."""
    small = Scenario("small", Estimate(1000.0, 2000.0, 5000.0), 1.0, 10.0)
    huge = Scenario("huge", fixed(0.02), 1e7, 1e9)
    found, alone = assess(Inputs((small, huge), trials=0)), annual_loss([small], probability=0.99, points=2**17)
    assert found.checks.converged
    assert found.checks.levels == 2
    for one in found.quantiles[:3]:
        assert (
            alone.quantile(one.probability)
            < one.amount
            == pytest.approx(alone.quantile(one.probability / exp(-0.02)), rel=2e-4)
        )


def test_plain_simulation_agrees() -> None:
    scenarios, generator, trials = company(12, 3), np.random.default_rng(5), 200_000
    totals = np.zeros(trials)
    for one in scenarios:
        law, lowest = fit(one.low, one.high), one.frequency.low
        width = one.frequency.high - lowest
        rising = 1 + 4 * (one.frequency.likely - lowest) / width
        counts = generator.poisson(lowest + width * generator.beta(rising, 6 - rising, trials))
        years = np.repeat(np.arange(trials), counts)
        totals += np.bincount(years, generator.lognormal(law.location, law.scale, years.size), trials)
    found = assess(Inputs(scenarios, trials=0))
    for one in found.quantiles:
        within = np.mean(totals <= one.amount)
        assert abs(within - one.probability) < 4 * sqrt(one.probability * (1 - one.probability) / trials)


def test_the_engines_own_simulation_agrees() -> None:
    found = assess(Inputs(company(30, 4), trials=200_000))
    assert found.checks.trials == 200_000
    assert 0 < found.checks.gap < 2.5  # half widths of 95 % intervals, the largest of six


def test_shares_against_convolution() -> None:
    """Two fixed rates: E[S_1; total = s] = rate × Σ x f(x) P(total = s - x), the size-biased identity."""
    sources = [source(Scenario("a", fixed(1.5), 1e4, 6e4)), source(Scenario("b", fixed(0.4), 5e4, 3e5))]
    scenarios = (Scenario("a", fixed(1.5), 1e4, 6e4), Scenario("b", fixed(0.4), 5e4, 3e5))
    found = assess(Inputs(scenarios, trials=0, tail=0.9))
    points, amount = 2**13, annual_loss(scenarios, probability=0.999).quantile(0.9)
    step = 2 * found.checks.reach / points
    whole = distribution(sources, step, points)
    nodes = np.arange(points // 2 + 1) * step
    for one, share, events in zip(sources, found.shares, (1.5, 0.4), strict=True):
        biased = np.convolve(events * nodes * lattices([one.magnitude], step, points // 2)[0], whole.masses)
        weights = np.clip(amount / step - np.arange(nodes.size) + 0.5, 0, 1)
        tail = (one.mean - biased[: nodes.size] @ weights) / 0.1
        assert share.tail == pytest.approx(tail, rel=2e-3)


def test_shares_add_up_and_equals_share_equally() -> None:
    twins = tuple(Scenario(f"t{number}", Estimate(0.1, 0.5, 2.0), 1e4, 1e6) for number in range(4))
    found = assess(Inputs(twins, trials=0))
    assert [one.part_of_tail for one in found.shares] == pytest.approx([0.25] * 4, rel=1e-12)
    assert [one.part_of_mean for one in found.shares] == pytest.approx([0.25] * 4, rel=1e-12)
    tail_mean = next(one.amount for one in found.tail_means if one.probability == 0.95)
    assert sum(one.tail for one in found.shares) == pytest.approx(tail_mean, rel=1e-12)


def test_appetite_is_judged_with_its_error() -> None:
    scenarios = company(5)
    middle = assess(Inputs(scenarios, trials=0)).quantiles[2]
    limits = (
        Appetite(0.95, middle.amount * 1.01),
        Appetite(0.95, middle.amount * 0.99),
        Appetite(0.95, middle.amount),
        Appetite(0.999, 1e15),
    )
    found = assess(Inputs(scenarios, limits, trials=0)).limits
    assert [one.verdict for one in found] == [Verdict.WITHIN, Verdict.BREACHED, Verdict.UNDECIDED, Verdict.WITHIN]
    assert found[2].chance == pytest.approx(0.05, rel=1e-9)
    assert 0 <= found[3].chance < 0.001


def test_controls_multiply_and_the_evaluator_says_the_same() -> None:
    scenarios = company(8)
    controls = [Control("s3", 0.5, 0.8), Control("s3", 0.5, 1.0), Control("s1", 0.0, 1.0), Control("s2", 1.0, 0.0)]
    found, again = annual_loss(scenarios, controls), Evaluator(scenarios).loss(controls)
    one = scenarios[3]
    smaller = replace(
        one,
        frequency=Estimate(one.frequency.low / 4, one.frequency.likely / 4, one.frequency.high / 4),
        low=one.low * 0.8,
        high=one.high * 0.8,
    )
    by_hand = annual_loss([scenarios[0], smaller, *scenarios[4:]])
    for probability in (0.5, 0.9, 0.99, 0.999):
        assert found.quantile(probability) == pytest.approx(by_hand.quantile(probability), rel=1e-12)
        assert again.quantile(probability) == pytest.approx(by_hand.quantile(probability), rel=1e-3)
    assert found.mean == pytest.approx(by_hand.mean, rel=1e-12)


def test_the_evaluator_outgrows_its_lattice() -> None:
    scenarios = company(3)
    worse = [Control("s0", 1.0, 50.0)]
    found = Evaluator(scenarios).loss(worse).quantile(0.999)
    assert found == pytest.approx(annual_loss(scenarios, worse).quantile(0.999), rel=1e-9)


def test_unknown_controls_and_repeated_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="no scenario"):
        annual_loss(company(2), [Control("nobody", 0.5)])
    with pytest.raises(ValueError, match="same key"):
        annual_loss([*company(2), *company(1)])
    with pytest.raises(ValueError, match="s0"):
        annual_loss(company(2), [Control("s0", -1.0)])


@pytest.mark.parametrize("scenarios", [(), (Scenario("never", fixed(0.0), 1.0, 2.0),)])
def test_no_loss_at_all(scenarios: tuple[Scenario, ...]) -> None:
    found = assess(Inputs(scenarios, (Appetite(0.95, 1.0),), trials=100))
    assert (found.mean, found.deviation, found.nothing) == (0.0, 0.0, 1.0)
    assert [one.amount for one in found.quantiles] == [0.0] * 6
    assert found.limits[0].verdict is Verdict.WITHIN


def test_a_loss_so_rare_that_every_quantile_is_nothing() -> None:
    found = assess(Inputs((Scenario("rare", fixed(1e-5), 1e6, 1e7),), trials=0))
    assert [one.amount for one in found.quantiles] == [0.0] * 6
    assert found.tail_means[-1].amount == pytest.approx(found.mean / 0.001, rel=1e-9)


def test_inputs_can_be_read_from_json() -> None:
    inputs = Inputs(company(2), (Appetite(0.95, 1e6),), (Control("s1", 0.5),), 0.1)
    adapter = TypeAdapter(Inputs)
    assert adapter.validate_json(adapter.dump_json(inputs)) == inputs
    assert "scenarios" in adapter.json_schema()["properties"]


SCENARIOS = st.lists(
    st.tuples(
        st.floats(0.01, 3),
        st.floats(0, 3),
        st.floats(0, 5),
        st.floats(1e2, 1e5),
        st.floats(1.5, 300),
    ),
    min_size=1,
    max_size=5,
).map(
    lambda rows: tuple(
        Scenario(f"s{n}", Estimate(low, low + more, low + more + most), least, least * ratio)
        for n, (low, more, most, least, ratio) in enumerate(rows)
    )
)


@settings(max_examples=25, deadline=None)
@given(SCENARIOS, st.floats(0.1, 1000))
def test_amounts_scale_with_the_currency(scenarios: tuple[Scenario, ...], unit: float) -> None:
    scaled = [replace(one, low=one.low * unit, high=one.high * unit) for one in scenarios]
    found, other = annual_loss(scenarios), annual_loss(scaled)
    for probability in (0.6, 0.95, 0.999):
        assert other.quantile(probability) == pytest.approx(unit * found.quantile(probability), rel=2e-3, abs=unit)


@settings(max_examples=25, deadline=None)
@given(SCENARIOS)
def test_the_order_of_amounts(scenarios: tuple[Scenario, ...]) -> None:
    found = assess(Inputs(scenarios, trials=0))
    amounts = [one.amount for one in found.quantiles]
    tails = [one.amount for one in found.tail_means]
    assert amounts == sorted(amounts)
    assert tails == sorted(tails)
    assert all(tail >= amount for tail, amount in zip(tails, amounts, strict=True))
    assert [one.chance for one in found.curve] == sorted((one.chance for one in found.curve), reverse=True)
    assert [one.amount for one in found.curve] == sorted(one.amount for one in found.curve)
    assert sum(one.part_of_mean for one in found.shares) == pytest.approx(1.0)
    assert sum(one.part_of_tail for one in found.shares) == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(SCENARIOS)
def test_a_control_that_does_nothing_changes_nothing(scenarios: tuple[Scenario, ...]) -> None:
    inputs = Inputs(scenarios, trials=0)
    assert assess(replace(inputs, controls=(Control("s0", 1.0, 1.0),))) == assess(inputs)


def test_golden() -> None:
    inputs = Inputs(company(6), (Appetite(0.95, 3e6), Appetite(0.99, 2e7)), (Control("s2", 0.5, 0.9),), trials=2000)
    compare("loss", assess(inputs), digits=8)


PAGE = Path(__file__).parents[2] / "docs" / "engines" / "loss.md"


def test_the_worked_example_is_what_the_engine_says() -> None:
    inputs = Inputs(
        (
            Scenario("ransomware", Estimate(0.05, 0.1, 0.3), 4e5, 1.2e7),
            Scenario("outage", Estimate(1, 3, 8), 1e4, 4e5),
            Scenario("payment fraud", Estimate(4, 10, 20), 2e3, 6e4),
        ),
        (Appetite(0.95, 5e6), Appetite(0.99, 1e7)),
        probabilities=(0.5, 0.95, 0.99, 0.999),
    )
    found, bound = assess(inputs), assess(replace(inputs, correlation=0.3))
    page = PAGE.read_text(encoding="utf-8")
    rows = zip(found.quantiles, found.tail_means, bound.quantiles, strict=True)
    for one, tail, other in rows:
        amounts = " | ".join(f"{round(each.amount, -2):,.0f}" for each in (one, tail, other))
        assert f"| {one.probability * 100:g} % | {amounts} |" in page
    assert f"mean of all is {found.mean:,.0f}, the standard deviation {found.deviation:,.0f}" in page
    assert f"{fit(4e5, 1.2e7).mean:,.0f} each, {found.shares[0].mean:,.0f} a year" in page
    first = found.shares[0]
    assert f"{first.part_of_mean:.0%} of the mean and {first.part_of_tail:.0%}".replace("%", " %") in page
    assert [one.verdict for one in found.limits] == [Verdict.WITHIN, Verdict.BREACHED]
    assert f"10,000,000 is {found.limits[1].chance:.2%}".replace("%", " %") in page
