"""The one door in: all or nothing, by keys and former keys, within links, rights and scopes; against a model in plain Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.kinds import history, keys, proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Alias, Commit, SearchEntry, SubjectKey, Version
from quarterdeck.kinds.roles import ALL, ROLES, Authority, Denied, Reader, Role, service
from quarterdeck.kinds.write import Change, Refused, preview, write

pytestmark = pytest.mark.django_db
OPERATOR = service("tests")
POOL = ("a", "A", "b", "ß", "SS", "键", "@x/1.0")
IN_SHARED_DATABASE = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def undone() -> Iterator[None]:
    """Everything written inside is gone afterwards, so that each example starts from nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def refusal(*changes: Change, by: Authority = OPERATOR) -> list[tuple[int, str, str]]:
    """Index, field and message of every trouble of a write that must not be made; nothing may be different afterwards."""
    before = _everything()
    with pytest.raises(Refused) as refused:
        write(by, changes, "test")
    assert _everything() == before
    return [(trouble.index, trouble.field, trouble.message) for trouble in refused.value.troubles]


def _everything() -> list[Any]:
    tables = [kind.model for kind in KINDS.values()] + [Version, Commit, Alias, SearchEntry, SubjectKey]
    return [list(model._default_manager.order_by("pk").values_list()) for model in tables]


# --- against a model -------------------------------------------------------------------------------------------------


@dataclass
class Model:
    """What the records of one kind should be, in plain Python: id → (key, name), former keys → id."""

    rows: dict[int, tuple[str, str]] = field(default_factory=dict)
    former: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def find(self, key: str) -> int | None:
        fold = keys.fold(key)
        for record, (held, _name) in self.rows.items():
            if keys.fold(held) == fold:
                return record
        return self.former.get(fold)

    def apply(self, batch: list[Change]) -> "Model | None":
        """What comes of a batch; None where it must be refused."""
        after, touched, named = Model(dict(self.rows), dict(self.former), self.made), set[object](), set[str]()
        for change in batch:
            record, fold = self.find(change.key), keys.fold(change.key)
            if fold in named or (record is not None and record in touched):
                return None
            named.add(fold)
            touched.add(record)
            if record is None and (change.values is None or "key" in change.values):
                return None
        for change in batch:
            after._one(self, change)
        folds = [keys.fold(key) for key, _name in after.rows.values()]
        freed = {keys.fold(self.rows[r][0]) for r in self.rows if after.rows.get(r, ("", ""))[0] != self.rows[r][0]}
        taken = [keys.fold(c.values["key"]) for c in batch if c.values and "key" in c.values]  # type: ignore[arg-type]
        moved = [
            f
            for f in taken
            if f in freed
            and self.find(f)
            not in {self.find(c.key) for c in batch if keys.fold(str((c.values or {}).get("key", ""))) == f}
        ]
        return None if len(set(folds)) < len(folds) or moved else after

    def _one(self, before: "Model", change: Change) -> None:
        record = before.find(change.key)
        if change.values is None:
            del self.rows[record]  # type: ignore[arg-type]
            self.former = {fold: held for fold, held in self.former.items() if held != record}
        elif record is None:
            self.made += 1
            self.rows[-self.made] = (keys.normalise(change.key), str(change.values["name_en"]))
            self.former.pop(keys.fold(change.key), None)
        else:
            key, name = self.rows[record]
            new = keys.normalise(str(change.values.get("key", key)))
            self.rows[record] = (new, str(change.values.get("name_en", name)))
            if keys.fold(new) != keys.fold(key):
                self.former[keys.fold(key)] = record
            if new != key:
                self.former.pop(keys.fold(new), None)

    def shown(self) -> dict[str, str]:
        return dict(self.rows.values())


def _changes() -> st.SearchStrategy[Change]:
    key, name = st.sampled_from(POOL), st.sampled_from(("One", "两个", "=3"))
    puts = st.builds(lambda k, n: Change("vendor", k, {"name_en": n}), key, name)
    gone = st.builds(lambda k: Change("vendor", k, None), key)
    renamed = st.builds(lambda k, n: Change("vendor", k, {"key": n}), key, key)
    return st.one_of(puts, puts, gone, renamed)


@IN_SHARED_DATABASE
@given(st.lists(st.lists(_changes(), min_size=1, max_size=4), min_size=1, max_size=8))
def test_any_sequence_of_calls_does_what_the_model_says(db: None, batches: list[list[Change]]) -> None:
    with undone():
        model, told = Model(), []
        for batch in batches:
            wanted = model.apply(batch)
            if wanted is None:
                refusal(*batch)
                continue
            write(OPERATOR, batch, "test")
            model = wanted
            rows = Access(OPERATOR.reader).select("vendor").rows()
            assert {row.key: row["name_en"] for row in rows} == model.shown()
            assert dict(Alias.objects.values_list("fold", "record")).keys() == model.former.keys()
            told.append((timezone.now(), model.shown()))
        assert list(proof.examine()) == []
        for moment, shown in told:
            past = Access(OPERATOR.reader, as_of=moment).select("vendor").rows()
            assert {row.key: row["name_en"] for row in past} == shown
        found = {(e.record, e.words) for e in SearchEntry.objects.filter(kind="vendor")}
        assert len(found) == len(model.rows)


@IN_SHARED_DATABASE
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_one_fault_refuses_all_and_every_fault_is_named(db: None, wrong: list[tuple[bool, bool, bool]]) -> None:
    with undone():
        changes, expected = [], set()
        for number, (bad_date, bad_link, bad_number) in enumerate(wrong):
            values = {"name": "x", "start_date": "soon" if bad_date else "2026-01-02"}
            values |= {"team": "nowhere" if bad_link else "", "fte": "half" if bad_number else "0.5"}
            changes.append(Change("person", f"p{number}", values))
            named = {"start_date": bad_date, "team": bad_link, "fte": bad_number}
            expected |= {(number, name) for name, bad in named.items() if bad}
        if expected:
            assert {(index, name) for index, name, _why in refusal(*changes)} == expected
        else:
            assert write(OPERATOR, changes, "test").created == len(changes)


# --- one thing at a time ---------------------------------------------------------------------------------------------


def test_records_of_one_call_may_link_to_each_other_in_a_circle() -> None:
    done = write(OPERATOR, [
        Change("person", "p1", {"manager": "P2", "team": "T"}), Change("person", "p2", {"manager": "p1"}),
        Change("team", "t", {"name_en": "T"}), Change("person-skill", "", {"person": "p1", "skill": "s"}),
        Change("skill", "s", {"name_en": "S"}),
    ], "test")  # fmt: skip
    assert done.keys == ("p1", "p2", "t", "p1/s", "s")
    select = Access(OPERATOR.reader).select
    assert (select("person").one("p1")["manager"], select("person").one("p2")["manager"]) == ("p2", "p1")
    assert select("person").one("p1")["team"] == "t"
    assert list(proof.examine()) == []


def test_records_that_need_each_other_go_together_or_not_at_all() -> None:
    test_records_of_one_call_may_link_to_each_other_in_a_circle()
    assert refusal(Change("team", "t", None)) == [(0, "", "is used by person:p1")]
    assert {why for _i, _f, why in refusal(Change("person", "p1", None))} == {
        "is used by person:p2",
        "is used by person-skill:p1/s",
    }
    assert (
        write(
            OPERATOR,
            [
                Change("person", "p1", None),
                Change("person-skill", "p1/s", None),
                Change("person", "p2", {"manager": ""}),
            ],
            "x",
        ).deleted
        == 2
    )


def test_what_is_about_to_be_linked_to_cannot_go_in_the_same_call() -> None:
    write(OPERATOR, [Change("team", "t", {"name_en": "T"}), Change("person", "p", {})], "test")
    assert refusal(Change("team", "t", None), Change("person", "p", {"team": "t"})) == [(0, "", "is used by person:p")]
    assert refusal(Change("team", "t", None), Change("person", "q", {"team": "t"})) == [(0, "", "is used by person:q")]


def test_a_key_may_be_renamed_and_linked_to_by_both_names_in_one_call() -> None:
    write(OPERATOR, [Change("team", "old", {"name_en": "T"})], "test")
    write(OPERATOR, [
        Change("team", "old", {"key": "new"}), Change("person", "p1", {"team": "old"}), Change("person", "p2", {"team": "NEW"}),
    ], "test")  # fmt: skip
    select = Access(OPERATOR.reader).select("person")
    assert {row["team"] for row in select.rows()} == {"new"}
    assert [row.key for row in select.where(team="new").rows()] == ["p1", "p2"]
    assert Access(OPERATOR.reader).select("team").one("OLD").key == "new"
    assert list(proof.examine()) == []


def test_a_former_key_leads_to_its_record_until_another_takes_it() -> None:
    write(OPERATOR, [Change("team", "a", {"name_en": "First"})], "test")
    write(OPERATOR, [Change("team", "a", {"key": "b"})], "test")
    write(OPERATOR, [Change("team", "a", {"name_zh": "一"})], "test")
    assert Access(OPERATOR.reader).select("team").one("b")["name_zh"] == "一"
    assert refusal(Change("team", "a", {"name_en": "x"}, new=True))[0][1] == "key"
    write(OPERATOR, [Change("team", "c", {"name_en": "Second"})], "test")
    write(OPERATOR, [Change("team", "c", {"key": "a"})], "test")
    assert Access(OPERATOR.reader).select("team").one("a")["name_en"] == "Second"
    assert Access(OPERATOR.reader).select("team").one("c")["name_en"] == "Second"


def test_one_record_by_two_of_its_keys_stands_twice() -> None:
    write(OPERATOR, [Change("team", "a", {"name_en": "T"})], "test")
    write(OPERATOR, [Change("team", "a", {"key": "b"})], "test")
    assert [
        f for _i, f, _w in refusal(Change("team", "a", {"name_en": "1"}), Change("team", "b", {"name_en": "2"}))
    ] == ["key"]


def test_a_derived_key_finds_the_record_that_has_it() -> None:
    ground = [Change("system", key, {"name_en": key}) for key in ("x", "y")]
    write(
        OPERATOR, [*ground, Change("dependency", "", {"system": "x", "on": "y", "sort": "calls", "group": "g"})], "test"
    )
    again = write(OPERATOR, [Change("dependency", "", {"system": "X", "on": "y", "sort": "reads"})], "test")
    assert (again.updated, again.keys) == (1, ("x/y",))
    row = Access(OPERATOR.reader).select("dependency").one("x/y")
    assert (row["sort"], row["group"]) == ("reads", "g")
    assert refusal(Change("dependency", "", {"system": "x", "on": "y"}, new=True))[0][1] == "key"
    twice = [Change("dependency", "", {"system": "y", "on": "x"})] * 2
    assert [(index, name) for index, name, _why in refusal(*twice)] == [(1, "key")]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ([Change("nothing", "a", {})], ""),
        ([Change("team", "", {"name_en": "x"})], "key"),
        ([Change("team", "a b", {"name_en": "x"})], "key"),
        ([Change("team", "team:a", {"name_en": "x"})], "key"),
        ([Change("team", "a", {"name_en": "x", "colour": "red"})], "colour"),
        ([Change("team", "a", {"name_en": ""})], "name_en"),
        ([Change("team", "a", None)], "key"),
        ([Change("team", "a", {"key": "b", "name_en": "x"})], "key"),
        ([Change("team", "a", {"name_en": "x"}), Change("team", "A", {"name_en": "y"})], "key"),
        ([Change("team", "a", {"name_en": "x" * 301})], "name_en"),
        ([Change("team", "a", {"name_en": "a\x00b"})], "name_en"),
        ([Change("team", "a", {"name_en": "x", "parent": "b"})], "parent"),
        ([Change("person", "p", {"manager": "p"})], "manager"),
        ([Change("person", "p", {"salary": "1,5"})], "salary"),
        ([Change("person", "p", {"salary": "1e30"})], "salary"),
        ([Change("person", "p", {"salary": "123456789012345678901234567890.123"})], "salary"),
        ([Change("scenario", "s", {"name_en": "x", "loss_low": 5, "loss_high": 4, "currency": "EUR"})], "loss_high"),
        ([Change("initiative", "i", {"name_en": "x", "duration_low": 3})], "duration_low"),
        ([Change("initiative", "i", {"name_en": "x", "duration_low": 3, "duration_likely": 2, "duration_high": 4})], "duration_low"),
        ([Change("person", "ada@example.org", {})], "key"),
        ([Change("person", "ada-lovelace", {"name": "Ada-Lovelace"})], "key"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused_at_its_field(changes: list[Change], name: str) -> None:
    assert name in {found for _index, found, _why in refusal(*changes)}


def test_the_preview_says_what_write_does_and_does_nothing() -> None:
    write(
        OPERATOR, [Change("team", "a", {"name_en": "T", "purpose": "p"}), Change("person", "p", {"team": "a"})], "test"
    )
    changes = [
        Change("team", "A", {"name_en": "U", "purpose": ""}),
        Change("team", "b", {"name_en": "B"}),
        Change("person", "p", {"team": "a"}),
    ]
    before = _everything()
    seen = preview(OPERATOR, changes)
    assert [(d.action, d.key) for d in seen.differences] == [("update", "a"), ("create", "b"), ("unchanged", "p")]
    assert seen.differences[0].fields == {"name_en": ("T", "U"), "purpose": ("p", "")}
    assert preview(OPERATOR, [Change("team", "a", None)]).troubles[0].message == "is used by person:p"
    assert _everything() == before


def test_a_change_made_on_an_older_record_is_refused() -> None:
    first = write(OPERATOR, [Change("team", "a", {"name_en": "1"})], "test").commit
    write(OPERATOR, [Change("team", "other", {"name_en": "1"})], "test")
    second = write(OPERATOR, [Change("team", "a", {"name_en": "2"}, expected=first)], "test").commit
    assert (
        refusal(Change("team", "a", {"name_en": "3"}, expected=first))[0][2] == "was changed by someone else meanwhile"
    )
    write(OPERATOR, [Change("team", "a", {"key": "b"}, expected=second)], "test")
    assert (
        refusal(Change("team", "a", {"name_en": "3"}, expected=second))[0][2] == "was changed by someone else meanwhile"
    )
    write(OPERATOR, [Change("team", "b", None)], "test")
    assert (
        refusal(Change("team", "b", {"name_en": "3"}, expected=second))[0][2] == "was deleted by someone else meanwhile"
    )


def test_a_value_set_to_what_it_is_changes_nothing() -> None:
    write(OPERATOR, [Change("person", "p", {"salary": "100.5", "start_date": "2026-01-02", "fte": "1.0"})], "test")
    same = {"salary": Decimal("100.50"), "start_date": date(2026, 1, 2), "fte": 1}
    assert write(OPERATOR, [Change("person", "P", same)], "test").commit is None
    assert history.head()[0] == 1


# --- rights ----------------------------------------------------------------------------------------------------------

WRITER = Role("writer", "Writer", reads=ALL, writes=frozenset({"person", "person-skill"}))


@pytest.fixture
def staff() -> None:
    write(OPERATOR, [
        Change("person", "gone", {"name": "Long Gone", "end_date": "2020-01-01", "salary": 1}),
        Change("person", "here", {"name": "Here Now", "salary": 2}), Change("skill", "s", {"name_en": "S"}),
    ], "test")  # fmt: skip


def denied(by: Reader, *changes: Change) -> Denied:
    before = _everything()
    with pytest.raises(Denied) as error:
        write(Authority(by), changes, "test")
    assert _everything() == before
    return error.value


def test_nobody_writes_a_kind_or_a_private_field_they_may_not(staff: None) -> None:
    assert denied(Reader("user:x", (ROLES["engineer"],)), Change("person", "here", {"name": "x"})).what == "person"
    writer = Reader("user:x", (WRITER,))
    assert denied(writer, Change("person", "here", {"salary": 3})).field == "salary"
    assert denied(Reader("user:x", (WRITER,), rights="read"), Change("person", "here", {"name": "x"})).what == "person"
    assert write(Authority(writer), [Change("person", "here", {"name": "x"})], "test").updated == 1
    assert Access(OPERATOR.reader).select("person").one("here")["salary"] == 2


def test_a_scoped_writer_reaches_nothing_out_of_sight(staff: None) -> None:
    writer = Reader("user:x", (WRITER,))
    denied(writer, Change("person", "gone", {"name": "x"}))
    denied(writer, Change("person", "gone", None))
    denied(writer, Change("person", "here", {"end_date": "2020-01-01"}))
    denied(writer, Change("person", "new", {"end_date": "2020-01-01"}))
    assert refusal(Change("person", "here", {"manager": "gone"}), by=Authority(writer))[0][1] == "manager"
    with pytest.raises((Denied, Refused)):
        write(Authority(writer), [Change("person-skill", "", {"person": "gone", "skill": "s"})], "test")
    write(OPERATOR, [Change("person", "here", {"key": "now-here"})], "test")
    assert write(Authority(writer), [Change("person", "here", {"name": "By the former key"})], "test").updated == 1


def test_a_covered_link_that_comes_back_as_it_went_out_is_kept(staff: None) -> None:
    write(OPERATOR, [Change("person", "here", {"manager": "gone"})], "test")
    writer = Reader("user:x", (WRITER,))
    row = Access(writer).select("person").one("here")
    assert row["manager"] == "…"
    assert write(Authority(writer), [Change("person", "here", {**row.values, "name": "x"})], "test").updated == 1
    assert Access(OPERATOR.reader).select("person").one("here")["manager"] == "gone"
    assert refusal(Change("person", "new", {"manager": "…"}), by=Authority(writer))[0][1] == "manager"


def test_what_a_writer_may_not_see_is_not_named_in_refusals_or_previews(staff: None) -> None:
    write(
        OPERATOR,
        [
            Change("person", "boss", {}),
            Change("person", "gone", {"manager": "boss"}),
            Change("person", "here", {"manager": "gone"}),
        ],
        "test",
    )
    writer = Authority(Reader("user:x", (WRITER,)))
    assert [why for _i, _f, why in refusal(Change("person", "boss", None), by=writer)] == ["is used by …"]
    seen = preview(writer, [Change("person", "here", {"manager": "boss"})])
    assert seen.differences[0].fields == {"manager": ("…", "boss")}
    assert "salary" not in preview(writer, [Change("person", "here", None)]).differences[0].fields
