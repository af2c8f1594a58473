"""Reads builds: which commit was built and tested, when, with what result."""

import polars as pl

from quarterdeck.evidence import records
from quarterdeck.evidence.records.outcomes import RESULTS
from quarterdeck.evidence.schema import Column

INSTANT = pl.Datetime("us", "UTC")
TEXT = pl.String()

SHAPE = records.Shape(
    "builds",
    "Runs of build and test pipelines, one row each.",
    (
        records.Field(
            Column("build", TEXT, "The build's identifier in its source."),
            ("build_id", "run_id", "pipeline_id", "id", "number", "构建编号", "流水线编号", "构建"),
            needed=True,
        ),
        records.Field(
            Column("pipeline", TEXT, "Name of the pipeline or workflow."), ("workflow", "job", "name", "流水线", "任务")
        ),
        records.Field(
            Column("system", TEXT, "System built, as its source names it."),
            ("service", "component", "application", "project", "cicd_scope_id", "系统", "服务", "应用"),
        ),
        records.Field(
            Column("repository", TEXT, "Repository built: a name or an address."),
            ("repository.full_name", "repo", "repo_url", "repository_url", "仓库", "代码仓库"),
        ),
        records.Field(
            Column("commit", TEXT, "Commit built, in hexadecimal."),
            ("head_sha", "commit_sha", "sha", "revision", "提交", "提交号"),
        ),
        records.Field(Column("branch", TEXT, "Branch built."), ("head_branch", "ref", "ref_name", "分支")),
        records.Field(
            Column("started", INSTANT, "When it began, UTC."),
            ("started_at", "run_started_at", "started_date", "start_time", "created_at", "created_date", "开始时间"),
        ),
        records.Field(
            Column("finished", INSTANT, "When it ended, UTC."),
            ("finished_at", "finished_date", "end_time", "completed_at", "updated_at", "结束时间", "完成时间"),
        ),
        records.Field(
            Column("result", TEXT, "success, failure, cancelled, running, or the source's own word."),
            ("conclusion", "status", "state", "outcome", "结果", "构建结果", "状态"),
            choice=RESULTS,
        ),
        records.Field(
            Column("duration_seconds", pl.Float64(), "How long it took, in seconds, as the source says."),
            ("duration_sec", "duration", "耗时秒", "时长"),
            lowest=0,
        ),
        records.Field(
            Column("tests_run", pl.Int64(), "Tests that were run."), ("tests", "test_count", "测试数"), lowest=0
        ),
        records.Field(
            Column("tests_failed", pl.Int64(), "Tests that failed."), ("failures", "test_failures", "失败数"), lowest=0
        ),
        records.Field(
            Column("coverage", pl.Float64(), "Lines covered by tests, in percent (0 to 100)."),
            ("line_coverage", "coverage_percent", "覆盖率"),
            lowest=0,
            highest=100,
        ),
    ),
    key=("build", "system"),
    ordered=(("started", "finished"),),
    containers=("builds", "workflow_runs", "pipelines", "items", "data", "values"),
)

READER = records.reader(
    "builds",
    "Builds and tests",
    "构建与测试",
    "CSV, JSON, JSON Lines or XLSX with one row a build; GitHub's list of workflow runs is taken as it is.",
    SHAPE,
)
