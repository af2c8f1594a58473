"""All kinds of the office, so that Django finds them."""

from quarterdeck.office.kinds import Candidate

__all__ = ("Candidate",)
