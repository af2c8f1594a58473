"""Reads issues and the history of their changes from trackers' exports."""

from quarterdeck.evidence.issues.history import assignee_history, status_history
from quarterdeck.evidence.issues.reading import READER
from quarterdeck.evidence.issues.shapes import TABLES

__all__ = ["READER", "TABLES", "assignee_history", "status_history"]
