"""Incidents that come back with one cause: mend the cause."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, Money, Reference, Size, Words
from quarterdeck.office.candidates import losses
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import KINDS, places
from quarterdeck.office.candidates.words import joined, listed, say
from quarterdeck.runs.candidates import CandidateSource, Harvest, engine

NAME = "incidents"
WINDOW = 365  # days: a year holds every season once
REPEATED = 3  # incidents of one cause on one system in that time: two may be chance
MONTHS = 12
CONFIDENCE = 0.8
MOST_ROWS = 8
CAUSES = {  # kinds of cause, as the reader of incidents names them, in words
    "change": _("new versions"),
    "configuration": _("wrong configuration"),
    "capacity": _("too little capacity"),
    "dependency": _("what others supply"),
    "hardware": _("hardware"),
    "network": _("the network"),
    "human": _("mistakes by hand"),
    "security": _("attacks"),
    "data": _("wrong data"),
}
SAYS_NOTHING = frozenset({"", "unknown", "other"})
CENT = Decimal("0.01")


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, one for each system and cause that brought REPEATED incidents within WINDOW days."""
    table = harvest.table("incidents")
    began = pl.col("started").dt.date()
    since = harvest.today - timedelta(days=WINDOW)
    recent = table.filter((began > since) & (began <= harvest.today)).unique(
        ["source", "incident"], keep="first", maintain_order=True
    )
    by_system: dict[str, int] = {}
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in recent.sort("started", "incident").to_dicts():
        system = row["system"] or ""
        by_system[system] = by_system.get(system, 0) + 1
        cause = (row["cause_category"] or "").casefold()
        cause = cause if cause not in SAYS_NOTHING else (row["cause"] or "").strip().casefold()
        if system and cause not in SAYS_NOTHING:
            groups.setdefault((system, cause), []).append(row)
    for (system, cause), rows in sorted(groups.items()):
        if len(rows) >= REPEATED:
            yield _candidate(harvest, system, cause, rows, by_system[system])


def _candidate(harvest: Harvest, named: str, cause: str, rows: list[dict[str, object]], of_all: int) -> Candidate:
    system, count = places(harvest).system(named), len(rows)
    hours = _hours(rows)
    saving = _saving(rows)
    why = joined(
        say(
            _("In a year it caused %(count)s of the %(all)s incidents of %(subject)s."),
            count=count,
            all=of_all,
            subject=named,
        ),
        _words(cause, rows),
        say(_("Service was gone for %(hours)s hours."), hours=hours) if hours is not None else None,
        None if saving else say(_("The source does not say what they cost.")),
    )
    bounds = engine("delivery.interval").wilson(count, of_all, CONFIDENCE)
    likely = (count + 0.5) / (of_all + 1)  # mean of the posterior under Jeffreys' prior: three of three is not always
    scenarios = losses.scenarios(harvest, system, "failure")
    return Candidate(
        key(NAME, named, cause),
        NAME,
        named,
        say(_("Mend what keeps breaking %(subject)s: %(cause)s"), subject=named, cause=_cause(cause)),
        why,
        action=f"mend:{cause}",
        system=system,
        size=Size(float(count), say(_("incidents a year"))),
        saving=saving,
        loss=losses.measured(scenarios, min(bounds.low or 0.0, likely), likely, max(bounds.high or 1.0, likely)),
        path=tuple(_row(row) for row in rows[-MOST_ROWS:]),
        facts=(f"cause {cause}",),
    )


def _cause(cause: str) -> Words | str:
    return say(CAUSES[cause]) if cause in CAUSES else cause


def _words(cause: str, rows: list[dict[str, object]]) -> Words | None:
    """What the source says of the causes in its own words, where that is more than their kind."""
    said = Counter(str(row["cause"]).strip() for row in rows if row["cause"])
    names = [name for name, _count in said.most_common(3) if name.casefold() != cause]
    return say(_("In the source’s words: %(names)s."), names=listed(names)) if names else None


def _row(row: dict[str, object]) -> Reference:
    says = f"{row['incident']} {row['title'] or ''}"[:120].rstrip()
    return Reference("incidents", str(row["source"]), str(row["origin"]), row["line"], says)  # type: ignore[arg-type]


def _hours(rows: list[dict[str, object]]) -> float | None:
    """Hours without service, of the incidents whose end is known; None where no end is."""
    ended = [(row["resolved"] - row["started"]).total_seconds() / 3600 for row in rows if row["resolved"]]  # type: ignore[operator]
    return sum(ended) if ended else None


def _saving(rows: list[dict[str, object]]) -> Money | None:
    """What they cost, a month, where every one of them says so in one currency; its parts are added exactly."""
    if any(row["cost"] is None or not row["currency"] for row in rows) or len({row["currency"] for row in rows}) > 1:
        return None
    month = (sum((Decimal(str(row["cost"])) for row in rows), Decimal(0)) / MONTHS).quantize(CENT, ROUND_HALF_EVEN)
    return Money(month, month, month, str(rows[0]["currency"]))


SOURCE = CandidateSource(NAME, gettext_lazy("Repeated incidents"), ("incidents",), (*KINDS, "scenario"), find)
