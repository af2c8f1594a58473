"""The annual loss against closed forms, textbooks, Panjer's recursion, published cases and plain simulation."""

import json
from dataclasses import replace
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from golden import compare
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.stats import lognorm, norm, poisson

from quarterdeck.engines.loss import Evaluator, Inputs, Verdict, annual_loss, assess
from quarterdeck.engines.loss.annual import compounded, distribution, restored, rough_quantile, source
from quarterdeck.engines.loss.rates import kummer, probabilities, rate, spread, spread_slope
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


def panjer(rate_a_year: float, masses: np.ndarray, count: int) -> np.ndarray:
    """Panjer (1981): the compound Poisson masses, by recursion."""
    found = np.zeros(count)
    found[0] = exp(-rate_a_year * (1 - masses[0]))
    for total in range(1, count):
        most = min(total, masses.size - 1)
        sizes = np.arange(1, most + 1)
        found[total] = rate_a_year / total * (sizes * masses[1 : most + 1]) @ found[total - sizes]
    return found


def discrete(rates: list[float], severities: list[dict[str, float]], unit: int, points: int) -> np.ndarray:
    """Compound Poisson masses of given one-event masses through the engine's transform."""
    masses = np.zeros((len(rates), points // 2 + 1))
    for row, severity in zip(masses, severities, strict=True):
        for amount, chance in severity.items():
            row[int(amount) // unit] = chance
    return restored(compounded([rate(fixed(each)) for each in rates], masses, points), points)


@pytest.fixture(scope="module")
def textbook(shared_data: Path) -> dict[str, dict]:
    cases = json.loads((shared_data / "17_compound_loss" / "compound_loss_cases.json").read_text())["cases"]
    return {case["id"]: case for case in cases}


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[str, dict]:
    cases = json.loads((shared_data / "16_fair" / "fair_cases_share.json").read_text())["cases"]
    return {case["id"]: case for case in cases}


def test_loss_models_9_34(textbook: dict[str, dict]) -> None:
    case = textbook["LM-9.34"]
    masses = discrete([5], [case["input"]["severity"]], 100, 512)
    amounts, expected = np.arange(masses.size) * 100, case["expected"]
    assert masses @ amounts == pytest.approx(expected["mean"], rel=1e-10)
    assert masses @ amounts**2 - (masses @ amounts) ** 2 == pytest.approx(expected["variance"], rel=1e-9)
    assert masses[6] == pytest.approx(expected["P(S=600)"], rel=1e-12)
    assert masses[:7].sum() == pytest.approx(expected["P(S<=600)"], rel=1e-12)
    assert amounts[np.searchsorted(np.cumsum(masses), 0.95)] == expected["VaR95"]
    assert amounts[np.searchsorted(np.cumsum(masses), 0.99)] == expected["VaR99"]


def test_loss_models_9_9_two_independent(textbook: dict[str, dict]) -> None:
    case = textbook["LM-9.9"]
    parts = [case["input"]["A"], case["input"]["B"]]
    masses = discrete([part["poisson_mean"] for part in parts], [part["severity"] for part in parts], 1, 256)
    assert masses[2] == pytest.approx(case["expected"]["P(total=2)"], rel=1e-12)
    assert masses[0] == pytest.approx(case["expected"]["P(total=0)"], rel=1e-12)
    assert masses @ np.arange(masses.size) == pytest.approx(case["expected"]["mean_total"], rel=1e-10)


def test_loss_models_9_45(textbook: dict[str, dict]) -> None:
    case = textbook["LM-9.45"]
    masses = discrete([6], [case["input"]["severity"]], 1, 256)
    np.testing.assert_allclose(masses[:21], case["expected"]["pmf_0_to_20"], rtol=1e-11)


def test_loss_data_analytics_5_3_1(textbook: dict[str, dict]) -> None:
    case = textbook["LDA-5.3.1"]
    masses = discrete([12], [case["input"]["severity"]], 1, 256)
    amounts = np.arange(masses.size)
    assert masses @ amounts == pytest.approx(case["expected"]["mean"], rel=1e-10)
    assert masses @ (amounts - 20.0) ** 2 == pytest.approx(case["expected"]["variance"], rel=1e-9)


@pytest.mark.parametrize("name", ["riskquant-simpleloss-1", "riskquant-simpleloss-2", "riskquant-readme-ALICE"])
def test_published_annualised_loss(published: dict[str, dict], name: str) -> None:
    given_, case = published[name]["input"], published[name]
    scenario = Scenario("a", fixed(given_["frequency_per_year"]), given_["loss_low_p05"], given_["loss_high_p95"])
    found = assess(Inputs((scenario,), trials=0))
    assert found.mean == pytest.approx(case["expected"]["annualized_loss"], rel=case["tolerance"])


def test_published_mean_of_a_hard_lognormal(published: dict[str, dict]) -> None:
    case = published["riskquant-lognormal-hard"]
    law = fit(case["input"]["loss_low_p05"], case["input"]["loss_high_p95"])
    assert law.mean == pytest.approx(case["expected"]["mean_single_loss"], rel=case["tolerance"])


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("negative", fixed(-1.0), 1.0, 10.0),
        Scenario("equal", fixed(1.0), 10.0, 10.0),
        Scenario("reversed", fixed(1.0), 10.0, 1.0),
        Scenario("zero", fixed(1.0), 0.0, 1.0),
        Scenario("endless", Estimate(1.0, 2.0, float("inf")), 1.0, 2.0),
    ],
)
def test_published_contracts_are_refused_by_name(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match=scenario.key):
        assess(Inputs((scenario,), trials=0))


def test_published_contract_of_the_estimate() -> None:
    with pytest.raises(ValueError):
        Estimate(1.0, 5.0, 3.0)


@pytest.mark.parametrize(("rate_a_year", "low", "high"), [(0.3, 1e3, 5e5), (4.0, 1e4, 3e4), (25.0, 1e3, 1e5)])
def test_panjer_on_the_same_lattice(rate_a_year: float, low: float, high: float) -> None:
    one = source(Scenario("a", fixed(rate_a_year), low, high))
    points = 2**11
    step = 2.5 * rough_quantile([one], 0.999) / points
    masses = lattices([one.magnitude], step, points // 2)[0]
    found = distribution([one], step, points).masses
    np.testing.assert_allclose(found, panjer(rate_a_year, masses, found.size), atol=1e-12)


def test_panjer_mixed_over_an_uncertain_rate() -> None:
    one = source(Scenario("a", Estimate(0.5, 2.0, 6.0), 1e4, 1e5))
    points, step = 2**9, 4e3
    masses = lattices([one.magnitude], step, points // 2)[0]
    nodes, weights = np.polynomial.legendre.leggauss(60)
    rates, rising = 0.5 + 5.5 * (nodes + 1) / 2, one.rate.rising
    density = ((nodes + 1) / 2) ** (rising - 1) * ((1 - nodes) / 2) ** (5 - rising) / beta_function(rising, 6 - rising)
    chances = weights / 2 * density
    expected = sum(chance * panjer(each, masses, points // 2 + 1) for each, chance in zip(rates, chances, strict=True))
    np.testing.assert_allclose(distribution([one], step, points).masses, expected, atol=1e-8)


@pytest.mark.parametrize(("width", "rising"), [(0.5, 2.3), (8.0, 1.0), (59.0, 4.2), (61.0, 1.0), (880.0, 1.36)])
@pytest.mark.parametrize("point", [0.0, 0.9 + 0.1j, -0.5 + 0.5j, 0.999 + 0.02j, 0.97 - 0.2j])
def test_the_number_of_events_against_quadrature(width: float, rising: float, point: complex) -> None:
    """E[point^N] = E[exp(rate (point - 1))], integrated over the beta density."""
    law = rate(Estimate(0.0, (rising - 1) / 4 * width, width))

    def part(x: float, take: str, power: int) -> float:
        value = np.exp(width * x * (point - 1)) * (width * x) ** power * x ** (rising - 1) * (1 - x) ** (5 - rising)
        return getattr(complex(value), take) / beta_function(rising, 6 - rising)

    def integral(power: int) -> complex:
        cuts = [c for c in (1 / width, 5 / width, 20 / width) if c < 1]
        real = quad(part, 0, 1, ("real", power), points=cuts, limit=2000, epsabs=1e-12)[0]
        return complex(real, quad(part, 0, 1, ("imag", power), points=cuts, limit=2000, epsabs=1e-12)[0])

    at = np.array([point], dtype=complex)
    assert spread(law, at)[0] == pytest.approx(integral(0), abs=1e-10)
    assert spread_slope(law, at)[0] == pytest.approx(integral(1), abs=1e-8 * max(width, 1))


def test_the_two_ways_to_the_number_of_events_meet() -> None:
    points = np.exp(1j * np.linspace(0, np.pi, 400)) * np.linspace(1, 0.2, 400)
    for rising in (1.0, 2.5, 5.0):
        by_series = np.polynomial.polynomial.polyval(points, probabilities(58.0, rising))
        np.testing.assert_allclose(kummer(rising, 6.0, 58.0 * (points - 1)), by_series, atol=1e-12)


def test_fixed_rate_counts_are_poisson() -> None:
    masses = discrete([3.7], [{"1": 1.0}], 1, 128)
    np.testing.assert_allclose(masses, poisson.pmf(np.arange(65), 3.7), atol=1e-13)


def test_the_lattice_keeps_mass_and_mean() -> None:
    law = fit(1e3, 8e4)
    step, cells = 500.0, 4096
    masses, nodes = lattices([law], step, cells)[0], np.arange(cells + 1) * step
    end = (log(nodes[-1]) - law.location) / law.scale
    expected = quad(lambda z: exp(law.location + law.scale * z) * norm.pdf(z), -12, end, epsabs=1e-9, epsrel=1e-12)[0]
    assert masses.sum() == pytest.approx(norm.cdf(end), rel=1e-12)
    assert masses @ nodes == pytest.approx(expected, rel=1e-9)
    assert masses.min() > -1e-12


def test_moments_are_the_closed_forms() -> None:
    scenario = Scenario("a", Estimate(1.0, 3.0, 8.0), 1e4, 4e4)
    found, law = assess(Inputs((scenario,), trials=0)), fit(1e4, 4e4)
    assert found.mean == pytest.approx(3.5 * exp(law.location + law.scale**2 / 2), rel=1e-13)
    rising = 1 + 4 * 2 / 7
    of_rate = 49 * rising * (6 - rising) / (36 * 7)
    second = exp(2 * law.location + 2 * law.scale**2)
    assert found.deviation == pytest.approx(sqrt(3.5 * second + of_rate * law.mean**2), rel=1e-13)


def test_moments_of_the_lattice_agree_with_the_closed_forms() -> None:
    sources = [source(Scenario("a", Estimate(1.0, 3.0, 8.0), 1e4, 4e4)), source(Scenario("b", fixed(2.0), 2e4, 5e4))]
    found = distribution(sources, 2 * 2e6 / 2**15, 2**15)
    amounts = np.arange(found.masses.size) * found.step
    assert found.masses.sum() == pytest.approx(1.0, abs=1e-11)
    assert found.masses @ amounts == pytest.approx(found.mean, rel=1e-9)
    assert sqrt(found.masses @ (amounts - found.mean) ** 2) == pytest.approx(found.deviation, rel=1e-5)
    assert found.nothing == pytest.approx(found.masses[0], rel=1e-6)


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
