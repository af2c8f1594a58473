"""The board pack in one language: everything it says, built from answers, before any writer touches it."""

from dataclasses import replace
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.documents import approved as approvals
from quarterdeck.office.documents import legible, risk, sections, sources
from quarterdeck.office.documents.figures import Anchors
from quarterdeck.office.documents.ground import Approved, Ground
from quarterdeck.office.documents.tree import Item, Items, Pack, Text, each_text
from quarterdeck.office.plan.names import Names
from quarterdeck.office.plan.view import view
from quarterdeck.runs import answers
from quarterdeck.runs.answers import Answered

NAMED = ("plan-frame", "initiative", "key-result", "skill", "scenario")  # kinds whose names a pack prints


def build(plan: Answered, outlook: Answered, reader: Reader, currency: str, approved: Approved | None = None) -> Pack:
    """The pack in the language in force; the same answers and names give the same pack."""
    anchors = Anchors()
    shown = view(plan, outlook, reader, currency)
    ground = Ground(
        plan, outlook, shown, answers.inputs_of(plan).programme, Names(reader), reader, currency, anchors, approved
    )
    sentence, lede = anchors.text(shown.sentence, plan, outlook), anchors.text(shown.lede, outlook)
    made = (
        sections.answer,
        approvals.compared,
        approvals.drift,
        sections.roadmap,
        sections.limits,
        sections.money,
        sections.goals,
        risk.risk,
    )
    found = tuple(section for section in (make(ground) for make in made) if section is not None)
    at = max(answered.at for answered in anchors.answers)
    day, subject = date_format(localtime(at), "DATE_FORMAT"), _subject(ground)
    pack = Pack(
        language=get_language() or "en",
        title=_("Board pack"),
        subject=subject,
        day=day,
        at=at,
        sentence=sentence,
        lede=lede,
        sections=found,
        sources_title=_("What every figure rests on"),
        sources_sentence=_("The raised number behind a figure is the number of the answer below that it comes from."),
        sources=sources.listed(anchors.answers, approvals.which(approved) if approved else {}),
        appendix=tuple(filter(None, (risk.scenarios(ground),))),
        evidence=sources.evidence(),
        reading=_reading(ground),
        footer=words.NBSP.join(filter(None, (subject, "·", day))),
        labels=(),
    )
    return replace(each_text(pack, legible.plain), labels=_labels())


def _subject(ground: Ground) -> str:
    """The plan frame's name, where the reader may see one."""
    rows = (
        Access(ground.reader).select("plan-frame").where(current=True).rows(1)
        if ground.reader.reads("plan-frame")
        else []
    )
    return ground.names.name("plan-frame", rows[0].key) if rows else ""


def _reading(ground: Ground) -> Items:
    discount = words.share(ground.programme.discount)
    trials = words.decimals(ground.ahead.checks.trials, 0)
    told = (
        (
            _("Expected value"),
            _(
                "Mean over %(trials)s trials of benefits less all spend, "
                "discounted at %(discount)s a year, before losses."
            )
            % {"trials": trials, "discount": discount},
            ground.outlook,
        ),
        (_("80 %"), _("Eight trials of ten lie within; on a date, eight of ten are finished by then."), None),
        (
            _("Worth in the model"),
            _("What the choice maximises: value, goals' worth, less expected losses, hires and contractors."),
            None,
        ),
        (_("Expected loss"), _("Mean over the trials of the losses of one year, of all declared scenarios."), None),
    )
    entries = tuple(
        Item(Text(title), (ground.anchors.text(text, answered) if answered else Text(text),))
        for title, text, answered in told
    )
    return Items(_("How to read the figures"), entries, "")


def _labels() -> tuple[tuple[str, str], ...]:
    return (
        ("colon", _(": ")),
        ("answer", _("Answer")),
        ("run", _("Run")),
        ("rests", _("Rests on")),
        ("this_plan", _("this plan")),
        ("figure", _("Figure")),
        ("value", _("Value")),
        ("beside", _("Beside it")),
    )


def made_at(pack: Pack) -> datetime:
    """The moment that stands in a document's properties: when its newest answer was computed."""
    return pack.at.replace(microsecond=0)
