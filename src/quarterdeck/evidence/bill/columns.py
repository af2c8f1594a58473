"""Declares the charges of a bill: the columns of FOCUS 1.0 to 1.2 that are kept, under plain names."""

import json
import re

import polars as pl

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.records import Field, Shape
from quarterdeck.evidence.records.grids import Grid
from quarterdeck.evidence.schema import Column

TEXT = pl.String()
MONEY = pl.Decimal(38, 12)
QUANTITY = pl.Decimal(38, 18)  # metered quantities really have 15 places after the point
INSTANT = pl.Datetime("us", "UTC")


def _focus(
    name: str, dtype: pl.DataType, focus: str, help: str, *, required: bool = False, needed: bool = False
) -> Field:
    """A column and the FOCUS column it comes from, which some exports write with underscores."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", focus)
    return Field(Column(name, dtype, f"{help} FOCUS: {focus}."), (focus, spaced), required=required, needed=needed)


_IN_CURRENCY = "in the billing currency"

FIELDS = (
    _focus(
        "billing_period_start", INSTANT, "BillingPeriodStart", "First moment of the invoice's period.", required=True
    ),
    _focus("billing_period_end", INSTANT, "BillingPeriodEnd", "First moment after the invoice's period."),
    _focus("charge_period_start", INSTANT, "ChargePeriodStart", "First moment the charge is for.", needed=True),
    _focus("charge_period_end", INSTANT, "ChargePeriodEnd", "First moment after what the charge is for."),
    _focus("provider", TEXT, "ProviderName", "Who made the resource or service available."),
    _focus("publisher", TEXT, "PublisherName", "Who produced it."),
    _focus("invoice_issuer", TEXT, "InvoiceIssuerName", "Who sends the invoice."),
    _focus("invoice", TEXT, "InvoiceId", "The invoice's identifier."),
    _focus("account", TEXT, "BillingAccountId", "Account that is billed."),
    _focus("account_name", TEXT, "BillingAccountName", "Its display name."),
    _focus("sub_account", TEXT, "SubAccountId", "Account, subscription or project below it."),
    _focus("sub_account_name", TEXT, "SubAccountName", "Its display name."),
    _focus("service", TEXT, "ServiceName", "Service charged for."),
    _focus("service_category", TEXT, "ServiceCategory", "FOCUS's category of the service."),
    _focus("service_subcategory", TEXT, "ServiceSubcategory", "FOCUS's finer category of the service (since 1.1)."),
    _focus("charge_category", TEXT, "ChargeCategory", "Usage, Purchase, Tax, Credit or Adjustment."),
    _focus("charge_class", TEXT, "ChargeClass", "Correction, or empty."),
    _focus("charge_description", TEXT, "ChargeDescription", "What is charged, in words."),
    _focus("charge_frequency", TEXT, "ChargeFrequency", "One-Time, Recurring or Usage-Based."),
    _focus("region", TEXT, "RegionId", "Region, by the provider's identifier."),
    _focus("region_name", TEXT, "RegionName", "The region's display name."),
    _focus("availability_zone", TEXT, "AvailabilityZone", "Zone inside the region."),
    _focus("resource", TEXT, "ResourceId", "Resource, by the provider's identifier."),
    _focus("resource_name", TEXT, "ResourceName", "The resource's display name."),
    _focus("resource_type", TEXT, "ResourceType", "Kind of resource, in the provider's words."),
    _focus("usage_unit", TEXT, "ConsumedUnit", "Unit of the quantity used."),
    _focus("usage_quantity", QUANTITY, "ConsumedQuantity", "Quantity used, in that unit."),
    _focus("pricing_unit", TEXT, "PricingUnit", "Unit the price is for."),
    _focus("pricing_quantity", QUANTITY, "PricingQuantity", "Quantity priced, in that unit."),
    _focus("pricing_category", TEXT, "PricingCategory", "Standard, Dynamic, Committed or Other."),
    _focus(
        "list_unit_price", MONEY, "ListUnitPrice", f"Price of one pricing unit before any discount, {_IN_CURRENCY}."
    ),
    _focus("contracted_unit_price", MONEY, "ContractedUnitPrice", f"Price of one pricing unit agreed, {_IN_CURRENCY}."),
    _focus("commitment", TEXT, "CommitmentDiscountId", "Commitment (reserved capacity, savings plan) applied."),
    _focus("commitment_name", TEXT, "CommitmentDiscountName", "Its display name."),
    _focus("commitment_category", TEXT, "CommitmentDiscountCategory", "Spend or Usage."),
    _focus("commitment_type", TEXT, "CommitmentDiscountType", "Kind of commitment, in the provider's words."),
    _focus("commitment_status", TEXT, "CommitmentDiscountStatus", "Used or Unused."),
    _focus("sku", TEXT, "SkuId", "What was sold, by the provider's identifier."),
    _focus("sku_price", TEXT, "SkuPriceId", "Its price, by the provider's identifier."),
    _focus("billed_cost", MONEY, "BilledCost", f"What the invoice asks for, {_IN_CURRENCY}.", required=True),
    _focus("effective_cost", MONEY, "EffectiveCost", f"Cost with commitments spread over their use, {_IN_CURRENCY}."),
    _focus("list_cost", MONEY, "ListCost", f"Cost at list price, {_IN_CURRENCY}."),
    _focus("contracted_cost", MONEY, "ContractedCost", f"Cost at the agreed price, {_IN_CURRENCY}."),
    _focus("currency", TEXT, "BillingCurrency", "ISO 4217 code of all costs and prices of the row.", needed=True),
    _focus("tags", TEXT, "Tags", "Tags as the text of a JSON object."),
)


def _complete(frame: pl.DataFrame, grid: Grid) -> tuple[pl.DataFrame, list[Problem]]:
    """Name charges without a billed cost, and empty tags that are no JSON object."""
    costless = frame.filter(pl.col("billed_cost").is_null())
    problems = [Problem(grid.origin, line, "billed_cost is empty; row kept") for line in costless["line"]]
    bad = [text for text in frame["tags"].unique() if text is not None and not _is_object(text)]
    if bad:
        wrong = frame["tags"].is_in(bad)
        reason = "tags are not a JSON object; left empty"
        problems += [Problem(grid.origin, line, reason) for line in frame.filter(wrong)["line"]]
        frame = frame.with_columns(frame["tags"].set(wrong, None))
    return frame, problems


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text, parse_int=str), dict)
    except (ValueError, RecursionError):
        return False


CHARGES = Shape(
    "charges",
    "Charges of bills, one row each, as the FinOps Open Cost and Usage Specification (FOCUS) has them.",
    FIELDS,
    ordered=(("billing_period_start", "billing_period_end"), ("charge_period_start", "charge_period_end")),
    empty=frozenset(("", "NULL", "null")),
    derive=_complete,
)
