"""Incidents that come back with one cause, in one system or in several: mend the cause."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Candidate, LossEffect, Money, Past, Reference, Size, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.office.candidates import causes, losses, worked
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.places import KINDS, places
from quarterdeck.office.candidates.words import Value, joined, listed, say
from quarterdeck.runs.candidates import CandidateSource, Harvest, engine

NAME = "incidents"
WINDOW = 365  # days: a year holds every season once
REPEATED = 3  # incidents of one cause in that time: two may be chance
MONTHS = 12
CONFIDENCE = 0.8
MOST_ROWS = 8
KINDS_OF_CAUSE = {  # as the reader of incidents names them, in words
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
ATTACK, FAILURE = "attack", "failure"  # categories of loss scenarios
SAYS_NOTHING = frozenset({"", "unknown", "other"})
CENT = Decimal("0.01")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Group:
    """Incidents of the last year that one cause brought. stated: whether their source says the cause, or only its
    kind; whole: how many incidents each system had in all, by the category of scenario; ever: all on record with this
    cause."""

    cause: str
    stated: bool
    rows: Rows
    whole: dict[tuple[str, str], int]
    ever: int

    @property
    def category(self) -> str:
        """The category of scenario that most of them are an event of."""
        return Counter(str(row["category"]) for row in self.rows).most_common(1)[0][0]

    @property
    def systems(self) -> list[str]:
        """The systems that suffered, as their source names them."""
        return sorted({str(row["system"]) for row in self.rows if row["system"]})

    def share(self, system: str) -> tuple[int, int]:
        """Incidents of this cause on a system, of how many there of the category."""
        count = sum(row["system"] == system for row in self.rows)
        return count, max(count, self.whole.get((system, self.category), 0))


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates, one for each stated cause that came REPEATED times within WINDOW days, in whatever systems; where
    its source states none, one for each system and kind of cause."""
    for group in groups(harvest.table("incidents"), harvest.today):
        yield _candidate(harvest, group)


def groups(table: pl.DataFrame, today: date) -> Iterator[Group]:
    """What came back, the causes in the order of their names."""
    known = _placed(table.filter(pl.col("started").dt.date() <= today))
    recent = known.filter(pl.col("started").dt.date() > today - timedelta(days=WINDOW))
    whole = {(system or "", category): count for system, category, count in _counted(recent, "system", "category")}
    ever = {(place, cause): count for place, cause, count in _counted(known, "place", "cause_name")}
    for place, cause, count in sorted(_counted(recent, "place", "cause_name")):
        if cause and count >= REPEATED:
            rows = recent.filter((pl.col("place") == place) & (pl.col("cause_name") == cause)).to_dicts()
            yield Group(cause, not place, rows, whole, ever[place, cause])


def _placed(table: pl.DataFrame) -> pl.DataFrame:
    """Incidents in the order of time, with what they are told apart by: no place and the stated cause; else the system
    and the kind of cause; else nothing that could be mended. category: of loss scenario, that they are an event of."""
    once = table.unique(["source", "incident"], keep="first", maintain_order=True).sort("started", "incident")
    names = {text: causes.cause(text) for text in once["cause"].drop_nulls().unique()}
    stated = pl.col("cause").replace_strict(names, default="", return_dtype=pl.String()).fill_null("")
    kind = pl.col("cause_category").fill_null("").str.strip_chars().str.to_lowercase()
    told = ~kind.is_in(sorted(SAYS_NOTHING)) & (pl.col("system").fill_null("") != "")
    return once.with_columns(
        place=pl.when((stated == "") & told).then(pl.col("system")).otherwise(pl.lit("")),
        cause_name=pl.when(stated != "").then(stated).when(told).then(kind).otherwise(pl.lit("")),
        category=pl.when(kind == "security").then(pl.lit(ATTACK)).otherwise(pl.lit(FAILURE)),
    )


def _counted(rows: pl.DataFrame, *columns: str) -> Iterator[tuple[str, str, int]]:
    return rows.group_by(*columns).len().iter_rows()


def _candidate(harvest: Harvest, group: Group) -> Candidate:
    systems, cause = group.systems, _cause(group)
    one = systems[0] if len(systems) == 1 else ""
    effects, bare = _effects(harvest, group)
    saving = _saving(bare, stated=group.stated)
    past, taken = _effort(harvest, group)
    values: dict[str, Value] = {"subject": one, "count": len(systems), "cause": cause}
    title = say(_("Mend what keeps breaking %(count)s systems: %(cause)s"), **values)
    if one:
        title = say(_("Mend what keeps breaking %(subject)s: %(cause)s"), **values)
    return Candidate(
        key(NAME, *((one,) if one else ()), group.cause),
        NAME,
        one or group.cause,
        title,
        joined(*_why(group, one), _cost(group.rows), None if taken is None else taken.said(), _scaled(past)),
        action=f"mend:{group.cause}",
        system=places(harvest).system(one),
        size=Size(float(len(group.rows)), say(_("incidents a year"))),
        past=past,
        saving=saving,
        loss=effects,
        missing=("remedy",) if group.stated else ("cause",),
        path=(*(_row(row) for row in group.rows[-MOST_ROWS:]), *(taken.newest if taken else ())),
        facts=(f"cause {group.cause}", *(f"system {name}" for name in systems)),
    )


def _cause(group: Group) -> Words | str:
    """The cause as people call it: by its name, by its kind, or as most rows write it."""
    for titles in (causes.TITLES, KINDS_OF_CAUSE):
        if group.cause in titles:
            return say(titles[group.cause])
    said = Counter(str(row["cause"]).strip() for row in group.rows if row["cause"])
    return said.most_common(1)[0][0] if said else group.cause


def _why(group: Group, one: str) -> Iterator[Words | None]:
    count = len(group.rows)
    if one:
        _own, whole = group.share(one)
        text = say(
            _("In a year it caused %(count)s of the %(all)s incidents of %(subject)s."),
            count=count,
            all=whole,
            subject=one,
        )
    else:
        text = say(
            _("In a year it caused %(count)s incidents in %(names)s."), count=count, names=listed(group.systems, 6)
        )
    yield text
    if group.ever > count:
        yield say(_("All on record: %(count)s."), count=group.ever)
    if not group.stated:
        yield say(_("The source names the kind of cause and not the cause: there may be several."))
    said = Counter(str(row["cause"]).strip() for row in group.rows if row["cause"])
    names = [name for name, _count in said.most_common(3) if name.casefold() != group.cause]
    yield say(_("In the source’s words: %(names)s."), names=listed(names)) if names else None
    ended = [(row["resolved"] - row["started"]).total_seconds() / 3600 for row in group.rows if row["resolved"]]
    yield say(_("Service was gone for %(hours)s hours."), hours=sum(ended)) if ended else None


def _effort(harvest: Harvest, group: Group) -> tuple[Past | None, worked.Taken | None]:
    """What mending defects took in these systems: once for all of them at least, once in each at most.

    Where only the kind of cause is told, nobody knows what there is to mend.
    """
    taken = worked.defects(harvest, group.systems) if group.stated else None
    places_to_mend = float(max(1, len(group.systems)))
    return (taken.past(Estimate(1.0, places_to_mend, places_to_mend)) if taken else None), taken


def _scaled(past: Past | None) -> Words | None:
    if past is None or past.scale.high == 1:
        return None
    return say(_("It is mended once for all of them, or in each: %(count)s times."), count=round(past.scale.high))


def _effects(harvest: Harvest, group: Group) -> tuple[tuple[LossEffect, ...], Rows]:
    """Effects on the scenarios of the systems, and the incidents on systems without one.

    What an incident costs is counted once: in the scenario where there is one, else as it stands on record.
    """
    found: dict[str, LossEffect] = {}
    bare = [row for row in group.rows if not row["system"]]
    for named in group.systems:
        effects = _effect(harvest, group, named)
        bare += [] if effects else [row for row in group.rows if row["system"] == named]
        found |= {effect.scenario: effect for effect in effects}
    return tuple(found[name] for name in sorted(found)), bare


def _effect(harvest: Harvest, group: Group, named: str) -> tuple[LossEffect, ...]:
    """Effects on the scenarios of one system that is named.

    A scenario that names the cause is of this cause alone; of others of its category the cause is a counted share. Of a
    kind of cause at most that share goes away, at least nothing.
    """
    known = losses.about(harvest, places(harvest).system(named))
    own = tuple(row.key for row in known if group.cause in map(causes.cause, (row["name_en"], row["name_zh"])))
    count, whole = group.share(named)
    if own:
        whole = count
    keys = own or tuple(row.key for row in known if row["category"] == group.category)
    bounds = engine("delivery.interval").wilson(count, whole, CONFIDENCE)
    likely = (count + 0.5) / (whole + 1)  # mean of the posterior under Jeffreys' prior: three of three is not always
    high = max(bounds.high or 1.0, likely)
    if not group.stated:
        return losses.bounded(keys, high)
    return losses.measured(keys, min(bounds.low or 0.0, likely), likely, high)


def _saving(rows: Rows, *, stated: bool) -> Money | None:
    """What incidents would cost a month if they came on as they did: their mean cost times how often they come.

    None where not every one of them says its cost, in one currency. Of a kind of cause at least nothing is saved.
    """
    if not rows or _spent(rows) is None:
        return None
    whole, rate = _spent(rows), engine("candidates.rates").yearly(len(rows))
    each = (whole or Decimal(0)) / len(rows) / MONTHS
    low, likely, high = (
        (each * Decimal(str(often))).quantize(CENT, ROUND_HALF_EVEN) for often in (rate.low, rate.likely, rate.high)
    )
    if not stated:
        low, likely = Decimal(0).quantize(CENT), (likely / 2).quantize(CENT, ROUND_HALF_EVEN)
    return Money(low, likely, high, str(rows[0]["currency"]))


def _spent(rows: Rows) -> Decimal | None:
    """What incidents cost, added exactly; None where one does not say, or currencies differ."""
    if any(row["cost"] is None or not row["currency"] for row in rows) or len({row["currency"] for row in rows}) > 1:
        return None
    return sum((Decimal(str(row["cost"])) for row in rows), Decimal(0))


def _cost(rows: Rows) -> Words:
    spent = _spent(rows)
    if spent is None:
        return say(_("The source does not say what they cost."))
    return say(
        _("On record they cost %(amount)s %(currency)s."),
        amount=spent.quantize(CENT, ROUND_HALF_EVEN),
        currency=str(rows[0]["currency"]),
    )


def _row(row: dict[str, Any]) -> Reference:
    says = f"{row['incident']} {row['title'] or ''}"[:120].rstrip()
    return Reference("incidents", str(row["source"]), str(row["origin"]), row["line"], says)


SOURCE = CandidateSource(
    NAME,
    gettext_lazy("Repeated incidents"),
    ("incidents", *worked.TABLES),
    (*KINDS, "scenario"),
    find,
)
