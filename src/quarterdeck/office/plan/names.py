"""What the plan's pages call things: records by their name, limits in words."""

from django.utils.translation import gettext as _

from quarterdeck.engines.portfolio.result import Resource
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words


class Names:
    """Records' names in the reader's language, looked up once a kind."""

    def __init__(self, reader: Reader) -> None:
        self._access, self._kinds = Access(reader), dict[str, dict[str, Row]]()

    def row(self, kind: str, key: str) -> Row | None:
        if kind not in self._kinds:
            reads = self._access.reader.reads(kind)
            self._kinds[kind] = {row.key: row for row in self._access.select(kind).rows()} if reads else {}
        return self._kinds[kind].get(key)

    def name(self, kind: str, key: str) -> str:
        """The record's name; its key where it has none or the reader may not see it."""
        return show.name(KINDS[kind], self.row(kind, key)) or key

    def url(self, kind: str, key: str) -> str:
        return show.url("record", KINDS[kind], key)

    def limit(self, resource: Resource, key: str = "") -> str:
        """What can run short, as it stands in a sentence: a skill by its name."""
        titles = {
            Resource.CAPITAL: _("the capital budget"),
            Resource.RUNNING: _("the running budget"),
            Resource.AT_ONCE: _("the number of initiatives at once"),
            Resource.APPETITE: _("the appetite for loss"),
        }
        return titles.get(resource) or self.name("skill", key)


def unit(resource: Resource, size: float, currency: str) -> str:
    """One unit more of a limit: what was tried when it was widened."""
    units = {Resource.SKILL: _("one person-month more"), Resource.AT_ONCE: _("one more at once")}
    return units.get(resource) or _("another %(sum)s") % {"sum": words.money(size, currency)}
