"""Whoever confirms a plan sees on the decision's page what they confirm, from the answers that it rests on."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from small_company import INITIATIVES, enter

from quarterdeck.decisions import deciding
from quarterdeck.decisions.models import Proposal
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import ROLES, Reader, service
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import Change, write
from quarterdeck.office import words
from quarterdeck.office.plan import baseline, told
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.models import Answer, Run
from quarterdeck.runs.telling import Passage

pytestmark = pytest.mark.django_db
CTO = Reader("user:cto", (ROLES["cto"],))
MANAGER = Reader("user:gm", (ROLES["general-manager"],))


@pytest.fixture
def see() -> Callable[..., str]:
    """The text of a page, for somebody in a role."""

    def ask(role: str, address: str, language: str = "en") -> str:
        user, _made = User.objects.get_or_create(username=role)
        give_roles(user, [role])
        client = Client(headers={"accept-language": language})
        client.force_login(user)
        page = client.get(address).content.decode()
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())

    return ask


def proposed() -> tuple[Proposal, Any, Any]:
    plan, outlook = answers.answer("plan", CTO), answers.answer("outlook", CTO)
    return baseline.propose(CTO, plan, outlook, "EUR"), plan, outlook


def titles(passages: tuple[Passage, ...]) -> dict[str, Passage]:
    return {passage.title: passage for passage in passages}


def test_the_confirmer_sees_value_dates_chances_spend_and_losses(see: Callable[..., str]) -> None:
    enter()
    proposal, plan, outlook = proposed()
    page = see("general-manager", f"/decisions/{proposal.key}")
    value = outlook.result.net_present_value
    assert words.money(value.mean, "EUR").replace("\u00a0", " ") in page
    assert words.money_span(value.p10, value.p90, "EUR").replace("\u00a0", " ") in page
    names = Names(MANAGER)
    for start in plan.result.plan.starts:
        assert names.name("initiative", start.initiative) in page
    assert page.count("80 % date:") == len(plan.result.plan.starts)
    for goal in outlook.result.goals:
        assert names.name("key-result", goal.key_result) in page
    for title in ("Spend by year", "Losses against the appetite", "What does not fit", "Left out"):
        assert title in page
    assert page.index("Spend by year") < page.index("What it changes") < page.index("Confirm and carry out")
    chinese = see("general-manager", f"/decisions/{proposal.key}", "zh-hans")
    assert "各年支出" in chinese
    assert "Spend by year" not in chinese


def test_the_spend_of_the_years_is_the_spend_of_the_plan() -> None:
    enter()
    _proposal, plan, _outlook = proposed()
    passage = titles(told.plan(plan, MANAGER, frozenset()))["Spend by year"]
    spends = [use for use in plan.result.uses if use.resource.value in ("capital", "running")]
    years = sorted({use.quarter // 4 for use in spends})  # it starts in January
    for year, line in zip(years, passage.lines, strict=True):
        uses = [use for use in spends if use.quarter // 4 == year]
        for resource, effect in zip(("capital", "running"), line.effects, strict=True):
            sum_ = sum(use.used for use in uses if use.resource.value == resource)
            assert effect.startswith(f"{resource}: {words.money(sum_, 'EUR')} of ")


def test_what_differs_from_the_plan_approved_last_is_told() -> None:
    enter()
    first, plan, outlook = proposed()
    assert titles(told.plan(plan, MANAGER, frozenset()))["Against the plan approved last"].lines == ()
    User.objects.get_or_create(username="gm")
    deciding.confirm(MANAGER, first.key)
    chosen = [start.initiative for start in plan.result.plan.starts]
    gone = next(key for key in chosen if INITIATIVES[key])
    write(service("test"), [Change("initiative", gone, {"pin": "out"})], "test")
    _second, changed, ahead = proposed()
    passage = next(p for p in told.plan(changed, MANAGER, frozenset()) if p.title.startswith("Against the plan app"))
    out = {line.title for line in passage.lines if any("left out now" in effect for effect in line.effects)}
    assert Names(MANAGER).name("initiative", gone) in out
    before = words.money(outlook.result.net_present_value.mean, "EUR")
    assert any(before in effect for effect in told.outlook(ahead, MANAGER, frozenset())[0].lines[0].effects)
    assert baseline.preceding(plan.id) is None, "what was approved first took no plan's place"


def test_what_is_decided_on_stands_first() -> None:
    enter()
    _proposal, _plan, outlook = proposed()
    last = max(answers.inputs_of(outlook).plan.starts, key=lambda start: start.quarter).initiative
    passage = told.outlook(outlook, MANAGER, frozenset({f"kind:initiative/{last}"}))[1]
    assert passage.lines[0].title == Names(MANAGER).name("initiative", last)
    assert "this decision changes it" in passage.lines[0].effects


def test_funding_rests_on_the_newest_plan_where_no_answer_is_named(see: Callable[..., str]) -> None:
    enter()
    plan, outlook = answers.answer("plan", CTO), answers.answer("outlook", CTO)
    key = Access(CTO).select("initiative").where(state="proposed").rows(1)[0].key
    user, _made = User.objects.get_or_create(username="cto")
    give_roles(user, ["cto"])
    client = Client()
    client.force_login(user)
    page = client.get(f"/decisions/fund/{key}")
    assert page.context["form"].resting() == [plan.id, outlook.id]
    client.post(f"/decisions/fund/{key}", {"reason": "", "answer": f"{plan.id},{outlook.id}"})
    proposal = Proposal.objects.get()
    assert proposal.rests == (plan.id, outlook.id)
    assert "Expected value" in see("general-manager", f"/decisions/{proposal.key}")


def test_an_answer_that_its_reader_may_not_see_is_not_told(see: Callable[..., str]) -> None:
    enter()
    proposal, _plan, outlook = proposed()
    value = words.money(outlook.result.net_present_value.mean, "EUR").replace("\u00a0", " ")
    page = see("hr", f"/decisions/{proposal.key}")  # is consulted, and may not see plans
    assert page.count("An answer that you may not see.") == 2
    assert value not in page
    assert value in see("finance", f"/decisions/{proposal.key}")


def test_an_answer_of_an_earlier_version_does_not_break_the_page(see: Callable[..., str]) -> None:
    enter()
    proposal, plan, _outlook = proposed()
    Run.objects.filter(pk=Answer.objects.get(pk=plan.id).run_id).update(result="{}")
    with translation.override("en"):
        assert "can no longer be told here" in see("general-manager", f"/decisions/{proposal.key}")
