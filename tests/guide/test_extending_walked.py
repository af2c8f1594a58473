"""What a contributor adds, made exactly as the page says, in a copy of the checkout; then every face of it is there."""

import json
import re
from pathlib import Path

import pytest
from walking import BLOCK, ROOT, Walk, changed, checkout, steps

PAGE = ROOT / "docs" / "guide" / "extending.md"
FIVE = ("A kind", "A reader", "An engine", "A question", "A source of candidates")
FACES = """
import json, sys
import django
django.setup()
from django.test import Client
from quarterdeck.kinds.models import User
from quarterdeck.kinds.users import give_roles
user, _born = User.objects.get_or_create(username="walker")
give_roles(user, ["cto"])
client = Client()
client.force_login(user)
found = {}
for address in json.load(sys.stdin):
    for language in ("en", "zh-hans"):
        answer = client.get(address, headers={"accept-language": language})
        content = b"".join(answer) if answer.streaming else answer.content
        found[f"{language} {address}"] = [answer.status_code, content.decode("utf-8", "replace")]
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The page, followed to its end."""
    found = Walk(checkout(tmp_path_factory.mktemp("extending")))
    found.environment["PYTHONPATH"] = str(found.folder / "src")
    for step in steps(PAGE.read_text(encoding="utf-8")):
        found.take(step)
    return found


def _ask(walk: Walk, *addresses: str) -> dict[str, list]:
    (walk.folder / "faces.py").write_text(FACES)
    done = walk.run(f"python faces.py <<'EOF'\n{json.dumps(addresses)}\nEOF")
    return json.loads(done.stdout)


def test_the_page_is_about_the_five() -> None:
    prose = BLOCK.sub("", PAGE.read_text(encoding="utf-8"))
    assert re.findall(r"^## (.*)$", prose, re.MULTILINE) == list(FIVE)


def test_nothing_is_missing_in_texts_or_pages(walk: Walk) -> None:
    walk.run("python -m quarterdeck.web.messages --check")
    walk.run("python -m quarterdeck.cli.docs --check")
    walk.run("django-admin makemigrations --check --dry-run")


def test_the_kind_has_five_fields_one_migration_and_every_face(walk: Walk) -> None:
    made = list((walk.folder / "src/quarterdeck/estate/migrations").glob("*_contract.py"))
    assert len(made) == 1
    page = (walk.folder / "docs/kinds/contract.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in ("name_en", "name_zh", "vendor", "ends", "cost", "currency"))
    record = "record/support"
    found = _ask(
        walk,
        *(f"/records/contract/{place}" for place in ("", "new", "import", record, "edit/support")),
        "/records/contract/?as_of=2030-01-01",
        "/records/vendor/grid/contract/acme",
        "/search?q=Acme",
    )
    assert {address: status for address, (status, _text) in found.items() if status != 200} == {}
    assert "Support by Acme" in found[f"en /records/contract/{record}"][1]
    chinese = found[f"zh-hans /records/contract/{record}"][1]
    assert all(word in chinese for word in ("支持服务", "合同", "到期日", "年费用"))
    assert "Support by Acme" in found["en /search?q=Acme"][1]
    assert "Support by Acme" in found["en /records/vendor/grid/contract/acme"][1]


def test_the_kind_stands_in_the_api_the_sheets_and_the_history(walk: Walk) -> None:
    found = _ask(walk, "/api/contract/support", "/api/openapi.json", "/records/contract/export")
    record = json.loads(found["en /api/contract/support"][1])
    assert (record["cost"], record["vendor"], record["ends"]) == ("12000", "acme", "2027-06-30")
    paths = json.loads(found["en /api/openapi.json"][1])["paths"]
    assert {"get", "post"} <= set(paths["/api/contract"])
    assert any({"get", "patch", "delete"} <= set(acts) for path, acts in paths.items() if "/api/contract/" in path)
    assert "support" in found["en /records/contract/export"][1]
    assert "0 created, 0 changed, 1 as they were" in walk.printed["A kind"][-1], "a sheet out and in changes nothing"
    assert "Support by Acme" in walk.printed["A kind"][-1], "its history is told"


@pytest.mark.parametrize(
    ("file", "words"),
    [("tests/kinds/test_every_kind.py", "contract"), ("tests/evidence/test_every_reader.py", "licences")],
)
def test_the_tests_of_every_one_now_hold_it_too(file: str, words: str, walk: Walk) -> None:
    done = walk.run(f"CI= python -m pytest -p no:xdist -p no:cacheprovider -q {file} -k {words} -rA | tail -200")
    passed = re.findall(rf"^PASSED .*{words}", done.stdout, re.MULTILINE)
    assert len(passed) >= 12, done.stdout[-2000:]


def test_the_reader_collects_and_says_what_it_could_not_read(walk: Walk) -> None:
    printed = walk.printed["A reader"][-1]
    assert re.search(r"licences\.csv +2 +1 ", printed), printed
    assert re.search(r"licences\.csv +4 +", printed), "the problem with its line"
    assert "Draw" in printed
    assert "licences" in walk.run("quarterdeck readers").stdout
    assert _ask(walk, "/evidence/table/licences")["zh-hans /evidence/table/licences"][0] == 200


def test_the_engine_runs_without_a_home(walk: Walk) -> None:
    text = walk.run("QUARTERDECK_HOME=/nowhere quarterdeck engine payback --input payback.json").stdout
    assert [one["months"] for one in json.loads(text)["paybacks"]] == [12, None]
    wrong = walk.run(
        'echo \'{"investments": [], "discount": 0}\' > wrong.json; quarterdeck engine payback --input wrong.json',
        check=False,
    )
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "a discount rate is above zero" in wrong.stderr


def test_the_question_has_command_api_cache_and_path(walk: Walk) -> None:
    found = _ask(walk, "/api/analyses/payback", "/api/analyses")
    answer = json.loads(found["en /api/analyses/payback"][1])
    assert answer["result"]["paybacks"] == [{"key": "checkout", "months": 12}]
    assert answer["rested"] == [{"what": "kind:initiative", "filter": "retired__empty=True", "count": 1}]
    listed = {one["name"]: one["question"] for one in json.loads(found["zh-hans /api/analyses"][1])}
    assert listed["payback"] == "举措的投入何时收回？"
    again = json.loads(walk.run("quarterdeck analyse payback --json").stdout)
    assert json.loads(walk.run("quarterdeck analyse payback --json").stdout)["answer"] == again["answer"], "kept"


def test_the_candidate_is_found_in_both_languages_and_accepted(walk: Walk) -> None:
    assert "退订 Draw 的 15 个席位" in walk.run("quarterdeck --language zh candidates").stdout
    assert _ask(walk, "/candidates")["en /candidates"][0] == 200
    made = json.loads(walk.run("quarterdeck candidates --accept licences/licences.csv/Draw --json").stdout)[
        "initiative"
    ]
    record = json.loads(walk.run(f"quarterdeck show initiative:{made} --json").stdout)
    assert (record["benefit_likely"], record["currency"], record["origin"]) == ("300", "EUR", "licences")


def test_a_page_that_no_longer_fits_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 times"):
        changed("a\nb\n", " x\n+y\n")
    with pytest.raises(ValueError, match="2 times"):
        changed("a\na\n", " a\n+y\n")
    assert changed("a\nb\nc\n", " b\n+y\n") == "a\nb\ny\nc\n"
    assert changed("a\nb\nc\n", "-b\n+y\n c\n") == "a\ny\nc\n"
    with pytest.raises(ValueError, match="nothing says what to do"):
        list(steps("Here is something.\n\n```python\nx = 1\n```\n"))
