"""What the choice hands back: a plan, its worth in money, how good it is proven to be, and what would change it."""

from dataclasses import dataclass
from enum import Enum

from quarterdeck.engines.programme import Plan


class Resource(Enum):
    """What can run short."""

    SKILL = "skill"  # person-months of one skill
    CAPITAL = "capital"
    RUNNING = "running"
    AT_ONCE = "at_once"  # initiatives in work in one quarter
    APPETITE = "appetite"


class Bounds(Enum):
    """What the bound bounds."""

    EXACT = "exact_model"  # no plan of the model as described is worth more
    TANGENTS = "tangent_model"  # loss curves of scenarios with more than four controls replaced by tangents below them
    RELAXATION = "linear_relaxation"  # the exact model with fractions of initiatives and hires allowed
    TANGENT_RELAXATION = "linear_relaxation_of_tangent_model"
    LINEARISED_APPETITE = "linearised_appetite_model"  # appetite by straight-line cuts; does not bound the exact model


class Why(Enum):
    """Why an initiative is not in the plan."""

    PINNED_OUT = "pinned_out"
    WINDOW = "window"  # it cannot start, or not finish in time
    PREDECESSOR = "predecessor"  # what it waits for is not in the plan, or finishes too late
    EXCLUDED = "excluded"  # another one of its group is in the plan
    WORTH = "worth"  # it fits and costs more than it brings
    RESOURCES = "resources"  # something it needs goes further elsewhere


class ChangeKind(Enum):
    """The change that lets an initiative in."""

    PIN = "pin"  # lift the pin
    TIME = "time"  # months more until the last moment it may finish
    PREDECESSOR = "predecessor"  # take the predecessor in
    GROUP = "group"  # give it the place of the other one of its group: that one's lead, in money
    WORTH = "worth"  # present value more, or cost less, in money
    SKILL = "skill"  # person-months more
    CAPITAL = "capital"  # money more
    RUNNING = "running"  # money more
    AT_ONCE = "at_once"  # initiatives more
    SEVERAL = "several"  # more than one resource at once: priced in money, or the sum of amounts where one is not sold


class Method(Enum):
    """How a figure about a change was found."""

    BESIDE_PLAN = "beside_plan"  # shortage when it is added to the plan as it stands
    RE_SOLVED = "re_solved"  # the plan was searched again with the initiative forced in
    REDUCED_COST = "reduced_cost"  # from the linear relaxation
    RULE = "rule"  # follows from a pin, window, precedence or group


@dataclass(frozen=True)
class Worth:
    """The objective in money and its parts; present values at the discount rate, goals undiscounted."""

    total: float
    value: float  # net present value of the chosen initiatives
    goals: float  # sum of weight times attainment
    expected_loss: float  # over the plan and the quarters after it
    hiring: float  # hiring costs and salaries
    contractors: float


@dataclass(frozen=True)
class Attainment:
    """How far a key result gets by its month, 0 to 1."""

    key_result: str
    before: float  # with nothing chosen
    after: float


@dataclass(frozen=True)
class Exposure:
    """A scenario's expected loss over the plan and the quarters after it, as present value."""

    scenario: str
    before: float
    after: float


@dataclass(frozen=True)
class Finish:
    """When a chosen initiative starts and finishes if estimates come true."""

    initiative: str
    quarter: int
    month: int  # the last month it is worked on, counted from the programme's start; -1 if finished already


@dataclass(frozen=True)
class Use:
    """One resource in one quarter: what there is and what the plan takes."""

    resource: Resource
    key: str  # the skill; empty for budgets
    quarter: int
    supply: float  # own people or budget of the quarter (with carry-over: all budget so far), without hires
    hired: float
    bought: float
    used: float


@dataclass(frozen=True)
class Binding:
    """A limit that holds the plan back, and what one unit more of it is worth."""

    resource: Resource
    key: str
    quarter: int
    unit: float  # the unit tried: one person-month, one initiative, or one hundredth of the budget
    marginal: float  # money a unit, dual of the linear relaxation
    relaxation_gain: float | None  # gain of the relaxation solved again with one unit more
    plan_gain: float | None  # gain of the plan searched again with one unit more; at least 0


@dataclass(frozen=True)
class LeftOut:
    """An initiative that is not in the plan, and the cheapest change found that lets it in.

    waits_for: where it waits for others, those that are not in the plan, or else those that end too late. The change is
    what it takes for all of them to come in.
    """

    initiative: str
    why: Why
    change: ChangeKind
    what: str  # the skill or initiative that the change is about; several with commas between
    quarter: int | None  # where the change falls, if in one quarter
    size: float  # in the change's own unit
    money: float | None  # the change priced, where it has a price
    method: Method
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """One point of the frontier."""

    scale: float  # of both budgets
    value: float | None  # total worth of the plan found; None if what must be done does not fit
    bound: float | None  # of the linear relaxation
    chosen: int


@dataclass(frozen=True)
class Moved:
    """A mandate or pin that does not fit, and the least move that makes everything fit."""

    initiative: str
    due: int | None  # the month it should finish in; None for a pin
    month: int | None  # the month it can finish in; None if it cannot be done in the plan at all
    cost: float | None  # money for the resources that would keep it in time; None where money alone does not


@dataclass(frozen=True)
class Shortage:
    """What would have to be added for every mandate and pin to fit as given."""

    resource: Resource
    key: str
    quarter: int
    amount: float
    money: float | None  # at the contractor's or route's price; None where nobody sells it


@dataclass(frozen=True)
class Limit:
    """Annual loss against an appetite, with the controls in place at the end of the plan."""

    probability: float
    amount: float
    before: float
    after: float
    met: bool


@dataclass(frozen=True)
class Checks:
    """How far the result can be trusted."""

    worst_violation: float  # largest relative excess over any limit, recomputed month by month from the programme
    recomputed: float  # the total recomputed month by month, to compare with the objective
    proven: bool  # the gap is closed to the setting
    nodes: int  # of branch and bound
    simplex_iterations: int
    cuts: int  # appetite cuts and tangents added
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A plan with its worth, proof, prices, and what would change it."""

    plan: Plan
    worth: Worth
    worth_before: Worth  # with nothing chosen
    bound: float
    bounds: Bounds
    gap: float  # (bound - total) / (bound - total with nothing chosen): part of the possible gain that is not proven
    finishes: tuple[Finish, ...]
    uses: tuple[Use, ...]
    attainments: tuple[Attainment, ...]
    exposures: tuple[Exposure, ...]
    limits: tuple[Limit, ...]
    binding: tuple[Binding, ...]
    left_out: tuple[LeftOut, ...]
    frontier: tuple[Point, ...]
    moved: tuple[Moved, ...]
    shortages: tuple[Shortage, ...]
    checks: Checks
