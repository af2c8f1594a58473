"""Background work: once each, taken up again when a worker dies, cancelled, told what went wrong; whatever the clock does."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone

from quarterdeck.runs import jobs
from quarterdeck.runs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[jobs.Task], None]]:
    """Registers a task for one test, and lets hearts beat fast."""
    monkeypatch.setattr(jobs, "BEAT", 0.05)

    def add(function: jobs.Task) -> None:
        monkeypatch.setitem(jobs.TASKS, "test", function)

    return add


def told() -> list[tuple[str, str, str]]:
    return [(job.state, job.result, job.message) for job in Job.objects.order_by("pk")]


def test_work_is_done_in_its_order_and_its_result_kept(task: Any) -> None:
    task(lambda arguments, step: {"twice": arguments["n"] * 2})
    for number in (1, 2):
        jobs.submit("test", "me", n=number)
    assert jobs.work(once=True) == 2
    assert told() == [("done", '{"twice":2}', ""), ("done", '{"twice":4}', "")]
    with pytest.raises(KeyError):
        jobs.submit("nothing", "me")


def test_the_same_work_waits_once(task: Any) -> None:
    task(lambda arguments, step: None)
    first = jobs.submit("test", "me", n=1)
    assert jobs.submit("test", "me", n=1).pk == first.pk
    assert jobs.submit("test", "you", n=1).pk != first.pk
    Job.objects.filter(pk=first.pk).update(state="running", cancel=True)
    assert jobs.submit("test", "me", n=1).pk != first.pk, "one that is being stopped is nobody's answer"


def test_a_fault_is_told_and_the_next_job_done(task: Any) -> None:
    def work(arguments: dict[str, Any], step: jobs.Step) -> object:
        if arguments["n"] == 1:
            raise ValueError("no such thing")
        return object() if arguments["n"] == 2 else "fine"

    task(work)
    for number in (1, 2, 3):
        jobs.submit("test", "me", n=number)
    assert jobs.work(once=True) == 3
    states = told()
    assert [state for state, _r, _m in states] == ["failed", "failed", "done"]
    assert states[0][2].startswith("ValueError: no such thing (work, line")
    assert "canonical" in states[1][2]


def test_progress_is_told_and_a_running_job_can_be_stopped(task: Any) -> None:
    seen = []

    def work(arguments: dict[str, Any], step: jobs.Step) -> object:
        for turn in range(1_000):
            step(turn / 1_000)
            time.sleep(0.02)
            if turn == 40:
                seen.append(Job.objects.get().progress)
                jobs.cancel(Job.objects.get().pk)
        return "never"

    task(work)
    jobs.submit("test", "me")
    jobs.work(once=True)
    assert told() == [("cancelled", "", "")]
    assert 0 < seen[0] < 0.1


def test_waiting_work_is_cancelled_at_once(task: Any) -> None:
    task(lambda arguments, step: None)
    jobs.cancel(jobs.submit("test", "me").pk)
    assert (jobs.work(once=True), told()) == (0, [("cancelled", "", "")])


def running(attempts: int = 1, seconds_ago: float = 60, **further: Any) -> Job:
    beat = timezone.now() - timedelta(seconds=seconds_ago)
    return Job.objects.create(
        task="test", arguments="{}", owner="me", state="running", worker="dead", beat=beat, attempts=attempts, **further
    )


def test_the_work_of_a_dead_worker_is_taken_up_again(task: Any) -> None:
    task(lambda arguments, step: "done again")
    running()
    assert (jobs.work(once=True), told()) == (1, [("done", '"done again"', "")])
    assert Job.objects.get().attempts == 2


def test_work_that_kills_every_worker_is_given_up(task: Any) -> None:
    task(lambda arguments, step: None)
    running(attempts=jobs.MOST_ATTEMPTS)
    running(cancel=True)
    assert jobs.work(once=True) == 0
    assert [state for state, _r, _m in told()] == ["failed", "cancelled"]


def test_a_living_worker_keeps_its_work(task: Any) -> None:
    task(lambda arguments, step: None)
    running(seconds_ago=jobs.DEAD / 2)
    assert (jobs.work(once=True), told()) == (0, [("running", "", "")])


def test_a_beat_from_the_future_is_that_of_a_dead_worker(task: Any) -> None:
    """The clock was set back after it: nobody waits an hour for it to be that time again."""
    task(lambda arguments, step: "x")
    running(seconds_ago=-3_600)
    assert jobs.work(once=True) == 1


def test_two_workers_never_do_the_same(task: Any) -> None:
    done: list[int] = []
    task(lambda arguments, step: done.append(arguments["n"]))
    for number in range(20):
        jobs.submit("test", "me", n=number)

    def run() -> None:
        jobs.work(once=True)
        connections.close_all()

    workers = [threading.Thread(target=run) for _turn in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == list(range(20))
    assert {state for state, _r, _m in told()} == {"done"}


def test_a_worker_that_was_given_up_for_dead_writes_nothing_more(task: Any) -> None:
    def work(arguments: dict[str, Any], step: jobs.Step) -> object:
        Job.objects.update(worker="another")
        time.sleep(0.2)
        step(0.5)
        return "late"

    task(work)
    jobs.submit("test", "me")
    jobs.work(once=True)
    assert told() == [("running", "", "")]


def test_a_heart_beats_on_after_the_records_were_busy(task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[object] = []
    real = Job.objects.filter

    def busy(*arguments: Any, **options: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            beats.append(options)
            if len(beats) < 3:
                raise DatabaseError("locked")
        return real(*arguments, **options)

    monkeypatch.setattr(Job.objects, "filter", busy)
    task(lambda arguments, step: time.sleep(0.5))
    jobs.submit("test", "me")
    jobs.work(once=True)
    assert len(beats) > 3
    assert [state for state, _r, _m in told()] == ["done"]


def test_a_worker_stops_between_two_jobs_when_it_is_told(task: Any) -> None:
    going = iter((True, True, False))
    task(lambda arguments, step: None)
    for number in range(5):
        jobs.submit("test", "me", n=number)
    assert jobs.work(idle=lambda: next(going)) == 2
    assert jobs.someone_works()
