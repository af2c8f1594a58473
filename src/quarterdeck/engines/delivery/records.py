"""What delivery is measured over: changes, deployments, incidents and work items as plain values, and the rules."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Attribution(Enum):
    """Which deployment is held to have caused an incident."""

    NAMED = "named"  # only the one that the incident names
    LAST_BEFORE = "last before"  # else the same system's last one before a change-caused incident, within some hours


class RecoveryFrom(Enum):
    """When the clock of a failed deployment's recovery starts."""

    INCIDENT = "incident"  # at the start of its first incident
    DEPLOYMENT = "deployment"  # at the end of the deployment


class CycleFrom(Enum):
    """When the clock of a work item starts."""

    STARTED = "started"
    CREATED = "created"


class Assumption(Enum):
    """What stands for something that is not recorded of a change."""

    OPENING = "opening"  # its review's opening, for its first commit
    NEXT = "next deployment"  # its system's first deployment after the merge, for the one that carries it


@dataclass(frozen=True)
class Change:
    """A change to software on its way to production: a pull request, or a single commit. Times carry a zone."""

    key: str
    committed: datetime | None  # when its first commit was written
    opened: datetime | None = None  # when its review was asked for
    reviewed: datetime | None = None  # the first reaction by someone other than its author
    merged: datetime | None = None
    deployments: tuple[str, ...] = ()  # keys of the deployments that newly carry it
    assumed: tuple[Assumption, ...] = ()  # what of this is not recorded

    @property
    def written(self) -> datetime | None:
        """When its first commit was written, where that is recorded."""
        return None if Assumption.OPENING in self.assumed else self.committed


@dataclass(frozen=True)
class Deployment:
    """One run of a deployment. Times carry a zone."""

    key: str
    finished: datetime | None
    system: str = ""  # what is deployed; a system's first deployment on record carries its whole history
    environment: str | None = None
    succeeded: bool = True  # it reached its environment (what happened there afterwards is `failed`)
    failed: bool | None = None  # it needed immediate intervention: rolled back, mended at once; None: not said
    recovered: datetime | None = None  # when that intervention had restored service, where no incident says it
    unplanned: bool | None = None  # None: not said
    follows: str | None = None  # the incident it was made to end

    @property
    def end(self) -> datetime:
        """When it finished, for a deployment known to have; raises ValueError for another."""
        if self.finished is None:
            raise ValueError(f"deployment {self.key} has no finish time")
        return self.finished


@dataclass(frozen=True)
class Incident:
    """Service degraded for its users. Times carry a zone."""

    key: str
    began: datetime
    recovered: datetime | None = None
    system: str = ""
    change_caused: bool | None = None  # None: not said
    caused_by: str | None = None  # the deployment that caused it


@dataclass(frozen=True)
class Item:
    """A work item of a tracker. Times carry a zone."""

    key: str
    created: datetime | None
    started: datetime | None = None
    finished: datetime | None = None
    operations: bool | None = None  # it keeps things running (defect, incident, support, maintenance); None: not said


@dataclass(frozen=True)
class Rules:
    """The choices that change the figures; each stands in the rule of the figures it touches."""

    production: tuple[str, ...] = ("production",)  # names of production environments, compared without case
    attribution: Attribution = Attribution.NAMED
    attribution_hours: float = 24.0
    recovery_from: RecoveryFrom = RecoveryFrom.INCIDENT
    cycle_from: CycleFrom = CycleFrom.STARTED
    percentiles: tuple[float, ...] = (0.5, 0.85, 0.95)  # of cycle time
    ageing_percentile: float = 0.85  # an open item older than this percentile of finished ones is ageing
    ageing_limit: int = 100  # the oldest open items that are listed
    confidence: float = 0.8


@dataclass(frozen=True)
class Outlook:
    """What the forecast is asked: how many items are to be finished, and how to look ahead."""

    remaining: int
    probabilities: tuple[float, ...] = (0.5, 0.8, 0.9, 0.95)
    history_weeks: int = 13  # the newest complete weeks that are drawn from
    changing_pace: bool = True  # let the pace move as much as it moved over the last year
    horizon_weeks: int = 520
    trials: int = 10_000

    def __post_init__(self) -> None:
        if self.remaining < 0 or self.history_weeks < 1 or self.horizon_weeks < 1 or self.trials < 1:
            raise ValueError(
                "a forecast needs remaining ≥ 0, and at least one week of history and horizon, and one trial"
            )


@dataclass(frozen=True)
class Inputs:
    """Everything delivery is measured over. A tuple of None means "not collected", an empty one "none happened".

    since, until: the period, since ≤ t < until. Weeks are slices of seven days counted back from `until`.
    """

    since: datetime
    until: datetime
    changes: tuple[Change, ...] | None = None
    deployments: tuple[Deployment, ...] | None = None
    incidents: tuple[Incident, ...] | None = None
    items: tuple[Item, ...] | None = None
    rules: Rules = field(default_factory=Rules)
    outlook: Outlook | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise ValueError("since and until need a time zone")
        if not self.since < self.until:
            raise ValueError(f"the period is empty: {self.since} to {self.until}")
        for name in ("changes", "deployments", "incidents", "items"):
            keys = Counter(record.key for record in getattr(self, name) or ())
            twice = sorted(key for key, count in keys.items() if count > 1)
            if twice:
                raise ValueError(f"{name} with the same key: {', '.join(twice[:3])}")
