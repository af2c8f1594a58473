"""Budgets, ways to hire and to buy work, exchange rates, and how past initiatives turned out."""

from dataclasses import dataclass
from datetime import date
from math import log

from quarterdeck.sample.chance import Span, chance, month_after, quarter_after
from quarterdeck.sample.intentions import Three

QUARTERS = 8
DISCOUNT = 0.08  # a year
AT_ONCE = 14  # initiatives in work
CORRELATION = 0.2  # between losses
OPERATIONS: Three = (0.50, 0.58, 0.68)
CAPITAL = (330_000, 330_000, 330_000, 310_000, 340_000, 340_000, 340_000, 330_000)  # EUR a quarter
RUNNING = (330_000, 330_000, 330_000, 330_000, 345_000, 345_000, 345_000, 345_000)
# key → skill, cost of a hire, currency, cost band, months to hire, months to full work, hires a quarter
ROUTES: dict[str, tuple[str, int, str, str, Three, int, int]] = {
    "security-hamburg": ("security", 16_000, "EUR", "DE-4", (4, 6, 10), 4, 1),
    "scientist-suzhou": ("machine-learning", 65_000, "CNY", "CN-4", (3, 5, 9), 4, 1),
    "reliability-suzhou": ("site-reliability", 45_000, "CNY", "CN-3", (2, 3, 6), 3, 1),
    "go-suzhou": ("go", 36_000, "CNY", "CN-2", (1, 3, 5), 3, 2),
    "java-hamburg": ("java", 12_000, "EUR", "DE-3", (3, 5, 8), 4, 2),
    "frontend-chengdu": ("frontend", 32_000, "CNY", "CN-2", (1, 2, 4), 2, 2),
    "data-chengdu": ("data-engineering", 40_000, "CNY", "CN-3", (2, 3, 6), 3, 1),
    "mobile-chengdu": ("mobile", 34_000, "CNY", "CN-2", (1, 3, 5), 3, 1),
}
# key → skill, vendor, cost a person-month, currency, person-months a quarter
CONTRACTORS = {
    "backbord-security": ("security", "backbord", 15_500, "EUR", 3.0),
    "backbord-reliability": ("site-reliability", "backbord", 13_800, "EUR", 3.0),
    "backbord-java": ("java", "backbord", 12_200, "EUR", 6.0),
    "shuling-frontend": ("frontend", "shuling", 43_000, "CNY", 6.0),
    "shuling-testing": ("testing", "shuling", 31_000, "CNY", 9.0),
}
_PAST = (
    ("Gateway in Go", "网关 Go 化", 30, 9, 42),
    ("QR codes for Europe", "欧洲二维码支付", 14, 5, 26),
    ("Carrier marketplace", "承运商市场", 26, 8, 38),
    ("Statements on line", "电子账单", 9, 4, 11),
    ("Robots, first hall", "一号仓机器人", 34, 11, 70),
    ("Single sign-on", "统一登录", 12, 5, 9),
    ("Tariff look-up", "税则查询", 8, 4, 8),
    ("Event bus in Suzhou", "苏州事件总线", 18, 7, 12),
    ("Fraud rules by data", "数据化风控规则", 16, 6, 33),
    ("Refunds in a day", "当日退款", 10, 4, 14),
    ("Driver app, second version", "司机端二期", 22, 8, 24),
    ("Data lake", "数据湖建设", 28, 10, 20),
    ("Partner interface", "合作方接口", 13, 5, 17),
    ("Cash-on-delivery", "货到付款", 11, 4, 15),
)
# what is planted: median and spread (of the logarithm) of actual over planned
TRUE_BIAS = {"effort": (1.28, 0.26), "duration": (1.38, 0.22), "benefit": (0.72, 0.34)}


@dataclass(frozen=True)
class Outcome:
    """A past initiative: planned and actual person-months, months and benefit a month in EUR."""

    key: str
    en: str
    zh: str
    finished: date
    planned: tuple[float, float, float]
    actual: tuple[float, float, float]


@dataclass(frozen=True)
class Rate:
    """What one unit of a currency was worth in EUR on a day."""

    currency: str
    on: date
    rate: float


def outcomes(seed: int, time: Span) -> list[Outcome]:
    """Fourteen past initiatives."""
    random = chance(seed, "outcomes")
    found = []
    for place, (en, zh, effort, months, benefit) in enumerate(_PAST):
        factors = [random.lognormvariate(log(median), spread) for median, spread in TRUE_BIAS.values()]
        planned = (float(effort), float(months), benefit * 1000.0)
        actual = (round(effort * factors[0], 1), round(months * factors[1], 1), round(benefit * factors[2]) * 1000.0)
        finished = month_after(time.today, -34 + place * 2).replace(day=random.randint(3, 27))
        found.append(Outcome(f"past-{place + 1:02d}", en, zh, finished, planned, actual))
    return found


def rates(seed: int, time: Span, on: date) -> list[Rate]:
    """CNY and USD in EUR on the first of every month."""
    found = []
    for currency, start, low, high in (("CNY", 0.1285, 0.116, 0.138), ("USD", 0.925, 0.82, 0.98)):
        random, rate, day = chance(seed, "rates", currency), start, month_after(time.start, 0)
        while day <= on:
            found.append(Rate(currency, day, round(rate, 6)))
            rate = min(high, max(low, rate * (1 + random.gauss(0, 0.011))))
            day = month_after(day)
    return found


def plan_start(time: Span) -> date:
    """First day of the plan: the quarter after the first collection's."""
    return quarter_after(time.today)


def median_bias(found: list[Outcome]) -> dict[str, float]:
    """Geometric mean of actual over planned, from the figures as they are written down."""
    measures = zip(TRUE_BIAS, range(3), strict=True)
    return {
        name: 2.718281828459045 ** (sum(log(one.actual[n] / one.planned[n]) for one in found) / len(found))
        for name, n in measures
    }
