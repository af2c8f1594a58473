"""The command line answers people in their language, and programs in the same names whatever the language."""

import json
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Outcome
from django.utils import translation

from quarterdeck.cli import output, program, words
from quarterdeck.cli.faults import guarded
from quarterdeck.kinds import show
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Authority
from quarterdeck.kinds.write import Change, write
from quarterdeck.web import messages

Run = Callable[..., Outcome]
CLI = Path(words.__file__).parent


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in this process, in a folder of its own, on the records of the test."""
    monkeypatch.delenv("QUARTERDECK_USER", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*given: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["quarterdeck", *given])
        code = guarded(program())
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return call


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The catalogues as they stand now."""
    messages.compile_catalogues()
    words._catalogue.cache_clear()


def _wide(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _starts(line: str) -> list[int]:
    """In which columns of a terminal the cells of a table's line begin, two blanks or more before each."""
    found, before = [], "  "
    for place, sign in enumerate(line):
        if before == "  " and sign != " ":
            found.append(_wide(line[:place]))
        before = (before + sign)[-2:]
    return found


# ---- which language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("zh", "zh"),
        ("zh_CN.UTF-8", "zh"),
        ("zh-Hans", "zh"),
        ("ZH", "zh"),
        ("en", "en"),
        ("en_GB.UTF-8", "en"),
        ("C.UTF-8", None),
        ("fr", None),
        ("zha", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_the_ways_it_is_written(text: str, language: str | None) -> None:
    assert words.language_of(text) == language


@pytest.mark.parametrize(
    ("environment", "options", "chinese"),
    [
        ({}, (), False),
        ({"LANG": "zh_CN.UTF-8"}, (), True),
        ({"LANG": "fr_FR.UTF-8"}, (), False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, (), False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, (), True),
        ({"LANG": "zh_CN.UTF-8", "QUARTERDECK_LANGUAGE": "en"}, (), False),
        ({"LANG": "en_US.UTF-8", "QUARTERDECK_LANGUAGE": "zh_CN"}, (), True),
        ({"QUARTERDECK_LANGUAGE": "zh"}, ("--language", "en"), False),
        ({"QUARTERDECK_LANGUAGE": "en"}, ("--language", "zh"), True),
    ],
)
def test_the_option_comes_before_the_environment_and_that_before_the_terminal(
    environment: dict[str, str], options: tuple[str, ...], chinese: bool, here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = here(*options, "readers")
    assert told.code == 0
    assert told.out.startswith("读取器" if chinese else "reader ")
    assert ("Git 代码仓库" in told.out) == chinese


@pytest.mark.parametrize("wrong", ["fr", "zz", "--json"])
def test_a_language_that_is_none_of_ours_is_one_line(wrong: str, here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_LANGUAGE", wrong)
    told = here("readers")
    assert (told.code, told.out) == (2, "")
    assert told.err == f"quarterdeck: there is no language {wrong!r}; there are: en, zh\n"


# ---- what is said


def test_everything_said_has_its_chinese() -> None:
    said = [
        place.message for path in sorted(CLI.glob("*.py")) for place in messages.in_python(path.read_text(), path.name)
    ]
    assert len(said) > 100
    words.speak("zh")
    silent = [
        one.text
        for one in said
        if (words.ngettext(one.text, one.plural, 2) if one.plural else words._(one.text)) in (one.text, one.plural)
    ]
    assert silent == []


def test_columns_stand_under_their_headings_whatever_they_hold(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("核心-1", "支付团队", "x"), ("k", "Ａ wide one，全角", "中文"), ("long-key-in-latin", "短", "é")]
    output.put_table({"key": "编号", "name": "名称（中文）", "last": "末"}, rows, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert len({tuple(_starts(line)) for line in lines}) == 1, lines


@pytest.mark.django_db
def test_records_are_told_in_chinese_and_in_columns(here: Run, operator: Authority) -> None:
    changes = [
        Change("skill", "java", {"name_zh": "Java 开发", "name_en": "Java"}),
        Change("team", "核心", {"name_zh": "核心组"}),
        Change("team", "payments", {"name_zh": "支付", "name_en": "Payments"}),
        Change("initiative", "i-1", {"name_zh": "迁移", "state": "idea", "pin": "in"}),
    ]
    write(operator, changes, "x")
    told = here("--language", "zh", "list", "team")
    assert told.code == 0
    heading, *rows = told.out.splitlines()
    assert heading.split()[:3] == ["编号", "名称（英文）", "名称（中文）"]
    names = {_wide(row.partition(name)[0]) for row in rows for name in ("核心组", "支付") if f"  {name}" in row}
    assert names == {_wide(heading.partition("名称（中文）")[0])}
    shown = here("--language", "zh", "show", "initiative:i-1").out
    with translation.override("zh-hans"):
        pin, about = KINDS["initiative"].attributes["pin"], show.about(KINDS["team"])
        assert {"字段", "状态", "设想", pin.label, show.value(pin, "in")} <= set(shown.split())
    assert about in here("--language", "zh", "list").out
    assert about not in here("list").out
    assert here("--language", "zh", "set", "team:a", "name_en=A").out == "team:a 已新建\n"
    assert here("--language", "zh", "delete", "team:a", "--yes").out == "team:a 已删除\n"
    assert here("--language", "zh", "list", "team", "--limit", "1").err == "已显示 1 条，共 2 条；用 --limit 查看更多\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        "list",
        "list team",
        "show team:core",
        "history show team:core",
        "suggestions list",
        "evidence list",
        "analyse",
        "engine",
        "readers",
        "user",
        "token",
        "set team:core name_en=Core",
        "history verify",
    ],
)
def test_programs_read_the_same_names_in_every_language(
    given: str, here: Run, operator: Authority, tmp_path: Path
) -> None:
    write(operator, [Change("team", "core", {"name_en": "Core", "name_zh": "核心组"})], "x")
    (tmp_path / "roster.csv").write_text("staff,team,name\nS1,core,Ada\n")
    assert here("collect", "roster", "roster.csv").code == 0
    english, chinese = (here("--language", language, *given.split(), "--json").value for language in ("en", "zh"))
    assert _names(english) == _names(chinese)
    assert json.dumps(english)


def _names(value: object) -> object:
    """A JSON value with nothing but its names."""
    if isinstance(value, dict):
        return {name: _names(inner) for name, inner in value.items()}
    return [_names(inner) for inner in value] if isinstance(value, list) else None
