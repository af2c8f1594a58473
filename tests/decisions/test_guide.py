"""The guide's table of sorts says what the table of policies says."""

from pathlib import Path

from quarterdeck.decisions.policy import POLICIES

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "decisions.md"
NAMED = {
    "CTO": "cto",
    "direct subordinate": "direct-subordinate",
    "direct subordinates": "direct-subordinate",
    "head of department": "head-of-department",
    "heads of department": "head-of-department",
    "general manager": "general-manager",
    "finance": "finance",
    "human resources": "hr",
}


def roles(cell: str) -> set[str]:
    return {NAMED[word.strip()] for word in cell.replace(" or ", ",").split(",")}


def test_every_sort_stands_there_as_it_is():
    rows = [line.strip("|\n ").split("|") for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `")]
    told = {cells[0].strip().strip("`"): cells for cells in rows if len(cells) == 7}
    for sort in ("initiative-funded", "plan-approved"):
        policy, cells = POLICIES[sort], told[sort]
        assert roles(cells[1]) == policy.proposers
        assert roles(cells[2]) == policy.consulted
        assert [roles(cells[3])] == [set(stage) for stage in policy.confirmers]
        assert roles(cells[4]) == policy.told
        assert int(cells[5]) == policy.days
