"""The book of decisions: which proposals a reader sees, what waits for them, how a change of state is written down."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.decisions.actors import Actor, looker
from quarterdeck.decisions.differences import Moved, moves_to_text
from quarterdeck.decisions.models import OPEN, Part, Proposal, State, Step, Turn, Verdict
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.drafts import Trouble
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.write import Refused

LONGEST = 10_000  # characters of a reason, question or comment
_KEY = re.compile(r"[Dd]-([1-9][0-9]{0,17})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]")


class Closed(Exception):
    """What was asked cannot happen to a proposal in its state."""

    def __init__(self, proposal: Proposal) -> None:
        self.key, self.state = proposal.key, State(proposal.state)
        super().__init__(_("%(key)s is %(state)s already") % {"key": self.key, "state": self.state.label})


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a reader: to confirm a proposal, or to say what they think of it."""

    proposal: Proposal
    part: Part
    deadline: date | None
    late: bool


def refuse(field: str, message: str) -> Refused:
    """The refusal of one thing that was given."""
    return Refused([Trouble(0, "decision", "", field, message)])


def said(text: str, field: str, *, needed: str = "", most: int = LONGEST) -> str:
    """What somebody wrote, fit to be kept. needed: why it may not be empty. Raises Refused."""
    found = text.strip()
    if needed and not found:
        raise refuse(field, needed)
    if len(found) > most:
        raise refuse(field, _("has %(found)d characters; at most %(most)d fit") % {"found": len(found), "most": most})
    if _CONTROL.search(found):
        raise refuse(field, _("holds a control character"))
    return found


def _own(who: Actor) -> Q:
    found = Q(proposer=who.user) if who.user else Q(pk__in=())
    return found | Q(proposer_record=who.record) if who.record is not None else found


def asking(who: Actor) -> Q:
    """Steps that ask somebody, by a role held or in person."""
    found = Q(role__in=who.roles)
    return found | Q(role="", person_record=who.record) if who.record is not None else found


def visible(reader: Reader) -> QuerySet[Proposal]:
    """The proposals a reader may see: their own, those they are asked or told about; all where a role sees everything.

    What has never been put forward is seen by its author alone.
    """
    if reader.rights == "import":
        return Proposal.objects.none()
    who = looker(reader)
    proposed = Q(proposed__isnull=False)
    if any(role.everything for role in reader.roles):
        return Proposal.objects.filter(_own(who) | proposed)
    asked = Step.objects.filter(asking(who)).values("proposal")
    return Proposal.objects.filter(_own(who) | (proposed & Q(pk__in=asked)))


def find(reader: Reader, key: str) -> Proposal:
    """The proposal of a key like D-12. Raises NotFound where there is none that the reader may see."""
    named = _KEY.fullmatch(key.strip())
    found = visible(reader).filter(pk=int(named[1])).first() if named else None
    if found is None:
        raise NotFound(f"decision:{key}")
    return found


def locked(reader: Reader, key: str) -> Proposal:
    """The same, held until the transaction ends: whoever else acts on it waits, then reads what became of it."""
    return Proposal.objects.select_for_update().get(pk=find(reader, key).pk)


def stage(steps: Iterable[Step]) -> int:
    """The stage of confirmation a proposal waits at: the first that nobody has confirmed; 0 where none is left."""
    asked = [step for step in steps if step.part == Part.CONFIRMER]
    done = {step.stage for step in asked if step.verdict == Verdict.CONFIRMED}
    return min((step.stage for step in asked if step.stage not in done), default=0)


def turn(proposal: Proposal, who: Actor, after: State, comment: str = "", moved: Iterable[Moved] = ()) -> None:
    """Bring a proposal into a state and write down that, when and by whom it was."""
    now = timezone.now()
    before = "" if not proposal.turns.exists() else proposal.state
    Turn.objects.create(
        proposal=proposal, before=before, after=after, by=who.reader.name, user=who.user, person=who.person,
        comment=comment, moved=moves_to_text(moved), at=now,
    )  # fmt: skip
    proposal.state = after
    if after not in OPEN and proposal.closed is None:
        proposal.closed = now
    proposal.save()


def inbox(reader: Reader, today: date | None = None) -> list[Waiting]:
    """What waits for a reader, the earliest deadline first; never their own proposals, nor a stage not yet reached."""
    who, day = looker(reader), today or timezone.localdate()
    if not who.user:
        return []
    steps = Step.objects.filter(asking(who), proposal__state=State.PROPOSED, verdict="").exclude(part=Part.TOLD)
    proposals = Proposal.objects.filter(pk__in=steps.values("proposal")).prefetch_related("steps")
    found = list(proposals.order_by("deadline", "pk"))
    people = dict(User.objects.filter(username__in={p.proposer for p in found}).values_list("username", "person"))
    waiting = []
    for proposal in found:
        part = (
            None
            if who.proposed(proposal, people.get(proposal.proposer, ""))
            else wanted(who, list(proposal.steps.all()))
        )
        if part is not None:
            waiting.append(Waiting(proposal, part, proposal.deadline, proposal.late(day)))
    return waiting


def wanted(who: Actor, steps: list[Step]) -> Part | None:
    """What somebody is asked for now: to confirm before all else; None where nothing is asked of them any more."""
    now = stage(steps)
    confirmed = any(who.answered(step) for step in steps if step.part == Part.CONFIRMER)
    mine = [step for step in steps if not step.verdict and who.asked(step)]
    if not confirmed and any(step.part == Part.CONFIRMER and step.stage == now for step in mine):
        return Part.CONFIRMER
    return Part.CONSULTED if any(step.part == Part.CONSULTED for step in mine) else None


def waiting_count(reader: Reader) -> int:
    """How many proposals wait for a reader: the number on the badge."""
    return len(inbox(reader))
