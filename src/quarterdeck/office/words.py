"""Numbers as the office says them: money in the reader's units, shares, months as dates, intervals, lists."""

import math
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

NBSP = "\u00a0"


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "en").startswith("zh")


def _unit(most: float) -> tuple[float, str]:
    """What people count sums of this size in: thousands and millions, or 万 and 亿."""
    if chinese():
        return (1e8, "亿") if most >= 1e8 else (1e4, "万") if most >= 1e4 else (1.0, "")
    return (1e6, "M") if most >= 1e6 else (1e3, "k") if most >= 1e4 else (1.0, "")


def _digits(number: float, unit: str) -> int:
    """Decimals that leave three digits that count; none where no unit stands behind."""
    return 2 if 0 < abs(number) < 10 and unit else 1 if abs(number) < 100 and unit else 0


def decimals(value: float, digits: int) -> str:
    """A number with so many decimals and the reader's separators; a true minus sign."""
    return number_format(round(value, digits) + 0.0, decimal_pos=digits, use_l10n=True, force_grouping=True).replace(
        "-", "−"
    )


def signed(value: float, digits: int) -> str:
    """A difference: a number with its sign, where it is not nought."""
    text = decimals(value, digits)
    return f"+{text}" if value > 0 and text != decimals(0, digits) else text


def money(value: float | None, currency: str) -> str:
    """“31.6 M EUR”, “3,160 万 EUR”; three digits that count."""
    if value is None:
        return _("cannot tell")
    scale, unit = _unit(abs(value))
    return NBSP.join(filter(None, [decimals(value / scale, _digits(value / scale, unit)), unit, currency]))


def money_span(low: float, high: float, currency: str) -> str:
    """“125–182 k EUR”, “7.7–21.0 k EUR”: an interval of money, both ends in the unit of the larger, named once."""
    return spread(high, low, high, currency)[1]


def spread(value: float, low: float, high: float, currency: str) -> tuple[str, str]:
    """A sum of money and the interval that stands beside it, all three in one unit."""
    most = max(abs(low), abs(high))
    scale, unit = _unit(max(most, abs(value)))
    behind = [*filter(None, [unit, currency])]
    digits = _digits(most / scale, unit)
    first, last = (decimals(end / scale, digits if end else 0) for end in (low, high))
    ends = last if first == last else interval(first, last)
    return NBSP.join([decimals(value / scale, _digits(value / scale, unit)), *behind]), NBSP.join([ends, *behind])


def change(value: float, currency: str) -> str:
    """A difference of money, with its sign; “no change” where there is none at all."""
    return _("no change") if value == 0 else ("+" if value > 0 else "") + money(value, currency)


def changes(low: float, high: float, currency: str) -> str:
    """“−1.20 to +0.35 M EUR”: an interval of differences of money, each with its sign, both in one unit."""
    scale, unit = _unit(max(abs(low), abs(high)))
    digits = _digits(max(abs(low), abs(high)) / scale, unit)
    ends = interval(*(signed(end / scale, digits if end else 0) for end in (low, high)))
    return NBSP.join(filter(None, [ends, unit, currency]))


def share(value: float | None) -> str:
    """“38 %”; what is nearly none or nearly all is not rounded to it."""
    if value is None:
        return _("cannot tell")
    percent = value * 100
    if 0 < percent < 0.5:
        return f"<{NBSP}1{NBSP}%"
    if 99.5 < percent < 100:
        return f">{NBSP}99{NBSP}%"
    return f"{decimals(percent, 0)}{NBSP}%"


def chance(value: float | None, trials: int) -> str:
    """A share of so many trials. Where none or all of them have it, the chance is not 0 or 1: only so near to it.

    With n trials and none that has it, the 95 % upper bound is about 3 / n: Hanley and Lippman-Hand (1983), "If nothing
    goes wrong, is everything all right?", JAMA 249(13).
    """
    least = 300 / max(trials, 1)  # per cent
    if value is None or 0 < value < 1 or least > 10:
        return share(value)
    digits = max(0, -math.ceil(math.log10(least)))
    least = 10.0 ** math.ceil(math.log10(least))
    none = value <= 0
    return f"{'<' if none else '>'}{NBSP}{decimals(least if none else 100 - least, digits)}{NBSP}%"


def points(value: float) -> str:
    """A difference of shares in percentage points."""
    if value == 0:
        return _("no change")
    return _("%(points)s points") % {"points": signed(value * 100, 1)}


def points_between(low: float, high: float) -> str:
    """An interval of differences of shares in percentage points, which are named once."""
    return _("%(points)s points") % {"points": interval(signed(low * 100, 1), signed(high * 100, 1))}


def month_of(start: date, moment: float | None) -> str:
    """The month a moment lies in, counted from the plan's start: “March 2027”."""
    if moment is None:
        return _("beyond the horizon")
    whole = int(moment)
    day = date(start.year + (start.month - 1 + whole) // 12, (start.month - 1 + whole) % 12 + 1, 1)
    return date_format(day, "YEAR_MONTH_FORMAT")


def quarter_of(start: date, quarter: int) -> str:
    """“2027 Q1” of a quarter counted from the plan's start."""
    whole = start.month - 1 + 3 * quarter
    return f"{start.year + whole // 12}{NBSP}Q{whole % 12 // 3 + 1}"


def quarters(start: date, some: Iterable[int]) -> str:
    """Quarters counted from the plan's start, those that follow one another as one: “2027 Q1–Q3, 2028 Q2”."""
    runs: list[list[int]] = []
    for quarter in sorted(set(some)):
        if runs and quarter == runs[-1][-1] + 1:
            runs[-1].append(quarter)
        else:
            runs.append([quarter])
    return _(", ").join(_run(quarter_of(start, run[0]), quarter_of(start, run[-1])) for run in runs)


def _run(first: str, last: str) -> str:
    if first == last:
        return first
    year, quarter = last.split(NBSP)
    return interval(first, quarter if first.startswith(year) else last)


def unbroken(text: str) -> str:
    """The text, in which no line ends between a number and its sign."""
    return text.replace(" %", f"{NBSP}%").replace("× ", f"×{NBSP}")


def sentences(parts: Sequence[str]) -> str:
    """Sentences one after the other: with a blank in English, without one in Chinese."""
    return ("" if chinese() else " ").join(filter(None, parts))


def listed(parts: Sequence[str]) -> str:
    """“a, b and c”."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": _(", ").join(parts[:-1]), "last": parts[-1]}


def interval(low: str, high: str) -> str:
    """“22–40”, with what the reader puts between; signed numbers are kept apart from the dash."""
    if low.startswith(("−", "+")) or high.startswith(("−", "+")):
        return pgettext("from low to high", "%(low)s to %(high)s") % {"low": low, "high": high}
    return pgettext("from low to high", "%(low)s–%(high)s") % {"low": low, "high": high}
