"""What a test needs and may not find on a machine."""

import os

import pytest


def missing(reason: str) -> None:
    """Skip where something is not here; in the build its absence is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed in the build: {reason}")
    pytest.skip(reason)
