"""The workbook of what people keep by hand: one sheet a kind, one column an attribute."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from quarterdeck.sample import calendars, intentions, money, risks, systems, teams
from quarterdeck.sample.chance import Span, month_after, quarter_after
from quarterdeck.sample.intentions import Three
from quarterdeck.sample.people import Personnel

Cell = str | int | float | date | None
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """One sheet: name of its kind, headings, rows."""

    kind: str
    headings: tuple[str, ...]
    rows: list[Row]


def write(path: Path, sheets: Iterable[Sheet]) -> Path:
    """The workbook; dates as text like 2026-11-20, numbers as numbers, no formulas. Equal sheets give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": datetime(2000, 1, 1)})
    bold = book.add_format({"bold": True})
    for sheet in sheets:
        page = book.add_worksheet(sheet.kind)
        page.freeze_panes(1, 1)
        for column, heading in enumerate(sheet.headings):
            page.write_string(0, column, heading, bold)
        for line, row in enumerate(sheet.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    page.write_number(line, column, cell)
                elif cell not in (None, ""):
                    page.write_string(line, column, str(cell))
    book.close()
    return path


def points(name: str) -> tuple[str, str, str]:
    """Headings of a three-point estimate."""
    return f"{name}_low", f"{name}_likely", f"{name}_high"


def _thousand(three: Three) -> Three:
    return three[0] * 1000, three[1] * 1000, three[2] * 1000


def sheets(seed: int, time: Span, people: Personnel) -> list[Sheet]:
    """All sheets as they stand at the first collection; those that others link to first."""
    return [
        *_base(seed, time),
        *_systems(),
        *_goals(time),
        *_initiatives(time, people),
        *_risks(people),
        *_money(time),
        _outcomes(seed, time),
    ]


def _base(seed: int, time: Span) -> list[Sheet]:
    years = (time.start.year, min(time.today.year + 2, 2028))
    start = money.plan_start(time)
    frame = (
        f"plan-{start.year}",
        f"Plan {start.year}–{start.year + 1}",
        f"{start.year}—{start.year + 1} 年规划",
        start,
        money.QUARTERS,
        "yes",
        "EUR",
        money.DISCOUNT,
        "yes",
        14,
        *money.OPERATIONS,
        0.2,
    )
    return [
        Sheet("skill", ("key", "name_en", "name_zh", "category"), [(key, *row) for key, row in teams.SKILLS.items()]),
        Sheet(
            "team",
            ("key", "name_zh", "department", "purpose"),
            [(t.key, t.zh, t.department, t.purpose) for t in teams.TEAMS],
        ),
        Sheet(
            "exchange-rate",
            ("currency", "base", "on", "rate"),
            [(r.currency, "EUR", r.on, r.rate) for r in money.rates(seed, time, time.today)],
        ),
        Sheet(
            "calendar",
            ("key", "name_en", "name_zh", "hours"),
            [(key, *row) for key, row in calendars.CALENDARS.items()],
        ),
        Sheet(
            "holiday",
            ("calendar", "day", "name", "worked"),
            [(h.calendar, h.day, h.name, "yes" if h.worked else "no") for h in calendars.holidays(*years)],
        ),
        Sheet(
            "plan-frame",
            (
                "key",
                "name_en",
                "name_zh",
                "start",
                "quarters",
                "current",
                "currency",
                "discount",
                "carry_over",
                "most_at_once",
                *points("operations_share"),
                "correlation",
            ),
            [frame],
        ),
    ]


def _systems() -> list[Sheet]:
    pairs = [
        (s.key, need, systems.GROUP[need], 1)
        for s in systems.SYSTEMS
        for need in systems.needs(s)
        if need in systems.GROUP
    ]
    rows: list[Row] = [(s.key, s.zh, s.criticality, s.vendor, s.product) for s in systems.SYSTEMS]
    return [
        Sheet(
            "vendor", ("key", "name_en", "name_zh", "country"), [(key, *row) for key, row in systems.VENDORS.items()]
        ),
        Sheet(
            "product",
            ("key", "name_en", "name_zh", "revenue", "currency"),
            [(key, *row, "EUR") for key, row in systems.PRODUCTS.items()],
        ),
        Sheet("system", ("key", "name_zh", "criticality", "vendor", "product"), rows),
        Sheet("dependency", ("system", "on", "group", "needed"), list(pairs)),
    ]


def _goals(time: Span) -> list[Sheet]:
    start = money.plan_start(time)
    goals: list[Row] = [(key, en, zh, *intentions.THEMES[theme]) for key, (theme, en, zh) in intentions.GOALS.items()]
    results: list[Row] = [
        (
            r.key,
            r.goal,
            r.en,
            r.zh,
            r.unit,
            r.today,
            time.today,
            r.drift,
            r.error,
            r.target,
            month_after(start, r.due),
            r.worth,
        )
        for r in intentions.RESULTS
    ]
    headings = (
        "key",
        "goal",
        "name_en",
        "name_zh",
        "unit",
        "today",
        "measured",
        "drift",
        "drift_error",
        "target",
        "due",
        "worth",
    )
    return [
        Sheet("goal", ("key", "name_en", "name_zh", "theme_en", "theme_zh"), goals),
        Sheet("key-result", headings, results),
    ]


def _initiatives(time: Span, people: Personnel) -> list[Sheet]:
    start = money.plan_start(time)
    leads = {p.team: p.key for p in reversed(people.staff) if p.post == "team-lead"}

    def day(months: int | None) -> Cell:
        return None if months is None else month_after(start, months)

    rows: list[Row] = [
        (
            i.key,
            i.en,
            i.zh,
            *intentions.THEMES[i.theme],
            leads[i.team],
            i.system,
            i.state,
            day(i.earliest),
            day(i.latest),
            day(i.mandate),
            *i.duration,
            day(i.started),
            i.done,
            *_thousand(i.capital),
            *_thousand(i.running),
            *_thousand(i.benefit),
            i.ramp,
            i.lasts,
            "EUR",
            i.excludes,
        )
        for i in intentions.INITIATIVES
    ]
    headings = (
        "key",
        "name_en",
        "name_zh",
        "theme_en",
        "theme_zh",
        "owner",
        "system",
        "state",
        "earliest",
        "latest",
        "mandate",
        *points("duration"),
        "started",
        "done_share",
        *points("capital"),
        *points("running_cost"),
        *points("benefit"),
        "ramp",
        "benefit_months",
        "currency",
        "excludes",
    )
    efforts: list[Row] = [
        (i.key, skill, *intentions.effort(months)) for i in intentions.INITIATIVES for skill, months in i.efforts
    ]
    moved: list[Row] = [
        (key, result, *amount) for key, some in intentions.CONTRIBUTIONS.items() for result, amount in some
    ]
    return [
        Sheet("initiative", headings, rows),
        Sheet("effort", ("initiative", "skill", *points("months")), efforts),
        Sheet("contribution", ("initiative", "key_result", *points("amount")), moved),
        Sheet("precedence", ("initiative", "after", "lag"), list(intentions.PRECEDENCES)),
    ]


def _risks(people: Personnel) -> list[Sheet]:
    leads = {p.team: p.key for p in reversed(people.staff) if p.post == "team-lead"}
    owners = {s.key: leads.get(s.owner, "") for s in systems.SYSTEMS} | {"": leads["finance"]}
    basis = "Estimated by the owner with security and finance; own incidents of the last two years where there are any."
    rows: list[Row] = [
        (
            s.key,
            s.en,
            s.zh,
            s.category,
            s.system,
            owners[s.system],
            *s.frequency,
            s.low * 1000,
            s.high * 1000,
            "EUR",
            basis,
        )
        for s in risks.SCENARIOS
    ]
    headings = (
        "key",
        "name_en",
        "name_zh",
        "category",
        "system",
        "owner",
        *points("frequency"),
        "loss_low",
        "loss_high",
        "currency",
        "basis",
    )
    treated: list[Row] = [(key, *one) for key, some in risks.TREATMENTS.items() for one in some]
    return [
        Sheet("scenario", headings, rows),
        Sheet("treatment", ("initiative", "scenario", "frequency_factor", "magnitude_factor"), treated),
        Sheet("appetite", ("key", "probability", "amount", "currency"), [(*row, "EUR") for row in risks.APPETITE]),
    ]


def _money(time: Span) -> list[Sheet]:
    budgets: list[Row] = [
        (quarter_after(time.today, 1 + place), sort, amount, "EUR")
        for sort, amounts in (("capital", money.CAPITAL), ("running", money.RUNNING))
        for place, amount in enumerate(amounts)
    ]
    routes: list[Row] = [
        (key, skill, cost, coin, band, *when, ramp, most)
        for key, (skill, cost, coin, band, when, ramp, most) in money.ROUTES.items()
    ]
    headings = ("key", "skill", "cost", "currency", "cost_band", *points("time"), "ramp", "limit")
    return [
        Sheet("budget", ("quarter", "sort", "amount", "currency"), budgets),
        Sheet("hiring-route", headings, routes),
        Sheet(
            "contractor",
            ("key", "skill", "vendor", "cost", "currency", "limit"),
            [(key, *row) for key, row in money.CONTRACTORS.items()],
        ),
    ]


def _outcomes(seed: int, time: Span) -> Sheet:
    headings = (
        "key",
        "name_en",
        "name_zh",
        "finished",
        "planned_effort",
        "actual_effort",
        "planned_months",
        "actual_months",
        "planned_benefit",
        "actual_benefit",
        "currency",
    )
    rows: list[Row] = []
    for one in money.outcomes(seed, time):
        both = [figure for pair in zip(one.planned, one.actual, strict=True) for figure in pair]
        rows.append((one.key, one.en, one.zh, one.finished, *both, "EUR"))
    return Sheet("outcome", headings, rows)
