"""Deployments and incidents: what went to production when, what it broke, and what else went wrong."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random

from quarterdeck.sample.causes import CAUSES
from quarterdeck.sample.chance import Span, chance, count, days, midnight, moment, weighted, written
from quarterdeck.sample.histories import Commit
from quarterdeck.sample.systems import SYSTEM, SYSTEMS
from quarterdeck.sample.teams import TEAM
from quarterdeck.sample.trackers import SLOWER
from quarterdeck.sample.writing import Cell, lines, table

# system → days between deployments to production, share of them that fail
RHYTHM = {
    "payment-gateway": (4.0, 0.08),
    "token-vault": (11.0, 0.05),
    "clearing-engine": (15.0, 0.16),
    "settlement-batch": (17.0, 0.13),
    "ledger-core": (9.0, 0.09),
    "fraud-scoring": (5.0, 0.05),
    "order-hub": (4.5, 0.24),
    "route-optimiser": (8.0, 0.10),
    "warehouse-control": (7.0, 0.11),
    "customs-gateway": (21.0, 0.19),
    "merchant-portal": (2.5, 0.06),
    "driver-app": (10.0, 0.09),
    "event-bus-hamburg": (12.0, 0.06),
    "pricing-engine": (9.0, 0.14),
    "checkout-api": (6.0, 0.07),
    "shipment-tracking": (8.0, 0.09),
    "merchant-profile": (7.0, 0.05),
    "identity-hamburg": (14.0, 0.04),
    "data-lake": (9.0, 0.10),
    "driver-dispatch": (8.0, 0.12),
}
REPEATED = ("expired certificate", "证书过期")  # one cause, again and again, on systems of several teams
REPEATED_ON = (  # in the order of time, ten weeks apart
    "edge-suzhou",
    "customs-gateway",
    "bank-connect",
    "edge-suzhou",
    "bank-connect",
    "customs-gateway",
    "bank-connect",
    "bank-connect",
    "bank-connect",
)
_BROKEN = (
    ("answers with errors", "返回错误"),
    ("is slow", "响应缓慢"),
    ("shows stale data", "显示过期数据"),
    ("rejects valid requests", "拒绝有效请求"),
    ("is down", "不可用"),
)


@dataclass(frozen=True)
class Deployment:
    """One deployment to production. commits: how many of its system's commits are in production after it."""

    name: str
    system: str
    commit: str
    commits: int
    started: datetime
    finished: datetime
    result: str
    incident: str
    rework: bool
    wrong: bool = False


@dataclass(frozen=True)
class Incident:
    """One incident; deployment: the one that caused it, empty if none did."""

    name: str
    system: str
    title: str
    started: datetime
    detected: datetime
    resolved: datetime
    severity: str
    category: str
    cause: str
    deployment: str
    cost: str
    wrong: bool = False


@dataclass(frozen=True)
class Operations:
    """Everything that happened in operation, in the order of time."""

    deployments: tuple[Deployment, ...]
    incidents: tuple[Incident, ...]


def operations(seed: int, time: Span, commits: dict[str, list[Commit]]) -> Operations:
    """Deployments of the systems that are deployed, the incidents they caused, and the others."""
    deployments: list[Deployment] = []
    incidents: list[Incident] = []
    for system in RHYTHM:
        own, broken = _of_system(system, seed, time, commits.get(system, []))
        deployments += own
        incidents += broken
    incidents += _others(seed, time) + _repeated(seed, time)
    incidents.sort(key=lambda incident: (incident.started, incident.system))
    named = {incident.name: f"INC-{place:04d}" for place, incident in enumerate(incidents, 1)}
    deployments.sort(key=lambda deployment: (deployment.started, deployment.name))
    deployments = [replace(one, incident=named.get(one.incident, "")) for one in deployments]
    incidents = [replace(one, name=named[one.name]) for one in incidents]
    hour = timedelta(hours=1)
    place = _slipping([one.system for one in deployments])
    deployments[place] = replace(deployments[place], finished=deployments[place].started - hour, wrong=True)
    place = _slipping([one.system for one in incidents])
    incidents[place] = replace(incidents[place], resolved=incidents[place].started - hour, wrong=True)
    return Operations(tuple(deployments), tuple(incidents))


def _slipping(systems: Sequence[str]) -> int:
    """Place of the one deployment, and of the one incident, that was over before it began, as such files have them."""
    return next(number for number, system in enumerate(systems) if number > 60 and "merchant" in system)


def _of_system(
    system: str, seed: int, time: Span, commits: Sequence[Commit]
) -> tuple[list[Deployment], list[Incident]]:
    random = chance(seed, "operations", system)
    every, fails = RHYTHM[system]
    place = TEAM[SYSTEM[system].owner].place
    times = [one.committed for one in commits]
    deployments: list[Deployment] = []
    incidents: list[Incident] = []
    day, credit = time.start + timedelta(days=14), 0.5
    while day <= time.until:
        slow = SYSTEM[system].owner == SLOWER and day > time.today
        if day.weekday() < 4:
            credit += 1.75 / every / (3 if slow else 1)
        if day.weekday() < 4 and random.random() < credit:
            credit -= 1
            started = moment(day, random, place, 10, 16)
            made, broken = _deploy(system, len(deployments) + 1, started, times, commits, fails, random)
            deployments += made
            incidents += broken
        day += timedelta(days=1)
    return deployments, incidents


def _deploy(
    system: str,
    number: int,
    started: datetime,
    times: list[datetime],
    commits: Sequence[Commit],
    fails: float,
    random: Random,
) -> tuple[list[Deployment], list[Incident]]:
    """One deployment; where it fails, the incident, and mostly a second deployment that mends it."""
    held = bisect_right(times, started - timedelta(minutes=30))
    name = commits[held - 1].name if held else ""
    finished = started + timedelta(minutes=random.randint(4, 40))
    code = f"D-{system}-{number:04d}"
    if random.random() >= fails:
        return [Deployment(code, system, name, held, started, finished, "success", "", False)], []
    incident = _broken(system, f"?{code}", finished + timedelta(minutes=random.randint(2, 90)), random, code)
    made = [Deployment(code, system, name, held, started, finished, "success", incident.name, False)]
    if random.random() < 0.6:
        again = incident.resolved - timedelta(minutes=random.randint(5, 15))
        made.append(
            Deployment(
                f"D-{system}-{number + 1:04d}",
                system,
                name,
                held,
                again,
                again + timedelta(minutes=4),
                "success",
                "",
                True,
            )
        )
    return made, [incident]


def _broken(
    system: str,
    name: str,
    started: datetime,
    random: Random,
    deployment: str = "",
    cause: tuple[str, str] = ("change", "fault in new version"),
) -> Incident:
    severity = weighted(random, (("SEV1", 0.08), ("SEV2", 0.27), ("SEV3", 0.45), ("SEV4", 0.20)))
    detected = started + timedelta(minutes=int(1 + random.expovariate(1 / 14)))
    minutes = {"SEV1": 150, "SEV2": 110, "SEV3": 160, "SEV4": 300}[severity] * random.lognormvariate(0, 0.6)
    en, zh = random.choice(_BROKEN)
    subject = SYSTEM[system]
    title = f"{subject.zh}{zh}" if TEAM[subject.owner].place != "Hamburg" else f"{subject.en} {en}"
    worth = (
        {"SEV1": 42_000, "SEV2": 9_500, "SEV3": 1_400, "SEV4": 0}[severity]
        * random.lognormvariate(0, 0.7)
        * subject.criticality
        / 4
    )
    resolved = detected + timedelta(minutes=int(minutes) + 20)
    return Incident(
        name, system, title, started, detected, resolved, severity, *cause, deployment, f"{worth:.2f}" if worth else ""
    )


def _others(seed: int, time: Span) -> list[Incident]:
    """Incidents that no deployment caused."""
    random = chance(seed, "incidents")
    owned = [(system.key, float(system.criticality)) for system in SYSTEMS if system.owner in TEAM]
    turns = {category: cycle(causes) for category, _, causes in CAUSES}
    found: list[Incident] = []
    for day in days(time.start, time.until):
        for _ in range(count(random, 0.16)):
            started = moment(day, random, "Hamburg", 0, 24)
            category = weighted(random, [(category, share) for category, share, _ in CAUSES])
            system = weighted(random, owned)
            cause = next(turns[category])[TEAM[SYSTEM[system].owner].place != "Hamburg"]
            found.append(_broken(system, f"?o{day}{len(found)}", started, random, cause=(category, cause)))
    return found


def _repeated(seed: int, time: Span) -> list[Incident]:
    """The same cause nine times in the two years before the first collection."""
    random = chance(seed, "repeated")
    found = []
    for place, system in enumerate(REPEATED_ON):
        day = time.start + timedelta(days=50 + place * 74 + random.randint(0, 30))
        cause = REPEATED[TEAM[SYSTEM[system].owner].place != "Hamburg"]
        incident = _broken(
            system, f"?r{place}", moment(day, random, "Hamburg", 0, 24), random, cause=("configuration", cause)
        )
        found.append(
            replace(
                incident, title=f"{incident.title} (TLS)", severity="SEV2", cost=f"{random.uniform(6_000, 24_000):.2f}"
            )
        )
    return found


DEPLOYED = (
    "deployment",
    "system",
    "repository",
    "environment",
    "commit",
    "started",
    "finished",
    "result",
    "caused_incident",
    "is_rework",
)
HAPPENED = (
    "incident",
    "system",
    "title",
    "started",
    "detected",
    "resolved",
    "status",
    "severity",
    "cause_category",
    "cause",
    "caused_by_deployment",
    "cost_eur",
)


def write(folder: Path, found: Operations, on: date) -> list[tuple[str, str, int]]:
    """Deployments by year as CSV, incidents by year as JSON Lines. Returns reader, file and line of each slip."""
    now = midnight(on) + timedelta(days=1)
    slips: list[tuple[str, str, int]] = []
    incidents = [one for one in found.incidents if one.started <= now]
    known = {one.name for one in incidents}
    for year in sorted({one.started.year for one in found.deployments if one.started <= now}):
        own = [one for one in found.deployments if one.started <= now and one.started.year == year]
        path = table(
            folder / "deployments" / f"deployments-{year}.csv", DEPLOYED, [_deployed(one, known) for one in own]
        )
        slips += [("deployments", path.name, number) for number, one in enumerate(own, 2) if one.wrong]
        happened = [one for one in incidents if one.started.year == year]
        path = lines(
            folder / "incidents" / f"incidents-{year}.jsonl", HAPPENED, [_happened(one, now) for one in happened]
        )
        slips += [("incidents", path.name, number) for number, one in enumerate(happened, 1) if one.wrong]
    return slips


def _deployed(one: Deployment, known: set[str]) -> tuple[Cell, ...]:
    repository = one.system if one.commit else ""
    caused = one.incident if one.incident in known else ""
    rework = "true" if one.rework else "false"
    return (
        one.name,
        one.system,
        repository,
        "production",
        one.commit,
        written(one.started),
        written(one.finished),
        one.result,
        caused,
        rework,
    )


def _happened(one: Incident, now: datetime) -> tuple[Cell, ...]:
    over = one.resolved <= now
    return (
        one.name,
        one.system,
        one.title,
        written(one.started),
        written(one.detected),
        written(one.resolved) if over else "",
        "resolved" if over else "open",
        one.severity,
        one.category,
        one.cause,
        one.deployment,
        one.cost if over else "",
    )
