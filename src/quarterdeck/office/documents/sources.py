"""The appendix: every answer with its run and records, and how fresh the evidence is."""

from collections import Counter
from collections.abc import Iterable, Mapping

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


def listed(answers: Iterable[Answered], which: Mapping[int, str]) -> tuple[Source, ...]:
    """Every answer under its mark; `which` tells those apart, by number, that answer the same question."""
    return tuple(_source(mark, one, which.get(one.id, "")) for mark, one in enumerate(answers, 1))


def _source(mark: int, one: Answered, which: str) -> Source:
    engine = {"engine": one.engine, "version": one.version, "product": __version__}
    about = (
        one.name,
        _("run %(run)s") % {"run": one.run[:SHORT]},
        _("engine %(engine)s %(version)s, Quarterdeck %(product)s") % engine,
        _("computed %(at)s") % {"at": date_format(localtime(one.at), "DATETIME_FORMAT")},
    )
    records = _(", ").join(_records(one.rested))
    rests = (
        words.sentences([_("Rests on %(records)s.") % {"records": records}, _changed(one.rested)]) if records else ""
    )
    title, question = str(one.analysis.title), str(one.analysis.question)
    if which:
        title = _("%(analysis)s, %(which)s") % {"analysis": title, "which": which}
    return Source(mark, one.name, one.run[:SHORT], title, question, " · ".join(about), rests.strip())


def _records(rested: Iterable[Rested]) -> tuple[str, ...]:
    """What went in, counted by kind or table; kinds without records are left out."""
    counts: Counter[str] = Counter()
    for one in rested:
        counts[one.what] += one.count
    return tuple(_record(what, count) for what, count in counts.items() if count)


def _record(what: str, count: int) -> str:
    sort, _colon, name = what.partition(":")
    number = words.decimals(count, 0)
    if sort == "kind" and name in KINDS:
        return _("%(count)s %(kinds)s") % {
            "count": number,
            "kinds": KINDS[name].plural if count != 1 else KINDS[name].title,
        }
    if sort == "table":
        return _("%(count)s rows of %(table)s") % {"count": number, "table": name}
    return _("answer %(name)s") % {"name": name} if sort == "answer" else what


def _changed(rested: Iterable[Rested]) -> str:
    """When the records that went in last changed."""
    marks = [one.mark for one in rested if one.what.startswith("kind:") and one.mark]
    last = Commit.objects.filter(number=max(marks, default=0)).values_list("at", flat=True).first()
    return _("Last changed: %(at)s") % {"at": date_format(localtime(last), "DATETIME_FORMAT")} if last else ""


def evidence() -> Table:
    """Each source of evidence, and when it was collected last."""
    columns = (
        Column(_("Evidence"), weight=1.8),
        Column(_("Collected"), weight=3.1),
        Column(_("Rows"), True, 0.7),
        Column(_("Unreadable lines"), True),
    )
    rows = tuple(
        (
            Text(one.source.name),
            Text(date_format(localtime(one.snapshot.at), "DATETIME_FORMAT")),
            Text(words.decimals(one.rows, 0)),
            Text(words.decimals(one.snapshot.problems, 0)),
        )
        for one in tables.freshness()
    )
    return Table(
        _("Freshness of the evidence"),
        columns,
        rows,
        empty=_("No evidence was collected yet: the figures rest on records that people entered."),
    )
