"""Says by a status's name whether work on an issue has yet to begin, is going on, or is done."""

TO_DO = "to do"
IN_PROGRESS = "in progress"
DONE = "done"

# Names as the usual trackers and Chinese teams have them; a tracker's own category, where it gives one, goes first.
WORDS: dict[str, tuple[str, ...]] = {
    TO_DO: (
        *("to do", "todo", "open", "opened", "new", "backlog", "inbox", "created", "reopened", "triage", "planned"),
        *("ready", "ready for dev", "ready for development", "selected for development", "waiting", "pending", "draft"),
        *(
            "待办",
            "待处理",
            "待开发",
            "未开始",
            "新建",
            "新",
            "等待",
            "打开",
            "重新打开",
            "待评审",
            "已规划",
            "规划中",
            "待排期",
        ),
    ),
    IN_PROGRESS: (
        *("in progress", "in_progress", "doing", "active", "started", "in development", "indeterminate", "development"),
        *(
            "in review",
            "review",
            "code review",
            "in test",
            "in testing",
            "testing",
            "qa",
            "verifying",
            "blocked",
            "on hold",
        ),
        *(
            "进行中",
            "处理中",
            "开发中",
            "实现中",
            "测试中",
            "评审中",
            "验证中",
            "联调中",
            "已接受",
            "挂起",
            "阻塞",
            "设计中",
        ),
    ),
    DONE: (
        *(
            "done",
            "closed",
            "resolved",
            "complete",
            "completed",
            "finished",
            "fixed",
            "released",
            "cancelled",
            "canceled",
        ),
        *("rejected", "won't do", "wont fix", "won't fix", "duplicate", "merged", "verified", "abandoned"),
        *(
            "完成",
            "已完成",
            "已关闭",
            "关闭",
            "已解决",
            "解决",
            "已取消",
            "取消",
            "已拒绝",
            "已验证",
            "已发布",
            "已上线",
            "已实现",
        ),
    ),
}
CATEGORIES = {word: category for category, words in WORDS.items() for word in words}


def category(status: str | None) -> str | None:
    """`to do`, `in progress` or `done`; None for a status that is not on the list."""
    return CATEGORIES.get(" ".join(status.casefold().split())) if status else None
