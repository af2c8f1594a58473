"""How past estimates came out, as people see it: effort, duration and benefit, actual over planned."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.charts import marks
from quarterdeck.charts.chart import Axes, Chart, Size
from quarterdeck.charts.theme import Colour
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Reader
from quarterdeck.office import words
from quarterdeck.office.plan import track
from quarterdeck.runs.telling import Line

MEASURES = (
    ("planned_effort", "actual_effort", track.EFFORT),
    ("planned_months", "actual_months", track.DURATION),
    ("planned_benefit", "actual_benefit", track.BENEFIT),
)


@dataclass(frozen=True)
class PastView:
    """The track record: a sentence, a row a measure, the picture, and where the records stand."""

    sentence: str
    lines: tuple[Line, ...]
    chart: Chart | None
    url: str


def view(reader: Reader) -> PastView | None:
    """The record of the outcomes the reader may see; None where they may see none at all."""
    if not reader.reads("outcome"):
        return None
    outcomes = Access(reader).select("outcome").where(retired__empty=True).ordered("finished").rows()
    titles = (_("Effort"), _("Duration"), _("Benefit"))
    records = [
        (title, track.record(track.pairs(outcomes, planned, actual), field))
        for title, (planned, actual, field) in zip(titles, MEASURES, strict=True)
    ]
    return PastView(
        _sentence(len(outcomes)),
        tuple(_line(title, record) for title, record in records),
        _chart(outcomes, titles) if outcomes else None,
        show.url("list", KINDS["outcome"]),
    )


def _sentence(count: int) -> str:
    if not count:
        return _("No outcome of a past initiative is recorded: the plan reckons with what projects at large come to.")
    text = ngettext(
        "Actual over planned in %(count)d past initiative; the plan reckons with it, weighed with projects at large.",
        "Actual over planned in %(count)d past initiatives; the plan reckons with it, weighed with projects at large.",
        count,
    )
    return text % {"count": count}


def _line(title: str, record: track.Record) -> Line:
    said = {
        "used": words.decimals(record.used, 2),
        "span": words.interval(words.decimals(record.low, 2), words.decimals(record.high, 2)),
    }
    effects = [_("the plan reckons with %(used)s times (80 %%: %(span)s)") % said]
    if record.seen is not None:
        effects.insert(0, _("came to %(seen)s times what was planned") % {"seen": words.decimals(record.seen, 2)})
    if record.held is not None:
        text = _("an 80 %% range made from the others held %(held)d of %(count)d")
        effects.append(text % {"held": record.held, "count": record.count})
    return Line(title, "", tuple(effects), "innovation")


def _chart(outcomes: list[Row], titles: tuple[str, ...]) -> Chart:
    kind = KINDS["outcome"]
    dots = [
        marks.Dot(show.name(kind, row) or row.key, float(row[actual]) / float(row[planned]), group=title)
        for title, (planned, actual, _field) in zip(titles, MEASURES, strict=True)
        for row in outcomes
        if row[planned] and row[actual]
    ]
    columns = (_("initiative"), _("measure"), _("actual over planned"))
    caption = _("Each dot a past initiative, actual over planned; dashed: as planned")
    axes = Axes(x_format=".1~f")
    size = Size(560, 40 + 30 * len(titles))
    return marks.strip(dots, columns, caption, axes=axes, colour=Colour.INNOVATION, wanted=1.0, size=size)
