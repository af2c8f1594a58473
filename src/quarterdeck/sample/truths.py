"""What is really so in the example company: for tests to hold answers against, read by no analysis."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from quarterdeck.sample import (
    bills,
    failures,
    histories,
    intentions,
    manifests,
    money,
    operations,
    parts,
    practice,
    risks,
    systems,
    trackers,
)
from quarterdeck.sample.bills import Sums
from quarterdeck.sample.chance import Span, midnight, month_after
from quarterdeck.sample.histories import Commit
from quarterdeck.sample.operations import Deployment, Operations
from quarterdeck.sample.people import LEFT_BEHIND, Personnel
from quarterdeck.sample.practice import Review
from quarterdeck.sample.writing import Plain, document

GRAVE = 3  # criticality from which a failure stops work
YEAR, HALF_YEAR = timedelta(days=365), timedelta(weeks=26)
SOON = 365  # days within which support ends for it to be planned now


@dataclass(frozen=True)
class Slip:
    """One thing that a reader must name as a problem: the reader, the file, the line it gives, and what is wrong."""

    reader: str
    file: str
    line: int
    what: str


@dataclass(frozen=True)
class Written:
    """What one collection was written from, and when it was taken."""

    seed: int
    time: Span
    on: date
    people: Personnel
    commits: dict[str, list[Commit]]
    operations: Operations
    reviews: Sequence[Review]
    bills: dict[date, Sums]
    slips: Sequence[Slip]


def write(path: Path, written: Written) -> None:
    """The file of truths."""
    truths: dict[str, Plain] = {
        "note": "What is planted in this example. No reader and no analysis reads this file.",
        "seed": written.seed,
        "collected": f"{written.on}",
        "first_collected": f"{written.time.today}",
        "people": _people(written),
        "architecture": _architecture(),
        "spending": _spending(written),
        "components": _components(written),
        "delivery": _delivery(written),
        "incidents": _incidents(written),
        "controls": _controls(written),
        "plan": _plan(written),
        "problems": [{"reader": s.reader, "file": s.file, "line": s.line, "what": s.what} for s in written.slips],
    }
    document(path, truths)


def _is_later(written: Written) -> bool:
    return written.on > written.time.today


def _people(written: Written) -> Plain:
    people = written.people
    who = {person.key: person for person in people.staff}
    alone: dict[str, list[str]] = {}
    for system, key in sorted(people.irreplaceable.items()):
        alone.setdefault(key, []).append(system)
    key_person = people.irreplaceable[LEFT_BEHIND]
    later = _is_later(written)
    leaves: list[Plain] = [{"staff": people.leaver, "last_day": f"{who[people.leaver].end}", "key": False}]
    for staff in (key_person, people.follower) if later else ():
        leaves.append({"staff": staff, "last_day": f"{people.last_day}", "key": staff == key_person})
    return {
        "employed": sum(person.works(written.on) for person in people.staff),
        "irreplaceable": [
            {"staff": key, "name": who[key].name, "email": who[key].email, "systems": list(some), "truck_factor": 1}
            for key, some in sorted(alone.items())
        ],
        "leaves": leaves,
        "moves": {"staff": people.mover, "from": people.moved_from, "to": who[people.mover].team},
        "hotspots": {shape.system: shape.hot for shape in histories.SHAPES if shape.hot},
        "joins": [people.joiner, *([people.later_joiner] if later else [])],
    }


def _architecture() -> Plain:
    return {
        "single_point_of_failure": systems.SINGLE_POINT,
        "looks_like_one_but_is_doubled": sorted(name for name, _ in systems.PAIRS),
        "cycle_across_teams": list(systems.CYCLE),
        "cycle_inside_a_team": list(systems.CYCLE_INSIDE),
        "one_vendor_behind_both_key_modules": "siegelhof",
        "ownerless": dict(systems.OWNERLESS),
        "critical_on_less_critical": list(systems.WEAK),
        "falls_rule": "Systems of criticality 3 or more that fail when a system does, or all that a vendor supplies.",
        "falls_with_system": dict(failures.falls_with_system(GRAVE)),
        "falls_with_vendor": dict(failures.falls_with_vendor(GRAVE)),
    }


def _cents(sums: dict[str, Decimal]) -> Plain:
    return {currency: f"{amount:.2f}" for currency, amount in sorted(sums.items())}


def _spending(written: Written) -> Plain:
    months: Plain = {
        f"{month:%Y-%m}": {"total": _cents(sums.total), "idle": _cents(sums.idle), "untagged": _cents(sums.untagged)}
        for month, sums in written.bills.items()
    }
    anomalies = [_anomaly(written, one) for one in (bills.ANOMALY, bills.LATER_ANOMALY)]
    return {
        "rule": "Effective cost. Idle: a cost with nothing consumed. Untagged: no readable tag.",
        "by_month": months,
        "idle_resources": sorted(bills.IDLE),
        "untagged_resources": sorted(bills.UNTAGGED),
        "anomalies": [one for one in anomalies if one],
    }


def _anomaly(written: Written, planted: tuple[str, str, int, int, int, Decimal]) -> Plain:
    """The days it lasted as far as they are billed, and what they cost beyond the median of the four weeks before."""
    system, resource = planted[0], f"{planted[0]}-{planted[1]}"
    costs = {day: cost for sums in written.bills.values() for day, cost in sums.anomaly.get(resource, {}).items()}
    hit = [day for day in bills.unusual_days(planted, written.time) if day in costs]
    if not hit:
        return None
    usual = [costs[day] for n in range(1, 29) if (day := hit[0] - timedelta(days=n)) in costs]
    excess = sum((costs[day] - median(usual) for day in hit), Decimal(0))
    return {
        "resource": resource,
        "system": system,
        "first": f"{hit[0]}",
        "last": f"{hit[-1]}",
        "excess": f"{excess:.2f}",
    }


def _components(written: Written) -> Plain:
    known = manifests.known(written.on, written.time)
    ended = parts.ended(written.on, written.seed)
    ending = [one for one in parts.ended(written.on + timedelta(days=SOON), written.seed) if one not in ended]
    return {
        "advisories": [
            {"advisory": name, "system": system, "package": package, "version": version}
            for name, system, package, version in parts.hits(written.seed, known)
        ],
        "ended": [_life(one, "ended") for one in ended],
        "ends_within_a_year": [_life(one, "ends") for one in ending],
        "withdrawn": [one.name for one in known if one.withdrawn],
    }


def _life(one: tuple[str, str, str, str, date], word: str) -> Plain:
    system, product, cycle, version, day = one
    return {"system": system, "product": product, "cycle": cycle, "version": version, word: f"{day}"}


def _past(written: Written) -> list[Deployment]:
    now = midnight(written.on) + timedelta(days=1)
    return [one for one in written.operations.deployments if one.started <= now]


def _delivery(written: Written) -> Plain:
    """By system: deployments, those that failed, rework; how long changes waited and how long it took to recover."""
    now = midnight(written.on) + timedelta(days=1)
    found: dict[str, Plain] = {}
    for system in operations.RHYTHM:
        own = [one for one in _past(written) if one.system == system]
        commits = written.commits.get(system, [])
        half = [one for one in own if one.finished >= now - HALF_YEAR]
        found[system] = {
            **_counted([one for one in own if one.started >= now - YEAR]),
            "planted_fail_rate": operations.RHYTHM[system][1],
            "lead_time_hours": _lead(own, commits, now - YEAR),
            "half_year": {
                **_counted(half),
                "lead_time_hours": _lead(own, commits, now - HALF_YEAR),
                "recovery_hours": _recovery(written, half),
            },
        }
    slowed: Plain = {"team": operations.SLOWER, "since": f"{written.time.today}"} if _is_later(written) else None
    rule = "The year up to the collection; half_year: its last 26 weeks. Times are medians."
    kept = sum(share for sort, (_zh, share, _points) in trackers.TYPES.items() if sort in trackers.UPKEEP)
    return {"rule": rule, "by_system": found, "slowed": slowed, "operations_share": round(kept, 2)}


def _counted(some: Sequence[Deployment]) -> dict[str, Plain]:
    return {
        "deployments": len(some),
        "failed": sum(bool(one.incident) for one in some),
        "rework": sum(one.rework for one in some),
    }


def _recovery(written: Written, some: Sequence[Deployment]) -> float | None:
    """Median hours from the beginning to the end of the incidents that deployments caused."""
    caused = {one.incident for one in some}
    now = midnight(written.on) + timedelta(days=1)
    ended = [
        one for one in written.operations.incidents if one.name in caused and not one.wrong and one.resolved <= now
    ]
    hours = [(one.resolved - one.started).total_seconds() / 3600 for one in ended]
    return round(median(hours), 2) if hours else None


def _lead(own: Sequence[Deployment], commits: Sequence[Commit], since: datetime) -> float | None:
    """Median hours from the writing of a commit to the end of the first deployment with it, of those since a moment."""
    hours, held = [], 0
    for one in own:
        if held and one.finished >= since:  # the first deployment carries all that was written before records began
            hours += [(one.finished - each.authored).total_seconds() / 3600 for each in commits[held : one.commits]]
        held = max(held, one.commits)
    return round(median(hours), 2) if hours else None


def _incidents(written: Written) -> Plain:
    now = midnight(written.on) + timedelta(days=1)
    past = [one for one in written.operations.incidents if one.started <= now]
    repeated = [one for one in past if one.cause in operations.REPEATED]
    year = [one for one in past if not one.wrong and one.started >= now - YEAR]
    costs = sum((Decimal(one.cost) for one in past if one.cost and one.resolved <= now), Decimal(0))
    return {
        "count": len(past),
        "cost_eur": f"{costs:.2f}",
        "by_category": dict(sorted(Counter(one.category for one in past).items())),
        "repeated_cause": {
            "words": list(operations.REPEATED),
            "incidents": [one.name for one in repeated],
            "in_a_year": [one.name for one in repeated if one in year],
        },
        "of_deployments_in_a_year": dict(sorted(Counter(one.system for one in year if one.deployment).items())),
    }


def _controls(written: Written) -> Plain:
    now = midnight(written.on) + timedelta(days=1)
    past = [one for one in written.reviews if one.merged <= now]
    found: dict[str, Plain] = {}
    for shape in histories.SHAPES:
        own = [one for one in past if one.repository == shape.system]
        found[shape.system] = {
            "changes": len(own),
            "seen_by_nobody": [one.commit for one in own if one.kind == "unseen"],
            "approved_by_author": [one.commit for one in own if one.kind == "own"],
        }
    return {
        "reviews": found,
        "never_restored": sorted(practice.UNTESTED),
        "copies_fail": practice.FAILING,
    }


def _plan(written: Written) -> Plain:
    outcomes = money.outcomes(written.seed, written.time)
    demand = Counter[str]()
    for one in intentions.INITIATIVES:
        for skill, months in one.efforts:
            demand[skill] += intentions.mean(intentions.effort(months)) * (1 - one.done)  # type: ignore[assignment]
    heads = Counter[str]()
    start = money.plan_start(written.time)
    for person in written.people.staff:
        if person.works(start) and person.start <= written.time.today:
            heads[person.skills[0][0]] += person.fte  # type: ignore[assignment]
    share = 1 - intentions.mean(money.OPERATIONS)
    supply = {skill: heads[skill] * share * money.QUARTERS * 3 for skill in demand}
    worth = {one.key: intentions.worth(one) for one in intentions.INITIATIVES}
    return {
        "estimates": {
            "planted_median": {name: value[0] for name, value in money.TRUE_BIAS.items()},
            "recorded_median": {name: round(value, 4) for name, value in money.median_bias(outcomes).items()},
        },
        "cannot_fit": dict(intentions.CANNOT_FIT),
        "promised": [_promise(one, written.time) for one in intentions.INITIATIVES if one.mandate is not None],
        "moved": _moved(written) if _is_later(written) else {},
        "re_estimated": {key: list(months) for key, months in intentions.RE_ESTIMATED.items()}
        if _is_later(written)
        else {},
        "skills": {
            skill: {
                "demand": round(demand[skill], 2),
                "supply": round(supply[skill], 2),
                "short": demand[skill] > supply[skill],
            }
            for skill in sorted(demand)
        },
        "worth": {
            "rule": "Net present value at the means, started at once, own people priced; goals and losses left out.",
            "by_initiative": {key: round(value) for key, value in sorted(worth.items())},
            "share_worth_doing": round(sum(value > 0 for value in worth.values()) / len(worth), 3),
        },
        "expected_loss_scenarios": len(risks.SCENARIOS),
    }


def _promise(one: intentions.Initiative, time: Span) -> Plain:
    by = month_after(money.plan_start(time), one.mandate or 0)
    return {"initiative": one.key, "to": intentions.PROMISED[one.key], "by": f"{by}"}


def _moved(written: Written) -> Plain:
    """What differs from the first collection of all that a plan is made over, and nothing else does."""
    people = written.people
    skill = {person.key: person.skills[0][0] for person in people.staff}
    who = [people.irreplaceable[LEFT_BEHIND], people.follower, people.later_joiner]
    return {
        "people": sorted(who),
        "skills": sorted({skill[key] for key in who}),
        "durations": sorted(intentions.RE_ESTIMATED),
        "measured": sorted(one.key for one in intentions.RESULTS if one.key not in intentions.FIGURES),
        "rates": sorted({rate.currency for rate in money.rates(written.seed, written.time, written.on)}),
    }
