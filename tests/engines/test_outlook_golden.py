"""The outlook's whole result as text, and the worked example of its page."""

import re
import runpy
from dataclasses import replace
from pathlib import Path

import pytest
from golden import compare
from test_outlook_keyed import case

from quarterdeck.engines.outlook import Policy, look_ahead

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "outlook.md"


@pytest.mark.parametrize("policy", Policy)
def test_the_result_is_the_golden_one(policy: Policy) -> None:
    inputs = replace(case(11), trials=400, policy=policy, keep_trials=False, keep_finishes=False)
    compare(f"outlook_{policy.value}", look_ahead(inputs))


def test_the_worked_example_prints_what_its_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = dict(re.findall(r"```(python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    script = tmp_path / "example.py"
    script.write_text(blocks["python"], encoding="utf-8")
    runpy.run_path(str(script))
    assert capsys.readouterr().out == blocks["text"]
