"""The histories of the company's repositories: who changed which files when, as streams for `git fast-import`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from quarterdeck.sample.chance import Span, chance, count, days, midnight, moment, weighted
from quarterdeck.sample.objects import Tree, clock, commit
from quarterdeck.sample.people import ENGINEERS, Personnel, Staff
from quarterdeck.sample.systems import SYSTEM
from quarterdeck.sample.teams import TEAM
from quarterdeck.sample.trackers import SLOWER, Issue
from quarterdeck.sample.upgrades import Upgrades
from quarterdeck.sample.writing import text


@dataclass(frozen=True)
class Shape:
    """What one repository is like. pace: commits a working day. hot: a file that is mended again and again."""

    system: str
    ending: str
    folders: tuple[str, ...]
    pace: float
    hot: str
    neighbours: tuple[str, ...]  # other teams whose people write here, too


_SHAPES = """
payment-gateway|go|cmd/gateway internal/cards internal/limits internal/webhooks|0.62|internal/cards/authorise.go|payments-core
token-vault|go|cmd/vault internal/keys internal/store|0.45||security
clearing-engine|java|src/clearing src/netting src/positions|0.50|src/netting/Netting.java|
settlement-batch|java|src/batch src/files src/calendar|0.42||
ledger-core|java|src/accounts src/postings src/balance|0.55||payments-core
fraud-scoring|py|scoring/rules scoring/models scoring/features|0.55||data
order-hub|java|src/orders src/pricing src/events src/returns|0.72|src/orders/OrderState.java|merchant customs
route-optimiser|py|routes/solver routes/costs routes/input|0.50||
warehouse-control|java|src/waves src/bins src/robots|0.55||
customs-gateway|java|src/declarations src/messages src/codes|0.40|src/messages/Edifact.java|
merchant-portal|ts|src/pages src/forms src/state src/charts|0.70|src/state/session.ts|mobile
driver-app|ts|src/screens src/offline src/map|0.58||routing
event-bus-hamburg|go|cmd/bus internal/topics internal/replication|0.48||operations
"""  # noqa: E501
_STEMS = (
    "adapter batch buffer cache check codec context cursor digest entry filter guard handler index journal key "
    "limit mapper merge notice order parser plan policy queue reader record retry rule schema shard sign slot "
    "state store sync table timer trace view window writer"
)
_VERBS = (
    "accept apply build check close count create fetch find keep load mark match merge open parse read reject "
    "route save send sort split store sum take test track trim verify write"
)
_FIXES = (
    ("fix: {0} after {1}", "修复{1}后的{0}问题"),
    ("fix {0} being lost", "修复{0}丢失"),
    ("bugfix: {0} counted twice", "修复{0}重复计算"),
)
_FEATURES = (
    ("Add {0} to {1}", "{1}增加{0}"),
    ("Support {0}", "支持{0}"),
    ("Keep {0} with {1}", "{1}中保留{0}"),
    ("Simplify {0}", "简化{0}"),
    ("Tests for {0}", "补充{0}测试"),
)


def _shape(line: str) -> Shape:
    system, ending, folders, pace, hot, neighbours = line.split("|")
    return Shape(system, ending, tuple(folders.split()), float(pace), hot, tuple(neighbours.split()))


SHAPES = tuple(_shape(line) for line in _SHAPES.strip().splitlines())


@dataclass(frozen=True)
class Change:
    """One file as a commit leaves it."""

    path: str
    content: str


@dataclass(frozen=True)
class Commit:
    """One commit; authored is when work on it began, committed when it was merged."""

    name: str
    repository: str
    author: Staff
    authored: datetime
    committed: datetime
    message: str
    changes: tuple[Change, ...]


def histories(seed: int, time: Span, people: Personnel, issues: Sequence[Issue]) -> dict[str, list[Commit]]:
    """The commits of every repository, oldest first."""
    by_team: dict[str, list[Issue]] = {}
    for issue in issues:
        by_team.setdefault(issue.team, []).append(issue)
    return {shape.system: _Author(shape, seed, time, people, by_team).write() for shape in SHAPES}


class _Author:
    """Writes one repository's history, day by day."""

    def __init__(self, shape: Shape, seed: int, time: Span, people: Personnel, issues: dict[str, list[Issue]]) -> None:
        self.shape, self.time, self.random = shape, time, chance(seed, "history", shape.system)
        self.team = SYSTEM[shape.system].owner
        self.people = [
            p for p in people.staff if p.team in (self.team, *shape.neighbours) and p.post.startswith(ENGINEERS)
        ]
        self.alone = next((p for p in people.staff if p.key == people.irreplaceable.get(shape.system)), None)
        self.issues = issues[self.team]
        self.next = 0
        self.tree, self.parent = Tree(), ""
        self.files: dict[str, list[str]] = {}
        self.maker: dict[str, str] = {}
        self.found: list[Commit] = []
        self.last = midnight(time.start)
        self.upgrades, self.keeper = Upgrades(shape.system, seed, time), chance(seed, "keepers", shape.system)
        self.upgrader = self.people[0]

    def write(self) -> list[Commit]:
        """All commits from the first day to the last."""
        self._begin()
        for day in days(self.time.start + timedelta(days=8), self.time.until):
            slow = self.team == SLOWER and day > self.time.today
            for _ in range(count(self.random, self.shape.pace * (0.5 if slow else 1)) if day.weekday() < 5 else 0):
                self._work(day)
            if day in self.upgrades.raised:
                self._upgrade(day)
        return self.found

    def _begin(self) -> None:
        """The first files, a few a commit, by whoever knows the system best: one person, or several in turn."""
        founders = (
            [self.alone]
            if self.alone
            else [p for p in self._present(self.time.start) if p.team == self.team and p.end is None][:4]
        )
        stems = iter(self.random.sample(_STEMS.split(), 30))
        paths = [
            *([self.shape.hot] if self.shape.hot else []),
            *(self._path(folder, next(stems)) for folder in self.shape.folders for _ in range(7)),
        ]
        for place in range(0, len(paths), 4):
            day = self.time.start + timedelta(days=place // 4 % 5)
            author = founders[place // 4 % len(founders)]
            self._commit(
                author,
                day,
                f"Add {paths[place].split('/')[-2]} {place // 4 + 1}",
                [self._new(path, author) for path in paths[place : place + 4]],
            )

    def _path(self, folder: str, stem: str) -> str:
        name = stem.capitalize() if self.shape.ending == "java" else stem
        return f"{folder}/{name}.{self.shape.ending}"

    def _present(self, day: date) -> list[Staff]:
        return [person for person in self.people if person.works(day)]

    def _work(self, day: date) -> None:
        author = self._who(day)
        mends = self.random.random() < 0.3
        if self.alone and author is not self.alone and self.random.random() < 0.5:
            changes = [self._extend(author)]
        elif self.random.random() < 0.10 and not mends:
            changes = [self._new(self._fresh(), author)]
        else:
            changes = [self._edit(path) for path in self._which(author, mends)]
        self._commit(
            author,
            day,
            self._message((mends and any(change.path == self.shape.hot for change in changes)) or mends),
            changes,
        )

    def _upgrade(self, day: date) -> None:
        """Raise a package; whoever begins an upgrade sees it through."""
        here = [person for person in self._present(day) if person.team == self.team]
        if self.upgrader not in here or self.upgrades.begins(day):
            self.upgrader = self.alone if self.alone in here else self.keeper.choice(here)
        chinese = TEAM[self.team].place != "Hamburg"
        message = ("升级{}" if chinese else "Upgrade {}").format(self.upgrades.name(day))
        self._commit(self.upgrader, day, message, [Change(*self.upgrades.manifest(day))])

    def _who(self, day: date) -> Staff:
        if self.alone and self.random.random() < 0.88:
            return self.alone
        return weighted(
            self.random, [(p, 1.0 if p.team == self.team else 0.15) for p in self._present(day) if p is not self.alone]
        )

    def _which(self, author: Staff, mends: bool) -> list[str]:
        if mends and self.shape.hot and self.random.random() < 0.55:
            return [self.shape.hot]
        paths = sorted(self.files)
        chosen = {
            weighted(self.random, [(path, self._liking(path, author)) for path in paths])
            for _ in range(self.random.choice((1, 1, 2, 2, 3)))
        }
        return sorted(chosen)

    def _liking(self, path: str, author: Staff) -> float:
        own = 3.0 if self.maker[path] == author.key else 1.0
        return own * (6.0 if path == self.shape.hot else 1.0)

    def _fresh(self) -> str:
        while True:
            path = self._path(
                self.random.choice(self.shape.folders),
                self.random.choice(_STEMS.split()) + str(self.random.randint(2, 40)),
            )
            if path not in self.files:
                return path

    def _extend(self, author: Staff) -> Change:
        """Newcomers to a system that one person knows write a test of their own and leave the rest alone."""
        path = f"tests/{author.login.split('.')[0]}.{self.shape.ending}"
        return self._edit(path) if path in self.files else self._new(path, author)

    def _new(self, path: str, author: Staff) -> Change:
        self.files[path] = [self._line(place) for place in range(self.random.randint(25, 60))]
        self.maker[path] = author.key
        return Change(path, "".join(self.files[path]))

    def _edit(self, path: str) -> Change:
        lines = self.files[path]
        hot = path == self.shape.hot
        for _ in range(self.random.randint(4, 14) if hot else self.random.randint(2, 8)):
            place = self.random.randrange(len(lines))
            if self.random.random() < 0.45:
                lines.insert(place, self._line(len(lines)))
            else:
                lines[place] = self._line(place)
        if len(lines) > (260 if hot else 110):
            del lines[: len(lines) // 6]
        return Change(path, "".join(lines))

    def _line(self, place: int) -> str:
        verb, noun = self.random.choice(_VERBS.split()), self.random.choice(_STEMS.split())
        tail = {"py": "", "go": "", "java": ";", "ts": ";"}[self.shape.ending]
        return f"    {verb}_{noun}({noun}, {self.random.randrange(10_000)}){tail}\n"

    def _message(self, mends: bool) -> str:
        chinese = TEAM[self.team].place != "Hamburg"
        one, two = self.random.sample(_STEMS.split(), 2)
        return self.random.choice(_FIXES if mends else _FEATURES)[chinese].format(one, two)

    def _commit(self, author: Staff, day: date, message: str, changes: list[Change]) -> None:
        place = TEAM[self.team].place
        committed = max(moment(day, self.random, place, 9.5, 19.0), self.last + timedelta(minutes=3))
        authored = committed - timedelta(minutes=int(20 + self.random.expovariate(1 / 420)))
        self.last = committed
        message = f"{message}{self._reference(authored)}\n"
        for change in changes:
            self.tree.put(change.path, change.content.encode())
        zone = "+0100" if place == "Hamburg" else "+0800"
        who = (f"{author.identity} {clock(authored, zone)}", f"{author.identity} {clock(committed, zone)}")
        self.parent = commit(self.tree.name(), self.parent, *who, message)
        self.found.append(Commit(self.parent, self.shape.system, author, authored, committed, message, tuple(changes)))

    def _reference(self, at: datetime) -> str:
        """The issue it was done for, as two commits of three name one."""
        while self.next < len(self.issues) and self.issues[self.next].created <= at:
            self.next += 1
        recent = self.issues[max(0, self.next - 25) : self.next]
        return f" ({self.random.choice(recent).key})" if recent and self.random.random() < 0.66 else ""


def stream(commits: Sequence[Commit], on: datetime) -> str:
    """What `git fast-import` makes the history up to a moment of, with a tag at the end of every month."""
    pieces = []
    past = [one for one in commits if one.committed <= on]
    zone = "+0100" if TEAM[SYSTEM[commits[0].repository].owner].place == "Hamburg" else "+0800"
    for number, one in enumerate(past, 1):
        who = one.author.identity
        message = one.message
        pieces.append(
            f"commit refs/heads/main\nmark :{number}\nauthor {who} {clock(one.authored, zone)}\n"
            f"committer {who} {clock(one.committed, zone)}\ndata {len(message.encode())}\n{message}\n"
        )
        pieces += [
            f"M 100644 inline {change.path}\ndata {len(change.content.encode())}\n{change.content}\n"
            for change in one.changes
        ]
        pieces.append("\n")
        if number < len(past) and past[number].committed.month != one.committed.month:
            pieces.append(f"reset refs/tags/v{one.committed:%Y.%m}\nfrom :{number}\n\n")
    return "".join([*pieces, "done\n"])


def write(folder: Path, commits: dict[str, list[Commit]], on: date) -> None:
    """One stream a repository."""
    for repository, own in commits.items():
        text(folder / f"{repository}.fast-import", stream(own, midnight(on) + timedelta(days=1)))
