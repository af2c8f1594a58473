"""Reads incidents: what went wrong, when it was noticed and ended, how grave it was, and what caused it."""

import polars as pl

from quarterdeck.evidence import records
from quarterdeck.evidence.batch import Problem
from quarterdeck.evidence.records.grids import Grid
from quarterdeck.evidence.schema import Column

INSTANT = pl.Datetime("us", "UTC")
TEXT = pl.String()

RANKS = {  # how tools and norms grade gravity → 1 (gravest) to 5
    1: ("1", "p1", "p0", "s1", "sev1", "sev-1", "sev 1", "critical", "blocker", "严重", "特别重大", "一级", "致命"),
    2: ("2", "p2", "s2", "sev2", "sev-2", "sev 2", "high", "major", "重大", "二级", "高"),
    3: ("3", "p3", "s3", "sev3", "sev-3", "sev 3", "medium", "moderate", "较大", "三级", "中", "一般"),
    4: ("4", "p4", "s4", "sev4", "sev-4", "sev 4", "low", "minor", "四级", "低", "轻微"),
    5: ("5", "p5", "s5", "sev5", "sev-5", "sev 5", "informational", "info", "trivial", "五级", "提示"),
}
RANK_OF = {word: rank for rank, words in RANKS.items() for word in words}

CAUSES = {
    "change": ("deployment", "release", "deploy", "code change", "变更", "发布", "上线"),
    "configuration": ("config", "misconfiguration", "配置", "配置错误"),
    "capacity": ("load", "overload", "scaling", "容量", "负载"),
    "dependency": ("third party", "third-party", "vendor", "supplier", "upstream", "依赖", "供应商", "第三方"),
    "hardware": ("device", "disk", "power", "硬件", "设备"),
    "network": ("dns", "connectivity", "网络"),
    "human": ("operator", "human error", "mistake", "人为", "误操作"),
    "security": ("attack", "breach", "malware", "安全", "攻击"),
    "data": ("database", "corruption", "数据", "数据库"),
    "unknown": ("unclear", "未知", "不明"),
}


def _complete(frame: pl.DataFrame, grid: Grid) -> tuple[pl.DataFrame, list[Problem]]:
    """Rank the severity; where only the last change of status is known, a resolved incident ended then."""
    rank = pl.col("severity").str.to_lowercase().replace_strict(RANK_OF, default=None, return_dtype=pl.Int64)
    ended = pl.when(pl.col("status") == "resolved").then(pl.col("status_changed"))
    frame = frame.with_columns(pl.col("severity_rank").fill_null(rank), resolved=pl.col("resolved").fill_null(ended))
    return frame, []


SHAPE = records.Shape(
    "incidents",
    "Incidents in operation, one row each.",
    (
        records.Field(
            Column("incident", TEXT, "The incident's identifier in its source."),
            ("incident_id", "incident_number", "id", "number", "key", "事件编号", "故障编号", "编号", "事件"),
            needed=True,
        ),
        records.Field(
            Column("title", TEXT, "What happened, in a line."), ("summary", "name", "标题", "事件标题", "概述")
        ),
        records.Field(
            Column("system", TEXT, "System or service that suffered, as its source names it."),
            ("service.summary", "service.name", "service", "application", "component", "系统", "服务", "受影响系统"),
        ),
        records.Field(
            Column("started", INSTANT, "When the harm began, UTC."),
            ("started_at", "start", "start_time", "occurred", "created_at", "created_date", "发生时间", "开始时间"),
            needed=True,
        ),
        records.Field(
            Column("detected", INSTANT, "When somebody or something noticed, UTC; empty if unsaid."),
            ("detected_at", "discovered", "reported", "reported_at", "发现时间", "检测时间"),
        ),
        records.Field(
            Column("resolved", INSTANT, "When service was restored, UTC; empty while it lasts."),
            ("resolved_at", "end", "end_time", "closed_at", "resolution_date", "restored", "恢复时间", "解决时间"),
        ),
        records.Field(
            Column("status", TEXT, "open, acknowledged, resolved, or the source's own word."),
            ("state", "状态"),
            choice={
                "open": ("triggered", "new", "active", "未处理", "新建"),
                "acknowledged": ("in progress", "in_progress", "investigating", "处理中", "已确认"),
                "resolved": ("closed", "done", "fixed", "已解决", "已关闭", "已恢复"),
            },
        ),
        records.Field(
            Column("status_changed", INSTANT, "When its status last changed, UTC; empty if unsaid."),
            ("last_status_change_at",),
        ),
        records.Field(
            Column("severity", TEXT, "How grave it was, in the source's own word."),
            ("sev", "priority", "urgency", "严重程度", "级别", "事件级别", "优先级"),
        ),
        records.Field(
            Column("severity_rank", pl.Int64(), "How grave: 1 (gravest) to 5, by the list of words; empty if unknown."),
            lowest=1,
            highest=5,
        ),
        records.Field(
            Column("cause", TEXT, "What caused it, in words."), ("root_cause", "原因", "根本原因", "故障原因")
        ),
        records.Field(
            Column("cause_category", TEXT, "Kind of cause: " + ", ".join(CAUSES) + ", or the source's own word."),
            ("cause_type", "category", "原因类别", "原因分类", "类别"),
            choice=CAUSES,
        ),
        records.Field(
            Column("caused_by_deployment", TEXT, "Identifier of the deployment that caused it; empty if none."),
            ("deployment", "deployment_id", "change", "change_id", "引发部署", "关联部署", "关联变更"),
        ),
        records.Field(
            Column("cost", pl.Decimal(38, 12), "What it cost, in the currency beside it; empty if unsaid."),
            ("loss", "损失", "损失金额", "费用"),
            lowest=0,
        ),
        records.Field(
            Column("currency", TEXT, "ISO 4217 code of the cost."),
            ("cost_currency", "币种", "货币"),
            currency_of="cost",
        ),
    ),
    key=("incident",),
    ordered=(("started", "detected"), ("started", "resolved")),
    containers=("incidents", "items", "data"),
    derive=_complete,
)

READER = records.reader(
    "incidents",
    "Incidents",
    "事件记录",
    "CSV, JSON, JSON Lines or XLSX with one row an incident; PagerDuty's list of incidents is taken as it is.",
    SHAPE,
)
