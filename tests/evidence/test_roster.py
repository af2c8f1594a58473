"""The roster: what two months' rosters tell, seven planted faults by row, Chinese workbooks, names kept in place."""

import json
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.evidence import catalogue, roster
from quarterdeck.evidence.batch import Problem, Refused
from quarterdeck.evidence.roster import Change, Changed, compare


def take(path: Path) -> tuple[dict[str, pl.DataFrame], list[Problem]]:
    batch = roster.READER.read(path, None)
    frames = {part.table.name: part.frame for part in batch.parts}
    return frames, batch.problems


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    return shared_data / "21_roster"


@pytest.fixture(scope="module")
def expected(data: Path) -> dict[str, object]:
    return json.loads((data / "expected.json").read_text())


class TestTwoMonths:
    def test_rows_and_costs(self, data: Path, expected: dict[str, object]) -> None:
        for month, rows in (("10", "rows_october"), ("11", "rows_november")):
            frames, problems = take(data / f"roster_2026-{month}.csv")
            assert frames["roster_people"].height == expected[rows]
            assert frames["roster_people"]["as_of"].unique().to_list() == [date(2026, int(month), 1)]
            assert problems == []
        bands = frames["cost_bands"]
        assert bands.height == 8
        assert bands.row(7, named=True)["annual_cost"] == Decimal(190_000)
        assert set(bands["currency"]) == {"EUR"}

    def test_leaver_mover_promotion_and_joiner(self, data: Path, expected: dict) -> None:
        before, after = (take(data / f"roster_2026-{month}.csv")[0]["roster_people"] for month in ("10", "11"))
        mover, promoted = expected["mover"], expected["promoted"]
        assert set(compare(before, after)) == {
            Changed(expected["leaver"], Change.LEFT, (None,), ("2026-11-15",)),
            Changed(mover["key"], Change.MOVED, (mover["team_from"],), (mover["team_to"],)),
            Changed(promoted["key"], Change.PROMOTED, tuple(promoted["was"]), tuple(promoted["now"])),
            Changed(expected["joiner"], Change.JOINED, (), ("team-planetary",)),
        }

    def test_both_months_are_one_source(self, data: Path) -> None:
        names = {roster.READER.read(data / f"roster_2026-{month}.csv", None).source.name for month in ("10", "11")}
        assert names == {"roster.csv"}

    def test_of_a_folder_the_latest_roster_is_read(self, data: Path, tmp_path: Path) -> None:
        for name in ("roster_2026-10.csv", "roster_2026-11.csv", "cost_bands.csv"):
            shutil.copy(data / name, tmp_path)
        frames, problems = take(tmp_path)
        assert frames["roster_people"].height == 81
        assert [(problem.origin, problem.reason) for problem in problems] == [
            ("roster_2026-10.csv", "is older than roster_2026-11.csv; not read")
        ]

    def test_skills_are_taken_apart(self, data: Path) -> None:
        frames, _ = take(data / "roster_2026-10.csv")
        skills = frames["roster_skills"].filter(pl.col("staff") == "staff-001")
        assert skills.select("skill", "level").rows() == [("networking", 3), ("data", 4)]


def test_the_team_that_owns_no_component(data: Path, expected: dict, shared_data: Path) -> None:
    """Whoever is on the roster, in November, held against the owners of the catalogue's components."""
    people = take(data / "roster_2026-11.csv")[0]["roster_people"]
    parts = catalogue.READER.read(shared_data / "06_architecture/backstage_giantswarm", None).parts
    entities = next(part.frame for part in parts if part.table.name == "catalogue_entities")
    owners = entities.filter(pl.col("kind") == "Component")["owner"].drop_nulls()
    owning = {owner.rpartition("/")[2] for owner in owners}
    teams = {team for team in people["team"] if team.startswith("team-")}
    assert teams - owning == {expected["team_without_components"]}


class TestSevenFaults:
    WORDS = (
        ("unknown_manager", "manager 'staff-999' is nobody on this roster; left empty"),
        ("own_manager", "manager 'staff-003' is the person itself; left empty"),
        ("bad_date", "start_date '2026-13-40' is not a date (write 2026-10-31); left empty"),
        ("bad_fte", "fte '1,5' is not a number (write 0.5); left empty"),
        ("duplicate_key", "staff 'staff-001' already stands in roster_broken_gb18030.csv line 2; this row is left out"),
        ("unknown_band", "cost_band 'ZZ' is not in the list of cost bands; left empty"),
        ("no_team", "team is empty; row kept"),
    )

    def test_each_is_named_by_its_row(self, data: Path, expected: dict) -> None:
        _, problems = take(data / "roster_broken_gb18030.csv")
        said = {(problem.line, problem.reason) for problem in problems}
        planted = {(int(expected["broken"][fault].removeprefix("row ")), words) for fault, words in self.WORDS}
        assert planted <= said
        # the row left out was the manager of two others: that they now have none must be said, too
        assert said - planted == {(line, "manager 'staff-006' is nobody on this roster; left empty") for line in (8, 9)}

    def test_rows_are_kept_or_left_out_by_the_rule(self, data: Path) -> None:
        frames, _ = take(data / "roster_broken_gb18030.csv")
        people = frames["roster_people"].rows_by_key("staff", named=True, unique=True)
        assert sorted(people) == [f"staff-00{n}" for n in (1, 2, 3, 4, 5, 7, 8)]
        assert people["staff-001"]["pseudonym"] == "dev-001"
        assert people["staff-001"]["post"] == "工程师"
        for key, column in (
            *(("staff-002", "manager"), ("staff-003", "manager"), ("staff-004", "start_date")),
            *(("staff-005", "fte"), ("staff-007", "cost_band"), ("staff-008", "team")),
        ):
            assert people[key][column] is None, (key, column)
        assert people["staff-004"]["manager"] == "staff-002"


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        people = book.add_worksheet("人员")
        people.write_row(
            0,
            0,
            [
                "工号",
                "姓名",
                "邮箱",
                "部门",
                "团队",
                "岗位",
                "职级",
                "成本档",
                "直属上级",
                "入职日期",
                "年薪_cny",
                "技能",
            ],
        )
        people.write_row(
            1, 0, [1001, "王伟", "wang@example.org", "技术部", "平台", "经理", "M1", "B3", None, None, 777123]
        )
        people.write_row(
            2, 0, [1002, "李娜", None, "技术部", "平台", "工程师", "E2", "B1", "王伟", None, None, "网络：3；数据"]
        )
        people.write_row(
            3, 0, [1003, "张三", None, "技术部", "支付", "工程师", "E2", "B9", "李四", None, None, "网络:99"]
        )
        people.write_datetime(1, 9, datetime(2020, 5, 6), day)
        teams = book.add_worksheet("团队")
        teams.write_row(0, 0, ["团队", "名称", "部门", "负责人"])
        teams.write_row(1, 0, ["平台", "平台组", "技术部", "王伟"])
        teams.write_row(2, 0, ["数据", "数据组", "技术部", "赵六"])
        posts = book.add_worksheet("岗位")
        posts.write_row(0, 0, ["岗位", "职级", "编制"])
        posts.write_row(1, 0, ["工程师", "E2", 4])
        skills = book.add_worksheet("技能")
        skills.write_row(0, 0, ["工号", "技能名称", "熟练度"])
        skills.write_row(1, 0, [1001, "管理", 5])
        bands = book.add_worksheet("成本档")
        bands.write_row(0, 0, ["成本档", "年成本_cny"])
        for row, (band, cost) in enumerate((("B1", 300_000), ("B3", 450_000.5)), 1):
            bands.write_row(row, 0, [band, cost])
    return path


class TestWorkbook:
    def test_all_five_sheets_in_chinese(self, tmp_path: Path) -> None:
        frames, problems = take(workbook(tmp_path / "花名册.xlsx"))
        people = frames["roster_people"].rows_by_key("staff", named=True, unique=True)
        assert people["1001"]["start_date"] == date(2020, 5, 6)
        assert people["1001"]["person"] == "王伟 <wang@example.org>"
        assert (people["1001"]["pay"], people["1001"]["pay_currency"]) == (Decimal(777_123), "CNY")
        assert people["1002"]["manager"] == "1001"
        assert people["1003"]["manager"] is None
        assert frames["roster_teams"].select("team", "title", "lead").rows() == [
            ("平台", "平台组", "1001"),
            ("数据", "数据组", None),
        ]
        assert frames["roster_posts"].select("post", "level", "headcount").rows() == [("工程师", "E2", 4.0)]
        assert frames["cost_bands"].select("band", "annual_cost", "currency").rows() == [
            ("B1", Decimal(300_000), "CNY"),
            ("B3", Decimal("450000.5"), "CNY"),
        ]
        assert frames["roster_skills"].select("staff", "skill", "level").rows() == [
            ("1001", "管理", 5),
            ("1002", "网络", 3),
            ("1002", "数据", None),
            ("1003", "网络", None),
        ]
        assert [(problem.line, problem.reason) for problem in problems] == [
            (4, "team '支付' is not in the list of teams; kept as written"),
            (4, "manager is nobody on this roster; left empty"),
            (4, "cost_band 'B9' is not in the list of cost bands; left empty"),
            (4, "skill '网络:99' is not name:level, level 0 to 10"),
            (3, "lead is nobody on this roster; left empty"),
        ]

    def test_no_name_stands_in_a_plain_column_or_a_problem(self, tmp_path: Path) -> None:
        frames, problems = take(workbook(tmp_path / "花名册.xlsx"))
        hidden = {"王伟", "李娜", "张三", "李四", "赵六", "wang@example.org", "777123"}
        shown = " ".join(problem.reason + problem.text for problem in problems)
        for table in roster.TABLES:
            open_to_all = [column.name for column in table.columns if not column.person and column.private is None]
            shown += " ".join(str(value) for row in frames[table.name].select(open_to_all).iter_rows() for value in row)
        assert not [word for word in hidden if word in shown]


class TestLinks:
    def people(self, tmp_path: Path, rows: str) -> tuple[dict[str, pl.DataFrame], list[Problem]]:
        path = tmp_path / "people.csv"
        path.write_text("staff,team,manager,name,start_date,end_date,fte\n" + rows)
        return take(path)

    def test_rings_of_managers_are_named(self, tmp_path: Path) -> None:
        _, problems = self.people(tmp_path, "a,t,b,,,,\nb,t,c,,,,\nc,t,b,,,,\nd,t,,,,,\n")
        assert [(problem.line, "leads back to itself" in problem.reason) for problem in problems] == [
            (3, True),
            (4, True),
        ]

    def test_a_name_that_two_people_have_finds_nobody(self, tmp_path: Path) -> None:
        frames, problems = self.people(tmp_path, "a,t,Ann,,,,\nb,t,,Ann,,,\nc,t,,Ann,,,\n")
        assert frames["roster_people"]["manager"].to_list() == [None, None, None]
        assert [problem.reason for problem in problems] == ["manager is nobody on this roster; left empty"]

    def test_end_before_start_and_too_much_work(self, tmp_path: Path) -> None:
        frames, problems = self.people(tmp_path, "a,t,,,2026-02-01,2026-01-01,1.2\n")
        assert frames["roster_people"].select("end_date", "fte").rows() == [(date(2026, 1, 1), None)]
        assert [problem.reason for problem in problems] == [
            "fte '1.2' is above 1; left empty",
            "end_date 2026-01-01 is before start_date 2026-02-01; both kept as written",
        ]

    def test_a_key_with_a_personal_value_is_left_out(self, tmp_path: Path) -> None:
        frames, problems = self.people(tmp_path, "ada@example.org,t,,,,,\n")
        assert frames["roster_people"].is_empty()
        assert "ada" not in problems[0].reason

    def test_without_a_key_column_it_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_text("name,team\nAda,t\n")
        with pytest.raises(Refused, match="no column for staff"):
            take(path)


PERSON = st.tuples(
    st.sampled_from(["a", "b", "c"]),  # team
    st.sampled_from(["E1", "E2", "M1"]),
    st.sampled_from(["B1", "B2"]),
    st.sampled_from([None, date(2026, 1, 1)]),
)


@given(st.dictionaries(st.sampled_from("pqrst"), PERSON), st.dictionaries(st.sampled_from("pqrst"), PERSON))
@settings(max_examples=150, deadline=None)
def test_comparing_accounts_for_everybody(old: dict[str, tuple], new: dict[str, tuple]) -> None:
    def frame(people: dict[str, tuple]) -> pl.DataFrame:
        schema = {
            "staff": pl.String,
            "team": pl.String,
            "level": pl.String,
            "cost_band": pl.String,
            "end_date": pl.Date,
        }
        return pl.DataFrame([(key, *rest) for key, rest in people.items()], schema=schema, orient="row")

    changes = compare(frame(old), frame(new))
    joined = {change.staff for change in changes if change.change is Change.JOINED}
    assert joined == new.keys() - old.keys()
    left = {change.staff for change in changes if change.change is Change.LEFT}
    assert left == {key for key in old if old[key][3] is None and (key not in new or new[key][3] is not None)}
    assert {c.staff for c in changes if c.change is Change.MOVED} == {
        key for key in old.keys() & new.keys() if old[key][0] != new[key][0]
    }
    assert compare(frame(new), frame(new)) == ()
