"""What collected evidence says of the estate: a catalogue names systems and teams, a roster people, a history its repository."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from quarterdeck.kinds import keys
from quarterdeck.kinds.roles import SYSTEM, Reader
from quarterdeck.lake import suggestions, tables
from quarterdeck.lake.models import EvidenceSource, Identity
from quarterdeck.lake.suggestions import Said

_SERVICE = Reader("service:suggestions", (SYSTEM,))
Rows = Callable[[str], list[dict[str, Any]]]


@dataclass(frozen=True)
class Mapping:
    """How one reader's tables speak of the estate, and the kinds of which they name every record."""

    reader: str
    says: Callable[[Rows], Iterable[Said]]
    covers: tuple[str, ...]


def key_of(name: str) -> str:
    """A key made of a name: what a key cannot hold becomes a hyphen."""
    return keys.made_of(name)


def _bare(reference: str | None) -> str:
    """A catalogue reference without its kind and the default namespace: group:default/shop → shop."""
    bare = (reference or "").split(":", 1)[-1]
    return bare.removeprefix("default/")


def _catalogue(rows: Rows) -> Iterator[Said]:
    entities = rows("catalogue_entities")
    teams = {_bare(e["entity"]): e for e in entities if e["kind"].lower() == "group"}
    systems = {e["entity"]: e for e in entities if e["kind"].lower() in ("component", "resource")}
    for name, entity in teams.items():
        yield Said("team", key_of(name), {"name_en": entity["title"] or entity["name"]})
    for reference, entity in systems.items():
        owner = _bare(entity["owner"])
        values: dict[str, object] = {
            "name_en": entity["title"] or entity["name"],
            "description": entity["description"] or "",
            "domain": _bare(entity["system"] or entity["domain"]),
            "type": entity["type"] or entity["kind"].lower(),
            "lifecycle": entity["lifecycle"] or "",
            "owner_named": entity["owner_written"] or "",
        }
        if owner in teams:
            values["owner"] = key_of(owner)
        yield Said("system", key_of(_bare(reference)), values)
        if entity["repository"]:
            yield Said("repository", key_of(entity["repository"].split("/")[-1]), {"system": key_of(_bare(reference))})
    provided: dict[str, str] = {}
    relations = rows("catalogue_relations")
    for relation in relations:
        if relation["relation"] == "providesApi":
            provided[relation["to_entity"]] = relation["from_entity"]
    for relation in relations:
        target = provided.get(relation["to_entity"], relation["to_entity"])
        uses = relation["relation"] in ("dependsOn", "consumesApi") and relation["from_entity"] in systems
        if uses and target in systems and target != relation["from_entity"]:
            first, second = key_of(_bare(relation["from_entity"])), key_of(_bare(target))
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
    for team in sorted({row["team"] for row in people if row["team"]} | set(declared)):
        own = declared.get(team, {})
        values = {
            "name_en": own.get("title") or team,
            "department": own.get("department") or departments.get(team) or "",
        }
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
            "manager": row["manager"] if row["manager"] in staff else None,
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
        Mapping("catalogue", _catalogue, ("system", "dependency")),
        Mapping("roster", _roster, ("person", "person-skill")),
        Mapping("git", _history, ()),
    )
}


def suggest(source: EvidenceSource) -> int:
    """Bring the suggestions of a source up to date with its newest snapshot; returns how many are open."""
    mapping = MAPPINGS.get(source.reader)
    if mapping is None:
        return 0

    def rows(table: str) -> list[dict[str, Any]]:
        return tables.scan(_SERVICE, table, sources=[source.name]).collect().to_dicts()

    said = {(entry.kind, keys.fold(entry.key)): entry for entry in mapping.says(rows)}
    return suggestions.compare(source, said.values(), mapping.covers)
