"""Walks the whole line on input that nobody prepared: from evidence over candidates, plan and drift to the board pack.

    python tests/journeys/line.py [--shared FOLDER] [--home FOLDER] [REPOSITORY…]

REPOSITORY: clones of repositories, three or so; without any, three are rebuilt from the published commit log in the
shared folder. FOLDER of --home is made: the home, copies of what is collected, and the board packs stand below it.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from printing import Report

ROOT = Path(__file__).resolve().parents[2]
MONTH = timedelta(days=31)  # between the first collection and the second


class Clock:
    """The time of the journey: it starts at nine on a day that is set, and goes on as fast as any clock."""

    def __init__(self, day: date) -> None:
        self.set(day)

    def set(self, day: date) -> None:
        """Make it nine in the morning of a day."""
        self._start, self._from = datetime.combine(day, clock_time(9), UTC), time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._from)


def _given() -> argparse.Namespace:
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("repositories", nargs="*", type=Path, metavar="REPOSITORY")
    reading.add_argument(
        "--shared", type=Path, default=ROOT.parent / "shared" / "data", help="real inputs made by others"
    )
    reading.add_argument("--home", type=Path, help="where the journey is made; a temporary folder where none is given")
    reading.add_argument("--today", type=date.fromisoformat, default=date.today(), help="day of the second collection")
    reading.add_argument("--facts", type=Path, help="file for what came out, as JSON")
    return reading.parse_args()


def prepare(home: Path, clock: Clock) -> None:
    """A home, its records, and Django in it; the clock is the product's clock from here on."""
    os.environ["QUARTERDECK_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.web.settings")
    sys.path.insert(0, str(ROOT / "src"))
    import django
    from django.utils import timezone

    from quarterdeck.web import home as homes

    homes.make(home)
    timezone.now = clock  # type: ignore[assignment]
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def main() -> None:
    """The journey."""
    given = _given()
    folder = (given.home or Path(tempfile.mkdtemp(prefix="journey-"))).resolve()
    clock, report = Clock(given.today - MONTH), Report()
    prepare(folder / "home", clock)
    import planning

    journey = planning.Planned(folder, given.shared.resolve(), given.today, report)
    journey.repositories_from(given.repositories)
    journey.users()
    journey.first_collection()
    journey.words()
    journey.candidates()
    journey.plan()
    journey.what_if()
    journey.decide()
    clock.set(given.today)
    journey.second_collection()
    journey.drift()
    journey.packs()
    journey.history()
    report.close(given.facts)


if __name__ == "__main__":
    main()
