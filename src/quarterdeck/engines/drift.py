"""How far has a plan drifted from what was approved, beyond what chance explains, and which inputs moved it?

Method: the approved plan is looked ahead on again over today's programme, with the same keyed draws as at its
approval, so that the paired difference is what moved and not chance; then each group of inputs is moved alone from
what it was to what it is, and within a group each changed record alone: in a large group every record over a few trials
first, then those over all trials that moved most. Source: one-at-a-time differences under common random numbers
(Glasserman and Yao, 1992, "Some guidelines and guarantees for common random numbers", Management Science 38). Limits:
what groups do together is shown as the rest, not shared out; the plan is held fixed, so what choosing again would gain
is not in it; a record whose effect is rare may be missed among many.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from quarterdeck.engines import outlook
from quarterdeck.engines.outlook.result import Change, Difference, Shift
from quarterdeck.engines.programme import Plan, Programme

VERSION = "3"

_INITIATIVE = {
    "estimates": (
        "duration",
        "efforts",
        "profile",
        "capital",
        "running",
        "benefit",
        "ramp",
        "benefit_months",
        "contributions",
        "controls",
    ),
    "decisions": ("earliest", "latest", "mandate", "predecessors", "excludes", "pin"),
    "evidence": ("started", "done"),
}
_KEY_RESULT = {"evidence": ("today", "drift", "drift_error"), "decisions": ("goal", "weight", "target", "due")}
_PROGRAMME = {
    "staff": ("skills", "routes", "contractors"),
    "money": ("capital", "running", "carry_over", "discount"),
    "evidence": ("scenarios", "effort_bias", "duration_bias", "benefit_bias"),
    "rules": ("appetite", "correlation", "most_at_once"),
}
GROUPS = ("evidence", "staff", "estimates", "money", "decisions", "rules")


@dataclass(frozen=True)
class Inputs:
    """The programme as it was approved and as it is today, and the approved plan."""

    before: Programme
    after: Programme
    plan: Plan
    trials: int = 4_000
    most_records: int = 8  # records of a group that are shown moved alone
    first_trials: int = 200  # over which all records of a larger group are moved alone, to find those

    def __post_init__(self) -> None:
        if (self.before.start, self.before.quarters, self.before.seed) != (
            self.after.start,
            self.after.quarters,
            self.after.seed,
        ):
            raise ValueError("the two programmes must span the same quarters and share their seed")


@dataclass(frozen=True)
class Effect:
    """What moved when some inputs moved: the second outlook less the first, paired by trial."""

    value: Change  # net present value
    losses: Change
    met: tuple[Change, ...]  # a key result each: change of its chance
    finishes: tuple[Shift, ...]  # an initiative each: change of its finish, in months


@dataclass(frozen=True)
class Moved:
    """One record moved alone. sort: initiative, key-result, skill, scenario, …"""

    sort: str
    key: str
    effect: Effect


@dataclass(frozen=True)
class Group:
    """One group of inputs moved alone, and its changed records moved alone, the largest effect on value first."""

    name: str
    changed: tuple[str, ...]  # sort:key of every record that differs
    effect: Effect
    records: tuple[Moved, ...]


@dataclass(frozen=True)
class Goal:
    """A key result's chance at approval and now; drifted only where the paired interval leaves zero out."""

    key_result: str
    before: float | None
    after: float | None
    change: Change
    drifted: bool


@dataclass(frozen=True)
class Finish:
    """An initiative's mean finish at approval and now, in months from the start, in the trials in which both finish."""

    initiative: str
    before: float | None
    after: float | None
    change: Shift
    drifted: bool


@dataclass(frozen=True)
class Checks:
    """How far the answer can be trusted."""

    trials: int
    rest: Change  # the change of value that no group alone explains
    dropped: tuple[str, ...]  # initiatives of the plan that are no longer in the programme


@dataclass(frozen=True)
class Result:
    """The drift of a plan and its causes."""

    total: Effect
    goals: tuple[Goal, ...]
    finishes: tuple[Finish, ...]
    groups: tuple[Group, ...]
    checks: Checks


def explain(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """Look ahead on the plan before and now, then once for each thing that moved."""
    report = progress or (lambda part: None)
    base = _look(inputs, inputs.before)
    now = _look(inputs, inputs.after)
    total = outlook.difference(base, now)
    report(0.3)
    groups = []
    for place, name in enumerate(GROUPS):
        moved = move(inputs.before, inputs.after, name)
        if moved != inputs.before:
            groups.append(_group(inputs, base, name, moved))
        report(0.3 + 0.7 * (place + 1) / len(GROUPS))
    explained = sum(group.effect.value.mean for group in groups)
    rest = replace(
        total.net_present_value,
        name="rest",
        mean=total.net_present_value.mean - explained,
        low=total.net_present_value.low - explained,
        high=total.net_present_value.high - explained,
    )
    kept = {initiative.key for initiative in inputs.after.initiatives}
    dropped = tuple(start.initiative for start in inputs.plan.starts if start.initiative not in kept)
    return Result(
        _effect(total),
        _goals(base, now, total),
        _finishes(total),
        tuple(groups),
        Checks(inputs.trials, rest, dropped),
    )


def _sound(programme: Programme) -> Programme:
    """The programme without links to records that it does not hold: a group moved alone may leave behind what another
    group brings or takes away."""
    scenarios, results = {s.key for s in programme.scenarios}, {r.key for r in programme.key_results}
    skills, known = {s.key for s in programme.skills}, {i.key for i in programme.initiatives}
    return replace(
        programme,
        initiatives=tuple(
            replace(
                one,
                efforts=tuple(part for part in one.efforts if part.skill in skills),
                contributions=tuple(part for part in one.contributions if part.key_result in results),
                controls=tuple(part for part in one.controls if part.scenario in scenarios),
                predecessors=tuple(part for part in one.predecessors if part.initiative in known),
            )
            for one in programme.initiatives
        ),
        routes=tuple(route for route in programme.routes if route.skill in skills),
        contractors=tuple(some for some in programme.contractors if some.skill in skills),
    )


def _look(inputs: Inputs, programme: Programme, trials: int | None = None) -> outlook.Result:
    programme = _sound(programme)
    keys = {initiative.key for initiative in programme.initiatives}
    routes = {route.key for route in programme.routes}
    skills = {contractor.skill for contractor in programme.contractors}
    plan = Plan(
        tuple(start for start in inputs.plan.starts if start.initiative in keys),
        tuple(hires for hires in inputs.plan.hires if hires.route in routes),
        tuple(bought for bought in inputs.plan.bought if bought.skill in skills),
    )
    return outlook.look_ahead(
        outlook.Inputs(programme, plan, trials=trials or inputs.trials, keep_trials=True, keep_finishes=True)
    )


def _effect(difference: Difference) -> Effect:
    return Effect(difference.net_present_value, difference.losses, difference.met, difference.finishes)


def move(before: Programme, after: Programme, group: str) -> Programme:
    """The programme as it was, but for one group of inputs, which is as it is now."""
    changes: dict[str, Any] = {name: getattr(after, name) for name in _PROGRAMME.get(group, ())}
    changes["initiatives"] = _mixed(
        before.initiatives, after.initiatives, _INITIATIVE.get(group, ()), whole=group == "decisions"
    )
    changes["key_results"] = _mixed(
        before.key_results, after.key_results, _KEY_RESULT.get(group, ()), whole=group == "decisions"
    )
    return replace(before, **changes)


def _mixed(before: tuple[Any, ...], after: tuple[Any, ...], names: tuple[str, ...], *, whole: bool) -> tuple[Any, ...]:
    """Records as they were with some fields as they are; with `whole` the set of records is as it is, too."""
    old, new = {record.key: record for record in before}, {record.key: record for record in after}
    order = new if whole else old
    return tuple(
        replace(old[key], **{name: getattr(new[key], name) for name in names})
        if key in old and key in new
        else order[key]
        for key in order
    )


def changed(before: Programme, after: Programme) -> tuple[tuple[str, str], ...]:
    """(sort, key) of every record that differs, and (programme, field) of what belongs to no record."""
    found: list[tuple[str, str]] = []
    for sort, name in _RECORDS:
        old = {_key(record): record for record in getattr(before, name)}
        new = {_key(record): record for record in getattr(after, name)}
        found += [(sort, key) for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    plain = {field.name for field in fields(Programme)} - {name for _, name in _RECORDS}
    found += [("programme", name) for name in sorted(plain) if getattr(before, name) != getattr(after, name)]
    return tuple(found)


_RECORDS = (
    ("initiative", "initiatives"), ("key-result", "key_results"), ("skill", "skills"), ("hiring-route", "routes"),
    ("contractor", "contractors"), ("scenario", "scenarios"),
)  # fmt: skip


def _key(record: object) -> str:
    return str(getattr(record, "key", None) or getattr(record, "skill"))  # noqa: B009 — contractors are known by their skill


def _alone(before: Programme, moved: Programme, sort: str, key: str) -> Programme:
    """The programme as it was, but for one record."""
    if sort == "programme":
        return replace(before, **{key: getattr(moved, key)})
    name = dict(_RECORDS)[sort]
    old, new = {_key(r): r for r in getattr(before, name)}, {_key(r): r for r in getattr(moved, name)}
    records = [new.get(k) if k == key else old[k] for k in old] + ([new[key]] if key not in old else [])
    changes: dict[str, Any] = {name: tuple(record for record in records if record is not None)}
    return replace(before, **changes)


def _group(inputs: Inputs, base: outlook.Result, name: str, moved: Programme) -> Group:
    effect = _effect(outlook.difference(base, _look(inputs, moved)))
    which = changed(inputs.before, moved)
    if len(which) == 1:  # it is the group
        return Group(name, (":".join(which[0]),), effect, (Moved(*which[0], effect),))
    some = which
    if len(which) > inputs.most_records:
        first = min(inputs.first_trials, inputs.trials)
        found = _alone_each(inputs, _look(inputs, inputs.before, first), moved, which, first)
        some = tuple((one.sort, one.key) for one in found[: inputs.most_records])
    records = tuple(_alone_each(inputs, base, moved, some, inputs.trials))
    return Group(name, tuple(f"{sort}:{key}" for sort, key in which), effect, records)


def _alone_each(
    inputs: Inputs, base: outlook.Result, moved: Programme, which: tuple[tuple[str, str], ...], trials: int
) -> list[Moved]:
    """Each record moved alone over so many trials, the largest effect first."""
    found = []
    for sort, key in which:
        alone = _look(inputs, _alone(inputs.before, moved, sort, key), trials)
        found.append(Moved(sort, key, _effect(outlook.difference(base, alone))))
    return sorted(found, key=lambda one: (-_size(one.effect), one.sort, one.key))


def _size(effect: Effect) -> float:
    """How much an effect matters: its sum of money, or where that is none, what it does to chances and dates."""
    return (
        abs(effect.value.mean)
        + abs(effect.losses.mean)
        + sum(abs(c.mean) for c in effect.met)
        + sum(abs(c.mean) for c in effect.finishes)
    )


def beyond_chance(change: Change) -> bool:
    """Whether the 90 % interval of a paired difference leaves zero out."""
    return change.low > 0 or change.high < 0


def _goals(base: outlook.Result, now: outlook.Result, total: Difference) -> tuple[Goal, ...]:
    first = {g.key_result: g.met.probability if g.met else None for g in base.goals}
    second = {g.key_result: g.met.probability if g.met else None for g in now.goals}
    return tuple(Goal(c.name, first.get(c.name), second.get(c.name), c, beyond_chance(c)) for c in total.met)


def _finishes(total: Difference) -> tuple[Finish, ...]:
    return tuple(Finish(s.name, s.first, s.second, s, beyond_chance(s)) for s in total.finishes)
