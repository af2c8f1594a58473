"""What a role may not see moves no byte that it can get; no door breaks, or opens for whoever it is not meant for."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from crawling import Opened, Record, client, crawl, doors, some_records
from django.middleware import csrf
from django.test import Client
from django.utils import timezone

from quarterdeck.decisions import deciding
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import ROLES, Reader, Role, service
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import ANALYSES
from quarterdeck.runs.models import Answer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "office"))
from small_company import enter

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SUBJECT = Record("person", "ada")
EARNED, RAISED = Decimal("71234.57"), Decimal("98765.43")
FIGURES = tuple(f"{amount:{form}}".encode() for amount in (EARNED, RAISED) for form in ("f", ",.2f", ",.0f"))
COMPUTED = ("/plan", "/drift", "/candidates", *(f"/api/analyses/{name}" for name in ANALYSES))
UNCLEARED = sorted(name for name, role in ROLES.items() if "pay" not in role.clears)
CLEARED = sorted(ROLES.keys() - set(UNCLEARED))
MAKING = ("new", "import", "edit")


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, and form tokens are what they always are: nothing may differ but for what was changed."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(csrf, "_get_new_csrf_string", lambda: "a" * csrf.CSRF_SECRET_LENGTH)
    monkeypatch.setattr(csrf, "_mask_cipher_secret", lambda secret: secret)


def user_in(role: str) -> User:
    """The user of a role, made at first."""
    user, born = User.objects.get_or_create(username=role)
    if born:
        give_roles(user, [role])
    return user


def reader_in(role: str) -> Reader:
    """The same, as a reader."""
    return reader_of(user_in(role))


def pay(amount: Decimal) -> None:
    """What the subject earns, written where nobody but the cleared sees it."""
    values = {"salary": amount, "salary_currency": "EUR"}
    write(service("test"), [Change(SUBJECT.kind, SUBJECT.key, values)], "test: pay")


@pytest.fixture
def company(db: None) -> None:
    """A small company with an approved plan, in which somebody earns something."""
    enter()
    pay(EARNED)
    cto = reader_in("cto")
    made = baselines.propose(cto, answers.answer("plan", cto), answers.answer("outlook", cto), "EUR")
    deciding.confirm(reader_in("general-manager"), made.key)


def everything() -> list[str]:
    """All doors there are."""
    return doors(some_records([SUBJECT]), Answer.objects.order_by("id").values_list("id", flat=True))


def test_a_hidden_value_moves_no_byte_of_whoever_may_not_see_it(company: None):
    addresses = everything()
    for role in UNCLEARED:
        crawl(user_in(role), COMPUTED)  # so that both looks find the answers known
    before = {role: crawl(user_in(role), addresses) for role in UNCLEARED}
    pay(RAISED)
    after = {role: crawl(user_in(role), addresses) for role in UNCLEARED}
    assert min(len(found) for found in before.values()) > len(KINDS) * 5
    told_by = {a for look in (before, after) for f in look.values() for a in f if any(m in f[a].body for m in FIGURES)}
    assert told_by == set()
    moved = {role: differing(before[role], after[role]) for role in UNCLEARED}
    assert not any(moved.values()), told(moved, before, after)


def differing(before: dict[str, Opened], after: dict[str, Opened]) -> list[str]:
    """Doors behind which something else stands now, and doors that only one of the looks found."""
    return sorted(address for address in before.keys() | after.keys() if before.get(address) != after.get(address))


def told(moved: dict[str, list[str]], before: dict[str, dict[str, Opened]], after: dict[str, dict[str, Opened]]) -> str:
    """Who could tell, where, and by which bytes."""
    lines = []
    for role, addresses in moved.items():
        for address in addresses:
            first, second = before[role].get(address), after[role].get(address)
            lines.append(f"{role} {address}: {around(first.body if first else b'', second.body if second else b'')}")
    return "\n" + "\n".join(lines)


def around(first: bytes, second: bytes) -> str:
    """The bytes around the first difference."""
    pairs = enumerate(zip(first, second, strict=False))
    place = next((n for n, (left, right) in pairs if left != right), min(len(first), len(second)))
    return f"{first[max(0, place - 60) : place + 60]!r} → {second[max(0, place - 60) : place + 60]!r}"


@pytest.mark.parametrize("role", CLEARED)
def test_whoever_may_see_it_sees_it_move(company: None, role: str):
    address = f"/api/{SUBJECT.kind}/{SUBJECT.key}"
    before = crawl(user_in(role), [address], follow=False)[address]
    pay(RAISED)
    after = crawl(user_in(role), [address], follow=False)[address]
    assert (before.status, after.status) == (200, 200)
    assert str(EARNED).encode() in before.body
    assert str(RAISED).encode() in after.body


def test_no_door_breaks_and_none_opens_for_whoever_it_is_not_meant_for(company: None):
    broken, open_to = dict[tuple[str, str], int](), dict[tuple[str, str], int]()
    for role in sorted(ROLES):
        found = crawl(user_in(role), everything())
        broken |= {(role, address): opened.status for address, opened in found.items() if opened.status >= 500}
        closed = not_meant_for(ROLES[role], found)
        assert closed or ROLES[role].reads == ROLES[role].writes == frozenset("*"), role
        open_to |= {(role, a): found[a].status for a in closed if found[a].status not in (403, 404)}
    assert (broken, open_to) == ({}, {})


def test_nobody_makes_or_removes_what_is_not_theirs(company: None):
    made = dict[tuple[str, str], int]()
    count = {name: kind.model._default_manager.count() for name, kind in KINDS.items()}
    for name, role in sorted(ROLES.items()):
        browser, reader = client(user_in(name)), Reader("user:test", (role,))
        for record in some_records([SUBJECT]):
            if reader.writes(record.kind):
                continue
            key, page = quote(record.key), f"/records/{record.kind}"
            answers_given = {
                f"POST {page}/new": browser.post(f"{page}/new", {"key": "mine"}),
                f"POST {page}/edit": browser.post(f"{page}/edit/{key}", {"key": "mine"}),
                f"POST {page}/delete": browser.post(f"{page}/delete/{key}"),
                f"POST /api/{record.kind}": browser.post(f"/api/{record.kind}", "{}", "application/json"),
                f"PATCH /api/{record.kind}": browser.patch(f"/api/{record.kind}/{key}", "{}", "application/json"),
                f"DELETE /api/{record.kind}": browser.delete(f"/api/{record.kind}/{key}"),
            }
            made |= {(name, door): answer.status_code for door, answer in answers_given.items()}
    assert len(made) > len(KINDS) * 6
    assert {door: status for door, status in made.items() if status not in (403, 404)} == {}
    assert {name: kind.model._default_manager.count() for name, kind in KINDS.items()} == count


def not_meant_for(role: Role, found: dict[str, Opened]) -> list[str]:
    """Doors of kinds that a role may not read or write, and of analyses that it may not ask."""
    reader = Reader("user:test", (role,))
    closed = []
    for address in found:
        parts = address.partition("?")[0].strip("/").split("/")
        kind = parts[1] if len(parts) > 1 and parts[1] in KINDS else ""
        if kind and parts[0] in ("records", "api") and not reader.reads(kind):
            closed.append(address)
        elif (
            kind
            and parts[0] == "records"
            and len(parts) > 2
            and parts[2] in ("new", "import", "edit", "delete", "grid")
        ):
            closed += [address] if not reader.writes(kind) else []
        elif kind and parts[0] == "records" and len(parts) > 3 and parts[2] == "grid":
            closed += [address] if not reader.writes(parts[3]) else []
        elif parts[:2] == ["api", "analyses"] and len(parts) > 2 and ANALYSES[parts[2]].needs:
            closed += [address] if not reader.may(ANALYSES[parts[2]].needs) else []
        elif parts[0] in ("plan", "what-if", "drift", "candidates") and not reader.may("plan"):
            closed.append(address)
    return closed


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/plan", "/records/person/", "/search?q=a", "/evidence", "/decisions"])
def test_whoever_has_not_signed_in_is_sent_to_the_sign_in(address: str):
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/person", "/api/person/ada", "/api/analyses", "/api/analyses/plan"])
def test_the_api_asks_who_it_is(address: str):
    assert Client().get(address).status_code == 401
