"""Says a sentence in both languages at once, with its values written as each language writes them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, override

from quarterdeck.engines.candidate import Words

LANGUAGES = (("en", "en"), ("zh", "zh-hans"))
Value = str | int | float | Decimal | date | Words
NBSP = "\u00a0"


def say(message: str, **values: Value) -> Words:
    """A message of the catalogue with its values, in English and Chinese; write it as `say(_("…"), name=…)`."""
    return _both(lambda language: gettext(message) % {name: _shown(v, language) for name, v in values.items()})


def listed(values: list[str], most: int = 4) -> Words:
    """The first few of many names, and how many more there are."""
    shown = values[:most]
    if len(values) <= most:
        return Words(", ".join(shown), "、".join(shown))
    more = len(values) - most
    return Words(f"{', '.join(shown)} and {more} more", f"{'、'.join(shown)}等 {len(values)} 项")


def joined(*parts: Words | None) -> Words:
    """Sentences one after another."""
    said = [part for part in parts if part is not None]
    return Words(" ".join(part.en for part in said), "".join(part.zh for part in said))


def _both(make: Callable[[str], str]) -> Words:
    made = {}
    for half, language in LANGUAGES:
        with override(language):
            made[half] = make(half)
    return Words(made["en"], made["zh"])


def _shown(value: Value, half: str) -> str:
    if isinstance(value, Words):
        return value.zh if half == "zh" else value.en
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, Decimal):
        return number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True)
    if isinstance(value, float):
        short = round(value, 1) if abs(value) < 100 else round(value)
        return number_format(int(short) if short == int(short) else short, use_l10n=True, force_grouping=True)
    if isinstance(value, int):
        return number_format(value, use_l10n=True, force_grouping=True)
    return value
