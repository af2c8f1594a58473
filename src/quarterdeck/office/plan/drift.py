"""Drift as people see it: which goals and initiatives left the plan beyond chance, and what moved them."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quarterdeck.charts import marks
from quarterdeck.charts.chart import Axes, Chart, Size
from quarterdeck.charts.marks import State
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import Commit, Version
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan import pictures
from quarterdeck.office.plan.baseline import Baseline
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line

SMALLEST = 0.02  # a chance that moved by less is not worth a sentence, however surely it moved
SMALLEST_VALUE = 0.002  # nor a cause with less than this part of the whole difference a bar
SMALLEST_MONTHS = 0.25  # nor a date that moved by less than a week


@dataclass(frozen=True)
class DriftView:
    """Everything the drift page, the desk and the board pack print."""

    sentence: str
    lede: str
    goals: tuple[Line, ...]
    finishes: tuple[Line, ...]
    causes: tuple[Line, ...]
    rest: str  # how the causes were told apart, and what is left between them
    chart: Chart | None  # from the value at approval to the value now, cause by cause; None where it stays


def view(drift: Answered, baseline: Baseline, reader: Reader, currency: str) -> DriftView:
    """The drift in words."""
    names, start = Names(reader), answers.inputs_of(drift).before.start
    moved = [g for g in drift.result.goals if g.drifted and abs(g.change.mean) >= SMALLEST]
    late = sorted(
        (f for f in drift.result.finishes if f.drifted and abs(f.change.mean) >= SMALLEST_MONTHS),
        key=lambda f: -abs(f.change.mean),
    )
    causes = sorted((g for g in drift.result.groups if _moves(g.effect)), key=lambda g: -_weight(g.effect))
    trials = drift.result.checks.trials
    goals = tuple(_goal(goal, names, trials) for goal in sorted(moved, key=lambda g: g.change.mean))
    people = tuple(names.name("person", key) for key in seen_leavers(baseline, reader))
    return DriftView(
        sentence=_sentence(moved, late),
        lede=_lede(drift, causes, currency, people),
        goals=goals,
        finishes=tuple(_finish(f, names, start) for f in late[:12]),
        causes=tuple(_cause(group, names, currency, people) for group in causes),
        rest=_rest(words.change(drift.result.checks.rest.mean, currency)),
        chart=_chart(drift, baseline, causes, currency),
    )


def _chart(drift: Answered, baseline: Baseline, causes: list[Any], currency: str) -> Chart | None:
    """The value of the approved plan, from what it was to what it is, cause by cause."""
    if not drift.result.total.value.mean:
        return None
    size, unit = pictures.scale()
    parts = [(show.capital(group_name(group.name)), group.effect.value.mean) for group in causes]
    parts.append((_("Together, beyond each alone"), drift.result.checks.rest.mean))
    changes = [
        marks.Bar(title, change / size, State.BAD if change < 0 else State.GOOD)
        for title, change in parts
        if abs(change) >= SMALLEST_VALUE * abs(drift.result.total.value.mean)
    ]
    before = marks.Bar(_("At approval"), baseline.outlook.result.net_present_value.mean / size)
    columns = (_("cause"), _("difference"), pgettext("difference", "before"), pgettext("difference", "after"))
    caption = _("Expected value of the approved plan, %(unit)s, from what it was at approval to what it is today")
    axes = Axes(x=f"{unit} {currency}")
    said = caption % {"unit": f"{unit} {currency}"}
    return marks.causes(before, changes, _("Today"), columns, said, axes=axes, size=Size(460))


def _rest(rest: str) -> str:
    alone = _(
        "Each group of inputs moved alone from what it was at approval to what it is now, on the same draws of chance."
    )
    return words.sentences([alone, _("Together, beyond each alone: %(sum)s.") % {"sum": rest}])


def _moves(effect: Any) -> bool:
    """Whether inputs that changed moved anything at all."""
    return any(c.mean or c.standard_error for c in (effect.value, effect.losses, *effect.met, *effect.finishes))


def _weight(effect: Any) -> float:
    return abs(effect.value.mean) + abs(effect.losses.mean)


def _sentence(moved: list[Any], late: list[Any]) -> str:
    if not moved and not late:
        return _("Reality is where the approved plan said it would be.")
    parts = []
    if moved:
        text = ngettext(
            "%(count)d key result has left the plan", "%(count)d key results have left the plan", len(moved)
        )
        parts.append(text % {"count": len(moved)})
    if late:
        text = ngettext("%(count)d initiative moves its date", "%(count)d initiatives move their dates", len(late))
        parts.append(text % {"count": len(late)})
    return _("%(what)s.") % {"what": _("; ").join(parts)}


def _lede(drift: Answered, causes: list[Any], currency: str, people: tuple[str, ...]) -> str:
    value = drift.result.total.value
    text = _("The approved plan is worth as much as at approval.")
    if value.mean:
        text = (
            _("The approved plan is worth %(sum)s less than at approval.")
            if value.mean < 0
            else _("The approved plan is worth %(sum)s more than at approval.")
        )
    parts = [text % {"sum": words.money(abs(value.mean), currency)}]
    if causes and value.mean:
        parts.append(_("Most of it comes from %(group)s.") % {"group": group_name(causes[0].name)})
        if people and causes[0].name == "staff":
            parts.append(_("Who moved: %(people)s.") % {"people": _(", ").join(people)})
    return words.sentences(parts)


def group_name(name: str) -> str:
    """A group of inputs in the reader's words."""
    return {
        "evidence": _("evidence"),
        "staff": _("staff"),
        "estimates": _("estimates"),
        "money": _("money"),
        "decisions": _("decisions"),
        "rules": _("rules"),
    }[name]


def _goal(goal: Any, names: Names, trials: int) -> Line:
    effects = (
        _("%(before)s → %(after)s")
        % {"before": words.chance(goal.before, trials), "after": words.chance(goal.after, trials)},
        _("90 %%: %(span)s") % {"span": words.points_between(goal.change.low, goal.change.high)},
    )
    return Line(
        names.name("key-result", goal.key_result),
        names.url("key-result", goal.key_result),
        effects,
        "strategy",
        "bad" if goal.change.mean < 0 else "good",
    )


def _finish(finish: Any, names: Names, start: Any) -> Line:
    effects = (
        _("expected %(before)s → %(after)s")
        % {"before": words.month_of(start, finish.before), "after": words.month_of(start, finish.after)},
        _("%(months)s months") % {"months": words.signed(finish.change.mean, 1)},
    )
    return Line(
        names.name("initiative", finish.initiative),
        names.url("initiative", finish.initiative),
        effects,
        "strategy",
        "bad" if finish.change.mean > 0 else "good",
    )


def _cause(group: Any, names: Names, currency: str, people: tuple[str, ...]) -> Line:
    worst = min(group.effect.met, key=lambda c: c.mean, default=None)
    value = group.effect.value.mean
    effects = [_("value %(sum)s") % {"sum": words.change(value, currency)}] if value else []
    if worst is not None and worst.mean < 0:
        effects.append(
            _("%(goal)s %(points)s")
            % {"goal": names.name("key-result", worst.name), "points": words.points(worst.mean)}
        )
    named = [_record(record, names) for record in group.records[:3]]
    if group.name == "staff" and people:
        named = [*people, *named]
    if named:
        effects.append(_("largest: %(records)s") % {"records": _(", ").join(named[:5])})
    state = "bad" if value < 0 else "good" if value > 0 else ""
    return Line(show.capital(group_name(group.name)), "", tuple(effects), "office", state)


def _record(record: Any, names: Names) -> str:
    return (
        names.name(record.sort, record.key)
        if record.sort in ("initiative", "key-result", "skill", "scenario", "hiring-route", "contractor")
        else record.key
    )


def seen_leavers(baseline: Baseline, reader: Reader) -> tuple[str, ...]:
    """Those of them whose records this reader may see."""
    if not reader.reads("person"):
        return ()
    found = leavers(baseline)
    seen = {row.key for row in Access(reader).select("person").where(key__in=list(found)).rows()}
    return tuple(key for key in found if key in seen)


def leavers(baseline: Baseline) -> tuple[str, ...]:
    """Keys of people whose first or last day changed since the baseline was computed: what a change of staff comes
    from."""
    since = Commit.objects.filter(at__gt=baseline.plan.at).order_by("number").values_list("number", flat=True).first()
    if since is None:
        return ()
    found = []
    for version in Version.objects.filter(kind="person", began__gte=since).order_by("key", "id"):
        before = (
            Version.objects.filter(kind="person", record=version.record, ended=version.began)
            .values_list("values", flat=True)
            .first()
        )
        old, new = json.loads(before) if before else {}, json.loads(version.values) or {}
        if any(old.get(name) != new.get(name) for name in ("start_date", "end_date", "retired", "fte")):
            found.append(version.key)
    return tuple(dict.fromkeys(found))
