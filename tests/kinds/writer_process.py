"""A process that writes: `writer_process.py TASK NAME TURNS FOLDER OTHERS`; prints how many calls it made and were refused."""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import django

django.setup()

from quarterdeck.kinds.access import Access, NotFound  # noqa: E402 — Django first
from quarterdeck.kinds.models import Commit, Version  # noqa: E402
from quarterdeck.kinds.roles import service  # noqa: E402
from quarterdeck.kinds.write import Change, Refused, write  # noqa: E402

ME = service(f"tests/{sys.argv[2]}")
TURNS = int(sys.argv[3])
done: Counter[str] = Counter(made=0, refused=0)


def attempt(*changes: Change) -> bool:
    """Write; whether it was done."""
    try:
        write(ME, changes, sys.argv[2])
    except Refused:
        done["refused"] += 1
        return False
    done["made"] += 1
    return True


def count() -> None:
    """Add one to a number on a record, again and again, each time on what was read."""
    while done["made"] < TURNS:
        head = Version.objects.get(kind="product", key="counter", ended=None).began
        value = int(Access(ME.reader).select("product").one("counter")["name_en"])
        attempt(Change("product", "counter", {"name_en": str(value + 1)}, expected=head))


def make() -> None:
    """Make records that another makes too."""
    for number in range(TURNS):
        attempt(Change("product", f"made-{number}", {"name_en": sys.argv[2]}, new=True))


def cross() -> None:
    """Write all records in one call, in one order or the other."""
    names = [f"p{number:03}" for number in range(40)]
    if sys.argv[2] == "backward":
        names.reverse()
    for turn in range(TURNS):
        attempt(*(Change("product", name, {"name_en": f"{sys.argv[2]} {turn}"}) for name in names))


def link() -> None:
    """Put people into a team that another makes and deletes."""
    for turn in range(TURNS):
        if sys.argv[2] == "deleting":
            attempt(Change("team", "t", {"name_en": str(turn)}))
            attempt(Change("team", "t", None))
        elif not attempt(Change("person", f"p{turn}", {"team": "t"})):
            try:
                Access(ME.reader).select("team").one("t")
            except NotFound:
                continue


def wait_for_all() -> None:
    """Begin when the others have come as far as this."""
    folder = Path(sys.argv[4])
    (folder / sys.argv[2]).touch()
    while len(list(folder.iterdir())) < int(sys.argv[5]):
        time.sleep(0.01)


wait_for_all()
{"count": count, "make": make, "cross": cross, "link": link}[sys.argv[1]]()
assert Commit.objects.exists()
print(json.dumps(done))
