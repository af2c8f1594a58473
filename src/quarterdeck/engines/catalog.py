"""Lists every engine and its one verb: a new one is written beside the others and named here."""

import importlib
from types import ModuleType

ENGINES = {
    "candidates": "weigh",
    "delivery": "measure",
    "drift": "explain",
    "graph": "examine",
    "knowledge": "assess",
    "loss": "assess",
    "outlook": "look_ahead",
    "portfolio": "choose",
}


def load(name: str) -> ModuleType:
    """The engine of a name. LookupError, with the names there are, for any other."""
    if name not in ENGINES:
        raise LookupError(f"there is no engine {name!r}; there are: {', '.join(sorted(ENGINES))}")
    return importlib.import_module(f"quarterdeck.engines.{name}")
