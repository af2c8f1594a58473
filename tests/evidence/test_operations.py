"""Deployments, incidents, reviews, builds and backups: published inputs read as they stand, words in two languages."""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from quarterdeck.evidence import backups, builds, deployments, incidents, reviews
from quarterdeck.evidence.batch import Problem, Reader


def take(reader: Reader, path: Path) -> tuple[pl.DataFrame, list[Problem]]:
    batch = reader.read(path, None)
    frames = [part.frame for part in batch.parts]
    return pl.concat(frames), batch.problems


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


class TestDeployments:
    def test_published_deployments(self, shared_data: Path) -> None:
        path = shared_data / "11_dora/github_deployments/cicd_deployment_commits.csv"
        frame, problems = take(deployments.READER, path)
        raw = list(csv.DictReader(path.open()))
        assert frame["deployment"].to_list() == [row["id"] for row in raw]
        assert frame["commit"].to_list() == [row["commit_sha"] for row in raw]
        assert frame["result"].value_counts().sort("result").rows() == _counts(row["result"] for row in raw)
        assert frame["started"].to_list() == [_moment(row["started_date"]) for row in raw]
        assert frame["finished"].to_list() == [_moment(row["finished_date"]) for row in raw]
        assert [problem.line for problem in problems] == [1]

    @pytest.mark.parametrize(
        ("name", "rows"),
        [
            ("github_deployments/cicd_deployment_commits.csv", 100),
            ("gitlab_cicd/cicd_deployments.csv", 8),
            ("gitlab_cicd/cicd_deployment_commits.csv", 8),
            ("bitbucket_cicd/cicd_deployments_for_deployment.csv", 27),
            ("bitbucket_cicd/cicd_deployment_commits_for_deployment.csv", 27),
            ("deployment_generator/cicd_deployment_commits.csv", 6),
            ("change_lead_time/cicd_deployment_commits.csv", 16),
        ],
    )
    def test_deployments_published_of_every_tool(self, shared_data: Path, name: str, rows: int) -> None:
        path = shared_data / "11_dora" / name
        frame, problems = take(deployments.READER, path)
        raw = list(csv.DictReader(path.open()))
        assert frame.height == len(raw) == rows
        assert frame["deployment"].to_list() == [row["id"] for row in raw]
        for column, heading in (("commit", "commit_sha"), ("version", "ref_name"), ("repository", "repo_url")):
            if heading in raw[0]:
                assert frame[column].to_list() == [row[heading] or None for row in raw]
        for row, taken in zip(raw, frame.iter_rows(named=True), strict=True):
            assert taken["result"] == (row["result"].lower() or None)
            assert taken["environment"] == (row["environment"].lower() or None)
            assert taken["started"] == _moment(row.get("started_date", ""))
            assert taken["finished"] == _moment(row.get("finished_date", ""))
        assert {problem.reason.partition(":")[0] for problem in problems} <= {
            "columns not read",
            "the last line has no line end",
        }

    def test_days_written_without_zeros(self, shared_data: Path) -> None:
        frame, _ = take(reviews.READER, shared_data / "11_dora/change_lead_time/pull_requests.csv")
        row = frame.row(1, named=True)
        assert row["opened"] == datetime(2023, 4, 11, 4, 51, 47, tzinfo=UTC)
        assert row["merged"] == datetime(2023, 4, 11, 5, 51, 47, tzinfo=UTC)
        assert (row["change"], row["author"], row["repository"]) == ("pr1", "a", "repo1")

    def test_chinese(self, tmp_path: Path) -> None:
        text = "部署编号,系统,环境,提交,完成时间,结果,紧急修复\nD1,支付,生产,abc,2026年3月1日 08:00,成功,否\n"
        frame, problems = take(deployments.READER, write(tmp_path, "部署.csv", text, "gb18030"))
        row = frame.row(0, named=True)
        assert (row["deployment"], row["system"], row["environment"]) == ("D1", "支付", "production")
        assert (row["result"], row["is_rework"]) == ("success", False)
        assert row["finished"] == datetime(2026, 3, 1, 8, tzinfo=UTC)
        assert problems == []


def _counts(values: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(value.lower() for value in values).items())


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class TestIncidents:
    def test_published_pagerduty_incidents(self, shared_data: Path) -> None:
        folder = shared_data / "08_incidents_kev/pagerduty"
        frame, problems = take(incidents.READER, folder / "input_incidents.json")
        expected = list(csv.DictReader((folder / "expected_incidents.csv").open()))
        status = {"TODO": "open", "IN_PROGRESS": "acknowledged", "DONE": "resolved"}
        assert problems == []
        assert frame["incident"].to_list() == [row["issue_key"] for row in expected]
        assert frame["started"].to_list() == [_moment(row["created_date"]) for row in expected]
        assert frame["resolved"].to_list() == [_moment(row["resolution_date"]) for row in expected]
        assert frame["status"].to_list() == [status[row["status"]] for row in expected]
        assert frame["severity"].to_list() == [row["urgency"] for row in expected]
        assert set(frame["system"]) == {"DevService"}
        resolved = frame.filter(pl.col("status") == "resolved")
        minutes = (resolved["resolved"] - resolved["started"]).dt.total_minutes().to_list()
        assert minutes == [int(row["lead_time_minutes"]) for row in expected if row["lead_time_minutes"]]
        assert frame["status_changed"].to_list() == [_moment(row["updated_date"]) for row in expected]

    def test_severity_cause_and_cost(self, tmp_path: Path) -> None:
        text = (
            "incident,system,started,detected,resolved,severity,cause_category,cost_eur,caused_by_deployment\n"
            "I1,shop,2026-01-01T00:00Z,2026-01-01T00:05Z,2026-01-01T01:00Z,SEV1,上线,1200.50,D1\n"
            "I2,shop,2026-01-02T00:00Z,2026-01-01T00:05Z,,weird,solar flare,-5,\n"
        )
        frame, problems = take(incidents.READER, write(tmp_path, "incidents.csv", text))
        assert frame["severity_rank"].to_list() == [1, None]
        assert frame["cause_category"].to_list() == ["change", "solar flare"]
        assert frame.select("cost", "currency").rows() == [(Decimal("1200.5"), "EUR"), (None, "EUR")]
        assert [problem.line for problem in problems] == [3, 3]


class TestBuildsAndBackups:
    @pytest.mark.parametrize("name", ["gitlab_cicd", "bitbucket_cicd", "deployment_generator"])
    def test_published_pipelines(self, shared_data: Path, name: str) -> None:
        path = shared_data / "11_dora" / name / "cicd_pipelines.csv"
        frame, _ = take(builds.READER, path)
        raw = list(csv.DictReader(path.open()))
        results = {"SUCCESS": "success", "FAILURE": "failure", "SKIPPED": "cancelled", "": None}
        assert frame["build"].to_list() == [row["id"] for row in raw]
        assert frame["duration_seconds"].to_list() == [float(row["duration_sec"]) for row in raw]
        assert frame["finished"].to_list() == [_moment(row.get("finished_date", "")) for row in raw]
        assert frame["started"].to_list() == [
            _moment(row.get("started_date", row.get("created_date", ""))) for row in raw
        ]
        told = [row["result"] or None for row in raw]
        assert [result for result, said in zip(frame["result"], told, strict=True) if said] == [
            results[said] for said in told if said
        ]

    def test_backups(self, tmp_path: Path) -> None:
        text = (
            "系统,备份时间,备份类型,大小,恢复测试时间,恢复测试结果\n"
            "支付,2026-01-01 02:00,全量,1048576,2026-01-05,成功\n"
            "支付,2026-01-02 02:00,增量,,2026-01-01,失败\n"
            "支付,,增量,,,\n"
        )
        frame, problems = take(backups.READER, write(tmp_path, "backups.csv", text))
        assert frame.select("kind", "size", "restore_result").rows() == [
            ("full", 1_048_576, "success"),
            ("incremental", None, "failure"),
        ]
        assert [problem.line for problem in problems] == [3, 4]
