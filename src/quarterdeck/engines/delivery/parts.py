"""The parts of a change's way to production: coding, waiting for review, review, waiting for deployment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.engines.delivery.figure import Definition, Figure, Tally
from quarterdeck.engines.delivery.metrics import (
    ASSUMED,
    FIRST,
    MEDIAN,
    NO_CHANGES,
    NONE_LEFT,
    NOT_DEPLOYED,
    first_deployment,
    hours,
    median,
)
from quarterdeck.engines.delivery.production import OUTSIDE, Production
from quarterdeck.engines.delivery.records import Assumption, Change, Inputs

NO_TIMES = "a time of this part is not known"
BACKWARDS = "this part would end before it begins"
NOT_MERGED = "not merged"
NEEDS_DEPLOYMENT = ("deploy", "cycle")


@dataclass(frozen=True)
class Parts:
    """The parts of one change; None where a time is missing or the part would end before it begins.

    cycle: from the first commit, or the opening where that came earlier, to deployment, or to merge where the change is
    not known to be deployed after it.
    """

    coding: timedelta | None
    pickup: timedelta | None
    review: timedelta | None
    deploy: timedelta | None
    cycle: timedelta | None


def between(begin: datetime | None, end: datetime | None) -> timedelta | None:
    """The time from begin to end; None when one is missing or they are the wrong way round."""
    if begin is None or end is None or end < begin:
        return None
    return end - begin


def parts_of(change: Change, deployed: datetime | None) -> Parts | None:
    """The parts of a merged change, given when it was deployed; None for one that is not merged.

    Review runs from the first reaction, even one that came before the opening, to the merge.
    """
    if change.merged is None:
        return None
    deploy = between(change.merged, deployed)
    begins = [time for time in (change.committed, change.opened) if time is not None]
    return Parts(
        between(change.written, change.opened),
        between(change.opened, change.reviewed),
        between(change.reviewed, change.merged),
        deploy,
        between(min(begins, default=None), change.merged if deploy is None else deployed),
    )


def definition(name: str, rule: str) -> Definition:
    """A part's definition."""
    return Definition(name, "hours", (rule, "Over changes merged in the period.", MEDIAN))


PARTS = {
    "coding": definition("coding time", "From a change's first commit to the opening of its review."),
    "pickup": definition("pickup time", "From the opening of a change's review to the first reaction by someone else."),
    "review": definition("review time", "From the first reaction by someone other than the author to the merge."),
    "deploy": definition("deploy time", "From the merge to the first deployment to production."),
    "cycle": definition(
        "change cycle time",
        "From the first commit, or the opening where that came earlier, to deployment, or to the merge where no "
        "deployment after it is known.",
    ),
}


def part_figures(inputs: Inputs, production: Production) -> tuple[Figure, ...]:
    """The median of each part, in the order in which they follow each other."""
    if inputs.changes is None:
        return tuple(definition.cannot_tell(NO_CHANGES) for definition in PARTS.values())
    tallies = {name: Tally() for name in PARTS}
    values: dict[str, list[float]] = {name: [] for name in PARTS}
    for change in inputs.changes:
        deployment = first_deployment(change, production)
        left_truncated = deployment is not None and deployment.key in production.first
        cut = parts_of(change, None if deployment is None or left_truncated else deployment.finished)
        for name in PARTS:
            span = getattr(cut, name) if cut is not None else None
            if cut is None or change.merged is None or not inputs.since <= change.merged < inputs.until:
                tallies[name].leave_out(NOT_MERGED if cut is None else OUTSIDE, change.key)
            elif span is not None:
                values[name].append(hours(span))
                for assumption in _resting(name, change, cut):
                    tallies[name].assume(ASSUMED[assumption], change.key)
            elif name == "deploy" and (deployment is None or left_truncated):
                tallies[name].leave_out(FIRST if left_truncated else NOT_DEPLOYED, change.key)
            else:
                tallies[name].leave_out(_why(name, change), change.key)
    confidence = inputs.rules.confidence
    return tuple(median(PARTS[name], values[name], tallies[name], confidence, NONE_LEFT) for name in PARTS)


def _resting(name: str, change: Change, cut: Parts) -> list[Assumption]:
    """What a part of a change rests on that is not recorded."""
    stands = {Assumption.OPENING: name == "cycle", Assumption.NEXT: cut.deploy is not None and name in NEEDS_DEPLOYMENT}
    return [assumption for assumption in change.assumed if stands[assumption]]


def _why(name: str, change: Change) -> str:
    """Why a merged change lacks a part."""
    needed = {
        "coding": (change.written, change.opened),
        "pickup": (change.opened, change.reviewed),
        "review": (change.reviewed,),
    }
    return NO_TIMES if None in needed.get(name, ()) else BACKWARDS
