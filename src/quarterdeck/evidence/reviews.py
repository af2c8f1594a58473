"""Reads reviews of changes: who wrote, who reviewed, when it was opened, approved and merged."""

import polars as pl

from quarterdeck.evidence import records
from quarterdeck.evidence.schema import Column

INSTANT = pl.Datetime("us", "UTC")
TEXT = pl.String()

SHAPE = records.Shape(
    "reviews",
    "Changes put up for review (pull requests, merge requests), one row for each change and reviewer.",
    (
        records.Field(
            Column("change", TEXT, "Identifier of the change: a pull or merge request's number or address."),
            (
                *("pull_request", "pull_request_id", "merge_request", "change_id", "pr", "mr", "number", "iid", "id"),
                *("变更", "合并请求", "变更编号"),
            ),
            needed=True,
        ),
        records.Field(
            Column("system", TEXT, "System the change is to; empty if the source does not say."),
            ("service", "component", "application", "系统", "服务", "应用"),
        ),
        records.Field(
            Column("repository", TEXT, "Repository the change is to: a name or an address."),
            ("base.repo.full_name", "repo", "repo_url", "base_repo_id", "project", "仓库", "代码仓库"),
        ),
        records.Field(Column("title", TEXT, "What the change is, in a line."), ("subject", "标题")),
        records.Field(
            Column("author", TEXT, "Who wrote the change.", person=True),
            ("user.login", "author.username", "author.login", "author_id", "submitter", "作者", "提交人"),
        ),
        records.Field(
            Column("reviewer", TEXT, "Who reviewed it; empty if nobody did.", person=True),
            ("reviewed_by", "approver", "approved_by", "reviewer_id", "评审人", "审核人", "审批人"),
        ),
        records.Field(
            Column("opened", INSTANT, "When it was put up, UTC."),
            ("opened_at", "created_at", "created_date", "created", "提交时间", "创建时间"),
        ),
        records.Field(
            Column("reviewed", INSTANT, "When the reviewer first answered, UTC."),
            ("reviewed_at", "first_review", "first_review_at", "submitted_at", "评审时间"),
        ),
        records.Field(
            Column("approved", INSTANT, "When the reviewer approved, UTC; empty if not."),
            ("approved_at", "approval_date", "批准时间", "通过时间"),
        ),
        records.Field(
            Column("merged", INSTANT, "When it was merged, UTC; empty if not."),
            ("merged_at", "merged_date", "合并时间"),
        ),
        records.Field(
            Column("closed", INSTANT, "When it was closed, merged or not, UTC."),
            ("closed_at", "closed_date", "关闭时间"),
        ),
        records.Field(
            Column("commit", TEXT, "The commit it became when merged, in hexadecimal."),
            ("merge_commit_sha", "merge_commit", "squash_commit_sha", "commit_sha", "sha", "提交", "合并提交"),
        ),
        records.Field(
            Column("comments", pl.Int64(), "Comments made in the review."),
            ("review_comments", "comment_count", "user_notes_count", "评论数"),
            lowest=0,
        ),
    ),
    key=("repository", "change", "reviewer"),
    ordered=(("opened", "reviewed"), ("opened", "approved"), ("opened", "merged")),
    containers=("pull_requests", "merge_requests", "reviews", "items", "data", "values"),
)

READER = records.reader(
    "reviews",
    "Reviews of changes",
    "代码评审",
    "CSV, JSON, JSON Lines or XLSX with one row for each change and reviewer; GitHub's list of pull requests is taken "
    "as it is (it names no reviewers).",
    SHAPE,
)
