"""What the plan's page asks of people, beside what it shows."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from small_company import enter

from quarterdeck.engines import portfolio
from quarterdeck.engines.portfolio.result import Moved, Resource, Shortage
from quarterdeck.engines.programme import Bought, Estimate, Hires
from quarterdeck.estate import upkeep
from quarterdeck.kinds.roles import ROLES, Reader, company, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.plan import asks
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import ANALYSES, Figure, Gathering

pytestmark = pytest.mark.django_db
CTO = Reader("user:cto", (ROLES["cto"],))
TODAY = date(2026, 11, 20)


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
            shortages=(Shortage(Resource.SKILL, route.skill, 0, 2.0, 9_000.0),),
            plan=SimpleNamespace(hires=(Hires(route.key, 1, 2),), bought=(Bought(route.skill, 0, 1.5),)),
        )
        monkeypatch.setattr(asks.answers, "inputs_of", lambda _plan: inputs)
        return asks.asks(SimpleNamespace(result=result), CTO, "EUR")  # type: ignore[arg-type]

    return of


def test_promises_first_then_people_and_work(lines: Any) -> None:
    titles = [line.title for line in lines()]
    assert titles[0].startswith("Move the deadline of")
    assert titles[1].startswith("What must be done lacks:")
    assert titles[2:] == ["Open 2 posts", "Buy work from contractors"]
    assert "12.0" in lines()[0].effects[0]


def test_what_nobody_said_the_duration_of_is_named(lines: Any) -> None:
    before = {line.title for line in lines()}
    write(service("test"), [Change("initiative", "vague", {"name_en": "Something vague"})], "test")
    assert {line.title for line in lines()} - before == {"Say how long “Something vague” takes"}
    write(service("test"), [Change("initiative", "vague", {"state": "dropped"})], "test")
    assert {line.title for line in lines()} == before


# ---- what part of working time operations take


def operations(likely: float | None) -> None:
    """What the plan frame says, of low, likely and high."""
    names = [f"operations_share_{point}" for point in ("low", "likely", "high")]
    values = (None, None, None) if likely is None else (likely / 2, likely, likely * 1.5)
    write(service("test"), [Change("plan-frame", "plan-2027", dict(zip(names, values, strict=True)))], "test")


def told(monkeypatch: pytest.MonkeyPatch, measured: tuple[float, float, float] | None) -> list[tuple[str, Any]]:
    """The lines on operations, where the evidence tells this."""
    figure = None if measured is None else Figure(upkeep.FIGURE, measured[1], "share", measured[0], measured[2])
    monkeypatch.setattr(upkeep.figures, "figure", lambda _gathering, _name: figure)
    monkeypatch.setattr(asks, "measured", lambda _reader: None if measured is None else Estimate(*measured))
    inputs = ANALYSES["plan"].gather(Gathering(company, TODAY, {"changes": "", "frontier": "no"}, portfolio))
    lines = asks._operations(inputs.programme, CTO, Names(CTO))
    return [(line.title, [text.replace("\u00a0", " ") for text in line.effects]) for line in lines]


def test_who_has_not_said_what_operations_take_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    enter()
    operations(None)
    assert told(monkeypatch, None) == [
        (
            "Say what part of working time operations take: none is taken off today",
            ["neither the plan frame nor the evidence tells"],
        )
    ]
    title, effects = told(monkeypatch, (0.24, 0.31, 0.39))[0]
    assert title == "Confirm what part of working time operations take"
    assert effects[0] == "taken off: 31 % (24–39 %)"
    assert "issues and incidents" in effects[1]


def test_frame_and_evidence_that_disagree_are_both_told(monkeypatch: pytest.MonkeyPatch) -> None:
    enter()
    operations(0.2)
    ((title, effects),) = told(monkeypatch, (0.24, 0.31, 0.39))
    assert title == "Settle what part of working time operations take"
    assert effects == [
        "the plan frame says 20 % (10–30 %), and the plan takes that off",
        "issues and incidents of the last half year tell 31 % (24–39 %)",
    ]
    assert told(monkeypatch, (0.15, 0.31, 0.39)) == [], "within the interval they agree"
    assert told(monkeypatch, None) == [], "the frame alone is enough"
    operations(0.0)
    assert told(monkeypatch, None) == [], "nothing said to be taken is something said"


def test_what_the_evidence_tells_is_read_by_those_who_may_see_it() -> None:
    enter()
    assert asks.measured(CTO) is None, "nothing is computed for it"
    answers.answer("delivery", CTO)
    assert asks.measured(CTO) is None, "no work item was collected"
    assert asks.measured(Reader("user:none", ())) is None
