"""Software catalogues in the Backstage format: the reader, its tables, and what their owners' names tell."""

from quarterdeck.evidence.catalogue.ownership import Spellings, dangling_owners, spellings, stale, unowned, without_sign
from quarterdeck.evidence.catalogue.reading import READER, read
from quarterdeck.evidence.catalogue.tables import ENTITIES, MEMBERS, PEOPLE, RELATIONS

__all__ = [
    "ENTITIES",
    "MEMBERS",
    "PEOPLE",
    "READER",
    "RELATIONS",
    "Spellings",
    "dangling_owners",
    "read",
    "spellings",
    "stale",
    "unowned",
    "without_sign",
]
