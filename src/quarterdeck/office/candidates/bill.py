"""Spending that nobody uses, nobody owns, or nobody expected: idle, untagged and unallocated charges, sudden rises."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import ONE, Candidate, Money, Reference, Size, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.office.candidates import worked
from quarterdeck.office.candidates.keys import key
from quarterdeck.office.candidates.words import Value, joined, listed, say
from quarterdeck.runs.candidates import CandidateSource, Harvest

NAME = "bill"
PART = Decimal("0.02")  # of a month's spending in its currency: what is less is not worth a person's hour
TAGGED_PART = Decimal("0.005")  # of the same, for charges without tags: they are mended together, by one rule
HISTORY = 4  # months that must stand before the newest for a rise to be told from the usual
SPREADS = Decimal(3)  # median absolute deviations above the median: about 2.0 standard deviations of a normal one
RISE = Decimal("1.3")  # and above the median by this factor: a steady service has hardly any deviation
MOST_ROWS = 8
CENT = Decimal("0.01")
COLUMNS = (
    "source",
    "billing_period_start",
    "provider",
    "account",
    "sub_account",
    "sub_account_name",
    "service",
    "resource",
    "charge_category",
    "charge_description",
    "usage_quantity",
    "commitment",
    "commitment_name",
    "commitment_status",
    "billed_cost",
    "effective_cost",
    "currency",
    "tags",
    "origin",
    "line",
)


@dataclass(frozen=True)
class Period:
    """What is looked at: a month's charges in one currency, and what they come to without credits."""

    month: date
    currency: str
    total: Decimal


def find(harvest: Harvest) -> Iterator[Candidate]:
    """Candidates over the newest billing period with most of its charges, by currency; amounts are added exactly.

    Each takes as much work as finished tasks of the tracker did: one for each resource to switch off or service to tag.
    """
    taken = worked.chores(harvest)
    for found, tasks in _found(harvest):
        if taken is None:
            yield found
            continue
        why, path = joined(found.why, taken.said(), _tasks(tasks)), (*found.path, *taken.newest)
        yield replace(found, why=why, past=taken.past(tasks), path=path)


def _tasks(tasks: Estimate) -> Words | None:
    """How many tasks it is reckoned as, where that is not one."""
    if tasks.high == 1:
        return None
    if tasks.low == tasks.high:
        return say(_("It is reckoned as %(count)s tasks."), count=round(tasks.high))
    values = {"low": round(tasks.low), "likely": round(tasks.likely), "high": round(tasks.high)}
    return say(
        _("It is reckoned as %(low)s task by one rule, %(likely)s by service, or %(high)s by resource."), **values
    )


def _found(harvest: Harvest) -> Iterator[tuple[Candidate, Estimate]]:
    """Candidates, and how many tasks each takes."""
    charges = harvest.table("charges", *COLUMNS).filter(pl.col("billed_cost").is_not_null())
    charges = charges.with_columns(month=pl.col("billing_period_start").dt.date().dt.truncate("1mo"))
    for currency in sorted(charges["currency"].drop_nulls().unique()):
        mine = charges.filter(pl.col("currency") == currency)
        month = _newest(mine, harvest.today)
        if month is None:
            continue
        now = mine.filter(pl.col("month") == month)
        period = Period(month, currency, _sum(now.filter(pl.col("billed_cost") > 0)))
        yield from _standing(now, period)
        yield from _idle(now, period)
        yield from _untagged(now, period)
        risen = _risen(mine.filter(pl.col("month") <= month), period)
        yield from ((found, ONE) for found in risen)


def _newest(charges: pl.DataFrame, today: date) -> date | None:
    """The newest month that is over; where none is, the one with most charges."""
    months = charges.filter(pl.col("month") < today.replace(day=1)).group_by("month").len()
    if not months.height:
        return None
    largest = int(months["len"].max())  # type: ignore[arg-type]
    whole = months.filter(
        pl.col("len") * 10 >= largest
    )  # a month with hardly any charges is one that is only starting to be billed
    newest: date = whole["month"].max()  # type: ignore[assignment]
    return newest


def _sum(rows: pl.DataFrame) -> Decimal:
    return sum(rows["billed_cost"].to_list(), Decimal(0))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def _counted(amount: Decimal, currency: str) -> Money:
    exact = _cents(amount)
    return Money(exact, exact, exact, currency)


def _rows(charges: pl.DataFrame) -> tuple[Reference, ...]:
    """The dearest charges."""
    dearest = charges.sort("billed_cost", "origin", "line", descending=[True, False, False]).head(MOST_ROWS)
    columns = ("source", "origin", "line", "service", "charge_description", "billed_cost", "currency")
    return tuple(
        Reference(
            "charges",
            source,
            origin,
            line,
            f"{service or ''} {text or ''}"[:90].strip() + f" {cost.normalize():f} {currency}",
        )
        for source, origin, line, service, text, cost, currency in dearest.select(columns).iter_rows()
    )


def _size(amount: Decimal, currency: str) -> Size:
    return Size(float(amount), say(_("%(currency)s a month"), currency=currency))


def _standing(now: pl.DataFrame, period: Period) -> Iterator[tuple[Candidate, Estimate]]:
    """Commitments that stand unused; small ones together."""
    unused = now.filter((pl.col("commitment_status") == "Unused") & (pl.col("effective_cost") > 0))
    small = []
    for name, rows in _groups(unused, "commitment"):
        if _effective(rows) < PART * period.total:
            small.append(rows)
            continue
        title = say(_("Use or give back the commitment %(name)s"), name=rows["commitment_name"][0] or name)
        yield _saves("commitment", name, title, _stood(rows, period), _effective(rows), period.currency, rows), ONE
    if small:
        rows, names = pl.concat(small), sorted(part["commitment"][0] for part in small)
        title = say(_("Use or give back small commitments: %(names)s"), names=listed(names))
        amount = _effective(rows)
        found = _saves(
            "commitment", f"small {period.currency}", title, _stood(rows, period), amount, period.currency, rows
        )
        yield replace(found, facts=tuple(f"commitment {name}" for name in names)), _each(names)


def _effective(rows: pl.DataFrame) -> Decimal:
    return sum(rows["effective_cost"].to_list(), Decimal(0))


def _stood(rows: pl.DataFrame, period: Period) -> Words:
    return say(
        _("In %(month)s %(amount)s %(currency)s of it stood unused."),
        month=_month(period.month),
        amount=_cents(_effective(rows)),
        currency=period.currency,
    )


def _each(names: list[str]) -> Estimate:
    """A task for each of them."""
    return Estimate(float(len(names)), float(len(names)), float(len(names)))


def _idle(now: pl.DataFrame, period: Period) -> Iterator[tuple[Candidate, Estimate]]:
    """Resources that are billed and not used at all, small ones together; what a commitment left unused is its own."""
    still = now.filter(
        (pl.col("usage_quantity") == 0)
        & (pl.col("billed_cost") > 0)
        & (pl.col("charge_category") == "Usage")
        & pl.col("resource").is_not_null()
        & (pl.col("commitment_status").fill_null("") != "Unused")
    )
    used = set(now.filter(pl.col("usage_quantity") > 0)["resource"].drop_nulls())
    small = []
    for name, rows in _groups(still.filter(~pl.col("resource").is_in(sorted(used))), "resource"):
        if _sum(rows) < PART * period.total:
            small.append(rows)
            continue
        title = say(_("Switch off %(name)s, which is paid for and not used"), name=name)
        yield _saves("idle", name, title, _unused(rows, period), _sum(rows), period.currency, rows), ONE
    if small:
        rows = pl.concat(small)
        title = (
            say(_("Switch off %(count)s small resources that are paid for and not used"), count=len(small))
            if len(small) > 1
            else say(_("Switch off a small resource that is paid for and not used"))
        )
        names = sorted(rows["resource"].unique())
        found = _saves(
            "idle", f"small {period.currency}", title, _unused(rows, period), _sum(rows), period.currency, rows
        )
        yield replace(found, facts=tuple(f"idle {name}" for name in names)), _each(names)


def _unused(rows: pl.DataFrame, period: Period) -> Words:
    return say(
        _("In %(month)s %(names)s cost %(amount)s %(currency)s at a usage of zero."),
        month=_month(period.month),
        names=listed(sorted(rows["resource"].unique())),
        amount=_cents(_sum(rows)),
        currency=period.currency,
    )


def _groups(rows: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for name in sorted(rows[column].drop_nulls().unique()):
        yield str(name), rows.filter(pl.col(column) == name)


def _saves(
    sort: str, name: str, title: Words, why: Words, amount: Decimal, currency: str, rows: pl.DataFrame
) -> Candidate:
    return Candidate(
        key(NAME, sort, name),
        NAME,
        name,
        title,
        why,
        size=_size(amount, currency),
        saving=_counted(amount, currency),
        spend=_counted(amount, currency),
        path=_rows(rows),
        facts=(f"{sort} {name}",),
    )


def _untagged(now: pl.DataFrame, period: Period) -> Iterator[tuple[Candidate, Estimate]]:
    """Charges for use without tags, by provider and account; without a sub-account too they belong to nobody at all."""
    use = now.filter((pl.col("billed_cost") > 0) & pl.col("charge_category").is_in(["Usage", "Purchase"]))
    bare = {text for text in use["tags"].unique() if text is None or not json.loads(text)}
    use = use.filter(pl.col("tags").is_null() | pl.col("tags").is_in([text for text in bare if text]))
    nobody = pl.col("sub_account").is_null() & pl.col("resource").is_null()
    for sort, rows in (("unallocated", use.filter(nobody)), ("untagged", use.filter(~nobody))):
        places = rows.select("provider", "account").unique().sort("provider", "account").iter_rows()
        for provider, account in places:
            mine = rows.filter(pl.col("provider").eq_missing(provider) & pl.col("account").eq_missing(account))
            amount = _sum(mine)
            if amount >= TAGGED_PART * period.total:
                tasks = _by_rule(mine) if sort == "untagged" else ONE
                yield _unowned(sort, provider or "", account or "", mine, amount, period), tasks


def _by_rule(rows: pl.DataFrame) -> Estimate:
    """Tasks that tagging takes: one rule for all at least, one a service likely, one a resource at most."""
    services = float(max(1, rows["service"].n_unique()))
    return Estimate(1.0, services, max(services, float(rows["resource"].drop_nulls().n_unique())))


def _unowned(sort: str, provider: str, account: str, rows: pl.DataFrame, amount: Decimal, period: Period) -> Candidate:
    title, why = _nobody(sort, provider, account, rows, amount, period)
    return Candidate(
        key(NAME, sort, provider, account),
        NAME,
        f"{provider} {account}",
        title,
        joined(why, say(_("How much of it can be saved, the bill does not say."))),
        size=_size(amount, period.currency),
        spend=_counted(amount, period.currency),
        missing=("value",),
        path=_rows(rows),
        facts=(f"{sort} {provider} {account}",),
    )


def _nobody(
    sort: str, provider: str, account: str, rows: pl.DataFrame, amount: Decimal, period: Period
) -> tuple[Words, Words]:
    """Title and reason for charges that carry no tag, or name nothing at all."""
    values: dict[str, Value] = {
        "provider": provider,
        "account": account,
        "amount": _cents(amount),
        "currency": period.currency,
        "month": _month(period.month),
        "count": rows.height,
        "share": float(100 * amount / period.total),
    }
    if sort == "unallocated":
        title = say(_("Find out for whom %(provider)s bills account %(account)s"), **values)
        said = _(
            "In %(month)s %(amount)s %(currency)s (%(share)s %% of all charges, %(count)s "
            "rows) named neither a sub-account nor a resource."
        )
        return title, say(said, **values)
    said = _(
        "In %(month)s %(amount)s %(currency)s (%(share)s %% of all charges, %(count)s "
        "rows) carried no tag: nobody can say which system they belong to."
    )
    return say(_("Tag what is bought from %(provider)s in account %(account)s"), **values), say(said, **values)


def _risen(charges: pl.DataFrame, period: Period) -> Iterator[Candidate]:
    """Services that cost more than usual: above the median of the months before by SPREADS deviations and by RISE.

    Deviation: the median of absolute deviations, which single odd months do not move (Hampel 1974, JASA 69).
    """
    month, months = period.month, sorted(charges["month"].unique())
    for provider, service in charges.select("provider", "service").unique().sort("provider", "service").iter_rows():
        mine = charges.filter(pl.col("provider").eq_missing(provider) & pl.col("service").eq_missing(service))
        spent = {each: _sum(mine.filter(pl.col("month") == each)) for each in months}
        before = [spent[each] for each in months if each < month]
        if len(before) < HISTORY:
            continue
        usual = _median(before)
        spread = _median([abs(amount - usual) for amount in before])
        excess = spent.get(month, Decimal(0)) - usual
        if usual > 0 and excess > SPREADS * spread and spent[month] >= RISE * usual and excess >= PART * period.total:
            yield _anomaly(provider or "", service or "", mine.filter(pl.col("month") == month), usual, excess, period)


def _median(values: list[Decimal]) -> Decimal:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _anomaly(
    provider: str, service: str, rows: pl.DataFrame, usual: Decimal, excess: Decimal, period: Period
) -> Candidate:
    values: dict[str, Value] = {
        "service": service,
        "provider": provider,
        "month": _month(period.month),
        "usual": _cents(usual),
        "excess": _cents(excess),
        "currency": period.currency,
    }
    why = say(
        _(
            "In %(month)s it cost %(excess)s %(currency)s more than the usual %(usual)s; the "
            "bill does not say whether somebody wanted that."
        ),
        **values,
    )
    return Candidate(
        key(NAME, "rise", provider, service),
        NAME,
        f"{provider} {service}",
        say(_("Find out why %(service)s of %(provider)s costs more"), **values),
        why,
        size=_size(excess, period.currency),
        spend=_counted(excess, period.currency),
        missing=("value",),
        path=_rows(rows),
        facts=(f"rise {provider} {service} {period.month}",),
    )


def _month(month: date) -> Words:
    return Words(f"{month:%Y-%m}", f"{month.year}年{month.month}月")


SOURCE = CandidateSource(NAME, gettext_lazy("Bills"), ("charges", *worked.TABLES), (), find)
