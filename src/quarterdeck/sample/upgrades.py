"""How what a repository is built of was brought up to date over time: its manifests, as each upgrade left them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from quarterdeck.sample.chance import Span, chance, days
from quarterdeck.sample.manifests import manifest
from quarterdeck.sample.parts import Part, libraries
from quarterdeck.sample.systems import SYSTEM

_PACE = 1 / 24  # upgrades begun a working day
_LONGEST = 4  # working days that one upgrade takes


class Upgrades:
    """The upgrades of one system's packages: a few working days each, one package a day, up to today's versions."""

    def __init__(self, system: str, seed: int, time: Span) -> None:
        random = chance(seed, "upgrades", system)
        self.system, self.parts = SYSTEM[system], libraries(SYSTEM[system], seed)
        self.raised: dict[date, int] = {}  # by day, the place of the package that is raised
        direct, left = [place for place, part in enumerate(self.parts) if part.direct], 0
        for day in days(time.start + timedelta(days=14), time.until) if direct else ():
            if day.weekday() >= 5:
                continue
            if not left and random.random() < _PACE:
                left = random.randint(1, _LONGEST)
            if left:
                self.raised[day] = random.choice(direct)
                left -= 1

    def manifest(self, day: date) -> tuple[str, str]:
        """Path and content of the manifest as it stands at the end of a day."""
        return manifest(self.system, [self._then(place, part, day) for place, part in enumerate(self.parts)])

    def name(self, day: date) -> str:
        """The package that is raised on a day."""
        return self.parts[self.raised[day]].name.split(":")[-1]

    def begins(self, day: date) -> bool:
        """Whether an upgrade begins on a day: whoever begins it sees it through."""
        before = max((other for other in self.raised if other < day), default=date.min)
        return (day - before).days > (3 if day.weekday() == 0 else 1)

    def _then(self, place: int, part: Part, day: date) -> Part:
        yet = sum(1 for later, raised in self.raised.items() if raised == place and later > day)
        return replace(part, version=_before(part.version, yet))


def _before(version: str, steps: int) -> str:
    """The version some releases before: corrections of it while there are any, then releases before it."""
    head, _, last = version.rpartition(".")
    numbers: Sequence[int] = [int(word) for word in head.removeprefix("v").split(".")]
    if steps <= int(last):
        return f"{head}.{int(last) - steps}"
    beyond = steps - int(last)
    lowered = [*numbers[:-1], max(0, numbers[-1] - beyond)]
    return (
        ("v" if head.startswith("v") else "") + ".".join(str(number) for number in lowered) + f".{max(0, 9 - beyond)}"
    )
