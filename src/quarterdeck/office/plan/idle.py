"""Why a change changes nothing: what it asks for is so already, or nothing that counts hangs on it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.engines.programme import Initiative, Pin, Programme
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan import changes, limits
from quarterdeck.office.plan.changes import Change
from quarterdeck.office.plan.names import Names
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

CHOSEN = ("include", "cut-budget", "law")  # sorts that nothing but choosing the plan anew can answer to


@dataclass(frozen=True)
class Situation:
    """The plan there is and what it was made over, the plan after the changes, and what the reader calls things."""

    plan: Answered
    after: Answered
    programme: Programme
    names: Names

    def starts(self, key: str) -> bool:
        """Whether an initiative is in the plan."""
        return any(start.initiative == key for start in self.plan.result.plan.starts)

    def called(self, key: str) -> dict[str, str]:
        """What an initiative is called."""
        return {"what": self.names.name("initiative", key)}

    def about(self, change: Change) -> Initiative | None:
        """The initiative that a change is about."""
        about = change.about.casefold()
        return next((i for i in self.programme.initiatives if i.key.casefold() == about), None)


def reasons(after: Answered, reader: Reader) -> tuple[str, ...]:
    """A sentence a change that can be explained; of an outlook that differs in nothing from the one without it."""
    asked = changes.read(after.parameters.get("changes", ""))
    if not asked:
        return ()
    frontier, chosen = after.parameters["frontier"], after.parameters["replan"] == "yes"
    plan = answers.answer("plan", reader, {"frontier": frontier})
    then = plan
    if chosen:
        then = answers.answer("plan", reader, {"frontier": frontier, "changes": after.parameters["changes"]})
    now = Situation(plan, then, answers.inputs_of(plan).programme, Names(reader))
    return tuple(dict.fromkeys(filter(None, (_reason(now, change, chosen) for change in asked))))


def _reason(now: Situation, change: Change, chosen: bool) -> str:
    initiative = now.about(change) if change.sort in ABOUT_INITIATIVES else None
    told = ABOUT_INITIATIVES[change.sort](now, initiative, change) if initiative else ""
    told = told or (OTHERS[change.sort](now, change) if change.sort in OTHERS else "")
    if not told and change.sort in CHOSEN and not chosen:
        return _("The plan stays as it was: let it be chosen anew to see what it would answer.")
    return told


def _include(now: Situation, initiative: Initiative, _change: Change) -> str:
    if now.starts(initiative.key):
        return _("“%(what)s” is in the plan already.") % now.called(initiative.key)
    return _unfit(now, initiative)


def _unfit(now: Situation, initiative: Initiative) -> str:
    """That an initiative which must be in does not fit, and what it lacks."""
    if all(moved.initiative != initiative.key for moved in now.after.result.moved):
        return ""
    said, lacks = now.called(initiative.key), limits.lacking(now.after, now.names)
    if initiative.pin is Pin.IN or initiative.mandate is not None:
        text = _("“%(what)s” must be in already, and does not fit") % said
    else:
        text = _("“%(what)s” does not fit") % said
    if not lacks:
        return text + _(".")
    short = ngettext("%(what)s runs short.", "%(what)s run short.", len(lacks)) % {"what": words.listed(lacks)}
    return text + _(": ") + short


def _out(now: Situation, initiative: Initiative, _change: Change) -> str:
    if now.starts(initiative.key):
        return ""
    return _("“%(what)s” is not in the plan as it is.") % now.called(initiative.key)


def _effort(now: Situation, initiative: Initiative, change: Change) -> str:
    if change.size == 1:
        return _("Times one, the effort of “%(what)s” stays as it is.") % now.called(initiative.key)
    if not initiative.efforts:
        return _("Nobody has said what effort “%(what)s” takes.") % now.called(initiative.key)
    return _out(now, initiative, change)


def _law(now: Situation, initiative: Initiative, change: Change) -> str:
    finish = next((f.month for f in now.plan.result.finishes if f.initiative == initiative.key), None)
    if finish is not None and finish <= change.size - 1:
        return _("The plan has “%(what)s” finished by then already.") % now.called(initiative.key)
    return _unfit(now, initiative)


def _freeze(now: Situation, _change: Change) -> str:
    return "" if now.plan.result.plan.hires else _("The plan hires nobody.")


def _cut(now: Situation, change: Change) -> str:
    if not now.programme.capital and not now.programme.running:
        return _("No budget is declared: there is nothing to cut.")
    return "" if change.size else _("Nothing is cut off the budget.")


def _vendor(now: Situation, change: Change) -> str:
    vendor = {"what": now.names.name("vendor", change.about)}
    return _("The plan buys no work of “%(what)s”, and its end makes no risk in the register likelier.") % vendor


ABOUT_INITIATIVES: dict[str, Callable[[Situation, Initiative, Change], str]] = {
    "include": _include,
    "cancel": _out,
    "delay": _out,
    "effort": _effort,
    "law": _law,
}
OTHERS: dict[str, Callable[[Situation, Change], str]] = {
    "freeze-hiring": _freeze,
    "cut-budget": _cut,
    "drop-vendor": _vendor,
}
