"""Holds charges against what FOCUS says a column may hold, and says once a file and value what breaks it."""

from dataclasses import dataclass, field

import polars as pl

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.bill.columns import FIELDS

QUOTED = 80  # characters of a value that a problem quotes
MOST_SAID = 100  # columns and values of one file; the rows with others are counted

# Columns that FOCUS 1.2 wants filled in every row, whatever the provider supports.
FILLED = (
    *("billing_period_start", "billing_period_end", "charge_period_start", "charge_period_end", "provider"),
    *("publisher", "invoice_issuer", "account", "service", "service_category", "service_subcategory"),
    *("charge_category", "charge_frequency", "billed_cost", "effective_cost", "list_cost", "contracted_cost"),
    "currency",
)
_SERVICES = (
    *("AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases", "Developer Tools"),
    *("Multicloud", "Identity", "Integration", "Internet of Things", "Management and Governance", "Media"),
    *("Migration", "Mobile", "Networking", "Security", "Storage", "Web", "Other"),
)
CURRENCIES = (  # ISO 4217
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
    "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD "
    "OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU "
    "XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG ZWL"
)
ALLOWED = {
    "charge_category": ("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
    "charge_class": ("Correction",),
    "charge_frequency": ("One-Time", "Recurring", "Usage-Based"),
    "pricing_category": ("Standard", "Committed", "Dynamic", "Other"),
    "commitment_category": ("Spend", "Usage"),
    "commitment_status": ("Used", "Unused"),
    "service_category": _SERVICES,
    "currency": tuple(CURRENCIES.split()),
}
_SAID_BY_ROW = ("billed_cost", "currency", "charge_period_start")  # empty ones are named row by row already
_FOCUS = {item.column.name: item.aliases[0] for item in FIELDS}


@dataclass
class Breaches:
    """What of one file is not as FOCUS has it: how many rows, and the first of them."""

    origin: str
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    first: dict[tuple[str, str], int] = field(default_factory=dict)
    beyond: int = 0

    def look(self, frame: pl.DataFrame, filled: frozenset[str]) -> None:
        """Count the breaches of some rows. filled: columns that the file has a heading for."""
        for name in FILLED:
            if name in filled and name not in _SAID_BY_ROW:
                self._count(name, "is empty", frame.filter(pl.col(name).is_null())["line"])
        for name, values in ALLOWED.items():
            odd = frame.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(values))
            for (value,), some in odd.group_by(name, maintain_order=True):
                self._count(name, f"{str(value)[:QUOTED]!r} is none of {_listed(name)}", some["line"])

    def _count(self, name: str, reason: str, lines: pl.Series) -> None:
        key = (name, reason)
        if key not in self.rows and len(self.rows) == MOST_SAID:
            self.beyond += lines.len()
        elif lines.len():
            self.rows[key] = self.rows.get(key, 0) + lines.len()
            self.first.setdefault(key, lines[0])

    def problems(self) -> list[Problem]:
        """One a column and value, at the first row that has it; what stands there was kept as written."""
        told = [
            Problem(self.origin, self.first[name, reason], f"{_FOCUS[name]} {reason}, in {count} rows; kept as written")
            for (name, reason), count in self.rows.items()
        ]
        if self.beyond:
            told.append(Problem(self.origin, None, f"{self.beyond} more rows hold what is not as FOCUS has it"))
        return told


def _listed(name: str) -> str:
    return "the codes of ISO 4217" if name == "currency" else "the values of FOCUS: " + ", ".join(ALLOWED[name])
