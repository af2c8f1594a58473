"""What the outlook is taken over: a programme, a plan made from it, and how far and how often to look."""

from dataclasses import dataclass
from enum import Enum

from quarterdeck.engines.programme import Plan, Programme


class Policy(Enum):
    """Who gets people first when there are too few."""

    FIXED_ORDER = "fixed_order"  # the plan's order of starts, every month
    REPLAN = "replan"  # ranked anew every month by what waiting costs against the work that is left


@dataclass(frozen=True)
class Inputs:
    """A programme and a plan; the seed stands in the programme. Window: the plan's quarters and `horizon` months."""

    programme: Programme
    plan: Plan
    trials: int = 10_000
    horizon: int = 24  # months followed beyond the plan's last quarter
    policy: Policy = Policy.FIXED_ORDER
    keep_trials: bool = False  # keep each trial's value, losses, met goals and people, so that outlooks can be paired
    keep_finishes: bool = False  # keep each trial's finish months as well (trials × initiatives)

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise ValueError(f"trials must be at least 1, not {self.trials}")
        if self.horizon < 0 or self.programme.quarters < 1:
            raise ValueError("the plan must have a quarter or more, and the horizon must not be negative")

    @property
    def months(self) -> int:
        """Length of the window in months."""
        return 3 * self.programme.quarters + self.horizon
