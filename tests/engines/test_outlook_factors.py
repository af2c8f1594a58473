"""Controls whose factors are estimates: the outlook draws them, with the moments that theory gives."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from quarterdeck.engines.outlook import Inputs, look_ahead
from quarterdeck.engines.outlook.model import build
from quarterdeck.engines.outlook.trial import simulate
from quarterdeck.engines.programme import Control, Estimate, Initiative, Plan, Programme, Scenario, Start

TRIALS = 40_000
RATE = 6.0
EXACT = Estimate(1.0, 1.0, 1.0)
WIDE = Estimate(0.1, 0.5, 1.5)


def programme(control: Control) -> Programme:
    """One finished initiative with one control on one scenario of a known rate and magnitude."""
    done = Initiative("mend", Estimate(1, 1, 1), controls=(control,), started=-4, done=1.0)
    scenario = Scenario("outage", Estimate(RATE, RATE, RATE), 1_000.0, 1_000.0)
    return Programme(start=date(2027, 1, 1), quarters=4, initiatives=(done,), scenarios=(scenario,))


def years(control: Control) -> tuple[np.ndarray, np.ndarray]:
    """Losses before and after the control in the first year of each trial."""
    made = programme(control)
    model = build(Inputs(made, Plan((Start("mend", -4),)), trials=TRIALS, horizon=12))
    found = simulate(model, 0, TRIALS)
    return found.losses[0, 0] / 1_000.0, found.losses[1, 0] / 1_000.0


def variance(estimate: Estimate) -> float:
    """Of the PERT distribution: (mean - least) (most - mean) / 7."""
    return (estimate.mean - estimate.low) * (estimate.high - estimate.mean) / 7


@pytest.mark.parametrize("factor", [Estimate(0.0, 0.5, 1.0), Estimate(0.2, 0.3, 0.9), WIDE])
def test_a_frequency_that_is_not_exact_spreads_the_incidents(factor: Estimate) -> None:
    """N given f is Poisson(λf): mean λE f and variance λE f + λ² Var f."""
    before, after = years(Control.of("outage", factor, EXACT))
    mean, spread = RATE * factor.mean, RATE * factor.mean + RATE**2 * variance(factor)
    assert before.mean() == pytest.approx(RATE, abs=5 * np.sqrt(RATE / TRIALS))
    assert after.mean() == pytest.approx(mean, abs=5 * np.sqrt(spread / TRIALS))
    assert after.var() == pytest.approx(spread, rel=0.05)


def test_a_magnitude_that_is_not_exact_spreads_the_loss() -> None:
    """S = m N with N of Poisson(λ): variance E m² (λ + λ²) - (λ E m)²."""
    factor = Estimate(0.2, 0.6, 1.0)
    _, after = years(Control.of("outage", EXACT, factor))
    second = variance(factor) + factor.mean**2
    assert after.mean() == pytest.approx(RATE * factor.mean, rel=0.02)
    assert after.var() == pytest.approx(second * (RATE + RATE**2) - (RATE * factor.mean) ** 2, rel=0.05)


def test_an_estimate_without_width_is_an_exact_factor() -> None:
    point = Estimate(0.4, 0.4, 0.4)
    assert Control.of("outage", point, EXACT) == Control("outage", 0.4, 1.0)
    wide = Control.of("outage", WIDE, point)
    assert (wide.frequency, wide.often, wide.magnitude, wide.large) == (WIDE.mean, WIDE, 0.4, None)


def test_a_mean_that_is_not_the_estimate_s_is_a_fault() -> None:
    with pytest.raises(ValueError, match="factor"):
        Control("outage", 0.9, often=WIDE)


def test_the_spread_of_one_factor_moves_no_other_draw() -> None:
    """Without the control, and before it, all trials are the same to the last bit."""
    exact, wide = years(Control("outage", WIDE.mean)), years(Control.of("outage", WIDE, EXACT))
    assert np.array_equal(exact[0], wide[0])
    assert not np.array_equal(exact[1], wide[1])


def test_a_factor_below_nothing_is_refused() -> None:
    made = programme(Control("outage"))
    bad = replace(made.initiatives[0], controls=(Control.of("outage", Estimate(-0.1, 0.5, 1.0), EXACT),))
    with pytest.raises(ValueError, match="less than nothing"):
        look_ahead(Inputs(replace(made, initiatives=(bad,)), Plan((Start("mend", -4),)), trials=10))
