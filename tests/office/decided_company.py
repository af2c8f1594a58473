"""A small company in the middle of its work: evidence, an approved plan, and what has moved since."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from small_company import enter

from quarterdeck.decisions import deciding
from quarterdeck.evidence import readers
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake.collect import collect
from quarterdeck.office.plan import baseline
from quarterdeck.runs import answers

CTO = Reader("user:cto", (ROLES["cto"],))
MANAGER = Reader("user:gm", (ROLES["general-manager"],))
ENTERED = "test: a small company"
INCIDENTS = (
    "incident,started,resolved,system\n"
    "INC-1,2026-11-01T08:00:00Z,2026-11-01T10:00:00Z,shop\n"
    "INC-2,2026-11-03T08:00:00Z,2026-11-03T09:00:00Z,shop\n"
)


def enter_all(folder: Path) -> None:
    """Enter the company, collect (from files written to a folder), approve a plan, and let time go on."""
    enter()
    _systems()
    _evidence(folder)
    _decided()
    write(service("test"), list(_moved()), ENTERED)


def _systems() -> None:
    names = {"shop": "商城", "ledger-db": "账务数据库"}
    systems = [Change("system", key, {"name_zh": name, "criticality": 3}) for key, name in names.items()]
    rests = Change("dependency", "", {"system": "shop", "on": "ledger-db"})
    write(service("test"), [*systems, rests], ENTERED)


def _evidence(folder: Path) -> None:
    place = folder / "incidents.csv"
    place.write_text(INCIDENTS, encoding="utf-8")
    collect(readers.by_name("incidents"), place, by=CTO.name)


def _decided() -> None:
    plan, outlook = answers.answer("plan", CTO), answers.answer("outlook", CTO)
    proposal = baseline.propose(CTO, plan, outlook, "EUR")
    User.objects.get_or_create(username="gm")
    deciding.confirm(MANAGER, proposal.key)


def _moved() -> Iterator[Change]:
    yield Change("person", "eva", {"end_date": date(2027, 3, 1)})
    yield Change("person", "fang", {"end_date": date(2027, 3, 1)})
    yield Change("effort", "checkout/backend", {"months_low": 16, "months_likely": 20, "months_high": 30})
