"""What a plan asks of people: posts to open, work to buy, promises to move, estimates to give."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan.ground import IN_REACH
from quarterdeck.office.plan.view import Line, Names
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

MOST = 50  # initiatives without a duration that are named


def asks(plan: Answered, reader: Reader, currency: str) -> tuple[Line, ...]:
    """In the order of urgency: what does not fit, what cannot be planned yet, whom to hire, what to buy."""
    names, programme = Names(reader), answers.inputs_of(plan).programme
    return (
        *_moves(plan.result.moved, names, programme.start, currency),
        *_undated(reader, names),
        *_posts(plan.result.plan.hires, programme, names),
        *_purchases(plan.result.plan.bought, programme, names),
    )


def moving(moved: Any, names: Names, start: date) -> str:
    """What to do with a promise that cannot be kept."""
    name = names.name("initiative", moved.initiative)
    if moved.due is None:
        return _("Release “%(what)s”: it does not fit with what else must be done") % {"what": name}
    due = words.month_of(start, moved.due)
    if moved.month is None:
        return _("Release “%(what)s” from its deadline, %(due)s: it cannot be met") % {"what": name, "due": due}
    return _("Move the deadline of “%(what)s” from %(due)s to %(month)s") % {
        "what": name,
        "due": due,
        "month": words.month_of(start, moved.month),
    }


def _moves(some: Any, names: Names, start: date, currency: str) -> Iterator[Line]:
    for moved in some:
        cost = _("keeping it as it is costs %(sum)s of worth") % {"sum": words.money(moved.cost, currency)}
        url = names.url("initiative", moved.initiative)
        yield Line(moving(moved, names, start), url, (cost,) if moved.cost else (), "strategy")


def _undated(reader: Reader, names: Names) -> Iterator[Line]:
    """Initiatives in reach that a plan cannot hold because nobody has said how long they take."""
    if not reader.reads("initiative"):
        return
    chosen = Access(reader).select("initiative")
    for row in chosen.where(state__in=list(IN_REACH), retired__empty=True, duration_likely__empty=True).rows(MOST):
        title = _("Say how long “%(what)s” takes") % {"what": names.name("initiative", row.key)}
        yield Line(title, names.url("initiative", row.key), (_("it cannot be planned before"),), "strategy")


def _posts(hires: Any, programme: Any, names: Names) -> Iterator[Line]:
    skills = {route.key: route.skill for route in programme.routes}
    for hire in hires:
        title = ngettext("Open %(heads)d post", "Open %(heads)d posts", hire.heads) % {"heads": hire.heads}
        said = {
            "heads": hire.heads,
            "skill": names.name("skill", skills[hire.route]),
            "quarter": words.quarter_of(programme.start, hire.quarter),
        }
        url = names.url("hiring-route", hire.route)
        yield Line(title, url, (_("%(heads)d × %(skill)s, %(quarter)s") % said,), "people")


def _purchases(bought: Any, programme: Any, names: Names) -> Iterator[Line]:
    for some in bought:
        said = {
            "skill": names.name("skill", some.skill),
            "months": words.decimals(some.months, 1),
            "quarter": words.quarter_of(programme.start, some.quarter),
        }
        text = _("%(skill)s: %(months)s person-months, %(quarter)s") % said
        yield Line(_("Buy work from contractors"), names.url("skill", some.skill), (text,), "people")
