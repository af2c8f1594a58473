"""What the plan's page asks of people, beside what it shows."""

from types import SimpleNamespace
from typing import Any

import pytest
from small_company import enter

from quarterdeck.engines.portfolio.result import Moved
from quarterdeck.engines.programme import Bought, Hires
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.plan import asks
from quarterdeck.runs import answers

pytestmark = pytest.mark.django_db
CTO = Reader("user:cto", (ROLES["cto"],))


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The lines for a plan that hires, buys and moves a promise."""
    enter()
    plan = answers.answer("plan", CTO, {"frontier": "no"})
    inputs = answers.inputs_of(plan)
    route, initiative = inputs.programme.routes[0], inputs.programme.initiatives[0].key

    def of() -> tuple[Any, ...]:
        result = SimpleNamespace(
            moved=(Moved(initiative, 5, 8, 12_000.0),),
            plan=SimpleNamespace(hires=(Hires(route.key, 1, 2),), bought=(Bought(route.skill, 0, 1.5),)),
        )
        monkeypatch.setattr(asks.answers, "inputs_of", lambda _plan: inputs)
        return asks.asks(SimpleNamespace(result=result), CTO, "EUR")  # type: ignore[arg-type]

    return of


def test_promises_first_then_people_and_work(lines: Any) -> None:
    titles = [line.title for line in lines()]
    assert titles[0].startswith("Move the deadline of")
    assert titles[1:] == ["Open 2 posts", "Buy work from contractors"]
    assert "12.0" in lines()[0].effects[0]


def test_what_nobody_said_the_duration_of_is_named(lines: Any) -> None:
    before = {line.title for line in lines()}
    write(service("test"), [Change("initiative", "vague", {"name_en": "Something vague"})], "test")
    assert {line.title for line in lines()} - before == {"Say how long “Something vague” takes"}
    write(service("test"), [Change("initiative", "vague", {"state": "dropped"})], "test")
    assert {line.title for line in lines()} == before
