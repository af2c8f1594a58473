"""The example company, made by its own command: what it says, and that it is made once."""

from pathlib import Path

import pytest
from command_line import run

from quarterdeck.cli.demo import PASSWORD


@pytest.mark.long
def test_the_demo_is_made_once_and_told_as_json(tmp_path: Path) -> None:
    place = tmp_path / "example-home"
    first = run("demo", "--no-serve", "--json", "--today", "2026-11-20", "--files", str(tmp_path / "files"), home=place)
    assert first.code == 0, first.err
    assert PASSWORD in first.err
    told = first.value
    assert told["home"] == str(place)
    assert set(told["users"]) >= {"cto", "gm"}
    assert any(step.startswith("drift: ") for step in told["steps"])
    again = run("demo", "--no-serve", "--json", home=place)
    assert (again.code, again.value) == (0, told)
    assert run("history", "verify", "--json", home=place).value["holds"] is True
    (place / "example.json").unlink()
    unfinished = run("demo", "--no-serve", home=place)
    assert (unfinished.code, unfinished.out) == (2, "")
    assert "not an example that was finished" in unfinished.err
