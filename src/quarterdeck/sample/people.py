"""The company's staff: who they are, where they work, what they can do, when they came and went."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from quarterdeck.sample.chance import Span, chance, month_after, weighted
from quarterdeck.sample.teams import BANDS, CALENDARS, DOMAIN, EXECUTIVES, LEVELS, POSTS, SECOND, SKILLS, TEAMS, Team

_FAMILY = (
    "陈:chen 林:lin 周:zhou 吴:wu 徐:xu 孙:sun 胡:hu 朱:zhu 高:gao 何:he 郭:guo 马:ma 罗:luo 梁:liang 宋:song "
    "郑:zheng 谢:xie 韩:han 唐:tang 冯:feng 于:yu 董:dong 萧:xiao 程:cheng 曹:cao 袁:yuan 邓:deng 许:xu 傅:fu "
    "沈:shen 曾:zeng 彭:peng 吕:lv 苏:su 卢:lu 蒋:jiang 蔡:cai 贾:jia 丁:ding 魏:wei"
)
_GIVEN = (
    "岚:lan 澜:lan 舟:zhou 帆:fan 汐:xi 泽:ze 宁:ning 远:yuan 嘉:jia 瑜:yu 晨:chen 昕:xin 曦:xi 朗:lang 霖:lin "
    "溪:xi 煜:yu 衡:heng 尧:yao 璟:jing 芷:zhi 若:ruo 亦:yi 书:shu 墨:mo 南:nan 秋:qiu 越:yue 知:zhi 予:yu "
    "清:qing 雁:yan 鸣:ming 皓:hao 樾:yue 祁:qi 泓:hong 颂:song 苒:ran 屿:yu"
)
_FIRST = (
    "Alva Bent Carlotta Detje Enno Fenja Gesche Hauke Ilka Jorin Keike Levke Momme Nele Onno Pelle Ricklef "
    "Silja Tade Ubbo Vroni Wiebke Ylva Arne Birte Caspar Dörte Eike Frauke Gunnar Henrike Imke Jannes Karsten "
    "Lasse Merle Norwin Okka Sönke Tomma"
)
_BEGIN = (
    "Alster Brook Deich Ehren Flet Geest Hallig Immen Koog Linden Marsch Nessel Oster Priel Reet Siel Tiden "
    "Wald Werder Wind"
)
_END = "brink hagen hoop kamp loh marn rode sund thaler vogt wohld wurth"


@dataclass(frozen=True)
class Staff:
    """One person on the roster. end: last day, None while they stay. skills: (skill, level), the main one first."""

    key: str
    name: str
    login: str
    team: str
    department: str
    post: str
    level: str
    band: str
    manager: str
    start: date
    end: date | None
    fte: float
    contract: str
    place: str
    skills: tuple[tuple[str, int], ...]
    pay: int

    @property
    def email(self) -> str:
        """Address at work."""
        return f"{self.login}@{DOMAIN}"

    @property
    def identity(self) -> str:
        """Name and address, as a commit has them."""
        return f"{self.name} <{self.email}>"

    @property
    def calendar(self) -> str:
        """Key of the calendar they work by."""
        return CALENDARS[self.place]

    @property
    def currency(self) -> str:
        """Currency of their pay."""
        return BANDS[self.band][1]

    def works(self, day: date) -> bool:
        """Whether they are employed on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Personnel:
    """Everyone, and what happens to whom between the rosters.

    leaver, mover, joiner: between the two rosters before the first collection. follower: who leaves with the one person
    who alone knows a system, to start a company of their own; that both will is known by the second.
    """

    staff: tuple[Staff, ...]
    leaver: str
    mover: str
    moved_from: str
    joiner: str
    later_joiner: str
    follower: str
    last_day: date  # of the key person and the follower
    irreplaceable: dict[str, str]  # system → staff key


ENGINEERS = ("engineer", "scientist")  # posts of those who write code
LEFT_BEHIND = "route-optimiser"  # whose one person who knows it is about to leave by the second collection
# system whose code one person alone knows → team and place among its engineers; two of them the same person
ALONE = {
    "clearing-engine": ("ledger", 0),
    "settlement-batch": ("ledger", 0),
    "route-optimiser": ("routing", 6),
    "customs-gateway": ("customs", 0),
}


class _Names:
    """Invented names, none twice."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.used: set[str] = set()
        self.chinese = [pair.split(":") for pair in _FAMILY.split()], [pair.split(":") for pair in _GIVEN.split()]

    def draw(self, place: str) -> tuple[str, str]:
        """A name and a login. People of Hamburg are mostly European, of Suzhou and Chengdu mostly Chinese."""
        while True:
            name, login = (
                self._european() if self.random.random() < (0.85 if place == "Hamburg" else 0.04) else self._chinese()
            )
            if name not in self.used and login not in self.used:
                self.used |= {name, login}
                return name, login

    def _european(self) -> tuple[str, str]:
        first = self.random.choice(_FIRST.split())
        last = self.random.choice(_BEGIN.split()) + self.random.choice(_END.split())
        plain = first.lower().replace("ö", "oe")
        return f"{first} {last}", f"{plain}.{last.lower()}"

    def _chinese(self) -> tuple[str, str]:
        family, sound = self.random.choice(self.chinese[0])
        (one, first), (two, second) = self.random.sample(self.chinese[1], 2)
        return f"{family}{one}{two}", f"{first}{second}.{sound}"


def personnel(seed: int, time: Span) -> Personnel:
    """All staff: those of today, those who left in the last two years, and who comes and goes around the rosters."""
    random = chance(seed, "people")
    names = _Names(random)
    staff: list[Staff] = []
    for team in TEAMS:
        staff += _members(team, len(staff), names, random, time)
    chief = next(person.key for person in staff if person.post == "general-manager")
    officer = next(person.key for person in staff if person.post == "cto")
    staff = [_reporting(person, staff, chief, officer) for person in staff]
    present = len(staff)
    staff += _departed(staff, names, random, time)
    joined = _joiners(staff, names, random, time)
    return _arrange(staff, joined, present, time)


def _members(team: Team, number: int, names: _Names, random: Random, time: Span) -> list[Staff]:
    skills = ["management", *(skill for skill, heads in team.skills for _ in range(heads))]
    return [_person(team, skill, place, number + place + 1, names, random, time) for place, skill in enumerate(skills)]


def _person(team: Team, skill: str, place: int, number: int, names: _Names, random: Random, time: Span) -> Staff:
    name, login = names.draw(team.place)
    level = _level(team, place, random)
    post = EXECUTIVES[place][0] if team.key == "executive" else POSTS[skill][0]
    first = place <= 3 or random.random() < 0.68  # the first of a team have been here from before the records
    began = (
        time.start - timedelta(days=random.randint(60, 2600))
        if first
        else time.start + timedelta(days=random.randint(5, 640))
    )
    band = f"{'DE' if team.place == 'Hamburg' else 'CN'}-{LEVELS[level]}"
    pay = round(BANDS[band][0] * random.uniform(0.62, 0.82), -2)
    own = (
        5
        if place in (1, 2)
        else random.choice((4, 4, 5))
        if level in ("E3", "E4", "M1", "M2", "X")
        else random.choice((3, 3, 4))
    )
    second = random.randint(1, own - 1)
    return Staff(
        f"V{number:04d}",
        name,
        login,
        team.key,
        team.department,
        post,
        level,
        band,
        "",
        began,
        None,
        weighted(random, ((1.0, 0.93), (0.8, 0.05), (0.6, 0.02))),
        "employee",
        team.place,
        ((skill, own), (SECOND[skill], second)),
        int(pay),
    )


def _level(team: Team, place: int, random: Random) -> str:
    if team.key == "executive":
        return "X"
    if place == 0:
        return "M2" if len(team.skills) > 3 else "M1"
    if place == 1:
        return "E4"
    return weighted(random, (("E1", 0.22), ("E2", 0.38), ("E3", 0.30), ("E4", 0.10)))


def _reporting(person: Staff, staff: list[Staff], chief: str, officer: str) -> Staff:
    lead = _lead(staff, person.team)
    technical = person.department in ("Payments", "Logistics", "Product", "Platform", "Security", "Office of the CTO")
    if person.key == chief:
        return person
    if person.team == "executive":
        return replace(person, manager=chief)
    return replace(person, manager=lead if person.key != lead else officer if technical else chief)


def _departed(staff: list[Staff], names: _Names, random: Random, time: Span) -> list[Staff]:
    """People who left in the last two years, about one in twelve a year."""
    found = []
    models = [person for person in staff if person.level in ("E1", "E2", "E3") and person.start < time.start]
    for number, model in enumerate(random.sample(models, 28), 701):
        name, login = names.draw(model.place)
        end = time.start + timedelta(days=random.randint(30, 365 * 2 - 70))
        start = time.start - timedelta(days=random.randint(30, 1500))
        found.append(replace(model, key=f"V{number:04d}", name=name, login=login, start=start, end=end))
    return found


def _joiners(staff: list[Staff], names: _Names, random: Random, time: Span) -> list[Staff]:
    """One who comes with the last roster before the first collection, one who comes before the second."""
    found = []
    for number, (team, start) in enumerate(
        (("data", month_after(time.today, 0)), ("orders", month_after(time.until, 0))), 801
    ):
        model = next(p for p in reversed(staff) if p.team == team and p.level in ("E1", "E2", "E3") and p.end is None)
        name, login = names.draw(model.place)
        found.append(replace(model, key=f"V{number:04d}", name=name, login=login, start=start))
    return found


def _arrange(staff: list[Staff], joined: list[Staff], present: int, time: Span) -> Personnel:
    engineers = {
        team.key: [p for p in staff[:present] if p.team == team.key and p.post.startswith(ENGINEERS)] for team in TEAMS
    }
    alone = {system: engineers[team][place] for system, (team, place) in ALONE.items()}
    keys = {person.key for person in alone.values()}
    leaver = engineers["merchant"][-2]
    mover = engineers["payments-core"][-3]
    last = month_after(time.until, 2) - timedelta(days=1)
    changed = {
        leaver.key: replace(leaver, end=month_after(time.today, 1) - timedelta(days=1)),
        mover.key: replace(mover, team="platform", department="Platform", manager=_lead(staff, "platform")),
    }
    # whoever knows a system alone has known it from its beginning
    changed |= {key: replace(_of(staff, key), start=time.start - timedelta(days=2200), fte=1.0) for key in keys}
    everyone = [changed.get(person.key, person) for person in staff] + joined
    return Personnel(
        tuple(everyone),
        leaver.key,
        mover.key,
        mover.team,
        joined[0].key,
        joined[1].key,
        next(person.key for person in engineers["risk-control"] if person.post == "scientist"),
        last,
        {system: person.key for system, person in alone.items()},
    )


def _of(staff: Sequence[Staff], key: str) -> Staff:
    return next(person for person in staff if person.key == key)


def _lead(staff: Sequence[Staff], team: str) -> str:
    return next(person.key for person in staff if person.team == team)


def roster(people: Personnel, month: date, time: Span) -> list[Staff]:
    """Who stands on the roster of a month, and how."""
    first, second = month_after(time.today, 0), month_after(time.until, 0)
    found = []
    for person in people.staff:
        if person.start > month_after(month) - timedelta(days=1):
            continue
        if person.key == people.leaver and month < first:
            person = replace(person, end=None)
        if person.key == people.mover and month < first:
            person = replace(
                person, team=people.moved_from, department="Payments", manager=_lead(people.staff, people.moved_from)
            )
        if month >= second and person.key in (people.irreplaceable[LEFT_BEHIND], people.follower):
            person = replace(person, end=people.last_day)
        found.append(person)
    return found


def titles() -> dict[str, tuple[str, str]]:
    """Every post's key → its name in English and Chinese."""
    found = {key: (en, zh) for key, en, zh in POSTS.values()}
    return found | {key: (en, zh) for key, en, zh in EXECUTIVES}


def skill_keys() -> tuple[str, ...]:
    """All skills."""
    return tuple(SKILLS)
