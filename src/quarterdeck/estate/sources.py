"""What collected evidence says of the estate: a catalogue names systems and teams, a roster people, a history its
repository."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from quarterdeck.kinds import keys
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import SYSTEM, Authority, Reader
from quarterdeck.lake import suggestions, tables
from quarterdeck.lake.models import EvidenceSource, Identity
from quarterdeck.lake.suggestions import Said

_SERVICE = Reader("service:suggestions", (SYSTEM,))
Rows = Callable[[str], list[dict[str, Any]]]


@dataclass(frozen=True)
class Mapping:
    """How one reader's tables speak of the estate: of which kinds, and of which of them they name every record.

    after: readers whose evidence completes what it says (a roster knows the teams that a catalogue's owners name).
    """

    reader: str
    says: Callable[[Rows], Iterable[Said]]
    kinds: tuple[str, ...]
    covers: tuple[str, ...]
    after: tuple[str, ...] = ()


def key_of(name: str) -> str:
    """A key made of a name: what a key cannot hold becomes a hyphen."""
    return keys.made_of(name)


class _Names:
    """Keys of a catalogue's entities: their bare names; where two of a sort share one, with the namespace before it.

    A catalogue's namespace is the catalogue's own affair: a roster, a repository or a person says team-atlas and never
    giantswarm/team-atlas. Of several of one name the one in the namespace `default` keeps it bare.
    """

    def __init__(self, references: Iterable[str]) -> None:
        self._often = Counter(self._place(reference) for reference in references)

    @staticmethod
    def _place(reference: str) -> tuple[bool, str]:
        """What must differ: teams among teams, systems among systems."""
        return reference.startswith("group:"), reference.rpartition("/")[2]

    def key(self, reference: str | None) -> str:
        """group:giantswarm/team-atlas → team-atlas."""
        bare = (reference or "").split(":", 1)[-1].removeprefix("default/")
        alone = self._often[self._place(reference or "")] < 2
        return key_of(bare.rpartition("/")[2] if alone else bare) if bare else ""


def _teams() -> set[str]:
    """Folded keys of the teams in the estate."""
    return {keys.fold(row.key) for row in Access(_SERVICE).select("team").where(retired__empty=True).rows()}


def _catalogue(rows: Rows) -> Iterator[Said]:
    entities = rows("catalogue_entities")
    groups = [entity for entity in entities if entity["kind"].lower() == "group"]
    systems = {e["entity"]: e for e in entities if e["kind"].lower() in ("component", "resource")}
    names = _Names(e["entity"] for e in (*groups, *systems.values()))
    for entity in groups:
        yield Said("team", names.key(entity["entity"]), {"name_en": entity["title"] or entity["name"]})
    teams = {keys.fold(names.key(entity["entity"])) for entity in groups} | _teams()
    for reference, entity in systems.items():
        yield Said("system", names.key(reference), _system(entity, names, teams))
    yield from _repositories(systems, names)
    yield from _dependencies(rows("catalogue_relations"), systems, names)


def _system(entity: dict[str, Any], names: _Names, teams: set[str]) -> dict[str, object]:
    owner = names.key(entity["owner"])
    values: dict[str, object] = {
        "name_en": entity["title"] or entity["name"],
        "description": entity["description"] or "",
        "domain": names.key(entity["system"] or entity["domain"]),
        "type": entity["type"] or entity["kind"].lower(),
        "lifecycle": entity["lifecycle"] or "",
        "owner_named": entity["owner_written"] or "",
    }
    if keys.fold(owner) in teams:
        values["owner"] = owner
    return values


def _repositories(systems: dict[str, dict[str, Any]], names: _Names) -> Iterator[Said]:
    """The repositories that systems are kept in; of several in one, the one that is called like it, else the first."""
    holders: dict[str, str] = {}
    for reference, entity in systems.items():
        if entity["repository"]:
            repository, system = key_of(entity["repository"].split("/")[-1]), names.key(reference)
            if holders.setdefault(repository, system) != repository and system == repository:
                holders[repository] = system
    for repository, system in holders.items():
        yield Said("repository", repository, {"system": system})


def _dependencies(relations: list[dict[str, Any]], systems: dict[str, dict[str, Any]], names: _Names) -> Iterator[Said]:
    provided = {r["to_entity"]: r["from_entity"] for r in relations if r["relation"] == "providesApi"}
    for relation in relations:
        target = provided.get(relation["to_entity"], relation["to_entity"])
        uses = relation["relation"] in ("dependsOn", "consumesApi") and relation["from_entity"] in systems
        if uses and target in systems and target != relation["from_entity"]:
            first, second = names.key(relation["from_entity"]), names.key(target)
            yield Said("dependency", f"{first}/{second}", {"system": first, "on": second, "sort": relation["relation"]})


def _roster(rows: Rows) -> Iterator[Said]:
    people = rows("roster_people")
    declared = {row["team"]: row for row in rows("roster_teams")}
    posts = {row["post"]: row for row in rows("roster_posts")}
    bands = {row["band"]: row for row in rows("cost_bands")}
    staff = {row["staff"] for row in people}
    named = dict(Identity.objects.values_list("pseudonym", "name"))
    mailed = dict(Identity.objects.values_list("pseudonym", "email"))
    departments = {row["team"]: row["department"] for row in people if row["team"]}
    known = _teams()
    for team in sorted({row["team"] for row in people if row["team"]} | set(declared)):
        own = declared.get(team, {})
        values = {"department": own.get("department") or departments.get(team) or ""}
        if own.get("title") or keys.fold(key_of(team)) not in known:  # a key is no name to put in place of another's
            values["name_en"] = own.get("title") or team
        yield Said("team", key_of(team), values)
    for post in sorted({row["post"] for row in people if row["post"]} | set(posts)):
        own = posts.get(post, {})
        yield Said("post", key_of(post), {"name_en": own.get("title") or post, "level": own.get("level") or ""})
    for band, row in bands.items():
        yield Said("cost-band", key_of(band), {"annual_cost": row["annual_cost"], "currency": row["currency"]})
    for row in people:
        values = {
            "department": row["department"],
            "team": key_of(row["team"]) if row["team"] else None,
            "level": row["level"],
            "post": key_of(row["post"]) if row["post"] else None,
            "fte": row["fte"],
            "start_date": row["start_date"],
            "end_date": row["end_date"],
            "location": row["location"],
            "calendar": row["calendar"],
            "manager": key_of(row["manager"]) if row["manager"] in staff else None,
        }
        if row["cost_band"] in bands:
            values["cost_band"] = key_of(row["cost_band"])
        name = named.get(row["name"] or row["pseudonym"] or "", "")
        email = mailed.get(row["email"] or "") or named.get(row["email"] or "", "")
        values |= {"name": name, "email": email}
        if row.get("pay") is not None:
            values |= {"salary": row["pay"], "salary_currency": row["pay_currency"]}
        yield Said(
            "person",
            key_of(row["staff"]),
            {n: v for n, v in values.items() if v is not None or n in ("team", "manager", "end_date")},
        )
    skills = [row for row in rows("roster_skills") if row["staff"] in staff]
    for skill in sorted({row["skill"] for row in skills}):
        yield Said("skill", key_of(skill), {"name_en": skill})
    for row in skills:
        person, skill = key_of(row["staff"]), key_of(row["skill"])
        level = min(5, max(1, row["level"] or 3))
        yield Said("person-skill", f"{person}/{skill}", {"person": person, "skill": skill, "level": level})


def _history(rows: Rows) -> Iterator[Said]:
    for row in rows("repositories"):
        yield Said("repository", key_of(row["repository"]), {"url": (row["remote"] or "")[:300]})


MAPPINGS = {
    mapping.reader: mapping
    for mapping in (
        Mapping(
            "catalogue",
            _catalogue,
            ("team", "system", "repository", "dependency"),
            covers=("system", "dependency"),
            after=("roster",),
        ),
        Mapping(
            "roster",
            _roster,
            ("team", "post", "cost-band", "person", "skill", "person-skill"),
            covers=("person", "person-skill"),
        ),
        Mapping("git", _history, ("repository",), covers=()),
    )
}


def suggest(source: EvidenceSource) -> int:
    """Bring the suggestions of a source up to date with its newest snapshot; returns how many are open.

    Those of sources that it completes are brought up to date after it.
    """
    found = _suggest(source)
    for mapping in MAPPINGS.values():
        if source.reader in mapping.after:
            for other in EvidenceSource.objects.filter(reader=mapping.reader):
                _suggest(other)
    return found


def _suggest(source: EvidenceSource) -> int:
    mapping = MAPPINGS.get(source.reader)
    if mapping is None:
        return 0

    def rows(table: str) -> list[dict[str, Any]]:
        return tables.scan(_SERVICE, table, sources=[source.name]).collect().to_dicts()

    said = {(entry.kind, keys.fold(entry.key)): entry for entry in mapping.says(rows)}
    if undeclared := {kind for kind, _key in said} - set(mapping.kinds):
        raise LookupError(f"{source.reader} speaks of {', '.join(sorted(undeclared))} and does not say so")
    return suggestions.compare(source, said.values(), mapping.covers)


def trust(reader: Reader, source: EvidenceSource, policy: str) -> None:
    """Set whether a source's suggestions wait for a person ("ask") or are taken over where only it moved ("accept").

    Raises Denied, ValueError.
    """
    mapping = MAPPINGS.get(source.reader)
    suggestions.trust(reader, source, policy, mapping.kinds if mapping else ())


def accept(authority: Authority, sources: Iterable[EvidenceSource], *, kind: str = "", conflicts: bool = False) -> int:
    """Take over what sources suggest, one source after the other: what one has said is there when the next is heard.

    Returns how many suggestions were taken. Raises Denied, and write.Refused; sources before the refused one are taken
    over then.
    """
    suggestions.permit(authority.reader)
    taken = 0
    for source in sources:
        suggest(source)
        found = suggestions.open_suggestions(source.name, kind)
        mine = [s for s in found if s.source_id == source.pk and (conflicts or s.sort != "conflict")]
        taken += suggestions.accept(authority, mine, f"suggestions of {source.reader} {source.name}") if mine else 0
    return taken
