"""What candidates take, from the company's own finished work: issues, epics, initiatives, getting to know code, bills."""

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from candidate_home import DAY, START, TODAY, Home, histories, reader, rests, system

from quarterdeck.engines import candidates as engine
from quarterdeck.engines.candidates import effort
from quarterdeck.engines.programme import Estimate
from quarterdeck.estate.attrition import hazard
from quarterdeck.kinds.write import Change
from quarterdeck.office.candidates import learning, spending, worked
from quarterdeck.runs.candidates import Harvest

MONDAY = date(2026, 11, 2)
HEADINGS = "issue,title,type,status,created,started,finished,assignee,epic,project,system,size"


@pytest.fixture
def home(db: None, settings, tmp_path: Path) -> Home:  # type: ignore[no-untyped-def]
    """An empty home."""
    settings.LAKE_URL = str(tmp_path / "lake")
    return Home(tmp_path)


def harvest(today: date = TODAY) -> Harvest:
    """A harvest for the CTO."""
    return Harvest(reader(), today, {}, engine)


def issue(name: str, person: str, first: int, last: int | None, kind: str = "bug", **more: str) -> str:
    """An issue in work from one day to another, counted from MONDAY; None: still in work."""
    start = MONDAY + timedelta(days=first)
    end = "" if last is None else f"{MONDAY + timedelta(days=last)}"
    state = "in progress" if last is None else "done"
    rest = [more.get(column, "") for column in ("epic", "project", "system", "size")]
    return ",".join([name, name, kind, state, f"{start}", f"{start}", end, person, *rest])


def issues(home: Home, *rows: str) -> dict[str, float]:
    """Person-days by issue."""
    home.text("issues", "issues.csv", "\n".join([HEADINGS, *rows]) + "\n")
    return {row["issue"]: row["days"] for row in worked.issues(harvest()).to_dicts()}


# --- issues ---------------------------------------------------------------------------------------------------------


def test_a_day_is_parted_among_the_issues_in_work(home: Home) -> None:
    """By hand: A Monday and half of Tuesday; B the other half and Wednesday; C Friday and Monday, the weekend free."""
    found = issues(
        home,
        issue("A", "ada", 0, 1),
        issue("B", "ada", 1, 2),
        issue("C", "ben", 4, 7),
        issue("D", "ben", 12, 13),  # begun and ended at a weekend: the day it began counts
        issue("E", "cy", 14, None),  # still in work, and half of F's days
        issue("F", "cy", 14, 15),
        issue("G", "ada", 0, 9, "epic"),  # holds others: no work of its own
        issue("H", "", 0, 2),  # nobody's
        issue("I", "dee", 5, 3),  # ended before it began: a slip of the keyboard
    )
    assert found == {"A": 1.5, "B": 1.5, "C": 2.0, "D": 1.0, "F": 1.0}


def test_no_day_is_lost_and_none_counted_twice(home: Home) -> None:
    """Against a count day by day: all issues of a person together take the working days they had any in work."""
    draws = random.Random(5)
    spans = {}
    for number in range(40):
        first = draws.randrange(-60, 10)
        spans[f"N{number}"] = (draws.choice("abc"), first, first + draws.randrange(0, 8))
    found = issues(home, *(issue(name, *span) for name, span in spans.items()))
    busy = {
        (who, day)
        for who, first, last in spans.values()
        for day in range(first, last + 1)
        if (MONDAY + timedelta(days=day)).weekday() < 5 or day == first
    }
    assert set(found) == set(spans)
    assert sum(found.values()) == pytest.approx(len(busy))


def test_defects_are_those_of_the_systems_where_they_are_enough(home: Home) -> None:
    own = [issue(f"S{n}", f"p{n}", 0, 1, system="shop") for n in range(5)]
    others = [issue(f"T{n}", f"q{n}", 0, 3, "缺陷", system="till") for n in range(3)]
    issues(home, *own, *others, issue("X", "x", 0, 1, "story"))
    shop, till = worked.defects(harvest(), ["shop"]), worked.defects(harvest(), ["till"])
    assert shop is not None
    assert till is not None
    assert shop.days == (2.0,) * 5
    assert till.days == (*(2.0,) * 5, *(4.0,) * 3), "too few of its own: those of all"
    assert worked.chores(harvest()) is None
    assert [reference.line for reference in shop.newest] == [6, 5, 4]


def test_an_epic_takes_what_its_issues_take(home: Home) -> None:
    rows = []
    for number in range(5):
        rows.append(issue(f"E{number}", "lead", 7 * number - 77, 7 * number - 77 + 61, "epic", project="P"))
        rows += [
            issue(f"E{number}-{part}", f"p{number}{part}", 7 * number - 77, 7 * number - 76, epic=f"E{number}")
            for part in range(number + 1)
        ]
    rows.append(issue("E9", "lead", 0, None, "epic", project="P"))
    issues(home, *rows)
    taken = worked.epics(harvest(), "P")
    assert taken is not None
    assert taken.days == (2.0, 4.0, 6.0, 8.0, 10.0)
    assert taken.months == pytest.approx((61 / (365.25 / 12),) * 5)
    open_one = next(c for c in home.found("backlog") if c.key == "backlog/P/E9")
    assert open_one.past is not None
    assert open_one.past.days == taken.days
    assert "not broken down" in open_one.why.en


def test_epics_and_large_issues_with_the_own_throughput(home: Home) -> None:
    rows = ["issue,title,type,status,created,finished,assignee,epic,estimate,project"]
    for week in range(30):
        for number in range(2):
            day = TODAY - timedelta(days=7 * week + 2 + number)
            rows.append(f"D{week}-{number},Done,story,done,2026-01-01,{day},{'ada' if number else 'ben'},,2,P")
    rows += ["E1,New checkout,epic,to do,2026-10-01,,,,,P"]
    rows += [f"S{n},Step,story,to do,2026-10-01,,,E1,2,P" for n in range(4)]
    rows += [
        "B1,Move the data centre,story,to do,2026-10-01,,,,10,P",
        "B2,Usual,story,to do,2026-10-01,,,,9,P",
        "B3,Odd,story,to do,2026-12-01,,,,90,P",
    ]
    home.text("issues", "issues.csv", "\n".join(rows) + "\n")
    found = {c.key: c for c in home.found("backlog")}
    assert set(found) == {"backlog/P/E1", "backlog/P/B1"}
    assert found["backlog/P/E1"].title.en == "New checkout"
    pace = found["backlog/P/E1"].pace
    assert pace is not None
    assert (pace.weekly[-13:], pace.people, pace.items) == ((2,) * 13, 2.0, 4.0)
    large = found["backlog/P/B1"].pace
    assert large is not None
    assert large.items == 5.0
    assert any(r.origin == "issues.csv" and r.says == "E1 New checkout" for r in found["backlog/P/E1"].path)


# --- what candidates make of it -------------------------------------------------------------------------------------


def outcome(number: int) -> Change:
    """A past initiative of 10 × number person-months in 2 × number months."""
    measures = {"planned_effort": 1, "actual_effort": 10 * number, "planned_months": 1, "actual_months": 2 * number}
    return Change(
        "outcome", f"past-{number}", {"name_en": f"Past {number}", "finished": date(2025, 1, number), **measures}
    )


def test_a_stand_in_takes_what_past_initiatives_took(home: Home) -> None:
    """Of 10 … 50 person-months and 2 … 10 months the 10 %, 50 % and 90 % quantiles: 14, 30, 46 and 2.8, 6, 9.2."""
    critical = [system(name, criticality=4) for name in ("shop", "till", "ledger")]
    home.records(*critical, rests("shop", "ledger"), rests("till", "ledger"))
    assert home.found("structure")[0].past is None, "nothing is on record"
    home.records(*(outcome(number) for number in range(1, 6)))
    (found,) = home.found("structure")
    assert found.past is not None
    months = effort.by_past(found.past)
    lasts = effort.lasting(found.past, months, None)
    assert months is not None
    assert lasts is not None
    assert (months.low, months.likely, months.high) == pytest.approx((14, 30, 46))
    assert (lasts.low, lasts.likely, lasts.high) == pytest.approx((2.8, 6, 9.2))
    assert [r.origin for r in found.path if r.table == "kind:outcome"] == ["past-5", "past-4", "past-3"]
    assert "5 past initiatives" in found.why.en


def test_small_idle_resources_are_a_task_each(home: Home) -> None:
    head = "BillingPeriodStart,ChargePeriodStart,ProviderName,ServiceName,ResourceId,ChargeCategory,ConsumedQuantity,"
    day = "2026-10-01 00:00:00"
    rows = [f'{day},{day},Cloud,Compute,{name},Usage,{used},{cost},USD,"{{""a"": ""b""}}"'
            for name, used, cost in (("vm", 1, 900), ("d1", 0, 1), ("d2", 0, 1), ("d3", 0, 1))]  # fmt: skip
    home.text("bill", "bill.csv", "\n".join([head + "BilledCost,BillingCurrency,Tags", *rows]) + "\n")
    assert home.found("bill")[0].past is None
    issues(home, *(issue(f"T{n}", f"p{n}", 0, n % 3, "task") for n in range(6)))
    (found,) = home.found("bill")
    assert found.past is not None
    assert found.past.days == (1.0, 1.0, 2.0, 2.0, 3.0, 3.0)
    assert found.past.scale == Estimate(3.0, 3.0, 3.0)
    assert "reckoned as 3 tasks" in found.why.en


def test_tagging_is_one_rule_or_one_a_resource(home: Home) -> None:
    head = "BillingPeriodStart,ChargePeriodStart,ProviderName,BillingAccountId,SubAccountId,ServiceName,ResourceId,"
    day = "2026-10-01 00:00:00"
    rows = [f"{day},{day},Cloud,acc,sub,{service},{name},Usage,1,10,USD,{{}}"
            for service, name in (("Compute", "a"), ("Compute", "b"), ("Disk", "c"), ("Disk", "d"), ("Disk", "d"))]  # fmt: skip
    head += "ChargeCategory,ConsumedQuantity,BilledCost,BillingCurrency,Tags"
    home.text("bill", "bill.csv", "\n".join([head, *rows]) + "\n")
    issues(home, *(issue(f"T{n}", f"p{n}", 0, 1, "task") for n in range(5)))
    (found,) = home.found("bill")
    assert found.past is not None
    assert found.past.scale == Estimate(1.0, 2.0, 4.0)


def test_a_cause_is_mended_once_or_in_each_system(home: Home) -> None:
    rows = ["incident,title,system,started,resolved,cause"]
    rows += [f"I{n},Down,{name},2026-0{n}-01T00:00:00Z,,queue overflow" for n, name in ((1, "a"), (2, "b"), (3, "c"))]
    home.text("incidents", "incidents.csv", "\n".join(rows) + "\n")
    issues(home, *(issue(f"B{n}", f"p{n}", 0, 1) for n in range(5)))
    (found,) = home.found("incidents")
    assert found.past is not None
    assert (found.past.days, found.past.scale) == ((2.0,) * 5, Estimate(1.0, 3.0, 3.0))


# --- getting to know code -------------------------------------------------------------------------------------------


def test_newcomers_are_those_who_came_later_and_got_to_know_enough() -> None:
    """Zoe begins; Ann comes after 100 days and touches 3 of 20 files in 2.5 days, then more after a year; Bo touches
    one file only, Cy comes in the first quarter."""
    begin = date(2025, 1, 1)
    made = [
        ("zoe", 0, 1.0, ["f0"]), ("cy", 30, 1.0, ["f1", "f2"]), ("ann", 100, 1.0, ["f1", "f2"]),
        ("ann", 120, 0.5, ["f2", "f3"]), ("ann", 130, 1.0, ["gone"]), ("bo", 140, 1.0, ["f9"]),
        ("ann", 470, 1.0, ["f4", "f5", "f6"]),
    ]  # fmt: skip
    commits = pl.DataFrame(
        {
            "source": ["s"] * len(made),
            "repository": ["r"] * len(made),
            "commit": [str(n) for n in range(len(made))],
            "author": [one[0] for one in made],
            "day": [begin + timedelta(days=one[1]) for one in made],
            "share": [one[2] for one in made],
        }
    )
    files = pl.DataFrame([("r", str(n), path) for n, one in enumerate(made) for path in one[3]],
                         schema=["repository", "commit", "path"], orient="row")  # fmt: skip
    standing = pl.DataFrame({"repository": ["r"] * 20, "path": [f"f{n}" for n in range(20)]})
    (found,) = learning.newcomers(commits, files, standing).to_dicts()
    assert (found["author"], found["days"], found["files"]) == ("ann", 2.5, 3)


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        ((46, 44, 0.0), Estimate(23, 23, 44)),
        ((46, 44, 0.5), Estimate(1, 23, 44)),  # 23 less 22 that the nearest knows
        ((11,), Estimate(6, 6, 11)),
        ((40, 10, 0.0), Estimate(20, 20, 20)),
    ],
)
def test_half_of_the_files_need_a_second_author(asked: tuple[int, int, float], files: Estimate) -> None:
    assert learning.to_half(*asked) == files


def test_knowledge_and_owners_take_what_getting_to_know_code_took(home: Home) -> None:
    """Five people came to `open` later and touched two of its ten files in a day each: half a day a file."""
    shared = histories().History()
    for number in range(10):
        shared.commit({b"src/part%02d.py" % number: b"one\n" * 30}, author=b"Zoe <z@x.invalid>", at=START - 300 * DAY)
    for number in range(5):
        changed = {b"src/part%02d.py" % (2 * number + place): b"two\n" * 30 for place in range(2)}
        shared.commit(changed, author=b"New%d <n%d@x.invalid>" % (number, number), at=START + number * DAY)
    alone = histories().History()
    for number in range(12):
        alone.commit({b"src/own%02d.py" % number: b"one\n" * 30}, author=b"Ada <a@x.invalid>", at=START + number * DAY)
    home.repository("open", shared)
    home.repository("ledger", alone)
    home.records(
        system("ledger", criticality=4),
        system("bare", criticality=4),
        rests("shop", "ledger"),
        Change("team", "core", {"name_en": "Core"}),
        system("shop", owner="core"),
    )
    knowledge = next(c for c in home.found("knowledge") if c.subject == "ledger")
    assert knowledge.past is not None
    assert knowledge.past.days == (0.5,) * 5
    assert knowledge.past.scale == Estimate(6.0, 6.0, 12.0)
    assert "New" not in str(knowledge.path), "nobody is named"
    ledger, bare = sorted(home.found("ownerless"), key=lambda c: c.key, reverse=True)
    assert ledger.past is not None
    assert (ledger.subject, ledger.past.scale) == ("ledger", Estimate(6.0, 6.0, 12.0))
    assert bare.past is None, "no code of it is known: how long that takes cannot be told"


# --- money and people -----------------------------------------------------------------------------------------------


def test_a_system_costs_what_its_tags_say(home: Home) -> None:
    home.records(system("shop"), system("till"))
    head = "BillingPeriodStart,ChargePeriodStart,ServiceName,ChargeCategory,BilledCost,BillingCurrency,Tags\n"
    rows = [
        ("2026-07", "30", "shop"), ("2026-08", "10", "shop"), ("2026-09", "20", "shop"), ("2026-09", "0.05", "shop"),
        ("2026-11", "99", "shop"),  # a month that is not over
        ("2026-09", "5", "till"), ("2026-09", "5", "other"),
    ]  # fmt: skip
    text = "".join(
        f'{month}-01 00:00:00,{month}-01 00:00:00,X,Usage,{cost},EUR,"{{""app"": ""{name}"", ""env"": ""live""}}"\n'
        for month, cost, name in rows
    )
    home.text("bill", "bill.csv", head + text)
    found = spending.monthly(harvest(), "shop")
    assert found is not None
    assert (found.money.low, found.money.likely, found.money.high) == (
        Decimal("10.00"),
        Decimal("20.05"),
        Decimal("30.00"),
    )
    assert spending.monthly(harvest(), "other") is None


def test_people_leave_at_departures_over_years_worked() -> None:
    """Two years of one who stays, one of one who left a year ago, half a year of one who came: one in 3.5 years."""
    today = date(2026, 11, 1)
    spans = [
        (date(2020, 1, 1), None),
        (None, date(2025, 11, 1)),
        (date(2026, 5, 1), None),
        (date(2019, 1, 1), date(2023, 1, 1)),  # left before the two years
        (date(2027, 1, 1), None),  # has not come yet
    ]
    assert hazard(spans, today) == pytest.approx(365.25 / (730 + 365 + 184))
    assert hazard([], today) is None
