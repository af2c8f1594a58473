"""Reads commits with two git processes at a time, each over a run of neighbouring commits, and keeps their order."""

import contextlib
import os
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

from quarterdeck.evidence.batch import Part, Problem
from quarterdeck.evidence.git.clone import Clone
from quarterdeck.evidence.git.parsing import LOG, logged
from quarterdeck.evidence.git.process import Process, end
from quarterdeck.evidence.git.rows import Rows

PROCESSES = 2
SMALLEST, LARGEST = 2_000, 15_000  # commits one process reads; neighbours share bases that are unpacked once
_AHEAD = 3  # finished chunks that may wait, so that no process waits for the parser

_Spooled = tuple[list[bytes], Future[IO[bytes]]]


def history(clone: Clone, commits: IO[bytes], problems: list[Problem]) -> Generator[Part, None, bool]:
    """Parts of commits and commit_files for the commits named, a line each; rows are in that order.

    The processes write into files, so they never wait for this one; what is waiting is bounded. Returns whether a
    commit's time lies beyond what git's index of commits can hold.
    """
    rows = Rows(clone.origin.name, problems)
    with contextlib.closing(_spooled(clone, _chunks(commits))) as spooled:
        for chunk, file in spooled:
            with file:
                for commit in logged(file, chunk, clone.origin.name):
                    rows.add(commit)
                    if rows.full:
                        yield from rows.give()
    yield from rows.give()
    return rows.beyond_index


def _chunks(commits: IO[bytes]) -> Iterator[list[bytes]]:
    """Runs of neighbouring commits, each two fifths of what is left: long ones first, so that all end together."""
    with commits:
        width = len(commits.readline())
        left = os.fstat(commits.fileno()).st_size // width if width else 0
        commits.seek(0)
        while left:
            take = min(left, max(SMALLEST, min(left * 2 // 5, LARGEST)))
            left -= take
            yield commits.read(take * width).split()


def _spooled(clone: Clone, chunks: Iterator[list[bytes]]) -> Generator[tuple[list[bytes], IO[bytes]], None, None]:
    running: set[Process] = set()
    waiting: deque[_Spooled] = deque()
    pool = ThreadPoolExecutor(PROCESSES, thread_name_prefix="git")
    try:
        while True:
            while len(waiting) < PROCESSES + _AHEAD and (chunk := next(chunks, None)):
                given = b"\n".join(chunk) + b"\n"
                job = pool.submit(clone.git.spool, *LOG, given=given, folder=clone.work, running=running)
                waiting.append((chunk, job))
            if not waiting:
                return
            chunk, job = waiting.popleft()
            yield chunk, job.result()
    finally:
        _let_go(waiting, running, pool)


def _let_go(waiting: deque[_Spooled], running: set[Process], pool: ThreadPoolExecutor) -> None:
    """End what still runs, and close what nobody will read."""
    for _, job in waiting:
        job.cancel()
    for process in list(running):
        end(process)
    pool.shutdown()
    for _, job in waiting:
        if not job.cancelled() and job.exception() is None:
            job.result().close()
