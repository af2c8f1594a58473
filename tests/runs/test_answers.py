"""Answers and runs: found again while nothing moved, one moment behind each, pinned ones kept, code part of the key."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.utils import timezone

from quarterdeck.kinds.roles import ROLES, Denied, Reader, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.runs import analysis, answers, closure
from quarterdeck.runs.analysis import Analysis, Audience, Figure, Gathering
from quarterdeck.runs.models import Answer, Published, Run

pytestmark = pytest.mark.django_db
OPERATOR = service("tests")
ENGINEER = Reader("user:e", (ROLES["engineer"],), "p-e")
CHIEF = Reader("user:c", (ROLES["cto"],))


@dataclass(frozen=True)
class Inputs:
    """What is counted."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """How many."""

    count: int


class Counting:
    """An analysis of a test's own: it counts people, and notes how often its engine was asked."""

    def __init__(self) -> None:
        self.computed = 0
        self.meanwhile: list[Change] = []

    def gather(self, gathering: Gathering) -> Inputs:
        found = gathering.rows("person")
        if self.meanwhile:
            write(OPERATOR, [self.meanwhile.pop()], "meanwhile")
        return Inputs(tuple(row.key for row in found))

    def compute(self, inputs: Inputs, progress: object = None) -> Result:
        self.computed += 1
        return Result(len(inputs.names))


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    made = Counting()
    module = ModuleType("quarterdeck.engines.test_counting")
    module.Inputs, module.Result, module.VERSION, module.compute = Inputs, Result, "1", made.compute  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(closure, "digest", lambda engine: f"digest of {engine}")
    common: dict[str, Any] = {"engine": "test_counting", "verb": "compute", "gather": made.gather, "kinds": ("person",)}
    figures = lambda result: (Figure("test.count", float(result.count), "people"),)  # noqa: E731
    for name, audience in (("test", Audience.READER), ("test-company", Audience.COMPANY)):
        declared = Analysis(name, "Test", "How many?", audience=audience, figures=figures, **common)
        monkeypatch.setitem(analysis.ANALYSES, name, declared)
    write(OPERATOR, [Change("person", "p-e", {}), Change("person", "p-x", {"end_date": "2020-01-01"})], "x")
    return made


def test_an_answer_is_computed_once_while_nothing_moves(counting: Counting) -> None:
    first = answers.answer("test", CHIEF)
    again = answers.answer("test", CHIEF)
    assert (first.result, first.fresh, again.fresh, again.id) == (Result(2), True, False, first.id)
    assert counting.computed == 1
    assert [(r.what, r.count) for r in first.rested] == [("kind:person", 2)]
    assert answers.recall(first.id).result == Result(2)
    assert answers.inputs_of(first) == Inputs(("p-e", "p-x"))


def test_a_change_that_does_not_matter_makes_a_new_answer_on_the_old_run(counting: Counting) -> None:
    first = answers.answer("test", CHIEF)
    write(OPERATOR, [Change("person", "p-e", {"level": "L2"})], "x")
    second = answers.answer("test", CHIEF)
    assert (second.fresh, second.run, counting.computed) == (True, first.run, 1)
    assert second.id != first.id
    write(OPERATOR, [Change("person", "p-new", {})], "x")
    assert answers.answer("test", CHIEF).result == Result(3)
    write(OPERATOR, [Change("team", "t", {"name_en": "T"})], "another kind")
    assert not answers.answer("test", CHIEF).fresh


def test_each_reader_gets_what_they_may_see_and_the_company_gets_one(counting: Counting) -> None:
    assert answers.answer("test", CHIEF).result == Result(2)
    assert answers.answer("test", ENGINEER).result == Result(1)
    assert answers.answer("test", Reader("user:f", (ROLES["engineer"],), "p-x")).result == Result(2)
    assert answers.answer("test-company", CHIEF).id == answers.answer("test-company", ENGINEER).id
    with pytest.raises(Denied):
        answers.answer("test", Reader("user:n", (ROLES["administrator"],)))


def test_an_answer_does_not_outlive_its_day_nor_the_program(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 11, 20)
    answers.answer("test", CHIEF, today=day)
    assert answers.cached("test", CHIEF, today=day) is not None
    assert answers.cached("test", CHIEF, today=day + timedelta(days=1)) is None
    monkeypatch.setattr(closure, "program", lambda: "another version")
    assert answers.cached("test", CHIEF, today=day) is None


def test_inputs_are_of_one_moment(counting: Counting) -> None:
    """What is written while inputs are gathered is gathered again, so that no answer mixes two moments."""
    counting.meanwhile = [Change("person", "p-late", {})]
    found = answers.answer("test", CHIEF)
    assert found.result == Result(3)
    assert answers.answer("test", CHIEF).id == found.id


def test_figures_are_read_by_name_with_the_same_rights(counting: Counting) -> None:
    answers.answer("test", CHIEF)
    found = answers.figure("test.count", CHIEF)
    assert found is not None
    assert (found.value, found.unit) == (2.0, "people")
    assert answers.figure("test.count", ENGINEER) is None
    answers.answer("test-company", CHIEF)
    assert answers.figure("test.count", ENGINEER) is not None
    assert answers.figure("nothing", CHIEF) is None


def test_the_pinned_and_the_newest_are_kept(counting: Counting) -> None:
    ids = []
    for number in range(4):
        write(OPERATOR, [Change("person", f"p-{number}", {})], "x")
        ids.append(answers.answer("test", CHIEF).id)
    answers.pin(ids[1])
    assert answers.evict(timezone.now() - timedelta(days=1)) == 0
    assert answers.evict(timezone.now()) == 2
    assert set(Answer.objects.values_list("id", flat=True)) == {ids[1], ids[3]}
    assert Run.objects.count() == Published.objects.count() == 2
    assert answers.recall(ids[1]).result == Result(4)


def test_the_closure_of_an_engine_is_its_sources_and_libraries() -> None:
    assert closure.digest("loss") == closure.digest("loss")
    assert closure.digest("loss") != closure.digest("delivery")
    assert len(closure.program()) == 64
    with pytest.raises(ModuleNotFoundError):
        closure.digest("no_such_engine")


def _token(role: str, rights: str) -> Reader:
    return Reader(f"token:{role}/x", (ROLES[role],), rights=rights)


@pytest.mark.parametrize("name", ["test", "test-company"])
@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_token_that_reads_is_answered_what_its_owner_is(role: str, name: str, counting: Counting) -> None:
    """Asking computes where nobody asked before, and is no writing; a token that imports is answered nothing."""
    try:
        answered = answers.answer(name, _token(role, "read"))
    except Denied:
        with pytest.raises(Denied):
            answers.answer(name, Reader(f"user:{role}", (ROLES[role],)))
    else:
        assert answered.fresh
        assert answers.answer(name, Reader(f"user:{role}", (ROLES[role],))).id == answered.id
    with pytest.raises(Denied):
        answers.answer(name, _token(role, "import"))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_token_that_reads_keeps_the_rights_to_see_and_no_other(role: str) -> None:
    rights = frozenset().union(*(one.may for one in ROLES.values()))
    for right in rights:
        kept = right in ROLES[role].may
        assert _token(role, "write").may(right) == kept
        assert _token(role, "read").may(right) == (kept and right in {"plan", "history"})
        assert not _token(role, "import").may(right)
