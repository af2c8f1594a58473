"""A small company, entered through the one door in: initiatives, people, key results, loss scenarios, money."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from quarterdeck.kinds import write
from quarterdeck.kinds.drafts import Change
from quarterdeck.kinds.roles import service

START = date(2027, 1, 1)
QUARTERS = 6
SKILLS = {
    "backend": ("Back-end engineering", "后端开发"),
    "platform": ("Platform engineering", "平台工程"),
    "data": ("Data engineering", "数据工程"),
}
PEOPLE = {"backend": ("ada", "bo", "chen", "dai"), "platform": ("eva", "fang", "gus"), "data": ("han", "ines")}

# key: name, Chinese name, theme, Chinese theme, duration, capital, benefit a month, efforts, further values
INITIATIVES = {
    "checkout": (
        "Checkout in two regions",
        "结算系统双区域部署",
        "Resilience",
        "韧性",
        (5, 6, 9),
        (120, 150, 220),
        (30, 42, 55),
        {"backend": 9, "platform": 5},
        {},
    ),
    "ledger": (
        "Ledger on an event log",
        "账务改为事件日志",
        "Resilience",
        "韧性",
        (4, 5, 8),
        (60, 80, 120),
        (14, 20, 26),
        {"backend": 8, "data": 3},
        {},
    ),
    "fraud": (
        "Fraud scoring",
        "欺诈评分",
        "Data products",
        "数据产品",
        (3, 4, 6),
        (40, 60, 90),
        (22, 30, 44),
        {"data": 6, "backend": 2},
        {},
    ),
    "restore": (
        "Restore tests for every tier",
        "各级系统恢复演练",
        "Audit-ready",
        "审计就绪",
        (2, 3, 5),
        (10, 15, 25),
        (0, 0, 0),
        {"platform": 4},
        {"mandate": date(2027, 9, 30)},
    ),
    "build": (
        "Builds in five minutes",
        "五分钟构建",
        "Platform",
        "平台",
        (2, 3, 4),
        (15, 20, 30),
        (6, 9, 12),
        {"platform": 5, "backend": 1},
        {},
    ),
    "search": (
        "Own search engine",
        "自研搜索引擎",
        "Platform",
        "平台",
        (6, 8, 12),
        (150, 200, 320),
        (6, 10, 16),
        {"backend": 12, "data": 8},
        {},
    ),
}
# key: goal, name, Chinese name, unit, today, target, due, worth in thousands
KEY_RESULTS = {
    "uptime": ("trust", "Checkout without a fault", "结算无故障时长占比", "%", 99.2, 99.7, date(2028, 3, 31), 400),
    "recovery": (
        "trust",
        "Systems whose restore was tested",
        "已做恢复演练的系统",
        "systems",
        4,
        15,
        date(2027, 12, 31),
        150,
    ),
    "fraud-loss": ("growth", "Fraud loss against turnover", "欺诈损失占营业额", "%", 0.9, 0.6, date(2028, 6, 30), 250),
    "lead-time": (
        "growth",
        "Days from commit to customers",
        "从提交到上线的天数",
        "days",
        9,
        4,
        date(2028, 6, 30),
        120,
    ),
}
CONTRIBUTIONS = {
    ("checkout", "uptime"): (0.3, 0.5, 0.7),
    ("ledger", "uptime"): (0.1, 0.2, 0.3),
    ("restore", "recovery"): (12, 14, 16),
    ("fraud", "fraud-loss"): (-0.5, -0.4, -0.2),
    ("build", "lead-time"): (-8, -7, -5),
    ("search", "lead-time"): (-2, -1, 0),
}
# key: name, Chinese name, category, frequency, losses in thousands
SCENARIOS = {
    "outage": ("Checkout is down for a day", "结算系统中断一天", "failure", (0.3, 0.6, 1.2), (80, 900)),
    "fraud-ring": ("Organised fraud", "有组织欺诈", "attack", (0.2, 0.5, 1.0), (50, 600)),
    "lost-data": ("Data cannot be restored", "数据无法恢复", "failure", (0.05, 0.1, 0.2), (300, 4000)),
}
TREATMENTS = {
    ("checkout", "outage"): (0.4, 0.7),
    ("fraud", "fraud-ring"): (0.5, 0.8),
    ("restore", "lost-data"): (0.5, 0.5),
}


def points(name: str, values: tuple[float, float, float]) -> dict[str, float]:
    """The three columns of an estimate."""
    return dict(zip((f"{name}_low", f"{name}_likely", f"{name}_high"), values, strict=True))


def texts(name: str, english: str, chinese: str) -> dict[str, str]:
    """The two columns of a text in two languages."""
    return {f"{name}_en": english, f"{name}_zh": chinese}


def thousands(values: tuple[float, ...]) -> tuple[float, ...]:
    """Sums given in thousands."""
    return tuple(value * 1000 for value in values)


def ground() -> Iterable[Change]:
    """Frame, budget, skills, people and the ways to find more of them."""
    frame = {
        **texts("name", "Plan 2027–2028", "2027–2028 年规划"),
        "start": START,
        "quarters": QUARTERS,
        "currency": "EUR",
        "discount": 0.08,
        "most_at_once": 4,
        "attrition": 0.1,
        **points("operations_share", (0.1, 0.15, 0.25)),
    }
    yield Change("plan-frame", "plan-2027", frame)
    for quarter in range(QUARTERS):
        first = date(START.year + quarter // 4, 1 + quarter % 4 * 3, 1)
        yield Change(
            "budget", f"{first}-capital", {"quarter": first, "sort": "capital", "amount": 50_000, "currency": "EUR"}
        )
        yield Change(
            "budget", f"{first}-running", {"quarter": first, "sort": "running", "amount": 90_000, "currency": "EUR"}
        )
    yield Change("cost-band", "engineer", {"annual_cost": 96_000, "currency": "EUR"})
    for key, (english, chinese) in SKILLS.items():
        yield Change("skill", key, texts("name", english, chinese))
        route = {
            "skill": key,
            "cost": 12_000,
            "currency": "EUR",
            "cost_band": "engineer",
            **points("time", (2, 4, 7)),
            "ramp": 3,
            "limit": 1,
        }
        yield Change("hiring-route", f"hire-{key}", route)
        for person in PEOPLE[key]:
            yield Change("person", person, {"name": f"{person.title()} Person", "start_date": date(2024, 1, 8)})
            yield Change("person-skill", f"{person}/{key}", {"person": person, "skill": key, "level": 4})
    yield Change("contractor", "buy-platform", {"skill": "platform", "cost": 14_000, "currency": "EUR", "limit": 3})


def aims() -> Iterable[Change]:
    """Goals, key results, loss scenarios and the appetite for loss."""
    yield Change("goal", "trust", texts("name", "Customers trust us", "客户信任我们"))
    yield Change("goal", "growth", texts("name", "Grow without waste", "高效增长"))
    for key, (goal, english, chinese, unit, today, target, due, worth) in KEY_RESULTS.items():
        values = {"goal": goal, "unit": unit, "today": today, "target": target, "due": due, "worth": worth * 1000}
        yield Change("key-result", key, {**texts("name", english, chinese), **values})
    for key, (english, chinese, category, frequency, losses) in SCENARIOS.items():
        low, high = thousands(losses)
        values = {
            "category": category,
            "loss_low": low,
            "loss_high": high,
            "currency": "EUR",
            **points("frequency", frequency),
        }
        yield Change("scenario", key, {**texts("name", english, chinese), **values})
    yield Change("appetite", "one-in-twenty", {"probability": 0.95, "amount": 2_500_000, "currency": "EUR"})


def work() -> Iterable[Change]:
    """Initiatives with what they need, bring and treat."""
    for key, (english, chinese, theme, theme_zh, duration, capital, benefit, efforts, further) in INITIATIVES.items():
        values = {
            **texts("name", english, chinese),
            **texts("theme", theme, theme_zh),
            **points("duration", duration),
            **points("capital", thousands(capital)),
            **points("running_cost", (500, 800, 1500)),
            **points("benefit", thousands(benefit)),
            "ramp": 3,
            "currency": "EUR",
            **further,
        }
        yield Change("initiative", key, values)
        for skill, months in efforts.items():
            estimate = (months * 0.7, months, months * 1.6)
            yield Change("effort", f"{key}/{skill}", {"initiative": key, "skill": skill, **points("months", estimate)})
    for (initiative, result), amount in CONTRIBUTIONS.items():
        yield Change(
            "contribution",
            f"{initiative}/{result}",
            {"initiative": initiative, "key_result": result, **points("amount", amount)},
        )
    for (initiative, scenario), (frequency, magnitude) in TREATMENTS.items():
        values = {
            "initiative": initiative,
            "scenario": scenario,
            "frequency_factor": frequency,
            "magnitude_factor": magnitude,
        }
        yield Change("treatment", f"{initiative}/{scenario}", values)
    yield Change("precedence", "search/ledger", {"initiative": "search", "after": "ledger"})


def changes() -> list[Change]:
    """Everything there is."""
    return [*ground(), *aims(), *work()]


def enter() -> None:
    """Write the company into an empty home."""
    write.write(service("test"), changes(), "test: a small company")


@pytest.fixture(scope="module")
def entered(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The company in the database for one module of tests; what a test changes is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        enter()
        yield
        transaction.set_rollback(True)
