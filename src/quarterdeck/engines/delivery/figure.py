"""A measured figure: its value and interval, the rule it was measured by, and what was counted and what was not."""

from collections.abc import Iterable
from dataclasses import dataclass

from quarterdeck.engines.delivery.interval import Interval

EXAMPLES = 3  # keys of left-out records that a figure names for each reason


@dataclass(frozen=True)
class Excluded:
    """Records that were left out, and why."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()  # the first keys, in their order


@dataclass(frozen=True)
class Figure:
    """One measured figure. `value` None means "cannot tell"; `missing` then says what the data lacks.

    low, high: the interval at the asked confidence; None on a side the sample is too small to bound.
    coverage: the probability with which the interval's method covers the true value (exact for order statistics, the
    asked confidence otherwise); None where the figure is a plain count, which has no error of its own.
    rule: the sentences that define the figure; they are fixed texts, so that they can be translated.
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


class Tally:
    """Collects what is left out, by reason."""

    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def leave_out(self, reason: str, key: str) -> None:
        """Count one record under a reason."""
        self._counts[reason] = self._counts.get(reason, 0) + 1
        keys = self._keys.setdefault(reason, [])
        if len(keys) < EXAMPLES:
            keys.append(key)

    def take(self, other: "Tally") -> "Tally":
        """Count everything that another tally left out as well."""
        for reason, count in other._counts.items():
            self._counts[reason] = self._counts.get(reason, 0) + count
            keys = self._keys.setdefault(reason, [])
            keys += other._keys[reason][: EXAMPLES - len(keys)]
        return self

    def count(self, reasons: Iterable[str]) -> int:
        """How many records were left out for any of these reasons."""
        return sum(self._counts.get(reason, 0) for reason in reasons)

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Everything that was left out, most frequent reason first."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Excluded(reason, count, tuple(self._keys[reason])) for reason, count in ordered)


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
        )

    def cannot_tell(self, missing: str, tally: Tally | None = None, included: int = 0) -> Figure:
        """A figure that the data cannot tell, with what is missing."""
        excluded = tally.excluded if tally is not None else ()
        return Figure(self.name, self.unit, None, None, None, None, self.rule, included, excluded, missing)
