"""The delivery engine against published data, closed forms and other tools, and what must hold whatever the records."""

import csv
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from golden import compare
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.stats import chi2

from quarterdeck.engines import delivery
from quarterdeck.engines.delivery import (
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
    measure,
    metrics,
    production,
)
from quarterdeck.engines.delivery.interval import wilson

DOCS = Path(__file__).parents[2] / "docs" / "engines" / "delivery.md"
START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(weeks=8)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def excluded(figure: delivery.Figure) -> dict[str, int]:
    return {each.reason: each.count for each in figure.excluded}


# --- the five metrics -------------------------------------------------------------------------------------------------


def deployed(number: int, **others) -> Deployment:
    return Deployment(f"d{number}", at(number), "shop", "Production", **others)


FIVE = tuple(deployed(number) for number in (-3, 1, 8, 15, 22, 29))


def test_change_lead_time_and_what_it_leaves_out():
    changes = (
        Change("good", at(0), deployments=("d1", "d8")),
        Change("better", at(6), merged=at(7), deployments=("d8",)),
        Change("nowhere", at(2)),
        Change("unknown", at(2), deployments=("d99",)),
        Change("first", at(-9), deployments=("d-3",)),
        Change("undated", None, deployments=("d8",)),
        Change("backwards", at(9), deployments=("d8",)),
        Change("early", at(5), merged=at(9), deployments=("d8",)),
    )
    figure = measure(Inputs(START, END, changes, FIVE)).change_lead_time
    assert (figure.value, figure.unit, figure.included) == (36.0, "hours", 2)
    assert excluded(figure) == {
        metrics.NOT_DEPLOYED: 2,
        metrics.FIRST: 1,
        metrics.NO_COMMIT: 1,
        metrics.BEFORE_COMMIT: 1,
        metrics.BEFORE_MERGE: 1,
    }
    assert figure.included + sum(excluded(figure).values()) == len(changes)
    assert figure.excluded[0].examples == ("nowhere", "unknown")
    later = measure(Inputs(at(7.5), END, changes, FIVE)).change_lead_time
    assert (later.value, excluded(later)[production.OUTSIDE]) == (48.0, 1)


def test_deployment_frequency():
    others = (
        Deployment("staging", at(3), "shop", "staging"),
        Deployment("unsaid", at(3), "shop"),
        Deployment("broken", at(3), "shop", "production", succeeded=False),
        Deployment("undated", None, "shop", "production"),
    )
    figure = measure(Inputs(START, END, deployments=FIVE + others)).deployment_frequency
    assert (figure.value, figure.included) == (5 / 8, 5)
    assert excluded(figure) == {
        production.ELSEWHERE: 1,
        production.NO_ENVIRONMENT: 1,
        production.NOT_REACHED: 1,
        production.NO_TIME: 1,
        production.OUTSIDE: 1,
    }
    assert figure.low == pytest.approx(chi2.ppf(0.1, 10) / 16)
    assert figure.high == pytest.approx(chi2.ppf(0.9, 12) / 16)
    none = measure(Inputs(START, END, deployments=())).deployment_frequency
    assert (none.value, none.low, none.high) == (0.0, 0.0, pytest.approx(chi2.ppf(0.9, 2) / 16))


def test_change_fail_rate_and_recovery():
    incidents = (
        Incident("named", at(8.5), at(8.75), "shop", True, "d8"),
        Incident("again", at(9), at(9.5), "shop", None, "d8"),
        Incident("open", at(16), None, "shop", True, "d15"),
        Incident("power", at(17), at(18), "shop", False),
    )
    result = measure(Inputs(START, END, deployments=FIVE, incidents=incidents))
    rate = result.change_fail_rate
    assert (rate.value, rate.included, excluded(rate)[production.NOT_BY_CHANGE]) == (2 / 5, 5, 1)
    assert (rate.low, rate.high) == (wilson(2, 5, 0.8).low, wilson(2, 5, 0.8).high)
    recovery = result.failed_deployment_recovery_time
    assert (recovery.value, recovery.included) == (24.0, 1)  # from 8.5 to 9.5: first begin to last end
    assert excluded(recovery)[metrics.NOT_RECOVERED] == 1
    from_deployment = Rules(recovery_from=RecoveryFrom.DEPLOYMENT)
    other = measure(Inputs(START, END, deployments=FIVE, incidents=incidents, rules=from_deployment))
    assert other.failed_deployment_recovery_time.value == 36.0
    assert other.failed_deployment_recovery_time.rule != recovery.rule


def test_the_rule_of_attribution_changes_the_rate_and_travels_with_it():
    incidents = (
        Incident("near", at(8.5), at(9), "shop", True),
        Incident("far", at(20), at(21), "shop", True),
        Incident("other system", at(8.5), at(9), "cart", True),
        Incident("unsaid", at(15.1), at(16), "shop"),
    )
    inputs = Inputs(START, END, deployments=FIVE, incidents=incidents)
    named = measure(inputs).change_fail_rate
    assert named.value == 0.0
    assert excluded(named)[production.DEPLOYMENT_UNKNOWN] == 3
    assert named.high == wilson(4, 5, 0.8).high  # each of the four may be one more
    last = measure(replace(inputs, rules=Rules(attribution=Attribution.LAST_BEFORE))).change_fail_rate
    assert (last.value, last.high) == (1 / 5, wilson(4, 5, 0.8).high)
    assert last.rule != named.rule


def test_cannot_tell_and_what_is_missing():
    nothing = measure(Inputs(START, END))
    for figure in (
        nothing.change_lead_time,
        nothing.deployment_frequency,
        nothing.failed_deployment_recovery_time,
        nothing.change_fail_rate,
        nothing.deployment_rework_rate,
        *nothing.parts,
    ):
        assert (figure.value, figure.low, figure.high) == (None, None, None)
        assert figure.missing
        assert figure.rule
    assert nothing.flow is None
    bare = measure(Inputs(START, END, deployments=FIVE))
    assert bare.change_fail_rate.missing == metrics.NO_INCIDENTS
    assert bare.deployment_rework_rate.missing == metrics.NO_PLANNED
    calm = measure(Inputs(START, END, deployments=FIVE, incidents=()))
    assert calm.change_fail_rate.value == 0.0
    assert calm.failed_deployment_recovery_time.missing == metrics.NO_FAILURE
    silent = measure(Inputs(START, END, deployments=FIVE, incidents=(Incident("i", at(3), at(4), "shop"),)))
    assert silent.change_fail_rate.missing == metrics.NO_CAUSE
    assert measure(Inputs(START, END, deployments=(), incidents=())).change_fail_rate.missing == metrics.NONE_REACHED


def test_marked_failures_count_without_incidents():
    marked = (deployed(-3), deployed(1, failed=False), deployed(8, failed=True, recovered=at(8.5)), deployed(15))
    result = measure(Inputs(START, END, deployments=marked))
    assert (result.change_fail_rate.value, result.change_fail_rate.included) == (0.5, 2)
    assert excluded(result.change_fail_rate)[metrics.NOT_MARKED] == 1
    assert result.failed_deployment_recovery_time.value == 12.0


def test_rework_rate():
    deployments = (
        deployed(1, unplanned=False),
        deployed(2, unplanned=True),  # during the incident
        deployed(9, unplanned=True),  # no incident open
        deployed(10, follows="i"),
        deployed(11, unplanned=False, follows="i"),
        deployed(12),
    )
    incidents = (Incident("i", at(1.5), at(3), "shop", True, "d1"), Incident("j", at(8), at(10), "cart"))
    rate = measure(Inputs(START, END, deployments=deployments, incidents=incidents)).deployment_rework_rate
    assert (rate.value, rate.included) == (2 / 6, 6)
    unlinked = tuple(replace(each, follows=None) for each in deployments)
    rate = measure(Inputs(START, END, deployments=unlinked, incidents=incidents)).deployment_rework_rate
    assert (rate.value, rate.included, excluded(rate)[metrics.NOT_SAID]) == (1 / 4, 4, 2)


# --- published lead-time parts ----------------------------------------------------------------------------------------


def stamp(text: str) -> datetime | None:
    """A time as these files write it: 2023-4-13 7:29:14 or 2023-04-13T07:29:14.000+00:00."""
    if not text:
        return None
    day, clock = text[:19].replace("T", " ").split(" ")
    return datetime(*map(int, day.split("-")), *map(int, clock.split(":")), tzinfo=UTC)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


@pytest.fixture(scope="module")
def lead_times(shared_data) -> tuple[Inputs, list[dict[str, str]]]:
    """Pull requests, their commits, comments and deployments as Inputs; the published parts."""
    folder = shared_data / "11_dora" / "change_lead_time"
    scopes = {row["row_id"] for row in rows(folder / "project_mapping.csv") if row["project_name"] == "project1"}
    deployments = tuple(
        Deployment(
            row["commit_sha"],
            stamp(row["finished_date"]),
            f"{row['cicd_scope_id']} {row['repo_url']}",
            row["environment"] or None,
            row["result"] == "SUCCESS",
        )
        for row in rows(folder / "cicd_deployment_commits.csv")
        if row["cicd_scope_id"] in scopes
    )
    carried: dict[str, tuple[str, ...]] = {}
    for row in rows(folder / "commits_diffs.csv"):
        carried[row["commit_sha"]] = (*carried.get(row["commit_sha"], ()), row["new_commit_sha"])
    changes = []
    for row in rows(folder / "pull_requests.csv"):
        commits = [
            stamp(each["commit_authored_date"])
            for each in rows(folder / "pull_request_commits.csv")
            if each["pull_request_id"] == row["id"]
        ]
        reactions = [
            stamp(each["created_date"])
            for each in rows(folder / "pull_request_comments.csv")
            if each["pull_request_id"] == row["id"] and each["account_id"] != row["author_id"]
        ]
        changes.append(
            Change(
                row["id"],
                min(commits, default=None),
                stamp(row["created_date"]),
                min(reactions, default=None),
                stamp(row["merged_date"]),
                carried.get(row["merge_commit_sha"], ()),
            )
        )
    inputs = Inputs(stamp("2022-01-01 0:0:0"), stamp("2023-05-01 0:0:0"), tuple(changes), deployments)
    return inputs, rows(folder / "project_pr_metrics.csv")


def test_published_lead_time_parts(lead_times):
    inputs, expected = lead_times
    reach = production.reached(inputs)
    assert {row["id"] for row in expected} == {change.key for change in inputs.changes if change.merged}
    by_key = {change.key: change for change in inputs.changes}
    for row in expected:
        change = by_key[row["id"]]
        deployment = metrics.first_deployment(change, reach)
        if deployment is not None and deployment.key in reach.first:
            deployment = None
        assert (deployment.finished if deployment else None) == stamp(row["pr_deployed_date"]), row["id"]
        found = delivery.parts_of(change, deployment.finished if deployment else None)
        got = [found.coding, found.pickup, found.review, found.deploy, found.cycle]
        minutes = ["" if span is None else str(math.ceil(span / timedelta(minutes=1))) for span in got]
        columns = ("pr_coding_time", "pr_pickup_time", "pr_review_time", "pr_deploy_time", "pr_cycle_time")
        assert minutes == [row[column] for column in columns], row["id"]
    assert delivery.parts_of(by_key["pr6"], None) is None


def test_figures_over_the_published_pull_requests(lead_times):
    inputs, _ = lead_times
    result = measure(inputs)
    lead = result.change_lead_time
    assert lead.included == 1
    assert lead.value == pytest.approx((3 * 24 * 60 + 2 * 60 + 37 + 27 / 60) / 60)  # pull request 1, the only sound one
    assert excluded(lead) == {
        metrics.NOT_DEPLOYED: 3,
        metrics.FIRST: 1,
        metrics.BEFORE_MERGE: 1,
        metrics.COMMIT_AFTER_MERGE: 1,
    }
    assert [figure.included for figure in result.parts] == [5, 3, 4, 2, 6]


# --- what must always hold --------------------------------------------------------------------------------------------

moments = st.floats(-10, 70).map(at)
maybe = st.none() | moments


@st.composite
def records(draw):
    deployments = tuple(
        Deployment(
            f"d{number}",
            draw(maybe),
            draw(st.sampled_from(["shop", "cart"])),
            draw(st.sampled_from(["production", "staging", None])),
            draw(st.booleans()),
            draw(st.none() | st.booleans()),
            draw(maybe),
            draw(st.none() | st.booleans()),
            draw(st.sampled_from([None, "i0", "i1"])),
        )
        for number in range(draw(st.integers(0, 8)))
    )
    keys = st.sampled_from([None, *(each.key for each in deployments), "d99"])
    incidents = tuple(
        Incident(f"i{number}", draw(moments), draw(maybe), "shop", draw(st.none() | st.booleans()), draw(keys))
        for number in range(draw(st.integers(0, 5)))
    )
    changes = tuple(
        Change(f"c{number}", draw(maybe), draw(maybe), draw(maybe), draw(maybe), tuple(filter(None, [draw(keys)])))
        for number in range(draw(st.integers(0, 6)))
    )
    items = tuple(
        Item(f"t{number}", draw(maybe), draw(maybe), draw(maybe)) for number in range(draw(st.integers(0, 8)))
    )
    rules = Rules(attribution=draw(st.sampled_from(Attribution)), cycle_from=draw(st.sampled_from(CycleFrom)))
    some = [draw(st.booleans()) for _ in range(4)]
    given = [
        each if wanted else None for each, wanted in zip((changes, deployments, incidents, items), some, strict=True)
    ]
    return Inputs(START, END, *given, rules=rules)


def figures(result: delivery.Result) -> list[delivery.Figure]:
    flow = result.flow
    of_flow = [*flow.cycle_time, flow.throughput, flow.in_progress, flow.average_in_progress] if flow else []
    return [
        result.change_lead_time,
        result.deployment_frequency,
        result.failed_deployment_recovery_time,
        result.change_fail_rate,
        result.deployment_rework_rate,
        *result.parts,
        *of_flow,
    ]


@given(records())
@settings(max_examples=200, deadline=None)
def test_whatever_the_records(inputs):
    result = measure(inputs)
    for figure in figures(result):
        assert (figure.value is None) == bool(figure.missing), figure
        assert figure.rule
        assert all(each.count >= len(each.examples) > 0 for each in figure.excluded)
        if figure.value is not None:
            assert figure.value >= 0
            assert figure.low is None or figure.low <= figure.value + 1e-12
            assert figure.high is None or figure.high >= figure.value - 1e-12
            assert figure.unit != "share" or figure.high <= 1
    if inputs.changes is not None and inputs.deployments is not None:
        lead = result.change_lead_time
        assert lead.included + sum(excluded(lead).values()) == len(inputs.changes)
    if inputs.deployments is not None:
        often = result.deployment_frequency
        assert often.included + sum(excluded(often).values()) == len(inputs.deployments)
    if inputs.items is not None:
        cycle = result.flow.cycle_time[0]
        assert cycle.included + sum(excluded(cycle).values()) == len(inputs.items)


@given(records(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_records_does_not_matter(inputs, chance):
    def mixed(some):
        return None if some is None else tuple(chance.sample(some, len(some)))

    other = replace(
        inputs,
        changes=mixed(inputs.changes),
        deployments=mixed(inputs.deployments),
        incidents=mixed(inputs.incidents),
        items=mixed(inputs.items),
    )
    for one, two in zip(figures(measure(inputs)), figures(measure(other)), strict=True):
        assert (one.value, one.low, one.high, one.included) == pytest.approx(
            (two.value, two.low, two.high, two.included)
        )
        assert excluded(one) == excluded(two)


def test_inputs_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        Inputs(datetime(2026, 1, 1), END)
    with pytest.raises(ValueError, match="empty"):
        Inputs(END, START)
    with pytest.raises(ValueError, match="items with the same key: a"):
        Inputs(START, END, items=(Item("a", None), Item("a", None)))
    with pytest.raises(ValueError, match="remaining"):
        Outlook(-1)


def test_inputs_and_result_survive_json():
    inputs = example()
    adapter = TypeAdapter(Inputs)
    assert adapter.validate_json(adapter.dump_json(inputs)) == inputs
    assert adapter.json_schema()["properties"].keys() >= {"changes", "deployments", "outlook"}
    result = TypeAdapter(delivery.Result)
    assert result.validate_json(result.dump_json(measure(inputs))) == measure(inputs)


def test_progress_ends_at_one():
    seen = []
    measure(example(), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


# --- the documented example -------------------------------------------------------------------------------------------


def example() -> Inputs:
    """The quarter of the page docs/engines/delivery.md."""
    until = START + timedelta(weeks=13)
    deployments = tuple(
        Deployment(f"d{number}", at(3.5 * number), "shop", "production", unplanned=number in (8, 15))
        for number in range(-1, 26)
    )
    changes = tuple(
        Change(f"c{number}", at(number - 0.3 - number % 5), deployments=(f"d{math.ceil(number / 3.5)}",))
        for number in range(1, 86)
    )
    incidents = (
        Incident("i1", at(27), at(28.25), "shop", True, "d7"),
        Incident("i2", at(52.3), at(52.6), "shop", True, "d14"),
        Incident("i3", at(60), at(61), "shop", False),
        Incident("i4", at(70), at(70.2), "shop"),
    )
    items = tuple(
        Item(f"t{number}", at(number / 2 - 5), at(number / 2), at(number / 2 + 1 + number * 7 % 11), number % 60 < 20)
        for number in range(180)
    )
    return Inputs(START, until, changes, deployments, incidents, items, outlook=Outlook(40))


def documented(result: delivery.Result) -> list[str]:
    """The lines of the page that hold figures."""
    lines = []
    for figure in (
        figures(result)[:5] + list(result.flow.cycle_time) + [result.flow.throughput, result.operations_share]
    ):
        low, high = ("open" if bound is None else f"{bound:.3f}" for bound in (figure.low, figure.high))
        left = ", ".join(f"{each.count} {each.reason}" for each in figure.excluded) or "none"
        lines.append(
            f"| {figure.name} | {figure.value:.3f} {figure.unit} | {low} to {high} | {figure.included} | {left} |"
        )
    forecast = result.forecast
    lines += [f"| {each.probability:.0%} | {each.finish:%Y-%m-%d} |" for each in forecast.finish]
    lines.append(f"dividing by the average gives {forecast.at_average:%Y-%m-%d}, kept with probability ")
    lines.append(f"{forecast.at_average_probability:.2f}")
    return lines


def test_the_documented_example():
    text = DOCS.read_text(encoding="utf-8")
    for line in documented(measure(example())):
        assert line in text, line


def test_golden():
    compare("delivery", measure(example()))
