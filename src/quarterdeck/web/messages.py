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
    """Messages of a Python module. Raises SyntaxError on what is not Python."""
    for node in ast.walk(ast.parse(source, path)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in ORDERS:
            continue
        words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        message = message_of(name, words)
        if message:
            yield Place(message, path, node.lineno)


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
        read = in_python if path.suffix == ".py" else in_template
        said.update(read(path.read_text("utf-8"), path.relative_to(root).as_posix()))
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
