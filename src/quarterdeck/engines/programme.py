"""The programme: what a plan is made over, as plain values; `portfolio` chooses from it and `outlook` looks ahead on
it.

Months are counted from `Programme.start` (month 0), quarters likewise (quarter q is months 3q, 3q+1, 3q+2). Money is
in one currency, effort in person-months, rates of people per year.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from math import isclose


@dataclass(frozen=True)
class Estimate:
    """Least, likeliest and most: a PERT distribution (beta, shape 4), mean (low + 4 likely + high) / 6.

    Source: Malcolm, Roseboom, Clark, Fazar (1959), "Application of a technique for research and development program
    evaluation", Operations Research 7(5).
    """

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"an estimate needs low ≤ likely ≤ high, not {self.low}, {self.likely}, {self.high}")

    @property
    def mean(self) -> float:
        return (self.low + 4 * self.likely + self.high) / 6


ZERO = Estimate(0.0, 0.0, 0.0)


class Pin(Enum):
    """What a person has already decided about an initiative."""

    FREE = "free"
    IN = "in"  # must be chosen, whenever it fits
    OUT = "out"


@dataclass(frozen=True)
class Effort:
    """Work of one skill that an initiative needs over its whole life."""

    skill: str
    months: Estimate  # person-months


@dataclass(frozen=True)
class Control:
    """What a finished initiative does to a loss scenario: multiplies its frequency and its magnitude.

    frequency, magnitude: the factors' means, by which expected losses are told. often, large: the factors as estimates
    where they are not exact; their means are those. Raises ValueError where they are not.
    """

    scenario: str
    frequency: float = 1.0
    magnitude: float = 1.0
    often: Estimate | None = None
    large: Estimate | None = None

    def __post_init__(self) -> None:
        for factor, estimate in ((self.frequency, self.often), (self.magnitude, self.large)):
            if estimate is not None and not isclose(factor, estimate.mean, rel_tol=1e-9, abs_tol=1e-12):
                raise ValueError(f"a control of {self.scenario} has the factor {factor}, its estimate {estimate.mean}")

    @classmethod
    def of(cls, scenario: str, frequency: Estimate, magnitude: Estimate) -> "Control":
        """A control of two estimated factors; an estimate without width is an exact factor."""
        often, large = (None if one.low == one.high else one for one in (frequency, magnitude))
        exact = {"frequency": frequency.likely, "magnitude": magnitude.likely}
        means = {name: one.mean for name, one in (("frequency", often), ("magnitude", large)) if one}
        return cls(scenario, **{**exact, **means}, often=often, large=large)


@dataclass(frozen=True)
class Contribution:
    """What a finished initiative adds to a key result's measure, in that measure's unit."""

    key_result: str
    amount: Estimate


@dataclass(frozen=True)
class Precedence:
    """An initiative that must have finished, and how many months before."""

    initiative: str
    lag: int = 0


@dataclass(frozen=True)
class Initiative:
    """Something that may be funded."""

    key: str
    duration: Estimate  # months
    efforts: tuple[Effort, ...] = ()
    earliest: int = 0  # first quarter it may start in
    latest: int | None = None  # last quarter it may start in
    mandate: int | None = None  # last month it may finish in, if a law or contract says so; then it is not optional
    profile: tuple[float, ...] = (1.0,)  # relative effort over equal slices of its life
    capital: Estimate = ZERO  # spent evenly over its life
    running: Estimate = ZERO  # a month, from its finish on
    benefit: Estimate = ZERO  # a month, from its finish on, once ramped up
    ramp: int = 0  # months from finish to full benefit, linear
    benefit_months: int = 36  # how long the benefit lasts after finish
    contributions: tuple[Contribution, ...] = ()
    controls: tuple[Control, ...] = ()
    predecessors: tuple[Precedence, ...] = ()
    excludes: str | None = None  # name of a group of which at most one may be chosen
    pin: Pin = Pin.FREE
    started: int | None = None  # quarter it started in (negative: before the plan), if it runs already
    done: float = 0.0  # part of its effort that is already spent, 0 to 1


@dataclass(frozen=True)
class Skill:
    """People of one skill: heads, the part that operations eat, and how fast they leave."""

    key: str
    supply: tuple[float, ...]  # person-months available in each month, operations already taken off
    attrition: float = 0.0  # departures a head a year (hazard)
    operations: Estimate = (
        ZERO  # part of working time eaten by operations; for the outlook's spread, mean already in supply
    )


@dataclass(frozen=True)
class Route:
    """A way to get more of one skill by employing people."""

    key: str
    skill: str
    cost: float  # once, a hire
    salary: float  # a month, a hire (a declared cost band, never a person's pay)
    time_to_hire: Estimate  # months from decision to first day
    ramp: int  # months from first day to full work, linear
    limit: int  # hires a quarter


@dataclass(frozen=True)
class Contractor:
    """A way to buy months of one skill."""

    skill: str
    cost: float  # a person-month
    limit: float  # person-months a quarter


@dataclass(frozen=True)
class KeyResult:
    """A measure that is to reach a target by a month; straight-line attainment between today's value and the target."""

    key: str
    goal: str
    weight: float  # money's worth of full attainment
    today: float
    target: float
    due: int  # month
    drift: float = 0.0  # change a month if nothing is done
    drift_error: float = 0.0  # standard error of that drift


@dataclass(frozen=True)
class Scenario:
    """A loss scenario: how often a year, and the 90 % interval of one event's magnitude (lognormal)."""

    key: str
    frequency: Estimate  # events a year (Poisson with a PERT rate)
    low: float  # 5 % quantile of one event's loss
    high: float  # 95 % quantile


@dataclass(frozen=True)
class Appetite:
    """The most that the annual loss may be at a probability: 0.95 means one year in twenty may be worse."""

    probability: float
    amount: float


@dataclass(frozen=True)
class Bias:
    """Actual over planned, as a lognormal factor: its median, the spread all initiatives share, and each one's own.

    median 1.0 and spreads 0.0 mean that estimates come true.
    """

    median: float = 1.0
    common: float = 0.0  # standard deviation of the shared log factor
    own: float = 0.0  # standard deviation of each initiative's own log factor


@dataclass(frozen=True)
class Programme:
    """Everything a plan is made over."""

    start: date  # first day of month 0
    quarters: int  # length of the plan
    initiatives: tuple[Initiative, ...]
    skills: tuple[Skill, ...] = ()
    routes: tuple[Route, ...] = ()
    contractors: tuple[Contractor, ...] = ()
    key_results: tuple[KeyResult, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    appetite: tuple[Appetite, ...] = ()
    correlation: float = 0.0  # between scenarios' losses, of the Gaussian copula's one common factor
    capital: tuple[float, ...] = ()  # budget of each quarter; empty: no limit
    running: tuple[float, ...] = ()  # likewise for running spend, hires and contractors
    carry_over: bool = True  # unspent capital moves to the next quarter
    discount: float = 0.08  # a year
    most_at_once: int | None = None  # initiatives in work in one quarter
    effort_bias: Bias = field(default_factory=Bias)
    duration_bias: Bias = field(default_factory=Bias)
    benefit_bias: Bias = field(default_factory=Bias)
    seed: int = 1


@dataclass(frozen=True)
class Start:
    """One line of a plan: an initiative and the quarter it starts in."""

    initiative: str
    quarter: int


@dataclass(frozen=True)
class Hires:
    """One line of a plan: how many people by a route, decided in a quarter."""

    route: str
    quarter: int
    heads: int


@dataclass(frozen=True)
class Bought:
    """One line of a plan: person-months of a skill bought in a quarter."""

    skill: str
    quarter: int
    months: float


@dataclass(frozen=True)
class Plan:
    """What was chosen: starts in the order of priority, hires and contractors."""

    starts: tuple[Start, ...]
    hires: tuple[Hires, ...] = ()
    bought: tuple[Bought, ...] = ()
