"""Pages are true: generated ones as the program says, links and commands that lead somewhere, and nothing unexplained."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from quarterdeck.cli import docs, pages, reference
from quarterdeck.engines.catalog import ENGINES
from quarterdeck.evidence.readers import READERS
from quarterdeck.kinds.declare import KINDS
from quarterdeck.runs.analysis import ANALYSES

TARGETS = {"demo", "test", "docs"}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The pages in a folder of their own, with what they speak of."""
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Makefile"):
        shutil.copy(docs.ROOT / name, tmp_path / name)
    shutil.copytree(docs.ROOT / "docs", tmp_path / "docs")
    for name in ("src", "tests"):
        (tmp_path / name).symlink_to(docs.ROOT / name)
    return tmp_path


def _add(path: Path, text: str) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")


def test_nothing_is_wrong_with_the_pages(copied: Path) -> None:
    assert docs.faults() == []
    assert docs.faults(copied) == []


def test_the_command_of_the_build_says_so_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck.cli.docs", "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=docs.ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "$(BIN)/python -m quarterdeck.cli.docs --check" in (docs.ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["commands.md", "analyses.md", "kinds/team.md", "kinds/README.md"])
def test_a_generated_page_that_was_edited_is_stale(name: str, copied: Path) -> None:
    _add(copied / "docs" / name, "An edit by hand.")
    assert any(fault.startswith(f"docs/{name} ") for fault in docs.faults(copied))
    reference.put(copied)
    assert docs.faults(copied) == []
    (copied / "docs" / name).unlink()
    assert any(fault.startswith(f"docs/{name} ") for fault in docs.faults(copied))


def test_generated_pages_name_every_command_question_and_kind() -> None:
    told = reference.pages()
    for words, command in reference.every_command(pages.command_tree()):
        part = told["commands.md"].partition(f"\n## {words}\n")[2].partition("\n## ")[0]
        options = [one.opts[0] for one in command.params if one.param_type_name == "option" and one.name != "help"]
        assert [name for name in options if f"| `{name}" not in part] == [], words
    assert all(f"\n## {name}\n" in told["analyses.md"] for name in ANALYSES)
    assert set(re.findall(r"kinds/([\w-]+)\.md", told["analyses.md"])) <= set(KINDS)


# Each fault, put at the end of a page, and what is said of it.
WRONG = {
    "[nowhere](nowhere.md)": "a link leads nowhere: nowhere.md",
    "[no heading](decisions.md#no-such-heading)": "a link leads to no heading",
    "[no own heading](#no-such-heading)": "a link leads to no heading",
    "![no picture](../images/none.png)": "a link leads nowhere",
    "Look at `src/quarterdeck/nothing.py`.": "names a file that is not there",
    "```sh\nquarterdeck no-such-command\n```": "No such command 'no-such-command'",
    "```\nquarterdeck collect\n```": "Missing argument",
    "```sh\nquarterdeck list team --no-such-option\n```": "--no-such-option",
    "```sh\nQUARTERDECK_HOME=x quarterdeck document nothing\n```": "No such command",
    "```sh\n$ quarterdeck list team --limit few\n```": "--limit",
    "```sh\nmake nothing\n```": "there is no make nothing",
    "```sh\npython -m quarterdeck.nothing\n```": "there is no module",
    "Say `quarterdeck nothing`.": "No such command",
    "Say `quarterdeck list --nothing`.": "--nothing",
    "```python\nif:\n```": "is no Python",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_page_that_says_something_wrong_is_named(text: str, copied: Path) -> None:
    _add(copied / "docs" / "guide" / "candidates.md", text)
    found = docs.faults(copied)
    assert len(found) == 1, found
    assert found[0].startswith(f"{copied}/docs/guide/candidates.md")
    assert WRONG[text] in found[0]


RIGHT = [
    "[there](decisions.md#who-may-what) and [outside](https://example.org/x#y) and [here](#what-is-found)",
    "Say `quarterdeck collect`, `quarterdeck document`, `quarterdeck --as USER decide D-1`.",
    "```sh\nquarterdeck collect git shop   # a history\nls\nmake test ARGS=-x\n```",
    "```text\nquarterdeck nothing\n```",
    "````markdown\n```sh\nquarterdeck nothing\n```\n[nowhere](nowhere.md)\n````",
    "Write `src/quarterdeck/engines/mine.py`:\n\n```python\nx = 1\n```",
]  # fmt: skip


@pytest.mark.parametrize("text", RIGHT)
def test_a_page_that_says_something_right_is_left_alone(text: str, copied: Path) -> None:
    _add(copied / "docs" / "guide" / "candidates.md", text)
    assert docs.faults(copied) == []


def test_a_page_that_nobody_is_led_to_is_named(copied: Path) -> None:
    (copied / "docs" / "guide" / "lost.md").write_text("# Lost\n")
    assert docs.faults(copied) == [f"{copied}/docs/guide/lost.md: no link leads here"]


@pytest.mark.parametrize("folder", ["engines", "readers"])
def test_what_has_no_page_is_named_and_so_is_a_page_of_nothing(folder: str, copied: Path) -> None:
    name = sorted(ENGINES)[0] if folder == "engines" else READERS[0].name
    (copied / "docs" / folder / f"{name}.md").rename(copied / "docs" / folder / "nothing.md")
    found = docs.faults(copied)
    assert f"docs/{folder}/{name}.md is missing" in found
    assert f"docs/{folder}/nothing.md is about nothing that is there" in found


@pytest.mark.parametrize(
    ("page", "row", "what"),
    [
        (
            "guide/candidates.md",
            r"\| Hotspots in code .*\n",
            "docs/guide/candidates.md has no row for Hotspots in code",
        ),
        ("guide/decisions.md", r"\| `plan-approved` .*\n", "docs/guide/decisions.md has no row for `plan-approved`"),
        (
            "readers/backups.md",
            r"\| `taken` .*\n",
            "docs/readers/backups.md: backups.taken is not explained as declared",
        ),
    ],
)
def test_a_row_that_is_missing_is_named(page: str, row: str, what: str, copied: Path) -> None:
    path = copied / "docs" / page
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(row, "", text, count=1), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    assert what in docs.faults(copied)


def test_headings_are_addressed_as_code_hosts_do() -> None:
    assert pages.anchor("Who may what") == "who-may-what"
    assert pages.anchor("Table `licences`: 1, 2") == "table-licences-1-2"
    assert pages.anchor("命令 commands") == "命令-commands"


def test_lines_of_other_programs_are_left_alone() -> None:
    for line in ("", "ls nothing", "git clone x 'y", "jinja2==3.1.6 \\", "# quarterdeck nothing"):
        assert pages.wrong_command(line, TARGETS) == ""
