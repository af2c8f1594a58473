"""When a number of items will be finished, from weekly throughput, and how such forecasts did in the past."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from quarterdeck.engines.delivery.interval import generator, wilson
from quarterdeck.engines.delivery.pace import finish_weeks, pace_drift
from quarterdeck.engines.delivery.records import Inputs, Outlook
from quarterdeck.engines.delivery.weeks import complete_weeks

RULE = (
    "Each trial draws a history by resampling the newest complete weeks, then future weeks from it, until the "
    "remaining items are finished; so the error of knowing only some weeks is in the spread.",
    "The pace of each trial is also moved by as much as it has moved over the last year beyond what chance explains.",
    "Inside the last week work is taken to flow evenly. New items are not foreseen: the remaining number is fixed.",
    "The back-test repeats the forecast at past weeks with what was known then and compares it with what happened.",
)
LEAST_WEEKS = 4
TEST_TRIALS = 1_000
TEST_ORIGINS = 52
TEST_WEEKS = 8  # a back-test asks for as many items as this many weeks finish on average
NO_HISTORY = "fewer than four complete weeks since the first item was created"
NOTHING_FINISHED = "nothing was finished in the weeks that are drawn from"


@dataclass(frozen=True)
class FinishDate:
    """The day by which everything is finished with this probability; None when it lies beyond the horizon."""

    probability: float
    finish: datetime | None


@dataclass(frozen=True)
class BackTest:
    """How past forecasts did: how often the finish fell inside the central interval at the asked confidence.

    coverage_low, coverage_high: Wilson interval with as many independent forecasts as fit beside each other, since
    those of neighbouring weeks share their future. undetermined: forecasts whose verdict is still open at the end of
    the period. early, late: shares of judged forecasts whose finish came before and after the interval.
    """

    forecasts: int
    undetermined: int
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None
    early: float | None
    late: float | None


@dataclass(frozen=True)
class Forecast:
    """A forecast. `at_average` is the date that dividing by the average gives, with the probability of keeping it.

    drift: standard deviation of the log of the future's pace over that of the weeks drawn from.
    horizon_share: share of trials that had not finished at the horizon.
    standard_error: of a probability near one half, from the number of trials.
    """

    remaining: int
    weeks: int
    finish: tuple[FinishDate, ...]
    at_average: datetime | None
    at_average_probability: float | None
    drift: float
    horizon_share: float
    standard_error: float
    back_test: BackTest | None
    rule: tuple[str, ...] = RULE
    missing: str = ""


def quantile(ordered: np.ndarray, probability: float) -> float:
    """The smallest sampled value that at least this share of the sample does not exceed."""
    return float(ordered[max(0, int(np.ceil(probability * len(ordered) - 1e-9)) - 1)])


def history(inputs: Inputs) -> np.ndarray:
    """Items finished in each complete week, from the week after the first item was created on."""
    finished = [item.finished for item in inputs.items or ()]
    times = [time for time in finished if time is not None and time < inputs.until]
    begins = [item.created or item.started or item.finished for item in inputs.items or ()]
    born = min((time for time in begins if time is not None), default=inputs.until)
    return complete_weeks(times, max(inputs.since, born), inputs.until)[1]


def forecast_finish(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Forecast | None:
    """The asked forecast with its back-test; None when none is asked."""
    if inputs.outlook is None:
        return None
    outlook = inputs.outlook
    past = history(inputs)
    recent = past[-outlook.history_weeks :]
    if len(recent) < LEAST_WEEKS or not recent.sum():
        missing = NO_HISTORY if len(recent) < LEAST_WEEKS else NOTHING_FINISHED
        return Forecast(outlook.remaining, len(recent), (), None, None, 0.0, 0.0, 0.0, None, missing=missing)
    average = outlook.remaining / float(recent.mean())
    drift = pace_drift(past, len(recent), average) if outlook.changing_pace else 0.0
    draws = generator(inputs.seed, "forecast")
    weeks = np.sort(finish_weeks(recent, outlook.remaining, drift, outlook.horizon_weeks, outlook.trials, draws))
    return Forecast(
        outlook.remaining,
        len(recent),
        tuple(FinishDate(each, moment(inputs.until, quantile(weeks, each))) for each in outlook.probabilities),
        moment(inputs.until, average),
        float(np.mean(weeks <= average)),
        drift,
        float(np.mean(np.isinf(weeks))),
        float(np.sqrt(0.25 / outlook.trials)),
        back_test(past, outlook, inputs, progress),
    )


def moment(start: datetime, weeks: float) -> datetime | None:
    """The end of the day, counted from `start`, in which a number of weeks is over; None when there is no end."""
    if not np.isfinite(weeks):
        return None
    return start + timedelta(days=int(np.ceil(7 * weeks - 1e-9)))


def back_test(
    past: np.ndarray, outlook: Outlook, inputs: Inputs, progress: Callable[[float], None] | None
) -> BackTest | None:
    """Forecasts at past weeks against what happened; None when no past week had enough history."""
    length = outlook.history_weeks
    origins = [week for week in range(LEAST_WEEKS, len(past)) if past[max(0, week - length) : week].sum()]
    origins = origins[-TEST_ORIGINS - TEST_WEEKS :][:TEST_ORIGINS]
    verdicts: list[str | None] = []
    for number, origin in enumerate(origins):
        known = past[max(0, origin - length) : origin]
        asked = max(1, round(TEST_WEEKS * float(known.mean())))
        draws = generator(inputs.seed, f"back-test {len(past) - origin}")
        drift = pace_drift(past[:origin], len(known), TEST_WEEKS) if outlook.changing_pace else 0.0
        sample = np.sort(finish_weeks(known, asked, drift, outlook.horizon_weeks, TEST_TRIALS, draws))
        verdicts.append(_verdict(sample, asked, past[origin:], inputs.rules.confidence))
        if progress is not None:
            progress((number + 1) / len(origins))
    return _summary(verdicts, inputs.rules.confidence) if verdicts else None


def _verdict(sample: np.ndarray, asked: int, future: np.ndarray, confidence: float) -> str | None:
    """Whether the finish came "early", "inside" or "late"; None while that is open."""
    low, high = quantile(sample, (1 - confidence) / 2), quantile(sample, (1 + confidence) / 2)
    total = np.cumsum(future)
    if total[-1] < asked:
        return "late" if len(future) > high else None
    place = int(np.argmax(total >= asked))
    actual = place + (asked - (total[place] - future[place])) / future[place]
    if actual < low:
        return "early"
    return "late" if actual > high else "inside"


def _summary(verdicts: list[str | None], confidence: float) -> BackTest:
    """Shares of verdicts; the interval of coverage counts only forecasts that do not overlap."""
    judged = [verdict for verdict in verdicts if verdict is not None]
    number = len(judged)
    if not number:
        return BackTest(len(verdicts), len(verdicts), None, None, None, None, None)
    share = judged.count("inside") / number
    apart = max(1, number // TEST_WEEKS)
    bounds = wilson(round(share * apart), apart, confidence).holding(share)
    return BackTest(
        len(verdicts),
        len(verdicts) - number,
        share,
        bounds.low,
        bounds.high,
        judged.count("early") / number,
        judged.count("late") / number,
    )
