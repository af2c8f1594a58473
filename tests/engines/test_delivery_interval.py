"""The delivery engine's intervals against tables, closed forms and SciPy."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2, quantile_test

from quarterdeck.engines.delivery.interval import generator, percentile, poisson, weekly_mean, wilson
from quarterdeck.engines.delivery.weeks import complete_weeks

START = datetime(2026, 1, 5, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


# --- intervals --------------------------------------------------------------------------------------------------------


def test_order_statistics_of_the_median_as_tabled():
    # David and Nagaraja: ten values, X(2) to X(9) hold the median with probability 0.9785; X(3) to X(8) with 0.8906
    value, interval = percentile(np.arange(1.0, 11.0), 0.5, 0.95)
    assert (value, interval.low, interval.high) == (5.5, 2.0, 9.0)
    assert interval.coverage == pytest.approx(1 - 2 * 11 / 1024, abs=1e-12)
    _, narrower = percentile(np.arange(1.0, 11.0), 0.5, 0.8)
    assert (narrower.low, narrower.high) == (3.0, 8.0)
    assert narrower.coverage == pytest.approx(1 - 2 * 56 / 1024, abs=1e-12)


def test_a_sample_too_small_leaves_a_side_open():
    _, interval = percentile(np.array([1.0, 2.0, 3.0]), 0.95, 0.8)
    assert interval.high is None
    _, interval = percentile(np.array([4.0]), 0.5, 0.8)
    assert (interval.low, interval.high, interval.coverage) == (None, None, 1.0)


@given(st.integers(1, 60), st.sampled_from([0.1, 0.5, 0.85, 0.95]), st.sampled_from([0.6, 0.8, 0.95]))
@settings(max_examples=150, deadline=None)
def test_order_statistics_agree_with_scipy_and_cover(size, probability, confidence):
    sample = np.arange(1.0, size + 1)
    value, interval = percentile(sample, probability, confidence)
    theirs = quantile_test(sample, p=probability).confidence_interval(confidence)
    assert interval.coverage >= confidence - 1e-12
    assert interval.low is None or interval.low <= value
    assert interval.high is None or interval.high >= value
    ours = (interval.low, interval.high)
    for mine, other in zip(ours, (theirs.low, theirs.high), strict=True):
        # ours is moved out to the value where that lies beyond the order statistic
        assert (mine is None) == math.isnan(other)
        assert mine is None or mine in (other, value)


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_published_by_newcombe(successes, total, low, high):
    interval = wilson(successes, total, 0.95)  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 300), st.integers(1, 300))
@settings(max_examples=80, deadline=None)
def test_wilson_agrees_with_scipy(successes, total):
    successes = min(successes, total)
    theirs = binomtest(successes, total).proportion_ci(0.8, method="wilson")
    ours = wilson(successes, total, 0.8)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.integers(0, 50), st.floats(0.5, 60))
@settings(max_examples=60, deadline=None)
def test_poisson_interval_is_garwoods(count, exposure):
    interval = poisson(count, exposure, 0.8)
    low = chi2.ppf(0.1, 2 * count) / 2 / exposure if count else 0.0
    assert (interval.low, interval.high) == pytest.approx((low, chi2.ppf(0.9, 2 * count + 2) / 2 / exposure), rel=1e-9)


def test_the_bootstrap_of_many_alike_weeks_is_the_normal_interval():
    counts = np.random.default_rng(3).poisson(9, 400)
    interval = weekly_mean(counts, 0.8, generator(1, "test"))
    half = 1.2815515655 * counts.std() / math.sqrt(400)
    assert interval.low == pytest.approx(counts.mean() - half, abs=0.03)
    assert interval.high == pytest.approx(counts.mean() + half, abs=0.03)
    steady = weekly_mean(np.full(12, 3), 0.8, generator(1, "test"))
    assert (steady.low, steady.high) == (3.0, 3.0)


def test_weeks_are_cut_back_from_the_end():
    until = at(17)
    times = [at(2.9), at(3), at(9.99), at(10), at(16.99), at(17), at(-1)]
    starts, counts = complete_weeks(times, START, until)
    assert starts == [at(3), at(10)]
    assert counts.tolist() == [2, 2]
