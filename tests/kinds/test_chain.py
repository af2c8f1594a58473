"""The chain of changes: its tree against the published vectors, its clock, and every way of tampering that it must show."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.kinds import history, proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.canonical import canonical, leaf, merkle_root
from quarterdeck.kinds.models import Commit, Version
from quarterdeck.kinds.roles import Authority, service
from quarterdeck.kinds.write import Change, write

OPERATOR = service("tests")

# --- the tree --------------------------------------------------------------------------------------------------------

# The test vectors of Certificate Transparency's reference implementation: leaves, and the root of the first n of them.
LEAVES = ("", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_the_tree_has_the_published_roots() -> None:
    assert merkle_root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for number, root in enumerate(ROOTS, start=1):
        assert merkle_root(leaf(text) for text in LEAVES[:number]) == root


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_tree_is_that_of_the_standard_at_every_size(leaves: list[bytes]) -> None:
    def tree(level: list[bytes]) -> bytes:  # RFC 6962, 2.1, word for word
        if len(level) <= 1:
            return level[0] if level else hashlib.sha256(b"").digest()
        split = 1 << (len(level) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + tree(level[:split]) + tree(level[split:])).digest()

    hashed = [hashlib.sha256(b"\x00" + one).digest() for one in leaves]
    assert merkle_root(hashed) == tree(hashed).hex()


@given(st.lists(st.text(max_size=5) | st.integers(), min_size=0, max_size=3), st.text(max_size=8), st.text(max_size=8))
def test_a_leaf_is_the_canonical_text_of_its_six_parts(numbers: list[object], key: str, values: str) -> None:
    text = history._leaf_text("kind", 7, key, "create", "2026-01-02", values)
    assert text == canonical(["kind", 7, key, "create", "2026-01-02", values])
    assert canonical(numbers) == json.dumps(numbers, ensure_ascii=False, separators=(",", ":"))


# --- tampering -------------------------------------------------------------------------------------------------------


@pytest.fixture
def chained(db: None) -> Authority:
    """Four commits: two records made, one changed, one deleted, a third with personal values."""
    write(OPERATOR, [Change("team", "a", {"name_en": "A"}), Change("team", "b", {"name_en": "B"})], "one")
    write(OPERATOR, [Change("team", "a", {"name_en": "A2"})], "two")
    write(OPERATOR, [Change("team", "b", None)], "three")
    write(OPERATOR, [Change("person", "p", {"name": "Ada", "team": "a"})], "four")
    return OPERATOR


def _sql(*statements: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return run


def _recomputed() -> None:
    """What a thief with the program could do: change the past, then make every hash after it fit again."""
    version = Version.objects.get(began=2)
    version.values = version.values.replace("A2", "A3")
    version.save()
    before = history.FIRST
    for commit in Commit.objects.order_by("number"):
        rows = Version.objects.filter(began=commit.number).order_by("id")
        commit.root = merkle_root(
            leaf(history._leaf_text(v.kind, v.record, v.key, v.action, v.effective.isoformat(), v.values)) for v in rows
        )
        commit.before = before
        commit.hash = before = history._hash(commit)
        commit.save()


TAMPERED = {
    "a value": _sql("UPDATE kinds_version SET \"values\" = replace(\"values\", 'A2', 'A3') WHERE began = 2"),
    "a key": _sql("UPDATE kinds_version SET key = 'z' WHERE began = 2"),
    "an action": _sql("UPDATE kinds_version SET action = 'create' WHERE began = 2"),
    "an effective date": _sql("UPDATE kinds_version SET effective = '1999-01-01' WHERE began = 2"),
    "a sealed value": _sql(
        "UPDATE kinds_version SET \"values\" = replace(\"values\", 'sealed:person', 'sealed:nobody') WHERE began = 4"
    ),
    "the commit a version began with": _sql("UPDATE kinds_version SET began = 2 WHERE began = 4"),
    "the end of a version": _sql("UPDATE kinds_version SET ended = NULL WHERE began = 1 AND key = 'a'"),
    "the end of a version, later": _sql("UPDATE kinds_version SET ended = 4 WHERE began = 1 AND key = 'a'"),
    "a version taken out": _sql("DELETE FROM kinds_version WHERE began = 1 AND key = 'b'"),
    "a version put in": _sql(
        'INSERT INTO kinds_version (kind, record, key, action, effective, "values", began) '
        "SELECT kind, 99, 'x', action, effective, \"values\", 2 FROM kinds_version WHERE began = 2"
    ),
    "two versions swapped": _sql(
        "UPDATE kinds_version SET record = 3 - record WHERE began = 1",
    ),
    "who made a commit": _sql('UPDATE kinds_commit SET authority = \'{"by":"user:mallory"}\' WHERE number = 2'),
    "where a commit came from": _sql("UPDATE kinds_commit SET source = 'elsewhere' WHERE number = 2"),
    "when a commit was made": lambda: Commit.objects.filter(number=2).update(at=timezone.now() - timedelta(days=9)),  # type: ignore[dict-item]
    "how many changes a commit had": _sql("UPDATE kinds_commit SET changes = 2 WHERE number = 2"),
    "a commit's own hash": _sql("UPDATE kinds_commit SET hash = 'f' WHERE number = 2"),
    "a commit's root": _sql("UPDATE kinds_commit SET root = 'f' WHERE number = 2"),
    "what a commit follows": _sql("UPDATE kinds_commit SET before = 'f' WHERE number = 2"),
    "a commit taken out": _sql(
        "DELETE FROM kinds_version WHERE began = 2", "DELETE FROM kinds_commit WHERE number = 2"
    ),
    "a commit without its versions": _sql("DELETE FROM kinds_commit WHERE number = 2"),
    "the last commit without its versions": _sql("DELETE FROM kinds_commit WHERE number = 4"),
    "the first commit": _sql("DELETE FROM kinds_version WHERE began = 1", "DELETE FROM kinds_commit WHERE number = 1"),
}
AGAINST_HEADS = {
    "a chain computed anew": _recomputed,
    "a tail cut off": _sql(
        "DELETE FROM kinds_version WHERE began = 4", "DELETE FROM kinds_commit WHERE number = 4",
    ),
    "everything cut off": _sql("DELETE FROM kinds_version", "DELETE FROM kinds_commit"),
}  # fmt: skip
BESIDE_THE_CHAIN = {
    "a record's value": _sql("UPDATE estate_team SET name_en = 'Z' WHERE key = 'a'"),
    "a record's link": _sql("UPDATE estate_person SET team_id = NULL"),
    "a record's personal value": _sql("UPDATE estate_person SET name = 'Eve'"),
    "a record taken out": _sql("DELETE FROM estate_person"),
    "a record put in": _sql(
        "INSERT INTO estate_team (key, fold, name_en, name_zh, department, purpose) VALUES ('x', 'x', 'X', '', '', '')"
    ),
    "a watermark": _sql("UPDATE kinds_kindhead SET number = 1 WHERE kind = 'team'"),
}


def test_an_untouched_chain_holds(chained: Authority) -> None:
    number, mark = history.head()
    assert number == 4
    assert list(history.verify(heads={number: mark})) == []
    assert list(proof.examine({number: mark})) == []


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_with_the_chain_shows(what: str, chained: Authority) -> None:
    TAMPERED[what]()
    assert list(history.verify())


@pytest.mark.parametrize("what", AGAINST_HEADS)
def test_what_fits_in_itself_shows_against_what_auditors_keep(what: str, chained: Authority) -> None:
    number, mark = history.head()
    AGAINST_HEADS[what]()
    assert list(history.verify()) == []
    assert list(history.verify(heads={number: mark}))


@pytest.mark.parametrize("what", BESIDE_THE_CHAIN)
def test_records_changed_beside_the_chain_show(what: str, chained: Authority) -> None:
    BESIDE_THE_CHAIN[what]()
    assert list(history.verify()) == []
    assert list(proof.examine())


def test_a_link_to_another_record_of_the_same_key_shows(chained: Authority) -> None:
    """The key a version says may have changed hands since; who had it then is what counts."""
    write(chained, [Change("team", "a", {"key": "c"})], "five")
    write(chained, [Change("team", "fresh", {"name_en": "F"})], "six")
    write(chained, [Change("team", "fresh", {"key": "a"})], "seven")
    assert list(proof.examine()) == []
    assert Access(chained.reader).select("person").one("p")["team"] == "c"
    _sql("UPDATE estate_person SET team_id = (SELECT id FROM estate_team WHERE key = 'a')")()
    assert [broken.reason for broken in proof.examine()] == ["person:p was changed without the history: team"]


# --- time ------------------------------------------------------------------------------------------------------------


def test_time_goes_on_when_the_clock_is_set_back(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = timezone.now()
    for number, back in enumerate((0, 3_600, 7 * 86_400, -5, 60)):
        monkeypatch.setattr(timezone, "now", lambda back=back: real - timedelta(seconds=back))
        write(OPERATOR, [Change("team", "a", {"name_en": f"name {number}"})], "x")
    monkeypatch.undo()
    times = list(Commit.objects.order_by("number").values_list("at", flat=True))
    assert times == sorted(set(times))
    assert times[0] == real
    assert times[3] == real + timedelta(seconds=5)
    assert list(proof.examine()) == []
    for number, moment in enumerate(times):
        row = Access(OPERATOR.reader, as_of=moment).select("team").one("a")
        assert row["name_en"] == f"name {number}"


def test_the_watermark_of_a_kind_is_its_last_change(chained: Authority) -> None:
    assert history.watermarks(["team", "person", "vendor"]) == {"team": 3, "person": 4, "vendor": 0}
