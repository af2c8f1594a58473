"""Delivery: how fast and how safely do changes reach production, how does work flow, and when is the rest finished?

Method: medians and percentiles with distribution-free intervals from order statistics, shares with Wilson score
intervals, weekly rates with a bootstrap over whole weeks, finish dates by simulation from weekly throughput with a
back-test. Source: the five delivery metrics (DORA) as defined on dora.dev in the version of January 2026; the
statistical sources stand with each function. Limits: it measures what the records say and names what they do not; it
does not match changes, deployments and incidents to each other beyond the rules that travel with each figure; weeks are
not cleaned of holidays; the forecast takes the remaining number of items as fixed, and pace to change as it has
changed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from quarterdeck.engines.delivery.figure import Excluded, Figure
from quarterdeck.engines.delivery.flow import Ageing, Flow, measure_flow
from quarterdeck.engines.delivery.forecast import BackTest, FinishDate, Forecast, forecast_finish
from quarterdeck.engines.delivery.interval import RESAMPLES
from quarterdeck.engines.delivery.metrics import (
    change_fail_rate,
    change_lead_time,
    deployment_frequency,
    recovery_time,
    rework_rate,
)
from quarterdeck.engines.delivery.parts import Parts, part_figures, parts_of
from quarterdeck.engines.delivery.production import failures, reached
from quarterdeck.engines.delivery.records import (
    Assumption,
    Attribution,
    Change,
    CycleFrom,
    Deployment,
    Incident,
    Inputs,
    Item,
    Outlook,
    RecoveryFrom,
    Rules,
)
from quarterdeck.engines.delivery.upkeep import operations_share
from quarterdeck.engines.delivery.weeks import Count

VERSION = "2"


@dataclass(frozen=True)
class Checks:
    """How accurate the result is.

    weeks: complete weeks of the period. resamples: of each bootstrap. littles_law: average work in progress over
    throughput times mean cycle time, near 1 in a steady flow. forecast_error: standard error of a forecast probability
    near one half. forecast_coverage: share of past forecasts that held, to be compared with the asked confidence.
    horizon_share: share of trials cut at the horizon.
    """

    weeks: int
    resamples: int
    littles_law: float | None
    forecast_error: float | None
    forecast_coverage: float | None
    horizon_share: float | None


@dataclass(frozen=True)
class Result:
    """The five metrics, the parts of a change's way to production, flow, and the forecast."""

    change_lead_time: Figure
    deployment_frequency: Figure
    failed_deployment_recovery_time: Figure
    change_fail_rate: Figure
    deployment_rework_rate: Figure
    operations_share: Figure
    parts: tuple[Figure, ...]
    flow: Flow | None
    forecast: Forecast | None
    checks: Checks


def measure(inputs: Inputs, progress: Callable[[float], None] | None = None) -> Result:
    """Measure delivery over a period; figures that the data cannot tell have value None and say what is missing.

    progress: called with the share done, from 0 to 1. Raises ValueError for an empty period, a period without a zone,
    or two records of one sort with the same key (when the Inputs are made), TypeError for a record's time without a
    zone.
    """
    production = reached(inputs)
    failed = failures(inputs, production)
    flowing = measure_flow(inputs)
    outlook = forecast_finish(inputs, progress)
    result = Result(
        change_lead_time(inputs, production),
        deployment_frequency(inputs, production),
        recovery_time(inputs, production, failed),
        change_fail_rate(inputs, production, failed),
        rework_rate(inputs, production),
        operations_share(inputs),
        part_figures(inputs, production),
        flowing,
        outlook,
        _checks(inputs, flowing, outlook),
    )
    if progress is not None:
        progress(1.0)
    return result


def _checks(inputs: Inputs, flowing: Flow | None, outlook: Forecast | None) -> Checks:
    """The checks that travel with the result."""
    return Checks(
        (inputs.until - inputs.since).days // 7,
        RESAMPLES,
        flowing.littles_law if flowing is not None else None,
        outlook.standard_error if outlook is not None else None,
        outlook.back_test.coverage if outlook is not None and outlook.back_test is not None else None,
        outlook.horizon_share if outlook is not None else None,
    )


__all__ = [
    "VERSION",
    "Ageing",
    "Assumption",
    "Attribution",
    "BackTest",
    "Change",
    "Checks",
    "Count",
    "CycleFrom",
    "Deployment",
    "Excluded",
    "Figure",
    "FinishDate",
    "Flow",
    "Forecast",
    "Incident",
    "Inputs",
    "Item",
    "Outlook",
    "Parts",
    "RecoveryFrom",
    "Result",
    "Rules",
    "measure",
    "parts_of",
]
