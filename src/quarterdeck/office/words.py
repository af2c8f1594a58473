"""Numbers as the office says them: money in the reader's units, shares, months as dates, intervals."""

from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

NBSP = "\u00a0"


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "en").startswith("zh")


def _scaled(value: float) -> tuple[float, str]:
    """A sum of money in the unit people say it in: thousands and millions, or 万 and 亿."""
    size = abs(value)
    if chinese():
        return (value / 1e8, "亿") if size >= 1e8 else (value / 1e4, "万") if size >= 1e4 else (value, "")
    return (value / 1e6, "M") if size >= 1e6 else (value / 1e3, "k") if size >= 1e4 else (value, "")


def decimals(value: float, digits: int) -> str:
    """A number with so many decimals and the reader's separators; a true minus sign."""
    return number_format(round(value, digits) + 0.0, decimal_pos=digits, use_l10n=True, force_grouping=True).replace(
        "-", "−"
    )


def money(value: float | None, currency: str) -> str:
    """“31.6 M EUR”, “3,160 万 EUR”; three digits that count."""
    if value is None:
        return _("cannot tell")
    number, unit = _scaled(value)
    digits = 2 if 0 < abs(number) < 10 and unit else 1 if abs(number) < 100 and unit else 0
    return NBSP.join(filter(None, [decimals(number, digits), unit, currency]))


def money_span(low: float, high: float, currency: str) -> str:
    """“125–182 k EUR”: an interval of money, the unit named once where both ends have the same, nothing without one."""
    first, second = money(low, ""), money(high, "")
    if first == second:
        return money(high, currency)
    if low == 0 or _scaled(low)[1] == _scaled(high)[1]:
        first = first.removesuffix(NBSP + _scaled(low)[1])
    return interval(first, money(high, currency))


def change(value: float, currency: str) -> str:
    """A difference of money, with its sign; “no change” where there is none at all."""
    if value == 0:
        return _("no change")
    return ("+" if value > 0 else "") + money(value, currency)


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


def points(value: float) -> str:
    """A difference of shares in percentage points."""
    if value == 0:
        return _("no change")
    return _("%(points)s points") % {"points": ("+" if value > 0 else "") + decimals(value * 100, 1)}


def points_between(low: float, high: float) -> str:
    """An interval of differences of shares in percentage points, which are named once."""
    signed = [("+" if value > 0 else "") + decimals(value * 100, 1) for value in (low, high)]
    return _("%(points)s points") % {"points": interval(*signed)}


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


def interval(low: str, high: str) -> str:
    """“22–40”, with what the reader puts between; signed numbers are kept apart from the dash."""
    if low.startswith(("−", "+")) or high.startswith(("−", "+")):
        return pgettext("from low to high", "%(low)s to %(high)s") % {"low": low, "high": high}
    return pgettext("from low to high", "%(low)s–%(high)s") % {"low": low, "high": high}
