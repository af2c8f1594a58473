"""How decisions are shown to people: sentences, difference tables, what they rest on, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from quarterdeck.decisions import differences
from quarterdeck.decisions.differences import Entry, Moved
from quarterdeck.decisions.ledger import stage
from quarterdeck.decisions.models import Part, Proposal, State, Step
from quarterdeck.decisions.policy import POLICIES
from quarterdeck.decisions.proposing import may_see
from quarterdeck.decisions.sight import Sight
from quarterdeck.kinds import keys, show, users
from quarterdeck.kinds.access import HIDDEN, Access, NotFound, Row
from quarterdeck.kinds.declare import KINDS, Attribute, Sort
from quarterdeck.kinds.roles import ROLES, Denied, Reader
from quarterdeck.kinds.seal import Sealer
from quarterdeck.runs.analysis import ANALYSES
from quarterdeck.runs.models import Answer


@dataclass(frozen=True)
class Rest:
    """An answer that a proposal rests on, as far as the reader may see it."""

    number: int
    title: str  # "" where the reader may not see it
    at: datetime | None = None
    run: str = ""
    analysis: str = ""


@dataclass(frozen=True)
class Table:
    """The differences of one record; without a title the reader may not see it."""

    title: str
    action: str
    url: str
    changes: tuple[dict[str, str | None], ...]
    hidden: bool  # whether fields are left out that the reader may not see

    @property
    def rows(self) -> int:
        """How many rows of the table of differences it takes."""
        return max(1, len(self.changes)) + self.hidden


class Names:
    """Names of people, roles and linked records for one reader; each person is looked up once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._people: dict[str, str] = {}
        self._accounts: dict[str, str] = {}

    def person(self, user: str, person: str) -> str:
        """The name of a person where the reader may see it, else of the user, else the key."""
        if person and person not in self._people:
            try:
                row = Access(self.reader).select("person").one(person)
                self._people[person] = show.name(KINDS["person"], row)
            except (NotFound, Denied):
                self._people[person] = ""
        return self._people.get(person) or self._account(user) or HIDDEN

    def _account(self, user: str) -> str:
        """The full name of an account, where it has one."""
        if user and user not in self._accounts:
            self._accounts[user] = users.called([f"user:{user}"], self.reader)[f"user:{user}"]
        return self._accounts.get(user, "")

    def roles(self, names: Iterable[str]) -> str:
        """Titles of roles, as alternatives."""
        return pgettext("decision", " or ").join(_(ROLES[name].title) if name in ROLES else name for name in names)

    def linked(self, attribute: Attribute, keys_: set[str]) -> dict[str, str]:
        """How linked records are called, by key; those the reader may not see are covered."""
        target = attribute.target
        try:
            rows = Access(self.reader).select(target.name)
        except Denied:
            return dict.fromkeys(keys_, HIDDEN)
        found = {}
        for key in keys_:
            try:
                row = rows.one(key)
            except NotFound:
                found[key] = HIDDEN
            else:
                name = show.name(target, row)
                found[key] = f"{name} · {row.key}" if name and name != row.key else row.key
        return found


def sort_title(proposal: Proposal) -> str:
    """What its sort of decision is called."""
    policy = POLICIES.get(proposal.sort)
    return _(policy.title) if policy else proposal.sort


def title(proposal: Proposal) -> str:
    """Its title in the reader's language, else in the other."""
    return proposal.title.reading(get_language() or "en")  # type: ignore[attr-defined]


def day(found: date | datetime | None) -> str:
    """A day as people read it."""
    if isinstance(found, datetime):
        found = timezone.localtime(found).date()
    return formats.date_format(found, "DATE_FORMAT") if found else ""


def sentence(proposal: Proposal, steps: Sequence[Step], names: Names) -> str:
    """Where a proposal stands, in one sentence."""
    values = {"title": title(proposal), "day": day(proposal.closed or proposal.deadline)}
    state = State(proposal.state)
    if state == State.PROPOSED:
        values["roles"] = names.roles(s.role for s in steps if s.part == Part.CONFIRMER and s.stage == stage(steps))
        if proposal.late(timezone.localdate()):
            return _("%(title)s: it should have been decided by %(day)s and waits for %(roles)s.") % values
        return _("%(title)s: it waits until %(day)s for %(roles)s.") % values
    said = {
        State.DRAFT: _("%(title)s: a draft that only you see."),
        State.CONFIRMED: _("%(title)s: it was confirmed on %(day)s."),
        State.CARRIED_OUT: _("%(title)s: it was confirmed and carried out on %(day)s."),
        State.DECLINED: _("%(title)s: it was declined on %(day)s."),
        State.WITHDRAWN: _("%(title)s: it was withdrawn on %(day)s."),
        State.OVERTAKEN: _("%(title)s: it was overtaken on %(day)s: its records had moved, and nothing was written."),
    }
    return said[state] % values


def asked_for(part: Part) -> str:
    """What the reader is to do."""
    return pgettext("decision", "to confirm") if part == Part.CONFIRMER else pgettext("decision", "to advise")


def waiting_sentence(count: int, late: int) -> str:
    """How much waits for the reader."""
    if not count:
        return _("Nothing waits for your decision.")
    found = ngettext("%(count)d decision waits for you", "%(count)d decisions wait for you", count) % {"count": count}
    if late:
        over = ngettext("%(late)d is past its day", "%(late)d are past their day", late) % {"late": late}
        return pgettext("decision", "%(waiting)s; %(late)s.") % {"waiting": found, "late": over}
    return pgettext("decision", "%(waiting)s.") % {"waiting": found}


def tables(entries: Iterable[Entry], seen: Sight, names: Names) -> list[Table]:
    """What each record's change is, as far as the reader may see it."""
    return [_table(entry, seen, names) for entry in entries]


def _table(entry: Entry, seen: Sight, names: Names) -> Table:
    if not seen.sees(entry):
        return Table("", "", "", (), True)
    kind, row = KINDS[entry.kind], seen.row(entry)
    before, after = differences.opened(entry, entry.seen), differences.opened(entry, entry.values)
    shown = row or Row(kind.name, 0, entry.key, {**before, **after})
    fields = seen.fields(kind.name)
    touched = [name for name in after or (before if entry.values is None else ()) if name in fields]
    changes = [_line(kind.attributes[name], before.get(name), after.get(name), names) for name in touched]
    actions = {
        "create": pgettext("decision", "is made"),
        "update": pgettext("decision", "is changed"),
        "delete": pgettext("decision", "is deleted"),
    }
    heading = f"{show.capital(kind.title)} {_called(shown, entry.key)}"
    url = show.url("record", kind, row.key) if row else ""
    filled = tuple(line for line in changes if line["before"] or line["after"])
    return Table(heading, actions[entry.action], url, filled, bool(set(entry.values or ()) - fields))


def _called(row: Row, key: str) -> str:
    name = show.name(KINDS[row.kind], row)
    return f"{name} · {row.key or key}" if name and name != row.key else row.key or key


def _line(attribute: Attribute, before: Any, after: Any, names: Names) -> dict[str, str | None]:
    return {
        "field": show.capital(attribute.label),
        "before": _value(attribute, before, names),
        "after": _value(attribute, after, names),
    }


def _value(attribute: Attribute, value: Any, names: Names) -> str | None:
    if value is differences.ERASED:
        return pgettext("decision", "erased")
    if attribute.sort is Sort.LINK and value:
        return names.linked(attribute, {value})[value]
    return show.value(attribute, value)


def moved(moves: Iterable[Moved], seen: Sight, names: Names) -> list[dict[str, str | None]]:
    """What moved underneath: record, field, then and now; values that the reader may not see are left out."""
    found: list[dict[str, str | None]] = []
    sealer = Sealer()
    for one in moves:
        entry = Entry(one.kind, one.key, one.record, {})
        fields = seen.fields(one.kind) if one.kind in KINDS else frozenset()
        if not seen.sees(entry) or (one.field and one.field not in fields):
            found.append({"record": HIDDEN, "field": "", "before": None, "now": None, "reason": ""})
            continue
        row, attribute = seen.row(entry), KINDS[one.kind].attributes.get(one.field)
        pair: list[Any] = [one.before, one.now]
        if attribute is not None:
            pair = [_value(attribute, differences.value(attribute, kept, one.subject, sealer), names) for kept in pair]
        found.append(
            {
                "record": _called(row, one.key) if row else one.key,
                "field": show.capital(attribute.label) if attribute else pgettext("decision", "the record itself"),
                "before": pair[0],
                "now": pair[1],
                "reason": seen.reason(one.reason),
            }
        )
    return found


def rests(numbers: Iterable[int], reader: Reader) -> list[Rest]:
    """Answers that something rests on: title of the analysis, time and run, for readers whom each was given for."""
    wanted = list(numbers)
    kept = {answer.pk: answer for answer in Answer.objects.filter(pk__in=wanted).select_related("run")}
    found = []
    for number in wanted:
        answer = kept.get(number)
        if answer is None or not may_see(reader, answer):
            found.append(Rest(number, ""))
        else:
            title = str(ANALYSES[answer.analysis].title)
            found.append(Rest(number, title, answer.at, answer.run.digest, answer.analysis))
    return found


def steps_table(proposal: Proposal, steps: Sequence[Step], names: Names) -> dict[str, Any]:
    """Who was asked, for what, and what they said."""
    titles = (
        pgettext("decision", "Who"),
        pgettext("decision", "Part"),
        pgettext("decision", "Answer"),
        pgettext("decision", "When"),
        pgettext("decision", "Words"),
    )
    columns = [{"title": title} for title in titles]
    return {
        "label": _("Who was asked"),
        "columns": columns,
        "rows": [{"cells": _cells(proposal, s, names)} for s in steps],
    }


def _cells(proposal: Proposal, step: Step, names: Names) -> list[dict[str, Any]]:
    asked = names.roles([step.role]) if step.role else names.person("", step.person)
    verdict: str | None = step.get_verdict_display()
    if step.part == Part.TOLD:
        verdict = None
    elif not step.verdict and not proposal.open:
        verdict = pgettext("decision", "was not needed")
    state = {"objects": "watch", "declined": "bad"}.get(step.verdict)
    who = names.person(step.answered_user, step.answered_person) if step.verdict else ""
    return [
        {"text": asked, "note": who if who != asked else ""},
        {"text": step.get_part_display()},
        {"text": verdict, "state": state},
        {"text": day(step.answered or step.asked)},
        {"text": step.comment or step.question or None, "long": True},
    ]


def keyed(moves: Iterable[Moved]) -> list[Entry]:
    """Stand-ins for the records that moved, to look up what a reader sees of them."""
    known = {(one.kind, one.record or keys.fold(one.key)): Entry(one.kind, one.key, one.record, {}) for one in moves}
    return list(known.values())
