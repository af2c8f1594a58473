"""Degree of authorship: how much a person knows of a file, and who counts as its author."""

from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.knowledge.history import Pairs
from quarterdeck.engines.knowledge.records import Rule

BASE, FIRST, DELIVERY, ACCEPTANCE = 3.293, 1.098, 0.164, 0.321


def degree_of_authorship(created: np.ndarray, delivered: np.ndarray, others: np.ndarray) -> np.ndarray:
    """3.293 + 1.098 · created + 0.164 · own changes − 0.321 · ln(1 + others' changes); creations are not changes.

    Source: Fritz, Murphy, Murphy-Hill, Ou, Hill (2014), Degree-of-knowledge, ACM Transactions on Software Engineering
    and Methodology 23(2), with the weights used by Avelino, Passos, Hora, Valente (2016), A novel approach for
    estimating truck factors, ICPC.
    """
    return BASE + FIRST * np.asarray(created) + DELIVERY * np.asarray(delivered) - ACCEPTANCE * np.log1p(others)


@dataclass(frozen=True)
class Authorship:
    """One row for each file and person: degree of authorship, and what it is of the file's best (0 to 1)."""

    file: np.ndarray
    person: np.ndarray
    value: np.ndarray
    relative: np.ndarray
    changes: np.ndarray
    created: np.ndarray
    last: np.ndarray


def grade(file: np.ndarray, value: np.ndarray, files: int) -> np.ndarray:
    """Each value over the best of its file; 0 where the best is not above 0."""
    best = np.zeros(files)
    np.maximum.at(best, file, value)
    return np.divide(np.maximum(value, 0.0), best[file], out=np.zeros(len(value)), where=best[file] > 0)


def read_authorship(pairs: Pairs, files: int) -> Authorship:
    """Degree of authorship of every file and person."""
    value = degree_of_authorship(pairs.created, pairs.delivered, pairs.others)
    relative = grade(pairs.file, value, files)
    return Authorship(pairs.file, pairs.person, value, relative, pairs.changes, pairs.created, pairs.last)


def authors(authorship: Authorship, rule: Rule) -> np.ndarray:
    """Which rows are authors under a rule: a mask."""
    mask = authorship.relative > rule.relative
    if rule.absolute is not None:
        enough = authorship.value >= rule.absolute
        mask &= enough | authorship.created if rule.creators else enough
    return mask
