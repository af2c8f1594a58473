"""What is refused or found wanting is answered, too: one JSON value, every reason, exit code 1; and rights hold."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Outcome

from quarterdeck.cli import program
from quarterdeck.cli.faults import guarded
from quarterdeck.kinds.models import Commit, Token
from quarterdeck.kinds.roles import Authority
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake.models import EvidenceSource

pytestmark = pytest.mark.django_db
Run = Callable[..., Outcome]
SHEET = "key,name_en,criticality\nshop,Shop,2\nbad key,Bad,9\nother,Other,lots\n"


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in this process, in a folder of its own, on the records of the test."""
    monkeypatch.delenv("QUARTERDECK_USER", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["quarterdeck", *words])
        code = guarded(program())
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return call


@pytest.mark.parametrize("preview", [(), ("--preview",)])
def test_a_faulty_sheet_is_refused_whole_with_every_reason(preview: tuple[str, ...], here: Run, tmp_path: Path) -> None:
    (tmp_path / "systems.csv").write_text(SHEET)
    told = here("import", "systems.csv", "--kind", "system", "--json", *preview)
    assert told.code == 1
    wrong = {(one["record"], one["field"]) for one in told.value["faults"]}
    assert wrong == {(2, "criticality"), (2, "key"), (3, "criticality")}
    people = here("import", "systems.csv", "--kind", "system", *preview)
    assert (people.code, people.out) == (1, "")
    assert people.err.startswith("quarterdeck: nothing can be imported; 3 faults:\n")
    assert "system  other  criticality" in people.err
    assert json.loads(here("list", "system", "--json").out) == []


def test_a_preview_says_what_would_change_and_changes_nothing(here: Run, tmp_path: Path, operator: Authority) -> None:
    write(operator, [Change("system", "shop", {"name_en": "Shop", "criticality": 2})], "x")
    (tmp_path / "systems.csv").write_text("key,name_en,criticality\nshop,Shop,3\nnew,New,1\n")
    changes = here("import", "systems.csv", "--kind", "system", "--preview", "--json").value["changes"]
    assert {(one["action"], one["key"]) for one in changes} == {("update", "shop"), ("create", "new")}
    assert next(one for one in changes if one["key"] == "shop")["fields"] == {"criticality": {"before": 2, "after": 3}}
    assert "criticality: 2 → 3" in here("import", "systems.csv", "--kind", "system", "--preview").out
    assert here("list", "system", "--where", "criticality=3", "--json").value == []
    done = here("import", "systems.csv", "--kind", "system", "--json")
    assert done.value == {"created": 1, "updated": 1, "unchanged": 0}


def test_a_chain_that_was_altered_is_told_with_the_place(here: Run, operator: Authority) -> None:
    for number in range(3):
        write(operator, [Change("team", f"t{number}", {"name_en": "T"})], "x")
    whole = here("history", "verify", "--json")
    assert (whole.code, whole.value["holds"], whole.value["commits"]) == (0, True, 3)
    Commit.objects.filter(number=2).update(source="another")
    broken = here("history", "verify", "--json")
    assert broken.code == 1
    assert broken.value["holds"] is False
    assert 2 in {one["commit"] for one in broken.value["faults"]}
    people = here("history", "verify")
    assert (people.code, "what is wrong" in people.out) == (1, True)


def test_who_may_not_is_told_so(here: Run, user_with: Callable[..., object]) -> None:
    user_with("engineer", name="eng")
    for words in (
        "user x",
        "user",
        "token x --user cto",
        "collect backups x.csv",
        "history verify",
        "document list",
        "set team:core name_en=Core",
        "suggestions refuse --kind team",
        "suggestions accept",
        "plan",
    ):
        told = here("--as", "eng", *words.split())
        assert (told.code, told.out) == (1, ""), words
        assert told.err.startswith("quarterdeck: you may not "), told.err


def test_an_administrator_is_told_nothing_of_what_is_there(
    here: Run, tmp_path: Path, user_with: Callable[..., object]
) -> None:
    user_with("administrator", name="adm")
    (tmp_path / "a.csv").write_text("system,taken,kind\nshop,2026-01-01,full\n")
    assert here("collect", "backups", "a.csv").code == 0
    for words in ("list", "evidence list", "suggestions list"):
        assert here("--as", "adm", *words.split(), "--json").value == []
    told = here("--as", "adm", "export", "all.xlsx")
    assert (told.code, told.err) == (1, "quarterdeck: you may not read any kind of records\n")
    assert not (tmp_path / "all.xlsx").exists()
    assert [one["source"] for one in here("evidence", "list", "--json").value] == ["a.csv"]


def test_what_goes_wrong_steers_no_terminal(here: Run) -> None:
    told = here("show", "team:\x1b[2J\u202ex")
    assert (told.code, told.err) == (2, "quarterdeck: there is no team:\ufffd[2J\ufffdx\n")


def test_a_user_makes_tokens_for_themselves_alone(here: Run, user_with: Callable[..., object]) -> None:
    user_with("engineer", name="eng")
    user_with("cto", name="cto")
    assert here("--as", "eng", "token", "mine").out.startswith("qd_")
    assert here("token", "theirs", "--user", "cto").code == 0
    listed = here("--as", "eng", "token", "--json").value
    assert [(one["token"], one["user"]) for one in listed] == [("mine", "eng")]
    assert here("--as", "eng", "token", "theirs", "--user", "cto", "--remove").code == 1
    assert here("--as", "eng", "token", "mine", "--remove", "--json").value == {"removed": 1}
    assert [token.name for token in Token.objects.all()] == ["theirs"]


def test_a_user_is_made_changed_and_shut_out(here: Run, operator: Authority) -> None:
    write(operator, [Change("team", "core", {"name_en": "Core"}), Change("person", "p-7", {"name": "Ada"})], "x")
    made = here("user", "ada", "--role", "cto", "--person", "P-7", "--json").value
    assert len(made["password"]) >= 12
    assert made["roles"] == ["cto"]
    again = here("user", "ada", "--full-name", "Ada Lin", "--json").value
    assert (again["roles"], again["password"]) == (["cto"], "")
    (listed,) = here("user", "--json").value
    assert (listed["name"], listed["person"], listed["active"]) == ("Ada Lin", "p-7", True)
    assert here("user", "ada", "--remove", "--json").value["active"] is False
    assert here("--as", "ada", "list", "team").err == "quarterdeck: there is no user 'ada'\n"


def test_a_source_that_is_trusted_is_taken_over_at_once(here: Run, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("staff,team,name\nS1,core,Ada\n")
    assert here("collect", "roster", "roster.csv").code == 0
    assert here("suggestions", "accept").code == 0
    assert here("suggestions", "policy", "roster.csv", "accept").out == "roster.csv: accept\n"
    assert EvidenceSource.objects.get().policy == "accept"
    (tmp_path / "roster.csv").write_text("staff,team,name\nS1,core,Ada\nS2,core,Bo\n")
    assert here("collect", "roster", "roster.csv", "--json").value[0]["suggestions"] == 0
    assert {one["key"] for one in here("list", "person", "--json").value} == {"S1", "S2"}


def test_a_direct_subordinate_settles_what_they_could_write(
    here: Run, tmp_path: Path, user_with: Callable[..., object]
) -> None:
    user_with("direct-subordinate", name="sub")
    (tmp_path / "roster.csv").write_text("staff,team,name\nS1,core,Ada\n")
    assert here("--as", "sub", "collect", "roster", "roster.csv").code == 0
    for words in ("policy roster.csv accept", "refuse --source roster.csv", "refuse --kind person", "accept --key S1"):
        told = here("--as", "sub", "suggestions", *words.split())
        assert (told.code, told.out) == (1, ""), words
        assert told.err.startswith("quarterdeck: "), told.err
    assert EvidenceSource.objects.get().policy == "ask"
    assert len(here("suggestions", "list", "--json").value) == 2


def test_of_several_paths_the_good_ones_are_collected(here: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("system,taken,kind\nshop,2026-01-01,full\n")
    (tmp_path / "c.csv").write_text("colour\nred\n")
    told = here("collect", "backups", "a.csv", "missing.csv", "c.csv", "--json")
    assert told.code == 2
    assert [one["source"] for one in told.value] == ["a.csv"]
    assert [line.partition(":")[2].strip().partition(":")[0] for line in told.err.splitlines()] == [
        "missing.csv",
        "c.csv",
    ]
