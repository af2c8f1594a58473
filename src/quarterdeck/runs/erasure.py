"""Erases a person from the ledgers of computation: runs and jobs that name them go, what is pinned is told."""

from collections.abc import Iterator

from quarterdeck.kinds import keys
from quarterdeck.kinds.erase import HELD, Cleared, Hit, Subject, mentioning, place
from quarterdeck.kinds.roles import Reader
from quarterdeck.runs.models import Answer, Job, Run

HELD.extend([Run, Answer, Job])


@place
def computations(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Inputs hold no personal values by design; a run in which free text brought one along is forgotten."""
    named = {row["pk"] for row in mentioning(Run, ["inputs", "result"], subject)}
    answers = {row["pk"] for row in mentioning(Answer, ["parameters", "provenance"], subject)}
    some = Answer.objects.filter(run__in=named) | Answer.objects.filter(pk__in=answers)
    pinned = set(
        Run.objects.filter(pk__in={*named, *some.values_list("run", flat=True)}, pinned=True).values_list(
            "pk", flat=True
        )
    )
    for run in sorted(pinned):
        yield Hit("runs", "run", str(run), "inputs", "pinned by a decision or a document")
    cleared("answers", some.exclude(run__in=pinned).delete()[0])
    cleared("runs", Run.objects.filter(pk__in=named - pinned, answers=None).delete()[0])


@place
def jobs(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Finished and waiting work that names the subject is forgotten; what runs is told."""
    named = [row["pk"] for row in mentioning(Job, ["arguments", "result", "message"], subject)]
    for job in Job.objects.filter(pk__in=named, state="running"):
        yield Hit("runs", "job", str(job.pk), job.task, keys.HIDDEN)
    cleared("jobs", Job.objects.filter(pk__in=named).exclude(state="running").delete()[0])
