"""Reads Go's go.mod and go.sum."""

import re
from collections.abc import Iterator

from quarterdeck.evidence.dependencies.contents import Component, Contents
from quarterdeck.evidence.dependencies.package_urls import package

# a quotation mark that is never closed takes the rest of the line, so that no sign is looked at twice
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)(?P<closed>"?)|`([^`]*)(?P<ended>`?)|(=>|[()])|([^\s()"`]+)')


def go_mod(text: str, origin: str) -> Contents:
    """A go.mod: what it requires, with `// indirect` as not direct, after its replacements."""
    contents = Contents("go.mod", origin)
    required: dict[str, tuple[str, int, bool]] = {}
    replaced: dict[tuple[str, str | None], tuple[str, str | None]] = {}
    for number, verb, words, note in _statements(text, contents):
        if verb == "require" and len(words) == 2:
            indirect = note.startswith("indirect")
            required[words[0]] = (words[1], number, indirect)
        elif verb == "replace" and "=>" in words:
            at = words.index("=>")
            old, new = words[:at], words[at + 1 :]
            if len(old) in (1, 2) and len(new) in (1, 2):
                replaced[old[0], old[1] if len(old) == 2 else None] = (new[0], new[1] if len(new) == 2 else None)
                continue
            contents.problem(number, "is no replacement")
        elif verb in ("require", "replace"):
            contents.problem(number, f"is no {verb} statement")
        elif verb not in _PASSED:
            contents.problem(number, f"{verb[:40]!r} is no word that go.mod knows")
    for name, (version, number, indirect) in required.items():
        target = replaced.get((name, version)) or replaced.get((name, None)) or (name, version)
        if target[0].startswith((".", "/")):
            continue  # a folder of the project's own stands in its place
        _add(contents, target[0], target[1], number, not indirect)
    return contents


_PASSED = frozenset(("module", "go", "toolchain", "exclude", "retract", "tool", "godebug", "ignore"))


def _statements(text: str, contents: Contents) -> Iterator[tuple[int, str, list[str], str]]:
    """Line, verb, words and comment of each statement, those in blocks included."""
    block: str | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        body, _, note = raw.partition("//")
        words = _words(body)
        if words is None:
            contents.problem(number, "has a quotation mark that is not closed")
        if not words:
            continue
        if block is None and words[-1] == "(" and len(words) == 2:
            block = words[0]
        elif block is not None and words == [")"]:
            block = None
        elif block is not None:
            yield number, block, words, note.strip()
        else:
            yield number, words[0], words[1:], note.strip()
    if block is not None:
        contents.problem(None, f"ends inside the block {block[:40]!r}")


def _words(body: str) -> list[str] | None:
    """The words of a line; None where a quotation mark is not closed."""
    words = []
    for found in _WORD.finditer(body):
        if "" in (found["closed"], found["ended"]):
            return None
        words.append(next((part for part in found.group(1, 3, 5, 6) if part), ""))
    return [word for word in words if word]


def _add(contents: Contents, name: str, version: str | None, number: int, direct: bool | None) -> None:
    try:
        contents.add(Component(package("golang", name, version), number, direct))
    except ValueError as error:
        contents.problem(number, str(error))


_SUM = re.compile(r"(?P<name>\S+) (?P<version>v[^\s/]+)(?P<mod>/go\.mod)? (?P<digest>h\d+:\S+)")


def go_sum(text: str, origin: str) -> Contents:
    """A go.sum: every module version whose content it has a digest of, which may be more than what is built in."""
    contents = Contents("go.sum", origin)
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        found = _SUM.fullmatch(raw.strip())
        if not found:
            contents.problem(number, "is no line of module, version and digest", raw)
        elif not found["mod"]:
            try:
                parsed = package("golang", found["name"], found["version"])
                contents.add(Component(parsed, number, None, None, None, True))
            except ValueError as error:
                contents.problem(number, str(error))
    return contents


def with_digests(module: Contents, sums: Contents) -> None:
    """Mark the modules of a go.mod whose content its go.sum has a digest of."""
    for purl, component in list(module.components.items()):
        module.components[purl] = Component(
            component.package, component.line, component.direct, component.scope, None, purl in sums.components
        )
