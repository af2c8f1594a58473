"""The columns and rules this product has of FOCUS against its published requirement model, and a real bill by both."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from quarterdeck.evidence import bill
from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.bill.columns import FIELDS
from quarterdeck.evidence.bill.conformance import ALLOWED, CURRENCIES, FILLED, MOST_SAID, Breaches

OURS = {item.column.name: item.aliases[0] for item in FIELDS}  # our column → FOCUS's
Rules = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "04_finops_focus"


@pytest.fixture(scope="module")
def rules(folder: Path) -> Rules:
    return json.loads((folder / "focus_requirement_model_1.2.0.1.json").read_text())["ModelRules"]


def _checks(rules: Rules, function: str, keyword: str) -> dict[str, dict[str, Any]]:
    """By rule: what holds in every row whatever the provider supports, of one function and keyword."""
    return {
        name: rule["ValidationCriteria"]["Requirement"]
        for name, rule in rules.items()
        if rule["Function"] == function
        and rule["ValidationCriteria"]["Keyword"] == keyword
        and rule["ValidationCriteria"]["Condition"] == {}
        and rule["ApplicabilityCriteria"] == []
        and rule["EntityType"] in ("Column", "Dataset")
    }


def _columns(rules: Rules) -> set[str]:
    checks = (rule["ValidationCriteria"]["Requirement"] for rule in rules.values())
    return {check["ColumnName"] for check in checks if check.get("CheckFunction") == "ColumnPresent"}


def test_every_column_kept_is_one_of_the_model(rules: Rules) -> None:
    assert set(OURS.values()) <= _columns(rules)


def test_every_column_the_model_asks_of_every_bill_is_kept(rules: Rules) -> None:
    checks = _checks(rules, "Presence", "MUST").values()
    wanted = {check["ColumnName"] for check in checks if check.get("CheckFunction") == "ColumnPresent"}
    assert len(wanted) == 21
    assert wanted <= set(OURS.values())
    needed = {item.aliases[0] for item in FIELDS if item.required or item.needed}
    assert needed == {"BilledCost", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart"}
    assert needed <= wanted


def test_columns_never_empty_are_those_of_the_model(rules: Rules) -> None:
    checks = _checks(rules, "Nullability", "MUST NOT").items()
    never = {
        check["ColumnName"]
        for name, check in checks
        if check.get("CheckFunction") == "CheckNotValue" and name != "InvoiceId-C-005-C"  # its words hold a condition
    }
    assert never & set(OURS.values()) == {OURS[name] for name in FILLED}


def _values(rules: Rules, column: str) -> set[str]:
    [requirement] = [
        rule["ValidationCriteria"]["Requirement"]
        for name, rule in rules.items()
        if name.startswith(f"{column}-C-")
        and "one of the allowed values" in rule["ValidationCriteria"]["MustSatisfy"]
        and rule["ValidationCriteria"]["Requirement"].get("CheckFunction") == "OR"
    ]
    return {item["Value"] for item in requirement["Items"]}


@pytest.mark.parametrize("name", sorted(set(ALLOWED) - {"commitment_status", "currency", "charge_class"}))
def test_allowed_values_are_those_of_the_model(rules: Rules, name: str) -> None:
    assert set(ALLOWED[name]) == _values(rules, OURS[name])


def test_the_one_class_of_charges_is_the_models(rules: Rules) -> None:
    assert ALLOWED["charge_class"] == (rules["ChargeClass-C-005-C"]["ValidationCriteria"]["Requirement"]["Value"],)


@pytest.mark.xfail(
    strict=True,
    reason="CommitmentDiscountStatus-C-005-M allows Active, Expired and Pending, while the model's own rules for the "
    "neighbouring CapacityReservationStatus allow Used and Unused and the two real rows with a commitment, as the next "
    "test shows, say Used",
)
def test_statuses_of_commitments_are_those_of_the_model(rules: Rules) -> None:
    assert set(ALLOWED["commitment_status"]) == _values(rules, "CommitmentDiscountStatus")


def test_statuses_of_commitments_are_those_of_real_rows(rules: Rules, folder: Path) -> None:
    with (folder / "focus_1_0_sample_even_rows.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["CommitmentDiscountId"] not in ("", "NULL")]
    assert [row["CommitmentDiscountStatus"] for row in rows] == ["Used", "Used"]
    assert set(ALLOWED["commitment_status"]) == _values(rules, "CapacityReservationStatus")


def test_currencies_are_the_published_ones_and_two_that_came_later(folder: Path) -> None:
    with (folder / "currency_codes.csv").open() as file:
        published = {row["currency_codes"] for row in csv.DictReader(file)}
    assert len(published) == 180
    assert set(CURRENCIES.split()) - published == {"XCG", "ZWG"}
    assert published <= set(CURRENCIES.split())


def _breaches(rules: Rules, rows: list[dict[str, str]]) -> set[tuple[str, str, int]]:
    """Worked out by the model alone: column, value (empty for none) and how many rows of the bill break its rule."""
    found = set()
    for column in set(rows[0]) & set(OURS.values()):
        name = next(ours for ours, focus in OURS.items() if focus == column)
        empty = sum(row[column] in ("", "NULL") for row in rows)
        if name in FILLED and empty:
            found.add((column, "", empty))
        if name not in ALLOWED or name in ("currency", "commitment_status", "charge_class"):
            continue
        allowed = _values(rules, column)
        for value in {row[column] for row in rows} - allowed - {"", "NULL"}:
            found.add((column, value, sum(row[column] == value for row in rows)))
    return found


def test_a_real_bill_is_said_to_break_what_it_breaks(rules: Rules, folder: Path) -> None:
    path = folder / "focus_1_0_sample_even_rows.csv"
    with path.open() as file:
        broken = _breaches(rules, list(csv.DictReader(file)))
    assert broken == {("ContractedCost", "", 4), ("ChargeFrequency", "Usage-based", 4)}
    batch = bill.READER.read(path, None)
    list(batch.parts)
    said = [problem.reason for problem in batch.problems if problem.reason.endswith("rows; kept as written")]
    assert said == [
        "ContractedCost is empty, in 4 rows; kept as written",
        "ChargeFrequency 'Usage-based' is none of the values of FOCUS: One-Time, Recurring, Usage-Based, in 4 rows; "
        "kept as written",
    ]


def look(name: str, values: list[str | None]) -> list[Problem]:
    frame = bill.READER.tables[0].frame(
        [
            {"origin": "b.csv", "line": line, "currency": "EUR", "charge_category": "Usage"} | {name: value}
            for line, value in enumerate(values, 2)
        ]
    )
    breaches = Breaches("b.csv")
    for part in (frame[:1], frame[1:]):  # as in a bill of several chunks
        breaches.look(part, frozenset((name, "currency", "charge_category")))
    return breaches.problems()


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_each_value_beyond_is_said_once_with_its_first_line(name: str) -> None:
    good = ALLOWED[name][0]
    [problem] = look(name, [good, "wrong", good, "wrong"])
    assert (problem.line, "'wrong'" in problem.reason, "2 rows" in problem.reason) == (3, True, True)


def test_many_wrong_values_are_counted(tmp_path: Path) -> None:
    told = look("charge_category", [f"wrong {number}" for number in range(MOST_SAID + 7)])
    assert len(told) == MOST_SAID + 1
    assert told[-1].reason == "7 more rows hold what is not as FOCUS has it"


def test_a_column_that_is_not_there_is_not_called_empty() -> None:
    frame = bill.READER.tables[0].frame([{"origin": "b.csv", "line": 2, "currency": "EUR"}])
    breaches = Breaches("b.csv")
    breaches.look(frame, frozenset(("currency",)))
    assert breaches.problems() == []
    assert frame.select(pl.col("list_cost").is_null().all()).item()
