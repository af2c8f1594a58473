"""Editions: kept whole, handed out to those who may, and the two verdicts: evidence moved, evidence altered."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from small_company import entered  # noqa: F401 — a fixture

from quarterdeck.kinds import write
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.models import User, Version
from quarterdeck.kinds.roles import SYSTEM, Denied, Reader, Role, service
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.office.documents import building, editions
from quarterdeck.office.documents.editions import Edition
from quarterdeck.office.documents.verdicts import verdict
from quarterdeck.runs import closure, jobs
from quarterdeck.runs.models import Answer, Job, Run, Worker

READER = Reader("service:test", (SYSTEM,))
ROOT = Path(__file__).parents[2]
BRIEF = (("en", "zh"), ("md",))  # what is enough to look at editions


def _path() -> str:
    return os.pathsep.join(["src", str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def edition(entered: None, db) -> Edition:  # noqa: F811
    return building.build(READER, *BRIEF)


def folder(edition: Edition) -> Path:
    return editions.folder() / edition.key


@pytest.fixture
def signed_in(entered: None, db, client):  # noqa: F811
    user = User.objects.create_user("cto", password="a long enough password")
    give_roles(user, ["cto"])
    client.force_login(user)
    return client


# ---- keeping


def test_an_edition_is_its_files_and_a_manifest(edition: Edition):
    assert sorted(path.name for path in folder(edition).iterdir()) == [
        "board-pack.en.md",
        "board-pack.zh.md",
        "manifest.json",
    ]
    assert [rest.analysis for rest in edition.rests] == ["plan", "outlook"]
    assert {path.name for path in editions.folder().iterdir()} == {edition.key}
    assert editions.one(edition.key) == edition
    assert verdict(edition, thorough=True).stands


def test_building_again_gives_the_same_edition(edition: Edition):
    assert building.build(READER, *BRIEF) == edition
    assert len(editions.every()) == 1


def test_its_runs_are_kept_for_good(edition: Edition):
    assert set(
        Run.objects.filter(digest__in=[rest.run for rest in edition.rests]).values_list("pinned", flat=True)
    ) == {True}


def test_a_frozen_edition_is_never_written_over(edition: Edition):
    path = folder(edition) / "board-pack.en.md"
    path.write_text("nothing to see")
    again = building.build(READER, *BRIEF)
    assert again.key == f"{edition.key}-2"
    assert path.read_text() == "nothing to see"
    assert verdict(again).stands


# ---- moved


def test_moved_evidence_is_named(edition: Edition):
    write.write(
        service("test"), [Change("initiative", "fraud", {"benefit_likely": "31000"})], "test: an estimate moves"
    )
    found = verdict(edition, thorough=True)
    assert found.moved == ("initiatives",)
    assert found.altered == ()


def test_what_the_pack_does_not_rest_on_does_not_move_it(edition: Edition):
    write.write(service("test"), [Change("calendar", "office", {"name_en": "Office"})], "test: a calendar")
    assert verdict(edition).moved == ()


def test_a_changed_engine_moves_it(edition: Edition, monkeypatch):
    monkeypatch.setattr(closure, "digest", lambda engine: "0" * 64)
    assert verdict(edition).moved == ("engine portfolio", "engine outlook")


# ---- altered


@pytest.mark.parametrize("alter", [lambda path: path.write_bytes(path.read_bytes() + b" "), lambda path: path.unlink()])
def test_an_altered_file_is_named_and_not_handed_out(edition: Edition, alter):
    alter(folder(edition) / "board-pack.zh.md")
    assert verdict(edition).altered == ("the file board-pack.zh.md",)
    with pytest.raises(NotFound):
        editions.content(edition, "board-pack.zh.md")
    assert editions.content(edition, "board-pack.en.md")[1]


def test_an_altered_manifest_is_named(edition: Edition):
    path = folder(edition) / editions.MANIFEST
    manifest = json.loads(path.read_text())
    content = b"# Fund everything\n"
    (folder(edition) / "board-pack.en.md").write_bytes(content)
    manifest["files"][0] |= {"sha256": editions.kept_file("", "", "", content).sha256, "size": len(content)}
    path.write_text(json.dumps(manifest))
    assert verdict(editions.one(edition.key)).altered == ("the manifest",)
    with pytest.raises(NotFound):
        editions.content(editions.one(edition.key), "board-pack.en.md")


def test_a_broken_manifest_is_named(edition: Edition):
    (folder(edition) / editions.MANIFEST).write_text("{")
    assert editions.damaged() == [edition.key]
    assert editions.visible(READER) == []
    with pytest.raises(NotFound):
        editions.one(edition.key)


@pytest.mark.parametrize(("field", "words"), [("result", "what came out of run"), ("inputs", "what went into run")])
def test_an_altered_run_is_named(edition: Edition, field: str, words: str):
    run = Run.objects.get(digest=edition.rests[0].run)
    text = getattr(run, field)
    Run.objects.filter(pk=run.pk).update(**{field: text.replace("1", "2", 1)})
    assert [one for one in verdict(edition).altered if words in one and run.digest[:12] in one]


def test_an_answer_led_elsewhere_is_named(edition: Edition):
    plan, outlook = edition.rests
    Answer.objects.filter(pk=plan.number).update(run=Run.objects.get(digest=outlook.run))
    assert verdict(edition).altered == (f"answer plan#{plan.number}",)


def test_a_rewritten_history_is_named(edition: Edition):
    version = Version.objects.filter(kind="initiative", key="fraud").first()
    Version.objects.filter(pk=version.pk).update(values=version.values.replace("30000", "90000", 1))
    assert verdict(edition).altered == ()  # the quick look does not read the chain
    found = verdict(edition, thorough=True).altered
    assert any("the history of" in one and "initiatives" in one for one in found)


def test_a_record_written_past_the_one_door_is_named(edition: Edition):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE estate_initiative SET benefit_likely = 99000 WHERE key = 'fraud'")
        assert cursor.rowcount == 1
    found = verdict(edition, thorough=True)
    assert found.altered == ("records of initiatives",)
    assert found.moved == ()


def test_a_cut_history_is_named(edition: Edition):
    from quarterdeck.kinds.models import Commit

    Commit.objects.filter(number=edition.head).update(hash="0" * 64)
    assert "the history of the records up to the day of this edition" in verdict(edition).altered


# ---- who may


def test_editions_are_for_those_who_may_see_all_that_is_printed(edition: Edition):
    rights = frozenset({"plan", "document"})
    everything = Reader("user:gm", (Role("gm", "", frozenset({"*"}), everything=True, may=rights),))
    part = Reader(
        "user:finance", (Role("finance", "", frozenset({"initiative", "budget"}), everything=True, may=rights),)
    )
    no_right = Reader("user:engineer", (Role("engineer", "", frozenset({"*"}), everything=True),))
    assert editions.visible(everything) == [edition]
    assert editions.visible(part) == []
    assert editions.visible(no_right) == []
    with pytest.raises(Denied):
        editions.permit(edition, part)


@pytest.mark.parametrize("key", ["..", "../../etc", ".hidden", "2026-11-20-zzzzzzzzzz", ""])
def test_no_key_leads_out_of_the_folder(edition: Edition, key: str):
    with pytest.raises(NotFound):
        editions.one(key)


@pytest.mark.parametrize("name", ["manifest.json", "../manifest.json", "/etc/hostname", "board-pack.fr.md"])
def test_only_its_files_are_handed_out(edition: Edition, name: str):
    with pytest.raises(NotFound):
        editions.content(edition, name)


def test_a_link_is_not_followed(edition: Edition, home: Path):
    secret = home / "secret"
    path = folder(edition) / "board-pack.en.md"
    secret.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(secret)
    assert verdict(edition).altered == ("the file board-pack.en.md",)


# ---- pages


def test_page_lists_builds_and_hands_out(signed_in):
    empty = signed_in.get("/documents")
    assert empty.status_code == 200
    assert b"No board pack was built yet." in empty.content
    assert signed_in.post("/documents/build", {"language": ["en"], "format": ["md"]}).status_code == 302
    shown = signed_in.get("/documents").content.decode()
    edition = editions.visible(reader_of(User.objects.get(username="cto")))[0]
    assert "says what today" in shown
    address = reverse("document-file", kwargs={"key": edition.key, "name": "board-pack.en.md"})
    assert address in shown
    given = signed_in.get(address)
    assert given["Content-Disposition"] == f'attachment; filename="{edition.key}.board-pack.en.md"'
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Type"] == "text/markdown; charset=utf-8"
    assert given.content == (folder(edition) / "board-pack.en.md").read_bytes()
    checked = signed_in.get("/documents", {"check": edition.key}).content.decode()
    assert "history, records and evidence are what they were" in checked


def test_page_names_what_moved_and_what_was_altered(signed_in):
    signed_in.post("/documents/build", {"language": ["en"], "format": ["md"]})
    edition = editions.visible(READER)[0]
    write.write(service("test"), [Change("initiative", "fraud", {"benefit_likely": "31000"})], "test")
    assert "Evidence has moved since" in signed_in.get("/documents").content.decode()
    (folder(edition) / "board-pack.en.md").write_text("x")
    shown = signed_in.get("/documents").content.decode()
    assert "1 edition was altered." in shown
    assert "the file board-pack.en.md" in shown
    address = reverse("document-file", kwargs={"key": edition.key, "name": "board-pack.en.md"})
    assert signed_in.get(address).status_code == 404


def test_page_in_chinese(signed_in):
    signed_in.post("/documents/build", {"language": ["zh"], "format": ["md"]})
    signed_in.cookies["django_language"] = "zh-hans"
    shown = signed_in.get("/documents").content.decode()
    assert "项举措中投资" in shown


def test_page_needs_the_right(client, entered: None, db):  # noqa: F811
    user = User.objects.create_user("engineer", password="a long enough password")
    give_roles(user, ["engineer"])
    client.force_login(user)
    assert client.get("/documents").status_code == 403
    assert client.post("/documents/build").status_code == 403


def test_unknown_formats_are_refused(signed_in):
    assert signed_in.post("/documents/build", {"format": ["exe"]}).status_code == 302
    assert editions.every() == []
    assert b"There is no such language or format." in signed_in.get("/documents").content


def test_a_worker_builds_in_the_background(signed_in):
    from django.utils import timezone

    Worker.objects.create(name="elsewhere", beat=timezone.now())
    answer = signed_in.post("/documents/build", {"language": ["en"], "format": ["md"]})
    job = Job.objects.get(task="document")
    assert answer["Location"] == f"/documents?job={job.pk}"
    waiting = signed_in.get(answer["Location"]).content.decode()
    assert reverse("job", kwargs={"number": job.pk}) in waiting
    made = jobs.TASKS["document"](json.loads(job.arguments), lambda part: None)
    assert made == {"edition": editions.visible(READER)[0].key}


def test_every_worker_knows_the_task():
    """A worker loads no pages: the task must be registered when the product starts."""
    asked = "import django; django.setup(); from quarterdeck.runs import jobs; print(sorted(jobs.TASKS))"
    there = {"DJANGO_SETTINGS_MODULE": "quarterdeck.web.settings", **os.environ, "PYTHONPATH": _path()}
    said = subprocess.run(
        [sys.executable, "-c", asked], env=there, capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "document" in said.stdout


# ---- the command


def test_command_builds_and_verifies(tmp_path: Path):
    """In a home of its own: init, import, build twice, verify; then a file is altered."""
    home, out = tmp_path / "home", tmp_path / "out"
    there = {**os.environ, "QUARTERDECK_HOME": str(home), "PYTHONPATH": _path()}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "quarterdeck", *words],
            env=there,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )

    assert run("init", str(home)).returncode == 0
    none = run("document", "board-pack")
    assert none.returncode == 1
    assert "plan frame is in use" in none.stderr
    enter = "import django; django.setup(); import small_company; small_company.enter()"
    subprocess.run(
        [sys.executable, "-c", enter],
        env={"DJANGO_SETTINGS_MODULE": "quarterdeck.web.settings", **there},
        check=True,
        cwd=ROOT,
    )
    made = run("document", "board-pack", "--language", "en", "--format", "md", "--out", str(out), "--json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)["edition"]
    assert (out / "board-pack.en.md").read_bytes() == (home / "documents" / key / "board-pack.en.md").read_bytes()
    assert run("document", "verify", key).returncode == 0
    (home / "documents" / key / "board-pack.en.md").write_text("x")
    altered = run("document", "verify", key)
    assert altered.returncode == 1
    assert "the file board-pack.en.md" in altered.stdout
    assert run("document", "board-pack", "--format", "exe").returncode == 2
