"""Who there is to do the work: people by the skill they work in, and the time that operations leave them."""

from dataclasses import dataclass

from quarterdeck.engines.programme import ZERO, Estimate, Skill
from quarterdeck.estate import attrition, upkeep
from quarterdeck.kinds.access import Row
from quarterdeck.office.plan.frame import Frame, month


@dataclass(frozen=True)
class Staff:
    """One person as the plan counts them: the skill they work in, and in which months."""

    key: str
    team: str
    skill: str
    share: float  # full-time equivalent
    first: int  # month of the first day, may be negative
    last: int | None  # last month, if they are known to leave


LONG_AGO = -1200  # month in which people began who have no first day on record


def staff_of(frame: Frame, people: list[Row]) -> tuple[Staff, ...]:
    """People with the one skill each works in: the one mastered best; of equals the first by key."""
    best: dict[str, tuple[int, str]] = {}
    for row in frame.gathering.rows("person-skill"):
        rank = (-row["level"], row["skill"])
        best[row["person"]] = min(best.get(row["person"], rank), rank)
    return tuple(
        Staff(
            row.key,
            row["team"] or "",
            best[row.key][1],
            row["fte"],
            month(frame.start, row["start_date"]) if row["start_date"] else LONG_AGO,
            month(frame.start, last) if (last := attrition.last_day(row)) else None,
        )
        for row in people
        if row.key in best
    )


def supply(staff: tuple[Staff, ...], skill: str, months: int, operations: float) -> tuple[float, ...]:
    """Person-months of a skill in each month, operations taken off."""
    mine = [person for person in staff if person.skill == skill]
    return tuple(
        (1 - operations) * sum(p.share for p in mine if p.first <= m and (p.last is None or m <= p.last))
        for m in range(months)
    )


def operations_of(frame: Frame) -> Estimate:
    """The part of working time that operations take; none where neither frame nor evidence tells."""
    return upkeep.share(frame.gathering) or ZERO


def skills_of(frame: Frame, staff: tuple[Staff, ...], operations: Estimate, needed: set[str]) -> tuple[Skill, ...]:
    """The skills that people work in, and those that are needed, hired or bought though nobody works in them."""
    leaving = attrition.measured(frame.gathering) or 0.0
    names = sorted({person.skill for person in staff} | needed)
    return tuple(Skill(n, supply(staff, n, frame.months, operations.mean), leaving, operations) for n in names)
