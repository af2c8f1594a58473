"""Encodings: UTF-8, UTF-16 and Chinese in GB18030 are read alike; what only decodes as GB18030 is refused by its place."""

import re
from pathlib import Path

import pytest
from whole_sources import CLOSED, LINES, Whole, reading

from quarterdeck.evidence import bill, hostile, roster
from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.chinese import FAMILIAR_SHARE, Judge

CHINESE = (
    "王伟,李娜,张敏,刘洋,陈静,杨磊,欧阳震华,诸葛亮",
    "深圳市南山区粤海街道科技园",
    "采购单价,供应商编码,交货地点,质检状态",
    "弹性公网带宽,对象存储,云硬盘快照,容器镜像",
    "很久以前，山脚下住着一位老渔夫，每天清晨划着小船出海捕鱼",
    "编号,标题,负责人\n甲-1,退款失败,王喆",
    "团队",
)
FOREIGN = {  # text of an encoding that GB18030 decodes without a complaint, to characters that mean nothing
    "Straße": "cp1252",
    "Müller,Größe,Änderung,schön": "cp1252",
    "São Paulo, ação": "cp1252",
    "señor, niño, mañana": "cp1252",
    "Åse Øye": "cp1252",
    "garçon": "latin-1",
    "Gr\u00f6\u00dfe": "mac_roman",
    "시스템 개발팀 이름과 담당자": "euc-kr",
    "東京都システム開発部": "euc-jp",
    "山田太郎,営業部": "shift_jis",
    "系統開發部": "big5",
}


def text_of(data: bytes) -> str:
    return hostile.decode(data, "x.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("text", CHINESE)
def test_chinese_is_read(text: str, encoding: str) -> None:
    assert text_of(f"key\n{text}\n".encode(encoding)) == f"key\n{text}\n"


def test_a_law_in_chinese_is_read_in_both_encodings(shared_data: Path) -> None:
    text = (shared_data / "03_compliance/cn_law/pipl_key_articles.yaml").read_text(encoding="utf-8")
    assert len(re.findall("[\u4e00-\u9fff]", text)) > 1_000
    assert text_of(text.encode("gb18030")) == text


@pytest.mark.parametrize("text", FOREIGN)
def test_text_of_another_encoding_is_refused_with_its_line(text: str) -> None:
    data = b"key,name\nA,plain\n" + text.encode(FOREIGN[text]) + b",x\n"
    data.decode("gb18030")  # decodes, and is nonsense
    with pytest.raises(Refused) as refused:
        text_of(data)
    assert (refused.value.origin, refused.value.line) == ("x.csv", 3)
    assert "save it as UTF-8" in refused.value.reason or "is not text" in refused.value.reason


def test_utf_8_cut_inside_a_character_is_never_read_as_gb18030(shared_data: Path) -> None:
    whole = (shared_data / "03_compliance/cn_law/pipl_key_articles.yaml").read_bytes()[:6_000]
    cuts = [end for end in range(1, len(whole)) if whole[end] & 0xC0 == 0x80]  # a character goes on there
    assert len(cuts) > 1_000
    for end in cuts:
        with pytest.raises(Refused, match="cut short") as refused:
            text_of(whole[:end])
        assert refused.value.line == whole.count(b"\n", 0, end) + 1


def test_one_foreign_byte_does_not_turn_utf_8_into_gb18030() -> None:
    data = "编号,姓名\nA,王伟\n".encode() + b"B,Stra\xdfe\n" + "C,李娜\n".encode()
    with pytest.raises(Refused) as refused:
        text_of(data)
    assert refused.value.line == 3


@pytest.mark.parametrize("data", [b"\xff\xfea\x00b", b"\xfe\xff\xd8\x00\x00a"])
def test_what_begins_like_utf_16_and_is_not_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="UTF-16"):
        text_of(data)


def test_the_judge_hears_in_blocks_what_it_hears_at_once() -> None:
    text = "".join(CHINESE) + "遝黮鲞"
    blocks, whole = Judge(), Judge()
    whole.hear(text)
    for sign in text:
        blocks.hear(sign)
    assert (blocks.heard, blocks.known) == (whole.heard, whole.known)
    assert whole.known / whole.heard > FAMILIAR_SHARE


TEXTS = [*LINES, *(whole for whole in CLOSED if whole.name.endswith((".json", ".md")))]
COMMENTS = {"uv.lock": "# ", "Cargo.lock": "# ", "requirements.txt": "# ", "go.mod": "// "}


def with_words(whole: Whole, words: str) -> str:
    """The file's text with other words where it holds Chinese, or in a comment before all."""
    text = whole.data.decode()
    if whole.name in COMMENTS:
        return f"{COMMENTS[whole.name]}{words}\n{text}"
    return re.sub("[\u4e00-\u9fff]+", words, text)


@pytest.mark.parametrize("whole", [each for each in TEXTS if with_words(each, "网络") != each.data.decode()], ids=str)
class TestEveryReader:
    def test_in_gb18030_it_reads_what_it_reads_in_utf_8(self, whole: Whole, tmp_path: Path) -> None:
        text = with_words(whole, "网络服务")
        found = {encoding: reading(whole, text.encode(encoding), tmp_path) for encoding in ("utf-8", "gb18030")}
        assert found["utf-8"].refused is None
        assert found["gb18030"] == found["utf-8"]

    def test_in_cp1252_it_is_refused_with_its_line(self, whole: Whole, tmp_path: Path) -> None:
        data = with_words(whole, "Straße").encode("cp1252")
        refused = reading(whole, data, tmp_path).refused
        assert refused is not None
        assert refused.origin == whole.name
        assert refused.line == data.count(b"\n", 0, data.index(b"\xdf")) + 1
        assert "save it as UTF-8" in refused.reason


HEAD = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ServiceName\n"


def bill_of(tmp_path: Path, rows: bytes) -> list[str]:
    (tmp_path / "bill.csv").write_bytes(HEAD.encode() + rows)
    batch = bill.READER.read(tmp_path / "bill.csv", None)
    return [service for part in batch.parts for service in part.frame["service"]]


ROW = "1,CNY,2026-01-01,2026-01-01,对象存储\n"
MANY = 60_000  # rows: more than two blocks of a mebibyte


def test_a_long_bill_in_gb18030_is_read(tmp_path: Path) -> None:
    services = bill_of(tmp_path, ROW.encode("gb18030") * MANY)
    assert (len(services), set(services)) == (MANY, {"对象存储"})


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (b"1,EUR,2026-01-01,2026-01-01,Stra\xdfe\n", "neither UTF-8 nor GB18030"),
        (b"1,EUR,2026-01-01,2026-01-01,\0\0\n", r"U\+0000"),
        ("1,CNY,2026-01-01,2026-01-01,对".encode()[:-1], "middle of a character"),
    ],
)
def test_a_long_bill_that_ends_in_nonsense_is_refused_before_a_row_is_given(
    tmp_path: Path, last: bytes, reason: str
) -> None:
    (tmp_path / "bill.csv").write_bytes(HEAD.encode() + ROW.encode() * MANY + last)
    batch = bill.READER.read(tmp_path / "bill.csv", None)
    with pytest.raises(Refused, match=reason) as refused:
        next(iter(batch.parts))
    assert refused.value.line == MANY + 2


def test_a_roster_in_cp1252_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes("staff,team,name\nS1,platform,Jörg Straße\n".encode("cp1252"))
    with pytest.raises(Refused, match=r"roster\.csv:2: is neither UTF-8 nor GB18030 text"):
        roster.READER.read(tmp_path / "roster.csv", None)
