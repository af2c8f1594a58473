"""Fixtures that every test may use: a home of its own, an operator, users with roles, the real inputs."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation

from needs import missing

if TYPE_CHECKING:
    from django.test import Client

    from quarterdeck.kinds.models import User
    from quarterdeck.kinds.roles import Authority

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(tempfile.mkdtemp(prefix="quarterdeck-tests-"))
_LAKES = itertools.count()
os.environ["QUARTERDECK_HOME"] = str(HOME)  # for every process that a test starts


def pytest_configure() -> None:
    """Let nothing of a test touch anybody's home: settings are loaded before this file is, so they are moved here."""
    settings.HOME = HOME
    settings.LAKE_URL = str(HOME / "lake")
    settings.SECRET_KEY = "the tests' own secret, kept from nobody"
    (HOME / "secret.key").write_text(settings.SECRET_KEY)
    if (
        connections["default"].vendor == "sqlite"
    ):  # a file, as in a home: threads and locks are then what they are there
        connections["default"].settings_dict["TEST"]["NAME"] = str(HOME / "records.sqlite3")


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """Each process of the tests has a home, and so a file of records, of its own; on a server, a database of its own."""
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    if worker and connections["default"].vendor != "sqlite":
        connections["default"].settings_dict["TEST"]["NAME"] = f"test_quarterdeck_{worker}"


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs with expected results, which stands beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        missing(f"real inputs are not at {folder}")
    return folder


@pytest.fixture(autouse=True)
def own_lake() -> None:
    """A lake for each test; its folder is made by whoever first writes there."""
    settings.LAKE_URL = str(HOME / "lakes" / str(next(_LAKES)))


@pytest.fixture(autouse=True)
def own_language() -> None:
    """Each test begins in English, whatever language the one before it was read in."""
    translation.activate("en")


@pytest.fixture
def environment(transactional_db: None) -> dict[str, str]:
    """What a process needs to work on the records of this test, and on its lake."""
    found = {
        **os.environ,
        "QUARTERDECK_LAKE_URL": settings.LAKE_URL,
        "DJANGO_SETTINGS_MODULE": "quarterdeck.web.settings",
    }
    found["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), found.get("PYTHONPATH", "")])
    if connections["default"].vendor != "sqlite":
        where = connections["default"].settings_dict
        found["QUARTERDECK_DATABASE_URL"] = (
            f"postgresql://{where['USER']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
        )
    return found


@pytest.fixture
def operator() -> "Authority":
    """The authority of whoever runs the home: may write everything."""
    from quarterdeck.kinds.roles import service

    return service("tests")


@pytest.fixture
def user_with(db: None) -> Callable[..., "User"]:
    """Makes a user with roles: user_with("cto"), user_with("engineer", person="p-7")."""
    from quarterdeck.kinds.models import User
    from quarterdeck.kinds.users import give_roles

    def make(*roles: str, person: str = "", name: str = "") -> User:
        user = User.objects.create(username=name or f"user-{User.objects.count() + 1}", person=person)
        give_roles(user, list(roles))
        return user

    return make


@pytest.fixture
def signed_in(user_with: Callable[..., "User"]) -> Callable[..., "Client"]:
    """A browser in which a user with these roles is signed in."""
    from django.test import Client

    def make(*roles: str, person: str = "") -> Client:
        client = Client()
        client.force_login(user_with(*roles, person=person))
        return client

    return make
