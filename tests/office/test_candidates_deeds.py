"""What people do with candidates: accept, edit, merge, refuse; and what the pages and the analysis say of them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from candidate_home import TODAY, Home, advisory, histories, reader, rests, scenario, system
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from quarterdeck.engines.candidates import Weighed
from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import Change, Refused
from quarterdeck.office.candidates import deeds, drafts, remembered
from quarterdeck.office.candidates.drafts import Unclear
from quarterdeck.office.plan import ground
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering

CTO = reader()
DJANGO = "advisories/shop/PyPI/django"
PILLOW = "advisories/shop/PyPI/pillow"


@pytest.fixture
def home(db: None, settings, tmp_path: Path) -> Home:  # type: ignore[no-untyped-def]
    """A shop with two weak packages, an idle disk, ownerless systems and a past of changes."""
    settings.LAKE_URL = str(tmp_path / "lake")
    found = Home(tmp_path)
    found.text("dependencies", "shop/requirements.txt", "django==3.2.3\npillow==8.2.0\n")
    found.advisories(advisory("PYSEC-1", "django", "3.2.25"), advisory("PYSEC-2", "pillow", "9.0"))
    history = histories().History()
    start = int(timezone.now().timestamp()) - 200 * 86_400
    for number in range(8):
        history.commit({b"uv.lock": b"x==%d\n" % number}, at=start + number * 10 * 86_400)
    found.repository("shop", history)
    head = "BillingPeriodStart,ChargePeriodStart,ServiceName,ResourceId,"
    head += "ChargeCategory,ConsumedQuantity,BilledCost,BillingCurrency,Tags"
    found.text(
        "bill",
        "bill.csv",
        head + '\n2026-09-01 00:00:00,2026-09-01 00:00:00,Disk,disk-9,Usage,0,41.37,EUR,"{""a"": ""b""}"\n',
    )
    found.records(
        Change("skill", "python", {"name_en": "Python"}),
        Change("skill", "data", {"name_en": "Data"}),
        system("shop"),
        system("ledger"),
        rests("shop", "ledger"),
        scenario("breach", "shop", "attack"),
    )
    return found


def weighed(by: Reader = CTO) -> dict[str, Weighed]:
    """The candidates of the analysis by their keys."""
    return {w.candidate.key: w for w in answers.answer("candidates", by).result.candidates}


def standing(by: Reader = CTO) -> set[str]:
    """Keys of those that stand open."""
    return {
        s.weighed.candidate.key
        for s in remembered.seen(by, answers.answer("candidates", by).result.candidates)
        if s.open
    }


def test_accepting_makes_a_proposed_initiative_with_effort_and_treatment(home: Home) -> None:
    found = weighed()[DJANGO]
    key = deeds.accept(CTO, found, drafts.draft(CTO, found, TODAY))
    initiative = Access(CTO).select("initiative").one(key)
    assert (initiative["state"], initiative["origin"], initiative["system"]) == ("proposed", "advisories", "shop")
    assert initiative["name_zh"] == "将 shop 中的 django 升级到 3.2.25"
    assert "requirements.txt:1" in initiative["description"]
    (effort,) = Access(CTO).select("effort").rows()
    assert (effort["initiative"], effort["skill"]) == (key, "python")
    assert effort["months_low"] == effort["months_high"] == pytest.approx(1 / 21)  # eight changes of one day each
    (treatment,) = Access(CTO).select("treatment").rows()
    assert (treatment["scenario"], treatment["frequency_factor"]) == ("breach", 0.75)
    assert (treatment["frequency_factor_low"], treatment["frequency_factor_high"]) == (0.5, 1.0)
    assert (treatment["magnitude_factor_low"], treatment["magnitude_factor_high"]) == (None, None), "it is exact"
    assert DJANGO not in standing()
    assert PILLOW in standing()


def test_the_interval_of_an_effect_reaches_the_plan(home: Home) -> None:
    """0.4 – 0.9 – 1.0 has the mean (0.4 + 3.6 + 1) / 6: the plan reckons with it, and the outlook draws it."""
    share = {"operations_share_low": 0.5, "operations_share_likely": 0.6, "operations_share_high": 0.75}
    frame = {"start": date(2027, 1, 1), "quarters": 4, "current": True, "currency": "EUR", **share}
    home.records(Change("plan-frame", "frame", {"name_en": "Plan", **frame}))
    found = weighed()[DJANGO]
    months, duration = found.candidate.efforts[0].months, found.candidate.duration
    assert duration is not None
    assert (duration.low, duration.high) == pytest.approx((months.low / 0.5, months.high / 0.25)), "one person's"
    draft = drafts.draft(CTO, found, TODAY)
    effect = replace(draft.effects[0], frequency=Estimate(0.4, 0.9, 1.0))
    key = deeds.accept(CTO, found, replace(draft, effects=(effect,)))
    made = ground.gather(Gathering(CTO, TODAY, {}, SimpleNamespace())).programme  # type: ignore[arg-type]
    (control,) = next(i for i in made.initiatives if i.key == key).controls
    assert control.frequency == pytest.approx(5.0 / 6)
    assert control.often == Estimate(0.4, 0.9, 1.0)
    assert (control.magnitude, control.large) == (1.0, None)


@pytest.mark.parametrize(("low", "high"), [(0.8, 0.9), (0.2, None), (0.1, 0.4)])
def test_the_ends_of_a_factor_stand_on_its_two_sides(home: Home, low: float, high: float | None) -> None:
    found = weighed()[DJANGO]
    key = deeds.accept(CTO, found, drafts.draft(CTO, found, TODAY))
    with pytest.raises(Refused):
        home.records(Change("treatment", f"{key}/breach", {"frequency_factor_low": low, "frequency_factor_high": high}))


def test_a_saving_becomes_the_benefit_to_the_cent(home: Home) -> None:
    found = weighed()["bill/idle/disk-9"]
    key = deeds.accept(CTO, found, drafts.draft(CTO, found, TODAY))
    initiative = Access(CTO).select("initiative").one(key)
    assert (initiative["benefit_low"], initiative["benefit_high"], initiative["currency"]) == (
        Decimal("41.37"),
        Decimal("41.37"),
        "EUR",
    )
    assert Access(CTO).select("effort").rows() == []


def test_refusing_is_remembered_until_more_is_known(home: Home) -> None:
    deeds.refuse(CTO, weighed()[DJANGO], "goes away in March")
    assert DJANGO not in standing()
    assert Access(CTO).select("candidate").one(DJANGO)["reason"] == "goes away in March"
    home.folder.joinpath("osv", "PYSEC-7.json").write_text(
        json.dumps(advisory("PYSEC-7", "rsa", "1")), encoding="utf-8"
    )
    home.collect("advisories", home.folder / "osv")
    assert DJANGO not in standing()
    home.folder.joinpath("osv", "PYSEC-8.json").write_text(
        json.dumps(advisory("PYSEC-8", "django", "3.2.25")), encoding="utf-8"
    )
    home.collect("advisories", home.folder / "osv")
    assert DJANGO in standing()
    deeds.refuse(CTO, weighed()[DJANGO], "still")
    deeds.reopen(CTO, weighed()[DJANGO])
    assert DJANGO in standing()


def test_a_candidate_under_way_does_not_come_up_again(home: Home) -> None:
    found = weighed()[DJANGO]
    key = deeds.accept(CTO, found, drafts.draft(CTO, found, TODAY))
    home.folder.joinpath("osv", "PYSEC-8.json").write_text(
        json.dumps(advisory("PYSEC-8", "django", "3.2.25")), encoding="utf-8"
    )
    home.collect("advisories", home.folder / "osv")
    assert DJANGO not in standing()
    home.records(Change("initiative", key, {"state": "done"}))
    assert DJANGO in standing()
    again = weighed()[DJANGO]
    assert deeds.accept(CTO, again, drafts.draft(CTO, again, TODAY)) == f"{key}-2"


def test_merging_adds_up_and_remembers_all(home: Home) -> None:
    several = [weighed()[DJANGO], weighed()[PILLOW]]
    whole = drafts.together([drafts.draft(CTO, w, TODAY) for w in several], "libraries")
    key = deeds.merge(CTO, several, whole)
    (effort,) = Access(CTO).select("effort").rows()
    one, other = (w.candidate.efforts[0].months for w in several)
    assert effort["months_high"] == pytest.approx(one.high + other.high)
    (treatment,) = Access(CTO).select("treatment").rows()
    ends = [treatment[f"frequency_factor{end}"] for end in ("_low", "", "_high")]
    assert ends == pytest.approx([0.5 * 0.5, 0.75 * 0.75, 1.0])
    states = {row.key: (row["state"], row["initiative"]) for row in Access(CTO).select("candidate").rows()}
    assert states == {DJANGO: ("merged", key), PILLOW: ("merged", key)}
    with pytest.raises(Unclear):
        deeds.merge(CTO, several[:1], whole)


def test_an_effort_without_a_skill_is_not_accepted(home: Home) -> None:
    home.records(Change("skill", "python", None), Change("skill", "data", None))
    found = weighed()[DJANGO]
    with pytest.raises(Unclear):
        deeds.accept(CTO, found, drafts.draft(CTO, found, TODAY))
    assert Access(CTO).select("initiative").rows() == []


def test_who_may_not_write_may_not_decide(home: Home) -> None:
    for role in ("auditor", "finance"):
        with pytest.raises(Denied):
            deeds.refuse(reader(role), weighed()[DJANGO], "")
    with pytest.raises(Denied):
        answers.answer("candidates", reader("engineer"))


def test_a_source_the_reader_may_not_read_is_left_out_and_named(home: Home) -> None:
    head = reader("head-of-department")
    counts = {c.source: c for c in answers.answer("candidates", head).result.sources}
    assert counts["bill"].left_out == () and counts["knowledge"].left_out == ()  # noqa: PT018
    finance = answers.answer("candidates", reader("finance")).result
    counts = {c.source: c for c in finance.sources}
    assert "dependency" in counts["advisories"].left_out
    assert "roster_people" in counts["knowledge"].left_out
    assert (counts["bill"].left_out, counts["bill"].found) == ((), 1)
    assert {w.candidate.source for w in finance.candidates} == {"bill"}


def test_an_answer_is_found_again_and_rests_on_what_was_read(home: Home) -> None:
    first, second = answers.answer("candidates", CTO), answers.answer("candidates", CTO)
    assert (second.id, second.fresh) == (first.id, False)
    assert {"table:components", "table:charges", "table:commits", "kind:system", "kind:scenario"} <= {
        r.what for r in first.rested
    }
    assert answers.figure("candidates.found", CTO).value == len(first.result.candidates)  # type: ignore[union-attr]


@pytest.fixture
def client(home: Home) -> Client:
    """A browser in which the CTO is signed in."""
    user = User.objects.create_user("ada", password="long enough 1")
    give_roles(user, ["cto"])
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


def test_the_list_says_what_was_found_in_both_languages(client: Client) -> None:
    page = client.get(reverse("candidates")).content.decode()
    assert "initiatives were born from evidence" in page
    assert "Update django in shop to 3.2.25" in page
    disk = client.get(reverse("candidate", kwargs={"key": "bill/idle/disk-9"})).content.decode()
    assert "41.37" in disk, "to the cent"
    client.cookies.load({"django_language": "zh-hans"})
    page = client.get(reverse("candidates")).content.decode()
    assert "将 shop 中的 django 升级到 3.2.25" in page
    assert "项候选举措" in page


def test_what_incidents_cost_is_no_unused_spending(home: Home, client: Client) -> None:
    rows = ["incident,system,started,cause,cost,currency"]
    rows += [f"I{n},shop,{timezone.localdate()}T00:00:00Z,queue overflow,9000,EUR" for n in range(3)]
    home.text("incidents", "incidents.csv", "\n".join(rows) + "\n")
    page = client.get(reverse("candidates")).content.decode()
    assert "Mend what keeps breaking shop" in page
    assert "Unused spending comes to 41" in page


def test_the_list_is_narrowed_by_source_and_state(client: Client) -> None:
    page = client.get(reverse("candidates"), {"source": "bill"}).content.decode()
    assert "disk-9" in page
    assert "Update django" not in page
    client.post(reverse("candidate-refuse", kwargs={"key": DJANGO}), {"reason": "no"})
    assert "Update django" not in client.get(reverse("candidates")).content.decode()
    assert "Update django" in client.get(reverse("candidates"), {"state": "refused"}).content.decode()


def test_the_page_of_one_shows_path_and_draft_and_takes_the_edited_draft(client: Client) -> None:
    page = client.get(reverse("candidate", kwargs={"key": DJANGO})).content.decode()
    assert "requirements.txt:1" in page
    assert "PYSEC-1" in page
    assert "csrfmiddlewaretoken" in page
    sent = {
        "name_en": "Safer shop",
        "name_zh": "",
        "mandate": "2027-03-31",
        "skill": "data",
        "currency": "eur",
        "duration_low": "1",
        "duration_likely": "2",
        "duration_high": "3",
        "months_low": "0.5",
        "months_likely": "1",
        "months_high": "2",
        "capital_low": "10",
        "capital_likely": "20",
        "capital_high": "30",
        "benefit_low": "",
        "benefit_likely": "",
        "benefit_high": "",
    }
    wrong = client.post(reverse("candidate-accept", kwargs={"key": DJANGO}), {**sent, "months_high": "0.1"})
    assert wrong.status_code == 422
    assert "not in order" in wrong.content.decode()
    done = client.post(reverse("candidate-accept", kwargs={"key": DJANGO}), sent)
    assert done.status_code == 302
    made = Access(CTO).select("initiative").one(DJANGO)
    assert (made["name_en"], made["mandate"], made["currency"], made["capital_high"]) == (
        "Safer shop",
        date(2027, 3, 31),
        "EUR",
        Decimal(30),
    )
    assert [(e["skill"], e["months_high"]) for e in Access(CTO).select("effort").rows()] == [("data", 2.0)]


def test_two_are_merged_and_one_is_accepted_as_it_is(client: Client) -> None:
    done = client.post(reverse("candidate-merge"), {"key": [DJANGO, PILLOW]})
    assert done.status_code == 302
    assert Access(CTO).select("initiative").one(DJANGO)["name_en"].count("Update") == 2
    client.post(reverse("candidate-accept", kwargs={"key": "ownerless/ledger"}))
    assert Access(CTO).select("initiative").one("ownerless/ledger")["system"] == "ledger"


def test_the_path_opens_in_place(client: Client) -> None:
    address = reverse("candidate-path", kwargs={"key": DJANGO})
    alone = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert alone.startswith("\n<section") or "<html" not in alone
    assert "requirements.txt:1" in alone
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("role", ["engineer", "administrator"])
def test_those_without_the_right_to_plan_see_nothing(home: Home, role: str) -> None:
    user = User.objects.create_user("eng", password="long enough 1")
    give_roles(user, [role])
    client = Client()
    client.force_login(user)
    assert client.get(reverse("candidates")).status_code == 403
    assert client.post(reverse("candidate-accept", kwargs={"key": DJANGO})).status_code == 403


def test_forms_ask_for_the_token(home: Home) -> None:
    user = User.objects.create_user("ada", password="long enough 1")
    give_roles(user, ["cto"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(reverse("candidate-refuse", kwargs={"key": DJANGO})).status_code == 403
    assert Access(CTO).select("candidate").rows() == []


def test_every_sentence_has_its_chinese(home: Home) -> None:
    with override("en"):
        for found in weighed().values():
            assert found.candidate.title.zh != found.candidate.title.en
            assert any("\u4e00" <= sign <= "\u9fff" for sign in found.candidate.why.zh)
