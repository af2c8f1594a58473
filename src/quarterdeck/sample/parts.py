"""What the systems are made of: runtimes, frameworks, libraries with versions; life cycles and advisories of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from quarterdeck.sample.chance import Span, chance
from quarterdeck.sample.systems import SYSTEMS, System


@dataclass(frozen=True)
class Part:
    """One package in one version that a system is made of."""

    ecosystem: str  # PyPI, npm, Go, Maven, generic
    name: str
    version: str
    direct: bool


@dataclass(frozen=True)
class Life:
    """One release cycle of a product."""

    cycle: str
    released: date
    support: date
    ends: date
    latest: str


@dataclass(frozen=True)
class Product:
    """A product with a life cycle, and the package that is it."""

    key: str
    title: str
    ecosystem: str
    package: str
    cycles: tuple[Life, ...]


# product|title|ecosystem|package|cycle:released:active support ends:security support ends:latest …
_PRODUCTS = """
python|Python|generic|python|3.9:2020-10-05:2022-05-17:2025-10-31:3.9.25|3.10:2021-10-04:2023-04-05:2026-10-31:3.10.20|3.11:2022-10-24:2024-04-01:2027-10-31:3.11.15|3.12:2023-10-02:2025-04-02:2028-10-31:3.12.13|3.13:2024-10-07:2026-10-01:2029-10-31:3.13.9
nodejs|Node.js|generic|nodejs|18:2022-04-19:2023-10-18:2025-04-30:18.20.8|20:2023-04-18:2024-10-22:2026-04-30:20.20.0|22:2024-04-24:2025-10-21:2027-04-30:22.22.0|24:2025-05-06:2026-10-20:2028-04-30:24.12.0
openjdk|OpenJDK|generic|openjdk|11:2018-09-25:2024-10-31:2027-10-31:11.0.29|17:2021-09-14:2027-10-31:2027-10-31:17.0.17|21:2023-09-19:2029-12-31:2029-12-31:21.0.9
postgresql|PostgreSQL|generic|postgresql|12:2019-10-03:2024-11-21:2024-11-21:12.22|13:2020-09-24:2025-11-13:2025-11-13:13.23|15:2022-10-13:2027-11-11:2027-11-11:15.15|16:2023-09-14:2028-11-09:2028-11-09:16.11
redis|Redis|generic|redis|6.2:2021-02-22:2025-04-30:2026-04-30:6.2.21|7.2:2023-08-15:2026-02-28:2027-02-28:7.2.12|8.0:2025-05-02:2027-05-31:2028-05-31:8.0.5
tidewind|Tidewind|Maven|example.tidewind:tidewind-boot|3.4:2021-03-15:2023-03-15:2024-03-31:3.4.22|4.2:2022-09-12:2024-09-12:2025-09-30:4.2.17|5.0:2024-02-05:2026-02-05:2027-02-28:5.0.11|5.4:2025-06-16:2027-06-16:2028-06-30:5.4.6
django|Django|PyPI|django|3.2:2021-04-06:2021-12-07:2024-04-01:3.2.25|4.2:2023-04-03:2023-12-04:2026-04-30:4.2.30|5.2:2025-04-02:2025-12-03:2028-04-30:5.2.12
quayside|Quayside|npm|@quayside/core|5:2022-04-11:2023-10-11:2024-04-30:5.9.4|6:2023-10-02:2025-04-02:2025-10-31:6.8.1|7:2025-03-24:2026-09-24:2028-03-31:7.2.3
ubuntu|Ubuntu|generic|ubuntu|20.04:2020-04-23:2025-05-31:2025-05-31:20.04.6|22.04:2022-04-21:2027-04-01:2027-04-01:22.04.5|24.04:2024-04-25:2029-05-31:2029-05-31:24.04.4
"""

_ECOSYSTEMS = {"go": "Go", "java": "Maven", "python": "PyPI", "node": "npm"}
# stack → libraries with the version used by default; all are invented, as are Tidewind and Quayside
_LIBRARIES = {
    "go": (
        ("forge.example/harbour/router", "v1.8.4"),
        ("forge.example/harbour/wire", "v0.14.2"),
        ("forge.example/tidemark/ledgerfmt", "v2.3.0"),
        ("forge.example/quay/tokens", "v1.2.9"),
        ("forge.example/quay/retry", "v0.9.1"),
        ("forge.example/lantern/trace", "v1.31.0"),
        ("forge.example/lantern/metrics", "v1.19.3"),
    ),
    "java": (
        ("example.tidewind:tidewind-web", "5.4.2"),
        ("example.tidewind:tidewind-json", "2.15.1"),
        ("example.ankerpoint:anker-jdbc", "4.0.8"),
        ("example.ankerpoint:anker-cache", "3.2.0"),
        ("example.lotsen:lotsen-xml", "1.9.6"),
        ("example.lotsen:lotsen-queue", "2.2.4"),
        ("example.lantern:lantern-trace", "1.31.0"),
    ),
    "python": (
        ("quayframe", "2.6.1"),
        ("tidesql", "1.14.3"),
        ("ledgerkit", "0.22.0"),
        ("harbour-http", "3.1.5"),
        ("routewright", "4.8.2"),
        ("featherbatch", "0.7.9"),
        ("lantern-trace", "1.31.0"),
        ("numlattice", "1.26.4"),
    ),
    "node": (
        ("@quayside/forms", "7.2.1"),
        ("@quayside/tables", "7.0.4"),
        ("harbour-fetch", "2.9.3"),
        ("tidewind-router", "6.4.0"),
        ("lantern-web", "1.31.0"),
        ("money-shape", "1.4.8"),
        ("deepmerge-lite", "3.0.2"),
    ),
}
_FRAMEWORKS = {
    "java": ("Maven", "example.tidewind:tidewind-boot"),
    "node": ("npm", "@quayside/core"),
    "python": ("PyPI", "django"),
}
_RUNTIMES = {"java": "openjdk", "python": "python", "node": "nodejs"}

# what is planted: product or library → version, by system; all others have the newest or the default
OLD = {
    "clearing-engine": {"openjdk": "11.0.29", "tidewind": "3.4.22", "example.lotsen:lotsen-xml": "1.8.2"},
    "settlement-batch": {"openjdk": "11.0.29", "tidewind": "3.4.22"},
    "customs-gateway": {"tidewind": "4.2.17", "example.lotsen:lotsen-xml": "1.8.2"},
    "tariff-lookup": {"tidewind": "3.4.22", "example.tidewind:tidewind-json": "2.13.0"},
    "fax-bridge": {"tidewind": "3.4.22", "example.tidewind:tidewind-web": "4.9.9", "ubuntu": "20.04.6"},
    "order-hub": {"tidewind": "5.0.11", "example.tidewind:tidewind-json": "2.14.9"},
    "reconciliation": {"tidewind": "5.0.11"},
    "ledger-store": {"postgresql": "13.23"},
    "vault-store-primary": {"postgresql": "15.15"},
    "vault-store-standby": {"postgresql": "15.15"},
    "route-optimiser": {"python": "3.10.20", "routewright": "4.6.0"},
    "fleet-telemetry": {"python": "3.9.25", "harbour-http": "2.9.0"},
    "driver-dispatch": {"python": "3.10.20"},
    "chargeback-desk": {"python": "3.9.25", "django": "3.2.25", "tidesql": "1.12.0"},
    "merchant-onboarding": {"django": "4.2.30"},
    "sanctions-screening": {"harbour-http": "2.9.0"},
    "reporting": {"django": "4.2.30", "python": "3.11.15"},
    "token-vault": {"forge.example/quay/tokens": "v1.2.4"},
    "refund-service": {"forge.example/quay/retry": "v0.8.7"},
    "pricing-engine": {"nodejs": "20.20.0", "deepmerge-lite": "2.4.1"},
    "merchant-portal": {"quayside": "6.8.1", "@quayside/forms": "6.9.9", "nodejs": "22.22.0"},
    "loyalty-points": {"nodejs": "18.20.8", "quayside": "5.9.4", "deepmerge-lite": "2.4.1"},
    "event-bus-suzhou": {"redis": "6.2.21"},
    "observability": {"ubuntu": "22.04.5"},
}
_WITH_DJANGO = ("chargeback-desk", "merchant-onboarding", "reporting")
_WITH_REDIS = (
    "event-bus-hamburg",
    "event-bus-suzhou",
    "fraud-scoring",
    "driver-dispatch",
    "merchant-profile",
    "checkout-api",
)
_WITH_POSTGRESQL = (
    "document-store",
    "warehouse-control",
    "order-hub",
    "merchant-profile",
    "feature-store",
    "stock-ledger",
)
_ON_UBUNTU = ("fax-bridge", "observability", "build-farm", "token-vault", "edge-hamburg", "edge-suzhou")


@dataclass(frozen=True)
class Advisory:
    """An invented advisory: affects versions from `introduced` to below `fixed` (empty: no fix)."""

    name: str
    ecosystem: str
    package: str
    introduced: str
    fixed: str
    score: str
    summary: str
    published: int  # days before the first collection; negative: after it
    withdrawn: bool = False


_HIGH, _CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
_MEDIUM, _LOW = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N", "CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N"
_A = Advisory
ADVISORIES = (
    _A(
        "QDSA-2026-0001",
        "Maven",
        "example.lotsen:lotsen-xml",
        "1.0.0",
        "1.9.0",
        _CRITICAL,
        "External entities are resolved in untrusted documents",
        41,
    ),
    _A(
        "QDSA-2026-0002",
        "Maven",
        "example.tidewind:tidewind-web",
        "4.0.0",
        "4.9.12",
        _HIGH,
        "Path traversal in static resources",
        120,
    ),
    _A(
        "QDSA-2026-0003",
        "Maven",
        "example.tidewind:tidewind-json",
        "2.12.0",
        "2.15.0",
        _HIGH,
        "Deep nesting exhausts memory",
        75,
    ),
    _A("QDSA-2026-0004", "PyPI", "tidesql", "1.0.0", "1.13.2", _CRITICAL, "Injection through column aliases", 66),
    _A(
        "QDSA-2026-0005",
        "PyPI",
        "harbour-http",
        "2.0.0",
        "3.0.1",
        _MEDIUM,
        "Credentials are sent on after a redirect to another host",
        210,
    ),
    _A("QDSA-2026-0006", "PyPI", "routewright", "4.2.0", "4.7.0", _HIGH, "Crafted matrices overwrite memory", 33),
    _A("QDSA-2026-0007", "npm", "deepmerge-lite", "0", "3.0.0", _HIGH, "Prototype pollution", 150),
    _A("QDSA-2026-0008", "npm", "@quayside/forms", "6.5.0", "7.0.0", _MEDIUM, "Markup in labels is not escaped", 90),
    _A("QDSA-2026-0009", "Go", "forge.example/quay/retry", "0", "0.9.0", _LOW, "Waiting times can be predicted", 180),
    _A("QDSA-2026-0010", "PyPI", "quayframe", "1.0.0", "2.0.0", _CRITICAL, "Session fixation", 300),
    _A("QDSA-2026-0011", "npm", "money-shape", "1.0.0", "1.3.0", _MEDIUM, "Rounding differs between browsers", 260),
    _A(
        "QDSA-2026-0012",
        "Go",
        "forge.example/harbour/router",
        "0",
        "1.8.0",
        _HIGH,
        "Requests are smuggled behind a proxy",
        230,
    ),
    _A(
        "QDSA-2026-0013",
        "Maven",
        "example.ankerpoint:anker-jdbc",
        "3.0.0",
        "4.0.0",
        _HIGH,
        "Certificates of the server are not checked",
        400,
    ),
    _A("QDSA-2026-0014", "PyPI", "numlattice", "1.20.0", "1.26.0", _LOW, "Reads beyond the end of an array", 500),
    _A("QDSA-2026-0015", "npm", "harbour-fetch", "2.0.0", "3.0.0", _MEDIUM, "Reported by mistake", 140, True),
    _A(
        "QDSA-2026-0016",
        "Maven",
        "example.lantern:lantern-trace",
        "1.40.0",
        "1.41.2",
        _HIGH,
        "Trace headers are trusted",
        20,
    ),
    _A(
        "QDSA-2026-0017",
        "Go",
        "forge.example/lantern/metrics",
        "0",
        "1.19.0",
        _LOW,
        "Names of metrics can be enumerated",
        95,
    ),
    _A("QDSA-2026-0018", "PyPI", "ledger-kit", "0", "", _CRITICAL, "Malicious package with a name like another's", 54),
    _A(
        "QDSA-2026-0019",
        "PyPI",
        "featherbatch",
        "0.8.0",
        "0.8.3",
        _MEDIUM,
        "Temporary files are readable by everyone",
        15,
    ),
    _A("QDSA-2026-0020", "npm", "tidewind-router", "5.0.0", "6.0.0", _MEDIUM, "Open redirect", 330),
)
LATER_ADVISORY = _A(
    "QDSA-2026-0031",
    "Go",
    "forge.example/quay/tokens",
    "1.0.0",
    "1.2.7",
    _CRITICAL,
    "Tokens of another tenant are accepted",
    -19,
)


def _life(text: str) -> Life:
    cycle, released, support, ends, latest = text.split(":")
    return Life(cycle, date.fromisoformat(released), date.fromisoformat(support), date.fromisoformat(ends), latest)


def _product(line: str) -> Product:
    key, title, ecosystem, rest = line.split("|", 3)
    package, cycles = rest.split("|", 1)
    return Product(key, title, ecosystem, package, tuple(_life(text) for text in cycles.split("|")))


LIVES = {product.key: product for product in (_product(line) for line in _PRODUCTS.strip().splitlines())}


def _runtime(key: str, system: str) -> Part:
    product = LIVES[key]
    newest = max(product.cycles, key=lambda life: life.released)
    return Part(product.ecosystem, product.package, OLD.get(system, {}).get(key) or newest.latest, True)


def runtimes(system: System) -> tuple[Part, ...]:
    """What a system runs on: language, database, operating system."""
    names = [_RUNTIMES[system.stack]] if system.stack in _RUNTIMES else []
    names += ["postgresql"] if system.stack == "database" or system.key in _WITH_POSTGRESQL else []
    names += ["redis"] if system.key in _WITH_REDIS else []
    names += ["ubuntu"] if system.key in _ON_UBUNTU else []
    return tuple(_runtime(name, system.key) for name in names)


def libraries(system: System, seed: int) -> tuple[Part, ...]:
    """Packages a system is built of; the first of its stack are its own choice, the rest come with them."""
    if system.stack not in _LIBRARIES:
        return ()
    random = chance(seed, "parts", system.key)
    ecosystem, known = _ECOSYSTEMS[system.stack], _LIBRARIES[system.stack]
    old = OLD.get(system.key, {})
    found = [_framework(system, old)] if system.stack in _FRAMEWORKS and _framed(system) else []
    for place, (name, version) in enumerate(known):
        if place < 3 or name in old or random.random() < 0.75:
            found.append(Part(ecosystem, name, old.get(name, _nearby(version, random)), place < 5 or name in old))
    return tuple(found)


def _framed(system: System) -> bool:
    return system.stack != "python" or system.key in _WITH_DJANGO


def _framework(system: System, old: dict[str, str]) -> Part:
    ecosystem, name = _FRAMEWORKS[system.stack]
    product = next(product for product in LIVES.values() if product.package == name)
    return Part(ecosystem, name, old.get(name) or old.get(product.key) or product.cycles[-1].latest, True)


def _nearby(version: str, random: Random) -> str:
    """The version, or a later correction of it: no system is older than the table says unless it is planted."""
    head, _, last = version.rpartition(".")
    return f"{head}.{int(last) + random.choice((0, 0, 0, 1, 2))}"


def number(version: str) -> tuple[int, ...]:
    """A version of this example as numbers: they are all made of numbers and points."""
    return tuple(int(part) for part in version.removeprefix("v").split("."))


def ended(on: date, seed: int) -> list[tuple[str, str, str, str, date]]:
    """(system, product, cycle, version, last day) of what had no security support any more on a day."""
    found = []
    for system in SYSTEMS:
        for part in (*runtimes(system), *libraries(system, seed)):
            product = next((p for p in LIVES.values() if (p.ecosystem, p.package) == (part.ecosystem, part.name)), None)
            cycle = (
                max((c for c in product.cycles if _of_cycle(part.version, c.cycle)), key=lambda c: len(c.cycle))
                if product
                else None
            )
            if product and cycle and cycle.ends < on:
                found.append((system.key, product.key, cycle.cycle, part.version, cycle.ends))
    return sorted(found)


def _of_cycle(version: str, cycle: str) -> bool:
    return number(version)[: len(number(cycle))] == number(cycle)


def hits(seed: int, advisories: tuple[Advisory, ...]) -> list[tuple[str, str, str, str]]:
    """(advisory, system, package, version) of every package in use that an advisory affects."""
    found = []
    for advisory in advisories:
        for system in SYSTEMS:
            for part in libraries(system, seed):
                if (
                    (part.ecosystem, part.name) == (advisory.ecosystem, advisory.package)
                    and not advisory.withdrawn
                    and _hit(advisory, part)
                ):
                    found.append((advisory.name, system.key, part.name, part.version))
    return sorted(found)


def _hit(advisory: Advisory, part: Part) -> bool:
    version = number(part.version)
    return number(advisory.introduced) <= version and (not advisory.fixed or version < number(advisory.fixed))


def published(advisory: Advisory, time: Span) -> date:
    """The day an advisory was published."""
    return time.today - timedelta(days=advisory.published)
