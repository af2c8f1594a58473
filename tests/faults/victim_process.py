"""A process that forks commands and lets them be killed: a JSON line in says which and when, one out says how far it came."""

import json
import os
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from quarterdeck import cli  # noqa: E402 — Django first
from quarterdeck.cli import deciding, demo, documents, evidence, home, planning, privacy, records  # noqa: E402, F401
from quarterdeck.estate import sources  # noqa: E402
from quarterdeck.kinds import history, sheets, store  # noqa: E402
from quarterdeck.kinds.roles import service  # noqa: E402
from quarterdeck.kinds.write import Change, write  # noqa: E402
from quarterdeck.lake import collect  # noqa: E402
from quarterdeck.runs import jobs  # noqa: E402


class Phases:
    """Tells how far a command has come, and ends it at the phase that was asked for."""

    def __init__(self, pipe: int, phase: str, turn: int) -> None:
        self._pipe, self._phase, self._turn = pipe, phase, turn
        self._seen: Counter[str] = Counter()

    def at(self, phase: str) -> None:
        """Note a phase; die in it if this is the one."""
        os.write(self._pipe, f"{phase}\n".encode())
        self._seen[phase] += 1
        if phase == self._phase and self._seen[phase] == self._turn:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, place: Any, name: str, *, before: str = "", after: str = "") -> None:
        """Note a phase before a function is called, or after it has returned."""
        real: Callable[..., Any] = getattr(place, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            if before:
                self.at(before)
            found = real(*arguments, **options)
            if after:
                self.at(after)
            return found

        setattr(place, name, noted)


def watch(phases: Phases) -> None:
    """Put the phases of the three commands around what they do."""
    real = Path.replace

    def renamed(self: Path, target: Any) -> Any:
        phases.at("collect: part written")
        found = real(self, target)
        phases.at("collect: part renamed")
        return found

    Path.replace = renamed  # type: ignore[method-assign]
    phases.around(collect, "_write", before="collect: reading")
    phases.around(collect, "_keep_problems", after="collect: in the transaction")
    phases.around(collect, "compact", before="collect: visible")
    phases.around(sources, "suggest", before="collect: suggesting", after="collect: suggested")
    phases.around(sheets, "changes", after="import: read")
    phases.around(store, "number", before="import: checked")
    phases.around(history, "record", before="import: rows saved", after="import: history written")
    phases.around(store, "index", after="import: indexed")
    phases.around(records, "put", before="import: committed")
    phases.around(jobs, "claim", after="worker: claimed")
    real_task = jobs.TASKS["test-write"]

    def task(arguments: dict[str, Any], step: jobs.Step) -> object:
        phases.at("worker: working")
        found = real_task(arguments, step)
        phases.at("worker: worked")
        return found

    jobs.TASKS["test-write"] = task


@jobs.task("test-write")
def put(arguments: dict[str, Any], step: jobs.Step) -> object:
    """Make a record, as background work does."""
    return write(
        service("tests/worker"), [Change("team", arguments["key"], {"name_en": arguments["key"]})], "job"
    ).created


def run(command: list[str], pipe: int, phase: str, turn: int) -> None:
    """Be the command, until its end or death."""
    jobs.DEAD, jobs.BEAT, jobs.MOST_ATTEMPTS = 0.3, 0.05, 10_000
    watch(Phases(pipe, phase, turn))
    sys.argv = ["quarterdeck", *command]
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    cli.main()


def forked(asked: dict[str, Any]) -> dict[str, Any]:
    """Fork a command; how it ended and the last phase it told of."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            run(asked["command"], writing, asked.get("phase", ""), asked.get("turn", 1))
        finally:
            os._exit(int(isinstance(sys.exc_info()[1], Exception)))
    os.close(writing)
    if "after" in asked:
        time.sleep(asked["after"])
        os.kill(child, signal.SIGKILL)
    phases = b""
    while select.select([reading], [], [], 60)[0] and (some := os.read(reading, 4096)):
        phases += some
    os.close(reading)
    _child, status = os.waitpid(child, 0)
    told = phases.decode().split("\n")[:-1]
    return {
        "killed": os.WIFSIGNALED(status),
        "code": os.waitstatus_to_exitcode(status),
        "phase": told[-1] if told else "start",
    }


for line in sys.stdin:
    print(json.dumps(forked(json.loads(line))), flush=True)
