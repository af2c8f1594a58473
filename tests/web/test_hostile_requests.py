"""What comes in over the web is hostile: refused with a reason, or taken as plain text; nothing is half written."""

import html
import io
import zipfile
from collections.abc import Callable
from urllib.parse import quote

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quarterdeck.kinds import sheets
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import Commit, User
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import Change, write
from quarterdeck.web import uploads

pytestmark = pytest.mark.django_db

SIGNED_IN = Callable[..., Client]
OPERATOR = service("tests")
EVIL = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "\thttps://evil.example",
)


@pytest.fixture
def chief(db: None) -> Client:
    """A browser in which somebody is signed in who may write everything; what breaks is an answer and no exception."""
    user = User.objects.create(username="chief")
    give_roles(user, ["cto"])
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


# --- addresses -------------------------------------------------------------------------------------------------------

PLACES = (
    "/records/", "/records/team/", "/records/team/export", "/records/team/record/t", "/records/team/edit/t", "/records/team/new",
    "/records/team/import", "/search", "/plan", "/what-if", "/drift", "/evidence", "/evidence/table/commits", "/decisions",
    "/documents", "/candidates", "/sign-in", "/records/person/grid/person-skill/p",
)  # fmt: skip
NAMES = (
    "q",
    "order",
    "after",
    "parent",
    "format",
    "next",
    "ask",
    "change",
    "check",
    "job",
    "answer",
    "as_of",
    "record",
    "page",
)
VALUES = ("%00", "%ed%a0%80", "%ff%fe", "..%2f..%2fetc%2fpasswd", "9" * 400, "-1", "1e999", "%0d%0aSet-Cookie:x=1", "x" * 20_000,
          "%3Cscript%3E", "{{7*7}}", "%22%27%60", "%F0%9F%98%80", "NaN", "")  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_question_breaks_a_page(chief: Client, place: str):
    write(OPERATOR, [Change("team", "t", {"name_en": "T"}), Change("person", "p", {"name": "P"})], "tests")
    for value in VALUES:
        answer = chief.get(f"{place}?{'&'.join(f'{name}={value}' for name in NAMES)}")
        assert answer.status_code < 500, value
        assert "Set-Cookie:x" not in str(answer.headers)
    for name in NAMES:
        assert chief.get(f"{place}?{name}={VALUES[0]}").status_code == 400
        assert chief.get(f"{place}?{name}=a&{name}=b&{name}[]=c").status_code < 500


@pytest.mark.parametrize(
    "key",
    [
        "%00",
        "..%2f..%2fsecret.key",
        "../../secret.key",
        "%2e%2e/%2e%2e/secret.key",
        "..\\secret.key",
        "%ed%a0%80",
        "%0a",
        "k" * 3_000,
        "a//b",
        ".",
    ],
)
def test_no_key_leads_out_of_the_records(chief: Client, key: str):
    for place in ("records/team/record", "records/team/edit", "records/team/grid/person", "evidence/table", "decisions", "records",
                  "candidates/one", "documents/2026-01-01-0123456789", "documents", "static", "path", "job"):  # fmt: skip
        answer = chief.get(f"/{place}/{key}")
        assert answer.status_code in (301, 302, 400, 404), place
        content = b"".join(answer) if answer.streaming else answer.content
        assert b"secret, kept from nobody" not in content


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "9" * 400])
def test_no_number_is_too_large_to_be_looked_up(chief: Client, number: str):
    for place in ("path", "job", "evidence/source"):
        assert chief.get(f"/{place}/{number}").status_code == 404
        assert chief.post(f"/{place}/{number}/cancel").status_code in (404, 405)


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a b", "[::2]"]
)
def test_a_host_that_is_none_of_ours_is_refused(chief: Client, host: str):
    """Or links in pages and mails would lead to whoever asked."""
    answer = chief.get("/", headers={"Host": host}, SERVER_NAME=host or "x")
    assert answer.status_code == 400
    forwarded = chief.get("/", headers={"X-Forwarded-Host": host, "X-Forwarded-Proto": "https"})
    assert forwarded.status_code == 200
    assert not host.strip() or f"//{host}" not in forwarded.content.decode()


# --- signing in ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> User:
    user = User.objects.create(username="ada")
    user.set_password("a long and honest password")
    user.save()
    return user


@pytest.mark.parametrize("address", EVIL)
def test_whoever_signs_in_stays_in_the_house(ada: User, address: str):
    given = {"username": "ada", "password": "a long and honest password", "next": address}
    for where in ("/sign-in", f"/sign-in?next={quote(address)}"):
        browser = Client()
        assert browser.post(where, given).headers["Location"] == "/"
        assert browser.get(f"/sign-in?next={quote(address)}").headers["Location"] == "/"
    for method in ("post", "get"):
        answer = getattr(Client(), method)(
            "/language", {"language": "zh-hans", "next": address}, headers={"Referer": address.strip()}
        )
        assert answer.headers["Location"] == "/"
    assert Client().post("/sign-in", {**given, "next": "/plan"}).headers["Location"] == "/plan"


def test_a_session_is_not_the_one_that_was_planted(ada: User):
    browser = Client()
    browser.get("/sign-in")
    browser.post("/language", {"language": "en"})
    browser.cookies["sessionid"] = "a" * 32
    browser.post("/sign-in", {"username": "ada", "password": "a long and honest password"})
    assert browser.cookies["sessionid"].value != "a" * 32
    assert browser.cookies["sessionid"]["httponly"]
    assert browser.cookies["sessionid"]["samesite"] == "Lax"
    assert browser.get("/").status_code == 200
    browser.post("/sign-out")
    assert browser.get("/").status_code == 302


def test_an_account_that_was_closed_or_has_a_new_password_is_out_at_once(ada: User):
    first, second = Client(), Client()
    for browser in (first, second):
        browser.force_login(ada)
    ada.set_password("another long and honest one")
    ada.save()
    assert first.get("/").status_code == 302
    third = Client()
    third.force_login(ada)
    ada.is_active = False
    ada.save()
    assert third.get("/").status_code == 302
    answer = Client().post("/sign-in", {"username": "ada", "password": "another long and honest one"})
    assert answer.status_code == 200
    assert answer.wsgi_request.user.is_anonymous


@pytest.mark.parametrize("name", ["nobody", "ADA", "' OR 1=1 --"])
def test_a_wrong_password_says_nothing_about_the_name(ada: User, name: str):
    known, unknown = (Client().post("/sign-in", {"username": n, "password": "wrong"}) for n in ("ada", name))
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.context["form"].errors == unknown.context["form"].errors != {}


@pytest.mark.parametrize("name", ["ada\0", "a" * 10_000, "\ud800".encode("utf-8", "surrogatepass"), "\x07"])
def test_a_name_that_cannot_be_signs_nobody_in(ada: User, name: str):
    answer = Client().post("/sign-in", {"username": name, "password": "a long and honest password"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert answer.wsgi_request.user.is_anonymous


# --- forms -----------------------------------------------------------------------------------------------------------

TEXTS = {
    "NUL": "a\0b", "a lone surrogate": "\ud800", "a bell": "a\x07b", "too long": "x" * 40_000, "markup": "<script>alert(1)</script>",
    "a template": "{{ 7*7 }}{% load x %}", "turned about": "\u202egnp.exe", "a formula": "=cmd|' /C calc'!A0", "nothing": " \t ",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_form_takes_text_as_text_or_refuses_it(chief: Client, name: str):
    before = Commit.objects.count()
    body = f"key=t1&name_en=T&purpose={quote(TEXTS[name], errors='surrogatepass')}"
    answer = chief.post("/records/team/new", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (302, 422)
    assert (Commit.objects.count() == before) == (answer.status_code == 422)
    if answer.status_code == 302:
        taken = Access(OPERATOR.reader).select("team").one("t1")["purpose"]
        assert taken == TEXTS[name].encode("utf-8", "surrogatepass").decode("utf-8", "replace").strip()
        page = chief.get("/records/team/record/t1").content.decode()
        assert not taken or html.escape(taken) in page


def test_what_looks_like_a_formula_leaves_as_text(chief: Client):
    """In CSV and in workbooks, and comes back as it was."""
    texts = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1", "=cmd|' /C calc'!A0", "'=1", '=HYPERLINK("http://evil")']
    write(
        OPERATOR, [Change("team", f"t{n}", {"name_en": "T", "purpose": text}) for n, text in enumerate(texts)], "tests"
    )
    csv = b"".join(chief.get("/records/team/export?format=csv")).decode()
    cells = [cell for line in sheets.csv.reader(io.StringIO(csv.removeprefix("\ufeff"))) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    book = zipfile.ZipFile(io.BytesIO(b"".join(chief.get("/records/team/export?format=xlsx"))))
    assert not [name for name in book.namelist() if b"<f>" in book.read(name) or b"<hyperlink" in book.read(name)]
    upload = SimpleUploadedFile("team.csv", csv.encode())
    assert chief.post("/records/team/import", {"file": upload, "commit": "1"}).status_code == 302
    assert [row["purpose"] for row in Access(OPERATOR.reader).select("team").rows()] == [text.strip() for text in texts]


def test_a_form_with_fields_without_end_is_refused(chief: Client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50, 5_000
    before = Commit.objects.count()
    many = {"key": "x", "name_en": "X", **{f"f{n}": "" for n in range(60)}}
    assert chief.post("/records/team/new", many).status_code == 400
    assert chief.post("/records/team/new", {"key": "x", "name_en": "X" * 6_000}).status_code == 400
    grid = {"g-TOTAL_FORMS": "999999999", "g-INITIAL_FORMS": "0"}
    write(OPERATOR, [Change("person", "p", {"name": "P"})], "tests")
    assert chief.post("/records/person/grid/person-skill/p", grid).status_code == 422
    assert chief.post("/records/person/grid/person-skill/p", {}).status_code == 422
    assert Commit.objects.count() == before + 1


def test_a_field_that_no_form_has_changes_nothing(chief: Client):
    given = {"key": "t", "name_en": "T", "id": "77", "fold": "zz", "retired": "", "is_superuser": "1", "kind": "person"}
    assert chief.post("/records/team/new", given).status_code == 302
    row = Access(OPERATOR.reader).select("team").one("t")
    assert (row.id != 77, row["name_en"]) == (True, "T")


# --- uploads ---------------------------------------------------------------------------------------------------------


def workbook(*rows: list[str], name: str = "team") -> bytes:
    """A workbook of one sheet."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return content.getvalue()


def repacked(change: Callable[[str, bytes], bytes | None], *more: tuple[str, bytes]) -> bytes:
    """A good workbook, some of its parts put out of order."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["key", "name_en"], ["t1", "T"]))) as good,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            if (part := change(name, good.read(name))) is not None:
                bad.writestr(name, part)
        for name, part in more:
            bad.writestr(name, part)
    return content.getvalue()


def _laughs(name: str, part: bytes) -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{entities}]>'
    if name != "xl/sharedStrings.xml":
        return part
    return (
        text.encode()
        + b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a11;&f;</t></si></sst>'
    )


UPLOADS: dict[str, tuple[str, bytes]] = {
    "nothing": ("team.csv", b""),
    "no text": ("team.csv", bytes(range(256))),
    "NUL": ("team.csv", b"key,name_en\nt1,a\0b\n"),
    "UTF-16 that is cut": ("team.csv", "key,name_en\nt1,T\n".encode("utf-16")[:-1]),
    "a raw surrogate": ("team.csv", b"key,name_en\nt1,\xed\xa0\x80\n"),
    "an open quote": ("team.csv", b'key,name_en\nt1,"T\n'),
    "a cell without end": ("team.csv", b"key,name_en\nt1," + b"x" * 2_000_000 + b"\n"),
    "columns without end": ("team.csv", b"key,name_en" + b",c" * 50_000 + b"\nt1,T\n"),
    "a column twice": ("team.csv", b"key,name_en,name_en\nt1,T,U\n"),
    "a column of nobody's": ("team.csv", b"key,name_en,salary\nt1,T,1\n"),
    "one bad row of three": ("team.csv", b"key,name_en,parent\nt1,T,\nt2,T,nobody\nt3,T,\n"),
    "a key that is a path": ("team.csv", b"key,name_en\n../../x,T\n"),
    "the same key twice": ("team.csv", b"key,name_en\nt1,T\nT1,U\n"),
    "no workbook": ("team.xlsx", b"PK\x03\x04 and nothing"),
    "half a workbook": ("team.xlsx", workbook(["key", "name_en"], ["t1", "T"])[:900]),
    "a bomb": ("team.xlsx", repacked(lambda name, part: part, ("xl/worksheets/sheet2.xml", b"\0" * 80_000_000))),
    "laughs": ("team.xlsx", repacked(_laughs)),
    "a way out": ("team.xlsx", repacked(lambda name, part: part, ("../../../../tmp/evil", b"x"))),
    "no sheets": ("team.xlsx", repacked(lambda name, part: None if "sheet1" in name else part)),
    "sheets of another kind": ("team.xlsx", workbook(["key", "salary"], ["p", "1"], name="person")),
}  # fmt: skip


@pytest.mark.parametrize("name", UPLOADS)
@pytest.mark.parametrize("sending", [{}, {"commit": "1"}])
def test_a_sheet_that_cannot_be_is_refused_with_its_reason(chief: Client, name: str, sending: dict[str, str]):
    before = Commit.objects.count()
    called, content = UPLOADS[name]
    answer = chief.post("/records/team/import", {"file": SimpleUploadedFile(called, content), **sending})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert answer.context.get("unreadable") or answer.context.get("troubles")
    assert "root:" not in page
    assert "haha" not in page
    assert Commit.objects.count() == before


@pytest.mark.parametrize(
    "called",
    ["../../../etc/passwd.csv", "a\r\nSet-Cookie: x=1.csv", "x" * 300 + ".csv", "<script>.csv", "名单.csv", ".csv"],
)
def test_what_a_file_is_called_leads_nowhere(chief: Client, called: str):
    upload = SimpleUploadedFile("x.csv", b"key,name_en\nt1,T\n")
    upload._name = called
    answer = chief.post("/records/team/import", {"file": upload, "name": called, "commit": "1"})
    assert answer.status_code == 302
    assert "Set-Cookie: x" not in str(answer.headers)
    page = chief.get("/records/team/record/t1").content.decode()
    assert "<script>.csv" not in page


def test_a_file_larger_than_any_sheet_is_stopped_while_it_comes_in(chief: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "LARGEST", 200_000)
    before = Commit.objects.count()
    for place in ("/records/team/import", "/records/team/new", "/sign-in"):
        answer = chief.post(
            place, {"file": SimpleUploadedFile("t.csv", b"key,name_en\n" + b"x,y\n" * 60_000), "commit": "1"}
        )
        assert answer.status_code == 400
    assert Commit.objects.count() == before
    small = SimpleUploadedFile("t.csv", b"key,name_en\nx,y\n")
    assert chief.post("/records/team/import", {"file": small, "commit": "1"}).status_code == 302


# --- what goes out ---------------------------------------------------------------------------------------------------


def test_pages_are_not_kept_framed_or_guessed_at(chief: Client):
    for address in (
        "/",
        "/records/person/",
        "/records/person/export",
        "/api/person",
        "/records/nothing/",
        "/records/workbook.xlsx",
    ):
        headers = chief.get(address).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_cookies_and_languages_that_are_odd_are_nothing(chief: Client):
    for value in ("../../x", "zz", "en-" + "x" * 5_000, "\x7f", "zh-hans;q=9"):
        chief.cookies["django_language"] = chief.cookies["theme"] = value
        answer = chief.get("/records/team/", headers={"Accept-Language": value})
        assert answer.status_code == 200
        assert "../../x" not in answer.content.decode()
