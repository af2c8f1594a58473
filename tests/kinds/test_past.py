"""As of: as known then, as effective then, over renamings, deletions and changes of the clock; sealed values of others."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from quarterdeck.kinds import seal
from quarterdeck.kinds.access import Access, NotFound
from quarterdeck.kinds.models import SubjectKey, Version
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.seal import Sealer, subject_of
from quarterdeck.kinds.write import Change, write

pytestmark = pytest.mark.django_db
OPERATOR = service("tests")


def then(known: bool = True, at: datetime | None = None) -> Access:
    return Access(OPERATOR.reader, at or timezone.now(), known)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("UTC"))


def test_known_and_effective_differ_where_a_change_was_entered_late() -> None:
    today = timezone.now().date()
    write(OPERATOR, [Change("team", "a", {"name_en": "Old"}, effective=today - timedelta(days=90))], "x")
    before = timezone.now()
    write(OPERATOR, [Change("team", "a", {"name_en": "New"}, effective=today - timedelta(days=30))], "x")
    assert then(at=before).select("team").one("a")["name_en"] == "Old"
    assert then().select("team").one("a")["name_en"] == "New"
    assert then(known=False, at=noon(today - timedelta(days=31))).select("team").one("a")["name_en"] == "Old"
    assert then(known=False, at=noon(today - timedelta(days=30))).select("team").one("a")["name_en"] == "New"
    assert then(known=False, at=noon(today - timedelta(days=91))).select("team").rows() == []
    assert then(known=True, at=noon(today - timedelta(days=1))).select("team").rows() == []


def test_a_change_that_is_to_come_is_known_and_not_yet_effective() -> None:
    write(OPERATOR, [Change("team", "a", {"name_en": "Now"})], "x")
    later = timezone.now().date() + timedelta(days=10)
    write(OPERATOR, [Change("team", "a", {"name_en": "Later"}, effective=later)], "x")
    assert then(known=False).select("team").one("a")["name_en"] == "Now"
    assert then(known=False, at=noon(later)).select("team").one("a")["name_en"] == "Later"
    assert then().select("team").one("a")["name_en"] == "Later"


def test_the_past_knows_records_by_the_keys_they_had() -> None:
    write(OPERATOR, [Change("team", "a", {"name_en": "First"})], "x")
    one = timezone.now()
    write(OPERATOR, [Change("team", "a", {"key": "b"})], "x")
    two = timezone.now()
    write(OPERATOR, [Change("team", "c", {"name_en": "Second"})], "x")
    write(OPERATOR, [Change("team", "c", {"key": "a"})], "x")
    three = timezone.now()
    write(OPERATOR, [Change("team", "b", None)], "x")
    assert (then(at=one).select("team").one("a")["name_en"], then(at=one).select("team").one("b")["name_en"]) == (
        "First",
        "First",
    )
    assert then(at=two).select("team").one("b")["name_en"] == "First"
    assert (then(at=three).select("team").one("a")["name_en"], then(at=three).select("team").one("B")["name_en"]) == (
        "Second",
        "First",
    )
    assert [row.key for row in then(at=three).select("team").rows()] == ["a", "b"]
    with pytest.raises(NotFound):
        then().select("team").one("b")
    with pytest.raises(NotFound):
        then(at=one).select("team").one("c")


def test_links_of_the_past_are_said_as_they_were() -> None:
    write(OPERATOR, [Change("team", "a", {"name_en": "A"}), Change("person", "p", {"team": "a"})], "x")
    one = timezone.now()
    write(OPERATOR, [Change("team", "a", {"key": "b"})], "x")
    assert then(at=one).select("person").one("p")["team"] == "a"
    assert Access(OPERATOR.reader).select("person").one("p")["team"] == "b"
    assert [row.key for row in then(at=one).select("person").where(team="a").rows()] == ["p"]


def test_a_page_of_the_past_goes_on_where_the_last_ended() -> None:
    write(OPERATOR, [Change("team", f"t{n:02}", {"name_en": f"{n % 3}"}) for n in range(25)], "x")
    moment = timezone.now()
    write(OPERATOR, [Change("team", f"t{n:02}", None) for n in range(0, 25, 2)], "x")
    for order in (("key",), ("name_en",), ("-name_en", "key")):
        found, after = [], ""
        while True:
            page = then(at=moment).select("team").ordered(*order).page(after, size=7)
            assert page.count == 25
            found += [row.key for row in page.rows]
            if page.next is None:
                break
            after = page.next
        assert len(found) == len(set(found)) == 25
        assert found == [row.key for row in then(at=moment).select("team").ordered(*order).rows()]
    assert then(at=moment).select("team").matching("1").count() == (8, False)


# --- seals -----------------------------------------------------------------------------------------------------------


def test_personal_values_are_sealed_in_the_history_and_only_there() -> None:
    write(OPERATOR, [Change("person", "p", {"name": "Ada", "salary": "5", "level": "L1"})], "x")
    text = Version.objects.get().values
    assert "Ada" not in text
    assert '"level":"L1"' in text
    assert text.count("sealed:person:") == 2
    assert then().select("person").one("p")["name"] == "Ada"
    assert SubjectKey.objects.get().subject.startswith("person:")


def test_nobody_gets_a_key_who_has_nothing_to_seal() -> None:
    write(OPERATOR, [Change("person", "p", {"level": "L1"})], "x")
    assert not SubjectKey.objects.exists()
    write(OPERATOR, [Change("person", "p", {"name": "Ada"})], "x")
    write(OPERATOR, [Change("person", "p", {"name": "Eve"})], "x")
    assert SubjectKey.objects.count() == 1


def test_a_seal_holds_against_moving_altering_and_losing_its_key() -> None:
    sealer = Sealer()
    sealer.make(["person:1", "person:2"])
    one = sealer.seal("person:1", "secret")
    assert one != sealer.seal("person:1", "secret"), "equal values do not show as equal"
    assert subject_of(one) == "person:1"
    assert Sealer().open("person:1", one) == "secret"
    with pytest.raises(ValueError, match="altered"):
        sealer.open("person:2", one)
    for bad in (one[:-4] + "AAA=", one + "!", "sealed:person:1:", "sealed:person:1:AAAA"):
        with pytest.raises(ValueError, match="altered"):
            sealer.open("person:1", bad)
    SubjectKey.objects.filter(subject="person:1").delete()
    assert Sealer().open("person:1", one) is None
    with pytest.raises(KeyError):
        Sealer().seal("person:1", "x")


def test_another_homes_secret_opens_nothing(settings) -> None:  # type: ignore[no-untyped-def]
    sealer = Sealer()
    sealer.make(["person:1"])
    kept = seal.keyed("x", "y")
    settings.SECRET_KEY = "another"
    assert seal.keyed("x", "y") != kept
    assert seal.keyed("x", "y") != seal.keyed("z", "y")
    with pytest.raises(Exception):  # noqa: B017 — the library's own, on a key that cannot be unwrapped
        Sealer().open("person:1", "sealed:person:1:AAAA")
