"""Files that break off: whatever can be seen of a cut is refused or named by its line, and no half file is taken."""

import os
import subprocess
from pathlib import Path

import pytest
from whole_sources import CLOSED, LINES, RECORDS, Whole, reading

from quarterdeck.evidence import bill, readers, roster
from quarterdeck.evidence.batch import Refused

every = pytest.mark.parametrize


def steps(data: bytes) -> range:
    """Places to cut at: all of a small file, or some four hundred of a larger one."""
    return range(1, len(data), max(1, len(data) // 400))


@every("whole", [*LINES, *CLOSED, *RECORDS], ids=str)
def test_whole_it_is_read(whole: Whole, tmp_path: Path) -> None:
    found = reading(whole, whole.data, tmp_path)
    assert found.refused is None
    assert any(found.rows.values())
    assert not [problem for problem in found.problems if "cut" in problem.reason]


@every("whole", CLOSED, ids=str)
def test_a_form_that_shows_its_end_is_refused_wherever_it_is_cut(whole: Whole, tmp_path: Path) -> None:
    data = whole.data.rstrip(b"\n")
    taken = [end for end in steps(data) if reading(whole, data[:end], tmp_path).refused is None]
    assert taken == []


@every("whole", LINES, ids=str)
def test_a_cut_inside_a_line_is_refused_or_named_by_that_line(whole: Whole, tmp_path: Path) -> None:
    unseen = []
    for end in (end for end in steps(whole.data) if not whole.data[:end].endswith(b"\n")):
        found = reading(whole, whole.data[:end], tmp_path)
        last = whole.data.count(b"\n", 0, end) + 1
        if found.refused is None and last not in {problem.line for problem in found.problems}:
            unseen.append((end, last, whole.data[:end][-20:]))
    assert unseen == []


TABULAR = [whole for whole in LINES if whole.name.endswith(".csv")]


@every("whole", TABULAR, ids=str)
def test_a_table_cut_at_the_end_of_a_line_gives_its_first_rows(whole: Whole, tmp_path: Path) -> None:
    table = readers.by_name(whole.reader).tables[0].name
    rows = reading(whole, whole.data, tmp_path).rows[table]
    ends = [place + 1 for place, byte in enumerate(whole.data) if byte == 10]
    assert len(rows) == len(ends) - 1 == 3
    for count, end in enumerate(ends):
        found = reading(whole, whole.data[:end], tmp_path)
        nobody = ["names nobody"] if whole.reader == "roster" and not count else []
        assert (found.refused, [problem.reason for problem in found.problems]) == (None, nobody)
        assert found.rows[table] == rows[:count]


@every("whole", TABULAR, ids=str)
def test_a_table_cut_before_its_last_cell_is_refused(whole: Whole, tmp_path: Path) -> None:
    """Whatever row it is cut in: the rows before it are not taken either."""
    for end in (end for end in steps(whole.data) if not whole.data[:end].endswith(b"\n")):
        line = whole.data[:end].rpartition(b"\n")[2]
        commas = whole.data.splitlines()[0].count(b",")
        if whole.data[:end].count(b"\n") and line.count(b",") < commas:
            found = reading(whole, whole.data[:end], tmp_path)
            assert found.refused is not None, end
            assert found.refused.line == whole.data.count(b"\n", 0, end) + 1


@every("whole", TABULAR, ids=str)
def test_an_open_quotation_mark_is_refused_with_the_line_of_its_row(whole: Whole, tmp_path: Path) -> None:
    lines = whole.data.splitlines(keepends=True)
    for mark in (b'"', b'"' + b"x\n" * 100_000):  # to the end of the file, or for longer than any cell
        found = reading(whole, b"".join(lines[:2]) + mark + b"".join(lines[2:]), tmp_path)
        assert found.refused is not None
        assert found.refused.line == 3
        assert "quotation mark" in found.refused.reason


@every("whole", RECORDS, ids=str)
def test_records_cut_inside_a_line_are_refused(whole: Whole, tmp_path: Path) -> None:
    rows = reading(whole, whole.data, tmp_path).rows
    table = readers.by_name(whole.reader).tables[0].name
    for end in range(1, len(whole.data)):
        found = reading(whole, whole.data[:end], tmp_path)
        if whole.data[end - 1 : end] in (b"}", b"\n"):  # whole records, as many as stand there
            assert found.rows[table] == rows[table][: whole.data[:end].count(b"}")]
        else:
            assert found.refused is not None, end
            assert found.refused.line == whole.data.count(b"\n", 0, end) + 1


def test_a_bill_that_breaks_off_after_many_rows_leaves_nothing_of_its_folder(tmp_path: Path) -> None:
    head = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart\n"
    row = "1,EUR,2026-01-01,2026-01-01\n"
    (tmp_path / "a.csv").write_text(head + row)
    (tmp_path / "b.csv").write_text(head + row * 50_000 + "1,EU")
    with pytest.raises(Refused, match=r"b\.csv:50002: ends in the middle of its last row"):
        list(bill.READER.read(tmp_path, None).parts)


def test_a_folder_whose_bill_breaks_off_at_once_gives_the_others(tmp_path: Path) -> None:
    head = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart\n"
    (tmp_path / "a.csv").write_text(f"{head}1,EUR,2026-01-01,2026-01-01\n")
    (tmp_path / "b.csv").write_text(f"{head}1,EU")
    batch = bill.READER.read(tmp_path, None)
    assert sum(part.frame.height for part in batch.parts) == 1
    assert [(problem.origin, problem.line) for problem in batch.problems] == [("b.csv", 2)]


@every("name", ["roster.csv", "teams.csv", "cost_bands.csv"])
def test_a_roster_is_refused_whole_where_one_of_its_lists_breaks_off(tmp_path: Path, name: str) -> None:
    (tmp_path / "roster.csv").write_text("staff,team,name\nS1,platform,Ada\n")
    (tmp_path / "teams.csv").write_text("team,title\nplatform,Platform\n")
    (tmp_path / "cost_bands.csv").write_text("band,annual_cost_eur\nB1,100\n")
    assert roster.READER.read(tmp_path, None).problems == []
    whole = (tmp_path / name).read_text()
    (tmp_path / name).write_text(whole + "S2")
    for place in (tmp_path, tmp_path / "roster.csv"):
        with pytest.raises(Refused, match=rf"{name}:3: ends in the middle"):
            roster.READER.read(place, None)


def test_a_repository_with_a_cut_pack_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    words = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(("git", "init", "-q", str(folder)), check=True)
    for number in range(20):
        (folder / "code.py").write_bytes(os.urandom(2_000))
        subprocess.run((*words, "add", "."), check=True, cwd=folder)
        subprocess.run((*words, "commit", "-q", "-m", f"Change {number}"), check=True, cwd=folder)
    subprocess.run(("git", "gc", "-q", "--prune=now"), check=True, cwd=folder)
    [pack] = (folder / ".git/objects/pack").glob("*.pack")
    whole = pack.read_bytes()
    pack.chmod(0o600)
    for share in (0.1, 0.5, 0.9):
        pack.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Refused, match="shop"):
            list(readers.by_name("git").read(folder, None).parts)
