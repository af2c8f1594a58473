"""Writes the pages of all kinds out of their declarations: `python -m quarterdeck.kinds.docs [--check] [FOLDER]`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.utils import translation

from quarterdeck.kinds.declare import KINDS, Attribute, Kind, Sort

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "kinds"
_HEAD = "| field | name | holds | needed | what it is | who may see it |\n|---|---|---|---|---|---|\n"


def pages() -> dict[str, str]:
    """File name → Markdown, of every kind and of the index."""
    with translation.override("en"):
        found = {f"{kind.name}.md": "".join(_page(kind)) for kind in KINDS.values()}
        return {**dict(sorted(found.items())), "README.md": "".join(_index())}


def _index() -> Iterator[str]:
    yield "# Kinds of records\n\n"
    yield "Made from the declarations by `python -m quarterdeck.kinds.docs`; not edited by hand.\n\n"
    yield "| kind | chapter | what it is |\n|---|---|---|\n"
    for name in sorted(KINDS):
        yield f"| [{name}]({name}.md) | {KINDS[name].chapter} | {_cell(KINDS[name].description)} |\n"


def _page(kind: Kind) -> Iterator[str]:
    yield f"# {kind.name}\n\n{kind.description}\n\n"
    yield f"In lists: {', '.join(f'`{name}`' for name in kind.columns)}."
    if kind.filters:
        yield f" Narrowed by: {', '.join(f'`{name}`' for name in kind.filters)}."
    yield "\n\n" + _HEAD
    for attribute in kind.attributes.values():
        yield _line(kind, attribute)
    yield "\n" + "".join(f"- {line}\n" for line in _notes(kind))


def _line(kind: Kind, attribute: Attribute) -> str:
    needed = "yes" if attribute.required else ""
    if getattr(attribute.field, "text_required", False):
        needed = "in one language"
    if attribute.sort is Sort.KEY and kind.key_from:
        needed = ""
    cells = (f"`{attribute.name}`", attribute.label, _holds(attribute), needed, attribute.help, _privacy(attribute))
    return f"| {' | '.join(_cell(cell) for cell in cells)} |\n"


def _holds(attribute: Attribute) -> str:
    if attribute.sort is Sort.LINK:
        return f"[{attribute.target.name}]({attribute.target.name}.md), by key"
    if attribute.sort is Sort.CHOICE:
        return "one of: " + ", ".join(f"`{value}`" for value, _label in attribute.choices)
    return attribute.sort.value


def _privacy(attribute: Attribute) -> str:
    words = [f"readers cleared for {attribute.private}"] if attribute.private else []
    words += ["personal: sealed in the history, gone when its subject is erased"] if attribute.personal else []
    return "; ".join(words)


def _notes(kind: Kind) -> Iterator[str]:
    if kind.key_from:
        names = ", ".join(f"`{name}`" for name in kind.key_from)
        yield f"Without a key of its own a record gets one from {names}, with slashes between."
    if kind.children:
        shown = ", ".join(f"[{child}]({child}.md)" for child, _link in kind.children)
        yield f"Edited as a grid on its page: {shown}."
    if kind.part_of:
        parent = kind.attributes[kind.part_of].target.name
        yield f"Belongs to its `{kind.part_of}`, and is edited as a grid on the page of that [{parent}]({parent}.md)."
    if kind.scope is not None:
        yield f"Rows are seen by those in scope: {(kind.scope.__doc__ or '').strip()}"
    if kind.subject:
        yield f"Its personal fields are about `{kind.subject}`."
    yield f"Pages: `/records/{kind.name}/`. API: `/api/{kind.name}`. Command line: `quarterdeck list {kind.name}`."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def differing(folder: Path) -> list[str]:
    """Names of pages that are missing, stale, or of a kind that is no more."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def put(folder: Path) -> None:
    """Write all pages, and remove those of kinds that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """The command; with --check nothing is written, and stale pages are an error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.web.settings")
    django.setup()
    paths = [argument for argument in arguments if not argument.startswith("--")]
    folder = Path(paths[0]) if paths else FOLDER
    if "--check" not in arguments:
        put(folder)
        return 0
    stale = differing(folder)
    if stale:
        print(f"not as the declarations say: {', '.join(stale)}; run python -m quarterdeck.kinds.docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
