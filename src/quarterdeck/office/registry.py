"""Everything the office adds: analyses and background tasks, registered explicitly."""

from quarterdeck.chapters.innovation.projects.delivery import DELIVERY
from quarterdeck.chapters.people.growth.knowledge import KNOWLEDGE
from quarterdeck.chapters.risk.register.exposure import EXPOSURE
from quarterdeck.chapters.strategy.architecture.structure import STRUCTURE
from quarterdeck.office import waiting  # noqa: F401 — its task
from quarterdeck.office.candidates import analysis as candidates
from quarterdeck.office.candidates import sources
from quarterdeck.office.documents import erasure, tasks  # noqa: F401 — its place, its task
from quarterdeck.office.plan import analyses
from quarterdeck.runs.analysis import register
from quarterdeck.runs.candidates import register_sources

register(DELIVERY, KNOWLEDGE, STRUCTURE, EXPOSURE)
register(analyses.PLAN, analyses.OUTLOOK, analyses.DRIFT)
register_sources(*sources.ALL)
register(candidates.build())  # after every source, those of chapters too: what it reads is the sum of theirs
