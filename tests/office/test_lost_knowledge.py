"""Losing people loses what only they know: holders from histories and roster, struck risks, and what a what-if says."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from candidate_home import DAY, START, Home, histories, scenario, system
from django.http import QueryDict
from small_company import enter

from quarterdeck.kinds.roles import ROLES, Reader, company, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.plan import asking, changes, question, whatif
from quarterdeck.office.plan.changes import BadChange
from quarterdeck.office.plan.ground import Ground
from quarterdeck.office.plan.holders import Held
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import Gathering

pytestmark = pytest.mark.django_db
CTO = Reader("user:cto", (ROLES["cto"],))
TODAY = date(2026, 11, 20)
KEPT = {"ledger": ("ada",), "shop": ("ada", "bo"), "desk": ("kim",)}  # whose files a system consists of


def enter_records(*some: Change) -> None:
    write(service("test"), some, "tests")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The small company with three systems: Ada's ledger, Ada's and Bo's shop, and the desk of Kim, whose work is no
    skill's; the register counts with the loss of the first two."""
    enter()
    found = Home(tmp_path)
    enter_records(
        Change("team", "core", {"name_en": "Core"}),
        Change("person", "kim", {"name": "Kim Person", "team": "core", "email": "kim@x.invalid"}),
        *(Change("person", name, {"email": f"{name}@x.invalid"}) for name in ("ada", "bo")),
        Change("person", "lea", {"name": "Lea Person"}),
        *(system(key) for key in KEPT),
    )
    for key, names in KEPT.items():
        history = histories().History()
        for number in range(12):
            author = names[number % len(names)]
            files = {b"src/part%02d.py" % number: b"one\n" * 30}
            history.commit(files, author=f"{author} <{author}@x.invalid>".encode(), at=START + number * DAY)
        found.repository(key, history)
        enter_records(Change("repository", key, {"system": key}))
    enter_records(
        scenario("ledger-unknown", "ledger", "key-person"),
        scenario("shop-unknown", "shop", "key-person"),
        scenario("ledger-down", "ledger", "failure"),
    )
    return found


def lost(text: str) -> Ground:
    engine: Any = answers
    return asking.ground_of(Gathering(company, TODAY, {"changes": text}, engine))


def frequencies(of: Ground) -> dict[str, float]:
    return {s.key: s.frequency.likely for s in of.programme.scenarios if s.key.endswith(("unknown", "down"))}


def test_holders_are_those_who_wrote_most_of_a_system(home: Home) -> None:
    assert set(lost("lose-person:bo").held) == {
        Held("ledger", frozenset({"ada"}), ("ledger-unknown",)),
        Held("shop", frozenset({"ada", "bo"}), ("shop-unknown",)),
        Held("desk", frozenset({"kim"})),
    }
    assert lost("").held == lost("freeze-hiring").held == (), "asked only where somebody is lost"


def test_a_risk_comes_about_once_nobody_is_left_who_knows(home: Home) -> None:
    asis = {"ledger-unknown": 0.2, "shop-unknown": 0.2, "ledger-down": 0.2}
    assert frequencies(lost("")) == asis
    assert frequencies(lost("lose-person:bo")) == asis, "Ada shares the shop with Bo"
    assert frequencies(lost("lose-person:ada")) == {**asis, "ledger-unknown": 1.0}
    both = lost("lose-person:ada lose-person:bo")
    assert frequencies(both) == {**asis, "ledger-unknown": 1.0, "shop-unknown": 1.0}
    assert [held.system for held in changes.orphaned(both)] == ["ledger", "shop"]


def test_who_has_left_already_keeps_nothing(home: Home) -> None:
    enter_records(Change("person", "bo", {"end_date": date(2026, 10, 31)}))
    assert frequencies(lost("lose-person:ada"))["shop-unknown"] == 1.0
    with pytest.raises(BadChange, match="nobody called “bo” works here"):
        lost("lose-person:bo")


def test_a_stranger_may_know_it_too(home: Home) -> None:
    enter_records(Change("person", "bo", {"email": "other@x.invalid"}))
    assert "shop" not in {held.system for held in lost("lose-person:kim").held}


def test_a_holder_can_be_lost_who_works_in_no_skill(home: Home) -> None:
    after = lost("lose-person:KIM")
    assert after.programme == lost("").programme, "no months are gone, and the register counts no loss"
    assert [held.system for held in changes.orphaned(after)] == ["desk"]
    assert changes.orphaned(lost("lose-team:core")) == changes.orphaned(after)
    with pytest.raises(BadChange, match="holds no system’s knowledge"):
        lost("lose-person:lea")


# ---- what the answer says


def compared(text: str, reader: Reader = CTO) -> whatif.Compared:
    asked = {"frontier": "no", "replan": "no"}
    before, after = (answers.answer("outlook", CTO, {**asked, "changes": words}) for words in ("", text))
    return whatif.compare(before, after, reader, "EUR")


def knowledge(seen: whatif.Compared) -> list[whatif.Line]:
    return [line for line in seen.lines if line.group == "knowledge"]


def test_the_answer_names_what_nobody_left_knows(home: Home) -> None:
    seen = compared("lose-person:ada")
    (line,) = knowledge(seen)
    assert (line.title, line.before, line.after, line.state) == ("Ledger", "1 person", "nobody", "bad")
    assert line.remark == "as good as certain: “ledger-unknown”"
    assert line.url == "/records/system/record/ledger"
    assert seen.lede.endswith("Nobody left knows Ledger.")
    assert next(line for line in seen.lines if line.title.startswith("Losses")).state == "bad"
    row = next(row for row in whatif.table(seen, moved=True)["rows"] if row["cells"][0]["text"] == "Ledger")
    assert row["url"] == line.url
    assert row["cells"][0]["note"] == "knowledge · as good as certain: “ledger-unknown”"


def test_what_the_register_has_no_risk_for_is_named_too(home: Home) -> None:
    seen = compared("lose-person:kim")
    assert seen.sentence == "No figure changes: the difference is exactly zero."
    assert seen.lede == "Nobody left knows Desk. The register counts no loss for Desk."
    assert [line.remark for line in knowledge(seen)] == ["the register counts no loss for it"]


def test_no_loss_and_no_change_name_no_system(home: Home) -> None:
    assert knowledge(compared("lose-person:bo")) == []
    nothing = compared("effort:checkout:1")
    assert nothing.sentence.startswith("Nothing changes: the difference is exactly zero.")
    assert [line for line in nothing.lines if line.moved] == []


def test_who_may_not_see_where_knowledge_is_is_not_told(home: Home) -> None:
    finance = Reader("user:finance", (ROLES["finance"],))
    seen = compared("lose-person:ada", finance)
    assert "Nobody left" not in seen.lede
    assert knowledge(seen) == []


# ---- the form


def test_people_are_offered_by_team_holders_first(home: Home) -> None:
    enter_records(
        Change("team", "web", {"name_en": "Web"}),
        Change("person", "eva", {"team": "web"}),
        Change("person", "fang", {"team": "core", "end_date": date(2026, 1, 31)}),
    )

    def offered() -> dict[str, Any]:
        choices = question.form(QueryDict(), CTO).fields["person"].choices  # type: ignore[attr-defined]
        return {group: [label for _value, label in some] for group, some in list(choices)[1:]}

    before = offered()
    assert list(before) == ["Core", "Web", "In no team"], "nothing is computed for a form"
    assert before["Core"] == ["Kim Person"], "who has left is not offered"
    answers.answer("knowledge", CTO)
    after = offered()
    assert next(iter(after)) == "They hold a system’s knowledge"
    assert after["They hold a system’s knowledge"] == ["Ada Person", "Bo Person", "Kim Person, Core"]
    assert after["Web"] == ["Eva Person"]
    assert not {"Ada Person", "Kim Person"} & {*after["In no team"], *after.get("Core", [])}
    asked = question.form(QueryDict("person=lose-person:kim"), CTO)
    assert question.said(asked, "") == "Lose a person: Kim Person, Core"
