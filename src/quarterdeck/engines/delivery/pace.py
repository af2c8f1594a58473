"""Draws when a number of items is finished: past weeks resampled, at a pace that changes as it lately did."""

import numpy as np

BLOCK = 26  # weeks drawn at a time: what is drawn for a week does not depend on how many are needed
DRIFT_WEEKS = 52  # the past over which changes of pace are measured
LEAST_COMPARISONS = 4


def finish_weeks(
    history: np.ndarray, remaining: float, drift: float, horizon: int, trials: int, draws: np.random.Generator
) -> np.ndarray:
    """Weeks until `remaining` items are finished, one number a trial; infinite when not within the horizon.

    history: items finished in past weeks. drift: standard deviation of the log of the future's pace over the history's.
    Each trial resamples the history, then draws weeks from the resampled one, so that the error of knowing only some
    weeks is in the spread. Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 25.
    """
    needed = remaining * np.exp(drift * draws.standard_normal(trials))
    picked = draws.integers(len(history), size=(trials, len(history)))
    weeks = np.where(needed > 0, np.inf, 0.0)
    done = np.zeros(trials)
    for first in range(0, horizon, BLOCK):
        if not np.isinf(weeks).any():
            break
        which = draws.integers(len(history), size=(trials, BLOCK))
        counts = history[np.take_along_axis(picked, which, axis=1)][:, : horizon - first]
        total = done[:, None] + np.cumsum(counts, axis=1)
        crossed = total >= needed[:, None]
        now = np.isinf(weeks) & crossed[:, -1]
        place = crossed[now].argmax(axis=1)
        last = counts[now, place]
        weeks[now] = first + place + (needed[now] - (total[now, place] - last)) / last
        done = total[:, -1].astype(float)
    return weeks


def pace_drift(past: np.ndarray, length: int, horizon: float) -> float:
    """How much the pace changes: standard deviation of the log of the next weeks' mean over the last weeks' mean.

    past: items finished in all known weeks, oldest first. length: weeks of history a forecast draws from. horizon:
    weeks it looks ahead. The mean square of past log ratios over the last year, less what chance explains when weeks
    are drawn alike (the squared coefficient of variation × (1 / length + 1 / weeks ahead)); never below 0. Where the
    past is too short for the horizon, the variance of the longest comparison is scaled as that of a random walk of
    the level.
    """
    past = past[-DRIFT_WEEKS - length :].astype(float)
    ahead = max(1, min(round(horizon), (len(past) - length) // 2))
    places = np.arange(length, len(past) - ahead + 1)
    if len(places) < LEAST_COMPARISONS:
        return 0.0
    sums = np.concatenate([[0.0], np.cumsum(past)])
    squares = np.concatenate([[0.0], np.cumsum(past**2)])
    before = (sums[places] - sums[places - length]) / length
    after = (sums[places + ahead] - sums[places]) / ahead
    usable = (before > 0) & (after > 0)
    if usable.sum() < LEAST_COMPARISONS:
        return 0.0
    variation = ((squares[places] - squares[places - length]) / length - before**2)[usable] / before[usable] ** 2
    chance = float(np.mean(variation)) * (1 / length + 1 / ahead)
    excess = float(np.mean(np.log(after[usable] / before[usable]) ** 2)) - chance
    return float(np.sqrt(max(0.0, excess) * (length + horizon) / (length + ahead)))
