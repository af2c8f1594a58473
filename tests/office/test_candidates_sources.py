"""Each source of candidates finds its planted case and not its near miss."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from candidate_home import DAY, START, TODAY, Home, advisory, histories, rests, scenario, system

from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.write import Change

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"  # 9.8, by the specification's own table


@pytest.fixture
def home(db: None, settings, tmp_path: Path) -> Home:  # type: ignore[no-untyped-def]
    """An empty home."""
    settings.LAKE_URL = str(tmp_path / "lake")
    return Home(tmp_path)


def changing(*manifest_days: int) -> object:
    """A history in which Ada changes the lock file on some days, alone that day, and Ben works elsewhere."""
    history = histories().History()
    history.commit({b"uv.lock": b"x==0\n", b"app.py": b"one\n"}, at=START - 30 * DAY)
    for number, day in enumerate(manifest_days, start=1):
        history.commit({b"uv.lock": b"x==%d\n" % number}, subject=b"Bump x", at=START + day * DAY)
    return history


# --- advisories -----------------------------------------------------------------------------------------------------


def test_an_advisory_makes_one_candidate_a_package(home: Home) -> None:
    home.text("dependencies", "shop/requirements.txt", "django==3.2.3\nflask==2.0.1\n")
    home.advisories(
        advisory("PYSEC-1", "django", "3.2.10", aliases=["CVE-1"], vector=HIGH),
        advisory("GHSA-1", "django", "3.2.10", aliases=["CVE-1"]),
        advisory("PYSEC-2", "django", "3.2.25"),
        advisory("PYSEC-3", "flask", "2.0.1"),
    )
    home.records(system("shop"), scenario("breach", "shop", "attack"))
    (found,) = home.found("advisories")
    assert found.title.en == "Update django in shop to 3.2.25"
    assert found.title.zh == "将 shop 中的 django 升级到 3.2.25"
    assert found.system == "shop"
    assert found.size is not None
    assert found.size.value == pytest.approx(9.8 + 5.0)  # two weaknesses: two names of one are not two
    assert found.steps.patch == 22
    assert found.loss[0].scenario == "breach"
    assert found.loss[0].frequency == Estimate(0.0, 0.5, 1.0)
    assert ("requirements.txt", 1, "django 3.2.3") in {(r.origin, r.line, r.says) for r in found.path}
    assert any(r.table == "advisories" and r.says.startswith("PYSEC-2") for r in found.path)


def test_a_weakness_without_a_fix_asks_for_something_else(home: Home) -> None:
    home.text("dependencies", "shop/requirements.txt", "left==1.0\nflask>=2\n")
    home.advisories(advisory("PYSEC-9", "left", None), advisory("PYSEC-3", "flask", "2.1"))
    fix, pin = sorted(home.found("advisories"), key=lambda c: c.key)
    assert fix.missing == ("target",)
    assert "Replace or shield left" in fix.title.en
    assert pin.key == "advisories/shop/unpinned"
    assert pin.missing == ("version",)


def test_the_effort_of_an_update_is_that_of_the_own_past(home: Home) -> None:
    home.text("dependencies", "shop/requirements.txt", "django==3.2.3\n")
    home.advisories(advisory("PYSEC-2", "django", "3.2.25"))
    assert home.found("advisories")[0].past is None
    home.repository("shop", changing(10, 20, 21, 40, 50, 60))
    (found,) = home.found("advisories")
    assert found.past is not None
    assert found.past.days == (
        1.0,
        1.0,
        1.0,
        1.0,
        1.0,
        2.0,
    )  # days 20 and 21 are one change; the first commit is one too
    assert any(r.table == "commits" and "Bump x" in r.says for r in found.path)


# --- ended ----------------------------------------------------------------------------------------------------------


CYCLES = """title: Django
identifiers:
  - purl: pkg:pypi/django
releases:
  - {releaseCycle: "6.0", releaseDate: 2025-12-01, eol: 2028-04-30, latest: "6.0.8"}
  - {releaseCycle: "5.2", releaseDate: 2025-04-01, eol: 2027-04-30, latest: "5.2.17"}
  - {releaseCycle: "4.2", releaseDate: 2023-04-03, eol: 2026-04-01, latest: "4.2.29"}
"""


def test_an_ended_release_is_to_be_left(home: Home) -> None:
    home.text("end_of_life", "products/django.yaml", CYCLES)
    home.text("dependencies", "shop/requirements.txt", "django==4.2.1\n")
    home.text("dependencies", "till/requirements.txt", "django==5.2.1\n")
    home.text("dependencies", "desk/requirements.txt", "django==6.0.1\nflask==1.0\n")
    home.records(system("shop"), scenario("rot", "shop", "obsolescence"))
    shop, till = home.found("ended")
    assert shop.title.en == "Move shop from Django 4.2 to 6.0"
    assert shop.by == date(2026, 4, 1)
    assert (shop.steps.major, shop.action) == (2, "upgrade:pypi/django")
    assert shop.loss[0].frequency == Estimate(0.0, 0.5, 1.0)
    assert {r.table for r in shop.path} == {"components", "life_cycles"}
    assert (till.subject, till.by) == ("till", date(2027, 4, 30))


@pytest.mark.parametrize(("today", "count"), [(date(2026, 4, 30), 1), (date(2026, 4, 29), 0)])
def test_a_release_counts_a_year_before_its_end(home: Home, today: date, count: int) -> None:
    home.text("end_of_life", "products/django.yaml", CYCLES)
    home.text("dependencies", "till/requirements.txt", "django==5.2.1\n")
    assert len(home.found("ended", today)) == count


# --- knowledge ------------------------------------------------------------------------------------------------------


def written_by(*authors: bytes, files: int = 12) -> object:
    """A history in which the authors write and change the same number of source files each, in turn."""
    history = histories().History()
    for number in range(files):
        author = authors[number % len(authors)]
        path = b"src/part%02d.py" % number
        history.commit({path: b"one\n" * 30}, author=author, at=START + number * DAY)
        history.commit({path: b"two\n" * 30}, author=author, at=START + number * DAY + 3600)
    return history


ADA, BEN, CARA = (b"%s <%s@example.invalid>" % (name, name.lower()) for name in (b"Ada", b"Ben", b"Cara"))


def test_one_person_alone_on_what_others_rest_on(home: Home) -> None:
    home.repository("ledger", written_by(ADA))
    home.repository("till", written_by(ADA, BEN, CARA))
    home.repository("toy", written_by(ADA))
    home.repository("small", written_by(ADA, files=4))
    home.records(
        system("ledger", criticality=2),
        system("shop"),
        system("toy", criticality=1),
        system("till", criticality=4),
        rests("shop", "ledger"),
        scenario("leaver", "ledger", "key-person"),
    )
    (found,) = home.found("knowledge")
    assert found.key == "knowledge/ledger"
    assert found.title.en == "Hire or assign a second person for ledger"
    assert "100 %" in found.why.en
    assert found.loss == ()  # no roster: how often people leave is not known
    assert {r.table for r in found.path} == {"commits", "kind:dependency"}
    assert "Ada" not in str(found)


def test_the_roster_tells_how_much_a_second_person_helps_and_who_has_left(home: Home) -> None:
    home.repository("ledger", written_by(ADA))
    home.repository("vault", written_by(BEN))
    rows = ["key,email,start_date,end_date,team"]
    rows += ["ben,ben@example.invalid,2020-01-01,2026-06-01,core"]
    home.text("roster", "roster.csv", "\n".join(rows) + "\n")
    since = {"start_date": date(2020, 1, 1)}
    home.records(
        *(Change("person", f"p{n}", since) for n in range(8)),
        Change("person", "ben", {**since, "end_date": date(2026, 6, 1)}),
        system("ledger", criticality=4),
        scenario("leaver", "ledger", "key-person"),
        system("vault", criticality=4),
    )
    ledger, vault = home.found("knowledge")
    hazard = 1 / (8 * 750 + 574) * 365.25  # one departure in the person-days since 1 November 2024
    assert ledger.loss[0].frequency.likely == pytest.approx(2 * (1 - 2.718281828459045**-hazard), rel=0.02)
    assert vault.title.en == "Win back the knowledge of vault: those who had it have left"


def test_unknown_criticality_is_asked_for(home: Home) -> None:
    home.repository("ledger", written_by(ADA))
    assert home.found("knowledge")[0].missing == ("criticality",)


# --- structure ------------------------------------------------------------------------------------------------------


def test_weak_places_of_the_architecture(home: Home) -> None:
    home.records(
        Change("team", "a", {"name_en": "A"}),
        Change("team", "b", {"name_en": "B"}),
        system("shop", criticality=4),
        system("till", criticality=4),
        system("ledger", criticality=4),
        system("wiki", criticality=1),
        system("desk", criticality=3),
        system("chat", criticality=3),
        system("bus", criticality=3),
        system("mail", criticality=4),
        system("left", owner="a"),
        system("right", owner="b"),
        system("near", owner="a"),
        system("far", owner="a"),
        rests("shop", "ledger"),
        rests("till", "ledger"),
        rests("mail", "wiki"),
        rests("desk", "bus"),
        rests("chat", "bus"),
        rests("left", "right"),
        rests("right", "left"),
        rests("near", "far"),
        rests("far", "near"),
    )
    found = {c.key: c for c in home.found("structure")}
    assert set(found) == {"structure/single-point/ledger", "structure/cycle/left/right", "structure/less-critical/wiki"}
    assert found["structure/single-point/ledger"].facts == ("fails shop", "fails till")
    assert "left → right → left" in found["structure/cycle/left/right"].why.en


def test_an_alternative_takes_the_weakness_away(home: Home) -> None:
    pool = {"group": "store", "needed": 1}
    home.records(
        system("shop", criticality=4),
        system("till", criticality=3),
        system("one", criticality=1),
        system("two", criticality=1),
        *(rests(user, store, **pool) for user in ("shop", "till") for store in ("one", "two")),
    )
    assert home.found("structure") == []


# --- ownerless ------------------------------------------------------------------------------------------------------


def test_systems_without_owner(home: Home) -> None:
    home.records(
        Change("team", "core", {"name_en": "Core"}),
        Change("team", "acme/unspecified", {"name_en": "Unspecified"}),
        system("shop", owner="core"),
        system("ledger", owner_named="team-gone"),
        system("wiki"),
        system("old", lifecycle="retired"),
        system("bot", owner="acme/unspecified"),
        rests("shop", "ledger"),
    )
    ledger, rest = home.found("ownerless")
    assert "team-gone" in ledger.why.en
    assert ledger.missing == ("owner",)
    assert rest.facts == ("ownerless bot", "ownerless wiki")


# --- hotspots -------------------------------------------------------------------------------------------------------


def test_a_hot_file_is_to_be_reworked_at_the_own_pace(home: Home) -> None:
    history = histories().History()
    big = b"".join(b"line %d\n" % n for n in range(300))
    history.commit({b"src/hot.py": big, b"src/calm.py": big, b"src/hot_test.py": big}, at=START - 400 * DAY)
    for number in range(10):
        subject = b"Fix rounding" if number < 5 else b"Add a field"
        changed = big.replace(b"line 7\n", b"line seven %d\n" % number)
        history.commit(
            {b"src/hot.py": changed, b"tests/test_hot.py": changed}, subject=subject, at=START + number * 20 * DAY
        )
    history.commit({b"src/calm.py": big + b"more\n"}, subject=b"Fix a word", at=START + 300 * DAY)
    home.repository("shop", history)
    (found,) = home.found("hotspots")
    assert found.key == "hotspots/shop/src-hot.py"
    assert "300 lines" in found.why.en
    assert found.past is not None
    assert all(days > 0 for days in found.past.days)
    assert found.hints == ("python",)
    assert home.found("hotspots", TODAY + timedelta(days=500)) == []


# --- bill -----------------------------------------------------------------------------------------------------------

HEADINGS = (
    "BillingPeriodStart,ChargePeriodStart,ProviderName,BillingAccountId,SubAccountId,ServiceName,ResourceId,ChargeCategory,"
    "ConsumedQuantity,CommitmentDiscountId,CommitmentDiscountStatus,BilledCost,EffectiveCost,BillingCurrency,Tags"
)


def charge(
    cost: str,
    month: str = "2026-10",
    *,
    service: str = "Compute",
    resource: str = "vm-1",
    used: str = "1",
    tags: str = '{""app"": ""x""}',
    account: str = "sub",
    commitment: str = "",
    status: str = "",
    effective: str = "",
) -> str:
    """One row of a bill."""
    day = f"{month}-01 00:00:00"
    cells = (
        day,
        day,
        "Cloud",
        "acc",
        account,
        service,
        resource,
        "Usage",
        used,
        commitment,
        status,
        cost,
        effective or cost,
        "USD",
    )
    return ",".join(cells) + f',"{tags}"'


def bill(home: Home, *rows: str) -> dict[str, object]:
    home.text("bill", "bill.csv", "\n".join([HEADINGS, *rows]) + "\n")
    return {c.key: c for c in home.found("bill")}


def test_savings_are_exact_to_the_cent(home: Home) -> None:
    """Three amounts that binary fractions cannot hold: 0.1 + 0.2 + 41.07 is 41.37 and nothing else."""
    found = bill(
        home,
        charge("900.00"),
        charge("0.1", resource="disk", used="0"),
        charge("0.2", resource="disk", used="0"),
        charge("41.07", resource="disk", used="0"),
        charge("60", resource="busy", used="0"),
        charge("1", resource="busy", used="5"),
        charge("0", commitment="sp-1", status="Unused", effective="77.123"),
        charge("0", commitment="sp-2", status="Used", effective="99"),
    )
    assert set(found) == {"bill/idle/disk", "bill/commitment/sp-1"}
    saving = found["bill/idle/disk"].saving  # type: ignore[attr-defined]
    assert (saving.low, saving.likely, saving.high, saving.currency) == (*(Decimal("41.37"),) * 3, "USD")
    assert found["bill/commitment/sp-1"].saving.likely == Decimal("77.12")  # type: ignore[attr-defined]
    path = found["bill/idle/disk"].path  # type: ignore[attr-defined]
    assert [(r.origin, r.line) for r in path] == [("bill.csv", 5), ("bill.csv", 4), ("bill.csv", 3)]


def test_what_a_commitment_left_unused_is_saved_once(home: Home) -> None:
    """Rows of unused commitments name a resource and no usage; they are no idle resource, and small ones go together."""
    left = {"used": "0", "status": "Unused"}
    found = bill(
        home,
        charge("900"),
        charge("50", resource="reserved", commitment="r-1", **left),
        charge("3", resource="reserved-2", commitment="r-2", **left),
        charge("4", resource="reserved-3", commitment="r-3", **left),
    )
    assert set(found) == {"bill/commitment/r-1", "bill/commitment/small-USD"}
    assert found["bill/commitment/r-1"].saving.likely == Decimal("50.00")  # type: ignore[attr-defined]
    assert found["bill/commitment/small-USD"].saving.likely == Decimal("7.00")  # type: ignore[attr-defined]


def test_untagged_and_unallocated_charges_say_what_is_at_stake_and_no_saving(home: Home) -> None:
    found = bill(home, charge("90"), charge("8", tags="{}"), charge("2", tags="", account="", resource=""))
    assert set(found) == {"bill/untagged/Cloud/acc", "bill/unallocated/Cloud/acc"}
    untagged = found["bill/untagged/Cloud/acc"]
    assert untagged.spend.likely == Decimal("8.00")  # type: ignore[attr-defined]
    assert untagged.saving is None  # type: ignore[attr-defined]
    assert untagged.missing == ("value",)  # type: ignore[attr-defined]
    assert bill(home, charge("900"), charge("1", tags="{}")) == {}


def test_a_service_that_rises_beyond_its_usual(home: Home) -> None:
    months = [f"2026-{m:02d}" for m in range(4, 11)]
    steady = [charge("100", month, service="Steady") for month in months]
    wild = [
        charge(cost, month, service="Wild")
        for cost, month in zip(("50", "150", "60", "140", "55", "145", "160"), months, strict=True)
    ]
    risen = [charge("200" if month == "2026-10" else "100", month, service="Risen") for month in months]
    young = [charge("90", "2026-09", service="Young"), charge("400", "2026-10", service="Young")]
    found = bill(home, *steady, *wild, *risen, *young, charge("7", "2026-11", service="Steady"))
    assert set(found) == {"bill/rise/Cloud/Risen"}
    assert found["bill/rise/Cloud/Risen"].spend.likely == Decimal("100.00")  # type: ignore[attr-defined]
