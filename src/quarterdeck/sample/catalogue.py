"""The service catalogue as Backstage entities, and the roster with its lists."""

from datetime import date
from pathlib import Path

from quarterdeck.sample import people, systems, teams
from quarterdeck.sample.chance import Span
from quarterdeck.sample.histories import SHAPES
from quarterdeck.sample.people import Personnel
from quarterdeck.sample.systems import DOMAINS, SYSTEMS, System
from quarterdeck.sample.writing import Cell, Plain, table, yaml_documents

_VERSION = "backstage.io/v1alpha1"


def _entity(
    kind: str, name: str, spec: dict[str, Plain], title: str = "", description: str = "", **more: Plain
) -> Plain:
    metadata: dict[str, Plain] = {"name": name}
    metadata |= {"title": title} if title else {}
    metadata |= {"description": description} if description else {}
    return {"apiVersion": _VERSION, "kind": kind, "metadata": metadata | more, "spec": spec}


def _system(system: System) -> Plain:
    depends: list[Plain] = [systems.SYSTEM[need].reference for need in system.needs if not need.startswith("@")]
    consumes: list[Plain] = [f"{need[1:]}-api" for need in system.needs if need.startswith("@")]
    kind = {"database": "database", "appliance": "bought"}.get(
        system.stack, "website" if system.key.endswith(("portal", "app")) else "service"
    )
    spec: dict[str, Plain] = {
        "type": kind,
        "lifecycle": "deprecated" if system.key in systems.OWNERLESS else "production",
    }
    spec |= {"owner": system.owner, "system": system.domain}
    spec |= {"dependsOn": depends} if depends else {}
    spec |= {"consumesApis": consumes} if consumes else {}
    spec |= {"providesApis": [f"{system.key}-api"]} if system.key in systems.interfaces() else {}
    held = any(shape.system == system.key for shape in SHAPES)
    more: dict[str, Plain] = {"annotations": {"gitlab.com/project-slug": f"velmarin/{system.key}"}} if held else {}
    tags: list[Plain] = [system.stack] if system.stack not in ("appliance", "database") else []
    more |= {"tags": tags} if tags else {}
    return _entity(system.kind, system.key, spec, system.en, f"{system.en} · {system.zh}", **more)


def write(folder: Path) -> list[tuple[str, int]]:
    """One file a domain, one of the organisation; the last repeats a component. Returns file and line of it."""
    groups = [
        _entity("Group", team.key, {"type": "team", "children": []}, team.en, f"{team.zh}: {team.purpose}")
        for team in teams.TEAMS
        if team.project
    ]
    domains = [
        _entity("System", key, {"owner": "architecture", "domain": "velmarin"}, en, zh)
        for key, (en, zh) in DOMAINS.items()
    ]
    domain = _entity("Domain", "velmarin", {"owner": "architecture"}, teams.COMPANY_EN, teams.COMPANY_ZH)
    yaml_documents(folder / "organisation.yaml", [domain, *domains, *groups])
    for key in DOMAINS:
        own = [system for system in SYSTEMS if system.domain == key]
        faces = [
            _entity(
                "API",
                f"{s.key}-api",
                {
                    "type": "openapi",
                    "lifecycle": "production",
                    "owner": s.owner,
                    "system": key,
                    "definition": "openapi: 3.0.0",
                },
            )
            for s in own
            if s.key in systems.interfaces()
        ]
        documents = [_system(system) for system in own] + faces
        documents += [_system(systems.SYSTEM["fx-rates"])] if key == "platform" else []
        yaml_documents(folder / f"{key}.yaml", documents)
    last = (folder / "platform.yaml").read_text(encoding="utf-8").rpartition("---\n")[0]
    return [("platform.yaml", last.count("\n") + 2)]


PEOPLE = (
    "key",
    "name",
    "email",
    "login",
    "department",
    "team",
    "post",
    "level",
    "cost_band",
    "manager",
    "start_date",
    "end_date",
    "fte",
    "contract",
    "location",
    "calendar",
    "skills",
    "pay",
    "pay_currency",
)
STRAY = "V0999"  # a manager whom the roster does not know


def roster(folder: Path, everyone: Personnel, month: date, time: Span) -> tuple[Path, int]:
    """One month's roster and the lists beside it; one manager is nobody. Returns the file and the line of it."""
    own = people.roster(everyone, month, time)
    wrong = next(place for place, person in enumerate(own) if person.team == "sales" and person.post != "team-lead")
    rows: list[tuple[Cell, ...]] = [
        (
            p.key,
            p.name,
            p.email,
            p.login,
            p.department,
            p.team,
            p.post,
            p.level,
            p.band,
            STRAY if place == wrong else p.manager,
            p.start.isoformat(),
            p.end.isoformat() if p.end else "",
            p.fte,
            p.contract,
            p.place,
            p.calendar,
            ";".join(f"{skill}:{level}" for skill, level in p.skills),
            p.pay,
            p.currency,
        )
        for place, p in enumerate(own)
    ]
    leads = {person.team: person.key for person in reversed(own) if person.post in ("team-lead", "general-manager")}
    table(
        folder / "teams.csv",
        ("key", "title", "department", "lead"),
        [(t.key, t.en, t.department, leads[t.key]) for t in teams.TEAMS],
    )
    posts = [(key, en, sum(p.post == key and p.end is None for p in own)) for key, (en, _) in people.titles().items()]
    table(folder / "posts.csv", ("key", "title", "headcount"), posts)
    bands = [(band, cost, coin) for band, (cost, coin) in teams.BANDS.items()]
    table(folder / "cost_bands.csv", ("band", "annual_cost", "currency"), bands)
    return table(folder / f"roster_{month:%Y-%m}.csv", PEOPLE, rows), wrong + 2
