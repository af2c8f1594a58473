"""Published loss cases (FAIR): each is a test or is named; 56 scenarios and a stored model beside their own laws."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from compounding import fixed

from quarterdeck.engines.loss import Inputs, annual_loss, assess
from quarterdeck.engines.loss.annual import source
from quarterdeck.engines.loss.severity import fit
from quarterdeck.engines.loss.simulation import Sample
from quarterdeck.engines.programme import Control, Estimate, Scenario

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "loss.md"
FROM_MEDIAN = 1.6448536269514722  # to the 5 and 95 % quantiles, in standard deviations


# --- the small cases --------------------------------------------------------------------------------------------------


def annualised(case: dict) -> None:
    given = case["input"]
    scenario = Scenario("a", fixed(given["frequency_per_year"]), given["loss_low_p05"], given["loss_high_p95"])
    found = assess(Inputs((scenario,), trials=0))
    assert found.mean == pytest.approx(case["expected"]["annualized_loss"], rel=case["tolerance"])


def hard_lognormal(case: dict) -> None:
    law = fit(case["input"]["loss_low_p05"], case["input"]["loss_high_p95"])
    assert law.mean == pytest.approx(case["expected"]["mean_single_loss"], rel=case["tolerance"])


def contracts(case: dict) -> None:
    """What has no meaning is refused, by the scenario's name where it has one."""
    assert case["expected"] == "rejected with an error"
    broken = {
        "frequency -1": lambda: Scenario("frequency -1", fixed(-1.0), 1.0, 10.0),
        "low_loss = high_loss": lambda: Scenario("low_loss = high_loss", fixed(1.0), 10.0, 10.0),
        "low_loss > high_loss": lambda: Scenario("low_loss > high_loss", fixed(1.0), 10.0, 1.0),
        "low_loss 0": lambda: Scenario("low_loss 0", fixed(1.0), 0.0, 1.0),
        "endless": lambda: Scenario("endless", Estimate(1.0, 2.0, float("inf")), 1.0, 2.0),
    }
    for name, make in broken.items():
        with pytest.raises(ValueError, match=name):
            assess(Inputs((make(),), trials=0))
    for low, likely, high in ((3.0, 2.0, 1.0), (1.0, 5.0, 3.0), (2.0, 1.0, 3.0)):
        with pytest.raises(ValueError, match="low ≤ likely ≤ high"):
            Estimate(low, likely, high)


def summary(case: dict) -> None:
    """Quantiles of a sample, least and largest included; the engine tells no mode."""
    values = np.sort(np.concatenate([np.repeat(np.arange(10.0), 100), np.full(10, 9.0)]))
    sample, expected = Sample(values, np.zeros(0)), case["expected"]
    names = {"tenth_percentile": 0.1, "median": 0.5, "ninetieth_percentile": 0.9, "minimum": 1e-9, "maximum": 1.0}
    assert {name: sample.quantile(at) for name, at in names.items()} == {name: expected[name] for name in names}


def risk_is_frequency_times_magnitude(case: dict) -> None:
    """An average year, trial by trial: events that cost so much on average, at a rate that is known."""
    for often, each, wanted in zip(case["input"]["LEF"], case["input"]["LM"], case["expected"]["R"], strict=True):
        assert assess(Inputs((averaging(often, each),), trials=0)).mean == pytest.approx(wanted, rel=1e-12)


def averaging(often: float, each: float) -> Scenario:
    """A scenario whose events cost this much on average, give or take a third."""
    spread = 0.3
    middle = log(each) - spread**2 / 2
    reach = FROM_MEDIAN * spread
    return Scenario("a", fixed(often), exp(middle - reach), exp(middle + reach))


def loss_events_are_threats_that_get_through(case: dict) -> None:
    """Vulnerability multiplies the frequency of threats: what a control does."""
    wanted = case["expected"]["LEF"]
    for often, through, events in zip(case["input"]["TEF"], case["input"]["V"], wanted, strict=True):
        assert source(averaging(often, 1.0), frequency=through).rate.mean == pytest.approx(events, rel=1e-12)


def no_loss(case: dict) -> None:
    """No threat is stronger than what it meets: nothing gets through, and no year costs anything."""
    pairs = list(zip(case["input"]["threat_strengths"], case["input"]["control_difficulties"], strict=True))
    through = sum(strength > difficulty for strength, difficulty in pairs) / len(pairs)
    found = assess(Inputs((averaging(10.0, 5.0),), controls=(Control("a", frequency=through),), trials=0))
    assert case["expected"]["losses"] == found.mean == 0
    assert {one.amount for one in found.quantiles} == {0.0}
    assert np.mean([d - s for s, d in pairs]) == pytest.approx(case["expected"]["mean_diff_exceedance"])


CASES: dict[str, Callable[[dict], None]] = {
    "riskquant-simpleloss-1": annualised,
    "riskquant-simpleloss-2": annualised,
    "riskquant-readme-ALICE": annualised,
    "riskquant-lognormal-hard": hard_lognormal,
    "riskquant-contracts": contracts,
    "riskquant-summary": summary,
    "pyfair-doc-risk": risk_is_frequency_times_magnitude,
    "pyfair-doc-lef": loss_events_are_threats_that_get_through,
    "evaluator-no-loss": no_loss,
}


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[str, dict]:
    cases = json.loads((shared_data / "16_fair" / "fair_cases_share.json").read_text())["cases"]
    return {case["id"]: case for case in cases}


@pytest.mark.parametrize("name", CASES)
def test_a_published_case(published: dict[str, dict], name: str) -> None:
    CASES[name](published[name])


def test_no_published_case_is_forgotten(published: dict[str, dict]) -> None:
    assert CASES.keys() == published.keys()


# --- laws of others: PERT with a shape of its own ---------------------------------------------------------------------


@dataclass(frozen=True)
class Pert:
    """A PERT law of any shape, as the published scenarios have them."""

    low: float
    mode: float
    high: float
    shape: float = 4.0

    @property
    def rising(self) -> float:
        return 1 + self.shape * (self.mode - self.low) / (self.high - self.low)

    @property
    def mean(self) -> float:
        return self.low + (self.high - self.low) * self.rising / (2 + self.shape)

    @property
    def variance(self) -> float:
        both = 2 + self.shape
        return (self.high - self.low) ** 2 * self.rising * (both - self.rising) / (both**2 * (both + 1))

    def draw(self, generator: np.random.Generator, size: int) -> np.ndarray:
        shares = generator.beta(self.rising, 2 + self.shape - self.rising, size)
        return self.low + (self.high - self.low) * shares

    def scenario(self, key: str, frequency: Estimate) -> Scenario:
        """The engine's scenario whose event has this law's mean and variance."""
        scale = sqrt(log(1 + self.variance / self.mean**2))
        middle = log(self.mean) - scale**2 / 2
        return Scenario(key, frequency, exp(middle - FROM_MEDIAN * scale), exp(middle + FROM_MEDIAN * scale))


@dataclass(frozen=True)
class Threat:
    """A published scenario: how often threats come, how strong they and what they meet are, what a loss costs."""

    key: str
    often: Pert
    strength: Pert
    difficulties: tuple[Pert, ...]
    magnitude: Pert

    def through(self, generator: np.random.Generator, size: int) -> np.ndarray:
        """Which of so many threats are stronger than the mean of what they meet."""
        met = sum(one.draw(generator, size) for one in self.difficulties) / len(self.difficulties)
        return self.strength.draw(generator, size) > met

    def years(self, generator: np.random.Generator, size: int) -> np.ndarray:
        """Years event by event, by the published laws: nothing of it is shared with the engine."""
        numbers = generator.poisson(self.often.draw(generator, size))
        lost = self.through(generator, numbers.sum()) * self.magnitude.draw(generator, numbers.sum())
        return np.bincount(np.repeat(np.arange(size), numbers), lost, size)


def pert(given: dict) -> Pert:
    return Pert(given["min"], given["mode"], given["max"], given["shape"])


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


@pytest.fixture(scope="module")
def threats(shared_data: Path) -> list[Threat]:
    """The 56 published scenarios."""
    given = json.loads((shared_data / "16_fair" / "evaluator" / "mc_quantitative_scenarios.json").read_text())
    return [
        Threat(
            one["scenario_id"],
            pert(one["scenario"]["parameters"]["tef"]),
            pert(one["scenario"]["parameters"]["tc"]),
            tuple(pert(law) for law in one["scenario"]["parameters"]["diff"].values()),
            pert(one["scenario"]["parameters"]["lm"]),
        )
        for one in given
    ]


def test_the_scenarios_in_numbers_are_the_ones_in_words(shared_data: Path, threats: list[Threat]) -> None:
    """The published numbers from the published words and what each word stands for."""
    folder = shared_data / "16_fair" / "evaluator"
    words = {
        (row["type"], row["label"]): Pert(*(float(row[name]) for name in ("l", "ml", "h", "conf")))
        for row in rows(folder / "mc_mappings.csv")
    }
    grade = {row["capability_id"]: row["diff"] for row in rows(folder / "mc_capabilities.csv")}
    meant = [
        Threat(
            row["scenario_id"],
            words["tef", row["tef"]],
            words["tc", row["tc"]],
            tuple(words["diff", grade[name]] for name in row["controls"].split(", ")),
            words["lm", row["lm"]],
        )
        for row in rows(folder / "mc_qualitative_scenarios.csv")
    ]
    sort = {one.key: sorted(one.difficulties, key=lambda law: (law.low, law.mode)) for one in meant}
    assert len(threats) == 56
    for one, other in zip(sorted(meant, key=lambda t: t.key), sorted(threats, key=lambda t: t.key), strict=True):
        assert (one.key, one.often, one.strength, one.magnitude) == (
            other.key,
            other.often,
            other.strength,
            other.magnitude,
        )
        assert sort[one.key] == sorted(other.difficulties, key=lambda law: (law.low, law.mode)), one.key


def test_56_published_scenarios(threats: list[Threat]) -> None:
    """Each scenario's mean and deviation by closed form and beside years drawn by the published laws; the sum of all."""
    generator, years = np.random.default_rng(1), 2_000
    scenarios, controls, total = [], [], np.zeros(years)
    for one in threats:
        assert one.often.shape == 4.0, "the engine's own PERT"
        share = float(one.through(generator, 40_000).mean())
        scenario = one.magnitude.scenario(one.key, Estimate(one.often.low, one.often.mode, one.often.high))
        control = Control(one.key, frequency=share)
        found = assess(Inputs((scenario,), controls=(control,), trials=0))
        mean = one.often.mean * share * one.magnitude.mean
        second = one.magnitude.variance + one.magnitude.mean**2
        variance = one.often.mean * share * second + one.often.variance * share**2 * one.magnitude.mean**2
        assert found.mean == pytest.approx(mean, rel=1e-9), one.key
        assert found.deviation == pytest.approx(sqrt(variance), rel=1e-9, abs=1e-9), one.key
        drawn = one.years(generator, years)
        assert drawn.mean() == pytest.approx(mean, abs=4.5 * sqrt(variance * (1 / years + 1e-4)) + 1e-9), one.key
        scenarios.append(scenario)
        controls.append(control)
        total += drawn
    whole = annual_loss(scenarios, controls, probability=0.99)
    for probability in (0.5, 0.9, 0.95):
        reach = 4 * sqrt(probability * (1 - probability) / years)
        low, high = np.quantile(total, [probability - reach, min(probability + reach, 1)])
        assert 0.98 * low <= whole.quantile(probability) <= 1.02 * high, probability


def test_a_stored_model_of_two(shared_data: Path) -> None:
    """Each model's mean is frequency times magnitude by its own laws; the whole is their sum."""
    stored = json.loads((shared_data / "16_fair" / "pyfair_serialized_metamodel.json").read_text())
    models = [one for one in stored.values() if isinstance(one, dict) and one["type"] == "FairModel"]
    assert [one["name"] for one in models] == ["Regular Model 1", "Regular Model 2"]
    scenarios, expected = [], 0.0
    for one in models:
        often, each = one["Loss Event Frequency"], one["Loss Magnitude"]
        law = Pert(each["low"], each["mode"], each["high"])
        known = "mean" in often  # a normal law of the rate: the engine has its mean
        frequency = fixed(often["mean"]) if known else Estimate(often["low"], often["mode"], often["high"])
        scenarios.append(law.scenario(one["name"], frequency))
        mean = (often["mean"] if known else (often["low"] + 4 * often["mode"] + often["high"]) / 6) * law.mean
        assert assess(Inputs((scenarios[-1],), trials=0)).mean == pytest.approx(mean, rel=1e-12)
        expected += mean
    assert assess(Inputs(tuple(scenarios), trials=0)).mean == pytest.approx(expected, rel=1e-12)
