"""What a decision rests on, told in brief beside it: each answer by the analysis that gave it, for one reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from quarterdeck.decisions.differences import Entry
from quarterdeck.decisions.showing import Rest
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import ANALYSES
from quarterdeck.runs.telling import Line, Passage

OPEN = 6  # rows of a passage that stand in the open, the others behind a word


@dataclass(frozen=True)
class Told:
    """An answer with its passages, as the page prints them; stale: it was given by a version that says it otherwise."""

    rest: Rest
    passages: tuple[dict[str, Any], ...] = ()
    stale: bool = False


def told(rests: Iterable[Rest], entries: Iterable[Entry], reader: Reader) -> list[Told]:
    """Every answer that the reader may see, in brief; the records that the decision changes stand first in it."""
    about = frozenset(f"kind:{entry.kind}/{entry.key}" for entry in entries)
    return [_told(rest, about, reader) for rest in rests]


def backing(reader: Reader, sort: str) -> list[int]:
    """The newest answers that a decision of a sort rests on where its proposer names none; each says when it was
    given."""
    found = []
    for analysis in ANALYSES.values():
        try:
            number = answers.newest(analysis.name, reader) if sort in analysis.backs else None
        except Denied:
            continue
        if number is not None:
            found.append(number)
    return found


def _told(rest: Rest, about: frozenset[str], reader: Reader) -> Told:
    tell = ANALYSES[rest.analysis].told if rest.title else None
    if tell is None:
        return Told(rest)
    try:
        passages = tell(answers.recall(rest.number), reader, about)
    except ValidationError:
        return Told(rest, stale=True)
    return Told(rest, tuple(_shown(passage) for passage in passages))


def _shown(passage: Passage) -> dict[str, Any]:
    rows = [_row(line) for line in passage.lines]
    return {"title": passage.title, "note": passage.note, "rows": rows[:OPEN], "behind": rows[OPEN:]}


def _row(line: Line) -> dict[str, Any]:
    return {
        "title": line.title,
        "url": line.url,
        "chapter": line.chapter,
        "state": line.state,
        "effects": [{"text": text} for text in line.effects],
    }
