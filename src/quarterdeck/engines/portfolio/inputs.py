"""What the choice is made over, and how much work may go into it."""

from dataclasses import dataclass

from quarterdeck.engines.programme import Plan, Programme


@dataclass(frozen=True)
class Settings:
    """Effort is counted in iterations, never in seconds, so that the same inputs give the same bytes on any machine."""

    after: int = 4  # quarters past the plan in which work may still run and salaries and losses still count
    search_rounds: int = 8_000  # ruin-and-recreate rounds of the search for the plan
    frontier_rounds: int = 500  # the same, for each further point of the frontier
    check_rounds: int = 300  # the same, for each re-solve behind a price or a left-out initiative
    proof_effort: int = (
        2_500_000  # entries of the model times how often branch and bound may go on; 0 leaves the relaxation
    )
    proof_starts: int = 4_000  # branch and bound only where no more starts than these are open
    proof_nodes: int = 20_000  # nodes of branch and bound
    gap: float = 1e-6  # relative gap at which the proof counts as closed
    cut_rounds: int = 12  # solve, evaluate exactly, cut: at most so often
    prices: int = 6  # how many binding limits are solved again with one unit more
    left_out: int = 40  # how many left-out initiatives are solved again; the others are priced by reduced cost
    left_out_rounds: int = 30  # rounds of each
    stay: float = 1e-4  # another plan replaces the incumbent when it is worth more by this share of what it brings

    def __post_init__(self) -> None:
        for name in (
            "after",
            "search_rounds",
            "frontier_rounds",
            "check_rounds",
            "proof_effort",
            "proof_starts",
            "proof_nodes",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if self.cut_rounds < 1:
            raise ValueError("cut_rounds must be at least 1")


@dataclass(frozen=True)
class Inputs:
    """A programme, how much work may go into choosing, the budget scales of the frontier, and the plan there is.

    The incumbent stays where it still keeps every limit and no plan found is worth more by `Settings.stay`, so that
    what makes no difference moves nothing.
    """

    programme: Programme
    settings: Settings = Settings()
    frontier: tuple[float, ...] = ()  # factors on the capital and running budgets, 1.0 is the budget given
    incumbent: Plan | None = None

    def __post_init__(self) -> None:
        if any(scale < 0 for scale in self.frontier):
            raise ValueError("a budget scale must not be negative")
