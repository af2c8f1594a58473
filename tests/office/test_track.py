"""The track record: the company's own, shrunk towards the field's while it is short."""

import math
import random

import pytest

from quarterdeck.office.plan import track


def test_without_a_record_the_field_speaks():
    found = track.bias([], track.EFFORT)
    assert found.median == track.EFFORT.median
    assert math.hypot(found.common, found.own) == pytest.approx(track.EFFORT.spread)


def test_one_past_initiative_is_no_record_yet():
    assert track.own([(10, 20)]) is None


def test_a_long_record_speaks_for_itself():
    pairs = [(10.0, 15.0), (10.0, 13.5)] * 400
    found = track.bias(pairs, track.EFFORT)
    assert found.median == pytest.approx(math.sqrt(1.5 * 1.35), rel=0.01)


def test_the_record_weighs_as_much_as_the_field_at_the_prior_count():
    pairs = [(1.0, 2.0)] * int(track.PRIOR)
    assert track.bias(pairs, track.EFFORT).median == pytest.approx(math.sqrt(2.0 * track.EFFORT.median))


def test_the_field_s_mean_overrun_is_what_its_source_says():
    assert track.EFFORT.median * math.exp(track.EFFORT.spread**2 / 2) == pytest.approx(1.3, abs=0.005)


# ---- how good the ranges were


def test_the_range_of_a_factor_holds_four_of_five():
    """Against draws of the same lognormal: 80 % of them lie within."""
    used = track.bias([], track.DURATION)
    low, high = track.span(used)
    draws = random.Random(7)
    spread = math.hypot(used.common, used.own)
    factors = [used.median * math.exp(draws.gauss(0.0, spread)) for _ in range(20_000)]
    assert sum(low <= factor <= high for factor in factors) / 20_000 == pytest.approx(0.8, abs=0.01)


def test_a_record_tries_its_ranges_on_each_past_initiative_with_the_others_alone():
    steady = [(10.0, 12.0)] * 20
    found = track.record(steady, track.DURATION)
    assert (found.count, found.held) == (20, 20)
    outlier = track.record([*steady, (10.0, 80.0)], track.DURATION)
    assert (outlier.count, outlier.held) == (21, 20), "its own range would have held it; that of the others does not"


def test_a_short_record_says_nothing_of_its_ranges():
    found = track.record([(10.0, 12.0), (10.0, 9.0)], track.EFFORT)
    assert (found.held, found.count) == (None, 2)
    assert track.record([], track.EFFORT).seen is None


def test_only_what_has_both_is_a_pair():
    rows = [{"p": 2.0, "a": 3.0}, {"p": None, "a": 3.0}, {"p": 2.0, "a": None}]
    assert track.pairs(rows, "p", "a") == [(2.0, 3.0)]
