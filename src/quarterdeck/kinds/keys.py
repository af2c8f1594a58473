"""Keys that people can type: letters of any script, digits and a few signs, compared without case."""

import re
import unicodedata

LONGEST = 200
_SIGNS = re.compile(r"[-_./@:+]")


def normalise(key: str) -> str:
    """The key as it is shown: composed (NFKC), without blanks around it."""
    return unicodedata.normalize("NFKC", key).strip()


def fold(key: str) -> str:
    """The key as it is compared: two keys with the same fold are the same key."""
    return unicodedata.normalize("NFKC", normalise(key).casefold())


def fault(key: str) -> str | None:
    """Why this cannot be a key, or None when it can. Expects a normalised key."""
    if not key:
        return "a key is needed"
    if len(key) > LONGEST:
        return f"a key has at most {LONGEST} characters"
    for sign in key:
        if not (_SIGNS.match(sign) or unicodedata.category(sign)[0] in "LMN"):
            return f"a key holds letters, digits and - _ . / @ : + only, not {sign!r}"
    if key.startswith((".", "/")) or ".." in key or key.endswith("/"):
        return "a key does not start with a dot or slash, end with a slash, or hold two dots in a row"
    return None
