"""Two processes on one home: nothing is lost, nothing is made twice, and the chain has one order."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from quarterdeck.kinds import history, proof
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import Commit
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.write import Change, write

OPERATOR = service("tests")
WRITER = Path(__file__).with_name("writer_process.py")
TURNS = 25


def run(environment: dict[str, str], task: str, *names: str) -> list[dict[str, int]]:
    """Let processes do a task at the same time; what each counted."""
    started = start(environment, task, *names)
    found = [process.communicate(timeout=100)[0] for process in started]
    assert [process.returncode for process in started] == [0] * len(names)
    return [json.loads(text) for text in found]


def start(environment: dict[str, str], task: str, *names: str) -> list[subprocess.Popen[bytes]]:
    """Processes that begin their task together."""
    together = tempfile.mkdtemp()
    command = [sys.executable, str(WRITER), task]
    return [
        subprocess.Popen(
            [*command, name, str(TURNS), together, str(len(names))], env=environment, stdout=subprocess.PIPE
        )
        for name in names
    ]


def test_counting_up_together_loses_nothing(environment: dict[str, str]) -> None:
    """Each adds one to the same number, on the record as it read it; whoever was overtaken reads again."""
    write(OPERATOR, [Change("product", "counter", {"name_en": "0"})], "start")
    done = run(environment, "count", "one", "two")
    assert [counted["made"] for counted in done] == [TURNS, TURNS]
    assert Access(OPERATOR.reader).select("product").one("counter")["name_en"] == str(2 * TURNS)
    assert Commit.objects.count() == 2 * TURNS + 1
    assert list(proof.examine()) == []


def test_making_the_same_records_together_makes_each_once(environment: dict[str, str]) -> None:
    done = run(environment, "make", "one", "two")
    assert sum(counted["made"] for counted in done) == TURNS
    assert sum(counted["refused"] for counted in done) == TURNS
    assert Access(OPERATOR.reader).select("product").count() == (TURNS, False)
    assert list(proof.examine()) == []


def test_writing_the_same_records_in_opposite_order_never_locks_up(environment: dict[str, str]) -> None:
    names = [f"p{number:03}" for number in range(40)]
    write(OPERATOR, [Change("product", name, {"name_en": "x"}) for name in names], "start")
    done = run(environment, "cross", "forward", "backward")
    assert [counted["made"] for counted in done] == [TURNS, TURNS]
    rows = Access(OPERATOR.reader).select("product").rows()
    assert len({row["name_en"] for row in rows}) == 1, "a call was written in part"
    assert history.head()[0] == 2 * TURNS + 1
    assert list(proof.examine()) == []


def test_linking_to_what_another_deletes_leaves_no_link_to_nothing(environment: dict[str, str]) -> None:
    done = run(environment, "link", "linking", "deleting")
    assert {name for counted in done for name in counted} == {"made", "refused"}
    teams = {row.key for row in Access(OPERATOR.reader).select("team").rows()}
    assert {row["team"] for row in Access(OPERATOR.reader).select("person").rows()} - {None} <= teams
    assert list(proof.examine()) == []


def test_a_reader_is_not_held_up_by_a_writer(environment: dict[str, str]) -> None:
    write(OPERATOR, [Change("product", "counter", {"name_en": "0"})], "start")
    (process,) = start(environment, "count", "one")
    seen = []
    while process.poll() is None:
        seen.append(int(Access(OPERATOR.reader).select("product").one("counter")["name_en"]))
    assert process.returncode == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 1
