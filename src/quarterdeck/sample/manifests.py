"""Writes what systems are made of as package tools do, advisories as OSV, life cycles as endoflife.date has them."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from quarterdeck.sample.chance import Span
from quarterdeck.sample.parts import (
    ADVISORIES,
    LATER_ADVISORY,
    LIVES,
    Advisory,
    Life,
    Part,
    Product,
    libraries,
    published,
    runtimes,
)
from quarterdeck.sample.systems import SYSTEMS, System
from quarterdeck.sample.writing import Plain, document, pretty, text

CUT = "QDSA-2026-0000.json"  # an advisory whose file was cut off while it was copied
_INDEX = "https://packages.example"
_LICENCES = ("Apache-2.0", "MIT", "BSD-3-Clause", "MIT", "Apache-2.0", "MPL-2.0")


def purl(part: Part) -> str:
    """The package URL of a part."""
    name = part.name.replace(":", "/")
    kind = {"PyPI": "pypi", "npm": "npm", "Go": "golang", "Maven": "maven", "generic": "generic"}[part.ecosystem]
    return f"pkg:{kind}/{quote(name)}@{part.version}"


def _digest(part: Part) -> str:
    return hashlib.sha256(f"{part.name} {part.version}".encode()).hexdigest()


def licence(part: Part) -> str:
    """The licence of a package, the same wherever it is used; one of them asks for what few companies accept."""
    if part.name == "featherbatch":
        return "AGPL-3.0-only"
    return _LICENCES[int(_digest(part)[:4], 16) % len(_LICENCES)]


def _uv_lock(system: System, parts: Sequence[Part]) -> str:
    direct = "".join(f'    {{ name = "{part.name}" }},\n' for part in parts if part.direct)
    own = f'[[package]]\nname = "{system.key}"\nversion = "1.0.0"\nsource = {{ virtual = "." }}\n'
    own += f"dependencies = [\n{direct}]\n"
    first = next(part for part in parts if part.direct)
    drawn = "".join(f'    {{ name = "{part.name}" }},\n' for part in parts if not part.direct)
    needs = {first.name: f"dependencies = [\n{drawn}]\n"} if drawn else {}
    others = (
        f'[[package]]\nname = "{part.name}"\nversion = "{part.version}"\n'
        f'source = {{ registry = "{_INDEX}/simple" }}\n'
        f"{needs.get(part.name, '')}"
        f'wheels = [\n    {{ url = "{_INDEX}/{part.name}-{part.version}-py3-none-any.whl", '
        f'hash = "sha256:{_digest(part)}" }},\n]\n'
        for part in parts
    )
    return "\n".join(['version = 1\nrequires-python = ">=3.9"\n', own, *others])


def _package_lock(system: System, parts: Sequence[Part]) -> Plain:
    direct: dict[str, Plain] = {part.name: f"^{part.version}" for part in parts if part.direct}
    entries: dict[str, Plain] = {"": {"name": system.key, "version": "1.0.0", "dependencies": direct}}
    first = next(part.name for part in parts if part.direct)
    drawn: dict[str, Plain] = {part.name: f"^{part.version}" for part in parts if not part.direct}
    for part in parts:
        integrity = f"sha256-{_digest(part)}"
        entry: dict[str, Plain] = {"version": part.version, "license": licence(part), "integrity": integrity}
        entries[f"node_modules/{part.name}"] = entry | ({"dependencies": drawn} if part.name == first and drawn else {})
    return {"name": system.key, "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": entries}


def _go_mod(system: System, parts: Sequence[Part]) -> str:
    required = "".join(f"\t{part.name} {part.version}{'' if part.direct else ' // indirect'}\n" for part in parts)
    return f"module forge.example/velmarin/{system.key}\n\ngo 1.26.4\n\nrequire (\n{required})\n"


def _pom(system: System, parts: Sequence[Part]) -> str:
    entries = "".join(
        "    <dependency>\n"
        f"      <groupId>{group}</groupId>\n      <artifactId>{name}</artifactId>\n"
        f"      <version>{part.version}</version>\n"
        "    </dependency>\n"
        for part in parts
        if part.direct
        for group, name in [part.name.split(":")]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        "  <modelVersion>4.0.0</modelVersion>\n"
        f"  <groupId>example.velmarin</groupId>\n  <artifactId>{system.key}</artifactId>\n"
        "  <version>1.0.0</version>\n"
        f"  <dependencies>\n{entries}  </dependencies>\n</project>\n"
    )


def manifest(system: System, parts: Sequence[Part]) -> tuple[str, str]:
    """The file a system's repository names its packages in, and what stands there; of stacks that have one."""
    if system.stack == "python":
        return "uv.lock", _uv_lock(system, parts)
    if system.stack == "node":
        return "package-lock.json", pretty(_package_lock(system, parts))
    if system.stack == "go":
        return "go.mod", _go_mod(system, parts)
    return "pom.xml", _pom(system, parts)


def _sbom(system: System, parts: Sequence[Part], on: date) -> Plain:
    own = f"velmarin/{system.key}"
    kinds = {"generic": "platform"}
    components: list[Plain] = [
        {
            "bom-ref": purl(part),
            "type": kinds.get(part.ecosystem, "library"),
            "name": part.name.split(":")[-1],
            "version": part.version,
            "purl": purl(part),
            "licenses": [{"license": {"id": licence(part)}}],
        }
        for part in parts
    ]
    direct: list[Plain] = [purl(part) for part in parts if part.direct]
    drawn: list[Plain] = [purl(part) for part in parts if not part.direct]
    edges: list[Plain] = [{"ref": own, "dependsOn": direct}]
    edges += [{"ref": direct[0], "dependsOn": drawn}] if drawn else []
    subject: Plain = {"bom-ref": own, "type": "application", "name": system.key, "version": "1.0.0"}
    head: dict[str, Plain] = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}
    return head | {
        "metadata": {"timestamp": f"{on}T00:00:00Z", "component": subject},
        "components": components,
        "dependencies": edges,
    }


def dependencies(folder: Path, seed: int, on: date) -> None:
    """`<system>/uv.lock`, package-lock.json or go.mod; what stands in no such lock stands in sbom.cdx.json."""
    for system in SYSTEMS:
        below, own, rest = folder / system.key, libraries(system, seed), runtimes(system)
        if system.stack in ("python", "node", "go"):
            name, content = manifest(system, own)
            text(below / name, content)
        else:
            rest = (*rest, *own)
        if rest:
            document(below / "sbom.cdx.json", _sbom(system, rest, on))


def _osv(advisory: Advisory, time: Span) -> Plain:
    day = published(advisory, time)
    kind = "SEMVER" if advisory.ecosystem in ("Go", "npm") else "ECOSYSTEM"
    events: list[Plain] = [{"introduced": advisory.introduced}]
    events += [{"fixed": advisory.fixed}] if advisory.fixed else []
    found: dict[str, Plain] = {
        "schema_version": "1.6.0",
        "id": advisory.name,
        "published": f"{day}T09:00:00Z",
        "modified": f"{day + timedelta(days=1)}T09:00:00Z",
        "summary": advisory.summary,
        "details": "Invented for the example company. No such weakness is known of any real package.",
        "affected": [
            {
                "package": {"ecosystem": advisory.ecosystem, "name": advisory.package},
                "ranges": [{"type": kind, "events": events}],
            }
        ],
        "severity": [{"type": "CVSS_V3", "score": advisory.score}],
        "references": [{"type": "ADVISORY", "url": f"https://advisories.example/{advisory.name}"}],
    }
    return found | ({"withdrawn": f"{day + timedelta(days=7)}T09:00:00Z"} if advisory.withdrawn else {})


def known(on: date, time: Span) -> tuple[Advisory, ...]:
    """The advisories published by a day."""
    return tuple(advisory for advisory in (*ADVISORIES, LATER_ADVISORY) if published(advisory, time) <= on)


def advisories(folder: Path, on: date, time: Span) -> None:
    """One OSV file an advisory, and one file that was cut off while it was copied."""
    for advisory in known(on, time):
        document(folder / f"{advisory.name}.json", _osv(advisory, time))
    text(folder / CUT, '{"id": "QDSA-2026-0000", "modified": "2026-01-')


def _release(life: Life) -> str:
    return (
        f'  - releaseCycle: "{life.cycle}"\n    releaseDate: {life.released}\n'
        f"    eoas: {life.support}\n    eol: {life.ends}\n"
        f'    latest: "{life.latest}"\n'
    )


def _page(product: Product) -> str:
    kind = {"Maven": "maven", "npm": "npm", "PyPI": "pypi"}.get(product.ecosystem, "generic")
    name = quote(product.package.replace(":", "/"))
    releases = "".join(_release(life) for life in reversed(product.cycles))
    head = f"title: {product.title}\npermalink: /{product.key}\nidentifiers:\n  - purl: pkg:{kind}/{name}\n"
    return f"{head}releases:\n{releases}"


def end_of_life(folder: Path) -> None:
    """One file a product, as endoflife.date keeps them."""
    for product in LIVES.values():
        text(folder / f"{product.key}.yaml", _page(product))
