"""The planted truths of work done and planned, found again in the files by other means than those that planted them."""

import subprocess
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import exp, log
from statistics import median

import pytest
from company_files import Example, at

YEAR = timedelta(days=365)


def _now(example: Example) -> datetime:
    day = date.fromisoformat(example.truths["collected"])
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def test_deployments_that_failed(example: Example) -> None:
    since = _now(example) - YEAR
    incidents = {row["incident"]: row for row in example.rows("incidents/*.jsonl")}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in example.rows("deployments/*.csv"):
        if row["caused_incident"]:
            assert incidents[row["caused_incident"]]["caused_by_deployment"] == row["deployment"]
        if at(row["started"]) >= since:
            found[row["system"]] += Counter(
                deployments=1, failed=bool(row["caused_incident"]), rework=row["is_rework"] == "true"
            )
    for system, planted in example.truths["delivery"]["by_system"].items():
        counts = found[system]
        assert {name: counts[name] for name in ("deployments", "failed", "rework")} == {
            n: planted[n] for n in ("deployments", "failed", "rework")
        }
        whole = counts["deployments"] - counts["rework"]
        assert (
            abs(counts["failed"] / whole - planted["planted_fail_rate"])
            < 3.5 * (planted["planted_fail_rate"] / whole) ** 0.5
        )


@pytest.mark.parametrize("when", ["example", "later"])
def test_lead_times(when: str, request: pytest.FixtureRequest) -> None:
    example: Example = request.getfixturevalue(when)
    since = _now(example) - YEAR
    for stream in example.layout.streams:
        command = ["git", "--git-dir", str(stream.with_suffix(".git")), "log", "--reverse", "--format=%H %at", "main"]
        listed = [
            line.split()
            for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        ]
        place = {name: number for number, (name, _) in enumerate(listed)}
        hours, held = [], 0
        for row in (row for row in example.rows("deployments/*.csv") if row["system"] == stream.stem):
            reached = place[row["commit"]] + 1
            if held and at(row["started"]) >= since:
                hours += [
                    (at(row["finished"]).timestamp() - int(seconds)) / 3600 for _, seconds in listed[held:reached]
                ]
            held = max(held, reached)
        assert median(hours) == pytest.approx(
            example.truths["delivery"]["by_system"][stream.stem]["lead_time_hours"], abs=0.01
        )


def test_one_cause_comes_again(example: Example) -> None:
    rows = list(example.rows("incidents/*.jsonl"))
    planted = example.truths["incidents"]
    repeated = planted["repeated_cause"]
    assert [row["incident"] for row in rows if row["cause"] in repeated["words"]] == repeated["incidents"]
    assert len(rows) == planted["count"]
    assert sum(Decimal(row.get("cost_eur", "0")) for row in rows) == Decimal(planted["cost_eur"])
    recent = Counter(
        row["system"]
        for row in rows
        if row["cause"] in repeated["words"] and at(row["started"]) >= _now(example) - YEAR
    )
    assert recent.most_common(1)[0][1] >= 3
    assert len({row["system"] for row in rows if row["cause"] in repeated["words"]}) == 3
    others = [row for row in rows if row["cause"] not in repeated["words"] and row["cause_category"] != "change"]
    for until in range(365, (_now(example) - at(rows[0]["started"])).days, 30):
        since = at(rows[0]["started"]) + timedelta(days=until - 365)
        year = Counter(row["cause"] for row in others if since <= at(row["started"]) < since + YEAR)
        assert max(year.values()) <= 2  # by chance, and not because nobody mends it


def test_changes_that_nobody_looked_at(example: Example) -> None:
    for repository, planted in example.truths["controls"]["reviews"].items():
        rows = list(example.rows(f"reviews/{repository}.csv"))
        assert len(rows) == planted["changes"]
        assert [row["commit"] for row in rows if not row["reviewer"]] == planted["seen_by_nobody"]
        assert [row["commit"] for row in rows if row["reviewer"] == row["author"]] == planted["approved_by_author"]
    assert example.truths["controls"]["reviews"]["settlement-batch"]["seen_by_nobody"]


def test_copies_never_tried_and_copies_that_fail(example: Example) -> None:
    tried, failed = set(), set()
    everything = set()
    for row in example.rows("backups/*.csv"):
        everything.add(row["system"])
        tried |= {row["system"]} if row["restore_tested_at"] else set()
        failed |= {row["system"]} if row["result"] == "failure" else set()
    assert sorted(everything - tried) == example.truths["controls"]["never_restored"]
    assert failed == {example.truths["controls"]["copies_fail"]}


def test_how_estimates_come_true(example: Example) -> None:
    rows = example.sheet("outcome")
    recorded = example.truths["plan"]["estimates"]["recorded_median"]
    planted = example.truths["plan"]["estimates"]["planted_median"]
    for name, column in (("effort", "effort"), ("duration", "months"), ("benefit", "benefit")):
        logs = [log(row[f"actual_{column}"] / row[f"planned_{column}"]) for row in rows]
        assert exp(sum(logs) / len(logs)) == pytest.approx(recorded[name], abs=1e-4)
        assert recorded[name] == pytest.approx(planted[name], rel=0.3)


def _quarters(example: Example, sort: str) -> list[float]:
    return [
        row["amount"] for row in sorted(example.sheet("budget"), key=lambda row: row["quarter"]) if row["sort"] == sort
    ]


def test_what_cannot_fit_the_budget(example: Example) -> None:
    """Even at its least, started in any month it may: capital is spent evenly, unspent capital is carried over."""
    start = date.fromisoformat(example.sheet("plan-frame")[0]["start"])
    capital, running = _quarters(example, "capital"), _quarters(example, "running")
    found = {}
    for row in example.sheet("initiative"):
        latest = date.fromisoformat(row["latest"]) if row["latest"] else None
        last = (latest.year - start.year) * 12 + latest.month - start.month + 2 if latest else 3 * len(capital) - 1
        ends = [first + row["duration_high"] for first in range(last // 3 * 3 + 3)]
        if all(row["capital_low"] > sum(capital[: int(-(-end // 3))]) for end in ends):
            found[row["key"]] = "capital"
        elif 3 * row["running_cost_low"] > max(running) and max(ends) <= 3 * len(running):
            found[row["key"]] = "running"
    assert found == example.truths["plan"]["cannot_fit"]


def test_skills_that_fall_short(example: Example) -> None:
    frame = example.sheet("plan-frame")[0]
    path = sorted((example.folder / "roster").glob("roster_*.csv"))[-1]
    heads = Counter[str]()
    for row in example.rows(f"roster/{path.name}"):
        if not row["end_date"] or row["end_date"] >= frame["start"]:
            best = max((part.split(":") for part in row["skills"].split(";")), key=lambda part: int(part[1]))
            heads[best[0]] += float(row["fte"])  # type: ignore[assignment]
    free = (
        1 - (frame["operations_share_low"] + 4 * frame["operations_share_likely"] + frame["operations_share_high"]) / 6
    )
    done = {row["key"]: row["done_share"] for row in example.sheet("initiative")}
    demand = Counter[str]()
    for row in example.sheet("effort"):
        demand[row["skill"]] += (
            (row["months_low"] + 4 * row["months_likely"] + row["months_high"]) / 6 * (1 - done[row["initiative"]])
        )
    short = {skill for skill in demand if demand[skill] > heads[skill] * free * 3 * frame["quarters"]}
    planted = example.truths["plan"]["skills"]
    assert short == {skill for skill, one in planted.items() if one["short"]}
    assert short
    for skill, one in planted.items():
        assert demand[skill] == pytest.approx(one["demand"], abs=0.01)


def test_the_programme_makes_economic_sense(example: Example) -> None:
    rows = example.sheet("initiative")
    effort = Counter[str]()
    for row in example.sheet("effort"):
        effort[row["initiative"]] += row["months_likely"]
    assert all(3 <= effort[row["key"]] <= 60 for row in rows)
    assert all(20_000 <= row["capital_likely"] <= 2_000_000 for row in rows)
    assert sum(row["capital_likely"] for row in rows) > sum(_quarters(example, "capital"))  # money binds
    assert 0.5 <= example.truths["plan"]["worth"]["share_worth_doing"] <= 0.7


def test_who_comes_goes_and_moves(later: Example) -> None:
    rosters = {
        path.stem: {row["key"]: row for row in later.rows(f"roster/{path.name}")}
        for path in sorted((later.folder / "roster").glob("roster_*.csv"))
    }
    first, second, third = (rosters[name] for name in sorted(rosters))
    people = later.truths["people"]
    assert sorted(third.keys() - first.keys()) == sorted(people["joins"])
    ended = {key for key in third if third[key]["end_date"] and not first.get(key, third[key])["end_date"]}
    assert ended == {one["staff"] for one in people["leaves"]}
    moved = {
        key: (first[key]["team"], second[key]["team"]) for key in first if first[key]["team"] != second[key]["team"]
    }
    assert moved == {people["moves"]["staff"]: (people["moves"]["from"], people["moves"]["to"])}
    key_person = next(one["staff"] for one in people["leaves"] if one["key"])
    assert key_person in {one["staff"] for one in people["irreplaceable"]}


def test_one_team_became_slower(later: Example) -> None:
    """Changes of the slowed team's system wait longer for production after the first collection; others' do not."""
    since, now = later.truths["first_collected"] + "T23:59:59Z", _now(later)
    slowed = later.truths["delivery"]["slowed"]["team"]
    owner = {e["metadata"]["name"]: e["spec"].get("owner") for e in later.entities()}
    after, before = Counter[str](), Counter[str]()
    for row in later.rows("deployments/*.csv"):
        if at(row["started"]) >= at(since) - YEAR and row["is_rework"] == "false":
            (after if row["started"] > since else before)[owner[row["system"]]] += 1
    days = (now - at(since)).days
    assert after[slowed] / days < 0.6 * before[slowed] / 365
    assert sum(after.values()) / days > 0.8 * sum(before.values()) / 365
