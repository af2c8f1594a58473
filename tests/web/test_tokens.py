"""Tokens of the API: kept as digests, shown once, good for no more and no longer than they say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from quarterdeck.kinds import users
from quarterdeck.kinds.models import Commit, Token, User
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.users import give_roles, make_token, reader_of_token
from quarterdeck.kinds.write import Change, write

pytestmark = pytest.mark.django_db

UserWith = Callable[..., User]


def caller(text: str) -> Client:
    return Client(headers={"authorization": f"Bearer {text}"})


def test_only_a_digest_is_kept(user_with: UserWith):
    text = make_token(user_with("cto"), "reports", "read")
    assert text.startswith(users.PREFIX)
    assert len(text) > 40
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 — the tests' own tables
            assert text not in str(cursor.fetchall())
    assert len({make_token(user_with("cto"), "reports", "read") for _ in range(3)}) == 3


@pytest.mark.parametrize(
    "end",
    [
        lambda token: token.delete(),
        lambda token: Token.objects.filter(pk=token.pk).update(expires=timezone.now() - timedelta(microseconds=1)),
        lambda token: User.objects.filter(pk=token.user_id).update(is_active=False),
        lambda token: token.user.delete(),
    ],
    ids=["taken back", "over", "of a closed account", "of nobody"],
)
def test_a_token_that_is_no_longer_good_opens_nothing(user_with: UserWith, end: Callable[[Token], object]):
    text = make_token(user_with("cto"), "t", "write", timezone.now() + timedelta(hours=1))
    assert caller(text).get("/api/team").status_code == 200
    end(Token.objects.get())
    answer = caller(text).get("/api/team")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert reader_of_token(text) is None


@pytest.mark.parametrize("text", ["", "qd_", "qd_nonsense", "x" * 100_000, "\u00e9", "qd_' OR 1=1"])
def test_what_is_no_token_opens_nothing(user_with: UserWith, text: str):
    make_token(user_with("cto"), "t", "write")
    assert caller(text).get("/api/team").status_code == 401


def test_a_token_is_taken_from_its_header_alone(user_with: UserWith):
    text = make_token(user_with("cto"), "t", "write")
    assert Client().get(f"/api/team?token={text}&access_token={text}").status_code == 401
    assert Client(headers={"authorization": f"Basic {text}"}).get("/api/team").status_code == 401
    assert caller(text).get("/records/team/").status_code == 302, "pages know sessions alone"


def test_a_token_loses_what_its_user_loses(user_with: UserWith):
    user = user_with("cto")
    text = make_token(user, "t", "write")
    assert caller(text).get("/api/person?order=salary").status_code == 200
    give_roles(user, ["engineer"])
    assert caller(text).get("/api/person?order=salary").status_code == 422
    assert caller(text).post("/api/team", '{"key": "t", "name_en": "T"}', "application/json").status_code == 403
    give_roles(user, [])
    assert caller(text).get("/api/team").status_code == 403


@pytest.mark.parametrize("rights", ["read", "import"])
def test_a_lesser_token_decides_and_settles_nothing(user_with: UserWith, rights: str):
    write(service("tests"), [Change("initiative", "i", {"name_en": "I"})], "tests")
    text, before = make_token(user_with("general-manager", "cto"), "t", rights), Commit.objects.count()
    client = caller(text)
    for address in ("/api/decisions/fund", "/api/decisions/D-1/confirm", "/api/decisions/D-1/advise"):
        body = '{"initiative": "i", "agrees": true}'
        assert client.post(address, body, "application/json").status_code in (403, 404)
    assert client.get("/api/initiative").status_code == (200 if rights == "read" else 403)
    assert Commit.objects.count() == before
