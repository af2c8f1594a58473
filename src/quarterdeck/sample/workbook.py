"""The workbook of what people keep by hand: one sheet a kind, one column an attribute."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from quarterdeck.sample import calendars, intentions, money, risks, systems, teams
from quarterdeck.sample.chance import LATER, Span, chance, month_after, quarter_after
from quarterdeck.sample.intentions import Initiative, Three
from quarterdeck.sample.people import Personnel

Cell = str | int | float | date | None
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """One sheet: name of its kind, headings, rows."""

    kind: str
    headings: tuple[str, ...]
    rows: list[Row]


def _sheet(kind: str, headings: str, rows: Iterable[Row]) -> Sheet:
    """headings: with blanks between them; `name*` is an estimate in three points."""
    words: list[str] = []
    for word in headings.split():
        three = [f"{word[:-1]}_{point}" for point in ("low", "likely", "high")]
        words += three if word.endswith("*") else [word]
    return Sheet(kind, tuple(words), list(rows))


def write(path: Path, sheets: Iterable[Sheet]) -> Path:
    """The workbook; dates as text like 2026-11-20, numbers as numbers, no formulas. Equal sheets give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
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


def _thousand(three: Three) -> Three:
    return three[0] * 1000, three[1] * 1000, three[2] * 1000


def _leads(people: Personnel) -> dict[str, str]:
    return {person.team: person.key for person in reversed(people.staff) if person.post == "team-lead"}


def sheets(seed: int, time: Span, people: Personnel) -> list[Sheet]:
    """All sheets as they stand at the first collection; those that others link to first."""
    return [
        *_base(seed, time),
        _frame(time),
        *_systems(),
        *_goals(time),
        *_initiatives(time, people),
        *_risks(people),
        *_money(time),
        _outcomes(seed, time),
    ]


def later_sheets(seed: int, time: Span) -> list[Sheet]:
    """What people write down anew by the second collection; columns and rows that are not there keep what stands."""
    random = chance(seed, "measured")
    measured: list[Row] = []
    for one in intentions.RESULTS:
        moved = (one.drift + one.error * random.gauss(0, 1)) * LATER / 30
        measured.append((one.key, round(one.today + moved, 4), time.until))
    new = intentions.RE_ESTIMATED.items()
    rates = [rate for rate in money.rates(seed, time, time.until) if rate.on > time.today]
    return [
        _sheet("exchange-rate", "currency base on rate", [(r.currency, "EUR", r.on, r.rate) for r in rates]),
        _sheet("key-result", "key today measured", measured),
        _sheet("initiative", "key duration*", [(key, *months) for key, months in new]),
    ]


def _base(seed: int, time: Span) -> list[Sheet]:
    days = calendars.holidays(time.start.year, time.today.year + 2)
    rates = money.rates(seed, time, time.today)
    return [
        _sheet("skill", "key name_en name_zh category", [(key, *row) for key, row in teams.SKILLS.items()]),
        _sheet("team", "key name_zh department purpose", [(t.key, t.zh, t.department, t.purpose) for t in teams.TEAMS]),
        _sheet("exchange-rate", "currency base on rate", [(r.currency, "EUR", r.on, r.rate) for r in rates]),
        _sheet("calendar", "key name_en name_zh hours", [(key, *row) for key, row in calendars.CALENDARS.items()]),
        _sheet(
            "holiday",
            "calendar day name worked",
            [(day.calendar, day.day, day.name, "yes" if day.worked else "no") for day in days],
        ),
    ]


def _frame(time: Span) -> Sheet:
    headings = (
        "key name_en name_zh start quarters current currency discount carry_over most_at_once operations_share* "
        "correlation"
    )
    start = money.plan_start(time)
    names = (
        f"plan-{start.year}",
        f"Plan {start.year}–{start.year + 1}",
        f"{start.year}—{start.year + 1} 年规划",
    )
    rest = (start, money.QUARTERS, "yes", "EUR", money.DISCOUNT, "yes", money.AT_ONCE, *money.OPERATIONS)
    return _sheet("plan-frame", headings, [(*names, *rest, money.CORRELATION)])


def _systems() -> list[Sheet]:
    needs = [(system.key, need) for system in systems.SYSTEMS for need in systems.needs(system)]
    pairs = [(key, need, systems.GROUP[need], 1) for key, need in needs if need in systems.GROUP]
    rows = [(s.key, s.zh, s.criticality, s.vendor, s.product) for s in systems.SYSTEMS]
    products = [(key, *row, "EUR") for key, row in systems.PRODUCTS.items()]
    return [
        _sheet("vendor", "key name_en name_zh country", [(key, *row) for key, row in systems.VENDORS.items()]),
        _sheet("product", "key name_en name_zh revenue currency", products),
        _sheet("system", "key name_zh criticality vendor product", rows),
        _sheet("dependency", "system on group needed", pairs),
    ]


def _goals(time: Span) -> list[Sheet]:
    start = money.plan_start(time)
    goals = [(key, en, zh, *intentions.THEMES[theme]) for key, (theme, en, zh) in intentions.GOALS.items()]
    results: list[Row] = []
    for one in intentions.RESULTS:
        measure = (one.today, time.today, one.drift, one.error, one.target, month_after(start, one.due), one.worth)
        figure = intentions.FIGURES.get(one.key, "")
        results.append((one.key, one.goal, one.en, one.zh, one.unit, figure, *measure))
    headings = "key goal name_en name_zh unit figure today measured drift drift_error target due worth"
    return [_sheet("goal", "key name_en name_zh theme_en theme_zh", goals), _sheet("key-result", headings, results)]


def _initiatives(time: Span, people: Personnel) -> list[Sheet]:
    headings = (
        "key name_en name_zh theme_en theme_zh owner system state earliest latest mandate started duration* done_share "
        "capital* running_cost* benefit* ramp benefit_months currency excludes"
    )
    leads = _leads(people)
    rows = [_initiative(one, leads[one.team], money.plan_start(time)) for one in intentions.INITIATIVES]
    efforts = [
        (i.key, skill, *intentions.effort(months)) for i in intentions.INITIATIVES for skill, months in i.efforts
    ]
    moved = [(key, result, *amount) for key, some in intentions.CONTRIBUTIONS.items() for result, amount in some]
    return [
        _sheet("initiative", headings, rows),
        _sheet("effort", "initiative skill months*", efforts),
        _sheet("contribution", "initiative key_result amount*", moved),
        _sheet("precedence", "initiative after lag", intentions.PRECEDENCES),
    ]


def _initiative(one: Initiative, owner: str, start: date) -> Row:
    months = (one.earliest, one.latest, one.mandate, one.started)
    dates = [None if number is None else month_after(start, number) for number in months]
    flows = (*_thousand(one.capital), *_thousand(one.running), *_thousand(one.benefit))
    names = (one.key, one.en, one.zh, *intentions.THEMES[one.theme])
    rest = (one.ramp, one.lasts, "EUR", one.excludes)
    return (*names, owner, one.system, one.state, *dates, *one.duration, one.done, *flows, *rest)


def _risks(people: Personnel) -> list[Sheet]:
    leads = _leads(people)
    owners = {s.key: leads.get(s.owner, "") for s in systems.SYSTEMS} | {"": leads["finance"]}
    basis = "Estimated by the owner with security and finance; own incidents of the last two years where there are any."
    rows: list[Row] = []
    for one in risks.SCENARIOS:
        loss = (one.low * 1000, one.high * 1000, "EUR", basis)
        rows.append((one.key, one.en, one.zh, one.category, one.system, owners[one.system], *one.frequency, *loss))
    headings = "key name_en name_zh category system owner frequency* loss_low loss_high currency basis"
    treated = [(key, *one) for key, some in risks.TREATMENTS.items() for one in some]
    return [
        _sheet("scenario", headings, rows),
        _sheet("treatment", "initiative scenario frequency_factor magnitude_factor", treated),
        _sheet("appetite", "key probability amount currency", [(*row, "EUR") for row in risks.APPETITE]),
    ]


def _money(time: Span) -> list[Sheet]:
    budgets = [
        (quarter_after(time.today, 1 + place), sort, amount, "EUR")
        for sort, amounts in (("capital", money.CAPITAL), ("running", money.RUNNING))
        for place, amount in enumerate(amounts)
    ]
    routes: list[Row] = []
    for key, (skill, cost, currency, band, months, ramp, most) in money.ROUTES.items():
        routes.append((key, skill, cost, currency, band, *months, ramp, most))
    bought = [(key, *row) for key, row in money.CONTRACTORS.items()]
    return [
        _sheet("budget", "quarter sort amount currency", budgets),
        _sheet("hiring-route", "key skill cost currency cost_band time* ramp limit", routes),
        _sheet("contractor", "key skill vendor cost currency limit", bought),
    ]


def _outcomes(seed: int, time: Span) -> Sheet:
    headings = (
        "key name_en name_zh finished planned_effort actual_effort planned_months actual_months planned_benefit "
        "actual_benefit currency"
    )
    rows: list[Row] = []
    for one in money.outcomes(seed, time):
        both = [figure for pair in zip(one.planned, one.actual, strict=True) for figure in pair]
        rows.append((one.key, one.en, one.zh, one.finished, *both, "EUR"))
    return _sheet("outcome", headings, rows)
