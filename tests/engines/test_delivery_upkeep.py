"""The share of operations: worked by hand, by enumeration of every resample, and for what is left out."""

from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest

from quarterdeck.engines.delivery import Incident, Inputs, Item, measure
from quarterdeck.engines.delivery.interval import generator
from quarterdeck.engines.delivery.upkeep import (
    BLOCK,
    FEW,
    IDLE,
    LYING,
    MOSTLY_UNSAID,
    NO_ITEMS,
    NO_PLANNED,
    UNSAID,
    block_ratio,
    operations_share,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 12
END = START + timedelta(weeks=WEEKS)


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def test_days_in_progress_are_shared_as_counted_by_hand():
    """Operations: 2 days and, cut by the period's start, 3; planned work: 10 days over three weeks, 5 until the end."""
    items = (
        Item("bug", None, at(1), at(3), operations=True),
        Item("before", None, at(-4), at(3), operations=True),
        Item("story", None, at(6), at(16), operations=False),
        Item("open", None, at(79), None, operations=False),
    )
    figure = operations_share(Inputs(START, END, items=items))
    assert figure.value == pytest.approx(5 / 20)
    assert figure.included == 4
    assert figure.low <= figure.value <= figure.high


def test_a_steady_share_has_no_error():
    items = tuple(
        Item(f"{week}/{place}", None, at(7 * week), at(7 * week + 5), operations=place == 0)
        for week in range(WEEKS)
        for place in range(4)
    )
    figure = operations_share(Inputs(START, END, items=items))
    assert (figure.value, figure.low, figure.high) == (0.25, 0.25, 0.25)


def test_the_interval_is_that_of_all_resamples():
    """Eight weeks are resampled as two blocks of four: 64 outcomes, all alike likely."""
    parts = np.array([1.0, 0, 3, 2, 0, 5, 1, 0])
    wholes = np.array([4.0, 6, 5, 7, 3, 9, 6, 4])
    outcomes = np.array(
        [
            parts[weeks].sum() / wholes[weeks].sum()
            for starts in product(range(8), repeat=2)
            for weeks in [[(start + step) % 8 for start in starts for step in range(BLOCK)]]
        ]
    )
    interval = block_ratio(parts, wholes, 0.8, generator(1, "a test"))
    for bound, share in ((interval.low, 0.1), (interval.high, 0.9)):
        assert (outcomes < bound - 1e-12).mean() - 0.02 <= share <= (outcomes <= bound + 1e-12).mean() + 0.02


def test_weeks_that_hang_together_widen_the_interval():
    """A share that is high for half the time and low for the other is known less well than one that changes weekly."""
    wholes = np.ones(24)
    slow, quick = np.repeat([0.1, 0.5], 12), np.tile([0.1, 0.5], 12)
    long, short = (block_ratio(parts, wholes, 0.8, generator(1, "a test")) for parts in (slow, quick))
    assert long.high - long.low > 5 * (short.high - short.low)


def test_incidents_are_operations():
    """Two days of an incident beside six days of planned work."""
    items = (Item("story", None, at(20), at(26), operations=False),)
    figure = operations_share(Inputs(START, END, items=items, incidents=(Incident("i", at(3), at(5)),)))
    assert figure.value == pytest.approx(2 / 8)


def test_what_cannot_be_counted_is_left_out_and_named():
    items = (
        *(Item(f"d{n}", None, at(n), at(n + 2), operations=n % 2 == 0) for n in range(40)),
        Item("forgotten", None, at(-300), None, operations=True),
        Item("unsaid", None, at(1), at(3)),
        Item("not begun", None, None, None, operations=True),
        Item("backwards", None, at(9), at(3), operations=True),
        Item("long ago", None, at(-30), at(-20), operations=True),
    )
    figure = operations_share(Inputs(START, END, items=items))
    assert figure.value == pytest.approx(0.5)
    left = {one.reason: one.examples for one in figure.excluded}
    assert left[LYING] == ("forgotten",)
    assert left[UNSAID] == ("unsaid",)
    assert len(left) == 5


@pytest.mark.parametrize(
    ("inputs", "missing"),
    [
        (Inputs(START, END), NO_ITEMS),
        (Inputs(START, at(55), items=()), FEW),
        (Inputs(START, END, items=()), IDLE),
        (Inputs(START, END, items=(Item("a", None, at(1), at(2)),)), MOSTLY_UNSAID),
        (
            Inputs(
                START,
                END,
                items=tuple(Item(f"{n}", None, at(n), at(n + 1)) for n in range(20)),
                incidents=(Incident("i", at(3), at(5)),),
            ),
            MOSTLY_UNSAID,
        ),
        (Inputs(START, END, items=(Item("a", None, at(1), at(2), operations=True),)), NO_PLANNED),
    ],
)
def test_it_says_when_it_cannot_tell(inputs: Inputs, missing: str):
    figure = measure(inputs).operations_share
    assert (figure.value, figure.missing) == (None, missing)
