"""The command line's own words in the language asked for; they need neither a home nor Django."""

import gettext
import os
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "en", "zh": "zh-hans"}  # as people say them, and as the product knows them
TERMINAL = ("LC_ALL", "LC_MESSAGES", "LANG")  # where a terminal says its language, the stronger first
_PACKAGE = Path(__file__).parents[1]
_SPOKEN = ["en"]


def language_of(text: str) -> str | None:
    """The language a text like zh, zh_CN.UTF-8 or zh-Hans names; None where it is none of ours."""
    word = text.casefold().partition(".")[0].replace("_", "-").partition("-")[0]
    return word if word in LANGUAGES else None


def of_terminal() -> str:
    """The language of the terminal; English where it is none of ours."""
    said = next(filter(None, (os.environ.get(name, "") for name in TERMINAL)), "")
    return language_of(said) or "en"


def language() -> str:
    """The language spoken: en or zh."""
    return _SPOKEN[0]


def speak(language: str) -> None:
    """Set the language of the words from now on."""
    _SPOKEN[0] = language


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """What every catalogue of the product says in a language; in English the words stand for themselves."""
    found = gettext.NullTranslations()
    if language == "zh":
        for folder in sorted([*_PACKAGE.glob("*/locale"), *_PACKAGE.glob("*/*/locale")]):
            one = gettext.translation("django", folder, languages=["zh_Hans"], fallback=True)
            one.add_fallback(found)
            found = one
    return found


def _(text: str) -> str:
    """A text in the language spoken."""
    return _catalogue(_SPOKEN[0]).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The text for a number of things, in the language spoken."""
    return _catalogue(_SPOKEN[0]).ngettext(one, many, number)
