"""Every address of the product, out of its own table of addresses: who is let in, by which method, and who is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Commit, User, Version
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake.tables import TABLES, may_read
from quarterdeck.runs.models import Job

pytestmark = pytest.mark.django_db

May = Callable[[Reader], bool]
KIND, CHILD = "team", "initiative"


def anybody(reader: Reader) -> bool:
    return True


def right(*names: str) -> May:
    """Who has all these rights."""
    return lambda reader: all(reader.may(name) for name in names)


def reads(kind: str) -> May:
    return lambda reader: reader.reads(kind)


def makes(*kinds: str) -> May:
    """Who may read and write records of these kinds by hand."""
    return lambda reader: all(reader.reads(kind) and KINDS[kind].writable(reader) for kind in kinds)


def both(first: May, second: May) -> May:
    return lambda reader: first(reader) and second(reader)


@dataclass(frozen=True)
class Door:
    """One address: an example of it, who may come in by GET and by POST, and whether one must have signed in."""

    example: str
    get: May | None = None
    post: May | None = None
    open: bool = False


_plan = right("plan")
DOORS = {
    "": Door("/", anybody),
    "sign-in": Door("/sign-in", anybody, anybody, open=True),
    "sign-out": Door("/sign-out", None, anybody),
    "language": Door("/language", anybody, anybody, open=True),
    "search": Door("/search?q=x", anybody),
    "records/": Door("/records/", anybody),
    "records/workbook.xlsx": Door("/records/workbook.xlsx", anybody),
    "records/<str:kind>/": Door(f"/records/{KIND}/", reads(KIND)),
    "records/<str:kind>/new": Door(f"/records/{KIND}/new", makes(KIND), makes(KIND)),
    "records/<str:kind>/import": Door(f"/records/{KIND}/import", makes(KIND), makes(KIND)),
    "records/<str:kind>/export": Door(f"/records/{KIND}/export", reads(KIND)),
    "records/<str:kind>/edit/<path:key>": Door(f"/records/{KIND}/edit/t", makes(KIND), makes(KIND)),
    "records/<str:kind>/delete/<path:key>": Door(f"/records/{KIND}/delete/gone", None, makes(KIND)),
    "records/<str:kind>/grid/<str:child>/<path:key>": Door(
        "/records/person/grid/person-skill/p", makes("person-skill"), makes("person-skill")
    ),
    "records/<str:kind>/record/<path:key>": Door(f"/records/{KIND}/record/t", reads(KIND)),
    "plan": Door("/plan", _plan),
    "plan/propose": Door("/plan/propose", right("plan", "propose"), right("plan", "propose")),
    "what-if": Door("/what-if", _plan),
    "drift": Door("/drift", _plan),
    "evidence": Door("/evidence", anybody),
    "evidence/suggestions": Door("/evidence/suggestions", None, right("suggestions")),
    "evidence/suggested": Door("/evidence/suggested", anybody),
    "evidence/source/<int:number>": Door("/evidence/source/1", lambda reader: False),  # none was collected here
    "evidence/table/<str:table>": Door("/evidence/table/commits", lambda reader: may_read(reader, "commits")),
    "path/<int:number>": Door("/path/1", lambda reader: False),
    "path/<int:number>/records/<int:place>": Door("/path/1/records/0", lambda reader: False),
    "job/<int:number>": Door("/job/{job}", lambda reader: False),  # somebody else's
    "job/<int:number>/cancel": Door("/job/{job}/cancel", None, lambda reader: False),
    "decisions": Door("/decisions", anybody),
    "decisions/fund/<path:initiative>": Door("/decisions/fund/i", *2 * [both(right("propose"), makes("initiative"))]),
    "decisions/<str:key>": Door("/decisions/D-99999", lambda reader: False),
    "decisions/<str:key>/<str:act>": Door("/decisions/D-99999/confirm", None, lambda reader: False),
    "candidates": Door("/candidates", _plan),
    "candidates/merge": Door("/candidates/merge", None, _plan),
    "candidates/one/<path:key>": Door("/candidates/one/nothing", lambda reader: False),
    "candidates/path/<path:key>": Door("/candidates/path/nothing", lambda reader: False),
    "candidates/accept/<path:key>": Door("/candidates/accept/nothing", None, lambda reader: False),
    "candidates/refuse/<path:key>": Door("/candidates/refuse/nothing", None, lambda reader: False),
    "candidates/reopen/<path:key>": Door("/candidates/reopen/nothing", None, lambda reader: False),
    "documents": Door("/documents", right("document")),
    "documents/build": Door("/documents/build", None, right("document")),
    "documents/<slug:key>/<str:name>": Door("/documents/2026-01-01-0123456789/x.pdf", lambda reader: False),
}
ROLELESS = "nobody in particular"
SIGNED_IN = (*sorted(ROLES), ROLELESS)


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """All addresses of pages, as their patterns are written."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver) and entry.namespace != "api":
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def test_every_address_has_its_row_in_this_table():
    found = list(addresses(get_resolver()))
    assert len(found) == len(set(found))
    assert set(found) == set(DOORS)


@pytest.fixture
def job() -> int:
    """A team, a person with a skill, an initiative; and work that somebody else waits for."""
    changes = [
        Change("team", "t", {"name_en": "T"}),
        Change("skill", "s", {"name_en": "S"}),
        Change("person", "p", {"name": "P"}),
        Change("person-skill", "", {"person": "p", "skill": "s"}),
        Change("initiative", "i", {"name_en": "I"}),
    ]
    write(service("tests"), changes, "tests")
    return Job.objects.create(task="answer", arguments="{}", owner="user:other").pk


def reader_and_browser(role: str) -> tuple[Reader, Client]:
    """Somebody of a role who has signed in, and what they may."""
    user = User.objects.create(username="somebody")
    give_roles(user, [] if role == ROLELESS else [role])
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return Reader("user:somebody", () if role == ROLELESS else (ROLES[role],)), browser


@pytest.mark.parametrize("role", SIGNED_IN)
def test_doors_open_for_whom_they_are_meant_and_for_nobody_else(job: int, role: str):
    reader, browser = reader_and_browser(role)
    wrong, before = {}, set(Commit.objects.values_list("number", flat=True))
    for route, door in DOORS.items():
        if route in ("sign-in", "sign-out"):
            continue
        for method, may in (("get", door.get), ("post", door.post)):
            for headers in ({}, {"HX-Request": "true"}):  # a fragment opens no door that the page does not
                write(service("tests"), [Change(KIND, "gone", {"name_en": "to be deleted"})], "tests")
                answer = getattr(browser, method)(door.example.format(job=job), headers=headers)
                expected = "no such method" if may is None else "open" if may(reader) else "closed"
                if _state(answer.status_code) != expected:
                    wrong[f"{method} {route} {headers}"] = (expected, answer.status_code)
    assert wrong == {}
    written = Version.objects.exclude(began__in=before).exclude(key="gone", action="create")
    assert all(reader.writes(version.kind) for version in written)


def _state(status: int) -> str:
    if status == 405:
        return "no such method"
    if status in (403, 404):
        return "closed"
    return "open" if status < 500 else "broken"


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head", "trace"])
def test_whoever_has_not_signed_in_is_let_in_nowhere(job: int, method: str):
    browser, before = Client(raise_request_exception=False), Commit.objects.count()
    for door in DOORS.values():
        answer = getattr(browser, method)(door.example.format(job=job))
        if not door.open:
            assert answer.status_code in (302, 405), door.example
            assert answer.status_code == 405 or answer.headers["Location"].startswith("/sign-in?next=")
        assert answer.status_code < 500
    assert Commit.objects.count() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_page_knows_another_method(job: int, method: str):
    _reader, browser = reader_and_browser("cto")
    before = Commit.objects.count()
    for route, door in DOORS.items():
        answer = getattr(browser, method)(door.example.format(job=job), headers={"X-HTTP-Method-Override": "POST"})
        assert answer.status_code in ((200, 302, 404, 405) if door.open else (200, 404, 405)), route
    assert Commit.objects.count() == before


@pytest.mark.parametrize("route", [route for route, door in DOORS.items() if door.post])
def test_nothing_is_sent_without_the_form_s_token(job: int, route: str):
    """A page of another house that makes the reader's browser send a form gets nowhere."""
    user = User.objects.create(username="chief")
    give_roles(user, ["cto"])
    browser, before = Client(enforce_csrf_checks=True), Commit.objects.count()
    browser.force_login(user)
    for headers in ({}, {"Origin": "https://evil.example"}, {"X-CSRFToken": "x" * 64}):
        answer = browser.post(DOORS[route].example.format(job=job), {"key": "mine", "name_en": "x"}, headers=headers)
        assert answer.status_code == 403
    assert Commit.objects.count() == before
    assert "_auth_user_id" in browser.session


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_the_api_takes_a_session_only_with_the_token_of_a_form(job: int, method: str):
    user = User.objects.create(username="chief")
    give_roles(user, ["cto"])
    browser, before = Client(enforce_csrf_checks=True), Commit.objects.count()
    browser.force_login(user)
    address = "/api/team" if method == "post" else "/api/team/t"
    answer = getattr(browser, method)(address, '{"key": "x", "name_en": "x"}', content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["errors"]
    assert Commit.objects.count() == before


@pytest.mark.parametrize("role", SIGNED_IN)
def test_evidence_opens_by_table(role: str):
    reader, browser = reader_and_browser(role)
    opened = {name for name in TABLES if browser.get(f"/evidence/table/{name}").status_code == 200}
    assert opened == {name for name in TABLES if may_read(reader, name)}


@pytest.mark.parametrize("role", ["administrator", ROLELESS])
def test_the_administrator_is_shown_no_content(job: int, role: str):
    """Runs the house, and reads nothing that stands in it."""
    _reader, browser = reader_and_browser(role)
    for address in ("/", "/search?q=p", "/records/", "/evidence", "/decisions"):
        content = browser.get(address).content.decode()
        assert "/records/team/record/t" not in content
        assert "/records/person/" not in content
    assert browser.get("/api/team").status_code == 403
    assert browser.get("/api/decisions").json()["items"] == []
