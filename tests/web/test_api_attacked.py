"""The API answers as it says it does, whatever is sent to it, and nobody writes through it what they may not."""

import json

import pytest
from attacking import Seen, attack, contradictions, operations
from django.test import Client

from quarterdeck.kinds import users
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Commit, User, Version
from quarterdeck.kinds.roles import ROLES, service
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import write
from quarterdeck.web.urls import API

pytestmark = pytest.mark.django_db

EXAMPLES = 320  # requests of each caller, over all operations
CALLERS = {  # role, rights of the token
    "cto": ("cto", "write"),
    "direct subordinate": ("direct-subordinate", "write"),
    "auditor": ("auditor", "write"),
    "administrator": ("administrator", "write"),
    "reading token": ("cto", "read"),
    "importing token": ("cto", "import"),
}


@pytest.fixture
def records() -> None:
    """Two records of every kind, linked to each other."""
    import kind_examples

    write(service("tests"), list(kind_examples.world(2)), "tests")


def caller(role: str, rights: str) -> Client:
    """A program that calls with a token."""
    user = User.objects.create(username="caller")
    give_roles(user, [role])
    token = users.make_token(user, "attack", rights)
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"})


@pytest.mark.parametrize("name", CALLERS)
def test_every_answer_is_one_that_the_description_names(records: None, name: str):
    role, rights = CALLERS[name]
    before = Commit.objects.count()
    seen = attack(caller(role, rights), operations(), EXAMPLES)
    assert list(contradictions(seen)) == []
    assert_answered(seen, rights, role)
    written = Version.objects.filter(began__gt=before)
    mine = KINDS.keys() if ROLES[role].writes == {"*"} else ROLES[role].writes
    assert set(written.values_list("kind", flat=True)) <= (set() if rights == "read" else set(mine))
    if "*" in ROLES[role].writes and rights != "read":
        assert written.exists(), "or nothing was tried in earnest"


def assert_answered(seen: Seen, rights: str, role: str) -> None:
    """The requests were of all sorts, or they prove little."""
    statuses = {response.status_code for _case, response in seen}
    assert len({case.operation.label for case, _response in seen}) > len(operations()) / 3
    assert statuses >= ({403, 422} if rights == "import" or not ROLES[role].reads else {200, 404, 422})
    if rights == "read" or not ROLES[role].writes:
        changing = {r.status_code for case, r in seen if case.method in ("POST", "PATCH", "DELETE")}
        assert changing <= {400, 401, 403, 404, 422}


@pytest.mark.parametrize("name", ["auditor", "administrator", "reading token"])
@pytest.mark.parametrize("sheet", ["", "key\n", "key,name_en\nx,X\n"])
def test_nobody_brings_a_sheet_who_may_not_write_even_an_empty_one(name: str, sheet: str, db: None):
    answer = caller(*CALLERS[name]).post("/api/sheets/team", sheet, content_type="text/csv")
    assert answer.status_code == 403


def test_the_description_names_every_operation_with_its_refusals():
    described = API.get_openapi_schema()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            told = {str(code) for code in operation["responses"]}
            assert told >= {"400", "401"}, f"{method} {path}"
            assert operation["operationId"]
    assert {scheme["type"] for scheme in described["components"]["securitySchemes"].values()} == {"http", "apiKey"}


# --- what no description would make up -------------------------------------------------------------------------------

BODIES = {
    "not JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "NUL": b'{"key": "a\\u0000b", "name_en": "x"}',
    "a lone surrogate": b'{"key": "x", "name_en": "\\ud800"}',
    "a raw surrogate": b'{"key": "x", "name_en": "\xed\xa0\x80"}',
    "no text": b"\xff\xfe\x00\x01",
    "deep": b'{"key": "x", "name_en": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number without end": b'{"key": "x", "name_en": "x", "retired": ' + b"9" * 10_000 + b"}",
    "not a number": b'{"key": "x", "name_en": NaN}',
    "an unknown field": b'{"key": "x", "name_en": "x", "salary": 1}',
    "an id": b'{"key": "x", "name_en": "x", "id": 1, "fold": "y"}',
    "a long key": json.dumps({"key": "k" * 100_000, "name_en": "x"}).encode(),
    "a path": b'{"key": "../../etc/passwd", "name_en": "x"}',
    "an address": b'{"key": "//evil.example/x", "name_en": "x"}',
    "a text too long": json.dumps({"key": "x", "name_en": "x" * 1_000_000}).encode(),
    "a link to nobody": b'{"key": "x", "name_en": "x", "parent": "nobody"}',
    "a link to itself as a table": b'{"key": "x", "name_en": "x", "parent": {"key": "x"}}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_is_refused_and_says_why(records: None, name: str):
    client, before = caller("cto", "write"), Commit.objects.count()
    answer = client.post("/api/team", BODIES[name], content_type="application/json")
    assert answer.status_code in (400, 422)
    assert all(error["message"] for error in answer.json()["errors"])
    assert Commit.objects.count() == before


ADDRESSES = (
    "/api/analyses/nothing", "/api/analyses/plan%00", "/api/team/%00", "/api/team?q=%00", "/api/team?where=key%3D%00",
    "/api/team?where=nothing", "/api/team?where=retired__lt=", "/api/team?where=key__gte=", "/api/team?where=retired__in=,", "/api/team?order=salary", "/api/team?size=0", "/api/team?size=1e9", "/api/team?as_of=soon",
    "/api/team?as_of=0001-01-01T00:00:00%2B23:59", "/api/team?after=nobody", "/api/team/..%2f..%2fetc%2fpasswd",
    "/api/team/%ed%a0%80", "/api/team/%0A", "/api/nothing", "/api/", "/api/decisions/D-99999999999999999999999",
    "/api/decisions/%00", "/api/decisions?after=x", "/api/decisions?state=%F0%9F%98%80", "/api/team/" + "k" * 5_000,
    "/api/team?where=key__in=" + ",".join(["x"] * 5_000), "/api/team?q=" + "%22%20OR%201%20*%20NEAR(" * 20,
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:60])
def test_an_address_that_cannot_be_is_answered_in_the_api_s_own_words(records: None, address: str):
    answer = caller("cto", "write").get(address)
    assert answer.status_code in (200, 400, 404, 422)
    if answer.status_code != 200:
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json()["errors"]


@pytest.mark.parametrize(
    "given", ["baseline=abc", "baseline=1e3", "baseline=-1", "baseline=99999999999999999999", "baseline=1"]
)
@pytest.mark.parametrize("name", ["outlook", "drift"])
def test_a_baseline_that_is_none_is_no_fault_of_ours(records: None, name: str, given: str):
    answer = caller("cto", "write").get(f"/api/analyses/{name}?{given}")
    assert answer.status_code in (404, 422)
    assert answer.json()["errors"]


def test_a_body_larger_than_may_be_is_refused_unread(records: None, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    client, before = caller("cto", "write"), Commit.objects.count()
    sheet = b"key,name_en\n" + b"x,y\n" * 10_000
    for address, kind in (("/api/sheets/team", "text/csv"), ("/api/team", "application/json")):
        answer = client.post(address, sheet, content_type=kind)
        assert answer.status_code == 400
        assert answer.json()["errors"]
    assert Commit.objects.count() == before


def test_a_sheet_with_one_fault_writes_no_row(records: None):
    client, before = caller("cto", "write"), Commit.objects.count()
    answer = client.post("/api/sheets/team", "key,name_en,parent\nx1,X,\nx2,Y,nobody\n", content_type="text/csv")
    assert answer.status_code == 422
    assert [(e["key"], e["field"]) for e in answer.json()["errors"]] == [("x2", "parent")]
    assert Commit.objects.count() == before
