"""Who reads and who writes: roles as a table of values, a reader, and the authority a write is made by."""

from dataclasses import dataclass

from quarterdeck.kinds.canonical import canonical

ALL = frozenset({"*"})
NONE: frozenset[str] = frozenset()
SEEING = frozenset({"plan", "history"})  # further rights to see; the others change something


@dataclass(frozen=True)
class Role:
    """One row of the table of roles: what its holders may read, write, see uncovered, and do.

    reads, writes: names of kinds, or `*`. clears: clearances for private fields ("pay", "appraisal").
    everything: sees every row of the kinds it reads; without it a kind's own row scope applies.
    may: further rights by name ("collect", "history", "users", "decide").
    """

    name: str
    title: str  # translatable
    reads: frozenset[str] = NONE
    writes: frozenset[str] = NONE
    clears: frozenset[str] = NONE
    everything: bool = False
    may: frozenset[str] = NONE


ROLES: dict[str, Role] = {}


def register_roles(*roles: Role) -> None:
    """Add rows to the table; two roles of one name are a fault of the program."""
    for role in roles:
        if role.name in ROLES:
            raise ValueError(f"two roles are called {role.name!r}")
        ROLES[role.name] = role


@dataclass(frozen=True)
class Reader:
    """Someone who looks: a signed-in user, a token, or a service; with the roles held and the own person record."""

    name: str  # "user:ada", "token:ada/reports", "service:company"
    roles: tuple[Role, ...] = ()
    person: str = ""  # key of the own person record, if any
    rights: str = "write"  # what a token leaves: read, write or import

    def reads(self, kind: str) -> bool:
        return self.rights != "import" and any(role.reads & {"*", kind} for role in self.roles)

    def writes(self, kind: str) -> bool:
        return self.rights != "read" and any(role.writes & {"*", kind} for role in self.roles)

    def clears(self, clearance: str) -> bool:
        return clearance in self.clearances

    @property
    def clearances(self) -> frozenset[str]:
        """What the roles held uncover, all together."""
        return frozenset[str]().union(*(role.clears for role in self.roles))

    def may(self, right: str) -> bool:
        """Whether a further right is held; a token that only reads keeps those to see."""
        left = self.rights == "write" or (self.rights == "read" and right in SEEING)
        return left and any(role.may & {"*", right} for role in self.roles)

    def sees_all(self, kind: str) -> bool:
        """Whether some role that reads this kind sees all of its rows."""
        return any(role.everything and role.reads & {"*", kind} for role in self.roles)

    @property
    def audience(self) -> str:
        """The same text for readers who see the same: their roles, and who they are where that narrows what they
        see."""
        personal = not any(role.everything for role in self.roles)
        seen = "import" if self.rights == "import" else "write"  # who only reads sees what writers see
        return canonical([sorted(role.name for role in self.roles), self.person if personal else "", seen])


COMPANY = Role("company", "Whole-company computation", reads=ALL, everything=True, may=frozenset({"plan"}))
SYSTEM = Role(
    "system", "The product itself", reads=ALL, writes=ALL, everything=True, may=ALL, clears=frozenset({"pay"})
)
company = Reader("service:company", (COMPANY,))


@dataclass(frozen=True)
class Authority:
    """By what right a write is made; it stands in the history for good.

    reader: whose permissions are checked. decision, proposer, confirmer: set when a confirmed decision is carried out.
    """

    reader: Reader
    decision: str = ""
    proposer: str = ""
    confirmer: str = ""
    policy: str = ""  # a source's policy that accepted a suggestion

    def text(self) -> str:
        """What the history keeps."""
        named = {
            "by": self.reader.name,
            "decision": self.decision,
            "proposer": self.proposer,
            "confirmer": self.confirmer,
            "policy": self.policy,
        }
        return canonical({name: value for name, value in named.items() if value})


def service(name: str, **further: str) -> Authority:
    """The authority of the product's own services (a collection, an import at set-up)."""
    return Authority(Reader(f"service:{name}", (SYSTEM,)), **further)


class Denied(Exception):
    """Someone may not do what they asked; says what and of which kind."""

    def __init__(self, action: str, what: str, field: str = "") -> None:
        self.action, self.what, self.field = action, what, field
        super().__init__(f"you may not {action} {what}" + (f" ({field})" if field else ""))
