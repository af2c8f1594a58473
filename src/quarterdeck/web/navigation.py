"""The entries of the navigation rail, as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from quarterdeck.decisions.views import badge
from quarterdeck.kinds.roles import Reader


@dataclass(frozen=True)
class Entry:
    """One entry: where it leads, whose it is, and what must be allowed to see it."""

    title: str
    view: str
    chapter: str = "office"
    arguments: tuple[tuple[str, str], ...] = ()
    right: str = ""
    kind: str = ""
    badge: Callable[[Any], int | None] | None = None

    def shown(self, reader: Reader) -> bool:
        return (not self.right or reader.may(self.right)) and (not self.kind or reader.reads(self.kind))


@dataclass(frozen=True)
class Group:
    """Entries that belong together."""

    title: str
    entries: tuple[Entry, ...]


NAVIGATION: list[Group] = [
    Group(
        _("Office"),
        (
            Entry(_("Desk"), "desk"),
            Entry(_("Candidates"), "candidates", right="plan"),
            Entry(_("Plan"), "plan", right="plan"),
            Entry(_("What if"), "what-if", right="plan"),
            Entry(_("Decisions"), "decisions", badge=badge),
            Entry(_("Drift"), "drift", right="plan"),
        ),
    ),
    Group(
        _("Chapters"),
        (
            Entry(_("Goals"), "kinds:list", "strategy", (("kind", "goal"),), kind="goal"),
            Entry(_("Initiatives"), "kinds:list", "strategy", (("kind", "initiative"),), kind="initiative"),
            Entry(_("Systems"), "kinds:list", "strategy", (("kind", "system"),), kind="system"),
            Entry(_("People"), "kinds:list", "people", (("kind", "person"),), kind="person"),
            Entry(_("Loss scenarios"), "kinds:list", "risk", (("kind", "scenario"),), kind="scenario"),
        ),
    ),
    Group(
        _("Ground"),
        (
            Entry(_("Evidence"), "evidence"),
            Entry(_("Records"), "kinds:index"),
            Entry(_("Documents"), "documents", right="document"),
        ),
    ),
]
