"""Estimates effort and duration from what past work of the same sort took here."""

import numpy as np

from quarterdeck.engines.candidate import Pace, Past, Steps
from quarterdeck.engines.delivery.interval import generator
from quarterdeck.engines.delivery.pace import finish_weeks, pace_drift
from quarterdeck.engines.programme import Estimate

LOW, LIKELY, HIGH = 0.1, 0.5, 0.9  # quantiles of the sample: the middle eight of ten
LEAST_SAMPLE = 5  # below it the outer quantiles are the smallest and largest value and say nothing of the next change
MOST_STEPS = 4  # of major versions that widen the interval: what lies farther is as unlike the past as this
LIKELY_STEP = 0.5  # a major version adds half the usual effort to the likeliest value …
HIGH_STEP = 1.0  # … and the whole of it to the upper end: what was changed before was mostly nearer
MINOR_HIGH = 0.25  # a minor version adds a quarter to the upper end
DAYS_A_MONTH = 21.0  # working days: 261 weekdays a year less about nine holidays, over twelve
WEEKS_A_MONTH = 365.25 / 7 / 12
RECENT = 13  # weeks that are drawn from
HORIZON = 520  # weeks
TRIALS = 2_000
LEAST_WEEKS = 4
NEAR = Steps()


def widened(steps: Steps) -> tuple[float, float]:
    """Factors on the likeliest value and the upper end for a distance between versions."""
    major = min(steps.major, MOST_STEPS)
    minor = MINOR_HIGH if steps.minor and not steps.major else 0.0
    return 1 + LIKELY_STEP * major, 1 + HIGH_STEP * major + minor


def by_past(past: Past, steps: Steps = NEAR) -> Estimate | None:
    """Person-months from past work: quantiles of the sample times the pieces asked for, wider with distance.

    None below LEAST_SAMPLE. Ends are multiplied by ends, so the interval is as wide as if all pieces erred alike.
    Quantiles by linear interpolation: Hyndman and Fan (1996), "Sample quantiles in statistical packages", type 7.
    """
    if len(past.days) < LEAST_SAMPLE:
        return None
    low, likely, high = quantiles(past.days)
    more_likely, more_high = widened(steps)
    return Estimate(
        low * past.scale.low / DAYS_A_MONTH,
        likely * past.scale.likely * more_likely / DAYS_A_MONTH,
        high * past.scale.high * more_high / DAYS_A_MONTH,
    )


def quantiles(sample: tuple[float, ...]) -> tuple[float, float, float]:
    """The LOW, LIKELY and HIGH quantile of a sample."""
    low, likely, high = (float(q) for q in np.quantile(sample, (LOW, LIKELY, HIGH)))
    return low, likely, high


def lasting(past: Past, effort: Estimate | None, share: Estimate | None) -> Estimate | None:
    """Months it lasts: as past work of its sort did where that is on record, else as long as one person needs.

    Several pieces are done at once at best, one after another at worst. share: part of working time that is left
    beside operations. None where neither is told.
    """
    if len(past.months) >= LEAST_SAMPLE:
        low, likely, high = quantiles(past.months)
        return Estimate(low * min(1.0, past.scale.low), likely * past.scale.likely, high * past.scale.high)
    return alone(effort, share) if effort and share else None


def alone(effort: Estimate, share: Estimate) -> Estimate | None:
    """Months one person needs for it with a share of their time; None where nothing of it may be left."""
    if share.low <= 0:
        return None
    return Estimate(effort.low / share.high, effort.likely / share.likely, effort.high / share.low)


def by_pace(pace: Pace, key: str, seed: int) -> tuple[Estimate | None, Estimate | None]:
    """Person-months and months to finish so many items at the past pace; None where it cannot be told.

    The same draws as the delivery engine's forecast, keyed by the candidate. Where nobody is named as having finished
    items, only the duration is known.
    """
    past = np.array(pace.weekly, dtype=np.int64)
    recent = past[-RECENT:]
    if len(recent) < LEAST_WEEKS or not recent.sum() or pace.items <= 0:
        return None, None
    drift = pace_drift(past, len(recent), pace.items / float(recent.mean()))
    weeks = np.sort(finish_weeks(recent, pace.items, drift, HORIZON, TRIALS, generator(seed, f"candidates/{key}")))
    places = (max(0, int(np.ceil(q * TRIALS)) - 1) for q in (LOW, LIKELY, HIGH))
    low, likely, high = (float(weeks[place]) / WEEKS_A_MONTH for place in places)
    if not np.isfinite(high):
        return None, None
    duration = Estimate(low, likely, high)
    if not pace.people:
        return None, duration
    return Estimate(low * pace.people, likely * pace.people, high * pace.people), duration
