"""Which answer a figure of a document comes from."""

from dataclasses import dataclass, field

from quarterdeck.charts.marks import State
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
