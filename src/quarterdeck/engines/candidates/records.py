"""Candidates for initiatives as plain values: what was found, what it rests on, and what nobody has said yet."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quarterdeck.engines.programme import Estimate, Scenario

ONE = Estimate(1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Words:
    """One text in English and Chinese."""

    en: str
    zh: str


@dataclass(frozen=True)
class Reference:
    """One row of evidence, or one record, that a candidate rests on.

    table: the table's name, or `kind:` and the kind of a record. source: what was collected; empty for a record.
    origin, line: where in the source it stands; of a record its key. says: what stands there.
    """

    table: str
    source: str
    origin: str
    line: int | None
    says: str


@dataclass(frozen=True)
class Money:
    """An amount with its interval, exact, in one currency; equal ends where it was counted and not estimated."""

    low: Decimal
    likely: Decimal
    high: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"an amount needs low ≤ likely ≤ high, not {self.low}, {self.likely}, {self.high}")


@dataclass(frozen=True)
class Steps:
    """How far two versions lie apart, in steps of the first part that differs."""

    major: int = 0
    minor: int = 0
    patch: int = 0


@dataclass(frozen=True)
class Past:
    """What past work of the same sort took, in person-days, and how much larger or farther this one is."""

    days: tuple[float, ...]
    scale: float = 1.0
    steps: Steps = Steps()


@dataclass(frozen=True)
class Pace:
    """Items finished in each past week, oldest first, by so many people (None: not told), and how many are asked for."""

    weekly: tuple[int, ...]
    people: float | None
    items: float


@dataclass(frozen=True)
class Work:
    """Person-months of one skill; an empty skill is one that nobody has named yet."""

    skill: str
    months: Estimate


@dataclass(frozen=True)
class LossEffect:
    """What the finished work would do to a loss scenario: factors on its frequency and magnitude, as intervals."""

    scenario: str
    frequency: Estimate
    magnitude: Estimate = ONE


@dataclass(frozen=True)
class Size:
    """How much there is of it, in the source's own unit: by this a source orders what it found."""

    value: float
    unit: Words


@dataclass(frozen=True)
class Candidate:
    """Something that may become an initiative.

    key: the same for the same thing found again: source, subject. action, subject: what is done to what; two candidates
    of one action on one subject (or system) are one. by: the day it should be done. past, pace: what the effort is
    estimated from; efforts, duration: where the source knows them itself. capital: spent once. saving: a month.
    spend: a month, counted, of which evidence cannot say how much could be saved. hints: words that name the skill.
    missing: what a person must still say. facts: what was known, word by word; a new one is a material change.
    """

    key: str
    source: str
    subject: str
    title: Words
    why: Words
    action: str = ""
    system: str = ""
    size: Size | None = None
    by: date | None = None
    past: Past | None = None
    pace: Pace | None = None
    duration: Estimate | None = None
    efforts: tuple[Work, ...] = ()
    capital: Money | None = None
    saving: Money | None = None
    spend: Money | None = None
    loss: tuple[LossEffect, ...] = ()
    hints: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    path: tuple[Reference, ...] = ()
    facts: tuple[str, ...] = ()


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
    """Everything candidates are weighed from. Scenarios are in `currency`; rates lead to it."""

    today: date
    candidates: tuple[Candidate, ...]
    sources: tuple[Asked, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    currency: str = ""
    rates: tuple[Rate, ...] = ()
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

    merged: candidates that were the same as another. smallest_sample: the fewest past changes that an effort rests on.
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
