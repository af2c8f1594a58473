"""Declares the tables of the roster and the headings, English and Chinese, that their columns go by."""

import polars as pl

from quarterdeck.evidence.records import Field, Shape
from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Table

TEXT = pl.String()
DAY = pl.Date()
MONEY = pl.Decimal(38, 12)

STAFF = ("key", "staff_id", "staff_key", "employee_id", "employee_number", "employee", "id")
STAFF_ZH = ("工号", "员工编号", "员工号", "人员编号", "编号")
BAND = ("band", "grade_band", "成本档", "成本档位", "成本等级")

_PEOPLE = (
    Field(Column("staff", TEXT, "The staff key: typed by people, no personal value."), STAFF + STAFF_ZH, needed=True),
    Field(
        Column("person", TEXT, "Who it is as other evidence writes it: name and e-mail, or what is known.", person=True)
    ),
    Field(
        Column("login", TEXT, "Account name in development tools.", person=True),
        ("username", "user", "account", "用户名", "账号"),
    ),
    Field(Column("pseudonym", TEXT, "Name the source puts in place of the real one.", person=True), ("alias", "化名")),
    Field(Column("name", TEXT, "Name.", person=True), ("full_name", "employee_name", "姓名", "名字")),
    Field(Column("email", TEXT, "E-mail address.", person=True), ("e_mail", "mail", "邮箱", "电子邮件", "电子邮箱")),
    Field(Column("department", TEXT, "Department."), ("division", "business_unit", "部门", "所属部门", "一级部门")),
    Field(Column("team", TEXT, "Team, by its key or name."), ("squad", "group", "团队", "小组", "班组", "所属团队")),
    Field(
        Column("post", TEXT, "Post: what the person is employed as."),
        ("position", "job_title", "title", "role", "岗位", "职位", "职务"),
    ),
    Field(Column("level", TEXT, "Level on the career ladder."), ("grade", "职级", "级别", "等级")),
    Field(Column("cost_band", TEXT, "Cost band, by its key; a planning figure, nobody's pay."), BAND),
    Field(
        Column("manager", TEXT, "Staff key of the person reported to; empty at the top."),
        (
            *("manager_id", "manager_key", "reports_to", "supervisor", "line_manager"),
            *("上级", "直属上级", "直接上级", "汇报对象", "主管", "上级工号"),
        ),
    ),
    Field(
        Column("start_date", DAY, "First day of employment."),
        ("start", "hired", "hire_date", "joined", "入职日期", "入职时间"),
    ),
    Field(
        Column("end_date", DAY, "Last day of employment; empty while it lasts."),
        ("end", "leave_date", "termination_date", "left", "离职日期", "离职时间"),
    ),
    Field(
        Column("fte", pl.Float64(), "Share of full time, 0 to 1; empty if unsaid."),
        ("full_time_equivalent", "workload", "全时当量", "工时比例", "投入比例"),
        lowest=0,
        highest=1,
    ),
    Field(
        Column("contract", TEXT, "Kind of employment: employee, contractor, or the source's own word."),
        ("contract_type", "employment_type", "用工类型", "员工类型", "用工形式"),
        choice={
            "employee": ("permanent", "regular", "正式", "正式员工", "全职"),
            "contractor": ("external", "freelancer", "agency", "外包", "外协", "派遣"),
        },
    ),
    Field(
        Column("location", TEXT, "Place of work."), ("site", "office", "city", "工作地点", "地点", "城市", "办公地点")
    ),
    Field(Column("calendar", TEXT, "Holiday calendar, by its key."), ("holiday_calendar", "日历", "工作日历")),
    Field(
        Column("pay", MONEY, "Pay a year in the currency beside it, as the source writes it.", private="pay"),
        ("salary", "annual_salary", "annual_pay", "薪资", "年薪", "薪酬", "工资"),
        lowest=0,
    ),
    Field(
        Column("pay_currency", TEXT, "ISO 4217 code of the pay.", private="pay"),
        ("salary_currency", "薪资币种"),
        currency_of="pay",
    ),
)
_SKILLS = Field(Column("skills", TEXT, "Skills with their levels."), ("skill", "competences", "技能", "技能清单"))
AS_OF = Column("as_of", DAY, "Day or first day of the month in the file's name; empty if it has none.")

PEOPLE = Shape(  # as files have it: one column of skills, which the reader takes apart
    "roster_people",
    "People on the roster, one row each.",
    (*_PEOPLE, _SKILLS),
    ("staff",),
    (("start_date", "end_date"),),
)
PEOPLE_TABLE = Table(
    PEOPLE.name, PEOPLE.help, (*(item.column for item in _PEOPLE), AS_OF, ORIGIN, LINE), PEOPLE.key, PEOPLE.mode
)
SKILLS = Shape(
    "roster_skills",
    "Skills that people hold, one row for each person and skill.",
    (
        Field(Column("staff", TEXT, "Staff key of the person."), STAFF + STAFF_ZH, needed=True),
        Field(
            Column("skill", TEXT, "Skill, as the roster names it."),
            ("name", "skill_name", "技能", "技能名称"),
            needed=True,
        ),
        Field(
            Column("level", pl.Int64(), "Level held, 0 to 10 on the company's own scale; empty if unsaid."),
            ("rating", "proficiency", "等级", "熟练度", "水平"),
            lowest=0,
            highest=10,
        ),
    ),
    ("staff", "skill"),
)
TEAMS = Shape(
    "roster_teams",
    "Teams: those the roster lists, or, where it lists none, those its people are in.",
    (
        Field(
            Column("team", TEXT, "The team's key, as people's rows name it."),
            ("key", "id", "name", "团队", "编号"),
            needed=True,
        ),
        Field(Column("title", TEXT, "The team's name in full."), ("full_name", "display_name", "名称", "团队名称")),
        Field(Column("department", TEXT, "Department it belongs to."), ("division", "部门", "所属部门")),
        Field(Column("parent", TEXT, "Team it is part of; empty at the top."), ("parent_team", "上级团队")),
        Field(
            Column("lead", TEXT, "Staff key of the person who leads it."), ("leader", "manager", "负责人", "负责人工号")
        ),
    ),
    ("team",),
)
POSTS = Shape(
    "roster_posts",
    "Posts that the company has set up, one row each.",
    (
        Field(
            Column("post", TEXT, "The post's key, as people's rows name it."),
            ("key", "id", "岗位", "编号"),
            needed=True,
        ),
        Field(Column("title", TEXT, "The post's name in full."), ("name", "job_title", "名称", "岗位名称")),
        Field(Column("department", TEXT, "Department it belongs to."), ("division", "部门", "所属部门")),
        Field(Column("team", TEXT, "Team it belongs to."), ("团队", "所属团队")),
        Field(Column("level", TEXT, "Level on the career ladder."), ("grade", "职级", "级别")),
        Field(Column("cost_band", TEXT, "Cost band, by its key."), BAND),
        Field(
            Column("headcount", pl.Float64(), "Full-time places approved."),
            ("places", "count", "approved", "编制", "人数"),
            lowest=0,
        ),
    ),
    ("post",),
)
BANDS = Shape(
    "cost_bands",
    "Cost bands: what a full-time place costs the company a year, for planning.",
    (
        Field(
            Column("band", TEXT, "The band's key."),
            ("cost_band", "key", "id", "成本档", "成本档位", "档位"),
            needed=True,
        ),
        Field(
            Column("annual_cost", MONEY, "Cost of one full-time place a year, in the currency beside it."),
            ("cost", "yearly_cost", "cost_per_year", "年成本", "年度成本", "成本"),
            needed=True,
            lowest=0,
        ),
        Field(Column("currency", TEXT, "ISO 4217 code of the cost."), ("币种", "货币"), currency_of="annual_cost"),
    ),
    ("band",),
)

# What a sheet or file is, by the word its name begins with.
ROLES: dict[str, Shape] = {
    **dict.fromkeys(("roster", "people", "staff", "employees", "persons", "花名册", "人员", "员工"), PEOPLE),
    **dict.fromkeys(("skills", "技能"), SKILLS),
    **dict.fromkeys(("teams", "团队", "组织"), TEAMS),
    **dict.fromkeys(("posts", "positions", "岗位", "职位"), POSTS),
    **dict.fromkeys(("cost_bands", "bands", "成本档", "成本等级"), BANDS),
}
TABLES = (PEOPLE_TABLE, SKILLS.table, TEAMS.table, POSTS.table, BANDS.table)
