"""What a role may not see moves no byte that it can get; no door breaks, or opens for whoever it is not meant for."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import commanding
import pytest
from crawling import Opened, Record, client, crawl, doors, some_records
from django.db import transaction
from django.middleware import csrf
from django.test import Client
from django.test import client as testing
from django.utils import timezone

from quarterdeck.decisions import deciding
from quarterdeck.estate import sources
from quarterdeck.evidence import readers
from quarterdeck.kinds import history
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import ROLES, Reader, Role, service
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake.collect import collect
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.office.documents import building
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import ground
from quarterdeck.runs import answers, values
from quarterdeck.runs.analysis import ANALYSES, Audience, Gathering
from quarterdeck.runs.models import Answer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "office"))
from small_company import enter

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SUBJECT = Record("person", "ada")
EARNED, RAISED = Decimal("71234.57"), Decimal("98765.43")
FIGURES = tuple(f"{amount:{form}}".encode() for amount in (EARNED, RAISED) for form in ("f", ",.2f", ",.0f"))
ASKED = tuple(f"/api/analyses/{name}" for name in ANALYSES)
WHAT_IF = {"changes": f"lose-person:{SUBJECT.key}", "frontier": "no"}
COMPUTED = ("/plan", "/drift", "/candidates", "/what-if?ask=1&change=lose-person:ada", *ASKED)
UNCLEARED = sorted(name for name, role in ROLES.items() if "pay" not in role.clears)
CLEARED = sorted(ROLES.keys() - set(UNCLEARED))
MAKING = ("new", "import", "edit")
ROSTER = (
    "staff_id,name,email,salary,salary_currency\nada,Ada Person,ada@example.org,{pay},EUR\nbo,Bo,bo@example.org,1,EUR\n"
)
# Looked at once: empty forms, forms that say what the record's page says, tables without rows.
STILL = re.compile(rf"/(new|import)$|/edit/(?!{SUBJECT.key})|^/evidence/table/")
Look = dict[str, Opened]


@dataclass(frozen=True)
class Looks:
    """What every role saw and was told: before a hidden value moved, and after it had."""

    before: dict[str, Look]
    after: dict[str, Look]
    said_before: dict[str, dict[str, bytes]]
    said_after: dict[str, dict[str, bytes]]

    def moved(self, role: str) -> list[str]:
        """Doors behind which something else stands now, and doors that only one of the looks found."""
        looks = (self.before[role], self.after[role])
        return differing(*({a: seen for a, seen in look.items() if not STILL.search(a)} for look in looks))

    def told(self, role: str, addresses: list[str]) -> str:
        """Where this role could tell, and by which bytes."""
        nothing = Opened(0, b"")
        looks = [(a, self.before[role].get(a, nothing).body, self.after[role].get(a, nothing).body) for a in addresses]
        return "\n".join(f"{address}: {around(first, second)}" for address, first, second in looks)


def differing(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """Names under which two looks hold different things."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def around(first: bytes, second: bytes) -> str:
    """The bytes around the first difference."""
    pairs = enumerate(zip(first, second, strict=False))
    place = next((n for n, (left, right) in pairs if left != right), min(len(first), len(second)))
    return f"{first[max(0, place - 60) : place + 60]!r} → {second[max(0, place - 60) : place + 60]!r}"


@contextmanager
def frozen() -> Iterator[None]:
    """Time stands still, and form tokens are what they always are: nothing may differ but for what was changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: NOW)
        patch.setattr(csrf, "_get_new_csrf_string", lambda: "a" * csrf.CSRF_SECRET_LENGTH)
        patch.setattr(csrf, "_mask_cipher_secret", lambda secret: secret)
        patch.setattr(testing, "store_rendered_templates", lambda *given, **named: None)  # a fifth of the time
        yield


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


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A small company with an approved plan and its documents, in which somebody earns something; gone afterwards."""
    home = tmp_path_factory.mktemp("home")
    with django_db_blocker.unblock(), frozen(), commanding.at_home(home), transaction.atomic():
        enter()
        pay(EARNED)
        cto = reader_in("cto")
        made = baselines.propose(cto, answers.answer("plan", cto), answers.answer("outlook", cto), "EUR")
        deciding.confirm(reader_in("general-manager"), made.key)
        crawl(user_in("cto"), COMPUTED, follow=False)
        for role in sorted(ROLES):
            crawl(user_in(role), ASKED, follow=False)  # so that all looks find the answers known
        building.build(cto, formats=("md",))
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def looks(company: None, tmp_path_factory: pytest.TempPathFactory) -> Looks:
    """Everything that every role can open and ask, before and after a pay rise."""
    addresses, folder = everything(), tmp_path_factory.mktemp("sheets")

    def said(roles: list[str]) -> dict[str, dict[str, bytes]]:
        return {role: commanding.all_said(role, SUBJECT.key, folder) for role in roles}

    before, said_before = {role: crawl(user_in(role), addresses) for role in sorted(ROLES)}, said(sorted(ROLES))
    pay(RAISED)
    again = [address for address in addresses if not STILL.search(address)]
    after = {role: crawl(user_in(role), again) for role in UNCLEARED}
    return Looks(before, after, said_before, said(sorted(ROLES)))


def everything() -> list[str]:
    """All doors there are."""
    answers = Answer.objects.order_by("id").values_list("id", flat=True)
    return doors(
        some_records([SUBJECT]), [*answers.filter(audience="company"), *answers.exclude(audience="company")[:8]]
    )


@pytest.mark.parametrize("role", UNCLEARED)
def test_a_hidden_value_moves_no_byte_of_any_page_sheet_or_answer(looks: Looks, role: str):
    assert len(looks.before[role]) > 5 * len(KINDS)
    assert looks.moved(role) == [], looks.told(role, looks.moved(role))


@pytest.mark.parametrize("role", UNCLEARED)
def test_a_hidden_value_moves_no_byte_of_what_commands_print_and_write(looks: Looks, role: str):
    assert differing(looks.said_before[role], looks.said_after[role]) == []


def test_whoever_may_look_opens_every_sort_of_door(looks: Looks):
    """Equal bytes say nothing where all that was got is a refusal."""
    opened = {a for a, seen in looks.before["auditor"].items() if seen.status == 200}
    for some in (
        "/api/openapi.json",
        "/records/workbook.xlsx",
        "/search?q=person",
        "/what-if?ask",
        "/path/",
        "/documents/",
    ):
        assert any(address.startswith(some) for address in opened), some
    refused = {words for words, said in looks.said_before["cto"].items() if not said.startswith(b"0\n")}
    assert refused == set()


@pytest.mark.parametrize("role", CLEARED)
def test_whoever_may_see_it_sees_it_move(looks: Looks, role: str):
    page, api = (f"{place}/{SUBJECT.key}" for place in ("/records/person/record", "/api/person"))
    sheet = "/records/person/export?format=csv"
    after = crawl(user_in(role), [page, api, sheet], follow=False)
    for address in (api, sheet):
        assert str(EARNED).encode() in looks.before[role][address].body
        assert str(RAISED).encode() in after[address].body
    assert f"{RAISED:,}".encode() in after[page].body
    moved = set(differing(looks.said_before[role], looks.said_after[role]))
    assert moved >= {"show person:ada", "show person:ada --json", "list person --json", "people.csv --kind person"}
    assert moved >= {"all.xlsx", "people.xlsx --kind person", "list person --where salary=71234.57 --json"}


@pytest.mark.parametrize("role", UNCLEARED)
def test_nobody_uncleared_is_told_the_figure_anywhere(looks: Looks, role: str):
    for look in (looks.before[role], looks.after[role]):
        told_by = [a for a, opened in look.items() if str(EARNED) not in a and any(f in opened.body for f in FIGURES)]
        assert told_by == []
    for words, said in (*looks.said_before[role].items(), *looks.said_after[role].items()):
        assert str(EARNED) in words or not any(figure in said for figure in FIGURES), words


# --- what goes into computations -------------------------------------------------------------------------------------


def taken_in() -> dict[tuple[str, str, str], str]:
    """What every analysis takes in anew, for the company or for every uncleared role that may ask it."""
    found = {}
    for name, analysis in ANALYSES.items():
        for role in UNCLEARED:
            reader = reader_in(role)
            try:
                answers.permit(analysis, reader)
            except answers.Denied:
                continue
            for given in ({}, WHAT_IF):
                chosen = {**analysis.defaults, **{n: text for n, text in given.items() if n in analysis.defaults}}
                if name == "drift":
                    chosen["baseline"] = str(Answer.objects.filter(analysis="plan").order_by("id").first().id)
                gathering = Gathering(analysis.computes_for(reader), NOW.date(), chosen, analysis.module)
                audience = "company" if analysis.audience is Audience.COMPANY else role
                inputs = values.to_text(analysis.gather(gathering))
                found[name, audience, chosen.get("changes", "")] = f"{inputs}{gathering.rested}"
    return found


def test_no_computation_takes_in_a_hidden_value(company: None):
    before = taken_in()
    pay(RAISED + 1)
    assert {name for name, _audience, _changes in before} == set(ANALYSES)
    assert taken_in() == before


def budgeted_by_pay(gather: Callable[..., Any]) -> Callable[..., Any]:
    """A company computation into which somebody's pay leaks."""

    def leaking(gathering: Gathering) -> Any:
        found = gather(gathering)
        salary = KINDS["person"].model._default_manager.values_list("salary", flat=True).get(key=SUBJECT.key)
        return found if salary is None else _with(found, float(salary))

    return leaking


def _with(found: Any, salary: float) -> Any:
    programme = found.programme
    return type(found)(**{**vars(found), "programme": type(programme)(**{**vars(programme), "discount": 1 / salary})})


LEAKS = {
    "pay in a company figure": lambda patch: patch.setattr(ground, "gather", budgeted_by_pay(ground.gather)),
    "watermarks that pay moves": lambda patch: patch.setattr(history, "_uncovering", lambda drafts: {"", "pay"}),
    "fields uncovered": lambda patch: patch.setattr(
        Kind, "visible", lambda kind, reader: tuple(kind.attributes.values())
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_these_tests_would_see_a_leak(company: None, monkeypatch: pytest.MonkeyPatch, leak: str):
    LEAKS[leak](monkeypatch)
    few = [*ASKED, "/api/person/ada", "/records/person/record/ada", "/records/person/export?format=csv"]

    def seen() -> tuple[Look, dict[tuple[str, str, str], str], bytes]:
        look = crawl(user_in("auditor"), few, follow=False)
        return look, taken_in(), commanding.say("auditor", ["show", "person:ada"])

    before = seen()
    pay(RAISED + 2)
    assert seen() != before


# --- what is collected -----------------------------------------------------------------------------------------------


def collected(tmp_path: Path, amount: Decimal, roles: list[str]) -> dict[str, Look]:
    """What roles see of a roster in which somebody earns this; then it is as if it had never been collected."""
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER.format(pay=amount))
    with transaction.atomic():
        collect(readers.by_name("roster"), path, by="test")
        source = EvidenceSource.objects.get()
        sources.suggest(source)
        some = ["/", "/evidence", "/evidence/table/roster_people", f"/evidence/source/{source.pk}", "/records/person/"]
        found = {role: crawl(user_in(role), some, follow=False) for role in roles}
        for role in roles:
            for words in (("evidence", "rows", "roster_people"), ("suggestions", "list"), ("evidence", "list")):
                found[role][" ".join(words)] = Opened(0, commanding.say(role, words))
        transaction.set_rollback(True)
    return found


def test_pay_in_a_roster_moves_no_byte_of_evidence_and_suggestions(company: None, tmp_path: Path):
    pay(EARNED)  # so that one of the rosters has nothing to suggest of it
    first, second = (collected(tmp_path, amount, sorted(ROLES)) for amount in (EARNED, RAISED))
    assert {role: differing(first[role], second[role]) for role in UNCLEARED} == {role: [] for role in UNCLEARED}
    assert "/evidence/table/roster_people" in differing(first["hr"], second["hr"])
    assert "suggestions list" in differing(first["hr"], second["hr"])


# --- which doors open ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_door_breaks(looks: Looks, role: str):
    assert {address: opened.status for address, opened in looks.before[role].items() if opened.status >= 500} == {}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_door_opens_for_whoever_it_is_not_meant_for(looks: Looks, role: str):
    found = looks.before[role]
    closed = not_meant_for(ROLES[role], found)
    assert closed or ROLES[role].reads == ROLES[role].writes == frozenset("*")
    assert {a: found[a].status for a in closed if found[a].status not in (403, 404)} == {}


@pytest.mark.parametrize("role", sorted(name for name, role in ROLES.items() if role.writes != frozenset("*")))
def test_nobody_makes_or_removes_what_is_not_theirs(looks: Looks, role: str):
    made, browser, reader = dict[str, int](), client(user_in(role)), Reader("user:test", (ROLES[role],))
    count = {name: kind.model._default_manager.count() for name, kind in KINDS.items()}
    for record in some_records([SUBJECT]):
        if not reader.writes(record.kind):
            made |= attempts(browser, record)
    assert len(made) > 30
    assert {door: status for door, status in made.items() if status not in (403, 404)} == {}
    assert {name: kind.model._default_manager.count() for name, kind in KINDS.items()} == count


def attempts(browser: Client, record: Record) -> dict[str, int]:
    """What comes of making, changing and deleting records of a kind, by page and by API."""
    key, page, api = quote(record.key), f"/records/{record.kind}", f"/api/{record.kind}"
    found = {
        f"POST {page}/new": browser.post(f"{page}/new", {"key": "mine"}),
        f"POST {page}/edit": browser.post(f"{page}/edit/{key}", {"key": "mine"}),
        f"POST {page}/delete": browser.post(f"{page}/delete/{key}"),
        f"POST {api}": browser.post(api, "{}", "application/json"),
        f"PATCH {api}": browser.patch(f"{api}/{key}", "{}", "application/json"),
        f"DELETE {api}": browser.delete(f"{api}/{key}"),
    }
    return {door: answer.status_code for door, answer in found.items()}


def not_meant_for(role: Role, found: Look) -> list[str]:
    """Doors of kinds that a role may not read or write, and of analyses that it may not ask."""
    reader = Reader("user:test", (role,))
    return [address for address in found if not _meant(reader, address.partition("?")[0].strip("/").split("/"))]


def _meant(reader: Reader, parts: list[str]) -> bool:
    place, name, page = (*parts, "", "", "")[:3]
    if place in ("records", "api") and name in KINDS:
        if not reader.reads(name):
            return False
        if place == "records" and page == "grid":
            return reader.writes(parts[3])
        return place == "api" or page not in MAKING or reader.writes(name)
    if (place, name) == ("api", "analyses") and page:
        return not ANALYSES[page].needs or reader.may(ANALYSES[page].needs)
    return place not in ("plan", "what-if", "drift", "candidates") or reader.may("plan")


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
