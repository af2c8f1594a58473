"""Who may propose what, what is kept of it, who is asked and until when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from quarterdeck.decisions import deciding, differences, ledger, proposing
from quarterdeck.decisions.models import Proposal, State
from quarterdeck.decisions.policy import POLICIES, Policy, register
from quarterdeck.decisions.sorts import FUNDED, PLAN
from quarterdeck.estate.calendars import WorkingDays
from quarterdeck.estate.models import Initiative
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Commit, User
from quarterdeck.kinds.roles import ROLES, Denied, service
from quarterdeck.kinds.text import Text
from quarterdeck.kinds.users import make_token, reader_of_token
from quarterdeck.kinds.write import Change, Refused, write
from quarterdeck.runs.analysis import ANALYSES, Analysis, Audience
from quarterdeck.runs.models import Answer, Run

pytestmark = pytest.mark.django_db
FUND = [Change("initiative", "I-1", {"state": "funded"})]


@pytest.fixture
def answer(monkeypatch):
    """Answers of a whole-company analysis and of one that was computed for one reader only."""

    def analysis(name, audience):
        title = f"Title of {name}"
        return Analysis(
            name=name,
            title=title,
            question="?",
            engine="none",
            verb="none",
            gather=lambda g: 0,
            audience=audience,
            needs="plan",
        )

    for name, audience in (("plan-test", Audience.COMPANY), ("mine-test", Audience.READER)):
        monkeypatch.setitem(ANALYSES, name, analysis(name, audience))

    def make(name="plan-test", audience="company"):
        run = Run.objects.create(
            digest=f"{name}{audience}"[:64],
            engine="none",
            version="1",
            inputs="0",
            result="0",
            at=timezone.now(),
            seconds=0,
        )
        return Answer.objects.create(
            analysis=name,
            parameters="{}",
            audience=audience,
            watermark="0",
            run=run,
            provenance="[]",
            at=timezone.now(),
        )

    return make


class TestPolicy:
    def test_names_roles_there_are(self):
        for policy in POLICIES.values():
            named = policy.proposers | policy.consulted | policy.told | frozenset().union(*policy.confirmers)
            assert named <= ROLES.keys(), policy.sort

    def test_agrees_with_the_rights_in_the_table_of_roles(self):
        for sort in (FUNDED, PLAN):
            assert all(ROLES[name].may & {"propose", "*"} for name in POLICIES[sort].proposers)
            assert all(ROLES[name].may & {"decide", "*"} for stage in POLICIES[sort].confirmers for name in stage)

    def test_two_for_one_sort_are_a_fault(self):
        with pytest.raises(ValueError, match="two policies"):
            register(POLICIES[FUNDED])

    @pytest.mark.parametrize("confirmers", [(), (frozenset(),)])
    def test_nobody_confirming_is_a_fault(self, confirmers):
        with pytest.raises(ValueError, match="nobody confirms"):
            register(Policy("x", "X", frozenset({"cto"}), confirmers))

    def test_carrier_writes_what_the_policy_says_and_no_more(self):
        carrier = POLICIES[FUNDED].carrier(frozenset())
        assert carrier.writes("initiative")
        assert not carrier.writes("person")
        assert not carrier.clears("pay")


class TestWhoMayPropose:
    @pytest.mark.parametrize("who", ["cto", "head", "direct"])
    def test_these(self, cast, who):
        assert proposing.fund(getattr(cast, who), "I-1").state == State.PROPOSED

    @pytest.mark.parametrize("who", ["manager", "finance", "engineer", "auditor"])
    def test_not_these(self, cast, who):
        with pytest.raises(Denied):
            proposing.fund(getattr(cast, who), "I-1")
        assert not Proposal.objects.exists()

    def test_not_somebody_without_a_role(self, cast, make_user):
        with pytest.raises(Denied):
            proposing.fund(make_user("nina"), "I-1")

    def test_only_the_cto_proposes_the_plan(self, cast):
        with pytest.raises(Denied):
            proposing.propose(cast.direct, PLAN, "Plan", FUND)

    def test_not_a_service(self, records):
        with pytest.raises(Denied):
            proposing.propose(service("rules").reader, FUNDED, "Fund", FUND)

    @pytest.mark.parametrize("rights", ["read", "import"])
    def test_not_a_token_that_may_not_write(self, cast, rights):
        with pytest.raises(Denied):
            proposing.propose(replace(cast.cto, name="token:chen/t", rights=rights), FUNDED, "Fund", FUND)

    def test_a_token_that_writes_stands_for_its_user(self, cast):
        _user, reader = reader_of_token(make_token(User.objects.get(username="chen"), "desk/top", "write"))
        proposal = proposing.fund(reader, "I-1")
        assert (proposal.proposer, proposal.proposer_person) == ("chen", "p-cto")
        assert proposal.turns.get(after="proposed").by == "token:chen/desk/top"

    def test_with_no_more_than_their_own_rights(self, cast, policies):
        """Whoever may propose a sort still cannot propose a change they could not make themselves."""
        with pytest.raises(Denied):
            proposing.propose(cast.direct, "two-stages", "x", [Change("person", "p-eng", {"team": None})])


class TestWhatIsRefused:
    def test_troubles_of_the_change(self, cast):
        with pytest.raises(Refused) as refused:
            proposing.propose(cast.cto, FUNDED, "Fund", [Change("initiative", "I-1", {"state": "splendid"})])
        assert [(t.key, t.field) for t in refused.value.troubles] == [("I-1", "state")]

    def test_nothing_different(self, cast):
        with pytest.raises(Refused, match="change nothing"):
            proposing.propose(cast.cto, FUNDED, "Fund", [Change("initiative", "I-1", {"state": "proposed"})])

    def test_what_the_policy_does_not_cover(self, cast):
        with pytest.raises(Refused) as refused:
            proposing.propose(
                cast.cto, FUNDED, "Fund", [Change("initiative", "I-1", {"state": "funded", "owner": "p-eng"})]
            )
        assert [t.field for t in refused.value.troubles] == ["owner"]

    def test_making_a_record_where_only_a_field_is_covered(self, cast):
        with pytest.raises(Refused, match="does not change this"):
            proposing.propose(
                cast.cto, FUNDED, "Fund", [Change("initiative", "I-9", {"name_en": "Nine", "state": "funded"})]
            )

    def test_deleting_what_others_use(self, cast, policies):
        write(
            service("t"),
            [Change("team", "core", {"name_en": "Core"}), Change("person", "p-eng", {"team": "core"})],
            "t",
        )
        with pytest.raises(Refused, match="is used by person:p-eng"):
            proposing.propose(cast.cto, "two-stages", "Close", [Change("team", "core", None)])

    def test_personal_values_of_nobody_yet(self, cast, policies):
        with pytest.raises(Refused, match="personal values"):
            proposing.propose(cast.cto, "pay", "Hire", [Change("person", "p-new", {"name": "New Person"})])

    @pytest.mark.parametrize("title", ["", "  ", "x" * 301, "bell\x07"])
    def test_a_bad_title(self, cast, title):
        with pytest.raises(Refused):
            proposing.propose(cast.cto, FUNDED, title, FUND)

    @pytest.mark.parametrize("state", ["funded", "running", "done"])
    def test_funding_what_is_further_already(self, cast, edit, state):
        edit("initiative", "I-1", state=state, started="2026-01-05")
        with pytest.raises(Refused, match="already"):
            proposing.fund(cast.cto, "I-1")

    def test_an_initiative_that_is_not_there(self, cast):
        with pytest.raises(NotFound):
            proposing.fund(cast.cto, "I-77")

    def test_a_sort_without_policy(self, cast):
        with pytest.raises(KeyError):
            proposing.propose(cast.cto, "no-such", "x", FUND)


class TestWhatIsKept:
    def test_the_change_with_what_was_seen(self, cast):
        proposal = proposing.fund(cast.head, "I-1", "It pays back.")
        (entry,) = differences.entries(proposal.changes)
        assert entry.values == {"state": "funded"}
        assert entry.seen["state"] == "proposed"
        assert entry.seen["owner"] == "p-head"
        assert set(entry.seen) == set(KINDS["initiative"].attributes)
        assert entry.record == Initiative.objects.get(key="I-1").pk
        assert (proposal.key, proposal.reason) == (f"D-{proposal.pk}", "It pays back.")

    def test_nothing_is_written_yet(self, cast):
        before = Commit.objects.count()
        proposing.fund(cast.head, "I-1")
        assert Commit.objects.count() == before
        assert Initiative.objects.get(key="I-1").state == "proposed"

    def test_title_in_both_languages(self, cast):
        assert proposing.fund(cast.head, "I-1").title == Text("Fund “Second region”", "为“第二机房”立项")

    def test_a_single_title_goes_to_the_language_it_is_in(self, cast):
        assert proposing.propose(cast.cto, FUNDED, "为账本立项", FUND).title == Text("", "为账本立项")

    def test_a_salary_is_sealed(self, cast, policies, edit):
        edit("person", "p-eng", salary="310000.50", salary_currency="CNY")
        proposal = proposing.propose(cast.cto, "pay", "Raise", [Change("person", "p-eng", {"salary": "345000"})])
        assert "345000" not in proposal.changes
        assert "310000" not in proposal.changes
        assert "En Gine" not in proposal.changes
        (entry,) = differences.entries(proposal.changes)
        assert str(differences.opened(entry, entry.values)["salary"]) == "345000"

    def test_answers_are_pinned(self, cast, answer):
        first, second = answer(), answer("mine-test", cast.cto.audience)
        other = answer("mine-test", cast.engineer.audience)
        proposal = proposing.propose(cast.cto, FUNDED, "Fund", FUND, [first.pk, second.pk, first.pk])
        assert proposal.rests == (first.pk, second.pk)
        assert {a.pk for a in Answer.objects.filter(run__pinned=True)} == {first.pk, second.pk}
        assert not Run.objects.get(answers=other.pk).pinned

    def test_an_answer_for_other_eyes_is_refused(self, cast, answer):
        other = answer("mine-test", cast.engineer.audience)
        with pytest.raises(Refused, match="no answer"):
            proposing.propose(cast.cto, FUNDED, "Fund", FUND, [other.pk])
        with pytest.raises(Refused, match="no answer"):
            proposing.propose(cast.cto, FUNDED, "Fund", FUND, [10_000])

    def test_an_answer_whose_analysis_needs_a_right_is_refused(self, cast, answer, policies):
        POLICIES["pay"] = replace(POLICIES["pay"], proposers=frozenset({"administrator"}), bare=True)
        with pytest.raises(Refused, match="no answer"):
            proposing.propose(cast.administrator, "pay", "x", [], [answer().pk])

    def test_the_plan_may_change_nothing_but_must_rest_on_an_answer(self, cast, answer):
        assert proposing.propose(cast.cto, PLAN, "Plan", [], [answer().pk]).state == State.PROPOSED
        with pytest.raises(Refused):
            proposing.propose(cast.cto, PLAN, "Plan", [])

    def test_the_same_twice_is_one(self, cast):
        first = proposing.fund(cast.head, "I-1", "once")
        assert proposing.fund(cast.head, "I-1", "twice") == first
        assert proposing.fund(cast.head, "I-2") != first
        assert proposing.fund(cast.direct, "I-1") != first
        assert first.turns.count() == 1

    def test_the_same_again_after_it_was_withdrawn_is_another(self, cast):
        first = proposing.fund(cast.head, "I-1")
        deciding.withdraw(cast.head, first.key)
        assert proposing.fund(cast.head, "I-1") != first

    def test_the_same_on_other_ground_is_another(self, cast, edit):
        first = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", description="another scope")
        assert proposing.fund(cast.head, "I-1") != first


class TestWhoIsAsked:
    def test_as_the_policy_says(self, cast):
        steps = proposing.fund(cast.head, "I-1").steps.all()
        assert {(s.part, s.stage, s.role) for s in steps} == {
            ("consulted", 0, "finance"),
            ("confirmer", 1, "cto"),
            ("confirmer", 1, "general-manager"),
        }

    def test_a_stage_of_the_proposers_own_role_is_spared_but_the_last(self, cast, policies):
        change = [Change("initiative", "I-1", {"state": "dropped"})]
        stages = lambda who: {(s.stage, s.role) for s in proposing.propose(who, "two-stages", "x", change).steps.all()}  # noqa: E731
        assert stages(cast.direct) == {(1, "cto"), (2, "cto"), (2, "general-manager")}
        assert stages(cast.cto) == {(1, "cto"), (1, "general-manager")}


class TestDeadline:
    @pytest.fixture
    def holidays(self, records):
        days = [date(2026, 10, 1) + timedelta(days=n) for n in range(7)]
        off = [Change("holiday", "", {"calendar": "cn", "day": day, "name": "国庆"}) for day in days]
        write(
            service("t"),
            [*off, Change("holiday", "", {"calendar": "cn", "day": date(2026, 10, 10), "worked": True})],
            "t",
        )

    def test_counts_working_days_of_the_proposers_calendar(self, cast, holidays, monkeypatch):
        """Wednesday 30 September 2026: 1–7 October off, Saturday 10 October worked → 8, 9, 10, 12, 13 October."""
        monkeypatch.setattr(proposing.timezone, "localdate", lambda: date(2026, 9, 30))
        assert proposing.fund(cast.head, "I-1").deadline == date(2026, 10, 13)

    def test_the_only_calendar_serves_those_without_one(self, cast, holidays, monkeypatch):
        monkeypatch.setattr(proposing.timezone, "localdate", lambda: date(2026, 9, 30))
        assert proposing.fund(cast.direct, "I-1").deadline == date(2026, 10, 13)

    def test_weekends_only_where_two_calendars_could_be_meant(self, cast, holidays, monkeypatch):
        write(service("t"), [Change("calendar", "de", {"name_en": "Germany"})], "t")
        monkeypatch.setattr(proposing.timezone, "localdate", lambda: date(2026, 9, 30))
        assert (
            proposing.fund(cast.direct, "I-1").deadline
            == WorkingDays().after(date(2026, 9, 30), 5)
            == date(2026, 10, 7)
        )

    def test_late_after_it(self, cast):
        proposal = proposing.fund(cast.head, "I-1")
        assert not proposal.late(proposal.deadline)
        assert proposal.late(proposal.deadline + timedelta(days=1))
        (waiting,) = ledger.inbox(cast.cto, proposal.deadline + timedelta(days=1))
        assert waiting.late
