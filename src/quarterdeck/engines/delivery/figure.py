"""A measured figure: its value and interval, the rule it was measured by, and what was counted and what was not."""

from collections.abc import Iterable
from dataclasses import dataclass

from quarterdeck.engines.delivery.interval import Interval

EXAMPLES = 3  # keys of left-out records that a figure names for each reason


@dataclass(frozen=True)
class Excluded:
    """Records that were left out, or counted on an assumption, and why."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()  # the first keys, in their order


@dataclass(frozen=True)
class Figure:
    """One measured figure. `value` None means "cannot tell"; `missing` then says what the data lacks.

    low, high: the interval at the asked confidence; None on a side the sample is too small to bound.
    coverage: the probability with which the interval's method covers the true value (exact for order statistics, the
    asked confidence otherwise); None where the figure is a plain count, which has no error of its own.
    rule: the sentences that define the figure; they are fixed texts, so that they can be translated. assumed: those of
    the included records of which something is not recorded, with what stands for it.
    """

    name: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None
    rule: tuple[str, ...]
    included: int
    excluded: tuple[Excluded, ...] = ()
    missing: str = ""
    assumed: tuple[Excluded, ...] = ()


class Reasons:
    """Records by the reason why they are set apart: how many, and the first of them."""

    def __init__(self) -> None:
        self.keys: dict[str, list[str]] = {}
        self.counts: dict[str, int] = {}

    def add(self, reason: str, keys: Iterable[str], count: int = 1) -> None:
        """Count records under a reason; of their keys the first are remembered."""
        self.counts[reason] = self.counts.get(reason, 0) + count
        known = self.keys.setdefault(reason, [])
        known += list(keys)[: EXAMPLES - len(known)]

    @property
    def ordered(self) -> tuple[Excluded, ...]:
        """Every reason, the most frequent first."""
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Excluded(reason, count, tuple(self.keys[reason])) for reason, count in ordered)


class Tally:
    """Collects what is left out, by reason, and what is counted on an assumption."""

    def __init__(self) -> None:
        self._out, self._assumed = Reasons(), Reasons()

    def leave_out(self, reason: str, key: str) -> None:
        """Count one record as left out for a reason."""
        self._out.add(reason, (key,))

    def assume(self, reason: str, key: str) -> None:
        """Count one included record as resting on an assumption."""
        self._assumed.add(reason, (key,))

    def take(self, other: "Tally") -> "Tally":
        """Count everything that another tally left out as well."""
        for reason, count in other._out.counts.items():
            self._out.add(reason, other._out.keys[reason], count)
        return self

    def count(self, reasons: Iterable[str]) -> int:
        """How many records were left out for any of these reasons."""
        return sum(self._out.counts.get(reason, 0) for reason in reasons)

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Everything that was left out, most frequent reason first."""
        return self._out.ordered

    @property
    def assumed(self) -> tuple[Excluded, ...]:
        """Everything that was counted on an assumption, most frequent one first."""
        return self._assumed.ordered


@dataclass(frozen=True)
class Definition:
    """What a figure is called, its unit, and the sentences of its rule."""

    name: str
    unit: str
    rule: tuple[str, ...]

    def figure(self, value: float, interval: Interval, included: int, tally: Tally) -> Figure:
        """A figure that could be told."""
        return Figure(
            self.name,
            self.unit,
            value,
            interval.low,
            interval.high,
            interval.coverage,
            self.rule,
            included,
            tally.excluded,
            assumed=tally.assumed,
        )

    def cannot_tell(self, missing: str, tally: Tally | None = None, included: int = 0) -> Figure:
        """A figure that the data cannot tell, with what is missing."""
        excluded = tally.excluded if tally is not None else ()
        return Figure(self.name, self.unit, None, None, None, None, self.rule, included, excluded, missing)
