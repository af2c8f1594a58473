"""Pages in Chinese show no English: shell, desk, plan, what-if, drift, evidence, records, candidates, decisions."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, trans_real

from quarterdeck.evidence import readers
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import ROLES, Reader
from quarterdeck.kinds.users import give_roles
from quarterdeck.runs import answers
from quarterdeck.runs.models import Answer
from quarterdeck.web import messages

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "office"))
from decided_company import enter_all

HAN = "\u3400-\u9fff"
LATIN_STOP = re.compile(rf"[{HAN}）][,;:!?] ?[{HAN}（]|[{HAN}]\.$")  # punctuation of another script
# What stands in Latin letters on a Chinese page: names, units, formats, keys of the keyboard, commands, statistics.
NAMES = frozenset(
    (
        "Quarterdeck",
        "English",
        "CNY",
        "EUR",
        "KEY",
        "API",
        "CSV",
        "XLSX",
        "PDF",
        "Word",
        "PowerPoint",
        "Markdown",
        "UTC",
    )
)
CODE = re.compile(
    r"effort:KEY:1\.5|law:KEY:9|include:KEY|delay:KEY:[12]|cut-budget::0\.\d+|lose-person:ada"
    r"|quarterdeck [a-z ]+[A-Z ]*"
    r"|ISO 4217|knowledge\.islands|例如 (dependsOn|production 或 deprecated)"  # a standard, a figure, catalogues' words
)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The catalogues as they stand now; Django reads them anew where one was older."""
    if messages.compile_catalogues():
        trans_real._translations.clear()
        trans_real._default = None


class Visible(HTMLParser):
    """The text of a page that people see or hear, piece by piece; keys of the keyboard and choices of data left out."""

    SILENT = frozenset({"script", "style", "kbd", "template"})
    HEARD = frozenset({"aria-label", "placeholder", "title", "alt"})

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent.append(tag)
        self.pieces += [value for name, value in attrs if name in self.HEARD and value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.pieces.append(" ".join(data.split()))


class Office:
    """A small company with an approved plan, evidence and candidates, and a browser in it that reads Chinese."""

    def __init__(self) -> None:
        self.browser = Client(headers={"accept-language": "zh-hans"})
        user = User.objects.create(username="cto")
        give_roles(user, ["cto"])
        self.browser.force_login(user)
        self.cto = Reader("user:cto", (ROLES["cto"],))
        self.kept = self._data()

    def _data(self) -> list[str]:
        """Keys of records and names of people and sources: theirs, whatever the language; the longest first."""
        found = {"user:cto", "cto", "test: a small company", "service:test", "service:decisions"}
        found |= {f"user:{user}" for user in ("cto", "gm")} | {"gm", "candidates"}
        for kind in KINDS.values():
            for row in Access(self.cto).select(kind.name).rows():
                found.add(row.key)
                if kind.name == "person":
                    found.add(str(row["name"]))
                if kind.name == "key-result":
                    found.add(str(row["unit"]))
        found |= {"incidents.csv", "incidents"}
        return sorted(found, key=len, reverse=True)

    def values(self) -> list[str]:
        """Every text that people entered, in either language, as forms and histories show it."""
        rows = (row for kind in KINDS.values() for row in Access(self.cto).select(kind.name).rows())
        found = {value for row in rows for value in row.values.values() if isinstance(value, str) and value}
        return sorted(found, key=len, reverse=True)

    def english(self, address: str, allowed: list[str], status: int = 200) -> list[str]:
        """Pieces of a page's text with Latin words left once data and names are out, or with Latin punctuation."""
        response = self.browser.get(address)
        assert response.status_code == status, address
        page = Visible()
        page.feed(response.content.decode())
        assert any(re.search(f"[{HAN}]", piece) for piece in page.pieces), address
        return [piece for piece in page.pieces if not self._plain(piece, allowed)]

    def _plain(self, piece: str, allowed: list[str]) -> bool:
        if LATIN_STOP.search(piece):
            return False
        rest = CODE.sub(" ", piece)
        for word in allowed:
            rest = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", " ", rest)
        rest = re.sub(r"\b[0-9a-f]{12}\b|plan-[\d-]+|D-\d+|\b[a-z]+#\d+", " ", rest)
        return set(re.findall(r"[A-Za-z]{2,}", rest)) <= NAMES


@pytest.fixture(scope="module")
def office(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Made once for all pages: entered, planned, confirmed, then moved on so that there is drift."""
    from django.conf import settings

    lake = str(tmp_path_factory.mktemp("lake"))
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LAKE_URL", lake)
        enter_all(tmp_path_factory.mktemp("evidence"))
        made = Office()
        made.lake = lake  # type: ignore[attr-defined]
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def lake_of_the_office(request: pytest.FixtureRequest, own_lake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The office keeps its lake through all tests that use it."""
    if "office" in request.fixturenames:
        from django.conf import settings

        monkeypatch.setattr(settings, "LAKE_URL", request.getfixturevalue("office").lake)


PAGES = (
    "/",
    "/plan",
    "/plan/propose",
    "/what-if",
    "/what-if?ask=1&budget=cut-budget::0.2&replan=no",
    "/what-if?ask=1&person=lose-person:ada&replan=no",
    "/drift",
    "/evidence",
    "/candidates",
    "/decisions",
    "/documents",
    "/records/",
    "/search?q=shop",
    "/search",
)


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_page_shows_no_english(office: Office, address: str):
    assert office.english(address, office.kept) == []


@pytest.mark.django_db
def test_faults_are_told_in_chinese(office: Office):
    for word in ("nonsense", "delay:nobody:1", "lose-person:nobody", "cut-budget::7", "effort:checkout:99", "law:x:0"):
        left = office.english(f"/what-if?ask=1&change={word}", [*office.kept, *SORTS, "nonsense", "nobody"], status=422)
        assert left == [], word
    assert office.english("/nothing", office.kept, status=404) == []


SORTS = sorted(
    [
        "drop-vendor",
        "lose-person",
        "lose-team",
        "freeze-hiring",
        "cut-budget",
        "delay",
        "cancel",
        "include",
        "effort",
        "law",
    ],
    key=len,
    reverse=True,
)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_pages_of_records_show_no_english(office: Office, kind: str):
    """List, new, import, record, form and grid; names in English stand where both halves of a text are shown."""
    keys = [row.key for row in Access(office.cto).select(kind).rows(1)]
    assert office.english(reverse("kinds:list", kwargs={"kind": kind}), office.kept) == []
    both = [*office.values(), *office.kept]
    by_hand = KINDS[kind].writable(office.cto)
    pages = [reverse(f"kinds:{page}", kwargs={"kind": kind}) for page in (("new", "import") if by_hand else ())]
    pages += [
        reverse(f"kinds:{page}", kwargs={"kind": kind, "key": key})
        for page in ("record", *(("edit",) if by_hand else ()))
        for key in keys
    ]
    for child, _link in KINDS[kind].children:
        pages += [reverse("kinds:grid", kwargs={"kind": kind, "child": child, "key": key}) for key in keys]
    fields = sorted({*both, *KINDS[kind].attributes}, key=len, reverse=True)  # headings of sheets are names of fields
    found = {page: office.english(page, fields if page.endswith("/import") else both) for page in pages}
    assert {page: left for page, left in found.items() if left} == {}


@pytest.mark.django_db
def test_pages_of_evidence_show_no_english(office: Office):
    table = next(t for t in readers.by_name("incidents").tables if t.name == "incidents")
    with translation.override("zh-hans"):  # words that sources write, each with what it means
        words = [word for column in table.columns for word in re.findall(r"[A-Za-z]+(?=（)", gettext(column.help))]
    data = [*(column.name for column in table.columns), *words, "source", "INC-1", "INC-2", "ISO", "JSON", *office.kept]
    for page in ("/evidence/table/incidents", "/evidence/source/1"):
        address = page.replace("/1", f"/{_source()}")
        assert office.english(address, sorted(data, key=len, reverse=True)) == []


def _source() -> int:
    from quarterdeck.lake.models import EvidenceSource

    return EvidenceSource.objects.get(reader="incidents").pk


@pytest.mark.django_db
def test_paths_show_no_english(office: Office):
    """Behind every answer: its question, its engine, and the fields its records were chosen by, which are names."""
    fields = {name for kind in KINDS.values() for name in kind.attributes}
    engines = {"portfolio", "outlook", "drift", "delivery", "loss", "graph", "knowledge", "candidates"}
    tables = {table.name for reader in readers.READERS for table in reader.tables}
    columns = {column.name for reader in readers.READERS for table in reader.tables for column in table.columns}
    words = sorted({*fields, *engines, *tables, *columns}, key=len, reverse=True)
    for kept in Answer.objects.all():
        address = reverse("path", kwargs={"number": kept.pk})
        assert office.english(address, [*words, *office.kept]) == [], kept.analysis


@pytest.mark.django_db
def test_what_was_decided_and_what_may_be_shows_no_english(office: Office):
    both = [*office.values(), *office.kept]
    proposal = Access(office.cto).select("approved-plan").rows(1)
    assert proposal
    assert office.english(reverse("decision", kwargs={"key": "D-1"}), both) == []
    found = answers.answer("candidates", office.cto).result.candidates
    assert found
    for weighed in found:
        address = reverse("candidate", kwargs={"key": weighed.candidate.key})
        assert office.english(address, [weighed.candidate.key, *both]) == []


@pytest.mark.django_db
def test_the_doors_are_in_chinese(office: Office):
    stranger = Client(headers={"accept-language": "zh-hans"})
    engineer = User.objects.create(username="engineer")
    give_roles(engineer, ["engineer"])
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(engineer)
    for page in (stranger.get("/sign-in"), browser.get("/plan")):
        shown = Visible()
        shown.feed(page.content.decode())
        assert [piece for piece in shown.pieces if not office._plain(piece, office.kept)] == []
