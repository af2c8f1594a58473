"""Declares the tables of issues and of their changes, and how trackers' exports write them."""

import polars as pl

from quarterdeck.evidence.issues.statuses import WORDS
from quarterdeck.evidence.records import Field, Shape
from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Table

TEXT = pl.String()
INSTANT = pl.Datetime("us", "UTC")

_ISSUE_FIELDS = (
    Field(
        Column("tracker", TEXT, "Tracker: jira, github, or what the file says; file where it says nothing."),
        ("跟踪系统",),
    ),
    Field(
        Column("issue", TEXT, "The issue's key, as people write it (EE-17, owner/name#5)."),
        ("issue", "issue_key", "key", "number", "iid", "id", "任务编号", "需求编号", "缺陷编号", "编号", "单号"),
        needed=True,
    ),
    Field(
        Column("title", TEXT, "What it is about, in a line."),
        ("fields.summary", "summary", "name", "subject", "标题", "主题"),
    ),
    Field(
        Column("type", TEXT, "Kind of issue, in the tracker's words."),
        ("original_type", "type.name", "type", "fields.issuetype.name", "issue_type", "类型", "任务类型", "问题类型"),
    ),
    Field(
        Column("status", TEXT, "Status, in the tracker's words."),
        ("original_status", "fields.status.name", "status", "state", "状态", "当前状态"),
    ),
    Field(
        Column("status_category", TEXT, "to do, in progress or done: as the tracker says, or by the list of statuses."),
        ("fields.status.statusCategory.key", "status_category", "状态类别"),
        choice={**WORDS, "to do": (*WORDS["to do"], "undefined")},
        open_choice=False,
    ),
    Field(
        Column("created", INSTANT, "When it was created, UTC."),
        ("fields.created", "created_at", "created_date", "创建时间", "创建日期", "提出时间"),
    ),
    Field(
        Column("started", INSTANT, "When work began, UTC: as written, or the first change to a status in progress."),
        ("started_at", "started_date", "start_date", "in_progress_at", "开始时间", "开始日期"),
    ),
    Field(
        Column("finished", INSTANT, "When it was done, UTC; empty while it is not."),
        (
            *("finished_at", "finished_date", "fields.resolutiondate", "resolution_date", "resolutiondate", "resolved"),
            *("closed_at", "completed_at", "done_at", "完成时间", "完成日期", "解决时间", "关闭时间"),
        ),
    ),
    Field(
        Column("updated", INSTANT, "When it was last changed, UTC."),
        ("fields.updated", "updated_at", "updated_date", "更新时间"),
    ),
    Field(
        Column("assignee", TEXT, "Who is to do it.", person=True),
        (
            *(
                "assignee.login",
                "fields.assignee.emailAddress",
                "fields.assignee.displayName",
                "fields.assignee.accountId",
            ),
            *("assignee_id", "owner", "负责人", "经办人", "处理人", "指派给"),
        ),
    ),
    Field(
        Column("reporter", TEXT, "Who asked for it.", person=True),
        (
            *("user.login", "fields.reporter.emailAddress", "fields.reporter.displayName", "fields.reporter.accountId"),
            *("creator", "creator_id", "author", "报告人", "提出人", "创建人"),
        ),
    ),
    Field(
        Column("parent", TEXT, "Key of the issue it is part of."),
        ("fields.parent.key", "parent_key", "父任务", "父需求"),
    ),
    Field(
        Column("epic", TEXT, "Key or name of the epic or initiative it belongs to."),
        ("epic_link", "custom_field_epic_link", "fields.customfield_10014", "milestone.title", "史诗", "所属史诗"),
    ),
    Field(
        Column("labels", pl.List(TEXT), "Labels."),
        ("labels.name", "fields.labels", "labels", "label", "tags", "标签"),
    ),
    Field(
        Column("estimate", pl.Float64(), "Estimated effort, in the unit beside it."),
        (
            *(
                "story_point",
                "story_points",
                "points",
                "custom_field_story_points",
                "custom_field_story_point_estimate",
            ),
            *("fields.customfield_10016", "故事点", "估算", "预估工作量"),
        ),
        lowest=0,
    ),
    Field(
        Column("estimate_unit", TEXT, "points, hours or days."),
        ("估算单位",),
        choice={
            "points": ("point", "story points", "点"),
            "hours": ("hour", "h", "小时"),
            "days": ("day", "d", "天", "人天"),
        },
    ),
    Field(Column("size", TEXT, "Size class, in the tracker's words (S, M, L)."), ("t_shirt_size", "规模", "大小")),
    Field(Column("priority", TEXT, "Priority, in the tracker's words."), ("fields.priority.name", "优先级")),
    Field(
        Column("project", TEXT, "Project it belongs to, by its key."),
        ("fields.project.key", "project_key", "project_name", "项目", "所属项目"),
    ),
    Field(
        Column("repository", TEXT, "Repository it belongs to (owner/name); empty if the tracker does not say."),
        ("repository.full_name", "repo", "仓库", "代码仓库"),
    ),
    Field(
        Column("system", TEXT, "System or component it concerns, as the tracker names it."),
        ("fields.components.name", "component_s", "components", "component", "service", "系统", "模块", "组件"),
    ),
)
_NAMES = (  # read to complete the columns above, and not kept
    Field(Column("source_id", TEXT, "The issue's identifier inside the tracker."), ("id", "issue_id")),
    Field(Column("address", TEXT, "The issue's address."), ("html_url", "repository_url", "self")),
    Field(Column("original_estimate", pl.Float64(), "Seconds."), ("fields.timeoriginalestimate",)),
    Field(Column("pull_request", TEXT, "Address."), ("pull_request.url", "pull_request.html_url")),
)
ISSUES = Shape(
    "issues",
    "Issues (tasks, stories, defects), one row each, as the tracker has them now.",
    (*_ISSUE_FIELDS, *_NAMES),
    ordered=(("created", "finished"), ("started", "finished")),
    containers=("issues", "items", "data", "values", "results"),
)
ISSUES_TABLE = Table(
    ISSUES.name,
    ISSUES.help,
    (*(item.column for item in _ISSUE_FIELDS), ORIGIN, LINE),
    ("tracker", "issue"),
    ISSUES.mode,
)

CHANGES = Shape(
    "issue_changes",
    "Changes of issues' fields (status, assignee, …), one row each, in the order of time.",
    (
        Field(Column("tracker", TEXT, "Tracker, as in the table of issues."), ("跟踪系统",)),
        Field(
            Column("issue", TEXT, "Key of the issue; its identifier where the key is not in the same source."),
            ("issue_key", "issue_id", "key", "任务编号", "编号"),
            needed=True,
        ),
        Field(
            Column("at", INSTANT, "When it was changed, UTC."),
            ("created_date", "created", "created_at", "changed_at", "date", "时间", "变更时间"),
            needed=True,
        ),
        Field(
            Column("field", TEXT, "Field that was changed, in lower case (status, assignee, …)."),
            ("field_name", "字段", "变更字段"),
            needed=True,
        ),
        Field(
            Column("from", TEXT, "Its value before; empty for fields that hold a person."),
            ("original_from_value", "from", "from_string", "from_value", "old", "old_value", "旧值", "变更前"),
        ),
        Field(
            Column("to", TEXT, "Its value after; empty for fields that hold a person."),
            ("original_to_value", "to", "to_string", "to_value", "new", "new_value", "新值", "变更后"),
        ),
        Field(Column("from_person", TEXT, "The person before, for fields that hold one.", person=True)),
        Field(Column("to_person", TEXT, "The person after, for fields that hold one.", person=True)),
        Field(
            Column("by", TEXT, "Who changed it.", person=True),
            ("author_id", "author", "actor", "changed_by", "变更人", "操作人"),
        ),
    ),
)
TABLES = (ISSUES_TABLE, CHANGES.table)

JIRA_HEADINGS = frozenset(("issue_key", "issue_id", "issue_type"))  # together they tell Jira's own CSV
PERSON_FIELDS = frozenset(  # fields whose values are people
    (
        *("assignee", "assignees", "assigned", "unassigned", "assigned to", "owner", "reporter", "creator", "author"),
        *("reviewer", "reviewers", "approver", "approvers", "developer", "tester", "qa contact", "watcher", "watchers"),
        *("participants", "request participants", "lead", "负责人", "经办人", "处理人", "报告人", "提出人", "创建人"),
        *("评审人", "审批人", "开发人员", "测试人员", "关注人", "抄送人"),
    )
)
