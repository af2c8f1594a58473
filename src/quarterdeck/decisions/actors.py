"""Who acts: the user and the person behind a reader, however they came in."""

from dataclasses import dataclass

from quarterdeck.decisions.models import Proposal, Step
from quarterdeck.kinds import keys
from quarterdeck.kinds.access import Access, NotFound
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Denied, Reader, company


@dataclass(frozen=True)
class Actor:
    """Someone who acts. record: id of the own person record, the same under every name it has had; None without one."""

    reader: Reader
    user: str
    person: str
    record: int | None

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role.name for role in self.reader.roles)

    def is_same(self, user: str, person: str, record: int | None) -> bool:
        """Whether this is the same user, or the same person under whichever user."""
        if self.user and self.user.casefold() == user.casefold():
            return True
        if self.record is not None and record is not None:
            return self.record == record
        return bool(self.person) and keys.fold(self.person) == keys.fold(person)

    def proposed(self, proposal: Proposal, now: str | None = None) -> bool:
        """Whether a proposal is this actor's own: by user, by the person its proposer was then or is `now`."""
        if self.is_same(proposal.proposer, proposal.proposer_person, proposal.proposer_record):
            return True
        if now is None:
            now = User.objects.filter(username=proposal.proposer).values_list("person", flat=True).first() or ""
        return bool(now) and now != proposal.proposer_person and self.is_same("", now, record_of(now))

    def answered(self, step: Step) -> bool:
        """Whether this actor gave a step its verdict."""
        return bool(step.verdict) and self.is_same(step.answered_user, step.answered_person, step.answered_record)

    def asked(self, step: Step) -> bool:
        """Whether a step asks this actor: in person, or by a role held."""
        if step.role:
            return step.role in self.roles
        return self.is_same("", step.person, step.person_record)


def user_of(reader: Reader) -> str:
    """The user behind a reader's name ("user:ada", "token:ada/reports"; user names hold no slash); "" for a service."""
    origin, _, rest = reader.name.partition(":")
    if origin == "user":
        return rest
    return rest.partition("/")[0] if origin == "token" else ""


def record_of(person: str) -> int | None:
    """The id of the person record of a key or former key; None where there is none."""
    if not person:
        return None
    try:
        return Access(company).select("person").one(person).id
    except NotFound:
        return None


def looker(reader: Reader) -> Actor:
    """The actor behind a reader who only looks."""
    return Actor(reader, user_of(reader), reader.person, record_of(reader.person))


def actor(reader: Reader, action: str, what: str) -> Actor:
    """The actor behind a reader who does something. Raises Denied for a service, and for a token that may not write."""
    found = looker(reader)
    if not found.user or reader.rights != "write":
        raise Denied(action, what)
    return found
