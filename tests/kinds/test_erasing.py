"""Erasing a person: gone from records, history, search, lake and disk; the chain holds; nobody brings them back."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from quarterdeck.estate import sources
from quarterdeck.evidence import readers
from quarterdeck.kinds import history, proof, show
from quarterdeck.kinds.access import Access, NotFound
from quarterdeck.kinds.canonical import canonical
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.erase import Erased, Hit, erase
from quarterdeck.kinds.models import SearchEntry, SubjectKey, Tombstone, User, Version
from quarterdeck.kinds.roles import ROLES, Authority, Denied, Reader, service
from quarterdeck.kinds.write import Change, Refused, write
from quarterdeck.lake import files, suggestions, tables
from quarterdeck.lake.collect import collect
from quarterdeck.lake.identities import pseudonym
from quarterdeck.lake.models import EvidenceSource, Identity, Problem, Suggestion
from quarterdeck.runs.models import Answer, Job, Run

OPERATOR = service("tests")
NAME, EMAIL, SALARY = "Adalbert Löwenherz", "adalbert.loewenherz@example.org", "54321.99"
OTHER = "Beate Anders"
ROSTER = (
    "staff_id,name,email,login,team,level,salary,salary_currency,skills\n"
    f"e-1,{NAME},{EMAIL},adalo,core,L3,{SALARY},EUR,Sailing:4\n"
    f"e-2,{OTHER},beate@example.org,bea,core,L2,10,EUR,Sailing:2\n"
)
ISSUES = "key,title,type,status,created,assignee\nT-1,Ask adalbert löwenherz about it,Task,Done,2026-01-02,adalo\nT-2,Nothing,Task,Done,2026-01-03,bea\n"


@pytest.fixture
def roster(db: None, tmp_path: Path) -> Path:
    """Two people out of a roster, taken over into the estate, with traces of one in many places."""
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER)
    issues = tmp_path / "issues.csv"
    issues.write_text(ISSUES)
    collect(readers.by_name("roster"), path, by="tests")
    collect(readers.by_name("issues"), issues, by="tests")
    sources.accept(OPERATOR, EvidenceSource.objects.order_by("pk"))
    write(OPERATOR, [Change("person", "e-1", {"name": f"{NAME} jun."})], "a marriage")
    write(OPERATOR, [Change("person", "e-1", {"name": NAME})], "a divorce")
    write(OPERATOR, [Change("team", "core", {"purpose": f"Founded by {NAME.upper()} in 2019"})], "tests")
    write(OPERATOR, [Change("team", "left", {"name_en": "Left", "purpose": f"Ask {EMAIL}"})], "tests")
    write(OPERATOR, [Change("team", "left", {"purpose": ""})], "tests")
    User.objects.create(username="adalo", first_name=NAME, email=EMAIL, person="E-1")
    snapshot = EvidenceSource.objects.get(reader="roster").snapshots.get()
    Problem.objects.create(snapshot=snapshot, origin="x.csv", line=3, reason=f"{NAME} is no date", text=f"{NAME},soon")
    Suggestion.objects.filter(key="e-1").update(wants=canonical({"name": NAME}), sort="update")
    run = Run.objects.create(
        digest="d", engine="e", version="1", inputs=canonical([NAME]), result="1", at=timezone.now(), seconds=1
    )
    kept = {
        "analysis": "a",
        "parameters": "{}",
        "audience": "x",
        "watermark": "w",
        "provenance": "[]",
        "at": timezone.now(),
    }
    Answer.objects.create(run=run, **kept)
    Job.objects.create(task="t", arguments=json.dumps({"about": EMAIL}), owner="x", state="done")
    return path


def everything() -> str:
    """All text of all tables, and of all files of the lake."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 — the tables are the test database's own
            found.extend(map(str, cursor.fetchall()))
    for path in files.listed():
        frame = pl.read_parquet(files.address(path))
        found.append(str(frame.to_dicts()))
    return "\n".join(found)


def test_nothing_personal_is_left_but_the_words_that_are_listed(
    roster: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert list(proof.examine()) == []
    with django_capture_on_commit_callbacks(execute=True):
        done = erase(OPERATOR, "person:e-1")
    assert done.cleared == {
        "fields": 4, "keys": 1, "accounts": 1, "rows of evidence": 2, "identities": 3, "suggestions": 2, "problems": 1,
        "answers": 1, "runs": 1, "jobs": 1,
    }  # fmt: skip
    places = {(hit.place, hit.what, hit.key, hit.field) for hit in done.hits}
    assert places == {
        ("accounts", "user", "adalo", "username"), ("records", "team", "core", "purpose"),
        ("history", "team", "core", "purpose"), ("history", "team", "left", "purpose"), ("evidence", "issues", "issues.csv file T-1", "title"),
    }  # fmt: skip
    text = everything()
    for line in text.splitlines():
        named = any(word.casefold() in line.casefold() for word in (NAME, EMAIL, SALARY, "Löwenherz"))
        assert not named or any(hit.excerpt in line.replace("\\n", "\n") for hit in done.hits), line
    assert SALARY not in text


def test_the_record_stays_without_its_person_and_the_chain_holds(roster: Path) -> None:
    before = timezone.now()
    erase(OPERATOR, "person:e-1")
    row = Access(OPERATOR.reader).select("person").one("e-1")
    assert (row["name"], row["email"], row["salary"], row["salary_currency"]) == ("", "", None, "")
    assert (row["team"], row["level"]) == ("core", "L3")
    then = Access(OPERATOR.reader, as_of=before).select("person")
    assert (then.one("e-1")["name"], then.one("e-1")["salary"]) == ("erased", None)
    assert then.one("e-2")["name"] == OTHER
    assert then.matching("Löwenherz").rows() == []
    assert then.where(name=NAME).rows() == []
    assert Access(OPERATOR.reader).select("person").matching("Adalbert").rows() == []
    assert [row.key for row in Access(OPERATOR.reader).select("person").matching("Beate").rows()] == ["e-2"]
    assert list(proof.examine(dict([history.head()]))) == []
    changes = show.changes(KINDS["person"], row, OPERATOR.reader)
    assert changes[0]["source"] == "erasure"
    assert NAME not in str(changes)
    assert Version.objects.filter(action="erase").count() == 1


def test_pages_and_the_api_show_nothing_of_them(roster: Path, signed_in: Callable[..., Client]) -> None:
    erase(OPERATOR, "person:e-1")
    client = signed_in("cto")
    for address in (
        "/records/person/",
        "/records/person/record/e-1",
        "/records/person/export",
        "/api/person",
        "/api/person/e-1",
        "/search?q=L%C3%B6wenherz",
        "/records/person/edit/e-1",
    ):
        answer = client.get(address)
        content = (b"".join(answer) if answer.streaming else answer.content).decode()
        assert answer.status_code == 200
        assert "Adalbert" not in content
        assert SALARY not in content


def test_collecting_again_brings_nobody_back(roster: Path) -> None:
    erase(OPERATOR, "person:e-1")
    roster.write_text(ROSTER + "e-3,Carl New,carl@example.org,carl,core,L1,5,EUR,Sailing:1\n")
    collected = collect(readers.by_name("roster"), roster, by="tests")
    assert collected.rows["roster_people"] == 2
    assert [p.reason for p in Problem.objects.filter(snapshot=collected.snapshot)] == [
        "is about someone who was erased; left out"
    ] * 2
    known = {(one.name, one.email) for one in Identity.objects.all()}
    assert not any(NAME in name or EMAIL in email for name, email in known)
    assert ("Carl New", "carl@example.org") in known
    (found,) = EvidenceSource.objects.filter(reader="roster")
    sources.suggest(found)
    open_ones = suggestions.open_suggestions("roster.csv") or suggestions.open_suggestions()
    assert not [s for s in open_ones if s.key.startswith("e-1")]
    sources.accept(OPERATOR, [found])
    assert Access(OPERATOR.reader).select("person").one("e-1")["name"] == ""
    assert Access(OPERATOR.reader).select("person").one("e-1")["retired"] is None
    assert Access(OPERATOR.reader).select("person").one("e-3")["name"] == "Carl New"
    people = tables.scan(OPERATOR.reader, "roster_people").collect()
    assert set(people["staff"]) == {"e-2", "e-3"}
    assert NAME not in everything()


@pytest.mark.parametrize(
    "change",
    [
        Change("person", "e-1", {"name": "Somebody"}),
        Change("person", "e-1", {"salary": 5}),
        Change("person", "e-9", {"email": EMAIL.upper()}),
    ],
)
def test_writing_brings_nobody_back(change: Change, roster: Path) -> None:
    erase(OPERATOR, "person:e-1")
    with pytest.raises(Refused, match="erased"):
        write(OPERATOR, [change], "tests")
    write(OPERATOR, [Change("person", "e-1", {"level": "L4"}), Change("person", "e-9", {"name": "Dora"})], "tests")
    assert SubjectKey.objects.filter(subject__startswith="person:").count() == 2
    assert list(proof.examine()) == []


def test_a_deleted_record_of_the_erased_is_not_made_again(roster: Path) -> None:
    erase(OPERATOR, "person:e-1")
    write(OPERATOR, [Change("person-skill", "e-1/Sailing", None), Change("person", "e-1", None)], "tests")
    with pytest.raises(Refused, match="erased"):
        write(OPERATOR, [Change("person", "E-1", {})], "tests")


def test_a_namesake_keeps_what_is_theirs(roster: Path) -> None:
    write(OPERATOR, [Change("person", "e-7", {"name": NAME, "email": "the-other@example.org"})], "tests")
    Identity.objects.create(
        pseudonym=pseudonym(f"{NAME} <the-other@example.org>"), name=NAME, email="the-other@example.org"
    )
    Identity.objects.create(pseudonym="p-home", name=NAME, email="private@home.example")
    done = erase(OPERATOR, "person:e-1")
    left = {one.email for one in Identity.objects.filter(name=NAME)}
    assert "the-other@example.org" in left
    assert EMAIL not in left
    assert "p-home" in {hit.key for hit in done.hits if hit.what == "identities"}, "whose it is, a person must say"
    assert Access(OPERATOR.reader).select("person").one("e-7")["name"] == NAME


def test_erasing_again_is_no_fault(roster: Path) -> None:
    erase(OPERATOR, "person:e-1")
    again = erase(OPERATOR, "person:E-1")
    assert again.cleared == {}
    assert {hit.place for hit in again.hits} <= {"accounts"}
    assert list(proof.examine()) == []


def test_only_those_may_erase_who_may(roster: Path) -> None:
    for role in ("cto", "engineer", "auditor", "finance"):
        with pytest.raises(Denied):
            erase(Authority(Reader("user:x", (ROLES[role],))), "person:e-1")
    with pytest.raises(Denied):
        erase(Authority(Reader("token:x", (ROLES["hr"],), rights="read")), "person:e-1")
    for reference in ("person:nobody", "team:core", "person-skill:e-1/Sailing", "nothing:x", "person"):
        with pytest.raises(NotFound):
            erase(OPERATOR, reference)
    done = erase(Authority(Reader("user:x", (ROLES["administrator"],))), "person:e-1")
    assert {hit.excerpt for hit in done.hits if hit.place in ("records", "history", "evidence")} == {"…"}, (
        "what they may not read"
    )


def test_traces_tell_nobody_who_it_was(roster: Path) -> None:
    erase(OPERATOR, "person:e-1")
    assert Tombstone.objects.count() >= 5
    assert all(len(one.trace) == 64 and set(one.trace) <= set("0123456789abcdef") for one in Tombstone.objects.all())
    assert not SearchEntry.objects.filter(kind="person", words__contains="adalbert").exists()


def _run(environment: dict[str, str], *words: str) -> Any:
    command = [sys.executable, "-m", "quarterdeck", *words, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_command_leaves_nothing_on_the_disk(environment: dict[str, str], roster: Path) -> None:
    """Not only what a query finds: the bytes of the database's files."""
    write(OPERATOR, [Change("team", "core", {"purpose": ""})], "redacted before")
    told = _run(environment, "erase", "person:e-1", "--yes")
    assert (told["erased"], told["cleared"]["identities"]) == ("person:e-1", 3)
    lake = b"".join(path.read_bytes() for path in Path(settings.LAKE_URL).rglob("*.parquet"))
    assert lake
    assert EMAIL.encode() not in lake
    if connection.vendor == "sqlite":
        home = Path(environment["QUARTERDECK_HOME"])
        content = b"".join(path.read_bytes() for path in home.glob("records.sqlite3*"))
        assert b"Beate" in content
        for gone in (NAME, SALARY, "lowenherz"):  # the last as the index has it
            assert gone.encode() not in content, gone
        assert content.count(EMAIL.encode()) == content.count(f"Ask {EMAIL}".encode())


def test_hits_and_results_are_plain_values() -> None:
    hit = Hit("records", "team", "core", "purpose", "x")
    assert Erased("person:p", {}, (hit,)).hits[0] == hit
