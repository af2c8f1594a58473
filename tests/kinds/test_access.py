"""The one door out: what a reader may not see changes nothing of what they can get."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.kinds import show, users
from quarterdeck.kinds.access import HIDDEN, Access, BadQuestion, NotFound
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import ROLES, Denied, Reader, service
from quarterdeck.kinds.write import Change, write

pytestmark = pytest.mark.django_db
OPERATOR = service("tests")
ENGINEER = Reader("user:eng", (ROLES["engineer"],), "p-me")
SignedIn = Callable[..., Client]


@pytest.fixture
def staff(db: None) -> None:
    """Two who work here, one who left, and a manager who left."""
    write(OPERATOR, [
        Change("skill", "s", {"name_en": "Sailing"}),
        Change("person", "p-me", {"name": "Me", "salary": 100, "department": "B", "manager": "p-gone"}),
        Change("person", "p-you", {"name": "You", "salary": 200, "department": "A", "manager": "p-me"}),
        Change("person", "p-gone", {"name": "Gone", "salary": 300, "department": "C", "end_date": "2020-01-01"}),
        Change("person-skill", "", {"person": "p-gone", "skill": "s"}),
        Change("person-skill", "", {"person": "p-me", "skill": "s"}),
    ], "test")  # fmt: skip


def person(reader: Reader = ENGINEER, **options: Any) -> Any:
    return Access(reader, **options).select("person")


def test_private_fields_are_not_there_for_whoever_is_not_cleared(staff: None) -> None:
    assert "salary" not in person().one("p-me").values
    assert "salary" not in person().frame().columns
    assert person(OPERATOR.reader).one("p-me")["salary"] == 100
    for question in (
        lambda: person().where(salary=100),
        lambda: person().where(salary__gte=1),
        lambda: person().ordered("salary"),
        lambda: person().ordered("-salary"),
        lambda: person().where(colour=1),
    ):
        with pytest.raises(BadQuestion):
            question()
    with pytest.raises(BadQuestion):
        person(as_of=timezone.now()).where(salary=100)
    assert "salary" not in person(as_of=timezone.now()).one("p-me").values


def test_rows_out_of_scope_are_not_there(staff: None) -> None:
    assert [row.key for row in person().rows()] == ["p-me", "p-you"]
    assert person().count() == (2, False)
    assert [row.key for row in person(as_of=timezone.now()).rows()] == ["p-me", "p-you"]
    assert person(as_of=timezone.now()).count() == (2, False)
    for moment in (None, timezone.now()):
        with pytest.raises(NotFound):
            person(as_of=moment).one("p-gone")
        with pytest.raises(NotFound):
            person(as_of=moment).one("nobody")
    assert [row.key for row in person().matching("gone").rows()] == []
    assert [row.key for row in Access(ENGINEER).select("person-skill").rows()] == ["p-me/s"]
    leaving = timezone.localdate() + timedelta(days=30)
    write(OPERATOR, [Change("person", "p-you", {"end_date": leaving})], "notice given")
    assert "p-you" in {row.key for row in person().rows()}, "who is about to leave still works here"
    own = Reader("user:gone", (ROLES["engineer"],), "P-Gone")
    assert person(own).one("p-gone")["name"] == "Gone"


def test_a_link_out_of_sight_is_covered_and_gives_nothing_away(staff: None) -> None:
    for moment in (None, timezone.now()):
        seen = person(as_of=moment)
        assert seen.one("p-me")["manager"] == HIDDEN
        assert seen.one("p-you")["manager"] == "p-me"
        assert seen.where(manager="p-gone").rows() == []
        assert seen.where(manager__in=["p-gone", "p-me"]).count() == (1, False)
        assert seen.where(manager__gte="a").count() == (1, False)
        assert seen.where(manager=HIDDEN).rows() == []
        assert seen.where(manager__empty=True).rows() == []
        assert {row.key for row in seen.where(manager__not="p-gone").rows()} == {"p-me", "p-you"}
        assert [row.key for row in seen.ordered("manager").rows()] == ["p-you", "p-me"], "covered values stand last"
        assert [row.key for row in seen.ordered("-manager").rows()] == ["p-you", "p-me"]
    first = person().ordered("manager").page(size=1)
    assert [row.key for row in person().ordered("manager").page(first.next or "", 1).rows] == ["p-me"]


def test_no_page_starts_at_a_record_out_of_sight(staff: None) -> None:
    """Where a hidden record would stand in an order says what it holds."""
    for order in ("key", "department", "-department"):
        with pytest.raises(BadQuestion):
            person().ordered(order).page(after="p-gone")
    assert person().ordered("department").page(after="p-you").rows[0].key == "p-me"


def test_a_kind_that_may_not_be_read_is_refused_and_its_keys_are_covered(staff: None) -> None:
    write(
        OPERATOR,
        [
            Change("cost-band", "B1", {"annual_cost": 1, "currency": "EUR"}),
            Change("person", "p-me", {"cost_band": "B1"}),
        ],
        "x",
    )
    with pytest.raises(Denied):
        Access(ENGINEER).select("cost-band")
    with pytest.raises(NotFound):
        Access(ENGINEER).select("no-such-kind")
    assert person().one("p-me")["cost_band"] == HIDDEN
    assert person().where(cost_band="B1").rows() == []
    assert person().where(cost_band__empty=False).count() == (1, False)
    assert "cost-band" not in {kind.name for kind in Access(ENGINEER).kinds()}


def test_an_importing_token_writes_and_reads_nothing(staff: None, user_with: Callable[..., users.User]) -> None:
    text = users.make_token(user_with("cto"), "feed", "import")
    client = Client(headers={"authorization": f"Bearer {text}"})
    made = client.post("/api/team", json.dumps({"key": "t", "name_en": "T"}), content_type="application/json")
    assert (made.status_code, made.json()) == (201, {"key": "t"})
    changed = client.patch("/api/team/t", json.dumps({"name_en": "U"}), content_type="application/json")
    assert (changed.status_code, changed.json()) == (200, {"key": "t"})
    sheet = client.post("/api/sheets/team", "key,name_en\nt,V\nt2,W\n", content_type="text/csv")
    assert sheet.json() == {"created": 1, "updated": 1, "unchanged": 0}
    for address in ("/api/team", "/api/team/t", "/api/person"):
        assert client.get(address).status_code == 403
    assert Access(OPERATOR.reader).select("team").one("t")["name_en"] == "V"


def test_tokens_do_no_more_than_they_say(staff: None, user_with: Callable[..., users.User]) -> None:
    user = user_with("cto")
    reading = Client(headers={"authorization": f"Bearer {users.make_token(user, 'r', 'read')}"})
    assert reading.get("/api/team").status_code == 200
    assert reading.post("/api/team", '{"key": "t", "name_en": "T"}', content_type="application/json").status_code == 403
    old = users.make_token(user, "old", "write", timezone.now() - timedelta(seconds=1))
    assert Client(headers={"authorization": f"Bearer {old}"}).get("/api/team").status_code == 401
    assert Client(headers={"authorization": "Bearer qd_nonsense"}).get("/api/team").status_code == 401
    user.is_active = False
    user.save()
    assert reading.get("/api/team").status_code == 401


# --- non-interference ------------------------------------------------------------------------------------------------


def _bytes(client: Client) -> Iterator[tuple[str, bytes]]:
    """Everything a reader can get about people, by page, sheet and API."""
    declared = KINDS["person"]
    addresses = [show.url(page, declared) for page in ("list", "export")]
    addresses += [show.url("export", declared) + "?format=xlsx", "/records/", "/records/workbook.xlsx"]
    addresses += [show.url(page, declared, "p-me") for page in ("record",)] + ["/search?q=300", "/search?q=gone"]
    addresses += ["/api/person", "/api/person/p-me", "/api/person?order=-department", "/api/person?q=me"]
    addresses += [
        "/api/person?where=manager__empty=false",
        "/api/person?where=manager=p-gone",
        "/api/person?after=p-gone",
    ]
    addresses += ["/api/person?where=salary__gte=150", "/api/person?order=salary", "/api/person/p-gone"]
    for address in addresses:
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        yield address, _still(b"%d " % answer.status_code + content)


def _still(content: bytes) -> bytes:
    """Without the form token, which is another on every page."""
    return re.sub(rb"[A-Za-z0-9]{64}", b"", content)


def test_changing_what_is_hidden_changes_no_byte_that_can_be_got(staff: None, signed_in: SignedIn) -> None:
    engineer, chief = signed_in("engineer", person="p-me"), signed_in("cto")
    before, cleared = dict(_bytes(engineer)), dict(_bytes(chief))
    hidden = {"salary": 999, "department": "0", "name": "Still Gone", "manager": "p-you"}
    write(
        OPERATOR,
        [Change("person", "p-me", {"salary": 111, "salary_currency": "CNY"}), Change("person", "p-gone", hidden)],
        "hidden",
    )
    write(
        OPERATOR,
        [Change("person", "p-you", {"salary": 50}), Change("person", "p-gone", {"key": "p-renamed"})],
        "hidden",
    )
    after = dict(_bytes(engineer))
    assert {address for address in before if before[address] != after[address]} == set()
    changed = {address for address, content in _bytes(chief) if content != cleared[address]}
    assert {"/records/person/export", "/api/person", "/records/person/record/p-me", "/api/person/p-gone"} <= changed


def test_the_cleared_see_the_private_field_everywhere(staff: None, signed_in: SignedIn) -> None:
    chief = signed_in("cto")
    assert chief.get("/api/person?where=salary__gte=150&order=-salary").json()["count"] == 2
    assert b"salary" in b"".join(chief.get("/records/person/export"))
    assert chief.get("/api/person?where=salary__gte=abc").status_code == 422
    assert chief.get("/api/person?where=salary").status_code == 422


# --- questions -------------------------------------------------------------------------------------------------------


def test_conditions_take_what_people_type(staff: None) -> None:
    write(
        OPERATOR,
        [
            Change("system", "a", {"name_en": "A", "criticality": 4, "retired": "2026-01-02"}),
            Change("system", "B", {"name_en": "B"}),
        ],
        "x",
    )
    systems = Access(OPERATOR.reader).select("system")
    for moment in (None, timezone.now()):
        systems = Access(OPERATOR.reader, as_of=moment).select("system")
        assert [row.key for row in systems.where(criticality="4").rows()] == ["a"]
        assert [row.key for row in systems.where(criticality="4 – the company stops").rows()] == ["a"]
        assert [row.key for row in systems.where(criticality__empty="yes").rows()] == ["B"]
        assert [row.key for row in systems.where(retired__lte="2026-06-01").rows()] == ["a"]
        assert [row.key for row in systems.where(key="b").rows()] == ["B"]
        assert [row.key for row in systems.where(owner="").rows()] == ["a", "B"]
    for bad in ({"criticality": "many"}, {"retired__gte": "soon"}, {"name_en__like": "x"}):
        with pytest.raises(BadQuestion):
            systems.where(**bad)


def test_a_bad_address_is_a_bad_question_and_no_crash(staff: None, signed_in: SignedIn) -> None:
    client = signed_in("cto")
    assert client.get("/records/system/?criticality=many").status_code == 400
    assert client.get("/records/system/?order=nothing").status_code == 400
    assert client.get("/records/system/?after=nowhere").status_code == 400
    assert client.get("/records/nothing/").status_code == 404
    assert client.get("/records/person/record/nobody").status_code == 404


def test_pages_by_any_order_hold_every_record_once() -> None:
    levels = [None, "", "1", "2"]
    write(OPERATOR, [Change("team", f"t{n}", {"name_en": "T"}) for n in range(3)], "x")
    write(OPERATOR, [
        Change("person", f"p{n:02}", {"level": levels[n % 4], "team": [None, "t0", "t2"][n % 3], "start_date": [None, "2026-01-02"][n % 2]})
        for n in range(23)
    ], "x")  # fmt: skip
    for order in (
        ("level",),
        ("-level", "team"),
        ("team", "-start_date"),
        ("-team",),
        ("start_date", "-level", "key"),
        ("-key",),
    ):
        selection = person(OPERATOR.reader).ordered(*order)
        found, after = [], ""
        while True:
            page = selection.page(after, size=5)
            found += [row.key for row in page.rows]
            if page.next is None:
                break
            after = page.next
        assert found == [row.key for row in selection.rows()]
        assert sorted(found) == [f"p{n:02}" for n in range(23)]


def test_frames_are_typed_to_the_last_digit() -> None:
    write(
        OPERATOR,
        [Change("exchange-rate", "", {"currency": "EUR", "base": "CNY", "on": "2026-01-02", "rate": "7.12345678"})],
        "x",
    )
    frame = Access(OPERATOR.reader).select("exchange-rate").frame()
    assert frame.schema["rate"] == pl.Decimal(38, 8)
    assert str(frame["rate"][0]) == "7.12345678"
    assert frame.schema["on"] == pl.Date()
    assert Access(OPERATOR.reader).select("vendor").frame().schema["key"] == pl.String()


def test_a_key_that_looks_like_a_page_is_only_a_key(signed_in: SignedIn) -> None:
    client = signed_in("cto")
    for key in ("a/edit", "new", "import", "a/grid/repository", "a/delete", "record/x", "sheet"):
        write(OPERATOR, [Change("system", key, {"name_en": f"Named {key}"})], "x")
        for page in ("record", "edit"):
            answer = client.get(show.url(page, KINDS["system"], key))
            assert answer.status_code == 200
            assert answer.context["row"].key == key
        assert client.get(f"/api/system/{key}").json()["key"] == key
