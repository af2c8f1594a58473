"""The page of evidence tells each suggestion in full before anybody accepts it; a path tells each thing once."""

import re
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client

from quarterdeck.kinds.access import Access
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import write
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.lake.suggestions import Said, compare, open_suggestions
from quarterdeck.office import evidence, paths
from quarterdeck.runs.analysis import Rested

pytestmark = pytest.mark.django_db
CTO = Reader("user:cto", (ROLES["cto"],))


def told(role: str = "cto") -> str:
    user = User.objects.create(username=role)
    give_roles(user, [role])
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    page = client.get("/evidence").content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def source() -> EvidenceSource:
    return EvidenceSource.objects.create(reader="catalogue", name="s", location="/s")


def test_what_is_new_is_told_field_by_field(source: EvidenceSource) -> None:
    compare(source, [Said("team", "core", {"name_en": "Core", "purpose": "What all rests on"})], ["team"])
    page = told()
    assert "name (English): Core" in page
    assert "purpose: What all rests on" in page


def test_what_would_change_is_told_from_what_stands_there(source: EvidenceSource) -> None:
    write(service("test"), [Change("team", "core", {"name_en": "Core", "purpose": "Old"})], "a person")
    compare(source, [Said("team", "core", {"name_en": "Core", "purpose": "New"})], ["team"])
    page = told()
    assert "purpose: Old → New" in page
    assert "name (English): Core" not in page, "what stays is no change"


def test_the_rest_of_many_is_counted(source: EvidenceSource) -> None:
    many = evidence.SUGGESTED + 3
    compare(source, [Said("team", f"t{n:03}", {"name_en": f"Team {n}"}) for n in range(many)], ["team"])
    page = told()
    assert f"{many} teams" in page
    assert "3 more" in page
    assert f"Team {evidence.SUGGESTED - 1}" in page


# ---- the path of an answer


class Answered:
    """What an answer rests on, and no more."""

    id, run, engine, version, seconds = 1, "0" * 64, "outlook", "1", 3.0

    def __init__(self, *rested: Rested) -> None:
        self.rested = rested


def test_a_path_tells_each_thing_once_answers_before_records_before_evidence() -> None:
    teams = Rested("kind:team", "", 3, 2)
    found = paths.steps(
        Answered(Rested("table:commits", "", 3, 5), teams, teams, Rested("answer:plan#1", "", 1, 1)),  # type: ignore[arg-type]
        CTO,
    )
    assert [step["text"].split(" ")[0] for step in found] == ["run", "answer", "2", "5"]


# ---- what is settled is what was shown


def chief() -> Client:
    user, _made = User.objects.get_or_create(username="chief")
    give_roles(user, ["cto"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def form_of(page: HttpResponse) -> dict[str, str]:
    return dict(
        re.findall(r'<input type="hidden" name="(source|kind|sort|shown)" value="([^"]*)"', page.content.decode())
    )


@pytest.mark.parametrize("word", ["accept", "refuse"])
def test_what_was_suggested_since_the_page_was_opened_is_not_settled(source: EvidenceSource, word: str) -> None:
    client = chief()
    compare(source, [Said("team", "core", {"name_en": "Core"})], [])
    form = form_of(client.get("/evidence"))
    compare(source, [Said("team", "late", {"name_en": "Late"})], [])
    page = client.post("/evidence/suggestions", {**form, word: "1"}, follow=True)
    assert "Nothing was settled" in page.content.decode()
    assert {s.key for s in open_suggestions()} == {"core", "late"}
    assert Access(CTO).select("team").rows() == []
    client.post("/evidence/suggestions", {**form_of(client.get("/evidence")), word: "1"})
    assert open_suggestions() == []


def test_a_value_that_changed_since_is_not_settled(source: EvidenceSource) -> None:
    client = chief()
    compare(source, [Said("team", "core", {"name_en": "Core"})], [])
    form = form_of(client.get("/evidence"))
    compare(source, [Said("team", "core", {"name_en": "Other"})], [])
    client.post("/evidence/suggestions", {**form, "accept": "1"})
    assert Access(CTO).select("team").rows() == []


@pytest.mark.parametrize("missing", ["shown", "sort"])
def test_without_what_was_shown_nothing_is_settled(source: EvidenceSource, missing: str) -> None:
    client = chief()
    compare(source, [Said("team", "core", {"name_en": "Core"})], [])
    form = form_of(client.get("/evidence"))
    form.pop(missing)
    client.post("/evidence/suggestions", {**form, "accept": "1"})
    assert [s.key for s in open_suggestions()] == ["core"]


def test_all_of_many_are_shown_page_by_page(source: EvidenceSource) -> None:
    many = evidence.TOLD + 5
    compare(source, [Said("team", f"t{n:03}", {"name_en": f"Team {n}"}) for n in range(many)], ["team"])
    client = chief()
    (address,) = re.findall(r'href="(/evidence/suggested[^"]*)"', unescape(client.get("/evidence").content.decode()))
    first, second = client.get(address), client.get(f"{address}&page=2")
    told_ones = [line["wants"] for page in (first, second) for line in page.context["one"]["lines"]]
    assert told_ones == [f"name (English): Team {n}" for n in range(many)]
    client.post("/evidence/suggestions", {**form_of(second), "accept": "1"})
    assert len(Access(CTO).select("team").rows()) == many
    assert "Nothing of this is open." in client.get(address).content.decode()
