"""What-ifs: a typed list of changes to the ground a plan is made over; composable, and none changes nothing."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from quarterdeck.engines.programme import Estimate, Initiative, Pin
from quarterdeck.office.plan.ground import Ground
from quarterdeck.office.plan.holders import Held
from quarterdeck.office.plan.staff import Staff, supply

CERTAIN = 1.0  # events a year of a scenario whose cause has come: a vendor dropped, knowledge gone


class BadChange(ValueError):
    """A change that cannot be made: an unknown sort or record, or a size out of range."""


@dataclass(frozen=True)
class Change:
    """One change: its sort, the record it is about, and its size where it has one."""

    sort: str
    about: str = ""
    size: float = 0.0

    def text(self) -> str:
        """As people type it: `cut-budget::0.2`, `lose-person:staff-007`."""
        if _is_sized(self.sort):
            return f"{self.sort}:{self.about}:{self.size:g}"
        return f"{self.sort}:{self.about}" if self.about else self.sort


def read(text: str) -> tuple[Change, ...]:
    """Changes from `sort:about:size` words with blanks between. Raises BadChange."""
    found = []
    for word in text.split():
        sort, _colon, rest = word.partition(":")
        if sort not in SORTS:
            raise BadChange(
                _("“%(sort)s” is none of: %(sorts)s") % {"sort": sort, "sorts": _(", ").join(sorted(SORTS))}
            )
        about, size = rest, "0"
        if _is_sized(sort):
            about, _colon, size = rest.rpartition(":")
        if bool(about) != ("KEY" in WRITTEN[sort]) or not _is_number(size):
            raise BadChange(
                _("“%(word)s” is not written like %(example)s") % {"word": word[:200], "example": WRITTEN[sort]}
            )
        found.append(Change(sort, about, float(size)))
    return tuple(found)


def _is_sized(sort: str) -> bool:
    return WRITTEN[sort].count(":") == 2


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def apply(ground: Ground, changes: tuple[Change, ...]) -> Ground:
    """The ground after the changes, made in their order. Raises BadChange."""
    for change in changes:
        ground = SORTS[change.sort](ground, change)
    return ground


def _initiatives(ground: Ground, change: Change, turn: Callable[[Initiative], Initiative]) -> Ground:
    keys = {initiative.key.casefold() for initiative in ground.programme.initiatives}
    if change.about.casefold() not in keys:
        raise BadChange(_("there is no initiative “%(key)s” in the plan’s reach") % {"key": change.about})
    some = tuple(turn(i) if i.key.casefold() == change.about.casefold() else i for i in ground.programme.initiatives)
    return replace(ground, programme=replace(ground.programme, initiatives=some))


def _with_staff(ground: Ground, staff: tuple[Staff, ...]) -> Ground:
    skills = tuple(
        replace(skill, supply=supply(staff, skill.key, len(skill.supply), ground.operations))
        for skill in ground.programme.skills
    )
    return replace(ground, staff=staff, programme=replace(ground.programme, skills=skills))


def _lose_person(ground: Ground, change: Change) -> Ground:
    gone = {key for key, _team in ground.roster if key.casefold() == change.about.casefold()}
    if not gone:
        raise BadChange(_("nobody called “%(key)s” works here") % {"key": change.about})
    return _without(ground, gone, change)


def _lose_team(ground: Ground, change: Change) -> Ground:
    gone = {key for key, team in ground.roster if team.casefold() == change.about.casefold()}
    if not gone:
        raise BadChange(_("nobody works in a team “%(key)s”") % {"key": change.about})
    return _without(ground, gone, change)


def _without(ground: Ground, gone: set[str], change: Change) -> Ground:
    """The ground without them: their months are gone, and what only they knew is lost. Raises BadChange."""
    counted = {person.key for person in ground.staff} | {key for held in ground.held for key in held.holders}
    if not gone & counted:
        text = _("“%(key)s” works in no skill that the plan counts, and holds no system’s knowledge")
        raise BadChange(text % {"key": change.about})
    left = _with_staff(ground, tuple(person for person in ground.staff if person.key not in gone))
    left = replace(left, roster=tuple(one for one in ground.roster if one[0] not in gone))
    return _strike(left, {scenario for held in orphaned(left) for scenario in held.scenarios})


def orphaned(ground: Ground) -> tuple[Held, ...]:
    """Systems that none of those left knows: no change leaves none."""
    here = {key for key, _team in ground.roster}
    return tuple(held for held in ground.held if not held.holders & here)


def _strike(ground: Ground, hit: set[str]) -> Ground:
    """The ground in which these scenarios are as good as certain to come about."""
    once = Estimate(CERTAIN, CERTAIN, CERTAIN)
    scenarios = tuple(
        replace(s, frequency=max(s.frequency, once, key=lambda e: e.mean)) if s.key in hit else s
        for s in ground.programme.scenarios
    )
    return replace(ground, programme=replace(ground.programme, scenarios=scenarios))


def _drop_vendor(ground: Ground, change: Change) -> Ground:
    about = change.about.casefold()
    mine = [vendor.casefold() == about for vendor in ground.vendors]
    systems = {system for vendor, system in ground.systems if vendor.casefold() == about}
    if not any(mine) and not systems:
        raise BadChange(_unlinked(ground, change.about))
    hit = {scenario for scenario, system in ground.scenario_systems if system in systems}
    contractors = tuple(c for c, gone in zip(ground.programme.contractors, mine, strict=True) if not gone)
    kept = tuple(vendor for vendor, gone in zip(ground.vendors, mine, strict=True) if not gone)
    programme = replace(ground.programme, contractors=contractors)
    return _strike(replace(ground, programme=programme, vendors=kept), hit)


def _unlinked(ground: Ground, key: str) -> str:
    """Why dropping a vendor cannot mean anything."""
    if key.casefold() not in {vendor.casefold() for vendor in ground.known_vendors}:
        return _("there is no vendor “%(key)s”") % {"key": key}
    text = _(
        "nothing is linked to the vendor “%(key)s”: name it at the systems that it stands behind, "
        "or at the contractors that it supplies"
    )
    return text % {"key": key}


def _freeze_hiring(ground: Ground, change: Change) -> Ground:
    return replace(
        ground, programme=replace(ground.programme, routes=tuple(replace(r, limit=0) for r in ground.programme.routes))
    )


def _cut_budget(ground: Ground, change: Change) -> Ground:
    if not 0 <= change.size <= 1:
        raise BadChange(_("a budget is cut by a part between 0 and 1, like cut-budget::0.2"))
    keep = 1 - change.size
    programme = replace(
        ground.programme,
        capital=tuple(amount * keep for amount in ground.programme.capital),
        running=tuple(amount * keep for amount in ground.programme.running),
    )
    return replace(ground, programme=programme)


def _delay(ground: Ground, change: Change) -> Ground:
    quarters = int(change.size)
    if not 1 <= quarters <= 20:
        raise BadChange(_("an initiative is delayed by 1 to 20 quarters, like delay:KEY:2"))

    def later(i: Initiative) -> Initiative:
        first = max(i.earliest, ground.planned.get(i.key, i.earliest)) + quarters
        latest = None if i.latest is None else max(first, i.latest + quarters)
        return replace(i, earliest=first, latest=latest, started=None)

    return _initiatives(ground, change, later)


def _cancel(ground: Ground, change: Change) -> Ground:
    return _initiatives(ground, change, lambda i: replace(i, pin=Pin.OUT, mandate=None, started=None))


def _force(ground: Ground, change: Change) -> Ground:
    return _initiatives(ground, change, lambda i: replace(i, pin=Pin.IN))


def _effort(ground: Ground, change: Change) -> Ground:
    if not 0.05 <= change.size <= 20:
        raise BadChange(_("an effort is moved by a factor between 0.05 and 20, like effort:KEY:1.5"))

    def scaled(e: Estimate) -> Estimate:
        return Estimate(e.low * change.size, e.likely * change.size, e.high * change.size)

    return _initiatives(
        ground, change, lambda i: replace(i, efforts=tuple(replace(e, months=scaled(e.months)) for e in i.efforts))
    )


def _mandate(ground: Ground, change: Change) -> Ground:
    if change.size < 1:
        raise BadChange(_("a law sets a month from the plan’s start, like law:KEY:9"))
    return _initiatives(ground, change, lambda i: replace(i, mandate=int(change.size) - 1))


WRITTEN = {
    "drop-vendor": "drop-vendor:KEY",
    "lose-person": "lose-person:KEY",
    "lose-team": "lose-team:KEY",
    "freeze-hiring": "freeze-hiring",
    "cut-budget": "cut-budget::0.2",
    "delay": "delay:KEY:2",
    "cancel": "cancel:KEY",
    "include": "include:KEY",
    "effort": "effort:KEY:1.5",
    "law": "law:KEY:9",
}
LEAVING = ("lose-person", "lose-team")  # sorts that ask who holds what
SORTS: dict[str, Callable[[Ground, Change], Ground]] = {
    "drop-vendor": _drop_vendor,
    "lose-person": _lose_person,
    "lose-team": _lose_team,
    "freeze-hiring": _freeze_hiring,
    "cut-budget": _cut_budget,
    "delay": _delay,
    "cancel": _cancel,
    "include": _force,
    "effort": _effort,
    "law": _mandate,
}
