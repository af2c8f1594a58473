"""Makes the key of a candidate: its source and its subject, the same for the same thing found again."""

import re
from hashlib import blake2b

from quarterdeck.estate.sources import key_of

LONGEST = 120  # leaves room in a record's key for the skill or scenario that is appended to an initiative's
_DOTS = re.compile(r"\.{2,}")


def key(source: str, *subject: str) -> str:
    """A key that records can have; one that would be too long is cut and told apart by a digest."""
    made = "/".join([source, *(_DOTS.sub(".", key_of(part)).replace("/", "-") for part in subject if part)])
    if len(made) <= LONGEST:
        return made
    digest = blake2b("/".join(subject).encode(), digest_size=5).hexdigest()
    return f"{made[: LONGEST - 11].rstrip('-./')}-{digest}"
