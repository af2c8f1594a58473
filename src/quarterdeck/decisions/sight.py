"""What of a proposal's changes a reader may see: today's row scope and private fields, as for records themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from quarterdeck.decisions.differences import Entry
from quarterdeck.kinds import keys
from quarterdeck.kinds.access import Access, Row, scope_of
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.roles import Reader


@dataclass(frozen=True)
class Sight:
    """Records of one reader's sight, by (kind, id) and (kind, folded key), and kinds of which all is seen."""

    reader: Reader
    rows: dict[tuple[str, int | str], Row]

    def row(self, entry: Entry) -> Row | None:
        """The record of an entry as it is now, where there is one that the reader may see."""
        return self.rows.get((entry.kind, entry.record or keys.fold(entry.key)))

    def sees(self, entry: Entry) -> bool:
        """Whether the reader may know of this change at all."""
        kind = KINDS.get(entry.kind)
        if kind is None or not self.reader.reads(entry.kind):
            return False
        return scope_of(kind, self.reader) is None or self.row(entry) is not None

    def fields(self, kind: str) -> frozenset[str]:
        """Fields of a kind that the reader may see."""
        return frozenset(attribute.name for attribute in KINDS[kind].visible(self.reader))

    def reason(self, text: str) -> str:
        """Why a change could not be made; it may name other records, so it is for those who see all of them."""
        if not text or any(role.everything and "*" in role.reads for role in self.reader.roles):
            return text
        return _("it could no longer be made as it stood")

    def whole(self, entries: Iterable[Entry]) -> bool:
        """Whether the reader may see everything that entries change."""
        return all(self.sees(entry) and set(entry.values or ()) <= self.fields(entry.kind) for entry in entries)


def sight(reader: Reader, entries: Iterable[Entry]) -> Sight:
    """Look up the records of entries as a reader may see them: two questions a kind."""
    rows: dict[tuple[str, int | str], Row] = {}
    whole = list(entries)
    for name in dict.fromkeys(entry.kind for entry in whole):
        if name in KINDS and reader.reads(name):
            mine = [entry for entry in whole if entry.kind == name]
            for row in Access(reader).select(name).where(key__in=_keys(KINDS[name], mine)).rows():
                rows[name, row.id] = rows[name, keys.fold(row.key)] = row
    return Sight(reader, rows)


def _keys(kind: Kind, entries: list[Entry]) -> list[str]:
    """The keys that the records of entries have now."""
    rows = kind.model._default_manager
    known = {entry.record for entry in entries if entry.record}
    fresh = {keys.fold(entry.key) for entry in entries if not entry.record}
    found = list(rows.filter(id__in=known).values_list("key", flat=True)) if known else []
    return found + (list(rows.filter(fold__in=fresh).values_list("key", flat=True)) if fresh else [])
