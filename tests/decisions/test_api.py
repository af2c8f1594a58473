"""The API of decisions: what each role reads and does, by session and by token."""

import json

import pytest
from django.test import Client

from quarterdeck.decisions import proposing
from quarterdeck.decisions.models import Proposal
from quarterdeck.estate.models import Initiative
from quarterdeck.kinds.models import User
from quarterdeck.kinds.users import make_token
from quarterdeck.kinds.write import Change

pytestmark = [pytest.mark.django_db, pytest.mark.urls("decision_addresses")]
BASE = "/api/decisions"


@pytest.fixture
def api(cast):
    """Asks as a user, with a token of given rights."""

    def ask(user: str, method: str, path: str, body: object = None, rights: str = "write"):
        token = make_token(User.objects.get(username=user), f"{method}{path}"[:100], rights)
        return Client().generic(
            method, f"{BASE}{path}", data="" if body is None else json.dumps(body),
            content_type="application/json", headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    return ask


def test_the_whole_way(cast, api):
    made = api("ada", "POST", "/fund", {"initiative": "I-1", "reason": "It pays back."})
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    assert made.json()["changes"] == [
        {
            "kind": "initiative",
            "key": "I-1",
            "action": "update",
            "before": {"state": "proposed"},
            "after": {"state": "funded"},
        }
    ]
    listed = api("gao", "GET", "").json()
    assert [(d["key"], d["waits_for_you"]) for d in listed["items"]] == [(key, True)]
    assert api("fei", "POST", f"/{key}/advise", {"agrees": False, "comment": "No cover."}).status_code == 200
    done = api("gao", "POST", f"/{key}/confirm", {"comment": "Still."}).json()
    assert (done["state"], done["hidden"], done["moved"]) == ("carried-out", 0, [])
    said = {(s["role"], s["verdict"]) for s in done["steps"] if s["part"] != "told"}
    assert said == {("finance", "objects"), ("general-manager", "confirmed"), ("cto", "")}
    assert Initiative.objects.get(key="I-1").state == "funded"
    assert api("gao", "POST", f"/{key}/confirm").json()["state"] == "carried-out"
    assert api("ada", "POST", f"/{key}/withdraw").status_code == 409


@pytest.mark.parametrize(
    ("user", "path", "body", "status"),
    [
        ("ada", "confirm", {}, 403),  # her own
        ("fei", "confirm", {}, 403),
        ("audrey", "decline", {"comment": "no"}, 403),
        ("gao", "decline", {"comment": ""}, 422),
        ("gao", "decline", {}, 422),
        ("gao", "withdraw", {}, 403),
        ("gao", "advise", {"agrees": True}, 403),
        ("gao", "advise", {}, 422),
        ("eve", "confirm", {}, 404),
        ("adam", "decline", {"comment": "no"}, 404),
        ("gao", "explode", {}, 404),
    ],
)
def test_refusals(cast, api, user, path, body, status):
    proposal = proposing.fund(cast.head, "I-1")
    assert api(user, "POST", f"/{proposal.key}/{path}", body).status_code == status
    assert Proposal.objects.get().state == "proposed"


@pytest.mark.parametrize(
    ("user", "body", "status"),
    [
        ("gao", {"initiative": "I-1"}, 403),
        ("eve", {"initiative": "I-1"}, 403),
        ("ada", {"initiative": "I-99"}, 404),
        ("ada", {"initiative": "I-1", "answers": [7]}, 422),
        ("ada", {}, 422),
        ("adam", {"initiative": "I-1"}, 403),
    ],
)
def test_refused_proposals(cast, api, user, body, status):
    assert api(user, "POST", "/fund", body).status_code == status
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(("rights", "reads"), [("read", 200), ("import", 404)])
def test_lesser_tokens(cast, api, rights, reads):
    proposal = proposing.fund(cast.head, "I-1")
    assert api("gao", "GET", f"/{proposal.key}", rights=rights).status_code == reads
    assert api("gao", "POST", f"/{proposal.key}/confirm", {}, rights=rights).status_code in (403, 404)
    assert api("ada", "POST", "/fund", {"initiative": "I-2"}, rights=rights).status_code == 403
    assert Proposal.objects.get().state == "proposed"


def test_nobody_without_a_token_or_session(cast):
    proposal = proposing.fund(cast.head, "I-1")
    assert Client().get(f"{BASE}/{proposal.key}").status_code == 401
    assert Client().post(f"{BASE}/{proposal.key}/confirm").status_code == 401


def test_a_session_needs_the_form_token(cast):
    proposal = proposing.fund(cast.head, "I-1")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="gao"))
    assert client.get(f"{BASE}/{proposal.key}").status_code == 200
    assert client.post(f"{BASE}/{proposal.key}/confirm").status_code == 403
    assert Proposal.objects.get().state == "proposed"


def test_pages_of_the_list(cast, api):
    keys = [proposing.fund(cast.head, key).key for key in ("I-1", "I-2")]
    first = api("gao", "GET", "?size=1").json()
    assert ([d["key"] for d in first["items"]], first["next"]) == ([keys[1]], keys[1])
    second = api("gao", "GET", f"?size=1&after={keys[1]}").json()
    assert ([d["key"] for d in second["items"]], second["next"]) == ([keys[0]], None)
    assert api("gao", "GET", "?state=declined").json()["items"] == []
    assert api("eve", "GET", "").json() == {"items": [], "next": None}


def test_what_moved_is_named(cast, api, edit):
    proposal = proposing.fund(cast.head, "I-1")
    edit("initiative", "I-1", ramp=7)
    done = api("gao", "POST", f"/{proposal.key}/confirm").json()
    assert done["state"] == "overtaken"
    assert done["moved"] == [{"kind": "initiative", "key": "I-1", "field": "ramp", "before": 0, "now": 7, "reason": ""}]


def test_private_fields_stay_private(cast, policies, api, edit):
    """Finance is asked about pay but holds no clearance for it: not a byte of the answer depends on the amounts."""
    bodies = []
    for old, new in (("300000", "330000"), ("410000", "470000")):
        edit("person", "p-eng", salary=old)
        proposal = proposing.propose(cast.cto, "pay", "Raise", [Change("person", "p-eng", {"salary": new})])
        seen = api("fei", "GET", f"/{proposal.key}")
        assert old not in seen.content.decode()
        assert new not in seen.content.decode()
        one = seen.json()
        bodies.append({name: one[name] for name in ("changes", "moved", "hidden", "rests", "state")})
        assert api("gao", "GET", f"/{proposal.key}").json()["changes"][0]["after"] == {"salary": new}
    assert bodies[0] == bodies[1]
