"""What the outlook hands back: dates, goals, people, money and losses as distributions, with how accurate they are.

Moments are counted in months from the programme's start: 7.25 lies within month 7. None where a quantile lies beyond
the window: the trial was cut there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Quantiles over the trials."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Chance:
    """A share of the trials, how far one standard error reaches from it, and its 90 % interval (Wilson's score).

    Not nothing where no trial, or every one, counts: that a thing was not seen does not make it impossible.
    """

    probability: float
    standard_error: float  # the farther end of the score interval of one standard deviation
    low: float
    high: float


@dataclass(frozen=True)
class Amount:
    """A sum of money over the trials: mean with its standard error, and quantiles."""

    mean: float
    standard_error: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Quantile:
    """A quantile of a moment; its standard error from the order statistics beside it, None where they meet the cut."""

    probability: float
    moment: float | None
    standard_error: float | None


@dataclass(frozen=True)
class Finish:
    """When one initiative of the plan finishes."""

    initiative: str
    deterministic: float | None  # everything at its mean: estimates, bias, departures, time to hire
    by_deterministic: Chance | None  # chance of finishing no later than that
    quantiles: tuple[Quantile, ...]  # at 10, 50, 80 and 90 %
    mandate: int | None  # last month it may finish in
    by_mandate: Chance | None
    cut: float  # share of trials in which it does not finish within the window


@dataclass(frozen=True)
class Goal:
    """How far a key result gets: 0 is today's value, 1 the target; not clipped, so drifting away is negative."""

    key_result: str
    due: int
    met: Chance | None  # at the end of its due month; None where that lies beyond the window
    attainment: tuple[Band, ...]  # at the end of each quarter of the window


@dataclass(frozen=True)
class Capacity:
    """Person-months of one skill in one quarter."""

    skill: str
    quarter: int
    supply: Band  # who is there: staff who have not left, hires as they ramp up, contractors
    demand: Band  # what work that could go on would take at full speed
    used: Band


@dataclass(frozen=True)
class Cash:
    """Money of one quarter: benefits less capital, running, hiring, salaries of hires and contractors; undiscounted."""

    quarter: int
    mean: float
    net: Band
    cumulative: Band


@dataclass(frozen=True)
class Losses:
    """Annual loss over all scenarios in one year, with the mean number of incidents."""

    mean: float
    standard_error: float
    p50: float
    p90: float
    p95: float
    p99: float
    incidents: float


@dataclass(frozen=True)
class LossYear:
    """Losses of the same incidents without and with what finished initiatives do to them. Year 0 starts in month 0."""

    year: int
    before: Losses
    after: Losses


@dataclass(frozen=True)
class Trials:
    """The trials themselves, in order, so that two outlooks can be paired. Empty tuples where not kept."""

    net_present_value: tuple[float, ...]
    losses: tuple[float, ...]
    met: tuple[tuple[bool, ...], ...]  # a tuple a key result, in the order of `Result.goals`
    finishes: tuple[tuple[float | None, ...], ...]  # a tuple an initiative, in the order of `Result.finishes`
    supply: tuple[tuple[float, ...], ...] = ()  # person-months over the plan's quarters, a tuple a skill, sorted by key


@dataclass(frozen=True)
class Checks:
    """How accurate the result is, and what was left out of it."""

    trials: int
    cut: float  # share of trials in which something in the plan is unfinished at the window's end
    largest_chance_error: float  # the largest standard error among the chances shown
    duration_departure: (
        float | None
    )  # largest |drawn mean − closed form| of a duration, in standard errors of the draws
    incidents_expected: float  # a trial, before controls, by closed form
    incidents_simulated: float
    blocked: tuple[str, ...]  # initiatives that wait for one that is not in the plan
    due_beyond: tuple[str, ...]  # key results due after the window: no probability is given


@dataclass(frozen=True)
class Result:
    """One outlook. Orders are the plan's for initiatives and the programme's for everything else."""

    seed: int
    months: int
    finishes: tuple[Finish, ...]
    goals: tuple[Goal, ...]
    capacity: tuple[Capacity, ...]
    cash: tuple[Cash, ...]
    net_present_value: Amount  # benefits less all spend, discounted, without losses
    losses: Amount  # losses after controls over the loss years, discounted
    net_of_losses: Amount  # net present value less losses, trial by trial
    loss_years: tuple[LossYear, ...]
    kept: Trials
    checks: Checks


@dataclass(frozen=True)
class Change:
    """Mean difference over paired trials, standard error and 90 % interval; all exactly 0.0 where no trial differs.

    Of a chance the interval is right where every trial differs, too; where none does, the draws being the same, what
    was changed does not reach it, or in fewer than about one of `trials / 3` futures (rule of three).
    """

    name: str
    mean: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class Shift(Change):
    """A change of a quantity, and its mean before and after; None where no trial has it in both.

    Of a finish in months: over the trials in which both finish. Of supply in person-months: over all.

    `second` less `first` is the mean change, so what is shown beside it adds up.
    """

    first: float | None
    second: float | None


@dataclass(frozen=True)
class Difference:
    """Second outlook less first, trial by trial."""

    net_present_value: Change
    losses: Change
    net_of_losses: Change
    met: tuple[Change, ...]  # of the probability that each key result is met
    finishes: tuple[Shift, ...]  # months, over trials in which both finish; empty where finishes were not kept
    supply: tuple[Shift, ...]  # person-months of each skill over the plan's quarters
    unmatched: tuple[str, ...]  # key results, initiatives and skills that stand in one of the two only
