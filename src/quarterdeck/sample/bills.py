"""The cloud bills: FOCUS 1.0, a file a month, with spending that is idle, not tagged, or out of the ordinary."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from quarterdeck.sample.chance import Span, chance, days, month_after
from quarterdeck.sample.systems import SYSTEMS
from quarterdeck.sample.writing import Cell, table

MONTHS = 12
HEADINGS = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
]
# provider → account, currency, region, its name
_PROVIDERS = {
    "Nordwolke": ("nw-4410", "EUR", "de-hamburg-1", "Hamburg"),
    "Yunbo Cloud": ("yb-880071", "CNY", "cn-suzhou-2", "苏州"),
}
# kind of resource → service, FOCUS category, unit, units a day, price a unit in EUR (seven times that in CNY)
_KINDS = {
    "compute": ("Elastic Servers", "Compute", "Hours", 24, "0.92"),
    "database": ("Managed Databases", "Databases", "Hours", 24, "1.75"),
    "storage": ("Object Storage", "Storage", "GB-Months", 310, "0.021"),
    "logs": ("Log Search", "Management and Governance", "GB", 52, "0.55"),
    "network": ("Load Balancing", "Networking", "GB", 140, "0.018"),
    "volume": ("Block Volumes", "Storage", "GB-Months", 420, "0.045"),
}
_STACKS = {
    "go": ("compute", "network"),
    "java": ("compute",),
    "python": ("compute", "storage"),
    "node": ("compute", "network"),
    "database": ("database", "volume"),
}
# resources that nobody uses: name → kind, provider, share of a usual day's cost
IDLE = {
    "gpu-trial": ("compute", "Nordwolke", "11.50"),
    "lb-legacy-fax": ("network", "Nordwolke", "4.10"),
    "vol-detached-17": ("volume", "Nordwolke", "1.15"),
    "vol-detached-18": ("volume", "Nordwolke", "1.15"),
    "db-migration-old": ("database", "Yunbo Cloud", "1.80"),
    "cold-standby-old": ("compute", "Yunbo Cloud", "4.30"),
}
# resources that bear no tag: name → kind, provider, scale
UNTAGGED = {
    "srv-7f31": ("compute", "Nordwolke", "1.60"),
    "srv-7f32": ("compute", "Nordwolke", "1.60"),
    "bucket-exports": ("storage", "Nordwolke", "5.00"),
    "sandbox-suzhou": ("compute", "Yunbo Cloud", "2.20"),
    "notebooks": ("compute", "Yunbo Cloud", "1.90"),
}
ANOMALY = (
    "observability",
    "logs",
    -1,
    8,
    6,
    Decimal("8.5"),
)  # system, kind, month from the first collection's, its day, days long, times as much
LATER_ANOMALY = ("data-lake", "storage", 0, 21, 9, Decimal("22"))
PLACES, CENT = Decimal("0.0001"), Decimal("0.01")
AGREED = Decimal("0.94")  # of the list price


@dataclass(frozen=True)
class Resource:
    """Something billed every day."""

    name: str
    kind: str
    provider: str
    system: str  # empty: no tag says
    team: str
    scale: Decimal
    idle: bool = False


@dataclass(frozen=True)
class Charge:
    """One line of a bill, as far as sums need it."""

    day: date
    resource: str
    system: str
    currency: str
    effective: Decimal
    idle: bool
    untagged: bool
    row: tuple[Cell, ...]


def resources(seed: int) -> list[Resource]:
    """All resources: of systems, idle ones, untagged ones."""
    random = chance(seed, "resources")
    found = []
    for system in SYSTEMS:
        provider = (
            "Yunbo Cloud"
            if system.key.endswith("suzhou") or system.owner in ("routing", "data", "warehouse", "risk-control")
            else "Nordwolke"
        )
        kinds = ("logs", "compute") if system.key == "observability" else _STACKS.get(system.stack, ())
        for kind in kinds:
            scale = Decimal(str(round(random.uniform(0.7, 1.6) * (1 + system.criticality), 2)))
            found.append(Resource(f"{system.key}-{kind}", kind, provider, system.key, system.owner, scale))
    found += [
        Resource(name, kind, provider, "build-farm", "platform", Decimal(scale), True)
        for name, (kind, provider, scale) in IDLE.items()
    ]
    found += [
        Resource(name, kind, provider, "", "", Decimal(scale)) for name, (kind, provider, scale) in UNTAGGED.items()
    ]
    return found


def months(time: Span, on: date) -> list[date]:
    """First days of the full months before a day, from twelve before the first collection on."""
    month, last = month_after(time.today, -MONTHS), month_after(on, 0)
    return [day for number in range(MONTHS + 3) if (day := month_after(month, number)) < last]


def charges(seed: int, time: Span, month: date) -> Iterator[Charge]:
    """Every line of one month's bill."""
    end = month_after(month)
    for resource in resources(seed):
        random = chance(seed, "bill", month, resource.name)
        for day in days(month, end - timedelta(days=1)):
            usual = Decimal(str(round(random.uniform(0.93, 1.07) * (0.82 if day.weekday() > 4 else 1.0), 4)))
            growth = 1 + Decimal((day - time.start).days) / 4000
            yield _charge(resource, day, month, usual * growth * _unusual(resource, day, time))
    yield from _monthly(month)


def _unusual(resource: Resource, day: date, time: Span) -> Decimal:
    for planted in (ANOMALY, LATER_ANOMALY):
        if (resource.system, resource.kind) == planted[:2] and day in unusual_days(planted, time) and not resource.idle:
            return planted[5]
    return Decimal(1)


def unusual_days(planted: tuple[str, str, int, int, int, Decimal], time: Span) -> tuple[date, ...]:
    """The days a planted anomaly lasts."""
    first = month_after(time.today, planted[2]) + timedelta(days=planted[3] - 1)
    return tuple(first + timedelta(days=number) for number in range(planted[4]))


def _row(provider: str, month: date, said: dict[str, object]) -> tuple[Cell, ...]:
    """A line of the bill: what every line of a provider and month says, and what is said of this one."""
    account, currency, region, place = _PROVIDERS[provider]
    cells: dict[str, object] = {
        "BillingAccountId": account,
        "BillingAccountName": "Velmarin",
        "BillingCurrency": currency,
        "BillingPeriodEnd": f"{month_after(month)} 00:00:00",
        "BillingPeriodStart": f"{month} 00:00:00",
        "ChargeCategory": "Usage",
        "InvoiceIssuerName": provider,
        "PricingCategory": "Standard",
        "ProviderName": provider,
        "PublisherName": provider,
        "RegionId": region,
        "RegionName": place,
    } | said
    cells["BilledCost"] = cells["ContractedCost"] = cells["EffectiveCost"]
    return tuple(str(cells.get(heading, "")) for heading in HEADINGS)


def _charge(resource: Resource, day: date, month: date, factor: Decimal) -> Charge:
    service, category, unit, units, price = _KINDS[resource.kind]
    account, currency, region, _ = _PROVIDERS[resource.provider]
    each = Decimal(price) * (7 if currency == "CNY" else 1)
    priced = (units * resource.scale * (1 if resource.idle else factor)).quantize(PLACES)
    listed = (priced * each).quantize(CENT)
    paid = (listed * AGREED).quantize(CENT)
    tags = {"system": resource.system, "team": resource.team, "stage": "production"} if resource.system else {}
    said: dict[str, object] = {
        "AvailabilityZone": f"{region}a",
        "ChargeDescription": f"{service}, {unit}",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": f"{day + timedelta(days=1)} 00:00:00",
        "ChargePeriodStart": f"{day} 00:00:00",
        "ConsumedQuantity": Decimal(0) if resource.idle else priced,
        "ConsumedUnit": unit,
        "ContractedUnitPrice": each * AGREED,
        "EffectiveCost": paid,
        "ListCost": listed,
        "ListUnitPrice": each,
        "PricingQuantity": priced,
        "PricingUnit": unit,
        "ResourceId": f"{account}/{resource.name}",
        "ResourceName": resource.name,
        "ResourceType": service,
        "ServiceCategory": category,
        "ServiceName": service,
        "SkuId": f"sku-{resource.kind}",
        "SkuPriceId": f"price-{resource.kind}",
        "SubAccountId": f"{account}-{resource.team or 'shared'}",
        "SubAccountName": resource.team or "shared",
        "Tags": json.dumps(tags, ensure_ascii=False),
    }
    row = _row(resource.provider, month, said)
    return Charge(day, resource.name, resource.system, currency, paid, resource.idle, not resource.system, row)


# name, cost a month in EUR, FOCUS category of charge and service, whether it is a reservation that stood unused
_FIXED = (
    ("Support", "1450.00", "Purchase", "Other", False),
    ("Reserved servers", "386.40", "Usage", "Compute", True),
)


def _monthly(month: date) -> Iterator[Charge]:
    """Support, bought for the month, and servers reserved of which a part stood unused."""
    for provider, (account, currency, _, _) in _PROVIDERS.items():
        for name, amount, charged, category, unused in _FIXED:
            cost = Decimal(amount) * (7 if currency == "CNY" else 1)
            said: dict[str, object] = {
                "ChargeCategory": charged,
                "ChargeDescription": name,
                "ChargeFrequency": "Recurring",
                "ChargePeriodEnd": f"{month_after(month)} 00:00:00",
                "ChargePeriodStart": f"{month} 00:00:00",
                "ConsumedQuantity": 0 if unused else 1,
                "ConsumedUnit": "Months",
                "EffectiveCost": cost,
                "ListCost": cost,
                "PricingQuantity": 1,
                "PricingUnit": "Months",
                "ResourceId": f"{account}/{name.split()[0].lower()}",
                "ResourceName": name,
                "ServiceCategory": category,
                "ServiceName": name,
                "SubAccountId": f"{account}-shared",
                "SubAccountName": "shared",
                "Tags": json.dumps({"system": "build-farm", "team": "platform"}),
            }
            row = _row(provider, month, said | (_reservation(account) if unused else {}))
            yield Charge(month, name, "build-farm", currency, cost, unused, False, row)


def _reservation(account: str) -> dict[str, object]:
    return {
        "CommitmentDiscountCategory": "Usage",
        "CommitmentDiscountId": f"{account}-r1",
        "CommitmentDiscountName": "Reserved servers",
        "CommitmentDiscountStatus": "Unused",
        "CommitmentDiscountType": "Reservation",
        "PricingCategory": "Committed",
    }


@dataclass(frozen=True)
class Sums:
    """What one month's bill came to, by currency."""

    total: dict[str, Decimal]
    idle: dict[str, Decimal]
    untagged: dict[str, Decimal]
    anomaly: dict[str, dict[date, Decimal]]  # resource → day → effective cost


def write(folder: Path, seed: int, time: Span, on: date) -> dict[date, Sums]:
    """One file a month; in the first, one line's tags are no JSON. Returns what each month came to."""
    found = {}
    for place, month in enumerate(months(time, on)):
        lines = list(charges(seed, time, month))
        rows = [charge.row for charge in lines]
        if place == 0:
            rows[SLIP - 2] = (*rows[SLIP - 2][:-1], "{system: payment-gateway}")
        table(folder / f"focus-{month:%Y-%m}.csv", HEADINGS, rows)
        found[month] = _sums(lines, SLIP - 2 if place == 0 else None)
    return found


SLIP = 12  # line of the tags that are no JSON


def _sums(lines: list[Charge], slip: int | None) -> Sums:
    found = Sums({}, {}, {}, {})
    totals = (found.total, found.idle, found.untagged)
    names = {f"{planted[0]}-{planted[1]}" for planted in (ANOMALY, LATER_ANOMALY)}
    for place, charge in enumerate(lines):
        for sums, counts in zip(totals, (True, charge.idle, charge.untagged or place == slip), strict=True):
            if counts:
                sums[charge.currency] = sums.get(charge.currency, Decimal(0)) + charge.effective
        if charge.resource in names:
            found.anomaly.setdefault(charge.resource, {})[charge.day] = charge.effective
    return found
