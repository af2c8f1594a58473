"""The plan as people see it: sentence, roadmap, what binds, what is left out, frontier, cash, capacity, goals."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts import lines, roadmap
from quarterdeck.charts.chart import Axes, Chart, Drawing
from quarterdeck.charts.marks import State
from quarterdeck.charts.theme import Colour
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

SHOWN = 6  # binding limits, where none was checked by choosing again
CLOSED = 5e-5  # a gap that reads as none
LIKELY, UNLIKELY = 0.7, 0.4  # a goal is called likely from the one on, unlikely below the other


@dataclass(frozen=True)
class Line:
    """A row that is a sentence: what, and its effects; an effect may lead to its path."""

    title: str
    url: str
    effects: tuple[str, ...]
    chapter: str = "office"


@dataclass(frozen=True)
class GoalLine:
    """One key result: its goal, its chance, and by when."""

    key: str
    title: str
    url: str
    chance: float | None
    error: float
    due: str
    state: State


@dataclass(frozen=True)
class PlanView:
    """Everything the plan's page and the board pack print; texts in the reader's language."""

    sentence: str
    lede: str
    currency: str
    road: Drawing
    binds: tuple[Line, ...]
    left: tuple[Line, ...]
    frontier: Chart | None
    cash: Chart
    capacity: tuple[tuple[str, Chart], ...]
    goals: tuple[GoalLine, ...]
    proof: str
    proven: str  # the same, as short as a mark
    starts: tuple[
        tuple[str, str, str, str, str], ...
    ]  # initiative, start, finish as planned, 80 % date, chance of the planned date


class Names:
    """Records' names in the reader's language, looked up once a kind."""

    def __init__(self, reader: Reader) -> None:
        self._access, self._kinds = Access(reader), dict[str, dict[str, Row]]()

    def row(self, kind: str, key: str) -> Row | None:
        if kind not in self._kinds:
            reads = self._access.reader.reads(kind)
            self._kinds[kind] = {row.key: row for row in self._access.select(kind).rows()} if reads else {}
        return self._kinds[kind].get(key)

    def name(self, kind: str, key: str) -> str:
        """The record's name; its key where it has none or the reader may not see it."""
        return show.name(KINDS[kind], self.row(kind, key)) or key

    def url(self, kind: str, key: str) -> str:
        return show.url("record", KINDS[kind], key)


def view(plan: Answered, outlook: Answered, reader: Reader, currency: str) -> PlanView:
    """The plan and its outlook, in words and pictures."""
    names, programme = Names(reader), answers.inputs_of(plan).programme
    goals = _goals(outlook, programme, names)
    return PlanView(
        sentence=_sentence(plan, goals, programme, names),
        lede=_lede(plan, outlook, goals, currency),
        currency=currency,
        road=_road(plan, outlook, programme, names, goals),
        binds=_binds(plan, programme, names, currency),
        left=_left(plan, programme, names, currency),
        frontier=_frontier(plan, programme, currency),
        cash=_cash(outlook, programme, currency),
        capacity=_capacity(outlook, programme, names),
        goals=goals,
        proof=_proof(plan),
        proven=_proven(plan),
        starts=_starts(plan, outlook, programme, names),
    )


def _goals(outlook: Answered, programme: Any, names: Names) -> tuple[GoalLine, ...]:
    found = []
    for goal in outlook.result.goals:
        chance = goal.met.probability if goal.met else None
        state = (
            State.PLAIN
            if chance is None
            else State.GOOD
            if chance >= LIKELY
            else State.BAD
            if chance < UNLIKELY
            else State.WATCH
        )
        error = goal.met.standard_error if goal.met else 0.0
        found.append(
            GoalLine(
                goal.key_result,
                names.name("key-result", goal.key_result),
                names.url("key-result", goal.key_result),
                chance,
                error,
                words.month_of(programme.start, goal.due),
                state,
            )
        )
    return tuple(found)


def _sentence(plan: Answered, goals: tuple[GoalLine, ...], programme: Any, names: Names) -> str:
    total, chosen = len(programme.initiatives), len(plan.result.plan.starts)
    parts = [
        _("Fund %(chosen)d of %(total)d initiatives.") % {"chosen": chosen, "total": total},
    ]
    likely = sum(goal.chance is not None and goal.chance >= LIKELY for goal in goals)
    if goals:
        text = ngettext(
            "%(likely)d of %(count)d key result is likely", "%(likely)d of %(count)d key results are likely", len(goals)
        )
        parts.append(text % {"likely": likely, "count": len(goals)})
    tight = next((b for b in plan.result.binding if (b.plan_gain or 0) > 0), None)
    if tight is not None:
        parts[-1] += _("; %(what)s binds.") % {"what": _resource(tight.resource.value, tight.key, names)}
    elif goals:
        parts[-1] += _("; no single limit holds it back.")
    if plan.result.moved:
        parts.append(_("What must be done does not fit."))
    return words_join(parts)


def words_join(parts: list[str]) -> str:
    """Sentences one after the other: with a blank in English, without one in Chinese."""
    return ("" if words.chinese() else " ").join(parts)


def _resource(resource: str, key: str, names: Names) -> str:
    labels = {
        "capital": _("the capital budget"),
        "running": _("the running budget"),
        "at_once": _("the number of initiatives at once"),
        "appetite": _("the appetite for loss"),
    }
    return labels.get(resource) or names.name("skill", key)


def _lede(plan: Answered, outlook: Answered, goals: tuple[GoalLine, ...], currency: str) -> str:
    value = outlook.result.net_present_value
    span = words.money_span(value.p10, value.p90, currency)
    parts = [
        _("Expected value %(value)s (80 %%: %(span)s).") % {"value": words.money(value.mean, currency), "span": span}
    ]
    unlikely = [goal.title for goal in goals if goal.state is State.BAD]
    if unlikely:
        joined = _(", ").join(unlikely[:4])
        parts.append(_("Unlikely even so: %(goals)s.") % {"goals": joined})
    return words_join(parts)


def _road(plan: Answered, outlook: Answered, programme: Any, names: Names, goals: tuple[GoalLine, ...]) -> Drawing:
    late = {
        f.initiative: next((q.moment for q in f.quantiles if q.probability == 0.8), None)
        for f in outlook.result.finishes
    }
    planned = {f.initiative: f for f in plan.result.finishes}
    chances = {goal.key: goal for goal in goals}
    by_key = {initiative.key: initiative for initiative in programme.initiatives}
    months = outlook.result.months
    works = []
    for start in plan.result.plan.starts:
        initiative, finish = by_key[start.initiative], planned[start.initiative]
        serves = min(
            (chances[c.key_result] for c in initiative.contributions if c.key_result in chances),
            key=lambda g: g.chance or 0,
            default=None,
        )
        row = names.row("initiative", start.initiative)
        theme = (
            (
                show.value(
                    KINDS["initiative"].attributes["theme_zh" if words.chinese() else "theme_en"],
                    row["theme_zh" if words.chinese() else "theme_en"],
                )
                if row
                else None
            )
            or (row["theme_en"] if row else "")
            or _("Other")
        )
        end = (finish.month + 1) / 3
        works.append(
            roadmap.Work(
                theme=theme,
                label=names.name("initiative", start.initiative),
                start=max(0.0, float(start.quarter)),
                finish=max(end, 0.1),
                late=(late[start.initiative] if late.get(start.initiative) is not None else months) / 3,  # type: ignore[operator]
                outcome=f"{words.share(serves.chance)}" if serves else "",
                state=serves.state if serves else State.PLAIN,
                address=names.url("initiative", start.initiative),
            )
        )
    works.sort(key=lambda work: (work.theme, work.start, work.finish, work.label))
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
    return roadmap.roadmap(
        works,
        ticks,
        columns,
        _("Solid: planned work · fading: to the 80 % date · right: chance of the weakest key result it serves"),
    )


def _binds(plan: Answered, programme: Any, names: Names, currency: str) -> tuple[Line, ...]:
    found = []
    checked = [bind for bind in plan.result.binding if bind.plan_gain is not None]
    for bind in checked or plan.result.binding[:SHOWN]:
        when = words.quarter_of(programme.start, bind.quarter)
        title = _("%(what)s, %(when)s") % {
            "what": show.capital(_resource(bind.resource.value, bind.key, names)),
            "when": when,
        }
        unit = {
            "skill": _("one person-month more"),
            "at_once": _("one more at once"),
            "appetite": words.money(bind.unit, currency),
        }.get(bind.resource.value, _("another %(sum)s") % {"sum": words.money(bind.unit, currency)})
        effects = [
            _("%(unit)s is worth %(worth)s") % {"unit": unit, "worth": words.money(bind.marginal * bind.unit, currency)}
        ]
        if bind.plan_gain:
            effects.append(_("checked by choosing again: %(worth)s") % {"worth": words.money(bind.plan_gain, currency)})
        elif bind.plan_gain is not None:
            effects.append(_("alone too little to change the plan"))
        chapter = {"skill": "people", "appetite": "risk"}.get(bind.resource.value, "strategy")
        found.append(
            Line(title, names.url("skill", bind.key) if bind.resource.value == "skill" else "", tuple(effects), chapter)
        )
    return tuple(found)


def _left(plan: Answered, programme: Any, names: Names, currency: str) -> tuple[Line, ...]:
    found = []
    for out in plan.result.left_out:
        effects = (_why(out, names), _change(out, programme, names, currency))
        found.append(
            Line(
                names.name("initiative", out.initiative),
                names.url("initiative", out.initiative),
                tuple(filter(None, effects)),
            )
        )
    return tuple(found)


def _why(out: Any, names: Names) -> str:
    return {
        "pinned_out": _("someone decided that it stays out"),
        "window": _("it cannot start or finish in time"),
        "predecessor": _("it waits for %(what)s") % {"what": names.name("initiative", out.what)},
        "excluded": _("another of its group is in"),
        "worth": _("it costs more than it brings"),
        "resources": _("what it needs goes further elsewhere"),
    }[out.why.value]


def _change(out: Any, programme: Any, names: Names, currency: str) -> str:
    if out.change.value == "worth" and out.size < 1:
        return _("in or out makes no difference to what the plan is worth")
    when = words.quarter_of(programme.start, out.quarter) if out.quarter is not None else ""
    size = words.decimals(out.size, 1)
    texts = {
        "pin": _("in as soon as it may be chosen"),
        "time": _("in with %(size)s months more") % {"size": size},
        "predecessor": _("in together with %(what)s") % {"what": names.name("initiative", out.what)},
        "group": _("in if it brought %(sum)s more than the other of its group")
        % {"sum": words.money(out.size, currency)},
        "worth": _("in if it brought %(sum)s more, or cost that much less") % {"sum": words.money(out.size, currency)},
        "skill": _("in with %(size)s person-months more of %(what)s %(when)s")
        % {"size": size, "what": names.name("skill", out.what), "when": when},
        "capital": _("in with %(sum)s more capital %(when)s") % {"sum": words.money(out.size, currency), "when": when},
        "running": _("in with %(sum)s more running budget %(when)s")
        % {"sum": words.money(out.size, currency), "when": when},
        "at_once": _("in with one more at once"),
        "several": _("in with several limits widened, worth %(sum)s")
        % {"sum": words.money(out.money if out.money is not None else out.size, currency)},
    }
    return texts[out.change.value].strip()


def _frontier(plan: Answered, programme: Any, currency: str) -> Chart | None:
    known = [p for p in plan.result.frontier if p.value is not None]
    budget = sum(programme.capital) + sum(programme.running)
    if not known or not budget:
        return None
    scale, unit = (1e4, "万") if words.chinese() else (1e6, "M")
    points = [
        lines.FrontierPoint(p.scale * budget / scale, p.value / scale, p.bound / scale if p.bound is not None else None)
        for p in known
    ]
    here = next((point for point, p in zip(points, known, strict=True) if p.scale == 1.0), None)
    axes = Axes(x=_("budget, %(unit)s") % {"unit": f"{unit} {currency}"}, y=f"{unit} {currency}")
    return lines.frontier(
        points,
        here,
        (_("budget"), _("worth of the best plan"), _("proven upper bound")),
        _("Best plan for each budget; grey: proven upper bound; dot: this plan"),
        axes=axes,
    )


def _cash(outlook: Answered, programme: Any, currency: str) -> Chart:
    scale, unit = (1e4, "万") if words.chinese() else (1e6, "M")
    points = [
        lines.BandPoint(
            words.quarter_of(programme.start, c.quarter), c.net.p50 / scale, c.net.p10 / scale, c.net.p90 / scale
        )
        for c in outlook.result.cash[: programme.quarters + 4]
    ]
    columns = (_("quarter"), _("median"), _("10 %"), _("90 %"), _("plan"))
    return lines.band(
        points,
        columns,
        _("Net cash a quarter, %(unit)s; band: 80 %% of the trials") % {"unit": f"{unit} {currency}"},
        colour=Colour.OFFICE,
    )


def _capacity(outlook: Answered, programme: Any, names: Names) -> tuple[tuple[str, Chart], ...]:
    by_skill: dict[str, list[Any]] = {}
    for entry in outlook.result.capacity:
        if entry.quarter < programme.quarters:
            by_skill.setdefault(entry.skill, []).append(entry)
    worst = sorted(
        by_skill, key=lambda s: max((e.demand.p50 - e.supply.p50 for e in by_skill[s]), default=0), reverse=True
    )
    found = []
    for skill in worst[:4]:
        points = [
            lines.CapacityPoint(words.quarter_of(programme.start, e.quarter), e.supply.p50, e.demand.p50)
            for e in by_skill[skill]
        ]
        caption = _("Person-months a quarter: supply after attrition and hires; dashed: what the plan could use")
        found.append(
            (names.name("skill", skill), lines.capacity(points, (_("quarter"), _("supply"), _("need")), caption))
        )
    return tuple(found)


def _proof(plan: Answered) -> str:
    bounds = {
        "exact_model": _("no plan of this model is worth more than %(gap)s above it"),
        "tangent_model": _(
            "no plan of the model with loss curves replaced by tangents is worth more than %(gap)s above it"
        ),
        "linear_relaxation": _(
            "the relaxed model, in which parts of initiatives may be chosen, is worth %(gap)s more at most"
        ),
        "linear_relaxation_of_tangent_model": _(
            "the relaxed model with tangents for loss curves is worth %(gap)s more at most"
        ),
        "linearised_appetite_model": _(
            "the model with straight-line appetite is worth %(gap)s more; that does not bound the exact one"
        ),
    }
    if plan.result.bounds.value == "exact_model" and plan.result.gap < CLOSED:
        return _("No plan of this model is worth more")
    return show.capital(
        bounds[plan.result.bounds.value]
        % {
            "gap": words.share(plan.result.gap)
            if plan.result.gap >= 0.01
            else f"{words.decimals(plan.result.gap * 100, 2)}{words.NBSP}%"
        }
    )


def _proven(plan: Answered) -> str:
    """How far the plan can be from the best, in a few words."""
    gap = plan.result.gap
    if plan.result.bounds.value != "exact_model":
        return _("Bound: %(gap)s above this plan") % {"gap": words.share(gap)}
    if gap < CLOSED:
        return _("Proven best of this model")
    return _("At most %(gap)s below the best") % {"gap": words.share(gap)}


def _starts(
    plan: Answered, outlook: Answered, programme: Any, names: Names
) -> tuple[tuple[str, str, str, str, str], ...]:
    finishes = {f.initiative: f for f in outlook.result.finishes}
    planned = {f.initiative: f.month for f in plan.result.finishes}
    found = []
    for start in plan.result.plan.starts:
        ahead = finishes[start.initiative]
        late = next((q.moment for q in ahead.quantiles if q.probability == 0.8), None)
        kept = ahead.by_deterministic.probability if ahead.by_deterministic else None
        found.append(
            (
                names.name("initiative", start.initiative),
                words.quarter_of(programme.start, start.quarter),
                words.month_of(programme.start, planned[start.initiative]),
                words.month_of(programme.start, late),
                words.share(kept),
            )
        )
    return tuple(found)
