"""The decisions a board is asked for, read off the plan: what to approve, hire, buy, move, widen or accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts.marks import State
from quarterdeck.office import words
from quarterdeck.office.documents.approved import against_kept, day, differences, worth
from quarterdeck.office.documents.ground import Approved, Ground
from quarterdeck.office.documents.tree import Item, Items, Text
from quarterdeck.office.plan.asks import moving
from quarterdeck.office.plan.names import unit

if TYPE_CHECKING:  # engines load numeric libraries, so they stay out of every start-up
    from quarterdeck.engines.portfolio.result import Limit

SOON = 2  # quarters whose hires and purchases are asked for now
WIDENED = 2  # limits whose widening is put before the board
NAMED = 6  # unlikely aims that are named; all stand with the key results


def wanted(ground: Ground) -> Items:
    """Everything the board should decide, the approval first."""
    entries = (
        *_approval(ground),
        *_moves(ground),
        *_posts(ground),
        *_purchases(ground),
        *_limits(ground),
        *_losses(ground),
        *_aims(ground),
    )
    return Items(_("Decisions wanted"), entries, _("No decision is wanted: nothing is chosen."), numbered=True)


def _approval(ground: Ground) -> Iterator[Item]:
    starts = ground.chosen.plan.starts
    if not starts:
        return
    text = ngettext(
        "Approve the plan: %(count)d initiative", "Approve the plan: %(count)d initiatives", len(starts)
    ) % {"count": len(starts)}
    details = []
    if ground.approved is not None:
        behind = (ground.approved.baseline.outlook, ground.approved.kept, ground.outlook)
        details.append(ground.anchors.text(worth(ground.approved, ground.outlook, ground.currency), *behind))
        text = _against(ground, ground.approved)
    if when := upcoming(ground):
        details.append(ground.anchors.text(when, ground.plan))
    for resource, title, budget in (
        ("capital", _("capital"), ground.programme.capital),
        ("running", _("running spend"), ground.programme.running),
    ):
        used = sum(
            use.used
            for use in ground.chosen.uses
            if use.resource.value == resource and use.quarter < ground.programme.quarters
        )
        if budget and used:
            said = {
                "title": title,
                "used": words.money(used, ground.currency),
                "budget": words.money(sum(budget), ground.currency),
            }
            details.append(ground.anchors.text(_("%(title)s %(used)s of %(budget)s budgeted") % said, ground.plan))
    yield Item(ground.anchors.text(text, ground.plan), tuple(details))


def _against(ground: Ground, approved: Approved) -> str:
    """What is asked where a plan was approved before: to put another in its place, or to keep it."""
    differ = differences(approved.baseline.plan, ground.plan)
    said = {"day": day(approved), "what": differ.said()}
    if not differ:
        return _("Keep the plan approved on %(day)s: planning anew changes nothing") % said
    if against_kept(ground, approved).high < 0:  # what is proposed is surely worth less: the board has a choice to make
        return _("Replace the plan approved on %(day)s, or keep it: %(what)s") % said
    return _("Replace the plan approved on %(day)s: %(what)s") % said


def upcoming(ground: Ground) -> str:
    """How many initiatives run already, and how many start in the next quarter in which any does."""
    running = {initiative.key for initiative in ground.programme.initiatives if initiative.started is not None}
    ahead = [start.quarter for start in ground.chosen.plan.starts if start.initiative not in running]
    parts = []
    if count := len(ground.chosen.plan.starts) - len(ahead):
        parts.append(ngettext("%(count)d runs already", "%(count)d run already", count) % {"count": count})
    if ahead:
        first = min(ahead)
        count, quarter = ahead.count(first), words.quarter_of(ground.programme.start, first)
        text = ngettext("%(count)d starts in %(quarter)s", "%(count)d start in %(quarter)s", count)
        parts.append(text % {"count": count, "quarter": quarter})
    return _("; ").join(parts)


def _moves(ground: Ground) -> Iterator[Item]:
    for moved in ground.chosen.moved:
        cost = _("keeping it takes %(sum)s for what it lacks") % {"sum": words.money(moved.cost, ground.currency)}
        yield Item(
            ground.anchors.text(moving(moved, ground.names, ground.programme.start), ground.plan),
            (ground.anchors.text(cost, ground.plan),) if moved.cost else (),
            State.BAD,
        )


def _posts(ground: Ground) -> Iterator[Item]:
    skills = {route.key: route.skill for route in ground.programme.routes}
    hires = [hire for hire in ground.chosen.plan.hires if hire.quarter < SOON and hire.heads]
    if not hires:
        return
    heads = sum(hire.heads for hire in hires)
    text = ngettext("Open %(heads)d post", "Open %(heads)d posts", heads) % {"heads": heads}
    details = [
        _("%(heads)d × %(skill)s, %(quarter)s")
        % {
            "heads": h.heads,
            "skill": ground.names.name("skill", skills[h.route]),
            "quarter": words.quarter_of(ground.programme.start, h.quarter),
        }
        for h in hires
    ]
    yield Item(ground.anchors.text(text, ground.plan), tuple(ground.anchors.text(one, ground.plan) for one in details))


def _purchases(ground: Ground) -> Iterator[Item]:
    bought = [some for some in ground.chosen.plan.bought if some.quarter < SOON and some.months > 0]
    if not bought:
        return
    details = [
        _("%(skill)s: %(months)s person-months, %(quarter)s")
        % {
            "skill": ground.names.name("skill", b.skill),
            "months": words.decimals(b.months, 1),
            "quarter": words.quarter_of(ground.programme.start, b.quarter),
        }
        for b in bought
    ]
    yield Item(Text(_("Buy work from contractors")), tuple(ground.anchors.text(one, ground.plan) for one in details))


def _limits(ground: Ground) -> Iterator[Item]:
    """The limits that were checked to be worth widening, by choosing the plan again with one unit more."""
    tried = [(bind.plan_gain, bind) for bind in ground.chosen.binding if bind.plan_gain]
    for gain, bind in sorted(tried, key=lambda pair: -pair[0])[:WIDENED]:
        when = words.quarter_of(ground.programme.start, bind.quarter)
        text = _("Widen a limit, or let it stand: %(what)s, %(when)s") % {
            "what": ground.names.limit(bind.resource, bind.key),
            "when": when,
        }
        said = {"unit": unit(bind.resource, bind.unit, ground.currency), "gain": words.money(gain, ground.currency)}
        effect = _("%(unit)s adds %(gain)s of worth, checked by choosing again") % said
        yield Item(ground.anchors.text(text, ground.plan), (ground.anchors.text(effect, ground.plan),))


def _losses(ground: Ground) -> Iterator[Item]:
    for limit in ground.chosen.limits:
        if not limit.met:
            yield Item(
                ground.anchors.text(_("Accept losses beyond the appetite, or widen it"), ground.plan),
                (ground.anchors.text(within(limit, ground.currency), ground.plan),),
                State.BAD,
            )


def within(limit: Limit, currency: str) -> str:
    """What an appetite allows and what the plan makes of it."""
    said = {
        "years": words.decimals(1 / (1 - limit.probability), 0),
        "after": words.money(limit.after, currency),
        "amount": words.money(limit.amount, currency),
    }
    return _("one year in %(years)s costs more than %(after)s; the appetite allows %(amount)s") % said


def _aims(ground: Ground) -> Iterator[Item]:
    unlikely = sorted(
        (goal for goal in ground.view.goals if goal.state is State.BAD), key=lambda goal: (goal.chance or 0.0, goal.key)
    )
    if not unlikely:
        return
    text = ngettext(
        "Change, or accept, an aim that stays unlikely",
        "Change, or accept, %(count)d aims that stay unlikely",
        len(unlikely),
    ) % {"count": len(unlikely)}
    details = [f"{goal.title} {goal.said}" for goal in unlikely[:NAMED]]
    if more := len(unlikely) - len(details):
        details.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
    yield Item(
        ground.anchors.text(text, ground.outlook),
        tuple(ground.anchors.text(one, ground.outlook) for one in details),
    )
