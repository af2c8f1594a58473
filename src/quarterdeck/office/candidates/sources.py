"""All sources of candidates the office has; a new one is written beside the others and named here."""

from quarterdeck.office.candidates import (
    advisories,
    backlog,
    bill,
    ended,
    hotspots,
    incidents,
    knowledge,
    ownerless,
    structure,
)

ALL = (
    advisories.SOURCE,
    ended.SOURCE,
    knowledge.SOURCE,
    structure.SOURCE,
    ownerless.SOURCE,
    hotspots.SOURCE,
    bill.SOURCE,
    incidents.SOURCE,
    backlog.SOURCE,
)
