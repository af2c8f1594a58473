"""What-ifs: typed changes are read, made and composed; none changes nothing."""

from dataclasses import replace
from datetime import date

import pytest

from quarterdeck.engines.programme import (
    Contractor,
    Effort,
    Estimate,
    Initiative,
    Pin,
    Programme,
    Route,
    Scenario,
    Skill,
)
from quarterdeck.office.plan import changes
from quarterdeck.office.plan.changes import BadChange, Change
from quarterdeck.office.plan.ground import Ground
from quarterdeck.office.plan.staff import Staff, supply

STAFF = (
    Staff("ada", "core", "go", 1.0, -10, None),
    Staff("bea", "core", "go", 0.5, 3, None),
    Staff("cai", "web", "design", 1.0, -10, 5),
)
ONE = Estimate(1, 1, 1)


def ground() -> Ground:
    programme = Programme(
        start=date(2027, 1, 1),
        quarters=4,
        initiatives=(Initiative("x", Estimate(1, 2, 3), (Effort("go", Estimate(1, 2, 3)),)), Initiative("y", ONE)),
        skills=tuple(Skill(name, supply(STAFF, name, 12, 0.2)) for name in ("design", "go")),
        routes=(Route("r", "go", 1.0, 1.0, ONE, 3, 2),),
        contractors=(Contractor("go", 10.0, 3.0), Contractor("go", 12.0, 1.0)),
        scenarios=(Scenario("s", Estimate(0.1, 0.2, 0.3), 1.0, 10.0),),
        capital=(100.0,) * 4,
        running=(10.0,) * 4,
    )
    roster = tuple((person.key, person.team) for person in STAFF)
    systems, scenarios = (("acme", "ledger"),), (("s", "ledger"),)
    return Ground(programme, STAFF, 0.2, ("acme", ""), systems, scenarios, roster, ("acme", "aws"))


def test_no_change_is_the_very_same_ground():
    assert changes.apply(ground(), changes.read("")) == ground()


def test_supply_counts_days_and_operations():
    assert supply(STAFF, "go", 5, 0.2) == pytest.approx((0.8, 0.8, 0.8, 1.2, 1.2))
    assert supply(STAFF, "design", 8, 0.0) == (1, 1, 1, 1, 1, 1, 0, 0)


def test_words_are_read_and_written_alike():
    text = "lose-person:ada delay:x:2 cut-budget::0.25 cut-budget::0 freeze-hiring"
    found = changes.read(text)
    assert found == (
        Change("lose-person", "ada"),
        Change("delay", "x", 2),
        Change("cut-budget", "", 0.25),
        Change("cut-budget"),
        Change("freeze-hiring"),
    )
    assert " ".join(change.text() for change in found) == text


def test_a_key_with_a_colon_is_kept_whole():
    assert changes.read("lose-person:group:7") == (Change("lose-person", "group:7"),)
    assert changes.read("delay:group:7:2") == (Change("delay", "group:7", 2),)


def test_losing_a_person_takes_just_their_months():
    after = changes.apply(ground(), changes.read("lose-person:ADA"))
    assert after.programme.skills[1].supply == pytest.approx(supply(STAFF[1:], "go", 12, 0.2))
    assert after.programme.skills[0] == ground().programme.skills[0]


def test_dropping_a_vendor_takes_its_contractors_and_lets_its_scenarios_happen():
    after = changes.apply(ground(), changes.read("drop-vendor:acme")).programme
    assert after.contractors == (Contractor("go", 12.0, 1.0),), "others of the skill stay"
    assert after.scenarios[0].frequency == ONE


def test_an_unknown_vendor_is_told_from_one_that_nothing_is_linked_to():
    with pytest.raises(BadChange, match="there is no vendor “none”"):
        changes.apply(ground(), changes.read("drop-vendor:none"))
    with pytest.raises(BadChange, match="nothing is linked to the vendor “AWS”: name it at the systems"):
        changes.apply(ground(), changes.read("drop-vendor:AWS"))


def test_a_delay_counts_from_where_the_plan_has_it():
    planned = replace(ground(), planned={"x": 3})
    assert changes.apply(planned, changes.read("delay:x:2")).programme.initiatives[0].earliest == 5
    assert changes.apply(planned, changes.read("delay:y:2")).programme.initiatives[1].earliest == 2


def test_hiring_budget_delay_cancel():
    after = changes.apply(ground(), changes.read("freeze-hiring cut-budget::0.25 delay:x:2 cancel:y")).programme
    assert [route.limit for route in after.routes] == [0]
    assert after.capital == (75.0,) * 4
    assert after.running == (7.5,) * 4
    assert after.initiatives[0].earliest == 2
    assert after.initiatives[1].pin is Pin.OUT


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "lose-person:nobody",
        "drop-vendor:none",
        "drop-vendor:aws",
        "delay:x:99",
        "cut-budget::2",
        "cancel:none",
        "effort:x:0",
        "law:x:0",
        "lose-team:none",
        "delay:x",
        "delay:x:nan",
        "delay:x:inf",
        "cut-budget",
        "cut-budget::x",
        "cut-budget:capital:0.2",
        "freeze-hiring:all",
        "cancel",
    ],
)
def test_what_cannot_be_done_is_said(text: str):
    with pytest.raises(BadChange):
        changes.apply(ground(), changes.read(text))
