"""What real records look like that nobody tidied: reached key results, skills that nobody has, people who vanished."""

import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from quarterdeck.engines.programme import Estimate, Initiative, Plan, Programme, Start
from quarterdeck.estate import sources
from quarterdeck.evidence import readers
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Reader, company, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake import collect, suggestions
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.office.plan import changes, ground
from quarterdeck.office.plan.analyses import within
from quarterdeck.office.plan.ground import Ground
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "office"))
from small_company import enter

TODAY = date(2026, 11, 20)
OPERATOR = service("test")


@pytest.fixture
def gathered(db: None) -> Any:
    """A small company, and what a plan is made over after some changes of it."""
    enter()

    def gather(*some: Change) -> Ground:
        if some:
            write(OPERATOR, some, "test")
        return ground.gather(Gathering(company, TODAY, {}, SimpleNamespace()))  # type: ignore[arg-type]

    return gather


def of(programme: Programme, key: str) -> Initiative:
    """One initiative of a programme."""
    return next(i for i in programme.initiatives if i.key == key)


@pytest.mark.parametrize("today", [99.9, 99.95])  # at the target, and beyond it
def test_a_key_result_that_is_reached_is_no_aim_any_more(gathered: Any, today: float):
    before = gathered().programme
    after = gathered(Change("key-result", "uptime", {"today": today})).programme
    assert "uptime" in {result.key for result in before.key_results}
    assert "uptime" not in {result.key for result in after.key_results}
    assert of(before, "checkout").contributions
    assert of(after, "checkout").contributions == ()


def test_a_treatment_of_a_retired_scenario_is_left_out(gathered: Any):
    after = gathered(Change("scenario", "outage", {"retired": TODAY})).programme
    assert "outage" not in {scenario.key for scenario in after.scenarios}
    assert of(after, "checkout").controls == ()


def test_a_skill_that_nobody_works_in_is_there_without_supply(gathered: Any):
    needs = {"initiative": "checkout", "skill": "cobol", "months_low": 1, "months_likely": 2, "months_high": 3}
    after = gathered(Change("skill", "cobol", {"name_en": "COBOL"}), Change("effort", "", needs)).programme
    cobol = next(skill for skill in after.skills if skill.key == "cobol")
    assert set(cobol.supply) == {0.0}


def test_whoever_the_roster_ceased_to_name_works_no_longer(gathered: Any):
    before = gathered()
    after = gathered(Change("person", "ada", {"retired": TODAY}))
    backend = [next(s for s in g.programme.skills if s.key == "backend") for g in (before, after)]
    assert backend[1].supply[0] == pytest.approx(backend[0].supply[0] * 3 / 4)


def test_the_plan_over_odd_records_is_made_all_the_same(gathered: Any):
    needs = {"initiative": "checkout", "skill": "cobol", "months_low": 1, "months_likely": 2, "months_high": 3}
    gathered(
        Change("skill", "cobol", {"name_en": "COBOL"}),
        Change("effort", "", needs),
        Change("key-result", "uptime", {"today": 99.9}),
        Change("scenario", "outage", {"retired": TODAY}),
    )
    outlook = answers.answer("outlook", company, {"frontier": "no"}, today=TODAY)
    assert "checkout" not in {finish.initiative for finish in outlook.result.finishes}  # nobody can do it
    assert {goal.key_result for goal in outlook.result.goals} == {"recovery", "fraud-loss", "lead-time"}


def test_a_delay_moves_a_plan_that_is_kept():
    one = Estimate(1, 2, 3)
    programme = Programme(date(2027, 1, 1), 8, (Initiative("late", one), Initiative("runs", one, started=-1)))
    plan = Plan((Start("late", 1), Start("runs", -1)))
    delayed = changes.apply(Ground(programme, (), 0.0, (), (), ()), changes.read("delay:late:4")).programme
    assert within(plan, programme) == plan
    assert within(plan, delayed).starts == (Start("late", 4), Start("runs", -1))


CATALOGUE = """
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: shop, namespace: acme, title: The shop}}
spec: {{type: team}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: till, namespace: acme, annotations: {{github.com/project-slug: acme/till}}}}
spec: {{type: service, lifecycle: production, owner: 'group:acme/shop', dependsOn: ['component:acme/ledger']}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: till-worker, namespace: acme, annotations: {{github.com/project-slug: acme/till}}}}
spec: {{type: service, lifecycle: production, owner: 'group:acme/books'}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: ledger, namespace: acme}}
spec: {{type: service, lifecycle: production, owner: 'group:acme/nobody'}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: ledger, namespace: {other}}}
spec: {{type: service, lifecycle: production, owner: 'group:acme/shop'}}
"""


@pytest.fixture
def told(db: None, tmp_path: Path) -> Any:
    """Collects files of a catalogue or a roster, and accepts what they suggest."""

    def tell(reader: str, name: str, text: str) -> EvidenceSource:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        found = collect.collect(readers.by_name(reader), path, by="test")
        source = EvidenceSource.objects.get(reader=reader, name=found.source)
        sources.suggest(source)
        return source

    return tell


def accept(source: EvidenceSource) -> None:
    """Take over all that a source suggests."""
    suggestions.accept(OPERATOR, suggestions.open_suggestions(source.name), "test")


def rows(kind: str) -> dict[str, Any]:
    """Records of a kind by key."""
    return {row.key: row for row in Access(reader()).select(kind).rows()}


def reader() -> Reader:
    """Whoever sees everything."""
    return OPERATOR.reader


def test_a_catalogue_s_namespace_is_no_part_of_a_key_but_where_two_share_a_name(told: Any):
    accept(told("catalogue", "catalog-info.yaml", CATALOGUE.format(other="default")))
    assert set(rows("system")) == {"till", "till-worker", "ledger", "acme/ledger"}
    assert set(rows("team")) == {"shop"}
    assert rows("system")["till"]["owner"] == "shop"
    assert set(rows("dependency")) == {"till/acme/ledger"}


def test_of_several_systems_in_one_repository_the_one_called_like_it_has_it(told: Any):
    accept(told("catalogue", "catalog-info.yaml", CATALOGUE.format(other="else")))
    assert {key: row["system"] for key, row in rows("repository").items()} == {"till": "till"}
    assert {"acme/ledger", "else/ledger"} < set(rows("system"))


def test_a_team_that_only_the_roster_knows_becomes_the_owner_once_it_is_there(told: Any):
    catalogue = told("catalogue", "catalog-info.yaml", CATALOGUE.format(other="default"))
    accept(catalogue)
    assert rows("system")["till-worker"]["owner"] is None
    roster = told("roster", "roster.csv", "key,team,department\nstaff-1,books,Finance\nstaff-2,shop,Sales\n")
    accept(roster)
    assert rows("team")["shop"]["name_en"] == "The shop"  # a roster without titles puts no key in a name's place
    sources.suggest(roster)  # what the roster has brought completes the catalogue
    accept(catalogue)
    assert rows("system")["till-worker"]["owner"] == "books"
    assert rows("system")["acme/ledger"]["owner"] is None


def test_who_may_not_see_people_is_not_told_who_left(gathered: Any):
    from quarterdeck.kinds.roles import ROLES
    from quarterdeck.office.plan import baseline, drift

    plan, outlook = (answers.answer(name, company, {"frontier": "no"}, today=TODAY) for name in ("plan", "outlook"))
    gathered(Change("person", "ada", {"end_date": date(2027, 3, 31)}))
    base = baseline.Baseline("plan", plan, outlook)
    seen = {role: drift.seen_leavers(base, Reader("user:test", (ROLES[role],))) for role in ("cto", "finance")}
    assert seen == {"cto": ("ada",), "finance": ()}
