"""The portfolio's whole result as text, and the worked example of its page."""

import re
import runpy
from pathlib import Path

import pytest
from golden import compare
from test_portfolio import START, exactly, project

from quarterdeck.engines.portfolio import Inputs, choose
from quarterdeck.engines.programme import (
    Appetite,
    Contractor,
    Contribution,
    Control,
    Effort,
    KeyResult,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "portfolio.md"


def case() -> Inputs:
    """A little of everything: goals, controls, hires, contractors, both budgets, a mandate, an appetite."""
    made = []
    for index in range(18):
        made.append(
            project(
                f"i{index:02d}",
                2_000.0 + 1_300.0 * (index * 7 % 11),
                2.0 + index % 7,
                efforts=(Effort("ab"[index % 2], exactly(1.0 + index * 5 % 4)), Effort("c", exactly(0.5))),
                capital=exactly(300.0 + 150.0 * (index % 5)),
                running=exactly(20.0 * (index % 3)),
                benefit_months=2,
                ramp=1,
                predecessors=(Precedence(f"i{index - 4:02d}", 1),) if index % 5 == 4 else (),
                excludes="one" if index % 8 == 3 else None,
                mandate=9 if index == 6 else None,
                contributions=(Contribution("reach", exactly(2.0 + index % 3)),) if index % 4 == 1 else (),
                controls=(Control("breach", 0.5 + 0.02 * index),) if index % 3 == 0 else (),
            )
        )
    programme = Programme(
        start=START,
        quarters=5,
        initiatives=tuple(made),
        skills=(Skill("a", (0.8,), 0.1), Skill("b", (1.0,)), Skill("c", (0.7,))),
        routes=(Route("permanent-a", "a", 500.0, 150.0, exactly(2.0), 2, 1),),
        contractors=(Contractor("b", 450.0, 1.0), Contractor("b", 300.0, 0.5)),
        key_results=(KeyResult("reach", "grow", 9_000.0, 40.0, 50.0, 13, 0.05),),
        scenarios=(Scenario("breach", exactly(0.8), 1_000.0, 20_000.0),),
        appetite=(Appetite(0.9, 9_000.0),),
        capital=(1_500.0,) * 5,
        running=(900.0,) * 5,
        most_at_once=6,
    )
    return Inputs(programme, frontier=(0.5, 1.0, 1.5))


def test_the_result_is_the_golden_one() -> None:
    compare("portfolio", choose(case()))


def test_the_worked_example_prints_what_its_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = dict(re.findall(r"```(python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    script = tmp_path / "example.py"
    script.write_text(blocks["python"], encoding="utf-8")
    runpy.run_path(str(script))
    assert capsys.readouterr().out == blocks["text"]
