"""The pages of decisions in both languages: sentences, tables, buttons for whom they are, nothing inline or hidden."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from quarterdeck.decisions import deciding, proposing
from quarterdeck.decisions.models import Comment, Proposal, State, Step
from quarterdeck.decisions.sorts import PLAN
from quarterdeck.decisions.views import badge
from quarterdeck.estate.models import Initiative
from quarterdeck.kinds.models import User
from quarterdeck.kinds.write import Change
from quarterdeck.runs.analysis import ANALYSES, Analysis, Audience
from quarterdeck.runs.models import Answer, Run

pytestmark = [pytest.mark.django_db, pytest.mark.urls("decision_addresses")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def see(cast):
    """Opens or posts as a user, in a language; gives the response, redirects followed."""

    def ask(user: str, path: str, data: dict[str, str] | None = None, language: str = "en"):
        client = Client(headers={"accept-language": language})
        client.force_login(User.objects.get(username=user))
        return client.get(path) if data is None else client.post(path, data, follow=True)

    return ask


def text(response) -> str:
    """The page's own text, without tags."""
    whole = response.content.decode()
    main = whole[whole.index("<main") : whole.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def buttons(response) -> set[str]:
    """What the page's buttons do."""
    return set(re.findall(r'formaction="/decisions/D-\d+/([a-z]+)"', response.content.decode()))


class TestList:
    def test_a_sentence_first(self, cast, see):
        proposing.fund(cast.head, "I-1")
        assert "1 decision waits for you." in text(see("gao", "/decisions"))
        assert "1 项决策待您办理。" in text(see("gao", "/decisions", language="zh-hans"))
        assert "Nothing waits for your decision." in text(see("eve", "/decisions"))
        assert "暂无待您决定的事项。" in text(see("eve", "/decisions", language="zh-hans"))

    def test_a_late_one_says_so(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        Proposal.objects.filter(pk=proposal.pk).update(deadline="2020-01-01")
        page = text(see("gao", "/decisions"))
        assert "1 decision waits for you; 1 is past its day." in page
        assert "past its day" in page
        assert "to confirm" in page

    def test_what_stands_where(self, cast, see):
        waiting, mine = proposing.fund(cast.head, "I-1"), proposing.fund(cast.cto, "I-2")
        page = text(see("chen", "/decisions"))
        order = [
            page.index(word)
            for word in ("Waits for you", waiting.key, "Proposed by you", mine.key, "Nothing has been decided yet")
        ]
        assert order == sorted(order)
        deciding.decline(cast.manager, mine.key, "no")
        page = text(see("chen", "/decisions"))
        assert page.index("Decided") < page.index(mine.key)
        assert "Proposed by you" not in page

    def test_nothing_for_those_who_may_not_see(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1", "A secret reason.")
        for user in ("eve", "adam"):
            assert proposal.key not in see(user, "/decisions").content.decode()
            assert see(user, f"/decisions/{proposal.key}").status_code == 404

    def test_the_badge(self, cast, rf):
        proposing.fund(cast.head, "I-1")
        request = rf.get("/")
        request.user = User.objects.get(username="gao")
        assert badge(request) == 1
        request.user = User.objects.get(username="ada")
        assert badge(request) is None

    def test_only_for_those_signed_in(self, cast):
        assert Client().get("/decisions").status_code == 302


class TestDetail:
    def test_says_where_it_stands_and_what_it_changes(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1", "It pays back.")
        page = text(see("gao", f"/decisions/{proposal.key}"))
        assert re.search(
            r"Fund “Second region”: it waits until .* for Chief Technology Officer or General manager\.", page
        )
        for words in ("It pays back.", "He Ada", "Initiative Second region · I-1", "State proposed funded", "Finance"):
            assert words in page, words

    def test_in_chinese(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        page = text(see("gao", f"/decisions/{proposal.key}", language="zh-hans"))
        for words in ("为“第二机房”立项", "第二机房 · I-1", "变更内容", "决策依据", "征询", "提议人：He Ada"):
            assert words in page, words
        shown = see("gao", f"/decisions/{proposal.key}", language="zh-hans").content.decode()
        for words in ("确认并执行", "驳回", "另行征询"):
            assert words in shown, words

    @pytest.mark.parametrize(
        ("user", "expected"),
        [
            ("gao", {"confirm", "decline", "comment"}),
            ("chen", {"confirm", "decline", "comment"}),
            ("fei", {"agree", "object", "comment"}),
            ("ada", {"withdraw", "comment"}),
            ("audrey", {"comment"}),
        ],
    )
    def test_buttons_are_for_whom_they_are(self, cast, see, user, expected):
        proposal = proposing.fund(cast.head, "I-1")
        shown = see(user, f"/decisions/{proposal.key}")
        assert buttons(shown) == expected
        assert ("Ask somebody else" in text(shown)) == (user in ("gao", "chen", "ada"))

    def test_no_buttons_but_comment_once_it_is_decided(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        deciding.confirm(cast.manager, proposal.key, "Good.")
        for user in ("gao", "chen", "fei", "ada"):
            assert buttons(see(user, f"/decisions/{proposal.key}")) == {"comment"}
        page = text(see("ada", f"/decisions/{proposal.key}"))
        assert "was confirmed and carried out on" in page
        assert "Good." in page

    def test_what_moved_is_shown_before_and_after_confirming(self, cast, see, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", owner="p-eng")
        for _ in range(2):
            page = text(see("gao", f"/decisions/{proposal.key}"))
            assert "What moved underneath" in page
            assert re.search(r"Second region · I-1 Owner He Ada · p-head En Gine · p-eng", page)
            deciding.confirm(cast.manager, proposal.key)
        assert "was overtaken on" in page
        assert "失效" in text(see("gao", f"/decisions/{proposal.key}", language="zh-hans"))

    def test_what_it_rests_on_for_those_who_may_see_it(self, cast, see, monkeypatch):
        analysis = Analysis(
            name="rest-test", title="The plan", question="?", engine="none", verb="none", gather=lambda g: 0,
            audience=Audience.COMPANY, needs="plan",
        )  # fmt: skip
        monkeypatch.setitem(ANALYSES, "rest-test", analysis)
        run = Run.objects.create(
            digest="c0ffee" * 10, engine="none", version="1", inputs="0", result="0", at=timezone.now(), seconds=0
        )
        kept = Answer.objects.create(
            analysis="rest-test",
            parameters="{}",
            audience="company",
            watermark="0",
            run=run,
            provenance="[]",
            at=timezone.now(),
        )
        proposal = proposing.propose(cast.cto, PLAN, "Plan", [], [kept.pk])
        shown = text(see("gao", f"/decisions/{proposal.key}"))
        assert "The plan" in shown
        assert "c0ffeec0ffee" in shown
        User.objects.get(username="dora").groups.clear()
        deciding.consult(cast.cto, proposal.key, person="p-eng")  # an engineer may not see plans
        hidden = text(see("eve", f"/decisions/{proposal.key}"))
        assert "An answer that you may not see." in hidden
        assert "c0ffee" not in hidden

    def test_private_fields_are_left_out_and_it_is_said(self, cast, policies, see, edit):
        edit("person", "p-eng", salary="300000")
        change = Change("person", "p-eng", {"salary": "330000", "level": "P7"})
        proposal = proposing.propose(cast.cto, "pay", "Raise", [change])
        deciding.consult(cast.cto, proposal.key, person="p-eng")  # engineers read people, but not what they earn
        cleared = text(see("gao", f"/decisions/{proposal.key}"))
        assert "330,000" in cleared
        assert "further fields" not in cleared
        shown = see("eve", f"/decisions/{proposal.key}")
        assert "Person En Gine · p-eng" in text(shown)
        assert "P7" in text(shown)
        assert "It changes further fields that you may not see." in text(shown)
        for amount in ("330", "300,000"):
            assert amount not in shown.content.decode()

    def test_records_out_of_sight_are_not_named(self, cast, policies, see):
        """Finance reads no people: the change of a person is there, but neither name nor key nor value is."""
        proposal = proposing.propose(cast.cto, "pay", "Something", [Change("person", "p-eng", {"level": "P7"})])
        shown = see("fei", f"/decisions/{proposal.key}").content.decode()
        assert "A change of a record that you may not see." in shown
        for words in ("p-eng", "En Gine", "P7"):
            assert words not in shown, words

    def test_the_number_of_the_change_is_for_those_who_read_history(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        number = deciding.confirm(cast.manager, proposal.key).commit
        assert f"change number {number}" in text(see("audrey", f"/decisions/{proposal.key}"))
        assert "change number" not in text(see("fei", f"/decisions/{proposal.key}"))

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_nothing_inline(self, cast, see, language):
        proposal = proposing.fund(cast.head, "I-1")
        for path in ("/decisions", f"/decisions/{proposal.key}", "/decisions/fund/I-2"):
            shown = see("ada", path, language=language)
            assert shown.status_code == 200
            assert not re.search(
                r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)(?![^>]*application/json)", shown.content.decode()
            )

    def test_written_words_are_escaped(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1", "<b>bold</b>")
        deciding.remark(cast.cto, proposal.key, "<script>alert(1)</script>")
        shown = see("gao", f"/decisions/{proposal.key}").content.decode()
        assert "<b>bold" not in shown
        assert "<script>alert" not in shown


class TestActs:
    def test_confirm(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        page = see("gao", f"/decisions/{proposal.key}/confirm", {"comment": "Yes."})
        assert "Confirmed." in page.content.decode()
        assert Initiative.objects.get(key="I-1").state == "funded"
        assert "已确认。" in see("gao", f"/decisions/{proposal.key}/confirm", {}, "zh-hans").content.decode()

    def test_decline_needs_a_reason(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        assert "say why it is declined" in see("gao", f"/decisions/{proposal.key}/decline", {}).content.decode()
        see("gao", f"/decisions/{proposal.key}/decline", {"comment": "Too dear."})
        assert Proposal.objects.get().state == State.DECLINED
        assert "is declined already" in see("ada", f"/decisions/{proposal.key}/withdraw", {}).content.decode()

    def test_the_others(self, cast, see):
        proposal = proposing.fund(cast.head, "I-1")
        see("gao", f"/decisions/{proposal.key}/consult", {"person": "p-eng", "question": "Can it be built?"})
        see("eve", f"/decisions/{proposal.key}/agree", {"comment": "Yes."})
        see("fei", f"/decisions/{proposal.key}/object", {"comment": "No cover."})
        see("audrey", f"/decisions/{proposal.key}/comment", {"comment": "Noted."})
        assert set(Step.objects.exclude(verdict="").values_list("verdict", "answered_user")) == {
            ("agrees", "eve"),
            ("objects", "fei"),
        }
        assert Comment.objects.get().text == "Noted."
        see("ada", f"/decisions/{proposal.key}/withdraw", {})
        assert Proposal.objects.get().state == State.WITHDRAWN

    def test_a_draft_is_put_forward(self, cast, see):
        change = [Change("initiative", "I-1", {"state": "funded"})]
        proposal = proposing.draft(cast.head, "initiative-funded", "Fund", change)
        assert buttons(see("ada", f"/decisions/{proposal.key}")) == {"submit", "withdraw", "comment"}
        see("ada", f"/decisions/{proposal.key}/submit", {})
        assert Proposal.objects.get().state == State.PROPOSED

    def test_overtaken_is_said(self, cast, see, edit):
        proposal = proposing.fund(cast.head, "I-1")
        edit("initiative", "I-1", ramp=3)
        assert "Overtaken" in see("gao", f"/decisions/{proposal.key}/confirm", {}).content.decode()

    @pytest.mark.parametrize("act", ["confirm", "decline", "withdraw", "consult", "agree", "comment"])
    def test_only_by_post_and_with_the_form_token(self, cast, act):
        proposal = proposing.fund(cast.head, "I-1")
        client = Client(enforce_csrf_checks=True)
        client.force_login(User.objects.get(username="gao"))
        assert client.get(f"/decisions/{proposal.key}/{act}").status_code == 405
        assert client.post(f"/decisions/{proposal.key}/{act}", {"comment": "x"}).status_code == 403
        assert Proposal.objects.get().state == State.PROPOSED

    @pytest.mark.parametrize(
        ("user", "act", "status"),
        [
            ("ada", "confirm", 403),
            ("fei", "confirm", 403),
            ("gao", "withdraw", 403),
            ("eve", "confirm", 404),
            ("gao", "dance", 404),
        ],
    )
    def test_refused(self, cast, see, user, act, status):
        proposal = proposing.fund(cast.head, "I-1")
        assert see(user, f"/decisions/{proposal.key}/{act}", {"comment": "x"}).status_code == status


class TestFund:
    def test_shows_what_and_who_and_until_when(self, cast, see):
        page = text(see("ada", "/decisions/fund/I-1"))
        for words in ("Propose to fund “Second region”.", "State proposed funded", "Finance is consulted."):
            assert words in page, words
        assert re.search(r"To be confirmed by Chief Technology Officer or General manager until \w", page)
        assert "提议为“第二机房”立项。" in text(see("ada", "/decisions/fund/I-1", language="zh-hans"))
        assert not Proposal.objects.exists()

    def test_proposes(self, cast, see):
        shown = see("ada", "/decisions/fund/I-1", {"reason": "It pays back.", "answer": ""})
        proposal = Proposal.objects.get()
        assert (proposal.state, proposal.reason) == (State.PROPOSED, "It pays back.")
        assert shown.redirect_chain == [(reverse("decision", args=[proposal.key]), 302)]
        see("ada", "/decisions/fund/I-1", {"reason": "It pays back.", "answer": ""})
        assert Proposal.objects.count() == 1

    def test_answers_of_the_address_are_handed_on(self, cast, see):
        assert 'name="answer" value="4,5"' in see("ada", "/decisions/fund/I-1?answer=4&answer=5").content.decode()

    @pytest.mark.parametrize("answer", ["x", "1;2", "99999"])
    def test_bad_answers_are_refused(self, cast, see, answer):
        assert see("ada", "/decisions/fund/I-1", {"reason": "", "answer": answer}).status_code == 422
        assert not Proposal.objects.exists()

    def test_what_is_funded_already(self, cast, see, edit):
        edit("initiative", "I-1", state="funded")
        shown = see("ada", "/decisions/fund/I-1")
        assert shown.status_code == 422
        assert "this initiative is funded already" in text(shown)

    @pytest.mark.parametrize(("user", "status"), [("gao", 403), ("eve", 403), ("fei", 403), ("adam", 403)])
    def test_not_by_others(self, cast, see, user, status):
        assert see(user, "/decisions/fund/I-1").status_code == status
        assert see(user, "/decisions/fund/I-1", {"reason": ""}).status_code == status

    def test_no_such_initiative(self, cast, see):
        assert see("ada", "/decisions/fund/I-77").status_code == 404
