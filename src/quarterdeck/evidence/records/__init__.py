"""Declared mapping of CSV, JSON, JSON Lines and XLSX onto tables of evidence: a new table is one declaration."""

from quarterdeck.evidence.records.reading import reader
from quarterdeck.evidence.records.shape import Field, Shape

__all__ = ["Field", "Shape", "reader"]
