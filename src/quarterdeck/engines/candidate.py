"""A candidate for an initiative as plain values: what was found, what it rests on, and what nobody has said yet."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from quarterdeck.engines.programme import Estimate

ONE = Estimate(1.0, 1.0, 1.0)
WORSE = 1.5  # a size that has grown by half is another matter; smaller moves come and go with every collection


@dataclass(frozen=True)
class Words:
    """One text in English and Chinese."""

    en: str
    zh: str


@dataclass(frozen=True)
class Reference:
    """One row of evidence, or one record, that a candidate rests on.

    table: the table's name, or `kind:` and the kind of a record. source: what was collected; empty for a record.
    origin, line: where in the source it stands; of a record its key. says: what stands there. where: columns and their
    values that tell the row apart, in tables that are not told apart by origin and line.
    """

    table: str
    source: str
    origin: str
    line: int | None
    says: str
    where: tuple[tuple[str, str], ...] = ()


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
    """What past work of the same sort took, in person-days, and how many pieces of it this one takes.

    of: what the sample is of. scale: pieces counted in evidence; an interval where it may be done in fewer or more.
    months: how long each of them lasted in calendar months, where that is on record; empty where it is not. count: how
    many there were, where `days` are quantiles of them; 0 where they are all.
    """

    days: tuple[float, ...]
    of: Words | None = None
    scale: Estimate = ONE
    months: tuple[float, ...] = ()
    count: int = 0

    @property
    def size(self) -> int:
        """How many pieces of past work there were."""
        return self.count or len(self.days)


@dataclass(frozen=True)
class Pace:
    """Items finished in past weeks, oldest first, by so many people (None: not told); items: how many are asked for."""

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
    """How much there is of it, in the source's own unit: by this a source orders what it found.

    news: whether growth is news; days that pass by themselves are none.
    """

    value: float
    unit: Words
    news: bool = True


@dataclass(frozen=True)
class Candidate:
    """Something that may become an initiative.

    key: the same for the same thing found again: source, subject. action, subject: what is done to what; two candidates
    of one action on one subject (or system) are one. by: the day it should be done. steps: how far it goes
    from one version to another. past, pace: what the effort is
    estimated from; efforts, duration: where the source knows them itself. capital: spent once. running: a month, from
    its finish on. saving: a month.
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
    steps: Steps = Steps()
    past: Past | None = None
    pace: Pace | None = None
    duration: Estimate | None = None
    efforts: tuple[Work, ...] = ()
    capital: Money | None = None
    running: Money | None = None
    saving: Money | None = None
    spend: Money | None = None
    loss: tuple[LossEffect, ...] = ()
    hints: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    path: tuple[Reference, ...] = ()
    facts: tuple[str, ...] = ()


def fingerprint(candidate: Candidate) -> str:
    """A short text of what is known: a mark for each fact, and the size."""
    size = candidate.size
    marks = sorted({blake2b(fact.encode(), digest_size=4).hexdigest() for fact in candidate.facts})
    return " ".join(marks) + "|" + (f"{size.value:.6g}" if size and size.news else "")


def material(before: str, now: str) -> bool:
    """Whether there is a fact that was not known before, or the size has grown by half. Facts gone are no reason."""
    marks, _, size = before.partition("|")
    new_marks, _, new_size = now.partition("|")
    if set(new_marks.split()) - set(marks.split()):
        return True
    return bool(size and new_size) and float(size) > 0 and float(new_size) >= WORSE * float(size)
