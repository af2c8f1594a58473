"""Life cycles of products as endoflife.date tells them: the reader, where a cycle stands, what belongs to it."""

from quarterdeck.evidence.end_of_life.matching import Belongs, Products
from quarterdeck.evidence.end_of_life.reading import LIFE_CYCLES, READER, read
from quarterdeck.evidence.end_of_life.standing import Cycle, Phase, Standing, cycles, status

__all__ = [
    "LIFE_CYCLES",
    "READER",
    "Belongs",
    "Cycle",
    "Phase",
    "Products",
    "Standing",
    "cycles",
    "read",
    "status",
]
