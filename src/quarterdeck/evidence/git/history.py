"""Reads commits with two git processes at a time, each over a run of neighbouring commits, and keeps their order."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import IO

from quarterdeck.evidence.batch import Part, Problem
from quarterdeck.evidence.git.clone import Clone
from quarterdeck.evidence.git.parsing import LOG, logged
from quarterdeck.evidence.git.process import Process, end
from quarterdeck.evidence.git.rows import Rows

PROCESSES = 2
CHUNK = 1000  # commits one process reads: enough to repay its start, few enough that none runs on alone at the end
_AHEAD = 3  # finished chunks that may wait, so that no process waits for the parser

_Spooled = tuple[list[bytes], Future[IO[bytes]]]


def history(clone: Clone, commits: Iterator[bytes], problems: list[Problem]) -> Iterator[Part]:
    """Parts of commits and commit_files for the commits named, in their order; rows are in the order git tells them.

    The processes write into files, so they never wait for this one; what is waiting is bounded.
    """
    rows = Rows(clone.origin.name, problems)
    for chunk, file in _spooled(clone, commits):
        with file:
            for commit in logged(file, chunk, clone.origin.name):
                rows.add(commit)
                if rows.full:
                    yield from rows.give()
    yield from rows.give()


def _spooled(clone: Clone, commits: Iterator[bytes]) -> Iterator[tuple[list[bytes], IO[bytes]]]:
    running: set[Process] = set()
    waiting: deque[_Spooled] = deque()
    pool = ThreadPoolExecutor(PROCESSES, thread_name_prefix="git")
    try:
        while True:
            while len(waiting) < PROCESSES + _AHEAD and (chunk := list(islice(commits, CHUNK))):
                given = b"".join(commit + b"\n" for commit in chunk)
                job = pool.submit(clone.git.spool, *LOG, given=given, folder=clone.work, running=running)
                waiting.append((chunk, job))
            if not waiting:
                return
            chunk, job = waiting.popleft()
            yield chunk, job.result()
    finally:
        for _, job in waiting:
            job.cancel()
        for process in list(running):
            end(process)
        pool.shutdown()
        for _, job in waiting:
            if not job.cancelled() and job.exception() is None:
                job.result().close()
