"""The command line's tests: the terminal speaks English, unless a test says otherwise."""

import pytest

from quarterdeck.cli import words


@pytest.fixture(autouse=True)
def terminal_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a terminal in another language."""
    for name in (*words.TERMINAL, "QUARTERDECK_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    words.speak("en")
