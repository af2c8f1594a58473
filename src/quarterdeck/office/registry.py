"""Everything the office adds: analyses and background tasks, registered explicitly."""

from quarterdeck.office.plan import analyses
from quarterdeck.runs.analysis import register

register(analyses.PLAN, analyses.OUTLOOK, analyses.DRIFT)
