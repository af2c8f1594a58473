"""Reads CycloneDX bills of materials in JSON."""

from collections.abc import Iterator
from types import MappingProxyType

from quarterdeck.evidence.dependencies.contents import DEV, RUNTIME, Component, Contents
from quarterdeck.evidence.dependencies.package_urls import Package, package, package_of
from quarterdeck.evidence.documents import MalformedError, Record, json_document, record_of, records, text_of, texts

KNOWN = ("1.4", "1.5", "1.6")
ALIKE = ("1.2", "1.3", "1.7")  # what they have in common with the known ones is read, and that they are others is said
_SCOPES = MappingProxyType({"required": RUNTIME, "excluded": DEV, "optional": None, None: RUNTIME})


def cyclonedx(text: str, origin: str) -> Contents:
    """A bill of materials: its components, nested ones included, and who depends on whom; services are not components.

    `line` is the component's place in the order of the document. Without a dependency graph nothing is direct.
    """
    contents = Contents("CycloneDX", origin)
    document = json_document(text, origin)
    if not isinstance(document, Record) or text_of(document, "bomFormat") != "CycloneDX":
        raise MalformedError("it is not a CycloneDX bill of materials")
    version = text_of(document, "specVersion")
    if version not in (*KNOWN, *ALIKE):
        raise MalformedError(f"its specVersion {version!r} is not one of {', '.join(sorted((*KNOWN, *ALIKE)))}")
    if version in ALIKE:
        contents.problem(
            None, f"is CycloneDX {version}; it is read as {KNOWN[0]} to {KNOWN[-1]}, for which this is made"
        )
    subject = record_of(record_of(document, "metadata"), "component")
    known = _known(document, contents)
    own = text_of(subject, "bom-ref")
    if own is not None:
        known[own] = _own_purl(subject, own)
    graph = list(_graph(document, contents))
    for one, other in graph:
        if one in known and other in known:
            contents.need(known[one], known[other])
        else:
            lost = other if one in known else one
            reason = f"{known.get(one, one)[:200]} depends on {other[:200]!r}, which the document does not hold"
            contents.problem(None, reason if lost == other else f"{lost[:200]!r} depends on something, but is not held")
    _say_what_is_not_read(document, contents)
    if any(one == own for one, _ in graph):
        _mark_direct(contents, {known[other] for one, other in graph if one == own and other in known})
    return contents


def _say_what_is_not_read(document: Record, contents: Contents) -> None:
    """Bills without components, and exploitability documents (VEX), would otherwise look like an empty product."""
    vulnerabilities = len(records(document, "vulnerabilities"))
    if vulnerabilities:
        contents.problem(None, f"vulnerabilities in it are not read: {vulnerabilities}")
    if not contents.components:
        contents.problem(None, "lists no component that can be read")


def _mark_direct(contents: Contents, direct: set[str]) -> None:
    for purl, component in list(contents.components.items()):
        contents.add(
            Component(component.package, component.line, purl in direct, component.scope, None, component.hashed)
        )


def _known(document: Record, contents: Contents) -> dict[str, str]:
    """Adds the components; gives the package URL, or else the reference itself, of every reference."""
    known: dict[str, str] = {}
    for place, record in enumerate(_nested(document, "components"), 1):
        try:
            component = _component(record, place)
            contents.add(component)
            known[text_of(record, "bom-ref") or component.package.purl] = component.package.purl
        except (ValueError, MalformedError) as error:
            contents.problem(place, f"component {str(record.get('name'))[:80]}: {error}")
    for record in _nested(document, "services"):
        reference = text_of(record, "bom-ref")
        if reference is not None:
            known.setdefault(reference, reference)
    return known


def _nested(document: Record, name: str) -> Iterator[Record]:
    """Records listed under a name and, within each, under the same name again, in the order of the document."""
    waiting = list(reversed(records(document, name)))
    while waiting:
        record = waiting.pop()
        yield record
        waiting += reversed(records(record, name))


def _component(record: Record, place: int) -> Component:
    properties = {text_of(each, "name"): text_of(each, "value") for each in records(record, "properties")}
    scope = _SCOPES.get(text_of(record, "scope"), RUNTIME)
    if properties.get("cdx:npm:package:development") == "true":
        scope = DEV
    return Component(_package(record), place, None, scope, _licence(record), bool(records(record, "hashes")))


def _package(record: Record) -> Package:
    purl = text_of(record, "purl")
    if purl is not None:
        return package_of(purl)
    return package("generic", text_of(record, "name") or "", text_of(record, "version"), text_of(record, "group"))


def _own_purl(subject: Record, reference: str) -> str:
    try:
        return _package(subject).purl
    except (ValueError, MalformedError):
        return reference


def _licence(record: Record) -> str | None:
    found = []
    for choice in records(record, "licenses"):
        licence = record_of(choice, "license")
        found.append(text_of(choice, "expression") or text_of(licence, "id") or text_of(licence, "name"))
    return "; ".join(dict.fromkeys(text for text in found if text)) or None


def _graph(document: Record, contents: Contents) -> Iterator[tuple[str, str]]:
    for place, entry in enumerate(records(document, "dependencies"), 1):
        reference = text_of(entry, "ref")
        if reference is None:
            contents.problem(place, "an entry of dependencies has no ref")
            continue
        for other in texts(entry, "dependsOn"):
            yield reference, other
