"""Makes rows of one Backstage entity."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.documents import MalformedError, Record, record_of, text_of, texts

LONGEST = 253 + 63 + 63  # a reference's parts are at most 63 characters each; a generous whole


@dataclass
class Rows:
    """Rows of the four tables, by key, so that what is said from both sides stands once."""

    entities: dict[str, tuple] = field(default_factory=dict)
    relations: dict[tuple[str, str, str], tuple] = field(default_factory=dict)
    people: dict[str, tuple] = field(default_factory=dict)
    members: dict[tuple[str, str], tuple] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Entity:
    """An entity being read, and where it stands."""

    reference: str
    namespace: str
    origin: str
    line: int
    spec: Record

    @property
    def shown(self) -> str:
        """Its reference as a problem may say it: never a person's."""
        return "a user" if self.reference.startswith("user:") else self.reference


_REFERENCE = re.compile(r"(?:(?P<kind>[A-Za-z][A-Za-z0-9.]*):)?(?:(?P<namespace>[^:/\s]+)/)?(?P<name>[^:/\s]+)")


def complete(written: str, namespace: str, kind: str | None) -> str | None:
    """A reference in full and in lower case, with the kind and namespace of its place; None where it is none."""
    found = _REFERENCE.fullmatch(written.strip())
    if not found or len(written) > LONGEST or not (found["kind"] or kind):
        return None
    return f"{found['kind'] or kind}:{found['namespace'] or namespace}/{found['name']}".lower()


def take(document: Record, origin: str, rows: Rows, problems: list[Problem]) -> None:
    """Add one entity's rows; raises MalformedError where it is none."""
    metadata, kind = record_of(document, "metadata"), text_of(document, "kind")
    name, namespace = text_of(metadata, "name"), text_of(metadata, "namespace") or "default"
    if kind is None or name is None:
        raise MalformedError("it has no kind" if kind is None else "it has no metadata.name")
    reference = complete(f"{kind}:{namespace}/{name}", namespace, None)
    if reference is None:
        raise MalformedError("its kind, namespace or name holds a sign that no reference may hold")
    line = document.line or 1
    entity = _Entity(reference, namespace, origin, line, record_of(document, "spec"))
    if reference in rows.places:
        raise MalformedError(f"{entity.shown} was read already, from {rows.places[reference]}; this one is left")
    found = list(_links(entity, kind, problems))
    if kind.lower() == "user":
        _person(entity, rows)
    else:
        rows.entities[reference] = _row(entity, kind, name, metadata, found)
    rows.places[reference] = f"{origin}:{line}"
    for link in found:
        _relate(entity, link, rows, problems)


def _person(entity: _Entity, rows: Rows) -> None:
    profile = record_of(entity.spec, "profile")
    shown, email = text_of(profile, "displayName"), text_of(profile, "email")
    rows.people[entity.reference] = (entity.reference, shown, email, entity.origin, entity.line)


@dataclass(frozen=True)
class _Link:
    """A relation an entity states: the field, the relation, the other entity, as written too."""

    stated: str
    relation: str
    turned: bool  # the other entity is where the relation starts
    to: str
    written: str


# field of spec: relation, kind taken where none is written, whether the other entity is where the relation starts
_FIELDS = MappingProxyType(
    {
        "owner": ("ownedBy", "group", False),
        "system": ("partOf", "system", False),
        "domain": ("partOf", "domain", False),
        "subdomainOf": ("partOf", "domain", False),
        "subcomponentOf": ("subcomponentOf", "component", False),
        "parent": ("childOf", "group", False),
        "dependsOn": ("dependsOn", None, False),
        "dependencyOf": ("dependsOn", None, True),
        "consumesApis": ("consumesApi", "api", False),
        "providesApis": ("providesApi", "api", False),
        "memberOf": ("memberOf", "group", False),
        "children": ("childOf", "group", True),
        "members": ("memberOf", "user", True),
    }
)
_LISTS = frozenset(("dependsOn", "dependencyOf", "consumesApis", "providesApis", "memberOf", "children", "members"))


def _links(entity: _Entity, kind: str, problems: list[Problem]) -> Iterator[_Link]:
    for stated, (relation, default, turned) in _FIELDS.items():
        if stated == "parent" and kind.lower() != "group":
            continue
        for written in _written(entity.spec, stated):
            to = complete(written, entity.namespace, default)
            if to is not None:
                yield _Link(stated, relation, turned, to, written)
                continue
            why = "names no kind" if default is None and ":" not in written else "is no reference"
            shown = "" if stated in ("members", "owner") else written[:200]
            problems.append(Problem(entity.origin, entity.line, f"{entity.shown}: {stated} {why}", shown))


def _written(spec: Record, stated: str) -> list[str]:
    if stated in _LISTS:
        return [text for text in texts(spec, stated) if text.strip()]
    text = text_of(spec, stated)
    return [] if text is None else [text]


def _row(entity: _Entity, kind: str, name: str, metadata: Record, links: list[_Link]) -> tuple:
    first = {link.stated: link for link in reversed(links)}
    owner, system, domain = first.get("owner"), first.get("system"), first.get("domain")
    by_person = owner is not None and owner.to.startswith("user:")
    team = None if by_person else owner
    annotations = record_of(metadata, "annotations")
    names = list(annotations)
    values = [text_of(annotations, each) or "" for each in names]
    return (
        entity.reference,
        kind,
        entity.namespace,
        name,
        text_of(metadata, "title"),
        text_of(metadata, "description"),
        team.to if team else None,
        team.written if team else None,
        owner.to if owner and by_person else None,
        text_of(entity.spec, "lifecycle"),
        text_of(entity.spec, "type"),
        system.to if system else None,
        domain.to if domain else None,
        texts(metadata, "tags"),
        names,
        values,
        repository(dict(zip(names, values, strict=True))),
        entity.origin,
        entity.line,
    )


def _relate(entity: _Entity, link: _Link, rows: Rows, problems: list[Problem]) -> None:
    start, end = (link.to, entity.reference) if link.turned else (entity.reference, link.to)
    place = (entity.origin, entity.line)
    if link.relation == "memberOf":
        rows.members.setdefault((start, end), (start, link.relation, end, *place))
    elif "user:" not in (start[:5], end[:5]):
        row = (start, link.relation, end, link.written, *place)
        rows.relations.setdefault((start, link.relation, end), row)
    elif link.stated != "owner":  # a person who owns stands in owner_person
        problems.append(Problem(*place, f"{entity.shown}: {link.stated} names a person, or is a person's"))


_SLUGS = (
    "github.com/project-slug",
    "gitlab.com/project-slug",
    "bitbucket.org/project-slug",
    "bitbucket.com/project-slug",
    "gitea.com/repo-url",
    "dev.azure.com/project-repo",
)
_LOCATIONS = ("backstage.io/source-location", "backstage.io/managed-by-location")
_ADDRESS = re.compile(r"(?:url:)?https?://(?:[^/@\s]*@)?[^/\s]+/(?P<path>[^?#\s]+)")
_INSIDE = re.compile(r"/(?:-/)?(?:tree|blob|edit|raw|src)/.*$|\.git(?=/|$).*$|/+$")


def repository(annotations: dict[str, str]) -> str | None:
    """The path on its host of the repository that an entity's annotations name: acme/shop."""
    for name in _SLUGS:
        if slug := annotations.get(name, "").strip().strip("/"):
            address = _ADDRESS.fullmatch(slug)
            return _INSIDE.sub("", address["path"]) if address else slug
    for name in _LOCATIONS:
        if found := _ADDRESS.fullmatch(annotations.get(name, "").strip()):
            return _INSIDE.sub("", found["path"]) or None
    return None
