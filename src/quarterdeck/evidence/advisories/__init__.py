"""Security advisories in the OSV format: the reader, its tables, and what they find in a list of components."""

from quarterdeck.evidence.advisories.findings import FINDINGS, findings
from quarterdeck.evidence.advisories.reading import READER, read
from quarterdeck.evidence.advisories.tables import ADVISORIES, RANGES, VERSIONS

__all__ = ["ADVISORIES", "FINDINGS", "RANGES", "READER", "VERSIONS", "findings", "read"]
