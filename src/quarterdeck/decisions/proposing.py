"""Proposing: a change is previewed with the proposer's rights, kept with what was seen, and put before those to ask."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarterdeck.decisions import differences
from quarterdeck.decisions.actors import Actor, actor
from quarterdeck.decisions.differences import Entry
from quarterdeck.decisions.ledger import Closed, locked, refuse, said, turn
from quarterdeck.decisions.models import OPEN, Part, Proposal, State, Step
from quarterdeck.decisions.policy import POLICIES, Policy
from quarterdeck.decisions.sorts import FUNDED
from quarterdeck.estate.calendars import WorkingDays
from quarterdeck.kinds import seal, show
from quarterdeck.kinds.access import Access, NotFound, Row
from quarterdeck.kinds.canonical import canonical
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.drafts import Change, Drafts, Trouble
from quarterdeck.kinds.roles import Authority, Denied, Reader, company
from quarterdeck.kinds.text import Text
from quarterdeck.kinds.write import Refused, preview
from quarterdeck.runs import answers as given
from quarterdeck.runs.analysis import ANALYSES, Audience
from quarterdeck.runs.models import Answer

_TITLE = 300  # characters
FUNDABLE = ("idea", "proposed", "dropped")


def propose(
    reader: Reader,
    sort: str,
    title: Text | str,
    changes: Iterable[Change],
    answers: Sequence[int] = (),
    reason: str = "",
) -> Proposal:
    """Put a change before those whom the policy of its sort asks.

    answers: ids of the answers it rests on; they are kept for good. The same thing proposed again by the same user
    while it is open is the same proposal. Raises Denied where the reader may not propose or not make these changes,
    Refused with every trouble, KeyError for a sort that no policy is for.
    """
    return _keep(reader, sort, title, changes, answers, reason, State.PROPOSED)


def draft(
    reader: Reader,
    sort: str,
    title: Text | str,
    changes: Iterable[Change],
    answers: Sequence[int] = (),
    reason: str = "",
) -> Proposal:
    """Keep a proposal that nobody else sees yet; checked like one that is put forward, and raises the same."""
    return _keep(reader, sort, title, changes, answers, reason, State.DRAFT)


def submit(reader: Reader, key: str) -> Proposal:
    """Put a draft forward, on what its records are now. Raises Denied, Refused, Closed where it is no draft."""
    who = actor(reader, "propose", key)
    with transaction.atomic():
        proposal = locked(reader, key)
        if not who.proposed(proposal):
            raise Denied("propose", key)
        if proposal.state == State.PROPOSED:
            return proposal
        if proposal.state != State.DRAFT:
            raise Closed(proposal)
        policy = _policy(who, proposal.sort)
        kept, _mark = taken(reader, policy, differences.changes(differences.entries(proposal.changes)))
        if not kept and not policy.bare:
            raise refuse("", _("it would change nothing"))
        proposal.changes = differences.to_text(kept)
        _put_forward(proposal, policy, who)
    return proposal


def fund(reader: Reader, initiative: str, reason: str = "", answers: Sequence[int] = ()) -> Proposal:
    """Propose that an initiative be funded. Raises Denied, NotFound; Refused where it is funded or further already."""
    row = Access(reader).select("initiative").one(initiative)
    return propose(reader, FUNDED, _funding_title(row), funding(row), answers, reason)


def funding(row: Row) -> list[Change]:
    """The change that funds an initiative. Raises Refused where its state does not allow it."""
    if row["state"] not in FUNDABLE:
        state = show.value(KINDS["initiative"].attributes["state"], row["state"])
        raise refuse("state", _("this initiative is %(state)s already") % {"state": state})
    return [Change("initiative", row.key, {"state": "funded"})]


def _funding_title(row: Row) -> Text:
    halves = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            halves[language] = _("Fund “%(initiative)s”") % {
                "initiative": show.name(KINDS["initiative"], row) or row.key
            }
    return Text(halves["en"][:_TITLE], halves["zh-hans"][:_TITLE])


def _policy(who: Actor, sort: str) -> Policy:
    policy = POLICIES[sort]
    if not policy.proposes(who.reader):
        raise Denied("propose", sort)
    return policy


def _keep(
    reader: Reader,
    sort: str,
    title: Text | str,
    changes: Iterable[Change],
    answers: Sequence[int],
    reason: str,
    state: State,
) -> Proposal:
    who = actor(reader, "propose", sort)
    policy = _policy(who, sort)
    named, why = _titled(title), said(reason, "reason")
    with transaction.atomic():
        kept, mark = taken(reader, policy, changes)
        rests = _resting(reader, answers)
        if not kept and not (policy.bare and rests):
            raise refuse("", _("it would change nothing"))
        proposal = Proposal(
            sort=sort, title_en=named.en, title_zh=named.zh, reason=why, proposer=who.user, proposer_person=who.person,
            proposer_record=who.record, changes=differences.to_text(kept), answers=canonical(rests),
            digest=seal.keyed("proposals", canonical([sort, mark, rests])),
        )  # fmt: skip
        proposal, found = _once(proposal)
        if not found and state == State.DRAFT:
            turn(proposal, who, State.DRAFT)
        if state == State.PROPOSED and proposal.state == State.DRAFT:
            _put_forward(proposal, policy, who)
    return proposal


def _once(proposal: Proposal) -> tuple[Proposal, bool]:
    """The proposal kept, or the open one of the same content by the same user, and whether that was found."""
    same = Proposal.objects.filter(proposer=proposal.proposer, digest=proposal.digest, state__in=OPEN)
    found = same.first()
    if found:
        return found, True
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
    except IntegrityError:  # the same click, twice at once
        return same.get(), True
    return proposal, False


def taken(reader: Reader, policy: Policy, changes: Iterable[Change]) -> tuple[tuple[Entry, ...], str]:
    """What changes come to with the proposer's own rights, and a text that is the same for the same changes.

    Beside the kernel's preview the drafts are taken: they hold the ids and whole records that a proposal remembers.
    """
    wanted, asked = list(changes), Authority(reader, decision="asked for")
    drafts = Drafts(asked, wanted)
    troubles = [
        *preview(asked, wanted).troubles,
        *differences.nobodys(drafts),
        *_beyond(policy, drafts),
    ]
    if troubles:
        raise Refused(troubles)
    whole = sorted((d for some in drafts.by_kind.values() for d in some if d.changed), key=lambda d: d.index)
    mark = canonical([[d.kind.name, d.id, d.before, d.after, d.change.effective] for d in whole])
    return differences.taken(drafts), mark


def _beyond(policy: Policy, drafts: Drafts) -> list[Trouble]:
    """Changes that a decision of this sort may not make."""
    found = []
    for some in drafts.by_kind.values():
        for draft in some:
            names = draft.changed if draft.action == "update" else ("",)
            for name in names:
                if not policy.allows(draft.kind.name, name):
                    message = _("a decision of the sort “%(sort)s” does not change this") % {"sort": _(policy.title)}
                    found.append(Trouble(draft.index, draft.kind.name, draft.change.key, name, message))
    return found


def _titled(title: Text | str) -> Text:
    """A title in the languages it was given in; a single text with Chinese characters is Chinese."""
    if isinstance(title, str):
        chinese = any("\u3400" <= sign <= "\u9fff" for sign in title)
        title = Text(zh=title) if chinese else Text(en=title)
    found = Text(said(title.en, "title", most=_TITLE), said(title.zh, "title", most=_TITLE))
    if not (found.en or found.zh):
        raise refuse("title", _("is needed"))
    return found


def _resting(reader: Reader, answers: Sequence[int]) -> list[int]:
    """The ids of answers, each once; Raises Refused for one that the reader may not see or that is not there."""
    found = []
    for number in dict.fromkeys(answers):
        if not may_see(reader, Answer.objects.filter(pk=number).first()):
            raise refuse("answers", _("there is no answer %(number)s that you may see") % {"number": number})
        found.append(int(number))
    return found


def may_see(reader: Reader, answer: Answer | None) -> bool:
    """Whether an answer was given for a reader like this one."""
    analysis = ANALYSES.get(answer.analysis) if answer else None
    if answer is None or analysis is None:
        return False
    try:
        given.permit(analysis, reader)
    except Denied:
        return False
    return analysis.audience is Audience.COMPANY or answer.audience == reader.audience


def _put_forward(proposal: Proposal, policy: Policy, who: Actor) -> None:
    """Pin what it rests on, ask whom the policy asks, set the deadline."""
    for number in proposal.rests:
        given.pin(number)
    proposal.proposed = timezone.now()
    proposal.deadline = working_days(who.person).after(timezone.localdate(), policy.days)
    steps = [Step(proposal=proposal, part=Part.CONSULTED, role=role) for role in sorted(policy.consulted)]
    for place, roles in enumerate(policy.stages(who.reader), start=1):
        steps += [Step(proposal=proposal, part=Part.CONFIRMER, stage=place, role=role) for role in sorted(roles)]
    for step in steps:
        step.asked_by = who.reader.name
    Step.objects.bulk_create(steps)
    turn(proposal, who, State.PROPOSED)


def working_days(person: str) -> WorkingDays:
    """The working days of a person's calendar; without one those of the only calendar, else Monday to Friday."""
    access = Access(company)
    calendar = ""
    if person:
        try:
            calendar = str(access.select("person").one(person)["calendar"])
        except NotFound:
            calendar = ""
    if not calendar:
        only = access.select("calendar").rows(2)
        calendar = only[0].key if len(only) == 1 else ""
    return WorkingDays(access.select("holiday").where(calendar=calendar).rows() if calendar else [])


def due(reader: Reader, policy: Policy) -> date:
    """Until when those asked have time if a reader proposes now."""
    return working_days(reader.person).after(timezone.localdate(), policy.days)
