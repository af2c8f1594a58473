"""How an answer is told in brief to whoever decides on it: passages of rows that are sentences."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A row that is a sentence: what, and its effects; whether that is good or bad, where something was wanted."""

    title: str
    url: str
    effects: tuple[str, ...]
    chapter: str = "office"
    state: str = ""


@dataclass(frozen=True)
class Passage:
    """One matter: its title, a sentence where one says it, and its rows, the weightiest first."""

    title: str
    lines: tuple[Line, ...]
    note: str = ""
