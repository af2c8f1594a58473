"""Example records of every kind, made from the declarations alone: a new kind needs no line here."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from quarterdeck.kinds import estimates
from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort, in_order
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.values import read_column

HOSTILE = (
    "=1+1", "+49 30 1234", "-5", "@all", "'quoted", '"double", and; more', "two\nlines", "tab\tinside", "中文，测试：支付",
    "＝全角", "<script>alert(1)</script>", "O'Neil & Söhne", "_x0041_ literal", "😀 emoji", "NULL", "1e5", "007", "TRUE",
    "'=cmd|' /C calc'!A0", "%(name)s {{ 1 }}", "1,5", "sealed:person:1:AAAA", "…", "\u202eright to left", "#REF!",
)  # fmt: skip
PLAIN = ("EUR", "CNY", "abc", "A1", "2026-01-01", "https://example.org/x", "a@b.example", "Berlin", "high")
KEYS = ("{kind}-{number}", "键-{number}", "@{kind}/ß:{number}", "-{number}+x", "Ünï.{number}")
_TRIES = 400


def _candidates(attribute: Attribute, random_: random.Random) -> Iterator[Any]:
    """Values that might fit, the odd ones first."""
    texts = random_.sample(HOSTILE, len(HOSTILE))
    while True:
        match attribute.sort:
            case Sort.CHOICE:
                yield random_.choice(attribute.field.flatchoices)[0]
            case Sort.YES_NO:
                yield random_.random() < 0.5
            case Sort.WHOLE:
                yield random_.choice((0, 1, 2, 3, 5, 12, 100, 2_000_000))
            case Sort.NUMBER:
                yield random_.choice((0.0, 1.0, 0.1, 0.5, 1 / 3, 2.5, 0.95, 1e-7, 123456.789, 1e15))
            case Sort.DECIMAL:
                places = attribute.field.decimal_places  # type: ignore[attr-defined]
                yield Decimal(random_.randrange(0, 10**9)).scaleb(-places)
            case Sort.DATE:
                yield date(2026, 1, 1) + timedelta(days=random_.randrange(0, 1_000))
            case Sort.TIME:
                yield datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=random_.randrange(0, 10**8), microseconds=1)
            case _:
                yield texts.pop() if texts else random_.choice(PLAIN)


def value(attribute: Attribute, random_: random.Random) -> Any:
    """A value the attribute takes, as its field holds it."""
    found = _candidates(attribute, random_)
    for _try in range(_TRIES):
        values, faults = read_column(attribute, [next(found)])
        if not faults:
            return values[0]
    raise LookupError(f"no example fits {attribute.field}")


def _row(kind: Kind, number: int, known: dict[str, list[str]], random_: random.Random) -> dict[str, Any]:
    """One record's values that pass the kind's own checks; each optional value is left out now and then."""
    row: dict[str, Any] = {}
    for name, attribute in kind.attributes.items():
        optional = not attribute.required and not getattr(attribute.field, "text_required", False)
        if attribute.sort is Sort.KEY:
            row[name] = "" if kind.key_from else KEYS[number % len(KEYS)].format(kind=kind.name, number=number)
        elif name == "retired":
            row[name] = None
        elif optional and attribute.stem == name and random_.random() < 0.25:
            row[name] = None if attribute.sort is Sort.LINK else attribute.empty()
        elif attribute.sort is Sort.LINK:
            row[name] = random_.choice(known[attribute.target.name]) if known.get(attribute.target.name) else None
        else:
            row[name] = value(attribute, random_)
    for stem in {a.stem for a in kind.attributes.values() if hasattr(a.field, "estimate")}:
        low, likely, high = kind.spread(stem)
        row[low], row[likely], row[high] = sorted((row[low], row[likely], row[high]))
    if not row["key"]:
        row["key"] = "/".join(str(row[name]) for name in kind.key_from if row[name] not in (None, ""))
    return row


def rows(kind: Kind, count: int, known: dict[str, list[str]], seed: int) -> list[dict[str, Any]]:
    """So many records of a kind, with links to keys that are known."""
    found: list[dict[str, Any]] = []
    for number in range(count):
        for turn in range(_TRIES):
            row = _row(kind, number, known, random.Random(f"{kind.name}/{number}/{turn}/{seed}"))
            faulty = [*estimates.faults(kind, [row]), *(kind.clean([row]) if kind.clean else ())]
            if not faulty and row["key"] not in {other["key"] for other in found}:
                found.append(row)
                break
        else:
            raise LookupError(f"no example of {kind.name} passes its own checks")
        known.setdefault(kind.name, []).append(found[-1]["key"])
    return found


@lru_cache(maxsize=8)
def world(count: int = 3, seed: int = 1) -> tuple[Change, ...]:
    """Records of every kind, linked to each other."""
    known: dict[str, list[str]] = {}
    found = []
    for kind in in_order():
        for row in rows(kind, count, known, seed):
            found.append(Change(kind.name, row["key"], row))
    return tuple(found)


def examples(kind: str, count: int = 3) -> list[dict[str, Any]]:
    """The values of the world's records of one kind."""
    return [dict(change.values or {}) for change in world(count) if change.kind == kind]


NAMES = tuple(sorted(KINDS))
BY_HAND = tuple(name for name in NAMES if "key" not in KINDS[name].decided)  # the others come of decisions alone
