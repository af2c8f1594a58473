"""Textbook compound losses and real fire losses through the engine's transform; every case is one or is named."""

import json
from collections.abc import Callable
from math import comb, exp, sqrt
from pathlib import Path

import numpy as np
import pytest
from compounding import counted, discrete, fixed, on_lattice, panjer

from quarterdeck.engines.loss.annual import AnnualLoss, compounded, restored
from quarterdeck.engines.loss.rates import rate
from quarterdeck.engines.loss.severity import fit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "loss.md"
YEARS = 11  # of the fire losses: 1980 to 1990


def loss_models_9_34(case: dict) -> None:
    masses = discrete([case["input"]["frequency"]["mean"]], [case["input"]["severity"]], 100, 512)
    amounts, expected = np.arange(masses.size) * 100, case["expected"]
    assert masses @ amounts == pytest.approx(expected["mean"], rel=1e-10)
    assert masses @ amounts**2 - (masses @ amounts) ** 2 == pytest.approx(expected["variance"], rel=1e-9)
    assert masses[6] == pytest.approx(expected["P(S=600)"], rel=1e-12)
    assert masses[:7].sum() == pytest.approx(expected["P(S<=600)"], rel=1e-12)
    assert amounts[np.searchsorted(np.cumsum(masses), 0.95)] == expected["VaR95"]
    assert amounts[np.searchsorted(np.cumsum(masses), 0.99)] == expected["VaR99"]


def loss_models_9_9(case: dict) -> None:
    """Two independent compounds."""
    parts = [case["input"]["A"], case["input"]["B"]]
    masses = discrete([part["poisson_mean"] for part in parts], [part["severity"] for part in parts], 1, 256)
    assert masses[2] == pytest.approx(case["expected"]["P(total=2)"], rel=1e-12)
    assert masses[0] == pytest.approx(case["expected"]["P(total=0)"], rel=1e-12)
    assert masses @ np.arange(masses.size) == pytest.approx(case["expected"]["mean_total"], rel=1e-10)


def loss_models_9_45(case: dict) -> None:
    masses = discrete([case["input"]["frequency"]["mean"]], [case["input"]["severity"]], 1, 256)
    amounts, expected = np.arange(masses.size), case["expected"]
    np.testing.assert_allclose(masses[:21], expected["pmf_0_to_20"], rtol=1e-11)
    assert masses @ amounts == pytest.approx(expected["mean"], rel=1e-10)
    assert masses @ (amounts - expected["mean"]) ** 2 == pytest.approx(expected["variance"], rel=1e-9)


def loss_data_analytics_5_3_1(case: dict) -> None:
    masses = discrete([case["input"]["frequency"]["mean"]], [case["input"]["severity"]], 1, 256)
    amounts = np.arange(masses.size)
    assert masses @ amounts == pytest.approx(case["expected"]["mean"], rel=1e-10)
    assert masses @ (amounts - 20.0) ** 2 == pytest.approx(case["expected"]["variance"], rel=1e-9)


def probabilities(frequency: dict[str, float]) -> list[float]:
    """A number's probabilities from none to the most."""
    return [frequency.get(str(number), 0.0) for number in range(max(map(int, frequency)) + 1)]


def loss_models_9_19(case: dict) -> None:
    """A number of events given by its probabilities."""
    masses = counted(probabilities(case["input"]["frequency"]), on_lattice(case["input"]["severity"], 1, 128), 128)
    amounts, expected = np.arange(masses.size), case["expected"]
    assert masses @ amounts == pytest.approx(expected["mean"], rel=1e-10)
    assert masses[amounts > 3 * expected["mean"]].sum() == pytest.approx(expected["P(S>3*mean)"], rel=1e-10)


def loss_models_9_5_and_9_6(case: dict) -> None:
    """The same, with stop-loss premiums."""
    given, expected = case["input"], case["expected"]
    masses = counted(probabilities(given["frequency"]), on_lattice(given["severity_unit_25"], 1, 512), 512)
    units = np.arange(masses.size)
    mean = masses @ units
    assert 25 * mean == pytest.approx(expected["mean"], rel=1e-12)
    assert 25 * sqrt(masses @ (units - mean) ** 2) == pytest.approx(expected["sd"], rel=1e-10)
    np.testing.assert_allclose(masses[:11], expected["pmf_units_0_to_10"], rtol=1e-11)
    premiums = [25 * masses @ np.maximum(units - retained, 0) for retained in range(8)]
    np.testing.assert_allclose(premiums, expected["stop_loss_premium_at_units_0_to_7"], rtol=1e-11)


def loss_models_9_39(case: dict) -> None:
    """A binomial number of exponential amounts, on a lattice that keeps the mean of every cell."""
    number, share = case["input"]["frequency"]["m"], case["input"]["frequency"]["q"]
    mean, points, step = case["input"]["severity"]["mean"], 2**14, 0.25
    chances = [comb(number, n) * share**n * (1 - share) ** (number - n) for n in range(number + 1)]
    limited = mean * -np.expm1(-np.arange(points // 2 + 2) * step / mean)  # E[min(amount, edge)]
    slopes = np.diff(limited) / step
    masses = counted(chances, np.concatenate([[1 - slopes[0]], -np.diff(slopes)]), points)
    deviation = mean * sqrt(number * share * (2 - share))
    found = AnnualLoss(step, masses, chances[0], number * share * mean, deviation, 0.0)
    assert 1 - found.exceedance(300.0) == pytest.approx(case["expected"]["P(S<=300)"], abs=1e-7)


COVERED: dict[str, Callable[[dict], None]] = {
    "LM-9.34": loss_models_9_34,
    "LM-9.9": loss_models_9_9,
    "LM-9.45": loss_models_9_45,
    "LDA-5.3.1": loss_data_analytics_5_3_1,
    "LM-9.19": loss_models_9_19,
    "LM-9.5/9.6": loss_models_9_5_and_9_6,
    "LM-9.39": loss_models_9_39,
}
UNCOVERED = {
    "LM-9.3/9.4": "normal and lognormal stand-ins for a sum known by its moments alone, the number less spread than a "
    "Poisson number",
    "LDA-3.3.5": "one event's mixture of an exponential and a Pareto amount, no sum",
    "LDA-3.4.1": "a deductible on one exponential amount",
}


@pytest.fixture(scope="module")
def textbook(shared_data: Path) -> dict[str, dict]:
    cases = json.loads((shared_data / "17_compound_loss" / "compound_loss_cases.json").read_text())["cases"]
    return {case["id"]: case for case in cases}


@pytest.mark.parametrize("name", COVERED)
def test_a_textbook_case(textbook: dict[str, dict], name: str) -> None:
    COVERED[name](textbook[name])


def test_every_textbook_case_is_a_test_or_is_named_on_the_page_with_its_reason(textbook: dict[str, dict]) -> None:
    assert sorted([*COVERED, *UNCOVERED]) == sorted(textbook)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    for name, reason in UNCOVERED.items():
        assert f"| {name} | {reason} |" in text, name
        at = text.index("Textbook cases")
        assert name not in text[at : text.index("Not covered")], name


@pytest.fixture(scope="module")
def fires(shared_data: Path) -> np.ndarray:
    """2,167 fire losses of eleven years, in millions."""
    return np.loadtxt(shared_data / "17_compound_loss" / "danish_fire_losses.csv", skiprows=1)


def spread_over(amounts: np.ndarray, step: float, cells: int) -> np.ndarray:
    """The empirical law on a lattice: each loss on its two neighbours, so that the mean stays."""
    places = amounts / step
    below = np.floor(places).astype(int)
    masses = np.zeros(cells + 1)
    np.add.at(masses, below, (1 - (places - below)) / amounts.size)
    np.add.at(masses, below + 1, (places - below) / amounts.size)
    return masses


def test_a_year_of_fire_losses(fires: np.ndarray) -> None:
    """Moments by closed form; every mass by recursion; quantiles by drawing years from the losses themselves."""
    often, step, points = fires.size / YEARS, 1.0, 2**13
    masses = spread_over(fires, step, points // 2)
    found = restored(compounded([rate(fixed(often))], masses[None, :], points), points)
    amounts = np.arange(found.size) * step
    second = masses @ amounts**2
    assert found @ amounts == pytest.approx(often * fires.mean(), rel=1e-9)
    assert found @ amounts == pytest.approx(fires.sum() / YEARS, rel=1e-9), "an average year, as it was"
    assert found @ amounts**2 - (found @ amounts) ** 2 == pytest.approx(often * second, rel=1e-7)
    np.testing.assert_allclose(found, panjer(often, masses[: int(fires.max()) + 2], found.size), atol=1e-12)
    generator, years = np.random.default_rng(1), 20_000
    numbers = generator.poisson(often, years)
    sums = np.add.reduceat(generator.choice(fires, numbers.sum()), np.concatenate([[0], np.cumsum(numbers)[:-1]]))
    year = AnnualLoss(step, found, exp(-often), often * fires.mean(), sqrt(often * second), 0.0)
    for probability in (0.5, 0.9, 0.99):
        reach = 4 * sqrt(probability * (1 - probability) / years)
        low, high = np.quantile(sums, [max(probability - reach, 0), min(probability + reach, 1)])
        assert low <= year.quantile(probability) <= high


def test_fire_losses_have_a_heavier_tail_than_the_engine_s_magnitudes(fires: np.ndarray) -> None:
    """The limit that the page states, with its figures."""
    law = fit(*np.quantile(fires, [0.05, 0.95]))
    rows = []
    for amount in (10, 20, 50):
        expected, seen = float(law.beyond(np.array([amount]))[0]) * fires.size, int((fires > amount).sum())
        rows.append(f"| {amount} million | {expected:.3g} | {seen} |")
    text = PAGE.read_text(encoding="utf-8")
    assert rows[0] == "| 10 million | 107 | 109 |"
    for row in rows:
        assert row in text, row
