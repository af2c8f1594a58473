"""Compares two readings of the roster: who joined, left, moved to another team, was promoted or graded anew."""

import re
from dataclasses import dataclass
from enum import Enum

import polars as pl


class Change(Enum):
    """What happened to a person between two readings."""

    JOINED = "joined"  # not on the earlier roster
    LEFT = "left"  # no longer on the later roster, or given a last day on it
    MOVED = "moved"  # in another team
    PROMOTED = "promoted"  # a higher level of the same ladder, or a dearer cost band
    REGRADED = "regraded"  # another level or cost band, not known to be higher


@dataclass(frozen=True)
class Changed:
    """One change: of whom (staff key), what, and the values before and after that show it.

    was, now: the team for JOINED and MOVED; level and cost band for PROMOTED and REGRADED; the last day for LEFT.
    """

    staff: str
    change: Change
    was: tuple[str | None, ...]
    now: tuple[str | None, ...]


_COMPARED = ("staff", "team", "level", "cost_band", "end_date")


def compare(before: pl.DataFrame, after: pl.DataFrame, costs: pl.DataFrame | None = None) -> tuple[Changed, ...]:
    """Changes from one `roster_people` frame to a later one, in the order of staff keys.

    costs: a `cost_bands` frame, which tells which of two bands is the dearer; without it only levels such as E2 and E3,
    and bands such as B2 and B3, of one ladder can be told apart.
    """
    old = {row[0]: row for row in before.select(_COMPARED).iter_rows()}
    new = {row[0]: row for row in after.select(_COMPARED).iter_rows()}
    cost = dict(costs.select("band", "annual_cost").iter_rows()) if costs is not None else {}
    changes: list[Changed] = []
    for staff in sorted(old.keys() | new.keys()):
        if staff not in old:
            changes.append(Changed(staff, Change.JOINED, (), (new[staff][1],)))
        elif staff not in new:
            if old[staff][4] is None:
                changes.append(Changed(staff, Change.LEFT, (None,), (None,)))
        else:
            changes += _between(staff, old[staff][1:], new[staff][1:], cost)
    return tuple(changes)


def _between(staff: str, old: tuple, new: tuple, cost: dict) -> list[Changed]:
    team, level, band, end = zip(old, new, strict=True)
    changes = []
    if end[0] is None and end[1] is not None:
        changes.append(Changed(staff, Change.LEFT, (None,), (end[1].isoformat(),)))
    if team[0] != team[1]:
        changes.append(Changed(staff, Change.MOVED, (team[0],), (team[1],)))
    if level[0] != level[1] or band[0] != band[1]:
        up = _higher(*level) or (level[0] == level[1] and _dearer(*band, cost))
        change = Change.PROMOTED if up else Change.REGRADED
        changes.append(Changed(staff, change, (level[0], band[0]), (level[1], band[1])))
    return changes


def _higher(was: str | None, now: str | None) -> bool:
    """Whether `now` is a higher step of the ladder `was` is on: the same letters and a larger number."""
    first, second = (re.fullmatch(r"(\D*)(\d+)", step or "") for step in (was, now))
    return bool(first and second and first[1] == second[1] and int(first[2]) < int(second[2]))


def _dearer(was: str | None, now: str | None, cost: dict) -> bool:
    if was in cost and now in cost:
        return cost[was] < cost[now]
    return _higher(was, now)
