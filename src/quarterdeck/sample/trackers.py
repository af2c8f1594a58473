"""The teams' issues: epics, stories, defects and daily work, with English and Chinese titles."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from quarterdeck.sample.chance import Span, chance, count, midnight, moment, weighted, written
from quarterdeck.sample.epics import EPICS
from quarterdeck.sample.people import Personnel, Staff
from quarterdeck.sample.systems import SYSTEMS, System
from quarterdeck.sample.teams import TEAMS, Team
from quarterdeck.sample.writing import Cell, lines, table

SLOWER = "warehouse"  # the team whose work takes longer after the first collection
SLOWED = 3.0  # times as long
CHINESE = frozenset(("payments-core", "payments-channels", "risk-control", "routing", "operations", "data"))
# team → median days from start to finish, issues a week
PACE = {
    "payments-core": (4.5, 4.6),
    "payments-channels": (3.6, 4.8),
    "ledger": (7.5, 3.6),
    "risk-control": (4.2, 3.9),
    "orders": (6.0, 4.4),
    "routing": (5.0, 4.7),
    "warehouse": (4.8, 4.2),
    "customs": (8.0, 2.9),
    "merchant": (3.2, 4.9),
    "mobile": (4.0, 4.4),
    "data": (5.2, 4.3),
    "platform": (5.6, 4.2),
    "operations": (2.4, 5.0),
    "security": (6.4, 2.6),
    "quality": (4.4, 3.6),
    "architecture": (9.0, 1.6),
}
# type → Chinese word, share, points
TYPES = {
    "story": ("需求", 0.42, (2, 3, 5, 8)),
    "bug": ("缺陷", 0.26, (1, 2, 3)),
    "task": ("任务", 0.20, (1, 2, 3, 5)),
    "operations": ("运维", 0.12, (1, 2)),
}
UPKEEP = ("bug", "operations")  # the types that keep things running
_TITLES = {
    "story": (
        ("Show {0} by {1}", "按{1}显示{0}"),
        ("Let merchants change {0} themselves", "商户可自助修改{0}"),
        ("Export {0} for {1}", "导出{1}的{0}"),
        ("Support {0} in {1}", "在{1}中支持{0}"),
        ("Check {0} before {1}", "{1}前校验{0}"),
    ),
    "bug": (
        ("{0} is wrong after {1}", "{1}后{0}错误"),
        ("Time-out when {0} meets {1}", "{0}遇到{1}时超时"),
        ("{0} is counted twice", "{0}重复计算"),
        ("{1} loses {0}", "{1}丢失{0}"),
    ),
    "task": (
        ("Raise test coverage of {0}", "提高{0}的测试覆盖率"),
        ("Move {0} to the new interface", "{0}迁移到新接口"),
        ("Describe {0} for {1}", "补充{1}的{0}说明"),
        ("Remove the old {0}", "下线旧的{0}"),
    ),
    "operations": (
        ("Renew certificate for {0}", "更新{0}证书"),
        ("Rotate keys of {0}", "轮换{0}密钥"),
        ("Clean up storage of {0}", "清理{0}存储"),
        ("Answer support request about {0}", "处理{0}支持请求"),
    ),
}
_THINGS = {
    "payments": (
        ("refund", "退款"),
        ("settlement file", "结算文件"),
        ("card token", "卡令牌"),
        ("fee", "手续费"),
        ("payout", "代付"),
        ("balance", "余额"),
        ("receipt", "回单"),
    ),
    "logistics": (
        ("route", "路线"),
        ("waybill", "运单"),
        ("driver shift", "司机班次"),
        ("delivery window", "配送时段"),
        ("surcharge", "附加费"),
        ("pallet", "托盘"),
    ),
    "warehouse": (
        ("stock count", "盘点"),
        ("bin", "库位"),
        ("wave", "波次"),
        ("label", "面单"),
        ("inbound notice", "入库单"),
        ("robot order", "机器人任务"),
    ),
    "customs": (
        ("declaration", "报关单"),
        ("tariff code", "税则号"),
        ("contract", "合同"),
        ("certificate of origin", "原产地证"),
        ("duty", "关税"),
    ),
    "merchant": (
        ("price list", "价目表"),
        ("login", "登录"),
        ("dashboard", "看板"),
        ("invoice", "发票"),
        ("notification", "通知"),
        ("profile", "档案"),
    ),
    "data": (
        ("feature", "特征"),
        ("nightly load", "夜间任务"),
        ("report", "报表"),
        ("partition", "分区"),
        ("consent flag", "授权标记"),
    ),
    "platform": (
        ("topic", "主题"),
        ("token", "令牌"),
        ("alert", "告警"),
        ("node", "节点"),
        ("pipeline", "流水线"),
        ("backup", "备份"),
    ),
}
EVERY = 26  # weeks from one epic of a team to its next


@dataclass(frozen=True)
class Issue:
    """One issue with all that will become of it; what lies after the day of an export is not in it."""

    key: str
    team: str
    title: str
    type: str
    created: datetime
    started: datetime
    finished: datetime
    assignee: str
    reporter: str
    epic: str
    labels: str
    points: int
    priority: str
    system: str
    wrong: bool = False  # written with an end before its beginning


def issues(seed: int, time: Span, people: Personnel) -> list[Issue]:
    """Every issue of every team, by team and number."""
    return [issue for team in TEAMS if team.project for issue in _of_team(team, seed, time, people)]


def _of_team(team: Team, seed: int, time: Span, people: Personnel) -> list[Issue]:
    random = chance(seed, "issues", team.key)
    own = [system for system in SYSTEMS if system.owner == team.key] or [
        system for system in SYSTEMS if system.domain == "platform"
    ]
    found: list[Issue] = []
    week = time.start
    while week <= time.until:
        turn, rest = divmod((week - time.start).days // 7, EVERY)
        if rest == 0 and turn < len(EPICS[team.key]):
            found.append(_epic(team, len(found) + 1, EPICS[team.key][turn], week, random, people))
        for _ in range(count(random, PACE[team.key][1])):
            day = week + timedelta(days=random.choice((0, 1, 2, 3, 4)))
            found.append(_issue(team, len(found) + 1, day, own, found, random, people, time))
        week += timedelta(days=7)
    return _wronged(found, team)


def _monday_on(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _working(random: Random, people: Personnel, team: str, day: date) -> Staff:
    present = [
        person for person in people.staff if person.team == team and person.works(day) and person.post != "team-lead"
    ]
    return random.choice(present)


def _epic(team: Team, number: int, name: tuple[str, str], week: date, random: Random, people: Personnel) -> Issue:
    day = _monday_on(week)
    owner = next(p for p in people.staff if p.team == team.key and p.post == "team-lead")
    title = name[1] if team.key in CHINESE else name[0]
    created = moment(day, random, team.place)
    started = created + timedelta(days=random.randint(3, 12))
    finished = started + timedelta(days=int(random.lognormvariate(5.1, 0.4)))
    points = random.choice((20, 40, 60, 100))
    return Issue(
        f"{team.project}-{number}",
        team.key,
        title,
        "epic",
        created,
        started,
        finished,
        owner.email,
        owner.email,
        "",
        "",
        points,
        "P2",
        "",
    )


def _issue(
    team: Team,
    number: int,
    day: date,
    own: list[System],
    before: list[Issue],
    random: Random,
    people: Personnel,
    time: Span,
) -> Issue:
    day = _monday_on(day)
    kind = weighted(random, [(name, share) for name, (_, share, _) in TYPES.items()])
    system = random.choice(own)
    pattern = random.choice(_TITLES[kind])
    one, two = random.sample(_THINGS[system.domain], 2)
    title = pattern[team.key in CHINESE].format(one[team.key in CHINESE], two[team.key in CHINESE])
    created = moment(day, random, team.place)
    started = created + timedelta(hours=random.expovariate(1 / 60))
    days = PACE[team.key][0] * random.lognormvariate(0, 0.75)
    if team.key == SLOWER and started > midnight(time.today):
        days *= SLOWED
    open_epics = [issue.key for issue in before if issue.type == "epic" and issue.finished > created]
    epic = random.choice(open_epics) if open_epics and kind in ("story", "task") and random.random() < 0.35 else ""
    labels = random.choice(("", "", "", "customer", "security", "debt", "regulation"))
    return Issue(
        f"{team.project}-{number}",
        team.key,
        title,
        kind,
        created,
        started,
        started + timedelta(days=days),
        _working(random, people, team.key, day).email,
        _working(random, people, team.key, day).email,
        epic,
        labels,
        random.choice(TYPES[kind][2]),
        random.choice(("P1", "P2", "P2", "P3", "P3", "P3", "P4")),
        system.key,
    )


def _wronged(found: list[Issue], team: Team) -> list[Issue]:
    """Two teams each have one issue that was closed, by a slip of the keyboard, a day before it was opened."""
    if team.key not in ("orders", "data"):
        return found
    place = next(number for number, issue in enumerate(found) if number > 40 and issue.type == "task")
    issue = found[place]
    slip = issue.created - timedelta(days=1)
    found[place] = Issue(**{**vars(issue), "started": issue.created, "finished": slip, "wrong": True})
    return found


HEADINGS = (
    "issue",
    "title",
    "type",
    "status",
    "created",
    "started",
    "finished",
    "assignee",
    "reporter",
    "epic",
    "labels",
    "story_points",
    "priority",
    "project",
    "system",
)
HEADINGS_ZH = (
    "任务编号",
    "标题",
    "类型",
    "状态",
    "创建时间",
    "开始时间",
    "完成时间",
    "负责人",
    "报告人",
    "所属史诗",
    "标签",
    "故事点",
    "优先级",
    "项目",
    "系统",
)
CHANGED = ("issue", "at", "field", "from", "to", "by")
_WITH_HISTORY = ("orders", "routing")
_WORDS = {False: ("to do", "in progress", "done"), True: ("待办", "进行中", "已完成")}


def status(issue: Issue, on: datetime) -> str:
    """Where an issue stands at a moment, in its team's words."""
    words = _WORDS[issue.team in CHINESE]
    return words[2] if issue.finished <= on else words[1] if issue.started <= on else words[0]


def _row(issue: Issue, on: datetime) -> tuple[Cell, ...]:
    kind = (
        TYPES[issue.type][0]
        if issue.team in CHINESE and issue.type in TYPES
        else "史诗"
        if issue.team in CHINESE
        else issue.type
    )
    started = written(issue.started) if issue.started <= on and issue.team not in _WITH_HISTORY else ""
    return (
        issue.key,
        issue.title,
        kind,
        status(issue, on),
        written(issue.created),
        started,
        written(issue.finished) if issue.finished <= on else "",
        issue.assignee,
        issue.reporter,
        issue.epic,
        issue.labels,
        issue.points,
        issue.priority,
        issue.key.split("-")[0],
        issue.system,
    )


def write(folder: Path, everything: list[Issue], on: date) -> list[tuple[str, int]]:
    """A file a team: CSV with Chinese headings or JSON Lines; two teams' history. Returns file and line of slips."""
    now = midnight(on) + timedelta(days=1)
    slips = []
    for team in TEAMS:
        own = [issue for issue in everything if issue.team == team.key and issue.created <= now]
        if not own:
            continue
        chinese = team.key in CHINESE
        path = folder / f"{team.key}.{'csv' if chinese else 'jsonl'}"
        rows = [_row(issue, now) for issue in own]
        slips += [(path.name, number + (2 if chinese else 1)) for number, issue in enumerate(own) if issue.wrong]
        (table if chinese else lines)(path, HEADINGS_ZH if chinese else HEADINGS, rows)
        if team.key in _WITH_HISTORY:
            table(folder / f"{team.key}-changes.csv", CHANGED, [row for issue in own for row in _changes(issue, now)])
    return slips


def _changes(issue: Issue, now: datetime) -> list[tuple[Cell, ...]]:
    to_do, doing, done = _WORDS[issue.team in CHINESE]
    both = ((issue.started, to_do, doing), (issue.finished, doing, done))
    return [(issue.key, written(at), "status", old, new, issue.assignee) for at, old, new in both if at <= now]
