"""Which initiatives to do, when to start them, whom to hire and what to buy, so that the plan is worth most?

Method: a time-indexed mixed-integer programme over quarters; its linear relaxation by dual simplex, an LP-guided ruin
and recreate search in compiled code for the plan, branch and bound (HiGHS) for the proof; loss of scenarios under
several controls exact by enumerated subsets or tangents, appetite on quantiles of annual loss by cuts. Sources:
Pritsker, Watters, Wolfe (1969), Management Science 16; Duran, Grossmann (1986), Mathematical Programming 36; Schrimpf
and others (2000), Journal of Computational Physics 159.
Limits: estimates count at their means, work is balanced by quarter, controls count from the first whole quarter after
their finish; the `outlook` says what chance makes of the plan.
"""

from quarterdeck.engines.portfolio.choose import choose
from quarterdeck.engines.portfolio.inputs import Inputs, Settings
from quarterdeck.engines.portfolio.result import (
    Attainment,
    Binding,
    Bounds,
    ChangeKind,
    Checks,
    Exposure,
    Finish,
    LeftOut,
    Limit,
    Method,
    Moved,
    Point,
    Resource,
    Result,
    Shortage,
    Use,
    Why,
    Worth,
)

VERSION = "3"

__all__ = [
    "VERSION",
    "Attainment",
    "Binding",
    "Bounds",
    "ChangeKind",
    "Checks",
    "Exposure",
    "Finish",
    "Inputs",
    "LeftOut",
    "Limit",
    "Method",
    "Moved",
    "Point",
    "Resource",
    "Result",
    "Settings",
    "Shortage",
    "Use",
    "Why",
    "Worth",
    "choose",
]
