"""What else can be done with a record: buttons that parts of the product above the kinds add to its page."""

from collections.abc import Callable
from dataclasses import dataclass

from quarterdeck.kinds.access import Row
from quarterdeck.kinds.roles import Reader


@dataclass(frozen=True)
class Act:
    """One button: what it says and where it leads."""

    title: str
    url: str


Offer = Callable[[Reader, Row], Act | None]
OFFERS: dict[str, list[Offer]] = {}


def offer(kind: str) -> Callable[[Offer], Offer]:
    """Register what a part of the product offers on the pages of a kind's records; None where it does not fit."""

    def add(function: Offer) -> Offer:
        OFFERS.setdefault(kind, []).append(function)
        return function

    return add


def offered(reader: Reader, row: Row) -> list[Act]:
    """What this reader is offered for a record."""
    return [act for function in OFFERS.get(row.kind, []) if (act := function(reader, row))]
