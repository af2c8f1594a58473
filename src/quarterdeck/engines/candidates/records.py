"""What candidates are weighed from, and what comes of it."""

from dataclasses import dataclass
from datetime import date

from quarterdeck.engines.candidate import Candidate, Words
from quarterdeck.engines.programme import Estimate, Scenario


@dataclass(frozen=True)
class Asked:
    """A source that was asked; left_out: what its reader may not read, empty where it was asked in full."""

    name: str
    title: Words
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rate:
    """What one unit of a currency is worth in the currency of the inputs."""

    currency: str
    rate: float


@dataclass(frozen=True)
class Inputs:
    """Everything candidates are weighed from. Scenarios are in `currency`; rates lead to it.

    share: part of working time that is left beside operations, from 0 to 1; None where nobody has said.
    """

    today: date
    candidates: tuple[Candidate, ...]
    sources: tuple[Asked, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    currency: str = ""
    rates: tuple[Rate, ...] = ()
    share: Estimate | None = None
    seed: int = 1


@dataclass(frozen=True)
class Weighed:
    """A candidate with what it would bring, in the currency of the inputs.

    also: keys of candidates that were the same and are in it. avoided: expected loss avoided a year. saved: money saved
    a year. Neither adds up over candidates that treat the same scenario or the same charge. overdue: its day is past.
    """

    candidate: Candidate
    also: tuple[str, ...]
    sources: tuple[str, ...]
    avoided: Estimate | None
    saved: Estimate | None
    overdue: bool
    fingerprint: str

    @property
    def key(self) -> str:
        """The candidate's key."""
        return self.candidate.key

    @property
    def source(self) -> str:
        """The source that leads it."""
        return self.candidate.source


@dataclass(frozen=True)
class Count:
    """What one source gave: found, and how many of these stand in the result under its name."""

    source: str
    title: Words
    found: int
    standing: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Checks:
    """What the result rests on.

    merged: candidates that were the same as another. smallest_sample: the fewest pieces of past work that an effort
    rests on.
    unknown_scenarios: named by a candidate and not among the inputs. unconverted: currencies without a rate; amounts in
    them are shown and do not count in the order.
    """

    found: int
    merged: int
    without_effort: int
    without_worth: int
    without_system: int
    smallest_sample: int | None
    unknown_scenarios: tuple[str, ...]
    unconverted: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """Candidates in the order in which to look at them, and what each source gave."""

    candidates: tuple[Weighed, ...]
    sources: tuple[Count, ...]
    currency: str
    checks: Checks
