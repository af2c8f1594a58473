"""Translations: collect what pages and code say, compile catalogues, and name what has no Chinese yet."""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

from quarterdeck.evidence.readers import READERS

PACKAGE = Path(__file__).resolve().parents[1]
LANGUAGE = "zh_Hans"
PLAIN = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
COUNTED = frozenset({"ngettext", "ngettext_lazy"})
PLACED = frozenset({"pgettext", "pgettext_lazy"})
PLACED_COUNTED = frozenset({"npgettext", "npgettext_lazy"})
ORDERS = {
    **dict.fromkeys(PLAIN, ("text",)),
    **dict.fromkeys(COUNTED, ("text", "plural")),
    **dict.fromkeys(PLACED, ("context", "text")),
    **dict.fromkeys(PLACED_COUNTED, ("context", "text", "plural")),
}
TRANSLATION = "django.utils.translation"
KIND = "kind"  # the decorator whose class says in its docstring what a record is
SPEAKING = ("engines/delivery", "engines/knowledge")  # engines without Django whose fixed sentences pages show
SAYING = frozenset({"Definition", "definition", "cannot_tell", "leave_out"})  # calls of theirs that are given some
LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
SAID = re.compile(rf"\b(?P<name>_|n?p?gettext)\(\s*(?P<words>{LITERAL}(?:\s*,\s*{LITERAL})*)", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


@dataclass(frozen=True, order=True)
class Message:
    """A text as it is written in the source, in English; the context tells apart equal words."""

    text: str
    context: str = ""
    plural: str = ""


@dataclass(frozen=True, order=True)
class Place:
    """A message and where it is said."""

    message: Message
    path: str
    line: int


@dataclass(frozen=True, order=True)
class Fault:
    """A message without a translation, or with one that loses a value it should show."""

    place: Place
    reason: str


def message_of(name: str, words: Iterable[str]) -> Message | None:
    """The message of a call of gettext or its relatives; None where a word is missing."""
    given = dict(zip(ORDERS[name], words, strict=False))
    return Message(**given) if given.keys() >= set(ORDERS[name]) else None


def in_python(source: str, path: str) -> Iterator[Place]:
    """Messages of a Python module, whatever it calls gettext. Raises SyntaxError on what is not Python."""
    tree = ast.parse(source, path)
    names = {**{name: name for name in ORDERS}, **_imported(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := names.get(_called(node), "")):
            words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            message = message_of(name, words)
            if message:
                yield Place(message, path, node.lineno)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _imported(tree: ast.AST) -> dict[str, str]:
    """The module's own names for gettext and its relatives."""
    lines = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == TRANSLATION]
    return {one.asname or one.name: one.name for line in lines for one in line.names if one.name in ORDERS}


def in_kinds(source: str, path: str) -> Iterator[Place]:
    """What the kinds declared in a module say of themselves: the docstrings of their classes, each on one line."""
    for node in ast.walk(ast.parse(source, path)):
        declared = isinstance(node, ast.ClassDef) and any(
            isinstance(one, ast.Call) and _called(one) == KIND for one in node.decorator_list
        )
        text = ast.get_docstring(node) if declared else None  # type: ignore[arg-type]
        if text:
            yield Place(Message(" ".join(text.split())), path, node.lineno)  # type: ignore[attr-defined]


def in_engine(source: str, path: str) -> Iterator[Place]:
    """The fixed sentences of an engine: what its constants hold, and what it gives to the calls that say something."""
    tree = ast.parse(source, path)
    roots: list[ast.AST] = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    roots += [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in SAYING]
    for root in roots:
        pieces = {id(one) for node in ast.walk(root) if isinstance(node, ast.JoinedStr) for one in ast.walk(node)}
        for node in ast.walk(root):
            said = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces
            if said and re.fullmatch(r"[A-Za-z].*[ .].*|hours|days|share|items|throughput", node.value):  # type: ignore[attr-defined]
                yield Place(Message(node.value), path, node.lineno)  # type: ignore[attr-defined]


def in_evidence() -> Iterator[Place]:
    """What tables of evidence and their columns are said to hold."""
    for reader in READERS:
        for table in reader.tables:
            for text in (table.help, *(column.help for column in table.columns)):
                yield Place(Message(text), f"evidence/{reader.name}", 0)


def in_template(source: str, path: str) -> Iterator[Place]:
    """Messages of a Django template, exactly as Django will look them up."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    flat = templatize(source, origin=path)
    for found in SAID.finditer(flat):
        words = [ast.literal_eval(one) for one in re.findall(LITERAL, found["words"], re.DOTALL)]
        message = message_of(found["name"], words)
        if message:
            yield Place(message, path, flat.count("\n", 0, found.start()) + 1)


def collect(root: Path = PACKAGE) -> list[Place]:
    """Everything said under `root`, in order of text and place."""
    said: set[Place] = set()
    for path in sorted(root.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or "assets" in path.relative_to(root).parts:
            continue
        if path.suffix != ".py" and "templates" not in path.parts:
            continue
        name, source = path.relative_to(root).as_posix(), path.read_text("utf-8")
        if path.suffix != ".py":
            said.update(in_template(source, name))
            continue
        said.update([*in_python(source, name), *in_kinds(source, name)])
        if name.startswith(SPEAKING):
            said.update(in_engine(source, name))
    if root == PACKAGE:
        said.update(in_evidence())
    return sorted(said)


def catalogues(root: Path = PACKAGE) -> list[Path]:
    """The catalogues under `root`; a chapter may keep its own."""
    return sorted(root.rglob(f"locale/{LANGUAGE}/LC_MESSAGES/django.po"))


def translated(paths: Iterable[Path]) -> dict[tuple[str, str], polib.POEntry]:
    """Finished entries by text and context. Raises ValueError where two catalogues disagree."""
    found: dict[tuple[str, str], polib.POEntry] = {}
    for path in paths:
        for entry in polib.pofile(str(path), encoding="utf-8", check_for_duplicates=True):
            if entry.obsolete or not entry.translated():
                continue
            other = found.setdefault((entry.msgid, entry.msgctxt or ""), entry)
            if (other.msgstr, other.msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                raise ValueError(f"{path} translates “{entry.msgid}” unlike another catalogue")
    return found


def placeholders(text: str) -> set[str]:
    """Names of the values a text shows."""
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def faults(root: Path = PACKAGE) -> list[Fault]:
    """What is said and not translated, or translated so that a value is lost or invented."""
    finished = translated(catalogues(root))
    wrong = []
    for place in collect(root):
        entry = finished.get((place.message.text, place.message.context))
        if entry is None:
            wrong.append(Fault(place, "not translated"))
            continue
        wanted = placeholders(place.message.plural or place.message.text)
        for shown in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            if placeholders(shown) != wanted:
                wrong.append(Fault(place, f"shows {sorted(placeholders(shown))} instead of {sorted(wanted)}"))
    return wrong


def unused(root: Path = PACKAGE) -> list[tuple[str, str]]:
    """Text and context of entries nobody says any more."""
    said = {(place.message.text, place.message.context) for place in collect(root)}
    return sorted(set(translated(catalogues(root))) - said)


def compile_catalogues(root: Path = PACKAGE) -> list[Path]:
    """Write each catalogue's binary form beside it, the same bytes for the same catalogue; return what was written."""
    written = []
    for path in catalogues(root):
        binary = polib.pofile(str(path), encoding="utf-8", check_for_duplicates=True).to_binary()
        target = path.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != binary:
            target.write_bytes(binary)
            written.append(target)
    return written


def main() -> int:
    """Compile; with --check also name what is not translated. Returns the exit code."""
    reader = argparse.ArgumentParser(prog="python -m quarterdeck.web.messages", description=__doc__)
    reader.add_argument("--check", action="store_true", help="fail on anything untranslated")
    if reader.parse_args().check:
        wrong = faults()
        for fault in wrong:
            print(
                f"{fault.place.path}:{fault.place.line}: {fault.reason}: {fault.place.message.text!r}", file=sys.stderr
            )
        if wrong:
            return 1
    for path in compile_catalogues():
        print(path.relative_to(PACKAGE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
