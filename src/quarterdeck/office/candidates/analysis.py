"""The analysis over all sources of candidates: gathered as its reader may see it, and what is left out is named."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from quarterdeck.engines.candidate import Candidate, Words
from quarterdeck.engines.programme import Estimate, Scenario
from quarterdeck.estate import upkeep
from quarterdeck.estate.exchange import Exchange, NoRate
from quarterdeck.kinds.roles import Denied
from quarterdeck.office.candidates.words import LANGUAGES
from quarterdeck.runs.analysis import Analysis, Figure, Gathering
from quarterdeck.runs.candidates import SOURCES, Harvest

NAME = "candidates"
MONEY_KINDS = ("scenario", "plan-frame", "exchange-rate")  # what worth is told in; read as far as the reader may


def build() -> Analysis:
    """The analysis over the sources that are registered by now."""
    kinds = dict.fromkeys([*(kind for source in SOURCES.values() for kind in source.kinds), *MONEY_KINDS])
    tables = dict.fromkeys(table for source in SOURCES.values() for table in source.tables)
    return Analysis(
        NAME,
        _("Candidates"),
        _("What does evidence say should be done?"),
        "candidates",
        "weigh",
        gather,
        kinds=tuple(kinds),
        tables=tuple(tables),
        needs="plan",
        partial=True,
        figures=figures,
    )


def gather(gathering: Gathering) -> Any:
    """Everything the sources find, each asked only where the reader may read all it rests on."""
    engine, harvest = gathering.engine, Harvest.of(gathering)
    asked, found = [], list[Candidate]()
    for source in SOURCES.values():
        hidden = source.hidden(harvest.reader)
        asked.append(engine.Asked(source.name, _both(source.title), hidden))
        if not hidden:
            found.extend(source.find(harvest))
    exchange, currency = Exchange(_rows(harvest, "exchange-rate")), _currency(harvest)
    scenarios = tuple(s for row in _scenarios(harvest) if (s := _scenario(row, exchange, currency, harvest)))
    used = sorted({c.saving.currency for c in found if c.saving} - {currency})
    rates = tuple(
        engine.Rate(each, rate) for each in used if (rate := _rate(exchange, each, currency, harvest)) is not None
    )
    told = tuple(_told_apart(found))
    return engine.Inputs(harvest.today, told, tuple(asked), scenarios, currency, rates, _left(harvest))


def _left(harvest: Harvest) -> Estimate | None:
    """The part of working time that operations leave; None where nobody has said and the evidence cannot tell."""
    try:
        taken = upkeep.share(harvest)
    except Denied:
        return None
    return Estimate(1 - taken.high, 1 - taken.likely, 1 - taken.low) if taken else None


def _both(title: Any) -> Words:
    made = {}
    for half, language in LANGUAGES:
        with override(language):
            made[half] = str(title)
    return Words(made["en"], made["zh"])


def _told_apart(found: list[Candidate]) -> Iterable[Candidate]:
    """Keys leave out signs that subjects may differ in: those that fall together get a digest of what they are."""
    often = Counter(one.key for one in found)
    for one in found:
        digest = blake2b(f"{one.subject} {one.action} {one.title.en}".encode(), digest_size=4).hexdigest()
        yield one if often[one.key] == 1 else replace(one, key=f"{one.key}-{digest}")


def _rows(harvest: Harvest, kind: str, **conditions: Any) -> list[Any]:
    return harvest.rows(kind, **conditions) if harvest.reader.reads(kind) else []


def _scenarios(harvest: Harvest) -> list[Any]:
    return [row for row in _rows(harvest, "scenario", retired__empty=True) if row["frequency_likely"] is not None]


def _currency(harvest: Harvest) -> str:
    """The plan's currency; where there is no plan yet, the one that most scenarios are in."""
    frames = _rows(harvest, "plan-frame", current=True)
    if frames:
        return str(frames[0]["currency"])
    named = Counter(row["currency"] for row in _scenarios(harvest) if row["currency"])
    return min(named, key=lambda c: (-named[c], c)) if named else ""


def _rate(exchange: Exchange, currency: str, base: str, harvest: Harvest) -> float | None:
    try:
        return float(exchange.rate(currency, base, harvest.today))
    except NoRate:
        return None


def _scenario(row: Any, exchange: Exchange, base: str, harvest: Harvest) -> Scenario | None:
    """A scenario in the base currency; None where no rate leads to it."""
    rate = _rate(exchange, row["currency"] or base, base, harvest)
    if rate is None:
        return None
    frequency = Estimate(row["frequency_low"], row["frequency_likely"], row["frequency_high"])
    return Scenario(row.key, frequency, float(row["loss_low"]) * rate, float(row["loss_high"]) * rate)


def figures(result: Any) -> tuple[Figure, ...]:
    """What others may read: how many there are, and the largest loss one of them would avoid."""
    largest = max((w.avoided for w in result.candidates if w.avoided), key=lambda e: e.likely, default=None)
    return (
        Figure("candidates.found", float(len(result.candidates)), "candidates"),
        Figure(
            "candidates.largest_avoided",
            largest.likely if largest else None,
            "money a year",
            largest.low if largest else None,
            largest.high if largest else None,
        ),
    )
