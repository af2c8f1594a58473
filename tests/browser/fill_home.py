"""Run as a program: fills a home with the small company, or leaves it empty, and says which pages it has, as JSON."""

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import django

from quarterdeck.web.home import make

if TYPE_CHECKING:
    from django.test import Client

PASSWORD = "the tests' own password"
SIGNS_IN = "gm"  # at the door, with the password; the others have a session
USERS = {
    "cto": ("cto", "Chief Technology Officer"),
    "gm": ("general-manager", "General Manager"),
    "hr": ("hr", "Human Resources"),
    "engineer": ("engineer", "Engineer"),
}
ROSTER = "key,name,team,start_date\nS-1,李娜,平台,2021-09-01\nS-2,Ada Sommer,平台,2020-02-01\n"
TESTS = Path(__file__).resolve().parents[1]


def main(home: Path, filled: bool) -> None:
    """Make the home; print its pages."""
    make(home)  # before the settings are read: they hold its secret
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS = ["testserver"]
    _users()
    with tempfile.TemporaryDirectory() as folder:
        if filled:
            _fill(Path(folder))
    print(json.dumps({**_pages(filled), "sessions": _sessions()}))


def _users() -> None:
    from quarterdeck.kinds.models import User
    from quarterdeck.kinds.users import give_roles

    for name, (role, called) in USERS.items():
        user = User.objects.create_user(name, password=PASSWORD if name == SIGNS_IN else None, first_name=called)
        give_roles(user, [role])


def _sessions() -> dict[str, str]:
    """A session for each user, as if they had signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from quarterdeck.kinds.models import User

    found = {}
    for user in User.objects.all():
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        found[user.username] = str(session.session_key)
    return found


def _fill(folder: Path) -> None:
    """Enter, collect, decide; then what waits: suggestions of a source, and a proposal of an initiative."""
    from decided_company import CTO, enter_all

    from quarterdeck.decisions import proposing
    from quarterdeck.estate import sources
    from quarterdeck.evidence import readers
    from quarterdeck.kinds.access import Access
    from quarterdeck.kinds.roles import ROLES, Reader
    from quarterdeck.lake import suggestions
    from quarterdeck.lake.collect import collect
    from quarterdeck.lake.models import EvidenceSource
    from quarterdeck.office.documents import building

    enter_all(folder)
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    collect(readers.by_name("roster"), folder / "roster.csv", by=CTO.name)
    sources.suggest(EvidenceSource.objects.get(reader="roster"))
    head = Reader("user:head", (ROLES["head-of-department"],))
    proposed = Access(CTO).select("initiative").where(state="proposed").rows(2)
    proposing.fund(head, proposed[0].key, "It pays back within two years.")
    building.build(CTO, ("en", "zh"), ("md",))
    assert suggestions.open_suggestions(), "the evidence suggests nothing"


def _pages(filled: bool) -> dict[str, object]:
    """The addresses at which the CTO finds a page; views whose parameters nobody knows; a page of a failure."""
    from django.template.loader import render_to_string
    from django.test import Client
    from page_addresses import QUERIES, of_kinds, of_office, views

    from quarterdeck.kinds.models import User

    client = Client(raise_request_exception=True)
    client.force_login(User.objects.get(username="cto"))
    by_parameters, by_name = of_kinds(), of_office() if filled else {}
    pages, unknown = [], []
    for view in views():
        names = tuple(name for name, _converter in view.parameters)
        known = by_name.get(view.name) or by_parameters.get(names) or ((lambda: [{}]) if not names else None)
        if known is None or (not filled and names):
            if filled and client.get(view.sample()).status_code != 405:
                unknown.append(view.name)
            continue
        for place, values in enumerate(known()):
            for query in ("", *(QUERIES.get(view.name, ()) if filled and place == 0 else ())):
                address = view.address(values) + query
                found = client.get(address)
                if _is_page(found):
                    pages.append({"view": view.name, "address": address, "status": found.status_code})
    waiting = _waiting(client) if filled else ""
    return {"pages": pages, "unknown": unknown, "failed": render_to_string("500.html"), "waiting": waiting}


def _is_page(found: object) -> bool:
    """Whether an answer is a page that the reader may see, not a file, a part of a page, or a way elsewhere."""
    kind = found.headers.get("Content-Type", "")  # type: ignore[attr-defined]
    if found.status_code in (302, 403, 405) or not kind.startswith("text/html") or found.streaming:  # type: ignore[attr-defined]
        return False
    return b"<!doctype html>" in found.content[:200].lower()  # type: ignore[attr-defined]


def _waiting(client: "Client") -> str:
    """The page of an answer that a worker computes; there is none, but for as long as it takes to ask."""
    from django.utils import timezone

    from quarterdeck.runs.models import Worker

    worker = Worker.objects.create(name="nobody", beat=timezone.now())
    page = client.get("/what-if?ask=1&budget=cut-budget::0.5")
    worker.delete()
    assert page.status_code == 202, page.status_code
    return page.content.decode()


if __name__ == "__main__":
    sys.path[:0] = [str(TESTS / "office"), str(Path(__file__).parent)]
    main(Path(sys.argv[1]), sys.argv[2] == "filled")
