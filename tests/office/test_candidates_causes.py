"""Incidents with one cause: told apart by what their source says, over systems and languages, and counted once."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from candidate_home import Home, scenario, system

from quarterdeck.engines.candidate import Candidate
from quarterdeck.kinds.write import Change
from quarterdeck.office.candidates.causes import cause

HEADINGS = "incident,title,system,started,resolved,cause,cause_category,cost,currency"


@pytest.fixture
def home(db: None, settings, tmp_path: Path) -> Home:  # type: ignore[no-untyped-def]
    """An empty home."""
    settings.LAKE_URL = str(tmp_path / "lake")
    return Home(tmp_path)


def found(home: Home, *rows: str) -> dict[str, Candidate]:
    """What incidents give; each row: system, month of 2026, cause, kind of cause, cost in EUR."""
    lines = [HEADINGS]
    for number, row in enumerate(rows):
        name, month, words, kind, cost = row.split(",")
        begun = f"2026-{int(month):02d}-01T0"
        lines.append(
            f"I{number},Down,{name},{begun}0:00:00Z,{begun}2:00:00Z,{words},{kind},{cost},{'EUR' * bool(cost)}"
        )
    home.text("incidents", "incidents.csv", "\n".join(lines) + "\n")
    return {one.key: one for one in home.found("incidents")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Expired certificate", "expired certificate"),
        ("The TLS cert of the gateway had expired!", "expired certificate"),
        ("证书过期", "expired certificate"),
        ("网关 SSL 证书已到期", "expired certificate"),
        ("certificate of origin rejected", "certificate of origin rejected"),
        ("Disk full on db-3", "full disk"),
        ("failed disk", "failed disk"),
        ("API token expired", "expired credential"),
        ("Queue overflow at peak load.", "queue overflow at peak load"),
        ("queue overflow,  at peak load", "queue overflow at peak load"),
        ("fault in new version", ""),
        ("Bug in the new release of our app", ""),
        ("新版本缺陷", ""),
        ("人为操作错误", ""),
        ("队列溢出", "队列溢出"),
        ("  ", ""),
        (None, ""),
    ],
)
def test_causes_that_say_the_same_have_one_name(text: str | None, name: str) -> None:
    assert cause(text) == name


def test_one_cause_in_several_systems_and_languages_is_one_candidate(home: Home) -> None:
    home.records(system("shop"), system("till"), system("bank"))
    (one,) = found(
        home,
        "shop,1,expired certificate,configuration,",
        "till,2,证书过期,configuration,",
        "bank,3,TLS certificate expired,network,",
        "shop,4,slow query,data,",
    ).values()
    assert one.key == "incidents/expired-certificate"
    assert one.title.en == "Mend what keeps breaking 3 systems: expired certificate"
    assert "3 incidents in bank, shop, till" in one.why.en
    assert set(one.facts) == {"cause expired certificate", "system bank", "system shop", "system till"}
    assert one.missing == ("remedy",)
    assert "证书过期" in one.title.zh


def test_a_kind_of_cause_is_no_cause_and_says_so(home: Home) -> None:
    """Three faults in new versions of one system: at most all of them go away, at least none; what to mend is open."""
    home.records(system("shop"), scenario("down", "shop", "failure"))
    (one,) = found(
        home,
        *(f"shop,{month},fault in new version,change,10" for month in (1, 2, 3)),
        *(f"till,{month},fault in new version,change,10" for month in (1, 2)),
        "shop,4,slow query,data,",
    ).values()
    assert one.key == "incidents/shop/change"
    assert "names the kind of cause and not the cause" in one.why.en
    assert one.missing == ("cause",)
    assert one.past is None
    effect = one.loss[0].frequency
    assert effect.high == 1.0
    assert effect.likely == pytest.approx((effect.low + 1) / 2)
    assert effect.low < 0.25, "at least three of four"


def test_a_benefit_is_counted_once(home: Home) -> None:
    """Shop has a scenario, so its incident counts there; till and bank have none, so theirs count as they cost.

    2 a year: the middle eight of ten of a gamma of shape 2.5 is half the 10 % and 90 % points of χ² with 5 degrees of
    freedom, 1.61031 and 9.23636 in the tables. 120 EUR over 2 incidents over 12 months are 5 EUR each.
    """
    home.records(system("shop"), system("till"), scenario("down", "shop", "failure"))
    (one,) = found(
        home,
        "shop,1,expired certificate,configuration,1000",
        "till,2,expired certificate,configuration,50.50",
        "bank,3,expired certificate,configuration,69.50",
    ).values()
    saving = one.saving
    assert saving is not None
    assert (saving.low, saving.likely, saving.high) == (
        Decimal(str(round(5 * 1.61031 / 2, 2))),
        Decimal("10.00"),
        Decimal(str(round(5 * 9.23636 / 2, 2))),
    )
    assert [effect.scenario for effect in one.loss] == ["down"]
    assert one.loss[0].frequency.likely == pytest.approx(1 - 1.5 / 2), "one of one, by Jeffreys' prior"
    assert "1,120.00 EUR" in one.why.en


def test_no_saving_where_every_incident_is_in_a_scenario_or_one_hides_its_cost(home: Home) -> None:
    home.records(system("shop"), scenario("down", "shop", "failure"))
    rows = [f"shop,{month},expired certificate,configuration,10.01" for month in (1, 2, 3)]
    (one,) = found(home, *rows).values()
    assert one.saving is None
    assert one.loss
    other = [f"till,{month},queue overflow,capacity,{cost}" for month, cost in ((1, "10"), (2, ""), (3, "10"))]
    assert found(home, *other)["incidents/till/queue-overflow"].saving is None


def test_a_scenario_that_names_the_cause_is_of_it_alone(home: Home) -> None:
    """Three of four incidents of shop are of the cause; of the scenario about it, three of three."""
    rows = [f"shop,{month},expired certificate,configuration," for month in (1, 2, 3)]
    home.records(system("shop"), scenario("down", "shop", "failure"))
    (one,) = found(home, *rows, "shop,4,slow query,data,").values()
    assert one.loss[0].frequency.likely == pytest.approx(1 - 3.5 / 5)
    assert one.loss[0].frequency.low < 0.25 < one.loss[0].frequency.high
    home.records(Change("scenario", "down", {"name_en": "A certificate expires unseen"}))
    (one,) = home.found("incidents")
    assert one.loss[0].frequency.likely == pytest.approx(1 - 3.5 / 4)


def test_attacks_bear_on_scenarios_of_attacks(home: Home) -> None:
    home.records(system("shop"), scenario("down", "shop", "failure"), scenario("theft", "shop", "attack"))
    (one,) = found(home, *(f"shop,{month},password spraying,security," for month in (1, 2, 3))).values()
    assert [effect.scenario for effect in one.loss] == ["theft"]


def test_what_came_before_the_last_year_is_told_and_not_counted(home: Home) -> None:
    lines = [HEADINGS]
    for number, day in enumerate(("2024-01-01", "2025-12-01", "2026-02-01", "2026-03-01")):
        lines.append(f"I{number},Down,shop,{day}T00:00:00Z,,queue overflow,capacity,,")
    home.text("incidents", "incidents.csv", "\n".join(lines) + "\n")
    (one,) = home.found("incidents")
    assert one.size is not None
    assert one.size.value == 3
    assert "All on record: 4." in one.why.en
    assert home.found("incidents", date(2027, 1, 1)) == [], "two are left in that year"
