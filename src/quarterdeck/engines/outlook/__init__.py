"""The outlook: what becomes of a plan month by month, over many trials.

Question: given a programme and a plan, how likely is each date, goal, sum of money and loss? Method: Monte Carlo
simulation in months with keyed draws; in each trial estimates with their bias, departures, time to hire and incidents
are drawn, each month's people go to initiatives by the plan's order (or an order made anew), progress follows the
scarcest skill, finishes release people, and benefits, key results and controls take effect. Sources: PERT after
Malcolm and others (1959); Smith (1956) for the order made anew; the generator as in `draws`. Limits: within a month a
skill is one pool; budgets and starts before the planned quarter are not decided again; leavers are replaced by the
plan's hires only; what is unfinished at the window's end brings no benefit. See docs/engines/outlook.md.
"""

from quarterdeck.engines.outlook.comparison import difference
from quarterdeck.engines.outlook.inputs import Inputs, Policy
from quarterdeck.engines.outlook.look import look_ahead
from quarterdeck.engines.outlook.result import Difference, Result

VERSION = "2"

__all__ = ["VERSION", "Difference", "Inputs", "Policy", "Result", "difference", "look_ahead"]
