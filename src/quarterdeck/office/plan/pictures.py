"""The plan's pictures: roadmap, frontier, cash, losses against the appetite, people against need."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.charts import lines, marks, roadmap
from quarterdeck.charts.chart import CARD, NARROW, Axes, Chart, Drawing, Size
from quarterdeck.charts.marks import State
from quarterdeck.charts.theme import Colour
from quarterdeck.kinds import show
from quarterdeck.kinds.declare import KINDS
from quarterdeck.office import words
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line

SURE = 0.8  # the probability of the date that the roadmap fades to
SKILL_CARD = Size(CARD.width, 96)


@dataclass(frozen=True)
class GoalLine:
    """One key result: its goal, its chance, and by when."""

    key: str
    title: str
    url: str
    chance: float | None
    said: str  # the chance in words
    due: str
    state: State


@dataclass(frozen=True)
class SkillLine:
    """One skill's people over the plan: how far they fall short of what it could use, and the picture of it."""

    title: str
    url: str
    value: str
    note: str
    short: bool
    chart: Chart


def scale() -> tuple[float, str]:
    """In what a chart counts money, in the reader's language."""
    return (1e4, "万") if words.chinese() else (1e6, "M")


def road(plan: Answered, outlook: Answered, names: Names, goals: tuple[GoalLine, ...]) -> Drawing:
    """Planned work by theme, to its 80 % date, with the least likely key result it serves."""
    programme, months = answers.inputs_of(plan).programme, outlook.result.months
    late = {f.initiative: quantile(f, SURE) for f in outlook.result.finishes}
    planned = {f.initiative: f for f in plan.result.finishes}
    initiatives = {initiative.key: initiative for initiative in programme.initiatives}
    works = []
    for start in plan.result.plan.starts:
        key, last = start.initiative, late.get(start.initiative)
        serves = weakest(initiatives[key], goals)
        works.append(
            roadmap.Work(
                theme=theme(key, names),
                label=names.name("initiative", key),
                start=max(0.0, float(start.quarter)),
                finish=max((planned[key].month + 1) / 3, 0.1),
                late=(months if last is None else last) / 3,
                outcome=serves.said if serves else "",
                serves=serves.title if serves else "",
                state=serves.state if serves else State.PLAIN,
                address=names.url("initiative", key),
            )
        )
    other = _("Other")
    works.sort(key=lambda work: (work.theme == other, work.theme, work.start, work.finish, work.label))
    quarters = max([programme.quarters, *(int(work.late) + 1 for work in works)])
    ticks = [words.quarter_of(programme.start, quarter) for quarter in range(quarters)]
    columns = (
        _("theme"),
        _("initiative"),
        _("start"),
        _("finish as planned"),
        _("80 % date"),
        _("chance of the key result it serves"),
    )
    caption = _("Solid: planned work · fading: to the 80 % date · right: chance of the weakest key result it serves")
    return roadmap.roadmap(works, ticks, columns, caption)


def quantile(finish: Any, probability: float) -> float | None:
    """The moment by which an initiative has finished with this probability; None where that lies beyond the window."""
    return next((q.moment for q in finish.quantiles if q.probability == probability), None)


def weakest(initiative: Any, goals: tuple[GoalLine, ...]) -> GoalLine | None:
    """The least likely of the key results that an initiative serves."""
    served = {contribution.key_result for contribution in initiative.contributions}
    return min((g for g in goals if g.key in served), key=lambda goal: goal.chance or 0, default=None)


def theme(key: str, names: Names) -> str:
    """The theme an initiative stands under, in the reader's language where it is said in it."""
    row = names.row("initiative", key)
    first, second = ("theme_zh", "theme_en") if words.chinese() else ("theme_en", "theme_zh")
    attributes = KINDS["initiative"].attributes
    said = (show.value(attributes[name], row[name]) for name in (first, second)) if row else ()
    return next(filter(None, said), _("Other"))


def frontier(plan: Answered, currency: str) -> Chart | None:
    """The best plan for each budget; None where no budget limits it."""
    programme = answers.inputs_of(plan).programme
    known = [p for p in plan.result.frontier if p.value is not None]
    budget = sum(programme.capital) + sum(programme.running)
    if not known or not budget:
        return None
    size, unit = scale()
    points = [
        lines.FrontierPoint(p.scale * budget / size, p.value / size, p.bound / size if p.bound is not None else None)
        for p in known
    ]
    here = next((point for point, p in zip(points, known, strict=True) if p.scale == 1.0), None)
    axes = Axes(x=_("budget, %(unit)s") % {"unit": f"{unit} {currency}"}, y=f"{unit} {currency}")
    columns = (_("budget"), _("worth of the best plan"), _("proven upper bound"))
    caption = _("Best plan for each budget; grey: proven upper bound; dot: this plan")
    return lines.frontier(points, here, columns, caption, axes=axes)


def cash(outlook: Answered, currency: str) -> Chart:
    """Net cash of each quarter, with its band."""
    programme, (size, unit) = answers.inputs_of(outlook).programme, scale()
    points = [
        lines.BandPoint(
            words.quarter_of(programme.start, c.quarter), c.net.p50 / size, c.net.p10 / size, c.net.p90 / size
        )
        for c in outlook.result.cash[: programme.quarters + 4]
    ]
    columns = (_("quarter"), _("median"), _("10 %"), _("90 %"), _("plan"))
    caption = _("Net cash a quarter, %(unit)s; band: 80 %% of the trials") % {"unit": f"{unit} {currency}"}
    return lines.band(points, columns, caption, colour=Colour.OFFICE)


def appetite(plan: Answered, currency: str) -> Chart | None:
    """What a bad year may cost, without the plan and with it, against the appetite; None where none is declared."""
    if not plan.result.limits:
        return None
    size, unit = scale()
    spans = [
        marks.Bullet(
            years(limit.probability), limit.after / size, limit.before / size, limit.amount / size, _held(limit)
        )
        for limit in sorted(plan.result.limits, key=lambda limit: limit.probability)
    ]
    columns = (_("a year as bad as"), _("with the plan"), _("without it"), _("appetite"))
    caption = _("Loss of a bad year, %(unit)s; solid: with the plan; pale: without it; line: appetite")
    axes = Axes(y=f"{unit} {currency}")
    wide = Size(NARROW.width, 56 + 44 * len(spans))
    return marks.bullets(spans, columns, caption % {"unit": f"{unit} {currency}"}, axes=axes, size=wide)


def _held(limit: Any) -> State:
    return State.PLAIN if limit.met else State.BAD


def losses(plan: Answered, currency: str) -> tuple[Line, ...]:
    """A row an appetite: what such a year costs with the plan, without it, and what is allowed."""
    found = []
    for limit in sorted(plan.result.limits, key=lambda limit: limit.probability):
        said = {
            "after": words.money(limit.after, currency),
            "before": words.money(limit.before, currency),
            "amount": words.money(limit.amount, currency),
        }
        room = limit.amount - limit.after
        text = _("%(sum)s below the appetite") if limit.met else _("%(sum)s beyond the appetite")
        effects = (
            _("%(before)s → %(after)s with the plan") % said,
            text % {"sum": words.money(abs(room), currency)},
        )
        title = years(limit.probability)
        found.append(Line(title, "", effects, "risk", "" if limit.met else "bad"))
    return tuple(found)


def years(probability: float) -> str:
    """“1 year in 20”: how often a year is worse than this quantile."""
    return _("1 year in %(count)s") % {"count": words.decimals(1 / max(1 - probability, 1e-9), 0)}


def skills(outlook: Answered, names: Names) -> tuple[SkillLine, ...]:
    """Every skill that the plan could use or that has people, the one that falls shortest first."""
    programme = answers.inputs_of(outlook).programme
    by_skill: dict[str, list[Any]] = {}
    for entry in outlook.result.capacity:
        if entry.quarter < programme.quarters:
            by_skill.setdefault(entry.skill, []).append(entry)
    ordered = sorted(by_skill.items(), key=lambda item: max(map(gap, item[1])), reverse=True)
    return tuple(_skill(key, entries, names, programme) for key, entries in ordered)


def gap(entry: Any) -> float:
    """Person-months by which a quarter's people fall short of what the plan could use, at the medians."""
    return float(entry.demand.p50 - entry.supply.p50)


def _skill(key: str, entries: list[Any], names: Names, programme: Any) -> SkillLine:
    worst = max(entries, key=gap)
    lacking = round(gap(worst), 1)
    caption = _("Person-months a quarter with 80 % bands: people there, after departures and hires; dashed: need")
    columns = (
        _("quarter"),
        _("supply"),
        _("need"),
        _("supply, 10 %"),
        _("supply, 90 %"),
        _("need, 10 %"),
        _("need, 90 %"),
    )
    said = {"quarter": words.quarter_of(programme.start, worst.quarter)}
    text = _("short in %(quarter)s") if lacking > 0 else _("to spare at the tightest, %(quarter)s")
    return SkillLine(
        names.name("skill", key),
        names.url("skill", key),
        words.decimals(abs(lacking), 1),
        text % said,
        lacking > 0,
        lines.capacity(supply(entries, programme), columns, caption, axes=Axes(), size=SKILL_CARD),
    )


def supply(entries: list[Any], programme: Any) -> list[lines.CapacityPoint]:
    """A skill's quarters as a capacity chart takes them, with their bands."""
    return [
        lines.CapacityPoint(
            words.quarter_of(programme.start, e.quarter),
            e.supply.p50,
            e.demand.p50,
            (e.supply.p10, e.supply.p90),
            (e.demand.p10, e.demand.p90),
        )
        for e in entries
    ]
