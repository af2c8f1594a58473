"""Search in any script: words of Latin letters, single signs and pairs of Chinese, in the database's own text index."""

import re
import unicodedata

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

_LATIN = re.compile(r"[a-z0-9]+")
_WORDS = re.compile(
    r"[0-9a-z\u00c0-\u024f\u0370-\u1fff]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+"
)
_LONGEST = 2_000  # characters of one text that are searched
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")


def words(text: str) -> list[str]:
    """The words a text is found by: Latin words whole; Chinese as single signs and as pairs of neighbours."""
    if text.isascii():
        return _LATIN.findall(text[:_LONGEST].lower())
    found: list[str] = []
    for run in _WORDS.findall(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()):
        if _WIDE.match(run):
            found.extend(run)
            found.extend(run[place : place + 2] for place in range(len(run) - 1))
        else:
            found.append(run)
    return found


def wanted(text: str) -> list[str]:
    """The words asked for: Chinese of two signs and more by its pairs alone, which are rarer; at most twelve."""
    found: list[str] = []
    for run in _WORDS.findall(unicodedata.normalize("NFKC", text[:200]).casefold()):
        if _WIDE.match(run) and len(run) > 1:
            found.extend(run[place : place + 2] for place in range(len(run) - 1))
        else:
            found.append(run)
    return list(dict.fromkeys(found))[:12]


def tag(kind: str) -> str:
    """The word that stands in every entry of a kind, so that a search within the kind uses the index alone."""
    return "kind" + re.sub(r"[^a-z0-9]", "", kind)


def matching(kind: str, text: str) -> Q | None:
    """Records of a kind that hold all the words of a text (the last as a beginning); None where it holds no words."""
    asked = wanted(text)
    if not asked:
        return None
    if connection.vendor == "sqlite":
        match = " ".join([tag(kind), *(f'"{word}"' for word in asked[:-1]), f'"{asked[-1]}"*'])
        sql = (
            "SELECT e.record FROM kinds_search CROSS JOIN kinds_searchentry e ON e.id = kinds_search.rowid "
            "WHERE kinds_search MATCH %s AND e.kind = %s"
        )
        return Q(id__in=RawSQL(sql, (match, kind)))  # noqa: S611 — the text is a bound parameter
    match = " & ".join([tag(kind), *asked[:-1], f"{asked[-1]}:*"])
    sql = "SELECT record FROM kinds_searchentry WHERE to_tsvector('simple', words) @@ to_tsquery('simple', %s) AND kind = %s"
    return Q(id__in=RawSQL(sql, (match, kind)))  # noqa: S611 — the text is a bound parameter
