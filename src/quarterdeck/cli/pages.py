"""Pages of Markdown, held against what they speak of: links, files, commands, Python."""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from quarterdeck.cli import program

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^( *)(`{3,})(\w*)[^\n]*\n(.*?)^\1\2$", re.MULTILINE | re.DOTALL)
WRITTEN = re.compile(r"\bWrite\s+`([^`]+)`:")
SPOKEN = ("quarterdeck ", "make ", "python -m quarterdeck")  # what commands in running text begin with
SHELL = frozenset({"sh", "bash", "console", ""})
PLACE = re.compile(r"[\w.\-]+(/[\w.\-]+)+\.(py|md|toml|txt)")
BASES = ("", "src", "src/quarterdeck", "docs", "docs/guide")


@dataclass(frozen=True)
class Page:
    """One page of Markdown."""

    path: Path
    text: str

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return FENCE.sub("", self.text)

    @property
    def anchors(self) -> set[str]:
        """The addresses of its headings."""
        return {anchor(CODE.sub(r"\1", heading)) for heading in HEADING.findall(self.prose)}

    def blocks(self) -> Iterator[tuple[str, str, int]]:
        """Language, text and first line of each block of code."""
        for found in FENCE.finditer(self.text):
            indent = len(found[1])
            lines = [line[indent:] for line in found[4].splitlines()]
            yield found[3], "\n".join(lines), self.text.count("\n", 0, found.start(4)) + 1


def read(root: Path) -> dict[Path, Page]:
    """Every page: those of the root, and all below docs."""
    paths = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    return {path.resolve(): Page(path.resolve(), path.read_text(encoding="utf-8")) for path in sorted(paths)}


def anchor(heading: str) -> str:
    """The address of a heading within its page, as code hosts make it."""
    kept = [sign for sign in heading.strip().lower() if sign.isalnum() or sign in " -_"]
    return "".join(kept).replace(" ", "-")


@cache
def command_tree() -> Any:
    """The program as its option parser knows it."""
    return typer.main.get_command(program())


# ---- links


def broken_links(found: dict[Path, Page]) -> Iterator[str]:
    """Links inside the project that lead nowhere."""
    for page in found.values():
        for target in LINK.findall(page.prose):
            if re.match(r"[a-z]+:", target):
                continue
            name, _hash, place = target.partition("#")
            path = (page.path.parent / name).resolve() if name else page.path
            if not path.exists():
                yield f"{page.path}: a link leads nowhere: {target}"
            elif place and path in found and place not in found[path].anchors:
                yield f"{page.path}: a link leads to no heading: {target}"


def unreached(found: dict[Path, Page], root: Path) -> Iterator[str]:
    """Pages that no chain of links leads to from the README."""
    seen, waiting = set[Path](), [(root / "README.md").resolve()]
    while waiting:
        path = waiting.pop()
        if path in seen or path not in found:
            continue
        seen.add(path)
        for target in LINK.findall(found[path].prose):
            there = (path.parent / target.partition("#")[0]).resolve()
            waiting.extend([there, there / "README.md"] if there.is_dir() else [there])
    for path in found:
        if path not in seen and (root / "docs") in path.parents:
            yield f"{path}: no link leads here"


def missing_files(found: dict[Path, Page], root: Path) -> Iterator[str]:
    """Files of the project that pages name and that are not there, but for those that a page has its reader write."""
    for page in found.values():
        made = WRITTEN.findall(page.prose)
        for code in CODE.findall(page.prose):
            if code in made:
                continue
            ours = any((root / base / code.partition("/")[0]).is_dir() for base in BASES)
            if PLACE.fullmatch(code) and ours and not any((root / base / code).exists() for base in BASES):
                yield f"{page.path}: names a file that is not there: {code}"


# ---- code


def wrong_code(found: dict[Path, Page], root: Path) -> Iterator[str]:
    """Commands in blocks of shell and in running text that the program does not know, and Python that is none."""
    targets = set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in found.values():
        for language, text, line in page.blocks():
            if language in SHELL:
                for offset, command in enumerate(text.splitlines()):
                    if why := wrong_command(command, targets):
                        yield f"{page.path}:{line + offset}: {why}"
            elif language == "python" and (why := _no_python(text)):
                yield f"{page.path}:{line}: {why}"
        for code in CODE.findall(page.prose):
            if code.startswith(SPOKEN) and (why := wrong_command(code, targets, whole=False)):
                yield f"{page.path}: {why}"


def _no_python(text: str) -> str:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"is no Python: {error.msg}: {error.text}"
    return ""


def wrong_command(line: str, targets: set[str], *, whole: bool = True) -> str:
    """Why a line of shell cannot be carried out; empty where it can, or where it is about other programs.

    whole: all that the command needs must be there; in running text some may be left out.
    """
    line = re.sub(r"^(?:\$ |\w+=\S* )*", "", line)
    if not line.startswith(SPOKEN):
        return ""
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        return f"{line!r} is no shell: {error}"
    match words:
        case ["make", *given]:
            unknown = [word for word in given if "=" not in word and word not in targets]
            return f"there is no make {unknown[0]}" if unknown else ""
        case ["python", "-m", module, *_] if module.startswith("quarterdeck."):
            return "" if find_spec(module) else f"there is no module {module}"
        case ["quarterdeck", *given]:
            return _wrong_arguments(given, whole=whole)
    return ""


def _wrong_arguments(given: list[str], *, whole: bool) -> str:
    """What the option parser says of arguments; nothing is carried out."""
    group: Any = command_tree()
    try:
        context = group.make_context("quarterdeck", list(given))
        words = [*context._protected_args, *context.args]
        while words and hasattr(group, "commands"):
            name, group, words = group.resolve_command(context, words)
            if hasattr(group, "commands") and not words:
                return ""
            context = group.make_context(name, words, parent=context)
            words = [*getattr(context, "_protected_args", ()), *context.args]
    except Exception as error:
        allowed = not whole and type(error).__name__ in (
            "MissingParameter",
            "BadParameter",
            "NoArgsIsHelpError",
            "Exit",
        )
        said = error.format_message() if hasattr(error, "format_message") else str(error)
        return "" if allowed else f"quarterdeck {shlex.join(given)}: {said}"
    return ""


def faults(root: Path) -> list[str]:
    """Everything that is wrong with what the pages speak of."""
    found = read(root)
    checks = (unreached, missing_files, wrong_code)
    return [*broken_links(found), *(fault for check in checks for fault in check(found, root))]
