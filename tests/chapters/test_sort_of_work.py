"""Which issues are operations: by the words of trackers in two languages."""

import polars as pl
import pytest

from quarterdeck.chapters.innovation.projects.upkeep import sort_of_work

WORDS = [
    ("Bug", None, True),
    (" 缺陷 ", None, True),
    ("生产故障", None, True),
    ("Service Request", None, True),
    ("Story", None, False),
    ("任务", None, False),
    ("Bug", "EP-1", False),
    ("Epic", None, None),
    ("", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(("type_", "epic", "expected"), WORDS)
def test_types_are_told_apart(type_: str | None, epic: str | None, expected: bool | None):
    frame = pl.DataFrame({"type": [type_], "epic": [epic]}, schema={"type": pl.String, "epic": pl.String})
    assert frame.select(sort_of_work()).item() is expected
