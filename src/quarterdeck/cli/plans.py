"""Commands of the plan: plan, what-if, drift."""

from typing import Annotated, Any

import typer

from quarterdeck.cli.app import app, open_home, reader
from quarterdeck.cli.output import Json, plain, put_json, put_lines, put_table
from quarterdeck.cli.words import _
from quarterdeck.cli.working import working


def _values(value: Any) -> Any:
    """A view's frozen dataclass as JSON-ready values, its pictures as tables."""
    from dataclasses import fields, is_dataclass  # noqa: PLC0415

    from quarterdeck.charts.chart import Chart, Drawing  # noqa: PLC0415 — nothing heavy before a command needs it

    if isinstance(value, Chart | Drawing):
        return {"caption": value.caption, "columns": list(value.columns), "rows": [list(row) for row in value.rows]}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _values(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_values(inner) for inner in value]
    return value


@app.command()
def plan(as_json: Json = False) -> None:
    """Choose which initiatives to fund, when, and with whom."""
    open_home()
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.office.plan.view import view  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who = reader()
    with working(_("plan")) as going:
        chosen = answers.answer("plan", who, progress=going.part)
    with working(_("outlook")) as going:
        ahead = answers.answer("outlook", who, progress=going.part)
    shown = view(chosen, ahead, who, currency_of(who))
    if as_json:
        put_json({"answer": chosen.name, "outlook": ahead.name, **_values(shown)})
        return
    print(plain(f"{shown.sentence}\n{shown.lede}\n{shown.proof}\n"))
    columns = {
        "initiative": _("initiative"),
        "start": _("start"),
        "planned": _("finish as planned"),
        "likely": _("80 % date"),
        "chance": _("chance of it"),
    }
    put_table(columns, shown.starts, as_json=False)
    for title, lines in ((_("What binds"), shown.binds), (_("Left out"), shown.left)):
        put_lines(title, [(line.title, line.effects) for line in lines])
    print()
    goals = [(goal.title, goal.said, goal.due) for goal in shown.goals]
    put_table({"title": _("key result"), "chance": _("chance"), "due": _("due")}, goals, as_json=False)


@app.command("what-if")
def what_if(
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="CHANGE", help="Like lose-person:KEY cut-budget::0.2")
    ] = None,
    keep_plan: Annotated[
        bool, typer.Option("--keep-plan", help="Keep the plan as it is; else it is chosen anew.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what changes would do to dates, goals, money and loss."""
    open_home()
    from quarterdeck.office.plan import changes as typed  # noqa: PLC0415
    from quarterdeck.office.plan import whatif  # noqa: PLC0415
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    text = " ".join(changes or [])
    typed.read(text)
    who = reader()
    asked = {"changes": text, "replan": "no" if keep_plan else "yes", "frontier": "no"}
    with working(_("outlook after the changes")) as going:  # first, since it is here that a change may be impossible
        after = answers.answer("outlook", who, asked, progress=going.part)
    with working(_("outlook as it is")) as going:
        before = answers.answer("outlook", who, {"frontier": "no"}, progress=going.part)
    seen = whatif.compare(before, after, who, currency_of(who))
    if as_json:
        put_json(_values(seen))
        return
    print(plain(f"{seen.sentence} {seen.lede}\n"))
    rows = [(line.title, line.before, line.after, line.difference, line.interval) for line in seen.lines]
    columns = {
        "title": _("what"),
        "before": _("before"),
        "after": _("after"),
        "difference": _("difference"),
        "interval": _("90 % interval"),
    }
    put_table(columns, rows, as_json=False)


@app.command()
def drift(as_json: Json = False) -> None:
    """Say where reality departs from the approved plan, and why."""
    open_home()
    from quarterdeck.office.plan import baseline as baselines  # noqa: PLC0415
    from quarterdeck.office.plan import drift as drifts  # noqa: PLC0415
    from quarterdeck.office.plan.frame import NotReady  # noqa: PLC0415
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who, base = reader(), baselines.baseline()
    if base is None:
        raise NotReady("no plan has been approved yet: propose one, and have it confirmed")
    with working(_("drift")) as going:
        found = answers.answer("drift", who, {"baseline": str(base.plan.id)}, progress=going.part)
    shown = drifts.view(found, base, who, currency_of(who))
    if as_json:
        put_json({"baseline": base.key, "answer": found.name, **_values(shown)})
        return
    print(plain(f"{shown.sentence} {shown.lede}"))
    for title, lines in (
        (_("Key results"), shown.goals),
        (_("Initiatives"), shown.finishes),
        (_("Causes"), shown.causes),
    ):
        put_lines(title, [(line.title, line.effects) for line in lines])
