"""Which deployments reached production in the period, and which of them failed or were rework."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from quarterdeck.engines.delivery.figure import Tally
from quarterdeck.engines.delivery.records import Attribution, Deployment, Incident, Inputs

NO_TIME = "the deployment has no finish time"
NO_ENVIRONMENT = "the deployment's environment is not stated"
ELSEWHERE = "not a production environment"
NOT_REACHED = "the deployment did not reach its environment"
OUTSIDE = "outside the period"

NOT_BY_CHANGE = "the incident was not caused by a change"
CAUSE_UNKNOWN = "the incident does not say whether a change caused it"
DEPLOYMENT_UNKNOWN = "caused by a change, but no production deployment of the period is named or found for it"
BEFORE_OR_AFTER = "the incident began outside the period"
UNATTRIBUTED = (CAUSE_UNKNOWN, DEPLOYMENT_UNKNOWN)


@dataclass
class Production:
    """Production deployments that reached production: all on record by key, and those of the period in time order."""

    by_key: dict[str, Deployment] = field(default_factory=dict)
    first: set[str] = field(default_factory=set)  # each system's first on record
    period: list[Deployment] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def reached(inputs: Inputs) -> Production:
    """The deployments that count, with the reasons why the others do not."""
    names = {name.casefold() for name in inputs.rules.production}
    production = Production()
    kept = []
    for deployment in inputs.deployments or ():
        if deployment.environment is None:
            production.tally.leave_out(NO_ENVIRONMENT, deployment.key)
        elif deployment.environment.casefold() not in names:
            production.tally.leave_out(ELSEWHERE, deployment.key)
        elif not deployment.succeeded:
            production.tally.leave_out(NOT_REACHED, deployment.key)
        elif deployment.finished is None:
            production.tally.leave_out(NO_TIME, deployment.key)
        else:
            kept.append(deployment)
    kept.sort(key=lambda deployment: (deployment.end, deployment.key))
    seen: set[str] = set()
    for deployment in kept:
        production.by_key[deployment.key] = deployment
        if deployment.system not in seen:
            seen.add(deployment.system)
            production.first.add(deployment.key)
        if inputs.since <= deployment.end < inputs.until:
            production.period.append(deployment)
        else:
            production.tally.leave_out(OUTSIDE, deployment.key)
    return production


@dataclass
class Failures:
    """The incidents of each failed deployment of the period (empty for one that is only flagged)."""

    incidents: dict[str, list[Incident]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


def failures(inputs: Inputs, production: Production) -> Failures:
    """Which deployments of the period failed, by their own flag or by an incident that a change caused."""
    found = Failures()
    period = {deployment.key for deployment in production.period}
    for deployment in production.period:
        if deployment.failed:
            found.incidents[deployment.key] = []
    timelines = _timelines(production)
    for incident in inputs.incidents or ():
        if incident.change_caused is False:
            found.tally.leave_out(NOT_BY_CHANGE, incident.key)
            continue
        cause = _cause(incident, inputs, production, timelines)
        if cause in period:
            found.incidents.setdefault(cause, []).append(incident)
        elif cause in production.by_key or not inputs.since <= incident.began < inputs.until:
            found.tally.leave_out(BEFORE_OR_AFTER, incident.key)
        elif incident.change_caused or incident.caused_by is not None:
            found.tally.leave_out(DEPLOYMENT_UNKNOWN, incident.key)
        else:
            found.tally.leave_out(CAUSE_UNKNOWN, incident.key)
    return found


def _timelines(production: Production) -> dict[str, list[Deployment]]:
    """Production deployments of each system in time order."""
    timelines: dict[str, list[Deployment]] = defaultdict(list)
    for deployment in production.by_key.values():
        timelines[deployment.system].append(deployment)
    return timelines


def _cause(
    incident: Incident, inputs: Inputs, production: Production, timelines: dict[str, list[Deployment]]
) -> str | None:
    """The deployment an incident is held against under the rule in force, if any."""
    if incident.caused_by is not None:
        return incident.caused_by
    if inputs.rules.attribution is not Attribution.LAST_BEFORE or not incident.change_caused:
        return None
    timeline = timelines.get(incident.system, [])
    place = bisect_right(timeline, incident.began, key=lambda deployment: deployment.end)
    if place == 0:
        return None
    last = timeline[place - 1]
    near = incident.began - last.end <= timedelta(hours=inputs.rules.attribution_hours)
    return last.key if near else None
