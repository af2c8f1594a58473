"""The planted truths, found again in the files by other means than those that planted them."""

import json
import re
import subprocess
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import yaml

from conftest import Example, at

YEAR = timedelta(days=365)


def _edges(example: Example) -> dict[str, set[str]]:
    """Who depends on whom by the catalogue: declared, or by an interface that the other provides."""
    entities = example.entities()
    name = {f"{e['kind'].lower()}:default/{e['metadata']['name']}": e["metadata"]["name"] for e in entities}
    provider = {face: e["metadata"]["name"] for e in entities for face in e["spec"].get("providesApis", ())}
    edges: dict[str, set[str]] = defaultdict(set)
    for entity in entities:
        own = edges[entity["metadata"]["name"]] if entity["kind"] in ("Component", "Resource") else set()
        own |= {name[other] for other in entity["spec"].get("dependsOn", ())}
        own |= {provider[face] for face in entity["spec"].get("consumesApis", ())}
    return edges


def _fallen(edges: dict[str, set[str]], group: dict[tuple[str, str], str], first: str) -> set[str]:
    """Everything that is down when one system is; a group holds as long as one member does."""
    down = {first}
    while True:
        more = set()
        for system, others in edges.items():
            alone = {other for other in others if (system, other) not in group}
            groups: dict[str, set[str]] = defaultdict(set)
            for other in others - alone:
                groups[group[system, other]].add(other)
            if alone & down or any(members <= down for members in groups.values()):
                more.add(system)
        if more <= down:
            return down
        down |= more


@pytest.mark.parametrize("critical", [3, 4])
def test_the_single_point_of_failure_takes_most_with_it(example: Example, critical: int) -> None:
    edges = _edges(example)
    group = {(row["system"], row["on"]): row["group"] for row in example.sheet("dependency")}
    grave = {row["key"] for row in example.sheet("system") if row["criticality"] >= critical}
    harm = {system: len(grave & _fallen(edges, group, system) - {system}) for system in edges}
    ranked = sorted(harm, key=lambda system: -harm[system])
    assert ranked[0] == example.truths["architecture"]["single_point_of_failure"]
    assert harm[ranked[0]] > harm[ranked[1]]
    doubled = {row["on"] for row in example.sheet("dependency")}
    assert all(harm[system] == 0 for system in doubled)


def _reachable(edges: dict[str, set[str]], start: str) -> set[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        for other in edges.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def test_the_cycles_are_those_planted(example: Example) -> None:
    edges = _edges(example)
    reach = {system: _reachable(edges, system) for system in edges}
    rings = {
        tuple(sorted(other for other in reach[system] if system in reach[other]))
        for system in edges
        if system in reach[system]
    }
    planted = example.truths["architecture"]
    assert rings == {tuple(planted["cycle_across_teams"]), tuple(planted["cycle_inside_a_team"])}
    owner = {e["metadata"]["name"]: e["spec"].get("owner") for e in example.entities()}
    assert len({owner[name] for name in planted["cycle_across_teams"]}) == 3
    assert len({owner[name] for name in planted["cycle_inside_a_team"]}) == 1


def test_systems_without_an_owner(example: Example) -> None:
    entities = example.entities()
    teams = {entity["metadata"]["name"] for entity in entities if entity["kind"] == "Group"}
    systems = {e["metadata"]["name"]: e["spec"]["owner"] for e in entities if e["kind"] in ("Component", "Resource")}
    assert {name: owner for name, owner in systems.items() if owner not in teams} == example.truths["architecture"][
        "ownerless"
    ]


def _touches(repository: Path) -> list[tuple[str, str, str]]:
    """(author's address, letter of the change, path) in the order of commits, as git itself tells it."""
    command = [
        "git",
        "--git-dir",
        str(repository),
        "log",
        "--reverse",
        "--no-renames",
        "--name-status",
        "--format=@%ae",
        "main",
    ]
    author, found = "", []
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        if line.startswith("@"):
            author = line[1:]
        elif line:
            letter, path = line.split("\t")
            found.append((author, letter, path))
    return found


def _truck_factor(touches: list[tuple[str, str, str]], ending: str) -> tuple[int, list[str]]:
    """Avelino and others (2016) over source files, written out: degree of authorship above 3.293 and 0.75 of the best."""
    maker: dict[str, str] = {}
    changes: dict[str, Counter[str]] = defaultdict(Counter)
    for author, letter, path in touches:
        if not path.endswith(ending) or path.startswith("tests/"):
            continue
        if letter == "A":
            maker[path] = author
            changes[path][author] += 0
        else:
            changes[path][author] += 1
    authors: dict[str, set[str]] = {}
    for path, counts in changes.items():
        total = sum(counts.values())
        degree = {
            who: 3.293 + 1.098 * (maker[path] == who) + 0.164 * n - 0.321 * log(1 + total - n)
            for who, n in counts.items()
        }
        authors[path] = {who for who, value in degree.items() if value >= 3.293 and value > 0.75 * max(degree.values())}
    taken: list[str] = []
    while 2 * sum(bool(some) for some in authors.values()) >= len(authors):
        held = Counter(who for some in authors.values() for who in some)
        taken.append(max(held, key=lambda who: (held[who], who)))
        authors = {path: some - {taken[-1]} for path, some in authors.items()}
    return len(taken), taken


@pytest.mark.parametrize("when", ["example", "later"])
def test_who_is_irreplaceable(when: str, request: pytest.FixtureRequest) -> None:
    example: Example = request.getfixturevalue(when)
    found = {}
    for stream in example.layout.streams:
        touches = _touches(stream.with_suffix(".git"))
        ending = Path(next(path for _, _, path in touches)).suffix
        found[stream.stem] = _truck_factor(touches, ending)
    planted = {system: one["email"] for one in example.truths["people"]["irreplaceable"] for system in one["systems"]}
    assert {system: holders[0] for system, (factor, holders) in found.items() if factor == 1} == planted
    assert all(factor >= 2 for system, (factor, _) in found.items() if system not in planted)


def test_the_bill_to_the_cent(later: Example) -> None:
    found: dict[str, dict[str, dict[str, Decimal]]] = {}
    for path in sorted((later.folder / "bill").glob("*.csv")):
        sums = found.setdefault(path.stem.removeprefix("focus-"), {"total": {}, "idle": {}, "untagged": {}})
        for row in later.rows(f"bill/{path.name}"):
            cost, currency = Decimal(row["EffectiveCost"]), row["BillingCurrency"]
            assert cost == Decimal(row["BilledCost"])
            counts = {"total": True, "idle": not Decimal(row["ConsumedQuantity"]), "untagged": not _tags(row["Tags"])}
            for name in (name for name, true in counts.items() if true):
                sums[name][currency] = sums[name].get(currency, Decimal(0)) + cost
    cents = {
        month: {name: {c: f"{v:.2f}" for c, v in sums.items()} for name, sums in some.items()}
        for month, some in found.items()
    }
    assert cents == later.truths["spending"]["by_month"]
    assert len(found) == 13


def _tags(text: str) -> dict[str, str]:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def test_the_anomalies_of_the_bill(later: Example) -> None:
    anomalies = later.truths["spending"]["anomalies"]
    assert [one["system"] for one in anomalies] == ["observability", "data-lake"]
    for one in anomalies:
        daily = {
            date.fromisoformat(row["ChargePeriodStart"][:10]): Decimal(row["EffectiveCost"])
            for row in later.rows("bill/*.csv")
            if row["ResourceName"] == one["resource"]
        }
        first, last = date.fromisoformat(one["first"]), date.fromisoformat(one["last"])
        usual = median(daily[first - timedelta(days=n)] for n in range(1, 29))
        hit = sorted(day for day, cost in daily.items() if cost > 3 * usual)
        assert (hit[0], hit[-1], len(hit)) == (first, last, (last - first).days + 1)
        assert sum((daily[day] - usual for day in hit), Decimal(0)) == pytest.approx(
            Decimal(one["excess"]), abs=Decimal("0.01")
        )


def _components(folder: Path) -> set[tuple[str, str, str, str]]:
    """(system, ecosystem, package, version) of every manifest."""
    found = set()
    for path in sorted(folder.glob("*/*")):
        system, text = path.parent.name, path.read_text()
        if path.name == "uv.lock":
            packages = [package for package in tomllib.loads(text)["package"] if "registry" in package["source"]]
            found |= {(system, "PyPI", package["name"], package["version"]) for package in packages}
        elif path.name == "package-lock.json":
            entries = json.loads(text)["packages"].items()
            found |= {
                (system, "npm", place.removeprefix("node_modules/"), entry["version"])
                for place, entry in entries
                if place
            }
        elif path.name == "go.mod":
            found |= {
                (system, "Go", name, version) for name, version in re.findall(r"^\t(\S+) v(\S+)", text, re.MULTILINE)
            }
        else:
            for purl in (component["purl"] for component in json.loads(text)["components"]):
                kind, name, version = re.fullmatch(r"pkg:(\w+)/(.+)@(.+)", purl).groups()  # type: ignore[union-attr]
                ecosystem = {"maven": "Maven", "npm": "npm", "pypi": "PyPI"}.get(kind, kind)
                found.add((system, ecosystem, name.replace("/", ":") if kind == "maven" else name, version))
    return found


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


@pytest.mark.parametrize("when", ["example", "later"])
def test_which_advisories_hit(when: str, request: pytest.FixtureRequest) -> None:
    example: Example = request.getfixturevalue(when)
    found = set()
    for path in (example.folder / "advisories").glob("*.json"):
        try:
            advisory = json.loads(path.read_text())
        except ValueError:
            continue
        affected = advisory["affected"][0]
        events = {name: value for event in affected["ranges"][0]["events"] for name, value in event.items()}
        for system, ecosystem, name, version in _components(example.folder / "dependencies"):
            same = (ecosystem, name) == (affected["package"]["ecosystem"], affected["package"]["name"])
            fixed = "fixed" in events and _number(version) >= _number(events["fixed"])
            if same and "withdrawn" not in advisory and _number(version) >= _number(events["introduced"]) and not fixed:
                found.add((advisory["id"], system, name, version))
    planted = {
        (one["advisory"], one["system"], one["package"], one["version"].removeprefix("v"))
        for one in example.truths["components"]["advisories"]
    }
    assert found == planted
    assert len(found) == (13 if when == "example" else 14)


def test_what_has_ended(example: Example) -> None:
    today = date.fromisoformat(example.truths["collected"])
    found = set()
    for path in (example.folder / "end-of-life").glob("*.yaml"):
        page: dict[str, Any] = yaml.safe_load(path.read_text())
        package = page["identifiers"][0]["purl"].replace("%40", "@")
        for system, ecosystem, name, version in _components(example.folder / "dependencies"):
            if package != f"pkg:{ecosystem.lower()}/{name.replace(':', '/')}":
                continue
            cycles = [
                r
                for r in page["releases"]
                if _number(version)[: len(_number(r["releaseCycle"]))] == _number(r["releaseCycle"])
            ]
            found |= {(system, path.stem, version, str(cycle["eol"])) for cycle in cycles if cycle["eol"] < today}
    planted = {
        (one["system"], one["product"], one["version"], one["ended"]) for one in example.truths["components"]["ended"]
    }
    assert found == planted
    assert len(found) >= 15


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
    today = example.truths["collected"]
    path = sorted((example.folder / "roster").glob("roster_*.csv"))[-1]
    heads = Counter[str]()
    for row in example.rows(f"roster/{path.name}"):
        if row["start_date"] <= today and (not row["end_date"] or row["end_date"] >= today):
            best = max((part.split(":") for part in row["skills"].split(";")), key=lambda part: int(part[1]))
            heads[best[0]] += float(row["fte"])  # type: ignore[assignment]
    frame = example.sheet("plan-frame")[0]
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
