"""Erasing a person who left traces in odd places: a home's bytes, former keys, sessions, decisions, a deleted record."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from quarterdeck.decisions.models import Comment, Proposal, State, Step
from quarterdeck.evidence import readers
from quarterdeck.kinds import erase as erasing
from quarterdeck.kinds import proof, seal
from quarterdeck.kinds.access import Access, NotFound
from quarterdeck.kinds.erase import Hit, erase
from quarterdeck.kinds.models import SubjectKey, Tombstone, User
from quarterdeck.kinds.roles import ROLES, Authority, Reader, service
from quarterdeck.kinds.write import Change, Refused, write
from quarterdeck.lake import tables
from quarterdeck.lake.collect import collect
from quarterdeck.lake.identities import pseudonym
from quarterdeck.lake.models import Identity, Problem

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "journeys"))
from crawling import Record, crawl, doors, some_records

OPERATOR = service("tests")
ROOT = Path(__file__).resolve().parents[2]
NAME, EMAIL, PAY = "Adalbert Löwenherz", "adalbert.loewenherz@example.org", "54321.99"
PERSON = {"name": NAME, "email": EMAIL, "salary": PAY, "salary_currency": "EUR"}
ROSTER = "staff_id,name,email,team,level,salary,salary_currency\n"


def person(key: str) -> Any:
    return Access(OPERATOR.reader).select("person").one(key)


def roster(path: Path, *lines: str) -> None:
    """Collect a roster of these lines."""
    path.write_text(ROSTER + "".join(f"{line}\n" for line in lines))
    collect(readers.by_name("roster"), path, by="tests")


def staff() -> set[str]:
    return set(tables.scan(OPERATOR.reader, "roster_people").collect()["staff"])


# --- who it is -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_was_deleted_can_still_be_erased() -> None:
    """Deleting a record keeps its history, in which the key of the person still opens what was sealed."""
    write(OPERATOR, [Change("person", "e-1", PERSON)], "x")
    before = timezone.now()
    write(OPERATOR, [Change("person", "e-1", None)], "x")
    assert Access(OPERATOR.reader, as_of=before).select("person").one("e-1")["name"] == NAME
    done = erase(OPERATOR, "person:E-1")
    assert (done.subject, done.cleared["keys"]) == ("person:e-1", 1)
    assert Access(OPERATOR.reader, as_of=before).select("person").one("e-1")["name"] == "erased"
    assert list(proof.examine()) == []
    with pytest.raises(Refused, match="erased"):
        write(OPERATOR, [Change("person", "e-1", {"name": "Anybody"})], "x")
    assert erase(OPERATOR, "person:e-1").cleared == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reference", ["person:nobody", "person:", "person", ":e-1", "", "team:t", "nothing:x", "person:\0"]
)
def test_nobody_is_erased_who_is_not_there(reference: str) -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON), Change("team", "t", {"name_en": "T"})], "x")
    with pytest.raises(NotFound):
        erase(OPERATOR, reference)
    assert (SubjectKey.objects.count(), Tombstone.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_former_keys_are_erased_too_unless_they_are_somebody_elses_now(tmp_path: Path) -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON)], "x")
    for key in ("e-2", "e-3"):
        write(OPERATOR, [Change("person", {"e-2": "e-1", "e-3": "e-2"}[key], {"key": key})], "renamed")
    write(OPERATOR, [Change("person", "b-1", {"name": "Beate"})], "x")
    write(OPERATOR, [Change("person", "b-1", {"key": "e-2"})], "somebody gets a key that was free")
    roster(tmp_path / "roster.csv", f"e-1,{NAME},{EMAIL},core,L3,{PAY},EUR", "e-2,Beate,b@example.org,core,L1,1,EUR")
    assert staff() == {"e-1", "e-2"}
    assert erase(OPERATOR, "person:e-1").subject == "person:e-3"
    assert staff() == {"e-2"}
    assert person("e-2")["name"] == "Beate"
    roster(tmp_path / "roster.csv", f"e-1,{NAME},,core,L3,{PAY},EUR", "e-2,Beate,b@example.org,core,L1,2,EUR")
    assert staff() == {"e-2"}, "the key of old is known again"


@pytest.mark.django_db
def test_under_another_key_an_address_tells_who_it_is(tmp_path: Path) -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON)], "x")
    erase(OPERATOR, "person:e-1")
    roster(
        tmp_path / "roster.csv", f"e-77,{NAME},{EMAIL.upper()},core,L3,{PAY},EUR", "e-2,B,b@example.org,core,L1,1,EUR"
    )
    assert staff() == {"e-2"}
    assert [p.reason for p in Problem.objects.exclude(line=None)] == ["is about someone who was erased; left out"]
    assert not Identity.objects.filter(email__iexact=EMAIL).exists()
    roster(tmp_path / "roster.csv", f"e-78,{NAME},namesake@example.org,core,L3,1,EUR")
    assert staff() == {"e-78"}, "who is only called the same may come"


@pytest.mark.django_db
def test_a_person_says_which_identities_are_theirs_too() -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON), Change("person", "e-2", {"name": NAME})], "x")
    home = Identity.objects.create(pseudonym=pseudonym("x@home.example"), name=NAME, email="x@home.example")
    Identity.objects.create(pseudonym=pseudonym("other@home.example"), name=NAME, email="other@home.example")
    listed = {hit.key for hit in erase(OPERATOR, "person:e-1").hits if hit.what == "identities"}
    assert home.pseudonym in listed
    assert Identity.objects.count() == 2
    assert erase(OPERATOR, "person:e-1", [home.pseudonym]).cleared == {"identities": 1}
    assert [one.email for one in Identity.objects.all()] == ["other@home.example"]
    assert seal.blocked([home.pseudonym]), "the next collection does not make it again"


@pytest.mark.parametrize("key", ["ﬁ-1", "Ǆ/ß", "Σας"])
def test_a_trace_knows_a_key_in_whatever_case_it_is_typed(key: str) -> None:
    assert (
        len({seal.tombstone(f"person:{text}") for text in (key, key.upper(), key.casefold(), f" {key} ")} - {""}) <= 2
    )
    assert seal.tombstone(key) == seal.tombstone(key.casefold())


# --- where traces are ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_accounts_are_known_by_their_address_and_sessions_end() -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON)], "x")
    mine = User.objects.create(username="adalo", email=EMAIL.upper())
    other = User.objects.create(username="bea", email="bea@example.org")
    sessions = {}
    for name, held in (("mine", mine.pk), ("told", other.pk), ("kept", other.pk)):
        store = SessionStore()
        store["_auth_user_id"] = str(held)
        store["_messages"] = f"Saved {NAME}." if name == "told" else "Saved."
        store.save()
        sessions[store.session_key] = name
    done = erase(OPERATOR, "person:e-1")
    assert (done.cleared["accounts"], done.cleared["sessions"]) == (1, 2)
    assert [sessions[one.pk] for one in Session.objects.all()] == ["kept"]
    mine.refresh_from_db()
    assert (mine.email, mine.is_active, mine.has_usable_password()) == ("", False, False)
    other.refresh_from_db()
    assert other.is_active


@pytest.mark.django_db
def test_what_was_said_about_decisions_is_listed() -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON)], "x")
    made = Proposal.objects.create(
        sort="x", title_en=f"For {NAME}", title_zh="", reason=f"asked by {EMAIL}", proposer="cto", changes="[]", digest="d", state=State.DRAFT
    )  # fmt: skip
    Step.objects.create(
        proposal=made, part="consulted", asked_by="x", question=f"Does {NAME.upper()} agree?", comment=""
    )
    Comment.objects.create(proposal=made, by="x", user="x", text=f"说到{NAME}的事")
    hits = {(hit.what, hit.key, hit.field) for hit in erase(OPERATOR, "person:e-1").hits if hit.place == "decisions"}
    key = made.key
    assert hits == {
        ("proposal", key, "title_en"),
        ("proposal", key, "reason"),
        ("step", key, "question"),
        ("comment", key, "text"),
    }


@pytest.mark.django_db
def test_whoever_may_not_read_decisions_is_not_told_their_words() -> None:
    write(OPERATOR, [Change("person", "e-1", PERSON)], "x")
    Proposal.objects.create(sort="x", title_en=f"For {NAME}", title_zh="", proposer="cto", changes="[]", digest="d")
    hits = erase(Authority(Reader("user:x", (ROLES["hr"],))), "person:e-1").hits
    assert {hit.excerpt for hit in hits if hit.place == "decisions"} == {"…"}


@pytest.mark.django_db
def test_no_door_of_any_role_shows_the_erased(user_with: Callable[..., User], tmp_path: Path) -> None:
    """Pages, sheets, search, API, as it is and as it was."""
    roster(tmp_path / "roster.csv", f"e-1,{NAME},{EMAIL},core,L3,{PAY},EUR")
    for values in (PERSON, {"name": f"{NAME} jun."}):
        write(OPERATOR, [Change("person", "e-1", values)], "x")
    before = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%f")
    asked = [
        *doors(some_records([Record("person", "e-1")]), ()),
        *(
            f"/{place}?{given}"
            for place in ("api/person", "records/person/")
            for given in ("q=Adalbert", f"as_of={before}")
        ),
        "/search?q=L%C3%B6wenherz",
        f"/api/person/e-1?as_of={before}",
    ]
    words = [word.encode() for word in (NAME, "Adalbert", "Löwenherz", EMAIL, PAY, "54,321.99", EMAIL.split("@")[0])]
    seen = crawl(user_with("cto"), asked)
    assert any(words[0] in one.body for one in seen.values()), "or the search for it proves nothing"
    erase(OPERATOR, "person:e-1")
    for role in ("cto", "hr", "auditor", "engineer"):
        found = crawl(user_with(role), asked)
        shown = {a: word for a, one in found.items() for word in words if word in one.body.replace(a.encode(), b"")}
        assert {a for a in shown if not a.startswith("/search?q=") and "q=Adalbert" not in a} == set(), shown


# --- the disk --------------------------------------------------------------------------------------------------------


def _words(text: str) -> set[bytes]:
    """A text as files may hold it: as it is, in any case, escaped, and in the words of the search index."""
    forms = {text, text.lower(), text.upper(), json.dumps(text)[1:-1]}
    return {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le")}


def _told(home: Path, texts: tuple[str, ...]) -> dict[str, list[bytes]]:
    """Files of a home that hold one of the texts: as bytes, as rows, or packed inside."""
    needles, found = set[bytes]().union(*map(_words, texts)), {}
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        content = [path.read_bytes()]
        if path.suffix == ".parquet":
            content.append(str(pl.read_parquet(path).to_dicts()).encode())
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                content += [packed.read(name) for name in packed.namelist()]
        if hits := [needle for needle in needles if any(needle in some for some in content)]:
            found[str(path.relative_to(home))] = hits
    return found


def _run(environment: dict[str, str], *words: str, code: int = 0) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck", *words], env=environment, capture_output=True, text=True, cwd=environment["TMPDIR"]
    )  # fmt: skip
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if "--json" in words and not code else done.stdout + done.stderr


def _git(folder: Path, *words: str) -> None:
    who = {"GIT_AUTHOR_NAME": NAME, "GIT_AUTHOR_EMAIL": EMAIL, "GIT_COMMITTER_NAME": NAME, "GIT_COMMITTER_EMAIL": EMAIL}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env={**os.environ, **who})


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A home of its own with somebody in a sheet, a roster, issues and a repository; what a process needs for it."""
    given = {name: text for name, text in os.environ.items() if not name.startswith("QUARTERDECK_")}
    temporary, files, repository = tmp_path / "tmp", tmp_path / "files", tmp_path / "files" / "shop"
    for folder in (temporary, repository):
        folder.mkdir(parents=True)
    found = {
        **given,
        "QUARTERDECK_HOME": str(tmp_path / "home"),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(ROOT / "src"),
    }
    (files / "person.csv").write_text(
        f"key,name,email,salary,salary_currency\ne-1,{NAME},{EMAIL},{PAY},EUR\ne-2,Beate,,1,EUR\n"
    )
    (files / "roster.csv").write_text(ROSTER + f"e-1,{NAME},{EMAIL},core,L3,{PAY},EUR\ne-2,Beate,,core,L1,1,EUR\n")
    (files / "issues.csv").write_text(
        f"key,title,type,status,created,assignee\nT-1,Mend,Task,Done,2026-01-02,{EMAIL}\n"
    )
    _git(repository, "init", "-q")
    (repository / "README").write_text("x")
    _git(repository, "add", ".")
    _git(repository, "commit", "-q", "-m", "first")
    return found


def _collected(environment: dict[str, str], files: Path) -> None:
    for reader, name in (("roster", "roster.csv"), ("issues", "issues.csv"), ("git", "shop")):
        _run(environment, "collect", reader, str(files / name))
    _run(environment, "suggestions", "accept")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the home's own file of records")
def test_no_byte_of_the_home_says_who_it_was(home: dict[str, str], tmp_path: Path) -> None:
    """Records, log, lake, index and documents; own clones of repositories are gone when they were read."""
    place, files = tmp_path / "home", tmp_path / "files"
    _run(home, "init", str(place))
    _run(home, "import", str(files / "person.csv"), "--kind", "person")
    _collected(home, files)
    assert set(_told(place, (NAME, EMAIL, PAY))) >= {"records.sqlite3"}
    assert [path for path in place.rglob("*") if path.suffix in (".pack", ".git", ".idx")] == []
    assert list((tmp_path / "tmp").glob("quarterdeck-git-*")) == []
    assert "nobody" in _run(home, "erase", "person:nobody", "--yes", code=2)
    done = _run(home, "erase", "person:e-1", "--yes", "--json")
    assert done["left"] == []
    assert done["overwritten"]
    texts = (NAME, EMAIL, PAY, "Löwenherz", "lowenherz", "adalbert.loewenherz")
    assert _told(place, texts) == {}
    assert "the chain holds" in _run(home, "history", "verify")
    _collected(home, files)
    (files / "roster.csv").write_text(ROSTER + f"e-1,{NAME},{EMAIL},core,L4,{PAY},EUR\ne-2,Beate,,core,L2,1,EUR\n")
    _collected(home, files)
    assert _told(place, texts) == {}
    assert _run(home, "show", "person:e-2", "--json")["level"] == "L2"
    assert _run(home, "erase", "person:e-1", "--yes", "--json")["cleared"] == {}
    assert "the chain holds" in _run(home, "history", "verify")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file that somebody reads")
def test_whoever_is_at_work_is_told_of_and_the_next_erasure_overwrites(
    environment: dict[str, str], transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader's open snapshot keeps the log; nothing is claimed that is not so."""
    import sqlite3

    write(
        OPERATOR, [Change("person", "e-1", PERSON), Change("person", "e-2", {**PERSON, "email": "b@example.org"})], "x"
    )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    held = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    held.execute("BEGIN")
    held.execute("SELECT count(*) FROM estate_person").fetchone()
    try:
        assert not erase(OPERATOR, "person:e-1").overwritten
    finally:
        held.execute("ROLLBACK")
        held.close()
    assert erase(OPERATOR, "person:e-2").overwritten
    home = Path(connection.settings_dict["NAME"])
    content = b"".join(path.read_bytes() for path in home.parent.glob(f"{home.name}*"))
    assert NAME.encode() not in content
    assert EMAIL.encode() not in content


@pytest.mark.django_db(transaction=True)
def test_every_table_that_may_name_somebody_is_overwritten() -> None:
    """On a server, dead rows stay in a table until it is written anew."""
    named = {model._meta.model_name for model in erasing.HELD}
    assert named >= {
        "searchentry",
        "subjectkey",
        "user",
        "session",
        "identity",
        "suggestion",
        "problem",
        "run",
        "answer",
        "job",
    }
    assert erasing.scrub()


def test_hits_are_plain_values() -> None:
    assert Hit("records", "team", "t", "purpose", "x").place == "records"
