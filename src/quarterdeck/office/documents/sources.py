"""The appendix: every answer with its run and records, and how fresh the evidence is."""

from collections import Counter
from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from quarterdeck import __version__
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import Commit
from quarterdeck.lake import tables
from quarterdeck.office import words
from quarterdeck.office.documents.tree import Column, Source, Table, Text
from quarterdeck.runs.analysis import Rested
from quarterdeck.runs.answers import Answered

SHORT = 12  # signs of a run's digest that documents print


def listed(answers: Iterable[Answered]) -> tuple[Source, ...]:
    """Every answer under its mark."""
    return tuple(
        Source(
            mark=mark, answer=one.name, title=str(one.analysis.title), question=str(one.analysis.question), run=one.run[:SHORT],
            engine=_("engine %(engine)s %(version)s, Quarterdeck %(product)s") % {"engine": one.engine, "version": one.version, "product": __version__},
            computed=date_format(localtime(one.at), "DATETIME_FORMAT"), records=_records(one.rested),
        )
        for mark, one in enumerate(answers, 1)
    )  # fmt: skip


def _records(rested: Iterable[Rested]) -> tuple[str, ...]:
    """What went in, counted by kind or table, with the day it last changed; kinds without records are left out."""
    counts: Counter[str] = Counter()
    marks: dict[str, int] = {}
    for one in rested:
        counts[one.what] += one.count
        marks[one.what] = max(marks.get(one.what, 0), one.mark)
    changed = dict(Commit.objects.filter(number__in=set(marks.values())).values_list("number", "at"))
    return tuple(_record(what, count, changed.get(marks[what])) for what, count in counts.items() if count)


def _record(what: str, count: int, at: object) -> str:
    sort, _colon, name = what.partition(":")
    number = words.decimals(count, 0)
    if sort == "kind" and name in KINDS:
        said = _("%(count)s %(kinds)s") % {"count": number, "kinds": KINDS[name].plural if count != 1 else KINDS[name].title}
        return said if at is None else _("%(what)s (changed %(day)s)") % {"what": said, "day": date_format(localtime(at), "SHORT_DATE_FORMAT")}  # type: ignore[arg-type]
    if sort == "table":
        return _("%(count)s rows of %(table)s") % {"count": number, "table": name}
    return _("answer %(name)s") % {"name": name} if sort == "answer" else what


def evidence() -> Table:
    """Each source of evidence, and when it was collected last."""
    columns = (Column(_("Evidence"), weight=2.0), Column(_("Collected"), weight=1.6), Column(_("Rows"), True), Column(_("Unreadable lines"), True))
    rows = tuple(
        (Text(one.source.name), Text(date_format(localtime(one.snapshot.at), "DATETIME_FORMAT")), Text(words.decimals(one.rows, 0)), Text(words.decimals(one.snapshot.problems, 0)))
        for one in tables.freshness()
    )
    return Table(_("Freshness of the evidence"), columns, rows, empty=_("No evidence was collected yet: the figures rest on records that people entered."))
