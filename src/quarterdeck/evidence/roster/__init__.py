"""Reads the roster: people with team, post, level, cost band, manager, dates and skills."""

from quarterdeck.evidence.roster.changes import Change, Changed, compare
from quarterdeck.evidence.roster.reading import READER
from quarterdeck.evidence.roster.shapes import TABLES

__all__ = ["READER", "TABLES", "Change", "Changed", "compare"]
