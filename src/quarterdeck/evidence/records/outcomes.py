"""Words by which tools and people say how a run ended, in English and Chinese."""

RESULTS = {  # "completed" is in none: some tools say it of what failed, too
    "success": ("succeeded", "successful", "passed", "pass", "ok", "deployed", "成功", "通过"),
    "failure": ("failed", "fail", "error", "errored", "broken", "timed_out", "timeout", "失败", "错误", "超时"),
    "cancelled": ("canceled", "aborted", "skipped", "stopped", "取消", "已取消", "中止", "跳过"),
    "running": ("in_progress", "in progress", "pending", "queued", "started", "created", "进行中", "运行中", "排队"),
}

COPY_RESULTS = RESULTS | {
    "success": (*RESULTS["success"], "completed", "complete", "done", "已完成", "完成"),
    "failure": (*RESULTS["failure"], "partiallyfailed", "partially failed", "partial", "部分失败"),
}
