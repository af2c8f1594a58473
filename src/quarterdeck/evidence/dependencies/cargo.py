"""Reads Rust's Cargo.lock."""

from collections import defaultdict

from quarterdeck.evidence.dependencies.contents import Component, Contents, few
from quarterdeck.evidence.dependencies.package_urls import Package, package
from quarterdeck.evidence.documents import MalformedError, Record, record_of, records, text_of, texts, toml_document


def cargo_lock(text: str, origin: str) -> Contents:
    """A Cargo.lock of any version. Packages without a source are the project's own; what they ask for is direct."""
    contents = Contents("Cargo.lock", origin)
    document = toml_document(text, origin)
    # version 1 keeps its digests apart, under "checksum NAME VERSION (SOURCE)"
    sums = {tuple(key.split(" ")[1:3]) for key in record_of(document, "metadata")}
    found: list[tuple[Record, Package]] = []
    named: dict[str, list[int]] = defaultdict(list)
    for record in records(document, "package"):
        try:
            parsed = package("cargo", text_of(record, "name") or "", text_of(record, "version"))
        except (ValueError, MalformedError) as error:
            contents.problem(record.line, f"is no package: {error}")
            continue
        named[parsed.name].append(len(found))
        found.append((record, parsed))
    few(named)
    asked: set[int] = set()
    own = {place for place, (record, _) in enumerate(found) if "source" not in record}
    for place, (record, parsed) in enumerate(found):
        for words in texts(record, "dependencies"):
            target = _target(words, found, named)
            if target is None:
                contents.problem(record.line, f"{parsed.name} needs {words[:80]}, which the file does not hold")
                continue
            contents.need(parsed.purl, found[target][1].purl)
            if place in own:
                asked.add(target)
    for place, (record, parsed) in enumerate(found):
        if place not in own:
            hashed = "checksum" in record or (parsed.name, parsed.version) in sums
            contents.add(Component(parsed, record.line, place in asked if own else None, None, None, hashed))
    return contents


def _target(words: str, found: list[tuple[Record, Package]], named: dict[str, list[int]]) -> int | None:
    """The package that "name", "name version" or "name version (source)" stands for."""
    name, _, rest = words.partition(" ")
    version, _, source = rest.partition(" ")
    fitting = [
        place
        for place in named.get(name, ())
        if version in ("", found[place][1].version)
        and source.strip("()") in ("", text_of(found[place][0], "source") or "")
    ]
    return fitting[0] if fitting else None
