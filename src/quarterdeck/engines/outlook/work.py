"""Allotting each month's people to the plan's initiatives, and how far each gets.

An initiative moves through its life at the speed of its drawn duration, or slower where its scarcest skill does not
suffice. A month's people are one pool a skill: who comes first takes what it needs at full speed, the next takes from
what is left. Within a month time is continuous: what finishes at 7.3 lets its successor start at 7.3.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats
from quarterdeck.engines.outlook.columns import mean_factor, ranges
from quarterdeck.engines.outlook.losses import mean_magnitude
from quarterdeck.engines.programme import Initiative, KeyResult, Programme, Start

Whole = NDArray[np.int64]

TINY = 1e-12  # relative; below it a remainder is rounding, not work
URGENT = 3.0  # months of slack below which a mandated initiative goes before all others when ranked anew
BEFORE = 1e6  # puts the pressing before all others, whose ranks lie between -1 and 1


class Work(NamedTuple):
    """The plan's initiatives, sorted by key (n of them), with k efforts in runs; orders refer to that sorting."""

    order: Whole  # (n,) by priority
    ready: Floats  # (n,) month before which it may not start
    place: Floats  # (n,) slices of its profile that lie behind it in month 0
    running: NDArray[np.bool_]  # (n,) in work already
    past: Floats  # (n,) moment it finished at, before or at month 0; infinite if it has not
    effort_from: Whole  # (n + 1,)
    effort_skill: Whole  # (k,)
    before_from: Whole  # (n + 1,)
    before: Whole  # predecessors; -1 where that is not in the plan
    lag: Floats
    slice_from: Whole  # (n + 1,)
    slices: Floats  # share of the effort in each slice of life; each run sums to 1
    mandate: Floats  # (n,) moment by which it must finish, infinite if none
    waiting: Floats  # (n,) expected cost of a month's delay, successors' included
    duration: Floats  # (n,) mean
    load: Floats  # (n,) mean effort in months of each skill's mean supply
    most_at_once: int
    months: int
    replan: bool


class Progress(NamedTuple):
    """Where the initiatives stand within one trial, and what the trial leaves behind."""

    at: Whole  # (n,) slice of the profile that it is in
    left: Floats  # (n,) part of that slice still to do
    begun: NDArray[np.bool_]  # (n,)
    handled: NDArray[np.bool_]  # (n,) served in this month
    order: Whole  # (n,) the first `alive` are unfinished, by priority
    rank: Floats  # (n,)
    finish: Floats  # (n,) infinite if not finished
    moved: Floats  # (n, months) part of life gone through in each month
    demand: Floats  # (skills, quarters)
    used: Floats  # (skills, quarters)


def build(
    programme: Programme, starts: list[Start], order: list[int], supply: dict[str, float], months: int, replan: bool
) -> Work:
    """Lay out the plan's lines, sorted by initiative. supply: mean supply by skill, in the skills' sorting."""
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    chosen = [by_key[start.initiative] for start in starts]
    number = {initiative.key: i for i, initiative in enumerate(chosen)}
    skills = {key: s for s, key in enumerate(supply)}
    profiles = [shares(initiative) for initiative in chosen]
    waits = [() if i.started is not None else i.predecessors for i in chosen]  # what runs already waits no more
    ends = [math.inf if i.mandate is None else i.mandate + 1.0 for i in chosen]
    load = [sum(e.months.mean / max(supply[e.skill], 1e-9) for e in i.efforts) for i in chosen]
    return Work(
        order=np.array(order, dtype=np.int64),
        ready=np.array([max(0.0, 3.0 * start.quarter) for start in starts], dtype=np.float64),
        place=np.array([place(done(i), p) for i, p in zip(chosen, profiles, strict=True)], dtype=np.float64),
        running=np.array([i.started is not None for i in chosen], dtype=np.bool_),
        past=np.array([past(i, mean_factor(programme.duration_bias)) for i in chosen], dtype=np.float64),
        effort_from=ranges([len(i.efforts) for i in chosen]),
        effort_skill=np.array([skills[e.skill] for i in chosen for e in i.efforts], dtype=np.int64),
        before_from=ranges([len(w) for w in waits]),
        before=np.array([number.get(p.initiative, -1) for w in waits for p in w], dtype=np.int64),
        lag=np.array([p.lag for w in waits for p in w], dtype=np.float64),
        slice_from=ranges([len(p) for p in profiles]),
        slices=np.array([share for p in profiles for share in p], dtype=np.float64),
        mandate=np.array(ends, dtype=np.float64),
        waiting=np.array(waiting_costs(programme, chosen), dtype=np.float64),
        duration=np.array([i.duration.mean for i in chosen], dtype=np.float64),
        load=np.array(load, dtype=np.float64),
        most_at_once=len(chosen) if programme.most_at_once is None else programme.most_at_once,
        months=months,
        replan=replan,
    )


def shares(initiative: Initiative) -> list[float]:
    """Share of the effort in each slice of life."""
    if any(part < 0 for part in initiative.profile):
        raise ValueError(f"the profile of {initiative.key} must have no negative part")
    total = sum(initiative.profile)
    return [part / total for part in initiative.profile] if total > 0 else [1.0]


def done(initiative: Initiative) -> float:
    """Part of the effort that is spent already."""
    return initiative.done if initiative.started is not None else 0.0


def past(initiative: Initiative, factor: float) -> float:
    """When an initiative with all its effort spent finished: its mean duration after its start, not after month 0."""
    if done(initiative) < 1.0:
        return math.inf
    return min(0.0, 3.0 * (initiative.started or 0) + initiative.duration.mean * factor)


def place(part: float, profile: list[float]) -> float:
    """How many slices of its life lie behind an initiative of whose effort this part is done."""
    behind = 0.0
    for at, share in enumerate(profile):
        if behind + share > part:
            return at + (part - behind) / share
        behind += share
    return float(len(profile))


def waiting_costs(programme: Programme, chosen: list[Initiative]) -> list[float]:
    """What a month's delay of each is expected to cost, with all that wait for it: the numerator of Smith's rule."""
    results = {result.key: result for result in programme.key_results}
    means = {s.key: s.frequency.mean * mean_magnitude(s) / 12.0 for s in programme.scenarios}
    own = {}
    for initiative in chosen:
        goals = sum(goal_rate(results[c.key_result], c.amount.mean) for c in initiative.contributions)
        avoided = sum(means[c.scenario] * (1.0 - c.frequency * c.magnitude) for c in initiative.controls)
        own[initiative.key] = initiative.benefit.mean - initiative.running.mean + goals + avoided
    followers: dict[str, set[str]] = {key: set() for key in own}
    for initiative in in_order(chosen)[::-1]:
        for before in initiative.predecessors:
            if before.initiative in followers:
                followers[before.initiative] |= followers[initiative.key] | {initiative.key}
    return [own[i.key] + sum(own[key] for key in sorted(followers[i.key])) for i in chosen]


def goal_rate(result: KeyResult, amount: float) -> float:
    """Money's worth of a contribution, spread over the months until the key result is due."""
    gap = result.target - result.today
    share = min(max(amount / gap, -1.0), 1.0) if gap else 0.0
    return result.weight * share / max(result.due + 1, 1)


def in_order(chosen: list[Initiative]) -> list[Initiative]:
    """Predecessors before those that wait for them. Raises ValueError for a circle."""
    keys = {initiative.key for initiative in chosen}
    placed: dict[str, Initiative] = {}
    waiting = list(chosen)
    while waiting:
        free = [i for i in waiting if all(p.initiative in placed or p.initiative not in keys for p in i.predecessors)]
        if not free:
            raise ValueError(f"these initiatives wait for each other: {', '.join(i.key for i in waiting)}")
        placed |= {initiative.key: initiative for initiative in free}
        waiting = [initiative for initiative in waiting if initiative.key not in placed]
    return list(placed.values())


@njit(cache=True, error_model="numpy")
def walk(slices, first, count, at, left, duration, time, mass):
    """Go through life until time, effort or life runs out. mass: the share of its effort that may be used.

    slices[first : first + count]: the initiative's profile. Returns the slice reached, the part of it still to do,
    months used and share of effort used.
    """
    used_time, used_mass = 0.0, 0.0
    while at < count:
        span = duration / count * left
        share = slices[first + at] * left
        part = 1.0
        if used_time + span > time * (1.0 + TINY):
            part = max(0.0, (time - used_time) / span)
        if share * part > (mass - used_mass) * (1.0 + TINY):
            part = max(0.0, (mass - used_mass) / share)
        used_time += span * part
        used_mass += share * part
        if part < 1.0 - TINY:
            return at, left * (1.0 - part), used_time, used_mass
        at += 1
        left = 1.0
    return at, left, used_time, used_mass


@njit(cache=True, error_model="numpy")
def scarcest(skill, effort, first, last, pool):
    """The share of an initiative's whole effort for which people are left, by its scarcest skill; may be infinite."""
    share = math.inf
    for e in range(first, last):
        if effort[e] > 0.0:
            share = min(share, pool[skill[e]] / effort[e])
    return share


@njit(cache=True, error_model="numpy")
def take(skill, effort, first, last, pool, demand, used, quarter, wanted, got):
    """Book people: what was wanted, what was used, and what is left in the month's pool."""
    for e in range(first, last):
        s = skill[e]
        demand[s, quarter] += effort[e] * wanted
        used[s, quarter] += effort[e] * got
        pool[s] = max(0.0, pool[s] - effort[e] * got)


@njit(cache=True, error_model="numpy")
def earliest(ready, finish, before, lag, first, last):
    """The moment from which an initiative may be worked on; infinite while it waits for another."""
    moment = ready
    for p in range(first, last):
        if before[p] < 0:
            return math.inf
        moment = max(moment, finish[before[p]] + lag[p])
    return moment


@njit(cache=True, error_model="numpy")
def rerank(order, alive, month, at, left, slice_from, mandate, waiting, duration, load, rank):
    """Order the unfinished anew from what is known in that month: pressing mandates by slack, then Smith's rule.

    Smith (1956), "Various optimizers for single-stage production", Naval Research Logistics Quarterly 3: by the cost of
    waiting over the work that is left. Means and observed progress only: what a trial has drawn is not known yet.
    """
    for a in range(alive):
        i = order[a]
        rest = 1.0 - (at[i] + 1.0 - left[i]) / (slice_from[i + 1] - slice_from[i])
        slack = mandate[i] - month - duration[i] * rest
        cost = waiting[i] / max(load[i] * rest, 1e-9)
        rank[i] = slack - BEFORE if slack < URGENT else -cost / (1.0 + abs(cost))
    for a in range(1, alive):
        i = order[a]
        b = a
        while b > 0 and rank[order[b - 1]] > rank[i]:
            order[b] = order[b - 1]
            b -= 1
        order[b] = i


@njit(cache=True, error_model="numpy")
def pace(slices, first, count, at, left, duration, window, scarce):
    """How far an initiative gets in a window: slice reached, part of it to do, months, effort wanted, effort used."""
    reached, rest, time, wanted = walk(slices, first, count, at, left, duration, window, math.inf)
    if wanted <= scarce * (1.0 + TINY):
        # The pool arrives over the whole window: using all of it takes all of that.
        share = wanted / scarce if 0.0 < scarce < math.inf else 0.0
        return reached, rest, max(time, window * min(share, 1.0)), wanted, wanted
    reached, rest, time, used = walk(slices, first, count, at, left, duration, window, scarce)
    return reached, rest, time, wanted, used


@njit(cache=True, error_model="numpy")
def begin(work, state):
    """Put a trial back to month 0."""
    state.order[:] = work.order
    state.finish[:] = work.past
    state.moved[:] = 0.0
    state.demand[:] = 0.0
    state.used[:] = 0.0
    for i in range(len(work.order)):
        state.at[i] = int(work.place[i])
        state.left[i] = 1.0 - (work.place[i] - state.at[i])
        state.begun[i] = work.running[i]


@njit(cache=True)
def unfinished(order, alive, finish):
    """Move the unfinished to the front of the order, keeping it; how many they are."""
    still = 0
    for a in range(alive):
        if finish[order[a]] == math.inf:
            order[still] = order[a]
            still += 1
    return still


@njit(cache=True)
def open_month(order, alive, begun, handled):
    """Nobody has been served yet; how many initiatives are in work."""
    busy = 0
    for a in range(alive):
        handled[order[a]] = False
        busy += begun[order[a]]
    return busy


@njit(cache=True, error_model="numpy")
def run(work, duration, effort, supply, state):
    """One trial. duration: (n,) drawn months; effort: (k,) drawn person-months; supply: (skills, months)."""
    begin(work, state)
    # Fields are taken out once, and arrays handed to small functions only: in the loops, counting references to them
    # would cost several times the work itself.
    ready, before_from, before, lag = work.ready, work.before_from, work.before, work.lag
    effort_from, skill, slice_from, slices = work.effort_from, work.effort_skill, work.slice_from, work.slices
    mandate, waiting, mean, load, most = work.mandate, work.waiting, work.duration, work.load, work.most_at_once
    at, left, begun, handled, order, rank, finish, moved, demand, used = state
    pool, alive = np.empty(supply.shape[0]), unfinished(order, len(order), finish)
    for month in range(work.months):
        if work.replan:
            rerank(order, alive, month, at, left, slice_from, mandate, waiting, mean, load, rank)
        pool[:] = supply[:, month]
        busy = open_month(order, alive, begun, handled)
        again = True
        while again:  # once more for those whose predecessor finished meanwhile
            again = False
            for a in range(alive):
                i = order[a]
                if handled[i] or ready[i] >= month + 1.0 or (busy >= most and not begun[i]):
                    continue
                moment = earliest(ready[i], finish, before, lag, before_from[i], before_from[i + 1])
                start = max(moment, float(month))
                if start >= month + 1.0:
                    continue
                busy += not begun[i]
                begun[i] = handled[i] = True
                first, last, profile = effort_from[i], effort_from[i + 1], slice_from[i]
                count, window = slice_from[i + 1] - profile, month + 1.0 - start
                scarce = scarcest(skill, effort, first, last, pool)
                reached, rest, time, wanted, got = pace(
                    slices, profile, count, at[i], left[i], duration[i], window, scarce
                )
                take(skill, effort, first, last, pool, demand, used, month // 3, wanted, got)
                moved[i, month] = ((reached - rest) - (at[i] - left[i])) / count
                at[i], left[i] = reached, rest
                if reached == count:
                    finish[i] = start + time
                    again = True
        alive = unfinished(order, alive, finish)
        if alive == 0:
            return


@njit(cache=True)
def fresh(initiatives, skills, months):
    """Room for one trial's progress."""
    quarters = (months + 2) // 3
    return Progress(
        np.zeros(initiatives, np.int64),
        np.ones(initiatives),
        np.zeros(initiatives, np.bool_),
        np.zeros(initiatives, np.bool_),
        np.zeros(initiatives, np.int64),
        np.zeros(initiatives),
        np.zeros(initiatives),
        np.zeros((initiatives, months)),
        np.zeros((skills, quarters)),
        np.zeros((skills, quarters)),
    )
