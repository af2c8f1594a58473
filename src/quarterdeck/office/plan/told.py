"""The plan and its outlook told in brief to whoever decides on them: value, dates, chances, spend, losses, limits."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.engines.portfolio.result import Resource
from quarterdeck.engines.programme import Programme
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan import baseline, limits, pictures
from quarterdeck.office.plan.baseline import Baseline
from quarterdeck.office.plan.names import Names
from quarterdeck.office.plan.pages import currency_of
from quarterdeck.office.plan.view import goals_of
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line, Passage


def outlook(answered: Answered, reader: Reader, about: frozenset[str]) -> tuple[Passage, ...]:
    """What becomes of the plan: its expected value, when each initiative is done, how likely each key result is."""
    names, currency, last = Names(reader), currency_of(reader), baseline.preceding(answered.id)
    count = len(answers.inputs_of(answered).plan.starts)
    title = ngettext("%(count)d initiative", "%(count)d initiatives", count) % {"count": count}
    return (
        Passage(_("Expected value"), (_value(answered, last, currency),)),
        Passage(title, tuple(_dated(answered, names, about))),
        _passage(_("Key results"), tuple(_goals(answered, last, names)), _("No key result is to be reached.")),
    )


def plan(answered: Answered, reader: Reader, about: frozenset[str]) -> tuple[Passage, ...]:
    """What is chosen: spend by year, losses against the appetite, what does not fit, and what is new in it."""
    names, currency = Names(reader), currency_of(reader)
    programme = answers.inputs_of(answered).programme
    spend, losses = tuple(_spend(answered, programme, currency)), tuple(_losses(answered, currency))
    unfit = tuple(_unfitting(answered, programme, names, currency))
    left = _first(limits.left(answered, programme, names, currency), answered.result.left_out, about)
    no_appetite = _("No appetite for loss is declared.")
    return (
        _against(answered, programme, baseline.preceding(answered.id), names),
        Passage(_("Spend by year"), spend, _carried(programme)),
        Passage(_("Losses against the appetite"), losses, "" if answered.result.limits else no_appetite),
        Passage(_("What does not fit"), unfit, limits.unfitting(answered, names) or _("What must be done fits.")),
        _passage(_("Left out, and what would let it in"), left, _("Nothing is left out.")),
    )


def _passage(title: str, lines: tuple[Line, ...], none: str) -> Passage:
    """Its rows; where there are none, the sentence that says so."""
    return Passage(title, lines, "" if lines else none)


def _value(answered: Answered, last: Baseline | None, currency: str) -> Line:
    value = answered.result.net_present_value
    effects = [_("80 %%: %(span)s") % {"span": words.money_span(value.p10, value.p90, currency)}]
    if last:
        before = words.money(last.outlook.result.net_present_value.mean, currency)
        effects.append(_("%(value)s when last approved") % {"value": before})
    return Line(words.money(value.mean, currency), "", tuple(effects), "strategy")


def _dated(answered: Answered, names: Names, about: frozenset[str]) -> Iterator[Line]:
    """A row an initiative of the plan: when it starts and is done; those that are decided on first."""
    inputs, trials = answers.inputs_of(answered), answered.result.checks.trials
    start, ahead = inputs.programme.start, {finish.initiative: finish for finish in answered.result.finishes}
    ordered = sorted(inputs.plan.starts, key=lambda one: (_key(one.initiative) not in about, one.quarter))
    for one in ordered:
        finish = ahead[one.initiative]
        effects = [
            _("starts %(when)s") % {"when": words.quarter_of(start, one.quarter)},
            _("80 %% date: %(month)s") % {"month": words.month_of(start, pictures.quantile(finish, pictures.SURE))},
        ]
        if finish.by_mandate:
            chance = words.chance(finish.by_mandate.probability, trials)
            effects.append(_("%(chance)s by the day it must be done") % {"chance": chance})
        if _key(one.initiative) in about:
            effects.append(_("this decision changes it"))
        url = names.url("initiative", one.initiative)
        yield Line(names.name("initiative", one.initiative), url, tuple(effects), "innovation")


def _key(initiative: str) -> str:
    return f"kind:initiative/{initiative}"


def _goals(answered: Answered, last: Baseline | None, names: Names) -> Iterator[Line]:
    """A row a key result, the least likely first: its chance, and what that was in the plan approved last."""
    trials = answered.result.checks.trials
    before = {goal.key_result: goal.met for goal in last.outlook.result.goals} if last else {}
    for goal in sorted(goals_of(answered, names), key=lambda goal: goal.chance if goal.chance is not None else 2):
        effects = [goal.said, _("by %(day)s") % {"day": goal.due}]
        if met := before.get(goal.key):
            chance = words.chance(met.probability, trials)
            effects.append(_("%(value)s when last approved") % {"value": chance})
        yield Line(goal.title, goal.url, tuple(effects), "strategy", goal.state.value)


def _spend(answered: Answered, programme: Programme, currency: str) -> Iterator[Line]:
    """A row a calendar year: what is spent of each budget."""
    budgets = {Resource.CAPITAL: programme.capital, Resource.RUNNING: programme.running}
    years: dict[int, dict[Resource, list[Any]]] = {}
    for use in answered.result.uses:
        if use.resource in budgets:
            year = (programme.start.month - 1 + 3 * use.quarter) // 12
            years.setdefault(year, {}).setdefault(use.resource, []).append(use)
    texts = {
        Resource.CAPITAL: _("capital: %(used)s of %(budget)s"),
        Resource.RUNNING: _("running: %(used)s of %(budget)s"),
    }
    for _year, taken in sorted(years.items()):
        effects = [
            texts[resource]
            % {
                "used": words.money(sum(use.used for use in uses), currency),
                "budget": words.money(sum(_of_quarter(budgets[resource], use.quarter) for use in uses), currency),
            }
            for resource, uses in taken.items()
        ]
        quarters = {use.quarter for uses in taken.values() for use in uses}
        yield Line(words.quarters(programme.start, quarters), "", tuple(effects), "office")


def _of_quarter(budget: Sequence[float], quarter: int) -> float:
    """The budget of a quarter; beyond the last one declared, that one goes on."""
    return budget[min(quarter, len(budget) - 1)]


def _carried(programme: Programme) -> str:
    """How the budgets bind from year to year."""
    if not programme.capital and not programme.running:
        return _("No budget is declared: money does not limit this plan.")
    if not programme.capital or not programme.carry_over:
        return ""
    return _("Capital that a quarter leaves over may be spent later.")


def _losses(answered: Answered, currency: str) -> Iterator[Line]:
    said = {
        "before": words.money(answered.result.worth_before.expected_loss, currency),
        "after": words.money(answered.result.worth.expected_loss, currency),
    }
    effects = (
        _("%(before)s → %(after)s with the plan") % said,
        _("over the plan and the quarters after it, as present value"),
    )
    yield Line(_("Expected loss"), "", effects, "risk")
    yield from pictures.losses(answered, currency)


def _unfitting(answered: Answered, programme: Programme, names: Names, currency: str) -> Iterator[Line]:
    """What must be done and cannot as asked for, and what it lacks."""
    for moved in answered.result.moved:
        asked = (
            _("wanted by %(month)s") % {"month": words.month_of(programme.start, moved.due)}
            if moved.due is not None
            else _("wanted in the plan")
        )
        least = (
            _("can be done by %(month)s") % {"month": words.month_of(programme.start, moved.month)}
            if moved.month is not None
            else _("cannot be done in the plan at all")
        )
        title, url = names.name("initiative", moved.initiative), names.url("initiative", moved.initiative)
        yield Line(title, url, (least, asked), "strategy", "bad")
    yield from limits.short(answered.result.shortages, names, programme, currency)


def _first(lines: Sequence[Line], left_out: Sequence[Any], about: frozenset[str]) -> tuple[Line, ...]:
    """The rows of what is left out; those that are decided on first."""
    pairs = sorted(zip(left_out, lines, strict=True), key=lambda pair: _key(pair[0].initiative) not in about)
    return tuple(line for _out, line in pairs)


def _against(answered: Answered, programme: Programme, last: Baseline | None, names: Names) -> Passage:
    """How its choice differs from that of the plan approved last."""
    if last is None:
        return Passage(_("Against the plan approved last"), (), _("No plan was approved before."))
    day = date_format(last.approved, "DATE_FORMAT") if last.approved else last.key
    then = answers.inputs_of(last.plan).programme
    before = {s.initiative: words.quarter_of(then.start, s.quarter) for s in last.plan.result.plan.starts}
    after = {s.initiative: words.quarter_of(programme.start, s.quarter) for s in answered.result.plan.starts}
    reach = {initiative.key for initiative in programme.initiatives}
    sorts = (
        (_("new, starts %(when)s"), {key: after[key] for key in after if key not in before}),
        (_("left out now; was to start %(when)s"), {k: before[k] for k in before if k not in after and k in reach}),
        (_("finished since, or no longer intended"), {key: before[key] for key in before if key not in reach}),
        (
            _("starts %(when)s"),
            {key: f"{before[key]} → {after[key]}" for key in after if before.get(key, after[key]) != after[key]},
        ),
    )
    lines = tuple(
        Line(names.name("initiative", key), names.url("initiative", key), (text % {"when": when},), "strategy")
        for text, some in sorts
        for key, when in some.items()
    )
    title = _("Against the plan approved on %(day)s") % {"day": day}
    return Passage(title, lines, _against_said(*(len(some) for _text, some in sorts)))


def _against_said(new: int, out: int, gone: int, moved: int) -> str:
    """How many initiatives differ, and how."""
    if not new + out + gone + moved:
        return _("The same initiatives, starting in the same quarters.")
    text = _("%(new)d new, %(out)d left out now, %(gone)d finished or no longer intended, %(moved)d at another time.")
    return text % {"new": new, "out": out, "gone": gone, "moved": moved}
