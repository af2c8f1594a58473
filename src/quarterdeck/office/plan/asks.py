"""What a plan asks of people: posts to open, work to buy, promises to move, estimates to give."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.chapters.innovation.projects.delivery import DELIVERY
from quarterdeck.engines.programme import ZERO, Estimate, Programme
from quarterdeck.estate import upkeep
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.office import words
from quarterdeck.office.plan.frame import estimate
from quarterdeck.office.plan.intentions import IN_REACH
from quarterdeck.office.plan.limits import short
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line

MOST = 50  # initiatives without a duration that are named


def asks(plan: Answered, reader: Reader, currency: str) -> tuple[Line, ...]:
    """In the order of urgency: what does not fit and what it lacks, what cannot be planned yet, whom to hire, what to
    buy."""
    names, programme = Names(reader), answers.inputs_of(plan).programme
    return (
        *_moves(plan.result.moved, names, programme.start, currency),
        *short(plan.result.shortages, names, programme, currency),
        *_undated(reader, names),
        *_operations(programme, reader, names),
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
        cost = _("keeping it takes %(sum)s for what it lacks") % {"sum": words.money(moved.cost, currency)}
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


def frame_in_use(reader: Reader) -> Row | None:
    """The plan frame in use, where the reader may see it."""
    frames = Access(reader).select("plan-frame").where(current=True).rows(1) if reader.reads("plan-frame") else []
    return frames[0] if frames else None


def declared(frame: Row | None) -> Estimate | None:
    """The part of working time that a plan frame gives to operations; None where it says nothing."""
    if frame is None or frame["operations_share_likely"] is None:
        return None
    return estimate(frame, "operations_share")


def measured(reader: Reader) -> Estimate | None:
    """What the evidence tells of it, as far as that is computed and the reader may see it."""
    try:
        kept = answers.cached(DELIVERY.name, reader)
    except Denied:
        return None
    found = next((f for f in DELIVERY.figures(kept.result) if f.name == upkeep.FIGURE), None) if kept else None
    if found is None or found.value is None or found.low is None or found.high is None:
        return None
    return Estimate(found.low, found.value, found.high)


def _operations(programme: Programme, reader: Reader, names: Names) -> Iterator[Line]:
    """What part of working time operations take, where nobody has said or the evidence says otherwise."""
    if not programme.skills or not reader.reads("plan-frame"):
        return
    frame, taken = frame_in_use(reader), programme.skills[0].operations
    said, seen = declared(frame), measured(reader)
    url = names.url("plan-frame", frame.key) if frame else ""
    if said is not None:
        if seen is not None and not seen.low <= said.likely <= seen.high:
            effects = (
                _("the plan frame says %(share)s, and the plan takes that off") % {"share": _share(said)},
                _("issues and incidents of the last half year tell %(share)s") % {"share": _share(seen)},
            )
            yield Line(_("Settle what part of working time operations take"), url, effects, "people", "watch")
    elif taken == ZERO:
        title = _("Say what part of working time operations take: none is taken off today")
        yield Line(title, url, (_("neither the plan frame nor the evidence tells"),), "people", "watch")
    else:
        effects = (
            _("taken off: %(share)s") % {"share": _share(taken)},
            _("as issues and incidents of the last half year tell; the plan frame says nothing"),
        )
        yield Line(_("Confirm what part of working time operations take"), url, effects, "people")


def _share(share: Estimate) -> str:
    """“31 % (24–39 %)”."""
    span = words.interval(words.decimals(share.low * 100, 0), words.share(share.high))
    return _("%(middle)s (%(span)s)") % {"middle": words.share(share.likely), "span": span}


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
