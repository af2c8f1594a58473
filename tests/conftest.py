"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def missing(reason: str) -> None:
    """Skip where something is not here; in the build its absence is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed in the build: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs with expected results, which stands beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        missing(f"real inputs are not at {folder}")
    return folder
