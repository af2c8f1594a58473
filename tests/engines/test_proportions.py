"""Intervals of shares and of paired differences: right where none or all are counted, and covering as they say."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import binomtest, multinomial, norm

from quarterdeck.engines import outlook
from quarterdeck.engines.outlook.comparison import change_of_chance
from quarterdeck.engines.programme import Contribution, Effort, Estimate, Initiative, KeyResult, Plan, Programme, Skill
from quarterdeck.engines.programme import Start as Starts
from quarterdeck.engines.proportions import paired, wilson

TRIALS = 400


@pytest.mark.parametrize(("count", "total"), [(0, 4000), (4000, 4000), (1, 4000), (37, 100), (0, 1)])
@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95])
def test_the_interval_of_a_share_is_scipys(count: int, total: int, confidence: float) -> None:
    theirs = binomtest(count, total).proportion_ci(confidence, method="wilson")
    assert wilson(count, total, confidence) == pytest.approx((theirs.low, theirs.high), abs=1e-14)


def test_nothing_seen_does_not_mean_impossible() -> None:
    """With none of n counted the score interval reaches z² / (n + z²)."""
    z = float(norm.ppf(0.95))
    assert wilson(0, 4000, 0.9) == pytest.approx((0.0, z**2 / (4000 + z**2)), rel=1e-12)
    assert wilson(4000, 4000, 0.9) == pytest.approx((4000 / (4000 + z**2), 1.0), rel=1e-12)
    assert wilson(0, 0, 0.9) == (0.0, 1.0)


def test_a_paired_difference_by_hand() -> None:
    """Eight gain and two lose of twenty: 9/22 - 3/22, with (12/22 - (6/22)²) / 22 as its variance."""
    half = float(norm.ppf(0.95)) * ((12 / 22 - (6 / 22) ** 2) / 22) ** 0.5
    assert paired(8, 2, 20, 0.9) == pytest.approx((6 / 22 - half, 6 / 22 + half), rel=1e-12)
    assert paired(2, 8, 20, 0.9) == pytest.approx((-6 / 22 - half, -6 / 22 + half), rel=1e-12)
    low, high = paired(20, 0, 20, 0.9)
    assert 0.7 < low < high == 1.0
    low, high = paired(0, 0, 20, 0.9)
    assert -high == low < 0


@pytest.mark.parametrize(("gain", "loss"), [(0.02, 0.0), (0.1, 0.05), (0.3, 0.3), (0.6, 0.1), (0.98, 0.0), (0.0, 0.9)])
def test_a_paired_interval_covers_as_it_says(gain: float, loss: float) -> None:
    """Every outcome of 40 pairs with its probability: how often the interval at 90 % holds the true difference."""
    size, covered = 40, 0.0
    law = multinomial(size, [gain, loss, 1 - gain - loss])
    for gained in range(size + 1):
        for lost in range(size + 1 - gained):
            low, high = paired(gained, lost, size, 0.9)
            if low <= gain - loss <= high:
                covered += float(law.pmf([gained, lost, size - gained - lost]))
    assert covered > 0.86


def test_a_chance_that_changed_in_every_trial_has_an_error() -> None:
    every, none, some = (
        change_of_chance("k", np.array(values)) for values in ([1.0] * 50, [0.0] * 50, [1.0, 0.0, -1.0])
    )
    assert every.mean == 1.0
    assert every.standard_error > 0
    assert 0.85 < every.low < every.high == 1.0
    assert (none.mean, none.standard_error, none.low, none.high) == (0.0, 0.0, 0.0, 0.0)
    assert some.mean == 0.0
    assert some.low < 0 < some.high


def result(target: float, mandate: int) -> outlook.Result:
    done = Contribution("k", Estimate(4, 5, 6))
    work = Initiative(
        "a", Estimate(3, 4, 6), (Effort("go", Estimate(3, 4, 6)),), contributions=(done,), mandate=mandate
    )
    programme = Programme(
        start=date(2027, 1, 1),
        quarters=4,
        initiatives=(work,),
        skills=(Skill("go", (1.5,) * 36),),
        key_results=(KeyResult("k", "g", 100.0, today=0.0, target=target, due=11),),
    )
    return outlook.look_ahead(outlook.Inputs(programme, Plan((Starts("a", 0),)), trials=TRIALS, keep_trials=True))


def test_an_outlook_says_how_sure_a_chance_of_none_or_all_is() -> None:
    sure, never = result(1.0, 11), result(50.0, 0)
    for met in (sure.goals[0].met, sure.finishes[0].by_mandate):
        assert met is not None
        assert (met.probability, met.low, met.high) == (1.0, *wilson(TRIALS, TRIALS, 0.9))
        assert met.low < 1.0
        assert met.standard_error == pytest.approx(1 / (TRIALS + 1))
    for met in (never.goals[0].met, never.finishes[0].by_mandate):
        assert met is not None
        assert (met.probability, met.low, met.high) == (0.0, *wilson(0, TRIALS, 0.9))
        assert met.standard_error == pytest.approx(1 / (TRIALS + 1))
    assert never.checks.largest_chance_error > 0
    moved = outlook.difference(never, sure).met[0]
    assert (moved.mean, moved.high) == (1.0, 1.0)
    assert moved.low < 1.0
