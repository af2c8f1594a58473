"""Reads a figure that an analysis publishes, for the same eyes and with its path."""

from quarterdeck.runs import answers
from quarterdeck.runs.analysis import ANALYSES, Figure, Gathering, Rested


def figure(gathering: Gathering, name: str) -> Figure | None:
    """Today's figure of a name like `delivery.change_fail_rate`; None where no analysis publishes it.

    Its value is None where the evidence cannot tell.
    """
    analysis = ANALYSES.get(name.partition(".")[0])
    if analysis is None:
        return None
    kept = answers.answer(analysis.name, gathering.reader, today=gathering.today)
    gathering.rested.append(Rested(f"answer:{kept.name}", name, kept.id, 1))
    return next((found for found in analysis.figures(kept.result) if found.name == name), None)
