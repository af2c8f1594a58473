"""Run as a program by the test of two at once: one process that makes a company, or one user's click in a process of its own.

`clicks.py prepare` prints the key of a proposal; `clicks.py ACT USER KEY` prints “ready”, waits for a line, acts, and prints
what came of it.
"""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 — only once Django is set up
from django.db import connection  # noqa: E402

from quarterdeck.decisions import deciding, proposing  # noqa: E402
from quarterdeck.decisions.ledger import Closed  # noqa: E402
from quarterdeck.kinds.models import User  # noqa: E402
from quarterdeck.kinds.roles import service  # noqa: E402
from quarterdeck.kinds.users import give_roles, reader_of  # noqa: E402
from quarterdeck.kinds.write import Change, write  # noqa: E402

CAST = {"chen": "cto", "gao": "general-manager", "ada": "head-of-department"}


def prepare() -> str:
    """Make the tables, the users and a proposal to fund I-1; its key."""
    call_command("migrate", verbosity=0)
    for name, role in CAST.items():
        give_roles(User.objects.create(username=name), [role])
    write(service("t"), [Change("initiative", "I-1", {"name_en": "Second region"})], "t")
    return proposing.fund(reader_of(User.objects.get(username="ada")), "I-1").key


def click(act: str, user: str, key: str) -> str:
    """What came of one click: the state, or what it was refused with."""
    reader = reader_of(User.objects.get(username=user))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        if act == "edit":
            write(service("t"), [Change("initiative", "I-1", {"description": "moved"})], "t")
            return "edited"
        if act == "propose":
            return proposing.fund(reader, "I-1", "again").key
        acts = {"confirm": deciding.confirm, "withdraw": deciding.withdraw}
        return str(acts[act](reader, key).state)
    except Closed as closed:
        return f"closed: {closed.state}"


if __name__ == "__main__":
    said = prepare() if sys.argv[1] == "prepare" else click(*sys.argv[1:])
    print(json.dumps({"said": said, "vendor": connection.vendor}), flush=True)
