"""The table of policies: for each sort of decision who proposes, who is asked and told, and within how many days."""

from collections.abc import Callable
from dataclasses import dataclass

from quarterdeck.decisions.models import Proposal
from quarterdeck.kinds.roles import ALL, NONE, Reader, Role
from quarterdeck.kinds.write import Written


@dataclass(frozen=True)
class Policy:
    """One row: how decisions of one sort are taken. Roles are named as in the table of roles.

    confirmers: one set of roles a stage, in order; somebody of each must confirm, and never the same person twice.
    changes: what a decision of this sort may change, as `kind` or `kind.field`. bare: whether it may change nothing and
    only rest on answers. days: working days until the deadline.
    """

    sort: str
    title: str  # translatable
    proposers: frozenset[str]
    confirmers: tuple[frozenset[str], ...]
    consulted: frozenset[str] = NONE
    told: frozenset[str] = NONE
    days: int = 5
    changes: frozenset[str] = NONE
    bare: bool = False

    def proposes(self, reader: Reader) -> bool:
        """Whether a reader may propose this."""
        return reader.rights == "write" and any(role.name in self.proposers for role in reader.roles)

    def allows(self, kind: str, field: str = "") -> bool:
        """Whether a decision of this sort may change a field of a kind; without a field: make or delete its records."""
        return kind in self.changes or (bool(field) and f"{kind}.{field}" in self.changes)

    def stages(self, reader: Reader) -> tuple[frozenset[str], ...]:
        """The stages a reader's proposal passes: any but the last is spared where the proposer holds a role of it."""
        held = {role.name for role in reader.roles}
        return tuple(roles for roles in self.confirmers[:-1] if not roles & held) + self.confirmers[-1:]

    def carrier(self, clears: frozenset[str]) -> Reader:
        """The service that carries a decision out: it writes the kinds of this policy and no others."""
        writes = frozenset(name.partition(".")[0] for name in self.changes)
        role = Role("decision", "Carries a decision out", reads=ALL, writes=writes, clears=clears, everything=True)
        return Reader("service:decisions", (role,))


Hook = Callable[[Proposal, Written], None]
POLICIES: dict[str, Policy] = {}
HOOKS: dict[str, list[Hook]] = {}


def register(*policies: Policy) -> None:
    """Add rows to the table; two policies for one sort are a fault of the program, and so is one nobody confirms."""
    for policy in policies:
        if policy.sort in POLICIES:
            raise ValueError(f"two policies are for {policy.sort!r}")
        if not policy.confirmers or not all(policy.confirmers):
            raise ValueError(f"nobody confirms {policy.sort!r}")
        POLICIES[policy.sort] = policy


def on_carried_out(sort: str, hook: Hook) -> None:
    """Call `hook` with each decision of a sort that is carried out and what was written, inside the same transaction:
    where it raises, nothing of the decision is carried out."""
    HOOKS.setdefault(sort, []).append(hook)
