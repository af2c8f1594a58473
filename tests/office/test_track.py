"""The track record: the company's own, shrunk towards the field's while it is short."""

import math

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
