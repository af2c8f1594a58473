"""Dependent losses: the exact computation, the simulation and brute force are each other's test."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from quarterdeck.engines.loss import Inputs, annual_loss, assess
from quarterdeck.engines.loss.annual import distribution, rough_quantile, source
from quarterdeck.engines.loss.dependence import conditioned, factor
from quarterdeck.engines.loss.marginals import marginal
from quarterdeck.engines.loss.severity import fit
from quarterdeck.engines.loss.simulation import normal, simulate, simulate_dependent, stream, uniform
from quarterdeck.engines.programme import Control, Estimate, Scenario

COMPANY = (
    Scenario("breach", Estimate(0.1, 0.3, 1.0), 2e5, 8e6),
    Scenario("outage", Estimate(2.0, 4.0, 9.0), 5e3, 2e5),
    Scenario("fraud", Estimate(0.5, 1.0, 3.0), 1e4, 4e5),
    Scenario("small", Estimate(10.0, 20.0, 30.0), 1e2, 2e3),
)
ASKED = (0.5, 0.9, 0.95, 0.99, 0.999)


def years(one: Scenario, trials: int, generator: np.random.Generator) -> np.ndarray:
    """Annual losses by plain simulation, ascending."""
    law, width = fit(one.low, one.high), one.frequency.high - one.frequency.low
    rising = 1 + 4 * (one.frequency.likely - one.frequency.low) / width
    counts = generator.poisson(one.frequency.low + width * generator.beta(rising, 6 - rising, trials))
    place = np.repeat(np.arange(trials), counts)
    return np.sort(np.bincount(place, generator.lognormal(law.location, law.scale, place.size), trials))


def test_the_normal_deviate_is_scipys() -> None:
    chances = np.concatenate([np.linspace(0.001, 0.999, 997), 10.0 ** -np.arange(3, 17), 1 - 10.0 ** -np.arange(3, 15)])
    np.testing.assert_allclose([normal(each) for each in chances], ndtri(chances), rtol=1e-14, atol=1e-15)


def test_uniform_numbers_are_uniform_and_streams_unrelated() -> None:
    first, second = (stream("loss score", key, 1) for key in ("a", "b"))
    draws = np.array([[uniform(start, number) for number in range(20_000)] for start in (first, second)])
    assert np.histogram(draws[0], 20, (0, 1))[0] == pytest.approx(np.full(20, 1000), abs=5 * sqrt(950))
    assert abs(np.corrcoef(draws)[0, 1]) < 4 / sqrt(20_000)
    assert abs(np.corrcoef(draws[0][1:], draws[0][:-1])[0, 1]) < 4 / sqrt(20_000)
    assert stream("loss score", "a", 2) != first
    assert stream("loss events", "a", 1) != first


@pytest.mark.parametrize("scenario", COMPANY)
def test_a_marginal_keeps_the_mean_and_the_quantiles(scenario: Scenario) -> None:
    one = source(scenario)
    found = marginal(one)
    assert (np.diff(found.amounts) > 0).all()
    assert (np.diff(found.scores) >= 0).all()
    masses = np.diff(ndtr(found.scores))
    assert masses @ (found.amounts[1:] + found.amounts[:-1]) / 2 == pytest.approx(one.mean, rel=2e-4)
    alone = annual_loss([scenario], probability=0.9999, points=2**17)
    for probability in ASKED:
        amount = np.interp(ndtri(probability), found.scores, found.amounts)
        if probability > alone.nothing:
            assert amount == pytest.approx(alone.quantile(probability), rel=1e-3)


def test_hardly_any_correlation_is_independence() -> None:
    sources = [source(one) for one in COMPANY]
    step = 2.5 * rough_quantile(sources, 0.999) / 2**14
    alone = distribution(sources, step / 16, 2**18)
    found = conditioned(sources, [marginal(one) for one in sources], factor(1e-9), step, 2**14)[0]
    assert found.nothing == pytest.approx(alone.nothing, rel=1e-6)
    assert found.deviation == pytest.approx(alone.deviation, rel=1e-6)
    for probability in ASKED:
        assert found.quantile(probability) == pytest.approx(alone.quantile(probability), rel=1e-4)


def test_nearly_full_correlation_adds_quantiles() -> None:
    """Comonotone losses are the one case in which the quantile of the sum is the sum of the quantiles."""
    twins = [replace(COMPANY[1], key=f"twin {number}") for number in range(3)]
    found, alone = annual_loss(twins, correlation=0.999), annual_loss(twins[:1])
    for probability in (0.5, 0.9, 0.99):
        assert found.quantile(probability) == pytest.approx(3 * alone.quantile(probability), rel=0.02)


@pytest.mark.parametrize("correlation", [0.2, 0.6])
def test_exact_and_simulated_agree(correlation: float) -> None:
    found = assess(Inputs(COMPANY, correlation=correlation, trials=400_000))
    assert 0 < found.checks.gap < 2.5  # half widths of 95 % intervals, the largest of six
    assert found.checks.largest_error < 5e-4


def test_the_copula_by_brute_force() -> None:
    """Marginals from a plain simulation of events, bound by ranks of correlated normal numbers."""
    generator, trials, correlation = np.random.default_rng(11), 400_000, 0.4
    common = generator.standard_normal(trials)
    totals = np.zeros(trials)
    for one in COMPANY:
        score = sqrt(correlation) * common + sqrt(1 - correlation) * generator.standard_normal(trials)
        totals += years(one, trials, generator)[np.argsort(np.argsort(score))]
    found = annual_loss(COMPANY, correlation=correlation)
    for probability in ASKED:
        error = sqrt(probability * (1 - probability) / trials)
        assert abs(np.mean(totals <= found.quantile(probability)) - probability) < 5 * error
    assert found.deviation == pytest.approx(totals.std(), rel=0.05)
    assert found.mean == annual_loss(COMPANY).mean


def test_dependence_fattens_the_tail() -> None:
    amounts = [annual_loss(COMPANY, correlation=each).quantile(0.99) for each in (0.0, 0.2, 0.4, 0.6)]
    assert amounts == sorted(amounts)
    assert amounts[0] < 0.95 * amounts[-1]


def test_shares_of_the_tail_add_up() -> None:
    found = assess(Inputs(COMPANY, correlation=0.3, trials=50_000, tail=0.99))
    tail_mean = next(one.amount for one in found.tail_means if one.probability == 0.99)
    assert sum(one.tail for one in found.shares) == pytest.approx(tail_mean, rel=1e-12)
    assert found.shares[0].part_of_tail > found.shares[0].part_of_mean


def test_a_scenario_that_never_happens_changes_no_draw() -> None:
    never = Scenario("never", Estimate(0.0, 0.0, 0.0), 1.0, 2.0)
    keys, sources = [one.key for one in COMPANY], [source(one) for one in COMPANY]
    more = [source(never), *sources]
    bound = [marginal(one) for one in more]
    found = simulate(more, ["never", *keys], 1, 5000).totals
    np.testing.assert_array_equal(found, simulate(sources, keys, 1, 5000).totals)
    dependent = simulate_dependent(bound, ["never", *keys], 0.3, 1, 5000, 0.9).totals
    np.testing.assert_array_equal(dependent, simulate_dependent(bound[1:], keys, 0.3, 1, 5000, 0.9).totals)


def test_more_trials_begin_with_the_same_years() -> None:
    keys, sources = [one.key for one in COMPANY], [source(one) for one in COMPANY]
    fewer = simulate(sources, keys, 1, 20_000).totals
    assert np.isin(fewer, simulate(sources, keys, 1, 40_000).totals).all()


def test_same_inputs_same_bytes_and_another_seed_other_years() -> None:
    inputs = Inputs(COMPANY, correlation=0.3, trials=20_000)
    assert assess(inputs) == assess(inputs)
    assert assess(inputs).checks.gap != assess(replace(inputs, seed=2)).checks.gap


@pytest.mark.parametrize("correlation", [-0.1, 1.0])
def test_correlations_without_meaning_are_refused(correlation: float) -> None:
    with pytest.raises(ValueError, match="correlation"):
        Inputs(COMPANY, correlation=correlation)


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    assess(Inputs(COMPANY, correlation=0.3, trials=1000), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("factor", [0.0, 1.0])
def test_what_never_happens_adds_nothing(factor: float) -> None:
    """A scenario of rate zero, or one that a control ends, leaves the quantile where the others have it."""
    often = Scenario("often", Estimate(1, 2, 3), 1_000.0, 50_000.0)
    never = Scenario("never", Estimate(0, 0, 0) if factor else Estimate(1, 2, 3), 1_000.0, 50_000.0)
    alone = annual_loss((often,), (), 0.3, 0.99).quantile(0.99)
    both = annual_loss((often, never), (Control("never", frequency=factor),), 0.3, 0.99).quantile(0.99)
    assert both == pytest.approx(alone, rel=1e-3)
