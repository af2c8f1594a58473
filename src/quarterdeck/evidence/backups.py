"""Reads backups: what was copied when, and whether a restore from it was ever tried."""

import polars as pl

from quarterdeck.evidence import records
from quarterdeck.evidence.records.outcomes import COPY_RESULTS
from quarterdeck.evidence.schema import Column

INSTANT = pl.Datetime("us", "UTC")
TEXT = pl.String()

SHAPE = records.Shape(
    "backups",
    "Copies taken of systems' data, one row each, with the last attempt to restore from it.",
    (
        records.Field(
            Column("backup", TEXT, "The copy's identifier in its source; empty if it has none."),
            ("backup_id", "id", "job_id", "备份编号"),
        ),
        records.Field(
            Column("system", TEXT, "System whose data was copied, as its source names it."),
            ("service", "component", "application", "database", "vm", "host", "系统", "服务", "应用", "数据库"),
            needed=True,
        ),
        records.Field(
            Column("taken", INSTANT, "When the copy was complete, UTC."),
            ("taken_at", "completed_at", "finished", "finished_at", "created_at", "date", "备份时间", "完成时间"),
            needed=True,
        ),
        records.Field(
            Column("kind", TEXT, "full, incremental, differential, snapshot, log, or the source's own word."),
            ("type", "backup_type", "备份类型", "类型"),
            choice={
                "full": ("complete", "全量", "完全", "完整"),
                "incremental": ("incr", "inc", "增量"),
                "differential": ("diff", "差异"),
                "snapshot": ("snap", "快照"),
                "log": ("wal", "binlog", "transaction log", "日志"),
            },
        ),
        records.Field(
            Column("result", TEXT, "success, failure, cancelled, running, or the source's own word; empty if unsaid."),
            ("status", "state", "备份结果", "结果", "状态"),
            choice=COPY_RESULTS,
        ),
        records.Field(
            Column("size", pl.Int64(), "Size of the copy, in bytes."),
            ("size_bytes", "bytes", "大小", "备份大小"),
            lowest=0,
        ),
        records.Field(
            Column("location", TEXT, "Where the copy is kept: a site, zone or store."),
            ("target", "storage", "repository", "region", "位置", "存放位置"),
        ),
        records.Field(
            Column("restore_tested_at", INSTANT, "When a restore from this copy was last tried, UTC; empty if never."),
            ("restore_test_date", "restore_tested", "restored_at", "恢复测试时间", "恢复演练时间"),
        ),
        records.Field(
            Column("restore_result", TEXT, "success, failure, cancelled, running, or the source's own word."),
            ("restore_status", "restore_test_result", "恢复测试结果", "恢复结果"),
            choice=COPY_RESULTS,
        ),
        records.Field(
            Column("restore_minutes", pl.Float64(), "How long that restore took, in minutes."),
            ("restore_duration_minutes", "恢复时长分钟", "恢复耗时"),
            lowest=0,
        ),
    ),
    key=("system", "taken", "kind", "backup"),
    ordered=(("taken", "restore_tested_at"),),
    containers=("backups", "items", "data"),
)

READER = records.reader(
    "backups",
    "Backups and restore tests",
    "备份与恢复测试",
    "CSV, JSON, JSON Lines or XLSX with one row a copy taken.",
    SHAPE,
)
