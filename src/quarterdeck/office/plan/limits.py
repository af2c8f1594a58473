"""What holds the plan back, in words: limits with their price, what is left out, what does not fit, how good it is."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.engines.portfolio.result import Binding, ChangeKind, LeftOut, Resource, Shortage, Why
from quarterdeck.kinds import show
from quarterdeck.office import words
from quarterdeck.office.plan.names import Names, unit
from quarterdeck.runs.answers import Answered
from quarterdeck.runs.telling import Line

CLOSED = 5e-5  # a gap that reads as none
NAMED = 2  # limits that the headline names
CHAPTERS = {Resource.SKILL: "people", Resource.APPETITE: "risk"}
SOLD = {resource.value: resource for resource in Resource}


def holding(plan: Answered, names: Names) -> str:
    """The clause of the headline: which limit binds, which are tight though none alone changes anything, or none."""
    gains = [bind for bind in plan.result.binding if (bind.plan_gain or 0) > 0]
    if gains:
        return _("%(what)s binds") % {"what": names.limit(gains[0].resource, gains[0].key)}
    tight = [names.limit(group[0].resource, group[0].key) for group in groups(plan.result.binding)][:NAMED]
    if tight:
        text = ngettext("%(what)s is tight", "%(what)s are tight", len(tight))
        return text % {"what": words.listed(tight)}
    return _("no limit holds it back")


def unfitting(plan: Answered, names: Names) -> str:
    """The sentence on what must be done and does not fit: what it lacks; nothing where everything fits."""
    if not plan.result.moved:
        return ""
    lacks = lacking(plan, names)
    if not lacks:
        return _("What must be done does not fit.")
    text = ngettext(
        "What must be done does not fit: %(what)s runs short.",
        "What must be done does not fit: %(what)s run short.",
        len(lacks),
    )
    return text % {"what": words.listed(lacks)}


def lacking(plan: Answered, names: Names) -> list[str]:
    """The limits that what must be done goes beyond, each once."""
    return list(dict.fromkeys(names.limit(short.resource, short.key) for short in plan.result.shortages))


def alone(plan: Answered) -> str:
    """What choosing again with one unit more of each limit showed, where none of them changed the plan."""
    tried = [bind for bind in plan.result.binding if bind.plan_gain is not None]
    if not tried or any(bind.plan_gain for bind in tried):
        return ""
    return _("One unit more of each was tried by choosing the plan again: alone, none changes it.")


def groups(binding: Iterable[Binding]) -> list[list[Binding]]:
    """The limits by what runs short, whatever the quarter: those that change the plan first, then the dearest."""
    found: dict[tuple[Resource, str], list[Binding]] = {}
    for bind in binding:
        found.setdefault((bind.resource, bind.key), []).append(bind)
    return sorted(found.values(), key=lambda some: (-max(b.plan_gain or 0 for b in some), -max(map(_price, some))))


def _price(bind: Binding) -> float:
    return bind.marginal * bind.unit


def binds(plan: Answered, programme: Any, names: Names, currency: str) -> tuple[Line, ...]:
    """A row a limit: when it is tight, what one unit more is worth, and what choosing again says of that."""
    found = []
    for group in groups(plan.result.binding):
        first = group[0]
        dearest = max(group, key=_price)
        text = _("%(unit)s is worth %(worth)s") if len(group) == 1 else _("%(unit)s is worth up to %(worth)s")
        worth = text % {
            "unit": unit(first.resource, first.unit, currency),
            "worth": words.money(_price(dearest), currency),
        }
        found.append(
            Line(
                show.capital(names.limit(first.resource, first.key)),
                names.url("skill", first.key) if first.resource is Resource.SKILL else "",
                (words.quarters(programme.start, (b.quarter for b in group)), worth, *_checked(group, currency)),
                CHAPTERS.get(first.resource, "strategy"),
            )
        )
    return tuple(found)


def _checked(group: Sequence[Binding], currency: str) -> tuple[str, ...]:
    gains = [bind.plan_gain for bind in group if bind.plan_gain is not None]
    if not gains:
        return ()
    if max(gains) > 0:
        return (_("checked by choosing again: %(worth)s") % {"worth": words.money(max(gains), currency)},)
    return (_("alone too little to change the plan"),)


def short(shortages: Sequence[Shortage], names: Names, programme: Any, currency: str) -> tuple[Line, ...]:
    """A row a limit that what must be done goes beyond: how much is missing, when, and what that costs."""
    by_limit: dict[tuple[Resource, str], list[Shortage]] = {}
    for one in shortages:
        by_limit.setdefault((one.resource, one.key), []).append(one)
    found = []
    for (resource, key), some in by_limit.items():
        missing = _amount(resource, sum(one.amount for one in some), currency)
        effects = [missing, words.quarters(programme.start, (one.quarter for one in some))]
        if resource is Resource.SKILL and all(one.money is not None for one in some):
            price = words.money(sum(one.money or 0.0 for one in some), currency)
            effects.append(_("to be had for %(sum)s") % {"sum": price})
        title = _("What must be done lacks: %(what)s") % {"what": names.limit(resource, key)}
        url = names.url("skill", key) if resource is Resource.SKILL else ""
        found.append(Line(title, url, tuple(effects), CHAPTERS.get(resource, "strategy")))
    return tuple(found)


def _amount(resource: Resource, size: float, currency: str) -> str:
    if resource is Resource.SKILL:
        return _("%(months)s person-months") % {"months": words.decimals(size, 1)}
    if resource is Resource.AT_ONCE:
        return _("%(count)s more at once") % {"count": words.decimals(size, 0)}
    return words.money(size, currency)


def left(plan: Answered, programme: Any, names: Names, currency: str) -> tuple[Line, ...]:
    """A row an initiative left out: why, and the cheapest change that lets it in."""
    return tuple(
        Line(
            names.name("initiative", out.initiative),
            names.url("initiative", out.initiative),
            tuple(filter(None, (_why(out, names), _change(out, programme, names, currency)))),
        )
        for out in plan.result.left_out
    )


def _why(out: LeftOut, names: Names) -> str:
    return {
        Why.PINNED_OUT: _("someone decided that it stays out"),
        Why.WINDOW: _("it cannot start or finish in time"),
        Why.PREDECESSOR: _("it waits for %(what)s") % {"what": _before(out, names)},
        Why.EXCLUDED: _("another of its group is in"),
        Why.WORTH: _("it costs more than it brings"),
        Why.RESOURCES: _("what it needs goes further elsewhere"),
    }[out.why]


def _before(out: LeftOut, names: Names) -> str:
    """The initiatives it waits for."""
    return words.listed([names.name("initiative", key) for key in out.waits_for or (out.what,)])


def _change(out: LeftOut, programme: Any, names: Names, currency: str) -> str:
    if out.change is ChangeKind.WORTH and out.size < 1:
        return _("in or out makes no difference to what the plan is worth")
    if out.change is ChangeKind.SEVERAL:
        return _several(out, names, currency)
    texts = {
        ChangeKind.PIN: _("in as soon as it may be chosen"),
        ChangeKind.TIME: _("in with %(size)s months more"),
        ChangeKind.PREDECESSOR: _("in together with %(what)s"),
        ChangeKind.GROUP: _("in if it brought %(sum)s more than the other of its group"),
        ChangeKind.WORTH: _("in if it brought %(sum)s more, or cost that much less"),
        ChangeKind.SKILL: _("in with %(size)s person-months more of %(what)s %(when)s"),
        ChangeKind.CAPITAL: _("in with %(sum)s more capital %(when)s"),
        ChangeKind.RUNNING: _("in with %(sum)s more running budget %(when)s"),
        ChangeKind.AT_ONCE: _("in with one more at once"),
    }
    said = {
        "size": words.decimals(out.size, 1),
        "sum": words.money(out.size, currency),
        "what": names.name("skill", out.what) if out.change is ChangeKind.SKILL else _before(out, names),
        "when": words.quarter_of(programme.start, out.quarter) if out.quarter is not None else "",
    }
    return (texts[out.change] % said).strip()


def _several(out: LeftOut, names: Names, currency: str) -> str:
    """The limits that only together let it in; their price, where all of it is sold."""
    keys = [key.strip() for key in out.what.split(",") if key.strip()]
    titles = words.listed([names.limit(SOLD.get(key, Resource.SKILL), key) for key in keys])
    if out.money is None:
        return _("in with more of several together: %(what)s") % {"what": titles}
    sum_ = words.money(out.money, currency)
    return _("in with more of several together: %(what)s, for %(sum)s") % {"what": titles, "sum": sum_}


def proof(plan: Answered) -> str:
    """How good the plan is proven to be, in full."""
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
    gap = plan.result.gap
    if plan.result.bounds.value == "exact_model" and gap < CLOSED:
        return _("No plan of this model is worth more")
    said = words.share(gap) if gap >= 0.01 else f"{words.decimals(gap * 100, 2)}{words.NBSP}%"
    return show.capital(bounds[plan.result.bounds.value] % {"gap": said})


def proven(plan: Answered) -> str:
    """How far the plan can be from the best, in a few words."""
    gap = plan.result.gap
    if plan.result.bounds.value != "exact_model":
        return _("Bound: %(gap)s above this plan") % {"gap": words.share(gap)}
    if gap < CLOSED:
        return _("Proven best of this model")
    return _("At most %(gap)s below the best") % {"gap": words.share(gap)}
