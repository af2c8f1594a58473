"""How values, keys, texts and words are read: what people type, what sheets hold, in any script."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.kinds import keys, search, sheets, show
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.declare import KINDS, Attribute
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.text import Text
from quarterdeck.kinds.values import read_column
from quarterdeck.kinds.write import Change, write

OPERATOR = service("tests")


def attribute(path: str) -> Attribute:
    kind, _, name = path.partition(".")
    return KINDS[kind].attributes[name]


def read(path: str, value: object) -> Any:
    values, faults = read_column(attribute(path), [value])
    if faults:
        raise ValueError(faults[0])
    return values[0]


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "typed", "held"),
    [
        ("person.salary", "1,234,567.80", Decimal("1234567.80")),
        ("person.salary", " 12.50 ", Decimal("12.50")),
        ("person.salary", 12.5, Decimal("12.5")),
        ("person.salary", "１２", Decimal(12)),
        ("person.fte", "1e-1", 0.1),
        ("person.fte", True, ValueError),
        ("person.salary", "12,5", ValueError),
        ("person.salary", "1,2345", ValueError),
        ("person.salary", "1_000", ValueError),
        ("person.salary", "0.001", ValueError),
        ("person.salary", "NaN", ValueError),
        ("person.salary", "Infinity", ValueError),
        ("person.salary", "9" * 61, ValueError),
        ("person.salary", "9" * 40, ValueError),
        ("person.fte", "1e999", ValueError),
        ("person.fte", "1.6", ValueError),
        ("initiative.ramp", "3.0", 3),
        ("initiative.ramp", 3.0, 3),
        ("initiative.ramp", "3.5", ValueError),
        ("initiative.ramp", "9" * 30, ValueError),
        ("person.start_date", "2026-11-20", date(2026, 11, 20)),
        ("person.start_date", "2026/11/20", date(2026, 11, 20)),
        ("person.start_date", "2026-11-20T00:00:00", date(2026, 11, 20)),
        ("person.start_date", "2026-11-20 00:00:00+00:00", date(2026, 11, 20)),
        ("person.start_date", datetime(2026, 11, 20), date(2026, 11, 20)),
        ("person.start_date", datetime(2026, 11, 20, 8, tzinfo=UTC), ValueError),
        ("person.start_date", "2026-11-20 or so", ValueError),
        ("person.start_date", "20.11.2026", ValueError),
        ("person.start_date", "2026-02-30", ValueError),
        ("holiday.worked", "是", True),
        ("holiday.worked", "No", False),
        ("holiday.worked", 1.0, True),
        ("holiday.worked", "0", False),
        ("holiday.worked", "maybe", ValueError),
        ("system.criticality", "3", 3),
        ("system.criticality", 3.0, ValueError),
        ("system.criticality", "4 – the company stops", 4),
        ("system.criticality", "5", ValueError),
        ("initiative.state", "RUNNING", "running"),
        ("team.purpose", " two \r\nlines\r ", "two \nlines"),
        ("team.purpose", "   ", ""),
        ("team.purpose", "x" * 32_001, ValueError),
        ("team.purpose", "bell\a", ValueError),
        ("team.purpose", "half \ud800", ValueError),
        ("cost-band.currency", "EUR", "EUR"),
        ("cost-band.currency", "eur", ValueError),
        ("cost-band.currency", "", ValueError),
        ("person.team", "team:Core", "Core"),
    ],
)
def test_what_is_typed_is_read_or_refused(path: str, typed: object, held: Any) -> None:
    if held is ValueError:
        with pytest.raises(ValueError):
            read(path, typed)
    else:
        found = read(path, typed)
        assert (found, type(found)) == (held, type(held))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**11))
def test_money_comes_out_of_a_sheet_as_it_went_in(amount: Decimal) -> None:
    found = attribute("budget.amount")
    assert read("budget.amount", sheets.read(found, sheets.written(found, amount))) == amount


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_out_of_a_sheet_as_they_went_in(number: float) -> None:
    found = attribute("key-result.target")
    if abs(number) > 1e300 or 0 < abs(number) < 1e-300:
        return
    assert read("key-result.target", sheets.read(found, sheets.written(found, number))) == number


@given(st.text(max_size=50))
def test_texts_come_out_of_a_sheet_as_they_went_in(text: str) -> None:
    found = attribute("team.purpose")
    try:
        held = read("team.purpose", text)
    except ValueError:
        return
    assert read("team.purpose", held) == held
    cell = sheets.written(found, held)
    assert not cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert read("team.purpose", sheets.read(found, cell)) == held


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["a", "支付-网关", "Ünï", "pkg:npm/@scope/x@1.0+b", "-1", "@x", "हिन्दी", "Ω", "1", "٣", "a.b_c"]
)
def test_keys_of_any_script_can_be_typed(key: str) -> None:
    assert keys.fault(keys.normalise(key)) is None


@pytest.mark.parametrize("key", ["", "a b", ".a", "/a", "a/", "a..b", "a//b", "a/./b", "a/.", "a=b", "a?b", "a%20", "…", "😀", "-", "a" * 201, "ß" * 101, "a\tb", "a\u200bb"])  # fmt: skip
def test_what_is_no_key_is_told(key: str) -> None:
    assert keys.fault(keys.normalise(key))


def test_folding_is_done_once_for_every_sign_there_is() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x32000), *range(0xE0000, 0xE0200)):
        once = keys.fold("x" + chr(code))
        assert keys.fold(once) == once, hex(code)
        assert keys.fold(keys.normalise("x" + chr(code))) == once, hex(code)


@given(st.text(max_size=30))
def test_two_spellings_of_a_key_are_one(text: str) -> None:
    assert keys.fold(text) == keys.fold(text.upper()) or "ı" in text.lower() or text.upper().lower() != text.lower()
    assert keys.fold(unicodedata.normalize("NFD", text)) == keys.fold(text)
    made = keys.made_of(text)
    assert keys.fault(made) is None
    assert keys.made_of(made) == made


# --- two languages ---------------------------------------------------------------------------------------------------


def test_a_text_in_one_language_is_shown_in_both_and_says_so() -> None:
    assert Text("Core", "核心").reading("zh-hans") == "核心"
    assert Text("Core", "").reading("zh-hans") == "Core"
    assert Text("", "核心").reading("en") == "核心"
    assert Text("Core", "").falls_back("zh-hans")
    assert not Text("Core", "").falls_back("en")
    assert not Text("", "").falls_back("en")


def test_a_record_reads_and_takes_a_text_as_one_value() -> None:
    team = KINDS["team"].model()
    team.name = Text("Core", "核心")  # type: ignore[attr-defined]
    assert (team.name_en, team.name_zh, team.name) == ("Core", "核心", Text("Core", "核心"))  # type: ignore[attr-defined]


# --- words -----------------------------------------------------------------------------------------------------------

SAID = {
    "zh": "支付网关和结算系统", "mixed": "支付API第2版 payment", "en": "Payment Gateway", "de": "Müller Straße",
    "ru": "Платёжный шлюз", "hi": "भुगतान गेटवे", "th": "เกตเวย์การชำระเงิน", "ja": "支払いゲートウェイ", "ko": "결제 게이트웨이",
    "ar": "بوابة الدفع", "rare": "𠮷野家 and 𰻞𰻞面", "zero": "二〇二六年", "sign": "a-b_c.d/e@f", "odd": "'quotes' & <tags> \\ | : * ( )",
    "long": "x" * 150 + " end", "number": "1e5 12ab 3.14",
}  # fmt: skip


@pytest.fixture
def said(db: None) -> None:
    write(OPERATOR, [Change("vendor", f"v-{key}", {"name_en": text}) for key, text in SAID.items()], "x")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("支付", {"zh", "mixed"}), ("付", {"zh", "mixed"}), ("支付网关", {"zh"}), ("网支", set()), ("第2版", {"mixed"}),
        ("PAYMENT", {"en", "mixed"}), ("pay", {"en", "mixed"}), ("gateway payment", {"en"}), ("payment gate", {"en"}), ("ateway", set()),
        ("muller", {"de"}), ("MÜLLER strasse", {"de"}), ("платежный", {"ru"}), ("भुगतान", {"hi"}), ("ชำระ", set()), ("เกตเวย์", {"th"}),
        ("支払", {"ja"}), ("い", {"ja"}), ("결제", {"ko"}), ("الدفع", {"ar"}), ("𠮷野", {"rare"}), ("𰻞", {"rare"}), ("〇", {"zero"}), ("二〇二六", {"zero"}),
        ("a-b", {"sign"}), ("quotes tags", {"odd"}), ("x" * 100, {"long"}), ("1e5", {"number"}), ("12ab", {"number"}), ("3.14", {"number"}),
        ("kind", set()), ("kindvendor", set()), ("vendor", set()), ("\ue000vendor", set()), ("!!!", set()), ("' OR 1=1 --", set()),
        ("v-zh", {"zh"}), ("ｐａｙ", {"en", "mixed"}),
    ],
)  # fmt: skip
def test_words_are_found_in_any_script(asked: str, found: set[str], said: None) -> None:
    rows = Access(OPERATOR.reader).select("vendor").matching(asked).rows()
    assert {row.key.removeprefix("v-") for row in rows} == found


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40), st.text(max_size=12))
def test_the_memory_and_the_index_agree_on_words(text: str, asked: str) -> None:
    wanted = search.wanted(asked)
    if wanted and asked in text and search.wanted(text):
        alone = not any(c.isalnum() for c in (text.partition(asked)[0][-1:] + text.partition(asked)[2][:1]))
        if alone and len(search.wanted(asked)) < 12 and len(asked) < 60:
            assert search.holds(text, wanted)


@pytest.mark.django_db
def test_any_question_is_answered(db: None) -> None:
    """No text a person may type is a fault of the index's own language."""
    select = Access(OPERATOR.reader).select("vendor")
    for text in (
        '"',
        "'",
        "a AND",
        "NEAR(a b)",
        "a*",
        "-a",
        "^a",
        "a:b",
        "{a b}",
        "\\",
        "&|!()<->",
        ":*",
        "NOT",
        "\u0301",
        "\u200d",
        "🏴‍☠️",
    ):
        assert select.matching(text).rows() == []


@pytest.mark.django_db
def test_what_was_renamed_or_deleted_is_found_no_more(said: None) -> None:
    select = Access(OPERATOR.reader).select("vendor")
    write(OPERATOR, [Change("vendor", "v-en", {"name_en": "Something else"}), Change("vendor", "v-mixed", None)], "x")
    assert select.matching("payment").rows() == []
    assert [row.key for row in select.matching("else").rows()] == ["v-en"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO kinds_search(kinds_search) VALUES ('integrity-check')")


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        ((0.0476, 0.286, 0.8095), [0.05, 0.29, 0.81]),
        ((5.25, 8.0, 11.0), [5.2, 8.0, 11.0]),
        ((0.0, 0.012345, 0.04567), [0.0, 0.012, 0.046]),
        ((120.4, 240.6, 1000.2), [120.0, 241.0, 1000.0]),
        ((None, None, None), [None, None, None]),
    ],
)
def test_an_estimate_in_a_list_has_the_decimals_of_its_largest_point(points: tuple[float, ...], shown: list[float]):
    assert show._alike(list(points)) == shown
