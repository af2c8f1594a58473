"""Search in any script: words of letters and digits, single signs and pairs of Chinese, in the database's own text
index."""

import re
import unicodedata
from collections.abc import Collection

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

_LATIN = re.compile(r"[a-z0-9]+")
_WIDE = (
    "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # written without blanks
)
_MARKS = "".join(
    chr(sign) for sign in (*range(0x300, 0x1E00), *range(0xA620, 0xAC00)) if unicodedata.category(chr(sign))[0] == "M"
)
_RUNS = re.compile(rf"[{_WIDE}]+|(?:(?![{_WIDE}])[^\W_]|[{_MARKS}])+")
_IS_WIDE = re.compile(f"[{_WIDE}]")
_ACCENT = re.compile("[\u0300-\u036f]")
_LONGEST = 2_000  # characters of one text that are searched
_LONGEST_WORD = 60  # characters of a word that are told apart
_MOST_WORDS = 12  # of one question
_OURS = "\ue000"  # begins the words that only the program writes; no text's word holds it


def _runs(text: str) -> list[str]:
    """Runs of letters and digits of one writing, folded: case, width and accents do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded)))
    return _RUNS.findall(folded)


def words(text: str) -> list[str]:
    """The words a text is found by: Latin words whole; Chinese as single signs and as pairs of neighbours."""
    if text.isascii():
        return [word[:_LONGEST_WORD] for word in _LATIN.findall(text[:_LONGEST].lower())]
    found: list[str] = []
    for run in _runs(text[:_LONGEST]):
        if _IS_WIDE.match(run):
            found.extend(run)
            found.extend(run[place : place + 2] for place in range(len(run) - 1))
        else:
            found.append(run[:_LONGEST_WORD])
    return found


def wanted(text: str) -> list[str]:
    """The words asked for: Chinese of two signs and more by its pairs alone, which are rarer; at most twelve."""
    found: list[str] = []
    for run in _runs(text[:200]):
        if _IS_WIDE.match(run) and len(run) > 1:
            found.extend(run[place : place + 2] for place in range(len(run) - 1))
        else:
            found.append(run[:_LONGEST_WORD])
    return list(dict.fromkeys(found))[:_MOST_WORDS]


def holds(text: str, asked: Collection[str]) -> bool:
    """Whether a text holds all the words asked for, the last as a beginning: what the index answers, without it."""
    *whole, last = asked
    found = set(words(text))
    return found.issuperset(whole) and any(word.startswith(last) for word in found)


def tag(kind: str) -> str:
    """The word that stands in every entry of a kind, so that a search within the kind uses the index alone."""
    return _OURS + re.sub(r"[^a-z0-9]", "", kind)


def matching(kind: str, text: str) -> Q | None:
    """Records of a kind that hold all the words of a text (the last as a beginning); None where it holds no words."""
    asked = wanted(text)
    if not asked:
        return None
    if connection.vendor == "sqlite":
        match = " ".join(f'"{word}"' for word in (tag(kind), *asked)) + "*"
        sql = (
            "SELECT e.record FROM kinds_search CROSS JOIN kinds_searchentry e ON e.id = kinds_search.rowid "
            "WHERE kinds_search MATCH %s AND e.kind = %s"
        )
    else:
        match = " & ".join(f"'{word}'" for word in (tag(kind), *asked)) + ":*"
        sql = (
            "SELECT record FROM kinds_searchentry "
            "WHERE array_to_tsvector(string_to_array(words, ' ')) @@ %s::tsquery AND kind = %s"
        )
    return Q(id__in=RawSQL(sql, (match, kind)))  # noqa: S611 — the text is a bound parameter
