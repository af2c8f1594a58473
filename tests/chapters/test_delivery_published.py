"""Published deliveries from files to figures: read, collected, gathered and measured, against the published parts."""

import csv
import math
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from quarterdeck.chapters.innovation.projects import delivery as chapter
from quarterdeck.engines import delivery
from quarterdeck.engines.delivery import metrics, production
from quarterdeck.evidence import deployments, git, reviews
from quarterdeck.kinds.roles import company
from quarterdeck.lake.collect import collect
from quarterdeck.runs.analysis import Gathering

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "evidence"))
from histories import History
from histories import git as run

pytestmark = pytest.mark.django_db

COLUMNS = {
    "pr_coding_time": "coding",
    "pr_pickup_time": "pickup",
    "pr_review_time": "review",
    "pr_deploy_time": "deploy",
    "pr_cycle_time": "cycle",
}
LINES = (  # branches of a history that has the published differences between deployed commits; "pr0" is a merge
    ("main", "", ("start", "pr0", "commit1", "pr1", "pr2", "commit5", "commit9")),
    ("second", "start", ("commit2", "pr3", "commit6", "commit10")),
    ("staging", "commit5", ("commit7", "pr4", "commit8")),
    ("failed", "start", ("pr5", "commit11")),
)
EARLY, LATE = date(2022, 2, 20), date(2023, 4, 20)  # days from which all published changes are seen


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


def stamp(text: str) -> datetime | None:
    """A time as these files write it: 2023-4-13 7:29:14 or 2023-04-13T07:29:14.000+00:00."""
    if not text:
        return None
    day, clock = text[:19].replace("T", " ").split(" ")
    return datetime(*map(int, [*day.split("-"), *clock.split(":")]), tzinfo=UTC)


def seconds(text: str) -> int:
    found = stamp(text)
    assert found is not None
    return int(found.timestamp())


def repository(folder: Path, published: Path) -> tuple[Path, dict[str, str]]:
    """A repository in which each merge brings the published commits of its pull request; names of commits in it."""
    history, marks = History(), {}
    requests = {row["id"]: row for row in rows(published / "pull_requests.csv")}
    own = rows(published / "pull_request_commits.csv")
    for branch, start, names in LINES:
        tip = marks.get(start)
        for name in names:
            parents = [tip] if tip else []
            given: dict[str, Any] = {"branch": branch, "parents": parents, "subject": name.encode()}
            if name in requests:
                request, before = requests[name], tip
                for row in (row for row in own if row["pull_request_id"] == name):
                    at = seconds(row["commit_authored_date"])
                    before = history.commit({}, subject=row["commit_sha"].encode(), at=at, parents=[before], branch="x")
                given |= {"parents": [*parents, before], "subject": request["merge_commit_sha"].encode()}
                given |= {"at": seconds(request["merged_date"])}
            tip = marks[name] = history.commit({}, **given)
    place = history.write(folder / "repo1")
    log = run(place, "log", "--all", "--format=%s %H").decode().split("\n")
    return place, dict(line.split(" ") for line in log if line)


def write(path: Path, found: Iterable[dict[str, str]]) -> Path:
    made = list(found)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
    return path


def answered(published: Path, names: dict[str, str]) -> Iterable[dict[str, str]]:
    """The pull requests with their comments beside them: one row a comment, or one row."""
    comments = rows(published / "pull_request_comments.csv")
    for row in rows(published / "pull_requests.csv"):
        row["merge_commit_sha"] = names.get(row["merge_commit_sha"], "")
        mine = [each for each in comments if each["pull_request_id"] == row["id"]]
        for each in mine or [{"account_id": "", "created_date": ""}]:
            yield {**row, "reviewer": each["account_id"], "reviewed_at": each["created_date"]}


def gathered(today: date, **parameters: str) -> delivery.Inputs:
    taken = Gathering(company, today, {"system": "", **parameters}, delivery)
    inputs = chapter.gather(taken)
    assert {f"table:{name}" for name in ("deployments", "reviews", "incidents", "issues")} <= {
        one.what for one in taken.rested
    }
    return inputs


@pytest.fixture
def requests(shared_data: Path, tmp_path: Path) -> SimpleNamespace:
    """The published pull requests, their history and their deployments, collected."""
    published = shared_data / "11_dora" / "change_lead_time"
    place, names = repository(tmp_path, published)
    deployed = [
        {**row, "commit_sha": names.get(row["commit_sha"], row["commit_sha"])}
        for row in rows(published / "cicd_deployment_commits.csv")
    ]
    collect(git.READER, place, by="tests")
    collect(reviews.READER, write(tmp_path / "reviews.csv", answered(published, names)), by="tests")
    collect(deployments.READER, write(tmp_path / "deployments.csv", deployed), by="tests")
    return SimpleNamespace(published=published, place=place, names=names)


def test_the_history_has_the_published_differences(requests: SimpleNamespace) -> None:
    merges = {row["merge_commit_sha"] for row in rows(requests.published / "pull_requests.csv")}
    wanted: dict[tuple[str, str], set[str]] = {}
    for row in rows(requests.published / "commits_diffs.csv"):
        wanted.setdefault((row["old_commit_sha"], row["new_commit_sha"]), set()).add(row["commit_sha"])
    for (old, new), brought in wanted.items():
        ends = [requests.names[new], *([f"^{requests.names[old]}"] if old else [])]
        listed = run(requests.place, "log", "--format=%s", *ends).decode().split()
        assert merges.intersection(listed) == brought, (old, new)


def test_published_lead_time_parts_from_the_files(requests: SimpleNamespace) -> None:
    expected = {row["id"]: row for row in rows(requests.published / "project_pr_metrics.csv")}
    changes, reach = {}, {}
    for today in (EARLY, LATE):
        inputs = gathered(today)
        for change in inputs.changes or ():
            changes[change.key.split("/")[-1]] = change
            reach[change.key.split("/")[-1]] = production.reached(inputs)
    assert changes.keys() == expected.keys()
    for key, row in expected.items():
        change = changes[key]
        deployment = metrics.first_deployment(change, reach[key])
        if deployment is not None and deployment.key in reach[key].first:
            deployment = None  # the published parts count no deployment without one before it
        deployed = deployment.finished if deployment else None
        assert deployed == stamp(row["pr_deployed_date"]), key
        assert deployment is None or deployment.key == f"cicd1/{row['deployment_commit_id']}"
        assert change.written == stamp(row["first_commit_authored_date"]), key
        assert change.reviewed == stamp(row["first_comment_date"]), key
        found = delivery.parts_of(change, deployed)
        for column, part in COLUMNS.items():
            span = getattr(found, part)
            assert ("" if span is None else str(math.ceil(span / timedelta(minutes=1)))) == row[column], (key, column)
        assert change.assumed == (), key


def test_the_lead_time_of_the_published_pull_requests(requests: SimpleNamespace) -> None:
    lead = delivery.measure(gathered(LATE)).change_lead_time
    first, deployed = datetime(2023, 4, 10, 4, 51, 47, tzinfo=UTC), datetime(2023, 4, 13, 7, 29, 14, tzinfo=UTC)
    assert (lead.included, lead.assumed) == (1, ())
    assert lead.value == pytest.approx((deployed - first) / timedelta(hours=1))
    assert {each.reason: each.count for each in lead.excluded} == {
        metrics.NOT_DEPLOYED: 2,
        metrics.BEFORE_MERGE: 1,
        metrics.COMMIT_AFTER_MERGE: 1,
    }


def test_published_deployments_of_a_site(shared_data: Path) -> None:
    path = shared_data / "11_dora" / "github_deployments" / "cicd_deployment_commits.csv"
    collect(deployments.READER, path, by="tests")
    inputs = gathered(date(2023, 10, 31))
    often = delivery.measure(inputs).deployment_frequency
    assert often.value == 0.0, "its environment is no production environment by the words that are known"
    assert {each.reason: each.count for each in often.excluded} == {production.ELSEWHERE: 100}
    named = replace(inputs, rules=replace(inputs.rules, production=("github-pages",)))
    often = delivery.measure(named).deployment_frequency
    results = Counter(row["result"] for row in rows(path) if _within(row["finished_date"], inputs))
    assert often.included == results["SUCCESS"] > 50
    assert often.value == pytest.approx(results["SUCCESS"] / chapter.WEEKS)


def _within(text: str, inputs: delivery.Inputs) -> bool:
    found = stamp(text)
    return found is not None and inputs.since <= found < inputs.until


def test_published_deployments_made_of_pipelines(shared_data: Path) -> None:
    path = shared_data / "11_dora" / "deployment_generator" / "cicd_deployment_commits.csv"
    collect(deployments.READER, path, by="tests")
    often = delivery.measure(gathered(date(2022, 4, 1))).deployment_frequency
    raw = rows(path)
    assert often.value == 0.0
    assert {each.reason: each.count for each in often.excluded} == {
        production.NOT_REACHED: sum(row["environment"] == "PRODUCTION" and row["result"] == "FAILURE" for row in raw),
        production.NO_ENVIRONMENT: sum(not row["environment"] for row in raw),
    }
