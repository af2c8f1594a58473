"""Keys that people can type: letters of any script, digits and a few signs, compared without case."""

import re
import unicodedata

from django.utils.translation import gettext as _

LONGEST = 200  # characters, of a key and of its fold
HIDDEN = "…"  # stands for the key of a record its reader may not see; never a key itself
_NOT_IN_KEY = re.compile(r"[^\w\-./@:+]+")
_REPEATED = re.compile(r"\.{2,}|/{2,}")
_PLAIN = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*", re.ASCII | re.IGNORECASE)  # what most keys are like
_SIGNS = re.compile(r"[-_./@:+]")


def normalise(key: str) -> str:
    """The key as it is shown: composed (NFKC), without blanks around it."""
    return unicodedata.normalize("NFKC", key).strip()


def fold(key: str) -> str:
    """The key as it is compared: two keys with the same fold are the same key."""
    if key.isascii():
        return key.strip().lower()
    folded = normalise(key)
    while (again := unicodedata.normalize("NFKC", folded.casefold())) != folded:  # a few signs need a second turn
        folded = again
    return folded


def fault(key: str) -> str | None:
    """Why this cannot be a key, or None when it can. Expects a normalised key."""
    if not key:
        return _("a key is needed")
    if len(key) <= LONGEST and _PLAIN.fullmatch(key):
        return None
    if len(key) > LONGEST or len(fold(key)) > LONGEST:
        return _("a key has at most %(most)d characters") % {"most": LONGEST}
    for sign in key:
        if not (_SIGNS.match(sign) or unicodedata.category(sign)[0] in "LMN"):
            return _("a key holds letters, digits and - _ . / @ : + only, not %(sign)r") % {"sign": sign}
    if not any(unicodedata.category(sign)[0] in "LN" for sign in key):
        return _("a key holds at least one letter or digit")
    if key.startswith((".", "/")) or ".." in key or key.endswith(("/", "/.")) or "/./" in key or "//" in key:
        return _("a key does not start with a dot or slash, end with a slash, or hold two dots or two slashes in a row")
    return None


def made_of(name: str) -> str:
    """A key made of a name: what a key cannot hold becomes a hyphen. It is never faulty, and the same for the same
    name."""
    text = _NOT_IN_KEY.sub("-", normalise(name))
    text = _REPEATED.sub(lambda found: found[0][0], text.replace("/./", "/")).strip("-./")[:LONGEST]
    while len(fold(text)) > LONGEST:
        text = text[:-1]
    text = text.strip("-./")
    return "unnamed" if fault(text) else text
