"""Working calendars of Hamburg and of mainland China: days off, and the weekend days that are worked instead."""

from dataclasses import dataclass
from datetime import date, timedelta

from quarterdeck.sample.chance import days


@dataclass(frozen=True)
class Holiday:
    """One day that differs from its weekday."""

    calendar: str
    day: date
    name: str
    worked: bool


CALENDARS = {"de-hamburg": ("Hamburg", "汉堡", 8.0), "cn": ("Mainland China", "中国大陆", 8.0)}
# year → name and first to last day off; the last list: weekend days worked. From 2027 on as the company expects them.
_CHINA: dict[int, tuple[tuple[tuple[str, str, str], ...], str]] = {
    2024: (
        (
            ("元旦", "01-01", "01-01"),
            ("春节", "02-10", "02-17"),
            ("清明节", "04-04", "04-06"),
            ("劳动节", "05-01", "05-05"),
            ("端午节", "06-08", "06-10"),
            ("中秋节", "09-15", "09-17"),
            ("国庆节", "10-01", "10-07"),
        ),
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        (
            ("元旦", "01-01", "01-01"),
            ("春节", "01-28", "02-04"),
            ("清明节", "04-04", "04-06"),
            ("劳动节", "05-01", "05-05"),
            ("端午节", "05-31", "06-02"),
            ("国庆节、中秋节", "10-01", "10-08"),
        ),
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        (
            ("元旦", "01-01", "01-03"),
            ("春节", "02-15", "02-23"),
            ("清明节", "04-04", "04-06"),
            ("劳动节", "05-01", "05-05"),
            ("端午节", "06-19", "06-21"),
            ("中秋节", "09-25", "09-27"),
            ("国庆节", "10-01", "10-07"),
        ),
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
    2027: (
        (
            ("元旦", "01-01", "01-03"),
            ("春节", "02-05", "02-12"),
            ("清明节", "04-03", "04-05"),
            ("劳动节", "05-01", "05-05"),
            ("端午节", "06-09", "06-09"),
            ("中秋节", "09-15", "09-15"),
            ("国庆节", "10-01", "10-07"),
        ),
        "01-31 02-14 04-25 05-08 09-26 10-09",
    ),
    2028: (
        (
            ("元旦", "01-01", "01-03"),
            ("春节", "01-25", "02-01"),
            ("清明节", "04-04", "04-04"),
            ("劳动节", "05-01", "05-05"),
            ("端午节", "05-27", "05-29"),
            ("国庆节、中秋节", "10-01", "10-08"),
        ),
        "01-23 02-05 05-06 09-30 10-14",
    ),
}
# Easter Sunday by the Gregorian rule gives the moving days of Hamburg; fixed ones: day, name
_HAMBURG_FIXED = (
    ("01-01", "Neujahr"),
    ("05-01", "Tag der Arbeit"),
    ("10-03", "Tag der Deutschen Einheit"),
    ("10-31", "Reformationstag"),
    ("12-25", "1. Weihnachtstag"),
    ("12-26", "2. Weihnachtstag"),
)
_HAMBURG_MOVING = ((-2, "Karfreitag"), (1, "Ostermontag"), (39, "Christi Himmelfahrt"), (50, "Pfingstmontag"))


def easter(year: int) -> date:
    """Easter Sunday. Source: Anonymous (1876), Nature 13, p. 487; Meeus (1991), Astronomical Algorithms, chapter 8."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = c // 4, c % 4
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holidays(first: int, last: int) -> list[Holiday]:
    """Holidays of both calendars from one year to another; beyond the table of China, Hamburg's alone."""
    found = []
    for year in range(first, last + 1):
        fixed = [(date.fromisoformat(f"{year}-{day}"), name) for day, name in _HAMBURG_FIXED]
        moving = [(easter(year) + timedelta(days=after), name) for after, name in _HAMBURG_MOVING]
        found += [Holiday("de-hamburg", day, name, False) for day, name in sorted(fixed + moving)]
        off, worked = _CHINA.get(year, ((), ""))
        for name, begin, end in off:
            span = days(date.fromisoformat(f"{year}-{begin}"), date.fromisoformat(f"{year}-{end}"))
            found += [Holiday("cn", day, name, False) for day in span]
        found += [Holiday("cn", date.fromisoformat(f"{year}-{day}"), "调休上班", True) for day in worked.split()]
    return found
