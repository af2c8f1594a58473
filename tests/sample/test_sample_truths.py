"""The planted truths of people, systems and spending, found again by other means than those that planted them."""

import json
import re
import subprocess
import tomllib
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import log
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import yaml
from company_files import Example


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
    """Avelino and others (2016) over source files: degree of authorship above 3.293 and 0.75 of the best."""
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
