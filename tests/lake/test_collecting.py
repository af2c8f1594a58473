"""Collecting: twice is once, nothing half, nothing of another's; people behind pseudonyms; small parts merged."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from django.db import DatabaseError
from django.utils import timezone

from quarterdeck.evidence import readers
from quarterdeck.evidence.batch import Batch, Part, Problem, Reader, Refused, Source, State
from quarterdeck.evidence.schema import Column, Mode, Table
from quarterdeck.kinds.canonical import digest
from quarterdeck.kinds.roles import ROLES, SYSTEM, Denied, service
from quarterdeck.kinds.roles import Reader as Who
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake import collect as collecting
from quarterdeck.lake import compact, files, models, tables
from quarterdeck.lake.collect import Fallen, Overtaken, collect, forget, sweep
from quarterdeck.lake.identities import pseudonym, split

pytestmark = pytest.mark.django_db
EVERYONE = Who("service:tests", (SYSTEM,))

GROWS = Table(
    "test_grows",
    "Facts.",
    (Column("n", pl.Int64(), "number"), Column("who", pl.String(), "who", person=True)),
    ("n",),
    Mode.APPEND,
)
STANDS = Table("test_stands", "A state.", (Column("n", pl.Int64(), "number"),), ("n",))


class Place:
    """A source that a test fills: what it holds, and what is told of it."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.afresh = False
        self.name = "place"
        self.since: list[State | None] = []
        self.broken: Exception | None = None

    def read(self, path: Path, since: State | None) -> Batch:
        self.since.append(since)
        start = 0 if self.afresh or since is None else int(since["read"])
        batch = Batch(
            Source("test", self.name, digest(f"{self.numbers}")),
            [],
            state={"read": str(len(self.numbers))},
            afresh=self.afresh,
        )
        batch.parts = self._parts(self.numbers[start:])
        batch.problems.append(Problem("x", 1, "odd"))
        return batch

    def _parts(self, new: list[int]) -> Iterator[Part]:
        for number in new:
            yield Part(GROWS, GROWS.frame([(number, f"N{number} <n{number}@example.org>")]))
        if self.broken:
            raise self.broken
        yield Part(STANDS, STANDS.frame([(len(self.numbers),)]))

    @property
    def reader(self) -> Reader:
        return Reader("test", "Test", "测试", "", (GROWS, STANDS), self.read)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    for table in (GROWS, STANDS):
        monkeypatch.setitem(tables.TABLES, table.name, table)
    return Place()


def numbers(table: str = "test_grows", until: int | None = None) -> list[int]:
    return sorted(tables.scan(EVERYONE, table, until=until).collect()["n"].to_list())


def test_collecting_twice_changes_nothing(place: Place, tmp_path: Path) -> None:
    place.numbers = [1, 2]
    first = collect(place.reader, tmp_path, by="me")
    assert (first.rows, first.problems) == ({"test_grows": 2, "test_stands": 1}, 1)
    kept = files.listed()
    again = collect(place.reader, tmp_path, by="me")
    assert (again.snapshot, again.rows) == (None, {})
    assert files.listed() == kept
    assert models.Snapshot.objects.count() == 1


def test_growing_tables_grow_and_states_are_replaced(place: Place, tmp_path: Path) -> None:
    place.numbers = [1]
    one = collect(place.reader, tmp_path, by="me").snapshot
    place.numbers = [1, 2, 3]
    two = collect(place.reader, tmp_path, by="me").snapshot
    assert place.since == [None, {"read": "1"}]
    assert (numbers(), numbers("test_stands")) == ([1, 2, 3], [3])
    assert (numbers(until=one), numbers("test_stands", until=one)) == ([1], [1])
    assert numbers(until=0) == []
    assert tables.watermarks(["test_grows", "nothing"]) == {"test_grows": two, "nothing": 0}


def test_a_source_that_holds_far_less_than_before_is_told(place: Place, tmp_path: Path) -> None:
    place.numbers, place.afresh = [1, 2, 3, 4, 5], True
    assert collect(place.reader, tmp_path, by="me").fallen == ()
    place.numbers = [1, 2, 3]
    assert collect(place.reader, tmp_path, by="me").fallen == ()
    place.numbers = [9]
    assert collect(place.reader, tmp_path, by="me").fallen == (Fallen("test_grows", 3, 1),)


def test_a_source_that_is_forgotten_is_out_of_sight_and_read_anew(place: Place, tmp_path: Path) -> None:
    place.numbers = [1, 2]
    before = collect(place.reader, tmp_path, by="me").snapshot
    assert forget(place.reader, models.EvidenceSource.objects.get(), by="me") == 3
    assert (numbers(), numbers("test_stands")) == ([], [])
    assert (numbers(until=before), numbers("test_stands", until=before)) == ([1, 2], [2])
    assert tables.watermarks(["test_grows"])["test_grows"] > before
    assert collect(place.reader, tmp_path, by="me").rows == {"test_grows": 2, "test_stands": 1}
    assert place.since == [None, None]
    assert numbers() == [1, 2]


def test_a_past_that_is_read_again_replaces_what_was_read_of_it(place: Place, tmp_path: Path) -> None:
    place.numbers = [1, 2]
    collect(place.reader, tmp_path, by="me")
    place.numbers, place.afresh = [7], True
    collect(place.reader, tmp_path, by="me")
    assert numbers() == [7]


def test_a_source_that_fails_leaves_no_trace(place: Place, tmp_path: Path) -> None:
    place.numbers, place.broken = [1, 2], Refused("x", "is broken")
    with pytest.raises(Refused):
        collect(place.reader, tmp_path, by="me")
    assert files.listed() == []
    assert not models.EvidenceSource.objects.exists()
    assert not models.Identity.objects.exists()


def test_a_fault_while_making_visible_leaves_no_trace(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("gone away")

    place.numbers = [1]
    monkeypatch.setattr(collecting, "_keep_problems", fail)
    with pytest.raises(DatabaseError):
        collect(place.reader, tmp_path, by="me")
    assert (files.listed(), models.Part.objects.count()) == ([], 0)


def test_a_fault_after_it_became_visible_takes_nothing_away(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key pressed in the moment between the commit and the return must not remove what the records now speak of."""
    shown = collecting._show

    def interrupted(*arguments: object) -> None:
        shown(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    place.numbers = [1]
    monkeypatch.setattr(collecting, "_show", interrupted)
    with pytest.raises(KeyboardInterrupt):
        collect(place.reader, tmp_path, by="me")
    assert numbers() == [1]


def test_two_collections_of_one_source_at_once(place: Place, tmp_path: Path) -> None:
    place.numbers = [1]
    inner = Place()
    inner.numbers = [1, 2]

    def meanwhile(path: Path, since: State | None) -> Batch:
        collect(inner.reader, path, by="another")
        return place.read(path, since)

    with pytest.raises(Overtaken):
        collect(replace(place.reader, read=meanwhile), tmp_path, by="me")
    assert numbers() == [1, 2]
    inner.numbers = [1, 2, 3]
    place.numbers = [1, 2, 3]
    assert collect(replace(place.reader, read=meanwhile), tmp_path, by="me").snapshot is None, "the other read the same"
    assert numbers() == [1, 2, 3]


def test_two_places_of_one_name_are_not_mixed_up(place: Place, tmp_path: Path) -> None:
    here, there = tmp_path / "a" / "app", tmp_path / "b" / "app"
    place.numbers = [1]
    collect(place.reader, here, by="me")
    place.numbers = [8, 9]
    with pytest.raises(Refused, match="name of its own"):
        collect(place.reader, there, by="me")
    assert numbers() == [1]
    collect(place.reader, there, by="me", name="the other")
    assert numbers() == [1, 8, 9]
    place.numbers = [8, 9, 10]
    assert collect(place.reader, there, by="me").source == "the other", "a place keeps the name it was given"
    assert place.since[-1] == {"read": "2"}
    place.numbers = [8, 9, 10, 11]
    collect(place.reader, tmp_path / "moved", by="me", name="the other")
    assert place.since[-1] == {"read": "3"}
    assert numbers() == [1, 8, 9, 10, 11]


def test_rows_that_are_not_as_declared_are_a_fault_of_the_reader(place: Place, tmp_path: Path) -> None:
    bad = Batch(Source("test", "x", "d"), [Part(STANDS, pl.DataFrame({"n": ["one"]}))])
    with pytest.raises(TypeError, match="test_stands"):
        collect(replace(place.reader, read=lambda path, since: bad), tmp_path, by="me")


def test_what_no_snapshot_knows_is_swept_after_a_day(place: Place, tmp_path: Path) -> None:
    place.numbers = [1]
    collect(place.reader, tmp_path, by="me")
    kept = files.listed()
    _system, root = files.place()
    for name, age in (("old.parquet", 25), ("old.parquet.partial", 25), ("new.parquet", 1)):
        path = Path(root, "test_grows", name)
        path.write_bytes(b"x")
        moment = (timezone.now() - timedelta(hours=age)).timestamp()
        os.utime(path, (moment, moment))
    assert sweep() == 2
    assert files.listed() == sorted([*kept, "test_grows/new.parquet"])


def test_small_parts_are_merged_and_every_moment_reads_the_same(place: Place, tmp_path: Path) -> None:
    snapshots = []
    for number in range(compact.MOST + 5):
        place.numbers.append(number)
        snapshots.append(collect(place.reader, tmp_path, by="me").snapshot)
    assert len(tables.parts("test_grows")) < compact.MOST
    assert numbers() == place.numbers
    for place_, snapshot in enumerate(snapshots):
        assert numbers(until=snapshot) == place.numbers[: place_ + 1]
        assert numbers("test_stands", until=snapshot) == [place_ + 1]
    assert compact.compact(models.EvidenceSource.objects.get()) == 0


def test_a_column_that_came_later_is_empty_before(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.numbers = [1]
    collect(place.reader, tmp_path, by="me")
    wider = replace(GROWS, columns=(*GROWS.columns, Column("later", pl.String(), "later")))
    monkeypatch.setitem(tables.TABLES, "test_grows", wider)
    assert tables.scan(EVERYONE, "test_grows").collect().select("n", "later").rows() == [(1, None)]


def test_an_object_store_holds_a_lake_as_a_folder_does(place: Place, tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.LAKE_URL = f"memory://lake-{os.getpid()}-{timezone.now().timestamp()}"
    place.numbers = [1, 2]
    collect(place.reader, tmp_path, by="me")
    assert len(files.listed()) == 3
    assert not [path for path in files.listed() if path.endswith(".partial")]
    files.remove(files.listed())
    assert files.listed() == []


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "name", "email"),
    [
        ("Ada Lovelace <Ada@Example.org>", "Ada Lovelace", "ada@example.org"), ("ada@example.org", "", "ada@example.org"),
        ("ada", "ada", ""), ("李雷 <li@example.org>", "李雷", "li@example.org"), (" <x@y.z>", "", "x@y.z"), ("Ada <>", "Ada", ""),
        ("Ada @ home", "Ada @ home", ""),
    ],
)  # fmt: skip
def test_identities_are_taken_apart(identity: str, name: str, email: str) -> None:
    assert split(identity) == (name, email)


def test_one_person_is_one_pseudonym_however_their_name_is_written() -> None:
    same = {pseudonym(text) for text in ("Ada <ada@x.org>", "A. Lovelace <ADA@x.org>", "ada@x.org")}
    assert len(same) == 1
    assert pseudonym("Ada") == pseudonym("ADA") != pseudonym("Bob")


def test_only_the_table_of_identities_knows_who_it_is(place: Place, tmp_path: Path) -> None:
    place.numbers = [1]
    collect(place.reader, tmp_path, by="me")
    (who,) = tables.scan(EVERYONE, "test_grows").collect()["who"]
    assert who == pseudonym("n1@example.org")
    one = models.Identity.objects.get()
    assert (one.pseudonym, one.name, one.email) == (who, "N1", "n1@example.org")
    assert b"example.org" not in b"".join(Path(files.address(path)).read_bytes() for path in files.listed())


def test_rows_about_people_out_of_scope_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("staff_id,name,level,salary\ne-1,Ada,L1,5\ne-2,Bob,L2,6\nE_3,Cyd,L3,7\n")
    collect(readers.by_name("roster"), path, by="me")
    write(service("tests"), [
        Change("person", "E-1", {}), Change("person", "e-2", {"end_date": "2020-01-01"}), Change("person", "e_3", {}),
    ], "x")  # fmt: skip
    engineer = Who("user:e", (ROLES["engineer"],))
    seen = tables.scan(engineer, "roster_people").collect()
    assert set(seen["staff"]) == {"e-1", "E_3"}
    assert "pay" not in seen.columns
    assert set(tables.scan(EVERYONE, "roster_people").collect()["staff"]) == {"e-1", "e-2", "E_3"}
    with pytest.raises(Denied):
        tables.scan(engineer, "charges")
