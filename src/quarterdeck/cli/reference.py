"""The pages that the program can say itself (commands, questions, kinds), and what must be explained by hand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import translation

from quarterdeck.cli.pages import anchor, command_tree
from quarterdeck.decisions.policy import POLICIES
from quarterdeck.engines.catalog import ENGINES
from quarterdeck.evidence.readers import READERS
from quarterdeck.kinds import docs as kind_pages
from quarterdeck.kinds.declare import KINDS
from quarterdeck.runs.analysis import ANALYSES, Analysis, Audience
from quarterdeck.runs.candidates import SOURCES

MADE = "by `python -m quarterdeck.cli.docs`; not edited by hand.\n\n"


def pages() -> dict[str, str]:
    """File name → Markdown."""
    with translation.override("en"):
        return {"commands.md": "".join(_commands()), "analyses.md": "".join(_analyses())}


def every_command(found: Any, words: str = "") -> Iterator[tuple[str, Any]]:
    """Every command below a group by its words, in the order in which they are needed."""
    for name in found.list_commands(None):
        one = found.commands[name]
        if hasattr(one, "commands"):
            yield from every_command(one, f"{words}{name} ")
        else:
            yield f"{words}{name}", one


def _commands() -> Iterator[str]:
    whole = command_tree()
    yield f"# Commands\n\nMade from the program {MADE}"
    yield "| command | what it does |\n|---|---|\n"
    for words, one in every_command(whole):
        yield f"| [`{words}`](#{anchor(words)}) | {cell(one.help.partition(chr(10))[0])} |\n"
    yield "\n## Before every command\n\nBetween `quarterdeck` and the command may stand:\n\n" + _taken(whole)
    yield EXIT_CODES
    for words, one in every_command(whole):
        yield f"\n## {words}\n\n{_text(one.help)}\n\n`{_usage(words, one)}`\n\n" + _taken(one)


EXIT_CODES = """
An answer goes to the output, with `--json` as one JSON value and nothing else; remarks, progress and what goes wrong go
to the error stream. Exit codes: 0 done; 1 refused (no right to it, something is missing first, faulty rows) or a check
that found something; 2 a wrong argument, said in one line; 130 stopped by Ctrl-C.
"""


def _text(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _usage(words: str, command: Any) -> str:
    parts = ["quarterdeck", words]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            shown = f"{parameter.metavar}{'…' if parameter.nargs == -1 else ''}"
            parts.append(shown if parameter.required else f"[{shown}]")
    return " ".join(parts)


def _taken(command: Any) -> str:
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    return "| argument or option | what it is | else |\n|---|---|---|\n" + "".join(rows)


def _row(parameter: Any) -> str:
    flag = getattr(parameter, "is_flag", False)
    name = parameter.metavar
    if parameter.param_type_name == "option":
        name = parameter.opts[0] + ("" if flag else f" {parameter.opts[0].lstrip('-').upper()}")
    default = "" if flag or parameter.default in (None, "") else f"`{parameter.default}`"
    return f"| `{name}` | {cell(parameter.help)} | {'needed' if parameter.required else default} |\n"


def _analyses() -> Iterator[str]:
    yield f"# Questions that are answered\n\nMade from the declarations {MADE}"
    yield "Each is asked with `quarterdeck analyse NAME` or `GET /api/analyses/NAME`, and answered with its path:\n"
    yield "the run of its engine, and what it rests on.\n\n| question | section | engine |\n|---|---|---|\n"
    for one in ANALYSES.values():
        yield f"| [{one.name}](#{anchor(one.name)}) | {section(one)} | [{one.engine}](engines/{one.engine}.md) |\n"
    for one in ANALYSES.values():
        yield from _analysis(one)
    yield "\n## Sources of candidates\n\nWhat `candidates` looks for; see [the guide](guide/candidates.md).\n\n"
    yield "| source | title | kinds read | tables read |\n|---|---|---|---|\n"
    for source in SOURCES.values():
        yield f"| `{source.name}` | {source.title} | {_kinds(source.kinds)} | {_names(source.tables)} |\n"


def _analysis(one: Analysis) -> Iterator[str]:
    whom = {
        Audience.READER: "on what its reader may see",
        Audience.COMPANY: "for the whole company, on all but private fields",
    }
    yield f"\n## {one.name}\n\n{one.question}\n\n- Computed {whom[one.audience]}"
    yield f"; takes the right `{one.needs}`.\n" if one.needs else ".\n"
    if one.kinds:
        yield f"- Kinds read: {_kinds(one.kinds)}.\n"
    if one.tables:
        yield f"- Tables read: {_names(one.tables)}.\n"
    if one.defaults:
        yield f"- Parameters: {_names(tuple(one.defaults))}.\n"


def section(one: Analysis) -> str:
    """The chapter and section an analysis belongs to (`risk.register`), or the office."""
    words = one.gather.__module__.split(".")
    return ".".join(words[2:4]) if words[1] == "chapters" else "office"


def _kinds(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{name}](kinds/{name}.md)" for name in names if name in KINDS)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def cell(text: str) -> str:
    """A text inside a table."""
    return " ".join(text.split()).replace("|", "\\|")


def stale(root: Path) -> Iterator[str]:
    """Generated pages that are not as the program says."""
    for name, text in pages().items():
        path = root / "docs" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"docs/{name} is not as the program says; run python -m quarterdeck.cli.docs"
    for name in kind_pages.differing(root / "docs" / "kinds"):
        yield f"docs/kinds/{name} is not as the kinds say; run python -m quarterdeck.cli.docs"


def put(root: Path) -> None:
    """Write the generated pages."""
    kind_pages.put(root / "docs" / "kinds")
    for name, text in pages().items():
        (root / "docs" / name).write_text(text, encoding="utf-8")


def without_page(root: Path) -> Iterator[str]:
    """Engines, readers, tables, sections, sources and sorts of decisions that no page explains, and pages of none."""
    docs = root / "docs"
    for folder, names in (("engines", set(ENGINES)), ("readers", {reader.name for reader in READERS})):
        there = {path.stem for path in (docs / folder).glob("*.md")} - {"README"}
        yield from (f"docs/{folder}/{name}.md is missing" for name in sorted(names - there))
        yield from (f"docs/{folder}/{name}.md is about nothing that is there" for name in sorted(there - names))
    for reader in READERS:
        path = docs / "readers" / f"{reader.name}.md"
        yield from _undescribed(reader, path.read_text(encoding="utf-8") if path.exists() else "")
    for page, rows in (
        ("candidates", [str(s.title) for s in SOURCES.values()]),
        ("decisions", [f"`{p}`" for p in POLICIES]),
    ):
        text = (docs / "guide" / f"{page}.md").read_text(encoding="utf-8")
        yield from (f"docs/guide/{page}.md has no row for {row}" for row in rows if f"| {row} |" not in text)


def _undescribed(reader: Any, text: str) -> Iterator[str]:
    """Columns of a reader's tables that its page does not explain as they are declared."""
    for table in reader.tables:
        _before, _heading, part = re.sub(
            rf"^##+ .*`{table.name}`.*$", "\0", text, count=1, flags=re.MULTILINE
        ).partition("\0")
        part = re.split(r"^#", part, maxsplit=1, flags=re.MULTILINE)[0]
        rows = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ((?:[^|\\]|\\.)*?) *\|", part, re.MULTILINE))
        for column in table.columns:
            said = " ".join(rows.get(column.name, "").replace("\\|", "|").split())
            if not said.startswith(" ".join(column.help.split())):
                yield f"docs/readers/{reader.name}.md: {table.name}.{column.name} is not explained as declared"
