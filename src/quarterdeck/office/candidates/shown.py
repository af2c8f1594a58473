"""Candidates as people read them: sentences, effects with their intervals, what is still to be said, and the path."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from quarterdeck.engines.candidate import Money, Reference, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.show import url as record_url
from quarterdeck.office import evidence_rows, words
from quarterdeck.office.candidates.remembered import Seen

NBSP = words.NBSP
LACKS = {
    "effort": gettext_noop("the effort"),
    "duration": gettext_noop("the duration"),
    "skill": gettext_noop("the skill it needs"),
    "value": gettext_noop("what it is worth"),
    "system": gettext_noop("the system it belongs to"),
    "target": gettext_noop("what to move to"),
    "version": gettext_noop("the version in use"),
    "owner": gettext_noop("who is to own it"),
    "criticality": gettext_noop("how critical the system is"),
    "capital": gettext_noop("what must be bought for it"),
    "cause": gettext_noop("the cause"),
    "remedy": gettext_noop("what would mend it"),
}
PROPOSED = frozenset({"skill"})  # the draft of each proposes one
CHAPTERS = {
    "knowledge": "people",
    "bill": "strategy",
    "backlog": "strategy",
    "advisories": "risk",
    "ended": "risk",
    "incidents": "risk",
}


def said(text: Words) -> str:
    """The half for this reader."""
    return text.zh if words.chinese() else text.en


def span(estimate: Estimate, say: Any) -> str:
    """An interval, or one number where its ends read the same."""
    low, high = say(estimate.low), say(estimate.high)
    return low if low == high else words.interval(low, high)


def months(estimate: Estimate) -> str:
    """An interval of months or person-months, as short as it can be said."""
    digits = 2 if estimate.high < 1 else 1
    return span(estimate, lambda value: words.decimals(value, digits))


def exact(money: Money) -> str:
    """An amount to the cent."""
    low, high = (number_format(v, decimal_pos=2, use_l10n=True, force_grouping=True) for v in (money.low, money.high))
    return (low if low == high else words.interval(low, high)) + NBSP + money.currency


def about(money: Money) -> str:
    """An amount as people say it."""
    return words.money_span(float(money.low), float(money.high), money.currency)


def effects(weighed: Any, currency: str) -> list[dict[str, str]]:
    """What a candidate would bring and take, each with the way to its path."""
    candidate, found = weighed.candidate, []
    if weighed.avoided:
        found.append(
            _("avoids %(amount)s of expected loss a year")
            % {"amount": words.money_span(weighed.avoided.low, weighed.avoided.high, currency)}
        )
    if candidate.saving:
        found.append(_("saves %(amount)s a month") % {"amount": about(candidate.saving)})
    elif candidate.spend:
        found.append(_("%(amount)s a month at stake") % {"amount": about(candidate.spend)})
    if candidate.running:
        found.append(_("costs %(amount)s a month to keep") % {"amount": about(candidate.running)})
    for work in candidate.efforts:
        found.append(_("takes %(months)s person-months") % {"months": months(work.months)})
    if candidate.size and not weighed.avoided and not candidate.saving:
        found.append(
            words.decimals(candidate.size.value, 0 if candidate.size.value >= 10 else 1)
            + NBSP
            + said(candidate.size.unit)
        )
    url = reverse("candidate-path", kwargs={"key": candidate.key})
    return [{"text": text, "url": url} for text in found]


def lacks(weighed: Any, *, known: frozenset[str] = frozenset()) -> str:
    """What a person must still say, as a list in words, but for what is known to lack; empty where nothing is."""
    missing = (name for name in weighed.candidate.missing if name not in known)
    return ("、" if words.chinese() else ", ").join(_(LACKS.get(name, name)) for name in missing)


def row(seen: Seen, titles: dict[str, str], currency: str) -> dict[str, Any]:
    """One row of the list."""
    weighed, candidate = seen.weighed, seen.weighed.candidate
    found = effects(weighed, currency)
    if missing := lacks(weighed, known=PROPOSED):
        found.append({"text": _("still to be said: %(what)s") % {"what": missing}, "url": ""})
    if seen.before is not None and seen.open and seen.before["state"] != "open":
        found.append(
            {"text": _("decided before (%(state)s); more is known now") % {"state": seen.before["state"]}, "url": ""}
        )
    return {
        "key": candidate.key,
        "title": said(candidate.title),
        "url": reverse("candidate", kwargs={"key": candidate.key}),
        "tag": titles.get(candidate.source, candidate.source),
        "chapter": CHAPTERS.get(candidate.source, "office"),
        "effects": found,
        "until": until(weighed),
    }


def until(weighed: Any) -> str:
    """The day it should be done by."""
    day = weighed.candidate.by
    if day is None:
        return ""
    text = date_format(day, "DATE_FORMAT")
    return _("overdue since %(day)s") % {"day": text} if weighed.overdue else _("by %(day)s") % {"day": text}


def head(shown: list[Seen], result: Any) -> dict[str, Any]:
    """The sentence of the list, and what it rests on."""
    sources = len({s.weighed.candidate.source for s in shown})
    values = {"count": len(shown), "sources": sources}
    sentence = (
        ngettext(
            "%(count)d initiative was born from evidence.",
            "%(count)d initiatives were born from evidence of %(sources)d sources.",
            len(shown),
        )
        % values
    )
    lede = []
    avoiding = [s.weighed for s in shown if s.weighed.avoided]
    if avoiding:
        most = max(avoiding, key=lambda w: w.avoided.likely)
        amount = words.money_span(most.avoided.low, most.avoided.high, result.currency)
        lede.append(
            ngettext(
                "%(count)d would avoid expected loss: %(amount)s a year.",
                "%(count)d would avoid expected loss, the largest %(amount)s a year.",
                len(avoiding),
            )
            % {"count": len(avoiding), "amount": amount}
        )
    overdue = sum(s.weighed.overdue for s in shown)
    if overdue:
        lede.append(ngettext("%(count)d is overdue.", "%(count)d are overdue.", overdue) % {"count": overdue})
    found = [s.weighed.candidate for s in shown]
    unused = [one.saving for one in found if one.saving and one.spend]  # saved from what is spent now
    if sums := [about(_sum(unused, currency)) for currency in sorted({money.currency for money in unused})]:
        joined = pgettext("amounts", " and ").join(sums)
        lede.append(_("Unused spending comes to %(amount)s a month.") % {"amount": joined})
    lede.append(_("What evidence cannot say is left open for you."))
    return {"eyebrow": _("Candidates"), "sentence": sentence, "lede": ("" if words.chinese() else " ").join(lede)}


def _sum(amounts: list[Money], currency: str) -> Money:
    mine = [money for money in amounts if money.currency == currency]
    low, likely, high = (sum((getattr(m, end) for m in mine), Decimal(0)) for end in ("low", "likely", "high"))
    return Money(low, likely, high, currency)


def left_out(result: Any) -> list[str]:
    """Sources that were not asked, and what of them this reader may not read."""
    found = []
    for count in result.sources:
        if count.left_out:
            names = ("、" if words.chinese() else ", ").join(
                str(KINDS[n].plural) if n in KINDS else n for n in count.left_out
            )
            found.append(
                _("%(source)s: left out, since you may not read %(names)s.")
                % {"source": said(count.title), "names": names}
            )
    return found


def step(reference: Reference, marks: dict[str, int]) -> dict[str, str]:
    """One row of evidence or one record, as a step of a path. marks: the snapshot of each table that was read."""
    if reference.table.startswith("kind:"):
        kind = KINDS.get(reference.table.removeprefix("kind:"))
        text = f"{kind.title if kind else reference.table} {reference.origin}"
        return {
            "text": f"{text} · {reference.says}",
            "url": record_url("record", kind, reference.origin) if kind else "",
        }
    place = f"{reference.origin}:{reference.line}" if reference.line else reference.origin
    source = f" ({reference.source})" if reference.source and reference.source != reference.origin else ""
    return {"text": f"{reference.says} · {place}{source}", "url": _row_url(reference, marks)}


def _row_url(reference: Reference, marks: dict[str, int]) -> str:
    """Where the row is shown as it was read."""
    place = reference.where or (("origin", reference.origin), ("line", reference.line))
    named = {"source": reference.source, **dict(place)}
    return evidence_rows.url(reference.table, named, marks.get(f"table:{reference.table}", 0))


def path(weighed: Any, answered: Any) -> dict[str, Any]:
    """The path behind a candidate: the rows and records it rests on, then the run."""
    candidate = weighed.candidate
    marks = {rested.what: rested.mark for rested in answered.rested}
    run = _("run %(run)s · engine %(engine)s %(version)s") % {
        "run": answered.run[:12],
        "engine": answered.engine,
        "version": answered.version,
    }
    return {
        "title": said(candidate.title),
        "value": said(candidate.why),
        "certainty": certainty(weighed),
        "steps": [*(step(reference, marks) for reference in candidate.path), {"text": run, "url": ""}],
        "url": reverse("candidate", kwargs={"key": candidate.key}),
    }


def certainty(weighed: Any) -> str:
    """How sure the estimates are, in a sentence."""
    candidate = weighed.candidate
    if candidate.past and candidate.efforts:
        what = said(candidate.past.of) if candidate.past.of else _("pieces of past work")
        return _(
            "Effort from %(count)d %(what)s: one of ten took less than the lower end, "
            "one of ten more than the upper one before widening."
        ) % {"count": candidate.past.size, "what": what}
    if candidate.pace and candidate.duration:
        return _("Duration from %(count)d weeks of throughput: the middle eight of ten trials.") % {
            "count": len(candidate.pace.weekly)
        }
    return _("Evidence holds nothing that the effort could be told from.")


def facts(weighed: Any, currency: str) -> list[dict[str, Any]]:
    """The terms of the detail page: label and text, None where it cannot be told."""
    candidate = weighed.candidate
    effort = "; ".join(f"{months(w.months)} {w.skill}".rstrip() for w in candidate.efforts)
    return [
        {"label": _("System"), "text": candidate.system or None},
        {
            "label": _("Size of the matter"),
            "text": f"{words.decimals(candidate.size.value, 1)} {said(candidate.size.unit)}"
            if candidate.size
            else None,
        },
        {"label": _("Effort in person-months"), "text": effort or None},
        {"label": _("Duration in months"), "text": months(candidate.duration) if candidate.duration else None},
        {
            "label": _("Expected loss avoided a year"),
            "text": words.money_span(weighed.avoided.low, weighed.avoided.high, currency) if weighed.avoided else None,
        },
        {"label": _("Capital spend"), "text": exact(candidate.capital) if candidate.capital else None},
        {"label": _("Cost to keep a month"), "text": exact(candidate.running) if candidate.running else None},
        {"label": _("Saving a month"), "text": exact(candidate.saving) if candidate.saving else None},
        {"label": _("At stake a month"), "text": exact(candidate.spend) if candidate.spend else None},
        {"label": _("Due"), "text": until(weighed) or None},
        {"label": _("Still to be said"), "text": lacks(weighed) or _("nothing")},
    ]
