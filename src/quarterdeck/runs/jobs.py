"""Background work: claimed by one worker at a time, with a heartbeat, taken up again when its worker dies."""

import json
import os
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q
from django.utils import timezone

from quarterdeck.kinds.canonical import canonical
from quarterdeck.runs.models import Job, Worker

BEAT = 2.0  # seconds between heartbeats
DEAD = 15.0  # seconds without one after which another worker takes the job up
MOST_ATTEMPTS = 5

Step = Callable[[float], None]
Task = Callable[[dict[str, Any], Step], object]
TASKS: dict[str, Task] = {}


class Cancelled(Exception):
    """The job's owner has cancelled it; raised out of its next report of progress."""


def task(name: str) -> Callable[[Task], Task]:
    """Register what a worker can do. The task gets its arguments and reports progress from 0 to 1."""

    def add(function: Task) -> Task:
        if name in TASKS:
            raise ValueError(f"two tasks are called {name!r}")
        TASKS[name] = function
        return function

    return add


def submit(name: str, owner: str, **arguments: Any) -> Job:
    """Put a job into the queue; one that waits with the same task and arguments is used again."""
    if name not in TASKS:
        raise KeyError(name)
    text = canonical(arguments)
    going = Job.objects.filter(task=name, arguments=text, owner=owner, state__in=("waiting", "running"), cancel=False)
    same = going.order_by("pk").first()
    return same or Job.objects.create(task=name, arguments=text, owner=owner)


def cancel(job: int) -> None:
    """Ask a job to stop: at once if it waits, at its next report of progress if it runs."""
    Job.objects.filter(pk=job, state="waiting").update(state="cancelled", ended=timezone.now())
    Job.objects.filter(pk=job, state="running").update(cancel=True)


def claim(worker: str) -> Job | None:
    """Take the oldest job that waits, or one whose worker has been silent; None where there is nothing to do."""
    now, far = timezone.now(), timedelta(seconds=DEAD)
    heard = Q(beat__gte=now - far, beat__lte=now + far)  # a beat from the future is from before the clock was set back
    silent = Job.objects.filter(~heard, state="running")
    silent.filter(attempts__gte=MOST_ATTEMPTS).update(
        state="failed", message="its worker died every time it was tried", ended=now
    )
    silent.filter(cancel=True).update(state="cancelled", ended=now)
    for job in [
        *silent.filter(cancel=False).order_by("pk")[:5],
        *Job.objects.filter(state="waiting").order_by("pk")[:5],
    ]:
        took = Job.objects.filter(pk=job.pk, state=job.state, beat=job.beat).update(
            state="running", worker=worker, beat=now, attempts=job.attempts + 1, progress=0.0
        )
        if took:
            return Job.objects.get(pk=job.pk)
    return None


class _Heart:
    """Beats while a job runs; says whether the job is still this worker's."""

    def __init__(self, job: Job, worker: str) -> None:
        self._job, self._worker = job, worker
        self._stop = threading.Event()
        self.lost = self.cancelled = False
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "_Heart":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self.lost and not self._stop.wait(BEAT):
                try:
                    mine = Job.objects.filter(pk=self._job.pk, worker=self._worker, state="running")
                    self.lost = not mine.update(beat=timezone.now())
                    self.cancelled = mine.filter(cancel=True).exists()
                except DatabaseError:  # busy, or away for a moment: the next beat tries again
                    connection.close()
        finally:
            connection.close()


def perform(job: Job, worker: str) -> None:
    """Run one claimed job to its end, and write down how it ended."""
    last = 0.0
    with _Heart(job, worker) as heart:

        def step(part: float) -> None:
            nonlocal last
            if heart.lost or heart.cancelled:
                raise Cancelled
            if time.monotonic() - last > 0.5:
                last = time.monotonic()
                Job.objects.filter(pk=job.pk, worker=worker).update(progress=min(1.0, max(0.0, part)))

        try:
            result = TASKS[job.task](json.loads(job.arguments), step)
            ended: dict[str, Any] = {"state": "done", "result": canonical(result), "progress": 1.0}
        except Cancelled:
            ended = {"state": "cancelled"}
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            ended = {
                "state": "failed",
                "message": f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"[:2000],
            }
    Job.objects.filter(pk=job.pk, worker=worker, state="running").update(ended=timezone.now(), **ended)


def _tell(worker: str) -> None:
    """Say that this worker is there, at most once in BEAT seconds."""
    now = timezone.now()
    if not Worker.objects.filter(name=worker, beat__gt=now - timedelta(seconds=BEAT)).exists():
        Worker.objects.update_or_create(name=worker, defaults={"beat": now})
        Worker.objects.filter(beat__lt=now - timedelta(days=1)).delete()


def someone_works() -> bool:
    """Whether a worker has been heard of lately, or is busy with a job."""
    since = timezone.now() - timedelta(seconds=DEAD)
    return (
        Worker.objects.filter(beat__gt=since).exists() or Job.objects.filter(state="running", beat__gt=since).exists()
    )


def work(*, once: bool = False, idle: Callable[[], bool] = lambda: True) -> int:
    """Do jobs until there are none (`once`) or `idle` says to stop; returns how many were done."""
    worker = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"[-100:]  # containers share names and numbers
    done = 0
    while once or idle():
        close_old_connections()
        _tell(worker)
        job = claim(worker)
        if job is not None:
            perform(job, worker)
            done += 1
        elif once:
            break
        else:
            time.sleep(0.5)
    return done
