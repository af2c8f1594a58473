"""People with roles, a few records, and policies for the tests of decisions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from quarterdeck.decisions.policy import HOOKS, POLICIES, Policy, register
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Reader, service
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.kinds.write import Change, write

MakeUser = Callable[..., Reader]


@dataclass(frozen=True)
class Cast:
    """Readers by what they are in the company."""

    cto: Reader
    manager: Reader  # general manager
    head: Reader  # head of department, may propose
    direct: Reader  # direct subordinate, may propose
    finance: Reader
    engineer: Reader
    auditor: Reader
    administrator: Reader


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """Makes a user with roles and a person, and gives their reader."""

    def make(name: str, *roles: str, person: str = "") -> Reader:
        user = User.objects.create(username=name, person=person)
        give_roles(user, list(roles))
        return reader_of(user)

    return make


@pytest.fixture
def records(db: None) -> None:
    """A company of five people with two initiatives and a calendar with one holiday."""
    people = [
        Change("person", key, {"name": name, "calendar": "cn"})
        for key, name in [
            ("p-cto", "Chen Tao"),
            ("p-gm", "Gao Min"),
            ("p-head", "He Ada"),
            ("p-eng", "En Gine"),
            ("p-fin", "Fei Ning"),
        ]
    ]
    further = [
        Change("calendar", "cn", {"name_en": "China", "name_zh": "中国"}),
        Change(
            "initiative",
            "I-1",
            {"name_en": "Second region", "name_zh": "第二机房", "owner": "p-head", "theme_en": "Reach"},
        ),
        Change("initiative", "I-2", {"name_en": "New ledger", "name_zh": "新账本"}),
    ]
    write(service("set-up"), [*people, *further], "tests")


@pytest.fixture
def cast(records: None, make_user: MakeUser) -> Cast:
    """One user for each role that matters here."""
    return Cast(
        make_user("chen", "cto", person="p-cto"),
        make_user("gao", "general-manager", person="p-gm"),
        make_user("ada", "head-of-department", person="p-head"),
        make_user("dora", "direct-subordinate"),
        make_user("fei", "finance", person="p-fin"),
        make_user("eve", "engineer", person="p-eng"),
        make_user("audrey", "auditor"),
        make_user("adam", "administrator"),
    )


@pytest.fixture
def policies() -> Iterator[None]:
    """Two more sorts: one confirmed in two stages, one about people and what they earn; hooks are forgotten after."""
    hooks = {sort: list(some) for sort, some in HOOKS.items()}
    register(
        Policy(
            "two-stages",
            "In two stages",
            proposers=frozenset({"cto", "direct-subordinate"}),
            confirmers=(frozenset({"cto"}), frozenset({"general-manager", "cto"})),
            changes=frozenset({"initiative", "effort", "skill", "team", "person.team"}),
        ),
        Policy(
            "pay",
            "Pay",
            proposers=frozenset({"cto", "hr"}),
            confirmers=(frozenset({"general-manager", "finance"}),),
            changes=frozenset({"person"}),
        ),
    )
    yield
    del POLICIES["two-stages"], POLICIES["pay"]
    HOOKS.clear()
    HOOKS.update(hooks)


@pytest.fixture
def edit() -> Callable[..., None]:
    """Changes a record as somebody else would, meanwhile."""

    def change(kind: str, key: str, /, **values: object) -> None:
        write(service("meanwhile"), [Change(kind, key, values)], "tests")

    return change
