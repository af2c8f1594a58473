"""Deciding: confirming carries out at once in one transaction; nobody confirms their own; a second click is none."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.decisions import differences
from quarterdeck.decisions.actors import Actor, actor
from quarterdeck.decisions.differences import Entry, Moved
from quarterdeck.decisions.ledger import Closed, locked, refuse, said, stage, turn
from quarterdeck.decisions.models import OPEN, Comment, Part, Proposal, State, Step, Verdict
from quarterdeck.decisions.policy import HOOKS, POLICIES
from quarterdeck.decisions.sight import sight
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import ROLES, Authority, Denied, Reader
from quarterdeck.kinds.write import Refused, Written, write


def confirm(reader: Reader, key: str, comment: str = "") -> Proposal:
    """Confirm a proposal; the last confirmation that its policy asks for carries it out at once.

    Where records moved since it was proposed nothing is written and it is overtaken: the last turn names what moved.
    Who confirms again, or after another has, finds it as it is. Raises NotFound, Closed, Refused, and Denied for
    whoever is not asked, proposed it themselves under whichever user, or may not see all of what it changes.
    """
    who, words = actor(reader, "confirm", key), said(comment, "comment")
    with transaction.atomic():
        proposal = locked(reader, key)
        steps = list(proposal.steps.all())
        _may_decide(who, proposal, steps, "confirm")
        confirmed = any(step.verdict == Verdict.CONFIRMED and who.answered(step) for step in steps)
        if confirmed or proposal.state in (State.CONFIRMED, State.CARRIED_OUT, State.OVERTAKEN):
            return proposal
        step = _at_stage(who, proposal, steps, "confirm")
        entries = differences.entries(proposal.changes)
        if not sight(reader, entries).whole(entries):
            raise Denied("confirm", key, _("it changes what you may not see"))
        last = step.stage == max(s.stage for s in steps)
        if not last or _carry_out(proposal, entries, who, words):
            _answer(step, who, Verdict.CONFIRMED, words)
    return proposal


def decline(reader: Reader, key: str, comment: str) -> Proposal:
    """Decline a proposal and say why. Raises as `confirm` does."""
    who = actor(reader, "decline", key)
    words = said(comment, "comment", needed=_("say why it is declined"))
    with transaction.atomic():
        proposal = locked(reader, key)
        steps = list(proposal.steps.all())
        _may_decide(who, proposal, steps, "decline")
        if proposal.state == State.DECLINED:
            return proposal
        _answer(_at_stage(who, proposal, steps, "decline"), who, Verdict.DECLINED, words)
        turn(proposal, who, State.DECLINED, words)
        _tell(proposal, who)
    return proposal


def withdraw(reader: Reader, key: str, comment: str = "") -> Proposal:
    """Take one's own proposal back while it is open. Raises NotFound, Denied, Closed, Refused."""
    who, words = actor(reader, "withdraw", key), said(comment, "comment")
    with transaction.atomic():
        proposal = locked(reader, key)
        if not who.proposed(proposal):
            raise Denied("withdraw", key)
        if proposal.state not in (*OPEN, State.WITHDRAWN):
            raise Closed(proposal)
        if proposal.state != State.WITHDRAWN:
            turn(proposal, who, State.WITHDRAWN, words)
    return proposal


def consult(reader: Reader, key: str, *, role: str = "", person: str = "", question: str = "") -> Step:
    """Ask a role or a person what they think; whoever is asked sees the proposal from then on.

    For the proposer and for those asked to confirm. Asking again while there is no answer is the same question. Raises
    NotFound, Denied, Closed, Refused.
    """
    who, words = actor(reader, "consult", key), said(question, "question")
    if bool(role) == bool(person):
        raise refuse("role", _("ask a role or a person"))
    if role and role not in ROLES:
        raise refuse("role", _("there is no such role"))
    with transaction.atomic():
        proposal = locked(reader, key)
        if not who.proposed(proposal) and not any(
            s.part == Part.CONFIRMER and who.asked(s) for s in proposal.steps.all()
        ):
            raise Denied("consult", key)
        _waits(proposal)
        row = Access(reader).select("person").one(person) if person else None
        step = Step(proposal=proposal, part=Part.CONSULTED, role=role, question=words, asked_by=reader.name)
        if row:
            step.person, step.person_record = row.key, row.id
        same = proposal.steps.filter(
            part=Part.CONSULTED, role=role, person_record=step.person_record, verdict=""
        ).first()
        if same:
            return same
        step.save()
    return step


def advise(reader: Reader, key: str, agrees: bool, comment: str = "") -> Proposal:
    """Say what one thinks of a proposal, being consulted. Raises NotFound, Denied, Closed, Refused."""
    who = actor(reader, "advise", key)
    words = said(comment, "comment", needed="" if agrees else _("say what speaks against it"))
    with transaction.atomic():
        proposal = locked(reader, key)
        mine = [s for s in proposal.steps.all() if s.part == Part.CONSULTED and (who.asked(s) or who.answered(s))]
        if not mine or who.proposed(proposal):
            raise Denied("advise", key)
        _waits(proposal)
        unanswered = [step for step in mine if not step.verdict]
        if not unanswered and not any(who.answered(step) for step in mine):
            raise Denied("advise", key, _("somebody of your role has answered"))
        for step in unanswered:
            _answer(step, who, Verdict.AGREES if agrees else Verdict.OBJECTS, words)
    return proposal


def remark(reader: Reader, key: str, text: str) -> Comment:
    """Say something about a proposal one may see. Raises NotFound, Denied, Refused."""
    who, words = actor(reader, "comment", key), said(text, "comment", needed=_("say something"))
    with transaction.atomic():
        proposal = locked(reader, key)
        return Comment.objects.create(proposal=proposal, by=reader.name, user=who.user, person=who.person, text=words)


def _may_decide(who: Actor, proposal: Proposal, steps: list[Step], action: str) -> None:
    if who.proposed(proposal):
        raise Denied(action, proposal.key, _("your own proposal"))
    if not any(step.part == Part.CONFIRMER and (who.asked(step) or who.answered(step)) for step in steps):
        raise Denied(action, proposal.key)


def _waits(proposal: Proposal) -> None:
    if proposal.state != State.PROPOSED:
        raise Closed(proposal)


def _at_stage(who: Actor, proposal: Proposal, steps: list[Step], action: str) -> Step:
    """The step by which somebody decides at the stage that the proposal has reached."""
    _waits(proposal)
    now = stage(steps)
    mine = [step for step in steps if step.part == Part.CONFIRMER and step.stage == now and who.asked(step)]
    if not mine:
        raise Denied(action, proposal.key, _("others confirm it first"))
    return mine[0]


def _answer(step: Step, who: Actor, verdict: Verdict, comment: str) -> None:
    """Give a step its verdict, once."""
    given = Step.objects.filter(pk=step.pk, verdict="").update(
        verdict=verdict,
        comment=comment,
        answered_by=who.reader.name,
        answered_user=who.user,
        answered_person=who.person,
        answered_record=who.record,
        answered=timezone.now(),
    )
    if given != 1:
        raise RuntimeError(f"step {step.pk} has its verdict already")


def _carry_out(proposal: Proposal, entries: tuple[Entry, ...], who: Actor, comment: str) -> bool:
    """Write what was proposed, or find it overtaken; whether it was written."""
    moved: tuple[Moved, ...] = differences.moved(entries, lock=True)
    written = None
    if not moved:
        try:
            written = write(
                _authority(proposal, entries, who), differences.changes(entries), f"decision {proposal.key}"
            )
        except Refused as refused:  # it held when it was proposed: something else has moved
            moved = differences.refused(entries, refused.troubles)
    if written is None:
        turn(proposal, who, State.OVERTAKEN, comment, moved)
        return False
    turn(proposal, who, State.CONFIRMED, comment)
    proposal.commit = written.commit
    turn(proposal, who, State.CARRIED_OUT)
    _tell(proposal, who)
    _call(proposal, written)
    return True


def _authority(proposal: Proposal, entries: tuple[Entry, ...], who: Actor) -> Authority:
    carrier = POLICIES[proposal.sort].carrier(differences.clearances(entries))
    earlier = [step.answered_by for step in proposal.steps.all() if step.verdict == Verdict.CONFIRMED]
    confirmers = ", ".join([*earlier, who.reader.name])
    return Authority(carrier, decision=proposal.key, proposer=f"user:{proposal.proposer}", confirmer=confirmers)


def _call(proposal: Proposal, written: Written) -> None:
    for hook in HOOKS.get(proposal.sort, ()):
        hook(proposal, written)


def _tell(proposal: Proposal, who: Actor) -> None:
    """Let those know whom the policy names; they see the proposal from now on."""
    told = sorted(POLICIES[proposal.sort].told)
    Step.objects.bulk_create(
        [Step(proposal=proposal, part=Part.TOLD, role=role, asked_by=who.reader.name) for role in told]
    )
