"""Which parts of a system carry the others, which fail together, and where does it depend on itself?

Method: strongly connected components, then blocks of bit columns over the condensed graph for blast radii and over the
graph itself for failures through groups of alternatives (k of n); breadth-first search for shortest cycles. All exact.
Source: Tarjan (1972), "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1; the parts name
their own. Limits: an edge is a need without probability or delay (availability weighs those); causes fail one by one.
"""

from quarterdeck.engines.graph.examination import (
    Checks,
    Cycle,
    Inversion,
    Reach,
    Result,
    SinglePoint,
    examine,
)
from quarterdeck.engines.graph.inputs import Edge, Inputs, Node
from quarterdeck.engines.graph.radius import blast_radius

VERSION = "1"

__all__ = [
    "VERSION",
    "Checks",
    "Cycle",
    "Edge",
    "Inputs",
    "Inversion",
    "Node",
    "Reach",
    "Result",
    "SinglePoint",
    "blast_radius",
    "examine",
]
