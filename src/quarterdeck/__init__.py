"""Quarterdeck: the system in which a Chief Technology Officer's office is run."""

__version__ = "0.1.0"
