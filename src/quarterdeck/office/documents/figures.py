"""How a document says a figure with its interval, and which answer it comes from."""

from dataclasses import dataclass, field

from quarterdeck.charts.marks import State
from quarterdeck.office import words
from quarterdeck.office.documents.tree import Text
from quarterdeck.runs.answers import Answered


@dataclass
class Anchors:
    """Gives every answer its mark, in the order in which answers are first named."""

    answers: list[Answered] = field(default_factory=list)

    def mark(self, answered: Answered) -> int:
        """The mark of an answer, 1 for the first."""
        for place, known in enumerate(self.answers, 1):
            if known.id == answered.id:
                return place
        self.answers.append(answered)
        return len(self.answers)

    def text(self, said: str, *answered: Answered, state: State = State.PLAIN, part: float | None = None) -> Text:
        """Words whose figures come from these answers."""
        return Text(said, tuple(dict.fromkeys(self.mark(one) for one in answered)), state, part)


def span(low: float, high: float, currency: str) -> str:
    """“1.00–3.04 M EUR”: both ends in the unit of the larger."""
    units = ((1e8, "亿"), (1e4, "万")) if words.chinese() else ((1e6, "M"), (1e3, "k"))
    most = max(abs(low), abs(high))
    scale, unit = next(((scale, unit) for scale, unit in units if most >= (scale if scale != 1e3 else 1e4)), (1.0, ""))
    digits = 0 if not unit or most / scale >= 100 else 1 if most / scale >= 10 else 2
    first, last = words.decimals(low / scale, digits), words.decimals(high / scale, digits)
    ends = words.interval(first, last)
    return words.NBSP.join(filter(None, (ends, unit, currency)))
