"""Answers: found again while nothing they could have seen has changed, computed otherwise, always with their path."""

import importlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from quarterdeck.kinds import history
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.canonical import canonical, digest
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.lake import tables
from quarterdeck.runs import closure, models, values
from quarterdeck.runs.analysis import ANALYSES, Analysis, Audience, Gathering, Rested

_TURNS = 3  # tries to gather inputs between two changes
_DIGITS = 19  # of a number that no database holds

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Answered:
    """An answer in hand: the typed result, the run it comes from, what it rests on, when it was computed."""

    id: int
    analysis: Analysis
    parameters: dict[str, str]
    result: Any
    run: str
    engine: str
    version: str
    rested: tuple[Rested, ...]
    at: datetime
    seconds: float
    fresh: bool  # computed just now

    @property
    def name(self) -> str:
        """How documents and decisions name it."""
        return f"{self.analysis.name}#{self.id}"


def run(engine: str, verb: str, inputs: Any, progress: Progress | None = None) -> models.Run:
    """Compute, or find the run that computed the same from the same."""
    module = importlib.import_module(f"quarterdeck.engines.{engine}")
    text = values.to_text(inputs)
    mark = digest(canonical([engine, module.VERSION, closure.digest(engine), text]))
    found = models.Run.objects.filter(digest=mark).first()
    if found:
        return found
    began = time.perf_counter()
    outcome = getattr(module, verb)(inputs, progress)
    seconds = time.perf_counter() - began
    made = models.Run(
        digest=mark,
        engine=engine,
        version=module.VERSION,
        inputs=text,
        result=values.to_text(outcome),
        at=timezone.now(),
        seconds=seconds,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # someone else computed the same meanwhile
        return models.Run.objects.get(digest=mark)
    return made


def watermark(analysis: Analysis, today: date, reader: Reader) -> str:
    """A digest over the last change of everything the analysis reads, as far as whoever it computes for may see it."""
    seen = history.watermarks(analysis.kinds, analysis.computes_for(reader).clearances)
    marks: list[object] = [seen, tables.watermarks(analysis.tables)]
    if analysis.daily:
        marks.append(today)
    return digest(canonical([*marks, closure.digest(analysis.engine), closure.program()]))


def permit(analysis: Analysis, reader: Reader) -> None:
    """Whether the reader may ask this. Raises Denied."""
    analysis = analysis.within(reader)
    if reader.rights == "import" or (analysis.needs and not reader.may(analysis.needs)):
        raise Denied("see", analysis.name)
    if analysis.audience is Audience.READER:
        for kind in analysis.kinds:
            if not reader.reads(kind):
                raise Denied("see", analysis.name, kind)
        for table in analysis.tables:
            if not tables.may_read(reader, table):
                raise Denied("see", analysis.name, table)


def _sought(analysis: Analysis, reader: Reader, chosen: dict[str, str], day: date) -> dict[str, str]:
    return {
        "analysis": analysis.name,
        "parameters": canonical(chosen),
        "audience": "company" if analysis.audience is Audience.COMPANY else reader.audience,
        "watermark": watermark(analysis.within(reader), day, reader),
    }


def cached(
    name: str, reader: Reader, parameters: dict[str, str] | None = None, *, today: date | None = None
) -> Answered | None:
    """The answer if it is known already and still holds. Raises Denied."""
    analysis = ANALYSES[name]
    permit(analysis, reader)
    chosen = {**analysis.defaults, **(parameters or {})}
    sought = _sought(analysis, reader, chosen, today or timezone.localdate())
    found = models.Answer.objects.filter(**sought).select_related("run").order_by("-id").first()
    return _in_hand(analysis, chosen, found, fresh=False) if found else None


def newest(name: str, reader: Reader) -> int | None:
    """The number of the newest answer to a question as it stands, whether it still holds or not. Raises Denied."""
    analysis = ANALYSES[name]
    permit(analysis, reader)
    sought = _sought(analysis, reader, analysis.defaults, timezone.localdate())
    del sought["watermark"]
    return models.Answer.objects.filter(**sought).order_by("-id").values_list("id", flat=True).first()


def answer(
    name: str,
    reader: Reader,
    parameters: dict[str, str] | None = None,
    *,
    today: date | None = None,
    progress: Progress | None = None,
) -> Answered:
    """The answer of an analysis for a reader, from the cache while it holds. Raises Denied."""
    analysis, day = ANALYSES[name], today or timezone.localdate()
    chosen = {**analysis.defaults, **(parameters or {})}
    for _turn in range(_TURNS):
        sought = _sought(analysis, reader, chosen, day)
        known = cached(name, reader, parameters, today=day)
        if known:
            return known
        gathering = Gathering(analysis.computes_for(reader), day, chosen, analysis.module)
        inputs = analysis.gather(gathering)
        if _sought(analysis, reader, chosen, day) == sought:
            break  # nothing moved while the inputs were gathered: they are of one moment
    made = run(analysis.engine, analysis.verb, inputs, progress)
    kept = models.Answer.objects.create(
        **sought, run=made, provenance=canonical([asdict(entry) for entry in gathering.rested]), at=timezone.now()
    )
    _publish(analysis, kept, values.from_text(analysis.module.Result, made.result))
    return _in_hand(analysis, chosen, kept, fresh=True)


def recall(number: int) -> Answered:
    """An answer given before, by its number; it is not computed again. Raises models.Answer.DoesNotExist."""
    kept = models.Answer.objects.select_related("run").get(pk=number)
    return _in_hand(ANALYSES[kept.analysis], json.loads(kept.parameters), kept, fresh=False)


def named(number: str, analysis: str) -> Answered:
    """The answer of one analysis by its number, as somebody gave it. Raises NotFound."""
    plain = number.isascii() and number.isdecimal() and len(number) < _DIGITS
    if not plain or not models.Answer.objects.filter(pk=int(number), analysis=analysis).exists():
        raise NotFound(f"answer:{number[:_DIGITS]}")
    return recall(int(number))


def inputs_of(answered: Answered) -> Any:
    """The typed inputs an answer was computed from, out of its run."""
    return values.from_text(answered.analysis.module.Inputs, models.Run.objects.get(digest=answered.run).inputs)


def evict(before: datetime) -> int:
    """Forget answers given before a moment, and the runs that nothing needs any more; returns how many runs went.

    Kept are pinned runs, and the newest answer to each question: others read its figures.
    """
    newest = models.Answer.objects.values("analysis", "parameters", "audience").annotate(last=Max("id")).values("last")
    old = models.Answer.objects.filter(at__lt=before, run__pinned=False).exclude(id__in=newest)
    with transaction.atomic():
        old.delete()
        gone = models.Run.objects.filter(at__lt=before, pinned=False, answers=None)
        return gone.delete()[0]


def pin(number: int) -> None:
    """Keep the run of an answer for good: a decision or a document rests on it."""
    models.Run.objects.filter(answers=number).update(pinned=True)


def figure(name: str, reader: Reader) -> models.Published | None:
    """The newest value of a published figure, of an answer to the question as it stands that this reader may see."""
    plain = {canonical(analysis.defaults) for analysis in ANALYSES.values()}
    some = models.Published.objects.filter(figure=name, answer__parameters__in=plain)
    rows = some.select_related("answer").order_by("-answer__id")[:50]
    for row in rows:
        analysis = ANALYSES.get(row.answer.analysis)
        if analysis is None:
            continue
        try:
            permit(analysis, reader)
        except Denied:
            continue
        if row.answer.audience in ("company", reader.audience):
            return row
    return None


def _publish(analysis: Analysis, kept: models.Answer, result: Any) -> None:
    models.Published.objects.bulk_create(
        [
            models.Published(figure=f.name, answer=kept, value=f.value, low=f.low, high=f.high, unit=f.unit)
            for f in analysis.figures(result)
        ]
    )


def _in_hand(analysis: Analysis, parameters: dict[str, str], kept: models.Answer, *, fresh: bool) -> Answered:
    return Answered(
        kept.pk,
        analysis,
        parameters,
        values.from_text(analysis.module.Result, kept.run.result),
        kept.run.digest,
        kept.run.engine,
        kept.run.version,
        tuple(Rested(**entry) for entry in json.loads(kept.provenance)),
        kept.at,
        kept.run.seconds,
        fresh,
    )
