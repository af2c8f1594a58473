"""What goes down with what: who really falls when a system, or everything of one vendor, fails."""

from collections.abc import Iterable

from quarterdeck.sample.systems import GROUP, SYSTEMS, VENDORS, System, needs


def fallen(first: Iterable[str]) -> frozenset[str]:
    """Everything that is down once these are: a pair of stand-ins holds as long as one of them does."""
    down = set(first)
    while more := {system.key for system in SYSTEMS if system.key not in down and _falls(system, down)}:
        down |= more
    return frozenset(down)


def _falls(system: System, down: set[str]) -> bool:
    needed = needs(system)
    if any(need in down for need in needed if need not in GROUP):
        return True
    groups = {GROUP[need] for need in needed if need in GROUP}
    return any(all(need in down for need in needed if GROUP.get(need) == group) for group in groups)


def falls_with_system(grave: int) -> dict[str, list[str]]:
    """System → systems of at least this criticality that fall when it does; those that take nothing down are left
    out."""
    return _told({system.key: [system.key] for system in SYSTEMS}, grave)


def falls_with_vendor(grave: int) -> dict[str, list[str]]:
    """Vendor of more than one system → the same, when all that it supplies fails at once."""
    supplied = {vendor: [system.key for system in SYSTEMS if system.vendor == vendor] for vendor in VENDORS}
    return _told({vendor: own for vendor, own in supplied.items() if len(own) > 1}, grave)


def _told(causes: dict[str, list[str]], grave: int) -> dict[str, list[str]]:
    critical = {system.key for system in SYSTEMS if system.criticality >= grave}
    found = {cause: sorted(critical & fallen(first) - set(first)) for cause, first in causes.items()}
    return {cause: falls for cause, falls in sorted(found.items()) if falls}
