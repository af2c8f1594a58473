"""Lists every reader of evidence: a new one is written beside the others and named here."""

from quarterdeck.evidence import (
    advisories,
    backups,
    bill,
    builds,
    catalogue,
    dependencies,
    deployments,
    end_of_life,
    git,
    incidents,
    issues,
    reviews,
    roster,
)
from quarterdeck.evidence.batch import Reader

READERS: tuple[Reader, ...] = (
    git.READER,
    catalogue.READER,
    dependencies.READER,
    advisories.READER,
    end_of_life.READER,
    roster.READER,
    bill.READER,
    issues.READER,
    reviews.READER,
    builds.READER,
    deployments.READER,
    incidents.READER,
    backups.READER,
)
_BY_NAME = {reader.name: reader for reader in READERS}


def by_name(name: str) -> Reader:
    """The reader of this name; LookupError, with the names there are, for any other."""
    if name not in _BY_NAME:
        raise LookupError(f"there is no reader {name!r}; there are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
