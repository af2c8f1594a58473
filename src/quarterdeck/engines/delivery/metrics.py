"""The five delivery metrics (DORA), each as a figure with its interval, its rule and what was left out."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from quarterdeck.engines.delivery import production as reach
from quarterdeck.engines.delivery.figure import Definition, Figure, Tally
from quarterdeck.engines.delivery.interval import Interval, generator, percentile, weekly_mean, wilson
from quarterdeck.engines.delivery.production import Failures, Production
from quarterdeck.engines.delivery.records import (
    Assumption,
    Attribution,
    Change,
    Deployment,
    Incident,
    Inputs,
    RecoveryFrom,
)
from quarterdeck.engines.delivery.weeks import complete_weeks

SOURCE = "Definitions of dora.dev, version of January 2026."
MEDIAN = "The median; its interval comes from order statistics."
REACHED = "Deployments count when they reached a production environment in the period."
FAILED = (
    "A deployment failed when it is marked as having needed immediate intervention, or when an incident caused by a "
    "change is held against it."
)
SHARE = (
    "A share with its Wilson score interval; the upper bound allows for each incident that cannot be held against a "
    "deployment, or cleared, to be one more."
)
ATTRIBUTION = {
    Attribution.NAMED: "An incident is held against the deployment that it names, and no other.",
    Attribution.LAST_BEFORE: (
        "An incident is held against the deployment that it names; a change-caused one that names none, against the "
        "same system's last production deployment within the stated hours before it."
    ),
}
RECOVERY = {
    RecoveryFrom.INCIDENT: "From the start of the failed deployment's first incident to the end of its last.",
    RecoveryFrom.DEPLOYMENT: "From the end of the failed deployment to the end of its last incident.",
}

ASSUMED = {
    Assumption.OPENING: "its first commit is not known: the opening of its review stands for it",
    Assumption.NEXT: "nothing tells which deployment carries it: its system's first after the merge stands for it",
}

NO_CHANGES = "changes are not collected"
NO_DEPLOYMENTS = "deployments are not collected"
NO_INCIDENTS = "neither incidents nor marks of failed deployments are collected"
NONE_REACHED = "no deployment reached production in the period"
NONE_LEFT = "no record of the period has what the rule needs"
NO_CAUSE = "no incident says whether a change caused it"
NO_FAILURE = "no deployment of the period failed"
NO_PLANNED = "no deployment says whether it was planned or which incident it follows"

NO_COMMIT = "the change has no commit time"
NOT_DEPLOYED = "no production deployment on record carries the change"
FIRST = "carried by its system's first deployment on record, which carries the whole history"
BEFORE_COMMIT = "deployed before it was committed"
BEFORE_MERGE = "deployed before it was merged"
COMMIT_AFTER_MERGE = "its first commit is dated after its merge"
NOT_RECOVERED = "not yet recovered, or no recovery time"
BACKWARDS = "recovered before it began"
NOT_MARKED = "the deployment does not say whether it failed"
NOT_SAID = "the deployment does not say whether it was planned"

LEAD_TIME = Definition(
    "change lead time",
    "hours",
    (
        SOURCE,
        "From a change's first commit to its first deployment to production, for changes deployed in the period.",
        "A change's first commit is the earliest that its merge brought in; where history does not tell, or tells of "
        "one commit dated after the review's opening, the opening stands for it.",
        "The deployment that carries a change is the first whose commit has it in its history; where no commit is "
        "named or its history is not known, its system's first one after the merge stands for it.",
        MEDIAN,
    ),
)
FREQUENCY = Definition(
    "deployment frequency",
    "deployments a week",
    (
        SOURCE,
        REACHED,
        "Deployments over the period's length; the interval resamples complete weeks (bootstrap), or is the exact "
        "Poisson one with fewer than four weeks or ten deployments.",
    ),
)


def recovery_definition(inputs: Inputs) -> Definition:
    """Failed-deployment recovery time under the rules in force."""
    rules = (SOURCE, FAILED, ATTRIBUTION[inputs.rules.attribution], RECOVERY[inputs.rules.recovery_from], MEDIAN)
    return Definition("failed-deployment recovery time", "hours", rules)


def fail_rate_definition(inputs: Inputs) -> Definition:
    """Change fail rate under the rules in force."""
    return Definition(
        "change fail rate", "share", (SOURCE, REACHED, FAILED, ATTRIBUTION[inputs.rules.attribution], SHARE)
    )


REWORK = Definition(
    "deployment rework rate",
    "share",
    (
        SOURCE,
        REACHED,
        "A deployment is rework when it names the incident it follows and is not marked planned, or when it is marked "
        "unplanned and an incident was open on its system.",
        "Where deployments name the incidents they follow, one that names none and is not marked is not rework.",
        "A share with its Wilson score interval.",
    ),
)


def hours(span: timedelta) -> float:
    """A span of time in hours."""
    return span / timedelta(hours=1)


def first_deployment(change: Change, production: Production) -> Deployment | None:
    """The first deployment that brought a change to production; None when none on record did."""
    carriers = [production.by_key[key] for key in change.deployments if key in production.by_key]
    return min(carriers, key=lambda deployment: (deployment.end, deployment.key), default=None)


def median(definition: Definition, values: Sequence[float], tally: Tally, confidence: float, empty: str) -> Figure:
    """The median of a sample as a figure, or why it cannot be told."""
    if not values:
        return definition.cannot_tell(empty, tally)
    value, interval = percentile(np.sort(np.asarray(values, dtype=float)), 0.5, confidence)
    return definition.figure(value, interval, len(values), tally)


def change_lead_time(inputs: Inputs, production: Production) -> Figure:
    """From first commit to production, over the changes that were deployed in the period."""
    if inputs.changes is None or inputs.deployments is None:
        return LEAD_TIME.cannot_tell(NO_CHANGES if inputs.changes is None else NO_DEPLOYMENTS)
    tally, values = Tally(), []
    for change in inputs.changes:
        deployment = first_deployment(change, production)
        reason = _unusable(change, deployment, production, inputs)
        if reason or deployment is None or change.committed is None:
            tally.leave_out(reason, change.key)
        else:
            values.append(hours(deployment.end - change.committed))
            for assumption in change.assumed:
                tally.assume(ASSUMED[assumption], change.key)
    return median(LEAD_TIME, values, tally, inputs.rules.confidence, NONE_LEFT)


def _unusable(change: Change, deployment: Deployment | None, production: Production, inputs: Inputs) -> str:
    """Why a change has no lead time; empty when it has one."""
    if deployment is None:
        return NOT_DEPLOYED
    committed, merged, finished = change.committed, change.merged, deployment.end
    checks = (
        (committed is None, NO_COMMIT),
        (deployment.key in production.first, FIRST),
        (not inputs.since <= finished < inputs.until, reach.OUTSIDE),
        (committed is not None and finished < committed, BEFORE_COMMIT),
        (merged is not None and finished < merged, BEFORE_MERGE),
        (committed is not None and merged is not None and merged < committed, COMMIT_AFTER_MERGE),
    )
    return next((reason for met, reason in checks if met), "")


def deployment_frequency(inputs: Inputs, production: Production) -> Figure:
    """Deployments to production a week."""
    if inputs.deployments is None:
        return FREQUENCY.cannot_tell(NO_DEPLOYMENTS)
    times = [deployment.end for deployment in production.period]
    value = len(times) / ((inputs.until - inputs.since) / timedelta(weeks=1))
    _, counts = complete_weeks(times, inputs.since, inputs.until)
    if not len(counts):
        return FREQUENCY.cannot_tell("the period is shorter than a week", production.tally, len(times))
    interval = weekly_mean(counts, inputs.rules.confidence, generator(inputs.seed, "deployment frequency"))
    return FREQUENCY.figure(value, interval.holding(value), len(times), production.tally)


def recovery_time(inputs: Inputs, production: Production, failed: Failures) -> Figure:
    """How long failed deployments took to recover from; only failures caused by a change."""
    definition = recovery_definition(inputs)
    missing = _cannot_judge(inputs, production, failed)
    if missing:
        return definition.cannot_tell(missing, failed.tally)
    tally, values = Tally().take(failed.tally), []
    for deployment in production.period:
        if deployment.key not in failed.incidents:
            continue
        span = _recovery(deployment, failed.incidents[deployment.key], inputs.rules.recovery_from)
        if span is None:
            tally.leave_out(NOT_RECOVERED, deployment.key)
        elif span < timedelta(0):
            tally.leave_out(BACKWARDS, deployment.key)
        else:
            values.append(hours(span))
    empty = NONE_LEFT if failed.incidents else NO_FAILURE
    return median(definition, values, tally, inputs.rules.confidence, empty)


def _recovery(deployment: Deployment, incidents: list[Incident], start: RecoveryFrom) -> timedelta | None:
    """The span of one failed deployment's recovery; None when it has no end."""
    recovered = [incident.recovered for incident in incidents] or [deployment.recovered]
    ends = [end for end in recovered if end is not None]
    if len(ends) < len(recovered):
        return None
    begins: list[datetime] = [incident.began for incident in incidents]
    if start is RecoveryFrom.DEPLOYMENT or not begins:
        begins = [deployment.end]
    return max(ends) - min(begins)


def _cannot_judge(inputs: Inputs, production: Production, failed: Failures) -> str:
    """What the data lacks for judging which deployments failed; empty when it lacks nothing."""
    if inputs.deployments is None:
        return NO_DEPLOYMENTS
    if not production.period:
        return NONE_REACHED
    marked = any(deployment.failed is not None for deployment in production.period)
    if inputs.incidents is None and not marked:
        return NO_INCIDENTS
    known = marked or failed.incidents or failed.tally.count([reach.NOT_BY_CHANGE, reach.DEPLOYMENT_UNKNOWN])
    if not known and failed.tally.count([reach.CAUSE_UNKNOWN]):
        return NO_CAUSE
    return ""


def change_fail_rate(inputs: Inputs, production: Production, failed: Failures) -> Figure:
    """The share of deployments that needed immediate intervention."""
    definition = fail_rate_definition(inputs)
    missing = _cannot_judge(inputs, production, failed)
    tally = Tally().take(production.tally).take(failed.tally)
    if missing:
        return definition.cannot_tell(missing, tally)
    judged = production.period
    if inputs.incidents is None:
        judged = [deployment for deployment in judged if deployment.failed is not None]
        for deployment in production.period:
            if deployment.failed is None:
                tally.leave_out(NOT_MARKED, deployment.key)
    total, bad = len(judged), len(failed.incidents)
    worst = min(total, bad + failed.tally.count(reach.UNATTRIBUTED))
    low = wilson(bad, total, inputs.rules.confidence).low
    high = wilson(worst, total, inputs.rules.confidence).high
    return definition.figure(bad / total, Interval(low, high, inputs.rules.confidence), total, tally)


def rework_rate(inputs: Inputs, production: Production) -> Figure:
    """The share of deployments that were unplanned and followed an incident."""
    if inputs.deployments is None:
        return REWORK.cannot_tell(NO_DEPLOYMENTS)
    if not production.period:
        return REWORK.cannot_tell(NONE_REACHED, production.tally)
    tally = Tally().take(production.tally)
    linked = any(deployment.follows is not None for deployment in inputs.deployments)
    by_system: dict[str, list[Incident]] = defaultdict(list)
    for incident in inputs.incidents or ():
        by_system[incident.system].append(incident)
    verdicts = []
    for deployment in production.period:
        known = None if inputs.incidents is None else by_system.get(deployment.system, [])
        verdict = _is_rework(deployment, known, linked)
        if verdict is None:
            tally.leave_out(NOT_SAID if deployment.unplanned is None else NO_INCIDENTS, deployment.key)
        else:
            verdicts.append(verdict)
    if not verdicts:
        return REWORK.cannot_tell(NO_PLANNED, tally)
    interval = wilson(sum(verdicts), len(verdicts), inputs.rules.confidence)
    return REWORK.figure(sum(verdicts) / len(verdicts), interval, len(verdicts), tally)


def _is_rework(deployment: Deployment, incidents: list[Incident] | None, linked: bool) -> bool | None:
    """Whether a deployment was rework, given its system's incidents; None when the data does not say."""
    if deployment.unplanned is False:
        return False
    if deployment.follows is not None:
        return True
    if deployment.unplanned is None:
        return False if linked else None
    if incidents is None:
        return None
    return any(
        incident.began <= deployment.end and (incident.recovered is None or deployment.end <= incident.recovered)
        for incident in incidents
    )
