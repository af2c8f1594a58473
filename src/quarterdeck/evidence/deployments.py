"""Reads deployments: what was put where, when, with what result, and whether it broke or repaired something."""

import polars as pl

from quarterdeck.evidence import records
from quarterdeck.evidence.records.outcomes import RESULTS
from quarterdeck.evidence.schema import Column

INSTANT = pl.Datetime("us", "UTC")
TEXT = pl.String()

ENVIRONMENTS = {
    "production": ("prod", "prd", "live", "生产", "生产环境", "线上"),
    "staging": ("stage", "stg", "preprod", "pre-production", "uat", "预发", "预发布", "预生产"),
    "testing": ("test", "tst", "qa", "测试", "测试环境"),
    "development": ("dev", "开发", "开发环境"),
}

SHAPE = records.Shape(
    "deployments",
    "Deployments of systems to environments, one row each.",
    (
        records.Field(
            Column("deployment", TEXT, "The deployment's identifier in its source."),
            ("deployment_id", "id", "部署编号", "发布编号", "部署"),
            needed=True,
        ),
        records.Field(
            Column("system", TEXT, "System or service deployed, as its source names it."),
            ("service", "component", "application", "app", "project", "cicd_scope_id", "系统", "服务", "应用"),
        ),
        records.Field(
            Column("repository", TEXT, "Repository the commit is in: a name or an address."),
            ("repo", "repo_url", "repository_url", "repo_id", "仓库", "代码仓库"),
        ),
        records.Field(
            Column("environment", TEXT, "production, staging, testing, development, or the source's own word."),
            ("env", "original_environment", "环境", "部署环境"),
            choice=ENVIRONMENTS,
        ),
        records.Field(
            Column("commit", TEXT, "Commit deployed, in hexadecimal."),
            ("commit_sha", "sha", "revision", "提交", "提交号"),
        ),
        records.Field(
            Column("version", TEXT, "Version, tag or branch deployed."), ("ref_name", "ref", "tag", "release", "版本")
        ),
        records.Field(
            Column("started", INSTANT, "When it began, UTC."),
            ("started_at", "started_date", "start", "start_time", "created_at", "created_date", "开始时间"),
        ),
        records.Field(
            Column("finished", INSTANT, "When it ended, UTC; empty while it runs or where the source does not say."),
            ("finished_at", "finished_date", "end", "end_time", "completed_at", "结束时间", "完成时间"),
        ),
        records.Field(
            Column("result", TEXT, "success, failure, cancelled, running, or the source's own word."),
            ("status", "state", "conclusion", "outcome", "结果", "部署结果", "状态"),
            choice=RESULTS,
        ),
        records.Field(
            Column("caused_incident", TEXT, "Identifier of the incident it caused; empty if none is known."),
            ("incident", "incident_id", "引发事件", "引发故障", "关联事件"),
        ),
        records.Field(
            Column("is_rework", pl.Boolean(), "Whether it was unplanned and repaired an earlier one; empty if unsaid."),
            ("rework", "hotfix", "unplanned", "是否返工", "紧急修复", "是否紧急"),
        ),
    ),
    key=("deployment", "system", "commit"),
    ordered=(("started", "finished"),),
    containers=("deployments", "items", "data", "values"),
)

READER = records.reader(
    "deployments",
    "Deployments",
    "部署记录",
    "CSV, JSON, JSON Lines or XLSX with one row a deployment, as deployment tools and pipelines export them.",
    SHAPE,
)
