"""Tells whether what is known of a candidate has changed so much that a person should look again."""

from hashlib import blake2b

from quarterdeck.engines.candidates.records import Candidate

WORSE = 1.5  # a size that has grown by half is another matter; smaller moves come and go with every collection


def fingerprint(candidate: Candidate) -> str:
    """A short text of what is known: a mark for each fact, and the size."""
    marks = sorted({blake2b(fact.encode(), digest_size=4).hexdigest() for fact in candidate.facts})
    return " ".join(marks) + "|" + (f"{candidate.size.value:.6g}" if candidate.size else "")


def material(before: str, now: str) -> bool:
    """Whether there is a fact that was not known before, or the size has grown by half. Facts gone are no reason."""
    marks, _, size = before.partition("|")
    new_marks, _, new_size = now.partition("|")
    if set(new_marks.split()) - set(marks.split()):
        return True
    return bool(size and new_size) and float(size) > 0 and float(new_size) >= WORSE * float(size)
