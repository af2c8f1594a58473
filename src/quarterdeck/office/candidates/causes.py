"""Tells one cause of incidents from another by what their source says of it, in English and Chinese."""

import re
import unicodedata

from django.utils.translation import gettext_noop as _

# a cause that goes by many words → what its words must hold, one of each group
TOPICS: dict[str, tuple[tuple[str, ...], ...]] = {
    "expired certificate": (
        ("certificate", "cert", "tls", "ssl", "证书"),
        ("expir", "lapsed", "过期", "到期", "失效"),
    ),
    "expired credential": (
        ("password", "credential", "token", "secret", "api key", "密码", "凭证", "口令", "密钥"),
        ("expir", "lapsed", "过期", "到期", "失效"),
    ),
    "full disk": (
        ("disk", "volume", "storage", "磁盘", "存储"),
        ("full", "no space", "out of space", "已满", "写满", "不足"),
    ),
    "exhausted memory": (
        ("memory", "heap", "oom", "内存"),
        ("out of", "oom", "exhaust", "leak", "溢出", "泄漏", "不足", "耗尽"),
    ),
    "exhausted connections": (("connection", "连接"), ("pool", "exhaust", "too many", "池", "耗尽", "过多")),
    "name resolution": (("dns", "name resolution", "域名解析"),),
}
TITLES = {
    "expired certificate": _("expired certificate"),
    "expired credential": _("expired credential"),
    "full disk": _("full disk"),
    "exhausted memory": _("exhausted memory"),
    "exhausted connections": _("exhausted connections"),
    "name resolution": _("name resolution"),
}
# words that name that something went wrong, in what, or that something was changed, and never why
GENERIC = frozenset(
    re.findall(
        r"\w+",
        "a an the in of at on to from by with and or our its after before during due because caused "
        "fault faulty failure failed fail error bug defect defective problem issue incident outage broken wrong bad "
        "new version release released deployment deployed deploy change changed changes rollout update "
        "code software system service application app human operator user mistake "
        "unknown unclear other none n tbd root cause",
    )
)
GENERIC_ZH = re.compile(
    "新版本|版本|缺陷|故障|错误|异常|失败|问题|变更|发布|上线|部署|更新|代码|软件|系统|服务|应用|程序|"
    "人为|操作|未知|不明|其他|原因|引起|导致|造成|引发|新|的|中|后|了|在|有"
)
SHORT = 4  # letters of a word that must stand whole: oom, tls, cert
_SIGNS = re.compile(r"[\W\d_]+")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def _holds(plain: str, word: str) -> bool:
    """Whether a text holds a word: a Chinese one anywhere, a Latin one at the start of a word, a short one whole."""
    if _CHINESE.search(word):
        return word in plain
    end = r"\b" if len(word) <= SHORT else ""
    return re.search(rf"\b{re.escape(word)}{end}", plain, re.ASCII) is not None


def cause(text: str | None) -> str:
    """One name for causes that say the same; empty where the words say no more than that something went wrong."""
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    for name, groups in TOPICS.items():
        if all(any(_holds(plain, word) for word in group) for group in groups):
            return name
    words = [word for word in _SIGNS.split(plain) if word]
    left = [w for w in words if (GENERIC_ZH.sub("", w) if _CHINESE.search(w) else w not in GENERIC)]
    return " ".join(words) if left else ""
